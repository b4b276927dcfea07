package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// finding is one thing that was looked at.
type finding struct {
	about   string // clock, anchors, keys, lists
	outcome verify.Outcome
	text    string
	hint    string
}

// examination is doctor at work. It goes through everything that a verifier here would need, and does not stop at the
// first fault: whoever asks wants to mend them all.
type examination struct {
	*judging
	chain []*credential.Signed
	found []finding
}

func (a *app) doctor() *cli.Verb {
	j := &judging{app: a, Verb: &cli.Verb{
		Name: "doctor", Summary: "why a passport would fail here: clock, anchors, keys, lists",
		About: `Looks at everything that a verifier here needs for the passport or presentation in FILE (- for standard
input): whether the clock is in its time, whether its issuer is believed, whether the keys are found and the
signatures hold, whether the status lists are there, fresh and signed, and what they say. It says all that is wrong,
and what to do.

It decides nothing: an act, its amount and its budget are not looked at. For these, use safeconduct explain.`,
		Notes: "Exit code: 0 nothing is wrong here, 1 something is, 3 something could not be found out, 2 usage, " +
			"4 I/O.",
		Example: `safeconduct doctor -trust did:key:z6Mk… -lists lists passport.json`,
		Args:    []string{"FILE"}, NoArgs: "the file to look at is needed; - for standard input",
	}}
	j.Flags = slices.Concat(j.believed(), []cli.Flag{
		flag("audience", cli.Text("ID", &j.act.audience), "who verifies here; a bundle may be for some alone"),
	}, j.judged(), []cli.Flag{a.clock()})
	j.Run = func(ctx context.Context, files []string) error {
		if _, err := j.prepare(ctx); err != nil {
			return err
		}
		raw, err := j.document(files[0])
		if err != nil {
			return err
		}
		s, err := j.readShown(raw)
		if err != nil {
			return err
		}
		x := &examination{judging: j, chain: s.Chain}
		return x.tell(x.examine(ctx))
	}
	return j.Verb
}

func (x *examination) add(about string, outcome verify.Outcome, hint, format string, args ...any) {
	x.found = append(x.found, finding{about, outcome, fmt.Sprintf(format, args...), hint})
}

// examine looks at all links and returns how the whole is.
func (x *examination) examine(ctx context.Context) verify.Outcome {
	first := true
	for i, signed := range x.chain {
		p, err := passport.ReadUnverified(signed)
		if err != nil {
			x.add("form", verify.Failed, "", "credential %d is not a passport: %v", i, err)
			continue
		}
		x.clockOf(p)
		if first {
			x.anchorOf(p)
		}
		first = false
		x.keysOf(ctx, signed, p)
		for _, e := range p.Status {
			x.list(ctx, p, e)
		}
		if len(p.Status) == 0 {
			x.add("lists", verify.Failed, "issue it again with -status-list",
				"%s is on no status list, so nobody could revoke it", p.ID)
		}
	}
	if len(x.chain) == 0 {
		x.add("form", verify.Failed, "", "the presentation has no passport in it")
	}
	worst := verify.Passed
	for _, f := range x.found {
		if f.outcome == verify.Failed || worst == verify.Passed {
			worst = f.outcome
		}
	}
	return worst
}

func (x *examination) clockOf(p *passport.Passport) {
	now, skew := x.config.Now(), x.config.Skew
	at, from, until := datetime.Format(now), datetime.Format(p.ValidFrom), datetime.Format(p.ValidUntil)
	switch {
	case now.Add(skew).Before(p.ValidFrom):
		early := verify.Violation{Code: verify.TimeNotYetValid, Limit: from, Actual: at}
		x.add("clock", verify.Failed, hintFor(&early), "it is %s here, and %s begins at %s", at, p.ID, from)
	case !now.Add(-skew).Before(p.ValidUntil):
		x.add("clock", verify.Failed, "if the clock here is right, the issuer has to issue it anew",
			"it is %s here, and %s ended at %s", at, p.ID, until)
	default:
		x.add("clock", verify.Passed, "", "it is %s here; %s is good until %s", at, p.ID, until)
	}
}

func (x *examination) anchorOf(p *passport.Passport) {
	switch {
	case p.Delegated():
		x.add("anchors", verify.Failed, "give a presentation, which has the whole chain",
			"%s is a link of a chain: the passport above it is missing", p.ID)
	case slices.ContainsFunc(x.config.Anchors, func(a verify.Anchor) bool { return a.Issuer == p.Issuer }):
		x.add("anchors", verify.Passed, "", "%s is believed", p.Issuer)
	default:
		x.add("anchors", verify.Failed, hints[verify.AnchorUntrustedIssuer], "%s is not believed", p.Issuer)
	}
}

