package main

import (
	"crypto/sha256"
	"regexp"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

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

// codeRecord is what is kept of a code that was exchanged.
type codeRecord struct {
	At     time.Time
	Grant  string `json:",omitempty"` // what it was exchanged for; "": not yet
	Reused bool   `json:",omitempty"`
}

var (
	pkce         = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	pkceVerifier = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)
)

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
	if err := c.log(codeIssued, request, "", nil); err != nil {
		return nil, err
	}
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
	if at.Unix() >= code.Expires {
		return nil, errCode
	}
	if err := code.fits(q.CodeVerifier); err != nil {
		return nil, err
	}
	life, err := lifetime(code.ExpiresIn)
	if err != nil {
		return nil, err
	}
	if err := c.useUp(&code); err != nil {
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
	return c.exchanged(&code, g)
}

// fits compares a verifier with the challenge that the code was asked for with (RFC 7636 §4.6). One that nobody asked
// for is refused: the challenge may have been taken out on the way (RFC 9700 §4.8).
func (code *codeClaims) fits(verifier string) error {
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case code.Challenge == "" && verifier != "":
		return badRequest("codeVerifier", "the code was asked for without a challenge")
	case code.Challenge == "":
		return nil
	case !pkceVerifier.MatchString(verifier):
		return badRequest("codeVerifier", "want 43 to 128 letters, digits, -, ., _ and ~")
	case b64.EncodeToString(sum[:]) != code.Challenge:
		return badRequest("codeVerifier", "it does not fit the challenge")
	}
	return nil
}

// useUp lets a code be exchanged once (RFC 6749 §4.1.2). Whoever comes second revokes what the first one got: one of
// them has stolen it (RFC 9700 §4.14). It is known by what was signed: a code with another spelling is the same one.
func (c *call) useUp(code *codeClaims) error {
	id := hashed(code.Request)
	var r codeRecord
	_, err := retried(func() (bool, error) {
		var version int64
		if err := c.Office.Store().View(c.ctx(), func(tx registry.Tx) (err error) {
			r = codeRecord{}
			version, _, err = kept(tx, kindCode, id, &r)
			return err
		}); err != nil {
			return false, err
		}
		action := codeExchanged
		if version == 0 {
			r.At = c.Now()
		} else {
			r.Reused, action = true, codeReused
		}
		return true, c.log(action, code.Request, r.Grant, func(tx registry.Tx) error {
			return keep(tx, kindCode, id, version, r)
		})
	})
	if err != nil || !r.Reused {
		return err
	}
	if r.Grant != "" { // else whoever exchanges it at this moment revokes it
		if err := c.revokeFamily(r.Grant); err != nil {
			return err
		}
	}
	return errCode
}

// exchanged makes the tokens for a code. One that was shown again meanwhile has the answer of an exchange that was the
// first: its tokens are revoked, as they would be had the other one come later.
func (c *call) exchanged(code *codeClaims, g *registry.Grant) (any, error) {
	var r codeRecord
	out, err := retried(func() (any, error) {
		return c.newTokens(g, func(tx registry.Tx) error {
			r = codeRecord{}
			version, _, err := kept(tx, kindCode, hashed(code.Request), &r)
			if err != nil {
				return err
			}
			r.Grant = g.ID
			return keep(tx, kindCode, hashed(code.Request), version, r)
		})
	})
	if err == nil && r.Reused {
		err = c.revokeFamily(g.ID)
	}
	return out, err
}
