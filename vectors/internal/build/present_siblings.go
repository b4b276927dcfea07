package build

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// siblingProofs are consents and lists that are what they should be, under proofs
// that are not, and the keys and lists of persons.
func (st *stage) siblingProofs() {
	will := will("1")
	standsOn := func(principal, doc, digested string) string {
		return pass("consented", subject("humanPrincipal", principal), subject("consent", o("id", will.get("id"),
			"type", "ManifestationOfWillCredential", "digestMultibase", digested)))
	}
	by := func(doc string) edit { // a consent of ada
		return func(s *scene) {
			p := standsOn(ada.DID().String(), doc, digest(doc))
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
			s.lists[adaURL] = ref("list of ada")
		}
	}
	ends := func(at time.Time) func(*credential.SignOptions) {
		return func(so *credential.SignOptions) { so.Expires = at }
	}
	made := func(at time.Time) func(*credential.SignOptions) {
		return func(so *credential.SignOptions) { so.Created = at }
	}
	const lasts = "a consent whose proof ends in a second"
	st.ok("P-33", lasts, by(sign(ada, will, ends(now.Add(time.Second)))))
	st.no("P-33", "a consent whose proof ends now", lasts, "consent.expired", by(sign(ada, will, ends(now))))
	st.no("P-33", "a consent signed in the future", lasts, "consent.invalid", by(sign(ada, will,
		made(now.Add(time.Second)))))
	st.no("P-33", "a consent for authentication", lasts, "consent.invalid", by(sign(ada, will,
		func(so *credential.SignOptions) { so.Purpose = "authentication" })))
	st.no("P-33", "a consent with a status entry of no purpose", lasts, "consent.invalid", by(sign(ada,
		will.with("credentialStatus", entry(adaURL, "revocation", "7").with("statusListIndex", "07")))))
	st.no("P-33", "a consent whose list is by somebody else", lasts, status, by(sign(ada, will)), listed(adaURL,
		list(issuer, plainList(adaURL, "revocation"))))

	bare := withoutProof(sign(ada, will))
	atHand := func(doc, digested string) edit {
		return func(s *scene) {
			p := standsOn(ada.DID().String(), doc, digested)
			s.presentation, s.siblings = st.show(&p), object{will.get("id").(string): doc}
			s.lists[adaURL] = ref("list of ada")
		}
	}
	st.no("P-33", "a consent at hand that is not signed", lasts, "consent.invalid", atHand(bare,
		sha(st.m.canonical(will))))

	// A person who is a did:web.
	const person = "did:web:ada.example"
	id, err := did.ParseURL(person + "#1")
	Must(err)
	key, err := did.NewSigner(id, ada.PrivateKey())
	Must(err)
	document := func(rel string) string {
		return o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", person, rel, []any{o("id", person+"#1",
			"type", "Multikey", "controller", person, "publicKeyMultibase", ada.PublicKey().Multikey())}).text()
	}
	web := func(doc any) edit {
		return func(s *scene) {
			c := sign(key, will.with("issuer", person).at("credentialSubject/id", person))
			p := standsOn(person, c, digest(c))
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, c})
			s.lists[adaURL] = list(key, plainList(adaURL, "revocation").with("issuer", person))
			s.documents = object{person: doc}
		}
	}
	const twin = "a consent of a did:web"
	st.ok("P-33", twin, web(document("assertionMethod")))
	st.no("P-33", "a consent of a did:web that lists the key for another purpose", twin, "consent.invalid",
		web(document("authentication")))
	st.no("P-17", "a consent of a did:web that cannot be found", twin, "proof.unresolvable", web(nil))
	st.no("P-17", "a consent of a did:web that comes too late", twin, "proof.timeout", web("timeout"))

	// Lists of the passport.
	l := plainList(listURL, "revocation")
	const fresh = "a list whose proof ends in a second"
	st.ok("P-31", fresh, listed(listURL, list(issuer, l, ends(now.Add(time.Second)))))
	st.no("P-31", "a list whose proof ends now", fresh, "status.stale", listed(listURL, list(issuer, l, ends(now))))
	st.no("P-29", "a list that names another issuer than who signed it", fresh, status, listed(listURL, list(issuer,
		l.with("issuer", mallory.DID().String()))))
}

