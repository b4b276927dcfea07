package verify

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// Rule is a rule of the host, the only extension of the pipeline. Package
// verify/policy has ready-made ones. Rules are judged in step 7, all of them, in
// the order of Config.Policy, after what the passports themselves say; a rule
// can refuse and can never allow what a passport does not.
type Rule struct {
	// ID names the rule to people, in the text of its refusals; not empty.
	ID string

	// Check gets what was proven and what is asked, and returns nil to consent.
	// It must be pure and safe for concurrent use.
	//
	// An error refuses, and is reported together with all other reasons. If it
	// is, or wraps, a [Code] or a [*Violation] of the groups authority,
	// attestation, trust or policy, it keeps that code; a rule may also use a
	// word of its own in the group policy, such as "policy.cooling_off", which
	// reads like policy.denied everywhere else. Any other error, and a panic, is
	// policy.denied. An [*Obligation] refuses unless the caller discharges it or
	// an agreement lifts it; of joined errors each is judged by itself.
	Check func(Facts) error

	// Score, if not nil, says how good the agent's record is, in thousandths, for
	// Record.Score; false: it is not known. It decides nothing. Of several rules the
	// first that knows counts.
	Score func(Facts) (thousandths int, known bool)

	// Valid, if not nil, is asked once by [New]: an error says what is wrong
	// with how the rule was configured, and New fails with it.
	Valid func() error
}

// Facts are what a [Rule] judges. They are the rule's own: what it changes in
// them reaches nobody.
type Facts struct {
	Chain   []*passport.Passport // proven; root … leaf
	Intent  *passport.Intent     // nil for a bare passport
	Request Request
	At      time.Time // the instant of the decision

	// Vouched says that the leaf's attestation is the word of an anchor, or of an
	// agent whom Config.DelegateAttestations names. One that is not says nothing
	// in the agent's favour.
	Vouched bool

	// Assurance is how well the principal is identified, as far as each link
	// says so and Anchor.MaxAssurance lets it count.
	Assurance passport.Level
}

// Leaf returns the passport of the agent that asks.
func (f *Facts) Leaf() *passport.Passport { return f.Chain[len(f.Chain)-1] }

// Path returns the place of a member of a link's subject, such as
// "/attestation", in what was presented: for the Path of a [Violation].
func (f *Facts) Path(link int, member string) string {
	place := ""
	if f.Intent != nil { // else a bare passport
		place = "/verifiableCredential/" + itoa(link)
	}
	return place + "/credentialSubject" + member
}

// rules lets the host's rules have their say, all of them.
func (r *run) rules(assurance passport.Level) {
	if len(r.v.config.Policy) == 0 {
		return
	}
	for i := range r.v.config.Policy {
		rule := &r.v.config.Policy[i]
		f := r.facts() // its own
		f.Assurance, f.Vouched = assurance, r.vouched()
		if rule.Score != nil && !r.scored {
			r.score, r.scored = rule.score(f)
		}
		r.refused(rule.check(f), "the host's rule "+rule.ID+" refuses")
	}
}

func (r *run) facts() Facts {
	f := Facts{Chain: make([]*passport.Passport, len(r.links)), Intent: r.intent, Request: r.request, At: r.now}
	f.Request.Usage, f.Request.Discharges = maps.Clone(r.request.Usage), slices.Clone(r.request.Discharges)
	for i := range r.links {
		f.Chain[i] = r.links[i].passport.Clone()
	}
	if r.intent != nil {
		own := *r.intent
		f.Intent = &own
	}
	return f
}

// check runs a rule. A rule that panics has not consented.
func (rule *Rule) check(f Facts) (err error) {
	defer caught("the rule", &err)
	return rule.Check(f)
}

// score asks a rule for the agent's record. One that panics does not know.
func (rule *Rule) score(f Facts) (thousandths int, known bool) {
	defer func() {
		if recover() != nil {
			thousandths, known = 0, false
		}
	}()
	return rule.Score(f)
}

// refused records what a rule has said: of joined errors each, so that an
// obligation never stands for a denial beside it.
func (r *run) refused(err error, detail string) {
	err = sound(err)
	switch found := obligationIn(err).(type) {
	case *Obligation:
		r.oblige(*found)
		return
	case interface{ Unwrap() []error }:
		for _, e := range found.Unwrap() {
			if e != nil {
				r.refused(e, detail)
			}
		}
		return
	}
	for _, v := range violationsOf(err, PolicyDenied) {
		if !ofRules(v.Code) {
			v = Violation{Code: PolicyDenied, Err: err}
		}
		if v.Detail == "" {
			v.Detail = detail
		}
		r.add(v)
	}
}

// ofRules reports whether a rule may refuse with a code.
func ofRules(c Code) bool {
	switch group, _, _ := strings.Cut(string(c), "."); group {
	case "authority", "attestation", "trust", "policy":
		return true
	}
	return false
}

// obligationIn returns the obligation that an error is or wraps, or the several
// errors in it of which one has an obligation. It is nil for any other error: what
// carries a code is a denial, whatever its cause is.
func obligationIn(err error) error {
	for err != nil {
		switch e := err.(type) {
		case *Obligation:
			return e
		case *Violation, *code.Error, Code:
			return nil
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			var o *Obligation
			if errors.As(err, &o) {
				return err
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}
