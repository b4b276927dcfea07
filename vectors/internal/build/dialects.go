package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// oapDocuments are documents of the Open Agent Passport.
func oapDocuments(m *maker) {
	g := m.group("oap", "dialect", "The Open Agent Passport of APort: native documents, credentials, presentations.")
	g.now, g.rule = nowText, "P-46"
	native := func(edits ...func(*oap.Passport)) *oap.Passport {
		p := oap.Passport{Spelling: oap.Registry, ID: "ap_f4ddb85ffd6f317f", DID: "did:web:agent.example",
			Kind:    "template",
			OwnerID: "org_1a2b3c4d", OwnerType: "org", Status: "active", Assurance: passport.L2,
			Regions: []string{"US", "CA"}, CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(24 * time.Hour),
			Capabilities: []oap.Capability{{ID: "data.export"}},
			Limits:       val(`{"data.export":{"max_rows":100000,"allow_pii":false}}`),
			Metadata:     val(`{"é":"naïve 🚀","～":3,"🚀":2,"n":1e21}`)}
		for _, edit := range edits {
			edit(&p)
		}
		return MustValue(oap.NewPassport(p))
	}
	swap := func(text, from, to string) string {
		if !strings.Contains(text, from) {
			Must(fmt.Errorf("%s is not in the document", from))
		}
		return strings.Replace(text, from, to, 1)
	}
	in := func(document, text string) object {
		q := object{"dialect": "oap", "document": document, "text": text, "key": issuer.PublicKey().Multikey()}
		if document == "presentation" {
			q["challenge"], q["domain"] = challenge, "shop.example"
		}
		return q
	}
	with := func(q object, name string, value any) object {
		out := object{}
		for k, v := range q {
			out[k] = v
		}
		if out[name] = value; value == nil {
			delete(out, name)
		}
		return out
	}

	good := string(native().JSON())
	g.good("a passport", in("passport", good))
	g.bad("a passport with a member twice", "a passport", "envelope.malformed",
		in("passport", swap(good, `"status"`, `"status":"revoked","status"`)))
	g.bad("a passport with an integer that JavaScript rounds", "a passport", "envelope.malformed",
		in("passport", swap(good, `100000`, `9007199254740993`)))
	g.bad("a passport with an unknown member", "a passport", "envelope.malformed",
		in("passport", swap(good, `"kind"`, `"wallet":1,"kind"`)))
	g.bad("a passport of level L4", "a passport", "envelope.malformed", in("passport", swap(good, `"L2"`, `"L4"`)))
	g.bad("an instance without its template", "a passport", "envelope.malformed",
		in("passport", swap(good, `"template"`, `"instance"`)))
	g.bad("a suspended passport", "a passport", "status.suspended", in("passport", swap(good, `"active"`,
		`"suspended"`)))
	g.bad("a revoked passport", "a passport", "status.revoked", in("passport", swap(good, `"active"`, `"revoked"`)))
	g.bad("a draft", "a passport", "status.invalid", in("passport", swap(good, `"active"`, `"draft"`)))
	expired := native(func(p *oap.Passport) { p.ExpiresAt = now.Add(-time.Second) })
	g.bad("an expired passport", "a passport", "time.expired", in("passport", string(expired.JSON())))

	d := MustValue(oap.SignDecision(ctx, issuer, oap.Decision{Spelling: oap.Registry, ID: "decision-1",
		PolicyID: "data.export.create.v1", PassportID: "ap_f4ddb85ffd6f317f", OwnerID: "org_1a2b3c4d",
		Assurance: passport.L2, Allow: true, Reasons: []oap.Reason{{Code: "oap.allowed"}}, CreatedAt: now,
		ExpiresAt: now.Add(time.Hour), PassportDigest: native().Digest(), KeyID: "oap:registry:key-1"}))
	decision := string(d.JSON())
	g.good("a decision", in("decision", decision))
	g.bad("a decision that was turned", "a decision", "proof.invalid",
		in("decision", swap(decision, `"allow":true`, `"allow":false`)))
	g.bad("a decision that lasts longer", "a decision", "proof.invalid",
		in("decision", swap(decision, `3600`, `36000`)))
	g.bad("an unsigned decision", "a decision", "proof.invalid",
		in("decision", swap(decision, `ed25519:`, `local-unsigned:`)))
	g.bad("a decision whose key is not known", "a decision", "proof.unresolvable",
		with(in("decision", decision), "key", nil))

	vc := MustValue(oap.ExportPassport(ctx, issuer, native(), "https://registry.example"))
	text := string(vc)
	g.good("a credential", in("credential", text))
	g.bad("a credential of another level", "a credential", "proof.invalid", in("credential", swap(text, `"L2"`,
		`"L3"`)))
	g.bad("an id beside what is signed", "a credential", "proof.invalid",
		in("credential", swap(text, `"issuer"`, `"id":"urn:x","issuer"`)))
	g.bad("another key is named", "a credential", "proof.invalid",
		in("credential", swap(text, `agent.example#key-1`, `evil.example#key-1`)))
	g.bad("another purpose", "a credential", "proof.invalid",
		in("credential", swap(text, `"assertionMethod"`, `"authentication"`)))
	g.bad("a payload in the signature", "a credential", "proof.invalid", in("credential", swap(text, `19..`,
		`19.abc.`)))

	present := func(list ...[]byte) string {
		return string(MustValue(oap.Present(ctx, issuer, list, oap.PresentOptions{Challenge: challenge,
			Domain: "shop.example", Now: now})))
	}
	vp := present(vc)
	g.good("a presentation", in("presentation", vp))
	g.bad("for another challenge", "a presentation", "proof.challenge_mismatch",
		with(in("presentation", vp), "challenge", "another challenge of the shop"))
	g.bad("for another domain", "a presentation", "proof.audience_mismatch",
		with(in("presentation", vp), "domain", "evil.example"))
	g.bad("the verifier names no domain", "a presentation", "proof.audience_mismatch",
		with(in("presentation", vp), "domain", ""))
	forged := MustValue(oap.ExportPassport(ctx, mallory, native(), "https://registry.example"))
	g.bad("a forged credential inside", "a presentation", "proof.invalid", in("presentation", present(forged)))
}

