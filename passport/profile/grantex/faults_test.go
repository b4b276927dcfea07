package grantex_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/statuslist"
)

// G10: what Grantex' own verifier lets through, each by name: accepted in the
// compatible reading, refused in the strict one.
func TestG10FaultsOfTheirVerifier(t *testing.T) {
	ok := emit(t, nil)
	status := emit(t, func(p *grantex.Passport) {
		p.Status = &grantex.Status{List: "https://issuer.example/status/1", Index: 7}
	})
	for name, c := range map[string]struct{ header, strict string }{
		"revocation is not asked for": {status, "? REVOCATION_CHECK_FAILED"},
		"the status entry is moved":   {edit(status, `#7"`, `#8"`), "CREDENTIAL_MISMATCH"},
		"the status entry is dropped": {recode(status, without(`,"credentialStatus":`)),
			"CREDENTIAL_MISMATCH"},
		"another kind of credential re-wrapped": {mint(ok, swap("AgentPassportCredential", "AgentGrantCredential"),
			nil), "CREDENTIAL_MISMATCH"},
		"validFrom is not signed": {edit(ok, `"validFrom":"2026-11-28T08`,
			`"validFrom":"2020-11-28T08`), "CREDENTIAL_MISMATCH"},
		"validUntil is not signed": {edit(ok, `"validUntil":"2026-11-29`, `"validUntil":"2027-11-29`),
			"CREDENTIAL_MISMATCH"},
		"the contexts are not compared": {edit(ok, "grantex.dev", "evil.example"), "CREDENTIAL_MISMATCH"},
		"members are added": {edit(ok, `{"@context"`, `{"admin":true,"@context"`),
			"MALFORMED_CREDENTIAL"},
		"the type is a text that contains it": {edit(ok, `["VerifiableCredential","AgentPassportCredential"]`,
			`"XAgentPassportCredentialX"`), "CREDENTIAL_MISMATCH"},
		"the method is not looked at": {edit(ok, issuer+"#ed-1", "did:web:evil.example#k"),
			"CREDENTIAL_MISMATCH"},
		"a member is listed twice": {edit(ok, `"id":"urn`, `"id":"urn:x","id":"urn`),
			"MALFORMED_CREDENTIAL"},
		"a claim is listed twice": {mint(ok, swap(`"exp":`, `"exp":1,"exp":`), nil),
			"MALFORMED_CREDENTIAL"},
		"base64 with padding": {ok + strings.Repeat("=", (4-len(ok)%4)%4) + "=",
			"MALFORMED_CREDENTIAL"},
		"junk between the characters": {ok[:9] + "!* " + ok[9:], "MALFORMED_CREDENTIAL"},
		"typ is not looked at":        {mint(ok, nil, swap(`"JWT"`, `"vc+jwt"`)), "INVALID_SIGNATURE"},
		"aud is not looked at": {mint(ok, swap(`"iss":`, `"aud":"did:web:other.example","iss":`),
			nil), "CREDENTIAL_MISMATCH"},
		"sub is not compared": {mint(ok, swap(`"sub":"did:grantex:ag_1"`,
			`"sub":"did:grantex:ag_2"`), nil), "CREDENTIAL_MISMATCH"},
		"iat is not looked at": {mint(ok, swap(`"iat":`, `"iat":9`), nil), "CREDENTIAL_MISMATCH"},
		"ten years": {both(mint(edit(ok, `"validUntil":"2026-11-29`,
			`"validUntil":"2036-11-29`), swap(`"exp":1795939200`, `"exp":2111558400`), nil), "grnt_1", "grnt_2"),
			"MALFORMED_CREDENTIAL"},
		"a parent that nobody knows": {both(ok, `"delegationDepth":0`,
			`"delegationDepth":1,"parentPassportId":"urn:grantex:passport:nobody"`), "REVOCATION_CHECK_FAILED"},
		"depth 99": {both(ok, `"delegationDepth":0`, `"delegationDepth":99`),
			"MALFORMED_CREDENTIAL"},
		"a negative amount":        {both(ok, `"amount":50`, `"amount":-5`), "MALFORMED_CREDENTIAL"},
		"an amount that is a text": {both(ok, `"amount":50`, `"amount":"50"`), "MALFORMED_CREDENTIAL"},
		"half a cent":              {both(ok, `"amount":50`, `"amount":0.005`), "MALFORMED_CREDENTIAL"},
		"no currency":              {both(ok, `,"currency":"USDC"`, ``), "MALFORMED_CREDENTIAL"},
		"no amount at all": {both(ok,
			`"maxTransactionAmount":{"amount":50,"currency":"USDC"},`, ``), "MALFORMED_CREDENTIAL"},
		"categories that are a text": {both(ok, `["inference","compute"]`, `"inference,compute"`),
			"MALFORMED_CREDENTIAL"},
		"a category that nobody knows": {both(ok, `"inference"`, `"gambling"`), "MALFORMED_CREDENTIAL"},
	} {
		require.Equal(t, "accept", word(in(grantex.Compatible), c.header), "%s: compatible", name)
		require.Equal(t, c.strict, word(in(grantex.Strict), c.header), "%s: strict", name)
	}
}

