package verifymcp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/verify"
)

const (
	methodCall = "tools/call"
	methodList = "tools/list"
	mostCall   = 1 << 20
	mostSent   = 64 << 20
)

// open is what belongs to the protocol itself. Notifications are open, too: they
// are answered by nothing.
var open = []string{"initialize", "ping", "server/discover", methodList}

// Config says how a server is guarded. [New] copies it.
type Config struct {
	// Verifier decides. Nil is an error.
	Verifier *verify.Verifier

	// Audience is who is asked to act, as agents name this server; empty is an error.
	Audience string

	// Tools declares what a call of each tool means, and Methods what a request of
	// another method means, such as "resources/read". What is declared in neither is
	// refused, whether the server has it or not.
	Tools, Methods map[string]Call

	// Open are other methods that anybody may call, such as "resources/list". Always
	// open are initialize, ping, server/discover, tools/list and notifications.
	Open []string

	// ListAllowed leaves in the answer to tools/list the tools alone that the passport
	// allows to call at all: none without a presentation. It decides nothing, uses
	// nothing up, and guards nothing but the list. False: all tools are listed.
	ListAllowed bool

	// Formats are those of the verifier, for ListAllowed. Nil: none.
	Formats []credential.Format

	// RefuseWithErrors answers a refused tools/call with a JSON-RPC error. False: with
	// a result that is an error, which hosts show to the model. Other methods are
	// always refused with an error.
	RefuseWithErrors bool

	// Settle says what has become of an act, of its result. OutcomeUnknown leaves the
	// reservation open: it counts as spent and is listed when its time is over. Nil:
	// [Settled].
	Settle func(d *verify.Decision, res mcp.Result, err error) verify.ActOutcome

	// Receipt keeps a receipt of a decision, as receipt.Keeper.Keep does. Whoever
	// asks for it gets it in _meta. Nil: there are none.
	Receipt func(ctx context.Context, d *verify.Decision) (receipt, proof []byte, err error)

	// Observe is told of every decision, Failed of a receipt or a settlement that
	// could not be kept, and of Observe, Settle or Receipt where they panic: then
	// the decision stays as it is, nothing is settled, and there is no receipt. Nil:
	// nobody.
	Observe func(ctx context.Context, d *verify.Decision, err error)
	Failed  func(d *verify.Decision, err error)

	// MaxCall is the longest call, in bytes of its params. Zero: 1 MiB; at most 64 MiB.
	MaxCall int

	Now func() time.Time // the clock of refusals before the verifier, and of lists; nil: time.Now
}

// Guard lets through to a server what its verifier allows. It is immutable and
// safe for concurrent use. The zero Guard, and a nil one, refuse everything.
type Guard struct {
	host  hostcall.Callbacks[*verify.Decision]
	c     Config
	calls calls
	open  map[string]bool
}

// New checks a configuration and returns a Guard for it.
func New(c Config) (*Guard, error) {
	g := &Guard{open: map[string]bool{}}
	c.Tools, c.Methods = maps.Clone(c.Tools), maps.Clone(c.Methods)
	if c.MaxCall == 0 {
		c.MaxCall = mostCall
	}
	g.calls = calls{c.Tools, c.Methods, c.MaxCall}
	errs := []error{g.calls.check()}
	if c.Verifier == nil {
		errs = append(errs, errors.New("config.Verifier is nil: nothing would be allowed"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("config.Audience is empty: a presentation for anybody would do"))
	}
	if c.MaxCall < 0 || c.MaxCall > 64<<20 {
		errs = append(errs, fmt.Errorf("MaxCall is %d, want 0 to 64 MiB", c.MaxCall))
	}
	for _, name := range slices.Concat(open, c.Open) {
		if _, declared := c.Methods[name]; declared || name == methodCall {
			errs = append(errs, fmt.Errorf("the method %s cannot be open", name))
		}
		g.open[name] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verifymcp: configuration: %w", err)
	}
	if c.Settle == nil {
		c.Settle = Settled
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	g.c = c
	g.host = hostcall.Callbacks[*verify.Decision]{Observe: c.Observe, Failed: c.Failed, Now: c.Now}
	return g, nil
}

// Middleware is an mcp.Middleware for Server.AddReceivingMiddleware. A tool finds
// the decision with verify.FromContext, and does not see the presentation.
func (g *Guard) Middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if g == nil || g.c.Verifier == nil {
			d, err := verify.Refuse(time.Time{}, fault(verify.InternalError, notMade))
			return nil, wireError(d, err, nil)
		}
		params := req.GetParams()
		switch {
		case method == methodList:
			return g.list(ctx, next, req, leftOut(params))
		case g.open[method], strings.HasPrefix(method, "notifications/"):
			return next(ctx, method, req)
		}
		shown := take(params)
		d, err := g.decide(ctx, method, params, shown)
		shown.giveBack(params)
		g.host.Tell(ctx, d, err)
		receipt := g.seal(ctx, d, shown)
		if err != nil {
			return g.refuse(method, d, err, receipt)
		}
		res, err := next(verify.NewContext(ctx, d), method, req)
		g.settle(ctx, d, res, err)
		if err == nil && receipt != nil {
			res = withMeta(res, MetaReceipt, receipt)
		}
		return res, err
	}
}

