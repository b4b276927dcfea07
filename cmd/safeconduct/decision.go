package main

import (
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// decisionJSON is what verify -json prints. This file is the only place where
// a verify.Decision becomes JSON.
type decisionJSON struct {
	header
	ID         string          `json:"id"`      // a ULID
	Verdict    string          `json:"verdict"` // allow, deny or undetermined
	Code       string          `json:"code,omitempty"`
	At         string          `json:"at"`
	Steps      []stepJSON      `json:"steps"`
	Violations []violationJSON `json:"violations"`
	TZData     string          `json:"tzdata"`

	// Memory says by what replays, budgets and rates were judged: "process",
	// this run of the command and nothing before it.
	Memory string `json:"memory"`

	// When allowed: what was proven.
	Passport *passportJSON  `json:"passport,omitempty"`
	Chain    []passportJSON `json:"chain,omitempty"`
	Intent   *intentJSON    `json:"intent,omitempty"`
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
		header: kind("decision"), ID: d.ID, Verdict: d.Verdict.String(), Code: string(d.Code()), At: instant(d.At),
		Steps: make([]stepJSON, 0, len(d.Steps)), Violations: make([]violationJSON, 0, len(d.Violations)),
		TZData: d.TZData, Memory: "process",
	}
	for _, s := range d.Steps {
		j.Steps = append(j.Steps, stepJSON{string(s.Name), string(s.Outcome), s.Why, int64(s.DataAge / time.Second)})
	}
	for i := range d.Violations {
		j.Violations = append(j.Violations, newViolationJSON(&d.Violations[i]))
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
	return j
}

func newViolationJSON(v *verify.Violation) violationJSON {
	j := violationJSON{
		Step: string(v.Step), Code: string(v.Code), Class: verify.Deny.String(),
		Path: v.Path, Detail: v.Detail, Limit: v.Limit, Actual: v.Actual, Hint: v.Hint,
	}
	if info, ok := verify.Lookup(v.Code); ok {
		j.HTTP = info.HTTP
		if info.Undetermined {
			j.Class = verify.Undetermined.String()
		}
	}
	if v.Err != nil {
		j.Cause = v.Err.Error()
	}
	return j
}
