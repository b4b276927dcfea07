package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// emitter writes documents of one fixed key and instant, so that two runs are equal.
type emitter struct {
	dir string
	key did.Signer
	raw []byte // the public key
	now time.Time
	err error
}

const oapRegistry = "https://registry.example"

func oapEmit(dir string) error {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	id, err := did.ParseURL("did:web:registry.example#key-1")
	if err != nil {
		return err
	}
	signer, err := did.NewSigner(id, private)
	if err != nil {
		return err
	}
	e := &emitter{dir: dir, key: signer, raw: public, now: time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)}
	e.json("args.json", map[string]any{"now": e.now, "public_key_b64url": base64.RawURLEncoding.EncodeToString(public),
		"challenge": "nonce-0123456789abcdef", "domain": "shop.example"})
	e.passports()
	e.decisions()
	e.credentials()
	e.acts()
	return e.err
}

func (e *emitter) fail(err error) bool {
	if e.err == nil && err != nil {
		e.err = err
	}
	return e.err != nil
}

func (e *emitter) write(name string, content []byte) {
	if e.err == nil {
		e.fail(os.WriteFile(filepath.Join(e.dir, name), content, 0o644))
	}
}

func (e *emitter) json(name string, v any) {
	b, err := json.Marshal(v)
	if !e.fail(err) {
		e.write(name, b)
	}
}

func (e *emitter) value(text string) credential.Value {
	v, err := credential.ParseValue(text)
	e.fail(err)
	return v
}

const oapLimits = `{"finance.payment.refund":{"currency_limits":{"USD":{"max_per_tx":5000,"daily_cap":50000}},` +
	`"reason_codes":["customer_request"],"idempotency_required":true},` +
	`"data.export":{"max_rows":100000,"allow_pii":false}}`

// passport is an ordinary one, edited.
func (e *emitter) passport(edits ...func(*oap.Passport)) *oap.Passport {
	p := oap.Passport{ID: "5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a11", Kind: "template", OwnerID: "org_1a2b3c4d",
		OwnerType: "org",
		Status:    "active", Assurance: passport.L2, Regions: []string{"US", "CA", "US-NY"},
		CreatedAt: e.now.Add(-time.Hour),
		Capabilities: []oap.Capability{{ID: "finance.payment.refund",
			Params: e.value(`{"max_amount":5000,"currency":"USD"}`)},
			{ID: "data.export"}},
		Limits: e.value(oapLimits), Metadata: e.value(`{"name":"Refund agent – Köln","tags":["a","b"]}`)}
	for _, edit := range edits {
		edit(&p)
	}
	out, err := oap.NewPassport(p)
	if e.fail(err) {
		return &oap.Passport{}
	}
	return out
}

// native writes a passport with its digest and canonical text.
func (e *emitter) native(stem string, text []byte) {
	if e.err != nil {
		return
	}
	canonical := oap.Canonical(text)
	e.write(stem+".passport.json", text)
	e.write(stem+".canonical", canonical)
	e.write(stem+".digest", []byte(oap.Digest(canonical)))
}

func (e *emitter) passports() {
	for name, p := range map[string]*oap.Passport{
		"template": e.passport(),
		"instance": e.passport(func(p *oap.Passport) {
			p.Kind, p.Parent, p.ID = "instance", p.ID, "8c7d2d7e-2e43-4b9f-8a47-1a3c5a0f9b22"
		}),
		"unicode": e.passport(func(p *oap.Passport) {
			p.Metadata = e.value(`{"é":"naïve 🚀 </script>","z":1,"🚀":2,"～":3,"10":4,"9":5,"":6}`)
		}),
		"numbers": e.passport(func(p *oap.Passport) {
			p.Metadata = e.value(`{"a":1e21,"b":1e-7,"c":0.1,"d":0.0,"e":1E2,"f":9007199254740991,"g":5e-324,"h":1.50}`)
		}),
		"blocks": e.passport(func(p *oap.Passport) {
			p.Capabilities = append(p.Capabilities, oap.Capability{ID: "messaging.send"},
				oap.Capability{ID: "payments.payout"},
				oap.Capability{ID: "repo.release.publish"})
			p.Limits = e.value(`{"messaging.send":{"msgs_per_min":5,"msgs_per_day":50,"approval_required":false},` +
				`"payments.payout":{"supported_currencies":["USD"],"currency_limits":{"USD":{"max_per_tx":5000}},` +
				`"allowed_destination_types":["bank_account"],"max_payouts_per_day":3},` +
				`"repo.release.publish":{"allowed_branches":["main"],"max_releases_per_day":2,` +
				`"require_signed_artifacts":true}}`)
		}),
	} {
		e.native("accept-"+name, p.JSON())
	}
	good := string(e.passport().JSON())
	e.native("refuse-any-region", []byte(strings.Replace(good, `"US-NY"`, `"global"`, 1)))
	e.native("refuse-any-member", []byte(strings.Replace(good, `"kind"`, `"wallet":"x","kind"`, 1)))
}

