package build

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
)

const (
	dataLoss = "envelope.data_loss"
	badCtx   = "envelope.context"
	notKey   = "proof.key_not_authorized"
	purpose  = "proof.purpose_mismatch"
	invalid  = "proof.invalid"
	status   = "status.invalid"
)

// full is a passport with every member.
func full() members {
	return plain("full",
		subject("description", "buys computing time"), subject("role", "purchasing"), subject("framework",
			"example/1"),
		subject("organizationDID", "did:web:org.example"), subject("grantId", "grant-1"), subject("templateId",
			passport.PassportURN+ulid("template")),
		subject("capabilities", []any{
			o("action", "payments.*", "params", o("max_items", 5, "express", false, "kind", []string{"gpu",
				"cpu"},
				"max_per_hour", 10)),
			o("action", "data.read"),
		}),
		subject("deniedActions", []string{"payments.refund"}),
		subject("spendLimits", []any{money("100.00", "USD", "per", "day"), money("1000.00", "USD", "per",
			"month",
			"timeZone", "Europe/Berlin"), money("20.00", "EUR", "per", "hour", "action", "payments.card.*")}),
		subject("limits", o("max_rows", 100, "requests_per_minute", 10, "allow_pii", false)),
		subject("payees", []string{"did:web:shop.example", "https://shop.example/*"}), subject("resources",
			[]string{"https://api.example/v1/*"}),
		subject("audiences", []string{audience}), subject("regions", []string{"DE", "FR-75C"}),
		subject("timeWindows", []any{o("days", []string{"sat", "sun"}, "start", "08:00", "end", "20:00",
			"timeZone",
			"Europe/Berlin")}),
		subject("assurance", o("level", "L2", "method", "video", "provider", "did:web:kyc.example",
			"verifiedAt",
			"2026-01-02T03:04:05Z", "evidenceDigest", sha("evidence"))),
		subject("attestation", o("framework", "example/1", "modelDigest", sha("model"), "promptDigest",
			sha("prompt"),
			"toolsDigest", sha("tools"))),
		subject("consent", o("id", passport.ManifestationURN+ulid("will"), "type",
			"ManifestationOfWillCredential",
			"digestMultibase", sha("will"))),
		subject("maxDelegationDepth", 2), subject("extensions", o("com.example", o("a", []any{1, 0.5, "x",
			nil}))),
	)
}

