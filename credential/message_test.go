package credential_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// A message of another protocol may be longer than a credential, and is read as
// strictly.
func TestParseMessage(t *testing.T) {
	long := `{"text":"` + strings.Repeat("x", 1<<20-11) + `"}`
	require.Len(t, long, 1<<20)
	_, err := credential.ParseMessage(long, 1<<20)
	require.NoError(t, err)
	_, err = credential.ParseMessage(long, 1<<20-1)
	require.ErrorIs(t, err, code.EnvelopeTooLarge)
	_, err = credential.ParseMessage("["+strings.Repeat("1,", 16383)+"1]", 1<<20)
	require.NoError(t, err)
	_, err = credential.ParseMessage("["+strings.Repeat("1,", 16384)+"1]", 1<<20)
	require.ErrorIs(t, err, code.EnvelopeTooLarge)
	for _, bad := range []string{``, `{"a":1,"a":2}`, `{} x`, "{\"a\":\"\xff\"}"} {
		_, err := credential.ParseMessage(bad, 1<<20)
		require.ErrorIs(t, err, code.EnvelopeMalformed, bad)
	}
}

// The canonical form is that of RFC 8785, and nothing of what is absent.
func TestCanonicalJSON(t *testing.T) {
	v, err := credential.ParseMessage("{ \"b\": 1.50, \"a\": \"\\u0041\" }", 1<<10)
	require.NoError(t, err)
	require.Equal(t, `{"a":"A","b":1.5}`, string(credential.CanonicalJSON(v)))
	require.Nil(t, credential.CanonicalJSON(v.Get("c")))
}
