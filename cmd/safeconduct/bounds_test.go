package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// The page of a passport says what the chain is bound to, and not only what
// its last link states.
func TestBoundsOfChain(t *testing.T) {
	link := func(a passport.Authority) *passport.Passport { return &passport.Passport{Authority: a} }
	root := link(passport.Authority{
		Categories: []string{"compute", "storage"}, Rails: []string{"card"}, Payees: []string{"a", "b"}, Regions: []string{"DE"},
		DeniedActions: []string{"files.delete"}, Limits: []passport.Limit{{Name: "max_files", Kind: passport.LimitMax, Int: 9}, passport.Allow("upload")},
		TimeWindows: []passport.TimeWindow{{Days: []string{"mon"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"}},
	})
	leaf := link(passport.Authority{
		Categories: []string{"compute"}, Payees: []string{"a"}, DeniedActions: []string{"files.delete", "mail.*"},
		Limits: []passport.Limit{{Name: "max_rows", Kind: passport.LimitMax, Int: 5}},
	})
	require.Equal(t, []string{
		"categories: compute", "payees: a", "regions: DE", "hours: " + root.Authority.TimeWindows[0].String(),
		"limits: max_files 9, max_rows 5", "never: files.delete, mail.*",
	}, bounds([]*passport.Passport{root, leaf}))
	require.Contains(t, bounds([]*passport.Passport{root}), "limits: allow_upload true, max_files 9")
	require.Empty(t, bounds([]*passport.Passport{link(passport.Authority{})}))
}