func rdfcs(m *maker) {
	g := m.group("rdfc", "rdfc",
		"From JSON-LD to canonical N-Quads (RDFC-1.0): what is signed by eddsa-rdfc-2022, and what would be lost.")
	g.rule = "F-45"
	doc := func(d any) object { return object{"document": string(raw(d))} }
	base := plain("rdfc")
	g.good("a passport", doc(base))
	g.good("every member", doc(full()))
	for _, e := range []struct {
		title string
		edit  func(members) members
	}{
		{"one status entry", set("credentialStatus", entry(listURL, "revocation", "7"))},
		{"an entry with an id", set("credentialStatus", entry(listURL, "revocation", "7", "id",
			"urn:safeconduct:status:passport:"+ulid("entry")))},
		{"an issuer object", set("issuer", o("id", issuer.DID().String(), "name", "Issuer & Sons"))},
		{"capabilities in another order", subject("capabilities", []any{o("action", "data.*"), o("action",
			"payments.charge")})},
		{"three capabilities", subject("capabilities", []any{o("action", "a"), o("action", "b"), o("action",
			"c",
			"params", o("max_rows", 1))})},
		{"limits with fractions in extensions", subject("extensions", o("b", 0.1, "a", 1e21))},
		{"texts beyond ASCII", subject("name", "Ünïcode \"quoted\" \\ 日本 𝄞")},
		{"line breaks in a text", subject("name", "a\nb\rc\td\u0001\u007f")},
		{"an instant with an offset", set("validFrom", "2026-11-21T09:00:00+01:00")},
		{"a CAIP-19 asset", subject("maxTransactionAmount", money("1.5",
			"eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f", "decimals", 18))},
		{"two time windows that differ in a day", subject("timeWindows", []any{
			o("days", []string{"mon"}, "start", "08:00", "end", "20:00", "timeZone", "UTC"), o("days",
				[]string{"tue"}, "start", "08:00", "end", "20:00", "timeZone", "UTC")})},
		{"two spend limits that differ in a period", subject("spendLimits", []any{money("1", "USD", "per",
			"day"),
			money("1", "USD", "per", "week")})},
	} {
		g.good(e.title, doc(e.edit(base)))
	}
	g.good("a status list", doc(plainList(listURL, "revocation", 7)))
	g.good("a manifestation of will", doc(will("rdfc")))
	g.good("an acceptance", doc(acceptance("rdfc", "Resident")))
	for _, e := range []struct {
		rule, title, code string
		edit              func(members) members
	}{
		{"F-7", "a member that nothing defines", dataLoss, subject("superuser", "yes")},
		{"F-7", "a member of another case", dataLoss, func(p members) members {
			return p.at("credentialSubject/Capabilities",
				[]any{o("action", "a")})
		}},
		{"F-7", "a type that nothing defines", dataLoss, set("type", []string{"VerifiableCredential",
			"Nonsense"})},
		{"F-51", "an unknown context", badCtx, set("@context", append([]string{}, credential.ContextV2,
			"https://evil.example/v1"))},
		{"F-8", "null", malformed, subject("role", json.RawMessage("null"))},
		{"F-8", "an empty array", malformed, subject("regions", []any{})},
		{"F-8", "an empty object", malformed, subject("assurance", o())},
		{"F-8", "an array in an array", malformed, subject("regions", []any{[]any{"DE"}})},
		{"F-8", "a fraction", malformed, subject("delegationDepth", 0.5)},
		{"F-8", "an integer beyond 2^53", malformed, subject("delegationDepth",
			json.RawMessage("9007199254740993"))},
		{"F-9", "a number in JSON that would be rounded", malformed, subject("extensions",
			json.RawMessage(`{"a":0.10000000000000000001}`))},
		{"F-9", "minus zero in JSON", malformed, subject("extensions", json.RawMessage(`{"a":-0}`))},
		{"F-12", "a relative IRI", malformed, subject("humanPrincipal", "ada")},
		{"F-12", "an IRI with a space", malformed, subject("humanPrincipal", "mailto:ada lovelace")},
		{"F-12", "an IRI with an angle bracket", malformed, subject("humanPrincipal", "https://a.example/>")},
		{"F-12", "an IRI with user information", malformed, subject("humanPrincipal", "https://a@b.example/")},
		{"F-11", "an id twice", malformed, set("credentialStatus", entry(listURL, "revocation", "7", "id",
			agent.DID().String()))},
		{"F-13", "an item twice", malformed, subject("regions", []string{"DE", "DE"})},
		{"F-13", "a name with a colon", malformed, subject("sec:proof", "x")},
		{"F-13", "a keyword", malformed, subject("@included", []any{o("id", "urn:x:y")})},
		{"F-10", "a context inside", badCtx, subject("@context", "https://www.w3.org/ns/credentials/v2")},
		{"F-9", "JSON that is not an object", malformed, subject("limits", []any{1})},
	} {
		g.rule = e.rule
		g.bad(e.title, "a passport", e.code, doc(e.edit(base)))
	}
	g.rule = "F-45"
	lots := make([]any, 300)
	for i := range lots {
		lots[i] = o("days", []string{"mon"}, "start", "08:00", "end", fmt.Sprintf("%02d:%02d", 9+i/60, i%60),
			"timeZone", "UTC")
	}
	g.bad("too many blank nodes", "a passport", "proof.too_complex", doc(plain("poison", subject("timeWindows",
		lots))))
}

// will is a Manifestation of Will of ada, not signed yet.
func will(name string) members {
	return o("@context", contexts2, "id", passport.ManifestationURN+ulid("will "+name), "type",
		[]string{"VerifiableCredential", "ManifestationOfWillCredential"},
		"issuer", ada.DID().String(), "validFrom", "2026-11-21T08:00:00Z", "validUntil", "2027-11-21T08:00:00Z",
		"credentialStatus", entry("https://ada.example/status", "revocation", "7"),
		"credentialSubject", o("id", ada.DID().String(), "type", "ManifestationOfWill", "statementDigest",
			sha("my agents may act for me")))
}