// without cuts the member away that begins so, up to the proof.
func without(member string) func(string) string {
	return func(text string) string {
		before, rest, _ := strings.Cut(text, member)
		_, after, _ := strings.Cut(rest, `,"proof"`)
		return before + `,"proof"` + after
	}
}

// G10: what both refuse, with one code.
func TestG10WhatBothRefuse(t *testing.T) {
	ok := emit(t, nil)
	for name, c := range map[string]struct{ header, code string }{
		"nothing":        {"", "MISSING_PASSPORT"},
		"not JSON":       {"aGVsbG8", "MALFORMED_CREDENTIAL"},
		"a list":         {"W10", "MALFORMED_CREDENTIAL"},
		"another issuer": {edit(ok, `"issuer":"`+issuer, `"issuer":"did:web:other.example`), "UNTRUSTED_ISSUER"},
		"an issuer as object": {edit(ok, `"issuer":"`+issuer+`"`, `"issuer":{"id":"`+issuer+`"}`),
			"UNTRUSTED_ISSUER"},
		"no proof": {edit(ok, `"proof":{`, `"proof":0,"x":{`), "MALFORMED_CREDENTIAL"},
		"a list of proofs": {recode(edit(ok, `"proof":{`, `"proof":[{`),
			func(s string) string { return s[:len(s)-1] + "]}" }), "INVALID_SIGNATURE"},
		"alg none":              {mint(ok, nil, swap("EdDSA", "none")), "INVALID_SIGNATURE"},
		"HS256":                 {mint(ok, nil, swap("EdDSA", "HS256")), "INVALID_SIGNATURE"},
		"another key id":        {mint(ok, nil, swap("ed-1", "ed-2")), "INVALID_SIGNATURE"},
		"an unknown extension":  {mint(ok, nil, swap(`{"alg"`, `{"crit":["x"],"x":1,"alg"`)), "INVALID_SIGNATURE"},
		"another agent":         {edit(ok, "ag_1", "ag_2"), "CREDENTIAL_MISMATCH"},
		"another id":            {edit(ok, "47KE6V", "47KE6W"), "CREDENTIAL_MISMATCH"},
		"no exp":                {mint(ok, swap(`"exp"`, `"expires"`), nil), "MALFORMED_CREDENTIAL"},
		"no jti":                {mint(ok, swap(`"jti"`, `"id"`), nil), "MALFORMED_CREDENTIAL"},
		"exp in a text":         {mint(ok, swap(`"exp":1795939200`, `"exp":"1795939200"`), nil), "INVALID_SIGNATURE"},
		"an earlier exp counts": {mint(ok, swap(`"exp":1795939200`, `"exp":1795856400`), nil), "PASSPORT_EXPIRED"},
		"a later nbf counts":    {mint(ok, swap(`"exp"`, `"nbf":1795860000,"exp"`), nil), "PASSPORT_NOT_YET_VALID"},
		"not a date":            {edit(ok, `"validUntil":"2026-11-29`, `"validUntil":"soon`), "MALFORMED_CREDENTIAL"},
	} {
		require.Equal(t, c.code, word(in(grantex.Compatible), c.header), "%s: compatible", name)
		require.Equal(t, c.code, word(in(grantex.Strict), c.header), "%s: strict", name)
	}
	require.Equal(t, "UNTRUSTED_ISSUER", word(&grantex.Verifier{}, ok), "the zero verifier trusts nobody")
	require.Equal(t, "INVALID_SIGNATURE", word(&grantex.Verifier{Issuers: []string{issuer}}, ok), "and has no key")
}

// G10: one changed character of the header is refused, wherever it is.
func TestG10EveryCharacterCounts(t *testing.T) {
	ok := emit(t, func(p *grantex.Passport) { p.Status = &grantex.Status{List: "https://issuer.example/status/1"} })
	v := in(grantex.Strict)
	v.Lists = lists(t)
	want, err := v.Verify(ok, now)
	require.NoError(t, err)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	differ := 0
	for i := range ok {
		at := strings.IndexByte(alphabet, ok[i])
		for _, step := range []int{1, 32} {
			changed := ok[:i] + alphabet[(at+step)%64:][:1] + ok[i+1:]
			if got, err := v.Verify(changed, now); err == nil {
				// Only the fraction of validUntil, of which nothing is signed, and nothing read.
				require.Equal(t, want, got, "character %d of %d", i, len(ok))
				differ++
			}
		}
	}
	require.LessOrEqual(t, differ, 16)
}

