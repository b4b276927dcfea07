package registry

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
)

// PassportQuery asks for passports (G5).
type PassportQuery struct {
	Org    string // zero: the actor's own
	Owner  string // of this owner alone; an owner asks for their own
	Agent  string // of this agent alone
	Grant  string // of this grant alone
	Status Status // of this status alone, as [Passports.Get] says it
	Cursor string // Next of the page before; "": the first page
	Limit  int    // zero: 50; at most 200
}

// PassportPage is a page of passports, the newest first.
type PassportPage struct {
	Items []*Passport
	Next  string // "" on the last page
}

// List returns passports, the newest first. A walk through all pages shows each
// that was there when it began once.
func (s *Passports) List(ctx context.Context, by Actor, q PassportQuery) (page PassportPage, err error) {
	org, owner, err := by.home(q.Org, q.Owner, ScopeListAgents)
	if err != nil {
		return page, err
	}
	switch q.Status {
	case "", Active, Suspended, Revoked, Expired:
	default:
		return page, refuse(BadRequest, "Status", "%.40q: want active, suspended, revoked or expired", q.Status)
	}
	if q.Limit, err = pageSize(q.Limit); err != nil {
		return page, err
	}
	find := Query{Kind: kindPassport, Name: "org", Value: org, Newest: true, Limit: q.Limit}
	switch {
	case q.Grant != "":
		find.Name, find.Value = "grant", q.Grant
	case q.Agent != "":
		find.Name, find.Value = "agent", q.Agent
	case owner != "":
		find.Name, find.Value = "owner", org+" "+owner
	}
	if find.After, err = opened(find.Kind, q.Cursor, org); err != nil {
		return page, err
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		page = PassportPage{}
		last, err := pageOf(tx, find, func(id string) (bool, error) {
			p := &Passport{}
			if _, err := load(tx, kindPassport, id, p); err != nil {
				return false, err
			}
			if p.Org != org || owner != "" && p.Owner != owner { // another's agents and grants
				return false, nil
			}
			if _, err := s.judge(tx, p); err != nil {
				return false, err
			}
			if (q.Agent == "" || p.Agent == q.Agent) && (q.Status == "" || p.Status == q.Status) {
				page.Items = append(page.Items, p)
			}
			return len(page.Items) == q.Limit, nil
		})
		if last != "" {
			page.Next = closed(find.Kind, last, org)
		}
		return err
	})
	return page, err
}

// pageSize returns how many items a page has.
func pageSize(limit int) (int, error) {
	switch {
	case limit < 0:
		return 0, refuse(BadRequest, "Limit", "want 1 to 200")
	case limit == 0:
		return 50, nil
	}
	return min(limit, 200), nil
}

// closed makes a cursor: the document behind which a list goes on, behind a digest of it, the
// kind of the list's documents, and the organisation. So one that was cut off or changed on
// the way, and another list's, is told from this one's. It is not a secret.
func closed(kind, after, org string) string {
	sum := sha256.Sum256([]byte("cursor of " + kind + " of " + org + " behind " + after))
	return base64.RawURLEncoding.EncodeToString(append(sum[:8:8], after...))
}

func opened(kind, cursor, org string) (after string, err error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(raw) > 8 {
		after = string(raw[8:])
	}
	if after == "" || cursor != closed(kind, after, org) {
		return "", refuse(BadRequest, "Cursor", "it is none of this list's")
	}
	return after, nil
}
