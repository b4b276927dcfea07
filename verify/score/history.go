package score

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Totals are counts of what is known of an agent. Negative counts are read as
// zero.
type Totals struct {
	Allowed            int64 // acts that were allowed
	Violations         int64 // acts that were refused because they went beyond the agent's authority
	Revocations        int64 // passports of it that were revoked
	AttestationChanges int64 // times that it was seen running something else than before
	Depth              int   // the deepest link of a chain that it acted under; 0 is a root passport
}

func (t *Totals) add(o Totals) {
	t.Allowed = sum(t.Allowed, o.Allowed)
	t.Violations = sum(t.Violations, o.Violations)
	t.Revocations = sum(t.Revocations, o.Revocations)
	t.AttestationChanges = sum(t.AttestationChanges, o.AttestationChanges)
	t.Depth = max(t.Depth, o.Depth)
}

// sum adds two counts. One that does not fit is the largest: a record that began
// anew below zero would be forgiven.
func sum(a, b int64) int64 {
	a, b = max(a, 0), max(b, 0)
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// Day is what happened on one day of UTC.
type Day struct {
	Start time.Time // midnight, UTC
	Totals
}

// History is what is known of one agent, day by day. The zero History is that
// of an agent that nobody has seen. It is not safe for concurrent use while it
// changes.
type History struct {
	Days []Day // at most one for each day, in the order of time
}

const day = 24 * time.Hour

// Count adds counts to the day of an instant. A store that has counts instead
// of records builds a History with it.
func (h *History) Count(at time.Time, t Totals) {
	start := at.UTC().Truncate(day)
	i, found := slices.BinarySearchFunc(h.Days, start, func(d Day, t time.Time) int { return d.Start.Compare(t) })
	if !found {
		h.Days = slices.Insert(h.Days, i, Day{Start: start})
	}
	h.Days[i].add(t)
}

// Add counts one decision. A decision that says nothing about the agent, such
// as a replay, an expired passport, or an act that was allowed before, changes
// nothing; see [IsAct] and [IsViolation].
func (h *History) Add(r *verify.Record) {
	switch {
	case IsAct(r):
		h.Count(r.At, Totals{Allowed: 1})
	case IsViolation(r):
		h.Count(r.At, Totals{Violations: 1})
	}
}

// IsAct reports whether a record tells of an act that was allowed. A repetition
// is none: nothing is done anew, and nothing is used up, so that an agent could
// have as many of them as it likes.
func IsAct(r *verify.Record) bool {
	return r.Verdict == verify.Allow && !slices.Contains(r.Codes, verify.LedgerRepeated)
}

// Until returns the sum of all days that began at or before an instant.
func (h History) Until(at time.Time) (all Totals) {
	for i := range h.Days {
		if !h.Days[i].Start.After(at) {
			all.add(h.Days[i].Totals)
		}
	}
	return all
}

// notViolations are codes of the group authority that tell of the caller's
// configuration, or of the agent's principal, instead of the agent, and the guess
// of a classifier.
var notViolations = []verify.Code{
	verify.AuthorityAttributeMissing, verify.AuthorityOperationUnknown, verify.AuthorityScopeWithdrawn,
	verify.AuthorityWrongCredentialKind, verify.AuthorityAssuranceInsufficient, verify.AuthorityIntentDrift,
}

// IsViolation reports whether a record tells that the agent asked for more
// than it may: it was denied for a code of the group authority, for a budget,
// a rate, or a rule of the host, also under a word of the rule's own. Not counted
// are an obligation that nobody has discharged, intent_drift, which is a guess,
// and attribute_missing, operation_unknown, scope_withdrawn,
// wrong_credential_kind and assurance_insufficient, which are not the agent's doing.
//
// The pipeline reaches these codes only after it has proven that the agent
// itself asked. So nobody spoils an agent's record with documents of his own
// making. A bare passport proves no more than that somebody has it.
func IsViolation(r *verify.Record) bool {
	return r.Verdict == verify.Deny && slices.ContainsFunc(r.Codes, func(c verify.Code) bool {
		switch group, _, _ := strings.Cut(string(c), "."); group {
		case "authority":
			return !slices.Contains(notViolations, c)
		case "policy": // policy.denied, and what rules have words of their own for
			return c != verify.PolicyObligationUnmet
		}
		return c == verify.LedgerBudgetExceeded || c == verify.LedgerRateExceeded
	})
}
