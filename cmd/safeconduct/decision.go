package main

import (
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// The media types of the answers of verify and explain: their shapes have
// versions of their own, which stand in a parameter (RFC 6838 section 4.3).
const (
	decisionMediaType = "application/vnd.safeconduct.decision+json;version=1"
	reportMediaType   = "application/vnd.safeconduct.report+json;version=1"
)

// decisionJSON is what verify -json prints. This file is the only place where
// a verify.Decision becomes JSON.
type decisionJSON struct {
	header
	MediaType  string          `json:"mediaType"`
	ID         string          `json:"id"`      // a ULID
	Verdict    string          `json:"verdict"` // allow, deny or undetermined
	Code       string          `json:"code,omitempty"`
	At         string          `json:"at"`
	Steps      []stepJSON      `json:"steps"`
	Violations []violationJSON `json:"violations"`
	// Obligations come with the act: those that refused it, or, when allowed,
	// those that the caller discharges.
	Obligations []obligationJSON `json:"obligations"`
	TZData      string           `json:"tzdata"`

	// Memory says by what replays, budgets and rates were judged: "process",
	// this run of the command and nothing before it.
	Memory string `json:"memory"`

	// When allowed: what was proven.
	Passport *passportJSON  `json:"passport,omitempty"`
	Chain    []passportJSON `json:"chain,omitempty"`
	Intent   *intentJSON    `json:"intent,omitempty"`
	// Authority is what the whole chain allows together; Hops what each link
	// of it takes away, the root first.
	Authority *authorityJSON `json:"authority,omitempty"`
	Hops      []hopJSON      `json:"hops,omitempty"`
	// Repeated: the act was allowed before, by the decision RepeatOf, and must
	// not be done again.
	Repeated bool   `json:"repeated,omitempty"`
	RepeatOf string `json:"repeatOf,omitempty"`
}

type stepJSON struct {
	Name           string `json:"name"`
	Outcome        string `json:"outcome"`
	Why            string `json:"why,omitempty"`
	DataAgeSeconds int64  `json:"dataAgeSeconds,omitempty"`
}

type violationJSON struct {
	Step   string `json:"step"`
	Code   string `json:"code"`
	Class  string `json:"class"` // deny or undetermined
	HTTP   int    `json:"http,omitempty"`
	Path   string `json:"path,omitempty"`
	Detail string `json:"detail,omitempty"`
	Limit  string `json:"limit,omitempty"`
	Actual string `json:"actual,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Cause  string `json:"cause,omitempty"`
}

func newDecisionJSON(d *verify.Decision) decisionJSON {
	j := decisionJSON{
		header: kind("decision"), MediaType: decisionMediaType, ID: d.ID, Verdict: d.Verdict.String(), Code: string(d.Code()), At: instant(d.At),
		Steps: newStepsJSON(d.Steps), Violations: newViolationsJSON(d.Violations), Obligations: newObligationsJSON(d.Obligations),
		TZData: d.TZData, Memory: "process",
	}
	if d.Verdict != verify.Allow {
		return j
	}
	p := newPassportJSON(d.Passport)
	j.Passport = &p
	for _, link := range d.Chain {
		j.Chain = append(j.Chain, newPassportJSON(link))
	}
	if d.Intent != nil {
		in := newIntentJSON(d.Intent)
		j.Intent = &in
	}
	j.Authority, j.Hops = newAuthorityJSON(d.Authority()), newHopsJSON(d.Chain)
	if d.Repeated {
		j.Repeated, j.RepeatOf = true, d.Of
	}
	return j
}

func newStepsJSON(steps []verify.Step) []stepJSON {
	out := make([]stepJSON, 0, len(steps))
	for _, s := range steps {
		out = append(out, stepJSON{string(s.Name), string(s.Outcome), s.Why, int64(s.DataAge / time.Second)})
	}
	return out
}

func newViolationsJSON(list []verify.Violation) []violationJSON {
	out := make([]violationJSON, 0, len(list))
	for i := range list {
		out = append(out, newViolationJSON(&list[i]))
	}
	return out
}

func newViolationJSON(v *verify.Violation) violationJSON {
	j := violationJSON{
		Step: string(v.Step), Code: string(v.Code), Class: verify.Deny.String(),
		Path: v.Path, Detail: inOurWords(v.Detail), Limit: v.Limit, Actual: v.Actual, Hint: hintFor(v),
	}
	if info, ok := verify.Lookup(v.Code); ok {
		j.HTTP = info.HTTP
		if info.Undetermined {
			j.Class = verify.Undetermined.String()
		}
	}
	if v.Err != nil {
		j.Cause = inOurWords(v.Err.Error())
	}
	return j
}
