package main

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// refreshRecord is what is kept of a refresh token. One that was used answers once more to whoever asks again under the
// same idempotency key.
type refreshRecord struct {
	Org, Grant, Agent string
	Expires           time.Time
	Used              time.Time `json:",omitzero"`
	Key, Token        string    `json:",omitempty"` // hash of the idempotency key; jti of what was answered
}

var errRefresh = badRequest("refreshToken", "it is not valid, or was used before")

// grantexRefresh gives a new token of a grant for a refresh token, which is used up. Who asks again under the same
// idempotency key within five minutes gets the same answer.
func grantexRefresh(c *call) (any, error) {
	var q struct {
		RefreshToken string `json:"refreshToken"`
		AgentID      string `json:"agentId"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	key := c.r.Header.Get("Idempotency-Key")
	if key != "" && (len(key) < 16 || len(key) > 256) {
		return nil, badRequest("Idempotency-Key", "want 16 to 256 bytes")
	}
	return retried(func() (any, error) { return c.refresh(q.RefreshToken, q.AgentID, key) })
}

// refresh uses up a refresh token. One that was used before ends what was issued from it (RFC 9700 §4.14).
func (c *call) refresh(token, agent, idempotencyKey string) (any, error) {
	at := c.Now().UTC()
	var r refreshRecord
	var version int64
	var ok bool
	if err := c.Office.Store().View(c.ctx(), func(tx registry.Tx) (err error) {
		version, ok, err = kept(tx, kindRefresh, hashed(token), &r)
		return err
	}); err != nil {
		return nil, err
	}
	if !ok || r.Agent != agent || !at.Before(r.Expires) {
		return nil, errRefresh
	}
	g, err := c.Office.Grants.Get(c.ctx(), c.by, r.Grant)
	if err != nil || g.Status != registry.Active {
		return nil, errRefresh
	}
	if a, err := c.Office.Agents.Get(c.ctx(), c.by, r.Agent); err != nil || a.Status != registry.Active {
		return nil, errRefresh
	}
	next, err := c.following(token)
	if err != nil {
		return nil, err
	}
	key := hashed(c.by.String() + "\x00" + idempotencyKey)
	switch {
	case r.Used.IsZero():
		r.Used, r.Key, r.Token = at, key, "tok_"+newULID(at)
		if err := c.log(refreshed, r.Token, g.ID, func(tx registry.Tx) error {
			if err := keep(tx, kindRefresh, hashed(token), version, r); err != nil {
				return err
			}
			return c.keepTokens(tx, g, r.Token, next, at)
		}); err != nil {
			return nil, err
		}
	case idempotencyKey != "" && r.Key == key && at.Sub(r.Used) <= replayLives: // the same answer
	default:
		if err := c.log(refreshReused, r.Token, g.ID, nil); err != nil {
			return nil, err
		}
		if err := c.revokeFamily(g.ID); err != nil {
			return nil, err
		}
		return nil, errRefresh
	}
	claims, err := c.claims(g, r.Token, r.Used)
	if err != nil {
		return nil, err
	}
	return c.answer(g, claims, next)
}

// following is the refresh token that comes after another one: a signature of this office, so that nobody else can tell
// it, and it need not be kept.
func (c *call) following(refresh string) (string, error) {
	signature, err := c.tokens.sign(c.ctx(), []byte("refresh token after "+refresh))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(signature)
	return "ref_" + base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
