package verify_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// at is a place in the host's code where a test lets something happen.
type at string

const (
	clockAt      at = "clock"
	resolverAt   at = "resolver"
	sourceAt     at = "source"
	voucherAt    at = "voucher"
	loadAt       at = "load"
	saveAt       at = "save"
	siblingAt    at = "sibling"
	dialectAt    at = "dialect"
	ruleAt       at = "rule"
	scoreAt      at = "score"
	operationsAt at = "operations"
	reserveAt    at = "reserve"
	reservedAt   at = "reserved"
	recordAt     at = "record"
	unrecordedAt at = "unrecorded"
	settleAt     at = "settle"
	usageAt      at = "usage"
	peekAt       at = "peek"
)

// hostParts are all parts of a host, each of which does its work but for what
// a test does at one place, and for err if that is not nil.
type hostParts struct {
	verify.Ledger
	source statuslist.Source
	world  *verifytest.World
	where  at
	do     func()
	err    error
	met    int
}

func (h *hostParts) pass(where at) error {
	if h.where != where {
		return nil
	}
	if h.met++; h.do != nil {
		h.do()
	}
	return h.err
}

func (h *hostParts) Reserve(ctx context.Context, r *verify.Reservation) (held verify.Held, err error) {
	if err = h.pass(reserveAt); err == nil {
		held, err = h.Ledger.Reserve(ctx, r)
	}
	return held, errors.Join(err, h.pass(reservedAt))
}

func (h *hostParts) Settle(ctx context.Context, s verify.Settlement) error {
	if err := h.pass(settleAt); err != nil {
		return err
	}
	return h.Ledger.Settle(ctx, s)
}

func (h *hostParts) Peek(ctx context.Context, r *verify.Reservation) error {
	if err := h.pass(peekAt); err != nil {
		return err
	}
	return h.Ledger.Peek(ctx, r)
}

func (h *hostParts) Record(ctx context.Context, r verify.Record) error {
	if h.where == unrecordedAt {
		return errGone
	}
	if err := h.pass(recordAt); err != nil {
		return err
	}
	return h.Ledger.Record(ctx, r)
}

func (h *hostParts) Usage(ctx context.Context, c []verify.Charge, now time.Time) ([]verify.Used, error) {
	if err := h.pass(usageAt); err != nil {
		return nil, err
	}
	return h.Ledger.(verify.UsageReader).Usage(ctx, c, now)
}

func (h *hostParts) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	if err := h.pass(sourceAt); err != nil {
		return nil, err
	}
	return h.source.StatusList(ctx, url)
}

func (h *hostParts) Vouched(*statuslist.Fetched) bool { return h.pass(voucherAt) == nil }

func (h *hostParts) LoadMark(_ context.Context, key verify.MarkKey) (verify.Mark, error) {
	return verify.Mark{MarkKey: key}, h.pass(loadAt)
}

func (h *hostParts) SaveMark(context.Context, verify.Mark) error { return h.pass(saveAt) }

func (h *hostParts) Open([]byte) (*passport.Foreign, error) { return nil, h.pass(dialectAt) }

func (h *hostParts) Operation(*verify.Request, time.Time) (verify.Operation, error) {
	return verify.Operation{}, h.pass(operationsAt)
}

// newHostParts makes a verifier of such parts; what is presented to it stands on a
// consent that Siblings has, and its agent is a did:web.
func newHostParts(t *testing.T, edits ...func(*hostParts, *verify.Config)) (
	h *hostParts, v *verify.Verifier, show func() []byte,
) {
	w := verifytest.NewWorld(t)
	person := w.Principal("person")
	will := person.Will()
	agent := w.Web.Host("agent.example")
	k := w.Config()
	h = &hostParts{Ledger: k.Ledger, source: k.Status, world: w}
	resolver, now := k.Resolver, k.Now
	k.Ledger, k.Status, k.Marks = h, h, h
	k.Dialects, k.Operations = []verify.Dialect{h}, h
	k.Resolver = did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		if err := h.pass(resolverAt); err != nil {
			return nil, err
		}
		return resolver.Resolve(ctx, id)
	})
	k.Siblings = verify.SiblingFunc(func(context.Context, string, string) ([]byte, error) {
		return will.Bytes(), h.pass(siblingAt)
	})
	k.Policy = []verify.Rule{{
		ID:    "r",
		Check: func(verify.Facts) error { return h.pass(ruleAt) },
		Score: func(verify.Facts) (int, bool) { return 1, h.pass(scoreAt) == nil },
	}}
	k.Now = func() time.Time { _ = h.pass(clockAt); return now() }
	k.Unrecorded = func(verify.Record, error) { _ = h.pass(unrecordedAt) }
	for _, edit := range edits {
		edit(h, &k)
	}
	v, err := verify.New(k)
	require.NoError(t, err)
	pass := w.Issue(w.Passport(person.StandsOn(will), func(p *passport.Passport) { p.Agent = agent.DID() }))
	return h, v, func() []byte { return w.PresentChain(agent.Signer(), passport.Chain{pass}, w.Intent()) }
}

