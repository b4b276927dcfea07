package verifyhttp_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// A problem for a protocol whose caller is a model has the reasons of the agent's
// own passports, and reads back. What a guard answers has none.
func TestReasonsTravel(t *testing.T) {
	s := newShop(t)
	pass := s.Issue(s.Passport())
	price := passport.MustMoney("60.00", "USD")
	d, err := s.Verifier().Verify(t.Context(),
		s.Present(pass, s.Intent(func(in *passport.Intent) { in.Amount = price })),
		s.Request(func(q *verify.Request) { q.Amount = price }))
	p := verifyhttp.NewProblem(d, err)
	require.Empty(t, p.Reasons)
	p.AddReasons(err)
	require.Len(t, p.Reasons, 1)
	require.Equal(t, verify.AuthorityAmountExceeded, p.Reasons[0].Code)
	text, jsonErr := json.Marshal(p)
	require.NoError(t, jsonErr)
	require.Contains(t, string(text), `"reasons":[{"code":"authority.amount_exceeded"`)
	require.NotContains(t, string(text), "did:")
	var back verifyhttp.Problem
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, p, back)
}

// The longest problem is read back.
func TestTheLongestProblemReadsBack(t *testing.T) {
	p := verifyhttp.NewProblem(nil, &verify.Refusal{Violations: []verify.Violation{{Code: verify.LedgerBudgetExceeded}}})
	long := strings.Repeat("\x01", 200)
	for range 8 {
		p.Reasons = append(p.Reasons, verifyhttp.Reason{Code: verify.LedgerBudgetExceeded, Detail: long, Limit: long, Actual: long,
			Until: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)})
	}
	text, err := p.MarshalJSON()
	require.NoError(t, err)
	var back verifyhttp.Problem
	require.NoError(t, back.UnmarshalJSON(text))
	require.Equal(t, p, back)
	for _, bad := range []string{``, `{}`, `[]`, `{"code":"no.such"}`, `{"code":"ledger.replay","code":"ledger.replay"}`,
		`{"code":"ledger.replay","until":"soon"}`} {
		require.Error(t, back.UnmarshalJSON([]byte(bad)), bad)
	}
}
