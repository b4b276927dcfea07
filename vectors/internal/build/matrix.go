package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/vectors/runner"
)

// Matrix writes docs/matrix.md from the records of the adapters.
func Matrix(adapters fs.FS) ([]byte, error) {
	names, err := fs.Glob(adapters, "*/record.json")
	if err != nil {
		return nil, err
	}
	var records []runner.Record
	var kinds []string
	for _, name := range names {
		raw, err := fs.ReadFile(adapters, name)
		if err != nil {
			return nil, err
		}
		var r runner.Record
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		records = append(records, r)
		for _, n := range r.Kinds {
			if !slices.Contains(kinds, n.Kind) {
				kinds = append(kinds, n.Kind)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString(`# Which implementations ran the reference tests

<!-- Written by go generate ./vectors from vectors/adapters/*/record.json, which .ci/adapters records. Do not edit. -->

Each column is a run of [vectors/](../vectors/README.md) through an adapter in [vectors/adapters](../vectors/adapters).
A cell has how many cases passed and, behind a stroke, how many were answered otherwise; a dash means that the adapter
does not ask the library for this kind of thing. Most of these libraries are general tools for JSON, JSON-LD or tokens
and do not know passports: where a rule of ours is narrower than their standard, another answer is no fault of theirs.

`)
	for i, r := range records {
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, r.Name, r.Version)
	}
	b.WriteString("\n| kind |")
	for i := range records {
		fmt.Fprintf(&b, " %d |", i+1)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(records)) + "\n")
	for _, kind := range kinds {
		fmt.Fprintf(&b, "| `%s` |", kind)
		for _, r := range records {
			cell := "–"
			for _, n := range r.Kinds {
				if n.Kind == kind && n.Passed+n.Failed > 0 {
					cell = fmt.Sprintf("%d/%d", n.Passed, n.Failed)
				}
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Answers that differ\n\nBy rule, with the cases.\n")
	for _, r := range records {
		if len(r.Failures) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n", r.Name)
		var rules []string
		cases := map[string][]string{}
		for _, f := range r.Failures {
			if cases[f.Rule] == nil {
				rules = append(rules, f.Rule)
			}
			cases[f.Rule] = append(cases[f.Rule], "`"+f.ID+"`")
		}
		for _, rule := range rules {
			fmt.Fprintf(&b, "- %s: %s\n", rule, strings.Join(cases[rule], ", "))
		}
	}
	return b.Bytes(), nil
}
