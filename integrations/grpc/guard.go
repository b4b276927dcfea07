package verifygrpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/verify"
)

// Config says how a server is guarded. [New] copies it.
type Config struct {
	// Verifier decides. Nil is an error.
	Verifier *verify.Verifier

	// Audience is who is asked to act, as agents name this server; empty is an error.
	Audience string

	// Methods declares what calls mean, by the full names of methods. What is not
	// declared is refused; see [Guard.Covers].
	Methods map[string]Method

	// Open are the full names of methods that anybody may call, such as
	// "/grpc.health.v1.Health/Check". Nil: none; health and reflection are not open
	// by themselves.
	Open []string

	// Settle says what has become of an act, of the error that the method returned.
	// OutcomeUnknown leaves the reservation open: it counts as spent and is listed when
	// its time is over. Nil: done without an error, else unknown; a method that knows
	// that nothing was done says so with Decision.Release.
	Settle func(d *verify.Decision, err error) verify.ActOutcome

	// Receipt keeps a receipt of a decision, as receipt.Keeper.Keep does. Nil: none.
	Receipt func(ctx context.Context, d *verify.Decision) (receipt, proof []byte, err error)

	// Observe is told of every decision, Failed of a receipt or a settlement that
	// could not be kept, and of Observe, Settle or Receipt where they panic: then
	// the decision stays as it is, nothing is settled, and there is no receipt. Nil:
	// nobody.
	Observe func(ctx context.Context, d *verify.Decision, err error)
	Failed  func(d *verify.Decision, err error)

	Now func() time.Time // the clock of refusals before the verifier; nil: time.Now
}

// Guard lets through to a server what its verifier allows. It is immutable and safe
// for concurrent use. The zero Guard, and a nil one, refuse everything.
type Guard struct {
	host    hostcall.Callbacks[*verify.Decision]
	c       Config
	methods methods
	open    map[string]bool
}

