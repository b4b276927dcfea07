//go:build mutants

package mutants

import (
	"os"
	"strings"
	"sync"
)

// survivorReasons are single mutants that no reference test notices, and why that
// is right.
var survivorReasons = map[string]string{
	"names: hyphens before an escape":             "how an issuer writes a name as an action is no rule of the documents",
	"names: dots stay":                            "as the row above",
	"names: two spellings":                        "as the row above",
	"units: leading zeros":                        "how a host reads minor units is no rule of the documents",
	"lists: a burst after a pause":                "when a cache fetches is no rule of the documents",
	"lists: a burst while the host is down":       "as the row above",
	"documents: an old list of keys":              "what a publisher's old documents mean is no rule of the documents",
	"documents: another's id":                     "such a key is not found in any case: nobody asks this document for it",
	"trees: the places of items":                  "cases of presentations do not ask where a refusal is",
	"trees: the places of items, in the graph":    "as the row above",
	"trees: the places of items, in the quads":    "as the row above",
	"trees: the places of items, of long strings": "as the row above",
	"charges: in order":                           "in which order a ledger is given charges is seen by stores alone",
	"charges: one for each limit":                 "no chain that passes step 5 has two passports of one account",
}

// survivorsFile has such mutants made by machine: a reason on a line, and below
// it, indented, the mutants by the names that [trial.report] tells.
const survivorsFile = "testdata/survivors.txt"

var readSurvivors = sync.OnceValue(func() map[string]string {
	raw, err := os.ReadFile(survivorsFile)
	if err != nil {
		panic(err)
	}
	reason, reasons := "", map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		if name, ok := strings.CutPrefix(line, "\t"); ok {
			reasons[name] = reason
		} else {
			reason = line
		}
	}
	return reasons
})
