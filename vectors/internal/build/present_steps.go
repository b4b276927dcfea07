package build

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

func (st *stage) envelopes() {
	const ok = "a presentation"
	st.ok("P-1", ok)
	shows := func(old, new string) edit { return shown(replace(st.show(nil), old, new)) }
	no := func(rule, title, code string, edits ...edit) { st.no(rule, title, ok, code, edits...) }
	no("P-5", "nothing", "envelope.missing", shown(""))
	no("P-5", "a word", "envelope.unsupported", shown("hello"))
	no("P-5", "a number", malformed, shown("1"))
	no("P-5", "an array", malformed, shown("[]"))
	no("F-51", "an empty object", badCtx, shown("{}"))
	no("P-5", "cut short", malformed, func(s *scene) { d := st.show(nil); s.presentation = d[:len(d)-1] })
	no("P-5", "data behind", malformed, shown(st.show(nil)+"{"))
	no("F-2", "a member twice", malformed, shows(`"holder":`, `"holder":"did:web:x.example","holder":`))
	no("F-2", "an act twice", malformed, shows(`"action":"payments.charge","trans`,
		`"action":"payments.refund","action":"payments.charge","trans`))
	no("F-7", "a subject member that nothing defines", dataLoss, shows(`"capabilities":`,
		`"superuser":"yes","capabilities":`))
	no("F-7", "a subject member in another case", dataLoss, shows(`"maxTransactionAmount":`,
		`"MaxTransactionAmount":`))
	no("F-7", "a member of the intent that nothing defines", dataLoss, shows(`"category":`,
		`"colour":"red","category":`))
	no("F-7", "a member of the presentation that nothing defines", dataLoss, shows(`"holder":`,
		`"superuser":"yes","holder":`))
	no("F-19", "an amount as a number", malformed, shows(`"amount":"50.00"`, `"amount":50`))
	no("F-21", "an amount too precise", malformed, shows(`"amount":"50.00"`, `"amount":"50.001"`))
	no("F-21", "an amount of the intent too precise", malformed, shows(`"amount":"12.50"`, `"amount":"12.505"`))
	no("F-20", "a currency in small letters", malformed, shows(`"currency":"USD"`, `"currency":"usd"`))
	no("F-62", "a limit of no known form", malformed, shows(`"capabilities":`,
		`"limits":{"no_such":1},"capabilities":`))
	no("F-51", "an unknown context", badCtx, shows(`"https://w3id.org/safeconduct/v1"]`,
		`"https://w3id.org/safeconduct/v1","https://evil.example/v1"]`))
	no("F-98", "another context in the second place", badCtx,
		shows(`"https://w3id.org/safeconduct/v1"],"type":["VerifiableP`,
			`"https://w3id.org/security/data-integrity/v2","https://w3id.org/safeconduct/v1"],"type":["VerifiableP`))
	no("F-10", "a context inside", badCtx, shows(`"https://w3id.org/safeconduct/v1"]`,
		`"https://w3id.org/safeconduct/v1",{"@vocab":"https://evil.example/"}]`))
	no("F-51", "contexts the other way round", badCtx,
		shows(`["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"]`,
			`["https://w3id.org/safeconduct/v1","https://www.w3.org/ns/credentials/v2"]`))
	no("F-98", "no holder", malformed, shown(signVP(agent, unsigned(agent.DID(), intent("present",
		idOf(st.root)),
		st.root).with("holder", nil))))
	no("F-98", "no intent", malformed, shown(signVP(agent, unsigned(agent.DID(), intent("present",
		idOf(st.root)),
		st.root).with("intent", nil))))
	no("F-98", "another type of presentation", malformed, shown(signVP(agent, unsigned(agent.DID(),
		intent("present",
			idOf(st.root)), st.root).with("type", []string{"VerifiablePresentation", "AgentPresentation",
		"AgentIntent"}))))
	no("F-98", "a presentation with an id of a passport", malformed, shows(`"holder":`, `"name":"x","holder":`))
	no("F-99", "no credentials", "envelope.missing", shown(signVP(agent, unsigned(agent.DID(), intent("present",
		idOf(st.root)), st.root).with("verifiableCredential", nil))))
	w := sign(ada, will("present"))
	no("F-99", "another credential first", "envelope.unsupported", shown(present(agent, intent("present",
		idOf(st.root)), []string{w, st.root})))
	other := pass("other")
	no("P-7", "a passport behind another credential", malformed, shown(present(agent, intent("present",
		idOf(st.root)), []string{st.root, w, other})))
	no("F-99", "a passport twice", malformed, func(s *scene) {
		s.presentation = replace(st.show(nil), st.root, st.root+","+st.root)
	})
	no("F-50", "no proof", "proof.missing", shown(withoutProof(st.show(nil))))
	no("F-50", "a passport without proof", "proof.missing", shown(signVP(agent, unsigned(agent.DID(),
		intent("present", idOf(st.root)), withoutProof(st.root)))))
	twice := signAgain(st.root, func(so *credential.SignOptions) { so.Nonce = "again" })
	no("F-50", "two proofs of one suite", malformed, shown(present(agent, intent("present", idOf(st.root)),
		[]string{twice})))
	st.ok("F-50", "two proofs of two suites", shown(present(agent, intent("present", idOf(st.root)),
		[]string{signAgain(st.root, rdfc)})))
	three := signAgain(twice, rdfc)
	st.no("F-50", "three proofs", "two proofs of two suites", tooLarge, shown(present(agent, intent("present",
		idOf(st.root)), []string{three})))
	no("P-6", "a passport alone", "presentation.required", shown(st.root))
	st.ok("P-6", "a passport alone, where that is accepted", shown(st.root), configured("allowBare", true))
	st.no("P-6", "a changed passport alone", "a passport alone, where that is accepted", invalid,
		shown(replace(st.root, `"50.00"`, `"90.00"`)), configured("allowBare", true))
	token := sign(issuer, plain("present"), jwt)
	tokenVP := present(agent, intent("present", idOf(token)), []string{embedded(token)}, jwt)
	st.ok("P-8", "a token", shown(tokenVP), configured("formats", []string{"vc+jwt"}))
	st.no("P-8", "a token where none is accepted", "a token", "envelope.unsupported", shown(tokenVP))
	st.ok("P-8", "a token in a presentation", shown(present(agent, intent("present", idOf(token)),
		[]string{embedded(token)})), configured("formats", []string{"vc+jwt"}))
	st.no("P-8", "a changed token", "a token", invalid,
		shown(tokenVP[:len(tokenVP)-12]+flip(tokenVP[len(tokenVP)-12:])), configured("formats",
			[]string{"vc+jwt"}))
	st.oddTokens()
	st.tooMany()
	st.chainOfProofs()
	st.ok("F-42", "the other suite", func(s *scene) {
		p := sign(issuer, plain("present"), rdfc)
		s.presentation = present(agent, intent("present", idOf(p)), []string{p}, rdfc)
	})
	for _, b := range []struct{ title, old, new string }{
		{"no id", `"id":"urn:safeconduct:intent:`,
			`"bodyDigest":"` + sha("x") + `","resource":"urn:safeconduct:intent:`},
		{"an id of another kind", `"id":"urn:safeconduct:intent:`, `"id":"urn:safeconduct:passport:`},
		{"an id in small letters", ulid("intent present"), strings.ToLower(ulid("intent present"))},
		{"an action in capitals", `"action":"payments.charge","trans`, `"action":"Payments.charge","trans`},
		{"a pattern for an action", `"action":"payments.charge","trans`, `"action":"payments.*","trans`},
		{"an end at its beginning", `"expiresAt":"2026-11-21T09:05:00Z"`, `"expiresAt":"2026-11-21T09:00:00Z"`},
		{"no end", `,"expiresAt":"2026-11-21T09:05:00Z"`, ``},
		{"no beginning", `"issuedAt":"2026-11-21T09:00:00Z",`, ``},
		{"a region in small letters", `"category":`, `"region":"de","category":`},
		{"a digest that is none", `"category":`, `"bodyDigest":"abc","category":`},
		{"parameters that are a list", `"category":`, `"parameters":[1],"category":`},
		{"a payee with a space", `"category":`, `"payee":"a b","category":`},
	} {
		no("F-100", "intent with "+b.title, malformed, shows(b.old, b.new))
	}
	no("P-4", "a question without audience", "request.invalid", asks("audience", ""))
	no("P-4", "a question with a short nonce", "request.invalid", asks("nonce", "123456789012345"))
	no("P-4", "a question with a long nonce", "request.invalid", asks("nonce", strings.Repeat("n", 129)))
	no("P-4", "a question without action", "request.invalid", asks("action", ""))
	no("P-4", "a question with a pattern", "request.invalid", asks("action", "payments.*"))
	no("P-4", "a question with an unknown region", "request.invalid", asks("region", "UK"))
	no("P-4", "a question with attributes that are facets", "request.invalid", asks("parameters", o("amount",
		1)))
	no("P-4", "a question with usage below zero", "request.invalid", asks("usage", o("rows", -1)))
	no("P-4", "a question with a star", "request.invalid", asks("payee", "https://shop.example/*"))
	no("P-4", "a question with a digest that is none", "request.invalid", asks("bodyDigest", "abc"))
	no("P-4", "a question with an unknown level", "request.invalid", asks("minAssurance", "L9"))
	no("P-4", "a question with a control character", "request.invalid", asks("resource", "a\nb"))
	no("P-43", "too many keys to look up", tooLarge, func(s *scene) {
		entries := []any{}
		for i := range 4 {
			entries = append(entries, entry("https://issuer.example/many/"+string(rune('a'+i)), "revocation",
				"7"))
		}
		chain := []string{pass("many", set("credentialStatus", entries), subject("maxDelegationDepth", 5))}
		by := []*did.KeyPair{agent, second, third, key("fourth"), key("fifth"), key("sixth")}
		for i := range 5 {
			own := []any{}
			for k := range 4 {
				own = append(own, entry("https://agents.example/"+string(rune('a'+i))+"/"+string(rune('a'+k)),
					"revocation", "7"))
			}
			chain = append(chain, sign(by[i], delegated("many "+string(rune('a'+i)), chain[i], i+1, by[i],
				by[i+1],
				set("credentialStatus", own), func(p members) members {
					return p.at("credentialSubject/maxDelegationDepth", 5)
				})))
		}
		s.presentation = present(by[5], intent("present", idOf(chain[5])), chain)
		for i := range 4 {
			u := "https://issuer.example/many/" + string(rune('a'+i))
			s.lists[u] = list(issuer, plainList(u, "revocation"))
		}
		for i := range 5 {
			for k := range 4 {
				u := "https://agents.example/" + string(rune('a'+i)) + "/" + string(rune('a'+k))
				s.lists[u] = list(by[i], plainList(u, "revocation").with("issuer", by[i].DID().String()))
			}
		}
	})
}

