package build

import (
	"github.com/safeconduct/safeconduct/did"
)

func (st *stage) authorities() {
	const ok = "inside the authority"
	st.ok("P-36", ok)
	with := func(title, rule, code string, edits []func(members) members, more ...edit) {
		st.no(rule, title, ok, code, append([]edit{st.passing(edits...)}, more...)...)
	}
	acts := func(title, code string, edits ...func(members) members) {
		st.no("P-36", title, ok, code, act(nil, st, edits...))
	}
	type es = []func(members) members
	acts("a cent more", "authority.amount_exceeded", set("transactionAmount", money("50.01", "USD")))
	st.ok("P-36", "exactly the ceiling", act(nil, st, set("transactionAmount", money("50.00", "USD"))))
	acts("another currency", "authority.currency_not_allowed", set("transactionAmount", money("1", "EUR")))
	acts("another action", "authority.action_not_allowed", set("action", "payments.refund"))
	acts("another category", "authority.category_not_allowed", set("category", "storage"))
	acts("no category", "authority.category_not_allowed", set("category", nil))
	acts("another rail", "authority.rail_not_allowed", set("rail", "card"))
	acts("a true attribute", "authority.limit_exceeded", set("parameters", o("pii", true)))
	st.ok("P-36", "an action below a pattern", func(s *scene) {
		s.presentation = st.show(nil, set("action", "data.read"), set("transactionAmount", nil), set("category",
			nil),
			set("rail", nil))
		s.request = o("audience", audience, "action", "data.read")
	})
	with("denied", "P-36", "authority.action_denied", es{subject("deniedActions", []string{"payments.*"})})
	with("other payees", "P-36", "authority.payee_not_allowed", es{subject("payees",
		[]string{"did:web:landlord.example"})})
	with("other resources", "P-36", "authority.resource_not_allowed", es{subject("resources",
		[]string{"https://api.example/*"})})
	with("another audience", "P-36", "authority.resource_not_allowed", es{subject("audiences",
		[]string{"did:web:other.example"})})
	with("no region", "P-36", "authority.region_blocked", es{subject("regions", []string{"DE"})})
	with("closed", "P-36", "authority.outside_time_window", es{subject("timeWindows", []any{o("days",
		[]string{"sat"},
		"start", "08:00", "end", "10:00", "timeZone", "Europe/Berlin")})})
	st.ok("P-36", "open", st.passing(subject("timeWindows", []any{o("days", []string{"sat"}, "start", "10:00",
		"end",
		"10:01", "timeZone", "Europe/Berlin")})))
	with("an attribute is missing", "P-36", "authority.attribute_missing", es{subject("capabilities",
		[]any{o("action", "payments.charge", "params", o("max_items", 1))})})
	with("closed and denied", "P-3", "authority.action_denied", es{subject("deniedActions", []string{"*"}),
		subject("timeWindows", []any{o("days", []string{"mon"}, "start", "08:00", "end", "10:00", "timeZone",
			"UTC")})})
	st.no("P-1", "status and authority both speak", ok, "status.suspended", act(nil, st, set("action",
		"payments.refund")), listed(pauseURL, list(issuer, plainList(pauseURL, "suspension", 7))))
	st.no("P-2", "authority weighs more than a list that cannot be found", ok, "authority.action_not_allowed",
		act(nil, st, set("action", "payments.refund")), listed(listURL, nil))
	st.ok("P-37", "a payment with its amount", configured("payments", []string{"payments.*"}))
	st.no("P-37", "a payment without amount", "a payment with its amount", "authority.attribute_missing",
		act(nil, st,
			set("transactionAmount", nil)), configured("payments", []string{"payments.*"}))
	st.ok("P-37", "a payment without amount, where none is asked for", act(nil, st, set("transactionAmount",
		nil)))
	st.ok("P-35", "the principal's own resource", asks("resourceOwner", "mailto:ada@example.org"))
	st.no("P-35", "somebody else's resource", "the principal's own resource", "authority.resource_not_allowed",
		asks("resourceOwner", "mailto:eve@example.org"))
	level := func(l string) func(members) members {
		return subject("assurance", o("level", l, "provider", "did:web:kyc.example"))
	}
	const low = "authority.assurance_insufficient"
	st.ok("P-38", "enough assurance", st.passing(level("L2")), asks("minAssurance", "L2"))
	st.no("P-38", "no assurance", "enough assurance", low, asks("minAssurance", "L1"))
	st.no("P-38", "too little assurance", "enough assurance", low, st.passing(level("L2")), asks("minAssurance",
		"L3"))
	st.no("P-38", "an anchor that is trusted for less", "enough assurance", low, st.passing(level("L2")),
		asks("minAssurance", "L2"), trusts("maxAssurance", "L1"))
	st.no("P-38", "an anchor that is trusted for nothing", "enough assurance", low, st.passing(level("L2")),
		asks("minAssurance", "L1"), trusts("maxAssurance", nil))
	st.ok("P-38", "L4KYC is above L3", st.passing(level("L4KYC")), asks("minAssurance", "L3"))
	st.no("P-38", "L4KYC is below L4FIN", "L4KYC is above L3", low, st.passing(level("L4KYC")),
		asks("minAssurance",
			"L4FIN"))
	root := pass("assured", subject("maxDelegationDepth", 1), level("L2"))
	link := func(edits ...func(members) members) edit {
		return func(s *scene) {
			l := sign(agent, delegated("link", root, 1, agent, second, edits...))
			s.presentation = present(second, intent("present", idOf(l)), []string{root, l})
		}
	}
	st.ok("P-38", "a link that states the level", link(level("L2")), asks("minAssurance", "L2"))
	st.no("P-38", "a link that states no level", "a link that states the level", low, link(),
		asks("minAssurance",
			"L1"))
	rule := func(pairs ...any) edit { return configured("rules", []any{o(pairs...)}) }
	st.ok("P-40", "a provider that is trusted", st.passing(level("L2")), asks("minAssurance", "L2"), rule("is",
		"providers", "providers", o("did:web:kyc.example", "L2")))
	st.no("P-40", "a provider that is trusted for less", "a provider that is trusted", low,
		st.passing(level("L2")),
		asks("minAssurance", "L2"), rule("is", "providers", "providers", o("did:web:kyc.example", "L1")))

	attested := subject("attestation", o("framework", "example/1", "modelDigest", sha("model"), "promptDigest",
		sha("prompt"), "toolsDigest", sha("tools")))
	runs := func(pairs ...any) edit {
		r := o("framework", "example/1", "modelDigest", sha("model"), "promptDigest", sha("prompt"),
			"toolsDigest",
			sha("tools"))
		for i := 0; i < len(pairs); i += 2 {
			r = r.with(pairs[i].(string), pairs[i+1])
		}
		return asks("running", r)
	}
	const model, prompt, framework = "attestation.model_mismatch", "attestation.prompt_mismatch",
		"attestation.framework_unregistered"
	st.ok("P-39", "it runs what it says", st.passing(attested), runs())
	st.ok("P-39", "nobody measured", st.passing(attested))
	const m = "it runs what it says"
	st.no("P-39", "another model", m, model, st.passing(attested), runs("modelDigest", sha("other")))
	st.no("P-39", "other tools", m, model, st.passing(attested), runs("toolsDigest", sha("other")))
	st.no("P-39", "another prompt", m, prompt, st.passing(attested), runs("promptDigest", sha("other")))
	st.no("P-39", "another framework", m, framework, st.passing(attested), runs("framework", "example/2"))
	st.no("P-39", "a prompt that is not measured", m, prompt, st.passing(attested), runs("promptDigest", nil))
	st.no("P-39", "an agent that says nothing", m, model, runs())
	st.no("P-39", "the word of a delegate", m, framework, link(attested), runs())
	st.no("P-39", "the word of a delegate that is an anchor of other chains", m, framework, link(attested), runs(),
		trustsToo(agent.DID().String()))
	st.ok("P-39", "the word of a delegate that counts", link(attested), runs(), configured("delegates",
		[]string{agent.DID().String()}))
	st.ok("P-40", "a framework that is registered", st.passing(attested), rule("is", "attestations", "required",
		true,
		"frameworks", o("example/1", []string{sha("model")})))
	st.no("P-40", "a framework that is not registered", "a framework that is registered", framework,
		st.passing(attested), rule("is", "attestations", "required", true, "frameworks", o("example/2",
			[]string{sha("model")})))
	models := func(pairs ...any) edit {
		known := o("example/1", []string{sha("model")})
		return rule(append([]any{"is", "attestations", "frameworks", known}, pairs...)...)
	}
	prompts := func(list ...string) []any { return []any{"prompts", o(agent.DID().String(), list)} }
	st.ok("P-40", "a prompt that is listed", st.passing(attested), models(prompts(sha("prompt"))...))
	st.no("P-40", "a prompt that is not listed", "a prompt that is listed", prompt, st.passing(attested),
		models(prompts(sha("other"))...))
	st.no("P-40", "a model that is not listed", "a prompt that is listed", model, st.passing(attested), rule("is",
		"attestations", "frameworks", o("example/1", []string{sha("other")})))
	st.ok("P-40", "the word of a delegate, where none is asked for", link(attested), models())
	st.no("P-40", "the word of a delegate, where one is asked for", "the word of a delegate, where none is asked for",
		framework, link(attested), models("required", true))
	st.no("P-40", "a rule that says no", ok, "policy.denied", rule("is", "deny"))
	st.ok("P-40", "an obligation that is discharged", rule("is", "obligation", "kind", "ask_human"),
		asks("discharges", []string{"ask_human"}))
	st.no("P-40", "an obligation that is not discharged", "an obligation that is discharged",
		"policy.obligation_unmet", rule("is", "obligation", "kind", "ask_human"))
	st.no("P-40", "another obligation is discharged", "an obligation that is discharged",
		"policy.obligation_unmet",
		rule("is", "obligation", "kind", "ask_human"), asks("discharges", []string{"sign_agreement"}))
	agreed := func(kind string, edits ...edit) edit {
		return func(s *scene) {
			doc := sign(ada, acceptance("agreed", kind))
			p := pass("agreed", subject("humanPrincipal", ada.DID().String()))
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
			s.lists[adaURL] = ref("list of ada")
			for _, e := range edits {
				e(s)
			}
		}
	}
	sign := rule("is", "obligation", "kind", "sign_agreement", "detail", "Resident")
	st.ok("P-40", "an agreement that was signed", sign, agreed("Resident"))
	st.no("P-40", "an agreement that is dated in the future", "an agreement that was signed",
		"policy.obligation_unmet", sign,
		agreed("Resident", func(s *scene) {
			doc := signOf(ada, acceptance("agreed", "Resident").at("credentialSubject/acceptedAt",
				"2026-11-21T09:00:01Z"))
			p := pass("agreed", subject("humanPrincipal", ada.DID().String()))
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
		}))
	st.no("P-40", "an agreement of another kind", "an agreement that was signed", "policy.obligation_unmet",
		sign,
		agreed("Visitor"))
	st.no("P-40", "an agreement that was withdrawn", "an agreement that was signed", "policy.obligation_unmet",
		sign,
		agreed("Resident", listed(adaURL, list(ada, plainList(adaURL, "revocation", 14).with("issuer",
			ada.DID().String())))))
	st.ok("P-40", "a record that is good enough", rule("is", "trust", "score", 500, "least", 500))
	st.no("P-40", "a record that is not good enough", "a record that is good enough", "trust.too_low",
		rule("is",
			"trust", "score", 499, "least", 500))
	clerk := es{subject("role", "answers e-mail"), subject("capabilities", []any{o("action", "mail.*"),
		o("action",
			"x.*")})}
	mail := func(s *scene) {
		p := pass("clerk", clerk...)
		s.presentation = st.show(&p, set("action", "x.refund"), set("transactionAmount", nil), set("category",
			nil),
			set("rail", nil))
		s.request = o("audience", audience, "action", "x.refund")
	}
	st.ok("P-40", "an act that no classifier looks at", mail)
	st.no("P-40", "an act that does not fit the role", "an act that no classifier looks at",
		"authority.intent_drift",
		mail, rule("is", "drift"))

	op := func(pairs ...any) edit {
		return configured("operations", []any{o(append([]any{"id", "payments.charge", "write", true,
			"operations",
			[]string{"charge"}, "credentials", []string{"passport"}}, pairs...)...)})
	}
	as := func(name, kind string) edit {
		return func(s *scene) { asks("operation", name)(s); asks("credentialKind", kind)(s) }
	}
	st.ok("P-34", "an operation", op(), as("charge", "passport"))
	const p34 = "an operation"
	st.no("P-34", "an operation that nobody knows", p34, "authority.operation_unknown", op(), as("refund",
		"passport"))
	st.no("P-34", "an operation that is not offered any more", p34, "authority.scope_withdrawn", op("until",
		"2026-11-21T09:00:00Z"), as("charge", "passport"))
	st.ok("P-34", "an operation that is offered from now on", op("since", nowText), as("charge", "passport"))
	st.no("P-34", "an operation that is not offered yet", "an operation that is offered from now on",
		"authority.scope_withdrawn", op("since", "2026-11-21T09:00:01Z"), as("charge", "passport"))
	st.no("P-34", "an operation for another kind of credential", p34, "authority.wrong_credential_kind", op(),
		as("charge", "session"))
	st.no("P-34", "an operation whose scope is not granted", p34, "authority.scope_missing", op(), as("charge",
		"passport"), st.passing(subject("capabilities", []any{o("action", "data.*")})))
	st.no("P-34", "an operation of another scope than the action", p34, "request.invalid", op("id", "data.read"),
		as("charge", "passport"))
	st.no("P-34", "an operation that needs a consent", p34, "consent.missing", op("needsConsent", true),
		as("charge",
			"passport"))
	st.ok("P-34", "an operation that has the consent it needs", op("needsConsent", true), as("charge",
		"passport"),
		func(s *scene) {
			doc := signOf(ada, will("op"))
			p := pass("op", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
				will("op").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(doc))))
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
			s.lists[adaURL] = ref("list of ada")
		})
	st.ok("P-40", "what is counted is stated", st.passing(subject("limits", o("rows_per_day", 10))),
		asks("usage",
			o("rows", 1)), rule("is", "counts", "counts", o("*", []string{"rows"})))
	st.no("P-40", "what is counted is not stated", "what is counted is stated", "authority.attribute_missing",
		st.passing(subject("limits", o("rows_per_day", 10))), rule("is", "counts", "counts", o("*",
			[]string{"rows"})))
}

func signOf(by did.Signer, doc members) string { return sign(by, doc) }
