package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// P14, G9: what is published of keys is what the office has of them, as they are rotated, retired and revoked. A token
// of a key that was rotated is good; of one that was revoked it is not.
func TestKeySetsFollowTheOffice(t *testing.T) {
	const issuer = "did:web:issuer.example"
	var keys []did.Signer
	var kids []string
	for i, name := range []string{"one", "two", "three"} {
		pair := verifytest.Key(name)
		s, err := did.NewSigner(did.MustParseURL(fmt.Sprintf("%s#key-%d", issuer, i+1)), pair.PrivateKey())
		require.NoError(t, err)
		keys, kids = append(keys, s), append(kids, edKey(pair.PublicKey()).ID)
	}
	o := newTestOffice(t, func(c *worldConfig) { c.keys = keys })
	x := o.tenants[0]
	published := func() (list []string) {
		t.Helper()
		var sets [][]string
		for _, path := range []string{
			"/aport/jwks.json", "/aport/.well-known/oap/jwks.json", "/grantex/.well-known/jwks.json",
		} {
			sets = append(sets, nil)
			for _, k := range o.ask(nil, "GET", path, "").object(t)["keys"].([]any) {
				if m := k.(map[string]any); m["kty"] == "OKP" {
					sets[len(sets)-1] = append(sets[len(sets)-1], m["x"].(string))
				}
			}
		}
		doc := o.ask(nil, "GET", "/grantex/.well-known/did.json", "").object(t)
		require.Len(t, doc["assertionMethod"], len(sets[0])+1, "and that of tokens")
		require.Equal(t, sets[0], sets[1])
		require.Equal(t, sets[0], sets[2])
		return sets[0]
	}
	of := func(numbers ...int) (list []string) {
		for _, n := range numbers {
			list = append(list, edKey(verifytest.Key([]string{"one", "two", "three"}[n]).PublicKey()).X)
		}
		return list
	}
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n","role":"agent",
		"description":"d","owner_id":%q,"capabilities":[{"id":"messaging.send"}],"status":"active"}`, x.owner.ID))
	agent := m["data"].(map[string]any)["agent_id"].(string)
	decide := func() (token, kid string) {
		t.Helper()
		m := o.ask(bearer(x.apk), "POST", "/aport/api/verify/token/messaging.message.send.v1", fmt.Sprintf(
			`{"context":{"agent_id":%q,"channel_id":"c","message":"hello","message_type":"text"}}`, agent)).object(t)
		require.Equal(t, true, m["decision"].(map[string]any)["allow"], m)
		return m["token"].(string), m["decision"].(map[string]any)["kid"].(string)
	}
	validate := func(status int, token string) {
		t.Helper()
		a := o.ask(bearer(x.apk), "POST", "/aport/api/verify/token/validate", fmt.Sprintf(`{"token":%q}`, token))
		require.Equal(t, status, a.status, a.body)
	}
	require.Equal(t, of(0), published())
	first, kid := decide()
	require.Equal(t, kids[0], kid)

	to := registry.Rotation{To: keys[1].KeyID(), In: 10 * time.Second}
	_, err := o.office.IssuerKeys.Rotate(ctx, registry.Root(), to)
	require.NoError(t, err)
	require.Equal(t, of(0, 1), published(), "the next one is published before it signs")
	validate(200, first)
	o.clock.Advance(10 * time.Second)
	require.Equal(t, of(0, 1), published())
	validate(200, first)
	second, kid := decide()
	require.Equal(t, kids[1], kid, "the next one signs")
	validate(200, second)

	_, err = o.office.IssuerKeys.Revoke(ctx, registry.Root(), keys[1].KeyID().String(),
		registry.Compromise{To: keys[2].KeyID(), Reason: "stolen"})
	require.NoError(t, err)
	require.Equal(t, of(0, 2), published(), "one that was revoked is not published")
	validate(400, second)
	validate(200, first)

	o.clock.Advance(31*24*time.Hour + 2*time.Hour)
	require.Equal(t, of(2), published(), "nor is one after its end")
}
