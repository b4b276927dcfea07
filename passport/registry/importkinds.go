package registry

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// ImportRecord is a record of another system, for [Registry.Import]. Exactly one of its members from NewOrg on says
// what it is. Their ids are those there, and their member Org is not looked at.
type ImportRecord struct {
	ID        string    // there: needed, and unique among its kind and organisation
	Org       string    `json:",omitempty"` // by its id there; zero: Import.Org
	CreatedAt time.Time `json:",omitzero"`  // zero: now

	// Status is what it is there: active, draft, suspended, revoked or expired. Needed.
	Status Status
	Since  time.Time `json:",omitzero"`  // since when it is suspended or revoked; zero: now
	Until  time.Time `json:",omitzero"`  // of a suspension; zero: until somebody resumes it
	Reason string    `json:",omitempty"` // of that

	NewOrg   *NewOrg         `json:",omitempty"` // comes paused where it is suspended
	NewOwner *NewOwner       `json:",omitempty"` // likewise
	NewAgent *NewAgent       `json:",omitempty"`
	Grant    *ImportGrant    `json:",omitempty"`
	Profile  *ImportProfile  `json:",omitempty"`
	Passport *ImportPassport `json:",omitempty"`
	Key      *ImportKey      `json:",omitempty"`
	AgentKey *ImportAgentKey `json:",omitempty"`
	Consent  *ImportConsent  `json:",omitempty"`
	Became   *ImportRef      `json:",omitempty"` // what has become of a record, told by itself

	// Wrong says why whoever read the record could not make sense of it: it is refused. Nil: it can be read.
	Wrong error `json:"-"`
	// Lost is what whoever read the record did not carry over, for the report: each a member and why.
	Lost []string `json:"-"`
}

// ImportGrant is a grant of another system.
type ImportGrant struct {
	NewGrant
	Spent passport.Money // of its budget, or reserved; zero: nothing
}

// ImportProfile is a passport of a system in which that is one thing with the agent and its record. It comes as a
// record, and what is active and has an agent is signed anew by the office.
type ImportProfile struct {
	NewRecord
	// DID of its agent, where that is not a record by itself: the agent is made, too. Zero: Agent says it, or there
	// is none, and the record comes as a draft.
	DID string `json:",omitempty"`
}

// ImportRef says of which record it is told what has become of it. ImportRecord.ID is its id.
type ImportRef struct {
	Kind string // as in ImportLine
}

// importKind is one kind of records.
type importKind struct {
	name     string
	statuses []Status // that it can have
	in       func(rec *ImportRecord) bool
	bring    func(b *bringing) error
	// signs reports whether the office signs something of a record, which sign brings.
	signs func(rec *ImportRecord) bool
	sign  func(ctx context.Context, b *bringing) error
	// become makes what came over stricter; nil of what stays as it is.
	become func(ctx context.Context, b *bringing, id string) error
	hidden bool // ids there are not enough to find it, so nothing is told of it by itself
}

func yes(*ImportRecord) bool { return true }

