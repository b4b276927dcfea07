package score

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func of(at time.Time, t Totals) (h History) {
	h.Count(at, t)
	return h
}

// The figures are those that the AIP-1 library 1.0.0 gives (A7).
func TestA7AIP1Formula(t *testing.T) {
	for _, tt := range []struct {
		name string
		t    Totals
		want float64
	}{
		{"nobody knows it", Totals{}, 0},
		{"one good act", Totals{Allowed: 1}, 0.901},
		{"two good acts", Totals{Allowed: 2}, 0.902},
		{"three good acts and a violation", Totals{Allowed: 3, Violations: 1}, 0.7540},
		{"99 of 100", Totals{Allowed: 99, Violations: 1}, 0.994},
		{"and a revocation", Totals{Allowed: 99, Violations: 1, Revocations: 1}, 0.949},
		{"a violation alone", Totals{Violations: 1}, 0.301},
		{"a revocation alone is no act", Totals{Revocations: 1}, 0},
		{"an attestation change", Totals{Allowed: 100, AttestationChanges: 1}, 0.985},
		{"the first hop", Totals{Allowed: 100, Depth: 1}, 0.99},
		{"more than counts", Totals{Allowed: 1000, Revocations: 50, AttestationChanges: 50, Depth: 50}, 0.7},
		{"negative counts are zero", Totals{Allowed: 100, Violations: -5, Revocations: -1}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := AIP1{}.Score(of(now, tt.t), now)
			assert.InDelta(t, tt.want, s.Value, 0.00005)
			sum := 0.0
			for _, f := range s.Factors {
				sum += f.Effect
			}
			assert.InDelta(t, s.Value, sum, 0.0005, "the effects add up")
		})
	}
}

// Against mpmath 1.3 with 30 digits.
func TestBetaQuantile(t *testing.T) {
	for _, tt := range [][4]float64{
		{0.05, 1, 1, 0.05}, {0.05, 2, 1, 0.2236067977}, {0.05, 11, 1, 0.7615958096}, {0.05, 100, 2, 0.9538926501},
		{0.05, 3.5, 12.25, 0.07737273541}, {0.01, 1000, 7, 0.9855778902}, {0.5, 2, 2, 0.5},
		{0.05, 1, 11, 0.004652171732}, {0.05, 20000, 300, 0.9838020348},
	} {
		assert.InDelta(t, tt[3], betaQuantile(tt[0], tt[1], tt[2]), 1e-9, "%v", tt)
	}
}

func TestA7Newcomers(t *testing.T) {
	value := func(t Totals) float64 { return Bayesian{}.Score(of(now, t), now).Value }
	assert.Equal(t, 0.05, value(Totals{}))
	assert.Less(t, value(Totals{Allowed: 1}), 0.3, "one success does not make an agent trusted")
	assert.Greater(t, value(Totals{Allowed: 100}), 0.95)
	assert.Less(t, value(Totals{Allowed: 100, Revocations: 1}), value(Totals{Allowed: 100, Violations: 5}))
	assert.Equal(t, value(Totals{Allowed: 9}), value(Totals{Allowed: 9, Depth: 3}), "depth says nothing of what was done")
}

func TestA7OldActsFade(t *testing.T) {
	year := 365 * day
	h := of(now.Add(-year), Totals{Violations: 20})
	h.Count(now, Totals{Allowed: 20})
	fresh := of(now, Totals{Allowed: 20, Violations: 20})
	assert.Greater(t, Bayesian{}.Score(h, now).Value, Bayesian{}.Score(fresh, now).Value+0.2)

	b := Bayesian{HalfLife: 10 * year}
	assert.Less(t, b.Score(h, now).Value, Bayesian{}.Score(h, now).Value)
}

// What happens after the instant does not count: a score can be made again.
func TestA7AsOfAnInstant(t *testing.T) {
	for _, m := range []Model{Bayesian{}, AIP1{}} {
		h := of(now, Totals{Allowed: 10})
		was := m.Score(h, now)
		h.Count(now.Add(48*time.Hour), Totals{Violations: 10})
		assert.Equal(t, was, m.Score(h, now))
		assert.Less(t, m.Score(h, now.Add(72*time.Hour)).Value, was.Value)
		assert.Equal(t, now, was.At)
	}
}

func TestOutOfRange(t *testing.T) {
	h := of(now, Totals{Allowed: 10, Violations: 2})
	assert.Equal(t, Bayesian{Credibility: 99}.Score(h, now).Value, Bayesian{Credibility: 200}.Score(h, now).Value)
	assert.Equal(t, Bayesian{Credibility: 50}.Score(h, now).Value, Bayesian{Credibility: 1}.Score(h, now).Value)
	assert.Equal(t, Bayesian{}.Score(h, now).Value, Bayesian{HalfLife: -time.Hour}.Score(h, now).Value)
	for _, extreme := range []Totals{{Allowed: math.MaxInt64}, {Violations: math.MaxInt64}, {Revocations: math.MaxInt64}} {
		v := Bayesian{}.Score(of(now, extreme), now).Value
		assert.True(t, v >= 0 && v <= 1, "%v: %v", extreme, v)
	}
}

