package registry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// How old the lists are and how far a subscriber is behind can be seen.
func TestStats(t *testing.T) {
	o := newOffice(t)
	root := registry.Root()
	stats := func() registry.Stats {
		s, err := o.Stats(ctx, root, "mailer")
		require.NoError(t, err)
		return *s
	}
	events := int64(len(o.happened()))
	lag := func(n int64, age time.Duration) map[string]registry.Lag {
		return map[string]registry.Lag{"mailer": {Events: n, Age: age}}
	}
	first := stats()
	require.Zero(t, first.Lists)
	require.Equal(t, lag(events, 0), first.Lags)
	require.Positive(t, first.Unpublished, "the switches of the organisation and the principal have places")

	p := o.issue()
	o.publish()
	lists := stats().Lists
	require.Equal(t, 2, lists)
	o.clock.Advance(time.Hour)
	require.NoError(t, o.Events.Ack(ctx, root, "mailer", events))
	require.Equal(t, registry.Stats{Lists: 2, ListAge: time.Hour, Events: events + 1, Lags: lag(1, time.Hour)}, stats())
	require.NoError(t, o.Events.Ack(ctx, root, "mailer", events+1))
	_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: time.Hour})
	require.NoError(t, err)
	require.Equal(t, registry.Stats{
		Lists: 2, ListAge: time.Hour, Unpublished: 1, Events: events + 2, Lags: lag(1, 0),
	}, stats())
	o.publish()
	require.Zero(t, stats().Unpublished)
	o.clock.Advance(time.Hour)
	require.Equal(t, 1, stats().Unpublished, "the suspension has ended")
	o.publish()
	o.clock.Advance(13 * time.Hour)
	require.Equal(t, 2, stats().Unpublished, "half of their lives is over")
}
