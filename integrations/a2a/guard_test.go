package verifya2a_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2aclient"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// refused demands that a call was refused with a code, and ran nothing.
func (s *shop) refused(err error, code verify.Code, kind error) *verifyhttp.Problem {
	s.t.Helper()
	p, ok := verifya2a.ReadRefusal(err)
	require.True(s.t, ok, "%v", err)
	require.Equal(s.t, code, p.Code, err)
	require.ErrorIs(s.t, err, kind)
	require.Contains(s.t, err.Error(), p.Text())
	require.NotContains(s.t, err.Error(), "z6Mk")
	require.Zero(s.t, s.ran.Load())
	return p
}

// Each row is one fault; its good twin is the same call without it.
func TestSend(t *testing.T) {
	type params = a2a.MessageSendParams
	invalid, server := a2a.ErrInvalidRequest, a2a.ErrServerError
	for name, c := range map[string]struct {
		edit   func(*shop)
		wire   func(*params)
		skill  string
		amount string
		code   verify.Code
		kind   error
	}{
		"allowed":        {},
		"over the limit": {amount: "60.00", code: verify.AuthorityAmountExceeded, kind: invalid},
		"not granted":    {skill: "reset", code: verify.AuthorityActionNotAllowed, kind: invalid},
		"undeclared at the server": {edit: func(s *shop) { delete(s.config.Skills, "charge") },
			code: verify.AuthorityOperationUnknown, kind: invalid},
		"status unknown": {edit: func(s *shop) { s.Lists.Fail(verifytest.RevocationURL, errors.New("down")) },
			code: verify.StatusUnavailable, kind: server},
		"an argument changed": {wire: func(p *params) {
			p.Message.Parts[0] = a2a.DataPart{Data: map[string]any{"amount": "12.51"}}
		}, code: verify.ProofIntentMismatch, kind: invalid},
		"a part added": {wire: func(p *params) {
			p.Message.Parts = append(p.Message.Parts, a2a.TextPart{Text: "and a tip"})
		}, code: verify.ProofIntentMismatch, kind: invalid},
		"metadata added": {wire: func(p *params) { p.Metadata["tip"] = true }, code: verify.ProofIntentMismatch, kind: invalid},
		"another task":   {wire: func(p *params) { p.Message.ContextID = "other" }, code: verify.ProofIntentMismatch, kind: invalid},
		"another skill of the same meaning": {edit: func(s *shop) { s.config.Skills["pay"] = s.config.Skills["charge"] },
			wire: func(p *params) { verifya2a.SetSkill(p.Message, "pay") }, code: verify.ProofIntentMismatch, kind: invalid},
		"no skill": {wire: func(p *params) { p.Message.Metadata = nil }, code: verify.AuthorityOperationUnknown, kind: invalid},
		"no message": {wire: func(p *params) { p.Message = nil },
			code: verify.AuthorityOperationUnknown, kind: invalid},
		"no presentation": {wire: func(p *params) { p.Metadata = nil }, code: verify.EnvelopeMissing, kind: invalid},
		"not a text": {wire: func(p *params) { p.Metadata[verifya2a.KeyPresentation] = 7 },
			code: verify.EnvelopeMalformed, kind: a2a.ErrInvalidParams},
		"for another agent": {edit: func(s *shop) { s.client.Audience = "did:web:other.example" },
			code: verify.ProofAudienceMismatch, kind: invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			if c.edit != nil {
				s = newShop(t, c.edit)
			}
			if c.skill == "" {
				c.skill = "charge"
			}
			if c.amount == "" {
				c.amount = "12.50"
			}
			wire := onWire{change: func(p *params) {
				if c.wire != nil {
					c.wire(p)
				}
			}}
			result, err := s.dial(wire).SendMessage(t.Context(), ask(c.skill, c.amount))
			if c.code != "" {
				s.refused(err, c.code, c.kind)
			} else {
				require.NoError(t, err)
				require.Equal(t, a2a.TaskStateCompleted, result.(*a2a.Task).Status.State)
				require.EqualValues(t, 1, s.ran.Load())
			}
			s.ran.Store(0)
			for _, err := range s.dial(wire).SendStreamingMessage(t.Context(), ask(c.skill, c.amount)) {
				if c.code == "" {
					require.NoError(t, err)
				} else {
					s.refused(err, c.code, c.kind)
				}
			}
			require.Equal(t, c.code == "", s.ran.Load() == 1)
		})
	}
}

// The caller is told the limit of its own passport.
func TestWhatTheAgentLearns(t *testing.T) {
	s := newShop(t)
	_, err := s.dial().SendMessage(t.Context(), ask("charge", "60.00"))
	p := s.refused(err, verify.AuthorityAmountExceeded, a2a.ErrInvalidRequest)
	require.Equal(t, "50.00 USD", p.Reasons[0].Limit)
	require.Equal(t, "60.00 USD", p.Reasons[0].Actual)
}