func importKinds() []importKind {
	return []importKind{
		{
			name: "org", statuses: []Status{Active, Suspended},
			in:    func(rec *ImportRecord) bool { return rec.NewOrg != nil },
			bring: (*bringing).bringOrg,
			become: becomes(nil, func(r *Registry, ctx context.Context, id string, how Suspension) (*Org, error) {
				return r.Orgs.Pause(ctx, Root(), id, how.Reason)
			}),
		},
		{
			name: "owner", statuses: []Status{Active, Suspended},
			in:     func(rec *ImportRecord) bool { return rec.NewOwner != nil },
			bring:  (*bringing).bringOwner,
			become: becomes(nil, pauseOwner),
		},
		{
			name: "agent", statuses: []Status{Active, Suspended, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.NewAgent != nil },
			bring: (*bringing).bringAgent,
			become: becomes(func(r *Registry, ctx context.Context, id, reason string) (*Agent, error) {
				return r.Agents.Revoke(ctx, Root(), id, reason)
			}, func(r *Registry, ctx context.Context, id string, how Suspension) (*Agent, error) {
				return r.Agents.Suspend(ctx, Root(), id, how)
			}),
		},
		{
			name: "grant", statuses: []Status{Active, Expired, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.Grant != nil },
			bring: (*bringing).bringGrant,
			become: becomes(func(r *Registry, ctx context.Context, id, reason string) (*Grant, error) {
				return r.Grants.Revoke(ctx, Root(), id, reason)
			}, nil),
		},
		{
			name: "record", statuses: []Status{Active, Draft, Suspended, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.Profile != nil },
			bring: (*bringing).rehearseProfile,
			signs: yes, sign: signProfile,
			become: becomes(func(r *Registry, ctx context.Context, id, reason string) (*Made, error) {
				return moveRecord(ctx, r, id, Revoked, Suspension{Reason: reason})
			}, func(r *Registry, ctx context.Context, id string, how Suspension) (*Made, error) {
				return moveRecord(ctx, r, id, Suspended, how)
			}),
		},
		{
			name: "passport", statuses: []Status{Active, Expired, Suspended, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.Passport != nil },
			bring: (*bringing).rehearsePassport,
			signs: anew, sign: signPassport,
			become: becomes(func(r *Registry, ctx context.Context, id, reason string) (*Passport, error) {
				return r.Passports.Revoke(ctx, Root(), id, reason)
			}, func(r *Registry, ctx context.Context, id string, how Suspension) (*Passport, error) {
				return r.Passports.Suspend(ctx, Root(), id, how)
			}),
		},
		{
			name: "key", statuses: []Status{Active, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.Key != nil },
			bring: (*bringing).bringKey,
			become: becomes(func(r *Registry, ctx context.Context, id, reason string) (*APIKey, error) {
				return r.Keys.Revoke(ctx, Root(), id, reason)
			}, nil),
		},
		{
			name: "consent", statuses: []Status{Active, Revoked}, hidden: true,
			in:    func(rec *ImportRecord) bool { return rec.Consent != nil },
			bring: (*bringing).rehearseConsent,
			signs: yes, sign: signConsent,
			become: withdrawConsent,
		},
		{
			name: "agentkey", statuses: []Status{Active, Expired, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.AgentKey != nil },
			bring: (*bringing).rehearseAgentKey,
			signs: yes, sign: signAgentKey,
			become: becomes(endAgentKey, nil),
		},
		{
			name: "standing", statuses: []Status{Suspended, Revoked},
			in:    func(rec *ImportRecord) bool { return rec.Became != nil },
			bring: (*bringing).bringBecame,
		},
	}
}

// kindOf returns the kind of a record; nil if it is of none, or of two.
func (m *importing) kindOf(rec *ImportRecord) (k *importKind) {
	for i := range m.kinds {
		switch {
		case !m.kinds[i].in(rec):
		case k != nil:
			return nil
		default:
			k = &m.kinds[i]
		}
	}
	return k
}

// named returns a kind of which something becomes; nil if it is none.
func (m *importing) named(name string) *importKind {
	for i := range m.kinds {
		if m.kinds[i].name == name && m.kinds[i].become != nil && !m.kinds[i].hidden {
			return &m.kinds[i]
		}
	}
	return nil
}

func pauseOwner(r *Registry, ctx context.Context, id string, how Suspension) (*Switch, error) {
	o, err := r.Owners.Get(ctx, Root(), id)
	if err != nil {
		return nil, err
	}
	return nil, r.update(ctx, func(tx Tx) error { return r.pauseOwner(tx, o, how.Reason) })
}

func endAgentKey(r *Registry, ctx context.Context, id, reason string) (*AgentKey, error) {
	return nil, r.update(ctx, func(tx Tx) error { return r.AgentKeys.end(tx, Root(), id, reason) })
}

func moveRecord(ctx context.Context, r *Registry, id string, to Status, how Suspension) (*Made, error) {
	return r.Records.Update(ctx, Root(), id, Patch{Version: AnyVersion, Status: &to, For: how.For, Reason: how.Reason})
}
