package presenter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/presenter"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a host does to its list of passports afterwards changes nothing that is shown; a chain
// that is asked for is asked for each time.
func TestWhatIsShown(t *testing.T) {
	w := verifytest.NewWorld(t)
	chain := passport.Chain{w.Issue(w.Passport())}
	p := presenter.Presenter{
		Agent: w.Agent, Audience: verifytest.Audience, Chain: chain,
		Present: passport.PresentOptions{Now: w.Clock.Now},
	}
	require.NoError(t, p.Ready())
	want := chain[0].Text()
	chain[0] = w.Issue(w.Passport())
	shown, err := p.For(t.Context(), w.Intent())
	require.NoError(t, err)
	require.Equal(t, want, shown.Unverified().Credentials[0].Text())

	asked := 0
	p.Renew = func(context.Context) (passport.Chain, error) {
		if asked++; asked > 1 {
			return nil, errors.New("the office is closed")
		}
		return chain, nil
	}
	shown, err = p.For(t.Context(), w.Intent())
	require.NoError(t, err)
	require.Equal(t, chain[0].Text(), shown.Unverified().Credentials[0].Text())
	_, err = p.For(t.Context(), w.Intent())
	require.ErrorContains(t, err, "the office is closed")
}

// A configuration that presents nothing is refused for every reason at once.
func TestReady(t *testing.T) {
	p := presenter.Presenter{Present: passport.PresentOptions{Challenge: "one for all"}}
	err := p.Ready()
	for _, want := range []string{"Agent is nil", "Audience is empty", "Renew nil", "Challenge is set"} {
		require.ErrorContains(t, err, "config.")
		require.ErrorContains(t, err, want)
	}
}
