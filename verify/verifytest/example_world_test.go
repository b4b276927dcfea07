package verifytest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a host's own test looks like: ask, and say what must come out.
func ExampleAssertDenied() {
	t := new(testing.T) // the one that the test was given
	w := verifytest.NewWorld(t)
	v, err := verify.New(w.Config(func(c *verify.Config) { c.Payments = []string{"payments.*"} }))
	if err != nil {
		panic(err)
	}
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	_, err = v.Verify(context.Background(), shown, w.Request())
	verifytest.AssertAllowed(t, err)
	_, err = v.Verify(context.Background(), shown, w.Request()) // once more
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
	fmt.Println(t.Failed())
	// Output: false
}

// Nothing here depends on the time of day, and keys are the same in each run.
func ExampleClock() {
	c := verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	c.Advance(90 * time.Minute)
	fmt.Println(c.Now().Format(time.TimeOnly))
	c.Set(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	ada, again := verifytest.Key("ada"), verifytest.Key("ada")
	fmt.Println(c.Now().Year(), ada.DID() == again.DID())
	// Output:
	// 10:30:00
	// 2027 true
}

// What can go wrong with a status list, and what a verifier makes of it.
func ExampleLists() {
	const url = verifytest.RevocationURL
	for _, fault := range []struct {
		name string
		make func(w *verifytest.World)
	}{
		{"in order", func(w *verifytest.World) { w.Lists.Publish() }},
		{"its host is down", func(w *verifytest.World) { w.Lists.Fail(url, errors.New("no route to host")) }},
		{"changed on the way", func(w *verifytest.World) { w.Lists.Tamper(url) }},
		{"without a proof", func(w *verifytest.World) { w.Lists.Unsign(url) }},
		{"signed by somebody else", func(w *verifytest.World) { w.Lists.SignBy(url, verifytest.Key("mallory")) }},
		{"a week old", func(w *verifytest.World) { w.Lists.PublishAt(url, w.Clock.Now().Add(-7*24*time.Hour)) }},
		{"not a list", func(w *verifytest.World) { w.Lists.Put(url, []byte("<html>")) }},
	} {
		w := verifytest.NewWorld(t)
		shown := w.Present(w.Issue(w.Passport()), w.Intent())
		fault.make(w)
		_, err := w.Verifier().Verify(context.Background(), shown, w.Request())
		var refusal *verify.Refusal
		if errors.As(err, &refusal) {
			fmt.Println(fault.name, "-", refusal.Verdict, refusal.Code())
		} else {
			fmt.Println(fault.name, "-", err)
		}
	}
	// Output:
	// in order - <nil>
	// its host is down - undetermined status.unavailable
	// changed on the way - deny status.invalid
	// without a proof - deny status.invalid
	// signed by somebody else - deny status.invalid
	// a week old - undetermined status.stale
	// not a list - deny status.invalid
}

// A list of another party; and an older edition after a newer one.
func ExampleLists_Open() {
	w := verifytest.NewWorld(t)
	const url = "https://agent.example/status/1"
	own := w.Lists.Open(url, statuslist.Revocation, w.Agent)
	entry := w.Lists.Entry(url, "")
	w.Lists.Set(entry, 1)
	fmt.Println(own.Free(), len(w.Lists.Entries()))

	newest := w.Lists.Get(url)
	w.Lists.RollBack(url)
	fmt.Println(string(newest) == string(w.Lists.Get(url)))
	fetched, err := w.Lists.StatusList(context.Background(), url)
	fmt.Println(len(fetched.Raw) > 0, err, w.Lists.Fetches())
	// Output:
	// 131071 2
	// false
	// true <nil> 1
}

// A link that its parent never signed.
func ExampleFamily_Forge() {
	w := verifytest.NewWorld(t)
	f := w.Family()
	forged := f.Forge(f.Chain(0), verifytest.Key("mallory"))
	shown := w.PresentChain(f.Agents[1], forged, w.Intent(func(in *passport.Intent) { in.PassportID = "" }))
	d, _ := w.Verifier().Verify(context.Background(), shown, w.Request())
	fmt.Println(f.Child(1).Name, d.Verdict, d.Code())
	// Output: link deny delegation.invalid
}

// A person who agreed, and changed their mind.
func ExamplePrincipal() {
	w := verifytest.NewWorld(t)
	ada := w.Principal("ada")
	will := ada.Will()
	p := w.Passport(ada.StandsOn(will))
	fmt.Println(p.Consent.Type, ada.Accept("Resident").Unverified().Type[1])
	ada.Withdraw(will)
	fmt.Println("withdrawn")
	// Output:
	// ManifestationOfWillCredential AgreementAcceptanceCredential
	// withdrawn
}

// A did:web host whose document is gone, replaced, and has another key.
func ExampleWebHost() {
	ctx := context.Background()
	w := verifytest.NewWorld(t)
	host := w.Web.Host("issuer.example")
	_, err := w.Web.Resolve(ctx, host.DID())
	fmt.Println(host.DID(), host.Signer().KeyID(), err)

	host.Fail(did.ErrUnavailable)
	_, err = w.Web.Resolve(ctx, host.DID())
	fmt.Println(errors.Is(err, did.ErrUnavailable))
	host.Fail(nil)

	before := host.Document()
	host.Rotate("the next key")
	fmt.Println(string(before.Bytes()) == string(host.Document().Bytes()))
	host.Put(before)
	fmt.Println(string(before.Bytes()) == string(host.Document().Bytes()), w.Web.Lookups())
	// Output:
	// did:web:issuer.example did:web:issuer.example#key-1 <nil>
	// true
	// false
	// true 2
}
