package code_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

// A stranger's text, such as the name of a member, begins no line of its own.
func TestErrorsPrintAsOneLine(t *testing.T) {
	for _, c := range []string{"\n", "\r", "\x1b[2J", "\u2028", "\u202e", "\x00", "\xff", "\u00a0"} {
		e := &code.Error{Code: code.EnvelopeMalformed, Path: "/a" + c + "b", Detail: "x" + c, Limit: c, Actual: c, Hint: c, Err: errors.New("y" + c)}
		for _, r := range e.Error() {
			require.True(t, strconv.IsPrint(r), "%q in %q", r, e.Error())
		}
	}
	plain := &code.Error{Code: code.EnvelopeMalformed, Path: "/é/日本", Detail: `a "b" – c`}
	require.Equal(t, `envelope.malformed at /é/日本: a "b" – c`, plain.Error())
}
