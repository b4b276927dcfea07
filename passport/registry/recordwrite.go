package registry

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// writing is what a call makes of records: it is looked up in one transaction, signed
// outside of any, and written in another one, if all that was looked at is still the
// same.
type writing struct {
	r     *Registry
	at    time.Time
	seen  map[[2]string]int64 // what was looked at, and in which version
	event string
	data  any
	first *Record // the one that the call is about
	why   string
	owner *Owner // who is new
	agent *Agent // likewise
	renew bool   // what is in force is replaced, though nothing has changed
	bare  bool   // what allows nothing is meant
	from  string // the system that it is imported from: what is suspended or paused is meant; "": none
	also  func(tx Tx) error
	parts []*part

	changes []FieldChange
}

// part is one record of a writing.
type part struct {
	record *Record
	next   *Passport // to be signed; nil: nothing
	doc    *passport.Passport
	org    *Org

	principal, office *Switch
	end               string // the passport that the new one, or none, replaces; "": nothing ends
}

// watched is a transaction that remembers what was looked at.
type watched struct {
	Tx
	seen map[[2]string]int64
}

func (w watched) Get(kind, id string) (Doc, error) {
	d, err := w.Tx.Get(kind, id)
	switch kind {
	case kindOrg, kindOwner, kindAgent, kindRecord, kindPassport, kindSwitch, kindTicket, kindConsent,
		kindAgentKey:
		w.seen[[2]string{kind, id}] = d.Version
	}
	return d, err
}

// write carries a writing out. look fills it in, and changes nothing but places and
// switches that it gives.
func (s *Records) write(ctx context.Context, by Actor, look func(tx Tx, w *writing) error) (*Made, error) {
	for range tries {
		made, err := s.writeOnce(ctx, by, look)
		if !errors.Is(err, errMoved) && !errors.Is(err, ErrChanged) {
			return made, err
		}
	}
	return nil, refuse(Conflict, "", "others change it all the time: ask again")
}

