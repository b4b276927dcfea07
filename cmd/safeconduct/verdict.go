package main

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/verify"
)

// decision prints the verdict, the eight steps, and why.
func (p printer) decision(d *verify.Decision) {
	switch d.Verdict {
	case verify.Allow:
		p.line("ALLOWED")
	case verify.Undetermined:
		p.line("UNDETERMINED, and so refused: %s", d.Code())
	default:
		p.line("DENIED: %s", d.Code())
	}
	for i, s := range d.Steps {
		outcome := string(s.Outcome)
		if s.DataAge > 0 {
			outcome += fmt.Sprintf(" (evidence %s old)", s.DataAge.Round(time.Second))
		}
		if s.Name == verify.StepLedger && s.Outcome == verify.Passed {
			outcome += " (within this run only)"
		}
		p.line("  %d %s %s", i+1, fmt.Sprintf("%-10s", s.Name), outcome)
	}
	for i := range d.Violations {
		p.violation(&d.Violations[i])
	}
	if d.Verdict != verify.Allow {
		return
	}
	p.line("passport  %s", d.Passport.ID)
	p.line("issuer    %s", d.Chain[0].Issuer)
	p.line("agent     %s", d.Passport.Agent)
	if d.Passport.Name != "" {
		p.line("name      %s", d.Passport.Name)
	}
	if d.Intent != nil {
		in := newIntentJSON(d.Intent)
		p.line("act       %s", in.summary())
	}
	p.line("until     %s", datetime.Format(d.Passport.ValidUntil))
}

// violation prints one reason to refuse.
func (p printer) violation(v *verify.Violation) {
	p.line("- %s%s: %s", v.Code, ifTrue(v.Path != "", " at "+v.Path), v.Detail)
	if v.Err != nil {
		p.line("    because: %s", v.Err)
	}
	if v.Actual != "" {
		p.line("    met: %s", v.Actual)
	}
	if v.Limit != "" {
		p.line("    want: %s", v.Limit)
	}
	if info, ok := verify.Lookup(v.Code); ok {
		p.line("    meaning: %s", info.Meaning)
	}
	if h := hintFor(v); h != "" {
		p.line("    hint: %s", h)
	}
}

// hintFor says what to do in words of this command. The library's own hints
// speak of its Go API; they are in the output of -json.
func hintFor(v *verify.Violation) string {
	switch v.Code {
	case verify.AnchorUntrustedIssuer:
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
	}
	return ""
}
