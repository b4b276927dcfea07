package verify_test

import (
	"bytes"
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

// Roll-back is told per list and purpose, for more lists than one.
func TestStep6ManyLists(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	for range 3 {
		for i := range 3 {
			pass := w.Issue(w.Passport())
			_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
			require.NoError(t, err, fmt.Sprint(i))
		}
		w.Clock.Advance(time.Second)
		w.Lists.Publish()
	}
}

// voucher answers for lists that are not signed, where it says so.
type voucher struct {
	*verifytest.Lists
	yes bool
}

func (v voucher) Vouched(*statuslist.Fetched) bool { return v.yes }

// G12: an unsigned list is believed only when the source answers for it.
func TestStep6G12VouchedLists(t *testing.T) {
	unsigned := func(w *verifytest.World, _ *passport.Passport) {
		raw := w.Lists.Get(verifytest.RevocationURL)
		w.Lists.Put(verifytest.RevocationURL, append(raw[:bytes.LastIndex(raw, []byte(`,"proof":`))], '}'))
	}
	source := func(yes bool) func(*verifytest.World, *verify.Config) {
		return func(w *verifytest.World, c *verify.Config) { c.Status = voucher{w.Lists, yes} }
	}
	run(t, []fault{{name: "not vouched", want: verify.StatusInvalid, before: unsigned, config: source(false)}})
	_, err := fault{before: unsigned, config: source(true)}.decide(t)
	require.NoError(t, err)
	// Revoked in an unsigned list that is vouched for: revoked.
	run(t, []fault{{name: "revoked", want: verify.StatusRevoked, config: source(true), before: func(w *verifytest.World, p *passport.Passport) {
		w.Lists.Set(p.Status[0], 1)
		unsigned(w, p)
	}}})
	// A bad signature is not mended by a voucher.
	run(t, []fault{{name: "bad proof", want: verify.StatusInvalid, config: source(true), before: func(w *verifytest.World, _ *passport.Passport) {
		raw := w.Lists.Get(verifytest.RevocationURL)
		w.Lists.Put(verifytest.RevocationURL,
			bytes.Replace(raw, []byte(`"statusPurpose":"revocation"`), []byte(`"statusPurpose":["revocation","suspension"]`), 1))
	}}})
}

func TestStep6Status(t *testing.T) {
	set := func(i int) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[i], 1) }
	}
	publishBy := func(who *did.KeyPair, edit func(*statuslist.PublishOptions)) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) {
			o := statuslist.PublishOptions{Now: w.Clock.Now()}
			if edit != nil {
				edit(&o)
			}
			list, err := w.Lists.Revocation.Publish(ctx, who, o)
			if err != nil {
				panic(err)
			}
			w.Lists.Put(verifytest.RevocationURL, list[0].Raw)
		}
	}
	tamper := func(old, new string) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, replace(old, new)(w, w.Lists.Get(verifytest.RevocationURL)))
		}
	}
	put := func(raw string) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) { w.Lists.Put(verifytest.RevocationURL, []byte(raw)) }
	}
	run(t, []fault{
		{name: "revoked", want: verify.StatusRevoked, before: set(0)},
		{name: "suspended", want: verify.StatusSuspended, before: set(1)},
		{name: "STL-08 unavailable", want: verify.StatusUnavailable, before: func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Fail(verifytest.RevocationURL, errors.New("404"))
		}},
		{name: "STL-08 no source", want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) { c.Status = nil }},
		{name: "STL-08 nothing", want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) {
			c.Status = statuslist.SourceFunc(func(context.Context, string) (*statuslist.Fetched, error) { return nil, nil })
		}},
		{name: "STL-08 malformed", want: verify.StatusInvalid, before: put("{")},
		{name: "STL-03 foreign issuer", want: verify.StatusInvalid, before: publishBy(verifytest.Key("mallory"), nil)},
		{name: "STL-07 unsigned", want: verify.StatusInvalid, before: func(w *verifytest.World, _ *passport.Passport) {
			raw := w.Lists.Get(verifytest.RevocationURL)
			i := bytes.LastIndex(raw, []byte(`,"proof":`))
			w.Lists.Put(verifytest.RevocationURL, append(raw[:i:i], '}'))
		}},
		{name: "STL-07 bad proof", want: verify.StatusInvalid, before: tamper(`"statusPurpose":"revocation"`, `"statusPurpose":["revocation","suspension"]`)},
		{name: "STL-04 other purpose", want: verify.StatusInvalid, before: func(w *verifytest.World, p *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, w.Lists.Get(verifytest.SuspensionURL))
		}},
		{name: "STL-06 a passport as list", want: verify.StatusInvalid, before: func(w *verifytest.World, p *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, w.Issue(w.Passport()).Bytes())
		}},
		{name: "STL-10 too old", want: verify.StatusStale, before: func(w *verifytest.World, _ *passport.Passport) {},
			config: func(w *verifytest.World, c *verify.Config) {
				c.Bounds.StatusAge = time.Minute
				w.Clock.Advance(time.Minute + 1)
			}},
		{name: "STL-10 ended", want: verify.StatusStale, before: func(w *verifytest.World, p *passport.Passport) {
			publishBy(w.Issuer, func(o *statuslist.PublishOptions) { o.ValidFor = time.Minute })(w, p)
			w.Clock.Advance(time.Minute)
		}},
		{name: "STL-10 of the future", want: verify.StatusEarly, before: func(w *verifytest.World, p *passport.Passport) {
			publishBy(w.Issuer, func(o *statuslist.PublishOptions) { o.Now = o.Now.Add(time.Second) })(w, p)
		}},
		{name: "a status without id of its own stands", want: verify.StatusRevoked, before: set(0)},
	})
}

// A list that is exactly as old as allowed serves; the age is told.
func TestStep6STL10Age(t *testing.T) {
	d, err := fault{config: func(w *verifytest.World, c *verify.Config) {
		c.Bounds.StatusAge = time.Minute
		w.Clock.Advance(time.Minute)
	}}.decide(t)
	require.NoError(t, err)
	require.Equal(t, time.Minute, d.Steps[5].DataAge)
}

// A6: the entries of principal, organisation and issuer stop every passport
// that carries them.
func TestStep6A6KillSwitches(t *testing.T) {
	for scope, want := range map[string]verify.Code{
		"passport": verify.StatusRevoked, "principal": verify.StatusPrincipalRevoked,
		"organization": verify.StatusPrincipalRevoked, "issuer": verify.StatusIssuerPaused,
	} {
		run(t, []fault{{name: scope, want: want,
			pass: func(_ *verifytest.World, p *passport.Passport) {
				p.Status[0].ID = "urn:safeconduct:status:" + scope + ":01KAJ0000000000000000000AA"
			},
			before: func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) },
		}})
	}
}

// A5: a suspension ends by itself when the next list no longer has it; a
// revocation does not (TestStep6Memory). P15: counters hold (ledger tests).
func TestA5SuspensionEnds(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	signed := w.Issue(p)
	w.Lists.Set(p.Status[1], 1)
	_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusSuspended)
	w.Clock.Advance(time.Hour)
	w.Lists.Set(p.Status[1], 0)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	require.NoError(t, err)
}
