package statuslist

import (
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
)

// The contexts of a StatusList2021Credential, in the order that we write. Lists
// of the time of the specification have the first version of Data Integrity's.
const (
	context2021            = "https://w3id.org/vc/status-list/2021/v1"
	contextDataIntegrity   = "https://w3id.org/security/data-integrity/v2"
	contextDataIntegrityV1 = "https://w3id.org/security/data-integrity/v1"
)

var kind2021 = kind{
	name:      "StatusList2021",
	stateURL:  "url2021",
	mediaType: "application/vc+ld+json",
	context:   context2021,
	purposes:  []Purpose{Revocation, Suspension},
	maxSize:   1,

	unpack: func(text string, _ int, caps caps) ([]byte, error) {
		return inflate(text, caps, plainBase64)
	},

	vc: &vcForm{
		version:  1,
		contexts: []string{credential.ContextV1, context2021, contextDataIntegrity},
		from:     "issuanceDate", until: "expirationDate",
		checkContexts: check2021Contexts,
	},
}

// check2021Contexts demands exactly the contexts that define the members.
// VC 1.1 knows no DataIntegrityProof; an enveloped document needs none.
func check2021Contexts(c *credential.Credential, proofs []credential.ProofInfo) error {
	want := []string{credential.ContextV1, context2021}
	embedded := slices.ContainsFunc(proofs, func(p credential.ProofInfo) bool { return p.Type == credential.TypeDataIntegrity })
	switch {
	case slices.Contains(c.Context, contextDataIntegrityV1):
		want = append(want, contextDataIntegrityV1)
	case embedded || slices.Contains(c.Context, contextDataIntegrity):
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
