package main

import (
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// liveToken is a token of a grant that is active, of the caller's own.
type liveToken struct {
	claims *grantClaims
	grant  *registry.Grant
}

// reasons why a token is not good. Another tenant's is none of this office.
var (
	errRevoked = errors.New("revoked")
	errExpired = errors.New("expired")
)

func (c *call) live(token string) (*liveToken, error) {
	claims := &grantClaims{}
	if err := c.tokens.open(typeGrant, token, claims); err != nil || claims.Issuer != c.grantexURL() {
		return nil, errToken
	}
	g, err := c.Office.Grants.Get(c.ctx(), c.by, claims.Grant)
	if codeOf(err) == registry.NotFound {
		return nil, errToken
	}
	if err != nil {
		return nil, err
	}
	var r tokenRecord
	var ok bool
	if err := c.Office.Store().View(c.ctx(), func(tx registry.Tx) error {
		_, ok, err = kept(tx, kindToken, claims.ID, &r)
		return err
	}); err != nil {
		return nil, err
	}
	a, err := c.Office.Agents.Get(c.ctx(), c.by, g.Agent)
	if err != nil {
		return nil, err
	}
	switch {
	case !ok || r.Grant != g.ID:
		return nil, errToken
	case r.Revoked || g.Status == registry.Revoked || a.Status != registry.Active:
		return nil, errRevoked
	case c.Now().Unix() >= claims.Expires || g.Status != registry.Active:
		return nil, errExpired
	}
	return &liveToken{claims, g}, nil
}

// G9: answered with 200, whether it is valid or not.
func grantexTokenVerify(c *call) (any, error) {
	t, _, err := c.asked()
	if err != nil || t == nil {
		return struct {
			Valid bool `json:"valid"`
		}{}, err
	}
	return struct {
		Valid     bool     `json:"valid"`
		GrantID   string   `json:"grantId"`
		Scopes    []string `json:"scopes"`
		Principal string   `json:"principal"`
		Agent     string   `json:"agent"`
		ExpiresAt string   `json:"expiresAt"`
	}{true, t.grant.ID, t.claims.Scopes, t.claims.Subject, t.claims.Agent, instant(time.Unix(t.claims.Expires, 0))}, nil
}

// grantexGrantVerify says the same with the claims, or with why not.
func grantexGrantVerify(c *call) (any, error) {
	t, why, err := c.asked()
	switch {
	case err != nil:
		return nil, err
	case why == errToken:
		return nil, badRequest("token", "it is not a token of a grant of yours")
	case why != nil:
		return struct {
			Active bool   `json:"active"`
			Reason string `json:"reason"`
		}{false, why.Error()}, nil
	}
	return struct {
		Active bool         `json:"active"`
		Claims *grantClaims `json:"claims"`
	}{true, t.claims}, nil
}

// asked reads the token that a call asks about. why says what is wrong with it; err, that it cannot be told.
func (c *call) asked() (t *liveToken, why, err error) {
	var q struct {
		Token string `json:"token"`
	}
	if err := c.decode(&q); err != nil {
		return nil, nil, err
	}
	if q.Token == "" {
		return nil, nil, badRequest("token", "it is needed")
	}
	t, err = c.live(q.Token)
	if err == errToken || err == errRevoked || err == errExpired {
		return nil, err, nil
	}
	return t, nil, err
}

// grantexTokenRevoke revokes one token. Its grant goes on.
func grantexTokenRevoke(c *call) (any, error) {
	var q struct {
		JTI string `json:"jti"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if q.JTI == "" || len(q.JTI) > 512 {
		return nil, badRequest("jti", "it is needed")
	}
	return retried(func() (any, error) { return nil, c.revokeToken(q.JTI) })
}

func (c *call) revokeToken(jti string) error {
	var r tokenRecord
	var version int64
	var ok bool
	err := c.Office.Store().View(c.ctx(), func(tx registry.Tx) (err error) {
		version, ok, err = kept(tx, kindToken, jti, &r)
		return err
	})
	if err == nil && ok {
		_, err = c.Office.Grants.Get(c.ctx(), c.by, r.Grant)
	}
	if err == nil && (!ok || r.Revoked) || codeOf(err) == registry.NotFound {
		err = refuse(registry.NotFound, 0, "there is no such token, or it is revoked already")
	}
	if err != nil {
		return err
	}
	r.Revoked = true
	return c.log(revokedByName, jti, r.Grant, func(tx registry.Tx) error {
		return keep(tx, kindToken, jti, version, r)
	})
}
