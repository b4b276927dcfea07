package aip1_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

// A13: what Python's decimal arithmetic makes of an amount, to the word. The
// limit is 100 USD.
func TestA13AmountsAsTheSDKReadsThem(t *testing.T) {
	limited := with(func(e *aip1.Envelope) { e.Boundaries.Limit = aip1.Limit{PerTransaction: "100", Currency: "USD"} })
	for name, c := range map[string]struct{ amount, want string }{
		"28 digits count, all of them":    {`"1.000000000000000000000000000"`, "accept"},
		"the 29th counts as nothing":      {`"100.00000000000000000000000001"`, "accept"},
		"the 28th counts":                 {`"100.0000000000000000000000001"`, "E103"},
		"a half goes to the even one":     {`"99.999999999999999999999999995"`, "accept"},
		"more, and over the limit":        {`"100.010000000000000000000000000001"`, "E202"},
		"an integer of more digits":       {`123456789012345678901234567890123`, "E202"},
		"a half of a cent":                {`"1.005"`, "E103"},
		"Arabic digits":                   {`"١٢.٣٤"`, "accept"},
		"Persian digits, over the limit":  {`"۱۰۰۰"`, "E202"},
		"wide digits with an exponent":    {`"１e２"`, "accept"},
		"the last of five rows of digits": {`"𝟗𝟿"`, "accept"},
		"a superscript is no digit":       {`"²"`, "E103"},
		"a separator is white space":      {`"\u001c5"`, "accept"},
		"a byte-order mark is not":        {`"\ufeff5"`, "E103"},
		"a minus zero":                    {`-0`, "accept"},
		"a minus in front of the plus":    {`"-+5"`, "E103"},
	} {
		text := resign(swap(limited, `"amount":45.5`, `"amount":`+c.amount), "agent")
		require.Equal(t, c.want, word(knows(aip1.Compatible), text, ""), name)
	}
}

// A13: a number for an instant is seconds, or milliseconds; the last of them is
// that of the year 9999.
func TestA13InstantsAsTheSDKReadsThem(t *testing.T) {
	const end = `"expires_at":"2100-01-01T00:00:00Z"`
	text := with(func(e *aip1.Envelope) { e.ExpiresAt = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) })
	for at, ok := range map[string]bool{
		"253402300799": true, "253402300799000": true, "253402300799999": true, `"253402300799999"`: true,
		"253402300800000": false, "-62135596800000": true, "-62135596800001": false,
	} {
		_, err := aip1.ParseEnvelopeUnverified(swap(text, end, `"expires_at":`+at), aip1.Compatible)
		require.Equal(t, ok, err == nil, "%s: %v", at, err)
	}
}
