package passport

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Numbers of a call are compared with a bound exactly, however they are written.
func TestAtMostIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(29, 11))
	digits := func(most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			b.WriteByte("0001234567899"[random.IntN(13)])
		}
		return b.String()
	}
	bounds := []int64{0, 1, 5, 9, 10, 100, 999, math.MaxInt64, math.MaxInt64 - 1, -1, -10, math.MinInt64, 1<<53 - 1, 1 << 53}
	texts := []string{"-0", "-0.0", "0e400", "9223372036854775807.0", "9223372036854775807.1", "9223372036854775808",
		"18446744073709551615", "18446744073709551616", "-9223372036854775808.0", "-9223372036854775809", "1E2", "1e+2", "0.05e2", "10.0e-1"}
	for range 20_000 {
		text := strings.TrimLeft(digits(20), "0")
		if text == "" {
			text = "0"
		}
		if random.IntN(2) == 0 {
			text += "." + digits(20)
		}
		if random.IntN(2) == 0 {
			text += fmt.Sprintf("e%d", random.IntN(60)-30)
		}
		texts = append(texts, []string{"", "-"}[random.IntN(2)]+text)
	}
	for _, text := range texts {
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<10))
		require.NoError(t, err, text)
		want, ok := new(big.Rat).SetString(text)
		require.True(t, ok, text)
		near := bounds
		if whole := new(big.Int).Quo(want.Num(), want.Denom()); whole.IsInt64() {
			near = append(near[:len(near):len(near)], whole.Int64(), whole.Int64()+1, whole.Int64()-1)
		}
		for _, bound := range near {
			require.Equal(t, want.Cmp(new(big.Rat).SetInt64(bound)) <= 0, atMost(v, bound), "%s <= %d", text, bound)
		}
	}
}
