package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// A fault is an error of DID Resolution 0.3, section 11, with the HTTP status of
// its section 12.1. old is its name in the draft that the did:key suite tests.
type fault struct {
	status    int
	name, old string
}

var (
	invalidDID      = fault{400, "INVALID_DID", "invalidDid"}
	invalidDIDURL   = fault{400, "INVALID_DID_URL", "invalidDidUrl"}
	invalidOptions  = fault{400, "INVALID_OPTIONS", "invalidOptions"}
	invalidLength   = fault{400, "INVALID_PUBLIC_KEY_LENGTH", "invalidPublicKeyLength"}
	invalidType     = fault{400, "INVALID_PUBLIC_KEY_TYPE", "invalidPublicKeyType"}
	unsupportedType = fault{400, "UNSUPPORTED_PUBLIC_KEY_TYPE", "unsupportedPublicKeyType"}
	notFound        = fault{404, "NOT_FOUND", "notFound"}
	notAcceptable   = fault{406, "REPRESENTATION_NOT_SUPPORTED", "representationNotSupported"}
	invalidDocument = fault{500, "INVALID_DID_DOCUMENT", "invalidDidDocument"}
	internal        = fault{500, "INTERNAL_ERROR", "internalError"}
	unsupported     = fault{501, "METHOD_NOT_SUPPORTED", "methodNotSupported"}
	noFeature       = fault{501, "FEATURE_NOT_SUPPORTED", "featureNotSupported"}
)

// resource is what was found: a document or a part of it, or the address that a
// service has, to which the client is sent.
type resource struct {
	content  json.RawMessage
	location string
}

// resolve is DID Resolution over HTTP: GET /1.0/identifiers/{did}. A DID is
// resolved, a DID URL dereferenced; Accept says what of the result is wanted.
func (s *server) resolve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("did")
	whole := strings.ContainsAny(name, "#?/") // a DID URL
	as := negotiate(r.Header.Values("Accept"), whole)
	found, err := resource{}, error(nil)
	switch {
	case as == "":
		err = notAcceptable
	case whole && as == typeResolution:
		err = invalidDID
	default:
		found, err = s.find(r.Context(), name, r.URL.Query())
	}
	if as == typeOld {
		writeOld(w, whole, found, err)
		return
	}
	write(w, as, as == typeDereferencing || whole && as != typeResolution, found, err)
}

func (f fault) Error() string { return f.name }

// find resolves or dereferences under the options of a request.
func (s *server) find(ctx context.Context, name string, options url.Values) (resource, error) {
	text, fragment, _ := strings.Cut(name, "#")
	text, query, hasQuery := strings.Cut(text, "?")
	malformed := invalidDID
	if text != name {
		malformed = invalidDIDURL
	}
	text, path, hasPath := strings.Cut(text, "/")
	id, err := did.Parse(text)
	if err != nil {
		return resource{}, malformed
	}
	for _, part := range []string{path, query, fragment} { // RFC 3986 gives them the same characters here
		if _, err := id.URL(part); part != "" && err != nil {
			return resource{}, invalidDIDURL
		}
	}
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return resource{}, invalidDIDURL
	}
	if err := checkOptions(id, options, invalidOptions); err != nil {
		return resource{}, err
	}
	if err := checkOptions(id, parameters, invalidDIDURL); err != nil {
		return resource{}, err
	}
	doc, err := s.resolver.Resolve(ctx, id)
	switch {
	case err != nil:
		return resource{}, resolutionFault(id, err)
	case hasPath:
		return resource{}, noFeature // no method here says what a path is
	case hasQuery && parameters.Has("service"):
		return serviceOf(doc, parameters)
	case hasQuery && parameters.Has("serviceType"), hasQuery && parameters.Has("hl"):
		return resource{}, noFeature
	case fragment == "" && !strings.HasSuffix(name, "#"):
		return resource{content: doc.Bytes()}, nil
	}
	part := partOf(doc, fragment)
	if part == nil {
		return resource{}, notFound
	}
	return resource{content: part}, nil
}

// checkOptions holds the DID parameters (DID Resolution, section 3) to their
// form, wherever they are, and says which are not understood.
func checkOptions(id did.DID, options url.Values, bad fault) error {
	for name, values := range options {
		for _, value := range values {
			switch {
			case strings.ContainsFunc(value, func(c rune) bool { return c > '~' || c < ' ' }):
				return bad
			case name == "relativeRef" && strings.ContainsAny(value, " #?"):
				return bad
			case name == "versionTime":
				at, err := time.Parse(time.RFC3339, value)
				switch {
				case err != nil || at.UTC().Format("2006-01-02T15:04:05Z") != value:
					return bad
				case id.Method() == "web":
					return noFeature // a host has one version; a did:key is the same at every time
				}
			case name == "versionId":
				return noFeature
			case name == "publicKeyFormat" && value == "Ed25519VerificationKey2018":
				return invalidType
			case name == "publicKeyFormat" && value != "Multikey":
				return unsupportedType
			}
		}
	}
	return nil
}

// partOf is the verification method or service of that fragment as it stands in
// a document, wherever it is listed or embedded; or nil.
func partOf(doc *did.Document, fragment string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(doc.Bytes(), &members) != nil {
		return nil
	}
	for _, name := range []string{
		"verificationMethod", "assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation", "keyAgreement", "service",
	} {
		var list []json.RawMessage
		if json.Unmarshal(members[name], &list) != nil {
			continue
		}
		for _, raw := range list {
			var part struct{ ID string }
			if json.Unmarshal(raw, &part) == nil && (part.ID == doc.ID().String()+"#"+fragment || part.ID == "#"+fragment) {
				return raw
			}
		}
	}
	return nil
}

// serviceOf finds the address of a service, with the relative reference that
// stands beside it (DID Resolution, section 5.2).
func serviceOf(doc *did.Document, parameters url.Values) (resource, error) {
	var service struct {
		Endpoint string `json:"serviceEndpoint"`
	}
	raw := partOf(doc, strings.TrimPrefix(parameters.Get("service"), "#"))
	if raw == nil || json.Unmarshal(raw, &service) != nil || service.Endpoint == "" {
		return resource{}, notFound // or with an endpoint that is not one address
	}
	base, err := url.Parse(service.Endpoint)
	if err != nil || base.Scheme != "https" {
		return resource{}, notFound
	}
	to, err := base.Parse(parameters.Get("relativeRef"))
	if err != nil {
		return resource{}, invalidDIDURL
	}
	return resource{location: to.String()}, nil
}

func resolutionFault(id did.DID, err error) fault {
	switch {
	case errors.Is(err, did.ErrMethodNotSupported):
		return unsupported
	case errors.Is(err, did.ErrNotFound):
		return notFound
	case errors.Is(err, did.ErrUnavailable):
		return internal
	case errors.Is(err, did.ErrInvalidDocument):
		return invalidDocument
	case id.Method() == "key" && errors.Is(err, did.ErrKey):
		return keyFault(id.SpecificID())
	}
	return invalidDID
}

// keyFault tells a key of another length from one of another type, by the
// shape of the one that is known: 48 characters of base58.
func keyFault(multikey string) fault {
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
