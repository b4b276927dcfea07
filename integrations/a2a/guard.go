package verifya2a

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"

	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/verify"
)

// Config says how an agent is guarded. [New] copies it.
type Config struct {
	// Verifier decides. Nil is an error.
	Verifier *verify.Verifier

	// Audience is who is asked to act, as callers name this agent; empty is an error.
	Audience string

	// Skills declares what a message means, by the skill that it names with KeySkill,
	// and Methods what another call means, such as "tasks/cancel". What is declared in
	// neither is refused.
	Skills, Methods map[string]Call

	// Open are methods that anybody may call, such as "tasks/get". Nil: none.
	Open []string

	// Settle says what has become of an act, of the method of A2A and its result, or one
	// event of a stream.
	// OutcomeUnknown leaves the reservation open: it counts as spent and is listed when
	// its time is over. Nil: [Settled].
	Settle func(d *verify.Decision, method string, result any, err error) verify.ActOutcome

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

// Guard is an a2asrv.CallInterceptor that lets through what its verifier allows. Let
// it be the last interceptor, so that nothing changes a call after it was allowed. It
// is immutable and safe for concurrent use. The zero Guard, and a nil one, refuse
// everything.
type Guard struct {
	host  hostcall.Callbacks[*verify.Decision]
	c     Config
	calls calls
	open  map[string]bool
}

var _ a2asrv.CallInterceptor = (*Guard)(nil)

// New checks a configuration and returns a Guard for it.
func New(c Config) (*Guard, error) {
	g := &Guard{open: map[string]bool{}}
	declared, err := calls{c.Skills, c.Methods}.copied()
	errs := []error{err}
	if c.Verifier == nil {
		errs = append(errs, errors.New("config.Verifier is nil: nothing would be allowed"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("config.Audience is empty: a presentation for anybody would do"))
	}
	for _, name := range c.Open {
		if _, ok := c.Methods[name]; ok || name == methodSend || !known(name) {
			errs = append(errs, fmt.Errorf("the method %q cannot be open", name))
		}
		g.open[name] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verifya2a: configuration: %w", err)
	}
	if c.Settle == nil {
		c.Settle = Settled
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	g.c, g.calls = c, declared
	g.host = hostcall.Callbacks[*verify.Decision]{Observe: c.Observe, Failed: c.Failed, Now: c.Now}
	return g, nil
}

// allowed is what After knows of a call.
type allowed struct {
	d       *verify.Decision
	method  string
	receipt any // for the caller, once; nil: none
}

type contextKey struct{ g *Guard }

// Before decides. The executor finds the decision with verify.FromContext, and does
// not see the presentation.
func (g *Guard) Before(ctx context.Context, call *a2asrv.CallContext, req *a2asrv.Request) (context.Context, error) {
	if g == nil || g.c.Verifier == nil {
		d, err := verify.Refuse(time.Time{}, fault(verify.InternalError, notMade))
		return ctx, refusal(d, err, nil)
	}
	method := nameOf[strings.TrimPrefix(call.Method(), "On")]
	shown := take(req.Payload)
	if g.open[method] {
		return ctx, nil
	}
	call.Extensions().Activate(&a2a.AgentExtension{URI: URI})
	d, err := g.decide(ctx, method, req.Payload, shown)
	g.host.Tell(ctx, d, err)
	receipt := g.seal(ctx, d, shown)
	if err != nil {
		return ctx, refusal(d, err, receipt)
	}
	return context.WithValue(verify.NewContext(ctx, d), contextKey{g}, &allowed{d, method, receipt}), nil
}

// After settles, and gives the caller its receipt.
func (g *Guard) After(ctx context.Context, _ *a2asrv.CallContext, resp *a2asrv.Response) error {
	a, ok := ctx.Value(contextKey{g}).(*allowed)
	if !ok {
		return nil
	}
	g.settle(ctx, a, resp)
	if meta := metadata(resp.Payload); meta != nil && a.receipt != nil && resp.Err == nil {
		*meta, a.receipt = with(*meta, KeyReceipt, a.receipt), nil
	}
	return nil
}

// decide asks the verifier. A panic there, or in the host's question, is a refusal.
func (g *Guard) decide(ctx context.Context, method string, payload any, shown presented) (d *verify.Decision,
	err error) {
	defer func() {
		if p := recover(); p != nil {
			panicked := fmt.Sprintf("verification panicked: %.200v", p)
			d, err = verify.Refuse(g.host.Time(), fault(verify.InternalError, panicked))
		}
	}()
	call, params, digest, err := g.calls.read(method, payload)
	switch {
	case err != nil:
	case shown.bad:
		err = fault(verify.EnvelopeMalformed, notAPresentation)
	case shown.text == "":
		err = fault(verify.EnvelopeMissing, noPresentation)
	}
	var q verify.Request
	if err == nil {
		q.Act, err = call.Act(params)
	}
	if err != nil {
		return verify.RefuseOpenly(g.host.Time(), err)
	}
	if call.Ask != nil {
		if err := call.Ask(ctx, params, &q); err != nil {
			return verify.RefuseQuestion(g.host.Time(), err)
		}
	}
	// The call is bound whatever the host asks, and there is no stored answer.
	q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false
	return g.c.Verifier.Verify(ctx, []byte(shown.text), q)
}

// seal lets the host keep a receipt, and returns what the caller may have.
func (g *Guard) seal(ctx context.Context, d *verify.Decision, shown presented) any {
	if g.c.Receipt == nil {
		return nil
	}
	var text, proof []byte
	var err error
	g.host.Fail(d, hostcall.Try("config.Receipt", func() {
		text, proof, err = g.c.Receipt(context.WithoutCancel(ctx), d)
	}))
	g.host.Fail(d, err)
	if len(text) == 0 || !shown.receipt {
		return nil
	}
	return map[string]any{"text": string(text), "proof": string(proof)}
}

// settle says what has become of the act.
func (g *Guard) settle(ctx context.Context, a *allowed, resp *a2asrv.Response) {
	outcome := verify.OutcomeUnknown // so it stays where Settle panics
	g.host.Fail(a.d, hostcall.Try("config.Settle", func() {
		outcome = g.c.Settle(a.d, a.method, resp.Payload, resp.Err)
	}))
	g.host.Fail(a.d, a.d.SettleAs(ctx, outcome))
}

// Settled is the default of Config.Settle. A message that was sent is done with a
// message or a completed task; while a task works, or after it has failed, it is
// unknown. Other methods are done with a result. After an error it is unknown. An
// executor that works on after its answer, or knows that nothing was done, says so
// with Decision.Commit or Release.
func Settled(_ *verify.Decision, method string, result any, err error) verify.ActOutcome {
	state := a2a.TaskStateUnknown
	switch r := result.(type) {
	case *a2a.Message:
		state = a2a.TaskStateCompleted
	case *a2a.Task:
		if r != nil {
			state = r.Status.State
		}
	case *a2a.TaskStatusUpdateEvent:
		if r != nil {
			state = r.Status.State
		}
	}
	if err != nil || method == methodSend && state != a2a.TaskStateCompleted {
		return verify.OutcomeUnknown
	}
	return verify.Done
}
