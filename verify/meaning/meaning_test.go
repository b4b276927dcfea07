package meaning_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

func ExampleCall_Act() {
	charge := meaning.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to"}
	arguments, _ := credential.ParseValue(`{"amount": "12.50", "to": "did:web:shop.example", "note": "thanks"}`)
	act, err := charge.Act(arguments)
	fmt.Println(act.Action, act.Amount, act.Payee, err)
	// Output: payments.charge 12.50 USD did:web:shop.example <nil>
}

var full = meaning.Call{
	Action: "payments.charge", Resource: "/order/id", Payee: "/to", Category: "compute", Rail: "/rail", Region: "/region",
	Amount: "/price/value", Currency: "/price/currency", Attributes: map[string]string{"rows": "/rows", "deep": "/order"},
}

func value(t testing.TB, text string) credential.Value {
	v, err := credential.ParseMessage(text, 1<<20)
	require.NoError(t, err)
	return v
}

// Every member comes from where it is declared, as it is written.
func TestAct(t *testing.T) {
	act, err := full.Act(value(t, `{"order":{"id":42},"to":"x","rail":"tempo","region":"DE","price":{"value":1.50,"currency":"EUR"},"rows":7}`))
	require.NoError(t, err)
	require.Equal(t, `{"deep":{"id":42},"rows":7}`, act.Attributes.Raw())
	act.Attributes = credential.Value{}
	require.Equal(t, passport.Act{
		Action: "payments.charge", Resource: "42", Payee: "x", Category: "compute", Rail: "tempo", Region: "DE",
		Amount: passport.MustMoney("1.50", "EUR"),
	}, act)
	// What is not there is not stated, an attribute that is null neither.
	act, err = (&meaning.Call{Action: "a.b", Payee: "/to", Attributes: map[string]string{"n": "/n"}}).Act(value(t, `{"n":null}`))
	require.NoError(t, err)
	require.Equal(t, passport.Act{Action: "a.b"}, act)
	act, err = (&meaning.Call{Action: "a.b"}).Act(credential.Value{})
	require.NoError(t, err)
	require.Equal(t, passport.Act{Action: "a.b"}, act)
}

// MON: amounts are exact, in each form that is declared, or refused.
func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		call meaning.Call
		args string
		want string
	}{
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":"12.50"}`, "12.50 USD"},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":12.5}`, "12.5 USD"},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":0}`, "0 USD"},
		{meaning.Call{Amount: "/a"}, `{"a":"12.50 EUR"}`, "12.50 EUR"},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":1250}`, "12.50 USD"},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":"1250"}`, "12.50 USD"},
		{meaning.Call{Amount: "0.10", Currency: "USD"}, `{}`, "0.10 USD"},

		{meaning.Call{Amount: "/a", Currency: "USD"}, `{}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":""}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":null}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":{}}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":1e2}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":-1}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":"1,000"}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD"}, `{"a":"0.001"}`, ""},
		{meaning.Call{Amount: "/a", Currency: "/c"}, `{"a":"1.00","c":{}}`, ""},
		{meaning.Call{Amount: "/a", Currency: "/c"}, `{"a":"1.00"}`, ""},
		{meaning.Call{Amount: "/a"}, `{"a":"12.50"}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":12.5}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":"+5"}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":"007"}`, ""},
		{meaning.Call{Amount: "/a", Currency: "USD", MinorUnits: true}, `{"a":-5}`, ""},
	} {
		c.call.Action = "payments.charge"
		require.NoError(t, c.call.Check())
		act, err := c.call.Act(value(t, c.args))
		if c.want == "" {
			require.Error(t, err, c.args)
			require.True(t, act.Amount.IsZero())
			continue
		}
		require.NoError(t, err, c.args)
		require.Equal(t, c.want, act.Amount.String())
	}
}

// PAR-03, PAR-11: what two readers may take for different calls is refused, with
// words that quote nothing.
func TestPAR03PAR11DoubtfulArguments(t *testing.T) {
	good := `{"order":{"id":"7"},"to":"x","rail":"tempo","region":"DE","price":{"value":"1.50","currency":"EUR"},"rows":7}`
	_, err := full.Act(value(t, good))
	require.NoError(t, err)
	for _, change := range [][2]string{
		{`"to":"x"`, `"TO":"x"`},
		{`"to":"x"`, `"to":"x","To":"y"`},
		{`"rail"`, "\"ra\u0131l\":1,\"RAIL\""},
		{`"rows":7`, `"ROWS":7`},
		{`"value"`, `"Value":"9","value"`},
		{`"order"`, `"Order":{},"order"`},
		{`"id":"7"`, `"id":{"secret":1}`},
		{`"to":"x"`, `"to":true`},
		{`"to":"x"`, `"to":1.5`},
		{`"to":"x"`, `"to":null`},
		{`"rows":7`, `"rows":"` + strings.Repeat("x", 300<<10) + `"`},
	} {
		args := strings.Replace(good, change[0], change[1], 1)
		require.NotEqual(t, good, args)
		_, err := full.Act(value(t, args))
		var v *verify.Violation
		require.ErrorAs(t, err, &v, change[1])
		require.Equal(t, verify.EnvelopeMalformed, v.Code)
		require.NotContains(t, v.Detail, "secret")
		require.NotEmpty(t, v.Detail)
	}
}

