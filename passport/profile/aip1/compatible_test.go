package aip1_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
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

// A13: a number for an instant is seconds, or milliseconds, as a number or in a text,
// to the microsecond that is signed.
func TestA13NumbersForInstants(t *testing.T) {
	const end = `"expires_at":"2100-01-01T00:00:00Z"`
	text := with(func(e *aip1.Envelope) { e.ExpiresAt = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) })
	for at, want := range map[string]string{
		"1795862400": "2026-11-28T10:40:00Z", "1795862400.5": "2026-11-28T10:40:00.500000Z",
		"1795862400.0000005": "2026-11-28T10:40:00Z", "1795862400123": "2026-11-28T10:40:00.123000Z",
		"1795862400123.5": "2026-11-28T10:40:00.123500Z", "253402300799999": "9999-12-31T23:59:59.999000Z",
		"-1.25": "1969-12-31T23:59:58.750000Z", "-1795862400123.25": "1913-02-03T13:19:59.876750Z",
		"20000000000": "2603-10-11T11:33:20Z", "20000000001": "1970-08-20T11:33:20.001000Z",
		"0.0000005": "1970-01-01T00:00:00.000001Z", `"1.7958624e9"`: "2026-11-28T10:40:00Z",
		`"+1795862400.5"`: "2026-11-28T10:40:00.500000Z", `"1e5"`: "", `"5e"`: "", `" 5"`: "", "1e19": "",
	} {
		e, err := aip1.ParseEnvelopeUnverified(swap(text, end, `"expires_at":`+at), aip1.Compatible)
		if want == "" {
			require.Error(t, err, at)
			continue
		}
		require.NoError(t, err, at)
		require.Contains(t, string(e.Canonical()), `"expires_at":"`+want+`","intent"`, at)
	}
}

// A13: an envelope without an end lasts 300 seconds; where there are none left, the
// SDK throws.
func TestA13TheEndOfTime(t *testing.T) {
	endless := regexp.MustCompile(`"issued_at":"[^"]*","expires_at":[^,]*,`)
	for at, want := range map[string]string{
		"9999-12-31T23:54:59Z": "accept", "9999-12-31T23:55:00Z": "E103", "9999-12-31T23:59:59-01:00": "E103",
	} {
		text := endless.ReplaceAllString(sign(plain()), `"issued_at":"`+at+`","expires_at":null,`)
		require.Contains(t, text, at)
		require.Equal(t, want, word(knows(aip1.Compatible), resign(text, "agent"), ""), at)
	}
}

// A13: the last instant is that of the year 9999.
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

// A13: a key that is named after nobody of the document is named as the SDK names
// all, so that the strict reading takes what is signed; the agent's own name stays.
func TestA13KeysAreNamedAsTheSDKNamesThem(t *testing.T) {
	for id, want := range map[string]string{
		"did:web:other.example#k": principal + "#keys-1", agent + "#k": agent + "#k", principal + "#k": principal + "#k",
		"did:web:acme#k": principal + "#keys-1",
	} {
		s, err := did.NewSigner(did.MustParseURL(id), key("agent"))
		require.NoError(t, err)
		text, err := aip1.Sign(context.Background(), s, plain(), aip1.SignOptions{})
		require.NoError(t, err)
		require.Contains(t, text, `"verification_method":"`+want+`"`)
		require.Equal(t, "accept", word(knows(aip1.Strict), text, ""))
	}
}
