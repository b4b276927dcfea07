package verify

import "fmt"

// Obligation is something that has to be done before, or with, an act that is
// otherwise allowed: "sign_agreement", "ask_human". A [Rule] raises one by
// returning it; [Operations] name those of theirs.
type Obligation struct {
	Kind   string // what: a word that the caller knows; one without a word can never be discharged
	Detail string // which one, such as the kind of agreement; may be empty
	Next   string // what would lift it, such as the link where it is signed; for people and clients
}

// Error makes an obligation the result of a rule.
func (o *Obligation) Error() string {
	if o.Detail == "" {
		return "obligation " + o.Kind
	}
	return fmt.Sprintf("obligation %s (%s)", o.Kind, o.Detail)
}

// oblige records an obligation: met if the caller discharges it or if an
// agreement lifts it, else a denial that carries it.
func (r *run) oblige(o Obligation) {
	for _, a := range r.accepted {
		if o.Kind == SignAgreement && a == o.Detail {
			return
		}
	}
	r.decision.Obligations = append(r.decision.Obligations, o)
	for _, d := range r.request.Discharges {
		if d == o.Kind && d != "" {
			return
		}
	}
	r.add(Violation{Code: PolicyObligationUnmet, Detail: "the " + o.Error() + " is neither discharged nor lifted", Hint: o.Next})
}

// SignAgreement is the obligation that an AgreementAcceptanceCredential of the
// same kind lifts.
const SignAgreement = "sign_agreement"
