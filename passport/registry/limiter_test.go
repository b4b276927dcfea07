package registry_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// A16: off unless set; with the named rates each caller of a class has its own.
func TestA16Admit(t *testing.T) {
	o := newOffice(t)
	for range 1000 {
		q, err := o.Admit(ctx, registry.ClassLogin, "x")
		require.NoError(t, err)
		require.Empty(t, q.Fields())
	}
	limiters := map[registry.Class]*verifyhttp.MemoryLimiter{}
	for class, rate := range registry.Rates() {
		l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.Rate(rate), Now: o.clock.Now})
		require.NoError(t, err)
		limiters[class] = l
	}
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var broken error
	limited, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: o.issuer, BaseURL: here, Now: o.clock.Now,
		Limiter: func(ctx context.Context, class registry.Class, caller string) (registry.Quota, error) {
			q, err := limiters[class].Take(ctx, caller)
			return registry.Quota(q), errors.Join(err, broken)
		},
	})
	require.NoError(t, err)
	for class, n := range map[registry.Class]int{
		registry.ClassOrigin: 60, registry.ClassKey: 300, registry.ClassLogin: 10, registry.ClassWrite: 60, registry.ClassRead: 100,
	} {
		for i := range n {
			q, err := limited.Admit(ctx, class, "a")
			require.NoError(t, err, class)
			require.Equal(t, n-i-1, q.Remaining)
		}
		q, err := limited.Admit(ctx, class, "a")
		require.ErrorIs(t, err, registry.RateLimited)
		require.Equal(t, 429, registry.P12View(err, "").Status)
		require.NotEmpty(t, q.Fields()["Retry-After"])
		_, err = limited.Admit(ctx, class, "b")
		require.NoError(t, err)
	}
	o.clock.Advance(5 * time.Minute)
	q, err := limited.Admit(ctx, registry.ClassKey, "a")
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Window": "60s", "X-RateLimit-Reset": "60",
	}, q.Fields())
	broken = errors.New("away")
	_, err = limited.Admit(ctx, registry.ClassKey, "a")
	require.ErrorIs(t, err, registry.Internal, "nobody is served by a limiter that is away")
}

// A limiter that fails in another way serves nobody, either; and what it says reaches the
// caller as header fields can have it.
func TestA16AdmitByABadLimiter(t *testing.T) {
	o := newOffice(t)
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var say func() registry.Quota
	limited, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: o.issuer, BaseURL: here, Now: o.clock.Now,
		Limiter: func(context.Context, registry.Class, string) (registry.Quota, error) { return say(), nil },
	})
	require.NoError(t, err)

	limiters := map[registry.Class]verifyhttp.Limiter{} // as in the comment of Limiter, of a class that nobody thought of
	for _, say = range []func() registry.Quota{
		func() registry.Quota { panic("oh") },
		func() registry.Quota { q, _ := limiters["other"].Take(ctx, "a"); return registry.Quota(q) },
	} {
		q, err := limited.Admit(ctx, registry.ClassKey, "a")
		require.ErrorIs(t, err, registry.Internal)
		require.ErrorContains(t, err, "the limiter panicked: ")
		var refused *registry.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 503, refused.HTTPStatus())
		require.False(t, q.OK)
	}
	for name, c := range map[string]struct {
		quota registry.Quota
		want  map[string]string
	}{
		"nothing": {want: map[string]string{
			"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Window": "0s", "X-RateLimit-Reset": "0",
			"Retry-After": "1",
		}},
		"less than nothing": {registry.Quota{Limit: -1, Remaining: -2, Window: -time.Hour, Reset: -1}, map[string]string{
			"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Window": "0s", "X-RateLimit-Reset": "0",
			"Retry-After": "1",
		}},
		"for ever": {registry.Quota{Limit: 1, Window: math.MaxInt64, Reset: math.MaxInt64}, map[string]string{
			"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0", "X-RateLimit-Window": "9223372037s",
			"X-RateLimit-Reset": "9223372037", "Retry-After": "9223372037",
		}},
	} {
		say = func() registry.Quota { return c.quota }
		q, err := limited.Admit(ctx, registry.ClassKey, "a")
		require.ErrorIs(t, err, registry.RateLimited, name)
		require.Equal(t, c.want, q.Fields(), name)
	}
}
