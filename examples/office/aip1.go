package main

import (
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
)

// A1.
func aip1Create(c *call) (any, error) {
	var q struct {
		Domain              string   `json:"domain"`
		AgentName           string   `json:"agent_name"`
		AllowedActions      []string `json:"allowed_actions"`
		DeniedActions       []string `json:"denied_actions"`
		MonetaryLimitPerTxn number   `json:"monetary_limit_per_txn"`
		MonetaryLimitPerDay number   `json:"monetary_limit_per_day"`
		Currency            string   `json:"currency"`
		FrameworkID         string   `json:"framework_id"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	a, err := c.Office.AIP1.Create(c.ctx(), c.once(), registry.NewAIP1{
		Domain: q.Domain, AgentName: q.AgentName, AllowedActions: q.AllowedActions, DeniedActions: q.DeniedActions,
		PerTransaction: string(q.MonetaryLimitPerTxn), PerDay: string(q.MonetaryLimitPerDay), Currency: q.Currency,
		FrameworkID: q.FrameworkID,
	})
	if err != nil {
		return nil, err
	}
	c.know(a.AgentID, a.Record.ID)
	return a, nil
}

// A17. Its answer has everything: Next travels in a header field, too.
func aip1List(c *call) (any, error) {
	limit, err := most(c.q["limit"])
	if err != nil {
		return nil, err
	}
	page, err := c.Office.AIP1.List(c.ctx(), c.by, registry.RecordQuery{Cursor: c.q["cursor"], Limit: limit})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Agents {
		shown(e)
	}
	return page, nil
}

func aip1Get(c *call) (any, error) {
	e, err := c.Office.AIP1.Get(c.ctx(), c.by, "", c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return shown(e), nil
}

// shown writes a limit that is not stated as AIP-1 does.
func shown(e *registry.AIP1Entry) *registry.AIP1Entry {
	if e.MonetaryLimit == "" {
		e.MonetaryLimit = "0"
	}
	return e
}

// A2: answered with 200, whether verified or not. What is allowed is counted at once.
func aip1Verify(c *call) (any, error) {
	var q struct {
		AgentID    string          `json:"agent_id"`
		Action     string          `json:"action"`
		Target     string          `json:"target"`
		Parameters json.RawMessage `json:"parameters"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if q.AgentID == "" {
		return nil, badRequest("agent_id", "it is needed")
	}
	if err := passport.CheckAction(q.Action); err != nil {
		return nil, badRequest("action", "%v", err)
	}
	e, err := c.Office.AIP1.Get(c.ctx(), c.by, "", q.AgentID)
	if err != nil {
		return nil, err
	}
	record, err := c.recordOf(q.AgentID)
	if err != nil {
		return nil, err
	}
	p, err := c.Office.Passports.Get(c.ctx(), c.by, record.Passport)
	if err != nil {
		return nil, err
	}
	act := passport.Act{Action: q.Action, Resource: q.Target}
	if err := parameters(&act, string(q.Parameters), e.Currency); err != nil {
		return nil, err
	}
	question := verify.Request{Audience: c.Office.Issuer().String(), Act: act}
	d, err := c.Verifier.Verify(c.ctx(), []byte(p.Credential), question)
	if err == nil {
		err = d.Commit(c.ctx())
	}
	if err != nil && d.Verdict == verify.Allow {
		return nil, err
	}
	return office.AIP1View(d, office.AIP1ViewOptions{Unsigned: true, TrustScore: e.TrustScore}), nil
}

// parameters reads what an act is about. An amount without a currency is one of the currency that the passport has.
func parameters(act *passport.Act, text, currency string) error {
	if text == "" || text == "null" {
		return nil
	}
	v, err := credential.ParseValue(text)
	if err != nil {
		return badRequest("parameters", "%v", err)
	}
	rest := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(text), &rest); err != nil {
		return badRequest("parameters", "want an object")
	}
	if amount := v.Get("amount"); amount.Exists() {
		var n number
		if err := json.Unmarshal([]byte(amount.Raw()), &n); err != nil {
			return badRequest("parameters.amount", "want a number")
		}
		if named := v.Get("currency"); named.Exists() {
			currency, _ = named.LookupStr()
		}
		if act.Amount, err = passport.ParseMoney(string(n), currency); err != nil {
			return badRequest("parameters.amount", "%v", err)
		}
		act.Payee = act.Resource
	}
	delete(rest, "amount")
	delete(rest, "currency")
	if len(rest) == 0 {
		return nil
	}
	b, err := json.Marshal(rest)
	if err == nil {
		act.Attributes, err = credential.ParseValue(string(b))
	}
	return err
}

// aip1Change is the body of revoke, suspend and reinstate.
type aip1Change struct {
	AgentID string `json:"agent_id"`
	Reason  string `json:"reason"`
}

// A5.
func aip1Revoke(c *call) (any, error) {
	var q aip1Change
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	return c.Office.AIP1.Revoke(c.ctx(), c.by, "", q.AgentID, q.Reason)
}

func aip1Suspend(c *call) (any, error) {
	var q aip1Change
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	return c.Office.AIP1.Suspend(c.ctx(), c.by, "", q.AgentID, registry.Suspension{Reason: q.Reason})
}

func aip1Reinstate(c *call) (any, error) {
	var q aip1Change
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	return c.Office.AIP1.Reinstate(c.ctx(), c.by, "", q.AgentID, q.Reason)
}

// aip1Key is a key as AIP-1 shows it.
type aip1Key struct {
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty"`
	Prefix    string     `json:"prefix,omitempty"`
	Key       string     `json:"key,omitempty"` // once
	Plan      string     `json:"plan"`
	Message   string     `json:"message,omitempty"`
	CreatedAt *time.Time `json:"created_at,omitempty"`
	Revoked   bool       `json:"revoked,omitempty"`
}

// A15.
func aip1KeyCreate(c *call) (any, error) {
	var q struct {
		Name string `json:"name"`
		Plan string `json:"plan"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	k, secret, err := c.Office.Keys.Create(c.ctx(), c.once(), registry.NewKey{
		Kind: registry.KeyAIP1, Name: q.Name, Plan: q.Plan,
	})
	if err != nil {
		return nil, err
	}
	return aip1Key{ID: k.ID, Key: secret.Reveal(), Plan: k.Plan, Message: registry.ShownOnce}, nil
}

func aip1KeyList(c *call) (any, error) {
	keys, err := c.Office.Keys.List(c.ctx(), c.by, "")
	if err != nil {
		return nil, err
	}
	list := []aip1Key{}
	for _, k := range keys {
		if k.Kind == registry.KeyAIP1 {
			list = append(list, aip1Key{
				ID: k.ID, Name: k.Name, Prefix: k.Prefix, Plan: k.Plan, CreatedAt: &k.CreatedAt,
				Revoked: !k.RevokedAt.IsZero(),
			})
		}
	}
	return struct {
		Keys []aip1Key `json:"keys"`
	}{list}, nil
}

func aip1KeyRevoke(c *call) (any, error) {
	k, err := c.Office.Keys.Revoke(c.ctx(), c.by, c.r.PathValue("id"), "")
	if err != nil {
		return nil, err
	}
	return struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}{k.ID, string(registry.Revoked)}, nil
}
