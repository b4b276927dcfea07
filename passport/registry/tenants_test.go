package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// P16: what only root may.
func TestP16Root(t *testing.T) {
	o := newOffice(t)
	for _, by := range []registry.Actor{o.org.Admin(), {}} {
		_, err := o.Orgs.Create(ctx, by, registry.NewOrg{Name: "mine"})
		require.Error(t, err)
		_, err = o.Events.Read(ctx, by, 0, 0)
		require.ErrorIs(t, err, registry.Forbidden)
		_, err = o.Switches.PauseOffice(ctx, by, "")
		require.Error(t, err)
	}
}

// G5: a walk shows each passport once, the newest first, while others are issued;
// status=expired really works.
func TestG5List(t *testing.T) {
	o := newOffice(t)
	var want []string
	for i := range 25 {
		n := o.new()
		if i%5 == 0 {
			n.ExpiresIn = "1m"
		}
		p, err := o.Passports.Issue(ctx, o.org.Admin(), n)
		require.NoError(t, err)
		want = append(want, p.ID)
		o.clock.Advance(time.Second)
	}
	slices.Reverse(want)
	walk := func(q registry.PassportQuery) (ids []string) {
		for {
			page, err := o.Passports.List(ctx, o.org.Admin(), q)
			require.NoError(t, err)
			for _, p := range page.Items {
				ids = append(ids, p.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
			o.issue()
		}
	}
	require.Equal(t, want, walk(registry.PassportQuery{Limit: 7}))
	for _, id := range want[:4] {
		_, err := o.Passports.Revoke(ctx, o.org.Admin(), id, "")
		require.NoError(t, err)
	}
	o.clock.Advance(time.Minute)
	require.Len(t, walk(registry.PassportQuery{Status: registry.Revoked, Agent: o.who.ID, Limit: 3}), 4)
	require.Len(t, walk(registry.PassportQuery{Status: registry.Expired, Grant: o.grant.ID, Limit: 2}), 5)
	for _, q := range []registry.PassportQuery{{Status: "gone"}, {Limit: -1}, {Cursor: "x"}, {Cursor: "AAAAAAAAAAAAAAAA"}} {
		_, err := o.Passports.List(ctx, o.org.Admin(), q)
		require.ErrorIs(t, err, registry.BadRequest, fmt.Sprint(q))
	}
	page, err := o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{Limit: 2})
	require.NoError(t, err)
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)
	_, err = o.Passports.List(ctx, other.Admin(), registry.PassportQuery{Cursor: page.Next})
	require.ErrorIs(t, err, registry.BadRequest, "a cursor of another organisation")
}

// forging is a store with an audit log that somebody has written to.
type forging struct {
	registry.Store
	edit func(e *registry.Entry)
}

func (f *forging) View(c context.Context, g func(registry.Tx) error) error {
	return f.Store.View(c, func(tx registry.Tx) error { return g(forgedTx{tx, f.edit}) })
}

type forgedTx struct {
	registry.Tx
	edit func(e *registry.Entry)
}

func (t forgedTx) Read(stream string, after int64, limit int) ([]registry.Entry, error) {
	list, err := t.Tx.Read(stream, after, limit)
	for i := range list {
		t.edit(&list[i])
	}
	return list, err
}

// P11: a line that is changed, moved or left out is named.
func TestP11AuditNamesTheBrokenLine(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &forging{db.Registry(), func(*registry.Entry) {}}
	r, err := registry.Open(registry.Config{
		Store: store, Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
	})
	require.NoError(t, err)
	org, err := r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "x"})
	require.NoError(t, err)
	for i := range 5 {
		_, err := r.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: "a", DID: verifytest.Key(fmt.Sprint(i)).DID()})
		require.NoError(t, err)
	}
	require.NoError(t, r.Audit.Verify(ctx, org.Admin(), ""))
	for name, edit := range map[string]func(e *registry.Entry){
		"another actor": func(e *registry.Entry) {
			if e.Number == 3 {
				e.Body = bytes.Replace(e.Body, []byte("admin of"), []byte("enemy of"), 1)
			}
		},
		"another line": func(e *registry.Entry) {
			if e.Number == 3 {
				e.Body = bytes.Replace(e.Body, []byte(`"Number":3`), []byte(`"Number":4`), 1)
			}
		},
	} {
		store.edit = edit
		err := r.Audit.Verify(ctx, org.Admin(), "")
		require.ErrorIs(t, err, registry.ErrBroken, name)
		require.ErrorContains(t, err, "line 3", name)
	}
}

