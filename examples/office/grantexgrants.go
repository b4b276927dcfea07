package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// grantexGrant is a grant as Grantex shows it.
type grantexGrant struct {
	GrantID         string          `json:"grantId"`
	AgentID         string          `json:"agentId"`
	AgentDID        string          `json:"agentDid"`
	PrincipalID     string          `json:"principalId"`
	DeveloperID     string          `json:"developerId"`
	Scopes          []string        `json:"scopes"`
	Status          registry.Status `json:"status"`
	IssuedAt        string          `json:"issuedAt"`
	ExpiresAt       string          `json:"expiresAt"`
	RevokedAt       string          `json:"revokedAt,omitempty"`
	ParentGrantID   string          `json:"parentGrantId,omitempty"`
	DelegationDepth int             `json:"delegationDepth"`
}

// Principals of Grantex are names of the developer's own. In the office, where a principal is an IRI, they are below
// this one, as they are in Grantex's passports.
const principalPrefix = "did:grantex:"

func principalOf(name string) string {
	if name == "" || strings.Contains(name, ":") {
		return name
	}
	return principalPrefix + url.PathEscape(name)
}

func nameOfPrincipal(principal string) string {
	if name, ok := strings.CutPrefix(principal, principalPrefix); ok && !strings.Contains(name, ":") {
		if text, err := url.PathUnescape(name); err == nil {
			return text
		}
	}
	return principal
}

// didOf returns the DID of an agent, whatever became of it.
func (c *call) didOf(agent string, known map[string]string) (string, error) {
	if did, ok := known[agent]; ok {
		return did, nil
	}
	a, err := c.Office.Agents.Get(c.ctx(), c.by, agent)
	if err != nil {
		return "", err
	}
	known[agent] = a.DID.String()
	return known[agent], nil
}

func (c *call) grantView(g *registry.Grant, known map[string]string) (v grantexGrant, err error) {
	v = grantexGrant{
		GrantID: g.ID, AgentID: g.Agent, PrincipalID: nameOfPrincipal(g.Principal), DeveloperID: g.Org,
		Scopes: g.Scopes, Status: g.Status, IssuedAt: instant(g.CreatedAt), ExpiresAt: instant(g.ExpiresAt),
		ParentGrantID: g.Parent, DelegationDepth: g.Depth,
	}
	if !g.RevokedAt.IsZero() {
		v.RevokedAt = instant(g.RevokedAt)
	}
	v.AgentDID, err = c.didOf(g.Agent, known)
	return v, err
}

// G7.
func grantexGrantGet(c *call) (any, error) {
	g, err := c.Office.Grants.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return c.grantView(g, map[string]string{})
}

// grantexGrantList answers page by page where a client asks for pages, and by cursor elsewhere.
func grantexGrantList(c *call) (any, error) {
	q := registry.GrantQuery{
		Agent: c.q["agentId"], Principal: principalOf(c.q["principalId"]), Status: registry.Status(c.q["status"]),
		Cursor: c.q["cursor"],
	}
	number, size, err := c.paging()
	if err != nil {
		return nil, err
	}
	if q.Limit, err = c.page(); err != nil {
		return nil, err
	}
	if number > 0 {
		q.Limit = 200
	}
	out := struct {
		Grants   []grantexGrant `json:"grants"`
		Total    *int           `json:"total,omitempty"`
		Page     int            `json:"page,omitempty"`
		PageSize int            `json:"pageSize,omitempty"`
	}{Grants: []grantexGrant{}, Page: number, PageSize: size}
	var grants []*registry.Grant
	for {
		page, err := c.Office.Grants.List(c.ctx(), c.by, q)
		if err != nil {
			return nil, err
		}
		grants = append(grants, page.Items...)
		if err := c.counted(len(grants), "grants", "use cursor"); err != nil {
			return nil, err
		}
		if q.Cursor = page.Next; number == 0 || q.Cursor == "" {
			break
		}
	}
	if number > 0 {
		total := len(grants)
		out.Total = &total
		grants = pageOf(grants, number, size)
	} else {
		c.next(q.Cursor)
	}
	known := map[string]string{}
	for _, g := range grants {
		v, err := c.grantView(g, known)
		if err != nil {
			return nil, err
		}
		out.Grants = append(out.Grants, v)
	}
	return out, nil
}

