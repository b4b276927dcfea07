package registry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// P11: a subscriber gets what has happened, and then each event as it is committed,
// until it has enough or its context is done.
func TestP11Subscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, stop := running(t, func(*office, *registry.RunOptions) {})
		defer stop()
		c, cancel := context.WithCancel(ctx)
		defer cancel()
		var got []string
		for e, err := range o.Events.Subscribe(c, registry.Root(), 1) {
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
				break
			}
			require.EqualValues(t, len(got)+2, e.Number)
			got = append(got, e.Type)
			switch e.Type {
			case "grant.created": // nothing more is there: now it waits
				_, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "later"})
				require.NoError(t, err)
			case "org.created":
				time.AfterFunc(time.Hour, cancel)
			}
		}
		require.Equal(t, "agent.created", got[0])
		require.Equal(t, "org.created", got[len(got)-1])
	})
}

// P11: what was acknowledged is remembered for each subscriber, and only grows.
func TestP11Ack(t *testing.T) {
	o := newOffice(t)
	acked := func(name string) int64 {
		n, err := o.Events.Acked(ctx, registry.Root(), name)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, acked("mail"))
	require.NoError(t, o.Events.Ack(ctx, registry.Root(), "mail", 2))
	require.NoError(t, o.Events.Ack(ctx, registry.Root(), "mail", 1))
	require.EqualValues(t, 2, acked("mail"))
	require.Zero(t, acked("hooks"))
	require.ErrorIs(t, o.Events.Ack(ctx, registry.Root(), "mail", 1000), registry.BadRequest, "it is of the future")
	require.ErrorIs(t, o.Events.Ack(ctx, registry.Root(), "", 1), registry.BadRequest)
}