// New checks a configuration and returns a Guard for it.
func New(c Config) (*Guard, error) {
	g := &Guard{open: map[string]bool{}}
	declared, err := methods(c.Methods).copied()
	errs := []error{err}
	if c.Verifier == nil {
		errs = append(errs, errors.New("config.Verifier is nil: nothing would be allowed"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("config.Audience is empty: a presentation for anybody would do"))
	}
	for _, name := range c.Open {
		if _, ok := c.Methods[name]; ok {
			errs = append(errs, fmt.Errorf("the method %s is declared, and open", name))
		}
		g.open[name] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verifygrpc: configuration: %w", err)
	}
	if c.Settle == nil {
		c.Settle = settled
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	g.c, g.methods = c, declared
	g.host = hostcall.Callbacks[*verify.Decision]{Observe: c.Observe, Failed: c.Failed, Now: c.Now}
	return g, nil
}

func settled(_ *verify.Decision, err error) verify.ActOutcome {
	if err == nil {
		return verify.Done
	}
	return verify.OutcomeUnknown
}

// Covers reports the methods of a server that are neither declared nor open, and so
// are refused to everybody, and pointers of declared ones that lead to no field of the
// request message; nil if there are none. Ask before you serve.
func (g *Guard) Covers(server interface {
	GetServiceInfo() map[string]grpc.ServiceInfo
}) error {
	if g == nil {
		return errors.New("verifygrpc: " + notMade)
	}
	var missing, wrong []string
	for service, info := range server.GetServiceInfo() {
		for _, m := range info.Methods {
			name := "/" + service + "/" + m.Name
			method, ok := g.methods[name]
			if !g.open[name] && (!ok || m.IsClientStream && !method.ClientStream) {
				missing = append(missing, name)
			}
			wrong = append(wrong, method.misses(service, m.Name)...)
		}
	}
	slices.Sort(missing)
	slices.Sort(wrong)
	var errs []error
	if missing != nil {
		errs = append(errs, fmt.Errorf("verifygrpc: no Method is declared for %q", missing))
	}
	for _, text := range wrong {
		errs = append(errs, fmt.Errorf("verifygrpc: the pointer %s", text))
	}
	return errors.Join(errs...)
}

// Unary is a grpc.UnaryServerInterceptor. The method finds the decision with
// verify.FromContext, and does not see the presentation.
func (g *Guard) Unary(ctx context.Context, message any, info *grpc.UnaryServerInfo,
	handler grpc.UnaryHandler) (any, error) {
	if g != nil && g.open[info.FullMethod] {
		return handler(ctx, message)
	}
	ctx, d, err := g.decide(ctx, info.FullMethod, message)
	if err != nil {
		return nil, err
	}
	answer, err := handler(ctx, message)
	g.settle(ctx, d, err)
	return answer, err
}

// decide asks the verifier. The error is the status of a refusal. A panic, of the
// host's question or a store, is a refusal.
func (g *Guard) decide(ctx context.Context, method string, message any) (_ context.Context, d *verify.Decision,
	err error) {
	if g == nil || g.c.Verifier == nil {
		d, err = verify.Refuse(time.Time{}, fault(verify.InternalError, notMade))
		return ctx, d, refusal(d, err)
	}
	ctx, shown, want, err := take(ctx)
	if err == nil {
		d, err = g.ask(ctx, method, message, shown)
	} else {
		d, err = verify.RefuseOpenly(g.host.Time(), err)
	}
	g.host.Tell(ctx, d, err)
	g.seal(ctx, d, want)
	if err != nil {
		return ctx, d, refusal(d, err)
	}
	return verify.NewContext(ctx, d), d, nil
}

func (g *Guard) ask(ctx context.Context, method string, message any, shown []byte) (d *verify.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			panicked := fmt.Sprintf("verification panicked: %.200v", p)
			d, err = verify.Refuse(g.host.Time(), fault(verify.InternalError, panicked))
		}
	}()
	means, arguments, digest, err := g.methods.read(method, message)
	if err == nil && len(shown) == 0 {
		err = fault(verify.EnvelopeMissing, noPresentation)
	}
	var q verify.Request
	if err == nil {
		q.Act, err = means.act(message, arguments)
	}
	if err != nil {
		return verify.RefuseOpenly(g.host.Time(), err)
	}
	if means.Ask != nil {
		if err := means.Ask(ctx, arguments, &q); err != nil {
			return verify.RefuseQuestion(g.host.Time(), err)
		}
	}
	// The message is bound whatever the host asks, and there is no stored answer.
	q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false
	return g.c.Verifier.Verify(ctx, shown, q)
}

// take takes the presentation out of the metadata.
func take(ctx context.Context) (_ context.Context, shown []byte, wantReceipt bool, err error) {
	md, _ := metadata.FromIncomingContext(ctx) // a copy
	values := md.Get(KeyPassport)
	wantReceipt = slices.Equal(md.Get(KeyWantReceipt), []string{"?1"})
	md.Delete(KeyPassport)
	ctx = metadata.NewIncomingContext(ctx, md)
	switch len(values) {
	case 0:
		return ctx, nil, wantReceipt, nil
	case 1:
		return ctx, []byte(values[0]), wantReceipt, nil
	}
	return ctx, nil, wantReceipt, fault(verify.EnvelopeMalformed, several)
}

// seal lets the host keep a receipt, and puts it into the trailer if it was asked for.
func (g *Guard) seal(ctx context.Context, d *verify.Decision, want bool) {
	if g.c.Receipt == nil {
		return
	}
	var text, proof []byte
	var err error
	g.host.Fail(d, hostcall.Try("config.Receipt", func() {
		text, proof, err = g.c.Receipt(context.WithoutCancel(ctx), d)
	}))
	g.host.Fail(d, err)
	if len(text) > 0 && want {
		// It fails only where there is no call.
		_ = grpc.SetTrailer(ctx, metadata.Pairs(KeyReceipt, string(text), KeyReceiptProof, string(proof)))
	}
}

// settle says what has become of the act. A method that panics has not said so.
func (g *Guard) settle(ctx context.Context, d *verify.Decision, err error) {
	outcome := verify.OutcomeUnknown // so it stays where Settle panics
	g.host.Fail(d, hostcall.Try("config.Settle", func() { outcome = g.c.Settle(d, err) }))
	g.host.Fail(d, d.SettleAs(ctx, outcome))
}
