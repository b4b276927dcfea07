package shield_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/shield"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// watched is a ledger that tells how its holds were settled, and may fail to.
type watched struct {
	verify.Ledger
	said  []string
	fails error
	panic bool
}

func (l *watched) settle(word string, err error) error {
	l.said = append(l.said, word)
	if l.panic {
		panic(word)
	}
	return errors.Join(l.fails, err)
}

func (l *watched) Settle(ctx context.Context, s verify.Settlement) error {
	word := map[verify.ActOutcome]string{verify.Done: "commit", verify.NotDone: "release"}[s.Outcome]
	return l.settle(word, errors.Join(ctx.Err(), l.Ledger.Settle(ctx, s)))
}

// tool is a function behind a shield, in a world.
type tool struct {
	*verifytest.World
	ledger *watched
	v      *verify.Verifier
	pass   *credential.Signed
	ran    int
	act    func(context.Context, string) (int, error)
}

func newTool(t *testing.T) *tool {
	w := verifytest.NewWorld(t)
	l := &watched{Ledger: ledger.NewMemory(ledger.Options{})}
	return &tool{World: w, ledger: l, v: w.Verifier(func(c *verify.Config) { c.Ledger = l }), pass: w.Issue(w.Passport())}
}

func (x *tool) question(amount string) verify.Request {
	return x.Request(func(q *verify.Request) { q.Amount = passport.MustMoney(amount, "USD") })
}

func (x *tool) charge(ctx context.Context, amount string) (int, error) {
	x.ran++
	if x.act != nil {
		return x.act(ctx, amount)
	}
	return len(amount), nil
}

func (x *tool) show(amount string) []byte {
	return x.Present(x.pass, x.Intent(func(in *passport.Intent) { in.Amount = passport.MustMoney(amount, "USD") }))
}

// A14: one line puts verification in front of a function.
func TestA14Enforce(t *testing.T) {
	x := newTool(t)
	charge := shield.Enforce(x.v, x.question, x.charge)
	shown := x.show("12.50")
	n, err := charge(t.Context(), shown, "12.50")
	require.NoError(t, err)
	require.Equal(t, 5, n)
	for code, call := range map[verify.Code]func() (int, error){
		verify.LedgerReplay:            func() (int, error) { return charge(t.Context(), shown, "12.50") },
		verify.EnvelopeMissing:         func() (int, error) { return charge(t.Context(), nil, "12.50") },
		verify.ProofIntentMismatch:     func() (int, error) { return charge(t.Context(), x.show("12.50"), "12.51") },
		verify.AuthorityAmountExceeded: func() (int, error) { return charge(t.Context(), x.show("50.01"), "50.01") },
	} {
		n, err := call()
		verifytest.AssertDenied(t, err, code)
		require.Zero(t, n)
	}
	require.Equal(t, 1, x.ran)
	require.Equal(t, []string{"commit"}, x.ledger.said)
}

// What becomes of the reservation follows the function's error.
func TestA14Settling(t *testing.T) {
	plain := errors.New("out of stock")
	for name, test := range map[string]struct {
		act  func(context.Context, string) (int, error)
		want []string
		err  error
	}{
		"success":   {nil, []string{"commit"}, nil},
		"error":     {func(context.Context, string) (int, error) { return 7, plain }, []string{"release"}, plain},
		"uncertain": {func(context.Context, string) (int, error) { return 7, fmt.Errorf("%w: no answer", shield.ErrUncertain) }, nil, shield.ErrUncertain},
		"settled by itself": {func(ctx context.Context, _ string) (int, error) {
			d, ok := verify.FromContext(ctx)
			require.True(t, ok)
			require.NoError(t, d.Commit(ctx))
			return 7, plain
		}, []string{"commit", "release"}, plain},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTool(t)
			x.act = test.act
			n, err := shield.Enforce(x.v, x.question, x.charge)(t.Context(), x.show("12.50"), "12.50")
			require.ErrorIs(t, err, test.err)
			require.NotZero(t, n, "the result is the function's")
			require.Equal(t, test.want, x.ledger.said)
		})
	}
	t.Run("the store fails", func(t *testing.T) {
		x := newTool(t)
		x.ledger.fails = errors.New("disk")
		charge := shield.Enforce(x.v, x.question, x.charge)
		_, err := charge(t.Context(), x.show("12.50"), "12.50")
		require.NoError(t, err, "the act was done; an error would have it done again")
		x.act = func(context.Context, string) (int, error) { return 0, plain }
		_, err = charge(t.Context(), x.show("12.50"), "12.50")
		require.ErrorIs(t, err, plain)
		require.ErrorContains(t, err, "disk")
	})
	t.Run("panic", func(t *testing.T) {
		x := newTool(t)
		x.act = func(context.Context, string) (int, error) { panic("half done") }
		require.PanicsWithValue(t, "half done", func() {
			_, _ = shield.Enforce(x.v, x.question, x.charge)(t.Context(), x.show("12.50"), "12.50")
		})
		require.Empty(t, x.ledger.said)
	})
}

