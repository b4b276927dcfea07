package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What is remembered of proven passports can be seen: hits by what was saved,
// misses by what was checked, and nothing by what strangers show.
func TestStatsOfProvenDocuments(t *testing.T) {
	w, wi, _, p, _ := webWorld(t)
	v := w.Verifier(remembering, func(c *verify.Config) {
		c.Anchors = append(c.Anchors, verify.Anchor{Issuer: wi.id})
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
	})
	signed, err := passport.Issue(ctx, wi.signer, w.Passport(func(q *passport.Passport) { q.Status = p.Status }),
		passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	show := func(raw []byte) { _, _ = v.Verify(ctx, raw, w.Request()) }
	require.Equal(t, verify.Stats{}, v.Stats())
	require.Zero(t, v.Stats().HitRate())

	show(w.Present(signed, w.Intent()))
	require.Equal(t, verify.Stats{ProvenMisses: 1, ProvenHeld: 1}, v.Stats())
	for range 3 {
		show(w.Present(signed, w.Intent()))
	}
	require.Equal(t, verify.Stats{ProvenHits: 3, ProvenMisses: 1, ProvenHeld: 1}, v.Stats())
	require.InDelta(t, 0.75, v.Stats().HitRate(), 1e-9)

	show(replace(`"50.00"`, `"90.00"`)(w, w.Present(signed, w.Intent()))) // a forgery
	stranger := *verifytest.NewWorld(t)
	stranger.Issuer = verifytest.Key("stranger")
	show(stranger.Present(stranger.Issue(stranger.Passport()), stranger.Intent()))
	show([]byte("{"))
	require.Equal(t, verify.Stats{ProvenHits: 3, ProvenMisses: 1, ProvenHeld: 1}, v.Stats())

	// A refusal after the proof was saved its work all the same.
	w.Lists.Set(p.Status[0], 1)
	show(w.Present(signed, w.Intent()))
	require.EqualValues(t, 4, v.Stats().ProvenHits)

	// Under another key the proof is looked at again, and does not hold.
	wi.rotate(t, "key of 2027")
	show(w.Present(signed, w.Intent()))
	require.Equal(t, verify.Stats{ProvenHits: 4, ProvenMisses: 1, ProvenHeld: 1}, v.Stats())

	none := w.Verifier()
	_, _ = none.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.Equal(t, verify.Stats{}, none.Stats())
}
