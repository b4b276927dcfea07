package main

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// instant writes a time as Grantex does.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// G1, G2.
func grantexIssue(c *call) (any, error) {
	var q struct {
		AgentID              string   `json:"agentId"`
		GrantID              string   `json:"grantId"`
		AllowedMPPCategories []string `json:"allowedMPPCategories"`
		MaxTransactionAmount struct {
			Amount   number `json:"amount"`
			Currency string `json:"currency"`
		} `json:"maxTransactionAmount"`
		PaymentRails     []string `json:"paymentRails"`
		ExpiresIn        string   `json:"expiresIn"`
		ParentPassportID string   `json:"parentPassportId"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	most, err := amount(q.MaxTransactionAmount.Amount, q.MaxTransactionAmount.Currency)
	if err != nil {
		return nil, badRequest("maxTransactionAmount", "%v", err)
	}
	if q.ExpiresIn == "" {
		q.ExpiresIn = c.usual(q.GrantID)
	}
	p, err := c.Office.Passports.Issue(c.ctx(), c.once(), registry.NewPassport{
		Agent: q.AgentID, Grant: q.GrantID, Categories: q.AllowedMPPCategories, MaxTransaction: most,
		Rails: q.PaymentRails, ExpiresIn: q.ExpiresIn, Parent: q.ParentPassportID,
	})
	if err != nil {
		return nil, err
	}
	text, err := c.worn(p, map[string]int{})
	if err != nil {
		return nil, err
	}
	return struct {
		PassportID        string          `json:"passportId"`
		Credential        json.RawMessage `json:"credential"`
		EncodedCredential string          `json:"encodedCredential"`
		ExpiresAt         string          `json:"expiresAt"`
	}{p.ID, text, b64.EncodeToString(text), instant(p.ExpiresAt)}, nil
}

// usual is how long a passport lives for which nobody says it: a day, or what is left of its grant. To ask for more
// than that is refused.
func (c *call) usual(grant string) string {
	const day = 24 * time.Hour
	if g, err := c.Office.Grants.Get(c.ctx(), c.by, grant); err == nil {
		if left := g.ExpiresAt.Sub(c.Now()); left >= time.Second && left < day {
			return strconv.FormatInt(int64(left/time.Second), 10) + "s"
		}
	}
	return "24h"
}

// once is the actor under the idempotency key of the call (P10).
func (c *call) once() registry.Actor { return c.by.Once(c.r.Header.Get("Idempotency-Key")) }

// ofGrant returns a passport that stands on a grant: Grantex knows no other. Those of records and of agent keys read as
// unknown.
func (c *call) ofGrant() (*registry.Passport, error) {
	p, err := c.Office.Passports.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err == nil && p.Grant == "" {
		return nil, refuse(registry.NotFound, 0, "there is no such passport")
	}
	return p, err
}

// vcMedia is the media type of credentials: whoever asks for it gets the one that the office itself has signed.
const vcMedia = "application/vc"

// G3: the credential with its status beside its members.
func grantexGet(c *call) (any, error) {
	p, err := c.ofGrant()
	if err != nil {
		return nil, err
	}
	if c.r.Header.Get("Accept") == vcMedia {
		c.w.Header().Set("Content-Type", vcMedia)
		return json.RawMessage(p.Credential), nil
	}
	text, err := c.worn(p, map[string]int{})
	if err != nil {
		return nil, err
	}
	return json.RawMessage(string(text[:len(text)-1]) + `,"status":"` + string(p.Status) + `"}`), nil
}

// G4.
func grantexRevoke(c *call) (any, error) {
	p, err := c.ofGrant()
	if err != nil {
		return nil, err
	}
	p, err = c.Office.Passports.Revoke(c.ctx(), c.by, p.ID, "")
	if err != nil {
		return nil, err
	}
	return struct {
		Revoked   bool   `json:"revoked"`
		RevokedAt string `json:"revokedAt"`
	}{true, instant(p.RevokedAt)}, nil
}

// nextCursor is the header field of a list that goes on. Clients that do not know it read the first page.
const nextCursor = "X-Next-Cursor"

// G5: a bare array.
func grantexList(c *call) (any, error) {
	limit, err := c.page()
	if err != nil {
		return nil, err
	}
	page, err := c.Office.Passports.List(c.ctx(), c.by, registry.PassportQuery{
		Agent: c.q["agentId"], Grant: c.q["grantId"], Status: registry.Status(c.q["status"]),
		Cursor: c.q["cursor"], Limit: limit,
	})
	if err != nil {
		return nil, err
	}
	c.next(page.Next)
	type item struct {
		PassportID string          `json:"passportId"`
		AgentID    string          `json:"agentId"`
		GrantID    string          `json:"grantId"`
		Status     registry.Status `json:"status"`
		ExpiresAt  string          `json:"expiresAt"`
		CreatedAt  string          `json:"createdAt"`
		// What its clients expect of an item, and do not get there.
		Credential        json.RawMessage `json:"credential"`
		EncodedCredential string          `json:"encodedCredential"`
	}
	list, known := []item{}, map[string]int{}
	for _, p := range page.Items {
		if p.Grant == "" {
			continue
		}
		text, err := c.worn(p, known)
		if err != nil {
			return nil, err
		}
		list = append(list, item{
			p.ID, p.Agent, p.Grant, p.Status, instant(p.ExpiresAt), instant(p.IssuedAt), text,
			b64.EncodeToString(text),
		})
	}
	return list, nil
}

func (c *call) next(cursor string) {
	if cursor != "" {
		c.w.Header().Set(nextCursor, cursor)
	}
}

// most reads the size of a page.
func most(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 200 {
		return 0, badRequest("limit", "want 1 to 200")
	}
	return n, nil
}
