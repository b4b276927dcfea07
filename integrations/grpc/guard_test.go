package verifygrpc_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/safeconduct/safeconduct/did"
	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// refused demands that a call was refused with a code and a status, and ran nothing.
func (s *shop) refused(err error, code verify.Code, want codes.Code) *verifyhttp.Problem {
	s.t.Helper()
	p, ok := verifygrpc.ReadRefusal(err)
	require.True(s.t, ok, "%v", err)
	require.Equal(s.t, code, p.Code, err)
	require.Equal(s.t, want, status.Code(err))
	require.Equal(s.t, p.Text(), status.Convert(err).Message())
	require.NotContains(s.t, err.Error(), "z6Mk")
	require.Zero(s.t, s.ran.Load())
	return p
}

// onWire changes a call behind the presenter.
func onWire(change func(ctx context.Context, method *string, req proto.Message, opts *[]grpc.CallOption) context.Context) grpc.DialOption {
	return grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
		invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx = change(ctx, &method, req.(proto.Message), &opts)
		return invoke(ctx, method, req, reply, cc, opts...)
	})
}

// Each row is one fault; its good twin is the same call without it.
func TestUnary(t *testing.T) {
	type wire = func(context.Context, *string, proto.Message, *[]grpc.CallOption) context.Context
	for name, c := range map[string]struct {
		edit   func(*shop)
		wire   wire
		cents  int32
		code   verify.Code
		status codes.Code
	}{
		"allowed":        {cents: 1250},
		"over the limit": {cents: 6000, code: verify.AuthorityAmountExceeded, status: codes.PermissionDenied},
		"not granted": {edit: func(s *shop) {
			for _, m := range []map[string]verifygrpc.Method{s.config.Methods, s.client.Methods} {
				m[service+"UnaryCall"] = verifygrpc.Method{Call: meaning.Call{Action: "admin.reset"}}
			}
		}, code: verify.AuthorityActionNotAllowed, status: codes.PermissionDenied},
		"undeclared at the server": {edit: func(s *shop) { delete(s.config.Methods, service+"UnaryCall") }, cents: 1,
			code: verify.AuthorityOperationUnknown, status: codes.PermissionDenied},
		"status unknown": {edit: func(s *shop) { s.Lists.Fail(verifytest.RevocationURL, errors.New("down")) }, cents: 1,
			code: verify.StatusUnavailable, status: codes.Unavailable},
		"the message changed": {wire: func(ctx context.Context, _ *string, m proto.Message, _ *[]grpc.CallOption) context.Context {
			m.(*pb.SimpleRequest).ResponseSize++
			return ctx
		}, cents: 1250, code: verify.ProofIntentMismatch, status: codes.Unauthenticated},
		"a member added": {wire: func(ctx context.Context, _ *string, m proto.Message, _ *[]grpc.CallOption) context.Context {
			m.(*pb.SimpleRequest).FillUsername = true
			return ctx
		}, cents: 1250, code: verify.ProofIntentMismatch, status: codes.Unauthenticated},
		"another method": {edit: func(s *shop) { // of the same meaning
			s.config.Methods[service+"CacheableUnaryCall"] = s.config.Methods[service+"UnaryCall"]
		}, wire: func(ctx context.Context, method *string, _ proto.Message, _ *[]grpc.CallOption) context.Context {
			*method = service + "CacheableUnaryCall"
			return ctx
		}, cents: 1250, code: verify.ProofIntentMismatch, status: codes.Unauthenticated},
		"no presentation": {wire: func(ctx context.Context, _ *string, _ proto.Message, opts *[]grpc.CallOption) context.Context {
			*opts = nil
			return ctx
		}, cents: 1250, code: verify.EnvelopeMissing, status: codes.Unauthenticated},
		"two presentations": {wire: func(ctx context.Context, _ *string, _ proto.Message, _ *[]grpc.CallOption) context.Context {
			return metadata.AppendToOutgoingContext(ctx, verifygrpc.KeyPassport, "{}")
		}, cents: 1250, code: verify.EnvelopeMalformed, status: codes.Unauthenticated},
		"for another server": {edit: func(s *shop) { s.client.Audience = "did:web:other.example" }, cents: 1250,
			code: verify.ProofAudienceMismatch, status: codes.Unauthenticated},
		"no amount": {edit: func(s *shop) {
			s.client.Methods[service+"UnaryCall"] = verifygrpc.Method{Call: meaning.Call{Action: "data.read"}}
		},
			code: verify.AuthorityAttributeMissing, status: codes.PermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			if c.edit != nil {
				s = newShop(t, c.edit)
			}
			client := s.dial()
			if c.wire != nil {
				client = s.dial(onWire(c.wire))
			}
			_, err := client.UnaryCall(t.Context(), cents(c.cents))
			if c.code == "" {
				require.NoError(t, err)
				require.EqualValues(t, 1, s.ran.Load())
				return
			}
			if info, _ := verify.Lookup(c.code); info.HTTP == 400 {
				c.status = codes.InvalidArgument
			}
			s.refused(err, c.code, c.status)
		})
	}
}

