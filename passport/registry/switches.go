package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/statuslist"
)

// Switches stop everything that stands on a person or on the office itself (A6): one
// bit, which every passport carries. That of an organisation is [Orgs.Pause].
type Switches struct{ r *Registry }

// Switch is a kill switch.
type Switch struct {
	ID     string // apw_…
	Of     string // the principal; "" for the office
	Org    string // whose principal it is; "" for the office
	Paused bool
	Reason string `json:",omitempty"`
	Place  Place
}

const kindSwitch = "switch"

// scope is what the switch is of, in the id of its status entry.
func (s *Switch) scope() string {
	if s.Org == "" {
		return "issuer"
	}
	return "principal"
}

// entry is the status entry that passports carry.
func (s *Switch) entry() statuslist.Entry {
	return s.Place.entry("urn:safeconduct:status:" + s.scope() + ":" + s.ID[len("apw_"):])
}

// entry is the status entry of a place; id may be empty.
func (p Place) entry(id string) statuslist.Entry {
	return statuslist.Entry{ID: id, Purpose: p.Purpose, URL: p.List, Index: p.Index, Size: 1}
}

// switchKey is the document of a switch. Principals may be personal data, and long. An e-mail address is one person's,
// in capitals or not.
func switchKey(org, principal string) string {
	if org == "" {
		return "office"
	}
	const mail = "mailto:"
	if len(principal) > len(mail) && strings.EqualFold(principal[:len(mail)], mail) {
		principal = strings.ToLower(principal)
	}
	sum := sha256.Sum256([]byte(org + " " + principal))
	return hex.EncodeToString(sum[:])
}

// load returns a switch, and makes it where there is none.
func (s *Switches) load(tx Tx, org, principal string) (Doc, *Switch, error) {
	w := &Switch{}
	d, err := load(tx, kindSwitch, switchKey(org, principal), w)
	if err != nil || d.Version > 0 {
		return d, w, err
	}
	w.ID, w.Org, w.Of = newID("apw_", s.r.now()), org, principal
	if w.Place, err = s.r.give(tx, statuslist.Suspension); err != nil {
		return d, nil, err
	}
	if err := save(tx, d, w, Key{Name: "org", Value: org}); err != nil {
		return d, nil, err
	}
	d, err = tx.Get(d.Kind, d.ID)
	return d, w, err
}

// PausePrincipal stops every passport that an organisation's grants of a person
// stand behind, and lets none be issued, as [Orgs.Pause] does.
func (s *Switches) PausePrincipal(ctx context.Context, by Actor, org, principal, reason string) (*Switch, error) {
	return s.principal(ctx, by, org, principal, reason, true)
}

// ResumePrincipal ends a pause.
func (s *Switches) ResumePrincipal(ctx context.Context, by Actor, org, principal, reason string) (*Switch, error) {
	return s.principal(ctx, by, org, principal, reason, false)
}

func (s *Switches) principal(
	ctx context.Context, by Actor, org, principal, reason string, paused bool,
) (*Switch, error) {
	org, err := by.within(org, ScopeUpdate)
	if err != nil {
		return nil, err
	}
	return s.turn(ctx, by, org, principal, reason, paused)
}

// PauseOffice stops every passport of the office, and lets none be issued, as [Orgs.Pause]
// does. Root alone may.
func (s *Switches) PauseOffice(ctx context.Context, by Actor, reason string) (*Switch, error) {
	return s.office(ctx, by, reason, true)
}

// ResumeOffice ends a pause.
func (s *Switches) ResumeOffice(ctx context.Context, by Actor, reason string) (*Switch, error) {
	return s.office(ctx, by, reason, false)
}

func (s *Switches) office(ctx context.Context, by Actor, reason string, paused bool) (*Switch, error) {
	if err := by.needs(ScopeUpdate); err != nil {
		return nil, err
	}
	if !by.root {
		return nil, refuse(Forbidden, "Actor", "the office is paused by root")
	}
	return s.turn(ctx, by, "", "", reason, paused)
}

func (s *Switches) turn(ctx context.Context, by Actor, org, principal, reason string, paused bool) (*Switch, error) {
	r := s.r
	var w *Switch
	err := r.update(ctx, func(tx Tx) error {
		d, err := load(tx, kindSwitch, switchKey(org, principal), &Switch{})
		if err != nil {
			return err
		}
		if d.Version == 0 && org != "" { // no grant has named him
			return unknown("principal")
		}
		if d, w, err = s.load(tx, org, principal); err != nil {
			return err
		}
		if w.Paused == paused {
			return refuse(InvalidTransition, "", "paused is %t already", paused)
		}
		w.Paused, w.Reason = paused, reason
		if err := mark(tx, w.Place, paused, time.Time{}); err != nil {
			return err
		}
		if err := save(tx, d, w, Key{Name: "org", Value: org}); err != nil {
			return err
		}
		event := w.scope() + ".resumed"
		if paused {
			event = w.scope() + ".paused"
		}
		return r.note(tx, by, org, event, w.ID, reason, said{persons: []string{switchKey(org, principal)}})
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}
