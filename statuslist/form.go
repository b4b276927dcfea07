package statuslist

import (
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
)

const credentialSuffix = "Credential" // of the list's type

// encodingOf tells the two kinds of list apart, by type and by version.
func encodingOf(c *credential.Credential) (Encoding, error) {
	isNew, isOld := c.HasType(Bitstring.String()+credentialSuffix), c.HasType(StatusList2021.String()+credentialSuffix)
	switch {
	case isNew && isOld:
		return 0, fail(ErrVerification, "/type", "both types of status list")
	case isNew && c.Version != 2:
		return 0, fail(ErrVerification, "/@context", "a BitstringStatusListCredential is a VC 2.0, with %s first", credential.ContextV2)
	case isOld && c.Version != 1:
		return 0, fail(ErrVerification, "/@context", "a StatusList2021Credential is a VC 1.1, with %s first", credential.ContextV1)
	case isNew:
		return Bitstring, nil
	case isOld:
		return StatusList2021, nil
	}
	return 0, fail(ErrVerification, "/type", "no status list: want BitstringStatusListCredential or StatusList2021Credential")
}

// The contexts of a StatusList2021Credential, in the order that we write.
const (
	context2021          = "https://w3id.org/vc/status-list/2021/v1"
	contextDataIntegrity = "https://w3id.org/security/data-integrity/v2"
)

// check2021Contexts demands exactly the contexts that define the members.
// VC 1.1 knows no DataIntegrityProof; an enveloped document needs none.
func check2021Contexts(c *credential.Credential, proofs []credential.ProofInfo) error {
	want := []string{credential.ContextV1, context2021}
	embedded := slices.ContainsFunc(proofs, func(p credential.ProofInfo) bool { return p.Type == credential.TypeDataIntegrity })
	if embedded || slices.Contains(c.Context, contextDataIntegrity) {
		want = append(want, contextDataIntegrity)
	}
	for _, url := range want {
		if !slices.Contains(c.Context, url) {
			return fail(ErrVerification, "/@context", "a StatusList2021Credential without %s", url)
		}
	}
	if len(c.Context) != len(want) {
		return fail(ErrVerification, "/@context", "%d contexts, a StatusList2021Credential has %s", len(c.Context), strings.Join(want, ", "))
	}
	return nil
}

// asOf returns the instant for which the list speaks. Only the issuer's own
// proofs count, all of them must say when they were made, and the earliest
// holds: whoever else adds a proof to an old list cannot make it younger.
func asOf(c *credential.Credential, proofs []credential.ProofInfo) time.Time {
	var created time.Time
	for _, p := range proofs {
		if p.VerificationMethod.DID().String() != c.Issuer.ID {
			continue
		}
		if p.Created.IsZero() {
			return c.ValidFrom
		}
		if created.IsZero() || p.Created.Before(created) {
			created = p.Created
		}
	}
	if created.After(c.ValidFrom) {
		return created
	}
	return c.ValidFrom
}
