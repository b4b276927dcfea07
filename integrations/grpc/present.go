package verifygrpc

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/presenter"
	"github.com/safeconduct/safeconduct/passport"
)

// PresenterConfig says which agent calls, and to whom it shows its passport.
// [NewPresenter] copies it.
type PresenterConfig struct {
	// Agent signs presentations: the agent of the last passport of the chain. Nil is an
	// error.
	Agent did.Signer

	// Audience is the audience that is configured at the server of the connection;
	// empty is an error.
	Audience string

	// Chain is the passport with its ancestors, root first. It may be empty if Renew
	// is set, which is then asked for each call.
	Chain passport.Chain
	Renew func(context.Context) (passport.Chain, error)

	// Methods declares what calls mean, in the words of the server. Others go without
	// a passport.
	Methods map[string]Method

	// Edit may complete the intent of a call: an ID of passport.IntentIDOf, so that a
	// call which is made twice acts once. Nil: intents stay as they are.
	Edit func(ctx context.Context, method string, in *passport.Intent) error

	// Present holds what else a presentation can have. Its Challenge must be empty.
	Present passport.PresentOptions

	WantReceipts bool // asks for receipts; they are in the trailer

	// InsecureAllowPlaintext shows passports on connections without TLS, too. False:
	// such calls fail.
	InsecureAllowPlaintext bool
}

// Presenter shows a passport with each call of a connection. It is safe for
// concurrent use. A call that a retry policy sends again carries the presentation
// of the first try, and is refused if that had arrived.
type Presenter struct {
	c       PresenterConfig
	shows   presenter.Presenter
	methods methods
}

// NewPresenter checks a configuration and returns a Presenter for it.
func NewPresenter(c PresenterConfig) (*Presenter, error) {
	declared, err := methods(c.Methods).copied()
	shows := presenter.Presenter{
		Agent: c.Agent, Audience: c.Audience, Chain: c.Chain, Renew: c.Renew, Present: c.Present,
	}
	if err := errors.Join(err, shows.Ready()); err != nil {
		return nil, fmt.Errorf("verifygrpc: configuration: %w", err)
	}
	return &Presenter{c, shows, declared}, nil
}

// Unary is a grpc.UnaryClientInterceptor.
func (p *Presenter) Unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if _, declared := p.methods[method]; !declared {
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	ctx, shown, err := p.present(ctx, method, req)
	if err != nil {
		return err
	}
	return invoke(ctx, method, req, reply, cc, append(opts, shown)...)
}

// Stream is a grpc.StreamClientInterceptor. Where the client sends one message, the
// stream begins with that message, over which the agent signs.
func (p *Presenter) Stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	begin grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if _, declared := p.methods[method]; !declared {
		return begin(ctx, desc, cc, method, opts...)
	}
	open := func(message any) (grpc.ClientStream, error) {
		ctx, shown, err := p.present(ctx, method, message)
		if err != nil {
			return nil, err
		}
		return begin(ctx, desc, cc, method, append(opts, shown)...)
	}
	if desc.ClientStreams {
		return open(nil)
	}
	return &late{ctx: ctx, open: open}, nil
}

// present makes the credentials of one call.
func (p *Presenter) present(ctx context.Context, method string, message any) (context.Context, grpc.CallOption, error) {
	fail := func(err error) (context.Context, grpc.CallOption, error) {
		return ctx, nil, fmt.Errorf("verifygrpc: presenting for %s: %w", method, err)
	}
	means, arguments, digest, err := p.methods.read(method, message)
	if err != nil {
		return fail(err)
	}
	in := passport.Intent{BodyDigest: digest}
	if in.Act, err = means.act(message, arguments); err != nil {
		return fail(err)
	}
	if p.c.Edit != nil {
		if err := p.c.Edit(ctx, method, &in); err != nil {
			return fail(err)
		}
	}
	shown, err := p.shows.For(ctx, in)
	if err != nil {
		return fail(err)
	}
	if p.c.WantReceipts {
		ctx = metadata.AppendToOutgoingContext(ctx, KeyWantReceipt, "?1")
	}
	return ctx, grpc.PerRPCCredentials(&perCall{shown.Text(), !p.c.InsecureAllowPlaintext}), nil
}

// perCall are the credentials of one call: gRPC sends them over TLS alone, unless the
// host says otherwise.
type perCall struct {
	text   string
	secure bool
}

func (c *perCall) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{KeyPassport: c.text}, nil
}

func (c *perCall) RequireTransportSecurity() bool { return c.secure }

// late is a stream that begins with its one message.
type late struct {
	ctx  context.Context
	open func(message any) (grpc.ClientStream, error)
	mu   sync.Mutex
	s    grpc.ClientStream
}

var errNotBegun = errors.New("verifygrpc: the stream begins with its message, and none was sent")

func (l *late) SendMsg(m any) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s == nil {
		if l.s, err = l.open(m); err != nil {
			return err
		}
	}
	return l.s.SendMsg(m)
}

func (l *late) begun() (grpc.ClientStream, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s == nil {
		return nil, errNotBegun
	}
	return l.s, nil
}

func (l *late) Header() (metadata.MD, error) {
	s, err := l.begun()
	if err != nil {
		return nil, err
	}
	return s.Header()
}

func (l *late) Trailer() metadata.MD {
	if s, err := l.begun(); err == nil {
		return s.Trailer()
	}
	return nil
}

func (l *late) CloseSend() error {
	s, err := l.begun()
	if err != nil {
		return err
	}
	return s.CloseSend()
}

func (l *late) Context() context.Context {
	if s, err := l.begun(); err == nil {
		return s.Context()
	}
	return l.ctx
}

func (l *late) RecvMsg(m any) error {
	s, err := l.begun()
	if err != nil {
		return err
	}
	return s.RecvMsg(m)
}
