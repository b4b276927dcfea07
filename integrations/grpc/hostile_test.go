package verifygrpc_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// A field that the server does not know is not in what was signed, wherever it is; and a
// method may hand it on to somebody who does.
func TestUnknownFields(t *testing.T) {
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1)
	for name, smuggle := range map[string]func(*pb.SimpleRequest){
		"on top": func(m *pb.SimpleRequest) { m.ProtoReflect().SetUnknown(unknown) },
		"deeper": func(m *pb.SimpleRequest) { m.Payload.ProtoReflect().SetUnknown(unknown) },
	} {
		t.Run(name, func(t *testing.T) {
			for at, whole := range map[verify.Code]bool{verify.EnvelopeMalformed: true, "": false} {
				s := newShop(t)
				client := s.dial(onWire(func(ctx context.Context, _ *string, m proto.Message, _ *[]grpc.CallOption) context.Context {
					if whole {
						smuggle(m.(*pb.SimpleRequest))
					}
					return ctx
				}))
				_, err := client.UnaryCall(t.Context(), &pb.SimpleRequest{ResponseSize: 1250, Payload: &pb.Payload{}})
				if at == "" {
					require.NoError(t, err)
				} else {
					s.refused(err, at, codes.InvalidArgument)
				}
			}
		})
	}
	// In lists, maps and an Any, of a message that has them.
	payload := &pb.Payload{}
	payload.ProtoReflect().SetUnknown(unknown)
	packed, err := anypb.New(payload)
	require.NoError(t, err)
	inList := &structpb.ListValue{Values: []*structpb.Value{structpb.NewNullValue()}}
	inList.Values[0].ProtoReflect().SetUnknown(unknown)
	inMap := &structpb.Struct{Fields: map[string]*structpb.Value{"a": structpb.NewBoolValue(true)}}
	inMap.Fields["a"].ProtoReflect().SetUnknown(unknown)
	good, err := anypb.New(&pb.Payload{Body: []byte("a")})
	require.NoError(t, err)
	s := newShop(t, func(s *shop) {
		s.config.Methods = map[string]verifygrpc.Method{"/a.b/C": {Call: meaning.Call{Action: "data.read"}}}
	})
	guard, err := verifygrpc.New(s.config)
	require.NoError(t, err)
	for _, c := range []struct {
		message proto.Message
		want    verify.Code
	}{
		{packed, verify.EnvelopeMalformed}, {inList, verify.EnvelopeMalformed}, {inMap, verify.EnvelopeMalformed},
		{&anypb.Any{TypeUrl: "type.googleapis.com/nobody.Knows"}, verify.EnvelopeMalformed},
		{good, verify.EnvelopeMissing}, {&anypb.Any{}, verify.EnvelopeMissing},
	} {
		_, err := guard.Unary(t.Context(), c.message, &grpc.UnaryServerInfo{FullMethod: "/a.b/C"}, nil)
		p, ok := verifygrpc.ReadRefusal(err)
		require.True(t, ok)
		require.Equal(t, c.want, p.Code, "%v", c.message)
	}
}

// An Any in an Any is read once more at each level: 4,000 of them, in 180 kB that nobody had to
// sign, kept a server busy for two seconds, and twice as many for four times as long.
func TestNestedMessages(t *testing.T) {
	s := newShop(t, func(s *shop) {
		s.config.Methods = map[string]verifygrpc.Method{"/a.b/C": {Call: meaning.Call{Action: "data.read"}}}
	})
	guard, err := verifygrpc.New(s.config)
	require.NoError(t, err)
	code := func(m proto.Message) verify.Code {
		_, err := guard.Unary(t.Context(), m, &grpc.UnaryServerInfo{FullMethod: "/a.b/C"}, nil)
		p, ok := verifygrpc.ReadRefusal(err)
		require.True(t, ok)
		return p.Code
	}
	for levels, want := range map[int]verify.Code{
		1: verify.EnvelopeMissing, 30: verify.EnvelopeMissing, 130: verify.EnvelopeTooLarge, 137: verify.EnvelopeTooLarge,
	} {
		inAny, list := &anypb.Any{}, structpb.NewBoolValue(true)
		for range levels {
			inAny, err = anypb.New(inAny)
			require.NoError(t, err)
			list = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{list}})
		}
		require.Equal(t, want, code(inAny), levels)
		require.Equal(t, want, code(list), levels)
	}
	// Built as bytes, since building it by messages takes as long as reading it.
	name := []byte("type.googleapis.com/google.protobuf.Any")
	var inner []byte
	for len(inner) < 200_000 {
		m := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), name)
		inner = protowire.AppendBytes(protowire.AppendTag(m, 2, protowire.BytesType), inner)
	}
	deep := &anypb.Any{}
	require.NoError(t, proto.Unmarshal(inner, deep))
	read := testing.AllocsPerRun(1, func() { require.Equal(t, verify.EnvelopeTooLarge, code(deep)) })
	require.Less(t, read, 5000.0, "it was read level by level")
}

