package verifytest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"sync/atomic"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// Audience is who is asked to act in a [World].
const Audience = "did:web:shop.example"

// World holds the parties. Its methods fail the test that it was made for
// when something that should work does not; call them from the goroutine of
// that test.
type World struct {
	Clock  *Clock
	Issuer *did.KeyPair // trusted by Verifier
	Agent  *did.KeyPair // holder of Passport
	Lists  *Lists       // published by Issuer, and the host of other lists
	Web    *Web         // did:web documents

	tb testing.TB
}

// NewWorld makes a world at 2026-11-21T09:00:00Z with both lists of the
// issuer published.
func NewWorld(tb testing.TB) *World {
	tb.Helper()
	w := &World{tb: tb, Clock: NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)), Issuer: Key("issuer"), Agent: Key("agent")}
	w.Lists = newLists(tb, w.Issuer, w.Clock)
	w.Web = &Web{tb: tb, hosts: map[did.DID]*WebHost{}}
	return w
}

// Key returns the key pair of a party, the same for the same name.
func Key(name string) *did.KeyPair {
	seed := sha256.Sum256([]byte("safeconduct test key of " + name))
	k, _ := did.NewKeyPair(ed25519.NewKeyFromSeed(seed[:])) // no seed gives a key that is refused
	return k
}

// Passport returns a new passport of Agent, not yet signed: payments.charge
// and data.*, category compute on rail tempo, 50 USD at a time, one day,
// revocable and suspendable. Each call takes its own places on the lists.
func (w *World) Passport(edits ...func(*passport.Passport)) *passport.Passport {
	w.tb.Helper()
	now := w.Clock.Now()
	p := &passport.Passport{
		Agent: w.Agent.DID(), Name: "test agent", HumanPrincipal: "mailto:ada@example.org",
		ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(23 * time.Hour),
		Status: w.Lists.Entries(),
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}, {Action: "data.*"}},
			Categories:     []string{"compute"},
			Rails:          []string{"tempo"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

// Issue signs a passport with the issuer's key.
func (w *World) Issue(p *passport.Passport) *credential.Signed {
	w.tb.Helper()
	s, err := passport.Issue(context.Background(), w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now})
	if err != nil {
		w.tb.Fatalf("issuing: %v", err)
	}
	return s
}

// purchase is the act of Intent and Request.
func purchase() passport.Act {
	return passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute", Rail: "tempo"}
}

// Intent returns what Request asks for: charge 12.50 USD for compute on tempo.
func (w *World) Intent(edits ...func(*passport.Intent)) passport.Intent {
	in := passport.Intent{Act: purchase()}
	for _, edit := range edits {
		edit(&in)
	}
	return in
}

// Request returns the question that Intent answers.
func (w *World) Request(edits ...func(*verify.Request)) verify.Request {
	q := verify.Request{Audience: Audience, Act: purchase()}
	for _, edit := range edits {
		edit(&q)
	}
	return q
}

// Present has the agent present one passport to Audience.
func (w *World) Present(pass *credential.Signed, in passport.Intent, edits ...func(*passport.PresentOptions)) []byte {
	w.tb.Helper()
	return w.PresentChain(w.Agent, passport.Chain{pass}, in, edits...)
}

// PresentChain has an agent present a chain, root first, to Audience.
func (w *World) PresentChain(agent did.Signer, chain passport.Chain, in passport.Intent, edits ...func(*passport.PresentOptions)) []byte {
	w.tb.Helper()
	o := passport.PresentOptions{Now: w.Clock.Now}
	for _, edit := range edits {
		edit(&o)
	}
	vp, err := passport.Present(context.Background(), agent, chain, in, Audience, o)
	if err != nil {
		w.tb.Fatalf("presenting: %v", err)
	}
	return vp.Bytes()
}

// Resolver returns the resolver of the world: did:key and did:jwk by
// themselves, did:web from Web.
func (w *World) Resolver() did.Resolver {
	return did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": w.Web}
}

// Config returns the configuration of a verifier that trusts Issuer, with a
// ledger of its own.
func (w *World) Config(edits ...func(*verify.Config)) verify.Config {
	c := verify.Config{
		Anchors:  []verify.Anchor{{Issuer: w.Issuer.DID(), MaxAssurance: passport.L4FIN}},
		Resolver: w.Resolver(),
		Status:   w.Lists,
		Ledger:   ledger.NewMemory(ledger.Options{}),
		Now:      w.Clock.Now,
	}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

// Verifier returns a verifier of that configuration.
func (w *World) Verifier(edits ...func(*verify.Config)) *verify.Verifier {
	w.tb.Helper()
	v, err := verify.New(w.Config(edits...))
	if err != nil {
		w.tb.Fatal(err)
	}
	return v
}

// Clock is a clock that stands still until it is moved. It is safe for
// concurrent use.
type Clock struct{ now atomic.Pointer[time.Time] }

// NewClock returns a clock that shows that instant.
func NewClock(at time.Time) *Clock {
	c := &Clock{}
	c.Set(at)
	return c
}

// Now returns the instant that the clock shows.
func (c *Clock) Now() time.Time {
	if now := c.now.Load(); now != nil {
		return *now
	}
	return time.Time{}
}

// Advance moves the clock, back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	for {
		was, now := c.now.Load(), time.Time{}
		if was != nil {
			now = *was
		}
		now = now.Add(d)
		if c.now.CompareAndSwap(was, &now) {
			return
		}
	}
}

// Set puts the clock to an instant.
func (c *Clock) Set(at time.Time) { c.now.Store(&at) }
