package verify

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/statuslist"
)

// listRecord is a list that was parsed, with the keys its proofs held under.
type listRecord struct {
	fetched *statuslist.Fetched
	signed  *credential.Signed
	list    *statuslist.ListCredential
	proofs  []credential.ProofInfo // of signed
	keys    []did.PublicKey        // by proof; nil until verified, or if it has none
}

// Voucher is what a [statuslist.Source] may also be, if it answers itself for
// lists that their issuers do not sign: a trust bundle, whose signer has put
// them in as they are. Vouched is asked only for a list without any proof; one
// that it says yes to is believed as if the issuer that it names had signed it.
// Everything else about it is judged as ever.
type Voucher interface {
	Vouched(*statuslist.Fetched) bool
}

// bearer is what carries a status entry: a link of the chain, or a consent of
// its root.
type bearer struct {
	issuer did.DID   // who must have signed the list
	depth  int       // how many agents are above the issuer: who answers for what is remembered
	until  time.Time // when the bearer ends; zero: never
}

// finding is what was found out about a status entry.
type finding struct {
	set  bool                       // its bearer is revoked or suspended
	list *statuslist.ListCredential // by which; nil if an earlier one said so for good
}

// lifts says when a bit that is set may be lifted. A revocation never is; a
// suspension with an end is on a list that ends no later.
func (f finding) lifts(e *statuslist.Entry) time.Time {
	if f.list == nil || e.Purpose != statuslist.Suspension {
		return time.Time{}
	}
	return f.list.ValidUntil
}

// isSet finds out whether the bearer of an entry is revoked or suspended, by the
// newest list of that issuer that this Verifier knows, proven and fresh. It may
// be set and there may be an error, if that could not be remembered.
func (r *run) isSet(ctx context.Context, b bearer, e *statuslist.Entry) (finding, error) {
	var known *listEntry
	if r.mode != audit { // the past is judged by the lists of the past
		var err error
		if known, err = r.v.lists.admit(ctx, r, b, e.URL); err != nil {
			return finding{}, err
		}
	}
	revocation := e.Purpose == statuslist.Revocation
	if revocation && known.revoked(e) {
		// A revocation is for good: once seen, no list changes it.
		return finding{set: true}, r.v.lists.revoke(ctx, r, b, e)
	}
	list, set, known, err := r.list(ctx, b, e, known)
	if err != nil {
		return finding{}, err
	}
	r.believe(e.URL, list.AsOf)
	f := finding{list: list}
	switch {
	case e.Purpose == statuslist.Suspension:
		f.set = set
	case !revocation:
		// message and refresh say something to people, and stop nobody
	case known == nil:
		f.set = set
	case set:
		f.set = true
		return f, r.v.lists.revoke(ctx, r, b, e)
	case known.full.Load():
		return finding{}, noRoom("more revocations of this status list were seen than could be remembered", e.URL)
	}
	return f, nil
}

// list returns the list that an entry is judged by: what the source hands over,
// if it is issued and signed by the issuer, or, if that is older than another
// that was verified before, the newest of them. It is fresh. It also returns what
// that list says about the entry: whether it is set, and what is remembered of it; nil in an audit.
func (r *run) list(
	ctx context.Context, b bearer, e *statuslist.Entry, known *listEntry,
) (list *statuslist.ListCredential, set bool, _ *listEntry, err error) {
	found, err := r.foundList(ctx, e.URL, known)
	if err != nil {
		return nil, false, nil, err
	}
	rec := found.rec
	if rec.list.Issuer != b.issuer.String() {
		return nil, false, nil, &code.Error{
			Code: StatusInvalid, Detail: "the list is by another issuer than what it is about",
			Limit: b.issuer.String(), Actual: rec.list.Issuer,
		}
	}
	if rec, err = r.proveList(ctx, rec, b.issuer); err != nil {
		return nil, false, nil, err
	}
	found.rec = rec
	// Whether it is the list that was asked for comes first, so that the memory
	// of what is newest learns from no other.
	result, err := rec.list.Status(*e)
	if err != nil {
		return nil, false, nil, err
	}
	if r.tooEarly(rec.list.AsOf) {
		return nil, false, nil, r.earlyList(rec.list.AsOf)
	}
	handed, next := rec.list, due(rec, r.now)
	if list, known, err = r.newest(ctx, b, known, rec, next); err != nil {
		return nil, false, nil, err
	}
	if list != handed {
		if result, err = list.Status(*e); err != nil {
			return nil, false, nil, err
		}
	}
	return list, result.Set, known, r.fresh(list, next)
}

