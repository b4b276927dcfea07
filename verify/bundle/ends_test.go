package bundle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// D9: no entry promises more than its content, and what ends first is told: of
// lists, of credentials, by their own end and by that of a proof, and of lists
// that state no end by the greatest age at which anybody takes them.
func TestD9NoLongerThanTheContent(t *testing.T) {
	const week, day = 7 * 24 * time.Hour, 24 * time.Hour
	s := newSite(t)
	now := s.Clock.Now()
	s.Clock.Advance(time.Second)
	hour := statuslist.PublishOptions{Now: s.Clock.Now(), ValidFor: time.Hour}
	editions, err := s.Lists.Suspension.Publish(ctx, s.Issuer, hour)
	require.NoError(t, err)
	brief := editions[0].Raw
	endless := func() []byte {
		l, err := credential.Parser{StatusList: true}.Credential(s.Lists.Get(verifytest.RevocationURL))
		require.NoError(t, err)
		m := *l.Unverified()
		m.ValidUntil = time.Time{}
		signed, err := credential.Sign(ctx, s.Issuer, &m, credential.SignOptions{Created: now})
		require.NoError(t, err)
		return signed.Bytes()
	}
	will := func(until, expires time.Time) []byte {
		m := *consent(t).Unverified()
		m.ValidUntil = until
		o := credential.SignOptions{Created: now, Expires: expires}
		signed, err := credential.Sign(ctx, verifytest.Key("ada"), &m, o)
		require.NoError(t, err)
		return signed.Bytes()
	}
	for name, c := range map[string]struct {
		edit  func(*bundle.Contents)
		entry string
		ends  time.Duration // from now; zero: with the bundle
	}{
		"a list for a day": {func(c *bundle.Contents) {
			c.StatusLists[0].UseBy = time.Time{}
		}, verifytest.RevocationURL, day},
		"a list for an hour": {func(c *bundle.Contents) {
			c.StatusLists[1] = bundle.Item{Content: brief}
		}, verifytest.SuspensionURL, time.Hour + time.Second},
		"a promise beyond its end": {func(c *bundle.Contents) {
			c.StatusLists[0].UseBy = c.ValidUntil
		}, verifytest.RevocationURL, day},
		"less than its end": {func(c *bundle.Contents) {
			c.StatusLists[0].UseBy = now.Add(time.Hour)
		}, verifytest.RevocationURL, time.Hour},
		"a list without an end": {func(c *bundle.Contents) {
			c.StatusLists = []bundle.Item{{Content: endless()}}
		}, verifytest.RevocationURL, week},
		"a consent with an end": {func(c *bundle.Contents) {
			c.Credentials[0].Content = will(now.Add(2*time.Hour), time.Time{})
		}, consentID, 2 * time.Hour},
		"a proof with an end": {func(c *bundle.Contents) {
			c.Credentials[0].Content = will(now.Add(day), now.Add(3*time.Hour))
		}, consentID, 3 * time.Hour},
		"a consent for years": {func(c *bundle.Contents) {
			c.Credentials[0].Content = will(now.Add(50*week), time.Time{})
		}, consentID, 0},
	} {
		t.Run(name, func(t *testing.T) {
			raw := s.create(func(x *bundle.Contents) {
				x.Created, x.ValidUntil = now, now.Add(2*week)
				c.edit(x)
			})
			in := s.open(raw).Info()
			written, err := bundle.Inspect(raw)
			require.NoError(t, err)
			require.Equal(t, in.Entries, written.Entries)
			want := now.Add(c.ends)
			if c.ends == 0 {
				want = in.ValidUntil
			}
			i := slices.IndexFunc(in.Entries, func(e bundle.Entry) bool { return e.ID == c.entry })
			require.True(t, want.Equal(in.Entries[i].UseBy), "want %s, got %s", want, in.Entries[i].UseBy)
			require.Empty(t, in.Missing())
			require.NotNil(t, in.EndsFirst())
			require.False(t, in.EndsFirst().UseBy.After(want))
		})
	}
}

// D9: so it is in a bundle of another maker, which says otherwise; and what has
// ended when a bundle is made is missing from the first.
func TestD9WhateverTheBundleSays(t *testing.T) {
	s := newSite(t)
	now := s.Clock.Now()
	raw := s.resign(s.create(), func(m object) { entry(m, bundle.StatusLists)["useBy"] = m["validUntil"] })
	b := s.open(raw)
	in := b.Info()
	require.Equal(t, now.Add(24*time.Hour), in.EndsFirst().UseBy)
	s.Clock.Advance(24 * time.Hour)
	_, err := b.StatusList(ctx, verifytest.RevocationURL)
	require.ErrorIs(t, err, verify.StatusStale)

	late := s.contents(func(c *bundle.Contents) {
		c.StatusLists[0].UseBy, c.StatusLists[1].UseBy = time.Time{}, time.Time{}
	})
	raw, err = bundle.Create(ctx, s.operator, late, bundle.CreateOptions{})
	require.NoError(t, err)
	in = s.open(raw).Info()
	require.Len(t, in.Missing(), 2)
	require.Nil(t, in.EndsFirst(), "what is over does not end any more")
}
