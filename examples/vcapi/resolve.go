package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// The names of errors are those of the did:key suite.
const (
	invalidDID      = "invalidDid"
	invalidDIDURL   = "invalidDidUrl"
	invalidLength   = "invalidPublicKeyLength"
	invalidType     = "invalidPublicKeyType"
	unsupportedType = "unsupportedPublicKeyType"
	unsupported     = "methodNotSupported"
	notFound        = "notFound"
	unavailable     = "internalError"
)

// resolve is DID Resolution over HTTP: GET /1.0/identifiers/{did}.
func (s *server) resolve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("did")
	answer := map[string]any{
		"@context": "https://w3id.org/did-resolution/v1", "didDocument": nil, "didDocumentMetadata": map[string]any{},
		"didResolutionMetadata": map[string]any{"contentType": "application/did+ld+json"},
	}
	fail := func(status int, in, code string) {
		answer[in] = map[string]any{"error": code}
		writeJSON(w, status, answer)
	}
	if strings.ContainsAny(name, "#?/") {
		code := invalidDIDURL // keys are dereferenced by who has the document
		if strings.HasPrefix(name, "did:") {
			if _, err := did.ParseURL(name); err == nil {
				code = notFound
			}
		}
		fail(http.StatusBadRequest, "didDereferencingMetadata", code)
		return
	}
	switch format := r.URL.Query().Get("publicKeyFormat"); format {
	case "", "Multikey":
	case "Ed25519VerificationKey2018":
		fail(http.StatusBadRequest, "didResolutionMetadata", invalidType)
		return
	default:
		fail(http.StatusBadRequest, "didResolutionMetadata", unsupportedType)
		return
	}
	id, err := did.Parse(name)
	if err != nil {
		fail(http.StatusBadRequest, "didResolutionMetadata", invalidDID)
		return
	}
	doc, err := s.resolver.Resolve(r.Context(), id)
	if err != nil {
		status, code := resolutionError(id, err)
		fail(status, "didResolutionMetadata", code)
		return
	}
	answer["didDocument"] = json.RawMessage(doc.Bytes())
	writeJSON(w, http.StatusOK, answer)
}

func resolutionError(id did.DID, err error) (status int, code string) {
	switch {
	case errors.Is(err, did.ErrMethodNotSupported):
		return http.StatusBadRequest, unsupported
	case errors.Is(err, did.ErrNotFound):
		return http.StatusNotFound, notFound
	case errors.Is(err, did.ErrUnavailable):
		return http.StatusBadGateway, unavailable
	case id.Method() == "key" && errors.Is(err, did.ErrKey):
		return http.StatusBadRequest, keyError(id.SpecificID())
	}
	return http.StatusBadRequest, invalidDID
}

// keyError tells a key of another length from one of another type, by the
// shape of the one that is known: 48 characters of base58.
func keyError(multikey string) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	text, ok := strings.CutPrefix(multikey, "z")
	switch {
	case !ok, strings.Trim(text, alphabet) != "":
		return invalidDID
	case len(multikey) < 48:
		return invalidLength
	}
	return unsupportedType
}
