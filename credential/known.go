package credential

import (
	"bytes"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/scratch"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// prepared returns a parser with its bounds at their defaults where they are
// zero, which is then not done for each document. It fails if one is out of its
// range.
//
// known, if it is not nil, is asked for each credential in a presentation, with
// the text that begins there, whether it was read before. It answers with one
// that [keep] made with a parser of the same settings, Formats the very same
// list, or nil. That one, if the text begins with exactly its own, takes the
// place in the presentation of one that is read again, and is as unproven as that. known
// must be safe for concurrent use.
//
// knownIn, which may be nil, is the same for a text that is not copied yet, and may answer with
// one that the text only seems to begin with.
func prepared(p Parser, known func(rest string) *Signed, knownIn func(rest []byte) *Signed) (Parser, error) {
	b, err := p.Bounds.Resolve()
	if err != nil {
		return Parser{}, &Error{Code: code.RequestInvalid, Err: err}
	}
	p.Bounds, p.resolved, p.known, p.knownIn = b, &b, known, knownIn
	return p, nil
}

// keep returns the credential as one to keep and to answer known with: read
// alone, from a copy of the text that is in its place in a presentation
// ([Signed.Embedded]), so that it holds on to nothing else, and with its
// canonical form written, and its digest. Errors are as for [Parse].
func keep(p Parser, s *Signed) (kept *Signed, digest string, err error) {
	kept, err = p.Credential([]byte(s.Embedded()))
	if err != nil {
		return nil, "", err
	}
	kept.form = &form{formats: p.Formats}
	if kept.envelope == nil {
		caps := kept.bounds.json(kept.bounds.DocumentBytes)
		p.widen(&caps, kept.bounds)
		kept.form.of, kept.form.known = kept.root, kept.root.Known(caps)
		kept.form.text, kept.form.proof = jcs.AppendObject(nil, kept.root, "proof")
	}
	if digest = kept.digest(); digest == textless { // another time it may be known
		return nil, "", fault(code.InternalError, "", "the format panicked")
	}
	return kept, digest, nil
}

// checkProofDigest is [Signed.CheckProof] and, if the proof holds,
// [Signed.Digest]: with eddsa-jcs-2022 both are over nearly the same text, which
// is written and hashed once.
func checkProofDigest(s *Signed, i int, key did.PublicKey, purpose did.Relationship) (digest string, err error) {
	var whole wholeSum
	if err := s.checkWith(i, key, purpose, &whole); err != nil {
		return "", err
	}
	if whole.made {
		return multibase.EncodeDigest(whole.sum), nil
	}
	return s.Digest(), nil
}

func init() {
	seam.MustLend("credential.prepared", prepared)
	seam.MustLend("credential.keep", keep)
	seam.MustLend("credential.checkProofDigest", checkProofDigest)
}

// form is the canonical form (RFC 8785) of a document that is kept. The proof
// of the document, the digest by which another names it and the proof of a
// presentation that it stands in are all over the same text.
type form struct {
	of    Value // absent for an enveloped document, which has none
	text  []byte
	proof jcs.Cut
	known *strictjson.Known // nil for an enveloped document

	formats []Format // of the parser that kept it
}

// stands reports whether the form is that of the document as it is now.
func (f *form) stands(s *secured) bool {
	return f != nil && (s.envelope != nil || f.of == s.root)
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
	if s.cached == nil || !s.cached.list.Exists() || s.root.Get("verifiableCredential") != s.cached.list {
		return jcs.AppendEdited(dst, s.root, proof)
	}
	text := scratch.Get()
	defer scratch.Put(text)
	*text = s.cached.append(*text)
	return jcs.AppendEdited(dst, s.root, proof, jcs.Edit{Name: "verifiableCredential", Text: *text})
}

// cachedIn are the credentials of a presentation, some of which were read
// before.
type cachedIn struct {
	list        Value     // absent until one of them is in it
	credentials []*Signed // by item

	// Of the parser, which is large.
	known   func(string) *Signed
	knownIn func([]byte) *Signed
	profile Profile
	formats []Format
	bounds  *Bounds

	hits  []*Signed  // those whose trees are part of the presentation's
	space [4]*Signed // for hits, seldom more

	cuts [4]strictjson.Cut // those that the presentation's text is without
	cut  uint8             // how many
}

// cachedIn makes k ready, unless nothing may be taken from before.
func (p *Parser) cachedIn(b *Bounds, k *cachedIn) *cachedIn {
	if p.known == nil || p.Canonicalizer != nil {
		return nil // what host code makes of a document, no one can compare
	}
	k.known, k.knownIn, k.profile, k.formats, k.bounds = p.known, p.knownIn, p.Profile, p.Formats, b
	k.hits = k.space[:0]
	return k
}

// ask is known of [prepared], for what can be in this presentation as it is.
func (k *cachedIn) ask(rest string) *Signed { return k.fitting(k.known(rest)) }

// fitting returns s if it can be in this presentation as it is, else nil.
func (k *cachedIn) fitting(s *Signed) *Signed {
	switch {
	case s == nil || !s.form.stands(&s.secured) || s.profile != k.profile || s.bounds != k.bounds && *s.bounds != *k.bounds:
		return nil
	case s.canonicalizer != nil, s.envelope != nil && !sameList(s.form.formats, k.formats):
		return nil // host code
	}
	return s
}

// lookUp returns what [strictjson.ParseApart] is to ask, nil for nothing.
func (k *cachedIn) lookUp() func(rest string) *strictjson.Known {
	if k == nil {
		return nil
	}
	return func(rest string) *strictjson.Known {
		s := k.ask(rest)
		if s == nil || s.form.known == nil {
			return nil
		}
		k.hits = append(k.hits, s)
		return s.form.known
	}
}

// listBegins is what stands before the credentials of a presentation as [SignPresentation]
// writes it. What is written otherwise is copied as a whole.
const listBegins = `"verifiableCredential":[`

// listIn returns where the credentials of a presentation begin, -1 if that is not to be seen.
func listIn(raw []byte) int {
	for at := 0; ; {
		next := bytes.IndexByte(raw[at:], '[') // there are few, so this is fast
		if next < 0 {
			return -1
		}
		at += next + 1
		if from := at - len(listBegins); from >= 0 && string(raw[from:at]) == listBegins {
			return at
		}
	}
}

// without returns the text of a presentation without the credentials in it that were read
// before, which are the larger part of most: what is copied is no more than what is read. It is
// "" if there is none; more is by how much the text is shorter.
//
// Of each there is one byte left, see [strictjson.Cut]. Whether it stands in the list indeed, and
// not in a text that looks like it, the parser knows.
func (k *cachedIn) without(raw []byte) (text string, more int) {
	if k == nil || k.knownIn == nil {
		return "", 0
	}
	begins := listIn(raw)
	if begins < 0 {
		return "", 0
	}
	end := begins // of the last one that was found
	for next := begins; int(k.cut) < len(k.cuts) && next < len(raw) && raw[next] == '{'; next = end + 1 {
		s := k.fitting(k.knownIn(raw[next:]))
		if s == nil || s.form.known == nil {
			break
		}
		own := s.form.known.Text()
		if len(raw)-next < len(own) || string(raw[next:next+len(own)]) != own {
			break
		}
		k.cuts[k.cut] = strictjson.Cut{At: begins + len("{,")*int(k.cut), Known: s.form.known}
		k.cut, k.hits, end = k.cut+1, append(k.hits, s), next+len(own)
		if end == len(raw) || raw[end] != ',' {
			break
		}
	}
	if k.cut == 0 {
		return "", 0
	}
	left := "{,{,{,{"[:2*k.cut-1]
	var b strings.Builder
	b.Grow(begins + len(left) + len(raw) - end)
	b.Write(raw[:begins])
	b.WriteString(left)
	b.Write(raw[end:])
	return b.String(), len(raw) - b.Len()
}

// whole takes back what [cachedIn.without] has found.
func (k *cachedIn) whole() {
	clear(k.cuts[:])
	clear(k.hits)
	k.cut, k.hits = 0, k.hits[:0]
}

// find returns the credential at v if it was read before, else nil.
func (k *cachedIn) find(v Value) *Signed {
	if k == nil || v.Kind() != strictjson.Object {
		return nil
	}
	for _, s := range k.hits {
		if s.form.of == v {
			return s
		}
	}
	// One in an envelope has no tree that the object around it could share.
	if s := k.ask(v.Raw()); s != nil && s.item() == v.Raw() {
		return s
	}
	return nil
}

// append appends the canonical form of the list.
func (k *cachedIn) append(dst []byte) []byte {
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
