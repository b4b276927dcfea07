package registry

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Orgs are the organisations of an office: its tenants. None sees anything of
// another, not even that it exists.
type Orgs struct{ r *Registry }

// NewOrg is what [Orgs.Create] makes an organisation of.
type NewOrg struct {
	Name string  // needed
	DID  did.DID // by which verifiers know it, as a provider of assurance; zero: by its id
}

// Org is an organisation.
type Org struct {
	ID        string
	Name      string
	CreatedAt time.Time
	DID       did.DID `json:",omitzero"`
	Paused    bool
	Switch    Place // of its kill switch, which every passport carries

	IssuesForOthers bool       `json:",omitempty"` // can_issue_for_others
	Providers       []Provider `json:",omitempty"` // of assurance
}

func orgKeys() []Key { return []Key{{Name: "all", Value: "org"}} }

// Create makes an organisation. Root alone may.
func (o *Orgs) Create(ctx context.Context, by Actor, n NewOrg) (*Org, error) {
	return once(ctx, o.r, by, "org.created", n, o.create, func(tx Tx, _ Actor, id string) (*Org, error) {
		return o.load(tx, id)
	})
}

func (o *Orgs) create(ctx context.Context, by Actor, n NewOrg) (*Org, error) {
	if err := by.needs(ScopeIssue); err != nil {
		return nil, err
	}
	if !by.root {
		return nil, refuse(Forbidden, "Actor", "organisations are made by root")
	}
	name, err := nameOf(n.Name)
	if err != nil {
		return nil, err
	}
	r := o.r
	var org *Org
	err = r.update(ctx, func(tx Tx) error {
		at := r.now()
		org = &Org{ID: newID("ap_org_", at), Name: name, DID: n.DID, CreatedAt: at}
		if err := o.begin(tx, org); err != nil {
			return err
		}
		return r.note(tx, by, org.ID, "org.created", org.ID, "", nil)
	})
	if err != nil {
		return nil, err
	}
	return org, nil
}

// begin writes an organisation, which is an owner, too, and gives it its kill switch.
func (o *Orgs) begin(tx Tx, org *Org) (err error) {
	if org.Switch, err = o.r.give(tx, statuslist.Suspension); err != nil {
		return err
	}
	if err := save(tx, Doc{Kind: kindOrg, ID: org.ID}, org, orgKeys()...); err != nil {
		return err
	}
	own := &Owner{ID: org.ID, Org: org.ID, Type: OwnerOrg, Name: org.Name, DID: org.DID, CreatedAt: org.CreatedAt}
	return save(tx, Doc{Kind: kindOwner, ID: own.ID}, own, own.keys()...)
}

// Get returns an organisation.
func (o *Orgs) Get(ctx context.Context, by Actor, id string) (*Org, error) {
	id, err := by.within(id, ScopeRead)
	if err != nil {
		return nil, err
	}
	var org *Org
	err = o.r.config.Store.View(ctx, func(tx Tx) (err error) {
		org, err = o.load(tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return org, nil
}

// load returns the record of an organisation, whoever asks.
func (o *Orgs) load(tx Tx, id string) (*Org, error) {
	var org Org
	d, err := load(tx, kindOrg, id, &org)
	if err == nil && d.Version == 0 {
		err = unknown("organisation")
	}
	return &org, err
}

// there refuses the id of an organisation that does not exist.
func (*Orgs) there(tx Tx, id string) error {
	d, err := tx.Get(kindOrg, id)
	if err == nil && d.Version == 0 {
		err = unknown("organisation")
	}
	return err
}

// Pause stops every passport of an organisation, and lets none be issued. One bit
// does it. What is changed or renewed meanwhile is stopped by the same bit.
func (o *Orgs) Pause(ctx context.Context, by Actor, id, reason string) (*Org, error) {
	return o.pause(ctx, by, id, reason, true)
}

// Resume ends a pause.
func (o *Orgs) Resume(ctx context.Context, by Actor, id, reason string) (*Org, error) {
	return o.pause(ctx, by, id, reason, false)
}

func (o *Orgs) pause(ctx context.Context, by Actor, id, reason string, paused bool) (*Org, error) {
	id, err := by.within(id, ScopeUpdate)
	if err != nil {
		return nil, err
	}
	if by.key != "" && by.kind != KeyOrg {
		return nil, refuse(Forbidden, "Actor", "of keys, one of the kind org alone pauses the organisation")
	}
	r := o.r
	var org Org
	err = r.update(ctx, func(tx Tx) error {
		org = Org{}
		d, err := load(tx, kindOrg, id, &org)
		switch {
		case err != nil:
			return err
		case d.Version == 0:
			return unknown("organisation")
		case org.Paused == paused:
			return refuse(InvalidTransition, "", "paused is %t already", paused)
		}
		org.Paused = paused
		if err := mark(tx, org.Switch, paused, time.Time{}); err != nil {
			return err
		}
		if err := save(tx, d, &org, orgKeys()...); err != nil {
			return err
		}
		event := "org.resumed"
		if paused {
			event = "org.paused"
		}
		return r.note(tx, by, id, event, id, reason, nil)
	})
	if err != nil {
		return nil, err
	}
	return &org, nil
}
