package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/statuslist"
)

const (
	grantexIssuer = "did:web:issuer.example"
	grantexList   = "https://issuer.example/status/1"
)

// emitGrantex writes passports for Grantex' verifier.
func emitGrantex(dir string) error {
	f := &folder{dir: dir}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	rsaKey, err2 := rsa.GenerateKey(rand.Reader, 2048)
	_, stranger, err3 := ed25519.GenerateKey(rand.Reader)
	for _, err := range []error{err, err2, err3} {
		if err != nil {
			return err
		}
	}
	ed, rs := grantex.Signer{KeyID: "ed-1", Key: edKey}, grantex.Signer{KeyID: "rsa-1", Key: rsaKey}
	now := clock().UTC().Truncate(time.Millisecond)
	f.write("jwks.json", string(mustBytes(f)(grantex.KeySetOf(ed, rs))))
	f.args("args.json", map[string]any{"now": now.Format(time.RFC3339Nano), "trustedIssuers": []string{grantexIssuer}})
	f.write("list.json", must(f)(grantexStatusList(now, 7)))

	base := grantex.Passport{
		Issuer: grantexIssuer, ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(24 * time.Hour),
		Agent: "did:grantex:ag_1", HumanPrincipal: "did:grantex:user_1", Organization: grantexIssuer, GrantID: "grnt_1",
		Categories: []string{"inference", "compute"}, MaxAmount: grantex.Amount{Amount: "50", Currency: "USDC"},
		Rails: []string{"tempo"},
	}
	at := func(i int) *grantex.Status { return &grantex.Status{List: grantexList, Index: i} }
	emit := func(name string, s grantex.Signer, args map[string]any, change func(*grantex.Passport),
		tamper func(string) string) string {
		p := base
		if change != nil {
			change(&p)
		}
		header := must(f)(grantex.Emit(s, p))
		if strings.HasPrefix(name, "accept") {
			if args == nil {
				args = map[string]any{}
			}
			args["expect"] = map[string]any{"agentDID": p.Agent, "humanDID": p.HumanPrincipal,
				"organizationDID": p.Organization,
				"grantId":         p.GrantID, "issuer": p.Issuer, "allowedCategories": p.Categories,
				"delegationDepth": p.Depth,
				"maxTransactionAmount": map[string]any{"amount": json.Number(p.MaxAmount.Amount),
					"currency": p.MaxAmount.Currency}}
		}
		if tamper != nil && header != "" {
			raw := mustBytes(f)(base64.RawURLEncoding.DecodeString(header))
			header = base64.RawURLEncoding.EncodeToString([]byte(tamper(string(raw))))
		}
		f.write(name+".txt", header)
		f.args(name+".args.json", args)
		return header
	}

	all := []string{"inference", "compute", "data", "storage", "search", "media", "delivery", "browser", "general"}
	emit("accept-eddsa", ed, nil, nil, nil)
	emit("accept-rs256", rs, nil, nil, nil)
	emit("accept-non-ascii", ed, nil, func(p *grantex.Passport) {
		p.HumanPrincipal, p.GrantID = "did:grantex:käthe <&> \u2028 🚀", "grnt_naïve"
	}, nil)
	emit("accept-fraction", ed, nil, func(p *grantex.Passport) {
		p.MaxAmount = grantex.Amount{Amount: "49.95",
			Currency: "USD"}
	}, nil)
	emit("accept-nine-categories", rs, map[string]any{"requiredCategories": all},
		func(p *grantex.Passport) { p.Categories = all }, nil)
	emit("accept-no-category", ed, nil, func(p *grantex.Passport) { p.Categories, p.Rails = []string{}, nil }, nil)
	emit("accept-whole-yen", ed, map[string]any{"maxAmount": 500}, func(p *grantex.Passport) {
		p.MaxAmount = grantex.Amount{Amount: "500", Currency: "JPY"}
	}, nil)
	emit("accept-not-revoked", rs, map[string]any{"statusList": "list.json"},
		func(p *grantex.Passport) { p.Status = at(6) }, nil)
	emit("accept-longest", ed, nil,
		func(p *grantex.Passport) { p.ValidUntil = p.ValidFrom.Add(grantex.MaxLifetime) }, nil)
	emit("accept-beginning", ed, nil, func(p *grantex.Passport) { p.ValidFrom = now.Add(59 * time.Second) }, nil)
	const parent = grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6V"
	emit("accept-parent", ed, nil, func(p *grantex.Passport) { p.ID = parent }, nil)
	emit("accept-child", ed, nil, func(p *grantex.Passport) {
		p.Parent, p.Categories, p.MaxAmount.Amount = parent, []string{"compute"}, "5"
	}, nil)
	emit("accept-categories-asked", rs, map[string]any{"requiredCategories": []string{"compute"}, "maxAmount": 50},
		nil, nil)

	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	emit("refuse-MALFORMED_CREDENTIAL-no-subject", ed, nil, nil, replace(`"credentialSubject"`, `"subject"`))
	emit("refuse-MALFORMED_CREDENTIAL-type", ed, nil, nil, replace("AgentPassportCredential", "AgentGrantCredential"))
	emit("refuse-UNTRUSTED_ISSUER-other", ed, map[string]any{"trustedIssuers": []string{"did:web:other.example"}},
		nil, nil)
	emit("refuse-INVALID_SIGNATURE-stranger", grantex.Signer{KeyID: "ed-1", Key: stranger}, nil, nil, nil)
	emit("refuse-INVALID_SIGNATURE-unknown-key", grantex.Signer{KeyID: "ed-2", Key: edKey}, nil, nil, nil)
	emit("refuse-CREDENTIAL_MISMATCH-amount", rs, nil, nil, replace(`"amount":50`, `"amount":5000`))
	emit("refuse-CREDENTIAL_MISMATCH-agent", ed, nil, nil, replace("did:grantex:ag_1", "did:grantex:ag_2"))
	emit("refuse-CREDENTIAL_MISMATCH-id", ed, nil, func(p *grantex.Passport) { p.ID = parent }, replace("47KE6V",
		"47KE6W"))
	emit("refuse-PASSPORT_EXPIRED-ended", ed, nil, func(p *grantex.Passport) {
		p.ValidFrom, p.ValidUntil = now.Add(-2*time.Hour), now.Add(-time.Second)
	}, nil)
	emit("refuse-PASSPORT_NOT_YET_VALID-later", ed, nil,
		func(p *grantex.Passport) { p.ValidFrom = now.Add(62 * time.Second) }, nil)
	emit("refuse-PASSPORT_REVOKED-listed", rs, map[string]any{"statusList": "list.json"},
		func(p *grantex.Passport) { p.Status = at(7) }, nil)
	emit("refuse-CATEGORY_MISMATCH-search", ed, map[string]any{"requiredCategories": []string{"search"}}, nil, nil)
	emit("refuse-CATEGORY_MISMATCH-general", ed, map[string]any{"requiredCategories": []string{"search"}},
		func(p *grantex.Passport) {
			p.Categories = []string{"general"}
		}, nil)
	emit("refuse-AMOUNT_EXCEEDED-cent", ed, map[string]any{"maxAmount": json.Number("50.01")}, nil, nil)
	return f.err
}

// grantexStatusList writes a list as Grantex publishes it, without a proof.
func grantexStatusList(now time.Time, revoked ...int) (string, error) {
	l, err := statuslist.New(statuslist.MinEntries, 1)
	if err != nil {
		return "", err
	}
	for _, i := range revoked {
		if err := l.Set(i, 1); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{
		"@context": []string{"https://www.w3.org/ns/credentials/v2", "https://w3id.org/vc/status-list/2021/v1"},
		"id":       grantexList, "type": []string{"VerifiableCredential", "StatusList2021Credential"},
		"issuer": grantexIssuer, "issued": now.Format(time.RFC3339Nano),
		"credentialSubject": map[string]any{"id": grantexList + "#list", "type": "StatusList2021",
			"statusPurpose": "revocation",
			"encodedList":   l.Encode(statuslist.StatusList2021)},
	})
	return string(text), err
}
