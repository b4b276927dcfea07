package verifya2a_test

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2aclient"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/a2aproject/a2a-go/a2asrv/eventqueue"
	"github.com/stretchr/testify/require"

	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func skills() map[string]verifya2a.Call {
	return map[string]verifya2a.Call{
		"charge": {Action: "payments.charge", Amount: "/message/parts/0/data/amount", Currency: "USD",
			Category: "compute", Rail: "tempo"},
		"reset": {Action: "admin.reset"},
	}
}

// shop is a guarded agent in a world, and what its executor has seen.
type shop struct {
	*verifytest.World
	t        testing.TB
	config   verifya2a.Config
	client   verifya2a.PresenterConfig
	verifier *verify.Verifier
	ran      atomic.Int64
	bare     bool // knows nothing of passports
	charge   func(context.Context) error
	url      string
}

func newShop(t testing.TB, edits ...func(*shop)) *shop {
	w := verifytest.NewWorld(t)
	s := &shop{World: w, t: t}
	s.verifier = w.Verifier(func(c *verify.Config) { c.Ledger = ledger.NewMemory(ledger.Options{}); c.Evidence = true })
	s.config = verifya2a.Config{Verifier: s.verifier, Audience: verifytest.Audience, Skills: skills(), Now: w.Clock.Now}
	s.client = verifya2a.PresenterConfig{
		Agent: w.Agent, Audience: verifytest.Audience, Skills: skills(), Chain: passport.Chain{w.Issue(w.Passport())},
		Present: passport.PresentOptions{Now: w.Clock.Now},
	}
	for _, edit := range edits {
		edit(s)
	}
	guard, err := verifya2a.New(s.config)
	require.NoError(t, err)
	guards := []a2asrv.RequestHandlerOption{a2asrv.WithCallInterceptor(guard)}
	if s.bare {
		guards = nil
	}
	server := httptest.NewServer(a2asrv.NewJSONRPCHandler(a2asrv.NewHandler(s, guards...)))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// Execute is the agent: it completes a task.
func (s *shop) Execute(ctx context.Context, req *a2asrv.RequestContext, queue eventqueue.Queue) error {
	s.ran.Add(1)
	if _, ok := verify.FromContext(ctx); !ok && !s.bare {
		s.t.Error("the executor runs without a decision")
	}
	if req.Metadata[verifya2a.KeyPresentation] != nil && !s.bare || verifya2a.Skill(req.Message) == "" {
		s.t.Error("the executor sees the presentation, or no skill")
	}
	if s.charge != nil {
		if err := s.charge(ctx); err != nil {
			return err
		}
	}
	if err := queue.Write(ctx, a2a.NewStatusUpdateEvent(req, a2a.TaskStateWorking, nil)); err != nil {
		return err
	}
	done := a2a.NewStatusUpdateEvent(req, a2a.TaskStateCompleted, nil)
	done.Final = true
	return queue.Write(ctx, done)
}

func (s *shop) Cancel(context.Context, *a2asrv.RequestContext, eventqueue.Queue) error {
	s.ran.Add(1)
	return nil
}

// dial returns a client that presents; between changes what it sends.
func (s *shop) dial(between ...a2aclient.CallInterceptor) *a2aclient.Client {
	return s.connect(append([]a2aclient.CallInterceptor{s.presenter()}, between...)...)
}

func (s *shop) presenter() *verifya2a.Presenter {
	presenter, err := verifya2a.NewPresenter(s.client)
	require.NoError(s.t, err)
	return presenter
}

func (s *shop) connect(interceptors ...a2aclient.CallInterceptor) *a2aclient.Client {
	client, err := a2aclient.NewFromEndpoints(s.t.Context(),
		[]a2a.AgentInterface{{Transport: a2a.TransportProtocolJSONRPC, URL: s.url}}, a2aclient.WithInterceptors(interceptors...))
	require.NoError(s.t, err)
	return client
}

// onWire changes a call behind the presenter.
type onWire struct {
	a2aclient.PassthroughInterceptor
	change func(*a2a.MessageSendParams)
}

func (w onWire) Before(ctx context.Context, req *a2aclient.Request) (context.Context, error) {
	w.change(req.Payload.(*a2a.MessageSendParams))
	return ctx, nil
}

func ask(skill, amount string) *a2a.MessageSendParams {
	m := a2a.NewMessage(a2a.MessageRoleUser, a2a.DataPart{Data: map[string]any{"amount": amount}})
	return &a2a.MessageSendParams{Message: verifya2a.SetSkill(m, skill)}
}
