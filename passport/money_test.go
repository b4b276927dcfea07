package passport_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

const dai = "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"

func TestMON01AmountsThatAreNoPlainDecimals(t *testing.T) {
	for _, amount := range []string{
		"1,000", "1e3", "1E3", "+1", "-1", "-0", "0x10", "0b1", "1_000", ".5", "5.", "01", "00", "00.5", " 1", "1 ", "1\n",
		"١", "１", "NaN", "Inf", "Infinity", "1/3", "", ".", "1.2.3", "1..2", "1.-2", "1.+2", "1.2e1", "$1", "1'000", "1.5\x00",
	} {
		t.Run(amount, func(t *testing.T) {
			m, err := passport.ParseMoney(amount, "USD")
			require.ErrorIs(t, err, code.EnvelopeMalformed)
			require.True(t, m.IsZero())
			_, err = passport.ParseAssetMoney(amount, dai, 18)
			require.ErrorIs(t, err, code.EnvelopeMalformed)
		})
	}
}

func TestMON02HugeAmounts(t *testing.T) {
	nines := strings.Repeat("9", 18)
	for _, amount := range []string{"1e1000000", strings.Repeat("9", 10_000), "1" + strings.Repeat("0", 18), nines + "9", "1." + strings.Repeat("0", 10_000)} {
		_, err := passport.ParseMoney(amount, "USD")
		require.ErrorIs(t, err, code.EnvelopeMalformed)
		require.Less(t, len(err.Error()), 300, "the error does not repeat what it was given")
	}
	m, err := passport.ParseAssetMoney(nines+"."+nines, dai, 18)
	require.NoError(t, err, "18 digits on both sides are the most")
	require.Equal(t, nines+"."+nines, m.Amount())
	_, err = passport.ParseAssetMoney(nines+"."+nines+"9", dai, 18)
	require.ErrorContains(t, err, "19 fraction digits")
}

func TestMON03NumbersAreNoAmounts(t *testing.T) {
	for _, number := range []string{"10", "0", "10.0", "1e1"} {
		_, err := decode(edited(t, largest(t), map[string]any{"/credentialSubject/maxTransactionAmount/amount": raw(number)}))
		require.Error(t, err, number)
		_, err = passport.ReadIntentUnverified(object(t, edited(t, goodIntent, map[string]any{"/transactionAmount/amount": raw(number)})))
		require.ErrorContains(t, err, "never a number")
	}
}

func TestMON04DecimalsOfTheCurrency(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		ok               bool
	}{
		{"10.00", "USD", true}, {"10.0", "USD", true}, {"10", "USD", true}, {"10.001", "USD", false}, {"10.000", "USD", false},
		{"1", "JPY", true}, {"1.5", "JPY", false}, {"1.0", "JPY", false}, {"1.", "JPY", false},
		{"3.125", "BHD", true}, {"3.1255", "BHD", false}, {"1", "ISK", true}, {"1.5", "ISK", false},
		{"1.000001", "USDC", true}, {"1.0000001", "USDC", false}, {"1.000001", "PYUSD", true}, {"0.000001", "EURC", true}, {"1.123456", "USDT", true},
	} {
		t.Run(c.amount+" "+c.currency, func(t *testing.T) {
			m, err := passport.ParseMoney(c.amount, c.currency)
			if !c.ok {
				require.ErrorIs(t, err, code.EnvelopeMalformed)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.amount, m.Amount())
			require.Equal(t, c.amount+" "+c.currency, m.String())
			require.Equal(t, c.currency, m.Currency())
		})
	}
	require.Equal(t, 3, passport.MustMoney("1", "TND").Decimals())
	require.Equal(t, 0, passport.MustMoney("1", "KRW").Decimals())
}

func TestMON05CurrenciesThatAreNone(t *testing.T) {
	for _, currency := range []string{"usd", "Usd", "USD ", " USD", "US$", "US", "USDX", "BTC", "XXX", "XAU", "XTS",
		"DEM", "", "USD,EUR", "USDC,", "USD\u200b", "ＵＳＤ", "USD\x00"} {
		m, err := passport.ParseMoney("1", currency)
		require.ErrorIs(t, err, code.EnvelopeMalformed, currency)
		require.True(t, m.IsZero())
	}
	_, ok := passport.MustMoney("1", "USD").Add(passport.MustMoney("1", "USDC"))
	require.False(t, ok, "there is no conversion")
}

