package credential

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/scratch"
)

// TypeDataIntegrity is the type of every Data Integrity proof.
const TypeDataIntegrity = "DataIntegrityProof"

// check verifies proof i (VC-DATA-INTEGRITY section 4.4, VC-DI-EDDSA section
// 3.3.2). See [Signed.CheckProof].
func (s *secured) check(i int, key did.PublicKey, purpose did.Relationship) error {
	return s.checkWith(i, key, purpose, nil)
}

func (s *secured) checkWith(i int, key did.PublicKey, purpose did.Relationship, whole *wholeSum) error {
	if i < 0 || i >= len(s.proofs) {
		return fault(code.ProofMissing, s.root.Path(), "there is no proof %d: the document has %d", i, len(s.proofs))
	}
	p := &s.proofs[i]
	if !p.Supported {
		return p.unsupported()
	}
	if p.Purpose != purpose || purpose == "" {
		return &Error{Code: code.ProofPurposeMismatch, Path: p.v.Path(),
			Detail: "the proof was made for another purpose", Limit: string(purpose), Actual: string(p.Purpose)}
	}
	if err := p.method(); err != nil {
		return err
	}
	if key.IsZero() {
		return fault(code.ProofKeyNotAuthorized, p.v.Path(), "there is no key to check the proof with")
	}
	if s.envelope != nil {
		return s.envelope.checkWith(key, p.v.Path())
	}
	su := suiteNamed(p.Cryptosuite)
	if su.Algorithm != key.Algorithm() {
		return &Error{Code: code.ProofKeyNotAuthorized, Path: p.v.Path(),
			Detail: "the key is of another algorithm than " + su.Name, Limit: su.Algorithm.String(), Actual: key.Algorithm().String()}
	}
	if err := checkContext(s.root, p.v); err != nil {
		return err
	}
	matching, err := s.previous(i)
	if err != nil {
		return err
	}
	buf := scratch.Get()
	defer scratch.Put(buf)
	if *buf, err = p.appendSignature(*buf, su.Algorithm); err != nil {
		return err
	}
	n := len(*buf)
	*buf, err = su.appendSigned(*buf, suiteInput{document: s, options: p.v, matching: matching, whole: whole})
	if err != nil {
		return err
	}
	if !key.Verify((*buf)[n:], (*buf)[:n]) {
		return &Error{Code: code.ProofInvalid, Path: p.v.Path(), Detail: "the signature does not match the document",
			Hint: "the document was changed after signing, or the key is another"}
	}
	return nil
}

// otherKind reports whether the proof is of a kind that is not checked here, and
// not one that is and lacks something.
func (p *proof) otherKind() bool {
	return !p.Supported && p.Type != "" && (p.Type != TypeDataIntegrity || p.Cryptosuite != "")
}

// unsupported names the kind of a proof that is not checked here, and those that
// are. The two transformations say "type … and cryptosuite …" where they mean
// "or": one wrong is enough.
func (p *proof) unsupported() error {
	kind := fmt.Sprintf("type %.80q", p.Type)
	switch {
	case p.Type == "":
		kind = "a proof without type"
	case p.Type == TypeDataIntegrity && p.Cryptosuite == "":
		kind = TypeDataIntegrity + " without cryptosuite"
	case p.Type == TypeDataIntegrity:
		kind = fmt.Sprintf("cryptosuite %.80q", p.Cryptosuite)
	}
	return fault(code.ProofTransformation, p.v.Path(), "%s is not supported; %s with %s is",
		kind, TypeDataIntegrity, suiteNames(func(*suite) bool { return true }))
}

// previous returns the proofs that proof i names in previousProof, in document
// order, and refuses names without a proof, cycles and chains that are too long
// (VC-DATA-INTEGRITY section 4.3, step 3.2).
func (s *secured) previous(i int) ([]Value, error) {
	p := &s.proofs[i]
	if len(p.PreviousProof) == 0 {
		return nil, nil
	}
	links, err := s.chainLength(i, make([]int, len(s.proofs)))
	if err != nil {
		return nil, err
	}
	if links > s.bounds.ProofChainDepth {
		return nil, tooLongChain(p.v, links, s.bounds.ProofChainDepth)
	}
	var matching []Value
	for j := range s.proofs {
		if id := s.proofs[j].ID; id != "" && hasText(p.PreviousProof, id) {
			matching = append(matching, s.proofs[j].v)
		}
	}
	return matching, nil
}

