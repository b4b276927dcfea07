package verifytest

import (
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// clocks: too early, too late, too long.
func (s *shelf) clocks() {
	now := s.Clock.Now()
	valid := func(from, until time.Time) []byte {
		return s.Present(s.Issue(s.Passport(func(p *passport.Passport) { p.ValidFrom, p.ValidUntil = from, until })), s.Intent())
	}
	s.put("expired", verify.TimeExpired, "the passport ends this very second",
		valid(now.Add(-time.Hour), now.Add(time.Second)), valid(now.Add(-time.Hour), now))
	s.put("not yet valid", verify.TimeNotYetValid, "the passport begins in ten minutes",
		valid(now, now.Add(time.Hour)), valid(now.Add(10*time.Minute), now.Add(time.Hour)))

	const longest = 720 * time.Hour
	from := now.Add(-time.Hour)
	long, err := passport.Issue(ctx, s.Issuer, s.Passport(func(p *passport.Passport) { p.ValidFrom, p.ValidUntil = from, from.Add(longest+time.Second) }),
		passport.IssueOptions{Now: s.Clock.Now, MaxLifetime: 2 * longest})
	if err != nil {
		s.tb.Fatal(err)
	}
	s.put("lives too long", verify.TimeLifetimeExceeded, "the passport is valid for a second more than 30 days",
		valid(from, from.Add(longest)), s.Present(long, s.Intent()))

	pass := s.Issue(s.Passport())
	signedAt := func(at time.Time) []byte {
		return s.Present(pass, s.Intent(), func(o *passport.PresentOptions) { o.Now = func() time.Time { return at } })
	}
	s.put("intent ended", verify.TimeIntentExpired, "the agent signed five minutes ago",
		signedAt(now.Add(time.Second-5*time.Minute)), signedAt(now.Add(-5*time.Minute)))
	s.put("intent to come", verify.TimeNotYetValid, "the agent signed as of ten minutes from now", signedAt(now), signedAt(now.Add(10*time.Minute)))
}

// chains have a link that is not what it says.
func (s *shelf) chains() {
	f := s.Family(func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 2 })
	root, one, two := f.Chain(0), f.Chain(1), f.Chain(2)
	mallory := Key("mallory")
	good := func() []byte { return f.Present(one, s.Intent()) }
	forged := func(name string, code verify.Code, about string, edit func(*passport.Passport)) {
		s.put(name, code, about, good(), f.Present(f.Forge(root, f.Agents[0], edit), s.Intent()))
	}
	forged("widened: amount", verify.DelegationWidened, "the link may spend a cent more than its parent",
		func(p *passport.Passport) { p.Authority.MaxTransaction = passport.MustMoney("50.01", "USD") })
	forged("widened: action", verify.DelegationWidened, "the link may do what its parent may not", func(p *passport.Passport) {
		p.Authority.Capabilities = append(p.Authority.Capabilities[:1:1], passport.Capability{Action: "files.delete"})
	})
	forged("widened: time", verify.DelegationWidened, "the link outlives its parent by a second",
		func(p *passport.Passport) { p.ValidUntil = p.ValidUntil.Add(time.Second) })
	forged("widened: depth", verify.DelegationWidened, "the link lets others delegate deeper than it may itself",
		func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 3 })
	forged("another parent", verify.DelegationParentMismatch, "the link names another passport as its parent",
		func(p *passport.Passport) { p.ParentPassportID = passport.PassportURN + "01KAJ0000000000000000000AA" })
	forged("another edition of the parent", verify.DelegationParentMismatch,
		"the link was made below other bytes of its parent", func(p *passport.Passport) { p.ParentDigest = passport.Digest([]byte("other bytes")) })
	forged("another principal", verify.DelegationInvalid, "the link answers to another person",
		func(p *passport.Passport) { p.HumanPrincipal = "mailto:eve@example.org" })
	forged("in a circle", verify.DelegationInvalid, "the link gives authority back to the agent above",
		func(p *passport.Passport) { p.Agent = f.Agents[0].DID() })

	s.put("too deep", verify.DelegationTooDeep, "a third link below a root that allows two", f.Present(two, s.Intent()),
		f.Present(f.Forge(two, f.Agents[2], func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 }), s.Intent()))
	s.put("a link left out", verify.DelegationInvalid, "the middle of the chain is missing",
		f.Present(two, s.Intent()), f.Present(passport.Chain{two[0], two[2]}, s.Intent()))
	s.put("no root", verify.AnchorUntrustedIssuer, "the chain begins with a delegated link", good(), f.Present(one[1:], s.Intent()))

	mine := func(p *passport.Passport) { p.Agent = mallory.DID() }
	s.put("stolen chain", verify.DelegationInvalid, "a stranger hangs a link of their own below a chain", good(),
		s.PresentChain(mallory, f.Forge(one, mallory, mine), s.Intent()))
	lent := f.Forge(root, mallory, mine)
	lent[1] = s.resignPassport(f.Forge(root, f.Agents[0], mine)[1], mallory)
	s.put("stolen chain, forged name", verify.ProofKeyNotAuthorized,
		"a stranger signs a link in the name of the agent above", good(), s.PresentChain(mallory, lent, s.Intent()))

	dear := s.Intent(func(in *passport.Intent) { in.Amount = passport.MustMoney("20.01", "USD") })
	tight := f.Delegate(root, func(p *passport.Passport) { p.Authority.MaxTransaction = passport.MustMoney("20.00", "USD") })
	s.add(Bad{Name: "beyond the tightest link", Code: verify.AuthorityAmountExceeded, About: "the root would allow the amount, the link does not",
		Good: f.Present(tight, s.Intent()), GoodRequest: s.Request(),
		Bytes: f.Present(tight, dear), Request: s.Request(func(q *verify.Request) { q.Amount = dear.Amount })})

	// What happens to an ancestor happens to all below.
	f2 := s.Family()
	s.add(Bad{Name: "ancestor revoked", Code: verify.StatusRevoked, About: "the root was revoked, the link below was not",
		Good: f2.Present(f2.Chain(1), s.Intent()), GoodRequest: s.Request(),
		Bytes: f2.Present(f2.Chain(1), s.Intent()), Request: s.Request(),
		Between: func() { s.Lists.Set(f2.Root.Status[0], 1) }})
}