// acceptance is an AgreementAcceptance of ada, not signed yet.
func acceptance(name, kind string) members {
	return o("@context", contexts2, "id", passport.AcceptanceURN+ulid("acceptance "+name), "type",
		[]string{"VerifiableCredential", "AgreementAcceptanceCredential"},
		"issuer", ada.DID().String(), "validFrom", "2026-11-21T08:00:00Z",
		"credentialStatus", entry("https://ada.example/status", "revocation", "14"),
		"credentialSubject", o("id", ada.DID().String(), "type", "AgreementAcceptance", "agreement",
			"https://shop.example/terms", "agreementVersion", "1",
			"agreementKind", kind, "textDigest", sha("the terms"), "acceptedAt", "2026-11-21T08:00:00Z"))
}

func dids(m *maker) {
	g := m.group("did", "did", "Identifiers, the keys behind them, and where did:web documents are.")
	g.now = nowText
	g.rule = "F-36"
	parse := func(s string) object { return object{"op": "parse", "did": s} }
	for _, c := range [][2]string{{"did:web:shop.example", "web"}, {"did:example:123", "example"}, {"did:a:b:c",
		"a"},
		{"did:ex4mple:A.b-c_d", "ex4mple"}, {"did:web:shop.example%3A8443", "web"}, {issuer.DID().String(),
			"key"}} {
		g.is("parse "+c[0][:min(len(c[0]), 28)], parse(c[0]), object{"method": c[1]})
	}
	for _, s := range []string{"", "did", "did:", "did:web", "did:web:", "DID:web:shop.example",
		"did:Web:shop.example", "did::x", "did:web:a b", "did:web:a/b", "did:web:a?b", "did:web:a#b",
		"did:web:a%3", "did:web:a%zz", "did:web:é", "urn:x:y", " did:web:a", "did:web:a ", "did:web:a:",
		"did:web:" + strings.Repeat("a", 2041)} {
		g.bad(fmt.Sprintf("no DID: %.30q", s), "parse did:web:shop.example", malformed, parse(s))
	}
	g.rule = "F-39"
	at := func(s string) object { return object{"op": "location", "did": s} }
	for _, c := range [][2]string{
		{"did:web:shop.example", "https://shop.example/.well-known/did.json"}, {"did:web:shop.example:agents:7",
			"https://shop.example/agents/7/did.json"},
		{"did:web:shop.example%3A8443", "https://shop.example:8443/.well-known/did.json"},
		{"did:web:shop.example%3A8443:a", "https://shop.example:8443/a/did.json"},
		{"did:web:a-b.c1.example", "https://a-b.c1.example/.well-known/did.json"},
	} {
		g.is("location of "+c[0], at(c[0]), object{"url": c[1]})
	}
	for _, s := range []string{"did:web:127.0.0.1", "did:web:Shop.example", "did:web:shop.example%3a8443",
		"did:web:shop.example%3A0", "did:web:shop.example%3A08443", "did:web:shop.example%3A65536",
		"did:web:shop.example:..", "did:web:shop.example:.", "did:web:shop.example::a",
		"did:web:shop.example:a%2Fb",
		"did:web:shop%2Eexample", "did:key:z6Mk", "did:web:-a.example", "did:web:a..example"} {
		g.bad("no location: "+s, "location of did:web:shop.example", notKey, at(s))
	}
	k, other := issuer, agent
	find := func(url, purpose, document string) object {
		in := object{"op": "key", "url": url, "purpose": purpose}
		if document != "" {
			in["document"] = document
		}
		return in
	}
	is := object{"publicKeyMultibase": k.PublicKey().Multikey()}
	g.rule = "F-37"
	id, multi := k.DID().String(), k.PublicKey().Multikey()
	for _, p := range []string{"assertionMethod", "authentication", "capabilityInvocation",
		"capabilityDelegation"} {
		g.is("did:key for "+p, find(id+"#"+multi, p, ""), is)
	}
	twin := "did:key for assertionMethod"
	g.bad("did:key has no key agreement", twin, purpose, find(id+"#"+multi, "keyAgreement", ""))
	g.bad("did:key with another fragment", twin, notKey, find(id+"#"+other.PublicKey().Multikey(),
		"assertionMethod",
		""))
	g.bad("did:key with the fragment 0", twin, notKey, find(id+"#0", "assertionMethod", ""))
	g.bad("did:key without a fragment", twin, notKey, find(id, "assertionMethod", ""))
	g.bad("did:key with a letter less", twin, notKey, find(id[:len(id)-1]+"#"+multi[:len(multi)-1],
		"assertionMethod",
		""))
	g.bad("did:key with a one in front", twin, notKey, find("did:key:z1"+multi[1:]+"#z1"+multi[1:],
		"assertionMethod",
		""))
	g.bad("did:key with a letter that base58 has not", twin, notKey, find(strings.Replace(id, "6M", "0M",
		1)+"#"+strings.Replace(multi, "6M", "0M", 1), "assertionMethod", ""))
	const p256 = "zDnaeWgbpcUat3VPa1GqrFzcr7jVBNMhBMRKTsgBHYBcJkR9q"
	g.bad("did:key of another curve", twin, notKey, find("did:key:"+p256+"#"+p256, "assertionMethod", ""))
	g.rule = "F-41"
	small := multikey(append(make([]byte, 0, 32), append([]byte{1}, make([]byte, 31)...)...))
	g.bad("did:key of small order", twin, notKey, find("did:key:"+small+"#"+small, "assertionMethod", ""))
	long := multikey(append(append([]byte{0xf0}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)) // 2^255-16 for 3
	g.bad("did:key that is not in its shortest form", twin, notKey, find("did:key:"+long+"#"+long,
		"assertionMethod", ""))
	zero := multikey(make([]byte, 32))
	g.bad("did:key of zeros", twin, notKey, find("did:key:"+zero+"#"+zero, "assertionMethod", ""))
	short := multikey(make([]byte, 31))
	g.bad("did:key of 31 bytes", twin, notKey, find("did:key:"+short+"#"+short, "assertionMethod", ""))

	g.rule = "F-38"
	jwkDID := func(jwk string) string { return "did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(jwk)) }
	x := string(k.PublicKey().JWK())
	var parts struct{ X string }
	Must(json.Unmarshal([]byte(x), &parts))
	jwk := func(more string) string { return `{"kty":"OKP","crv":"Ed25519","x":"` + parts.X + `"` + more + `}` }
	g.is("did:jwk", find(jwkDID(jwk(""))+"#0", "assertionMethod", ""), is)
	g.is("did:jwk with alg", find(jwkDID(jwk(`,"alg":"EdDSA"`))+"#0", "authentication", ""), is)
	for _, b := range []struct{ title, did, fragment string }{
		{"another fragment", jwkDID(jwk("")), "1"}, {"a private key", jwkDID(jwk(`,"d":"` + parts.X + `"`)),
			"0"},
		{"another curve", jwkDID(`{"kty":"OKP","crv":"X25519","x":"` + parts.X + `"}`), "0"},
		{"another type", jwkDID(`{"kty":"EC","crv":"Ed25519","x":"` + parts.X + `"}`), "0"}, {"no x",
			jwkDID(`{"kty":"OKP","crv":"Ed25519"}`), "0"}, {"x with padding",
			jwkDID(`{"kty":"OKP","crv":"Ed25519","x":"` + parts.X + `="}`), "0"},
		{"x twice", jwkDID(jwk(`,"x":"` + parts.X + `"`)), "0"}, {"for encryption", jwkDID(jwk(`,"use":"enc"`)),
			"0"},
		{"another alg", jwkDID(jwk(`,"alg":"ES256"`)), "0"}, {"an array", jwkDID(`[]`), "0"},
	} {
		g.bad("did:jwk with "+b.title, "did:jwk", notKey, find(b.did+"#"+b.fragment, "assertionMethod", ""))
	}
	g.rule = "F-40"
	const web = "did:web:issuer.example"
	method := func(edit func(members) members) members {
		vm := o("id", web+"#1", "type", "Multikey", "controller", web, "publicKeyMultibase", multi)
		if edit != nil {
			vm = edit(vm)
		}
		return vm
	}
	document := func(vm members, rel members) string {
		d := o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", web, "verificationMethod", []any{vm})
		return append(d, rel...).text()
	}
	listed := o("assertionMethod", []string{web + "#1"})
	g.is("did:web, listed", find(web+"#1", "assertionMethod", document(method(nil), listed)), is)
	g.is("did:web, embedded", find(web+"#1", "assertionMethod", o("id", web, "assertionMethod",
		[]any{method(nil)}).text()), is)
	g.is("did:web, as a JWK", find(web+"#1", "assertionMethod", document(o("id", web+"#1", "type", "JsonWebKey",
		"controller", web, "publicKeyJwk", json.RawMessage(jwk(""))), listed)), is)
	g.is("did:web, expires later", find(web+"#1", "assertionMethod", document(method(set("expires",
		"2026-11-21T09:00:01Z")), listed)), is)
	two := func(first, second members, rel members) string {
		d := o("id", web, "verificationMethod", []any{first, second})
		return append(d, rel...).text()
	}
	g.is("did:web, ids relative to the document", find(web+"#1", "assertionMethod",
		document(method(set("id", "#1")), o("assertionMethod", []string{"#1"}))), is)
	g.is("did:web, the same method twice", find(web+"#1", "assertionMethod", two(method(nil), method(nil),
		listed)),
		is)
	g.is("did:web, a context that is an object", find(web+"#1", "assertionMethod",
		o("@context", []any{"https://www.w3.org/ns/did/v1", o("privateKeyMultibase", "https://example.org/x")},
			"id", web, "assertionMethod", []any{method(nil)}).text()), is)
	g.is("did:web for authentication", find(web+"#1", "authentication",
		document(method(nil), o("authentication", []string{web + "#1"}))), is)
	g.bad("did:web with a method that is embedded for assertions and referred to", "did:web for authentication",
		purpose,
		find(web+"#1", "authentication",
			o("id", web, "assertionMethod", []any{method(nil)}, "authentication", []string{web + "#1"}).text()))
	for _, b := range []struct {
		title, code, document string
	}{
		{"two methods of one id", notKey, two(method(nil), method(set("publicKeyMultibase",
			other.PublicKey().Multikey())), listed)},
		{"a method that is embedded for another purpose and referred to", purpose,
			o("id", web, "authentication", []any{method(nil)}, "assertionMethod", []string{web + "#1"}).text()},
		{"a date of revocation that is none", notKey, document(method(set("revoked", "yesterday")), listed)},
		{"a date of expiry that is none", notKey, document(method(set("expires", "tomorrow")), listed)},
		{"a secret in it", notKey,
			document(method(set("privateKeyMultibase", "z3u2en7t5LR2WtQH5PfFqMqwVHgeXouLzo6haApm8XHqvjxq")),
				listed)},
		{"another purpose", purpose, document(method(nil), o("authentication", []string{web + "#1"}))},
		{"not listed at all", purpose, document(method(nil), nil)},
		{"another controller", notKey, document(method(set("controller", "did:web:other.example")), listed)},
		{"another key", notKey, document(method(set("id", web+"#2")), o("assertionMethod",
			[]string{web + "#2"}))},
		{"expired", notKey, document(method(set("expires", nowText)), listed)},
		{"revoked", notKey, document(method(set("revoked", "2026-11-21T08:00:00Z")), listed)},
		{"a key of another curve", notKey, document(method(set("publicKeyMultibase", p256)), listed)},
		{"two keys in one method", notKey, document(method(set("publicKeyJwk", json.RawMessage(jwk("")))),
			listed)},
		{"an unknown type", notKey, document(method(set("type", "RsaVerificationKey2018")), listed)},
		{"a key that belongs to another document", notKey, document(method(set("id",
			"did:web:other.example#1")),
			o("assertionMethod", []string{"did:web:other.example#1"}))},
		{"a key of small order", notKey, document(method(set("publicKeyMultibase", small)), listed)},
	} {
		g.bad("did:web with "+b.title, "did:web, listed", b.code, find(web+"#1", "assertionMethod", b.document))
	}
	didForms(g)
}

// multikey writes 32 bytes, or others, as a Multikey of Ed25519.
func multikey(raw []byte) string { return "z" + base58(append([]byte{0xed, 0x01}, raw...)) }

func base58(in []byte) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	digits := []int{}
	for _, b := range in {
		carry := int(b)
		for i := range digits {
			carry += digits[i] << 8
			digits[i], carry = carry%58, carry/58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, carry%58)
		}
	}
	var out strings.Builder
	for _, b := range in {
		if b != 0 {
			break
		}
		out.WriteByte('1')
	}
	for i := len(digits) - 1; i >= 0; i-- {
		out.WriteByte(alphabet[digits[i]])
	}
	return out.String()
}
