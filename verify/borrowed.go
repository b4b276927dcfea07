package verify

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
)

// What the floors below lend to this package alone.
var (
	// readPassport is passport.ReadUnverified of lists of at most that many items.
	readPassport = seam.MustBorrow[func(s *credential.Signed, items int) (*passport.Passport, error)]("passport.read")
)