// oddTokens are tokens whose header and signature are right, and whose payload is
// no passport.
func (st *stage) oddTokens() {
	token := func(payload string) edit {
		enc := base64.RawURLEncoding.EncodeToString
		signed := enc([]byte(`{"alg":"EdDSA","kid":"`+issuer.KeyID().String()+`","typ":"vc+jwt"}`)) + "." +
			enc([]byte(payload))
		jws := signed + "." + enc(ed25519.Sign(issuer.PrivateKey().(ed25519.PrivateKey), []byte(signed)))
		return func(s *scene) {
			s.presentation = strings.Replace(st.show(nil), st.root, embedded(jws), 1)
			s.config = s.config.with("formats", []string{"vc+jwt"})
		}
	}
	good := sign(issuer, plain("present"), jwt)
	enveloped := func(edits ...func(members) members) edit {
		e := o("@context", []string{credential.ContextV2}, "id", "data:application/vc+jwt,"+good, "type",
			"EnvelopedVerifiableCredential")
		for _, f := range edits {
			e = f(e)
		}
		return func(s *scene) {
			s.presentation = replace(present(agent, intent("present", idOf(good)), []string{embedded(good)}),
				embedded(good), e.text())
			s.config = s.config.with("formats", []string{"vc+jwt"})
		}
	}
	const in = "a token in a presentation"
	for _, b := range []struct {
		title, code string
		edit        func(members) members
	}{
		{"of another media type", malformed, set("id", "data:application/vp+jwt,"+good)},
		{"of a URL", malformed, set("id", "https://issuer.example/passport")},
		{"of no token", "envelope.unsupported", set("id", "data:application/vc+jwt,a b")},
		{"without id", malformed, set("id", nil)},
		{"whose id is a number", malformed, set("id", 1)},
		{"with the context of passports alone", badCtx, set("@context", []string{contexts2[1]})},
		{"with a proof", malformed, set("proof", o("type", "DataIntegrityProof"))},
	} {
		st.no("F-99", "an envelope "+b.title, in, b.code, enveloped(b.edit))
	}
	st.no("F-49", "a token of four segments", in, malformed, func(s *scene) {
		enveloped(set("id", "data:application/vc+jwt,"+good+".x"))(s)
	})
	st.no("F-49", "a token of a list", "a token in a presentation", malformed, token(`[]`))
	st.no("F-49", "a token of a text", "a token in a presentation", malformed, token(`"urn:x:y"`))
	st.no("F-49", "a token of no JSON", "a token in a presentation", malformed, token(`{"a":}`))
	st.no("F-49", "a token of a passport with a proof", "a token in a presentation", malformed, token(st.root))
}

// tooMany has one credential more than a presentation may have.
func (st *stage) tooMany() {
	var chain []string
	for i := range 16 {
		chain = append(chain, sign(ada, will("many "+strings.Repeat("x", i))))
	}
	chain[0] = st.root
	full := present(agent, intent("present", idOf(st.root)), chain)
	st.ok("F-99", "sixteen credentials", shown(full))
	st.no("F-99", "seventeen credentials", "sixteen credentials", tooLarge, shown(replace(full, chain[15],
		chain[15]+","+sign(ada, will("many")))))
}

// twoChallenges are presentations under two proofs.
func (st *stage) twoChallenges() {
	both := func(challenge string) edit { // two proofs of the presentation
		return func(s *scene) {
			so := credential.SignOptions{Suite: credential.SuiteRDFC, Created: now, Domain: []string{audience},
				Challenge: challenge}
			vp, err := credential.SignPresentation(ctx, agent, []byte(st.show(nil)), so)
			Must(err)
			s.presentation = vp.Text()
		}
	}
	st.ok("P-20", "two proofs, one challenge", both(challenge))
	st.no("P-20", "two proofs, two challenges", "two proofs, one challenge", "proof.challenge_mismatch",
		both("another challenge of 1"))
}

// chainOfProofs has a passport of which one proof continues the other.
func (st *stage) chainOfProofs() {
	const first = "urn:uuid:8f4e1a90-6f0c-4b7a-9d5e-0a6a1c2b3d4e"
	p := sign(issuer, plain("present"), func(so *credential.SignOptions) { so.ProofID = first })
	chain := signAgain(p, rdfc, func(so *credential.SignOptions) { so.PreviousProof = []string{first} })
	st.no("F-50", "a chain of two proofs", "two proofs of two suites", malformed, shown(present(agent,
		intent("present", idOf(st.root)), []string{chain})))
}