// newest returns the newest edition of a list, which may be the one that was handed
// over, and remembers it. next is when there is to be another one.
func (r *run) newest(
	ctx context.Context, b bearer, known *listEntry, rec *listRecord, next time.Time,
) (*statuslist.ListCredential, *listEntry, error) {
	list := rec.list
	if known == nil {
		return list, nil, nil
	}
	state := known.state.Load()
	switch {
	case state.edition == rec: // as nearly always
		return state.list(), known, nil
	case state.edition == nil && r.now.Sub(list.AsOf) > r.v.config.Bounds.StatusAge:
		return list, known, nil // a list that is too old teaches nothing
	}
	if list.AsOf.Before(state.asOf) {
		var err error
		if rec, err = r.goOn(ctx, b, state); err != nil {
			return nil, nil, state.rolledBack(list.AsOf, next, err)
		}
	}
	return r.v.lists.learn(ctx, r, b, rec)
}

// goOn returns the newest edition of a list where an older one was handed over:
// the host has several copies of it, or an interest.
func (r *run) goOn(ctx context.Context, b bearer, known *listState) (*listRecord, error) {
	if known.edition == nil {
		return nil, errNoEdition
	}
	rec, err := r.proveList(ctx, known.edition, b.issuer)
	if err != nil {
		return nil, err
	}
	return rec, r.fresh(known.list(), time.Time{})
}

// errNoEdition says that of the newest edition only the mark is left.
var errNoEdition = errors.New("the newer one is not at hand")

// due says when a list's source is to have another edition, by the ttl that
// its issuer states; zero if that is not known, or should have been by now.
func due(rec *listRecord, now time.Time) time.Time {
	next := rec.fetched.At.Add(rec.list.TTL)
	if !rec.list.HasTTL || rec.fetched.At.IsZero() || !next.After(now) {
		return time.Time{}
	}
	return next
}

// foundList is what came of asking for a list: one that was read, and perhaps
// proven, or why there is none.
type foundList struct {
	url string
	rec *listRecord
	err error
}

// foundList asks for a list once for a decision: entries of one chain, and the
// consents of one principal, are often on the same.
func (r *run) foundList(ctx context.Context, url string, known *listEntry) (*foundList, error) {
	for i := range r.lists {
		if f := &r.lists[i]; f.url == url {
			return f, f.err
		}
	}
	fetched, err := r.fetchList(ctx, url)
	var rec *listRecord
	if err == nil {
		if rec = known.parsed(fetched); rec == nil {
			rec, err = r.parseList(fetched)
		}
	}
	r.lists = append(r.lists, foundList{url, rec, err})
	return &r.lists[len(r.lists)-1], err
}

func (r *run) fetchList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	source := r.v.config.Status
	if source == nil {
		return nil, &code.Error{
			Code: StatusUnavailable, Detail: "no source of status lists is configured", Hint: "set Config.Status",
		}
	}
	if err := r.fetch(); err != nil {
		return nil, err
	}
	fetched, err := listOf(ctx, source, url)
	if err != nil {
		return nil, &code.Error{Code: StatusUnavailable, Detail: "the status list could not be found", Actual: url, Err: err}
	}
	if fetched == nil {
		return nil, &code.Error{Code: StatusUnavailable, Detail: "the source has no such list", Actual: url}
	}
	return fetched, nil
}

func listOf(ctx context.Context, source statuslist.Source, url string) (f *statuslist.Fetched, err error) {
	defer caught("the source", &err)
	return source.StatusList(ctx, url)
}

// vouchedBySource asks the source about a list without a proof. One that panics does
// not vouch.
func (r *run) vouchedBySource(f *statuslist.Fetched) (yes bool) {
	v, ok := r.v.config.Status.(Voucher)
	if !ok {
		return false
	}
	defer func() { _ = recover() }()
	return v.Vouched(f)
}

