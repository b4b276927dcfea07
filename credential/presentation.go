package credential

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Presentation is a Verifiable Presentation as it was received, with the
// credentials in it and its own proofs. Nothing of it is proven by parsing.
type Presentation struct {
	secured
	model PresentationContent
	few   few
}

// PresentationContent is what a presentation says.
type PresentationContent struct {
	Context     []string
	ID          string
	Type        []string
	Holder      string    // absolute IRI; "" if absent
	Credentials []*Signed // in document order; may be none
	Extra       []Member  // what the contexts define beyond the above
}

// few is room for what most presentations have, in one piece of memory with it.
type few struct {
	credentials [4]*Signed
	extra       [1]Member
	cached      cachedIn
}

// ParsePresentation reads a presentation (VC-DATA-MODEL-2.0 section 4.13) and
// every credential in it. It verifies nothing. Errors are as for [Parse].
func ParsePresentation(raw []byte, formats ...Format) (*Presentation, error) {
	return Parser{Formats: formats}.Presentation(raw)
}

// Presentation reads one presentation. See [ParsePresentation].
func (p Parser) Presentation(raw []byte) (*Presentation, error) {
	b, err := p.bounds()
	if err != nil {
		return nil, &Error{Code: code.RequestInvalid, Err: err}
	}
	vp := &Presentation{}
	vp.cached = p.cachedIn(b, &vp.few.cached)
	if !p.looksLikeJSON(raw) {
		env, err := p.open(raw, KindPresentation, b)
		if err != nil {
			return nil, err
		}
		if err := vp.readEnvelope(&p, env, b, KindPresentation); err != nil {
			return nil, err
		}
	} else {
		text, root, more, err := p.presentationTree(raw, vp.cached, b)
		if err != nil {
			return nil, err
		}
		if root.Kind() != strictjson.Object {
			return nil, malformed(root, "want a presentation object, not %s", root.Kind())
		}
		if err := p.checkLongStrings(root, KindPresentation, b, more); err != nil {
			return nil, err
		}
		if err := vp.read(root, &p, b); err != nil {
			return nil, err
		}
		vp.quads = int32(b.PresentationQuads) // the credentials in it are part of its graph
		vp.raw = text
		d := decoder{room: &vp.room}
		if vp.proofs = d.proofs(root.Get("proof"), b.Proofs); d.err != nil {
			return nil, d.err
		}
	}
	if err := p.presentation(vp, b); err != nil {
		return nil, err
	}
	skip := presentationParts
	if vp.envelope != nil {
		if err := vp.presentationClaims(&vp.model); err != nil {
			return nil, err
		}
		skip = presentationClaimNames
	}
	if err := vp.checkProfile(b, skip); err != nil {
		return nil, err
	}
	return vp, nil
}

// presentationParts are members with documents of their own in them.
var presentationParts = []string{"verifiableCredential", "proof"}

func (p *Parser) presentation(vp *Presentation, b *Bounds) error {
	d := decoder{room: &vp.room}
	m := &vp.model
	m.Context, m.Extra = vp.contexts, vp.few.extra[:0]
	if m.Context[0] != ContextV2 {
		return fault(code.EnvelopeContext, vp.root.Path()+"/@context", "a presentation begins with the context %s", ContextV2)
	}
	for name, v := range vp.root.Members() {
		switch name {
		case "@context", "proof":
		case "id":
			m.ID = d.iri(v)
		case "type":
			m.Type = d.types(v)
		case "holder":
			if v.Kind() == strictjson.Object && p.Profile == Conformance {
				v = v.Get("id")
			}
			m.Holder = d.iri(v)
		case "verifiableCredential":
			if err := p.credentials(vp, v, b); err != nil {
				return err
			}
		default:
			if vp.envelope == nil || !registeredClaim(name) {
				m.Extra = append(m.Extra, Member{name, v})
			}
		}
	}
	switch {
	case !hasText(m.Type, TypePresentation):
		d.fail(vp.root, "type does not contain %s", TypePresentation)
	case hasText(m.Type, TypeCredential):
		d.fail(vp.root.Get("type"), "a presentation is not a %s as well", TypeCredential)
	}
	return d.err
}

