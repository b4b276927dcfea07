package main

import (
	"encoding/json"
	"slices"

	"github.com/safeconduct/safeconduct/verify"
)

// decisionAnswer is the answer of verify: the library's versioned form, in the
// words of this command. By what replays, budgets and rates were judged is this
// run of the command and nothing before it.
func decisionAnswer(d verify.Decision) json.Marshaler {
	d.Violations = spoken(d.Violations)
	return jsonWith{d, "memory", `"process"`}
}

// reportAnswer is the answer of explain.
func reportAnswer(r verify.Report) json.Marshaler {
	r.Violations = spoken(r.Violations)
	return r
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