// parsed returns the newest edition if it is what was handed over. Sources that
// read a file each time hand over the same bytes again and again.
func (e *listEntry) parsed(f *statuslist.Fetched) *listRecord {
	if e == nil {
		return nil
	}
	rec := e.state.Load().edition
	if rec != nil && (rec.fetched == f || rec.keys != nil && bytes.Equal(rec.fetched.Raw, f.Raw)) {
		return rec
	}
	return nil
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
	return &listRecord{fetched: f, signed: signed, list: list, proofs: signed.Proofs()}, nil
}

// proveList checks every proof of a list with the key of today, and returns the
// list with these keys. One that held under the same keys before is not checked
// again.
func (r *run) proveList(ctx context.Context, rec *listRecord, issuer did.DID) (*listRecord, error) {
	if len(rec.proofs) == 0 {
		if r.vouchedBySource(rec.fetched) {
			return rec, nil
		}
		return nil, &code.Error{Code: StatusInvalid, Detail: "the list is not signed"}
	}
	keys, known := rec.keys, rec.keys != nil
	if !known {
		keys = make([]did.PublicKey, len(rec.proofs))
	}
	var times error
	for i := range rec.proofs {
		p := &rec.proofs[i]
		if !p.Supported && slices.ContainsFunc(rec.proofs, supported) {
			continue // of a kind that others check; one of the issuer's is enough
		}
		method := p.VerificationMethod
		if method.DID() != issuer {
			return nil, &code.Error{
				Code: StatusInvalid, Detail: "the list is signed by another party",
				Limit: issuer.String(), Actual: method.String(),
			}
		}
		switch {
		case times != nil:
		case r.tooEarly(p.Created):
			times = r.earlyList(p.Created)
		case r.ended(p.Expires):
			times = &code.Error{Code: StatusStale, Detail: "the proof of the list has ended", Hint: "fetch it again"}
		}
		key, err := r.key(ctx, method, did.AssertionMethod)
		if err != nil {
			err = keyFault(err, "")
			if c := code.Of(err); undetermined(c) || c == EnvelopeTooLarge {
				return nil, err
			}
			return nil, &code.Error{Code: StatusInvalid, Detail: "the key that signed the list is not to be used", Err: err}
		}
		if known && keys[i] == key {
			continue
		}
		if err := rec.signed.CheckProof(i, key, did.AssertionMethod); err != nil {
			return nil, &code.Error{Code: StatusInvalid, Detail: "the proof of the list does not hold", Err: err}
		}
		if known { // until now; the record belongs to other decisions too
			keys, known = slices.Clone(keys), false
		}
		keys[i] = key
	}
	if times != nil {
		return nil, times // of a list that is the issuer's
	}
	if known {
		return rec, nil
	}
	return &listRecord{fetched: rec.fetched, signed: rec.signed, list: rec.list, proofs: rec.proofs, keys: keys}, nil
}

// earlyList says that a list speaks of an instant that is to come.
func (r *run) earlyList(asOf time.Time) error {
	return &code.Error{
		Code: StatusEarly, Detail: "the status list is of the future", Limit: datetime.Format(asOf),
		Actual: datetime.Format(r.now), Hint: r.earlyHint(asOf), Until: r.begins(asOf),
	}
}

// fresh judges the age of a list. due is when there is to be another.
func (r *run) fresh(l *statuslist.ListCredential, due time.Time) error {
	age, most := datetime.Between(l.AsOf, r.now), r.v.config.Bounds.StatusAge
	r.age = max(r.age, age)
	switch {
	case r.ended(l.ValidUntil):
		return &code.Error{
			Code: StatusStale, Detail: "the status list has ended", Limit: datetime.Format(l.ValidUntil),
			Actual: datetime.Format(r.now), Hint: "fetch it again", Until: due,
		}
	case age > most:
		return &code.Error{
			Code: StatusStale, Detail: "the status list is too old", Limit: most.String(), Actual: age.String(),
			Hint: "fetch it again", Until: due,
		}
	}
	return nil
}

func supported(p credential.ProofInfo) bool { return p.Supported }

// noRoom says that what is new cannot be remembered, and so not be relied on.
func noRoom(detail, url string) error {
	return &code.Error{
		Code: StatusUnavailable, Detail: detail, Actual: url,
		Hint: "what has ended makes room by itself; Bounds.StatusMemoryBytes gives more",
	}
}
