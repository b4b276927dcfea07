package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// actLives is how long a decision holds that is for this act alone. APort's own tools take none that says 0.
const actLives = time.Second

// P13, P14: the decision, signed by the office.
func aportVerify(c *call) (any, error) {
	made, err := c.decide(actLives)
	if err != nil {
		return nil, err
	}
	return struct {
		Success  bool            `json:"success"`
		Decision json.RawMessage `json:"decision"`
	}{true, made.decision.JSON()}, nil
}

// decided is a decision with what it is about.
type decided struct {
	decision        *oap.Decision
	context, policy string // digests
	key             *issuerKey
}

// decide judges an act: the pack is chosen by the path, the passport by context.agent_id. What is allowed is counted at
// once.
func (c *call) decide(life time.Duration) (*decided, error) {
	var q struct {
		Context json.RawMessage `json:"context"`
		// What the published clients may send beside it.
		AgentID         string          `json:"agent_id"`
		IdempotencyKey  string          `json:"idempotency_key"`
		Passport        json.RawMessage `json:"passport"`
		Policy          json.RawMessage `json:"policy"`
		Runtime         json.RawMessage `json:"runtime"`
		EnforcementMode string          `json:"enforcement_mode"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	for name, text := range map[string]json.RawMessage{"passport": q.Passport, "policy": q.Policy} {
		if len(text) > 0 && string(text) != "null" {
			return nil, badRequest(name, "a caller does not choose it: it is the office's own")
		}
	}
	if q.EnforcementMode != "" || len(q.Runtime) > 0 && string(q.Runtime) != "null" {
		return nil, badRequest("enforcement_mode", "decisions are always enforced")
	}
	id := c.r.PathValue("pack")
	v, ok := c.Packs[id]
	if !ok {
		return nil, refuse(registry.NotFound, 0, "there is no such policy pack")
	}
	context, err := credential.ParseValue(string(q.Context))
	if err != nil || !strings.HasPrefix(context.Raw(), "{") {
		return nil, badRequest("context", "want an object")
	}
	agent := context.Get("agent_id").Str()
	if agent == "" {
		agent = q.AgentID
	}
	if agent == "" {
		return nil, badRequest("context.agent_id", "it is needed")
	}
	record, err := c.Office.Records.Get(c.ctx(), c.by, agent)
	if err != nil {
		return nil, err
	}
	key, err := c.decisionKey(c.ctx())
	if err != nil {
		return nil, err
	}
	at := c.Now().UTC().Truncate(time.Second)
	out := oap.Decision{
		Spelling: oap.Registry, PolicyID: id, PassportID: record.ID, OwnerID: record.Owner, Assurance: record.Level(),
		CreatedAt: at, ExpiresAt: at.Add(life), KeyID: key.ID,
	}
	made := &decided{context: oap.Digest(oap.Canonical([]byte(context.Raw()))), policy: v.pack.Digest(), key: key}
	if record.Passport == "" {
		out.ID = strings.TrimPrefix(registry.NewRequestID(), "req_")
		out.Reasons = []oap.Reason{{
			Code: "oap.passport_not_found", Message: "nothing is signed for it yet", Severity: "error",
		}}
		out.PassportDigest = oap.Digest(nil)
		made.decision, err = oap.SignDecision(c.ctx(), key.signer, out)
		return made, err
	}
	p, err := c.Office.Passports.Get(c.ctx(), c.by, record.Passport)
	if err != nil {
		return nil, err
	}
	request := verify.Request{Audience: c.Office.Issuer().String(), Usage: map[string]int64{"msgs": 1}}
	if request.Act, err = packAct(id, context, request.Usage, &record.Authority); err != nil {
		return nil, err
	}
	d, err := v.Verify(c.ctx(), []byte(p.Credential), request)
	if err == nil {
		err = d.Commit(c.ctx())
	}
	if err != nil && d.Verdict == verify.Allow {
		return nil, err
	}
	out.ID, out.Allow = d.ID, d.Verdict == verify.Allow
	out.PassportDigest = oap.Digest(oap.Canonical([]byte(p.Credential)))
	for _, x := range d.Violations {
		out.Reasons = append(out.Reasons, oap.Reason{Code: word(x.Code), Message: x.Detail, Severity: "error"})
	}
	if out.Allow {
		out.Reasons = []oap.Reason{{Code: "oap.allowed", Message: "All checks passed", Severity: "info"}}
	}
	made.decision, err = oap.SignDecision(c.ctx(), key.signer, out)
	return made, err
}

// word is a code in APort's words, where it has one, and our own behind the same prefix elsewhere.
func word(code verify.Code) string {
	if rest, ok := strings.CutPrefix(string(code), "policy."); ok {
		return "oap." + rest
	}
	if code == verify.AuthorityActionNotAllowed {
		return "oap." + packs.UnknownCapability
	}
	for _, c := range oap.Codes() {
		if string(c.Ours()) == string(code) {
			return string(c)
		}
	}
	return "oap." + string(code)
}

// measured are names that packs have for what passports limit under others.
var measured = map[string][]string{
	"estimated_rows": {"rows", "export_rows"}, "include_pii": {"pii"},
}

// packAct is the act that a context speaks of: amounts in minor units, everything else as attributes, and the context
// itself for the pack.
func packAct(
	id string, context credential.Value, usage map[string]int64, a *passport.Authority,
) (act passport.Act, err error) {
	pack, err := packs.Published(id)
	if err != nil {
		return act, err
	}
	act.Action = pack.Capabilities()[0]
	// An amount counts where the passport says how much may be spent; elsewhere the pack alone judges it.
	if amount := context.Get("amount"); amount.Exists() && spends(a, act.Action) {
		if act.Amount, err = passport.ParseMinorUnits(amount.Raw(), context.Get("currency").Str()); err != nil {
			return act, badRequest("context.amount", "%v", err)
		}
	}
	act.Region = context.Get("region").Str()
	attributes := map[string]json.RawMessage{"context": json.RawMessage(context.Raw())}
	for name, m := range context.Members() {
		for _, own := range measured[name] {
			attributes[own] = json.RawMessage(m.Raw())
		}
	}
	if rows, ok := context.Get("estimated_rows").Int(); ok {
		usage["rows"] = rows
	}
	b, err := json.Marshal(attributes)
	if err == nil {
		act.Attributes, err = credential.ParseValue(string(b))
	}
	return act, err
}

// packRules are the rules of a pack: its own, and that what a passport limits must be measured (P15). Limits over time
// are the ledger's.
func packRules(pack *packs.Pack) []verify.Rule {
	return []verify.Rule{
		packs.Policy{
			Pack: pack, Uncounted: true,
			Context: func(f verify.Facts) (credential.Value, error) { return f.Request.Attributes.Get("context"), nil },
			Limits: func(p *passport.Passport) (credential.Value, error) {
				if block, err := packs.BlockOf(pack, p); err != nil || block.Exists() {
					return block, err
				}
				return packLimits(&p.Authority)
			},
		}.Rule(),
		policy.Counts{
			"data.export": {"rows", "export_rows", "pii"}, "messaging.*": {"msgs"},
		}.Rule(),
	}
}

// packLimits writes what a passport limits as packs read it: flat, and refunds by currency.
func packLimits(a *passport.Authority) (credential.Value, error) {
	m := flatOf(a)
	currencies, blocks := []string{}, map[string]map[string]number{}
	for _, l := range a.SpendLimits {
		if l.Action != "finance.payment.refund" {
			continue
		}
		code := l.Money.Currency()
		if !slices.Contains(currencies, code) {
			currencies, blocks[code] = append(currencies, code), map[string]number{}
		}
		name := map[passport.Period]string{passport.PerTransaction: "max_per_tx", passport.PerDay: "daily_cap"}[l.Per]
		if name != "" {
			blocks[code][name] = minor(l.Money)
		}
	}
	if len(currencies) > 0 {
		m["supported_currencies"], m["currency_limits"] = currencies, blocks
	}
	b, err := json.Marshal(m)
	if err != nil {
		return credential.Value{}, err
	}
	return credential.ParseValue(string(b))
}
