package verifyhttp

import (
	"net/http"
	"strings"

	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/verify"
)

// fromHeader finds the one presentation in a header, and the field that holds
// it. A request that carries it in the body must have none.
func (g *Guard) fromHeader(h http.Header, inBody bool) (presented []byte, where string, err error) {
	var text string
	for _, name := range g.c.Headers {
		values := h[name]
		if name == HeaderAuthorization {
			// Another scheme is another matter: a payment, say.
			values = bearers(values)
		}
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || where != "" || inBody {
			return nil, "", found(verify.EnvelopeUnsupported, several, "", "")
		}
		text, where = values[0], name
	}
	if inBody {
		return nil, "", nil
	}
	if where == "" {
		return nil, "", found(verify.EnvelopeMissing, noPresentation, strings.Join(g.c.Headers, ", "), "")
	}
	presented, err = decodeCarrier(text, g.c.MaxHeader)
	return presented, where, err
}

// bearers returns what stands behind the scheme Bearer. Two fields count as two
// even if one has another scheme: Authorization stands once.
func bearers(values []string) []string {
	if len(values) > 1 {
		return values
	}
	var out []string
	for _, v := range values {
		if scheme, rest, ok := strings.Cut(v, " "); ok && strings.EqualFold(scheme, "Bearer") {
			out = append(out, rest)
		}
	}
	return out
}

// decodeCarrier reads the text of a carrier: base64url of a presentation, or a
// compact JWS as it is. Each presentation has one such text.
func decodeCarrier(text string, most int) ([]byte, error) {
	switch {
	case len(text) > most:
		return nil, found(verify.EnvelopeUnsupported, tooLongField, most, len(text))
	case text == "":
		return nil, found(verify.EnvelopeMissing, emptyField, "", "")
	case strings.ContainsAny(text, ", \t\r\n"):
		return nil, found(verify.EnvelopeUnsupported, listOrFolded, "", "")
	case strings.Contains(text, "."):
		return compact(text)
	}
	raw, err := multibase.DecodeBase64URL(text)
	if err != nil {
		return nil, found(verify.EnvelopeMalformed, notBase64URL, "", "")
	}
	// What has a text of its own has no second one.
	if raw[0] != '{' {
		return nil, found(verify.EnvelopeMalformed, notAnObject, "", "")
	}
	return raw, nil
}

// compact lets the three parts of a compact JWS through; what they hold is for
// the verifier's formats.
func compact(text string) ([]byte, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, found(verify.EnvelopeMalformed, notThreeParts, 3, len(parts))
	}
	for _, part := range parts {
		if raw, err := multibase.DecodeBase64URL(part); err != nil || len(raw) == 0 {
			return nil, found(verify.EnvelopeMalformed, partNotBase64, "", "")
		}
	}
	return []byte(text), nil
}

// encodeCarrier is the inverse of decodeCarrier.
func encodeCarrier(presentation string) string {
	if strings.HasPrefix(presentation, "{") {
		return multibase.EncodeBase64URL([]byte(presentation))
	}
	return presentation
}
