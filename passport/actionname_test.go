package passport_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// G: names of tools as other systems write them, each with an action of its own.
func TestGActionFromName(t *testing.T) {
	for name, want := range map[string]string{
		"get_weather": "get_weather", "get-weather": "get-weather", "v2": "v2", "_": "_", "-": "-", "a-": "a-", "-a": "-a",
		"getWeather": "get--weather", "GetWeather": "--get--weather", "HTTP": "--h--t--t--p",
		"files/read": "files--02fread", "payments.charge": "payments--02echarge", "payments:charge": "payments--03acharge",
		"a b": "a--020b", "a--b": "a--02d-b", "a---b": "a--02d--02d-b", "a-B": "a--02d--b", "B-a": "--b-a", "a--": "a--02d-",
		"get--weather": "get--02d-weather", "--02f": "--02d-02f", "*": "--02a", "payments.*": "payments--02e--02a",
		"prüfen": "pr--0c3--0bcfen", "\xff": "--0ff", "\x00": "--000", "mcp__files__read": "mcp__files__read",
	} {
		got, err := passport.ActionFromName(name)
		require.NoError(t, err, name)
		require.Equal(t, want, got)
		require.NoError(t, passport.CheckAction(got))
		back, err := passport.NameFromAction(got)
		require.NoError(t, err)
		require.Equal(t, name, back)
	}
	for _, name := range []string{"", strings.Repeat("a", 257), strings.Repeat("A", 86), strings.Repeat("/", 1<<20)} {
		_, err := passport.ActionFromName(name)
		require.Error(t, err)
	}
	longest, err := passport.ActionFromName(strings.Repeat("a", 256))
	require.NoError(t, err)
	require.Len(t, longest, 256)
	for _, action := range []string{
		"", "a.b", "a:b", "--", "a--", "--0", "--02", "--02F", "--0zz", "--1", "--061", "--041", "--05f", "a--02db", "---", "--A", "A", "*",
	} {
		_, err := passport.NameFromAction(action)
		require.Error(t, err, action)
	}
}

// G: no two names share an action, and each is found again; a name stays in its
// one segment, so that a prefix of the host's own covers it and nothing else.
func TestGActionsOfNamesAreDistinct(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 7))
	const alphabet = "aab0_--AZ./: \xc3\xbc*"
	seen := map[string]string{}
	for range 20_000 {
		name := make([]byte, 1+r.IntN(7))
		for i := range name {
			name[i] = alphabet[r.IntN(len(alphabet))]
		}
		action, err := passport.ActionFromName(string(name))
		require.NoError(t, err)
		if other, ok := seen[action]; ok {
			require.Equal(t, other, string(name), "both are %s", action)
		}
		seen[action] = string(name)
		require.NoError(t, passport.CheckAction(action))
		require.NotContains(t, action, ".")
		require.NotContains(t, action, ":")
		back, err := passport.NameFromAction(action)
		require.NoError(t, err)
		require.Equal(t, string(name), back)
		require.True(t, passport.ActionCovers("mcp.*", "mcp."+action))
		require.False(t, passport.ActionCovers("mcp.payments.*", "mcp."+action))
	}
}

func FuzzActionFromName(f *testing.F) {
	for _, name := range []string{"getWeather", "a--B", "--0c3", "files/read", "-", "\xff-Z-"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if action, err := passport.ActionFromName(text); err == nil {
			require.NoError(t, passport.CheckAction(action))
			back, err := passport.NameFromAction(action)
			require.NoError(t, err)
			require.Equal(t, text, back)
		}
		if name, err := passport.NameFromAction(text); err == nil {
			action, err := passport.ActionFromName(name)
			require.NoError(t, err)
			require.Equal(t, text, action)
		}
	})
}
