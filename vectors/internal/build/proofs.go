package build

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
)

func proofs(m *maker) {
	g := m.group("proof", "proof",
		"Securing: documents whose proofs hold, and documents whose proofs do not. Keys are did:key.")
	g.now = nowText
	check := func(doc string) object {
		return object{"document": doc, "is": "credential", "purpose": "assertionMethod"}
	}
	vp := func(doc string) object {
		return object{"document": doc, "is": "presentation", "purpose": "authentication"}
	}
	jcs, rdf, token := pass("proof"), sign(issuer, plain("proof"), rdfc), sign(issuer, plain("proof"), jwt)
	both := sign(issuer, plain("proof"), func(so *credential.SignOptions) {})
	both = signAgain(both, rdfc)
	g.rule = "F-44"
	g.good("a passport, jcs", check(jcs))
	g.rule = "F-45"
	g.good("a passport, rdfc", check(rdf))
	g.rule = "F-42"
	g.good("a passport, jwt", check(token))
	g.good("a passport, both suites", check(both))
	g.rule = "F-44"
	for _, e := range []struct {
		title string
		edit  func(members) members
	}{{"a status list", nil}, {"a manifestation of will", nil}, {"every member", nil}} {
		doc := map[string]members{"a status list": plainList(listURL, "revocation", 7),
			"a manifestation of will": will("proof"), "every member": full()}[e.title]
		by := issuer
		if e.title == "a manifestation of will" {
			by = ada
		}
		g.good(e.title+", jcs", check(sign(by, doc)))
		g.good(e.title+", rdfc", check(sign(by, doc, rdfc)))
	}
	g.good("members in another order", check(reorder(jcs)))
	g.good("white space", check(strings.Replace(jcs, `{"@context"`, "{ \n\t\"@context\"", 1)))
	g.good("a proof without created", check(sign(issuer, plain("proof"),
		func(so *credential.SignOptions) { so.Created = time.Time{} })))
	g.good("a proof with a nonce", check(sign(issuer, plain("proof"),
		func(so *credential.SignOptions) { so.Nonce = "abc" })))
	g.good("escapes instead of letters", check(strings.Replace(jcs, `"a test agent"`, `"\u0061 test agent"`, 1)))

	for _, s := range []struct{ suite, doc, twin string }{{"jcs", jcs, "a passport, jcs"}, {"rdfc", rdf,
		"a passport, rdfc"}} {
		bad := func(title, rule, code, old, new string) {
			g.rule = rule
			g.bad(s.suite+": "+title, s.twin, code, check(replace(s.doc, old, new)))
		}
		main := "F-44"
		if s.suite == "rdfc" {
			main = "F-45"
		}
		bad("an amount raised", main, invalid, `"50.00"`, `"90.00"`)
		bad("an amount of equal value", "F-6", invalid, `"50.00"`, `"50.0"`)
		bad("a name changed", main, invalid, "a test agent", "another agent")
		bad("a member added", main, invalid, `"name":`, `"role":"root","name":`)
		bad("a member taken out", main, invalid, `"name":"a test agent",`, ``)
		bad("an end put off", main, invalid, `"validUntil":"2026`, `"validUntil":"2027`)
		bad("an index changed", main, invalid, `"statusListIndex":"7"`, `"statusListIndex":"8"`)
		bad("an instant written otherwise", "F-6", invalid, `"validFrom":"2026-11-21T08:00:00Z"`,
			`"validFrom":"2026-11-21T09:00:00+01:00"`)
		bad("created changed", main, invalid, `"created":"2026-11-21T08:59:00Z"`, `"created":"2026-11-21T08:58:00Z"`)
		bad("expires added", main, invalid, `"proofPurpose":`, `"expires":"2030-01-01T00:00:00Z","proofPurpose":`)
		bad("a domain added", main, invalid, `"proofPurpose":`, `"domain":"x.example","proofPurpose":`)
		bad("another purpose", "F-47", purpose, `"proofPurpose":"assertionMethod"`, `"proofPurpose":"authentication"`)
		bad("no purpose", "F-47", purpose, `"proofPurpose":"assertionMethod",`, ``)
		bad("another suite", "F-42", "proof.transformation", `"cryptosuite":"eddsa-`, `"cryptosuite":"ecdsa-`)
		bad("another type", "F-42", "proof.transformation", `"type":"DataIntegrityProof"`,
			`"type":"Ed25519Signature2020"`)
		bad("an unknown option", "F-43", malformed, `"proofPurpose":`, `"proofLevel":"high","proofPurpose":`)
		bad("no signature", "F-46", invalid, `"proofValue":"`+value(s.doc)+`"`, `"challenge":"x"`)
		bad("a signature in base64url", "F-46", invalid, `"proofValue":"z`, `"proofValue":"u`)
		bad("a signature that begins with a one", "F-46", invalid, `"proofValue":"z`, `"proofValue":"z1`)
		bad("a signature cut short", "F-46", invalid, value(s.doc), value(s.doc)[:60])
		bad("a signature with a letter that base58 has not", "F-46", invalid, value(s.doc), "z0"+value(s.doc)[2:])
		bad("S above the group order", "F-46", invalid, value(s.doc), above(value(s.doc)))
		bad("zeros for a signature", "F-46", invalid, value(s.doc), "z"+strings.Repeat("1", 64))
		bad("the method of another party", "F-48", invalid, `"verificationMethod":"`+issuer.KeyID().String()+`"`,
			`"verificationMethod":"`+agent.KeyID().String()+`"`)
		bad("a method without a fragment", "F-48", notKey, issuer.KeyID().String(), issuer.DID().String())
		bad("no method", "F-48", notKey, `"verificationMethod":"`+issuer.KeyID().String()+`",`, ``)
	}
	g.rule = "F-44"
	g.bad("rdfc signature under the name of jcs", "a passport, rdfc", invalid, check(replace(rdf, "eddsa-rdfc-2022",
		"eddsa-jcs-2022")))
	g.rule = "F-45"
	g.bad("jcs signature under the name of rdfc", "a passport, jcs", invalid, check(replace(withoutProofContext(jcs),
		"eddsa-jcs-2022", "eddsa-rdfc-2022")))
	g.rule = "F-48"
	g.bad("signed by somebody else in their own name", "a passport, jcs", notKey, check(sign(mallory,
		plain("proof"))))
	g.rule = "F-50"
	g.bad("no proof", "a passport, jcs", "proof.missing", check(withoutProof(jcs)))
	g.rule = "F-42"
	g.bad("both suites, one broken", "a passport, both suites", invalid, check(breakLast(both)))
	g.rule = "F-44"
	g.bad("contexts of the proof are others", "a passport, jcs", badCtx, check(otherProofContext(jcs)))

	const first = "urn:uuid:8f4e1a90-6f0c-4b7a-9d5e-0a6a1c2b3d4e"
	one := sign(issuer, plain("proof"), func(so *credential.SignOptions) { so.ProofID = first })
	chain := signAgain(one, rdfc, func(so *credential.SignOptions) { so.PreviousProof = []string{first} })
	g.rule = "F-44"
	g.good("a proof with an id", check(one))
	g.good("a chain of two proofs", check(chain))
	previous := `"previousProof":"` + first + `"`
	g.bad("a chain whose first proof is not there", "a chain of two proofs", invalid, check(replace(chain, previous,
		`"previousProof":"urn:uuid:00000000-0000-4000-8000-000000000000"`)))
	g.bad("a chain of two proofs, cut", "a chain of two proofs", invalid, check(replace(chain, ","+previous, ``)))
	g.bad("a proof that continues itself", "a chain of two proofs", invalid, check(replace(chain,
		`"id":"`+first+`"`, `"id":"`+first+`",`+previous)))
	g.rule = "F-49"
	head, payload, sig := cut3(token)
	header := func(h string) object {
		return check(base64.RawURLEncoding.EncodeToString([]byte(h)) + "." + payload + "." + sig)
	}
	kid := issuer.KeyID().String()
	twin := "a passport, jwt"
	g.bad("jwt: alg none", twin, "proof.transformation", header(`{"alg":"none","kid":"`+kid+`","typ":"vc+jwt"}`))
	g.bad("jwt: alg HS256", twin, "proof.transformation", header(`{"alg":"HS256","kid":"`+kid+`","typ":"vc+jwt"}`))
	g.bad("jwt: typ JWT", twin, malformed, header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"JWT"}`))
	g.bad("jwt: typ vp+jwt", twin, malformed, header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vp+jwt"}`))
	g.bad("jwt: typ in capitals", twin, malformed, header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"VC+JWT"}`))
	g.bad("jwt: no typ", twin, malformed, header(`{"alg":"EdDSA","kid":"`+kid+`"}`))
	g.bad("jwt: no kid", twin, notKey, header(`{"alg":"EdDSA","typ":"vc+jwt"}`))
	g.bad("jwt: crit", twin, "proof.transformation",
		header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt","crit":["x"]}`))
	g.bad("jwt: b64", twin, "proof.transformation",
		header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt","b64":false}`))
	g.bad("jwt: a key in the header", twin, notKey, header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt","jwk":{}}`))
	g.bad("jwt: jku", twin, notKey,
		header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt","jku":"https://evil.example/"}`))
	g.bad("jwt: an unknown member", twin, malformed, header(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt","x":1}`))
	g.bad("jwt: another order of the header", twin, invalid, header(`{"typ":"vc+jwt","alg":"EdDSA","kid":"`+kid+`"}`))
	g.bad("jwt: a letter of the payload", twin, invalid, check(head+"."+reencode(payload, "a test agent",
		"another agent")+"."+sig))
	g.bad("jwt: iss is another", twin, malformed, check(head+"."+reencode(payload, `"iss":"did:key:`,
		`"iss":"did:kex:`)+"."+sig))
	g.bad("jwt: a signature cut short", twin, invalid, check(head+"."+payload+"."+sig[:len(sig)-2]))
	g.bad("jwt: no signature", twin, invalid, check(head+"."+payload+"."))
	g.bad("jwt: two segments", twin, malformed, check(head+"."+payload))
	g.bad("jwt: padding", twin, malformed, check(token+"="))
	g.bad("jwt: a line break behind", twin, malformed, check(token+"\n"))
	g.bad("jwt: a letter of the signature", twin, invalid, check(head+"."+payload+"."+flip(sig)))

	shown := present(agent, intent("proof", idOf(jcs)), []string{jcs})
	g.rule = "F-101"
	g.good("a presentation", vp(shown))
	g.good("a presentation, rdfc", vp(present(agent, intent("proof", idOf(rdf)), []string{rdf}, rdfc)))
	g.good("a presentation of a token, as a token", vp(present(agent, intent("proof", idOf(token)),
		[]string{embedded(token)}, jwt)))
	g.bad("presentation: another domain", "a presentation", invalid, vp(replace(shown, `"domain":"did:web:shop`,
		`"domain":"did:web:evil`)))
	g.bad("presentation: another challenge", "a presentation", invalid, vp(replace(shown, `of the shop, 1"`,
		`of the shop, 2"`)))
	g.bad("presentation: another intent", "a presentation", invalid, vp(replace(shown, `"12.50"`, `"12.51"`)))
	g.bad("presentation: a passport changed", "a presentation", invalid, vp(replace(shown, `"50.00"`, `"90.00"`)))
	g.rule = "F-47"
	g.bad("presentation: for assertion", "a presentation", purpose, vp(present(agent, intent("proof", idOf(jcs)),
		[]string{jcs}, func(so *credential.SignOptions) { so.Purpose = "assertionMethod" })))
	g.rule = "F-48"
	g.bad("presentation: signed by somebody else", "a presentation", notKey, vp(signVP(mallory, unsigned(agent.DID(),
		intent("proof", idOf(jcs)), jcs))))
	g.rule = "F-43"
	dup := replace(jcs, `"name":`, `"name":"x","name":`)
	g.rule = "F-2"
	g.bad("a member twice under a signature", "a passport, jcs", malformed, check(dup))
}

// value returns the proofValue of a document.
func value(doc string) string {
	_, after, _ := strings.Cut(doc, `"proofValue":"`)
	v, _, _ := strings.Cut(after, `"`)
	return v
}

// signAgain adds a proof.
func signAgain(doc string, edits ...func(*credential.SignOptions)) string {
	so := credential.SignOptions{Created: now.Add(-time.Minute)}
	for _, e := range edits {
		e(&so)
	}
	s, err := credential.SignJSON(ctx, issuer, []byte(doc), so)
	Must(err)
	return s.Text()
}

// breakLast changes the last proof.
func breakLast(doc string) string {
	i := strings.LastIndex(doc, `"proofValue":"z`) + len(`"proofValue":"z`)
	return doc[:i+20] + swapped(doc[i+20:i+21]) + doc[i+21:]
}

func swapped(c string) string {
	if c == "A" {
		return "B"
	}
	return "A"
}

func flip(s string) string { return s[:10] + swapped(s[10:11]) + s[11:] }

// reorder writes the members of the root backwards.
func reorder(doc string) string {
	var order []string
	dec := json.NewDecoder(strings.NewReader(doc))
	_, err := dec.Token()
	Must(err)
	for dec.More() {
		name, err := dec.Token()
		Must(err)
		var v json.RawMessage
		Must(dec.Decode(&v))
		order = append([]string{string(raw(name)) + ":" + string(v)}, order...)
	}
	return "{" + strings.Join(order, ",") + "}"
}

func cut3(token string) (head, payload, sig string) {
	parts := strings.Split(token, ".")
	return parts[0], parts[1], parts[2]
}

func reencode(segment, old, new string) string {
	b, err := base64.RawURLEncoding.DecodeString(segment)
	Must(err)
	return base64.RawURLEncoding.EncodeToString([]byte(replace(string(b), old, new)))
}

// embedded is a token inside a presentation.
func embedded(token string) string {
	return o("@context", []string{credential.ContextV2}, "id", "data:application/vc+jwt,"+token, "type",
		"EnvelopedVerifiableCredential").text()
}

func withoutProofContext(doc string) string {
	i := strings.LastIndex(doc, `"proof":{`)
	return doc[:i] + strings.Replace(doc[i:], `"@context":["`+contexts2[0]+`","`+contexts2[1]+`"],`, "", 1)
}

func otherProofContext(doc string) string {
	i := strings.LastIndex(doc, `"proof":{`)
	return doc[:i] + replace(doc[i:], contexts2[1], "https://w3id.org/security/data-integrity/v2")
}

// above adds the group order to S: the other spelling of one signature.
func above(value string) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	sig := make([]byte, 64)
	for _, c := range value[1:] {
		carry := strings.IndexRune(alphabet, c)
		for i := 63; i >= 0; i-- {
			carry += int(sig[i]) * 58
			sig[i], carry = byte(carry), carry>>8
		}
	}
	order := [32]byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		31: 0x10}
	carry := 0
	for i := range 32 {
		carry += int(sig[32+i]) + int(order[i])
		sig[32+i], carry = byte(carry), carry>>8
	}
	return "z" + base58(sig)
}
