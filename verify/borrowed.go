package verify

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
)

// What the floors below lend to this package alone.
var (
	// preparedParser is a parser that asks known for credentials in presentations.
	preparedParser = seam.MustBorrow[func(p credential.Parser, known func(rest string) *credential.Signed,
		knownIn func(rest []byte) *credential.Signed) (credential.Parser, error)]("credential.prepared")
	// keepCredential makes what known may answer with, and its digest.
	keepCredential = seam.MustBorrow[func(credential.Parser, *credential.Signed) (*credential.Signed, string, error)](
		"credential.keep")
	// checkProofDigest is CheckProof and Digest in one.
	checkProofDigest = seam.MustBorrow[func(s *credential.Signed, i int, key did.PublicKey,
		purpose did.Relationship) (string, error)]("credential.checkProofDigest")
	// fixedKey reports whether the key that a resolver says is of an identifier is so for ever.
	fixedKey = seam.MustBorrow[func(r did.Resolver, id did.URL, rel did.Relationship) bool]("did.fixed")
	// readPassport is passport.ReadUnverified of lists of at most that many items.
	readPassport = seam.MustBorrow[func(s *credential.Signed, items int) (*passport.Passport, error)]("passport.read")
	// isActMember reports whether an act has a member of that name.
	isActMember = seam.MustBorrow[func(name string) bool]("passport.isActMember")
	// isPlain reports whether a text of a request can be read in one way, and has at most so many bytes.
	isPlain = seam.MustBorrow[func(text string, most int) bool]("passport.isPlain")
	// unclear returns the first member of an act that is a text but not plain.
	unclear = seam.MustBorrow[func(a *passport.Act, most int) (name, text string)]("passport.unclear")
)
