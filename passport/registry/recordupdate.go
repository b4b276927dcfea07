package registry

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// AnyVersion changes a record whatever its version is.
const AnyVersion int64 = -1

// Patch changes a record in part (P7). Each member that is given takes the place of
// all that was there; nil leaves it as it is.
type Patch struct {
	// Version is that of the record which the caller has read, or [AnyVersion].
	// Another one is refused with VERSION_MISMATCH. Needed.
	Version int64

	Name, Description, Role, Framework *string
	Contact, Email, LogoURL            *string
	WebhookURL                         *string
	Links                              *Links
	Categories                         *[]string
	Capabilities                       *[]passport.Capability
	Limits                             *Limits
	Regions                            *[]string
	Agent                              *string // names one, where there is none yet

	// Status moves the record: draft to active or revoked, active to suspended or
	// revoked, suspended to active or revoked. Revoked is final.
	Status *Status
	For    time.Duration // of a suspension; zero: until it is set active again
	Reason string        // for the record
}

// Limits are what a record limits: counts, rates and permissions, and what may be
// spent. [ParseFlatLimits] reads them as APort writes them.
type Limits struct {
	Limits []passport.Limit
	Spend  []passport.SpendLimit
	// Extensions are limits that only rules of a host read; see [Profile].
	Extensions json.RawMessage `json:",omitempty"`
}

// FieldChange is one member that an update has changed.
type FieldChange struct {
	Field string `json:"field"`
	Old   any    `json:"old_value"`
	New   any    `json:"new_value"`
}

// field is one member of a patch.
type field struct {
	name     string
	personal bool // not written into the audit log
	inherits bool // an instance has that of its template, as long as it has none of its own
	given    func(p *Patch) bool
	of       func(r *Record) any
	set      func(r *Record, p *Patch)
	follow   func(to, from *Record)
}

// member is a field that a record has a place for.
func member[T any](name string, in func(p *Patch) *T, of func(r *Record) *T) field {
	return field{
		name:   name,
		given:  func(p *Patch) bool { return in(p) != nil },
		of:     func(r *Record) any { return *of(r) },
		set:    func(r *Record, p *Patch) { *of(r) = *in(p) },
		follow: func(to, from *Record) { *of(to) = *of(from) },
	}
}

func inherited(f field) field { f.inherits = true; return f }
func personal(f field) field  { f.personal = true; return f }

// patched are the members of a patch, by the names that APort has for them.
var patched = []field{
	inherited(member("name", func(p *Patch) *string { return p.Name },
		func(r *Record) *string { return &r.Name })),
	inherited(member("description", func(p *Patch) *string { return p.Description },
		func(r *Record) *string { return &r.Description })),
	inherited(member("role", func(p *Patch) *string { return p.Role },
		func(r *Record) *string { return &r.Role })),
	inherited(member("framework", func(p *Patch) *string { return p.Framework },
		func(r *Record) *string { return &r.Framework })),
	inherited(personal(member("contact", func(p *Patch) *string { return p.Contact },
		func(r *Record) *string { return &r.Contact }))),
	inherited(personal(member("email", func(p *Patch) *string { return p.Email },
		func(r *Record) *string { return &r.Email }))),
	inherited(personal(member("webhook_url", func(p *Patch) *string { return p.WebhookURL },
		func(r *Record) *string { return &r.WebhookURL }))),
	inherited(member("logo_url", func(p *Patch) *string { return p.LogoURL },
		func(r *Record) *string { return &r.LogoURL })),
	inherited(member("links", func(p *Patch) *Links { return p.Links },
		func(r *Record) *Links { return &r.Links })),
	inherited(member("categories", func(p *Patch) *[]string { return p.Categories },
		func(r *Record) *[]string { return &r.Categories })),
	member("agent", func(p *Patch) *string { return p.Agent },
		func(r *Record) *string { return &r.Agent }),
	member("capabilities", func(p *Patch) *[]passport.Capability { return p.Capabilities },
		func(r *Record) *[]passport.Capability { return &r.Authority.Capabilities }),
	member("regions", func(p *Patch) *[]string { return p.Regions },
		func(r *Record) *[]string { return &r.Authority.Regions }),
	{
		name:  "limits",
		given: func(p *Patch) bool { return p.Limits != nil },
		of:    func(r *Record) any { return r.limits() },
		set: func(r *Record, p *Patch) {
			r.Authority.Limits, r.Authority.SpendLimits = p.Limits.Limits, p.Limits.Spend
			r.Authority.MaxTransaction, r.Extensions = passport.Money{}, p.Limits.Extensions
		},
	},
}

// limits are what the record limits, a ceiling among them.
func (p *Record) limits() Limits {
	l := Limits{Limits: p.Authority.Limits, Spend: p.Authority.SpendLimits, Extensions: p.Extensions}
	if top := p.Authority.MaxTransaction; !top.IsZero() {
		l.Spend = append(slices.Clone(l.Spend), passport.SpendLimit{Money: top, Per: passport.PerTransaction})
	}
	return l
}