// A part of the host that panics has failed, as one that returns an error has: it
// refuses with the code of that, holds no lock, and the next decision finds
// everything as it was.
func TestAPartOfTheHostThatPanicsHasFailed(t *testing.T) {
	for _, c := range []struct {
		where at
		want  verify.Code // "": allowed
	}{
		{clockAt, verify.InternalError},
		{resolverAt, verify.ProofUnresolvable},
		{sourceAt, verify.StatusUnavailable},
		{voucherAt, verify.StatusInvalid},
		{loadAt, verify.StatusUnavailable},
		{saveAt, verify.StatusUnavailable},
		{siblingAt, verify.ConsentMissing},
		{dialectAt, verify.InternalError},
		{ruleAt, verify.PolicyDenied},
		{scoreAt, ""},
		{operationsAt, verify.AuthorityOperationUnknown},
		{reserveAt, verify.LedgerUnavailable},
		{reservedAt, verify.LedgerUnavailable},
		{recordAt, verify.ProofAudienceMismatch}, // so that there is a refusal to record
		{unrecordedAt, verify.ProofAudienceMismatch},
	} {
		for name, do := range map[string]func(){
			"a word": func() { panic("oh") },
			"a code": func() { panic(fmt.Errorf("as %w", verify.StatusRevoked)) },
			"nil":    func() { panic(nil) },
		} {
			t.Run(string(c.where)+"/"+name, func(t *testing.T) {
				h, v, show := newHostParts(t, func(h *hostParts, _ *verify.Config) {
					if c.where == voucherAt {
						h.world.Lists.Unsign(verifytest.RevocationURL)
					}
				})
				q := h.world.Request()
				if c.want == verify.ProofAudienceMismatch {
					q.Audience = "did:web:elsewhere.example"
				}
				first := show()
				h.where, h.do = c.where, do
				d, err := v.Verify(ctx, first, q)
				require.NotZero(t, h.met, "the part was not asked")
				require.NotNil(t, d)
				if c.want == "" {
					verifytest.AssertAllowed(t, err)
				} else {
					verifytest.AssertDenied(t, err, c.want)
				}
				require.NotErrorIs(t, err, verify.StatusRevoked)

				h.where = ""
				if c.where == voucherAt {
					return
				}
				_, err = v.Verify(ctx, show(), h.world.Request())
				verifytest.AssertAllowed(t, err)
			})
		}
	}
}

// Once the instant is known, a clock that panics costs a step its duration, and no decision.
func TestAClockThatPanicsAtOneReading(t *testing.T) {
	h, v, show := newHostParts(t)
	readings := func(which int) (*verify.Decision, error) {
		shown := show()
		h.where, h.met = clockAt, 0
		h.do = func() {
			if h.met == which {
				panic("oh")
			}
		}
		return v.Verify(ctx, shown, h.world.Request())
	}
	_, err := readings(0) // none of them
	verifytest.AssertAllowed(t, err)
	all := h.met
	require.Greater(t, all, 8, "one for each step")
	_, err = readings(1)
	verifytest.AssertDenied(t, err, verify.InternalError)
	for which := 2; which <= all; which++ {
		d, err := readings(which)
		verifytest.AssertAllowed(t, err)
		h.where = ""
		require.NoError(t, d.Commit(ctx), "reading %d", which)
	}
}

// What a decision held can be settled after the ledger panicked.
func TestSettlingAndReadingSurviveALedgerThatPanics(t *testing.T) {
	h, v, show := newHostParts(t)
	d, err := v.Verify(ctx, show(), h.world.Request())
	verifytest.AssertAllowed(t, err)
	h.do = func() { panic("oh") }
	for where, call := range map[at]func() error{
		settleAt: func() error { return d.Commit(ctx) },
		clockAt:  func() error { return d.Commit(ctx) },
		usageAt:  func() error { _, err := v.Budgets(ctx, d.Chain); return err },
		peekAt: func() error {
			rep := v.Explain(ctx, show(), h.world.Request())
			require.Equal(t, verify.LedgerUnavailable, rep.Code())
			return &rep.Violations[0]
		},
	} {
		h.where = where
		require.ErrorContains(t, call(), "panicked: oh", where)
	}
	h.where = clockAt
	require.Equal(t, verify.InternalError, v.Explain(ctx, show(), h.world.Request()).Code())
	_, err = v.Budgets(ctx, d.Chain)
	require.ErrorContains(t, err, "panicked: oh")
	h.where = ""
	require.NoError(t, d.Commit(ctx))
}

