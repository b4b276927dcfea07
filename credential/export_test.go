package credential

import (
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jcs"
)

// What package verify borrows.

func (p Parser) Prepared(known func(rest string) *Signed) (Parser, error) {
	return prepared(p, known, nil)
}

func (p Parser) Knowing(known func(rest string) *Signed) Parser {
	p.known = known
	p.knownIn = func(rest []byte) *Signed { return known(string(rest)) }
	return p
}

// LeftOut returns how many credentials the presentation's own text is without, and how long it is.
func (p *Presentation) LeftOut() (cuts, bytes int) {
	if p.cached != nil {
		cuts = int(p.cached.cut)
	}
	return cuts, len(p.raw)
}

func (p Parser) Keep(s *Signed) (*Signed, error) {
	kept, _, err := keep(p, s)
	return kept, err
}

func (s *Signed) CheckProofDigest(i int, key did.PublicKey, purpose did.Relationship) (string, error) {
	return checkProofDigest(s, i, key, purpose)
}

// HashJCS returns the 64 bytes that eddsa-jcs-2022 signs for a document and
// proof options, of whatever content.
func HashJCS(document, options string) ([]byte, error) {
	root, err := ParseValue(document)
	if err != nil {
		return nil, err
	}
	v, err := ParseValue(options)
	if err != nil {
		return nil, err
	}
	return suiteNamed(SuiteJCS).appendSigned(nil, suiteInput{document: &secured{root: root}, options: v})
}

// HashedJCS is one proof on its way to the signature.
type HashedJCS struct {
	Document, Options string // canonical texts
	Sum               [64]byte
}

// HashProofJCS returns the stages of checking proof i.
func (s *Signed) HashProofJCS(i int) (h HashedJCS, err error) {
	matching, err := s.previous(i)
	if err != nil {
		return h, err
	}
	h.Document = string(jcs.AppendEdited(nil, s.root, jcs.Edit{Name: "proof"}))
	h.Options = string(jcs.AppendEdited(nil, s.proofs[i].v, jcs.Edit{Name: "proofValue"}))
	_, err = suiteNamed(SuiteJCS).appendSigned(h.Sum[:0], suiteInput{document: &s.secured, options: s.proofs[i].v, matching: matching})
	return h, err
}
