package build

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
)

// exchange replaces a text that must be there.
func exchange(text, from, to string) string {
	if !strings.Contains(text, from) {
		Must(fmt.Errorf("%s is not in the document", from))
	}
	return strings.Replace(text, from, to, 1)
}

// grantexPassports are passports as Grantex sends them, signed with Ed25519.
func grantexPassports(m *maker) {
	g := m.group("grantex", "dialect", "Passports of Grantex: the value of the header X-Grantex-Passport.")
	g.now, g.rule = nowText, "P-46"
	const by, list = "did:web:issuer.example", "https://issuer.example/status/1"
	key := ed25519.NewKeyFromSeed([]byte("a seed of thirty-two characters!"))
	signer := grantex.Signer{KeyID: "2026-11", Key: key}
	emit := func(edits ...func(*grantex.Passport)) string {
		p := grantex.Passport{ID: grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6V", Issuer: by,
			ValidFrom:  now.Add(-time.Hour),
			ValidUntil: now.Add(24 * time.Hour), Agent: "did:grantex:ag_1", HumanPrincipal: "did:grantex:user_1",
			Organization: by, GrantID: "grnt_1", Categories: []string{"inference", "compute"}, Rails: []string{"tempo"},
			MaxAmount: grantex.Amount{Amount: "49.95", Currency: "USDC"}}
		for _, edit := range edits {
			edit(&p)
		}
		return MustValue(grantex.Emit(signer, p))
	}
	g.text("keys", string(MustValue(grantex.KeySetOf(signer))))
	in := func(header string) object {
		return object{"dialect": "grantex", "text": header, "keys": ref("keys"), "issuers": []string{by}}
	}
	object := func(header, from, to string) object {
		raw := MustValue(base64.RawURLEncoding.DecodeString(header))
		return in(base64.RawURLEncoding.EncodeToString([]byte(exchange(string(raw), from, to))))
	}
	const plain = "a passport"
	ok := emit()
	g.good(plain, in(ok))
	g.good("a passport for nothing", in(emit(func(p *grantex.Passport) { p.Categories, p.Rails = nil, nil })))
	g.good("a principal beyond ASCII",
		in(emit(func(p *grantex.Passport) { p.HumanPrincipal = "did:grantex:käthe <&> 🚀" })))
	g.bad("nothing", plain, "envelope.missing", in(""))
	g.bad("padding", plain, "envelope.malformed", in(ok+"="))
	g.bad("another amount", plain, "proof.invalid", object(ok, "49.95", "4995"))
	g.bad("another agent", plain, "proof.invalid", object(ok, "ag_1", "ag_2"))
	g.bad("another context", plain, "proof.invalid", object(ok, "grantex.dev", "evil.example"))
	g.bad("an earlier beginning", plain, "proof.invalid", object(ok, `"validFrom":"2026`, `"validFrom":"2025`))
	g.bad("a later end", plain, "proof.invalid", object(ok, `"validUntil":"2026`, `"validUntil":"2027`))
	g.bad("the method of another", plain, "proof.invalid", object(ok, by+"#", "did:web:evil.example#"))
	g.bad("a member more", plain, "envelope.malformed", object(ok, `{"@context"`, `{"admin":true,"@context"`))
	g.bad("a member twice", plain, "envelope.malformed", object(ok, `"id":"urn`, `"id":"urn:x","id":"urn`))
	g.bad("a type as text", plain, "proof.invalid", object(ok, `["VerifiableCredential","AgentPassportCredential"]`,
		`"AgentPassportCredential"`))
	g.bad("an issuer that is not trusted", plain, "anchor.untrusted_issuer", object(ok, `"issuer":"`+by,
		`"issuer":"did:web:x.example`))
	g.bad("a status that nobody knows", plain, "status.unavailable", in(emit(func(p *grantex.Passport) {
		p.Status = &grantex.Status{List: list, Index: 7}
	})))
	g.bad("a status that was dropped", plain, "proof.invalid", object(emit(func(p *grantex.Passport) {
		p.Status = &grantex.Status{List: list, Index: 7}
	}), `,"credentialStatus":{"id":"`+list+`#7","type":"StatusList2021Entry","statusPurpose":"revocation",`+
		`"statusListIndex":"7",`+
		`"statusListCredential":"`+list+`"}`, ""))
	g.bad("a parent that nobody knows", plain, "status.unavailable", in(emit(func(p *grantex.Passport) {
		p.Parent = grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6A"
	})))
	g.bad("an expired passport", plain, "time.expired", in(emit(func(p *grantex.Passport) { p.ValidUntil = now })))
	g.bad("a passport of later", plain, "time.not_yet_valid",
		in(emit(func(p *grantex.Passport) { p.ValidFrom = now.Add(61 * time.Second) })))
	stranger := grantex.Signer{KeyID: "2026-11",
		Key: ed25519.NewKeyFromSeed([]byte("another seed of thirty-two chars"))}
	forged := MustValue(grantex.Emit(stranger, grantex.Passport{ID: grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6V",
		Issuer:    by,
		ValidFrom: now, ValidUntil: now.Add(time.Hour), Agent: "did:grantex:ag_1", HumanPrincipal: "did:grantex:user_1",
		Organization: by, GrantID: "grnt_1", MaxAmount: grantex.Amount{Amount: "1", Currency: "USD"}}))
	g.bad("another key", plain, "proof.invalid", in(forged))
}

