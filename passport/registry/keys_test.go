package registry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

var allScopes = []registry.Scope{
	registry.ScopeRead, registry.ScopeListAgents, registry.ScopeIssue, registry.ScopeUpdate, registry.ScopeManageKeys,
}

// key makes a key and authenticates with it.
func (o *office) key(scopes ...registry.Scope) (*registry.APIKey, registry.Secret, registry.Actor) {
	k, secret, err := o.Keys.Create(ctx, o.org.Admin(), registry.NewKey{Name: "a key", Scopes: scopes})
	require.NoError(o, err)
	by, err := o.Authenticate(ctx, k.ID, secret.Reveal())
	require.NoError(o, err)
	return k, secret, by
}

// P1, P16: what a key may call, it may with the one scope that is needed; without it
// the matrix has the answer, which names the scope.
func TestP1EachCallNeedsItsScope(t *testing.T) {
	for name, row := range matrix {
		if row.answers["key"] != "" || row.scope == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.withTarget()
			scopes := []registry.Scope{row.scope}
			if name == "Keys.Create" || name == "Keys.Rotate" { // it gives what it has
				scopes = append(scopes, registry.ScopeRead)
			}
			_, _, with := o.key(scopes...)
			require.NoError(t, row.call(o, with, o.target))
		})
	}
}

// P1: a key that is revoked, another secret, a typo, another key: one answer.
func TestP1Authenticate(t *testing.T) {
	o := newOffice(t)
	k, secret, _ := o.key(registry.ScopeRead)
	other, _, _ := o.key(registry.ScopeRead)
	text := secret.Reveal()
	typo := text[:10] + string("01"[(strings.IndexByte("01", text[10])+1)%2]) + text[11:]
	var answers []string
	for name, c := range map[string]struct{ id, secret string }{
		"a typo":           {k.ID, typo},
		"upper case":       {k.ID, strings.ToUpper(text)},
		"nothing":          {k.ID, ""},
		"the id":           {k.ID, k.ID},
		"of another key":   {other.ID, text},
		"no such key":      {"apk_x", text},
		"more behind it":   {k.ID, text + "0"},
		"a record's id":    {o.who.ID, text},
		"with white space": {k.ID, text + "\n"},
	} {
		_, err := o.Authenticate(ctx, c.id, c.secret)
		require.ErrorIs(t, err, registry.Unauthenticated, name)
		answers = append(answers, err.Error())
	}
	_, err := o.Keys.Revoke(ctx, o.org.Admin(), k.ID, "lost")
	require.NoError(t, err)
	_, err = o.Authenticate(ctx, k.ID, text)
	require.ErrorIs(t, err, registry.Unauthenticated)
	for _, a := range answers {
		require.Equal(t, err.Error(), a)
	}
}

// P2: the id stays when the secret rotates, and the secret before is good for a while.
func TestP2RotationOverlaps(t *testing.T) {
	o := newOffice(t)
	k, first, _ := o.key(registry.ScopeRead)
	again, second, err := o.Keys.Rotate(ctx, o.org.Admin(), k.ID, time.Hour)
	require.NoError(t, err)
	require.Equal(t, k.ID, again.ID)
	good := func(s registry.Secret) bool { _, err := o.Authenticate(ctx, k.ID, s.Reveal()); return err == nil }
	require.True(t, good(first) && good(second))
	o.clock.Advance(time.Hour)
	require.True(t, !good(first) && good(second))
	_, third, err := o.Keys.Rotate(ctx, o.org.Admin(), k.ID, 0)
	require.NoError(t, err)
	require.True(t, !good(first) && !good(second) && good(third))
}

// P1: no key gives more than it has, and none reaches another organisation's keys.
func TestP1KeysDoNotGrow(t *testing.T) {
	o := newOffice(t)
	k, _, by := o.key(registry.ScopeManageKeys, registry.ScopeRead)
	_, _, err := o.Keys.Create(ctx, by, registry.NewKey{Name: "more", Scopes: []registry.Scope{registry.ScopeIssue}})
	require.ErrorIs(t, err, registry.MissingScope)
	_, _, err = o.Keys.Create(ctx, by, registry.NewKey{Name: "less", Scopes: []registry.Scope{registry.ScopeRead}})
	require.NoError(t, err)
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	_, err = o.Keys.Revoke(ctx, stranger.Admin(), k.ID, "")
	require.ErrorIs(t, err, registry.NotFound)
	_, _, err = o.Keys.Rotate(ctx, stranger.Admin(), k.ID, 0)
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.Keys.List(ctx, stranger.Admin(), o.org.ID)
	require.ErrorIs(t, err, registry.NotFound)
	for _, scopes := range [][]registry.Scope{nil, {"all"}, {registry.ScopeRead, registry.ScopeRead}} {
		_, _, err = o.Keys.Create(ctx, o.org.Admin(), registry.NewKey{Name: "x", Scopes: scopes})
		require.ErrorIs(t, err, registry.BadRequest)
	}
}

// P1: a secret is shown once, by Reveal.
func TestP1SecretsDoNotShow(t *testing.T) {
	o := newOffice(t)
	_, secret, by := o.key(registry.ScopeManageKeys)
	var shown bytes.Buffer
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "secret", secret, "actor", by)
	for _, v := range []any{secret, &secret, by, struct{ S registry.Secret }{secret}, struct{ s registry.Secret }{secret}} {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		fmt.Fprintf(&shown, "%s %v %+v %#v %s", raw, v, v, v, v)
	}
	keys, err := o.Keys.List(ctx, o.org.Admin(), "")
	require.NoError(t, err)
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	events, err := o.Events.Read(ctx, registry.Root(), 0, 0)
	require.NoError(t, err)
	raw, err := json.Marshal([]any{keys, lines, events})
	require.NoError(t, err)
	shown.Write(raw)
	_, err = o.Authenticate(ctx, keys[0].ID, secret.Reveal()+"x")
	fmt.Fprint(&shown, err)
	text := secret.Reveal()
	_, random, _ := strings.Cut(text, "sck_")
	require.Len(t, random, 58)
	require.NotContains(t, shown.String(), random[:16])
	require.NotContains(t, shown.String(), random[20:36])
}