func (st *stage) anchorsAndTimes() {
	const ok = "a trusted issuer"
	st.ok("P-9", ok)
	no := func(rule, title, twin, code string, edits ...edit) { st.no(rule, title, twin, code, edits...) }
	const untrusted, scope = "anchor.untrusted_issuer", "anchor.out_of_scope"
	stranger := sign(mallory, plain("present", as(mallory, agent)))
	no("P-9", "an issuer that nobody trusts", ok, untrusted, shown(st.show(&stranger)))
	no("P-9", "trust in somebody else", ok, untrusted, trusts("issuer", mallory.DID().String()))
	no("P-9", "an issuer in another case", ok, untrusted, trusts("issuer", "did:web:issuer.example"))
	root := pass("chain", subject("maxDelegationDepth", 1))
	link := sign(agent, delegated("link", root, 1, agent, second))
	no("P-9", "a chain that begins with a link", ok, untrusted, shown(present(second, intent("present",
		idOf(link)),
		[]string{link})))
	no("P-9", "a link whose agent is trusted", ok, untrusted, shown(present(second, intent("present",
		idOf(link)),
		[]string{link})), trusts("issuer", agent.DID().String()))
	st.ok("P-10", "trusted for agent passports", trusts("types", []string{"AgentPassportCredential"}))
	no("P-10", "trusted for other types", "trusted for agent passports", scope, trusts("types",
		[]string{"ManifestationOfWillCredential"}))
	st.ok("P-10", "trusted for the action", trusts("actions", []string{"payments.*"}))
	st.ok("P-10", "trusted for every action", trusts("actions", []string{"*"}))
	no("P-10", "trusted for other actions", "trusted for the action", scope, trusts("actions",
		[]string{"data.*"}))
	no("P-10", "trusted for no action", "trusted for the action", scope, trusts("actions", []string{}))
	st.ok("P-10", "at the ceiling", trusts("ceilings", []any{money("12.50", "USD")}))
	no("P-10", "above the ceiling", "at the ceiling", scope, trusts("ceilings", []any{money("12.49", "USD")}))
	no("P-10", "a ceiling for another currency", "at the ceiling", scope, trusts("ceilings", []any{money("1000",
		"EUR")}))
	no("P-10", "no ceilings", "at the ceiling", scope, trusts("ceilings", []any{}))
	inDE := func(s *scene) { act(nil, st, set("region", "DE-BY"))(s) }
	st.ok("P-10", "in the region", inDE, trusts("regions", []string{"DE"}))
	no("P-10", "in another region", "in the region", scope, inDE, trusts("regions", []string{"FR"}))
	no("P-10", "in no region", "in the region", scope, trusts("regions", []string{"DE"}))

	const expired, notYet, life = "time.expired", "time.not_yet_valid", "time.lifetime_exceeded"
	from, until := func(t string) func(members) members { return set("validFrom", t) },
		func(t string) func(members) members { return set("validUntil", t) }
	st.ok("P-12", "an end in a second", st.passing(until("2026-11-21T09:00:01Z")))
	no("P-12", "an end now", "an end in a second", expired, st.passing(until(nowText)))
	st.ok("P-12", "a beginning now", st.passing(from(nowText)))
	no("P-12", "a beginning in a second", "a beginning now", notYet, st.passing(from("2026-11-21T09:00:01Z")))
	no("P-12", "an end a part of a second ago", "an end in a second", expired,
		st.passing(until("2026-11-21T08:59:59.999999999Z")))
	st.ok("P-12", "an end in a part of a second", st.passing(until("2026-11-21T09:00:00.000000001Z")))
	st.ok("P-11", "an end now, within the skew", st.passing(until(nowText)), configured("skew", 1))
	no("P-11", "an end at the skew", "an end now, within the skew", expired,
		st.passing(until("2026-11-21T08:59:59Z")), configured("skew", 1))
	st.ok("P-11", "a beginning at the skew", st.passing(from("2026-11-21T09:00:01Z")), configured("skew", 1))
	no("P-11", "a beginning beyond the skew", "a beginning at the skew", notYet,
		st.passing(from("2026-11-21T09:00:02Z")), configured("skew", 1))
	no("P-12", "an end long ago", "an end in a second", expired, at("2027-11-21T09:00:00Z"))
	st.ok("P-13", "a life of 720 hours", st.passing(until("2026-12-21T08:00:00Z")))
	no("P-13", "a life of 720 hours and a second", "a life of 720 hours", life,
		st.passing(until("2026-12-21T08:00:01Z")))
	st.ok("P-13", "a longer life, where that is accepted", st.passing(until("2026-12-21T08:00:01Z")),
		configured("passportLife", 720*3600+1))
	in := func(edits ...func(members) members) edit { return shown(st.show(nil, edits...)) }
	st.ok("P-12", "an intent that ends in a second", in(set("issuedAt", "2026-11-21T08:55:01Z"),
		set("expiresAt",
			"2026-11-21T09:00:01Z")))
	no("P-12", "an intent that ends now", "an intent that ends in a second", "time.intent_expired",
		in(set("issuedAt",
			"2026-11-21T08:55:00Z"), set("expiresAt", nowText)))
	no("P-12", "an intent of the future", "an intent that ends in a second", notYet, in(set("issuedAt",
		"2026-11-21T09:00:01Z")))
	no("P-13", "an intent of more than five minutes", ok, life, in(set("expiresAt", "2026-11-21T09:05:01Z")))
	st.ok("P-13", "an intent of an hour, where that is accepted", in(set("expiresAt", "2026-11-21T10:00:00Z")),
		configured("intentLife", 3600))
	no("P-12", "a link that has ended", "an end in a second", expired, shown(present(second, intent("present",
		idOf(link)), []string{root,
		sign(agent, delegated("link", root, 1, agent, second, until(nowText)))})))
	created := func(t time.Duration) edit {
		return st.signedBy(agent, func(so *credential.SignOptions) { so.Created = now.Add(t) })
	}
	no("P-14", "a proof of the future", ok, notYet, created(time.Second))
	st.ok("P-14", "a proof of the past", created(-time.Hour))
	st.ok("P-14", "a proof that ends in a second", st.signedBy(agent,
		func(so *credential.SignOptions) { so.Expires = now.Add(time.Second) }))
	no("P-14", "a proof that ends now", "a proof that ends in a second", "proof.expired", st.signedBy(agent,
		func(so *credential.SignOptions) { so.Expires = now }))
	late := sign(issuer, plain("present"), func(so *credential.SignOptions) { so.Expires = now })
	no("P-14", "a proof of the passport that ends now", "a proof that ends in a second", "proof.expired",
		shown(st.show(&late)))
	early := sign(issuer, plain("present"),
		func(so *credential.SignOptions) { so.Created = now.Add(time.Second) })
	no("P-14", "a proof of the passport of the future", ok, notYet, shown(st.show(&early)))
	no("P-3", "what is final comes first", "an end in a second", expired, st.passing(until(nowText)),
		func(s *scene) {
			p := pass("present", until(nowText))
			s.presentation = st.show(&p, set("issuedAt", "2026-11-21T09:00:01Z"))
		})
	no("P-1", "steps 1 to 5 stop at the first", ok, untrusted, trusts("issuer", mallory.DID().String()),
		at("2027-11-21T09:00:00Z"))
}

