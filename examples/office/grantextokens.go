package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// grantClaims are what a grant token says, in Grantex's order.
type grantClaims struct {
	Agent       string   `json:"agt"` // its DID
	Developer   string   `json:"dev"`
	Scopes      []string `json:"scp"`
	Grant       string   `json:"grnt"`
	ParentAgent string   `json:"parentAgt,omitempty"`
	ParentGrant string   `json:"parentGrnt,omitempty"`
	Depth       int      `json:"delegationDepth,omitempty"`
	Issuer      string   `json:"iss"`
	Subject     string   `json:"sub"` // the principal, by the developer's name
	ID          string   `json:"jti"`
	IssuedAt    int64    `json:"iat"`
	Expires     int64    `json:"exp"`
}

// kinds of documents that this office keeps beside those of the registry, in its store.
const (
	kindCode    = "office.code"    // one that was exchanged, by the hash of its request
	kindToken   = "office.token"   // by its jti
	kindRefresh = "office.refresh" // by its hash
)

const (
	typeCode  = "grantex-code+jwt"
	typeGrant = "" // as Grantex writes it

	codeLives    = 10 * time.Minute
	refreshLives = 30 * 24 * time.Hour
	replayLives  = 5 * time.Minute
)

// tokenRecord is what is kept of a grant token.
type tokenRecord struct {
	Org, Grant string
	Expires    time.Time
	Revoked    bool
}

func newULID(at time.Time) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at)) // it is long before the year 10889
	_, _ = rand.Read(id[6:])           // it does not fail
	return id.String()
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// keep writes a new document of the office.
func keep(tx registry.Tx, kind, id string, version int64, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Put(registry.Doc{Kind: kind, ID: id, Version: version, Body: body})
}

// kept reads one; ok is false if there is none.
func kept(tx registry.Tx, kind, id string, v any) (version int64, ok bool, err error) {
	d, err := tx.Get(kind, id)
	if err != nil || d.Version == 0 {
		return 0, false, err
	}
	return d.Version, true, json.Unmarshal(d.Body, v)
}

// grantexTokens is the answer with tokens.
type grantexTokens struct {
	GrantToken   string   `json:"grantToken"`
	ExpiresAt    string   `json:"expiresAt"`
	Scopes       []string `json:"scopes"`
	RefreshToken string   `json:"refreshToken"`
	GrantID      string   `json:"grantId"`
}

// claims are those of a token of a grant.
func (c *call) claims(g *registry.Grant, jti string, at time.Time) (*grantClaims, error) {
	known := map[string]string{}
	did, err := c.didOf(g.Agent, known)
	if err != nil {
		return nil, err
	}
	out := &grantClaims{
		Agent: did, Developer: g.Org, Scopes: g.Scopes, Grant: g.ID, ParentGrant: g.Parent, Depth: g.Depth,
		Issuer: c.grantexURL(), Subject: nameOfPrincipal(g.Principal), ID: jti, IssuedAt: at.Unix(),
		Expires: g.ExpiresAt.Unix(),
	}
	if g.Parent != "" {
		above, err := c.Office.Grants.Get(c.ctx(), c.by, g.Parent)
		if err != nil {
			return nil, err
		}
		if out.ParentAgent, err = c.didOf(above.Agent, known); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// newTokens makes the tokens of a new grant. also, which may be nil, is done in the same transaction.
func (c *call) newTokens(g *registry.Grant, also func(tx registry.Tx) error) (any, error) {
	at := c.Now().UTC()
	claims, err := c.claims(g, "tok_"+newULID(at), at)
	if err != nil {
		return nil, err
	}
	refresh := "ref_" + newULID(at) + newULID(at)
	if err := c.log(issued, claims.ID, g.ID, func(tx registry.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return c.keepTokens(tx, g, claims.ID, refresh, at)
	}); err != nil {
		return nil, err
	}
	return c.answer(g, claims, refresh)
}

// Actions of the audit log.
const (
	codeIssued     = registry.HostAction + "code.issued"
	codeExchanged  = registry.HostAction + "code.exchanged"
	codeReused     = registry.HostAction + "code.reused"
	issued         = registry.HostAction + "token.issued"
	refreshed      = registry.HostAction + "token.refreshed"
	refreshReused  = registry.HostAction + "token.reused"
	revokedByName  = registry.HostAction + "token.revoked"
	reasonOfReused = "a code or refresh token was used again"
)

// log changes documents of this office, and writes a line of the audit log about a code or a token, in one transaction.
func (c *call) log(action, id, grant string, change func(tx registry.Tx) error) error {
	line := registry.HostLine{Action: action, Subject: id}
	if grant != "" {
		line.Data = map[string]string{"grant": grant}
	}
	return c.Office.Audit.Write(c.ctx(), c.by, line, change)
}

// mostTries is how often a change is tried that others make at the same time.
const mostTries = 16

// retried does something again for as long as somebody else changes meanwhile what it changes.
func retried[T any](f func() (T, error)) (out T, err error) {
	for range mostTries {
		if out, err = f(); codeOf(err) != registry.Conflict {
			break
		}
	}
	return out, err
}

// revokeFamily revokes a grant, with all that was issued from it: tokens, passports, and what was delegated. It goes on
// though whoever asked has gone.
func (c *call) revokeFamily(grant string) error {
	_, err := retried(func() (*registry.Grant, error) {
		return c.Office.Grants.Revoke(context.WithoutCancel(c.ctx()), c.by, grant, reasonOfReused)
	})
	return err
}

// keepTokens writes down what was issued. A refresh token does not live longer than its grant.
func (c *call) keepTokens(tx registry.Tx, g *registry.Grant, jti, refresh string, at time.Time) error {
	until := at.Add(refreshLives)
	if g.ExpiresAt.Before(until) {
		until = g.ExpiresAt
	}
	if err := keep(tx, kindToken, jti, 0, tokenRecord{Org: g.Org, Grant: g.ID, Expires: g.ExpiresAt}); err != nil {
		return err
	}
	return keep(tx, kindRefresh, hashed(refresh), 0, refreshRecord{
		Org: g.Org, Grant: g.ID, Agent: g.Agent, Expires: until,
	})
}

func (c *call) answer(g *registry.Grant, claims *grantClaims, refresh string) (any, error) {
	token, err := c.tokens.seal(c.ctx(), typeGrant, claims)
	if err != nil {
		return nil, err
	}
	return grantexTokens{token, instant(g.ExpiresAt), g.Scopes, refresh, g.ID}, nil
}