// More good never lowers a score, more bad never raises it.
func TestA7Monotone(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		at := now.Add(-time.Duration(r.Int64N(int64(400 * day))))
		h := of(at, Totals{Allowed: r.Int64N(2000), Violations: r.Int64N(50), Revocations: r.Int64N(3)})
		more := func(t Totals) float64 {
			o := History{Days: append([]Day(nil), h.Days...)}
			o.Count(at, t)
			return Bayesian{}.Score(o, now).Value
		}
		v := Bayesian{}.Score(h, now).Value
		assert.GreaterOrEqual(t, more(Totals{Allowed: 1 + r.Int64N(100)}), v)
		assert.LessOrEqual(t, more(Totals{Violations: 1 + r.Int64N(100)}), v)
		assert.LessOrEqual(t, more(Totals{Revocations: 1}), v)
		assert.LessOrEqual(t, more(Totals{AttestationChanges: 1}), v)
	}
}

func TestA7WhatCounts(t *testing.T) {
	for _, tt := range []struct {
		verdict verify.Verdict
		codes   []verify.Code
		want    Totals
	}{
		{verify.Allow, nil, Totals{Allowed: 1}},
		{verify.Deny, []verify.Code{verify.AuthorityActionNotAllowed}, Totals{Violations: 1}},
		{verify.Deny, []verify.Code{verify.AuthorityAmountExceeded, verify.AuthorityRegionBlocked}, Totals{Violations: 1}},
		{verify.Deny, []verify.Code{verify.LedgerBudgetExceeded}, Totals{Violations: 1}},
		{verify.Deny, []verify.Code{verify.PolicyDenied}, Totals{Violations: 1}},
		{verify.Deny, []verify.Code{"policy.cooling_off"}, Totals{Violations: 1}},
		{verify.Deny, []verify.Code{verify.PolicyObligationUnmet}, Totals{}},
		{verify.Deny, []verify.Code{verify.AuthorityIntentDrift}, Totals{}},
		{verify.Deny, []verify.Code{verify.TrustTooLow}, Totals{}},
		// What was done before and is not done again, however often it is asked for.
		{verify.Allow, []verify.Code{verify.LedgerRepeated}, Totals{}},
		{verify.Deny, []verify.Code{verify.LedgerRepeated}, Totals{}},
		{verify.Deny, []verify.Code{verify.LedgerReplay}, Totals{}},
		{verify.Deny, []verify.Code{verify.ProofInvalid}, Totals{}},
		{verify.Deny, []verify.Code{verify.TimeExpired}, Totals{}},
		{verify.Deny, []verify.Code{verify.StatusRevoked}, Totals{}},
		{verify.Deny, []verify.Code{verify.AuthorityAttributeMissing}, Totals{}},
		{verify.Undetermined, []verify.Code{verify.StatusStale}, Totals{}},
		// The verdict says it: what could not be found out is nobody's fault.
		{verify.Undetermined, []verify.Code{verify.AuthorityAmountExceeded}, Totals{}},
		{verify.Deny, nil, Totals{}},
	} {
		var h History
		h.Add(&verify.Record{At: now, Verdict: tt.verdict, Codes: tt.codes})
		assert.Equal(t, tt.want, h.Until(now), "%v %v", tt.verdict, tt.codes)
	}
}

// A7: counts that are too large to add are the largest, so that nobody is forgiven.
func TestA7CountsDoNotWrap(t *testing.T) {
	for _, m := range []Model{Bayesian{}, AIP1{}} {
		good := of(now.Add(-day), Totals{Allowed: 1000})
		h := of(now.Add(-day), Totals{Allowed: 1000, Violations: math.MaxInt64, Revocations: math.MaxInt64})
		for _, at := range []time.Time{now.Add(-day), now} {
			h.Count(at, Totals{Violations: math.MaxInt64, Revocations: 1})
			s := m.Score(h, now)
			assert.Less(t, s.Value, 0.5, s.Model)
			assert.Less(t, s.Value, m.Score(good, now).Value, s.Model)
			assert.Equal(t, int64(math.MaxInt64), s.Factors[1].Count, s.Model)
		}
		h = of(now, Totals{Allowed: math.MaxInt64, Violations: math.MaxInt64})
		v := m.Score(h, now).Value
		assert.True(t, v > 0 && v < 1, "%T: %v", m, v)
	}
}

// The order in which records arrive does not matter.
func TestHistoryOrder(t *testing.T) {
	records := make([]verify.Record, 200)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range records {
		records[i] = verify.Record{At: now.Add(-time.Duration(r.Int64N(int64(30 * day)))), Verdict: verify.Allow}
	}
	var a, b History
	for i := range records {
		a.Add(&records[i])
	}
	for _, i := range r.Perm(len(records)) {
		b.Add(&records[i])
	}
	require.Equal(t, a, b)
	require.Equal(t, int64(200), a.Until(now).Allowed)
	for i := range a.Days[1:] {
		require.True(t, a.Days[i].Start.Before(a.Days[i+1].Start))
	}
}

func TestSource(t *testing.T) {
	known := did.MustParse("did:web:agent.example")
	s := Source{Now: func() time.Time { return now }, History: func(a did.DID) (History, bool) {
		return of(now, Totals{Allowed: 100}), a == known
	}}
	got, ok := s.Trust(known)
	assert.True(t, ok)
	assert.Equal(t, Bayesian{}.Score(of(now, Totals{Allowed: 100}), now).Thousandths(), got)
	got, ok = s.Trust(did.MustParse("did:web:other.example"))
	assert.False(t, ok)
	assert.Zero(t, got)
	got, ok = Source{}.Trust(known)
	assert.False(t, ok)
	assert.Zero(t, got)
}

// Thresholds are never reached by rounding up.
func TestThousandths(t *testing.T) {
	assert.Equal(t, 299, Score{Value: 0.2999}.Thousandths())
	assert.Equal(t, 300, Score{Value: 0.3}.Thousandths())
	assert.Equal(t, 1000, Score{Value: 1}.Thousandths())
}
