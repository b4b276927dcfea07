package aip1_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

// word is what a reading says: accept, or the codes.
func word(v *aip1.Verifier, envelope, mandate string) string {
	_, err := v.Verify(envelope, mandate, now)
	var refused *aip1.Error
	if errors.As(err, &refused) {
		return refused.String()
	}
	if err != nil {
		return err.Error()
	}
	return "accept"
}

// knows is a verifier that has both keys.
func knows(r aip1.Reading) *aip1.Verifier {
	return &aip1.Verifier{Reading: r, Key: public("agent"), IssuerKey: public("principal")}
}

func swap(text, old, new string) string {
	if !strings.Contains(text, old) {
		panic("there is no " + old)
	}
	return strings.Replace(text, old, new, 1)
}

// resign signs a changed envelope or mandate again, as the SDK would.
func resign(text, by string) string {
	canonical, value := []byte(nil), ""
	if e, err := aip1.ParseEnvelopeUnverified(text, aip1.Compatible); err == nil {
		canonical, value = e.Canonical(), e.Proof.Value
	} else if m, err := aip1.ParseMandateUnverified(text, aip1.Compatible); err == nil {
		canonical, value = m.Canonical(), m.Proof.Value
	} else {
		panic(err)
	}
	return strings.Replace(text, value, base64.URLEncoding.EncodeToString(ed25519.Sign(key(by), canonical)), 1)
}

func with(change func(*aip1.Envelope)) string {
	e := plain()
	change(&e)
	return sign(e)
}

func mandate(change func(*aip1.Mandate)) string {
	m := granted()
	if change != nil {
		change(&m)
	}
	return issue(m)
}

