package verify

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/statuslist"
)

// listRecord is a list that was parsed, with the keys its proofs held under.
type listRecord struct {
	fetched *statuslist.Fetched
	signed  *credential.Signed
	list    *statuslist.ListCredential
	keys    []did.PublicKey // by proof; nil until verified
}

// Voucher is what a [statuslist.Source] may also be, if it answers itself for
// lists that their issuers do not sign: a trust bundle, whose signer has put
// them in as they are. Vouched is asked only for a list without any proof; one
// that it says yes to is believed as if the issuer that it names had signed it.
// Everything else about it is judged as ever.
type Voucher interface {
	Vouched(*statuslist.Fetched) bool
}

// list returns the verified list of an entry: fetched, parsed, issued and
// signed by the issuer of what carries the entry.
func (r *run) list(ctx context.Context, issuer did.DID, e *statuslist.Entry) (*listRecord, error) {
	source := r.v.config.Status
	if source == nil {
		return nil, &code.Error{Code: StatusUnavailable, Detail: "no source of status lists is configured", Hint: "set Config.Status"}
	}
	if err := r.fetch(); err != nil {
		return nil, err
	}
	fetched, err := source.StatusList(ctx, e.URL)
	if err != nil {
		return nil, &code.Error{Code: StatusUnavailable, Detail: "the status list could not be found", Actual: e.URL, Err: err}
	}
	if fetched == nil {
		return nil, &code.Error{Code: StatusUnavailable, Detail: "the source has no such list", Actual: e.URL}
	}
	rec := r.v.lists.get(fetched)
	if rec == nil {
		if rec, err = r.parseList(fetched); err != nil {
			return nil, err
		}
	}
	if rec.list.Issuer != issuer.String() {
		return nil, &code.Error{Code: StatusInvalid, Detail: "the list is by another issuer than what it is about", Limit: issuer.String(), Actual: rec.list.Issuer}
	}
	return rec, r.proveList(ctx, rec, issuer)
}

func (r *run) parseList(f *statuslist.Fetched) (*listRecord, error) {
	parser := credential.Parser{Bounds: r.v.config.Bounds.Documents, Formats: r.v.config.Formats, StatusList: true}
	signed, err := parser.Credential(f.Raw)
	if err != nil {
		return nil, &code.Error{Code: StatusInvalid, Detail: "the list is not a credential", Err: err}
	}
	list, err := statuslist.Parser{Bounds: r.v.config.Bounds.Lists}.Credential(signed)
	if err != nil {
		return nil, err
	}
	return &listRecord{fetched: f, signed: signed, list: list}, nil
}

// proveList checks every proof of a list with the key of today. A list that
// held under the same keys before is not checked again.
func (r *run) proveList(ctx context.Context, rec *listRecord, issuer did.DID) error {
	n := rec.signed.NumProofs()
	if n == 0 {
		if v, ok := r.v.config.Status.(Voucher); ok && v.Vouched(rec.fetched) {
			return nil
		}
		return &code.Error{Code: StatusInvalid, Detail: "the list is not signed"}
	}
	keys, known := rec.keys, rec.keys != nil
	if !known {
		keys = make([]did.PublicKey, n)
	}
	for i := range n {
		p := rec.signed.Proof(i)
		method := p.VerificationMethod
		if method.DID() != issuer {
			return &code.Error{Code: StatusInvalid, Detail: "the list is signed by another party", Limit: issuer.String(), Actual: method.String()}
		}
		if until := p.Expires; !until.IsZero() && !r.now.Before(until.Add(r.v.config.Skew)) {
			return &code.Error{Code: StatusStale, Detail: "the proof of the list has ended"}
		}
		key, err := r.key(ctx, method, did.AssertionMethod)
		if err != nil {
			err = keyFault(err, "")
			if c := code.Of(err); undetermined(c) || c == EnvelopeTooLarge {
				return err
			}
			return &code.Error{Code: StatusInvalid, Detail: "the key that signed the list is not to be used", Err: err}
		}
		if known && keys[i] == key {
			continue
		}
		if err := rec.signed.CheckProof(i, key, did.AssertionMethod); err != nil {
			return &code.Error{Code: StatusInvalid, Detail: "the proof of the list does not hold", Err: err}
		}
		if known { // until now; the record belongs to other decisions too
			keys, known = slices.Clone(keys), false
		}
		keys[i] = key
	}
	if !known && r.mode != audit {
		r.v.lists.put(&listRecord{fetched: rec.fetched, signed: rec.signed, list: rec.list, keys: keys})
	}
	return nil
}

