package verifyhttp

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/verify"
)

// MediaType is that of the body carrier. See the package documentation.
const MediaType = "application/agent-presentation+json"

// isEnvelope reports whether the body is a body carrier.
func isEnvelope(h http.Header) (bool, error) {
	types := h["Content-Type"]
	if len(types) > 1 {
		return false, found(verify.EnvelopeMalformed, severalTypes, 1, len(types))
	}
	if len(types) == 0 {
		return false, nil
	}
	if types[0] == MediaType {
		return true, nil
	}
	// Whoever reads it less closely must not take for a carrier what the guard
	// took for a body.
	if base, _, _ := strings.Cut(types[0], ";"); strings.EqualFold(strings.TrimSpace(base), MediaType) {
		return false, found(verify.EnvelopeMalformed, typeOfCarrier, MediaType, types[0])
	}
	return false, nil
}

// envelope is a body carrier, unpacked.
type envelope struct {
	presented   []byte
	body        []byte
	contentType string
}

const maxContentType = 256

// presentationText is the most that a presentation can have as text.
func presentationText() int { return base64Len(limits.Default().PresentationBytes) }

func base64Len(n int) int { return (n*8 + 5) / 6 }

// envelopeBytes is the most that a carrier of a body of that size can have,
// with room for names and white space.
func envelopeBytes(body int) int { return presentationText() + base64Len(body) + 1<<10 }

func openEnvelope(raw []byte, mostBody int) (e envelope, err error) {
	longest := max(presentationText(), base64Len(mostBody))
	v, err := strictjson.Parse(string(raw), limits.JSON{
		Bytes: envelopeBytes(mostBody), Depth: 1, Members: 3, ArrayLength: 1, KeyBytes: 16, StringBytes: longest,
	})
	if err != nil || v.Kind() != strictjson.Object {
		return e, found(verify.EnvelopeMalformed, notACarrier, "", "")
	}
	for name, m := range v.Members() {
		text, ok := m.LookupStr()
		if !ok || text == "" {
			return e, found(verify.EnvelopeMalformed, emptyMember, "a text", name)
		}
		switch name {
		case "presentation":
			e.presented, err = decodeCarrier(text, presentationText())
		case "body":
			e.body, err = multibase.DecodeBase64URL(text)
			if err != nil {
				err = found(verify.EnvelopeMalformed, bodyNotBase64, "", "")
			} else if len(e.body) > mostBody {
				err = tooLarge(mostBody)
			}
		case "contentType":
			e.contentType = text
			err = checkContentType(text)
		default:
			err = found(verify.EnvelopeMalformed, unknownMember, "presentation, body, contentType", name)
		}
		if err != nil {
			return e, err
		}
	}
	if e.presented == nil {
		return e, found(verify.EnvelopeMissing, emptyCarrier, "", "")
	}
	return e, nil
}

// checkContentType refuses a malformed type, and a carrier in a carrier.
func checkContentType(text string) error {
	base, _, err := mime.ParseMediaType(text)
	if err != nil || len(text) > maxContentType || base == MediaType || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return found(verify.EnvelopeMalformed, typeInCarrier, "", "")
	}
	return nil
}

// retype makes a header speak of the body that is meant.
func (e *envelope) retype(h http.Header) {
	h.Del("Content-Type")
	if e.contentType != "" {
		h.Set("Content-Type", e.contentType)
	}
	if h.Get("Content-Length") != "" {
		h.Set("Content-Length", strconv.Itoa(len(e.body)))
	}
}

// bytes packs it.
func (e *envelope) bytes() []byte {
	w := jsonwrite.Writer{Buf: make([]byte, 0, base64Len(len(e.presented)+len(e.body))+256)}
	w.BeginObject()
	w.Member("presentation", encodeCarrier(string(e.presented)))
	if len(e.body) > 0 {
		w.Member("body", multibase.EncodeBase64URL(e.body))
	}
	w.Member("contentType", e.contentType)
	w.EndObject()
	return w.Buf
}