// A13: what the SDK's own verifier lets through (reference: its weaknesses), each
// by name: accepted in the compatible reading, refused in the strict one.
func TestA13FaultsOfTheirVerifier(t *testing.T) {
	ok := sign(plain())
	pays := func(parameters string) string {
		return with(func(e *aip1.Envelope) { e.Intent.Parameters = aip1.Object(parameters) })
	}
	for name, c := range map[string]struct {
		envelope, mandate, strict string
		change                    func(*aip1.Verifier)
	}{
		"W2 the signer chooses the tier": {envelope: ok, strict: "E103",
			change: func(v *aip1.Verifier) { v.LeastTier = aip1.Tier2 }},
		"W3 two amounts":          {envelope: pays(`{"amount_minor":1,"amount":1000000}`), strict: "E103"},
		"W3 an amount in a list":  {envelope: pays(`{"amount":[100000]}`), strict: "E103"},
		"W4 another currency":     {envelope: pays(`{"amount":45.5,"currency":"BTC"}`), strict: "E202"},
		"a negative amount":       {envelope: pays(`{"amount":-100}`), strict: "E103"},
		"noise of floating point": {envelope: pays(`{"amount":0.30000000000000004}`), strict: "E103"},
		"W6 an end of next year": {envelope: with(func(e *aip1.Envelope) {
			e.ExpiresAt = now.AddDate(1, 0,
				0)
		}), strict: "E101"},
		"W6 issued in the future": {envelope: with(func(e *aip1.Envelope) { e.IssuedAt = now.Add(time.Minute) }),
			strict: "E101"},
		"W6 a nonce of any length": {envelope: with(func(e *aip1.Envelope) { e.Nonce = "nonce:" + strings.Repeat("0", 200) }), strict: "E105"},
		"W9 an unknown member": {envelope: swap(ok, `{"@context"`, `{"admin":true,"@context"`),
			strict: "E103"},
		"W9 a member is left out":  {envelope: swap(ok, `"ttl":300,`, ``), strict: "E103"},
		"W9 a number in a text":    {envelope: swap(ok, `"ttl":300`, `"ttl":"300"`), strict: "E103"},
		"W9 a number with a point": {envelope: swap(ok, `"ttl":300`, `"ttl":300.0`), strict: "E103"},
		"W9 yes for true": {envelope: swap(ok, `"boundary_monotonicity":true`,
			`"boundary_monotonicity":"yes"`), strict: "E103"},
		"W9 +00:00 for Z": {envelope: swap(ok, `"issued_at":"2026-11-28T09:09:10.123456Z`,
			`"issued_at":"2026-11-28T09:09:10.123456+00:00`), strict: "E103"},
		"W9 a space for T": {envelope: swap(ok, `"issued_at":"2026-11-28T`,
			`"issued_at":"2026-11-28 `), strict: "E103"},
		"W9 the SDK's own names":      {envelope: swap(ok, `"@context"`, `"context"`), strict: "E103"},
		"W9 a member is listed twice": {envelope: swap(ok, `"ttl":300`, `"ttl":9,"ttl":300`), strict: "E103"},
		"W9 NaN": {envelope: resign(swap(ok, `"amount":45.5`, `"amount":45.5,"x":NaN`),
			"agent"), strict: "E103"},
		"W9 a limit that is signed as another": {
			envelope: resign(swap(ok, `"per_transaction":800.0`, `"per_transaction":9007199254740993`), "agent"), strict: "E103",
		},
		"W9 a number that is signed as another": {
			envelope: resign(swap(ok, `"amount":45.5`, `"amount":45.5,"x":0.1000000000000000055`), "agent"), strict: "E103",
		},
		"W9 another number, one meaning": {envelope: resign(swap(ok, `"amount":45.5`,
			`"amount":45.500000000000000001`), "agent"), strict: "E103"},
		"W9 base64 with junk":          {envelope: swap(ok, `"proof_value":"`, `"proof_value":"*`), strict: "E100"},
		"W9 text behind the signature": {envelope: swap(ok, `=="}}`, `==x"}}`), strict: "E100"},
		"W11 the key of somebody else": {envelope: swap(ok, `"verification_method":"`+principal,
			`"verification_method":"did:web:evil.example`), strict: "E100"},
		"W11 no key at all": {envelope: swap(ok, `"verification_method":"`+principal+`#`,
			`"verification_method":"`+principal), strict: "E100"},
		"the label of the proof": {envelope: swap(ok, "Ed25519Signature2020", "RsaSignature2018"),
			strict: "E100"},
		"W12 the hash is left out": {envelope: ok, strict: "E300",
			change: func(v *aip1.Verifier) { v.ModelHashes = map[string]string{"f": "h"} }},
		"W12 self_reported": {envelope: ok, strict: "E302",
			change: func(v *aip1.Verifier) { v.Frameworks = []string{"f"} }},
		"W13 an empty list allows all": {envelope: with(func(e *aip1.Envelope) { e.Boundaries.AllowedActions = nil }), strict: "E200"},
		"W13 no limit is no bound":     {envelope: with(func(e *aip1.Envelope) { e.Boundaries.Limit = aip1.Limit{} }), strict: "E202"},
		"W13 no country is given": {envelope: with(func(e *aip1.Envelope) { e.Boundaries.Geo = "DE" }),
			strict: "E204"},
		"W2 the chain at tier 1": {envelope: with(func(e *aip1.Envelope) { e.Principal.Chain = []aip1.Link{} }),
			strict: "E403"},
		"the principal's standing, tier 0": {envelope: with(func(e *aip1.Envelope) { e.Tier = aip1.Tier0 }),
			strict: "E402", change: func(v *aip1.Verifier) {
				v.Standing = func(id string) aip1.Standing { return map[string]aip1.Standing{principal: aip1.Revoked}[id] }
			}},
		"links that nobody signed": {envelope: with(func(e *aip1.Envelope) {
			e.Tier = aip1.Tier2
			e.Principal.Chain = []aip1.Link{{From: principal, To: "x", Narrows: true, GrantedAt: e.IssuedAt},
				{From: "x", To: agent, Narrows: true, GrantedAt: e.IssuedAt}}
		}), strict: "E403"},
		"a link that widens": {envelope: with(func(e *aip1.Envelope) {
			e.Principal.Chain = []aip1.Link{{From: principal, To: agent, GrantedAt: e.IssuedAt}}
		}), strict: "E403"},
		"trust of a newcomer": {envelope: with(func(e *aip1.Envelope) { e.Tier = aip1.Tier2 }), strict: "E404",
			change: func(v *aip1.Verifier) { v.MinTrust = 0.9 }},
		"a mandate of a stranger": {envelope: ok,
			mandate: mandate(func(m *aip1.Mandate) { m.Issuer = "did:web:other.example" }), strict: "E406"},
		"a mandate of the future": {envelope: ok,
			mandate: mandate(func(m *aip1.Mandate) { m.IssuedAt = now.Add(time.Hour) }), strict: "E406"},
		"a mandate for everything": {envelope: ok,
			mandate: mandate(func(m *aip1.Mandate) { m.Boundaries.AllowedActions = nil }), strict: "E200"},
		"a mandate wider than the envelope": {envelope: pays(`{"amount":801}`),
			mandate: mandate(func(m *aip1.Mandate) {
				m.Boundaries.Limit = aip1.Limit{PerTransaction: "10000",
					Currency: "USD"}
			}), strict: "E202"},
		"a mandate with a member more": {envelope: ok, mandate: swap(mandate(nil), `{"@context"`,
			`{"x":1,"@context"`), strict: "E406"},
	} {
		verifiers := [2]*aip1.Verifier{knows(aip1.Compatible), knows(aip1.Strict)}
		for i, v := range verifiers {
			if c.change != nil {
				c.change(v)
			}
			require.Equal(t, [2]string{"accept", c.strict}[i], word(v, c.envelope, c.mandate), "%s: %s", name,
				[2]string{"compatible", "strict"}[i])
		}
	}
}

