package sqlstore

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// Any text comes back as it was, and none has what an engine refuses.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "payments.charge", "a\x00b", "\xff", quoted, quoted + `"x"`, "\x1a\x1a", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		column := text(s)
		require.True(t, utf8.ValidString(column))
		require.False(t, strings.ContainsRune(column, 0))
		require.Equal(t, s, untext(column))
	})
}

// limbs added up by an engine are the sum of the quantities.
func FuzzLimbs(f *testing.F) {
	f.Add(uint64(0), uint64(1), uint64(1)<<62, ^uint64(0))
	f.Fuzz(func(t *testing.T, hi1, lo1, hi2, lo2 uint64) {
		a, b := verify.Quantity{Hi: hi1, Lo: lo1}, verify.Quantity{Hi: hi2, Lo: lo2}
		x, y := limbs(a), limbs(b)
		for i := range x {
			x[i] += y[i]
		}
		require.Equal(t, a.Add(b), fromLimbs(x))
	})
}
