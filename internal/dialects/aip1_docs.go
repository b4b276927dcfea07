package main

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

type envelope = aip1.Envelope

// parameters changes the parameters of the act.
func parameters(text string) func(*envelope) {
	return func(e *envelope) { e.Intent.Parameters = aip1.Object(text) }
}

func tier(t aip1.Tier) func(*envelope) { return func(e *envelope) { e.Tier = t } }

// attested lets the agent say what it runs.
func attested(e *envelope) {
	a := &e.Agent.Attestation
	a.Method, a.FrameworkID = "framework_registry", aip1Framework
	a.BuildHash, a.SystemPromptHash = "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
}

func plain(*aip1.Mandate) {}

// docs are the documents that are written: those that the SDK accepts, and one at
// least for each code that it raises.
func (f *aip1Folder) docs() []aip1Doc {
	other := "sha256:" + strings.Repeat("c", 64)
	return append(f.accepted(), []aip1Doc{
		{name: "refuse-E100-amount", tamper: [2]string{`"amount":45.5`, `"amount":45.6`}},
		{name: "refuse-E100-unpadded", tamper: [2]string{`=="}}`, `"}}`}},
		{name: "refuse-E101-ended", change: func(e *envelope) { e.IssuedAt = f.now.Add(-6 * time.Minute) }},
		{name: "refuse-E101-no-end", noEnd: true,
			change: func(e *envelope) { e.IssuedAt = f.now.Add(-6 * time.Minute) }},
		{name: "refuse-E102-seen", change: func(e *envelope) { e.Nonce = seenNonce },
			args: map[string]any{"seen_nonces": []string{seenNonce}}},
		{name: "refuse-E103-no-action", change: func(e *envelope) { e.Intent.Action = "" }},
		{name: "refuse-E103-tenth-of-a-cent", change: parameters(`{"amount":1.005}`)},
		{name: "refuse-E103-minor-float", change: parameters(`{"amount_minor":100.0}`)},
		{name: "refuse-E104-version", tamper: [2]string{`"protocol_version":"1.0.0"`, `"protocol_version":"2.0.0"`},
			resign: true, loose: true},
		{name: "refuse-E105-short-nonce", change: func(e *envelope) { e.Nonce = "nonce:0123456789abcdef" }},
		{name: "refuse-E200-action", change: func(e *envelope) { e.Intent.Action = "create_order" }},
		{name: "refuse-E201-denied", change: func(e *envelope) {
			e.Intent.Action, e.Boundaries.AllowedActions = "delete", []string{"delete", "read_invoice"}
		}},
		{name: "refuse-E201+E200-denied", change: func(e *envelope) { e.Intent.Action = "delete" }},
		{name: "refuse-E202-cent", change: parameters(`{"amount":800.01}`)},
		{name: "refuse-E202-minor", change: parameters(`{"amount_minor":80001}`)},
		{name: "refuse-E202-day", change: parameters(`{"amount":101}`),
			args: map[string]any{"spent": []any{map[string]any{
				"agent": aip1Agent, "amount_minor": 310000, "currency": "USD",
				"at": f.now.Add(-time.Hour).Format(time.RFC3339Nano)}}}},
		{name: "refuse-E202-mandate", change: parameters(`{"amount":100.01}`), mandate: plain},
		{name: "refuse-E203-window", change: f.during(-2*time.Hour, -time.Hour)},
		{name: "refuse-E204-geo", change: func(e *envelope) { e.Boundaries.Geo = "DE, FR" },
			args: map[string]any{"request_geo": "US"}},
		{name: "refuse-E300-model", change: attested,
			args: map[string]any{"known_model_hashes": map[string]string{aip1Framework: other}}},
		{name: "refuse-E301-prompt", change: attested,
			args: map[string]any{"known_prompt_hashes": map[string]string{aip1Agent: other}}},
		{name: "refuse-E302-framework", change: attested,
			args: map[string]any{"registered_frameworks": []string{"did:web:other.example"}}},
		{name: "refuse-E400-revoked", args: map[string]any{"revoked": []string{aip1Agent}}},
		{name: "refuse-E401-suspended", args: map[string]any{"suspended": []string{aip1Agent}}},
		{name: "refuse-E403-no-chain", change: func(e *envelope) {
			e.Tier, e.Principal.Chain = aip1.Tier2,
				[]aip1.Link{}
		}},
		{name: "refuse-E404-trust", change: tier(aip1.Tier2), args: map[string]any{"min_trust_score": 0.9,
			"history": map[string]any{aip1Agent: map[string]int{"ok": 3, "violations": 1}}}},
		{name: "refuse-E405-none", args: map[string]any{"mode": "mandated", "require_mandate": true}},
		{name: "refuse-E406-stranger", mandate: plain, by: f.other},
		{name: "refuse-E406-by-the-agent", mandate: plain, by: f.agent},
		{name: "refuse-E407-ended", mandate: func(m *aip1.Mandate) { m.ExpiresAt = f.now.Add(-time.Second) }},
		{name: "refuse-E408-subject",
			mandate: func(m *aip1.Mandate) { m.Subject = "did:web:acme.example:agents:seller" }},
		{name: "refuse-E501-stale",
			args: map[string]any{"replica_synced_at": f.now.Add(-time.Second).Format(time.RFC3339Nano)}},
	}...)
}

