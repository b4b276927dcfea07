package build

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// presentsOAP are presentations of the Open Agent Passport that a verifier decides on.
func presentsOAP(m *maker) {
	g := m.group("present-oap", "present",
		"Decisions on presentations of the Open Agent Passport, where the host takes them.")
	g.now, g.rule = nowText, "P-46"
	const holder, registry, shop, action = "did:web:agent.example", "did:web:registry.example", "https://shop.example",
		"finance.payment.refund"
	export := func(by did.Signer, edits ...func(*oap.Passport)) []byte {
		p := oap.Passport{Spelling: oap.Registry, ID: "ap_f4ddb85ffd6f317f", DID: holder, Kind: "template",
			OwnerID: "org_1a2b3c4d", OwnerType: "org", Status: "active", Assurance: passport.L2,
			Regions: []string{"US", "CA"}, Capabilities: []oap.Capability{{ID: action,
				Params: val(`{"max_amount":5000,"currency":"USD"}`)}},
			Limits: val(`{"finance.payment.refund":{` +
				`"currency_limits":{"USD":{"max_per_tx":5000,"daily_cap":7500}}}}`),
			CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(24 * time.Hour)}
		for _, edit := range edits {
			edit(&p)
		}
		return MustValue(oap.ExportPassport(ctx, by, MustValue(oap.NewPassport(p)), "https://registry.example"))
	}
	show := func(by did.Signer, edit func(*oap.PresentOptions), list ...[]byte) string {
		o := oap.PresentOptions{Challenge: challenge, Domain: shop, Now: now}
		if edit != nil {
			edit(&o)
		}
		return string(MustValue(oap.Present(ctx, by, list, o)))
	}
	refund := func(amount string) members {
		return o("audience", shop, "nonce", challenge, "action", action, "transactionAmount", money(amount, "USD"),
			"region", "US")
	}
	in := func(shown string, request members, edits ...func(object)) object {
		takes := o("issuer", registry, "method", holder+"#key-1", "credentials", issuer.PublicKey().Multikey(),
			"holders", agent.PublicKey().Multikey())
		q := object{"presentation": shown, "request": request, "lists": object{},
			"config": o("anchors", []any{o("issuer", registry, "maxAssurance", "L4FIN")}, "oap", takes)}
		for _, edit := range edits {
			edit(q)
		}
		return q
	}
	vc := export(issuer)
	genuine := show(agent, nil, vc)
	fifty := refund("50.00")
	const plain = "a presentation"
	g.good(plain, in(genuine, fifty))
	bad := func(title, code string, input object) { g.bad(title, plain, code, input) }
	for _, row := range []struct {
		title, code string
		request     members
	}{
		{"a cent too much", "authority.amount_exceeded", refund("50.01")},
		{"another action", "authority.action_not_allowed", fifty.with("action", "finance.payment.charge")},
		{"another region", "authority.region_blocked", fifty.with("region", "DE")},
		{"another currency", "authority.currency_not_allowed", fifty.with("transactionAmount", money("1", "EUR"))},
		{"for another audience", "proof.audience_mismatch", fifty.with("audience", "https://evil.example")},
		{"for another challenge", "proof.challenge_mismatch", fifty.with("nonce", "another challenge of the shop")},
	} {
		bad(row.title, row.code, in(genuine, row.request))
	}
	made := func(at time.Time) func(*oap.PresentOptions) { return func(o *oap.PresentOptions) { o.Now = at } }
	status := func(word string) []byte { return export(issuer, func(p *oap.Passport) { p.Status = word }) }
	g.good("a presentation that ends in a second",
		in(show(agent, made(now.Add(-5*time.Minute+time.Second)), vc), fifty))
	for _, row := range []struct{ title, code, shown string }{
		{"a presentation that has ended", "proof.expired", show(agent, made(now.Add(-5*time.Minute)), vc)},
		{"a presentation of the future", "time.not_yet_valid", show(agent, made(now.Add(time.Second)), vc)},
		{"for no domain", "proof.audience_mismatch", show(agent, func(o *oap.PresentOptions) { o.Domain = "" }, vc)},
		{"a short challenge", "envelope.nonce_invalid",
			show(agent, func(o *oap.PresentOptions) { o.Challenge = "short" }, vc)},
		{"by another holder", "proof.holder_mismatch",
			show(agent, func(o *oap.PresentOptions) { o.Holder = "did:web:thief.example" }, vc)},
		{"signed by somebody else", "proof.invalid", show(mallory, nil, vc)},
		{"signed by the issuer", "proof.invalid", show(issuer, nil, vc)},
		{"a credential by the agent", "proof.invalid", show(agent, nil, export(agent))},
		{"a credential with a key that is not pinned", "proof.unresolvable", show(agent, nil,
			export(issuer, func(p *oap.Passport) { p.DID = "did:web:other.example" }))},
		{"two credentials", "envelope.malformed", show(agent, nil, vc, vc)},
		{"a suspended passport", "status.suspended", show(agent, nil, status("suspended"))},
		{"a revoked passport", "status.revoked", show(agent, nil, status("revoked"))},
		{"a passport that has ended", "time.expired", show(agent, nil,
			export(issuer, func(p *oap.Passport) { p.ExpiresAt = now.Add(-time.Second) }))},
		{"limits that nobody judges", "envelope.unsupported", show(agent, nil,
			export(issuer, func(p *oap.Passport) { p.Limits = val(`{"web.fetch":{}}`) }))},
		{"a level that was raised", "proof.invalid", exchange(genuine, `"L2"`, `"L3"`)},
	} {
		bad(row.title, row.code, in(row.shown, fifty))
	}
	bad("the registry is not trusted", "anchor.untrusted_issuer", in(genuine, fifty, func(q object) {
		q["config"] = q["config"].(members).with("anchors", []any{o("issuer", "did:web:other.example")})
	}))
	bad("a host that does not take them", "envelope.context", in(genuine, fifty, func(q object) {
		q["config"] = q["config"].(members).with("oap", nil)
	}))
	// A presentation is taken once, and what was spent counts.
	before := func(n int, request members) func(object) {
		return func(q object) {
			var list []any
			for i := range n {
				nonce := fmt.Sprintf("a challenge of before, %d", i)
				shown := show(agent, func(o *oap.PresentOptions) { o.Challenge = nonce }, vc)
				list = append(list, object{"presentation": shown, "request": request.with("nonce", nonce)})
			}
			q["before"] = list
		}
	}
	g.good("the last of the day's budget", in(genuine, fifty, before(1, refund("25.00"))))
	g.bad("beyond the day's budget", "the last of the day's budget", "ledger.budget_exceeded", in(genuine, fifty,
		before(1, refund("25.01"))))
	bad("the same presentation again", "ledger.replay", in(genuine, fifty, func(q object) {
		q["before"] = []any{object{"presentation": genuine, "request": fifty}}
	}))
}
