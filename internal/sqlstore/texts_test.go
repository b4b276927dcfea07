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

// The text of a key is short enough for an index, is another one for another text, and is
// its own key.
func TestKeyText(t *testing.T) {
	const most = 300
	seen := map[string]string{}
	for _, n := range []int{0, 1, most / 6, most - 1, most, most + 1, 10_000} {
		for _, fill := range []string{"x", "y", "\x00", "\xff", "ü", "😀", quoted} {
			for _, end := range []string{"", "a", "b"} {
				s := strings.Repeat(fill, n) + end
				key := keyText(s, most)
				require.True(t, utf8.ValidString(key))
				require.False(t, strings.ContainsRune(key, 0))
				require.LessOrEqual(t, len(key), most)
				require.Equal(t, key, keyText(untext(key), most))
				if other, twice := seen[key]; twice {
					require.Equal(t, other, s)
				}
				if seen[key] = s; len(text(s)) <= most {
					require.Equal(t, s, untext(key))
				}
			}
		}
	}
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