// credentials reads verifiableCredential. In the strict profile it is a list in
// which no credential is listed twice, nor two with the same id.
func (p *Parser) credentials(vp *Presentation, list Value, b *Bounds) error {
	m := &vp.model
	one := func(v Value) error {
		s := vp.cached.find(v)
		if s == nil {
			var err error
			if s, err = p.readCredential(v, b); err != nil {
				return err
			}
		} else if list.Apart() {
			vp.cached.list, vp.cached.credentials = list, m.Credentials[:list.Len()]
		}
		for _, other := range m.Credentials {
			if p.Profile != Conformance && (s.raw == other.raw || s.model.ID != "" && s.model.ID == other.model.ID) {
				return malformed(v, "credential %.200q is listed twice in the presentation", s.model.ID)
			}
		}
		m.Credentials = append(m.Credentials, s)
		return nil
	}
	switch {
	case list.Kind() == strictjson.Object && p.Profile == Conformance:
		return code.At(one(list.Alone()), list.Path())
	case list.Kind() != strictjson.Array || list.Len() == 0:
		return malformed(list, "want a list of credentials, not %s", describe(list))
	case list.Len() > b.Credentials:
		return fault(code.EnvelopeTooLarge, list.Path(), "%d credentials, at most %d are allowed", list.Len(), b.Credentials)
	}
	if m.Credentials = vp.few.credentials[:0]; list.Len() > len(vp.few.credentials) {
		m.Credentials = make([]*Signed, 0, list.Len())
	}
	i := 0
	for item := range list.Items() {
		if err := one(item); err != nil {
			return code.At(err, list.ItemPath(i))
		}
		i++
	}
	return nil
}

// Bytes returns a copy of the exact bytes that were received or signed.
func (p *Presentation) Bytes() []byte { return []byte(p.text()) }

// Text returns as a string what [Presentation.Bytes] returns, for a Data
// Integrity document without copying.
func (p *Presentation) Text() string { return p.text() }

// Unverified returns what the presentation says, proven or not. The result is
// shared and must not be changed.
func (p *Presentation) Unverified() *PresentationContent { return &p.model }

// MediaType returns "application/vp" for a Data Integrity document, the media
// type of the envelope for others.
func (p *Presentation) MediaType() string { return p.mediaType("application/vp") }

// Proofs returns what the presentation's own proofs say of themselves.
func (p *Presentation) Proofs() []ProofInfo { return p.infos() }

// NumProofs returns how many proofs the presentation itself has.
func (p *Presentation) NumProofs() int { return len(p.proofs) }

// Proof returns what the presentation's own proof i says of itself.
func (p *Presentation) Proof(i int) ProofInfo { return p.proofs[i].ProofInfo }

// CheckProof checks the presentation's own proof i, as [Signed.CheckProof]
// does; it says nothing about the credentials inside. Compare domain and
// challenge with what was asked for.
func (p *Presentation) CheckProof(i int, key did.PublicKey, purpose did.Relationship) error {
	return p.check(i, key, purpose)
}

// CheckProofs checks that every proof of the presentation itself holds and
// that one is by the holder. The credentials inside are left alone.
func (p *Presentation) CheckProofs(ctx context.Context, resolver did.Resolver, purpose did.Relationship, at time.Time) error {
	return p.checkAll(ctx, resolver, purpose, p.model.Holder, at)
}

// Member returns an extension member of the presentation, or the absent value.
func (c *PresentationContent) Member(name string) Value {
	for _, m := range c.Extra {
		if m.Name == name {
			return m.Value
		}
	}
	return Value{}
}
