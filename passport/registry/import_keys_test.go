package registry_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func importedKey(id string, kind registry.KeyKind, secret string, scopes ...registry.Scope) registry.ImportRecord {
	return registry.ImportRecord{ID: id, Org: "dev_1", Status: registry.Active, Key: &registry.ImportKey{
		NewKey: registry.NewKey{Kind: kind, Name: "moved", Scopes: scopes}, Hash: hashed(secret),
	}}
}

// Callers go on with the secrets that they have; of a secret the office knows a hash, and it may do at most what it
// might there.
func TestImportKeys(t *testing.T) {
	const secret = "gx_live_0123456789abcdef"
	o := newOffice(t)
	list := append(o.there()[:2],
		importedKey("key 1", registry.KeyGrantex, secret, registry.ScopeRead, "admin"),
		importedKey("orgkey_abc123", registry.KeyOrg, "org secret", registry.ScopeUpdate),
		importedKey("key 2", registry.KeyAPI, secret, registry.ScopeRead),
		importedKey("key 3", registry.KeyAPI, "x", "admin"),
		importedKey("key 4", "password", "x", registry.ScopeRead),
	)
	bare := importedKey("key 5", registry.KeyAPI, "", registry.ScopeRead)
	bare.Key.Hash = "apk_live_never_told"
	revoked := importedKey("key 6", registry.KeyAPI, "gone", registry.ScopeRead)
	revoked.Status = registry.Revoked
	list = append(list, bare, revoked)
	rehearsed := outcomes(o.bring(false, list...))
	lines := o.bring(true, list...)
	require.Equal(t, outcomes(lines), rehearsed)
	require.Equal(t, []string{
		`key changed; Scopes: "admin" is not known here; ID: it is new`, "key imported",
		"key refused EXISTS ", "key refused BAD_REQUEST Scopes", "key refused BAD_REQUEST Kind",
		"key refused BAD_REQUEST Hash", "key changed; ID: it is new",
	}, outcomes(lines)[2:])
	require.NotContains(t, fmt.Sprint(lines[7].Err), "never_told")

	by, err := o.Authenticate(ctx, "", secret)
	require.NoError(t, err)
	require.Equal(t, "key "+lines[2].Here, by.String())
	require.NoError(t, does(o.Orgs.Get(ctx, by, "")))
	require.ErrorIs(t, does(o.Agents.Create(ctx, by, registry.NewAgent{})), registry.MissingScope)
	_, err = o.Authenticate(ctx, "orgkey_abc123", "org secret")
	require.NoError(t, err)
	for _, c := range [][2]string{
		{"", "gx_live_0123456789abcdeg"}, {"", hashed(secret)}, {"", hashed(secret)[7:]}, {"", "gone"}, {"", "x"}, {"", ""},
		{"", "org secret"}, {"orgkey_abc124", "org secret"}, {"gxk_1", secret}, {"orgkey_abc123", secret},
	} {
		require.ErrorIs(t, does(o.Authenticate(ctx, c[0], c[1])), registry.Unauthenticated, c)
	}
	// Another secret takes its place, after the overlap.
	_, next, err := o.Keys.Rotate(ctx, registry.Root(), lines[2].Here, time.Hour)
	require.NoError(t, err)
	require.NoError(t, does(o.Authenticate(ctx, "", next.Reveal())))
	require.NoError(t, does(o.Authenticate(ctx, "", secret)))
	o.clock.Advance(time.Hour)
	require.ErrorIs(t, does(o.Authenticate(ctx, "", secret)), registry.Unauthenticated)
	_, err = o.Keys.Revoke(ctx, registry.Root(), lines[3].Here, "")
	require.NoError(t, err)
	require.ErrorIs(t, does(o.Authenticate(ctx, "orgkey_abc123", "org secret")), registry.Unauthenticated)
}

