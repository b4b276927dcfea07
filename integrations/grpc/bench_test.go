package verifygrpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/safeconduct/safeconduct/credential"
	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a guard adds to Verify. The transport is not counted.
func BenchmarkOverhead(b *testing.B) {
	s := newShop(b)
	s.config.Verifier = adaptertest.Quiet(s.World)
	guard, err := verifygrpc.New(s.config)
	require.NoError(b, err)
	info := &grpc.UnaryServerInfo{FullMethod: service + "UnaryCall"}
	done := func(context.Context, any) (any, error) { return nil, nil }
	v, err := credential.ParseValue(`{"message":{"responseSize":1},"method":"` + info.FullMethod + `"}`)
	require.NoError(b, err)
	method := declared()[info.FullMethod]
	act, err := method.Act(v.Get("message"))
	require.NoError(b, err)
	digest := passport.DigestJSON(v)
	adaptertest.Overhead(b, adaptertest.Show(s.World, act, digest), func(shown []byte) {
		ctx := metadata.NewIncomingContext(b.Context(), metadata.Pairs(verifygrpc.KeyPassport, string(shown)))
		if _, err := guard.Unary(ctx, cents(1), info, done); err != nil {
			b.Fatal(err)
		}
	}, adaptertest.Verify(b, adaptertest.Quiet(s.World), verify.Request{
		Audience: verifytest.Audience, Act: act, BodyDigest: digest,
	}))
}
