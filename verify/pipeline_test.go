package verify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestAllowed(t *testing.T) {
	d, err := fault{}.decide(t)
	require.NoError(t, err)
	requireConsistent(t, d, err)
	for _, s := range d.Steps {
		require.Equal(t, verify.Passed, s.Outcome, s.Name)
	}
	require.Equal(t, "test agent", d.Passport.Name)
	require.Equal(t, "payments.charge", d.Intent.Action)
	require.Len(t, d.Chain, 1)
	require.NotEmpty(t, d.TZData)
}

// Status and authority are both evaluated, and every reason is told; a denial
// comes before an undetermined in spite of the order of the steps.
func TestAllReasonsAndPrecedence(t *testing.T) {
	f := fault{
		pass: func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.DeniedActions = []string{"payments.charge"}
		},
		intent: func(in *passport.Intent) { in.Amount = passport.MustMoney("99", "USD") },
		ask:    func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("99", "USD") },
		before: func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Fail(verifytest.RevocationURL, errors.New("gone"))
		},
	}
	d, err := f.decide(t)
	require.Equal(t, verify.Deny, d.Verdict)
	verifytest.AssertDenied(t, err, verify.AuthorityActionDenied)
	require.Equal(t, []verify.Code{verify.StatusUnavailable, verify.AuthorityActionDenied, verify.AuthorityAmountExceeded}, codes(d))
	require.ErrorIs(t, err, verify.StatusUnavailable)
	require.ErrorIs(t, err, verify.AuthorityAmountExceeded)
	require.Equal(t, verify.StepUndetermined, d.Steps[5].Outcome)
	require.Equal(t, verify.Failed, d.Steps[6].Outcome)
	require.Equal(t, verify.NotReached, d.Steps[7].Outcome)
}

// INT-13: of two faults the earlier step's is reported, and later steps are
// not reached.
func TestINT13EarlierStepWins(t *testing.T) {
	faults := []fault{
		{want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"evil":"x","capabilities":`)},
		{want: verify.AnchorUntrustedIssuer, issuer: func(*verifytest.World) did.Signer { return verifytest.Key("stranger") }},
		{want: verify.TimeIntentExpired, before: func(w *verifytest.World, _ *passport.Passport) { w.Clock.Advance(time.Hour) }},
		{want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:other.example" }},
		{want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) { c.Status = nil }},
	}
	for i, early := range faults {
		for _, late := range faults[i+1:] {
			both := early
			if late.bytes != nil {
				both.bytes = late.bytes
			}
			if late.issuer != nil {
				both.issuer = late.issuer
			}
			if late.before != nil {
				both.before = late.before
			}
			if late.ask != nil {
				both.ask = late.ask
			}
			if late.config != nil {
				both.config = late.config
			}
			d, err := both.decide(t)
			verifytest.AssertDenied(t, err, early.want)
			require.NotContains(t, codes(d), late.want)
		}
	}
}

func TestRequestInvalid(t *testing.T) {
	for name, edit := range map[string]func(*verify.Request){
		"no audience":          func(q *verify.Request) { q.Audience = "" },
		"no action":            func(q *verify.Request) { q.Action = "" },
		"action pattern":       func(q *verify.Request) { q.Action = "payments.*" },
		"short nonce":          func(q *verify.Request) { q.Nonce = "123456789012345" },
		"long nonce":           func(q *verify.Request) { q.Nonce = strings.Repeat("n", 129) },
		"region":               func(q *verify.Request) { q.Region = "Europe" },
		"digest":               func(q *verify.Request) { q.BodyDigest = "sha256:abc" },
		"attributes":           func(q *verify.Request) { q.Attributes = object(`[1]`) },
		"a facet as attribute": func(q *verify.Request) { q.Attributes = object(`{"amount":5}`) },
		"usage":                func(q *verify.Request) { q.Usage = map[string]int64{"rows": -1} },
		"wildcard":             func(q *verify.Request) { q.Resource = "https://a.example/*" },
		"control":              func(q *verify.Request) { q.Payee = "a\u202eb" },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := fault{ask: func(_ *verifytest.World, q *verify.Request) { edit(q) }}.decide(t)
			verifytest.AssertDenied(t, err, verify.RequestInvalid)
			requireConsistent(t, d, err)
		})
	}
}

// RES-04: a context that is over is answered at once, and never by a yes.
func TestRES04CancelledContext(t *testing.T) {
	w := verifytest.NewWorld(t)
	over, cancel := context.WithCancel(ctx)
	cancel()
	d, err := w.Verifier().Verify(over, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.Error(t, err)
	require.NotEqual(t, verify.Allow, d.Verdict)
}

// G9: what a Grantex verifier asks: trusted issuer, category, amount with its
// currency, revocation by the list, all offline, each with its own answer.
func TestG9GrantexQuestions(t *testing.T) {
	ask := func(edit func(*passport.Intent)) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return edit, func(_ *verifytest.World, q *verify.Request) {
			in := passport.Intent{Act: passport.Act{Amount: q.Amount, Category: q.Category, Rail: q.Rail}}
			edit(&in)
			q.Amount, q.Category, q.Rail = in.Amount, in.Category, in.Rail
		}
	}
	wrong, askWrong := ask(func(in *passport.Intent) { in.Category = "inference" })
	none, askNone := ask(func(in *passport.Intent) { in.Category = "" })
	rail, askRail := ask(func(in *passport.Intent) { in.Rail = "card" })
	run(t, []fault{
		{name: "category", want: verify.AuthorityCategoryNotAllowed, intent: wrong, ask: askWrong},
		{name: "no category named", want: verify.AuthorityCategoryNotAllowed, intent: none, ask: askNone},
		{name: "rail", want: verify.AuthorityRailNotAllowed, intent: rail, ask: askRail},
	})
}

// A2, A3: the eight steps in order, each with its line, on one decision.
func TestA3EightSteps(t *testing.T) {
	d, err := fault{}.decide(t)
	require.NoError(t, err)
	var names []verify.StepName
	for _, s := range d.Steps {
		names = append(names, s.Name)
	}
	require.Equal(t, []verify.StepName{verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof,
		verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger}, names)
	require.NotEmpty(t, d.ID)
}

// A verifier is shared by many (CAN-30): same verdicts, no race.
func TestCAN30ManyGoroutines(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport()
	pass := w.Issue(p)
	v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments = 8 })
	good := make([][]byte, 64)
	for i := range good {
		good[i] = w.Present(pass, w.Intent())
	}
	errs := make([]error, 64)
	together(64, func(i int) {
		raw := good[i]
		if i%4 == 3 {
			raw = replace(`"50.00"`, `"90.00"`)(w, raw)
		}
		_, errs[i] = v.Verify(ctx, raw, w.Request())
		if i%8 == 0 {
			w.Lists.Publish()
		}
	})
	for i, err := range errs {
		if i%4 == 3 {
			verifytest.AssertDenied(t, err, verify.ProofInvalid)
		} else {
			require.NoError(t, err, fmt.Sprint(i))
		}
	}
}
