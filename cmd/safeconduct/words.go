package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
)

// hints say what to do, in the words of this command: the library speaks to programmers, of its Go API; here there are
// flags. A test looks for codes whose hint names the Go API and which are missing here.
var hints = map[verify.Code]string{
	verify.AnchorUntrustedIssuer: "if the issuer should be trusted, name it with -trust",
	verify.AnchorOutOfScope:      "the issuer is trusted, and not for this: see the flags -trust-..., or the anchors of the bundle",
	verify.EnvelopeUnsupported:   "a token (vc+jwt, vp+jwt) is accepted with -format vc+jwt",
	verify.StatusUnavailable: "-lists names the folder of status lists; get the list from the URL of the passport, " +
		"or publish it with safeconduct status publish, or registry publish",
	verify.StatusStale:                    "get the list again; the issuer publishes it at least daily, with safeconduct status publish",
	verify.ProofUnresolvable:              "-did-docs names a folder of DID documents; -web fetches those of did:web",
	verify.PresentationRequired:           "the agent shows a passport with safeconduct present",
	verify.ProofAudienceMismatch:          signedFlags,
	verify.ProofChallengeMismatch:         signedFlags,
	verify.ProofIntentMismatch:            signedFlags,
	verify.TimeIntentExpired:              "the agent makes a new presentation for each act",
	verify.TimeNotYetValid:                "",
	verify.StatusEarly:                    "",
	verify.ConsentMissing:                 "the agent shows it with the passport (safeconduct present -consent), or the trust bundle has it",
	verify.AuthorityAssuranceInsufficient: "the least counts: what each link claims, and -trust-assurance",
	verify.LedgerReplay:                   "a new act needs a new presentation",
	verify.TimeLifetimeExceeded:           "-for says how long",
	verify.RequestInvalid:                 "this is what the flags say, not what was presented",
}

const signedFlags = "the flags must say what the agent has signed: safeconduct inspect shows it"

// hintFor says what to do about a reason to refuse.
func hintFor(v *verify.Violation) string {
	switch v.Code {
	case verify.AnchorUntrustedIssuer:
		if !strings.HasSuffix(v.Path, "/issuer") { // the link itself, and not its issuer
			return "give every passport of the chain, the root first; do not add this agent to -trust"
		}
	case verify.TimeNotYetValid, verify.StatusEarly:
		if ahead := aheadOf(v); ahead > 0 && ahead <= limits.MaxSkew {
			return "it is " + ahead.String() + " early: if the clocks differ, -skew " + ahead.String() + " allows for that, and " + limits.MaxSkew.String() +
				" is the most"
		}
	}
	if h, ok := hints[v.Code]; ok {
		return h
	}
	return v.Hint
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

// hintForBundle says what to do about a bundle that is not believed.
func hintForBundle(err error) string {
	var e *credential.Error
	if !errors.As(err, &e) {
		return "its signer's key could not be found out"
	}
	if text, ok := bundleHints[e.Code]; ok {
		return text
	}
	return "get it again from its signer"
}

var bundleHints = map[verify.Code]string{
	verify.TimeExpired:      "get a newer edition from its signer",
	verify.StatusRolledBack: "get a newer edition from its signer",
	verify.TimeNotYetValid:  "it is of a time to come; is the clock right?",
	verify.AnchorUntrustedIssuer: "it must be signed by whom you were told, by other means than the file: if it should be believed, name it with " +
		"-bundle-signer (of safeconduct bundle: -signer)",
	verify.ProofUnresolvable:     "-did-docs names a folder with the document of its signer, which was handed over by other means",
	verify.ProofAudienceMismatch: "it is for other verifiers than this -audience",
	verify.EnvelopeMalformed:     notABundle, verify.EnvelopeUnsupported: notABundle, verify.EnvelopeContext: notABundle,
}

const notABundle = "it must be a file that safeconduct bundle create has written"

// hintOf says what to do about an error of the library; "" where the command has nothing to say, or says it in hints of
// its own.
func hintOf(e *credential.Error) string {
	if _, ok := hints[e.Code]; ok {
		return ""
	}
	return e.Hint
}

// inOurWords is an error of the library without a hint for programmers.
func inOurWords(err error) error {
	if e, ok := err.(*credential.Error); ok {
		own := *e
		own.Hint = hintOf(e)
		return &own
	}
	return err
}

// requestFlags are the flags that members of a request come from, where they are called otherwise.
var requestFlags = map[string]string{"Attributes": "-params", "BodyDigest": "-body", "ResourceOwner": "-owner", "MinAssurance": "-min-assurance"}

// flagOf is the flag that a member of the caller's own request comes from.
func flagOf(path string) string {
	name := strings.TrimPrefix(path, "Request.")
	if flag, ok := requestFlags[name]; ok {
		return flag
	}
	return "-" + strings.ToLower(name)
}

// spoken returns the reasons as this command tells them.
func spoken(list []verify.Violation) []verify.Violation {
	out := slices.Clone(list)
	for i := range out {
		v := &out[i]
		v.Hint = hintFor(&list[i])
		if v.Err != nil {
			v.Err = inOurWords(v.Err)
		}
	}
	return out
}
