package grantex_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/grantex"
)

// G10: what `new Date` makes of a date, which is not signed. The passports are
// judged at 2026-11-28T09:00:00Z.
func TestG10DatesAsTheirVerifierReadsThem(t *testing.T) {
	const accept, ended, none = "accept", "PASSPORT_EXPIRED", "MALFORMED_CREDENTIAL"
	ok := emit(t, nil)
	for until, want := range map[string]string{
		"2026-11-28T09:00:00.001Z": accept, "2026-11-28T09:00:00.000Z": ended, "2026-11-28T09:00:00.0009Z": ended,
		"2026-11-28T24:00:00Z": accept, "2026-11-28T24:00:01Z": none, "2026-11-28T10:00:60Z": none,
		"2026-11-28T10:00:00,5Z": none, "2026-11-28 10:00:00,5Z": none, "2026-11-28T10:00:00.Z": none,
		"2026-11-28T10:00:00+0100": ended, "2026-11-28T11:00:00+01:00": accept, "2026-11-28T10:00:00+24:00": none,
		"2026-11-28T10:00:00-23:59": accept, "2026-11-28T10:00:00+01": none, "2026-11-28T10:00": accept,
		"2026-11-28 10:00": accept, "2026-11-28 10:00:00": accept, "2026-11-28t10:00:00z": accept,
		"2026-11-28T10Z": none, "2026-11-28T": none, " 2026-11-28T10:00:00Z": none, "2026-11-28T10:00:00 Z": none,
		"2026-02-30T10:00:00Z": ended, "2026-11-31": accept, "2026-11-32": none, "2026-13-01": none,
		"2026-11": ended, "2026": ended, "2027": accept, "2026-12-1": accept, "20261201": none,
		"+002026-12-01T00:00:00Z": accept, "-000001-01-01T00:00:00Z": ended, "-000000-01-01T00:00:00Z": none,
		"+275760-09-13T00:00:00.000Z": accept, "+275760-09-13T00:00:00.001Z": none, "0000-01-01T00:00:00Z": ended,
		"Sat, 28 Nov 2026 10:00:00 GMT": accept, "Sat, 28 Nov 2026 08:00:00 GMT": ended,
		"Sat, 28 Nov 2026 10:00:00 +0200": ended, "29 Nov 2026": accept, "32 Nov 2026": none,
		"Nov 29, 2026": accept, "2026/11/29": accept, "11/29/2026": accept, "soon": none, "1795939200000": none,
	} {
		header := edit(ok, `"validUntil":"2026-11-29T08:00:00.000Z"`, `"validUntil":"`+until+`"`)
		require.Equal(t, want, word(in(grantex.Compatible), header), until)
		require.NotEqual(t, accept, word(in(grantex.Strict), header), until)
	}
}

// G10: Node reads nothing behind the padding, and skips other junk.
func TestG10Base64AsTheirVerifierReadsIt(t *testing.T) {
	ok := emit(t, nil)
	for header, want := range map[string]string{
		ok + "=": "accept", ok + "=junk": "accept",
		ok[:8] + "*\u00e9 \n" + ok[8:]: "accept",
		ok[:8] + "=" + ok[8:]:          "MALFORMED_CREDENTIAL",
		"=" + ok:                       "MALFORMED_CREDENTIAL",
	} {
		require.Equal(t, want, word(in(grantex.Compatible), header), header[:12])
		require.Equal(t, "MALFORMED_CREDENTIAL", word(in(grantex.Strict), header), header[:12])
	}
}

// G10: what jose makes of a JWT's header and of a claim that is no number, and of
// a key that is not for verifying. What they refuse, the strict reading refuses.
func TestG10TokensAsTheirVerifierReadsThem(t *testing.T) {
	ok := emit(t, nil)
	jose := func(member string) string { return mint(ok, nil, swap(`{"alg"`, `{`+member+`,"alg"`)) }
	claim := func(member string) string { return mint(ok, swap(`"exp"`, member+`,"exp"`), nil) }
	for header, want := range map[string]string{
		jose(`"crit":["b64"],"b64":true`):       "accept",
		jose(`"crit":["b64","b64"],"b64":true`): "accept",
		jose(`"b64":true`):                      "accept",
		jose(`"crit":["b64"],"b64":false`):      "INVALID_SIGNATURE",
		jose(`"crit":["b64"]`):                  "INVALID_SIGNATURE",
		jose(`"crit":["b64","x"],"b64":true`):   "INVALID_SIGNATURE",
		jose(`"crit":[]`):                       "INVALID_SIGNATURE",
		jose(`"crit":"b64","b64":true`):         "INVALID_SIGNATURE",
		claim(`"nbf":null`):                     "PASSPORT_NOT_YET_VALID",
		claim(`"nbf":"1"`):                      "PASSPORT_NOT_YET_VALID",
		edit(edit(ok, `"validFrom":"2026`, `"validFrom":"soon`), `"validUntil":"2026`,
			`"validUntil":"2025`): "PASSPORT_EXPIRED",
	} {
		require.Equal(t, want, word(in(grantex.Compatible), header))
		require.NotEqual(t, "accept", word(in(grantex.Strict), header))
	}
	for ops, want := range map[string]string{
		`["verify"]`: "accept", `["sign","verify"]`: "accept", `["sign"]`: "INVALID_SIGNATURE", `[]`: "INVALID_SIGNATURE",
	} {
		set, err := grantex.KeySetOf(signer)
		require.NoError(t, err)
		keys, err := grantex.ParseKeySet([]byte(swap(`"kty"`, `"key_ops":`+ops+`,"kty"`)(string(set))))
		require.NoError(t, err)
		for _, r := range []grantex.Reading{grantex.Compatible, grantex.Strict} {
			v := in(r)
			v.Keys = keys
			require.Equal(t, want, word(v, ok), ops)
		}
	}
}

// G10: their verifier compares amounts as doubles, and the strict reading what is
// written.
func TestG10AmountsAsTheirVerifierReadsThem(t *testing.T) {
	ok := emit(t, func(p *grantex.Passport) { p.MaxAmount.Amount = "49.95" })
	for asked, want := range map[string][2]string{
		"49.95": {"accept", "accept"}, "49.950": {"accept", "accept"}, "49.96": {"AMOUNT_EXCEEDED", "AMOUNT_EXCEEDED"},
		"49.9500000000000001": {"accept", "AMOUNT_EXCEEDED"}, "-1": {"accept", "MALFORMED_CREDENTIAL"},
	} {
		for i, r := range []grantex.Reading{grantex.Compatible, grantex.Strict} {
			v := in(r)
			v.Amount = asked
			require.Equal(t, want[i], word(v, ok), asked)
		}
	}
	other := edit(ok, `"amount":49.95`, `"amount":49.9500000000000001`)
	require.Equal(t, "accept", word(in(grantex.Compatible), other))
	require.Equal(t, "CREDENTIAL_MISMATCH", word(in(grantex.Strict), other))
}
