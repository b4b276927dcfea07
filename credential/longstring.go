package credential

import (
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Two strings may be longer than Bounds.StringBytes: the encodedList of a
// status list, where one is expected, and the data: URL around an enveloped
// credential, where a format is accepted. The parser of JSON has one cap for
// all strings, so the others are measured afterwards.

// widen raises the caps of a parse by what a long string may have.
func (p *Parser) widen(caps *limits.JSON, b *Bounds) {
	longest := caps.StringBytes
	if p.StatusList {
		longest = max(longest, b.EncodedListBytes)
	}
	if len(p.Formats) > 0 {
		longest = max(longest, b.JWTBytes+dataURLOverhead)
	}
	if longest > caps.StringBytes {
		caps.StringBytes = longest
		caps.Bytes += longest
	}
}

// dataURLOverhead is the room for "data:", the media type and the comma.
const dataURLOverhead = 64

// checkLongStrings holds the strings of the document at root, its proofs
// included, to Bounds.StringBytes, and what remains without the long ones to
// the cap on documents. more is by how much the document is longer than its text: see
// [cachedIn.without].
func (p *Parser) checkLongStrings(root Value, kind Kind, b *Bounds, more int) error {
	most, size := b.DocumentBytes, len(root.Raw())+more
	if kind == KindPresentation {
		most = b.PresentationBytes
	}
	if size <= min(b.StringBytes, most) {
		return nil // no string in it can be longer
	}
	m := measure{parser: p, b: b, rest: size}
	for name, member := range root.Members() {
		m.subject = kind == KindCredential && name == "credentialSubject"
		if err := m.value(member, name, 1); err != nil {
			return err
		}
	}
	if m.rest > most {
		return fault(code.EnvelopeTooLarge, root.Path(), "%d bytes, at most %d are allowed", m.rest, most)
	}
	return nil
}

type measure struct {
	parser  *Parser
	b       *Bounds
	subject bool // in the credentialSubject of a credential
	rest    int  // bytes of the document without its long strings
}

// value walks v, which is the member name of an object at that depth below the
// root.
func (m *measure) value(v Value, name string, depth int) error {
	switch v.Kind() {
	case strictjson.String:
		n := len(v.Str())
		if n <= m.b.StringBytes {
			return nil
		}
		most := m.b.StringBytes
		switch {
		case name == "encodedList" && depth == 2 && m.parser.StatusList && m.subject:
			most = m.b.EncodedListBytes
		case name == "id" && len(m.parser.Formats) > 0:
			// Longer than any IRI; only an enveloped credential passes with it.
			most = m.b.JWTBytes + dataURLOverhead
		}
		if n > most {
			return fault(code.EnvelopeTooLarge, v.Path(), "StringBytes is %d, at most %d is allowed", n, most)
		}
		m.rest -= n
	case strictjson.Object:
		for name, member := range v.Members() {
			if err := m.value(member, name, depth+1); err != nil {
				return err
			}
		}
	case strictjson.Array:
		i := 0
		for item := range v.Items() {
			if err := m.value(item, name, depth); err != nil {
				return code.At(err, v.ItemPath(i))
			}
			i++
		}
	}
	return nil
}
