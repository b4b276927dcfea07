package passport_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

const erc20 = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"

// G: amounts as payment APIs have them, in minor units of a currency.
func TestGMinorUnits(t *testing.T) {
	for _, row := range []struct {
		units    int64
		currency string
		want     string
	}{
		{1050, "USD", "10.50 USD"}, {5, "EUR", "0.05 EUR"}, {0, "EUR", "0.00 EUR"}, {100, "EUR", "1.00 EUR"},
		{1050, "JPY", "1050 JPY"}, {0, "JPY", "0 JPY"}, {1, "KWD", "0.001 KWD"}, {12345, "KWD", "12.345 KWD"},
		{1050, "USDC", "0.001050 USDC"}, {1_000_000, "PYUSD", "1.000000 PYUSD"},
		{math.MaxInt64, "USD", "92233720368547758.07 USD"}, {math.MaxInt64, "USDC", "9223372036854.775807 USDC"},
	} {
		m, err := passport.MinorUnits(row.units, row.currency)
		require.NoError(t, err, row.want)
		require.Equal(t, row.want, m.String())
		require.Equal(t, strconv.FormatInt(row.units, 10), m.AtomicUnits())
		same, err := passport.ParseMoneyText(row.want)
		require.NoError(t, err)
		require.Equal(t, same, m)
	}
	for _, row := range []struct {
		units    int64
		currency string
	}{{-1, "USD"}, {math.MinInt64, "USD"}, {math.MaxInt64, "JPY"}, {1, "usd"}, {1, ""}, {1, "XXX"}, {1, erc20}} {
		_, err := passport.MinorUnits(row.units, row.currency)
		require.Error(t, err, row)
	}
	for _, units := range []string{"", "-1", "+1", "1.0", "01", "00", "1e3", " 1", "1,000", "١", "123456789012345678901"} {
		_, err := passport.ParseMinorUnits(units, "USD")
		require.Error(t, err, units)
		_, err = passport.ParseAtomicUnits(units, erc20, 2)
		require.Error(t, err, units)
	}
	most, err := passport.ParseMinorUnits("99999999999999999999", "USD")
	require.NoError(t, err)
	require.Equal(t, "999999999999999999.99 USD", most.String())
}

// G: amounts as ledgers have them, in the smallest units of an asset.
func TestGAtomicUnits(t *testing.T) {
	for _, row := range []struct {
		units, asset string
		decimals     int
		want         string
	}{
		{"1500000", erc20, 6, "1.500000"}, {"1", erc20, 18, "0.000000000000000001"}, {"7", erc20, 0, "7"}, {"0", erc20, 6, "0.000000"},
		{"999999999999999999999999999999999999", erc20, 18, "999999999999999999.999999999999999999"},
		{"5", "USD", 3, "0.005"}, {"1", "USD", 9, "0.000000001"}, {"15", "JPY", 1, "1.5"},
	} {
		m, err := passport.ParseAtomicUnits(row.units, row.asset, row.decimals)
		require.NoError(t, err, row)
		require.Equal(t, row.want, m.Amount())
		require.Equal(t, row.asset, m.Currency())
		require.Equal(t, row.decimals, m.Decimals())
		require.Equal(t, row.units, m.AtomicUnits())
		same, err := passport.ParseAssetMoney(row.want, row.asset, row.decimals)
		require.NoError(t, err)
		require.Equal(t, same, m)
	}
	for _, row := range []struct {
		asset    string
		decimals int
	}{{erc20, -1}, {erc20, 19}, {"USD", 2}, {"USD", 1}, {"USD", 10}, {"USDC", 6}, {"eip155:1", 6}, {"", 6}, {"USD", math.MaxInt}} {
		_, err := passport.ParseAtomicUnits("1", row.asset, row.decimals)
		require.Error(t, err, row)
	}
	require.Empty(t, passport.Money{}.AtomicUnits())
}

// G: units and amounts are the same number, for every asset; below the minor
// unit, too, where amounts of one currency compare by value.
func TestGUnitsAgreeWithBigIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 11))
	for range 2_000 {
		n := new(big.Int)
		for range 1 + r.IntN(3) {
			n.Lsh(n, uint(r.IntN(50))).Add(n, big.NewInt(r.Int64N(1<<40)))
		}
		decimals := r.IntN(19)
		m, err := passport.ParseAtomicUnits(n.String(), erc20, decimals)
		if len(n.String()) > 18+decimals {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, n.String(), m.AtomicUnits())
		hi, lo := m.Units()
		value := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64), new(big.Int).SetUint64(lo))
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(18-decimals)), nil)
		require.Equal(t, new(big.Int).Mul(n, scale).String(), value.String())
	}
	cent, err := passport.MinorUnits(1, "USD")
	require.NoError(t, err)
	fine, err := passport.ParseAtomicUnits("10000000", "USD", 9)
	require.NoError(t, err)
	require.True(t, cent.SameAsset(fine))
	require.Zero(t, cent.Cmp(fine))
	require.Equal(t, "10000000", fine.AtomicUnits())
	sum, ok := cent.Add(fine)
	require.True(t, ok)
	require.Equal(t, "20000000", sum.AtomicUnits(), "in the finer unit of the two")
}