// INT-02: a presentation serves once, however many use it at once.
func TestINT02Replay(t *testing.T) {
	s := newShop(t)
	p := ask("charge", "12.50")
	_, err := s.dial().SendMessage(t.Context(), p) // which leaves the presentation in p
	require.NoError(t, err)
	s.ran.Store(0)
	_, err = s.connect().SendMessage(t.Context(), p)
	s.refused(err, verify.LedgerReplay, a2a.ErrInvalidRequest)

	s = newShop(t)
	stop := errors.New("taken")
	p = ask("charge", "12.50")
	_, err = s.dial(stops{err: stop}).SendMessage(t.Context(), p)
	require.ErrorIs(t, err, stop)
	client := s.connect()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { _, _ = client.SendMessage(context.Background(), p) })
	}
	group.Wait()
	require.EqualValues(t, 1, s.ran.Load())
}

type stops struct {
	a2aclient.PassthroughInterceptor
	err error
}

func (s stops) Before(ctx context.Context, _ *a2aclient.Request) (context.Context, error) {
	return ctx, s.err
}

// Every method is refused unless it is declared, or open by name.
func TestMethods(t *testing.T) {
	id := &a2a.TaskIDParams{ID: "t1"}
	get := &a2a.TaskQueryParams{ID: "t1"}
	s := newShop(t)
	client := s.connect()
	for name, call := range map[string]func() error{
		"get":    func() error { _, err := client.GetTask(t.Context(), get); return err },
		"cancel": func() error { _, err := client.CancelTask(t.Context(), id); return err },
		"resubscribe": func() (err error) {
			for _, err = range client.ResubscribeToTask(t.Context(), id) {
			}
			return err
		},
		"push get": func() error {
			_, err := client.GetTaskPushConfig(t.Context(), &a2a.GetTaskPushConfigParams{TaskID: "t1"})
			return err
		},
		"push list": func() error {
			_, err := client.ListTaskPushConfig(t.Context(), &a2a.ListTaskPushConfigParams{TaskID: "t1"})
			return err
		},
		"push set": func() error {
			_, err := client.SetTaskPushConfig(t.Context(), &a2a.TaskPushConfig{TaskID: "t1"})
			return err
		},
		"push delete": func() error {
			return client.DeleteTaskPushConfig(t.Context(), &a2a.DeleteTaskPushConfigParams{TaskID: "t1"})
		},
		"card": func() error { _, err := client.GetAgentCard(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) { s.refused(call(), verify.AuthorityOperationUnknown, a2a.ErrInvalidRequest) })
	}

	s = newShop(t, func(s *shop) {
		s.config.Open = []string{"tasks/get"}
		s.config.Methods = map[string]verifya2a.Call{"tasks/cancel": {Action: "data.read"}}
		s.client.Methods = s.config.Methods
	})
	_, err := s.connect().GetTask(t.Context(), get)
	require.ErrorIs(t, err, a2a.ErrTaskNotFound)
	_, err = s.connect().CancelTask(t.Context(), id)
	s.refused(err, verify.EnvelopeMissing, a2a.ErrInvalidRequest)
	_, err = s.dial().CancelTask(t.Context(), id)
	_, refused := verifya2a.ReadRefusal(err)
	require.False(t, refused, err) // it is the agent that does not know the task
	require.ErrorContains(t, err, "task")
}

// The method is bound: what was presented to cancel a task does not follow one.
func TestMethodIsBound(t *testing.T) {
	s := newShop(t, func(s *shop) {
		read := verifya2a.Call{Action: "data.read"}
		s.config.Methods = map[string]verifya2a.Call{"tasks/cancel": read, "tasks/resubscribe": read}
		s.client.Methods = s.config.Methods
	})
	id := &a2a.TaskIDParams{ID: "t1"}
	_, err := s.dial(stops{err: errors.New("taken")}).CancelTask(t.Context(), id)
	require.ErrorContains(t, err, "taken")
	for _, err = range s.connect().ResubscribeToTask(t.Context(), id) {
	}
	s.refused(err, verify.ProofIntentMismatch, a2a.ErrInvalidRequest)
}

