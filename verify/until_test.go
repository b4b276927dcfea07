package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// publishWith publishes the revocation list and takes a fault of it.
func publishWith(w *verifytest.World, l *statuslist.Publisher, url string, o statuslist.PublishOptions) {
	editions, err := l.Publish(ctx, w.Issuer, o)
	if err != nil {
		panic(err)
	}
	w.Lists.Put(url, editions[0].Raw)
}

// F6: a refusal that passes by itself says when: at that instant the reason is
// gone, and a nanosecond before it is not.
func TestF6Until(t *testing.T) {
	type world struct {
		*verifytest.World
		pass *passport.Passport
		in   passport.Intent
		c    verify.Config
		q    verify.Request
	}
	const skew = 30 * time.Second
	later := func(w *world) time.Time { return w.Clock.Now().Add(30 * time.Minute) }
	for name, c := range map[string]struct {
		want  verify.Code
		edit  func(*world)
		until func(*world, time.Time) time.Time // from the instant of the refusal
		renew func(*world)                      // what the world does by then
	}{
		"passport not valid yet": {
			verify.TimeNotYetValid, func(w *world) { w.pass.ValidFrom = later(w) },
			func(w *world, _ time.Time) time.Time { return w.pass.ValidFrom.Add(-skew) }, nil,
		},
		"intent not valid yet": {
			verify.TimeNotYetValid, func(w *world) {
				w.in.IssuedAt, w.in.ExpiresAt = later(w), later(w).Add(15*time.Minute)
			},
			func(w *world, _ time.Time) time.Time { return w.in.IssuedAt.Add(-skew) }, nil,
		},
		"outside of the hours": {
			verify.AuthorityOutsideTimeWindow, func(w *world) {
				w.pass.Authority.TimeWindows = []passport.TimeWindow{{
					Days: []string{"sat"}, Start: "09:30", End: "10:00", TimeZone: "UTC",
				}}
			},
			func(_ *world, now time.Time) time.Time { return now.Add(30 * time.Minute) }, nil,
		},
		"scope not offered yet": {
			verify.AuthorityScopeWithdrawn, func(w *world) {
				r, err := policy.NewScopeRegistry("1", []policy.Scope{{
					ID: "payments.charge", Operations: []string{"charge"}, Since: later(w),
				}})
				require.NoError(t, err)
				w.c.Operations, w.q.Operation = policy.Scopes{Registry: r}, "charge"
			},
			func(_ *world, now time.Time) time.Time { return now.Add(30 * time.Minute) }, nil,
		},
		"list of the future": {
			verify.StatusEarly, func(w *world) { w.Lists.PublishAt(verifytest.RevocationURL, later(w)) },
			func(_ *world, now time.Time) time.Time { return now.Add(30*time.Minute - skew) }, nil,
		},
		"list that has ended, and is due": {
			verify.StatusStale, func(w *world) {
				w.Clock.Advance(time.Second)
				publishWith(w.World, w.Lists.Revocation, verifytest.RevocationURL,
					statuslist.PublishOptions{Now: w.Clock.Now(), ValidFor: 20 * time.Minute, TTL: 20 * time.Minute})
				w.Clock.Advance(10 * time.Minute)
				w.Lists.Put(verifytest.RevocationURL, w.Lists.Get(verifytest.RevocationURL)) // fetched again, unchanged
				w.Clock.Advance(15 * time.Minute)
			},
			func(_ *world, now time.Time) time.Time { return now.Add(5 * time.Minute) },
			func(w *world) { w.Lists.Publish() },
		},
		"suspended on a list with an end": {
			verify.StatusSuspended, func(w *world) {
				require.NoError(t, w.Lists.Suspension.Set(w.pass.Status[1].Index, 1))
				w.Clock.Advance(time.Second)
				publishWith(w.World, w.Lists.Suspension, verifytest.SuspensionURL,
					statuslist.PublishOptions{Now: w.Clock.Now(), ValidFor: 30 * time.Minute})
			},
			func(_ *world, now time.Time) time.Time { return now.Add(30 * time.Minute) },
			func(w *world) {
				require.NoError(t, w.Lists.Suspension.Set(w.pass.Status[1].Index, 0))
				w.Lists.Publish()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{World: verifytest.NewWorld(t)}
			w.pass, w.in, w.c, w.q = w.Passport(), w.Intent(), w.Config(), w.Request()
			w.c.Skew = skew
			w.in.ExpiresAt = w.Clock.Now().Add(time.Hour)
			w.c.Bounds.IntentLifetime = time.Hour
			c.edit(w)
			signed := w.Issue(w.pass)
			raw := w.Present(signed, w.in)
			v, err := verify.New(w.c)
			require.NoError(t, err)
			now := w.Clock.Now()

			d, err := v.Verify(ctx, raw, w.q)
			require.Equal(t, c.want, d.Code(), err)
			want := c.until(w, now)
			var r *verify.Refusal
			require.ErrorAs(t, err, &r)
			require.True(t, want.Equal(r.Until()), "want %v, got %v", want, r.Until())
			require.ErrorContains(t, err, "ask again from "+want.UTC().Format(time.RFC3339))

			w.Clock.Set(r.Until().Add(-time.Nanosecond))
			_, err = v.Verify(ctx, raw, w.q)
			require.ErrorIs(t, err, c.want)
			w.Clock.Set(r.Until())
			if c.renew != nil {
				c.renew(w)
			}
			_, err = v.Verify(ctx, raw, w.q)
			require.NoError(t, err)
		})
	}
}

