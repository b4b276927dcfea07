package verifytest

import (
	"context"
	"errors"
	"testing"

	"github.com/safeconduct/safeconduct/verify"
)

// Bad is one presentation that must be refused, with its good twin: the same
// but for the fault.
type Bad struct {
	Name    string         // short, unique, fit for t.Run
	About   string         // what is wrong
	Bytes   []byte         // what is presented
	Request verify.Request // what is asked
	Code    verify.Code    // why it is refused

	Good        []byte         // presented first, and allowed
	GoodRequest verify.Request // what is asked with Good
	Between     func()         // happens after Good and before Bytes; may be nil
}

// Shelf makes presentations that no verifier may allow, each wrong in one
// thing, and for each one like it that is right. It covers the steps of the
// pipeline: documents that are no passports, strangers, forgeries, thefts,
// clocks, chains, status lists, consents, limits and replays.
//
// Make the shelf once per world, after the clock was set, and show it to a
// verifier that trusts the world's Issuer, resolves with its Resolver, reads
// its Lists and tells the time by its Clock, whatever else is configured:
//
//	w := verifytest.NewWorld(t)
//	v, err := verify.New(myConfig(w))
//	...
//	for _, bad := range w.Shelf() {
//		t.Run(bad.Name, func(t *testing.T) { bad.Test(t, v) })
//	}
//
// The acts are those of [World.Intent] and [World.Request] or close to them,
// for [Audience].
func (w *World) Shelf() []Bad {
	w.tb.Helper()
	s := &shelf{World: w}
	s.documents()
	s.strangers()
	s.presentations()
	s.intents()
	s.clocks()
	s.chains()
	s.lists()
	s.consents()
	s.authorities()
	s.ledgers()
	return s.all
}

// Test shows the good twin, which must be allowed, and then the bad
// presentation, which must be refused with Code.
func (b Bad) Test(tb testing.TB, v *verify.Verifier) {
	tb.Helper()
	ctx := context.Background()
	if _, err := v.Verify(ctx, b.Good, b.GoodRequest); err != nil {
		tb.Fatalf("the good twin of %q is refused: %v", b.Name, err)
	}
	if b.Between != nil {
		b.Between()
	}
	d, err := v.Verify(ctx, b.Bytes, b.Request)
	switch {
	case err == nil:
		tb.Fatalf("%q is allowed, want %s: %s", b.Name, b.Code, b.About)
	case d.Code() != b.Code:
		tb.Errorf("%q is refused with %v, want %s: %s", b.Name, err, b.Code, b.About)
	}
	if d.Verdict == verify.Allow || d.Passport != nil || d.Intent != nil {
		tb.Errorf("%q: the decision of a refusal has verdict %s or tells claims", b.Name, d.Verdict)
	}
	var refusal *verify.Refusal
	if err != nil && !errors.As(err, &refusal) {
		tb.Errorf("%q: the error of a refusal is a %T, want a *verify.Refusal", b.Name, err)
	}
}

// shelf is a shelf in the making.
type shelf struct {
	*World
	all []Bad
}

// put adds a presentation to which the same question is put as to its twin.
func (s *shelf) put(name string, code verify.Code, about string, good, bad []byte) {
	q := s.Request()
	s.add(Bad{Name: name, Code: code, About: about, Good: good, Bytes: bad, GoodRequest: q, Request: q})
}

func (s *shelf) add(b Bad) { s.all = append(s.all, b) }

// good is a fresh presentation of a fresh passport.
func (s *shelf) good() []byte { return s.Present(s.Issue(s.Passport()), s.Intent()) }