// listMemory is what a Verifier remembers of lists, all of it bounded: parsed
// lists by the pointer of their bytes, the newest instant seen per list and
// purpose, and revocations. Reading takes no lock.
type listMemory struct {
	mu      sync.Mutex // writers
	parsed  atomic.Pointer[map[*statuslist.Fetched]*listRecord]
	newest  atomic.Pointer[map[listPurpose]time.Time]
	revoked sync.Map // revokedKey → struct{}
	count   atomic.Int64
}

type listPurpose struct {
	url     string
	purpose statuslist.Purpose
}

type revokedKey struct {
	url         string
	index, size int
}

func keyOf(e *statuslist.Entry) revokedKey { return revokedKey{e.URL, e.Index, max(e.Size, 1)} }

// Bounds of the memory. A Verifier that meets more lists than these works on,
// only slower and with a shorter memory.
const (
	maxParsedLists = 64 // of at most 2 MiB each, expanded
	maxNewest      = 4096
	maxRevoked     = 1 << 17
)

func (m *listMemory) init() {
	m.parsed.Store(&map[*statuslist.Fetched]*listRecord{})
	m.newest.Store(&map[listPurpose]time.Time{})
}

func (m *listMemory) get(f *statuslist.Fetched) *listRecord { return (*m.parsed.Load())[f] }

// put keeps a verified list. When the memory is full it starts afresh.
func (m *listMemory) put(rec *listRecord) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.parsed.Load()
	next := make(map[*statuslist.Fetched]*listRecord, len(old)+1)
	if len(old) < maxParsedLists {
		for f, r := range old {
			if r.list.ID != rec.list.ID { // a newer edition takes the older's place
				next[f] = r
			}
		}
	}
	next[rec.fetched] = rec
	m.parsed.Store(&next)
}

// seen compares the instant of a verified list with the newest seen under its
// URL and purpose, and remembers it if it is newer.
func (m *listMemory) seen(e *statuslist.Entry, asOf time.Time) (newest time.Time, older bool) {
	key := listPurpose{e.URL, e.Purpose}
	if t, ok := (*m.newest.Load())[key]; ok && !asOf.After(t) {
		return t, asOf.Before(t)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.newest.Load()
	if t, ok := old[key]; ok && !asOf.After(t) {
		return t, asOf.Before(t)
	}
	next := make(map[listPurpose]time.Time, len(old)+1)
	for k, t := range old {
		next[k] = t
	}
	if len(next) >= maxNewest {
		forgetOldest(next)
	}
	// Keys of their own: those of the entry are parts of what was presented, and
	// would keep all of it.
	next[listPurpose{strings.Clone(key.url), statuslist.Purpose(strings.Clone(string(key.purpose)))}] = asOf
	m.newest.Store(&next)
	return asOf, false
}

func forgetOldest(m map[listPurpose]time.Time) {
	var oldest listPurpose
	var at time.Time
	for k, t := range m {
		if at.IsZero() || t.Before(at) {
			oldest, at = k, t
		}
	}
	delete(m, oldest)
}

func (m *listMemory) rememberRevoked(e *statuslist.Entry) {
	if m.count.Load() >= maxRevoked {
		return
	}
	key := keyOf(e)
	if _, known := m.revoked.Load(key); known {
		return
	}
	key.url = strings.Clone(key.url) // likewise
	if _, loaded := m.revoked.LoadOrStore(key, struct{}{}); !loaded {
		m.count.Add(1)
	}
}

func (m *listMemory) wasRevoked(e *statuslist.Entry) bool {
	if m.count.Load() == 0 {
		return false
	}
	_, ok := m.revoked.Load(keyOf(e))
	return ok
}
