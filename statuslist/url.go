package statuslist

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/contexts"
)

// checkURL accepts what can be the address, and so the id, of a list. Which
// schemes and hosts are fetched from is the business of the one who fetches.
func checkURL(path, s string) error {
	if !isIRI(s) {
		return fail(ErrMalformed, path, "list URL %.80q is not an absolute URL", s)
	}
	if strings.Contains(s, "#") {
		return fail(ErrMalformed, path, "list URL %.80q has a fragment, which nobody can fetch", s)
	}
	return nil
}

func isIRI(s string) bool { return len(s) <= defaults.IRIBytes && contexts.IsAbsoluteIRI(s) }
