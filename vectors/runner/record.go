package runner

import (
	"fmt"
	"io"
	"strings"

	"github.com/safeconduct/safeconduct/vectors"
)

// Record is a run, for people and for the matrix.
type Record struct {
	Name    string `json:"name,omitempty"`    // of the implementation
	Version string `json:"version,omitempty"` // of the implementation
	Vectors int    `json:"vectors"`           // the version of the manifest

	Kinds    []Count   `json:"kinds"`
	Failures []Failure `json:"failures,omitempty"`
}

// Asked returns the record without the kinds that the implementation does not do
// at all, so that a record lasts when there are more cases of these.
func (r *Record) Asked() Record {
	out := *r
	out.Kinds = nil
	for _, n := range r.Kinds {
		if n.Passed+n.Failed > 0 {
			out.Kinds = append(out.Kinds, n)
		}
	}
	return out
}

// Count is how the cases of one kind went.
type Count struct {
	Kind        string `json:"kind"`
	Passed      int    `json:"passed"`
	Exact       int    `json:"exact"` // of those that passed: with codes or output, and not only a verdict
	Failed      int    `json:"failed"`
	Unsupported int    `json:"unsupported"`
}

// Failure is a case that was answered wrongly.
type Failure struct {
	ID   string `json:"id"`
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

func (r *Record) add(c *vectors.Case, a vectors.Answer, complete bool) {
	if n := len(r.Kinds); n == 0 || r.Kinds[n-1].Kind != c.Kind {
		r.Kinds = append(r.Kinds, Count{Kind: c.Kind})
	}
	n := &r.Kinds[len(r.Kinds)-1]
	o, why, exact := c.Judge(a)
	switch {
	case !complete:
	case o == vectors.Unsupported:
		o, why = vectors.Failed, "unsupported"
	case o == vectors.Passed && len(c.Want.Codes) > 0 && len(a.Codes) == 0:
		o, why = vectors.Failed, fmt.Sprintf("no codes, want [%s]", strings.Join(c.Want.Codes, " "))
	}
	switch o {
	case vectors.Passed:
		n.Passed++
		if exact {
			n.Exact++
		}
	case vectors.Unsupported:
		n.Unsupported++
	default:
		n.Failed++
		r.Failures = append(r.Failures, Failure{ID: c.ID, Rule: c.Rule, Why: why})
	}
}

// Total adds up all kinds.
func (r *Record) Total() Count {
	t := Count{Kind: "all"}
	for _, n := range r.Kinds {
		t.Passed += n.Passed
		t.Exact += n.Exact
		t.Failed += n.Failed
		t.Unsupported += n.Unsupported
	}
	return t
}

// Write writes the record as a table, behind at most that many failures.
func (r *Record) Write(w io.Writer, most int) error {
	for i, f := range r.Failures {
		if i == most {
			if _, err := fmt.Fprintf(w, "… and %d more\n", len(r.Failures)-most); err != nil {
				return err
			}
			break
		}
		if _, err := fmt.Fprintf(w, "%s (rule %s): %s\n", f.ID, f.Rule, f.Why); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%-12s %7s %7s %7s %12s\n", "kind", "passed", "exact", "failed", "unsupported")
	for _, n := range append(r.Kinds[:len(r.Kinds):len(r.Kinds)], r.Total()) {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%-12s %7d %7d %7d %12d\n", n.Kind, n.Passed, n.Exact, n.Failed, n.Unsupported)
	}
	return err
}