// An agent chooses its arguments: one that no verifier can be asked about is the
// agent's fault, not the host's. Its good twin is an odd text that can be.
func TestArgumentsThatNobodyCanBeAskedAbout(t *testing.T) {
	good := map[string]string{"id": "7", "to": "x", "rail": "tempo", "region": "DE"}
	for _, c := range []struct{ name, text, detail string }{
		{"id", "a/*", "control characters"}, {"id", "a\x00b", "control characters"}, {"id", "a\u202eb", "control characters"},
		{"id", " a", "white space"}, {"id", "a b", "white space"},
		{"id", strings.Repeat("r", 2049), "too long"}, {"id", strings.Repeat("r", 2048), ""},
		{"id", "../../etc/passwd", ""}, {"to", "x\n", "control characters"}, {"rail", "*", "control characters"},
		{"region", "EU", "not a region"}, {"region", "de", "not a region"}, {"region", "DE-BY", ""},
	} {
		args := maps.Clone(good)
		args[c.name] = c.text
		var texts []any
		for _, name := range []string{"id", "to", "rail", "region"} {
			text, err := json.Marshal(args[name])
			require.NoError(t, err)
			texts = append(texts, text)
		}
		_, err := full.Act(value(t, fmt.Sprintf(
			`{"order":{"id":%s},"to":%s,"rail":%s,"region":%s,"price":{"value":"1.50","currency":"EUR"}}`, texts...)))
		if c.detail == "" {
			require.NoError(t, err, "%.20q", c.text)
			continue
		}
		require.ErrorIs(t, err, verify.EnvelopeMalformed, "%.20q", c.text)
		require.ErrorContains(t, err, c.detail)
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, full.Check())
	for _, good := range []meaning.Call{
		{Action: "a.b", Amount: "0.10 USD"}, {Action: "a.b", Amount: "1250", Currency: "USD", MinorUnits: true},
		{Action: "a.b", Amount: "/a~1b~0c", Currency: "/c"}, {Action: "a.b", Region: "DE-BY", Payee: "a~b"},
		{Action: "a.b", Amount: "5", Currency: "/c"},
	} {
		require.NoError(t, good.Check())
	}
	for want, c := range map[string]meaning.Call{
		"action":                         {},
		"a currency without":             {Action: "a.b", Currency: "USD"},
		"minor units of no":              {Action: "a.b", Amount: "/a", MinorUnits: true},
		"is not a JSON Pointer":          {Action: "a.b", Attributes: map[string]string{"n": "n"}},
		"the act itself has a member":    {Action: "a.b", Attributes: map[string]string{"payee": "/to"}},
		`attribute ""`:                   {Action: "a.b", Attributes: map[string]string{"": "/to"}},
		`amount "cents", currency "USD"`: {Action: "a.b", Amount: "cents", Currency: "USD", MinorUnits: true},
		`amount "price"`:                 {Action: "a.b", Amount: "price"},
		`amount "price", currency "/c"`:  {Action: "a.b", Amount: "price", Currency: "/c"},
		`currency "currency"`:            {Action: "a.b", Amount: "/a", Currency: "currency"},
		`currency "usd"`:                 {Action: "a.b", Amount: "/a", Currency: "usd"},
		`amount "1.5"`:                   {Action: "a.b", Amount: "1.5", Currency: "USD", MinorUnits: true},
		// What is the same in every call, and would be refused in every call.
		`amount "/a", currency "usd"`: {Action: "a.b", Amount: "/a", Currency: "usd"},
		`amount "/a", currency "eur"`: {Action: "a.b", Amount: "/a", Currency: "eur", MinorUnits: true},
		`amount "1.234"`:              {Action: "a.b", Amount: "1.234", Currency: "USD"},
		`amount "12.50"`:              {Action: "a.b", Amount: "12.50"},
		"region:":                     {Action: "a.b", Region: "EU"},
		"payee:":                      {Action: "a.b", Payee: "shop/*"},
		"resource:":                   {Action: "a.b", Resource: "a\u202eb"},
		"is not ~0":                   {Action: "a.b", Payee: "/a~2"},
		"not ~0 or":                   {Action: "a.b", Amount: "/a~", Currency: "USD"},
		"~0 or ~1":                    {Action: "a.b", Attributes: map[string]string{"n": "/a~b"}},
	} {
		require.ErrorContains(t, c.Check(), want)
	}
	for _, c := range []meaning.Call{
		{Action: "a.b", Amount: "5 USD"}, {Action: "a.b", Amount: "0.50", Currency: "USD"},
		{Action: "a.b", Amount: "50", Currency: "USD", MinorUnits: true}, {Action: "a.b", Amount: "/a"},
		{Action: "a.b", Amount: "0.0000005", Currency: "/c"}, {Action: "a.b", Amount: "/a", Currency: "/c"},
	} {
		require.NoError(t, c.Check(), "%+v", c)
	}
}

// No arguments make it panic, and what it refuses has a code.
func FuzzAct(f *testing.F) {
	f.Add(`{"order":{"id":42},"to":"x","rail":"tempo","region":"DE","price":{"value":1.50,"currency":"EUR"},"rows":7}`)
	f.Add(`[]`)
	f.Add(`{"price":{"value":1e400}}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := credential.ParseMessage(text, 1<<16)
		if err != nil {
			return
		}
		if _, err := full.Act(v); err != nil {
			var refusal *verify.Violation
			require.True(t, errors.As(err, &refusal))
			_, known := verify.Lookup(refusal.Code)
			require.True(t, known)
		}
	})
}