// looksBad is an error at which nobody can look.
type looksBad struct{}

func (looksBad) Error() string { panic("oh") }

// Whatever a part of the host returns as an error, it refuses and nothing panics.
func TestOddErrorsOfTheHostRefuse(t *testing.T) {
	var noViolation *verify.Violation
	var noError *passport.Error
	var noCharge *verify.ChargeError
	odd := map[string]error{
		"nil violation": noViolation, "nil error": noError, "nil charge": noCharge,
		"nil, wrapped": fmt.Errorf("at noon: %w", noError), "nil, joined": errors.Join(noError, noCharge),
		"panics": looksBad{}, "panics, as a cause": &verify.Violation{Code: verify.LedgerReplay, Err: looksBad{}},
	}
	for where, want := range map[at]verify.Code{
		resolverAt: verify.ProofUnresolvable, sourceAt: verify.StatusUnavailable, loadAt: verify.StatusUnavailable,
		reserveAt: verify.LedgerUnavailable, ruleAt: verify.PolicyDenied, dialectAt: verify.EnvelopeMalformed,
	} {
		for name, bad := range odd {
			t.Run(string(where)+"/"+name, func(t *testing.T) {
				h, v, show := newHostParts(t)
				h.where, h.err = where, bad
				d, err := v.Verify(ctx, show(), h.world.Request())
				verifytest.AssertDenied(t, err, want)
				require.NotEmpty(t, err.Error())
				_, err = d.MarshalJSON()
				require.NoError(t, err)
			})
		}
	}
}

// A ledger says what it says in its own codes. With any other it has failed, which
// is no word about the agent.
func TestALedgerRefusesWithItsOwnCodes(t *testing.T) {
	for bad, want := range map[error]verify.Code{
		verify.LedgerReplay:   verify.LedgerReplay,
		verify.LedgerConflict: verify.LedgerConflict,
		verify.InternalError:  verify.InternalError,
		&passport.Error{Code: verify.LedgerRateExceeded, Detail: "too many"}: verify.LedgerRateExceeded,

		verify.StatusRevoked:  verify.LedgerUnavailable,
		verify.RequestInvalid: verify.LedgerUnavailable,
		&passport.Error{Code: verify.EnvelopeTooLarge, Detail: "of the table"}: verify.LedgerUnavailable,
		errors.Join(verify.LedgerReplay, verify.StatusRevoked):                 verify.LedgerReplay,
	} {
		h, v, show := newHostParts(t)
		h.where, h.err = reserveAt, bad
		d, err := v.Verify(ctx, show(), h.world.Request())
		verifytest.AssertDenied(t, err, want)
		require.NotContains(t, codes(d), verify.StatusRevoked, bad)
	}
}

// forgetful is a ledger that takes every act for one that was decided before.
type forgetful struct{ verify.Ledger }

func (forgetful) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{Repeated: true, Decision: "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, nil
}

// A caller who has no stored answer does not look at Decision.Repeated: a ledger
// that answers with a repetition all the same must not make him act again.
func TestARepetitionIsForThoseWhoAskForIt(t *testing.T) {
	for _, accepts := range []bool{true, false} {
		w := verifytest.NewWorld(t)
		v := w.Verifier(func(k *verify.Config) { k.Ledger = forgetful{k.Ledger} })
		q := w.Request(func(q *verify.Request) { q.AcceptRepeat = accepts })
		d, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), q)
		if accepts {
			verifytest.AssertAllowed(t, err)
			require.True(t, d.Repeated)
		} else {
			verifytest.AssertDenied(t, err, verify.LedgerRepeated)
		}
	}
}

// greedy is a registry of operations that changes the question.
type greedy struct{}

func (greedy) Operation(q *verify.Request, _ time.Time) (verify.Operation, error) {
	clear(q.Usage)
	if len(q.Discharges) > 0 {
		q.Discharges[0] = "ask_human"
	}
	return verify.Operation{Obligations: []verify.Obligation{{Kind: "ask_human"}}}, nil
}

// What the host's registry of operations changes in the question reaches nobody.
func TestOperationsCannotChangeTheQuestion(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(k *verify.Config) { k.Operations = greedy{} })
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{{Name: "mails_per_day", Int: 2, Kind: passport.LimitRate}}
	}))
	q := w.Request(func(q *verify.Request) { q.Usage, q.Discharges = map[string]int64{"mails": 3}, []string{"ask_human"} })
	_, err := v.Verify(ctx, w.Present(pass, w.Intent()), q)
	verifytest.AssertDenied(t, err, verify.LedgerRateExceeded)
	q.Usage["mails"] = 2
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), q)
	verifytest.AssertAllowed(t, err)
	q.Usage, q.Discharges = nil, []string{"other"}
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), q)
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
}
