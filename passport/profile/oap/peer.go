package oap

import (
	"encoding/base64"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// What APort's VC tools say: their order, their words, and what they do not look at.

// CredentialAsPeer says what importVCToPassport or, for a receipt, importVCToDecision
// says of a credential, with the key as bytes. It proves less than it seems to: what
// has expired, is suspended or was added beside the signed members passes.
func CredentialAsPeer(text []byte, receipt bool, key did.PublicKey) error {
	doc, e := Compatible.document(string(text), InvalidCredential)
	if e != nil {
		return e
	}
	for _, name := range []string{"@context", "type", "credentialSubject", "issuer", "issuanceDate", "proof"} {
		if !truthy(doc.Get(name)) {
			return peerSays(InvalidCredential, "Invalid VC structure")
		}
	}
	parts := strings.Split(doc.Get("proof").Get("jws").Text(), ".")
	if len(parts) != 3 || key.IsZero() || !key.Verify(canonicalCredential(doc, formTools), laxBase64(parts[2])) {
		return peerSays(InvalidSignature, "Invalid VC signature")
	}
	subject := doc.Get("credentialSubject")
	switch {
	case receipt && !peerDecision(subject):
		return peerSays(InvalidDecision, "Invalid OAP decision structure")
	case !receipt && !peerPassport(subject):
		return peerSays(InvalidPassport, "Invalid OAP passport structure")
	}
	return nil
}

// peerPassport is isValidOAPPassport.
func peerPassport(v *laxjson.Value) bool {
	for _, either := range [][2]string{{"agent_id", "id"}, {"spec_version", "version"}, {"kind"}, {"owner_id"},
		{"owner_type"},
		{"assurance_level"}, {"status"}, {"capabilities"}, {"limits"}, {"regions"}, {"created_at"}, {"updated_at"}} {
		if !truthy(v.Get(either[0])) && !truthy(v.Get(either[1])) {
			return false
		}
	}
	return true
}

// PresentationAsPeer says what verifyVerifiablePresentation says, with the key as
// bytes. It does not look at the credentials inside, nor at the domain if the
// verifier names none.
func PresentationAsPeer(text []byte, challenge, domain string, key did.PublicKey) error {
	doc, e := Compatible.document(string(text), InvalidPresentation)
	if e != nil {
		return e
	}
	said := func(what string) error { return peerSays(InvalidPresentation, what) }
	proof := doc.Get("proof")
	for _, name := range []string{"@context", "type", "verifiableCredential", "proof"} {
		if !truthy(doc.Get(name)) {
			return said("Invalid VP structure")
		}
	}
	switch {
	case !includes(doc.Get("type"), typeVP):
		return said("VP must have type VerifiablePresentation")
	case !truthy(proof.Get("challenge")):
		return said("VP proof must include challenge")
	case proof.Get("challenge").Kind() != laxjson.String || proof.Get("challenge").Text() != challenge:
		return said("Challenge mismatch - possible replay attack")
	case domain != "" && (proof.Get("domain").Kind() != laxjson.String || proof.Get("domain").Text() != domain):
		return said("Domain mismatch - presentation not intended for this verifier")
	}
	list := doc.Get("verifiableCredential")
	items := list.Items()
	if list.Kind() != laxjson.Array {
		items = []*laxjson.Value{list}
	}
	for _, c := range items {
		for _, name := range []string{"@context", "type", "credentialSubject", "proof"} {
			if !truthy(c.Get(name)) {
				return said("Invalid VC in presentation")
			}
		}
	}
	parts := strings.Split(proof.Get("jws").Text(), ".")
	if len(parts) != 3 {
		return said("Invalid JWS format")
	}
	if key.IsZero() {
		return said("Public key required for verification. Provide it explicitly or implement DID resolution " +
			"to fetch from verificationMethod.")
	}
	sig, ok := atob(parts[2])
	if !ok || !key.Verify(canonicalPresentation(doc, formTools), sig) {
		return said("Invalid signature")
	}
	return nil
}

// atob decodes base64url as the tools do for a presentation: padded to a multiple of
// four, whatever is there already, and then by the browsers' decoder, which takes
// white space out and at most two '=' off the end.
func atob(text string) ([]byte, bool) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	text += strings.Repeat("=", (4-len(text)%4)%4)
	text = strings.NewReplacer("\t", "", "\n", "", "\f", "", "\r", "", " ", "").Replace(text)
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	out, err := base64.RawStdEncoding.DecodeString(text)
	return out, err == nil
}

// includes is JavaScript's, of a list or a text.
func includes(v *laxjson.Value, word string) bool {
	for _, item := range v.Items() {
		if item.Kind() == laxjson.String && item.Text() == word {
			return true
		}
	}
	return v.Kind() == laxjson.String && strings.Contains(v.Text(), word)
}
