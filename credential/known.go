package credential

import (
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/scratch"
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
func (k *keptIn) known(v Value) *Signed {
	if k == nil || v.Kind() != strictjson.Object {
		return nil
	}
	for _, s := range k.met {
		if s.form.of == v {
			return s
		}
	}
	if s := k.ask(v.Raw()); s != nil && s.item() == v.Raw() {
		return s
	}
	return nil
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
	text := scratch.Get()
	defer scratch.Put(text)
	*text = s.kept.append(*text)
	return jcs.AppendEdited(dst, s.root, proof, jcs.Edit{Name: "verifiableCredential", Text: *text})
}

// keptIn are the credentials of a presentation, some of which were kept.
type keptIn struct {
	list        Value
	credentials []*Signed // by item

	// Of the parser, which is large.
	remembered func(string) *Signed
	profile    Profile
	formats    []Format
	bounds     *Bounds

	met   []*Signed  // as they stand in the presentation
	space [4]*Signed // for met, seldom more
}

func (p *Parser) keptIn(b *Bounds) *keptIn {
	if p.Known == nil || p.Canonicalizer != nil {
		return nil // what host code makes of a document, no one can compare
	}
	k := &keptIn{remembered: p.Known, profile: p.Profile, formats: p.Formats, bounds: b}
	k.met = k.space[:0]
	return k
}

// ask is Parser.Known, for what can stand in this presentation as it is.
func (k *keptIn) ask(rest string) *Signed {
	s := k.remembered(rest)
	switch {
	case s == nil || !s.form.stands(&s.secured) || s.profile != k.profile || s.bounds != k.bounds && *s.bounds != *k.bounds:
		return nil
	case s.canonicalizer != nil, s.envelope != nil && !sameList(s.form.formats, k.formats):
		return nil // host code
	}
	return s
}

// parse is [strictjson.ParseWith] with what is kept.
func (k *keptIn) parse(text string, caps limits.JSON) (Value, error) {
	if k == nil {
		return strictjson.Parse(text, caps)
	}
	return strictjson.ParseWith(text, caps, "verifiableCredential", func(rest string) *strictjson.Known {
		s := k.ask(rest)
		if s == nil || s.form.known == nil { // in an envelope, of which nothing is made
			return nil
		}
		k.met = append(k.met, s)
		return s.form.known
	})
}

// stands reports whether a part of the text was not read but known. The places
// in it are then told from its own beginning.
func (k *keptIn) stands() bool { return k != nil && len(k.met) > 0 }

// readAnew returns a presentation as it is if nothing in it is known.
func (s *secured) readAnew() (*secured, error) {
	anew := *s
	caps := s.bounds.JSON(len(s.raw))
	caps.StringBytes = len(s.raw) // the text was held to its caps before
	root, err := strictjson.Parse(s.raw, caps)
	if err != nil {
		return nil, parseError(err)
	}
	anew.root, anew.kept = root, nil
	return &anew, nil
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