// lists is one list with no bit set but those given.
func lists(t testing.TB, set ...int) func(string) *grantex.StatusList {
	l, err := statuslist.New(statuslist.MinEntries, 1)
	require.NoError(t, err)
	for _, i := range set {
		require.NoError(t, l.Set(i, 1))
	}
	list, err := grantex.ParseStatusListUnverified([]byte(`{"type":["VerifiableCredential","StatusList2021Credential"],` +
		`"id":"https://issuer.example/status/1","issuer":"` + issuer + `","credentialSubject":{"type":"StatusList2021",` +
		`"statusPurpose":"revocation","encodedList":"` + l.Encode(statuslist.StatusList2021) + `"}}`))
	require.NoError(t, err)
	return func(string) *grantex.StatusList { return list }
}

// G12: a list is believed as far as it is the issuer's, and has the entry.
func TestG12Lists(t *testing.T) {
	at := func(i int) string {
		return emit(t, func(p *grantex.Passport) {
			p.Status = &grantex.Status{List: "https://issuer.example/status/1", Index: i}
		})
	}
	v := in(grantex.Strict)
	v.Lists = lists(t, 7)
	require.Equal(t, "accept", word(v, at(6)))
	require.Equal(t, "PASSPORT_REVOKED", word(v, at(7)))
	require.Equal(t, "? REVOCATION_CHECK_FAILED", word(v, at(statuslist.MinEntries)))
	elsewhere := emit(t, func(p *grantex.Passport) { p.Status = &grantex.Status{List: "https://issuer.example/status/2"} })
	require.Equal(t, "? REVOCATION_CHECK_FAILED", word(v, elsewhere), "another list")
	v.Lists = func(string) *grantex.StatusList { return nil }
	require.Equal(t, "? REVOCATION_CHECK_FAILED", word(v, at(6)), "not at hand")
	require.Equal(t, "CATEGORY_MISMATCH", func() string {
		v.RequiredCategories = []string{"search"}
		return word(v, at(6))
	}(), "a reason to refuse beats what is not known")
}

// A child is judged by its parent, which must be at hand, genuine, and not
// revoked.
func TestG10Parents(t *testing.T) {
	parentID := grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6A"
	status := &grantex.Status{List: "https://issuer.example/status/1", Index: 7}
	parent := emit(t, func(p *grantex.Passport) { p.ID, p.Status = parentID, status })
	child := func(change func(*grantex.Passport)) string {
		return emit(t, func(p *grantex.Passport) {
			p.Parent = parentID
			if change != nil {
				change(p)
			}
		})
	}
	with := func(list func(string) *grantex.StatusList, texts ...string) *grantex.Verifier {
		v := in(grantex.Strict)
		v.Lists, v.Parents = list, func(string) []string { return texts }
		return v
	}
	good := lists(t)
	require.Equal(t, "accept", word(with(good, parent), child(nil)))
	require.Equal(t, "accept", word(with(good, edit(parent, "ag_1", "ag_2"), parent), child(nil)),
		"a forgery beside it")
	require.Equal(t, "REVOCATION_CHECK_FAILED", word(with(good), child(nil)), "not at hand")
	require.Equal(t, "REVOCATION_CHECK_FAILED", word(with(good, edit(parent, "ag_1", "ag_2")), child(nil)), "forged")
	require.Equal(t, "REVOCATION_CHECK_FAILED", word(with(good, child(nil)), child(nil)), "another passport")
	require.Equal(t, "PASSPORT_REVOKED", word(with(lists(t, 7), parent), child(nil)))
	require.Equal(t, "? REVOCATION_CHECK_FAILED", word(with(nil, parent), child(nil)), "no list")
	for name, wider := range map[string]func(*grantex.Passport){
		"category":  func(p *grantex.Passport) { p.Categories = append(p.Categories, "data") },
		"amount":    func(p *grantex.Passport) { p.MaxAmount.Amount = "50.01" },
		"currency":  func(p *grantex.Passport) { p.MaxAmount.Currency = "EUR" },
		"rail":      func(p *grantex.Passport) { p.Rails = []string{"card"} },
		"end":       func(p *grantex.Passport) { p.ValidUntil = p.ValidUntil.Add(1e9) },
		"principal": func(p *grantex.Passport) { p.HumanPrincipal = "did:grantex:user_bob" },
	} {
		require.Equal(t, "CREDENTIAL_MISMATCH", word(with(good, parent), child(wider)), name)
	}
	circle := emit(t, func(p *grantex.Passport) { p.ID, p.Parent = parentID, parentID })
	require.Equal(t, "MALFORMED_CREDENTIAL", word(with(good, circle), circle), "its own parent")
}
