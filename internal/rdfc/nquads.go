package rdfc

import "strconv"

// The canonical form of N-Quads (RDFC-1.0, appendix A; RDF 1.2 N-Quads,
// section 4): single spaces, the fewest escapes, a line feed behind each quad.

const (
	hexDigits = "0123456789ABCDEF"
	xsdString = "http://www.w3.org/2001/XMLSchema#string"
)

// plainByte marks the bytes of a literal that stand for themselves.
var plainByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\' && c != 0x7F
	}
	return t
}()

func appendLexical(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if plainByte[c] {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, s[from:]...)
}

func appendLiteral(dst []byte, o *Object) []byte {
	dst = append(dst, '"')
	dst = appendLexical(dst, o.Lexical)
	dst = append(dst, '"')
	switch {
	case o.Language != "":
		dst = append(dst, '@')
		dst = append(dst, o.Language...)
	case o.Datatype != "" && o.Datatype != xsdString:
		dst = append(dst, "^^<"...)
		dst = append(dst, o.Datatype...)
		dst = append(dst, '>')
	}
	return dst
}

// appendNode appends a node: its IRI, or what self says of a blank node.
func (d *Dataset) appendNode(dst []byte, n Node, self int32) []byte {
	if !n.isBlank() {
		dst = append(dst, '<')
		dst = append(dst, d.iris[n]...)
		return append(dst, '>')
	}
	switch self {
	case canonical:
		dst = append(dst, "_:c14n"...)
		return strconv.AppendInt(dst, int64(d.run.issued[n.blank()]), 10)
	case n.blank():
		return append(dst, "_:a"...)
	}
	return append(dst, "_:z"...)
}

// canonical asks appendQuad for canonical identifiers.
const canonical int32 = -1

// appendQuad appends one line of N-Quads. Blank nodes appear under their
// canonical identifiers, or, where self is the index of one, that one as _:a
// and all others as _:z (section 4.6.3, step 3).
func (d *Dataset) appendQuad(dst []byte, q *quad, self int32) []byte {
	dst = d.appendNode(dst, q.s, self)
	dst = append(dst, ' ')
	dst = append(dst, q.p...)
	dst = append(dst, ' ')
	if q.o.Node != None {
		dst = d.appendNode(dst, q.o.Node, self)
	} else {
		dst = appendLiteral(dst, &q.o)
	}
	if q.g != None {
		dst = append(dst, ' ')
		dst = d.appendNode(dst, q.g, self)
	}
	return append(dst, " .\n"...)
}
