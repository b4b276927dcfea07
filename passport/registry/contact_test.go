package registry_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// P8: a key of the organisation says to whom the host writes about an agent. Nothing of it is signed, the log does not
// have it, and what is not an address is refused.
func TestP8WhomTheHostWritesTo(t *testing.T) {
	o := newOffice(t)
	o.withTarget()
	before, err := o.Records.Get(ctx, registry.Root(), o.target.record)
	require.NoError(t, err)
	k, secret, err := o.Keys.Create(ctx, o.org.Admin(), registry.NewKey{Name: "x", Kind: registry.KeyOrg})
	require.NoError(t, err)
	by, err := o.Authenticate(ctx, k.ID, secret.Reveal())
	require.NoError(t, err)
	update := func(p registry.Patch) (*registry.Made, error) {
		p.Version = registry.AnyVersion
		return o.Records.Update(ctx, by, o.target.record, p)
	}
	const email, webhook = "contact@hidden.example", "https://hooks.hidden.example/aport"
	made, err := update(registry.Patch{Contact: ptr("Ada"), Email: ptr(email), WebhookURL: ptr(webhook)})
	require.NoError(t, err)
	require.Equal(t, before.Passport, made.Passport, "nothing that is signed has changed")
	after, err := o.Records.Get(ctx, registry.Root(), o.target.record)
	require.NoError(t, err)
	require.Equal(t, []string{"Ada", email, webhook}, []string{after.Contact, after.Email, after.WebhookURL})
	lines, err := o.Audit.List(ctx, registry.Root(), o.org.ID, 0, 0)
	require.NoError(t, err)
	for _, l := range lines {
		require.NotContains(t, fmt.Sprintf("%s %s", l.Data, l.Reason), "hidden.example")
	}
	for member, p := range map[string]registry.Patch{
		"Email":      {Email: ptr("nobody")},
		"WebhookURL": {WebhookURL: ptr("http://hooks.example.com")},
	} {
		_, err := update(p)
		require.ErrorIs(t, err, registry.BadRequest)
		require.ErrorContains(t, err, member)
	}
	for _, bad := range []string{"hooks", "https://", "https://ada:secret@hooks.example", "file:///etc/passwd"} {
		_, err := update(registry.Patch{WebhookURL: ptr(bad)})
		require.ErrorIs(t, err, registry.BadRequest, bad)
	}
	// What was there is taken away.
	_, err = update(registry.Patch{Email: ptr(""), WebhookURL: ptr("")})
	require.NoError(t, err)
}