func (st *stage) proofs() {
	const ok = "the right keys"
	st.ok("P-16", ok)
	no := func(rule, title, code string, edits ...edit) { st.no(rule, title, ok, code, edits...) }
	tampered := func(old, new string) edit {
		return func(s *scene) {
			p := replace(st.root, old, new)
			s.presentation = present(agent, intent("present", idOf(st.root)), []string{p})
		}
	}
	no("P-16", "a ceiling raised after signing", invalid, tampered(`"50.00"`, `"90.00"`))
	no("P-16", "an entry moved after signing", invalid, tampered(`"statusListIndex":"7"`,
		`"statusListIndex":"8"`))
	no("P-16", "an agent changed after signing", invalid, func(s *scene) {
		p := replace(st.root, agent.DID().String(), mallory.DID().String())
		s.presentation = present(mallory, intent("present", idOf(st.root)), []string{p})
	})
	forged := sign(mallory, plain("present"))
	no("P-16", "a passport signed by somebody else", notKey, shown(st.show(&forged)))
	auth := sign(issuer, plain("present"), func(so *credential.SignOptions) { so.Purpose = "authentication" })
	no("P-16", "a passport signed for authentication", purpose, shown(st.show(&auth)))
	no("P-16", "a suite of another name", "proof.transformation", tampered("eddsa-jcs-2022", "eddsa-jcs-2099"))
	both := signAgain(st.root, rdfc)
	no("P-16", "the second proof is broken", invalid, func(s *scene) {
		p := breakLast(both)
		s.presentation = present(agent, intent("present", idOf(st.root)), []string{p})
	})
	no("P-18", "a presentation signed by somebody else", notKey, st.signedBy(mallory))
	no("P-18", "somebody else's name and key", "proof.holder_mismatch", shown(present(mallory, intent("present",
		idOf(st.root)), []string{st.root})))
	no("P-18", "a presentation signed for assertion", purpose, st.signedBy(agent,
		func(so *credential.SignOptions) { so.Purpose = "assertionMethod" }))
	no("P-18", "an intent changed after signing", invalid, func(s *scene) {
		s.presentation = replace(st.show(nil), `"12.50"`, `"12.51"`)
		s.request = s.request.at("transactionAmount/amount", "12.51")
	})
	no("P-18", "a signature cut short", invalid,
		func(s *scene) { d := st.show(nil); s.presentation = d[:len(d)-5] + `"}}` })
	no("P-19", "made for another audience", "proof.audience_mismatch", st.signedBy(agent,
		func(so *credential.SignOptions) { so.Domain = []string{"did:web:other.example"} }))
	no("P-19", "made for two audiences", "proof.audience_mismatch", st.signedBy(agent,
		func(so *credential.SignOptions) { so.Domain = []string{audience, "did:web:other.example"} }))
	no("P-19", "made for nobody", "proof.audience_mismatch", st.signedBy(agent,
		func(so *credential.SignOptions) { so.Domain = nil }))
	no("P-19", "asked by another audience", "proof.audience_mismatch", asks("audience",
		"did:web:other.example"))
	nonce := func(n string) edit {
		return st.signedBy(agent, func(so *credential.SignOptions) { so.Challenge = n })
	}
	st.ok("P-20", "the challenge that was handed out", asks("nonce", challenge))
	st.twoChallenges()
	st.no("P-20", "another challenge", "the challenge that was handed out", "proof.challenge_mismatch",
		asks("nonce",
			"another challenge of the shop"))
	st.ok("P-20", "an own nonce of 16 bytes", nonce("1234567890123456"))
	st.no("P-20", "an own nonce of 15 bytes", "an own nonce of 16 bytes", "envelope.nonce_invalid",
		nonce("123456789012345"))
	st.ok("P-20", "an own nonce of 128 bytes", nonce(strings.Repeat("n", 128)))
	st.no("P-20", "an own nonce of 129 bytes", "an own nonce of 128 bytes", "envelope.nonce_invalid",
		nonce(strings.Repeat("n", 129)))
	no("P-20", "no challenge", "envelope.nonce_invalid", nonce(""))
	signed := func(title string, edits ...func(members) members) {
		no("P-21", "signed: "+title, "proof.intent_mismatch", shown(st.show(nil, edits...)))
	}
	signed("a cent less", set("transactionAmount", money("12.49", "USD")))
	signed("another currency", set("transactionAmount", money("12.50", "EUR")))
	signed("no amount", set("transactionAmount", nil))
	signed("another action", set("action", "payments.refund"))
	signed("a payee", set("payee", "did:web:payee.example"))
	signed("another category", set("category", "storage"))
	signed("no category", set("category", nil))
	signed("another rail", set("rail", "card"))
	signed("no rail", set("rail", nil))
	signed("a region", set("region", "DE"))
	signed("a resource", set("resource", "https://shop.example/x"))
	signed("attributes", set("parameters", o("rows", 1)))
	signed("empty attributes", set("parameters", o()))
	signed("a body", set("bodyDigest", sha("body")))
	signed("another passport", set("passportId", "urn:safeconduct:passport:"+ulid("another")))
	asked := func(title, path string, v any) {
		no("P-21", "asked: "+title, "proof.intent_mismatch", asks(path,
			v))
	}
	asked("a cent more", "transactionAmount", money("12.51", "USD"))
	asked("a payee", "payee", "did:web:payee.example")
	asked("a resource", "resource", "https://shop.example/x")
	asked("a region", "region", "DE")
	asked("attributes", "parameters", o("rows", 1))
	asked("a body", "bodyDigest", sha("body"))
	asked("another action", "action", "payments.refund")
	st.ok("P-21", "an amount of equal value", shown(st.show(nil, set("transactionAmount", money("12.5",
		"USD")))))
	st.ok("P-21", "an amount of equal value, finer decimals", shown(st.show(nil, set("transactionAmount",
		money("12.500", "USD", "decimals", 3)))))
	st.ok("P-21", "a body of the digest", act(nil, st, set("bodyDigest", sha("body"))))
	rows := pass("rows", subject("limits", o("max_rows", 5)))
	st.ok("P-21", "attributes in another order", act(&rows, st), func(s *scene) {
		s.presentation = st.show(&rows, set("parameters", json.RawMessage(`{"rows":1,"b":2}`)))
		s.request = s.request.with("parameters", json.RawMessage(`{ "b": 2.0, "rows": 1 }`))
	})
	// What was shown before does not vouch for what is shown now.
	shownBefore := func(s *scene) {
		s.before = []any{object{"presentation": present(agent, intent("before", idOf(st.root)),
			[]string{st.root},
			func(so *credential.SignOptions) { so.Challenge = "the challenge before" }), "request": request()}}
	}
	st.ok("P-16", "a passport that was shown before", shownBefore)
	const again = "a passport that was shown before"
	st.no("P-16", "a passport shown before, changed since", again, invalid, shownBefore, tampered(`"50.00"`,
		`"90.00"`))
	st.no("P-16", "a passport shown before, with another proof", again, invalid, shownBefore, func(s *scene) {
		s.presentation = present(agent, intent("present", idOf(st.root)), []string{breakLast(st.root)})
	})
	st.no("P-12", "a passport shown before that has ended since", again, "time.expired", shownBefore,
		at("2026-11-22T08:00:00Z"),
		func(s *scene) { s.before[0].(object)["now"] = nowText })
	st.no("P-27", "a passport shown before that was revoked since", again, "status.revoked", shownBefore,
		func(s *scene) {
			s.before[0].(object)["lists"] = object{listURL: ref("list"), pauseURL: ref("pauses")}
			later := plainList(listURL, "revocation", 7).with("validFrom", "2026-11-21T08:59:30Z")
			s.lists = object{listURL: list(issuer, later), pauseURL: ref("pauses")}
		})
	// Keys that are looked up.
	const org = "did:web:issuer.example"
	document := func(k *did.KeyPair, rel string) string {
		return o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", org, rel, []any{
			o("id", org+"#1", "type", "Multikey", "controller", org, "publicKeyMultibase",
				k.PublicKey().Multikey())}).text()
	}
	id, err := did.ParseURL(org + "#1")
	Must(err)
	orgKey, err := did.NewSigner(id, issuer.PrivateKey())
	Must(err)
	byOrg := sign(orgKey, plain("org", set("issuer", org)))
	orgList := list(orgKey, plainList(listURL, "revocation").with("issuer", org))
	orgPauses := list(orgKey, plainList(pauseURL, "suspension").with("issuer", org))
	web := func(doc any) edit {
		return func(s *scene) {
			s.presentation = st.show(&byOrg)
			s.lists = object{listURL: orgList, pauseURL: orgPauses}
			s.config = s.config.with("anchors", []any{o("issuer", org)})
			if doc != "absent" {
				s.documents = object{org: doc}
			}
		}
	}
	st.ok("P-16", "a key of a did:web document", web(document(issuer, "assertionMethod")))
	const twin = "a key of a did:web document"
	st.no("P-16", "a did:web document with another key", twin, invalid, web(document(mallory,
		"assertionMethod")))
	st.no("P-16", "a did:web document that lists the key for another purpose", twin, purpose,
		web(document(issuer,
			"authentication")))
	st.no("P-17", "a did:web document that cannot be found", twin, "proof.unresolvable", web(nil))
	st.no("P-17", "a did:web document that nobody knows", twin, "proof.unresolvable", web("absent"))
	st.no("P-17", "a did:web document that comes too late", twin, "proof.timeout", web("timeout"))
	st.no("P-2", "a denial weighs more than what could not be found out", twin, "proof.audience_mismatch",
		web(nil),
		asks("audience", "did:web:other.example"))
	// The walk.
	root := pass("walk", subject("maxDelegationDepth", 2))
	one := sign(agent, delegated("walk 1", root, 1, agent, second))
	st.ok("P-15", "a chain", shown(present(second, intent("present", idOf(one)), []string{root, one})))
	stolen := sign(mallory, delegated("walk 1", root, 1, mallory, mallory))
	st.no("P-15", "a link by somebody who is not the agent above", "a chain", "delegation.invalid",
		shown(present(mallory, intent("present", idOf(stolen)), []string{root, stolen})))
	lent := sign(mallory, delegated("walk 1", root, 1, agent, mallory))
	st.no("P-16", "a link in the name of the agent above", "a chain", notKey, shown(present(mallory,
		intent("present",
			idOf(lent)), []string{root, lent})))
	broken := replace(root, `"50.00"`, `"60.00"`)
	st.no("P-15", "the walk stops at a root that is not proven", "a chain", invalid, shown(present(second,
		intent("present", idOf(one)), []string{broken, lent})))
	st.no("P-18", "a link presented by the agent above", "a chain", "proof.holder_mismatch",
		shown(present(agent,
			intent("present", idOf(one)), []string{root, one})))
	st.no("P-21", "an intent for the root", "a chain", "proof.intent_mismatch", shown(present(second,
		intent("present", idOf(root)), []string{root, one})))
}