// S: many callers, one outcome.
func TestManyRevokeOnePassport(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		all.Go(func() { _, errs[i] = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, fmt.Sprint(i)) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	revoked := 0
	for _, l := range lines {
		if l.Action == "passport.revoked" {
			revoked++
		}
	}
	require.Equal(t, 1, revoked)
}

// P11: a line of the audit log says what was there before and what is there after, and until when.
func TestP11LinesSayBeforeAndAfter(t *testing.T) {
	o := newOffice(t)
	admin, p := o.org.Admin(), o.issue()
	said := func(err error, action string) string {
		t.Helper()
		require.NoError(t, err)
		lines, err := o.Audit.List(ctx, admin, "", 0, 1000)
		require.NoError(t, err)
		last := lines[len(lines)-1]
		require.Equal(t, action, last.Action)
		return string(last.Data)
	}
	until := `"2026-11-21T10:00:00Z"`
	status := func(was, is string) string {
		return `{"field":"status","old_value":"` + was + `","new_value":"` + is + `"}`
	}
	end := func(was, is string) string {
		return `{"field":"suspended_until","old_value":` + was + `,"new_value":` + is + `}`
	}
	both := func(a, b string) string { return `{"changes":[` + a + `,` + b + `]}` }
	suspended := both(status("active", "suspended"), end("null", until))
	_, err := o.Passports.Suspend(ctx, admin, p.ID, registry.Suspension{})
	require.JSONEq(t, suspended, said(err, "passport.suspended"))
	_, err = o.Passports.Suspend(ctx, admin, p.ID, registry.Suspension{For: -1})
	require.JSONEq(t, `{"changes":[`+end(until, "null")+`]}`, said(err, "passport.suspended"))
	_, err = o.Passports.Resume(ctx, admin, p.ID, "")
	require.JSONEq(t, `{"changes":[`+status("suspended", "active")+`]}`, said(err, "passport.resumed"))
	_, err = o.Passports.Revoke(ctx, admin, p.ID, "")
	require.JSONEq(t, `{"changes":[`+status("active", "revoked")+`]}`, said(err, "passport.revoked"))
	_, err = o.Agents.Suspend(ctx, admin, o.who.ID, registry.Suspension{})
	require.JSONEq(t, suspended, said(err, "agent.suspended"))
	_, err = o.Agents.Reinstate(ctx, admin, o.who.ID, "")
	require.JSONEq(t, both(status("suspended", "active"), end(until, "null")), said(err, "agent.resumed"))
	_, err = o.Agents.Update(ctx, admin, o.who.ID, registry.AgentPatch{
		Name: ptr("seller"), Scopes: &[]string{"data.*"},
	})
	require.JSONEq(t, `{"fields":["name","scopes"],"changes":[
		{"field":"name","old_value":"buyer","new_value":"seller"},
		{"field":"scopes","old_value":null,"new_value":["data.*"]}]}`, said(err, "agent.updated"))
	_, err = o.Budgets.Adjust(ctx, admin, registry.Allocation{
		Grant: o.grant.ID, Amount: passport.MustMoney("90", "USD"),
	})
	require.JSONEq(t, `{"amount":"90 USD","before":"100.00 USD"}`, said(err, "budget.adjusted"))
	_, err = o.Orgs.SetIssuesForOthers(ctx, registry.Root(), o.org.ID, true)
	require.JSONEq(t, `{"may":true,"before":false}`, said(err, "org.issues_for_others"))
}