func tooLongChain(at Value, links, most int) error {
	return fault(code.EnvelopeTooLarge, at.Path(), "a chain of %d links of previousProof, at most %d are allowed", links, most)
}

// chainLength returns the number of links on the longest way from proof i to
// one that continues nothing. seen holds the lengths known, plus one, and
// onTheWay for proofs that lead to i: each proof is followed once.
func (s *secured) chainLength(i int, seen []int) (links int, err error) {
	const onTheWay = -1
	seen[i] = onTheWay
	for _, id := range s.proofs[i].PreviousProof {
		j := s.proofByID(id)
		switch {
		case j < 0:
			return 0, fault(code.ProofInvalid, s.proofs[i].v.Path(), "previousProof %.80q is not in the document", id)
		case seen[j] == onTheWay:
			return 0, fault(code.ProofInvalid, s.proofs[i].v.Path(), "previousProof %.80q leads back to where it came from", id)
		case seen[j] == 0:
			if _, err := s.chainLength(j, seen); err != nil {
				return 0, err
			}
		}
		links = max(links, seen[j])
	}
	seen[i] = links + 1
	return links, nil
}

func (s *secured) proofByID(id string) int {
	for i := range s.proofs {
		if s.proofs[i].ID == id {
			return i
		}
	}
	return -1
}

// CheckProofs checks that every proof of a supported kind holds (with the key
// that resolver finds for its verification method under the purpose, at that
// instant), and that at least one is by the issuer. Proofs of other kinds are
// not looked at: see ProofInfo.Supported. It does not judge the times of the
// document or its proofs, status or trust. Beside the codes of [Signed.CheckProof] it has those of [KeyError].
func (s *Signed) CheckProofs(ctx context.Context, resolver did.Resolver, purpose did.Relationship, at time.Time) error {
	return s.checkAll(ctx, resolver, purpose, s.model.Issuer.ID, at)
}

func (s *secured) checkAll(ctx context.Context, resolver did.Resolver, purpose did.Relationship, by string, at time.Time) error {
	if len(s.proofs) == 0 {
		return fault(code.ProofMissing, s.root.Path(), "the document has no proof")
	}
	bound, checked := false, false
	for i := range s.proofs {
		p := &s.proofs[i]
		switch {
		case p.otherKind():
			continue
		case !p.Supported:
			return p.unsupported()
		}
		checked = true
		if err := p.method(); err != nil {
			return err
		}
		key, err := did.ResolveKey(ctx, resolver, p.VerificationMethod, purpose, at)
		if err != nil {
			return KeyError(err, p.v.Path())
		}
		if err := s.check(i, key, purpose); err != nil {
			return err
		}
		bound = bound || p.VerificationMethod.DID().String() == by
	}
	switch {
	case !checked:
		return s.proofs[0].unsupported()
	case !bound && by == "":
		return fault(code.ProofKeyNotAuthorized, s.root.Path(), "the document does not say who must have signed it: it has no holder")
	case !bound:
		return fault(code.ProofKeyNotAuthorized, s.root.Path(), "no proof is by %.200s", by)
	}
	return nil
}

// KeyError gives the code to an error of finding a key: proof.purpose_mismatch
// when the key is not listed for the purpose, proof.key_not_authorized when
// there is another answer and it is no, proof.unresolvable when there is none,
// proof.timeout when time ran out.
func KeyError(err error, path string) error {
	c := code.ProofUnresolvable
	switch {
	case errors.Is(err, did.ErrRelationship):
		c = code.ProofPurposeMismatch
	case errors.Is(err, did.ErrKey), errors.Is(err, did.ErrInvalidDID):
		c = code.ProofKeyNotAuthorized
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		c = code.ProofTimeout
	}
	return &Error{Code: c, Path: path, Err: err}
}