// What becomes of the reservation follows the result.
func TestSettling(t *testing.T) {
	for name, c := range map[string]struct {
		charge func(context.Context) error
		spent  string
		open   int
	}{
		"done":     {nil, "12.50", 0},
		"an error": {func(context.Context) error { return errors.New("no answer from the bank") }, "0", 1},
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
				s.charge = c.charge
			})
			_, _ = s.dial().SendMessage(t.Context(), ask("charge", "12.50"))
			budgets, err := s.verifier.Budgets(t.Context(), chain)
			require.NoError(t, err)
			require.Regexp(t, "^"+c.spent, budgets[0].Text(budgets[0].Spent))
			require.Equal(t, c.open, budgets[0].Open)
		})
	}
	for state, want := range map[a2a.TaskState]verify.ActOutcome{
		a2a.TaskStateCompleted: verify.Done, a2a.TaskStateWorking: verify.OutcomeUnknown,
		a2a.TaskStateFailed: verify.OutcomeUnknown, a2a.TaskStateRejected: verify.OutcomeUnknown,
	} {
		task := &a2a.Task{Status: a2a.TaskStatus{State: state}}
		require.Equal(t, want, verifya2a.Settled(nil, "message/send", task, nil), state)
		require.Equal(t, verify.Done, verifya2a.Settled(nil, "tasks/get", task, nil), state)
	}
}

// Receipts come back to whoever asks, of refusals too.
func TestReceipts(t *testing.T) {
	key := verifytest.Key("shop")
	log, err := receipt.Open(t.Context(), t.TempDir(), receipt.Options{Origin: "shop.example", Signer: key, Key: key.PublicKey()})
	require.NoError(t, err)
	defer func() { _ = log.Close(context.Background()) }()
	keeper := &receipt.Keeper{Log: log, Signer: key}
	s := newShop(t, func(s *shop) { s.config.Receipt, s.client.WantReceipts = keeper.Keep, true })
	check := func(want verify.Verdict, event a2a.Event, err error) {
		r, err := verifya2a.ReadReceipt(event, err)
		require.NoError(t, err)
		says, err := receipt.Verify(t.Context(), r.Text, r.Proof,
			receipt.Trust{Verifier: key.DID(), Resolver: did.KeyMethods(), LogKey: log.Key()})
		require.NoError(t, err)
		require.Equal(t, want, says.Verdict)
	}
	for amount, want := range map[string]verify.Verdict{"12.50": verify.Allow, "60.00": verify.Deny} {
		result, err := s.dial().SendMessage(t.Context(), ask("charge", amount))
		check(want, result, err)
		for event, err := range s.dial().SendStreamingMessage(t.Context(), ask("charge", amount)) {
			check(want, event, err) // the first one has it
			break
		}
	}
	s.client.WantReceipts = false
	result, err := s.dial().SendMessage(t.Context(), ask("charge", "1.00"))
	_, err = verifya2a.ReadReceipt(result, err)
	require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)
}

// A presenter shows nothing to another server, and does not send what it has no words for.
func TestPresenter(t *testing.T) {
	s, other := newShop(t), newShop(t)
	presenter, err := verifya2a.NewPresenter(s.client)
	require.NoError(t, err)
	_, err = s.connect(presenter).SendMessage(t.Context(), ask("charge", "12.50"))
	require.NoError(t, err)
	_, err = other.connect(presenter).SendMessage(t.Context(), ask("charge", "12.50"))
	require.ErrorContains(t, err, "not the one")
	_, err = s.connect(presenter).SendMessage(t.Context(), ask("unheard of", "12.50"))
	require.ErrorIs(t, err, verify.AuthorityOperationUnknown)
	require.ErrorContains(t, err, "PresenterConfig does not declare")
}

// What cannot be decided is refused, and a wrong configuration is an error.
func TestNothingToDecideWith(t *testing.T) {
	var none *verifya2a.Guard
	for _, guard := range []*verifya2a.Guard{none, {}} {
		_, err := guard.Before(t.Context(), &a2asrv.CallContext{}, &a2asrv.Request{})
		require.ErrorIs(t, err, a2a.ErrServerError)
	}
	for want, edit := range map[string]func(*verifya2a.Config){
		"Verifier is nil":   func(c *verifya2a.Config) { c.Verifier = nil },
		"Audience is empty": func(c *verifya2a.Config) { c.Audience = "" },
		"cannot be open":    func(c *verifya2a.Config) { c.Open = []string{"message/send"} },
		"no metadata": func(c *verifya2a.Config) {
			c.Methods = map[string]verifya2a.Call{"tasks/pushNotificationConfig/set": {Action: "a.b"}}
		},
		"not one of A2A": func(c *verifya2a.Config) { c.Methods = map[string]verifya2a.Call{"tasks/got": {Action: "a.b"}} },
		"action":         func(c *verifya2a.Config) { c.Skills = map[string]verifya2a.Call{"x": {}} },
	} {
		c := newShop(t).config
		edit(&c)
		_, err := verifya2a.New(c)
		require.ErrorContains(t, err, want)
	}
}
