package decimal_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/decimal"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "50": "50", "50.00": "50", "49.95": "49.95", "1e22": "10000000000000000000000", "1.5E-7": "0.00000015",
		"-0.005": "-0.005", "123e-2": "1.23", "1000e-3": "1", "1.50e1": "15", "0.30000000000000004": "0.30000000000000004",
	} {
		d, ok := decimal.Parse(text)
		require.True(t, ok, text)
		require.Equal(t, want, d.String(), text)
	}
	for _, text := range []string{"", "-", "+1", "01", "1.", ".5", "1e", "1e+-2", "0x1", " 1", "1_0", "NaN", "1e1025", "1e-1025", "1e99999999999999999999"} {
		_, ok := decimal.Parse(text)
		require.False(t, ok, text)
	}
}

func TestUnits(t *testing.T) {
	d, _ := decimal.Parse("-1.259")
	require.Equal(t, "-125", d.Units(2).String())
	require.Equal(t, "-12590", d.Units(4).String())
	require.Equal(t, 3, d.Fraction())
	require.Equal(t, -1, d.Sign())
}

// A Decimal is the rational number of its text, and its text is that of the same number.
func FuzzParse(f *testing.F) {
	f.Add("1.5e-7", "15e-8")
	f.Add("-0", "0.0")
	f.Fuzz(func(t *testing.T, a, b string) {
		d, ok := decimal.Parse(a)
		e, ok2 := decimal.Parse(b)
		if !ok || !ok2 {
			return
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		require.Equal(t, x.Cmp(y), d.Cmp(&e))
		again, ok := decimal.Parse(d.String())
		require.True(t, ok || len(d.String()) > 1000)
		if ok {
			require.Zero(t, d.Cmp(&again))
		}
	})
}
