package verify_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a guard says has become of an act is settled, though the caller has gone; what the
// host has settled otherwise before stands, and an unknown outcome leaves the hold open.
func TestSettleAs(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, row := range []struct {
		outcome      verify.ActOutcome
		before       func(*verify.Decision) error
		then, either error // of Commit and of Release after it
	}{
		{verify.Done, nil, nil, verify.ErrSettled},
		{verify.NotDone, nil, verify.ErrSettled, nil},
		{verify.OutcomeUnknown, nil, nil, verify.ErrSettled},
		{verify.ActOutcome(9), nil, nil, verify.ErrSettled},
		{verify.Done, func(d *verify.Decision) error { return d.Release(t.Context()) }, verify.ErrSettled, nil},
		{verify.NotDone, func(d *verify.Decision) error { return d.Commit(t.Context()) }, nil, verify.ErrSettled},
	} {
		w := verifytest.NewWorld(t)
		v := w.Verifier(func(c *verify.Config) { c.Ledger = heedful{c.Ledger} })
		d, err := v.Verify(t.Context(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
		require.NoError(t, err)
		if row.before != nil {
			require.NoError(t, row.before(d))
		}
		require.NoError(t, d.SettleAs(gone, row.outcome))
		require.ErrorIs(t, d.Commit(t.Context()), row.then, "%v", row.outcome)
		require.ErrorIs(t, d.Release(t.Context()), row.either, "%v", row.outcome)
	}
	refused, _ := verify.Refuse(time.Time{}, verify.EnvelopeMissing)
	require.NoError(t, refused.SettleAs(t.Context(), verify.Done), "there is nothing to settle")
}

// heedful is a ledger that does nothing for a caller who has gone.
type heedful struct{ verify.Ledger }

func (h heedful) Settle(ctx context.Context, s verify.Settlement) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.Ledger.Settle(ctx, s)
}

// An error of the host's question keeps its code; without one it is a fault of the host.
func TestRefuseQuestion(t *testing.T) {
	broken := errors.New("the table is broken")
	for code, err := range map[verify.Code]error{
		verify.RequestInvalid:            broken,
		verify.AuthorityOperationUnknown: fmt.Errorf("no such tool: %w", verify.AuthorityOperationUnknown),
		verify.EnvelopeMalformed:         &verify.Violation{Code: verify.EnvelopeMalformed, Detail: "no amount"},
	} {
		d, refusal := verify.RefuseQuestion(time.Time{}, err)
		require.ErrorIs(t, refusal, code)
		require.Equal(t, code, d.Code())
		require.Len(t, d.Violations, 1)
	}
	_, refusal := verify.RefuseQuestion(time.Time{}, nil)
	require.ErrorIs(t, refusal, verify.RequestInvalid)
	_, refusal = verify.RefuseQuestion(time.Time{}, broken)
	require.ErrorIs(t, refusal, broken)
}
