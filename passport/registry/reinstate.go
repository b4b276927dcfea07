package registry

import (
	"context"
	"time"
)

// Reinstatement says what became of an agent that was reinstated.
type Reinstatement struct {
	*Agent
	// Reopened says that the agent was revoked. Its passports stay revoked; it may have
	// new ones.
	Reopened bool
}

// Reinstate ends the suspension of an agent, or opens one that is revoked again for new
// passports (A5). What was revoked with it stays so, for ever: records of it are
// renewed, grants made anew. Only the owner of an agent reopens it: whom it belongs
// to, or the admin of an organisation for one of its own; no key, and not the office.
func (s *Agents) Reinstate(ctx context.Context, by Actor, id, reason string) (*Reinstatement, error) {
	r := s.r
	var out *Reinstatement
	err := r.update(ctx, func(tx Tx) error {
		d, a, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		out = &Reinstatement{a, !a.RevokedAt.IsZero()}
		before := a.Standing
		event, data := "agent.resumed", any(nil)
		owner := a.Owner
		if owner == "" {
			owner = a.Org
		}
		switch {
		case !out.Reopened:
			err = a.resume(by, r.now(), time.Time{})
			data = told(a.changes(&before, r.now(), time.Time{}))
		case by.key != "" || !by.owns(a.Org, owner):
			err = refuse(Forbidden, "Actor", "its owner alone reopens an agent that is revoked")
		default:
			event, data = "agent.reopened", said{
				open: map[string]any{"revokedAt": a.RevokedAt}, personal: map[string]any{"because": a.Reason},
			}
			a.Standing = Standing{}
		}
		if err != nil {
			return err
		}
		a.Status, a.Version = a.status(r.now(), time.Time{}), d.Version+1
		if err := save(tx, d, a, a.keys()...); err != nil {
			return err
		}
		if err := r.each(tx, "agent", a.ID, func(_ Doc, p *Passport) error { return r.spread(tx, p) }); err != nil {
			return err
		}
		return r.note(tx, by, a.Org, event, a.ID, reason, data)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
