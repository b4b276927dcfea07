package verifymcp_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// A function of the host that panics does not end the process, and does not change a decision: what was allowed is
// done, and Failed is told. Nothing is settled where it was Settle.
func TestCallbacksThatPanic(t *testing.T) {
	for at, told := range map[string]string{
		"Observe": "config.Observe panicked: oh", "Settle": "config.Settle panicked: oh",
		"Receipt": "config.Receipt panicked: oh", "Failed": "",
	} {
		t.Run(at, func(t *testing.T) {
			var mu sync.Mutex // the server has goroutines of its own
			var decision *verify.Decision
			var heard []string
			met := func(where string) {
				if where == at {
					panic("oh")
				}
			}
			s := newShop(t, func(s *shop) {
				s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) {
					mu.Lock()
					defer mu.Unlock()
					decision = d
					met("Observe")
				}
				s.config.Settle = func(*verify.Decision, mcp.Result, error) verify.ActOutcome { met("Settle"); return verify.Done }
				s.config.Receipt = func(context.Context, *verify.Decision) (receipt, proof []byte, err error) {
					if met("Receipt"); at == "Failed" {
						err = errors.New("disk full")
					}
					return nil, nil, err
				}
				s.config.Failed = func(_ *verify.Decision, err error) {
					met("Failed")
					mu.Lock()
					defer mu.Unlock()
					heard = append(heard, err.Error())
				}
				s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
					p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
				}))}
			})
			res, err := call(s.connect("in memory", nil), "charge", charge("12.50"))
			require.NoError(t, err)
			require.False(t, res.IsError)
			require.EqualValues(t, 1, s.ran.Load())
			mu.Lock()
			defer mu.Unlock()
			if told != "" {
				require.Equal(t, []string{told}, heard)
			}
			budgets, err := s.verifier.Budgets(t.Context(), decision.Chain)
			require.NoError(t, err)
			require.Equal(t, at == "Settle", budgets[0].Open == 1)
		})
	}
}

// Without a clock a refusal stays a refusal.
func TestAClockThatPanics(t *testing.T) {
	s := newShop(t, func(s *shop) {
		s.config.Now = func() time.Time { panic("oh") }
		s.config.Tools = nil
	})
	res, err := call(s.connect("in memory", nil), "charge", charge("12.50"))
	s.refused(res, err, verify.AuthorityOperationUnknown)
}
