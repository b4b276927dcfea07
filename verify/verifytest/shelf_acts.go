package verifytest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

var errGone = errors.New("404 not found")

// consents: the passport stands on a will that does not carry it.
func (s *shelf) consents() {
	ada := s.Principal("ada")
	show := func(pass *credential.Signed, siblings ...*credential.Signed) []byte {
		return s.Present(pass, s.Intent(), func(o *passport.PresentOptions) { o.Siblings = siblings })
	}
	will := ada.Will()
	pass := s.Issue(s.Passport(ada.StandsOn(will)))
	s.put("consent missing", verify.ConsentMissing, "the Manifestation of Will is not shown", show(pass, will), show(pass))
	other := ada.Will(func(m *passport.Manifestation) {
		m.ID, m.StatementDigest = will.Unverified().ID, passport.Digest([]byte("something else"))
	})
	s.put("consent of another edition", verify.ConsentInvalid,
		"another statement was signed than the passport was issued on", show(pass, will), show(pass, other))
	eves := s.Principal("eve").Will()
	theirs := s.Issue(s.Passport(ada.StandsOn(eves)))
	s.put("consent of somebody else", verify.ConsentSubjectMismatch, "another person signed the Manifestation of Will", show(pass, will), show(theirs, eves))
	ended := ada.Will(func(m *passport.Manifestation) { m.ValidUntil = s.Clock.Now() })
	s.put("consent ended", verify.ConsentExpired, "the Manifestation of Will ends this very second", show(pass, will),
		show(s.Issue(s.Passport(ada.StandsOn(ended))), ended))

	withdrawn := ada.Will()
	pass = s.Issue(s.Passport(ada.StandsOn(withdrawn)))
	s.add(Bad{Name: "consent withdrawn", Code: verify.ConsentRevoked, About: "the person withdrew the Manifestation of Will",
		Good: show(pass, withdrawn), Bytes: show(pass, withdrawn), GoodRequest: s.Request(), Request: s.Request(),
		Between: func() { ada.Withdraw(withdrawn) }})
}

// authorities: everything holds, and the act is beyond what is granted.
func (s *shelf) authorities() {
	act := func(name string, code verify.Code, about string, in func(*passport.Intent), q func(*verify.Request), edits ...func(*passport.Passport)) {
		pass := s.Issue(s.Passport(edits...))
		s.add(Bad{Name: name, Code: code, About: about, Good: s.good(), GoodRequest: s.Request(),
			Bytes: s.Present(pass, s.Intent(in)), Request: s.Request(q)})
	}
	same, ask := func(*passport.Intent) {}, func(*verify.Request) {}
	amount := func(a, cur string) (func(*passport.Intent), func(*verify.Request)) {
		m := passport.MustMoney(a, cur)
		return func(in *passport.Intent) { in.Amount = m }, func(q *verify.Request) { q.Amount = m }
	}
	dear, askDear := amount("50.01", "USD")
	act("too expensive", verify.AuthorityAmountExceeded, "a cent more than one transaction may have", dear, askDear)
	euro, askEuro := amount("1.00", "EUR")
	act("other currency", verify.AuthorityCurrencyNotAllowed, "the passport grants dollars only", euro, askEuro)
	act("action not granted", verify.AuthorityActionNotAllowed, "no capability covers refunds",
		func(in *passport.Intent) { in.Action = "payments.refund" }, func(q *verify.Request) { q.Action = "payments.refund" })
	act("action denied", verify.AuthorityActionDenied, "the passport grants the action and denies it", same, ask,
		func(p *passport.Passport) { p.Authority.DeniedActions = []string{"payments.*"} })
	act("category not granted", verify.AuthorityCategoryNotAllowed, "payments for gambling are not granted",
		func(in *passport.Intent) { in.Category = "gambling" }, func(q *verify.Request) { q.Category = "gambling" })
	act("rail not granted", verify.AuthorityRailNotAllowed, "payments by this rail are not granted",
		func(in *passport.Intent) { in.Rail = "card" }, func(q *verify.Request) { q.Rail = "card" })
	act("payee not allowed", verify.AuthorityPayeeNotAllowed, "the passport names its payees, the payment none of them", same, ask,
		func(p *passport.Passport) { p.Authority.Payees = []string{"did:web:landlord.example"} })
	act("other place", verify.AuthorityResourceNotAllowed, "the passport is for another audience", same, ask,
		func(p *passport.Passport) { p.Authority.Audiences = []string{"did:web:other.example"} })
	act("region unknown", verify.AuthorityRegionBlocked, "the passport is for Germany, and nobody says where this is", same, ask,
		func(p *passport.Passport) { p.Authority.Regions = []string{"DE"} })
	act("closed", verify.AuthorityOutsideTimeWindow, "the passport serves for one minute of the night, half a day from now", same, ask,
		func(p *passport.Passport) { p.Authority.TimeWindows = s.elsewhen() })
	assured := func(q *verify.Request) { q.MinAssurance = passport.L2 }
	act("assurance too low", verify.AuthorityAssuranceInsufficient, "the principal is not identified, and the shop asks for L2", same, assured)
}

