package migrate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// Tally counts what came of the records of an import, for people. The zero Tally is ready; its method Add is a
// registry.Import.Report.
type Tally struct {
	outcomes map[registry.ImportOutcome]int
	changes  map[string]int
	refused  map[string]*cause
}

// cause is why records were refused, with the first of them.
type cause struct {
	n     int
	first string
}

// Add counts a record. It does not fail.
func (t *Tally) Add(l registry.ImportLine) error {
	if t.outcomes == nil {
		t.outcomes, t.changes, t.refused = map[registry.ImportOutcome]int{}, map[string]int{}, map[string]*cause{}
	}
	t.outcomes[l.Outcome]++
	for _, c := range l.Changes {
		t.changes[c]++
	}
	if l.Err != nil {
		key := string(l.Err.Code)
		if l.Err.Member != "" {
			key += " " + l.Err.Member
		}
		c := t.refused[key]
		if c == nil {
			c = &cause{first: fmt.Sprintf("%.60q: %s", l.ID, l.Err.Detail)}
			if l.Err.Err != nil {
				c.first += ": " + l.Err.Err.Error()
			}
			t.refused[key] = c
		}
		c.n++
	}
	return nil
}

// words are the outcomes in the order in which they are told.
var words = []struct {
	outcome registry.ImportOutcome
	text    string
}{
	{registry.ImportedWhole, "came over as they are"}, {registry.ImportedChanged, "came over changed"},
	{registry.ImportPresent, "were here already"}, {registry.ImportTightened, "were suspended or revoked there since"},
	{registry.ImportRefused, "did not come over"},
}

// Lines are the tally: a line for each outcome, and below it what was changed, and why records did not come, with
// the first of each.
func (t *Tally) Lines() (list []string) {
	for _, w := range words {
		if n := t.outcomes[w.outcome]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, w.text))
		}
		switch w.outcome {
		case registry.ImportedChanged:
			for _, c := range slices.Sorted(maps.Keys(t.changes)) {
				list = append(list, fmt.Sprintf("  %d %s", t.changes[c], c))
			}
		case registry.ImportRefused:
			keys := slices.Collect(maps.Keys(t.refused))
			slices.SortFunc(keys, func(a, b string) int {
				return cmp.Or(cmp.Compare(t.refused[b].n, t.refused[a].n), cmp.Compare(a, b))
			})
			for _, k := range keys {
				list = append(list, fmt.Sprintf("  %d %s", t.refused[k].n, k), "    such as "+t.refused[k].first)
			}
		}
	}
	return list
}
