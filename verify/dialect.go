package verify

import (
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Dialect reads what agents of another system present. The packages grantex, aip1
// and oap below passport/profile have one each.
// Implementations are safe for concurrent use.
type Dialect interface {
	// Open reads a presentation. It returns nil and no error for what is not of
	// the dialect at all; for what is, and cannot be read or carried over, the
	// reason, which is or wraps a *passport.Error.
	Open(presented []byte) (*passport.Foreign, error)
}

// ofAnotherSystem takes what one of the dialects knows, and reports whether one
// did.
func (r *run) ofAnotherSystem() bool {
	for _, d := range r.v.config.Dialects {
		f, err := openedBy(d, r.presented)
		switch {
		case err != nil:
			r.because(err, EnvelopeMalformed)
		case f == nil:
			continue
		case f.Passport == nil || f.Prove == nil:
			r.add(Violation{Code: InternalError,
				Detail: "the dialect returned a presentation without passport or proof"})
		default:
			r.foreign, r.intent = f, f.Intent
			r.links = append(r.links, link{passport: f.Passport, sum: f.Digest})
		}
		return true
	}
	return false
}

// foreignProof is step 4 for another system: its signatures are its own; for whom
// and for what is compared here.
func (r *run) foreignProof() {
	f := r.foreign
	if !r.check(f.Prove, ProofInvalid) || !f.Signed() {
		return
	}
	what := "the presentation"
	if f.Intent != nil {
		what = "the intent"
	}
	if f.Audience != r.request.Audience {
		r.add(Violation{Code: ProofAudienceMismatch, Detail: what + " was signed for another audience",
			Limit: r.request.Audience, Actual: orAbsent(f.Audience)})
	}
	if r.request.Nonce != "" && f.Nonce != r.request.Nonce {
		r.add(Violation{Code: ProofChallengeMismatch,
			Detail: what + " has another nonce than the one that was handed out"})
	}
	if f.Intent == nil {
		return
	}
	r.content = f.Content
	r.intentMatches()
}

// check makes a check of the dialect and reports whether it passed.
func (r *run) check(c func(time.Time) error, fallback Code) bool {
	if c == nil {
		return true
	}
	err := askDialect(func() error { return c(r.now) })
	r.because(err, fallback)
	return err == nil
}

// openedBy has a dialect read what was presented.
func openedBy(d Dialect, presented []byte) (f *passport.Foreign, err error) {
	err = askDialect(func() (err error) {
		f, err = d.Open(presented)
		return err
	})
	return f, err
}

// askDialect calls a dialect. If that panics nothing is known of what was presented.
func askDialect(call func() error) (err error) {
	asked := false
	defer func() {
		if !asked {
			err = &Violation{Code: InternalError, Err: err}
		}
	}()
	defer caught("the dialect", &err)
	err = call()
	asked = true
	return err
}

// nonce is what the ledger knows the presentation by.
func (r *run) nonce() string {
	if r.foreign != nil {
		return r.foreign.Nonce
	}
	return r.presentation.Proof(0).Challenge
}
