package verifyhttp

import (
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/onepath"
	"github.com/safeconduct/safeconduct/verify"
)

// sentence is what the guard has found in a request by itself. It is fixed and
// quotes nothing of the request, so that it travels to the client as the detail
// of a problem.
type sentence string

const (
	notLetThrough  sentence = "the method is not let through here"
	upgrades       sentence = "an upgrade of the connection (fields Upgrade and Connection) is not let through"
	otherMethod    sentence = "a field that overrides the method, such as X-HTTP-Method-Override, names another one than the request line"
	otherTarget    sentence = "a field that overrides the target, such as X-Original-URL, names another one than the request line"
	encodedBody    sentence = "a body with a Content-Encoding is not accepted: what is signed is its digest as it is sent"
	notAPath       sentence = "the target is not a path"
	notEncoded     sentence = "the path holds a character that has to be percent-encoded"
	noPresentation sentence = "the request carries no presentation: not in a header field that is read here, " +
		"such as Agent-Passport, and not in a body of type " + MediaType
	emptyField      sentence = "the field for the presentation is empty"
	several         sentence = "the request carries more than one presentation"
	listOrFolded    sentence = "the field for the presentation holds a list or was folded over lines; want one presentation"
	tooLongField    sentence = "the presentation is too long for a header field here; it can be sent in a body of type " + MediaType
	notBase64URL    sentence = "the presentation is not base64url without padding"
	notAnObject     sentence = "the presentation is not base64url of a JSON object"
	notThreeParts   sentence = "the presentation has a dot and not the three parts of a compact JWS"
	partNotBase64   sentence = "a part of the compact JWS is not base64url without padding"
	severalTypes    sentence = "the request has more than one field Content-Type"
	typeOfCarrier   sentence = "the media type of the body carrier is " + MediaType + ", in lower case and without parameters"
	notACarrier     sentence = "the body carrier is not a JSON object of at most three texts"
	emptyMember     sentence = "a member of the body carrier is not a text, or is empty"
	unknownMember   sentence = "the body carrier has a member other than presentation, body and contentType"
	bodyNotBase64   sentence = "the body in the body carrier is not base64url without padding"
	typeInCarrier   sentence = "contentType in the body carrier is not the media type of a body"
	emptyCarrier    sentence = "the body carrier holds no presentation"
	bodyTooLong     sentence = "the body is longer than is accepted here"
	bodyUnread      sentence = "the body could not be read to its end"
	bodyOtherLength sentence = "the body has another length than its Content-Length"
	tooManyRequests sentence = "too many requests from this caller"
	unclearText     sentence = "a text that is asked about has white space, control characters or '*', or is too long"
	unclearRegion   sentence = "a region that is asked about is not one of ISO 3166"
)

// sentences are all that may travel.
var sentences = []sentence{
	notLetThrough, upgrades, otherMethod, otherTarget, encodedBody, notAPath, notEncoded,
	noPresentation, emptyField, several, listOrFolded, tooLongField, notBase64URL, notAnObject, notThreeParts, partNotBase64,
	severalTypes, typeOfCarrier, notACarrier, emptyMember, unknownMember, bodyNotBase64, typeInCarrier, emptyCarrier,
	bodyTooLong, bodyUnread, bodyOtherLength, tooManyRequests, unclearText, unclearRegion,
	onepath.Backslash, onepath.Parameter, onepath.Control, onepath.Encoding, onepath.Twice, onepath.NotUTF8,
	onepath.LooksAlike, onepath.Empty, onepath.Dots, onepath.Blank,
}

// public returns a detail if it is one of the sentences, and "" otherwise.
func public(detail string) string {
	if slices.Contains(sentences, sentence(detail)) {
		return detail
	}
	return ""
}

// found refuses with a sentence. What would have been right and what was met
// are for logs and do not travel.
func found(c verify.Code, s sentence, right, met any) error {
	return &code.Error{Code: c, Detail: string(s), Limit: fmt.Sprint(right), Actual: fmt.Sprintf("%.40s", fmt.Sprint(met))}
}

// fault refuses with words that do not travel.
func fault(c verify.Code, format string, args ...any) error {
	return &code.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}
