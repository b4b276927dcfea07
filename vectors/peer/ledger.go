package peer

import (
	"context"
	"errors"
	"math/big"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// instant is an RFC 3339 text; empty: zero.
type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(raw []byte) error {
	if string(raw) == `""` || string(raw) == "null" {
		return nil
	}
	return i.Time.UnmarshalJSON(raw)
}

// step is one call of a ledger.
type step struct {
	Op       string
	Decision string
	At       instant

	Agent, Audience, Challenge, Intent, Content string
	ReplayUntil, KnownUntil, HoldBy             instant
	AcceptRepeat                                bool
	Chain                                       []string
	Charges                                     []struct {
		Account, Name string
		Rate          bool
		Since, Until  instant
		Use, Limit    string
	}
	Amount *amount
	Caps   *struct{ Nonces, Acts, RootActs, RootAccounts int }

	Outcome, By string

	Account, Name string
	Since         instant
	Before        instant
}

// quantity reads money in units of 10^-18, or a count: whole numbers both.
func quantity(s string) (verify.Quantity, error) {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 128 {
		return verify.Quantity{}, brokenf("%q is not a quantity", s)
	}
	var b [16]byte
	n.FillBytes(b[:])
	return verify.QuantityFromBytes(b), nil
}

func number(q verify.Quantity) string {
	b := q.Bytes()
	return new(big.Int).SetBytes(b[:]).String()
}

func ledgerKind(q *question) (vectors.Answer, error) {
	var in struct{ Steps []step }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	l := ledger.NewMemory(ledger.Options{})
	answers := []any{}
	for i := range in.Steps {
		a, err := in.Steps[i].do(l)
		if err != nil {
			return vectors.Answer{}, &broken{err}
		}
		answers = append(answers, a)
	}
	return accept(object{"answers": answers})
}

func (s *step) do(l *ledger.Memory) (any, error) {
	ctx := context.Background()
	switch s.Op {
	case "reserve", "peek":
		r, err := s.reservation()
		if err != nil {
			return nil, err
		}
		if s.Op == "peek" {
			return said(l.Peek(ctx, r), "ok"), nil
		}
		held, err := l.Reserve(ctx, r)
		if err == nil && held.Repeated {
			return "repeats " + held.Decision, nil
		}
		return said(err, "ok"), nil
	case "settle":
		m, err := s.Amount.money()
		if err != nil {
			return nil, err
		}
		outcome := map[string]verify.ActOutcome{"done": verify.Done, "not done": verify.NotDone}[s.Outcome]
		return said(l.Settle(ctx, verify.Settlement{Decision: s.Decision, Outcome: outcome, Amount: m, At: s.At.Time,
			By: s.By}), "ok"), nil
	case "usage":
		used, err := l.Usage(ctx, []verify.Charge{{Account: s.Account, Name: s.Name, Since: s.Since.Time}}, s.At.Time)
		if err != nil {
			return said(err, ""), nil
		}
		return object{"spent": number(used[0].Spent), "held": number(used[0].Held)}, nil
	case "unresolved":
		list, err := l.Unresolved(ctx, s.At.Time, "", 0)
		if err != nil {
			return nil, err
		}
		ids := []string{}
		for _, u := range list {
			ids = append(ids, u.Decision)
		}
		return ids, nil
	case "forget":
		return said(l.Forget(ctx, s.Before.Time), "ok"), nil
	}
	return nil, brokenf("no operation %q", s.Op)
}

// said is the answer of a ledger as one word.
func said(err error, ok string) string {
	switch {
	case err == nil:
		return ok
	case errors.Is(err, verify.ErrSettled):
		return "settled otherwise"
	case errors.Is(err, verify.ErrUnknownDecision):
		return "unknown decision"
	case errors.Is(err, verify.ErrNotReserved):
		return "not reserved"
	case errors.Is(err, verify.LedgerBudgetExceeded):
		return string(verify.LedgerBudgetExceeded) // before rates, where both are
	case errors.Is(err, verify.LedgerRateExceeded):
		return string(verify.LedgerRateExceeded)
	}
	for _, c := range codes(err) {
		return c
	}
	return err.Error()
}

func (s *step) reservation() (*verify.Reservation, error) {
	agent, err := did.Parse(s.Agent)
	if err != nil {
		return nil, err
	}
	m, err := s.Amount.money()
	if err != nil {
		return nil, err
	}
	r := &verify.Reservation{
		At: s.At.Time, Replay: verify.ReplayKey{Agent: agent, Audience: s.Audience, Challenge: s.Challenge},
		ReplayUntil: s.ReplayUntil.Time,
		Idempotency: verify.IdempotencyKey{Agent: agent, Audience: s.Audience, Intent: s.Intent}, Content: s.Content,
		KnownUntil:   s.KnownUntil.Time,
		AcceptRepeat: s.AcceptRepeat, Agent: agent, Chain: s.Chain, HoldBy: s.HoldBy.Time,
		Caps: verify.Caps{Nonces: 100, Acts: 100, RootActs: 100, RootAccounts: 100},
		Record: verify.Record{Decision: s.Decision, At: s.At.Time, Verdict: verify.Allow, Agent: s.Agent,
			Root: s.Chain[0], Amount: m},
	}
	if s.Caps != nil {
		r.Caps = verify.Caps(*s.Caps)
	}
	for _, c := range s.Charges {
		use, err := quantity(c.Use)
		if err != nil {
			return nil, err
		}
		limit, err := quantity(c.Limit)
		if err != nil {
			return nil, err
		}
		r.Charges = append(r.Charges, verify.Charge{Account: c.Account, Name: c.Name, Rate: c.Rate,
			Since: c.Since.Time, Until: c.Until.Time, Use: use, Limit: limit})
	}
	return r, nil
}