// paging reads page and pageSize; number is 0 if no page is asked for.
func (c *call) paging() (number, size int, err error) {
	if c.q["page"] == "" && c.q["pageSize"] == "" {
		return 0, 0, nil
	}
	number, size = 1, 50
	for name, into := range map[string]*int{"page": &number, "pageSize": &size} {
		if text := c.q[name]; text != "" {
			if *into, err = strconv.Atoi(text); err != nil || *into < 1 || *into > 1_000_000 {
				return 0, 0, badRequest(name, "want a whole number, 1 or more")
			}
		}
	}
	if size > 200 {
		return 0, 0, badRequest("pageSize", "want 1 to 200")
	}
	return number, size, nil
}

// pageOf cuts one page out of a list.
func pageOf[T any](list []T, number, size int) []T {
	from := min((number-1)*size, len(list))
	return list[from:min(from+size, len(list))]
}

// grantexGrantRevoke revokes a grant, all that is below it, and their passports. One that is revoked reads as unknown,
// as it does there.
func grantexGrantRevoke(c *call) (any, error) {
	g, err := c.Office.Grants.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if g.Status == registry.Revoked {
		return nil, refuse(registry.NotFound, 0, "there is no such grant, or it is revoked already")
	}
	_, err = c.Office.Grants.Revoke(c.ctx(), c.by, g.ID, "")
	return nil, err
}

// G7: a part of a grant for another agent. The token of the grant above says who delegates.
func grantexDelegate(c *call) (any, error) {
	var q struct {
		ParentGrantToken string   `json:"parentGrantToken"`
		SubAgentID       string   `json:"subAgentId"`
		Scopes           []string `json:"scopes"`
		ExpiresIn        string   `json:"expiresIn"`
		CredentialFormat string   `json:"credentialFormat"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if err := onlyTokens(q.CredentialFormat); err != nil {
		return nil, err
	}
	if len(q.Scopes) == 0 || q.SubAgentID == "" {
		return nil, badRequest("body", "parentGrantToken, subAgentId and scopes are needed")
	}
	if q.ExpiresIn == "" {
		q.ExpiresIn = "1h"
	}
	life, err := lifetime(q.ExpiresIn)
	if err != nil {
		return nil, err
	}
	above, err := c.live(q.ParentGrantToken)
	if err != nil {
		return nil, badRequest("parentGrantToken", "it is not a token of a grant of yours that is active")
	}
	until := c.Now().Add(life)
	if until.After(above.grant.ExpiresAt) {
		until = above.grant.ExpiresAt
	}
	g, err := c.Office.Grants.Create(c.ctx(), c.once(), registry.NewGrant{
		Agent: q.SubAgentID, Parent: above.grant.ID, Scopes: q.Scopes, ExpiresAt: until,
	})
	switch codeOf(err) {
	case registry.InvalidAgent:
		return nil, refuse(registry.NotFound, 0, "there is no such agent that is active")
	case registry.Forbidden:
		return nil, refuse("DELEGATION_DEPTH_EXCEEDED", 403, "grants are not delegated any further")
	case registry.Widened:
		return nil, badRequest("scopes", "they go beyond the grant above, or beyond the agent's own")
	}
	if err != nil {
		return nil, err
	}
	return retried(func() (any, error) { return c.newTokens(g, nil) })
}

// lifetime reads how long a grant lives: a whole number with s, m, h or d.
func lifetime(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if n := len(text); n > 1 {
		number, err := strconv.ParseUint(text[:n-1], 10, 31)
		if unit := units[text[n-1]]; err == nil && number > 0 && text[0] != '+' && unit > 0 {
			if life := time.Duration(number) * unit; life/unit == time.Duration(number) && life <= 3650*24*time.Hour {
				return life, nil
			}
		}
	}
	return 0, badRequest("expiresIn", `want a whole number with s, m, h or d, such as "24h", of ten years at most`)
}

// onlyTokens refuses other forms of a credential. Grantex's AgentGrantCredential can be worn as a passport, which is
// why there is none here.
func onlyTokens(format string) error {
	if !slices.Contains([]string{"", "jwt"}, format) {
		return badRequest("credentialFormat", "want jwt: passports are issued by POST /v1/passport/issue alone")
	}
	return nil
}