// The nonce is looked at behind the signature, so that a forged copy does not use
// up the true one (W7).
func TestA13NonceBehindTheProof(t *testing.T) {
	v := knows(aip1.Strict)
	asked := 0
	v.Seen = func(string) bool { asked++; return true }
	forged := swap(sign(plain()), "45.5", "45.6")
	require.Equal(t, "E100", word(v, forged, ""))
	require.Zero(t, asked)
	require.Equal(t, "E102", word(v, sign(plain()), ""))
	v.Reading = aip1.Compatible
	require.Equal(t, "E102", word(v, forged, ""), "there it is the other way round")
}

// The zero verifier has no key, so no signature holds.
func TestA13ZeroVerifier(t *testing.T) {
	require.Equal(t, "E100", word(&aip1.Verifier{}, sign(plain()), ""))
	v := knows(aip1.Strict)
	v.IssuerKey = nil
	require.Equal(t, "E406", word(v, sign(plain()), mandate(nil)))
	v.RequireMandate = true
	require.Equal(t, "E405", word(v, sign(plain()), ""))
}

// The limit of a day counts what was spent, in minor units of the currency.
func TestA13LimitOfADay(t *testing.T) {
	v := knows(aip1.Strict)
	v.Spent = func(who, currency string, since time.Time) *big.Int {
		require.Equal(t, []string{agent, "USD"}, []string{who, currency})
		require.Equal(t, now.Add(-24*time.Hour), since)
		return big.NewInt(315450)
	}
	require.Equal(t, "accept", word(v, sign(plain()), ""))
	v.Spent = func(string, string, time.Time) *big.Int { return big.NewInt(315451) }
	require.Equal(t, "E202", word(v, sign(plain()), ""))
}

// A13: one changed character of an envelope is refused, or of what is not signed
// and says nothing.
func TestA13EveryCharacterCounts(t *testing.T) {
	ok := sign(plain())
	v := knows(aip1.Strict)
	want, err := v.Verify(ok, "", now)
	require.NoError(t, err)
	signed := string(want.Canonical())
	end := strings.Index(ok, `"proof":`)
	for i := range ok {
		for _, c := range []byte{'0', 'a', '"', ' '} {
			changed := ok[:i] + string(c) + ok[i+1:]
			if changed == ok {
				continue
			}
			got, err := v.Verify(changed, "", now)
			if err != nil {
				continue
			}
			require.Greater(t, i, end, "character %d, %q for %q", i, c, ok[i])
			require.Equal(t, signed, string(got.Canonical()), "character %d", i)
			require.Equal(t, want.Proof.Value, got.Proof.Value)
		}
	}
}

// A13: the published conformance cases, made anew, and the examples.
func TestA13ConformanceCases(t *testing.T) {
	var file map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "aip1", "conformance33.json"), &file))
	seen := 0
	for id, raw := range file {
		var c struct {
			Envelope  json.RawMessage
			Canonical *string `json:"canonical_payload_utf8"`
		}
		if id == "_meta" || json.Unmarshal(raw, &c) != nil || c.Canonical == nil {
			continue
		}
		e, err := aip1.ParseEnvelopeUnverified(string(c.Envelope), aip1.Compatible)
		require.NoError(t, err, id)
		require.Equal(t, *c.Canonical, string(e.Canonical()), id)
		seen++
	}
	require.GreaterOrEqual(t, seen, 25)
}

// What the strict reading takes, the compatible one takes; nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add(sign(plain()), mandate(nil))
	f.Add(sign(plain()), "")
	f.Fuzz(func(t *testing.T, envelope, mandate string) {
		_, err := knows(aip1.Strict).Verify(envelope, mandate, now)
		_, err2 := knows(aip1.Compatible).Verify(envelope, mandate, now)
		if err == nil {
			require.NoError(t, err2)
		}
		if e, err := aip1.ParseEnvelopeUnverified(envelope, aip1.Compatible); err == nil {
			_ = e.Canonical()
		}
		_, _ = dialect().Open(aip1.Join(envelope, mandate))
	})
}
