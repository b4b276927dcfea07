package registry

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/passport"
)

// Tenant is for whom an instance is: a customer of a platform. Whoever issued the
// template has one instance for each, whatever became of it.
type Tenant struct {
	Platform   string // platform_id
	Ref        string // tenant_ref: the platform's own id of the customer
	Controller string `json:",omitempty"` // controller_id: the platform's own id of who runs it
}

func (t *Tenant) key(issuer string) string {
	raw, _ := json.Marshal([]string{issuer, t.Platform, t.Ref}) // texts have a JSON form
	return string(raw)
}

// NewInstance is what [Records.Instantiate] makes an instance of (P6). What Data says
// goes before what Overrides says, and both before the template; each member takes the
// place of the template's, but the limits: those that are not named stay.
type NewInstance struct {
	Template   string // the record to make it from; needed
	Tenant     Tenant // Platform and Ref are needed
	Controller Controller
	Agent      string // for whom it is; empty: nothing is signed until [Records.Update] names one
	Overrides  Overrides
	Data       InstanceData

	// AllowWiderInstances issues what is wider than the template, as APort does, and
	// notes it in the audit log. The admin of the organisation and root may. False: it
	// is refused with WIDENED.
	AllowWiderInstances bool
}

// Overrides are what an instance has otherwise than its template. Nil members are the
// template's.
type Overrides struct {
	Limits  *Limits
	Regions *[]string
	Status  Status // draft, active, suspended or revoked; zero: draft
	Contact *string
	Links   *Links
}

// InstanceData is what an instance has of its own. Nil members are those of the
// Overrides.
type InstanceData struct {
	Name, Description *string
	Capabilities      *[]string // actions; their parameters are the template's
	Limits            *Limits
	Regions           *[]string
	Level             passport.Level // at most the template's; zero: the template's
}

// stated is what an instance says itself, beside its template.
type stated struct {
	Capabilities *[]passport.Capability `json:",omitempty"`
	Limits       *Limits                `json:",omitempty"`
	Regions      *[]string              `json:",omitempty"`
	Wider        bool                   `json:",omitempty"`
}

// Instantiate makes an instance of a template (P6): the record of an agent that may do
// at most what the template's may, for one tenant. It inherits the owner, the level of
// assurance and all else. A second one for a tenant is refused with EXISTS and the id
// of the first.
func (s *Records) Instantiate(ctx context.Context, by Actor, n NewInstance) (*Made, error) {
	return once(ctx, s.r, by, "record.instantiated", n, s.instantiate, s.again)
}