// The agent is told the limit of its own passport, and when asking again makes sense.
func TestWhatTheAgentLearns(t *testing.T) {
	s := newShop(t)
	_, err := s.dial().UnaryCall(t.Context(), cents(6000))
	p := s.refused(err, verify.AuthorityAmountExceeded, codes.PermissionDenied)
	require.Equal(t, "50.00 USD", p.Reasons[0].Limit)
	require.Equal(t, "60.00 USD", p.Reasons[0].Actual)

	s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	}))}
	client := s.dial()
	_, err = client.UnaryCall(t.Context(), cents(1250))
	require.NoError(t, err)
	s.ran.Store(0)
	_, err = client.UnaryCall(t.Context(), cents(1250))
	s.refused(err, verify.LedgerBudgetExceeded, codes.PermissionDenied)
	var retry *errdetails.RetryInfo
	for _, d := range status.Convert(err).Details() {
		if r, ok := d.(*errdetails.RetryInfo); ok {
			retry = r
		}
	}
	require.NotNil(t, retry)
	require.InDelta(t, (24 * time.Hour).Seconds(), retry.RetryDelay.AsDuration().Seconds(), 1)
}

// INT-02: a presentation serves once, however many use it at once.
func TestINT02Replay(t *testing.T) {
	s := newShop(t)
	var once sync.Once
	var taken []grpc.CallOption
	client := s.dial(onWire(func(ctx context.Context, _ *string, _ proto.Message, opts *[]grpc.CallOption) context.Context {
		once.Do(func() { taken = *opts })
		*opts = taken
		return ctx
	}))
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { _, _ = client.UnaryCall(context.Background(), cents(1250)) })
	}
	group.Wait()
	require.EqualValues(t, 1, s.ran.Load())
	s.ran.Store(0)
	_, err := client.UnaryCall(t.Context(), cents(1250))
	s.refused(err, verify.LedgerReplay, codes.Unauthenticated)
}

