package registry_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// P6, P7, P13: what only a host's rules read is signed, replaced with the limits, and the template's in its instances.
func TestP13Extensions(t *testing.T) {
	o := newOffice(t)
	block := func(rows string) json.RawMessage {
		return json.RawMessage(`{"oap":{"limits":{"data.export":{"max_export_rows":` + rows + `}}}}`)
	}
	profile := o.exporter()
	profile.Extensions = block("10")
	create := func(p registry.Profile) (*registry.Made, error) {
		return o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
			Owner: o.org.ID, Agent: o.who.ID, Status: registry.Active, Profile: p,
		})
	}
	tpl, err := create(profile)
	require.NoError(t, err)
	require.Contains(t, o.credentialOf(tpl.Record).Credential, `"max_export_rows":10}`)
	for _, bad := range []string{`[]`, `{`, `1`, `{"a":"` + strings.Repeat("x", 16<<10) + `"}`} {
		p := o.exporter()
		p.Extensions = json.RawMessage(bad)
		_, err := create(p)
		require.Error(t, err, bad[:1])
	}

	p, err := o.instanceOf(tpl.Record, asIs)
	require.NoError(t, err)
	require.JSONEq(t, string(block("10")), string(p.Extensions))
	_, err = o.instanceOf(tpl.Record, func(n *registry.NewInstance) {
		n.Tenant.Ref = "another"
		n.Overrides.Limits.Extensions = block("11")
	})
	require.ErrorIs(t, err, registry.Widened)
	limits := flat(t, `{"msgs_per_day": 100, "max_export_rows": 100}`)
	_, err = o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: registry.AnyVersion, Limits: &limits})
	require.NoError(t, err)

	limits = flat(t, `{"msgs_per_day": 1000, "max_export_rows": 10000, "allow_pii": false}`)
	limits.Extensions = block("9")
	made, err := o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{Version: registry.AnyVersion, Limits: &limits})
	require.NoError(t, err)
	require.Len(t, made.Changes, 1)
	require.Contains(t, o.credentialOf(made.Record).Credential, `"max_export_rows":9}`)
	got, err := o.Records.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.JSONEq(t, string(block("9")), string(got.Extensions), "a change of the template reaches its instances")
	require.Contains(t, o.credentialOf(got).Credential, `"max_export_rows":9}`)
}