// elsewhen is a time window that the clock is far from.
func (s *shelf) elsewhen() []passport.TimeWindow {
	start := s.Clock.Now().UTC().Add(12 * time.Hour).Truncate(time.Hour)
	return []passport.TimeWindow{{Days: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
		Start: start.Format("15:04"), End: start.Add(time.Minute).Format("15:04"), TimeZone: "UTC"}}
}

// ledgers: the first was allowed, and the second is one too many.
func (s *shelf) ledgers() {
	once := s.good()
	s.put("replayed", verify.LedgerReplay, "the same presentation is shown a second time", once, once)

	pass := s.Issue(s.Passport())
	named := func(in *passport.Intent) { in.ID = passport.IntentURN + "01KAJ0000000000000000000AA" }
	s.put("act repeated", verify.LedgerRepeated, "the same intent comes under a new nonce", s.Present(pass, s.Intent(named)), s.Present(pass, s.Intent(named)))

	dearer := func(in *passport.Intent) {
		in.ID, in.Amount = passport.IntentURN+"01KAJ0000000000000000000BB", passport.MustMoney("12.51", "USD")
	}
	cheap := func(in *passport.Intent) { in.ID = passport.IntentURN + "01KAJ0000000000000000000BB" }
	s.add(Bad{Name: "intent reused", Code: verify.LedgerConflict, About: "another act comes under the id of one that was done",
		Good: s.Present(pass, s.Intent(cheap)), GoodRequest: s.Request(),
		Bytes: s.Present(pass, s.Intent(dearer)), Request: s.Request(func(q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") })})

	daily := s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("24.99", "USD"), Per: passport.PerDay}}
	}))
	s.put("budget used up", verify.LedgerBudgetExceeded, "12.50 USD twice, of 24.99 USD a day", s.Present(daily, s.Intent()), s.Present(daily, s.Intent()))
	seldom := s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Minute, 1)}
	}))
	s.put("too often", verify.LedgerRateExceeded, "two requests in a minute, of one", s.Present(seldom, s.Intent()), s.Present(seldom, s.Intent()))
}

var ctx = context.Background()

type signed = credential.Signed

func itoa(n int) string { return strconv.Itoa(n) }

func (s *shelf) issueBy(signer did.Signer, p *passport.Passport) *credential.Signed {
	s.tb.Helper()
	out, err := passport.Issue(ctx, signer, p, passport.IssueOptions{Now: s.Clock.Now})
	if err != nil {
		s.tb.Fatal(err)
	}
	return out
}

func (s *shelf) signJSON(unsecured []byte, signer did.Signer) *credential.Signed {
	s.tb.Helper()
	out, err := credential.SignJSON(ctx, signer, unsecured, credential.SignOptions{Created: s.Clock.Now()})
	if err != nil {
		s.tb.Fatal(err)
	}
	return out
}

// resign replaces the proof of a presentation by one of that signer.
func (s *shelf) resign(doc []byte, signer did.Signer, edit func(*credential.SignOptions)) []byte {
	s.tb.Helper()
	challenge, err := passport.NewChallenge()
	if err != nil {
		s.tb.Fatal(err)
	}
	o := credential.SignOptions{Created: s.Clock.Now(), Domain: []string{Audience}, Challenge: challenge}
	if edit != nil {
		edit(&o)
	}
	vp, err := credential.SignPresentation(ctx, signer, withoutProof(s.tb, doc), o)
	if err != nil {
		s.tb.Fatal(err)
	}
	return vp.Bytes()
}
