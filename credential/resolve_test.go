package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// A parser that was resolved reads as before, and no more than its bounds say
// now.
func TestParserResolve(t *testing.T) {
	p, err := credential.Parser{Bounds: credential.Bounds{StatusEntries: 3}}.Prepared(nil)
	require.NoError(t, err)
	require.Equal(t, 3, p.Bounds.StatusEntries)
	require.Positive(t, p.Bounds.DocumentBytes)
	_, err = p.Credential([]byte(small(t)))
	require.NoError(t, err)

	p.Bounds.DocumentBytes = 10
	_, err = p.Credential([]byte(small(t)))
	require.Equal(t, code.EnvelopeTooLarge, code.Of(err))
	p.Bounds.DocumentBytes = -1
	_, err = p.Credential([]byte(small(t)))
	require.Equal(t, code.RequestInvalid, code.Of(err))
	_, err = p.Presentation([]byte(small(t)))
	require.Equal(t, code.RequestInvalid, code.Of(err))
	_, err = p.Prepared(nil)
	require.Equal(t, code.RequestInvalid, code.Of(err))
}

// Bounds that were resolved are not resolved again for each document.
func TestParserResolveIsOnce(t *testing.T) {
	p := credential.Parser{Bounds: credential.Bounds{StatusEntries: 3}}
	resolved, err := p.Prepared(nil)
	require.NoError(t, err)
	raw := []byte(small(t))
	allocs := func(p credential.Parser) float64 {
		return testing.AllocsPerRun(100, func() {
			if _, err := p.Credential(raw); err != nil {
				t.Fatal(err)
			}
		})
	}
	require.Less(t, allocs(resolved), allocs(p))
}
