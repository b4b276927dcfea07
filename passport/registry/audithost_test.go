package registry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
)

// P11: what a host does itself is in the log with what it changes, or neither is.
func TestP11HostLines(t *testing.T) {
	o := registrytest.NewOffice(t)
	by := o.Org.Admin()
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Another Ltd"})
	require.NoError(t, err)
	lines := func() (n int) {
		list, err := o.Audit.List(ctx, by, "", 0, 1000)
		require.NoError(t, err)
		return len(list)
	}
	kept := func() (version int64) {
		require.NoError(t, o.Store().View(ctx, func(tx registry.Tx) error {
			d, err := tx.Get("host.thing", "x")
			version = d.Version
			return err
		}))
		return version
	}
	put := func(version int64) func(tx registry.Tx) error {
		return func(tx registry.Tx) error {
			return tx.Put(registry.Doc{Kind: "host.thing", ID: "x", Version: version, Body: []byte(`{}`)})
		}
	}
	good := registry.HostLine{Action: "host.thing.made", Subject: "x", Reason: "why", Data: map[string]any{"n": 1}}
	before := lines()
	require.NoError(t, o.Audit.Write(ctx, by, good, put(0)))
	list, err := o.Audit.List(ctx, by, "", int64(before), 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	line := list[0]
	require.Equal(t, []string{by.String(), "host.thing.made", "x", "why", `{"n":1}`},
		[]string{line.By, line.Action, line.Subject, line.Reason, string(line.Data)})
	require.NoError(t, o.Audit.Write(ctx, by, good, nil), "a line alone")

	before = lines()
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		by     registry.Actor
		edit   func(n *registry.HostLine)
		change func(tx registry.Tx) error
		want   error
	}{
		"changed meanwhile": {by, nil, put(0), registry.Conflict},
		"the change fails": {by, nil, func(tx registry.Tx) error {
			return errors.Join(put(1)(tx), failed)
		}, failed},
		"the office's":  {by, func(n *registry.HostLine) { n.Action = "grant.revoked" }, put(1), registry.BadRequest},
		"no name":       {by, func(n *registry.HostLine) { n.Action = "host." }, put(1), registry.BadRequest},
		"no subject":    {by, func(n *registry.HostLine) { n.Subject = "" }, put(1), registry.BadRequest},
		"nobody":        {registry.Actor{}, nil, put(1), registry.Unauthenticated},
		"another's log": {other.Admin(), func(n *registry.HostLine) { n.Org = o.Org.ID }, put(1), registry.NotFound},
	} {
		n := good
		if c.edit != nil {
			c.edit(&n)
		}
		require.ErrorIs(t, o.Audit.Write(ctx, c.by, n, c.change), c.want, name)
		require.EqualValues(t, 1, kept(), name)
		require.Equal(t, before, lines(), name)
	}
	require.NoError(t, o.Audit.Verify(ctx, by, ""))
}

// A host writes down what it issues itself, in one transaction with the line that says so.
func ExampleAudit_Write() {
	r, admin, _, grant := exampleOffice()
	err := r.Audit.Write(ctx, admin, registry.HostLine{
		Action: "host.token.issued", Subject: "tok_1", Data: map[string]any{"grant": grant.Scopes},
	}, func(tx registry.Tx) error {
		return tx.Put(registry.Doc{Kind: "host.token", ID: "tok_1", Body: []byte(`{}`)})
	})
	lines, _ := r.Audit.List(ctx, admin, "", 0, 0)
	last := lines[len(lines)-1]
	fmt.Println(last.Action, last.Subject, err)
	// Output: host.token.issued tok_1 <nil>
}
