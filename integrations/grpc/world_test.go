package verifygrpc_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/meaning"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const service = "/grpc.testing.TestService/"

// declared is what the methods of gRPC's own test service mean here: a unary call pays
// cents, the streams read and write data.
func declared() map[string]verifygrpc.Method {
	return map[string]verifygrpc.Method{
		service + "UnaryCall": {Call: meaning.Call{
			Action: "payments.charge", Amount: "/responseSize", Currency: "USD", MinorUnits: true, Category: "compute", Rail: "tempo",
		}},
		service + "CacheableUnaryCall":  {Call: meaning.Call{Action: "data.read"}},
		service + "StreamingOutputCall": {Call: meaning.Call{Action: "data.read", Resource: "/payload/body"}},
		service + "StreamingInputCall":  {Call: meaning.Call{Action: "data.write"}, ClientStream: true},
		service + "FullDuplexCall":      {Call: meaning.Call{Action: "data.write"}},
	}
}

// shop is a guarded server in a world, and what its methods have seen.
type shop struct {
	*verifytest.World
	pb.UnimplementedTestServiceServer
	t        testing.TB
	config   verifygrpc.Config
	client   verifygrpc.PresenterConfig
	verifier *verify.Verifier
	ran      atomic.Int64
	bare     bool // knows nothing of passports
	charge   func(context.Context) error
	server   *grpc.Server
	addr     string
	more     *grpc.ServiceDesc // besides, if there is one
}

func newShop(t testing.TB, edits ...func(*shop)) *shop {
	w := verifytest.NewWorld(t)
	s := &shop{World: w, t: t}
	s.verifier = w.Verifier(func(c *verify.Config) { c.Ledger = ledger.NewMemory(ledger.Options{}); c.Evidence = true })
	s.config = verifygrpc.Config{
		Verifier: s.verifier, Audience: verifytest.Audience, Methods: declared(), Now: w.Clock.Now,
		Open: []string{"/grpc.health.v1.Health/Check"},
	}
	s.client = verifygrpc.PresenterConfig{
		Agent: w.Agent, Audience: verifytest.Audience, Methods: declared(), Chain: passport.Chain{w.Issue(w.Passport())},
		Present: passport.PresentOptions{Now: w.Clock.Now}, InsecureAllowPlaintext: true,
	}
	for _, edit := range edits {
		edit(s)
	}
	guard, err := verifygrpc.New(s.config)
	require.NoError(t, err)
	guards := []grpc.ServerOption{grpc.UnaryInterceptor(guard.Unary), grpc.StreamInterceptor(guard.Stream)}
	if s.bare {
		guards = nil
	}
	s.server = grpc.NewServer(guards...)
	pb.RegisterTestServiceServer(s.server, s)
	healthpb.RegisterHealthServer(s.server, health.NewServer())
	if s.more != nil {
		s.server.RegisterService(s.more, s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.addr = listener.Addr().String()
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(s.server.Stop)
	return s
}

// seen is what every method demands.
func (s *shop) seen(ctx context.Context) {
	s.ran.Add(1)
	if s.bare {
		return
	}
	if _, ok := verify.FromContext(ctx); !ok {
		s.t.Error("a method runs without a decision")
	}
	if md, _ := metadata.FromIncomingContext(ctx); md.Get(verifygrpc.KeyPassport) != nil {
		s.t.Error("a method sees the presentation")
	}
}

func (s *shop) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	s.seen(ctx)
	if s.charge != nil {
		return nil, s.charge(ctx)
	}
	return &pb.SimpleResponse{}, nil
}

func (s *shop) CacheableUnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	s.seen(ctx)
	return &pb.SimpleResponse{}, nil
}

func (s *shop) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, out grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	s.seen(out.Context())
	for range 3 {
		if err := out.Send(&pb.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) StreamingInputCall(in grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	s.seen(in.Context())
	n := int32(0)
	for {
		if _, err := in.Recv(); err == io.EOF {
			return in.SendAndClose(&pb.StreamingInputCallResponse{AggregatedPayloadSize: n})
		} else if err != nil {
			return err
		}
		n++
	}
}

func (s *shop) FullDuplexCall(both grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	s.seen(both.Context())
	return nil
}

// dial returns a client that presents; between sees what it sends.
func (s *shop) dial(between ...grpc.DialOption) pb.TestServiceClient {
	return pb.NewTestServiceClient(s.presenting(between...))
}

// presenting is the connection of such a client.
func (s *shop) presenting(between ...grpc.DialOption) *grpc.ClientConn {
	presenter, err := verifygrpc.NewPresenter(s.client)
	require.NoError(s.t, err)
	return s.connect(append([]grpc.DialOption{
		grpc.WithChainUnaryInterceptor(presenter.Unary), grpc.WithChainStreamInterceptor(presenter.Stream),
	}, between...)...)
}

func (s *shop) connect(opts ...grpc.DialOption) *grpc.ClientConn {
	conn, err := grpc.NewClient("passthrough:///"+s.addr,
		append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)...)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func cents(n int32) *pb.SimpleRequest { return &pb.SimpleRequest{ResponseSize: n} }