// E1, E3: agents go on with the handles that they have. A key that writes needs what its owner has signed.
func TestImportAgentKeys(t *testing.T) {
	o := newOffice(t)
	key := func(id, handle string, scopes ...string) registry.ImportRecord {
		return registry.ImportRecord{ID: id, Org: "dev_1", Status: registry.Active, AgentKey: &registry.ImportAgentKey{
			NewAgentKey: registry.NewAgentKey{Owner: "usr_1", Name: "helper", Scopes: scopes}, Hash: hashed(handle),
		}}
	}
	signed := o.signedWill()
	will := registry.ImportRecord{
		ID: idOf(t, signed), Org: "dev_1", Status: registry.Active,
		Consent: &registry.ImportConsent{Owner: "usr_1", Credential: string(signed)},
	}
	forged := will
	forged.Consent = &registry.ImportConsent{Owner: "usr_2", Credential: string(signed)}
	list := o.there()[:2]
	list[1].NewOwner.DID = verifytest.Key("her own").DID()
	other := list[1]
	other.ID, other.NewOwner = "usr_2", &registry.NewOwner{Name: "Eve", DID: verifytest.Key("eve").DID()}
	revoked := key("5", "ak-5", "agent:read")
	revoked.Status = registry.Revoked
	list = append(list, other,
		key("1", "ak-1", "agent:read", "agent:gone"), key("2", "ak-2", "agent:write"), forged, will,
		key("2", "ak-2", "agent:write"), key("3", "ak-3"), key("4", "ak-1", "agent:read"), revoked,
	)
	rehearsed := outcomes(o.bring(false, list...))
	lines := o.bring(true, list...)
	require.Equal(t, outcomes(lines), rehearsed)
	require.Equal(t, []string{
		`agentkey changed; Scopes: "agent:gone" is not offered here; ID: it is new`,
		"agentkey refused CONSENT_REQUIRED Consent", "consent refused BAD_REQUEST Credential", "consent imported",
		"agentkey changed; ID: it is new", "agentkey refused BAD_REQUEST Scopes", "agentkey refused EXISTS ",
		"agentkey changed; ID: it is new",
	}, outcomes(lines)[3:])
	k, p, err := o.AgentKeys.Resolve(ctx, "ak-2")
	require.NoError(t, err)
	require.Equal(t, []string{"agent:write"}, k.Scopes)
	require.Equal(t, registry.Active, p.Status)
	for _, handle := range []string{"ak-3", "ak-5", "ak-", "", hashed("ak-2")} {
		require.ErrorIs(t, twice(o.AgentKeys.Resolve(ctx, handle)), registry.Unauthenticated, handle)
	}
	// E4: what was withdrawn there is withdrawn here, and what stands on it is revoked.
	will.Status, will.Reason = registry.Revoked, "withdrawn"
	require.Equal(t, []string{"consent tightened"}, outcomes(o.bring(true, will)))
	require.ErrorIs(t, twice(o.AgentKeys.Resolve(ctx, "ak-2")), registry.Unauthenticated)
	require.NoError(t, twice(o.AgentKeys.Resolve(ctx, "ak-1")))
}

