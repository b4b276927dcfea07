package verify_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// edition is a status list in one edition, as no honest publisher need make it.
type edition struct {
	url      string
	by       did.Signer
	asOf     time.Time
	until    time.Time // zero: a day later
	created  time.Time // of the proof; zero: not stated
	purposes []statuslist.Purpose
	set      []int
	bytes    int // of statuses; zero: the fewest
}

// raw returns the signed list.
func (e edition) raw(t testing.TB) []byte {
	t.Helper()
	bits := make([]byte, max(e.bytes, statuslist.MinEntries/8))
	for _, i := range e.set {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(bits)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	if e.until.IsZero() {
		e.until = e.asOf.Add(24 * time.Hour)
	}
	if e.purposes == nil {
		e.purposes = []statuslist.Purpose{statuslist.Revocation}
	}
	stamp := func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
	purposes := strings.ReplaceAll(fmt.Sprintf("%q", e.purposes), " ", ",")
	text := fmt.Sprintf(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":%q,`+
		`"type":["VerifiableCredential","BitstringStatusListCredential"],"issuer":%q,"validFrom":%q,"validUntil":%q,`+
		`"credentialSubject":{"id":%q,"type":"BitstringStatusList","statusPurpose":%s,"encodedList":%q}}`,
		e.url, e.by.KeyID().DID(), stamp(e.asOf), stamp(e.until), e.url+"#list", purposes,
		"u"+base64.RawURLEncoding.EncodeToString(packed.Bytes()))
	signed, err := credential.SignJSON(ctx, e.by, []byte(text), credential.SignOptions{Created: e.created})
	require.NoError(t, err)
	return signed.Bytes()
}

// host is a source of lists that hands over what it is told to.
type host struct {
	mu    sync.Mutex
	lists map[string]*statuslist.Fetched
	asked func(url string) *statuslist.Fetched // first, if set
}

func (h *host) StatusList(_ context.Context, url string) (*statuslist.Fetched, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asked != nil {
		if f := h.asked(url); f != nil {
			return f, nil
		}
	}
	if f := h.lists[url]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("no list at %s", url)
}

func (h *host) put(t testing.TB, e edition) *statuslist.Fetched {
	t.Helper()
	f := &statuslist.Fetched{Raw: e.raw(t), At: e.asOf}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lists[e.url] = f
	return f
}

// listWorld is a world whose lists are made by hand.
type listWorld struct {
	*verifytest.World
	t    testing.TB
	host *host
}

func newListWorld(t testing.TB) *listWorld {
	return &listWorld{World: verifytest.NewWorld(t), t: t, host: &host{lists: map[string]*statuslist.Fetched{}}}
}

func (w *listWorld) verifier(edits ...func(*verify.Config)) *verify.Verifier {
	w.t.Helper()
	return w.Verifier(append([]func(*verify.Config){func(c *verify.Config) { c.Status = w.host }}, edits...)...)
}

// list is an edition of the issuer as of now.
func (w *listWorld) list(url string, set ...int) edition {
	return edition{url: url, by: w.Issuer, asOf: w.Clock.Now(), set: set}
}

func revocation(url string, index int) statuslist.Entry {
	return statuslist.Entry{Purpose: statuslist.Revocation, URL: url, Index: index}
}

func suspension(url string, index int) statuslist.Entry {
	return statuslist.Entry{Purpose: statuslist.Suspension, URL: url, Index: index}
}

// pass issues a passport with these entries, and returns the question about it.
func (w *listWorld) pass(entries ...statuslist.Entry) func(*verify.Verifier) error {
	w.t.Helper()
	return w.show(w.Agent, passport.Chain{w.Issue(w.Passport(func(p *passport.Passport) {
		p.Status, p.Authority.MaxDelegationDepth = entries, 3
		p.ValidUntil = p.ValidFrom.Add(600 * time.Hour)
	}))})
}

func (w *listWorld) show(holder did.Signer, chain passport.Chain) func(*verify.Verifier) error {
	return func(v *verify.Verifier) error {
		w.t.Helper()
		_, err := v.Verify(ctx, w.PresentChain(holder, chain, w.Intent()), w.Request())
		return err
	}
}

// below issues a root and delegates it down to an agent at that depth, whose
// link has the entries; its lists are by the agent above.
func (w *listWorld) below(
	depth int, names []string, entries ...statuslist.Entry,
) (chain passport.Chain, holder did.Signer) {
	w.t.Helper()
	const roots = "https://issuer.example/lists/roots"
	w.host.put(w.t, w.list(roots))
	holder = verifytest.Key(names[0])
	chain = passport.Chain{w.Issue(w.Passport(func(p *passport.Passport) {
		p.Agent, p.Authority.MaxDelegationDepth = holder.KeyID().DID(), 5
		p.Status = []statuslist.Entry{revocation(roots, 0)}
		p.ValidUntil = p.ValidFrom.Add(600 * time.Hour)
	}))}
	for i := range depth {
		parent, err := passport.ReadUnverified(chain[i])
		require.NoError(w.t, err)
		next := verifytest.Key(names[i+1])
		child := &passport.Passport{
			Agent: next.DID(), ValidUntil: parent.ValidUntil,
			Authority: passport.Authority{MaxDelegationDepth: 5}.InheritGrants(&parent.Authority),
		}
		if i == depth-1 {
			child.Status = entries
		}
		chain, err = passport.Delegate(ctx, chain, holder, child, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(w.t, err)
		holder = next
	}
	return chain, holder
}

func requireRefusal(t testing.TB, err error, want verify.Code, msg ...any) *verify.Violation {
	t.Helper()
	if want == "" {
		require.NoError(t, err, msg...)
		return nil
	}
	var r *verify.Refusal
	require.ErrorAs(t, err, &r, msg...)
	require.Equal(t, want, r.Code(), append(slices.Clone(msg), r.Error())...)
	return &r.Violations[0]
}

// marks is a store of marks in a map.
type marks struct {
	mu         sync.Mutex
	kept       map[verify.MarkKey]verify.Mark
	load, save error
	saves      int
}

func newMarks() *marks { return &marks{kept: map[verify.MarkKey]verify.Mark{}} }

func (m *marks) use(c *verify.Config) { c.Marks = m }

func (m *marks) LoadMark(_ context.Context, key verify.MarkKey) (verify.Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.kept[key]; ok {
		return k, m.load
	}
	return verify.Mark{MarkKey: key}, m.load
}

func (m *marks) SaveMark(_ context.Context, mark verify.Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saves++; m.save != nil {
		return m.save
	}
	if old, ok := m.kept[mark.MarkKey]; ok {
		mark = old.Join(mark)
	}
	m.kept[mark.MarkKey] = mark
	return nil
}