func (e *emitter) decision(p *oap.Passport, edits ...func(*oap.Decision)) *oap.Decision {
	d := oap.Decision{Spelling: oap.Registry, ID: "71984240-899f-4d4c-af78-00c3bd1de6eb",
		PolicyID:   "finance.payment.refund.v1",
		PassportID: p.ID, OwnerID: p.OwnerID, Assurance: p.Assurance, Allow: true,
		Reasons:   []oap.Reason{{Code: "oap.allowed", Message: "ok", Severity: "info"}},
		CreatedAt: e.now.Add(-time.Minute), ExpiresAt: e.now.Add(time.Hour), KeyID: "oap:registry:key-2026-11"}
	if e.err != nil {
		return &d
	}
	d.PassportDigest = p.Digest()
	for _, edit := range edits {
		edit(&d)
	}
	out, err := oap.SignDecision(context.Background(), e.key, d)
	if e.fail(err) {
		return &d
	}
	return out
}

func (e *emitter) decisions() {
	p := e.passport()
	write := func(verdict, name string, text []byte) {
		e.write(verdict+name+".decision.json", text)
		e.write(name+".passport.json", p.JSON())
	}
	if e.err != nil {
		return
	}
	allow := e.decision(p)
	deny := e.decision(p, func(d *oap.Decision) {
		d.Allow, d.Reasons = false, []oap.Reason{{Code: "oap.limit_exceeded", Message: "15000 exceeds 5000"}}
	})
	capped := e.decision(p, func(d *oap.Decision) { d.Remaining = []oap.Remaining{{Currency: "USD", Minor: "45000"}} })
	if e.err != nil {
		return
	}
	write("accept-", "allow", allow.JSON())
	write("accept-", "deny", deny.JSON())
	write("accept-", "capped", capped.JSON())
	write("refuse-any-", "flipped", bytes.Replace(allow.JSON(), []byte(`"allow":true`), []byte(`"allow":false`), 1))
	write("refuse-any-", "longer", bytes.Replace(allow.JSON(), []byte(`"expires_in":`), []byte(`"expires_in":1`), 1))
}