// Streams: of the server, bound to the message; of the client, as a whole; both are
// refused unless declared.
func TestStreams(t *testing.T) {
	body := func(text string) *pb.StreamingOutputCallRequest {
		return &pb.StreamingOutputCallRequest{Payload: &pb.Payload{Body: []byte(text)}}
	}
	read := func(client pb.TestServiceClient, req *pb.StreamingOutputCallRequest) (n int, err error) {
		stream, err := client.StreamingOutputCall(context.Background(), req)
		for ; err == nil; n++ {
			_, err = stream.Recv()
		}
		return n - 1, err
	}
	s := newShop(t)
	n, err := read(s.dial(), body("a"))
	require.ErrorContains(t, err, "EOF")
	require.Equal(t, 3, n)

	s = newShop(t)
	tamper := grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
		begin grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		stream, err := begin(ctx, desc, cc, method, opts...)
		return tampering{stream}, err
	})
	_, err = read(s.dial(tamper), body("a"))
	s.refused(err, verify.ProofIntentMismatch, codes.Unauthenticated)
	_, err = read(pb.NewTestServiceClient(s.connect()), body("a"))
	s.refused(err, verify.EnvelopeMissing, codes.Unauthenticated)

	write := func(client pb.TestServiceClient) (*pb.StreamingInputCallResponse, error) {
		stream, err := client.StreamingInputCall(context.Background())
		require.NoError(t, err)
		for range 3 {
			_ = stream.Send(&pb.StreamingInputCallRequest{}) // the refusal comes with the answer
		}
		return stream.CloseAndRecv()
	}
	_, err = write(pb.NewTestServiceClient(s.connect()))
	s.refused(err, verify.EnvelopeMissing, codes.Unauthenticated)
	got, err := write(s.dial())
	require.NoError(t, err)
	require.EqualValues(t, 3, got.AggregatedPayloadSize)

	s = newShop(t)
	both, err := pb.NewTestServiceClient(s.connect()).FullDuplexCall(t.Context())
	require.NoError(t, err)
	_, err = both.Recv()
	s.refused(err, verify.AuthorityOperationUnknown, codes.PermissionDenied)
}

type tampering struct{ grpc.ClientStream }

func (s tampering) SendMsg(m any) error {
	m.(*pb.StreamingOutputCallRequest).Payload.Body = []byte("b")
	return s.ClientStream.SendMsg(m)
}

// A stream answers nothing before the call was decided, and a method that reads
// nothing is refused.
func TestNothingIsAnsweredBefore(t *testing.T) {
	s := newShop(t)
	guard, err := verifygrpc.New(s.config)
	require.NoError(t, err)
	info := &grpc.StreamServerInfo{FullMethod: service + "StreamingOutputCall", IsServerStream: true}
	for name, handler := range map[string]func(grpc.ServerStream) error{
		"sends":   func(ss grpc.ServerStream) error { return ss.SendMsg(nil) },
		"header":  func(ss grpc.ServerStream) error { return ss.SendHeader(nil) },
		"set":     func(ss grpc.ServerStream) error { return ss.SetHeader(nil) },
		"nothing": func(grpc.ServerStream) error { return nil },
		"hides":   func(ss grpc.ServerStream) error { _ = ss.SendMsg(nil); return nil },
	} {
		err := guard.Stream(nil, silent{t: t}, info, func(_ any, ss grpc.ServerStream) error { return handler(ss) })
		_, ok := verifygrpc.ReadRefusal(err)
		require.True(t, ok, name)
	}
}

// silent is a stream that fails the test if anything is answered.
type silent struct {
	grpc.ServerStream
	t testing.TB
}

func (s silent) Context() context.Context     { return s.t.Context() }
func (s silent) SendMsg(any) error            { s.t.Error("answered"); return nil }
func (s silent) SendHeader(metadata.MD) error { s.t.Error("answered"); return nil }
func (s silent) SetHeader(metadata.MD) error  { s.t.Error("answered"); return nil }

// Health is open because it is named, by method; the rest of the service is not.
func TestOpenByName(t *testing.T) {
	s := newShop(t)
	client := healthpb.NewHealthClient(s.connect())
	_, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	watch, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	_, err = watch.Recv()
	s.refused(err, verify.AuthorityOperationUnknown, codes.PermissionDenied)

	guard, err := verifygrpc.New(s.config)
	require.NoError(t, err)
	err = guard.Covers(s.server)
	require.ErrorContains(t, err, "/grpc.health.v1.Health/Watch")
	require.ErrorContains(t, err, service+"FullDuplexCall")
	require.ErrorContains(t, err, service+"EmptyCall")
	require.NotContains(t, err.Error(), service+"UnaryCall")
}

// A passport is not shown in clear text unless the host says so.
func TestTransportSecurity(t *testing.T) {
	s := newShop(t, func(s *shop) { s.client.InsecureAllowPlaintext = false })
	_, err := s.dial().UnaryCall(t.Context(), cents(1250))
	require.ErrorContains(t, err, "insecure connection")
	require.Zero(t, s.ran.Load())
}

