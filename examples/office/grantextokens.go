package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/passport"
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

// codeClaims are what an authorization code says: what was asked, for whoever exchanges it.
type codeClaims struct {
	Request   string   `json:"jti"`
	Developer string   `json:"dev"`
	Agent     string   `json:"agent"`
	Principal string   `json:"principal"`
	Scopes    []string `json:"scopes"`
	ExpiresIn string   `json:"expiresIn"`
	Challenge string   `json:"challenge,omitempty"`
	Expires   int64    `json:"exp"`
}

// kinds of documents that this office keeps beside those of the registry, in its store.
const (
	kindCode    = "office.code"    // one that was exchanged, by its hash
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

// refreshRecord is what is kept of a refresh token. One that was used answers once more to whoever asks again under the
// same idempotency key.
type refreshRecord struct {
	Org, Grant, Agent string
	Expires           time.Time
	Used              time.Time `json:",omitzero"`
	Key, Token        string    `json:",omitempty"` // hash of the idempotency key; jti of what was answered
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

var pkce = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// grantexAuthorize asks a principal for a grant. This office is a sandbox, as Grantex calls it: whoever holds the key
// of the developer answers for the principal, and the code is in the answer. A consent screen is the host's.
func grantexAuthorize(c *call) (any, error) {
	var q struct {
		AgentID             string   `json:"agentId"`
		PrincipalID         string   `json:"principalId"`
		Scopes              []string `json:"scopes"`
		ExpiresIn           string   `json:"expiresIn"`
		State               string   `json:"state"`
		CodeChallenge       string   `json:"codeChallenge"`
		CodeChallengeMethod string   `json:"codeChallengeMethod"`
		RedirectURI         string   `json:"redirectUri"`
		Audience            string   `json:"audience"`
		Purpose             string   `json:"purpose"`
		DataRegion          string   `json:"dataRegion"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"redirectUri": q.RedirectURI, "audience": q.Audience, "purpose": q.Purpose, "dataRegion": q.DataRegion,
	} {
		if text != "" {
			return nil, badRequest(name, "tokens of this office are not bound to it, so it cannot be asked for")
		}
	}
	switch {
	case q.AgentID == "" || len(q.Scopes) == 0:
		return nil, badRequest("body", "agentId, principalId and scopes are needed")
	case q.PrincipalID == "" || len(q.PrincipalID) > 256:
		return nil, badRequest("principalId", "want 1 to 256 bytes")
	case len(q.State) > 1024:
		return nil, badRequest("state", "want at most 1,024 bytes")
	case q.CodeChallenge != "" && (q.CodeChallengeMethod != "S256" || !pkce.MatchString(q.CodeChallenge)),
		q.CodeChallenge == "" && q.CodeChallengeMethod != "":
		return nil, badRequest("codeChallenge", "want the digest of S256, and codeChallengeMethod beside it")
	}
	if q.ExpiresIn == "" {
		q.ExpiresIn = "24h"
	}
	if _, err := lifetime(q.ExpiresIn); err != nil {
		return nil, err
	}
	for _, scope := range q.Scopes {
		if err := passport.CheckActionPattern(scope); err != nil {
			return nil, badRequest("scopes", "%v", err)
		}
	}
	a, err := c.Office.Agents.Get(c.ctx(), c.by, q.AgentID)
	if err == nil && a.Status != registry.Active {
		err = refuse(registry.NotFound, 0, "there is no such agent")
	}
	if err != nil {
		return nil, err
	}
	at := c.Now().UTC()
	request := "areq_" + newULID(at)
	code, err := c.tokens.seal(c.ctx(), typeCode, codeClaims{
		Request: request, Developer: a.Org, Agent: a.ID, Principal: q.PrincipalID, Scopes: q.Scopes,
		ExpiresIn: q.ExpiresIn, Challenge: q.CodeChallenge, Expires: at.Add(codeLives).Unix(),
	})
	if err != nil {
		return nil, err
	}
	return struct {
		AuthRequestID string `json:"authRequestId"`
		ConsentURL    string `json:"consentUrl"`
		ExpiresAt     string `json:"expiresAt"`
		Sandbox       bool   `json:"sandbox"`
		Code          string `json:"code"`
	}{request, c.grantexURL() + "/consent?req=" + request, instant(at.Add(codeLives)), true, code}, nil
}

var errCode = badRequest("code", "it is not valid, or was exchanged before")

// grantexToken exchanges a code for a grant and its tokens: once.
func grantexToken(c *call) (any, error) {
	var q struct {
		Code             string `json:"code"`
		AgentID          string `json:"agentId"`
		CodeVerifier     string `json:"codeVerifier"`
		CredentialFormat string `json:"credentialFormat"`
		RedirectURI      string `json:"redirectUri"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if err := onlyTokens(q.CredentialFormat); err != nil {
		return nil, err
	}
	var code codeClaims
	if err := c.tokens.open(typeCode, q.Code, &code); err != nil || code.Agent != q.AgentID {
		return nil, errCode
	}
	at := c.Now()
	// Whoever may not see the agent learns nothing of the code.
	if a, err := c.Office.Agents.Get(c.ctx(), c.by, code.Agent); err != nil || a.Org != code.Developer {
		return nil, errCode
	}
	switch sum := sha256.Sum256([]byte(q.CodeVerifier)); {
	case at.Unix() >= code.Expires:
		return nil, errCode
	case code.Challenge != "" && b64.EncodeToString(sum[:]) != code.Challenge:
		return nil, badRequest("codeVerifier", "it does not fit the challenge")
	}
	life, err := lifetime(code.ExpiresIn)
	if err != nil {
		return nil, err
	}
	err = c.Office.Store().Update(c.ctx(), func(tx registry.Tx) error {
		// By what was signed: a code with another spelling is the same one.
		return keep(tx, kindCode, hashed(code.Request), 0, struct{ At time.Time }{at})
	})
	if errors.Is(err, registry.ErrChanged) {
		return nil, errCode
	}
	if err != nil {
		return nil, err
	}
	g, err := c.Office.Grants.Create(c.ctx(), c.by, registry.NewGrant{
		Agent: code.Agent, Principal: principalOf(code.Principal), Scopes: code.Scopes, ExpiresAt: at.Add(life),
	})
	if codeOf(err) == registry.Widened {
		return nil, refuse("INVALID_SCOPE", 400, "the agent may not be granted all of the scopes")
	}
	if err != nil {
		return nil, err
	}
	return c.newTokens(g)
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

// newTokens makes the tokens of a new grant.
func (c *call) newTokens(g *registry.Grant) (any, error) {
	at := c.Now().UTC()
	claims, err := c.claims(g, "tok_"+newULID(at), at)
	if err != nil {
		return nil, err
	}
	refresh := "ref_" + newULID(at) + newULID(at)
	if err := c.Office.Store().Update(c.ctx(), func(tx registry.Tx) error {
		return c.keepTokens(tx, g, claims.ID, refresh, at)
	}); err != nil {
		return nil, err
	}
	return c.answer(g, claims, refresh)
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
	key = hashed(c.by.String() + "\x00" + key)
	at := c.Now().UTC()
	var r refreshRecord
	var version int64
	var ok bool
	if err := c.Office.Store().View(c.ctx(), func(tx registry.Tx) error {
		var err error
		version, ok, err = kept(tx, kindRefresh, hashed(q.RefreshToken), &r)
		return err
	}); err != nil {
		return nil, err
	}
	if !ok || r.Agent != q.AgentID || !at.Before(r.Expires) {
		return nil, errRefresh
	}
	g, err := c.Office.Grants.Get(c.ctx(), c.by, r.Grant)
	if err != nil || g.Status != registry.Active {
		return nil, errRefresh
	}
	if a, err := c.Office.Agents.Get(c.ctx(), c.by, r.Agent); err != nil || a.Status != registry.Active {
		return nil, errRefresh
	}
	next, err := c.following(q.RefreshToken)
	if err != nil {
		return nil, err
	}
	if r.Used.IsZero() {
		r.Used, r.Key, r.Token = at, key, "tok_"+newULID(at)
		err := c.Office.Store().Update(c.ctx(), func(tx registry.Tx) error {
			if err := keep(tx, kindRefresh, hashed(q.RefreshToken), version, r); err != nil {
				return err
			}
			return c.keepTokens(tx, g, r.Token, next, at)
		})
		if errors.Is(err, registry.ErrChanged) {
			return nil, errRefresh
		}
		if err != nil {
			return nil, err
		}
	} else if c.r.Header.Get("Idempotency-Key") == "" || r.Key != key || at.Sub(r.Used) > replayLives {
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