func (e *emitter) credentials() {
	if e.err != nil {
		return
	}
	ctx := context.Background()
	registry := func(edits ...func(*oap.Passport)) *oap.Passport {
		return e.passport(append([]func(*oap.Passport){func(p *oap.Passport) {
			p.Spelling, p.ID = oap.Registry, "ap_f4ddb85ffd6f317f"
		}}, edits...)...)
	}
	var made [][]byte
	for _, c := range []struct {
		name string
		p    *oap.Passport
	}{
		{"vc-template", registry()},
		{"vc-instance", registry(func(p *oap.Passport) { p.Kind, p.Parent = "instance", "ap_parent" })},
		{"vc-expires", registry(func(p *oap.Passport) { p.ExpiresAt = e.now.Add(240 * time.Hour) })},
		{"vc-unicode", registry(func(p *oap.Passport) { p.Metadata = e.value(`{"é":"naïve 🚀 <&>","～":3,"🚀":2}`) })},
	} {
		vc, err := oap.ExportPassport(ctx, e.key, c.p, oapRegistry)
		if e.fail(err) {
			return
		}
		made = append(made, vc)
		e.credential("accept-"+c.name, vc)
	}
	receipt, err := oap.ExportDecision(ctx, e.key, e.decision(e.passport()), oapRegistry)
	if e.fail(err) {
		return
	}
	e.credential("accept-vc-receipt", receipt)
	e.credential("refuse-any-vc-level", bytes.Replace(made[0], []byte(`"L2"`), []byte(`"L3"`), 1))
	e.credential("refuse-any-vc-issuer", bytes.Replace(made[0], []byte(`"issuer":"did:web:registry`),
		[]byte(`"issuer":"did:web:evil`), 1))

	for name, list := range map[string][][]byte{"vp-one": made[:1], "vp-two": {made[0], receipt}} {
		vp, err := oap.Present(ctx, e.key, list, oap.PresentOptions{Holder: "did:web:holder.example",
			Challenge: "nonce-0123456789abcdef", Domain: "shop.example", Now: e.now.Add(-time.Second)})
		if e.fail(err) {
			return
		}
		e.write("accept-"+name+".vp.json", vp)
		if name == "vp-one" {
			e.write("refuse-any-vp-challenge.vp.json", vp)
			e.json("refuse-any-vp-challenge.args.json", map[string]any{"challenge": "another"})
			e.write("refuse-any-vp-domain.vp.json", vp)
			e.json("refuse-any-vp-domain.args.json", map[string]any{"domain": "evil.example"})
			e.write("refuse-any-vp-holder.vp.json", bytes.Replace(vp, []byte(`"holder":"did:web:holder`),
				[]byte(`"holder":"did:web:other`), 1))
		}
	}
}

// credential writes a credential with what the tool must read back: its subject.
func (e *emitter) credential(stem string, text []byte) {
	v, err := credential.ParseValue(string(text))
	if e.fail(err) {
		return
	}
	e.write(stem+".vc.json", text)
	e.write(stem+".native.json", []byte(v.Get("credentialSubject").Raw()))
}

// acts are what the guardrails' evaluator is asked; the code is its own.
func (e *emitter) acts() {
	limits := `{"system.command.execute":{"allowed_commands":["git","ls"],"blocked_patterns":["rm -rf"],` +
		`"max_execution_time":60},` +
		`"code.repository.merge":{"max_pr_size_kb":500,"allowed_repos":["acme/app"],` +
		`"allowed_base_branches":["main"]},` +
		`"messaging.message.send":{"msgs_per_min":5,"msgs_per_day":50,"allowed_recipients":["a@example.com"]}}`
	guarded := func(edit func(*oap.Passport)) []byte {
		return e.passport(func(p *oap.Passport) {
			p.Capabilities = []oap.Capability{{ID: "system.command.execute"}, {ID: "repo.pr.create"},
				{ID: "repo.merge"},
				{ID: "messaging.send"}}
			p.Limits = e.value(limits)
			if edit != nil {
				edit(p)
			}
		}).JSON()
	}
	if e.err != nil {
		return
	}
	e.write("guarded.passport.json", guarded(nil))
	e.write("guarded-suspended.passport.json", guarded(func(p *oap.Passport) { p.Status = "suspended" }))
	e.write("guarded-little.passport.json", guarded(func(p *oap.Passport) {
		p.Capabilities = []oap.Capability{{ID: "data.export"}}
	}))
	for _, a := range []struct{ verdict, passport, tool, context string }{
		{"accept-act-command", "guarded", "exec.run", `{"command":"git status","timeout":10}`},
		{"accept-act-merge", "guarded", "git.create_pr", `{"repository":"acme/app","branch":"main","files_changed":3}`},
		{"refuse-command_not_allowed-act-command", "guarded", "exec.run", `{"command":"rm x","timeout":10}`},
		{"refuse-repo_not_allowed-act-repository", "guarded", "git.create_pr",
			`{"repository":"acme/secrets","branch":"main","files_changed":3}`},
		{"refuse-passport_suspended-act-suspended", "guarded-suspended", "exec.run",
			`{"command":"git status","timeout":10}`},
		{"refuse-unknown_capability-act-capability", "guarded-little", "exec.run",
			`{"command":"git status","timeout":10}`},
	} {
		e.json(a.verdict+".act.json", map[string]any{"passport": a.passport + ".passport.json", "tool": a.tool,
			"context": json.RawMessage(a.context)})
	}
	if e.err != nil {
		e.err = fmt.Errorf("acts: %w", e.err)
	}
}