// policyPacks are acts that published packs judge.
func policyPacks(m *maker) {
	g := m.group("policies", "dialect", "Policy packs of APort, read strictly.")
	g.now, g.rule = nowText, "P-47"
	type act struct{ pack, capability, limits, context, state string }
	ask := func(a act, edit func(object)) object {
		q := object{"dialect": "policies", "pack": a.pack, "limits": a.limits, "context": a.context, "state": a.state,
			"holder": object{"status": "active", "assurance": "L3", "capabilities": []string{a.capability},
				"regions": []string{"US"}}}
		if edit != nil {
			edit(q)
		}
		return q
	}
	for _, pack := range []struct {
		title string
		act
		bad [][3]string // title, code, context
	}{
		{"a refund", act{"finance.payment.refund.v1", "finance.payment.refund",
			`{"supported_currencies":["USD"],"refund_reason_codes":["late"],"regions":["US"],` +
				`"currency_limits":{"USD":{"max_per_tx":5000,"daily_cap":6000}}}`,
			`{"order_id":"o","customer_id":"c","amount":5000,"currency":"USD","region":"US","reason_code":"late",` +
				`"idempotency_key":"12345678"}`, `{"daily_total":1000}`}, [][3]string{
			{"a refund of too much", "limit_exceeded", `"amount":5001`},
			{"a refund of a fraction", "invalid_context", `"amount":49.5`},
			{"a refund beyond the day's cap", "limit_exceeded", `"amount":5000,"n":1`},
			{"a refund in another currency", "currency_unsupported", `"currency":"JPY"`},
			{"a refund for another reason", "invalid_reason_code", `"reason_code":"because"`},
			{"a refund elsewhere", "region_blocked", `"region":"DE"`},
		}},
		{"a command", act{"system.command.execute.v1", "system.command.execute",
			`{"allowed_commands":["git"],"max_execution_time":60}`, `{"command":"git status","timeout":60}`, ``},
			[][3]string{
				{"a command that begins alike", "command_not_allowed", `"command":"gitleaks"`},
				{"two commands", "command_not_allowed", `"command":"git status; rm x"`},
				{"a command in a command", "command_not_allowed", `"command":"git log $(cat x)"`},
				{"a command for too long", "limit_exceeded", `"timeout":61`},
			}},
		{"a file", act{"data.file.read.v1", "data.file.read", `{"allowed_paths":["/srv/data/"]}`,
			`{"file_path":"/srv/data/a.csv"}`, ``}, [][3]string{
			{"a path that climbs out", "path_not_allowed", `"file_path":"/srv/data/../../etc/passwd"`},
			{"a path that has the folder inside", "path_not_allowed", `"file_path":"/x/srv/data/a.csv"`},
		}},
		{"a page", act{"web.fetch.v1", "web.fetch", `{"allowed_domains":["example.com"]}`,
			`{"url":"https://docs.example.com/"}`, ``}, [][3]string{
			{"the domain as a user", "domain_not_allowed", `"url":"https://example.com@evil.test/"`},
			{"the domain in the query", "domain_not_allowed", `"url":"https://evil.test/?q=example.com"`},
			{"a name that ends alike", "domain_not_allowed", `"url":"https://notexample.com/"`},
		}},
	} {
		g.good(pack.title, ask(pack.act, nil))
		for _, bad := range pack.bad {
			name, _, _ := strings.Cut(bad[2], ":")
			g.bad(bad[0], pack.title, "policy."+bad[1], ask(pack.act, func(q object) {
				q["context"] = replaced(pack.context, name, bad[2])
				if strings.HasSuffix(bad[2], `"n":1`) {
					q["state"] = `{"daily_total":1001}`
				}
			}))
		}
		g.bad(pack.title+" by a suspended agent", pack.title, "policy.passport_suspended", ask(pack.act,
			func(q object) {
				q["holder"].(object)["status"] = "suspended"
			}))
		g.bad(pack.title+" without the capability", pack.title, "policy.unknown_capability", ask(pack.act,
			func(q object) {
				q["holder"].(object)["capabilities"] = []string{}
			}))
	}
}

// replaced puts a member in place of the one of that name, of an object that is one
// level deep.
func replaced(text, name, member string) string {
	from := strings.Index(text, name)
	v := MustValue(credential.ParseValue(text)).Get(strings.Trim(name, `"`))
	end := from + len(name) + 1 + len(v.Raw())
	return text[:from] + member + text[end:]
}

// val reads JSON.
func val(text string) credential.Value { return MustValue(credential.ParseValue(text)) }