// decide asks the verifier. A panic there, or in the host's question, is a refusal.
func (g *Guard) decide(ctx context.Context, method string, params mcp.Params, shown presented) (d *verify.Decision,
	err error) {
	defer func() {
		if p := recover(); p != nil {
			panicked := fmt.Sprintf("verification panicked: %.200v", p)
			d, err = verify.Refuse(g.host.Time(), fault(verify.InternalError, panicked))
		}
	}()
	call, arguments, digest, err := g.calls.read(method, params)
	switch {
	case err != nil:
	case shown.bad:
		err = fault(verify.EnvelopeMalformed, notAPresentation)
	case shown.text == "":
		err = fault(verify.EnvelopeMissing, noPresentation)
	}
	var q verify.Request
	if err == nil {
		q.Act, err = call.Act(arguments)
	}
	if err != nil {
		return verify.RefuseOpenly(g.host.Time(), err)
	}
	if call.Ask != nil {
		if err := call.Ask(ctx, arguments, &q); err != nil {
			return verify.RefuseQuestion(g.host.Time(), err)
		}
	}
	// The call is bound whatever the host asks, and there is no stored answer.
	q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false
	return g.c.Verifier.Verify(ctx, []byte(shown.text), q)
}

// presented is what a request carries.
type presented struct {
	text    string
	bad     bool // there is something, and it is not a text
	receipt bool // is wanted
	rest    map[string]any
}

// take takes the presentation out of a request, so that nothing behind the guard
// sees it. _meta is empty when it returns: what is left of it is in rest.
func take(params mcp.Params) (p presented) {
	if leftOut(params) {
		return p
	}
	meta := params.GetMeta()
	params.SetMeta(nil)
	p.rest, p.receipt = maps.Clone(meta), meta[MetaWantReceipt] == true
	if v, ok := meta[MetaPresentation]; ok {
		p.text, ok = v.(string)
		p.bad = !ok
		delete(p.rest, MetaPresentation)
	}
	return p
}

// giveBack restores what take has left of _meta.
func (p *presented) giveBack(params mcp.Params) {
	if !leftOut(params) {
		params.SetMeta(p.rest)
	}
}

// leftOut reports a request without params.
func leftOut(params mcp.Params) bool { return params == nil || reflect.ValueOf(params).IsNil() }

// seal lets the host keep a receipt, and returns what the agent may have.
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

// settle says what has become of the act. A tool that panics has not said so:
// nothing is settled.
func (g *Guard) settle(ctx context.Context, d *verify.Decision, res mcp.Result, err error) {
	outcome := verify.OutcomeUnknown // so it stays where Settle panics
	g.host.Fail(d, hostcall.Try("config.Settle", func() { outcome = g.c.Settle(d, res, err) }))
	g.host.Fail(d, d.SettleAs(ctx, outcome))
}

// Settled is the default of Config.Settle: done after a result without an error,
// not done while the tool waits for more input; else unknown, for an error after
// money has moved must not give the budget back. A tool that knows that nothing
// was done says so with Decision.Release.
func Settled(_ *verify.Decision, res mcp.Result, err error) verify.ActOutcome {
	tool, isTool := res.(*mcp.CallToolResult)
	switch {
	case err != nil, res == nil, isTool && (tool == nil || tool.IsError):
		return verify.OutcomeUnknown
	case isTool && tool.InputRequests != nil:
		return verify.NotDone
	}
	return verify.Done
}
