package verifygrpc_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
)

// What every adapter must do, of unary calls and of streams of the server.
func TestAdapter(t *testing.T) {
	t.Run("unary", func(t *testing.T) {
		adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter { return adapter(t, unary) })
	})
	t.Run("stream", func(t *testing.T) {
		adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter { return adapter(t, stream) })
	})
}

func unary(client pb.TestServiceClient, declared bool, cents int64) (err error) {
	req := &pb.SimpleRequest{ResponseSize: int32(cents)}
	if declared {
		_, err = client.UnaryCall(context.Background(), req)
	} else {
		_, err = client.CacheableUnaryCall(context.Background(), req)
	}
	return err
}

// stream has the method that charges stream: its amount is a parameter of the response.
func stream(client pb.TestServiceClient, declared bool, cents int64) error {
	if !declared {
		return unary(client, false, cents)
	}
	answers, err := client.StreamingOutputCall(context.Background(), &pb.StreamingOutputCallRequest{
		ResponseParameters: []*pb.ResponseParameters{{Size: int32(cents)}},
	})
	for err == nil {
		_, err = answers.Recv()
	}
	if status.Convert(err).Message() == "EOF" {
		return nil
	}
	return err
}

func adapter(t *testing.T, do func(_ pb.TestServiceClient, declared bool, cents int64) error) *adaptertest.Adapter {
	s := newShop(t, func(s *shop) {
		for _, methods := range []map[string]verifygrpc.Method{s.config.Methods, s.client.Methods} {
			charge := methods[service+"UnaryCall"]
			charge.Amount = "/responseParameters/0/size"
			methods[service+"StreamingOutputCall"] = charge
		}
		s.client.Methods[service+"CacheableUnaryCall"] = s.client.Methods[service+"UnaryCall"]
		delete(s.config.Methods, service+"CacheableUnaryCall")
	})
	bare := newShop(t, func(s *shop) { s.bare = true })
	var taken []grpc.CallOption
	keep := between(func(ctx context.Context, _ proto.Message, opts []grpc.CallOption) []grpc.CallOption {
		if taken == nil {
			taken = opts
		}
		return opts
	})
	clients := map[adaptertest.Fault]pb.TestServiceClient{
		adaptertest.None: s.dial(keep...),
		adaptertest.Bare: pb.NewTestServiceClient(s.connect()),
		adaptertest.Tampered: s.dial(between(func(_ context.Context, m proto.Message,
			opts []grpc.CallOption) []grpc.CallOption {
			switch m := m.(type) {
			case *pb.SimpleRequest:
				m.ResponseSize = 1
			case *pb.StreamingOutputCallRequest:
				m.ResponseParameters[0].Size = 1
			}
			return opts
		})...),
		adaptertest.Again: s.dial(between(func(context.Context, proto.Message, []grpc.CallOption) []grpc.CallOption {
			return taken
		})...),
		adaptertest.NoGuard: bare.dial(),
	}
	s.client.Audience = "did:web:other.example"
	clients[adaptertest.Elsewhere] = s.dial()
	return &adaptertest.Adapter{
		World: s.World,
		Ran:   func() int { return int(s.ran.Load() + bare.ran.Load()) },
		Call: func(c adaptertest.Call) adaptertest.Answer {
			client := clients[c.Fault]
			if c.Fault == adaptertest.Undeclared {
				client = clients[adaptertest.None]
			}
			err := do(client, c.Fault != adaptertest.Undeclared, c.Cents)
			if p, refused := verifygrpc.ReadRefusal(err); refused {
				return adaptertest.Answer{Problem: p, Text: status.Convert(err).Message()}
			}
			return adaptertest.Answer{Err: err}
		},
		Without: map[string]string{
			"unsent": "a connection has methods that need no passport: what the client has not declared goes without one",
		},
	}
}

// between sees what is sent behind the presenter, and the options that carry the passport.
func between(change func(context.Context, proto.Message, []grpc.CallOption) []grpc.CallOption) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
			invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			return invoke(ctx, method, req, reply, cc, change(ctx, req.(proto.Message), opts)...)
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
			begin grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			// The passport is there already; the message is sent next.
			s, err := begin(ctx, desc, cc, method, change(ctx, nil, opts)...)
			return changing{s, func(m proto.Message) { change(ctx, m, opts) }}, err
		}),
	}
}

type changing struct {
	grpc.ClientStream
	change func(proto.Message)
}

func (s changing) SendMsg(m any) error {
	s.change(m.(proto.Message))
	return s.ClientStream.SendMsg(m)
}
