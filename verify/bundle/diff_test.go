package bundle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func lines(changes []bundle.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

// What an operator reads before a new bundle goes out.
func TestDiff(t *testing.T) {
	s := newSite(t)
	old := s.open(s.create())
	require.Empty(t, bundle.Diff(old, s.open(s.create())))

	s.Clock.Advance(time.Hour)
	s.Lists.Publish()
	next := s.open(s.edition(8, func(c *bundle.Contents) {
		c.DIDDocuments[0].Content = webDocument(t, "k2", "k3").Bytes()
		c.StatusLists = c.StatusLists[:1]
		c.Anchors[0].Ceilings = []passport.Money{passport.MustMoney("900.00", "USD")}
		c.Anchors[0].Actions, c.Anchors[0].MaxAssurance = nil, ""
		c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: verify.Anchor{Issuer: verifytest.Key("second issuer").DID()}})
	}))
	golden(t, "testdata/diff.txt", []byte(lines(bundle.Diff(old, next))))

	for _, c := range bundle.Diff(nil, next) {
		require.Contains(t, []string{"added", "changed"}, c.What)
	}
	for _, c := range bundle.Diff(next, nil) {
		require.Contains(t, []string{"removed", "changed"}, c.What)
	}
	require.Len(t, bundle.Diff(nil, next), 1+len(next.Info().Entries))
	require.Empty(t, bundle.Diff(nil, nil))
}
