package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ids that differ are two decisions, also where they are spellings of one ULID.
func TestDecisionIDsHaveOneSpelling(t *testing.T) {
	s := newSecret()
	const good = "01KQZ3E5P4M8T6W2A9B7C1D0XY"
	require.False(t, s.idOf(good).other)
	seen := map[decisionID]string{s.idOf(good): good}
	for _, id := range []string{
		"01kqz3e5p4m8t6w2a9b7c1d0xy", "01KQZ3E5P4M8T6W2A9B7C1D0Xy", "81KQZ3E5P4M8T6W2A9B7C1D0XY", "01KQZ3E5P4M8T6W2A9B7C1D0XU",
		"0IKQZ3E5P4M8T6W2A9B7C1D0XY", "O1KQZ3E5P4M8T6W2A9B7C1D0XY", good + " ", "", good[1:],
	} {
		got := s.idOf(id)
		require.True(t, got.other, id)
		require.NotContains(t, seen, got, id)
		seen[got] = id
	}
}
