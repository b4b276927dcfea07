package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// G6: the nine categories, each a name that a passport can grant by a scope of its own.
func TestG6Categories(t *testing.T) {
	var names []string
	for _, c := range passport.MPPCategories() {
		names = append(names, c.Name)
		require.True(t, passport.IsMPPCategory(c.Name))
		require.NoError(t, passport.CheckAction(passport.MPPScopePrefix+c.Name))
	}
	require.Equal(t, []string{
		"inference", "compute", "data", "storage", "search", "media", "delivery", "browser", "general",
	}, names)
	for _, not := range []string{"", "Compute", "ai", "compute ", "*"} {
		require.False(t, passport.IsMPPCategory(not), not)
	}
	passport.MPPCategories()[0].Name = "x"
	require.True(t, passport.IsMPPCategory("inference"), "the list is the caller's own")
}

// G6: each name of the directory has one category here, and an unknown one has none.
func TestG6DirectoryOfServices(t *testing.T) {
	for directory, want := range map[string]string{
		"ai": "inference", "blockchain": "general", "compute": "compute", "data": "data", "media": "media",
		"search": "search", "social": "general", "storage": "storage", "web": "browser", "": "", "inference": "", "AI": "",
	} {
		got, ok := passport.MPPCategoryOf(directory)
		require.Equal(t, want, got, directory)
		require.Equal(t, want != "", ok, directory)
	}
}