// lists: the passport is good, what its status list says or is, is not. Every
// case has a list of its own.
func (s *shelf) lists() {
	at := func(name string, code verify.Code, about, id string, purpose statuslist.Purpose, fault func(url string, e statuslist.Entry)) {
		url := "https://issuer.example/status/" + string(purpose) + "/" + itoa(len(s.all))
		s.Lists.Open(url, purpose, s.Issuer)
		var e statuslist.Entry
		pass := s.Issue(s.Passport(func(p *passport.Passport) {
			e = s.Lists.Entry(url, id)
			p.Status = []statuslist.Entry{e}
		}))
		s.add(Bad{Name: name, Code: code, About: about, Good: s.Present(pass, s.Intent()), Bytes: s.Present(pass, s.Intent()),
			GoodRequest: s.Request(), Request: s.Request(), Between: func() { fault(url, e) }})
	}
	set := func(_ string, e statuslist.Entry) { s.Lists.Set(e, 1) }
	urn := func(scope string) string { return "urn:safeconduct:status:" + scope + ":01KAJ0000000000000000000AA" }
	at("revoked", verify.StatusRevoked, "the issuer revoked the passport", "", statuslist.Revocation, set)
	at("suspended", verify.StatusSuspended, "the issuer suspended the passport", "", statuslist.Suspension, set)
	at("principal revoked", verify.StatusPrincipalRevoked, "everything of the principal is revoked", urn("principal"), statuslist.Revocation, set)
	at("issuer paused", verify.StatusIssuerPaused, "everything of the issuer is suspended", urn("issuer"), statuslist.Suspension, set)
	at("list gone", verify.StatusUnavailable, "the list cannot be found", "", statuslist.Revocation,
		func(url string, _ statuslist.Entry) { s.Lists.Fail(url, errGone) })
	at("list of the future", verify.StatusEarly, "the list is as of ten minutes from now", "", statuslist.Revocation,
		func(url string, _ statuslist.Entry) { s.Lists.PublishAt(url, s.Clock.Now().Add(10*time.Minute)) })
	at("list unsigned", verify.StatusInvalid, "the list has no proof", "", statuslist.Revocation, func(url string, _ statuslist.Entry) { s.Lists.Unsign(url) })
	at("list tampered", verify.StatusInvalid, "the list was changed under its proof", "", statuslist.Revocation,
		func(url string, _ statuslist.Entry) { s.Lists.Tamper(url) })
	at("list by a stranger", verify.StatusInvalid, "somebody else publishes a list at the issuer's URL", "",
		statuslist.Revocation, func(url string, _ statuslist.Entry) { s.Lists.SignBy(url, Key("mallory")) })
	at("list of another purpose", verify.StatusInvalid, "a suspension list stands where a revocation list should", "",
		statuslist.Revocation, func(url string, _ statuslist.Entry) { s.Lists.Put(url, s.Lists.Get(SuspensionURL)) })
	old := "https://issuer.example/status/old"
	s.Lists.Open(old, statuslist.Revocation, s.Issuer)
	s.Lists.PublishAt(old, s.Clock.Now().Add(-8*24*time.Hour))
	good := s.Issue(s.Passport())
	stale := s.Issue(s.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{s.Lists.Entry(old, "")} }))
	s.add(Bad{Name: "list stale", Code: verify.StatusStale, About: "the list is 8 days old", Good: s.Present(good, s.Intent()),
		Bytes: s.Present(stale, s.Intent()), GoodRequest: s.Request(), Request: s.Request()})
	at("list no list", verify.StatusInvalid, "a passport stands where a list should", "", statuslist.Revocation,
		func(url string, _ statuslist.Entry) { s.Lists.Put(url, s.Issue(s.Passport()).Bytes()) })
}

// resignPassport replaces the proof of a passport by one of another signer.
func (s *shelf) resignPassport(p interface{ Bytes() []byte }, signer did.Signer) *signed {
	s.tb.Helper()
	return s.signJSON(withoutProof(s.tb, p.Bytes()), signer)
}
