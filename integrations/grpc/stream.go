package verifygrpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/safeconduct/safeconduct/verify"
)

// Stream is a grpc.StreamServerInterceptor. Where the client sends one message, the
// call is decided when that message is read, and nothing can be answered before. Where
// it sends a stream, the call is decided when it begins.
func (g *Guard) Stream(server any, ss grpc.ServerStream, info *grpc.StreamServerInfo,
	handler grpc.StreamHandler) error {
	if g != nil && g.open[info.FullMethod] {
		return handler(server, ss)
	}
	s := &guarded{ServerStream: ss, g: g, method: info.FullMethod, ctx: withoutPassport(ss.Context())}
	if info.IsClientStream {
		if err := s.decide(nil); err != nil {
			return err
		}
	}
	err := handler(server, s)
	switch {
	case s.refused != nil:
		return s.refused // whatever became of it
	case s.d == nil: // nothing was read, so nothing was allowed
		return s.decide(nil)
	}
	g.settle(s.ctx, s.d, err)
	return err
}

// guarded is a stream that answers nothing before the call was allowed.
type guarded struct {
	grpc.ServerStream
	g       *Guard
	method  string
	ctx     context.Context
	d       *verify.Decision // nil: not decided
	refused error
}

func (s *guarded) decide(message any) error {
	var d *verify.Decision
	ctx, d, err := s.g.decide(s.ServerStream.Context(), s.method, message)
	if err != nil {
		s.refused = err
		return err
	}
	s.ctx, s.d = ctx, d
	return nil
}

// Context carries the decision, once there is one, and never the presentation.
func (s *guarded) Context() context.Context { return s.ctx }

func (s *guarded) RecvMsg(m any) error {
	if s.refused != nil {
		return s.refused
	}
	if err := s.ServerStream.RecvMsg(m); err != nil || s.d != nil {
		return err
	}
	return s.decide(m)
}

func (s *guarded) SendMsg(m any) error {
	if err := s.allowed(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}

func (s *guarded) SetHeader(md metadata.MD) error {
	if err := s.allowed(); err != nil {
		return err
	}
	return s.ServerStream.SetHeader(md)
}

func (s *guarded) SendHeader(md metadata.MD) error {
	if err := s.allowed(); err != nil {
		return err
	}
	return s.ServerStream.SendHeader(md)
}

func (s *guarded) allowed() error {
	switch {
	case s.refused != nil:
		return s.refused
	case s.d == nil:
		return s.decide(nil)
	}
	return nil
}

func withoutPassport(ctx context.Context) context.Context {
	ctx, _, _, _ = take(ctx)
	return ctx
}
