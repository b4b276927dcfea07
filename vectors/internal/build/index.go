package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/vectors"
)

// Documents are the pages with rules.
var Documents = []string{"format.md", "pipeline.md", "ledger.md"}

// Rule is a rule of the documents.
type Rule struct {
	ID, Document, Text string
	Must               bool
}

var ruleLine = regexp.MustCompile(`\*\*([FPL]-[0-9]+)\*\* (.*)`)

// Rules reads the rules of the documents, in their order.
func Rules(docs fs.FS) (list []Rule, err error) {
	seen := map[string]bool{}
	for _, name := range Documents {
		raw, err := fs.ReadFile(docs, name)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Split(string(raw), "\n") {
			m := ruleLine.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if seen[m[1]] {
				return nil, fmt.Errorf("%s: rule %s is listed twice", name, m[1])
			}
			seen[m[1]] = true
			table := strings.HasPrefix(line, "| ") // F-81 to F-90 are MUSTs
			list = append(list, Rule{ID: m[1], Document: name, Text: m[2], Must: table || strings.Contains(m[2],
				"MUST")})
		}
	}
	return list, nil
}

// Index writes the page that tells which cases each rule has.
func Index(docs fs.FS, files map[string][]byte) ([]byte, error) {
	rules, err := Rules(docs)
	if err != nil {
		return nil, err
	}
	type count struct {
		good, bad int
		groups    []string
	}
	counts := map[string]*count{}
	for _, r := range rules {
		counts[r.ID] = &count{}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "manifest.json" {
			continue
		}
		var g vectors.Group
		if err := json.Unmarshal(files[name], &g); err != nil {
			return nil, err
		}
		for _, c := range g.Cases {
			n := counts[c.Rule]
			if n == nil {
				return nil, fmt.Errorf("%s names the rule %q, which no document has", c.ID, c.Rule)
			}
			if c.Twin == "" {
				n.good++
			} else {
				n.bad++
			}
			if group := strings.TrimSuffix(name, ".json"); !slices.Contains(n.groups, group) {
				n.groups = append(n.groups, group)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("# Rules and their cases\n\n<!-- Written by go generate ./vectors. Do not edit. -->\n\n")
	b.WriteString(
		"Every rule of the documents, how many cases try it, and in which files of data they are. *Good* cases\n" +
			"are accepted, allowed, or ask for a value; *bad* ones are refused and name a good twin.\n\n" +
			"| rule | document | good | bad | files |\n|---|---|---|---|---|\n")
	for _, r := range rules {
		n := counts[r.ID]
		files := strings.Join(n.groups, ", ")
		if len(n.groups) == 0 {
			files = "none: it asks for nothing that a case can try"
		}
		fmt.Fprintf(&b, "| %s | [%s](../docs/%s) | %d | %d | %s |\n", r.ID, strings.TrimSuffix(r.Document, ".md"),
			r.Document, n.good, n.bad, files)
	}
	return b.Bytes(), nil
}