func (x *examination) keysOf(ctx context.Context, signed *credential.Signed, p *passport.Passport) {
	for _, proof := range signed.Proofs() {
		name := proof.VerificationMethod
		_, err := did.ResolveKey(ctx, x.config.Resolver, name, did.AssertionMethod, x.config.Now())
		if err != nil {
			x.add("keys", outcomeOf(err), hints[verify.ProofUnresolvable], "the key %s: %v", name, inOurWords(err))
		}
	}
	if err := signed.CheckProofs(ctx, x.config.Resolver, did.AssertionMethod, x.config.Now()); err != nil {
		x.add("keys", outcomeOf(err), "", "the signature of %s: %v", p.ID, inOurWords(err))
		return
	}
	x.add("keys", verify.Passed, "", "%s is signed by %s", p.ID, p.Issuer)
}

// list looks for one list, and at what it says.
func (x *examination) list(ctx context.Context, p *passport.Passport, e statuslist.Entry) {
	fault := func(outcome verify.Outcome, code verify.Code, format string, args ...any) {
		x.add("lists", outcome, hints[code], "the "+string(e.Purpose)+" list "+e.URL+" "+format, args...)
	}
	if x.config.Status == nil {
		fault(verify.StepUndetermined, verify.StatusUnavailable, "is needed")
		return
	}
	got, err := x.config.Status.StatusList(ctx, e.URL)
	if err != nil {
		fault(verify.StepUndetermined, verify.StatusUnavailable, "could not be found: %v", inOurWords(err))
		return
	}
	signed, err := credential.Parser{StatusList: true, Formats: x.config.Formats}.Credential(got.Raw)
	if err != nil {
		fault(verify.StepUndetermined, verify.StatusInvalid, "is not one: %v", inOurWords(err))
		return
	}
	list, err := statuslist.ParseCredential(signed)
	if err != nil {
		fault(verify.StepUndetermined, verify.StatusInvalid, "is not one: %v", inOurWords(err))
		return
	}
	now, most := x.config.Now(), x.config.Bounds.StatusAge
	if most == 0 {
		most = limits.Default().StatusAge
	}
	if err := signed.CheckProofs(ctx, x.config.Resolver, did.AssertionMethod, now); err != nil {
		fault(outcomeOf(err), verify.StatusInvalid, "is signed by nobody who counts: %v", inOurWords(err))
	} else if list.Issuer != p.Issuer.String() {
		fault(verify.Failed, verify.StatusInvalid, "is of %s, and not of the passport's issuer", list.Issuer)
	}
	said, err := list.Status(e)
	switch age := now.Sub(list.AsOf); {
	case age < -x.config.Skew:
		fault(verify.StepUndetermined, verify.StatusEarly, "is of %s, which is still to come",
			datetime.Format(list.AsOf))
	case !list.ValidUntil.IsZero() && !now.Before(list.ValidUntil.Add(x.config.Skew)):
		fault(verify.StepUndetermined, verify.StatusStale, "ended at %s", datetime.Format(list.ValidUntil))
	case age > most+x.config.Skew:
		fault(verify.StepUndetermined, verify.StatusStale, "is %s old, and %s are the most",
			age.Round(time.Second), most)
	case err != nil:
		fault(verify.StepUndetermined, verify.StatusInvalid, "does not say: %v", inOurWords(err))
	case said.Set:
		fault(verify.Failed, verify.StatusRevoked, "says %s (place %d)", said.Message, e.Index)
	default:
		x.add("lists", verify.Passed, "", "the %s list %s is %s old and says nothing against it",
			e.Purpose, e.URL, max(0, age).Round(time.Second))
	}
}

// outcomeOf tells "no" from "it could not be found out".
func outcomeOf(err error) verify.Outcome {
	if exitCode(err) == exitUndetermined {
		return verify.StepUndetermined
	}
	return verify.Failed
}

func (x *examination) tell(whole verify.Outcome) error {
	list := []view.Page{}
	for _, f := range x.found {
		list = append(list, view.Page{
			member("about", f.about), member("outcome", string(f.outcome)),
			member("text", f.text), member("hint", f.hint),
		})
	}
	to := x.text
	if whole != verify.Passed {
		to = x.err // as a refusal
	}
	err := x.answer("examined", view.Page{member("outcome", string(whole)), member("findings", list)}, func() {
		for _, f := range x.found {
			to.Finding(f.outcome, f.about, f.text)
			if f.hint != "" {
				to.Line("      hint: %s", f.hint)
			}
		}
	})
	if whole == verify.Passed || err != nil {
		return err
	}
	x.told = x.json
	exit := exitDenied
	if whole == verify.StepUndetermined {
		exit = exitUndetermined
	}
	return &failure{Exit: exit, Err: errors.New("something is wrong"), Said: true}
}
