package did

import (
	"errors"
	"fmt"
)

// The errors of this package wrap one or more of these; test with [errors.Is].
var (
	// ErrInvalidDID says that a text is not a DID or DID URL as this library
	// accepts them, or that a did:key or did:jwk does not hold a usable key
	// (then [ErrKey] holds as well). DID Resolution calls it invalidDid.
	ErrInvalidDID = errors.New("invalid DID")

	// ErrNotFound says that the resolver has no document for the DID.
	ErrNotFound = errors.New("DID not found")

	// ErrMethodNotSupported says that no resolver is configured for the method.
	ErrMethodNotSupported = errors.New("DID method not supported")

	// ErrUnavailable says that the document could not be found: the network, or
	// a guard in front of it, refused. Nothing is known about the DID.
	ErrUnavailable = errors.New("DID document unavailable")

	// ErrInvalidDocument says that a DID document is malformed or not the
	// document of the DID that was asked for.
	ErrInvalidDocument = errors.New("invalid DID document")

	// ErrKey says that a key is malformed, weak, or not to be used: it is not
	// in the document, belongs to somebody else, or is of an unknown type.
	ErrKey = errors.New("unusable key")

	// ErrRelationship says that the key is in the document, but is not listed
	// for the purpose that was asked for. It is an [ErrKey].
	ErrRelationship = fmt.Errorf("%w: not listed for this purpose", ErrKey)
)
