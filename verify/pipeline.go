package verify

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/passport"
)

// Verifier decides. It is immutable but for bounded memories that make it
// faster and more suspicious, never more lenient, and safe for concurrent use.
// [New] makes one; the zero Verifier, and a nil one, refuse everything.
type Verifier struct {
	config  Config
	anchors map[string]*Anchor // by their issuers
	parser  credential.Parser
	lists   listMemory
	proven  provenMemory
	named   namedKeys

	policyDigest string // see Evidence
}

// Verify decides whether the presented document allows the act that the
// request describes. err is nil if and only if it does; otherwise it is a
// [*Refusal]. The Decision is never nil.
//
// An allowed decision has used up the presentation's nonce, and it holds what
// the act uses of budgets and rates: Commit it when the act was done, Release
// it when it was not. After Config.HoldFor an open hold counts as spent and is
// listed as unresolved.
func (v *Verifier) Verify(ctx context.Context, presented []byte, q Request) (*Decision, error) {
	if !v.made() {
		return Refuse(time.Time{}, notMade)
	}
	if ctx == nil {
		return Refuse(time.Time{}, noContext)
	}
	now, err := read(v.config.Now)
	if err != nil {
		return Refuse(time.Time{}, clockFailed(err))
	}
	r := newRun(v, decision, now, &q)
	defer r.release()
	return r.decide(ctx, presented)
}

// made reports whether the Verifier is one of New.
func (v *Verifier) made() bool { return v != nil && v.config.Now != nil }

// notMade is why a Verifier that is not one of New refuses.
var notMade = &Violation{Code: InternalError, Detail: "the Verifier trusts nobody: it was not made by verify.New"}

// noContext is why nothing is decided without a context: there would be none for the parts of the host.
var noContext = &Violation{Code: RequestInvalid, Detail: "there is no context", Err: callctx.ErrNil}

func (r *run) decide(ctx context.Context, presented []byte) (*Decision, error) {
	r.decision = newDecision(r.now)
	if err := r.decision.name(r.now); err != nil {
		return r.refuse(ctx, &Violation{Step: StepEnvelope, Code: InternalError, Err: err})
	}
	if bad := r.request.check(&r.v.config.Bounds); bad != nil {
		return r.refuse(ctx, bad)
	}
	r.presented, r.began = presented, r.now
	r.started = r.lap()
	r.began = r.started
	for i := range pipeline {
		s := &pipeline[i]
		// Steps 1 to 5 stop at the first that does not pass; 6 and 7 both run;
		// 8 only when all passed.
		if len(r.decision.Violations) > 0 && !(s.name == StepAuthority && r.failed == StepStatus) {
			break
		}
		r.step(ctx, i)
	}
	if len(r.decision.Violations) == 0 && r.mode == decision && !r.reservedNow {
		// No path leads here; if one did, it must not be an allow.
		r.current = StepLedger
		r.add(Violation{Code: InternalError, Detail: "the act was not reserved"})
	}
	if len(r.decision.Violations) > 0 {
		return r.refuse(ctx, nil)
	}
	r.decision.Verdict, r.decision.Subject = Allow, r.subject()
	if r.held.Repeated {
		r.decision.Repeated, r.decision.Of = true, r.held.Decision
	} else {
		r.decision.hold = heldIn{ledger: r.v.config.Ledger, now: r.v.config.Now}
	}
	r.gather()
	r.decision.Intent = r.intent
	d := r.decision
	if d.Chain = d.few[:0]; len(r.links) > len(d.few) {
		d.Chain = make([]*passport.Passport, 0, len(r.links))
	}
	for i := range r.links {
		d.Chain = append(d.Chain, r.links[i].last())
	}
	r.decision.Passport = r.decision.Chain[len(r.links)-1]
	return r.decision, nil
}

// pipeline is the eight steps. The order is a security property.
var pipeline = [...]struct {
	name StepName
	run  func(*run, context.Context)
}{
	{StepEnvelope, (*run).envelope},
	{StepAnchor, (*run).anchor},
	{StepTime, (*run).time},
	{StepProof, (*run).proof},
	{StepDelegation, (*run).delegation},
	{StepStatus, (*run).status},
	{StepAuthority, (*run).authority},
	{StepLedger, (*run).ledger},
}

