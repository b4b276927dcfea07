package office

import (
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// AIP1Error is an error as AIP-1 writes it: "AIP-E200" and "ACTION_NOT_ALLOWED". Where
// AIP-1 has no word for it, the code is that of the nearest group, "AIP-E2", and the
// name our own.
type AIP1Error struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// AIP1Decision is a decision as AIP-1 answers it (A2). It is answered with the HTTP
// status 200, whether verified or not.
type AIP1Decision struct {
	Verified         bool        `json:"verified"`
	Tier             string      `json:"tier"`                   // tier_2: every step runs
	ClaimedTier      string      `json:"claimed_tier,omitempty"` // of an envelope: what it asks for itself
	SignatureValid   bool        `json:"signature_valid"`
	WithinBoundaries bool        `json:"within_boundaries"`
	AttestationMatch bool        `json:"attestation_match"`
	Revoked          bool        `json:"revoked"` // or suspended, itself or somebody above it
	TrustScore       float64     `json:"trust_score"`
	LatencyMS        float64     `json:"latency_ms"`
	Errors           []AIP1Error `json:"errors"` // never empty unless verified
	Detail           string      `json:"detail"`
}

// AIP1ViewOptions say what a decision does not know.
type AIP1ViewOptions struct {
	// Unsigned says that the agent has signed nothing: a hosted request names an
	// agent, and its passport was judged as it is, without a presentation. Then no
	// signature of the agent is valid.
	Unsigned    bool
	TrustScore  float64 // of the agent, such as [registry.AIP1Entry]
	ClaimedTier string  // of an AIP-1 envelope
}

// AIP1View shows a decision as AIP-1 does (A2, A4). A member is true only if the steps
// that it stands for were reached and have found nothing: what was not looked at is
// not valid.
func AIP1View(d *verify.Decision, o AIP1ViewOptions) AIP1Decision {
	v := AIP1Decision{
		Verified: d.Verdict == verify.Allow, Tier: "tier_2", ClaimedTier: o.ClaimedTier, TrustScore: o.TrustScore,
		Errors: []AIP1Error{}, Detail: "All checks passed",
	}
	outcome := map[verify.StepName]verify.Outcome{}
	for _, s := range d.Steps {
		outcome[s.Name] = s.Outcome
		v.LatencyMS += float64(s.Took.Microseconds()) / 1000
	}
	v.SignatureValid = outcome[verify.StepProof] == verify.Passed && !o.Unsigned
	reached := outcome[verify.StepAuthority] == verify.Passed || outcome[verify.StepAuthority] == verify.Failed
	v.WithinBoundaries = reached && outcome[verify.StepDelegation] == verify.Passed
	v.AttestationMatch = reached
	var details []string
	seen := map[AIP1Error]bool{}
	for i := range d.Violations {
		x := &d.Violations[i]
		switch {
		case revoking[x.Code]:
			v.Revoked = true
		case strings.HasPrefix(string(x.Code), "attestation."):
			v.AttestationMatch = false
		case x.Step == verify.StepAuthority, x.Code == verify.LedgerBudgetExceeded, x.Code == verify.LedgerRateExceeded:
			v.WithinBoundaries = false
		}
		details = append(details, x.Detail)
		e := aip1ErrorOf(x.Code)
		if !seen[e] {
			seen[e] = true
			v.Errors = append(v.Errors, e)
		}
	}
	if v.Verified {
		return v
	}
	if len(v.Errors) == 0 { // a refusal without a reason is a fault of this library
		v.Errors = append(v.Errors, aip1ErrorOf(verify.InternalError))
	}
	if v.Detail = strings.Join(details, "; "); v.Detail == "" {
		v.Detail = "refused"
	}
	return v
}

// revoking are the codes that say that somebody has stopped the agent.
var revoking = map[verify.Code]bool{
	verify.StatusRevoked: true, verify.StatusSuspended: true, verify.StatusPrincipalRevoked: true,
	verify.StatusIssuerPaused: true, verify.ConsentRevoked: true,
}

func aip1ErrorOf(c verify.Code) AIP1Error {
	info, ok := verify.Lookup(c)
	if !ok {
		info, _ = verify.Lookup(verify.InternalError)
	}
	code, name := info.AIP1Error()
	return AIP1Error{code, name}
}
