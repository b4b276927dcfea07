package build

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// didForms are DID documents and URLs of other forms than they should have.
func didForms(g *group) {
	const web = "did:web:issuer.example"
	multi := issuer.PublicKey().Multikey()
	ask := func(document any) object {
		text, ok := document.(string)
		if !ok {
			text = string(raw(document))
		}
		return object{"op": "key", "url": web + "#1", "purpose": "assertionMethod", "document": text}
	}
	vm := o("id", web+"#1", "type", "Multikey", "controller", web, "publicKeyMultibase", multi)
	doc := func(vm any, more ...any) members {
		d := o("id", web, "verificationMethod", []any{vm}, "assertionMethod", []string{web + "#1"})
		return append(d, o(more...)...)
	}
	x := strings.Split(string(issuer.PublicKey().JWK()), `"x":"`)[1][:43]
	jwk := func(text string) members {
		return doc(o("id", web+"#1", "type", "JsonWebKey", "controller", web, "publicKeyJwk", json.RawMessage(text)))
	}
	is := object{"publicKeyMultibase": multi}
	g.rule = "F-40"
	g.is("a document", ask(doc(vm)), is)
	g.is("a document with services", ask(doc(vm, "service", []any{o("id", web+"#s", "type", "Shop", "serviceEndpoint",
		"https://issuer.example/")})), is)
	g.is("an Ed25519VerificationKey2020", ask(doc(vm.with("type", "Ed25519VerificationKey2020"))), is)
	g.is("a document with a key of another curve beside", ask(o("id", web, "verificationMethod",
		[]any{o("id", web+"#2", "type", "Multikey", "controller", web, "publicKeyMultibase",
			"zDnaeWgbpcUat3VPa1GqrFzcr7jVBNMhBMRKTsgBHYBcJkR9q"), vm}, "assertionMethod", []string{web + "#1"})), is)
	g.is("a JWK", ask(jwk(`{"kty":"OKP","crv":"Ed25519","x":"`+x+`"}`)), is)
	short := base64.RawURLEncoding.EncodeToString(make([]byte, 31))
	many := func(n int) (list []any) {
		for i := range n {
			list = append(list, vm.with("id", fmt.Sprintf("%s#%d", web, i+1)))
		}
		return list
	}
	for _, b := range []struct {
		title, twin, code string
		document          any
	}{
		{"a document that is a list", "a document", "proof.unresolvable", []any{doc(vm)}},
		{"a document that is no JSON", "a document", "proof.unresolvable", doc(vm).text() + "}"},
		{"a document without id", "a document", "proof.unresolvable", doc(vm).with("id", nil)},
		{"a document whose id is a number", "a document", "proof.unresolvable", doc(vm).with("id", 1)},
		{"a document with a member twice", "a document", "proof.unresolvable",
			replace(doc(vm).text(), `"verificationMethod":`, `"verificationMethod":[],"verificationMethod":`)},
		{"methods that are an object", "a document", notKey, doc(vm).with("verificationMethod", vm)},
		{"purposes that are a text", "a document", purpose, doc(vm).with("assertionMethod", web+"#1")},
		{"a purpose that is a number", "a document", purpose, doc(vm).with("assertionMethod", []any{1})},
		{"a method that is a text", "a document", notKey, doc(web + "#1")},
		{"a method without id", "a document", notKey, doc(vm.with("id", nil))},
		{"a method whose id is no URL of a DID", "a document", notKey, doc(vm.with("id", "key-1"))},
		{"a method without type", "a document", notKey, doc(vm.with("type", nil))},
		{"a method whose type is a number", "a document", notKey, doc(vm.with("type", 1))},
		{"a method without controller", "a document", notKey, doc(vm.with("controller", nil))},
		{"a method whose controller is no DID", "a document", notKey, doc(vm.with("controller", "issuer"))},
		{"a method without key", "a document", notKey, doc(vm.with("publicKeyMultibase", nil))},
		{"a key that is a number", "a document", notKey, doc(vm.with("publicKeyMultibase", 1))},
		{"a key in base64url", "a document", notKey, doc(vm.with("publicKeyMultibase", "u"+multi[1:]))},
		{"a key cut short", "a document", notKey, doc(vm.with("publicKeyMultibase", multi[:40]))},
		{"a key of another curve under an Ed25519 type", "an Ed25519VerificationKey2020", notKey,
			doc(vm.with("type", "Ed25519VerificationKey2020").with("publicKeyMultibase",
				"zDnaeWgbpcUat3VPa1GqrFzcr7jVBNMhBMRKTsgBHYBcJkR9q"))},
		{"a JWK of 31 bytes", "a JWK", notKey, jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + short + `"}`)},
		{"a JWK with the standard alphabet", "a JWK", notKey,
			jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + x[:42] + `+"}`)},
		{"a JWK whose x is a number", "a JWK", notKey, jwk(`{"kty":"OKP","crv":"Ed25519","x":1}`)},
		{"a JWK without kty", "a JWK", notKey, jwk(`{"crv":"Ed25519","x":"` + x + `"}`)},
		{"a JWK without crv", "a JWK", notKey, jwk(`{"kty":"OKP","x":"` + x + `"}`)},
		{"a JWK that is a list", "a JWK", notKey, jwk(`["OKP","Ed25519","` + x + `"]`)},
		{"a JWK that is a text", "a JWK", notKey, jwk(`"` + multi + `"`)},
		{"a JWK for encryption", "a JWK", notKey, jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","use":"enc"}`)},
		{"a JWK that may only sign", "a JWK", notKey,
			jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","key_ops":["sign"]}`)},
		{"too many methods", "a document", "proof.unresolvable", doc(vm).with("verificationMethod", many(200))},
	} {
		g.bad(b.title, b.twin, b.code, ask(b.document))
	}
	g.rule = "F-37"
	did := issuer.DID().String()
	find := func(url string) object { return object{"op": "key", "url": url, "purpose": "assertionMethod"} }
	g.bad("an empty fragment", "did:key for assertionMethod", notKey, find(did+"#"))
	g.bad("two fragments of a key", "did:key for assertionMethod", notKey, find(did+"#"+multi+"#"+multi))
	g.bad("a path before the fragment", "did:key for assertionMethod", notKey, find(did+"/a#"+multi))
	g.bad("a query before the fragment", "did:key for assertionMethod", notKey, find(did+"?a=b#"+multi))
	g.bad("a fragment of 3000 letters", "did:key for assertionMethod", notKey, find(did+"#"+strings.Repeat("a", 3000)))
	g.bad("a fragment with a space", "did:key for assertionMethod", notKey, find(did+"# "+multi))
	g.rule = "F-38"
	g.bad("did:jwk that is no base64", "did:jwk", notKey, find("did:jwk:a.b#0"))
	g.bad("did:jwk that is no JSON", "did:jwk", notKey,
		find("did:jwk:"+base64.RawURLEncoding.EncodeToString([]byte(`{"kty"`))+"#0"))
	g.bad("did:jwk with padding", "did:jwk", notKey,
		find("did:jwk:"+base64.URLEncoding.EncodeToString([]byte(`{"kty":"OKP","crv":"Ed25519","x":"`+x+`" }`))+"#0"))
	g.rule = "F-39"
	at := func(s string) object { return object{"op": "location", "did": s} }
	g.is("location with sixteen segments", at("did:web:shop.example"+strings.Repeat(":a", 16)),
		object{"url": "https://shop.example" + strings.Repeat("/a", 16) + "/did.json"})
	g.bad("location with a hundred segments", "location with sixteen segments", notKey,
		at("did:web:shop.example"+strings.Repeat(":a", 100)))
	for _, s := range []string{"did:web:shop.example:a%20b", "did:web:shop.example%3Ax", "did:web:shop.example%3A",
		"did:web:a.123", "did:web:shop.example.", "did:web:" + strings.Repeat("a", 64) + ".example",
		"did:web:xn--.example", "did:example:shop.example", "did:web:a-.example", "did:web:shop_1.example"} {
		g.bad(fmt.Sprintf("no location: %.60s", s), "location of did:web:shop.example", notKey, at(s))
	}
}