// What becomes of the reservation follows the error of the method.
func TestSettling(t *testing.T) {
	for name, c := range map[string]struct {
		charge func(context.Context) error
		spent  string
		open   int
	}{
		"done":     {nil, "12.50", 0},
		"an error": {func(context.Context) error { return status.Error(codes.Internal, "no answer from the bank") }, "0", 1},
		"released": {func(ctx context.Context) error {
			d, _ := verify.FromContext(ctx)
			return errors.Join(d.Release(ctx), errors.New("out of stock"))
		}, "0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var chain []*passport.Passport
			s := newShop(t, func(s *shop) {
				s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) { chain = d.Chain }
				s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
					p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("40.00", "USD"), Per: passport.PerDay}}
				}))}
			})
			s.charge = c.charge
			_, _ = s.dial().UnaryCall(t.Context(), cents(1250))
			budgets, err := s.verifier.Budgets(t.Context(), chain)
			require.NoError(t, err)
			require.Regexp(t, "^"+c.spent, budgets[0].Text(budgets[0].Spent))
			require.Equal(t, c.open, budgets[0].Open)
		})
	}
}

// Receipts come back in the trailer to whoever asks, of refusals too.
func TestReceipts(t *testing.T) {
	key := verifytest.Key("shop")
	log, err := receipt.Open(t.Context(), t.TempDir(), receipt.Options{Origin: "shop.example", Signer: key, Key: key.PublicKey()})
	require.NoError(t, err)
	defer func() { _ = log.Close(context.Background()) }()
	keeper := &receipt.Keeper{Log: log, Signer: key}
	s := newShop(t, func(s *shop) { s.config.Receipt, s.client.WantReceipts = keeper.Keep, true })
	client := s.dial()
	for n, want := range map[int32]verify.Verdict{1250: verify.Allow, 6000: verify.Deny} {
		var trailer metadata.MD
		_, _ = client.UnaryCall(t.Context(), cents(n), grpc.Trailer(&trailer))
		require.Len(t, trailer.Get(verifygrpc.KeyReceipt), 1)
		says, err := receipt.Verify(t.Context(), []byte(trailer.Get(verifygrpc.KeyReceipt)[0]),
			[]byte(trailer.Get(verifygrpc.KeyReceiptProof)[0]),
			receipt.Trust{Verifier: key.DID(), Resolver: did.KeyMethods(), LogKey: log.Key()})
		require.NoError(t, err)
		require.Equal(t, want, says.Verdict)
	}
}

// What cannot be decided is refused.
func TestNothingToDecideWith(t *testing.T) {
	var none *verifygrpc.Guard
	for _, guard := range []*verifygrpc.Guard{none, {}} {
		_, err := guard.Unary(t.Context(), cents(1), &grpc.UnaryServerInfo{FullMethod: service + "UnaryCall"}, nil)
		require.Equal(t, codes.Unavailable, status.Code(err))
		err = guard.Stream(nil, silent{t: t}, &grpc.StreamServerInfo{FullMethod: service + "FullDuplexCall", IsClientStream: true}, nil)
		require.Equal(t, codes.Unavailable, status.Code(err))
	}
	for want, edit := range map[string]func(*verifygrpc.Config){
		"Verifier is nil":    func(c *verifygrpc.Config) { c.Verifier = nil },
		"Audience is empty":  func(c *verifygrpc.Config) { c.Audience = "" },
		"declared, and open": func(c *verifygrpc.Config) { c.Open = []string{service + "UnaryCall"} },
		"want /package": func(c *verifygrpc.Config) {
			c.Methods = map[string]verifygrpc.Method{"x": {Call: meaning.Call{Action: "a.b"}}}
		},
		"action": func(c *verifygrpc.Config) { c.Methods = map[string]verifygrpc.Method{"/a.b/C": {}} },
	} {
		c := newShop(t).config
		edit(&c)
		_, err := verifygrpc.New(c)
		require.ErrorContains(t, err, want)
	}
}
