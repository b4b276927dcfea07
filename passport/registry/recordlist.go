package registry

import "context"

// RecordQuery asks for records (P9).
type RecordQuery struct {
	Org      string // zero: the actor's own
	Owner    string // of this owner alone; an owner asks for their own
	Template string // the instances of this one alone
	Agent    string // for this agent alone
	Status   Status // of this status alone, as [Records.Get] says it
	Cursor   string // Next of the page before; "": the first page
	Limit    int    // zero: 50; at most 200
}

// RecordPage is a page of records, the newest first.
type RecordPage struct {
	Items []*Record
	Next  string // "" on the last page
}

// List returns records, the newest first. A walk through all pages shows each that was
// there when it began once.
func (s *Records) List(ctx context.Context, by Actor, q RecordQuery) (page RecordPage, err error) {
	org, owner, err := by.home(q.Org, q.Owner, ScopeListAgents)
	if err != nil {
		return page, err
	}
	switch q.Status {
	case "", Draft, Active, Suspended, Revoked, Expired:
	default:
		return page, refuse(BadRequest, "Status", "%.40q: want draft, active, suspended, revoked or expired", q.Status)
	}
	find := Query{Kind: kindRecord, Name: "org", Value: org, Newest: true}
	if find.Limit, err = pageSize(q.Limit); err != nil {
		return page, err
	}
	switch {
	case q.Template != "":
		find.Name, find.Value = "template", q.Template
	case q.Agent != "":
		find.Name, find.Value = "agent", q.Agent
	case owner != "":
		find.Name, find.Value = "owner", org+" "+owner
	}
	if find.After, err = opened(find.Kind, q.Cursor, org); err != nil {
		return page, err
	}
	keep := func(p *Record) bool {
		return p.Org == org && (owner == "" || p.Owner == owner) && (q.Template == "" || p.Template == q.Template) &&
			(q.Agent == "" || p.Agent == q.Agent) && (q.Status == "" || p.Status == q.Status)
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		page = RecordPage{}
		last, err := pageOf(tx, find, func(id string) (bool, error) {
			p, err := s.load(tx, id)
			if err != nil || p.Org != org {
				return false, err
			}
			if err := s.judge(tx, p); err != nil || !keep(p) {
				return false, err
			}
			page.Items = append(page.Items, p)
			return len(page.Items) == find.Limit, nil
		})
		if last != "" {
			page.Next = closed(find.Kind, last, org)
		}
		return err
	})
	return page, err
}

// pageOf calls f for documents until it has enough. It returns the id behind which
// another walk goes on, "" if there is nothing more. What f does not want is passed
// over, at most so many pages at a time.
func pageOf(tx Tx, find Query, f func(id string) (enough bool, err error)) (last string, err error) {
	const looks = 20
	for range looks {
		docs, err := tx.Find(find)
		if err != nil {
			return "", err
		}
		for _, d := range docs {
			find.After = d.ID
			if enough, err := f(d.ID); enough || err != nil {
				return find.After, err
			}
		}
		if len(docs) < find.Limit {
			return "", nil
		}
	}
	return find.After, nil
}
