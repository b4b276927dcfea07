package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// The page of a passport says what the chain is bound to, and not only what
// its last link states: hours that must all hold are told as such (E10).
func TestBoundsOfChain(t *testing.T) {
	berlin := passport.TimeWindow{Days: []string{"mon"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"}
	utc := passport.TimeWindow{Days: []string{"mon"}, Start: "12:00", End: "13:00", TimeZone: "UTC"}
	root := &passport.Authority{
		Categories: []string{"compute", "storage"}, Rails: []string{"card"}, Payees: []string{"a", "b"}, Regions: []string{"DE"},
		DeniedActions: []string{"files.delete"}, Limits: []passport.Limit{{Name: "max_files", Kind: passport.LimitMax, Int: 9}, passport.Allow("upload")},
		TimeWindows: []passport.TimeWindow{berlin}, MaxDelegationDepth: 2,
	}
	leaf := &passport.Authority{
		Categories: []string{"compute"}, Payees: []string{"a"}, DeniedActions: []string{"files.delete", "mail.*"},
		Limits:      []passport.Limit{{Name: "max_rows", Kind: passport.LimitMax, Int: 5}},
		TimeWindows: []passport.TimeWindow{utc}, MaxDelegationDepth: 1,
	}
	chain := root.Effective().Intersect(leaf)
	require.Equal(t, []string{
		"never: files.delete, mail.*", "categories: compute", "rails: none", "limits: max_files 9, max_rows 5", "payees: a", "regions: DE",
		"hours: " + berlin.String() + " and " + utc.String(), "delegates: down to link 1, where the first passport is link 0",
	}, bounds(chain))
	require.Contains(t, bounds(root.Effective()), "permits: upload")
	require.Empty(t, bounds((&passport.Authority{}).Effective()))
	require.Contains(t, facetLines(chain), [2]string{"hours", berlin.String() + " and " + utc.String()})
	for _, f := range newFacetsJSON(chain) {
		require.NotNil(t, f.Texts, f.Facet)
	}
}
