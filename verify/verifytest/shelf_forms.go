package verifytest

import (
	"bytes"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// documents are refused for what they look like.
func (s *shelf) documents() {
	changed := func(name string, code verify.Code, about, old, new string) {
		good := s.good()
		s.put(name, code, about, good, mustReplace(s.tb, s.good(), old, new))
	}
	s.put("nothing", verify.EnvelopeMissing, "nothing was presented", s.good(), nil)
	s.put("no JSON", verify.EnvelopeUnsupported, "the bytes are no document of any format", s.good(), []byte("let me in"))
	s.put("cut short", verify.EnvelopeMalformed, "the last byte is missing", s.good(), func() []byte { b := s.good(); return b[:len(b)-1] }())
	s.put("too large", verify.EnvelopeTooLarge, "a megabyte of white space follows the document", s.good(),
		append(s.good(), bytes.Repeat([]byte(" "), 1<<20)...))
	changed("member twice", verify.EnvelopeMalformed, "the holder stands there twice", `"holder":`, `"holder":"did:web:somebody.example","holder":`)
	changed("unknown member", verify.EnvelopeDataLoss, "a member of the subject has no meaning in any context",
		`"capabilities":`, `"superuser":"yes","capabilities":`)
	changed("unknown context", verify.EnvelopeContext, "a JSON-LD context is not one of those built in", `"`+
		passport.Context+`"]`, `"`+passport.Context+`","https://evil.example/v1"]`)
	changed("inline context", verify.EnvelopeContext, "a JSON-LD context is written into the document", `"`+
		passport.Context+`"]`, `"`+passport.Context+`",{"@vocab":"https://evil.example/"}]`)
	changed("number as amount", verify.EnvelopeMalformed, "the ceiling is a JSON number, not decimal text", `"amount":"50.00"`, `"amount":50.00`)
	changed("unknown limit", verify.EnvelopeMalformed, "a limit has a name of no known form", `"capabilities":`, `"limits":{"as_you_like":1},"capabilities":`)
	s.put("no proof", verify.ProofMissing, "the presentation is not signed", s.good(), withoutProof(s.tb, s.good()))
	s.put("bare passport", verify.PresentationRequired, "a passport is shown without a presentation by its holder", s.good(), s.Issue(s.Passport()).Bytes())
}

// strangers issue, sign and present what is not theirs.
func (s *shelf) strangers() {
	mallory := Key("mallory")
	by := func(p *passport.Passport) { p.Agent = mallory.DID() }

	own := s.issueBy(mallory, s.Passport())
	s.put("stranger's issuer", verify.AnchorUntrustedIssuer, "the passport is by an issuer that nobody trusts", s.good(), s.Present(own, s.Intent()))

	// The passport says that the trusted issuer made it. It did not.
	forged := s.resignPassport(s.Issue(s.Passport(by)), mallory)
	s.put("forged by a stranger's key", verify.ProofKeyNotAuthorized,
		"the passport names the trusted issuer and is signed by somebody else", s.good(), s.PresentChain(mallory, passport.Chain{forged}, s.Intent()))

	changed, err := credential.Parse(mustReplace(s.tb, s.Issue(s.Passport()).Bytes(), `"50.00"`, `"90.00"`))
	if err != nil {
		s.tb.Fatal(err)
	}
	s.put("tampered passport", verify.ProofInvalid, "the ceiling was raised after the issuer had signed", s.good(), s.Present(changed, s.Intent()))

	s.put("stolen passport", verify.ProofKeyNotAuthorized, "somebody else signs the presentation in the agent's name",
		s.good(), s.resign(s.good(), mallory, nil))
	stolen := mustReplace(s.tb, s.good(), `"holder":"`+s.Agent.DID().String()+`"`, `"holder":"`+mallory.DID().String()+`"`)
	s.put("stolen passport, own name", verify.ProofHolderMismatch, "somebody else presents the passport as their own", s.good(), s.resign(stolen, mallory, nil))
}

// presentations are made for somebody or something else.
func (s *shelf) presentations() {
	pass := s.Issue(s.Passport())
	elsewhere := s.resign(s.good(), s.Agent, func(o *credential.SignOptions) { o.Domain = []string{"did:web:other.example"} })
	s.put("wrong audience", verify.ProofAudienceMismatch, "the presentation was made for another shop", s.good(), elsewhere)
	both := s.resign(s.good(), s.Agent, func(o *credential.SignOptions) { o.Domain = []string{Audience, "did:web:other.example"} })
	s.put("two audiences", verify.ProofAudienceMismatch, "the presentation could be shown at two places", s.good(), both)
	purpose := s.resign(s.good(), s.Agent, func(o *credential.SignOptions) { o.Purpose = "assertionMethod" })
	s.put("wrong purpose", verify.ProofPurposeMismatch, "the agent signed an assertion, not an authentication", s.good(), purpose)

	const nonce = "a challenge of the shop, 1"
	asked := s.Request(func(q *verify.Request) { q.Nonce = nonce })
	s.add(Bad{Name: "wrong challenge", Code: verify.ProofChallengeMismatch, About: "the presentation answers another challenge than was handed out",
		Good: s.Present(pass, s.Intent(), func(o *passport.PresentOptions) { o.Challenge = nonce }), GoodRequest: asked,
		Bytes: s.Present(pass, s.Intent()), Request: asked})
	s.put("short challenge", verify.EnvelopeNonceInvalid, "the agent's own nonce has fewer than 128 bits", s.good(),
		s.Present(pass, s.Intent(), func(o *passport.PresentOptions) { o.Challenge = "123456789012345" }))
}

// intents are signed for another act than the one asked for.
func (s *shelf) intents() {
	pass := s.Issue(s.Passport())
	other := func(name, about string, edit func(*passport.Intent)) {
		s.put(name, verify.ProofIntentMismatch, about, s.good(), s.Present(pass, s.Intent(edit)))
	}
	other("intent: other amount", "the agent signed a cent less than it is to pay",
		func(in *passport.Intent) { in.Amount = passport.MustMoney("12.49", "USD") })
	other("intent: other action", "the agent signed another action", func(in *passport.Intent) { in.Action = "payments.refund" })
	other("intent: payee not asked for", "the agent signed a payee, the shop asked for none", func(in *passport.Intent) { in.Payee = "did:web:payee.example" })
	other("intent: body not asked for", "the agent signed the digest of another body",
		func(in *passport.Intent) { in.BodyDigest = passport.Digest([]byte("another body")) })

	q := s.Request(func(q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") })
	s.add(Bad{Name: "tampered intent", Code: verify.ProofInvalid, About: "the amount was changed after the agent had signed",
		Good: s.Present(pass, s.Intent()), GoodRequest: s.Request(),
		Bytes: mustReplace(s.tb, s.Present(pass, s.Intent()), `"12.50"`, `"12.51"`), Request: q})
}