// What does not pass by itself says nothing; and a refusal with several reasons
// passes when the last of them does.
func TestUntilOfSeveralReasons(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	until := func(hours ...int) time.Time {
		var list []error
		for _, h := range hours {
			v := &verify.Violation{Code: verify.LedgerRateExceeded}
			if h > 0 {
				v.Until = at.Add(time.Duration(h) * time.Hour)
			}
			list = append(list, v)
		}
		_, err := verify.Refuse(at, list...)
		var r *verify.Refusal
		require.ErrorAs(t, err, &r)
		return r.Until()
	}
	require.Equal(t, at.Add(time.Hour), until(1))
	require.Equal(t, at.Add(3*time.Hour), until(1, 3, 2))
	require.True(t, until(1, 0, 2).IsZero())
	require.True(t, until(0).IsZero())
	require.True(t, (&verify.Refusal{}).Until().IsZero())

	set := func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) }
	for _, f := range []fault{
		{before: set},
		{ask: func(_ *verifytest.World, q *verify.Request) { q.MinAssurance = passport.L3 }},
		{before: func(w *verifytest.World, p *passport.Passport) { w.Clock.Set(p.ValidUntil) }},
		{before: func(w *verifytest.World, _ *passport.Passport) { w.Lists.Unsign(verifytest.RevocationURL) }},
	} {
		d, err := f.decide(t)
		require.Error(t, err)
		require.True(t, d.Violations[0].Until.IsZero(), d.Violations[0])
	}
}

// Precedence: of the denials of the first step that has one, what is final
// comes before what can pass by itself; a denial before what could not be found
// out.
func TestPrimaryCode(t *testing.T) {
	in := func(step verify.StepName, c verify.Code) error { return &verify.Violation{Step: step, Code: c} }
	const six, seven = verify.StepStatus, verify.StepAuthority
	suspended, revoked := in(six, verify.StatusSuspended), in(six, verify.StatusRevoked)
	paused, stale := in(six, verify.StatusIssuerPaused), in(six, verify.StatusStale)
	closed, dear := in(seven, verify.AuthorityOutsideTimeWindow), in(seven, verify.AuthorityAmountExceeded)
	for name, c := range map[string]struct {
		reasons []error
		want    verify.Code
	}{
		"revoked, suspended":            {[]error{revoked, suspended}, verify.StatusRevoked},
		"suspended, revoked":            {[]error{suspended, revoked}, verify.StatusRevoked},
		"paused, suspended, revoked":    {[]error{paused, suspended, revoked}, verify.StatusRevoked},
		"paused, suspended":             {[]error{paused, suspended}, verify.StatusIssuerPaused},
		"an earlier step first":         {[]error{suspended, dear}, verify.StatusSuspended},
		"stale, suspended, dear":        {[]error{stale, suspended, dear}, verify.StatusSuspended},
		"stale, dear":                   {[]error{stale, dear}, verify.AuthorityAmountExceeded},
		"closed, dear":                  {[]error{closed, dear}, verify.AuthorityAmountExceeded},
		"only what could not be found":  {[]error{stale, in(six, verify.StatusUnavailable)}, verify.StatusStale},
		"suspended, stale, and revoked": {[]error{suspended, stale, revoked}, verify.StatusRevoked},
	} {
		d, err := verify.Refuse(time.Time{}, c.reasons...)
		require.Equal(t, c.want, d.Code(), name)
		var r *verify.Refusal
		require.ErrorAs(t, err, &r)
		require.Equal(t, c.want, r.Code(), name)
	}

	// The same of a real passport, which is suspended and revoked.
	d, _ := fault{before: func(w *verifytest.World, p *passport.Passport) {
		w.Lists.Set(p.Status[1], 1)
		w.Lists.Set(p.Status[0], 1)
	}, pass: func(_ *verifytest.World, p *passport.Passport) {
		p.Status[0], p.Status[1] = p.Status[1], p.Status[0]
	}}.decide(t)
	require.Equal(t, verify.StatusRevoked, d.Code())
	require.Equal(t, verify.StatusSuspended, d.Violations[0].Code)
}
