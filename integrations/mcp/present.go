package verifymcp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/presenter"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// PresenterConfig says which agent calls, and to whom it shows its passport.
// [NewPresenter] copies it.
type PresenterConfig struct {
	// Agent signs presentations: the agent of the last passport of the chain. Nil is an
	// error.
	Agent did.Signer

	// Audience is the audience that is configured at the server; empty is an error.
	Audience string

	// Chain is the passport with its ancestors, root first. It may be empty if Renew
	// is set, which is then asked for each call; it keeps its chain as long as that
	// serves.
	Chain passport.Chain
	Renew func(context.Context) (passport.Chain, error)

	// Tools and Methods declare what calls mean, in the words of the server: see
	// [CallsOf]. A tool that is not declared is not called. Methods that are not
	// declared go without a passport.
	Tools, Methods map[string]Call

	// Edit may complete the intent of a call: an ID of passport.IntentIDOf, so that a
	// call which is made twice acts once. An error is returned to the caller, and
	// nothing is sent. Nil: intents stay as they are.
	Edit func(ctx context.Context, params mcp.Params, in *passport.Intent) error

	// Present holds what else a presentation can have. Its Challenge must be empty.
	Present passport.PresentOptions

	WantReceipts bool // asks for a receipt of each call; see [ReadReceipt]
	PresentLists bool // presents with tools/list, too; see Config.ListAllowed
}

// Presenter shows a passport with each call that a client makes: a presentation of
// its own, over its very arguments. It is safe for concurrent use.
//
// It presents to one server: to that of the session in which it is used first, or
// that Bind names. Another server, which could use what was meant for the first
// one, is shown nothing, and the call fails.
//
// The SDK sends a call again by itself where a tool asks for more input
// (mcp.ClientOptions.MultiRoundTrip), with the old presentation, which a guard
// refuses. Disable that and make the second call with what was asked for.
type Presenter struct {
	c     PresenterConfig
	shows presenter.Presenter
	calls calls
	to    atomic.Pointer[mcp.ClientSession]
}

// NewPresenter checks a configuration and returns a Presenter for it.
func NewPresenter(c PresenterConfig) (*Presenter, error) {
	c.Tools, c.Methods = maps.Clone(c.Tools), maps.Clone(c.Methods)
	p := &Presenter{c: c, calls: calls{c.Tools, c.Methods, mostSent}}
	p.shows = presenter.Presenter{
		Agent: c.Agent, Audience: c.Audience, Chain: c.Chain, Renew: c.Renew, Present: c.Present,
	}
	if err := errors.Join(p.calls.check(), p.shows.Ready()); err != nil {
		return nil, fmt.Errorf("verifymcp: configuration: %w", err)
	}
	return p, nil
}

// Bind names the session of the server that the passport is shown to, after a client
// has connected anew.
func (p *Presenter) Bind(s *mcp.ClientSession) { p.to.Store(s) }

// Middleware is an mcp.Middleware for Client.AddSendingMiddleware.
func (p *Presenter) Middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		_, declared := p.calls.methods[method]
		if method != methodCall && !declared && (method != methodList || !p.c.PresentLists) {
			return next(ctx, method, req)
		}
		req, err := p.present(ctx, method, req)
		if err != nil {
			return nil, fmt.Errorf("verifymcp: presenting for %s: %w", method, err)
		}
		return next(ctx, method, req)
	}
}

// present returns a request that carries a presentation. The caller's stays as it is.
func (p *Presenter) present(ctx context.Context, method string, req mcp.Request) (mcp.Request, error) {
	session, ok := req.GetSession().(*mcp.ClientSession)
	if !ok || !p.to.CompareAndSwap(nil, session) && p.to.Load() != session {
		return nil, errors.New("the session is not the one to which the passport is shown; see Bind")
	}
	asked := req.GetParams()
	if asked == nil && method == methodList {
		asked = &mcp.ListToolsParams{}
	}
	out, params := again(session, asked)
	if out == nil {
		return nil, fmt.Errorf("parameters of type %T cannot carry a presentation", req.GetParams())
	}
	meta := maps.Clone(params.GetMeta())
	if meta == nil {
		meta = map[string]any{}
	}
	params.SetMeta(nil)
	in := passport.Intent{Act: passport.Act{Action: ActionList}}
	if method != methodList {
		call, arguments, digest, err := p.calls.read(method, params)
		if errors.Is(err, verify.AuthorityOperationUnknown) {
			return nil, fault(verify.AuthorityOperationUnknown, nothingToSign)
		}
		if err != nil {
			return nil, err
		}
		if in.Act, err = call.Act(arguments); err != nil {
			return nil, err
		}
		in.BodyDigest = digest
	}
	if p.c.Edit != nil {
		if err := p.c.Edit(ctx, params, &in); err != nil {
			return nil, err
		}
	}
	shown, err := p.shows.For(ctx, in)
	if err != nil {
		return nil, err
	}
	meta[MetaPresentation] = shown.Text()
	if p.c.WantReceipts {
		meta[MetaWantReceipt] = true
	}
	params.SetMeta(meta)
	return out, nil
}

// again makes the same request with parameters of its own; nil if it is of another
// kind.
func again(s *mcp.ClientSession, params mcp.Params) (mcp.Request, mcp.Params) {
	switch p := params.(type) {
	case *mcp.CallToolParams:
		return requestOf(s, copyOf(p))
	case *mcp.ListToolsParams:
		return requestOf(s, copyOf(p))
	case *mcp.ReadResourceParams:
		return requestOf(s, copyOf(p))
	case *mcp.GetPromptParams:
		return requestOf(s, copyOf(p))
	case *mcp.CompleteParams:
		return requestOf(s, copyOf(p))
	case *mcp.SubscribeParams:
		return requestOf(s, copyOf(p))
	}
	return nil, nil
}

func requestOf[P mcp.Params](s *mcp.ClientSession, p P) (mcp.Request, mcp.Params) {
	return &mcp.ClientRequest[P]{Session: s, Params: p}, p
}
