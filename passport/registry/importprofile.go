package registry

import (
	"context"
	"slices"

	"github.com/safeconduct/safeconduct/did"
)

// profile fills in the writing of a record that is brought.
func (b *bringing) profile(tx Tx, w *writing) (*Record, error) {
	r, n := b.r, b.rec.Profile
	b.tx = tx
	p := &Record{
		Org: b.org, IssuedBy: b.org, Controller: n.Controller, Profile: n.NewRecord.Profile, ExpiresIn: n.ExpiresIn,
		Claimed: true, Standing: b.standing,
	}
	owner, err := b.owner(n.Owner)
	if err != nil {
		return nil, err
	}
	if p.Owner = owner; owner == "" {
		p.Owner = b.org
	}
	_, o, err := r.Owners.load(tx, p.Owner)
	if err != nil {
		return nil, err
	}
	p.Assured = o.Assured
	if p.Controller == "" {
		p.Controller = ControllerPerson
		if o.Type == OwnerOrg {
			p.Controller = ControllerOrg
		}
	}
	status := b.rec.Status
	if status != Draft {
		status = Active
	}
	if err := p.begin(status); err != nil {
		return nil, err
	}
	if err := b.agent(tx, w, p, owner); err != nil {
		return nil, err
	}
	if p.Agent == "" && !p.Drafted && p.RevokedAt.IsZero() {
		b.changed("Status: it is a draft until an agent is named, whose key signs")
		p.Drafted, p.Standing = true, Standing{}
	}
	if n.DID != "" && n.DID == b.rec.ID { // it is the agent's, which stays
		p.ID = newID("ap_", b.at)
	} else if p.ID, err = b.id(kindRecord, "ap_"); err != nil {
		return nil, err
	}
	created := b.created()
	w.event, w.why = "record.imported", b.standing.Reason
	w.data = map[string]any{"source": b.n.Source, "owner": p.Owner, "agent": p.Agent, "changes": b.line.Changes}
	w.bare, w.from = true, b.n.Source
	if err := w.put(tx, p, nil); err != nil {
		return nil, err
	}
	p.CreatedAt = created
	return p, nil
}

// agent finds or makes the agent of a record.
func (b *bringing) agent(tx Tx, w *writing, p *Record, owner string) error {
	n := b.rec.Profile
	switch {
	case n.Agent != "" && n.DID != "":
		return refuse(BadRequest, "DID", "the record names an agent already")
	case n.Agent != "":
		var err error
		p.Agent, err = b.ref("agent", "Agent", n.Agent)
		return asAgent(err)
	case n.DID == "":
		return nil
	}
	id, err := did.Parse(n.DID)
	if err != nil {
		return &Error{Code: InvalidAgent, Member: "DID", Detail: "want a DID", Err: err}
	}
	if err := b.mine(kindAgent, id); err != nil {
		return err
	}
	a := &Agent{ID: newID(agentPrefix, b.at), Org: b.org, Owner: owner, Name: p.Name, DID: id, CreatedAt: b.created()}
	a.Standing = b.standing
	if !a.RevokedAt.IsZero() {
		a.Revocations = 1
	}
	w.agent, p.Agent = a, a.ID
	return nil
}

// signProfile brings a record, and has what is active signed.
func signProfile(ctx context.Context, b *bringing) error {
	outer := b.line
	_, err := b.r.Records.write(ctx, b.by, func(tx Tx, w *writing) error {
		b.line = outer
		b.line.Changes = slices.Clone(outer.Changes)
		p, err := b.profile(tx, w)
		if err != nil {
			return err
		}
		w.also = func(tx Tx) error { return b.profileKept(tx, p.ID) }
		return nil
	})
	return err
}

// rehearseProfile does the same without a signature.
func (b *bringing) rehearseProfile() error {
	w := &writing{r: b.r, at: b.at, seen: map[[2]string]int64{}}
	p, err := b.profile(b.tx, w)
	if err != nil {
		return err
	}
	for _, part := range w.parts {
		if part.next == nil {
			continue
		}
		if err := b.r.begin(b.tx, part.next); err != nil {
			return err
		}
	}
	if _, err := w.commit(b.tx, b.by); err != nil {
		return err
	}
	return b.profileKept(b.tx, p.ID)
}

func (b *bringing) profileKept(tx Tx, here string) error {
	b.line.Here, b.line.Outcome = here, ImportedWhole
	if len(b.line.Changes) > 0 {
		b.line.Outcome = ImportedChanged
	}
	return b.remember(tx, here)
}
