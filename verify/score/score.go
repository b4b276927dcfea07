package score

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// Model turns a history into a score.
type Model interface {
	// Score judges what happened until an instant. It is pure, and safe for
	// concurrent use.
	Score(h History, at time.Time) Score
}

// Score is what a record is worth, and why.
type Score struct {
	Model   string    // "bayesian" or "aip-1"
	At      time.Time // the instant that it was made for
	Value   float64   // from 0, nothing speaks for the agent, to 1; four decimals
	Factors []Factor  // what led to it, in a fixed order
}

// Factor is one part of a score.
type Factor struct {
	Name   string  // "allowed", "violations", "revocations", …
	Count  int64   // as counted
	Effect float64 // how far it moved the score, in the score's own unit; four decimals
}

// Thousandths returns the value as thresholds are stated, rounded down.
func (s Score) Thousandths() int { return int(math.Floor(s.Value*1000 + 1e-9)) }

// String returns the value and its factors, as people read them.
func (s Score) String() string {
	parts := make([]string, len(s.Factors))
	for i, f := range s.Factors {
		parts[i] = fmt.Sprintf("%s %+.4f", f.Name, f.Effect)
	}
	return fmt.Sprintf("%.4f (%s)", s.Value, strings.Join(parts, ", "))
}

// round rounds to four decimals within 0 and 1, so that the last bits of a
// platform's arithmetic do not show. What is not a number is 0.
func round(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return math.Round(min(v, 1)*1e4) / 1e4
}

func signed(v float64) float64 {
	if v < 0 {
		return -round(-v)
	}
	return round(v)
}

// Source answers a verifier's question for the trust in an agent from the
// histories that the host keeps.
type Source struct {
	// History returns what is known of an agent, and whether it is known at all.
	// Nil knows nobody.
	History func(agent did.DID) (History, bool)
	Model   Model            // nil: Bayesian{}
	Now     func() time.Time // nil: time.Now
}

// Trust returns the score of an agent in thousandths. An agent that is not
// known has 0.
func (s Source) Trust(agent did.DID) (thousandths int, known bool) {
	if s.History == nil {
		return 0, false
	}
	h, known := s.History(agent)
	if !known {
		return 0, false
	}
	if s.Model == nil {
		s.Model = Bayesian{}
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return s.Model.Score(h, s.Now()).Thousandths(), true
}
