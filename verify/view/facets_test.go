package view

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// M10: what a passport says is what the chain is bound to, and not only what
// its last link states: hours that must all hold are told as such.
func TestEveryFacetOfChain(t *testing.T) {
	berlin := passport.TimeWindow{Days: []string{"mon"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"}
	utc := passport.TimeWindow{Days: []string{"mon"}, Start: "12:00", End: "13:00", TimeZone: "UTC"}
	root := &passport.Authority{
		Capabilities: []passport.Capability{{Action: "payments.charge", Params: []passport.Param{{Name: "max_rows", Kind: passport.ParamMax, Int: 3}}}},
		Categories:   []string{"compute", "storage"}, Rails: []string{"card"}, Payees: []string{"a", "b"}, Regions: []string{"DE"},
		DeniedActions: []string{"files.delete"}, Limits: []passport.Limit{{Name: "max_files", Kind: passport.LimitMax, Int: 9}, passport.Allow("upload")},
		TimeWindows: []passport.TimeWindow{berlin}, MaxDelegationDepth: 2,
	}
	leaf := &passport.Authority{
		Capabilities: root.Capabilities,
		Categories:   []string{"compute"}, Payees: []string{"a"}, DeniedActions: []string{"files.delete", "mail.*"},
		Limits:      []passport.Limit{{Name: "max_rows", Kind: passport.LimitMax, Int: 5}},
		TimeWindows: []passport.TimeWindow{utc}, MaxDelegationDepth: 1,
	}
	told := func(e *passport.Effective) (lines []string) {
		for name, text := range Facets(e) {
			lines = append(lines, name+": "+text)
		}
		return lines
	}
	chain := root.Effective().Intersect(leaf)
	require.Equal(t, []string{
		"may: " + chain.Capabilities()[0].String(),
		"never: files.delete, mail.*", "categories: compute", "rails: none", "limits: max_files 9, max_rows 5", "permits: none", "payees: a", "regions: DE",
		"hours: " + berlin.String() + " and " + utc.String(), "delegates: down to link 1, where the first passport is link 0",
	}, told(chain))
	require.Contains(t, chain.Capabilities()[0].String(), "max_rows")
	require.Contains(t, told(root.Effective()), "permits: upload")
	require.Empty(t, told((&passport.Authority{}).Effective()))
}