// Metadata is one presentation, under one name, whatever its case; text that a proxy has
// joined is two.
func TestMetadataIsOnePresentation(t *testing.T) {
	for name, add := range map[string][]string{
		"in another case": {"Agent-PASSPORT-bin", "{}"},
		"empty":           {verifygrpc.KeyPassport, ""},
	} {
		s := newShop(t)
		client := s.dial(onWire(func(ctx context.Context, _ *string, _ proto.Message, _ *[]grpc.CallOption) context.Context {
			return metadata.AppendToOutgoingContext(ctx, add...)
		}))
		_, err := client.UnaryCall(t.Context(), cents(1250))
		p, ok := verifygrpc.ReadRefusal(err)
		require.True(t, ok, name)
		require.Equal(t, verify.EnvelopeMalformed, p.Code, name)
		require.Zero(t, s.ran.Load())
	}
}

// A method that panics has not said what became of the act: it counts as spent. A caller
// who has gone does not undo what was done.
func TestWhatIsLeftBehind(t *testing.T) {
	for name, handler := range map[string]grpc.UnaryHandler{
		"a panic":     func(context.Context, any) (any, error) { panic("oops") },
		"caller gone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			var decision *verify.Decision
			s := newShop(t, func(s *shop) {
				s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) { decision = d }
				s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
					p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
				}))}
			})
			stop := errors.New("taken")
			var md metadata.MD
			_, err := s.dial(grpc.WithChainUnaryInterceptor(func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn,
				_ grpc.UnaryInvoker, opts ...grpc.CallOption) error {
				for _, o := range opts {
					if c, ok := o.(grpc.PerRPCCredsCallOption); ok {
						shown, err := c.Creds.GetRequestMetadata(ctx)
						require.NoError(t, err)
						md = metadata.New(shown)
					}
				}
				return stop
			})).UnaryCall(t.Context(), cents(1250))
			require.ErrorIs(t, err, stop)
			guard, err := verifygrpc.New(s.config)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(metadata.NewIncomingContext(t.Context(), md))
			info := &grpc.UnaryServerInfo{FullMethod: service + "UnaryCall"}
			open := 1
			if handler == nil {
				open = 0
				handler = func(context.Context, any) (any, error) { cancel(); return nil, nil }
				_, err = guard.Unary(ctx, cents(1250), info, handler)
				require.NoError(t, err)
			} else {
				require.Panics(t, func() { _, _ = guard.Unary(ctx, cents(1250), info, handler) })
			}
			cancel()
			budgets, err := s.verifier.Budgets(t.Context(), decision.Chain)
			require.NoError(t, err)
			require.Equal(t, open, budgets[0].Open)
			require.Equal(t, "12.50 USD", budgets[0].Text(budgets[0].Total()))
		})
	}
}

// A client that cancels a stream in its middle ends the method, and undoes nothing: what was
// reserved counts as spent until somebody has found out.
func TestCancelInsideAStream(t *testing.T) {
	const pour = "/example.v1.Tap/Pour"
	var decision *verify.Decision
	ended := make(chan error, 1)
	s := newShop(t, func(s *shop) {
		means := verifygrpc.Method{Call: meaning.Call{Action: "payments.charge", Amount: "/quotaValue", Currency: "USD",
			MinorUnits: true, Category: "compute", Rail: "tempo"}}
		s.config.Methods[pour], s.client.Methods[pour] = means, means
		s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) { decision = d }
		s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
		}))}
		s.more = &grpc.ServiceDesc{ServiceName: "example.v1.Tap", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
			StreamName: "Pour", ServerStreams: true,
			Handler: func(_ any, out grpc.ServerStream) error {
				err := out.RecvMsg(&errdetails.QuotaFailure_Violation{})
				for err == nil {
					err = out.SendMsg(&emptypb.Empty{})
				}
				ended <- err
				return err
			},
		}}}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := s.presenting().NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, pour)
	require.NoError(t, err)
	require.NoError(t, stream.SendMsg(&errdetails.QuotaFailure_Violation{QuotaValue: 1250}))
	require.NoError(t, stream.RecvMsg(&emptypb.Empty{}))
	cancel()
	require.Error(t, <-ended)
	s.server.GracefulStop() // when the interceptor has returned, too
	budgets, err := s.verifier.Budgets(t.Context(), decision.Chain)
	require.NoError(t, err)
	require.Equal(t, 1, budgets[0].Open)
	require.Equal(t, "12.50 USD", budgets[0].Text(budgets[0].Total()))
}
