package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// TIM-01: valid from the first instant to just before the last, with and
// without skew, to the nanosecond.
func TestStep3TIM01Boundaries(t *testing.T) {
	const skew = 2 * time.Minute
	for _, c := range []struct {
		name string
		skew time.Duration
		move func(p *passport.Passport) time.Time
		want verify.Code
	}{
		{"at validFrom", 0, func(p *passport.Passport) time.Time { return p.ValidFrom }, ""},
		{"before validFrom", 0, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-1) }, verify.TimeNotYetValid},
		{"just before validUntil", 0, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(-1) }, ""},
		{"at validUntil", 0, func(p *passport.Passport) time.Time { return p.ValidUntil }, verify.TimeExpired},
		{"at validFrom − skew", skew, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-skew) }, ""},
		{"before validFrom − skew", skew, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-skew - 1) }, verify.TimeNotYetValid},
		{"just before validUntil + skew", skew, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(skew - 1) }, ""},
		{"at validUntil + skew", skew, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(skew) }, verify.TimeExpired},
		{"TIM-08 at the zero time", 0, func(*passport.Passport) time.Time { return time.Time{} }, verify.TimeNotYetValid},
		{"TIM-08 in 2100", 0, func(*passport.Passport) time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }, verify.TimeExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			p := w.Passport()
			at := c.move(p)
			// Everything but the passport is made for the instant of the
			// decision, so that nothing else is in question.
			w.Clock.Set(p.ValidFrom.Add(-10 * time.Minute))
			signed := w.Issue(p)
			w.Lists.Publish()
			w.Clock.Set(at)
			if at.After(w.Clock.Now().Add(-time.Hour)) && at.Year() == 2026 {
				w.Lists.Publish()
			}
			made := at
			if at.Year() != 2026 {
				made = p.ValidFrom
			}
			raw := w.Present(signed, w.Intent(), func(o *passport.PresentOptions) { o.Now = func() time.Time { return made } })
			d, err := w.Verifier(func(cfg *verify.Config) { cfg.Skew = c.skew }).Verify(ctx, raw, w.Request())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.want, d.Code())
			require.Equal(t, "/verifiableCredential/0", d.Violations[0].Path)
			if at.Year() == 2026 {
				require.Len(t, d.Violations, 1)
			}
		})
	}
}

func TestStep3Time(t *testing.T) {
	long := func(w *verifytest.World, p *passport.Passport) {
		p.ValidUntil = p.ValidFrom.Add(720*time.Hour + time.Second)
	}
	run(t, []fault{
		{name: "lifetime", want: verify.TimeLifetimeExceeded, pass: long},
		{name: "INT-10 intent ended", want: verify.TimeIntentExpired,
			before: func(w *verifytest.World, _ *passport.Passport) { w.Clock.Advance(5 * time.Minute) }},
		{name: "INT-10 intent of the future", want: verify.TimeNotYetValid,
			intent: func(in *passport.Intent) { in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 1, 0, time.UTC) }},
		{name: "INT-10 intent lives too long", want: verify.TimeLifetimeExceeded, intent: func(in *passport.Intent) {
			in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
			in.ExpiresAt = in.IssuedAt.Add(5*time.Minute + time.Second)
		}},
		{name: "TIM-06 proof of the future", want: verify.TimeNotYetValid, show: func(w *verifytest.World, o *passport.PresentOptions) {
			o.Now = func() time.Time { return w.Clock.Now().Add(time.Second) }
		}, intent: func(in *passport.Intent) {
			in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		}},
		{name: "TIM-06 proof ended", want: verify.ProofExpired, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Expires = w.Clock.Now() })
		}},
	})
}

// TIM-04: no leeway of a token library is added to ours.
func TestStep3TIM04TokensHaveNoLeeway(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport()
	signed, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
	require.NoError(t, err)
	w.Clock.Set(p.ValidUntil.Add(-30 * time.Second))
	w.Lists.Publish()
	v := w.Verifier(func(c *verify.Config) { c.Formats = []credential.Format{vcjwt.Format()} })
	show := func() []byte {
		vp, err := passport.Present(ctx, w.Agent, passport.Chain{signed}, w.Intent(), verifytest.Audience,
			passport.PresentOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
		require.NoError(t, err)
		return vp.Bytes()
	}
	_, err = v.Verify(ctx, show(), w.Request())
	require.NoError(t, err)
	for _, past := range []time.Duration{0, time.Second, 61 * time.Second, 119 * time.Second} {
		w.Clock.Set(p.ValidUntil.Add(past))
		_, err = v.Verify(ctx, show(), w.Request())
		verifytest.AssertDenied(t, err, verify.TimeExpired)
	}
}
