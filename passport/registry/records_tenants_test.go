package registry_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// recordCalls are all calls that name a record, an agent by its DID or an owner.
var recordCalls = map[string]func(o *office, by registry.Actor, record, did, owner string) error{
	"Records.Get": func(o *office, by registry.Actor, record, _, _ string) error {
		_, err := o.Records.Get(ctx, by, record)
		return err
	},
	"Records.Update": func(o *office, by registry.Actor, record, _, _ string) error {
		_, err := o.Records.Update(ctx, by, record, registry.Patch{Version: registry.AnyVersion, Name: ptr("x")})
		return err
	},
	"Records.Update with a version": func(o *office, by registry.Actor, record, _, _ string) error {
		_, err := o.Records.Update(ctx, by, record, registry.Patch{Version: 77, Name: ptr("x")})
		return err
	},
	"Records.Renew": func(o *office, by registry.Actor, record, _, _ string) error {
		_, err := o.Records.Renew(ctx, by, record)
		return err
	},
	"Records.Instantiate": func(o *office, by registry.Actor, record, _, _ string) error {
		_, err := o.Records.Instantiate(ctx, by, registry.NewInstance{
			Template: record, Tenant: registry.Tenant{Platform: "p", Ref: "r"},
		})
		return err
	},
	"Records.Create for an owner": func(o *office, by registry.Actor, _, _, owner string) error {
		_, err := o.Records.Create(ctx, by, registry.NewRecord{Owner: owner, Profile: o.exporter()})
		return err
	},
	"Records.Create in an organisation": func(o *office, by registry.Actor, _, _, owner string) error {
		_, err := o.Records.Create(ctx, by, registry.NewRecord{Org: owner, Owner: owner, Profile: o.exporter()})
		return err
	},
	"Owners.Attest": func(o *office, by registry.Actor, _, _, owner string) error {
		_, err := o.Owners.Attest(ctx, by, owner, o.kyc())
		return err
	},
	"AIP1.Get": func(o *office, by registry.Actor, _, did, _ string) error {
		_, err := o.AIP1.Get(ctx, by, "", did)
		return err
	},
	"AIP1.Get in an organisation": func(o *office, by registry.Actor, _, did, _ string) error {
		_, err := o.AIP1.Get(ctx, by, o.org.ID, did)
		return err
	},
	"AIP1.Reinstate": func(o *office, by registry.Actor, _, did, _ string) error {
		_, err := o.AIP1.Reinstate(ctx, by, "", did, "")
		return err
	},
}

// P16: of another organisation's records, agents and owners the answer is that for
// those of nobody, and nothing is changed.
func TestP16AnotherOrganisationsRecords(t *testing.T) {
	o := newOffice(t)
	o.bank()
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	p := o.record(registry.Active)
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	theirs, err := o.Owners.Create(ctx, stranger.Admin(), registry.NewOwner{Name: "Eve"})
	require.NoError(t, err)
	before := len(o.happened())
	for name, call := range recordCalls {
		for who, by := range map[string]registry.Actor{"admin": stranger.Admin(), "owner": theirs.Actor()} {
			foreign := call(o, by, p.ID, bot.AgentID, p.Owner)
			nobodys := call(o, by, "ap_x", "did:web:x.example", "ap_user_x")
			require.Error(t, foreign, name)
			require.Equal(t, nobodys.Error(), foreign.Error(), name+" by "+who)
		}
		require.ErrorIs(t, call(o, registry.Actor{}, p.ID, bot.AgentID, p.Owner), registry.Unauthenticated, name)
	}
	require.Len(t, o.happened(), before)
}
