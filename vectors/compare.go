package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Outcome is how an answer compares with the right one.
type Outcome string

// The outcomes.
const (
	Passed      Outcome = "passed"
	Failed      Outcome = "failed"
	Unsupported Outcome = "unsupported"
)

// needOutput are the kinds whose answer is their output: "accept" alone says
// nothing there.
var needOutput = []string{"jcs", "rdfc", "money", "time", "region", "text", "action", "window", "did", "ledger",
	"code"}

// Judge compares an answer with the right one. why says what differs; exact says
// that the answer told codes, or output, beyond its verdict.
func (c *Case) Judge(a Answer) (o Outcome, why string, exact bool) {
	switch {
	case a.Unsupported:
		return Unsupported, "", false
	case a.ID != c.ID:
		return Failed, fmt.Sprintf("the answer is to %q", a.ID), false
	case a.Error != "":
		return Failed, "error: " + a.Error, false
	case a.Verdict != c.Want.Verdict:
		return Failed, fmt.Sprintf("verdict %q, want %q%s", a.Verdict, c.Want.Verdict, told(c.Want.Codes, a.Codes)),
			false
	}
	if len(a.Codes) > 0 {
		if len(c.Want.Codes) == 0 || !sameCodes(c.Want.Codes, a.Codes) {
			return Failed, "codes" + told(c.Want.Codes, a.Codes), true
		}
		exact = true
	}
	if len(a.Steps) > 0 && len(c.Want.Steps) > 0 && !slices.Equal(a.Steps, c.Want.Steps) {
		return Failed, fmt.Sprintf("steps %v, want %v", a.Steps, c.Want.Steps), true
	}
	switch {
	case len(c.Want.Output) == 0:
	case len(a.Output) > 0:
		exact = true
		if diff := differ("", c.Want.Output, a.Output); diff != "" {
			return Failed, "output: " + diff, true
		}
	case slices.Contains(needOutput, c.Kind):
		return Failed, "the answer has no output", false
	}
	return Passed, "", exact
}

func told(want, got []string) string {
	if len(want) == 0 && len(got) == 0 {
		return ""
	}
	return fmt.Sprintf(" [%s], want [%s]", strings.Join(got, " "), strings.Join(want, " "))
}

// sameCodes: the primary code is first, the order of the others is free, and so
// is how often each is named.
func sameCodes(want, got []string) bool {
	set := func(list []string) []string {
		list = slices.Clone(list)
		slices.Sort(list)
		return slices.Compact(list)
	}
	return want[0] == got[0] && slices.Equal(set(want), set(got))
}

// differ compares what is wanted with what came, member by member. Members that
// are not wanted are not looked at, and neither are wanted ones that the answer
// leaves out of an intermediate; see README.md.
func differ(path string, want, got json.RawMessage) string {
	var w, g any
	if json.Unmarshal(want, &w) != nil || json.Unmarshal(got, &g) != nil {
		return "not JSON"
	}
	return differValue(path, w, g)
}

func differValue(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is not an object", path)
		}
		names := make([]string, 0, len(w))
		for name := range w {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			m, has := g[name]
			if !has && name == "steps" {
				continue // intermediates
			}
			if !has {
				return fmt.Sprintf("%s/%s is absent, want %s", path, name, short(w[name]))
			}
			if d := differValue(path+"/"+name, w[name], m); d != "" {
				return d
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s is %s, want %s", path, short(got), short(want))
		}
		for i := range w {
			if d := differValue(fmt.Sprintf("%s/%d", path, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	}
	if want != got {
		return fmt.Sprintf("%s is %s, want %s", path, short(got), short(want))
	}
	return ""
}

func short(v any) string {
	raw, err := compact(v)
	if err != nil {
		return "?"
	}
	if len(raw) > 200 {
		raw = append(bytes.Clone(raw[:200]), "…"...)
	}
	return string(raw)
}