const seenNonce = "nonce:00112233445566778899aabbccddeeff"

func (f *aip1Folder) accepted() []aip1Doc {
	return []aip1Doc{
		{name: "accept-tier0", change: tier(aip1.Tier0)},
		{name: "accept-tier1"},
		{name: "accept-tier2", change: tier(aip1.Tier2)},
		{name: "accept-hmac", hmac: true, args: map[string]any{"hmac_key_hex": hex.EncodeToString(f.hmacKey)}},
		{name: "accept-numbers",
			change: parameters(`{"amount":12,"big":123456789012345678901234567890,"a":1e22,"b":1e23,` +
				`"c":0.00001,"d":1.5e-7,"e":100.0,"f":0.1,"g":-0,"h":-0.0,"i":1e16,"j":123456.789}`)},
		{name: "accept-unicode",
			change: parameters(`{"amount":1,"memo":"naïve – 日本 🚀 \u2028\u007f <&>/\"\\\t",` +
				`"ключ":[1,null,{"b":2,"a":1}],` +
				`"🚀":1,"～":2,"10":3,"2":4}`)},
		{name: "accept-minor-units", change: parameters(`{"amount_minor":80000}`)},
		{name: "accept-at-the-limit", change: parameters(`{"amount":800}`)},
		{name: "accept-no-amount", change: func(e *envelope) { e.Intent = aip1.Intent{Action: "read_invoice"} }},
		{name: "accept-no-end", noEnd: true},
		{name: "accept-self", change: func(e *envelope) { e.Tier, e.Principal.ID = aip1.Tier2, aip1Agent }},
		{name: "accept-window", change: f.during(-time.Hour, 0)},
		{name: "accept-geo", change: func(e *envelope) { e.Boundaries.Geo = "de, FR" },
			args: map[string]any{"request_geo": "DE"}},
		{name: "accept-offset", change: func(e *envelope) {
			e.IssuedAt = e.IssuedAt.In(time.FixedZone("",
				5*3600+1800))
		}},
		{name: "accept-yen", change: func(e *envelope) {
			e.Boundaries.Limit = aip1.Limit{PerTransaction: "5000", Currency: "JPY"}
			e.Intent.Parameters = `{"amount":5000}`
		}},
		{name: "accept-dinar", change: func(e *envelope) {
			e.Boundaries.Limit = aip1.Limit{PerTransaction: "1.005", Currency: "KWD"}
			e.Intent.Parameters = `{"amount":1.005}`
		}},
		{name: "accept-attested", change: attested,
			args: map[string]any{"registered_frameworks": []string{aip1Framework},
				"known_model_hashes":  map[string]string{aip1Framework: "sha256:" + strings.Repeat("a", 64)},
				"known_prompt_hashes": map[string]string{aip1Agent: "sha256:" + strings.Repeat("b", 64)}}},
		{name: "accept-trusted", change: tier(aip1.Tier2), args: map[string]any{"min_trust_score": 0.9,
			"history": map[string]any{aip1Agent: map[string]int{"ok": 3}}}},
		{name: "accept-mandate", mandate: plain},
		{name: "accept-mandate-tier2", change: tier(aip1.Tier2), mandate: plain},
		{name: "accept-mandate-unicode",
			mandate: func(m *aip1.Mandate) { m.Boundaries.DataAccess = []string{"rechnungen/für 🚀"} }},
	}
}

// during is a time window around now.
func (f *aip1Folder) during(from, to time.Duration) func(*envelope) {
	return func(e *envelope) { e.Boundaries.Window = &aip1.TimeWindow{Start: f.now.Add(from), End: f.now.Add(to)} }
}
