package verifya2a

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/a2aproject/a2a-go/a2aclient"
	"github.com/a2aproject/a2a-go/a2asrv"

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
	// is set, which is then asked for each call.
	Chain passport.Chain
	Renew func(context.Context) (passport.Chain, error)

	// Skills and Methods declare what calls mean, in the words of the server. A message
	// whose skill is not declared is not sent. Other methods that are not declared go
	// without a passport.
	Skills, Methods map[string]Call

	// Edit may complete the intent of a call: an ID of passport.IntentIDOf, so that a
	// call which is made twice acts once. Nil: intents stay as they are.
	Edit func(ctx context.Context, req *a2aclient.Request, in *passport.Intent) error

	// Present holds what else a presentation can have. Its Challenge must be empty.
	Present passport.PresentOptions

	WantReceipts bool // asks for a receipt of each call; see [ReadReceipt]
}

// Presenter is an a2aclient.CallInterceptor that shows a passport with each call: a
// presentation of its own, over its very params. Let it be the last interceptor. It is
// safe for concurrent use, of params that are not shared: it writes into their
// metadata.
//
// It presents to one server, that of the client which uses it first: another one could
// use what was meant for the first.
type Presenter struct {
	a2aclient.PassthroughInterceptor
	c     PresenterConfig
	shows presenter.Presenter
	calls calls
	to    atomic.Pointer[string]
}

var _ a2aclient.CallInterceptor = (*Presenter)(nil)

// NewPresenter checks a configuration and returns a Presenter for it.
func NewPresenter(c PresenterConfig) (*Presenter, error) {
	declared, err := calls{c.Skills, c.Methods}.copied()
	shows := presenter.Presenter{
		Agent: c.Agent, Audience: c.Audience, Chain: c.Chain, Renew: c.Renew, Present: c.Present,
	}
	if err := errors.Join(err, shows.Ready()); err != nil {
		return nil, fmt.Errorf("verifya2a: configuration: %w", err)
	}
	return &Presenter{c: c, shows: shows, calls: declared}, nil
}

// Before shows the passport.
func (p *Presenter) Before(ctx context.Context, req *a2aclient.Request) (context.Context, error) {
	method := nameOf[req.Method]
	if _, declared := p.calls.methods[method]; !declared && method != methodSend {
		return ctx, nil
	}
	if err := p.present(ctx, method, req); err != nil {
		return ctx, fmt.Errorf("verifya2a: presenting for %s: %w", method, err)
	}
	return ctx, nil
}

func (p *Presenter) present(ctx context.Context, method string, req *a2aclient.Request) error {
	url := req.BaseURL
	if !p.to.CompareAndSwap(nil, &url) && *p.to.Load() != url {
		return errors.New("the server is not the one to which the passport is shown")
	}
	take(req.Payload) // of a call before
	call, params, digest, err := p.calls.read(method, req.Payload)
	if errors.Is(err, verify.AuthorityOperationUnknown) {
		return fault(verify.AuthorityOperationUnknown, nothingToSign)
	}
	if err != nil {
		return err
	}
	in := passport.Intent{BodyDigest: digest}
	if in.Act, err = call.Act(params); err != nil {
		return err
	}
	if p.c.Edit != nil {
		if err := p.c.Edit(ctx, req, &in); err != nil {
			return err
		}
	}
	shown, err := p.shows.For(ctx, in)
	if err != nil {
		return err
	}
	meta := metadata(req.Payload)
	*meta = with(*meta, KeyPresentation, shown.Text())
	if p.c.WantReceipts {
		(*meta)[KeyWantReceipt] = true
	}
	if req.Meta != nil {
		req.Meta[a2asrv.ExtensionsMetaKey] = append(req.Meta[a2asrv.ExtensionsMetaKey], URI)
	}
	return nil
}