// Update changes a record in part (P7), in one transaction with the passports that it
// has in force: those of what is changed are revoked, and new ones are issued. An
// owner changes what they have made; of what others have issued to them they may
// change the contact, the links and the picture, and suspend or revoke it. What is
// changed of a template is changed of its instances, too, in the same transaction, which
// grows with their number.
func (s *Records) Update(ctx context.Context, by Actor, id string, patch Patch) (*Made, error) {
	if patch.Version <= 0 && patch.Version != AnyVersion {
		return nil, refuse(BadRequest, "Version", "name the version that you have read, or AnyVersion")
	}
	return s.write(ctx, by, func(tx Tx, w *writing) error {
		before, err := s.find(tx, by, id, ScopeUpdate)
		switch {
		case err != nil:
			return err
		case patch.Version != AnyVersion && patch.Version != before.Version:
			return refuse(VersionMismatch, "Version", "it is %d by now", before.Version)
		case !before.RevokedAt.IsZero():
			return refuse(InvalidTransition, "", "it is revoked, for good")
		}
		p := *before
		for _, f := range patched {
			if f.given(&patch) {
				f.set(&p, &patch)
			}
		}
		if p.Template != "" {
			if err := s.patchInstance(tx, &p, &patch); err != nil {
				return err
			}
		}
		for _, f := range patched {
			if old, now := f.of(before), f.of(&p); !same(old, now) {
				w.changes = append(w.changes, FieldChange{f.name, old, now})
			}
		}
		if err := w.ofOrgKey(by, before, &patch); err != nil {
			return err
		}
		if p.Agent != before.Agent && before.Agent != "" {
			return refuse(InvalidTransition, "Agent", "the record has an agent already: make another record")
		}
		if !same(signedProfile(&p), signedProfile(before)) {
			if err := p.issuedBy(by); err != nil {
				return err
			}
		}
		if patch.Status != nil {
			if err := p.move(by, w, before, &patch); err != nil {
				return err
			}
		}
		if len(w.changes) == 0 {
			w.first = before
			return nil
		}
		w.event, w.why = "record.updated", patch.Reason
		changes := append(public(w.changes), p.until(&before.Standing)...)
		w.data = said{personal: map[string]any{"changes": changes}}
		if err := w.put(tx, &p, before); err != nil {
			return err
		}
		return w.instances(tx, before, &p)
	})
}

// ofOrgKey refuses what a key of the kind org does not change (P8).
func (w *writing) ofOrgKey(by Actor, before *Record, patch *Patch) error {
	if patch.Status != nil {
		for _, s := range []Status{before.Status, *patch.Status} {
			if s != Active && s != Suspended {
				return by.decides()
			}
		}
	}
	for _, c := range w.changes {
		if c.Field != "contact" && c.Field != "email" && c.Field != "webhook_url" {
			return by.decides()
		}
	}
	return nil
}

// issuedBy refuses an owner who decides about what another has issued to them.
func (p *Record) issuedBy(by Actor) error {
	if by.owner != "" && by.owner != p.IssuedBy {
		return refuse(Forbidden, "Actor", "it was issued by another, who alone says what it allows, and for how long")
	}
	return nil
}

// signedProfile is what of a record is signed.
func signedProfile(p *Record) any {
	return []any{p.Name, p.Description, p.Role, p.Framework, p.Authority, p.Agent, p.Extensions}
}

// public are the changes without what is personal.
func public(list []FieldChange) (out []FieldChange) {
	for _, c := range list {
		for _, f := range patched {
			if f.name == c.Field && f.personal {
				c.Old, c.New = nil, nil
			}
		}
		out = append(out, c)
	}
	return out
}

// move moves a record to another status.
func (p *Record) move(by Actor, w *writing, before *Record, patch *Patch) error {
	to := *patch.Status
	now := before.status(w.at, time.Time{})
	if before.Drafted {
		now = Draft
	}
	if to == now {
		return nil
	}
	switch {
	case to == Revoked:
		p.revoke(w.at, patch.Reason)
	case to == Active && now == Draft:
		if err := p.issuedBy(by); err != nil {
			return err
		}
		p.Drafted = false
	case to == Active && now == Suspended:
		if err := p.resume(by, w.at, time.Time{}); err != nil {
			return err
		}
	case to == Suspended && now == Active:
		how := Suspension{For: patch.For, Reason: patch.Reason}
		if how.For == 0 {
			how.For = -1
		}
		if err := p.suspend(by, w.at, time.Time{}, how); err != nil {
			return err
		}
	case to != Draft && to != Active && to != Suspended:
		return refuse(BadRequest, "Status", "%.40q: want draft, active, suspended or revoked", to)
	default:
		return refuse(InvalidTransition, "Status", "it is %s, and cannot become %s", now, to)
	}
	w.changes = append(w.changes, FieldChange{"status", now, to})
	return nil
}

// Renew replaces the passport in force by one that says the same and lives on. Its
// budgets go on, too: they are the record's. An owner renews what they have made.
func (s *Records) Renew(ctx context.Context, by Actor, id string) (*Made, error) {
	return s.write(ctx, by, func(tx Tx, w *writing) error {
		before, err := s.find(tx, by, id, ScopeIssue)
		switch {
		case err != nil:
			return err
		case !before.RevokedAt.IsZero() || before.Drafted:
			return refuse(InvalidTransition, "", "it is %s", before.Status)
		case before.Agent == "":
			return refuse(InvalidTransition, "", "it has no agent yet, so nothing was signed")
		}
		if err := before.issuedBy(by); err != nil {
			return err
		}
		if before.Template != "" && len(before.Authority.Capabilities) == 0 {
			return refuse(BadRequest, "Capabilities", "its template leaves it none")
		}
		p := *before
		w.renew, w.event = true, "record.renewed"
		return w.put(tx, &p, before)
	})
}