func TestMON05AssetsByCAIP19(t *testing.T) {
	for _, asset := range []string{
		dai, "eip155:1/slip44:60", "bip122:000000000019d6689c085ae165831e93/slip44:0", "cosmos:cosmoshub-3/slip44:118",
		"eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769",
		"solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
	} {
		m, err := passport.ParseAssetMoney("1.5", asset, 6)
		require.NoError(t, err, asset)
		require.Equal(t, 6, m.Decimals())
	}
	for _, asset := range []string{
		"", "eip155:1", "eip155:1/", "eip155:1/erc20", "eip155:1/erc20:", ":1/erc20:x", "eip155:/erc20:x", "eip155/erc20:x", "EIP155:1/erc20:x", "ei:1/erc20:x",
		"eip155abc:1/erc20:x", "eip155:1/ERC20:x", "eip155:1/erc20:x/", "eip155:1/erc20:x/1/2", "eip155:1/erc20:x y",
		"eip155:1/erc20:é", "eip155:" + strings.Repeat("1", 33) + "/erc20:x",
		"eip155:1/erc20:" + strings.Repeat("x", 129), "eip155:1/erc20:x/" + strings.Repeat("1", 79), "USDC", "eip155:1:2/erc20:x",
	} {
		_, err := passport.ParseAssetMoney("1", asset, 6)
		require.ErrorIs(t, err, code.EnvelopeMalformed, asset)
	}
	for _, decimals := range []int{-1, 19, 1 << 40} {
		_, err := passport.ParseAssetMoney("1", dai, decimals)
		require.ErrorContains(t, err, "want 0 to 18")
	}
	_, err := passport.ParseMoney("1", dai)
	require.ErrorContains(t, err, "needs its number of decimals")
	_, err = passport.ParseAssetMoney("1.5", dai, 0)
	require.ErrorContains(t, err, "fraction digits")
	six, err := passport.ParseAssetMoney("1", dai, 6)
	require.NoError(t, err)
	seven, err := passport.ParseAssetMoney("1", dai, 7)
	require.NoError(t, err)
	require.False(t, six.SameAsset(seven), "one asset is counted in one way")
	require.True(t, six.SameAsset(six))
}

func TestTheZeroMoneyIsNoAmount(t *testing.T) {
	var none passport.Money
	require.True(t, none.IsZero())
	require.False(t, none.SameAsset(none))
	require.Equal(t, "no amount", none.String())
	require.Empty(t, none.Amount())
	_, ok := none.Add(none)
	require.False(t, ok)
	require.False(t, passport.MustMoney("0", "USD").IsZero(), "an amount of zero is an amount")
	require.Panics(t, func() { passport.MustMoney("1", "nope") })
}

// inUnits is an amount in units of 10^-18, by math/big.
func inUnits(m passport.Money) *big.Int {
	whole, frac, _ := strings.Cut(m.Amount(), ".")
	n, ok := new(big.Int).SetString(whole+frac+strings.Repeat("0", 18-len(frac)), 10)
	if !ok {
		panic(m.Amount())
	}
	return n
}

func randomMoney(r *rand.Rand) passport.Money {
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("0123456789990"[r.IntN(13)])
		}
		return b.String()
	}
	amount := strings.TrimLeft(digits(r.IntN(19)), "0")
	if amount == "" {
		amount = "0"
	}
	if n := r.IntN(19); n > 0 {
		amount += "." + digits(n)
	}
	m, err := passport.ParseAssetMoney(amount, dai, 18)
	if err != nil || m.Amount() != amount {
		panic(fmt.Sprint(amount, " reads as ", m.Amount(), ": ", err))
	}
	return m
}

// MON-07, MON-14: arithmetic is exact, and neither wraps nor goes below zero.
func TestMON07ArithmeticAgreesWithBigIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(36), nil)
	for range 20_000 {
		a, b := randomMoney(r), randomMoney(r)
		x, y := inUnits(a), inUnits(b)
		require.Equal(t, x.Cmp(y), a.Cmp(b), "%v %v", a, b)
		again, err := passport.ParseAssetMoney(a.Amount(), dai, 18)
		require.NoError(t, err)
		require.Equal(t, a, again, "written and read back")

		want := new(big.Int).Add(x, y)
		sum, ok := a.Add(b)
		require.Equal(t, want.Cmp(most) < 0, ok, "%v + %v", a, b)
		if ok {
			require.Zero(t, want.Cmp(inUnits(sum)), "%v + %v = %v", a, b, sum)
		} else {
			require.True(t, sum.IsZero())
		}
		want.Sub(x, y)
		difference, ok := a.Sub(b)
		require.Equal(t, want.Sign() >= 0, ok)
		if ok {
			require.Zero(t, want.Cmp(inUnits(difference)), "%v - %v = %v", a, b, difference)
		} else {
			require.True(t, difference.IsZero())
		}
	}
}