// S6, A14: whoever is cut off does not know whether the act was done, so what was
// reserved stays: a caller who hangs up after the money has moved gets nothing
// back. What was done is done, whoever has gone.
func TestS6CutOff(t *testing.T) {
	plain := errors.New("out of stock")
	gone := errors.New("the user closed the window")
	fails := func(err error) func(context.Context, string) (int, error) {
		return func(context.Context, string) (int, error) { return 7, err }
	}
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	late := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	for name, c := range map[string]struct {
		act    func(context.Context, string) (int, error)
		hangUp bool // while the function runs
		want   []string
	}{
		"hangs up":                      {func(ctx context.Context, _ string) (int, error) { return 7, ctx.Err() }, true, nil},
		"hangs up, and another error":   {fails(plain), true, nil},
		"hangs up, told by its cause":   {func(ctx context.Context, _ string) (int, error) { return 7, context.Cause(ctx) }, true, nil},
		"an inner context is cancelled": {fails(fmt.Errorf("charging: %w", context.Canceled)), false, nil},
		"an inner context runs out":     {fails(fmt.Errorf("charging: %w", context.DeadlineExceeded)), false, nil},
		"a connection times out":        {fails(late), false, nil},
		"the second attempt times out":  {fails(errors.Join(refused, late)), false, nil},
		"behind an error that is none":  {fails(fmt.Errorf("%w, then %w", refused, fmt.Errorf("again: %w", late))), false, nil},
		"two attempts, no timeout":      {fails(errors.Join(refused, refused)), false, []string{"release"}},
		"a file's deadline":             {fails(fmt.Errorf("reading: %w", os.ErrDeadlineExceeded)), false, nil},
		"an error that is no timeout":   {fails(refused), false, []string{"release"}},
		"out of stock":                  {fails(plain), false, []string{"release"}},
		"hangs up, and it was done":     {fails(nil), true, []string{"commit"}},
		"knows that nothing was done": {func(ctx context.Context, _ string) (int, error) {
			d, _ := verify.FromContext(ctx)
			require.NoError(t, d.Release(context.WithoutCancel(ctx)))
			return 7, context.Canceled
		}, true, []string{"release"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTool(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			var inner error
			_, err := shield.Enforce(x.v, x.question, func(ctx context.Context, a string) (int, error) {
				if c.hangUp {
					cancel(gone)
				}
				var n int
				n, inner = c.act(ctx, a)
				return n, inner
			})(ctx, x.show("12.50"), "12.50")
			require.Equal(t, c.want, x.ledger.said)
			if inner == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, inner)
			if c.want == nil {
				require.ErrorIs(t, err, shield.ErrUncertain)
			}
		})
	}
	t.Run("observed", func(t *testing.T) {
		x := newTool(t)
		x.act = fails(context.Canceled)
		_, err := shield.Observe(x.v, x.question, x.charge, nil)(t.Context(), x.show("12.50"), "12.50")
		require.Equal(t, context.Canceled, err, "the error is the function's own")
		require.Empty(t, x.ledger.said)
	})
}

