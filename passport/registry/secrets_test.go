package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

// overheard is a store that notes down all that is written.
type overheard struct {
	registry.Store
	all *bytes.Buffer
}

func (o *overheard) Update(c context.Context, f func(registry.Tx) error) error {
	return o.Store.Update(c, func(tx registry.Tx) error { return f(overheardTx{tx, o.all}) })
}

type overheardTx struct {
	registry.Tx
	all *bytes.Buffer
}

func (t overheardTx) Put(d registry.Doc) error {
	fmt.Fprintf(t.all, "%s %s %v %s\n", d.Kind, d.ID, d.Keys, d.Body)
	return t.Tx.Put(d)
}

func (t overheardTx) Append(stream string, body []byte) (int64, error) {
	fmt.Fprintf(t.all, "%s %s\n", stream, body)
	return t.Tx.Append(stream, body)
}

// P1, P2, P5: no secret is in the store, in an event, in the audit log, in a log, in
// JSON or in an error: it is shown once, by Reveal.
func TestP1SecretsAreNowhere(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var seen bytes.Buffer
	o := newOffice(t)
	o.Registry, err = registry.Open(registry.Config{
		Store: &overheard{db.Registry(), &seen}, BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
		AgentScopes: agentScopes,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	o.withTarget()

	log := slog.New(slog.NewJSONHandler(&seen, nil))
	show := func(vs ...any) {
		for _, v := range vs {
			raw, err := json.Marshal(v)
			require.NoError(t, err)
			fmt.Fprintf(&seen, "%s %v %+v %#v\n", raw, v, v, v)
			log.Info("x", "v", v)
		}
	}
	var secrets []string
	keep := func(s registry.Secret, err error) {
		require.NoError(t, err)
		show(s, &s, struct{ S registry.Secret }{s}, []registry.Secret{s})
		secrets = append(secrets, s.Reveal())
	}
	k, s, err := o.Keys.Create(ctx, o.org.Admin().Once("1"), registry.NewKey{Name: "x", Scopes: allScopes})
	keep(s, err)
	by, err := o.Authenticate(ctx, k.ID, s.Reveal())
	require.NoError(t, err)
	show(k, by, by.Once("2"))
	_, s, err = o.Keys.Rotate(ctx, by, k.ID, 0)
	keep(s, err)
	r, s, err := o.Records.Ticket(ctx, registry.Root(), o.target.pending)
	keep(s, err)
	show(r)
	ada, err := o.Owners.Get(ctx, registry.Root(), o.target.owner)
	require.NoError(t, err)
	ak, s, err := o.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{"agent:read"}})
	keep(s, err)
	show(ak)
	for _, wrong := range []string{s.Reveal() + "x", s.Reveal()} {
		k, p, err := o.AgentKeys.Resolve(ctx, wrong)
		show(k, p, err)
	}

	// Answers that refuse a secret do not repeat it.
	for _, secret := range slices.Clone(secrets) {
		for _, wrong := range []string{secret + "x", strings.ToUpper(secret), secret} {
			_, err := o.Authenticate(ctx, o.target.key, wrong)
			show(err.Error(), err)
		}
	}
	_, err = o.Records.Claim(ctx, registry.Claim{Ticket: secrets[2] + "x"})
	show(err.Error(), err)
	_, _, err = o.Keys.Create(ctx, o.org.Admin().Once("1"), registry.NewKey{Name: "x", Scopes: allScopes})
	show(err.Error(), err)

	// Every other call, and what is told of all of them.
	for _, name := range slices.Sorted(maps.Keys(matrix)) {
		if strings.HasSuffix(name, ".Resume") { // they begin with a suspension, which what is revoked does not take
			continue
		}
		if err := matrix[name].call(o, by, o.target); err != nil {
			show(err.Error(), err)
		}
	}
	events, err := o.Events.Read(ctx, registry.Root(), 0, 0)
	require.NoError(t, err)
	lines, err := o.Audit.List(ctx, registry.Root(), o.org.ID, 0, 0)
	require.NoError(t, err)
	keys, err := o.Keys.List(ctx, registry.Root(), o.org.ID)
	require.NoError(t, err)
	show(events, lines, keys)

	require.Len(t, secrets, 4)
	for _, secret := range secrets {
		_, random, ok := strings.Cut(secret, "sck_")
		if !ok { // an agent key: what is behind its public id
			random, ok = secret[len("ak-")+26:], true
		}
		require.True(t, ok)
		require.Len(t, random, 58)
		for i := 0; i+16 <= len(random); i += 8 {
			require.NotContains(t, seen.String(), random[i:i+16])
		}
	}
}
