package verify

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// Step 3, time: is every link, and the intent, valid now?
//
// Valid means: from − skew ≤ now < until + skew, everywhere the same.
func (r *run) time(context.Context) {
	for i := range r.links {
		p := r.links[i].passport
		r.span(i, "", "the passport", p.ValidFrom, p.ValidUntil, TimeExpired)
		if life, most := datetime.Between(p.ValidFrom, p.ValidUntil), r.v.config.Bounds.CredentialLifetime; life > most {
			r.add(Violation{Code: TimeLifetimeExceeded, Path: r.place(i),
				Detail: "the passport lives longer than is accepted here", Limit: most.String(), Actual: life.String()})
		}
		if r.foreign == nil {
			r.proofTimes(i, r.links[i].signed)
		}
	}
	if in := r.intent; in != nil {
		r.span(presented, "/intent", "the intent", in.IssuedAt, in.ExpiresAt, TimeIntentExpired)
		if life, most := datetime.Between(in.IssuedAt, in.ExpiresAt), r.v.config.Bounds.IntentLifetime; life > most {
			r.add(Violation{Code: TimeLifetimeExceeded, Path: "/intent",
				Detail: "the intent lives longer than is accepted here", Limit: most.String(), Actual: life.String()})
		}
	}
	if r.presentation != nil {
		r.proofTimes(presented, r.presentation)
	}
	if f := r.foreign; f != nil && f.Intent == nil {
		r.span(presented, "/proof", "the presentation", f.Made, f.Ends, ProofExpired)
	}
}

// span judges a validity. A zero bound is absent and restricts nothing; that
// passports and intents have both was seen to in step 1.
func (r *run) span(link int, member, what string, from, until time.Time, ended Code) {
	if r.tooEarly(from) {
		r.add(Violation{
			Code: TimeNotYetValid, Path: r.place(link) + member, Detail: what + " is not valid yet",
			Limit: datetime.Format(from), Actual: datetime.Format(r.now), Hint: r.earlyHint(from), Until: r.begins(from),
		})
	}
	if r.ended(until) {
		r.add(Violation{
			Code: ended, Path: r.place(link) + member, Detail: what + " has ended",
			Limit: datetime.Format(until), Actual: datetime.Format(r.now),
		})
	}
}

// tooEarly reports whether what begins then has not begun; the zero time is
// absent.
func (r *run) tooEarly(from time.Time) bool {
	return !from.IsZero() && r.late.Before(from)
}

// begins returns when what begins then is taken here.
func (r *run) begins(from time.Time) time.Time { return from.Add(-r.v.config.Skew) }

// ended reports whether what lasts until then is over; the zero time is absent.
func (r *run) ended(until time.Time) bool {
	return !until.IsZero() && !r.early.Before(until)
}

// earlyHint says what may be the matter when something is of the near future,
// and which skew would do.
func (r *run) earlyHint(from time.Time) string {
	ahead := from.Sub(r.now)
	if ahead > limits.MaxSkew {
		return ""
	}
	// Rounded up: with that much it passes.
	ahead = (ahead + time.Second - 1).Truncate(time.Second)
	return ahead.String() + " too early: if the clocks differ, a Config.Skew of " + ahead.String() +
		" would do, and " + limits.MaxSkew.String() + " is the most"
}

func (r *run) proofTimes(link int, doc provable) {
	for i := range doc.NumProofs() {
		p := doc.Proof(i)
		r.span(link, "/proof", "the proof", p.Created, p.Expires, ProofExpired)
	}
}
