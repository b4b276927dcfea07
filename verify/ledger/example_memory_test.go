package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A ledger that a verifier asks, seen from a wrapper that counts what it is asked. It forgets what
// nobody can ask for any more, and knows what is used.
func ExampleMemory() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	asked := &counted{Memory: ledger.NewMemory(ledger.Options{})}
	v := w.Verifier(func(c *verify.Config) { c.Ledger = asked })
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	v.Explain(ctx, shown, w.Request()) // peeks, and uses nothing up
	d, err := v.Verify(ctx, shown, w.Request())
	_, _ = v.Verify(ctx, nil, w.Request()) // refused before it was asked, so it is told
	fmt.Println(asked.peeked, asked.reserved, asked.recorded, err)
	fmt.Println(d.Commit(ctx), asked.Forget(ctx, w.Clock.Now().Add(-48*time.Hour)))
	used, err := asked.Usage(ctx, nil, w.Clock.Now())
	fmt.Println(len(used), err)
	// Output:
	// 1 1 1 <nil>
	// <nil> <nil>
	// 0 <nil>
}

type counted struct {
	*ledger.Memory
	peeked, reserved, recorded int
}

func (c *counted) Peek(ctx context.Context, r *verify.Reservation) error {
	c.peeked++
	return c.Memory.Peek(ctx, r)
}

func (c *counted) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	c.reserved++
	return c.Memory.Reserve(ctx, r)
}

func (c *counted) Record(ctx context.Context, r verify.Record) error {
	c.recorded++
	return c.Memory.Record(ctx, r)
}
