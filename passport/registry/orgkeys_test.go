package registry_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// P2, P8: a key of the kind org suspends, resumes and pauses, and says whom to write
// to. What is final, and what an agent may do, it does not decide; another key that
// has its scopes does, but for erasing people, which no key does.
func TestP8AnOrgKeyDecidesNothing(t *testing.T) {
	text, wide := "x", []passport.Capability{{Action: "data.read"}, {Action: "data.write"}}
	status := func(s registry.Status) registry.Patch { return registry.Patch{Status: &s} }
	for name, c := range map[string]struct {
		may  bool
		call func(o *office, by registry.Actor, rec *registry.Record, pass *registry.Passport) error
	}{
		"contact": {true, patching(registry.Patch{Contact: &text})},
		"suspend": {true, patching(status(registry.Suspended))},
		"the agent": {true, func(o *office, by registry.Actor, _ *registry.Record, _ *registry.Passport) error {
			_, err := o.Agents.Suspend(ctx, by, o.who.ID, registry.Suspension{})
			return err
		}},
		"a passport": {true, func(o *office, by registry.Actor, _ *registry.Record, p *registry.Passport) error {
			_, err := o.Passports.Suspend(ctx, by, p.ID, registry.Suspension{})
			return err
		}},
		"read": {true, func(o *office, by registry.Actor, rec *registry.Record, _ *registry.Passport) error {
			_, err := o.Records.Get(ctx, by, rec.ID)
			return err
		}},
		"name":         {false, patching(registry.Patch{Name: &text})},
		"capabilities": {false, patching(registry.Patch{Capabilities: &wide})},
		"limits":       {false, patching(registry.Patch{Limits: &registry.Limits{}})},
		"both":         {false, patching(registry.Patch{Contact: &text, Capabilities: &wide})},
		"revoke":       {false, patching(status(registry.Revoked))},
		"revoke the agent": {false, func(o *office, by registry.Actor, _ *registry.Record, _ *registry.Passport) error {
			_, err := o.Agents.Revoke(ctx, by, o.who.ID, "")
			return err
		}},
		"change the agent": {false, func(o *office, by registry.Actor, _ *registry.Record, _ *registry.Passport) error {
			_, err := o.Agents.Update(ctx, by, o.who.ID, registry.AgentPatch{Scopes: &[]string{"data.*"}})
			return err
		}},
		"revoke a passport": {false, func(o *office, by registry.Actor, _ *registry.Record, p *registry.Passport) error {
			_, err := o.Passports.Revoke(ctx, by, p.ID, "")
			return err
		}},
		"revoke a grant": {false, func(o *office, by registry.Actor, _ *registry.Record, p *registry.Passport) error {
			_, err := o.Grants.Revoke(ctx, by, p.Grant, "")
			return err
		}},
		"erase": {false, func(o *office, by registry.Actor, rec *registry.Record, _ *registry.Passport) error {
			_, err := o.Owners.Erase(ctx, by, registry.Erasure{Owner: rec.Owner})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []registry.KeyKind{registry.KeyOrg, registry.KeyAPI} {
				o := newOffice(t)
				pass, err := o.Passports.Issue(ctx, o.org.Admin(), o.new())
				require.NoError(t, err)
				made, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
					Owner: o.owner("ada@example.org").ID, Agent: o.who.ID, Status: registry.Active,
					Profile: registry.Profile{Name: "bot", Authority: passport.Authority{
						Capabilities: []passport.Capability{{Action: "data.read"}},
						Limits:       []passport.Limit{{Name: "max_rows", Kind: passport.LimitMax, Int: 5}},
					}},
				})
				require.NoError(t, err)
				k, secret, err := o.Keys.Create(ctx, o.org.Admin(), registry.NewKey{
					Kind: kind, Name: "ops", Scopes: []registry.Scope{registry.ScopeRead, registry.ScopeUpdate},
				})
				require.NoError(t, err)
				by, err := o.Authenticate(ctx, k.ID, secret.Reveal())
				require.NoError(t, err)
				if err = c.call(o, by, made.Record, pass); c.may || kind == registry.KeyAPI && name != "erase" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, registry.Forbidden)
				}
			}
		})
	}
}

// patching changes the record.
func patching(p registry.Patch) func(*office, registry.Actor, *registry.Record, *registry.Passport) error {
	return func(o *office, by registry.Actor, rec *registry.Record, _ *registry.Passport) error {
		p.Version = registry.AnyVersion
		_, err := o.Records.Update(ctx, by, rec.ID, p)
		return err
	}
}
