package passport_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

const token = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"

// M6: an amount survives JSON, as a value, as a pointer, as a key, and zero.
func TestM6MoneyIsText(t *testing.T) {
	asset, err := passport.ParseAssetMoney("1.50", token, 6)
	require.NoError(t, err)
	for text, m := range map[string]passport.Money{
		"50.00 USD": passport.MustMoney("50.00", "USD"), "0 JPY": passport.MustMoney("0", "JPY"),
		"0.000001 USDC": passport.MustMoney("0.000001", "USDC"), "1.50 " + token + " 6": asset, "": {},
	} {
		raw, err := json.Marshal(struct {
			M passport.Money
			P *passport.Money
			K map[passport.Money]int
		}{m, &m, map[passport.Money]int{m: 1}})
		require.NoError(t, err)
		require.JSONEq(t, `{"M":"`+text+`","P":"`+text+`","K":{"`+text+`":1}}`, string(raw))
		var back struct{ M passport.Money }
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, m, back.M)
	}
	kept := passport.MustMoney("1.00", "EUR")
	for _, bad := range []string{
		" ", "50.00", "USD", "50.00USD", "50.00  USD", " 50.00 USD", "50.00 USD ", "50.00 USD 2", "50.00 usd", "-1 USD",
		"1e2 USD", "50.000 USD", "1.5 " + token, "1.5 " + token + " 06", "1.5 " + token + " x", "1.5 " + token + " 19",
		"1.5 " + token + " 6 6", "50,00 USD", "no amount",
	} {
		m := kept
		require.Error(t, m.UnmarshalText([]byte(bad)), bad)
		require.Equal(t, kept, m, bad)
	}
}

func FuzzMoneyText(f *testing.F) {
	for _, s := range []string{"50.00 USD", "", "1.50 " + token + " 6", "0 JPY", "50.00 USD 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m, again passport.Money
		if m.UnmarshalText([]byte(s)) != nil {
			return
		}
		text, err := m.MarshalText()
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalText(text))
		require.Equal(t, m, again)
		require.Equal(t, s, string(text), "one text for one amount")
		text, err = m.AppendText([]byte("spent "))
		require.NoError(t, err)
		require.Equal(t, "spent "+s, string(text))
	})
}
