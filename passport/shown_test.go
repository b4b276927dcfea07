package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A presentation says what it asks for, and whom; a passport alone asks for nothing; what
// is neither has the error of the one that it seems to be.
func TestReadShownUnverified(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	s, err := passport.ReadShownUnverified(w.Present(pass, w.Intent()))
	require.NoError(t, err)
	require.Len(t, s.Chain, 1)
	require.Equal(t, verifytest.Audience, s.Audience)
	require.Equal(t, w.Intent().Action, s.Intent.Action)

	s, err = passport.ReadShownUnverified(pass.Bytes())
	require.NoError(t, err)
	require.Equal(t, &passport.Shown{Chain: s.Chain}, s)
	require.Equal(t, pass.Bytes(), s.Chain[0].Bytes())

	for _, text := range []string{``, `{}`, `{"type":"VerifiablePresentation"}`} {
		s, err := passport.ReadShownUnverified([]byte(text))
		require.Error(t, err, text)
		require.Nil(t, s)
	}
	_, err = passport.ReadShownUnverified([]byte(`{"type":"VerifiablePresentation"}`))
	require.ErrorIs(t, err, code.EnvelopeContext)
}
