package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
)

// Step 3, time: is every link, and the intent, valid now?
//
// Valid means: from − skew ≤ now < until + skew, everywhere the same.
func (r *run) time(context.Context) {
	for i := range r.links {
		p := r.links[i].passport
		path := fmt.Sprintf("/verifiableCredential/%d", i)
		r.span(path, "the passport", p.ValidFrom, p.ValidUntil, TimeExpired)
		if life, most := p.ValidUntil.Sub(p.ValidFrom), r.v.config.Bounds.CredentialLifetime; life > most {
			r.add(Violation{Code: TimeLifetimeExceeded, Path: path, Detail: "the passport lives longer than is accepted here", Limit: most.String(), Actual: life.String()})
		}
		r.proofTimes(path, r.links[i].signed.Proofs())
	}
	if r.presentation != nil {
		in := r.intent
		r.span("/intent", "the intent", in.IssuedAt, in.ExpiresAt, TimeIntentExpired)
		if life, most := in.ExpiresAt.Sub(in.IssuedAt), r.v.config.Bounds.IntentLifetime; life > most {
			r.add(Violation{Code: TimeLifetimeExceeded, Path: "/intent", Detail: "the intent lives longer than is accepted here", Limit: most.String(), Actual: life.String()})
		}
		r.proofTimes("", r.presentation.Proofs())
	}
}

// span judges a validity. A zero bound is absent and restricts nothing; that
// passports and intents have both was seen to in step 1.
func (r *run) span(path, what string, from, until time.Time, ended Code) {
	if !from.IsZero() && r.now.Before(from.Add(-r.v.config.Skew)) {
		r.add(Violation{Code: TimeNotYetValid, Path: path, Detail: what + " is not valid yet", Limit: from.Format(time.RFC3339), Actual: r.now.UTC().Format(time.RFC3339)})
	}
	if !until.IsZero() && !r.now.Before(until.Add(r.v.config.Skew)) {
		r.add(Violation{Code: ended, Path: path, Detail: what + " has ended", Limit: until.Format(time.RFC3339), Actual: r.now.UTC().Format(time.RFC3339)})
	}
}

func (r *run) proofTimes(path string, proofs []credential.ProofInfo) {
	for i := range proofs {
		r.span(path+"/proof", "the proof", proofs[i].Created, proofs[i].Expires, ProofExpired)
	}
}
