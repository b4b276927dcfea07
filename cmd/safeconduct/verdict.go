package main

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
)

// decision prints the verdict, the page of the passport, the eight stamps, and
// why.
func (p printer) decision(d *verify.Decision) {
	switch d.Verdict {
	case verify.Allow:
		p.line("%s", ink{green, "ALLOWED"})
	case verify.Undetermined:
		p.line("%s: %s", ink{yellow, "UNDETERMINED, and so refused"}, d.Code())
	default:
		p.line("%s: %s", ink{red, "DENIED"}, d.Code())
	}
	if d.Repeated {
		p.line("This act was allowed before, by decision %s: it must not be done again.", d.Of)
	}
	if d.Verdict == verify.Allow {
		p.photoPage(d)
	}
	p.stamps(d.Steps)
	p.reasons(d.Violations, d.Obligations)
}

// reasons prints why it was refused, and what has to be done.
func (p printer) reasons(violations []verify.Violation, obligations []verify.Obligation) {
	for i := range violations {
		p.violation(&violations[i])
	}
	for _, o := range obligations {
		p.line("- to do: %s%s", o.Kind, ifTrue(o.Detail != "", " ("+o.Detail+")"))
		if o.Next != "" {
			p.line("    next: %s", o.Next)
		}
	}
}

// violation prints one reason to refuse.
func (p printer) violation(v *verify.Violation) {
	p.line("- %s%s: %s", ink{bold, string(v.Code)}, ifTrue(v.Path != "", " at "+v.Path), inOurWords(v.Detail))
	if v.Err != nil {
		p.line("    because: %s", inOurWords(v.Err.Error()))
	}
	if v.Limit != "" {
		p.line("    limit: %s", v.Limit)
	}
	if v.Actual != "" {
		p.line("    actual: %s", v.Actual)
	}
	if info, ok := verify.Lookup(v.Code); ok {
		p.line("    meaning: %s", info.Meaning)
	}
	if h := hintFor(v); h != "" {
		p.line("    hint: %s", h)
	}
}

// hintFor says what to do, in the words of this command.
func hintFor(v *verify.Violation) string {
	switch v.Code {
	case verify.AnchorUntrustedIssuer:
		if !strings.HasSuffix(v.Path, "/issuer") { // the link itself, and not its issuer
			return "give every passport of the chain, the root first; do not add this agent to -trust"
		}
		return "if the issuer should be trusted, name it with -trust"
	case verify.EnvelopeUnsupported:
		return "a token (vc+jwt, vp+jwt) is accepted with -format vc+jwt"
	case verify.AnchorOutOfScope:
		return "the issuer is trusted, and not for this: see the flags -trust-..., or the anchors of the bundle"
	case verify.StatusUnavailable:
		return "-lists names the folder of status lists; get the list from the URL of the passport, or publish it with safeconduct status publish"
	case verify.StatusStale:
		return "get the list again; the issuer publishes it at least daily, with safeconduct status publish"
	case verify.ProofUnresolvable:
		return "-did-docs names a folder of DID documents; -web fetches those of did:web"
	case verify.PresentationRequired:
		return "the agent shows a passport with safeconduct present"
	case verify.ProofAudienceMismatch, verify.ProofChallengeMismatch, verify.ProofIntentMismatch:
		return "the flags must say what the agent has signed: safeconduct inspect shows it"
	case verify.TimeIntentExpired:
		return "the agent makes a new presentation for each act"
	case verify.TimeNotYetValid:
		if ahead := aheadOf(v); ahead > 0 && ahead <= limits.MaxSkew {
			return "it is " + ahead.String() + " early: if the clocks differ, -skew " + ahead.String() + " allows for that, and " + limits.MaxSkew.String() + " is the most"
		}
	}
	return inOurWords(v.Hint)
}

// aheadOf says by how much something is too early, 0 if that is not known.
func aheadOf(v *verify.Violation) time.Duration {
	from, err := time.Parse(time.RFC3339, v.Limit)
	now, err2 := time.Parse(time.RFC3339, v.Actual)
	if err != nil || err2 != nil {
		return 0
	}
	return from.Sub(now)
}
