package passport_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// S1: no date of a passport, an intent or a consent reads as "none" because it
// is Go's zero time, which means that.
func TestS1NoDateReadsAsNone(t *testing.T) {
	zeros := []string{"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "0000-12-31T22:00:00-02:00", "1969-12-31T23:59:59Z"}
	_, err := decode(largest(t))
	require.NoError(t, err, "the good twin")
	for _, zero := range zeros {
		for _, path := range []string{"/validFrom", "/validUntil", "/credentialSubject/assurance/verifiedAt"} {
			refuse(t, edited(t, largest(t), map[string]any{path: zero}), code.EnvelopeMalformed, path)
		}
		for _, path := range []string{"/issuedAt", "/expiresAt"} {
			_, err := readIntent(t, map[string]any{path: zero})
			require.ErrorIs(t, err, code.EnvelopeMalformed)
			require.ErrorContains(t, err, path)
		}
	}
	// What would be refused is not signed.
	person := keyOf(t, 3)
	good := passport.Acceptance{Agreement: "urn:x:a", Kind: "terms", Version: "1", TextDigest: digestA, AcceptedAt: time.Unix(0, 0)}
	_, err = passport.IssueAcceptance(context.Background(), person, good, passport.IssueOptions{Now: at(instant)})
	require.NoError(t, err)
	for _, old := range []time.Time{time.Unix(-1, 0), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		a := good
		a.AcceptedAt = old
		_, err = passport.IssueAcceptance(context.Background(), person, a, passport.IssueOptions{Now: at(instant)})
		require.ErrorIs(t, err, code.EnvelopeMalformed)
		a = good
		a.ValidUntil = old
		_, err = passport.IssueAcceptance(context.Background(), person, a, passport.IssueOptions{Now: at(instant)})
		require.ErrorIs(t, err, code.EnvelopeMalformed)
		_, err = passport.IssueManifestation(context.Background(), person, passport.Manifestation{
			StatementDigest: digestA, ValidFrom: old.AddDate(-1, 0, 0), ValidUntil: old,
		}, passport.IssueOptions{Now: at(instant)})
		require.ErrorIs(t, err, code.EnvelopeMalformed)
	}
}
