package credential

import (
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Keep returns the credential as one to keep and to answer [Parser.Known]
// with: read alone, from a copy of the text that stands for it in a
// presentation ([Signed.Embedded]), so that it holds on to nothing else, and
// with its canonical form written. Errors are as for [Parse].
func (p Parser) Keep(s *Signed) (*Signed, error) {
	kept, err := p.Credential([]byte(s.Embedded()))
	if err != nil {
		return nil, err
	}
	kept.form = &form{formats: p.Formats}
	if kept.envelope == nil {
		caps := kept.bounds.JSON(kept.bounds.DocumentBytes)
		p.widen(&caps, kept.bounds)
		kept.form.of, kept.form.known = kept.root, kept.root.Known(caps)
		kept.form.text, kept.form.proof = jcs.AppendObject(nil, kept.root, "proof")
	}
	return kept, nil
}

// form is the canonical form (RFC 8785) of a document that is kept. The proof
// of the document, the digest by which another names it and the proof of a
// presentation that it stands in are all over the same text.
type form struct {
	of    Value // absent for an enveloped document, of which nothing is made
	text  []byte
	proof jcs.Cut
	known *strictjson.Known // nil for an enveloped document

	formats []Format // of the parser that kept it
}

// stands reports whether the form is that of the document as it is now.
func (f *form) stands(s *secured) bool {
	return f != nil && (s.envelope != nil || f.of == s.root)
}

// known returns the credential at v if it was read before, else nil.
func (p *Parser) known(v Value, b *Bounds, k *keptIn) *Signed {
	if k == nil || v.Kind() != strictjson.Object {
		return nil
	}
	s := k.at(v)
	if s == nil {
		s = p.Known(v.Raw()) // in an envelope, of which nothing is made
	}
	switch {
	case s == nil || !s.form.stands(&s.secured) || s.item() != v.Raw() || s.profile != p.Profile || s.bounds != b && *s.bounds != *b:
		return nil
	case s.canonicalizer != nil || p.Canonicalizer != nil:
		return nil // host code, which no one can compare
	case s.envelope != nil && !sameList(s.form.formats, p.Formats):
		return nil // likewise
	}
	return s
}

// sameList reports whether a and b are one list, not only lists of the same.
func sameList(a, b []Format) bool {
	return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0]
}

// appendForm appends the canonical form of the document.
func (s *secured) appendForm(dst []byte) []byte {
	if f := s.form; f != nil && f.of == s.root {
		return append(dst, f.text...)
	}
	return jcs.Append(dst, s.root)
}

// appendUnsecured appends the canonical form of the document without its
// proofs.
func (s *secured) appendUnsecured(dst []byte) []byte {
	if f := s.form; f != nil && f.of == s.root {
		return append(append(dst, f.text[:f.proof.From]...), f.text[f.proof.To:]...)
	}
	proof := jcs.Edit{Name: "proof"}
	if s.kept == nil || !s.kept.list.Exists() || s.root.Get("verifiableCredential") != s.kept.list {
		return jcs.AppendEdited(dst, s.root, proof)
	}
	text := getBuffer()
	defer putBuffer(text)
	*text = s.kept.append(*text)
	return jcs.AppendEdited(dst, s.root, proof, jcs.Edit{Name: "verifiableCredential", Text: *text})
}

// keptIn are the credentials of a presentation, some of which were kept.
type keptIn struct {
	list        Value
	credentials []*Signed // by item

	ask   func(string) *Signed
	met   []*Signed  // what it answered while the text was parsed
	space [4]*Signed // for met, seldom more
}

func (p *Parser) keptIn() *keptIn {
	if p.Known == nil {
		return nil
	}
	k := &keptIn{ask: p.Known} // and not the parser, which is large
	k.met = k.space[:0]
	return k
}

// parse is [strictjson.ParseWith] with what is kept.
func (k *keptIn) parse(text string, caps limits.JSON) (Value, error) {
	if k == nil {
		return strictjson.Parse(text, caps)
	}
	return strictjson.ParseWith(text, caps, k.known)
}

// known is Parser.Known for the text alone.
func (k *keptIn) known(rest string) *strictjson.Known {
	s := k.ask(rest)
	if s == nil || s.form == nil || s.form.known == nil {
		return nil
	}
	k.met = append(k.met, s)
	return s.form.known
}

// at returns the credential that was met at v, nil if none was.
func (k *keptIn) at(v Value) *Signed {
	for _, s := range k.met {
		if s.form.of == v {
			return s
		}
	}
	return nil
}

// append appends the canonical form of the list.
func (k *keptIn) append(dst []byte) []byte {
	dst = append(dst, '[')
	i := 0
	for item := range k.list.Items() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if c := k.credentials[i]; c.envelope == nil && c.form.stands(&c.secured) {
			dst = append(dst, c.form.text...)
		} else {
			dst = jcs.Append(dst, item)
		}
		i++
	}
	return append(dst, ']')
}