func (s *Records) instantiate(ctx context.Context, by Actor, n NewInstance) (*Made, error) {
	for _, text := range []string{n.Tenant.Platform, n.Tenant.Ref} {
		if text == "" || len(text) > 200 || !utf8.ValidString(text) {
			return nil, refuse(BadRequest, "Tenant", "want a platform and a reference of 1 to 200 bytes")
		}
	}
	if len(n.Tenant.Controller) > 200 || !utf8.ValidString(n.Tenant.Controller) {
		return nil, refuse(BadRequest, "Tenant", "want a controller of at most 200 bytes")
	}
	id := newID("ap_", s.r.now())
	return s.write(ctx, by, func(tx Tx, w *writing) error {
		t, err := s.find(tx, by, n.Template, ScopeIssue)
		switch {
		case err != nil:
			return err
		case t.Template != "":
			return refuse(BadRequest, "Template", "it is an instance itself")
		case t.Status == Revoked || t.Status == Suspended || t.Status == Draft:
			return refuse(InvalidTransition, "Template", "it is %s", t.Status)
		case n.AllowWiderInstances && (by.owner != "" || by.key != ""):
			return refuse(Forbidden, "AllowWiderInstances", "the admin of the organisation says so, or root")
		}
		if err := t.issuedBy(by); err != nil {
			return err
		}
		p := *t
		p.ID, p.Version, p.Template, p.Tenant, p.Agent, p.Passport = id, 0, t.ID, &n.Tenant, n.Agent, ""
		p.Standing, p.Claimed, p.Pending = Standing{}, t.Claimed, nil
		if n.Controller != "" {
			p.Controller = n.Controller
		}
		n.apply(&p)
		if err := p.begin(n.status()); err != nil {
			return err
		}
		if err := p.level(n.Data.Level); err != nil {
			return err
		}
		w.event = "record.instantiated"
		data := map[string]any{"template": t.ID, "platform": n.Tenant.Platform, "agent": n.Agent}
		w.data = data
		if err := p.inherit(t); errors.Is(err, Widened) && n.AllowWiderInstances {
			p.Stated.Wider = true
			data["wider"] = err.Error()
			if err := p.inherit(t); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		if err := p.stop(by, w.at, n.Overrides.Status); err != nil {
			return err
		}
		return w.put(tx, &p, nil)
	})
}

// status is what the instance begins as.
func (n *NewInstance) status() Status {
	switch s := n.Overrides.Status; s {
	case Suspended, Revoked:
		return Active
	default:
		return s
	}
}

// stop makes an instance that begins as suspended or revoked what it is to be.
func (p *Record) stop(by Actor, at time.Time, to Status) error {
	switch to {
	case Suspended:
		return p.suspend(by, at, time.Time{}, Suspension{For: -1})
	case Revoked:
		p.revoke(at, "")
	}
	return nil
}

// apply puts what an instance says in the place of what its template says.
func (n *NewInstance) apply(p *Record) {
	for _, text := range []struct{ to, of *string }{
		{&p.Name, n.Data.Name}, {&p.Description, n.Data.Description}, {&p.Contact, n.Overrides.Contact},
	} {
		if text.of != nil {
			*text.to = *text.of
		}
	}
	if n.Overrides.Links != nil {
		p.Links = *n.Overrides.Links
	}
	p.Stated = &stated{Limits: n.Overrides.Limits, Regions: n.Overrides.Regions}
	if n.Data.Capabilities != nil {
		list := []passport.Capability{}
		for _, action := range *n.Data.Capabilities {
			list = append(list, passport.Capability{Action: action})
		}
		p.Stated.Capabilities = &list
	}
	if n.Data.Limits != nil {
		p.Stated.Limits = n.Data.Limits
	}
	if n.Data.Regions != nil {
		p.Stated.Regions = n.Data.Regions
	}
}

// level lowers the level of assurance.
func (p *Record) level(to passport.Level) error {
	switch {
	case to == "":
		return nil
	case to.Rank() < 0:
		return refuse(BadRequest, "Level", "%.20q is not a level of assurance", to)
	case to.Rank() > p.Level().Rank():
		return refuse(Widened, "Level", "%s: the template has %s, which has to be attested first", to, p.Level())
	case p.Assured != nil:
		lower := *p.Assured
		lower.Level = to
		if p.Assured = &lower; to == passport.L0 {
			p.Assured = nil
		}
	}
	return nil
}

// inherit makes the authority of an instance, of its template's and its own. What it
// says beyond the template is refused with WIDENED.
func (p *Record) inherit(t *Record) error {
	if err := p.extend(t); err != nil {
		return err
	}
	own, err := p.Stated.over(t.Authority)
	if err != nil {
		return err
	}
	if p.Stated.Wider {
		p.Authority = own
		return nil
	}
	above, err := spelled(t.Authority)
	if err != nil {
		return err
	}
	link, err := spelled(own)
	if err != nil {
		return err
	}
	if err := above.Effective().Admits(&link); err != nil {
		return &Error{
			Code: Widened, Member: "Overrides", Err: err,
			Detail: "an instance may only narrow its template " + t.ID + ": change that one first",
		}
	}
	p.Authority = meet(above, link)
	return nil
}

// extend takes over the extensions of the template: what only a host can read, only the template says.
func (p *Record) extend(t *Record) error {
	p.Extensions = t.Extensions
	if own := p.Stated.Limits; own != nil && len(own.Extensions) > 0 && !same(own.Extensions, t.Extensions) {
		return refuse(Widened, "Overrides", "limits of policy packs are those of the template, %s", t.ID)
	}
	return nil
}

// narrow is inherit after the template has changed: what is beyond it is cut off.
func (p *Record) narrow(t *Record) error {
	p.Extensions = t.Extensions
	own, err := p.Stated.over(t.Authority)
	if err != nil || p.Stated.Wider {
		p.Authority = own
		return err
	}
	above, err := spelled(t.Authority)
	if err != nil {
		return err
	}
	link, err := spelled(own)
	if err != nil {
		return err
	}
	p.Authority = meet(above, link)
	return nil
}

// spelled is an authority with its groups of regions spelled out, as passports have it.
func spelled(a passport.Authority) (passport.Authority, error) {
	doc, err := (&Profile{Authority: a}).document()
	if err != nil {
		return a, err
	}
	return doc.Authority, nil
}

// over puts what is stated over an authority. Limits go by their names, the others
// stay.
func (s *stated) over(a passport.Authority) (passport.Authority, error) {
	if s.Regions != nil {
		a.Regions = *s.Regions
	}
	if s.Capabilities != nil {
		a.Capabilities = *s.Capabilities
	}
	if s.Limits == nil {
		return a, nil
	}
	a.Limits = slices.Clone(a.Limits)
	for _, l := range s.Limits.Limits {
		i := slices.IndexFunc(a.Limits, func(o passport.Limit) bool { return o.Name == l.Name })
		if i < 0 {
			a.Limits = append(a.Limits, l)
		} else {
			a.Limits[i] = l
		}
	}
	a.SpendLimits = slices.Clone(a.SpendLimits)
	for _, l := range s.Limits.Spend {
		i := slices.IndexFunc(a.SpendLimits, func(o passport.SpendLimit) bool { return sameKey(o, l) })
		if i < 0 {
			a.SpendLimits = append(a.SpendLimits, l)
		} else {
			a.SpendLimits[i] = l
		}
	}
	return a, nil
}

func sameKey(a, b passport.SpendLimit) bool {
	return a.Per == b.Per && a.Action == b.Action && a.TimeZone == b.TimeZone &&
		a.Money.Currency() == b.Money.Currency()
}

// meet is what two authorities allow together, of which one was put over the other:
// they differ in capabilities, limits and regions alone.
func meet(above, link passport.Authority) passport.Authority {
	both := above.Effective().Intersect(&link)
	out := link
	out.Capabilities = both.Capabilities()
	out.SpendLimits, out.MaxTransaction = both.SpendLimits(), passport.Money{}
	out.Limits = slices.Clone(link.Limits)
	for i := range out.Limits {
		l := &out.Limits[i]
		top := slices.IndexFunc(above.Limits, func(o passport.Limit) bool { return o.Name == l.Name })
		if top < 0 {
			l.Bool = false // a permission that is not stated is none
			continue
		}
		l.Int, l.Bool = min(l.Int, above.Limits[top].Int), l.Bool && above.Limits[top].Bool
	}
	for f := range both.Facets() {
		if f.Name == "regions" && f.Stated {
			out.Regions, _ = f.Value.([]string)
		}
	}
	return out
}

// instances adds the instances of a template that has changed to a writing.
func (w *writing) instances(tx Tx, before, t *Record) error {
	if t.Template != "" {
		return nil
	}
	return walk(tx, Query{Kind: kindRecord, Name: "template", Value: t.ID}, func(id string) error {
		was, err := w.r.Records.load(tx, id)
		if err != nil || !was.RevokedAt.IsZero() {
			return err
		}
		p := *was
		for _, c := range w.changes {
			p.follow(c.Field, before, t)
		}
		if !t.RevokedAt.IsZero() {
			p.revoke(w.at, t.Reason)
		}
		if err := p.narrow(t); err != nil {
			return err
		}
		if len(p.Authority.Capabilities) == 0 {
			return w.halt(tx, &p)
		}
		return w.put(tx, &p, was)
	})
}

// halt adds an instance of which its template leaves nothing: its passport ends, and
// none takes its place.
func (w *writing) halt(tx Tx, p *Record) error {
	p.UpdatedAt = w.at
	into := &part{record: p}
	w.parts = append(w.parts, into)
	if p.Passport != "" {
		var in Passport
		if _, err := load(tx, kindPassport, p.Passport, &in); err != nil {
			return err
		}
		if in.RevokedAt.IsZero() {
			into.end = p.Passport
		}
	}
	return nil
}

// follow takes over what a template has changed, where the instance had the same.
func (p *Record) follow(name string, before, t *Record) {
	for _, f := range patched {
		if f.name == name && f.inherits && same(f.of(p), f.of(before)) {
			f.follow(p, t)
		}
	}
}

// patchInstance takes a patch of an instance into what it states beside its template.
func (s *Records) patchInstance(tx Tx, p *Record, patch *Patch) error {
	t, err := s.load(tx, p.Template)
	if err != nil {
		return err
	}
	own := *p.Stated
	p.Stated = &own
	if patch.Capabilities == nil && patch.Limits == nil && patch.Regions == nil {
		return p.narrow(t)
	}
	if patch.Capabilities != nil {
		own.Capabilities = patch.Capabilities
	}
	if patch.Limits != nil {
		own.Limits = patch.Limits
	}
	if patch.Regions != nil {
		own.Regions = patch.Regions
	}
	p.Stated = &own
	return p.inherit(t)
}