func TestMON06AmountsCompareByValue(t *testing.T) {
	require.Zero(t, passport.MustMoney("50", "USD").Cmp(passport.MustMoney("50.00", "USD")))
	require.Positive(t, passport.MustMoney("50.01", "USD").Cmp(passport.MustMoney("50", "USD")))
	require.Negative(t, passport.MustMoney("9.99", "USD").Cmp(passport.MustMoney("10", "USD")))
	sum, ok := passport.MustMoney("0.10", "USD").Add(passport.MustMoney("0.2", "USD"))
	require.True(t, ok)
	require.Equal(t, "0.30", sum.Amount())
}

func ExampleParseMoney() {
	limit, _ := passport.ParseMoney("50.00", "USD")
	price, _ := passport.ParseMoney("12.5", "USD")
	left, _ := limit.Sub(price)
	fmt.Println(left, price.Cmp(limit) <= 0)

	_, err := passport.ParseMoney("50.001", "USD")
	fmt.Println(err)
	// Output:
	// 37.50 USD true
	// envelope.malformed: amount "50.001" has 3 fraction digits, USD has 2
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"50.00", "0", "1e3", "01", "999999999999999999.999999999999999999", "1.", "-1", "١"} {
		f.Add(s, "USD", 18)
		f.Add(s, dai, 18)
	}
	f.Fuzz(func(t *testing.T, amount, currency string, decimals int) {
		m, err := passport.ParseMoney(amount, currency)
		if err != nil {
			m, err = passport.ParseAssetMoney(amount, currency, decimals)
		}
		if err != nil {
			require.True(t, m.IsZero())
			return
		}
		require.Equal(t, amount, m.Amount(), "what is accepted has one spelling")
		r, ok := new(big.Rat).SetString(amount)
		require.True(t, ok)
		require.Zero(t, r.Cmp(new(big.Rat).SetFrac(inUnits(m), new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))))
	})
}

// Amounts below the minor unit of a currency state more decimals than it has.
// They compare by value with amounts that state none: the code alone is the
// asset.
func TestDecimalsOfCurrencies(t *testing.T) {
	fine, err := passport.ParseAssetMoney("0.005", "USD", 4)
	require.NoError(t, err)
	require.Equal(t, "0.005 USD", fine.String())
	require.Equal(t, 4, fine.Decimals())
	cent := passport.MustMoney("0.01", "USD")
	require.True(t, fine.SameAsset(cent))
	require.True(t, cent.SameAsset(fine))
	require.Equal(t, -1, fine.Cmp(cent))
	two, ok := fine.Add(fine)
	require.True(t, ok)
	require.Zero(t, two.Cmp(cent))
	rest, ok := cent.Sub(fine)
	require.True(t, ok)
	require.Equal(t, "0.005 USD", rest.String())
	euro, err := passport.ParseAssetMoney("0.005", "EUR", 4)
	require.NoError(t, err)
	require.False(t, fine.SameAsset(euro))

	for _, c := range []struct {
		amount, currency string
		decimals         int
		ok               bool
	}{
		{"0.005", "USD", 3, true}, {"1", "USD", 9, true}, {"0.000000001", "USD", 9, true}, {"0.5", "JPY", 1, true}, {"0.0001", "KWD", 4, true},
		{"1", "USD", 10, false}, {"0.00001", "USD", 4, false}, {"1", "USD", 2, false}, {"1", "USD", 0, false},
		{"1", "USD", -1, false}, {"1", "KWD", 3, false}, {"1", "JPY", 0, false},
		{"1", "USDC", 6, false}, {"1", "USDC", 7, false}, {"1", "PYUSD", 9, false}, {"1", "XYZ", 3, false}, {"1", "", 3, false},
	} {
		_, err := passport.ParseAssetMoney(c.amount, c.currency, c.decimals)
		require.Equal(t, c.ok, err == nil, "%+v: %v", c, err)
	}
}