// Passports come as records of what another has issued, or are issued anew, and never allow more than there.
func TestImportPassports(t *testing.T) {
	o := newOffice(t)
	list := o.there()[:4]
	list[2].NewAgent.DID = o.agent.DID()
	pass := func(id string, edit func(r *registry.ImportRecord)) registry.ImportRecord {
		r := registry.ImportRecord{ID: id, Org: "dev_1", Status: registry.Active, Passport: &registry.ImportPassport{
			NewPassport: registry.NewPassport{
				Agent: foreignAgent, Grant: foreignGrant, Categories: []string{"compute"},
				MaxTransaction: passport.MustMoney("20", "USD"),
			},
			Issuer: "did:web:grantex.dev", Credential: `{"id":"there"}`, ExpiresAt: o.clock.Now().Add(24 * time.Hour),
		}}
		edit(&r)
		return r
	}
	anew := func(r *registry.ImportRecord) { r.Passport.Anew = true }
	list = append(list,
		pass("1", func(*registry.ImportRecord) {}), pass("2", anew),
		pass("3", func(r *registry.ImportRecord) { anew(r); r.Status = registry.Revoked }),
		pass("4", func(r *registry.ImportRecord) { anew(r); r.Passport.Categories = []string{"data"} }),
		pass("5", func(r *registry.ImportRecord) { anew(r); r.Passport.MaxTransaction = passport.MustMoney("50", "USD") }),
		pass("6", func(r *registry.ImportRecord) { r.Passport.ExpiresAt = o.clock.Now().Add(721 * time.Hour) }),
		pass("7", func(r *registry.ImportRecord) { r.Passport.Agent = "ag_2" }),
		pass("8", func(r *registry.ImportRecord) { r.Passport.Issuer = "" }),
		pass("9", func(r *registry.ImportRecord) { anew(r); r.Passport.ExpiresAt = o.clock.Now().Add(-time.Hour) }),
		pass("10", func(r *registry.ImportRecord) { anew(r); r.Passport.Parent = "1" }),
		pass("11", func(r *registry.ImportRecord) { r.Passport.Parent = "3" }),
		pass("12", func(r *registry.ImportRecord) {
			r.Passport.Parent, r.Passport.ExpiresAt = "1", o.clock.Now().Add(48*time.Hour)
		}),
	)
	rehearsed := outcomes(o.bring(false, list...))
	lines := o.bring(true, list...)
	require.Equal(t, outcomes(lines), rehearsed)
	require.Equal(t, []string{
		"passport changed; ID: it is new",
		"passport changed; ID: it is new; Credential: it is issued anew by this office",
		"passport changed; ID: it is new", "passport refused SCOPE_INSUFFICIENT Grant",
		"passport refused AMOUNT_EXCEEDS_BUDGET MaxTransaction", "passport refused INVALID_EXPIRY ExpiresAt",
		"passport refused INVALID_AGENT Agent", "passport refused BAD_REQUEST Issuer",
		"passport refused INVALID_EXPIRY ExpiresIn", "passport refused BAD_REQUEST Parent",
		"passport changed; Status: the passport above is revoked; ID: it is new",
		"passport changed; ExpiresAt: it ends with the passport above; ID: it is new",
	}, outcomes(lines)[4:])
	get := func(i int) *registry.Passport {
		p, err := o.Passports.Get(ctx, registry.Root(), lines[i].Here)
		require.NoError(t, err)
		return p
	}
	o.publish()
	require.NoError(t, o.pays(get(5)), "it is this office's, and offline verifiers take it")
	require.Equal(t, registry.Active, get(4).Status)
	require.Equal(t, registry.Revoked, get(6).Status)
	require.Empty(t, get(6).Places)
	require.False(t, get(5).ExpiresAt.After(list[5].Passport.ExpiresAt))
	require.Equal(t, registry.Revoked, get(14).Status)
	require.Equal(t, get(4).ExpiresAt, get(15).ExpiresAt)
	require.Equal(t, 1, get(15).Depth)
	// Nobody's passport comes below that of another organisation.
	var line registry.ImportLine
	_, err := o.Import(ctx, registry.Root(), registry.Import{
		Source: "grantex", Org: o.org.ID, Apply: true, Here: map[string]string{"theirs": o.issue().ID},
		Records: each(pass("13", func(r *registry.ImportRecord) { r.Passport.Parent = "theirs" })),
		Report:  func(l registry.ImportLine) error { line = l; return nil },
	})
	require.NoError(t, err)
	require.Equal(t, []string{"passport refused INVALID_GRANT Parent"}, outcomes([]registry.ImportLine{line}))
	// What becomes of the agent becomes of both.
	_, err = o.Agents.Revoke(ctx, registry.Root(), foreignAgent, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	o.publish()
	require.Error(t, o.pays(get(5)))
	require.Equal(t, registry.Revoked, get(4).Status)
}

// idOf is the id of a credential.
func idOf(t *testing.T, raw []byte) string {
	s, err := credential.Parse(raw)
	require.NoError(t, err)
	return s.Unverified().ID
}