// A repeat is refused: there is no stored answer.
func TestA14NoRepeats(t *testing.T) {
	x := newTool(t)
	charge := shield.Enforce(x.v, func(a string) verify.Request {
		q := x.question(a)
		q.AcceptRepeat = true
		return q
	}, x.charge)
	in := x.Intent(func(in *passport.Intent) { in.ID = "urn:safeconduct:intent:01JD6WZ9000000000000000000" })
	_, err := charge(t.Context(), x.Present(x.pass, in), "12.50")
	require.NoError(t, err)
	_, err = charge(t.Context(), x.Present(x.pass, in), "12.50")
	verifytest.AssertDenied(t, err, verify.LedgerRepeated)
	require.Equal(t, 1, x.ran)
}

// WEB-02, WEB-10 for functions: what cannot be decided is refused.
func TestA14NothingToDecideWith(t *testing.T) {
	x := newTool(t)
	panics := func(string) verify.Request { panic("oops") }
	for name, charge := range map[string]func(context.Context, []byte, string) (int, error){
		"no verifier":     shield.Enforce(nil, x.question, x.charge),
		"zero verifier":   shield.Enforce(&verify.Verifier{}, x.question, x.charge),
		"no question":     shield.Enforce(x.v, nil, x.charge),
		"no function":     shield.Enforce[string, int](x.v, x.question, nil),
		"question panics": shield.Enforce(x.v, panics, x.charge),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := charge(t.Context(), x.show("12.50"), "12.50")
			verifytest.AssertDenied(t, err, verify.InternalError)
			var r *verify.Refusal
			require.ErrorAs(t, err, &r)
			require.Equal(t, verify.Undetermined, r.Verdict)
		})
	}
	require.Zero(t, x.ran)
	_, ok := verify.FromContext(t.Context())
	require.False(t, ok)
}

// A14: Observe tells what Enforce would have said, and never stops the function.
func TestA14Observe(t *testing.T) {
	x := newTool(t)
	var seen []error
	see := func(_ context.Context, d *verify.Decision, err error) {
		require.NotNil(t, d)
		require.Equal(t, err == nil, d.Verdict == verify.Allow)
		seen = append(seen, err)
	}
	x.act = func(ctx context.Context, _ string) (int, error) {
		_, ok := verify.FromContext(ctx)
		require.False(t, ok, "nothing was permitted")
		return 7, nil
	}
	run := func(v *verify.Verifier, q func(string) verify.Request, presented []byte) error {
		n, err := shield.Observe(v, q, x.charge, see)(t.Context(), presented, "12.50")
		require.NoError(t, err)
		require.Equal(t, 7, n)
		return seen[len(seen)-1]
	}
	shown := x.show("12.50")
	verifytest.AssertAllowed(t, run(x.v, x.question, shown))
	require.Equal(t, []string{"commit"}, x.ledger.said)
	verifytest.AssertDenied(t, run(x.v, x.question, shown), verify.LedgerReplay)
	verifytest.AssertDenied(t, run(x.v, x.question, nil), verify.EnvelopeMissing)
	verifytest.AssertDenied(t, run(nil, x.question, shown), verify.InternalError)
	verifytest.AssertDenied(t, run(&verify.Verifier{}, x.question, shown), verify.InternalError)
	verifytest.AssertDenied(t, run(x.v, nil, shown), verify.InternalError)
	x.ledger.panic = true
	verifytest.AssertAllowed(t, run(x.v, x.question, x.show("12.50"))) // settling panics, the call does not
	require.Equal(t, 7, x.ran)
	x.ledger.panic = false

	plain := errors.New("out of stock")
	x.act = func(context.Context, string) (int, error) { return 0, plain }
	_, err := shield.Observe(x.v, x.question, x.charge, nil)(t.Context(), x.show("12.50"), "12.50")
	require.Equal(t, plain, err)
	require.Equal(t, []string{"commit", "commit", "release"}, x.ledger.said)
}

// One presentation used 64 times at once runs the function once.
func TestINT02EnforceOnce(t *testing.T) {
	w := verifytest.NewWorld(t)
	var ran, refused atomic.Int64
	charge := shield.Enforce(w.Verifier(), func(struct{}) verify.Request { return w.Request() },
		func(context.Context, struct{}) (int64, error) { return ran.Add(1), nil })
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			if _, err := charge(context.Background(), shown, struct{}{}); errors.Is(err, verify.LedgerReplay) {
				refused.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, ran.Load())
	require.EqualValues(t, 63, refused.Load())
}