// aip1Envelopes are envelopes and mandates of AIP-1.
func aip1Envelopes(m *maker) {
	g := m.group("aip1", "dialect", "Envelopes and mandates of AIP-1 1.0.0.")
	g.now, g.rule = nowText, "P-46"
	const principal, agentID = "did:web:acme.example", "did:web:acme.example:agents:buyer"
	keys := map[string]ed25519.PrivateKey{"agent": ed25519.NewKeyFromSeed([]byte("a seed of thirty-two characters!")),
		"principal": ed25519.NewKeyFromSeed([]byte("another seed of thirty-two chars"))}
	signer := func(of string) did.Signer {
		return MustValue(did.NewSigner(did.MustParseURL(principal+"#keys-1"), keys[of]))
	}
	public := func(of string) string {
		return MustValue(did.PublicKeyOf(keys[of].Public())).Multikey()
	}
	envelope := func(edits ...func(*aip1.Envelope)) string {
		e := aip1.Envelope{Agent: aip1.Agent{ID: agentID}, Principal: aip1.Principal{ID: principal},
			Intent: aip1.Intent{Action: "transfer_funds", Target: "did:web:shop.example",
				Parameters: `{"amount":45.5,"currency":"USD"}`},
			Nonce: "nonce:00112233445566778899aabbccddeeff", IssuedAt: now.Add(-time.Minute + 123456*time.Microsecond),
			Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
				Limit: aip1.Limit{PerTransaction: "800", PerDay: "3200", Currency: "USD"}}}
		for _, edit := range edits {
			edit(&e)
		}
		return MustValue(aip1.Sign(ctx, signer("agent"), e, aip1.SignOptions{}))
	}
	mandate := func(edits ...func(*aip1.Mandate)) string {
		m := aip1.Mandate{ID: "mandate:00112233445566778899aabbccddeeff", Issuer: principal, Subject: agentID,
			IssuedAt: now.Add(-24 * time.Hour), Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
				Limit: aip1.Limit{PerTransaction: "100", PerDay: "150", Currency: "USD"}}}
		for _, edit := range edits {
			edit(&m)
		}
		return MustValue(aip1.Issue(ctx, signer("principal"), m, aip1.SignOptions{}))
	}
	in := func(envelope, mandate string) object {
		return object{"dialect": "aip1", "text": envelope, "mandate": mandate, "key": public("agent"),
			"issuerKey": public("principal")}
	}
	pays := func(parameters string) object {
		return in(envelope(func(e *aip1.Envelope) { e.Intent.Parameters = aip1.Object(parameters) }), mandate())
	}
	const plain = "an envelope with its mandate"
	ok := envelope()
	g.good(plain, in(ok, mandate()))
	g.good("text beyond ASCII", pays(`{"memo":"naïve 日本 🚀 \u2028\u007f <&>/\"\\\t",`+
		`"🚀":1,"～":2,"10":3,"2":4}`))
	g.good("numbers", pays(`{"a":1e22,"b":1e23,"c":0.00001,"d":1.5e-7,"e":100.0,`+
		`"i":123456789012345678901234567890,"z":-0.0}`))
	g.good("minor units", pays(`{"amount_minor":10000}`))
	g.bad("another amount", plain, "proof.invalid", in(exchange(ok, "45.5", "45.6"), mandate()))
	g.bad("a signature without padding", plain, "proof.invalid", in(exchange(ok, `=="}}`, `"}}`), mandate()))
	g.bad("a member left out", plain, "envelope.malformed", in(exchange(ok, `"ttl":300,`, ``), mandate()))
	g.bad("a member more", plain, "envelope.malformed", in(exchange(ok, `{"@context"`, `{"x":1,"@context"`), mandate()))
	g.bad("a number in a text", plain, "envelope.malformed", in(exchange(ok, `"ttl":300`, `"ttl":"300"`), mandate()))
	g.bad("a member twice", plain, "envelope.malformed", in(exchange(ok, `"ttl":300`, `"ttl":1,"ttl":300`), mandate()))
	g.bad("two amounts", plain, "envelope.malformed", pays(`{"amount":45.5,"amount_minor":1}`))
	g.bad("a negative amount", plain, "envelope.malformed", pays(`{"amount":-1}`))
	g.bad("half a cent", plain, "envelope.malformed", pays(`{"amount":1.005}`))
	g.bad("another currency", plain, "authority.amount_exceeded", pays(`{"amount":45.5,"currency":"BTC"}`))
	g.bad("more than the mandate allows", plain, "authority.amount_exceeded", pays(`{"amount":100.01}`))
	g.bad("more than the envelope allows", plain, "authority.amount_exceeded", in(envelope(func(e *aip1.Envelope) {
		e.Boundaries.Limit.PerTransaction = "45.49"
	}), mandate()))
	g.bad("an empty list of actions", plain, "authority.action_not_allowed", in(ok, mandate(func(m *aip1.Mandate) {
		m.Boundaries.AllowedActions = nil
	})))
	g.bad("an envelope that has ended", plain, "time.intent_expired", in(envelope(func(e *aip1.Envelope) {
		e.IssuedAt = now.Add(-301 * time.Second)
	}), mandate()))
	g.bad("an envelope that outlives its ttl", plain, "time.intent_expired", in(envelope(func(e *aip1.Envelope) {
		e.ExpiresAt = now.Add(time.Hour)
	}), mandate()))
	g.bad("a short nonce", plain, "envelope.nonce_invalid",
		in(envelope(func(e *aip1.Envelope) { e.Nonce = "nonce:00" }), mandate()))
	g.bad("no mandate", plain, "consent.missing", in(ok, ""))
	g.bad("a mandate of another principal", plain, "consent.invalid", in(ok, mandate(func(m *aip1.Mandate) {
		m.Issuer = "did:web:other.example"
	})))
	g.bad("a mandate for another agent", plain, "consent.subject_mismatch", in(ok, mandate(func(m *aip1.Mandate) {
		m.Subject = agentID + "2"
	})))
	g.bad("a mandate that has ended", plain, "consent.expired", in(ok,
		mandate(func(m *aip1.Mandate) { m.ExpiresAt = now.Add(-time.Second) })))
}