func (s *Records) writeOnce(ctx context.Context, by Actor, look func(tx Tx, w *writing) error) (*Made, error) {
	r := s.r
	var w *writing
	var made *Made
	err := r.update(ctx, func(tx Tx) error {
		w, made = &writing{r: r, at: r.now(), seen: map[[2]string]int64{}}, nil
		if err := look(watched{tx, w.seen}, w); err != nil {
			return err
		}
		sign := false
		for _, p := range w.parts {
			if p.next == nil {
				continue
			}
			sign = true
			if err := r.begin(tx, p.next); err != nil {
				return err
			}
		}
		if sign {
			return nil
		}
		var err error
		made, err = w.commit(tx, by)
		return err
	})
	if err != nil || made != nil {
		return made, err
	}
	for _, p := range w.parts {
		if p.next == nil {
			continue
		}
		if err := r.sign(ctx, p.next, p.doc, p.org, p.principal, p.office); err != nil {
			return nil, err
		}
	}
	err = r.update(ctx, func(tx Tx) error {
		again := &writing{r: r, at: w.at, seen: map[[2]string]int64{}}
		if err := look(watched{tx, again.seen}, again); err != nil {
			return err
		}
		if !maps.Equal(again.seen, w.seen) {
			return errMoved
		}
		var err error
		made, err = w.commit(tx, by)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// put adds a record, with what has to be signed for it. before is what it was, nil for
// a new one.
func (w *writing) put(tx Tx, p, before *Record) error {
	if w.first == nil {
		w.first = p
	}
	if err := p.check(); err != nil {
		return err
	}
	if len(p.Authority.Capabilities) == 0 && !w.bare && (before == nil || len(before.Authority.Capabilities) > 0) {
		return refuse(BadRequest, "Capabilities", "want at least one")
	}
	into := &part{record: p}
	w.parts = append(w.parts, into)
	p.UpdatedAt = w.at
	if before == nil {
		p.CreatedAt = w.at
	}
	doc, agent, err := w.document(tx, p, into)
	if err == nil {
		sample := *doc
		sample.Status = []statuslist.Entry{into.office.entry()}
		err = w.r.signable(&sample)
	}
	if err == nil && w.from == "" && (before == nil || before.Agent != p.Agent || before.Drafted != p.Drafted) {
		err = into.startable(agent)
	}
	if err != nil {
		return err
	}
	changed, live := true, false
	if before != nil {
		old, _, err := w.document(tx, before, &part{})
		changed = err != nil || !same(signedOf(doc), signedOf(old))
	}
	if p.Passport != "" {
		var in Passport
		if _, err := load(tx, kindPassport, p.Passport, &in); err != nil {
			return err
		}
		live = in.RevokedAt.IsZero() && w.at.Before(in.ExpiresAt)
	}
	if live && (changed || w.renew || !p.RevokedAt.IsZero()) {
		into.end = p.Passport
	}
	wanted := p.Agent != "" && !p.Drafted && p.RevokedAt.IsZero() && (agent == nil || agent.RevokedAt.IsZero())
	if wanted && (p.Passport == "" || changed || w.renew) {
		w.issue(p, doc, into)
	}
	return nil
}

// startable refuses to begin something on what is suspended, revoked or paused.
func (p *part) startable(a *Agent) error {
	switch {
	case a != nil && a.Status != Active:
		return refuse(InvalidAgent, "Agent", "it is %s", a.Status)
	case p.org.Paused:
		return refuse(Forbidden, "Org", "the organisation is paused")
	case p.principal.Paused:
		return refuse(Forbidden, "Owner", "the owner is paused")
	case p.office.Paused:
		return refuse(Forbidden, "", "the office is paused")
	}
	return nil
}

// signedOf is what a passport says that its record decides.
func signedOf(p *passport.Passport) any {
	return []any{
		p.Agent, p.Name, p.Description, p.Role, p.Framework, p.HumanPrincipal, p.OrganizationDID, p.TemplateID,
		p.Authority, p.Attestation, p.Extensions.Raw(),
	}
}

// document is the passport that a record asks for, and its agent, if it has one.
func (w *writing) document(tx Tx, p *Record, into *part) (_ *passport.Passport, agent *Agent, err error) {
	r := w.r
	doc, err := p.Profile.document()
	if err != nil {
		return nil, nil, err
	}
	if p.Assured != nil {
		doc.Authority.Assurance = p.Assured.Assurance
	}
	doc.GrantID = p.ID
	if p.Template != "" {
		doc.TemplateID = passportPrefix + p.Template[len("ap_"):]
	}
	owner := w.owner // who is new
	if owner == nil || owner.ID != p.Owner {
		if _, owner, err = r.Owners.load(tx, p.Owner); err != nil && !errors.Is(err, NotFound) {
			return nil, nil, err
		}
		owner.ID = p.Owner // who has not claimed it has no record
	}
	doc.HumanPrincipal = owner.Principal()
	into.org = &Org{}
	if _, err := load(tx, kindOrg, p.Org, into.org); err != nil {
		return nil, nil, err
	}
	if !into.org.DID.IsZero() && p.IssuedBy == p.Org { // it does not answer for what its people issue
		doc.OrganizationDID = into.org.DID.String()
	}
	if _, into.principal, err = r.Switches.load(tx, p.Org, doc.HumanPrincipal); err != nil {
		return nil, nil, err
	}
	if _, into.office, err = r.Switches.load(tx, "", ""); err != nil {
		return nil, nil, err
	}
	doc.Agent = r.config.Issuer.KeyID().DID() // where there is none yet
	switch {
	case p.Agent == "":
	case w.agent != nil && w.agent.ID == p.Agent:
		agent = w.agent
	default:
		if agent, err = r.Agents.load(tx, p.Agent); err != nil {
			return nil, nil, asAgent(err)
		}
	}
	if agent != nil {
		if agent.Org != p.Org || agent.Owner != "" && agent.Owner != p.Owner {
			return nil, nil, asAgent(unknown("agent"))
		}
		doc.Agent = agent.DID
	}
	span, err := life(p.ExpiresIn)
	if err != nil {
		return nil, nil, err
	}
	doc.ValidFrom = w.at.Truncate(time.Second)
	doc.ValidUntil = doc.ValidFrom.Add(span)
	return doc, agent, nil
}

// issue makes the passport that is to be signed.
func (w *writing) issue(p *Record, doc *passport.Passport, into *part) {
	into.next = &Passport{
		ID: newID(w.r.config.PassportPrefix, w.at), Org: p.Org, Owner: p.Owner, Agent: p.Agent, Record: p.ID,
		IssuedAt: doc.ValidFrom, ExpiresAt: doc.ValidUntil, Principal: switchKey(p.Org, doc.HumanPrincipal),
	}
	into.doc = doc
	doc.ID = into.next.ID
	p.Passport = doc.ID
}

// commit writes everything, the records before their passports.
func (w *writing) commit(tx Tx, by Actor) (*Made, error) {
	r := w.r
	if len(w.parts) == 0 { // nothing has changed
		return &Made{Record: w.first}, r.Records.judge(tx, w.first)
	}
	line, err := r.noted(tx, by, w.first.Org, w.event, w.first.ID, w.why, w.data)
	if err != nil {
		return nil, err
	}
	if w.owner != nil {
		if err := r.newOwner(tx, by, w.owner); err != nil {
			return nil, err
		}
	}
	if a := w.agent; a != nil {
		if err := save(tx, Doc{Kind: kindAgent, ID: a.ID}, a, a.keys()...); err != nil {
			return nil, err
		}
		event, data := "agent.created", any(nil)
		if w.from != "" {
			event, data = "agent.imported", map[string]any{"source": w.from}
		}
		if err := r.note(tx, by, a.Org, event, a.ID, "", data); err != nil {
			return nil, err
		}
	}
	for _, p := range w.parts {
		p.record.AuditID = line.ID()
		d := Doc{Kind: kindRecord, ID: p.record.ID, Version: p.record.Version}
		if err := save(tx, d, p.record, p.record.keys()...); err != nil {
			return nil, err
		}
		p.record.Version++
	}
	for _, p := range w.parts {
		if err := p.write(tx, r, by, w.why); err != nil {
			return nil, err
		}
	}
	if w.also != nil {
		if err := w.also(tx); err != nil {
			return nil, err
		}
	}
	return &Made{w.first, w.changes}, r.Records.judge(tx, w.first)
}

// write ends the passport that is replaced, and shows what is in force.
func (p *part) write(tx Tx, r *Registry, by Actor, why string) error {
	if p.end != "" {
		if err := r.end(tx, p.end, why); err != nil {
			return err
		}
	}
	in := p.next
	switch {
	case in != nil:
		in.Status = Active
		if err := r.issued(tx, in); err != nil {
			return err
		}
		if err := r.note(tx, by, in.Org, "passport.issued", in.ID, "", map[string]any{
			"agent": in.Agent, "record": in.Record, "expiresAt": in.ExpiresAt,
		}); err != nil {
			return err
		}
	case p.record.Passport == "" || p.record.Passport == p.end:
		return nil
	default:
		in = &Passport{}
		if _, err := load(tx, kindPassport, p.record.Passport, in); err != nil {
			return err
		}
	}
	return r.spread(tx, in)
}

// end revokes a passport that is replaced.
func (r *Registry) end(tx Tx, id, why string) error {
	var p Passport
	d, err := load(tx, kindPassport, id, &p)
	if err != nil || !p.RevokedAt.IsZero() {
		return err
	}
	p.revoke(r.now(), why)
	if err := save(tx, d, &p, p.keys()...); err != nil {
		return err
	}
	return r.spread(tx, &p)
}
