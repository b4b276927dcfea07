package main

import (
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// P14: the keys of decisions and decision tokens.
func aportKeySet(c *call) (any, error) {
	list, err := c.issuerKeys(c.ctx())
	if err != nil {
		return nil, err
	}
	set := keySet{[]jwk{}}
	for _, k := range list {
		set.Keys = append(set.Keys, k.jwk)
	}
	return set, nil
}

// typeDecision is the type of decision tokens, as APort's clients read them.
const typeDecision = "JWT"

// decisionLives is how long a decision may be relied on in a token: what is suspended or revoked is so everywhere after
// that. What a token allows is counted once, when it is made.
const decisionLives = 30 * time.Second

// decisionClaims are what a decision token says: the signed decision, and by digests what it is about. The decision by
// itself does not say what was asked.
type decisionClaims struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"` // agent_id
	ID       string          `json:"jti"` // decision_id
	IssuedAt int64           `json:"iat"`
	Expires  int64           `json:"exp"`
	Policy   string          `json:"policy_digest"`
	Context  string          `json:"context_digest"`
	Decision json.RawMessage `json:"decision"`
}

// P14: a decision in a token, that others verify with the key set and without the office.
func aportToken(c *call) (any, error) {
	made, err := c.decide(decisionLives)
	if err != nil {
		return nil, err
	}
	d := made.decision
	token, err := made.key.seal(c.ctx(), typeDecision, decisionClaims{
		Issuer: c.URL + aport.prefix(), Subject: d.PassportID, ID: d.ID, IssuedAt: d.CreatedAt.Unix(),
		Expires: d.ExpiresAt.Unix(), Policy: made.policy, Context: made.context, Decision: d.JSON(),
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Success   bool            `json:"success"`
		Token     string          `json:"token"`
		ExpiresIn int             `json:"expires_in"`
		Decision  json.RawMessage `json:"decision"`
	}{true, token, int(decisionLives / time.Second), d.JSON()}, nil
}

// invalidToken is the code for whatever is no good of a token. Another tenant's is none of this office.
const invalidToken registry.Code = "INVALID_TOKEN"

// P14: what a token says, for who may see its agent, as long as it holds.
func aportTokenValidate(c *call) (any, error) {
	var q struct {
		Token string `json:"token"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if q.Token == "" {
		return nil, badRequest("token", "it is needed")
	}
	var claims decisionClaims
	none := refuse(invalidToken, 400, "it is not a decision token of an agent of yours")
	if err := c.openDecision(c.ctx(), q.Token, &claims); err != nil || claims.Issuer != c.URL+aport.prefix() {
		return nil, none
	}
	record, err := c.Office.Records.Get(c.ctx(), c.by, claims.Subject)
	if codeOf(err) == registry.NotFound {
		return nil, none
	}
	switch {
	case err != nil:
		return nil, err
	case c.Now().Unix() >= claims.Expires:
		return nil, refuse(invalidToken, 400, "it holds no longer")
	case record.Status != registry.Active:
		return nil, refuse(invalidToken, 400, "the passport is %s", record.Status)
	}
	return struct {
		Success  bool            `json:"success"`
		Policy   string          `json:"policy_digest"`
		Context  string          `json:"context_digest"`
		Decision json.RawMessage `json:"decision"`
	}{true, claims.Policy, claims.Context, claims.Decision}, nil
}