// run is one verification.
type run struct {
	v         *Verifier
	mode      mode
	clock     // when it is asked
	request   Request
	presented []byte
	decision  *Decision
	current   StepName
	failed    StepName  // the first step with a violation
	started   time.Time // when the first step did
	began     time.Time // when the current step did
	age       time.Duration
	fetches   int
	keys      []foundKey
	documents []foundDocument
	lists     []foundList
	signers   []signer // step 4: who signed what, in the order in which it was proven

	// Filled in by step 1, in presented order.
	presentation   *credential.Presentation // nil for a bare passport
	links          []link
	siblings       []*credential.Signed
	foreign        *passport.Foreign // of another system; presentation is nil then
	intent         *passport.Intent
	anchorOf       *Anchor   // step 2
	content        string    // step 4: what the intent asks for, as a digest
	narrows        bool      // step 5
	accepted       []string  // step 6: kinds of agreement
	needs          Operation // what Config.Operations says, once asked
	needsErr       error
	askedOperation bool
	judged         []*passport.Authority // step 7, of each link
	reserved       *Reservation          // step 8
	origins        []origin              // by charge
	held           Held
	reservedNow    bool           // the ledger has said yes
	believed       []ListEvidence // for the evidence
	scored         bool           // step 7: the agent's trust was asked for
	score          int
}

// link is one passport of the chain.
type link struct {
	signed   *credential.Signed // nil of another system
	passport *passport.Passport
	proven   *provenPassport // if it is remembered; passport is then shared
	sum      string          // the digest, if step 4 came by it
}

// last returns the passport for the host to keep: what nobody else needs any
// more is given away as it is.
func (l *link) last() *passport.Passport {
	if l.proven == nil {
		return l.passport
	}
	return l.passport.Clone()
}

// digest returns the digest by which the link below names this one.
func (l *link) digest() string {
	switch {
	case l.proven != nil:
		return l.proven.digest
	case l.sum != "":
		return l.sum
	}
	return l.signed.Digest()
}

func (r *run) leaf() *passport.Passport { return r.links[len(r.links)-1].passport }

// step runs one step and draws its line.
func (r *run) step(ctx context.Context, i int) {
	line := &r.decision.Steps[i]
	before := len(r.decision.Violations)
	r.current, r.age = line.Name, 0
	pipeline[i].run(r, ctx)
	// The end of one step is the beginning of the next.
	ended := r.lap()
	line.Took, line.DataAge = max(ended.Sub(r.began), 0), r.age
	r.began = ended
	line.Outcome = Passed
	line.judge(r.decision.Violations[before:])
	if line.Outcome != Passed && r.failed == "" {
		r.failed = line.Name
	}
}

// add records a reason to refuse.
func (r *run) add(vio Violation) {
	vio.Step = r.current
	r.decision.Violations = append(r.decision.Violations, vio)
}

// own says that the reason just recorded follows from the passports shown; see
// [Refusal.Own].
func (r *run) own(shared bool) { r.decision.own.mark(r.decision.Violations, shared) }

// because records an error of a lower floor, under its own code or, if it has
// none, under fallback; of joined errors each.
func (r *run) because(err error, fallback Code) {
	for _, v := range violationsOf(err, fallback) {
		r.add(v)
	}
}

// each reports whether there are errors and all of them are such.
func each(list []error, such func(error) bool) bool {
	for _, e := range list {
		if e == nil || !such(e) {
			return false
		}
	}
	return len(list) > 0
}

// refuse closes the decision.
func (r *run) refuse(ctx context.Context, first *Violation) (*Decision, error) {
	d := r.decision
	if first != nil {
		d.Violations = append(d.Violations, *first)
		d.Steps[0].judge(d.Violations)
	}
	d.Subject = r.subject()
	err := d.refuse()
	r.gather()
	if r.mode == decision {
		// A refusal that cannot be recorded stays a refusal.
		var rec Record
		r.record(&rec, d.Verdict)
		if failed := r.recordIn(ctx, rec); failed != nil && r.v.config.Unrecorded != nil {
			r.unrecorded(rec, failed)
		}
	}
	return d, err
}

// recordIn records a refusal, also of an agent that has hung up: or nobody would see what
// it tried. A deadline of the caller's holds.
func (r *run) recordIn(ctx context.Context, rec Record) (err error) {
	defer caught("the ledger", &err)
	deadline, has := ctx.Deadline()
	ctx = context.WithoutCancel(ctx)
	if has {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, deadline)
		defer stop()
	}
	return r.v.config.Ledger.Record(ctx, rec)
}

// unrecorded tells the host. That it panics there changes nothing about the refusal.
func (r *run) unrecorded(rec Record, failed error) {
	var ignored error
	defer caught("Config.Unrecorded", &ignored)
	r.v.config.Unrecorded(rec, failed)
}
