package passport

import "slices"

// MPPCategory is a category of machine payments, as Grantex names them, with its name in the directory of the Machine
// Payments Protocol (mpp.dev/services), which sorts the same services by another list.
type MPPCategory struct {
	Name      string // as in allowedMPPCategories
	Directory string // in the directory; "": it has none of that kind
}

// mppCategories are the nine. Never written to.
var mppCategories = [...]MPPCategory{
	{"inference", "ai"},
	{"compute", "compute"},
	{"data", "data"},
	{"storage", "storage"},
	{"search", "search"},
	{"media", "media"},
	{"delivery", ""},
	{"browser", "web"},
	{"general", ""},
}

// elsewhere are the categories of the directory that are none of the nine: general is for what has no own name.
var elsewhere = [...]string{"blockchain", "social"}

// MPPScopePrefix begins the action by which a passport grants payments of a category: "payments:mpp:compute".
const MPPScopePrefix = "payments:mpp:"

// MPPCategories returns the nine categories of machine payments.
func MPPCategories() []MPPCategory { return slices.Clone(mppCategories[:]) }

// IsMPPCategory reports whether a text is one of the nine, as it is written there.
func IsMPPCategory(name string) bool {
	return slices.ContainsFunc(mppCategories[:], func(c MPPCategory) bool { return c.Name == name })
}

// MPPCategoryOf returns the category by which a passport grants payments to a service that the directory lists under
// that name. ok is false for a name that is not of the directory: what it is for nobody knows.
func MPPCategoryOf(directory string) (name string, ok bool) {
	for _, c := range mppCategories {
		if c.Directory == directory && directory != "" {
			return c.Name, true
		}
	}
	if slices.Contains(elsewhere[:], directory) {
		return "general", true
	}
	return "", false
}
