package view_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// What a program has made by hand, and made incompletely, is drawn as far as it goes:
// a picture is no reason to panic.
func TestSlipsOfACallerAreDrawn(t *testing.T) {
	p := &passport.Passport{Name: "buyer"}
	for name, c := range map[string]*view.Card{
		"nothing":                    {},
		"a nil link":                 {Chain: []*passport.Passport{nil, p}},
		"nil links alone":            {Chain: []*passport.Passport{nil}},
		"an allow of nothing":        {Decision: &verify.Decision{Verdict: verify.Allow}},
		"an allow of a nil link":     {Decision: &verify.Decision{Verdict: verify.Allow, Chain: []*passport.Passport{nil}}},
		"an allow without a leaf":    {Decision: &verify.Decision{Verdict: verify.Allow, Chain: []*passport.Passport{p}}},
		"an allow made by hand":      {Decision: &verify.Decision{Verdict: verify.Allow, Passport: p, Chain: []*passport.Passport{p}}},
		"a report of nothing":        {Report: &verify.Report{WouldBe: verify.Allow}},
		"a decision that is nothing": {Decision: &verify.Decision{}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.SVG(io.Discard))
			require.NoError(t, c.HTML(io.Discard))
			require.NoError(t, c.Mermaid(io.Discard))
			out := view.Printer{W: io.Discard}
			out.Card(c)
			out.Page(c.Summary())
			if c.Decision != nil {
				out.Decision(c.Decision)
			}
			if c.Report != nil {
				out.Report(c.Report)
			}
		})
	}
	w := verifytest.NewWorld(t)
	_, err := w.Verifier().Budgets(t.Context(), []*passport.Passport{nil})
	require.ErrorContains(t, err, "passport 0")
}
