package verify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
)

// Step 4, proof: did the right keys sign exactly this?
//
// The walk goes from the root to the leaf and stops at the first link that is
// not proven, so that nothing is looked up that only a stranger names.
func (r *run) proof(ctx context.Context) {
	if r.foreign != nil {
		r.foreignProof()
		return
	}
	if r.walk(ctx) && r.presentation != nil {
		r.presenter(ctx)
	}
	if r.presentation != nil {
		r.audience()
		r.intentMatches()
	}
}

// walk proves each link and reports whether all hold.
func (r *run) walk(ctx context.Context) bool {
	issuer := r.anchorOf.Issuer
	for i := range r.links {
		l := &r.links[i]
		if l.passport.Issuer != issuer {
			r.add(Violation{Code: DelegationInvalid, Path: r.place(i) + "/issuer",
				Detail: "a delegated passport is issued by the agent of the one above it", Limit: issuer.String(), Actual: l.passport.Issuer.String()})
			return false
		}
		if !r.provenLink(ctx, i, issuer) {
			return false
		}
		issuer = l.passport.Agent
	}
	return true
}

// provenLink proves one link, by memory where its exact bytes held under the
// keys of today before, and remembers it.
func (r *run) provenLink(ctx context.Context, i int, issuer did.DID) bool {
	l := &r.links[i]
	if l.proven != nil {
		if !r.proven(ctx, i, l.signed, issuer, did.AssertionMethod, l.proven.check) {
			return false
		}
		r.v.proven.hits.Add(1)
		return true
	}
	var keys []did.PublicKey
	var digest string
	if !r.proven(ctx, i, l.signed, issuer, did.AssertionMethod, func(j int, key did.PublicKey, purpose did.Relationship) (err error) {
		if r.v.proven.on() {
			keys = append(keys, key)
		}
		if i == len(r.links)-1 || digest != "" {
			err = l.signed.CheckProof(j, key, purpose)
		} else {
			digest, err = checkProofDigest(l.signed, j, key, purpose) // for the link below
		}
		return err
	}) {
		return false
	}
	l.sum = digest
	if r.v.proven.on() {
		r.v.proven.misses.Add(1)
		r.v.proven.put(l.signed, keys)
	}
	return true
}

// provable is a credential or a presentation.
type provable interface {
	NumProofs() int
	Proof(int) credential.ProofInfo
}

// presented is the presentation itself where a link is asked for.
const presented = -1

// place returns the JSON Pointer to a link of the chain in what was presented.
func (r *run) place(link int) string {
	if link == presented || r.presentation == nil {
		return "" // the whole of it
	}
	return "/verifiableCredential/" + itoa(link)
}

func itoa(n int) string { return strconv.Itoa(n) }

// proven checks every proof of one document: each by that party, with a key
// for that purpose.
func (r *run) proven(ctx context.Context, link int, doc provable, by did.DID, purpose did.Relationship,
	check func(int, did.PublicKey, did.Relationship) error) bool {
	for i := range doc.NumProofs() {
		method := doc.Proof(i).VerificationMethod
		if method.DID() != by {
			r.add(Violation{Code: ProofKeyNotAuthorized, Path: r.place(link) + "/proof",
				Detail: "the proof is by another party", Limit: by.String(), Actual: method.String()})
			return false
		}
		key, err := r.key(ctx, method, purpose)
		if err == nil {
			err = check(i, key, purpose)
		} else {
			err = notFound(keyFault(err, "/proof"), method)
		}
		if err != nil {
			r.because(code.At(err, r.place(link)), ProofInvalid)
			return false
		}
		r.signers = append(r.signers, signer{link, key})
	}
	return true
}

// signer is a key that signed a link, or the presentation.
type signer struct {
	link int // presented: the presentation
	key  did.PublicKey
}

// key finds a public key. did:key and did:jwk name it themselves; every other
// document is looked up within the budget and judged as of now.
func (r *run) key(ctx context.Context, id did.URL, purpose did.Relationship) (did.PublicKey, error) {
	d := id.DID()
	if m := d.Method(); m == "key" || m == "jwk" {
		return r.namedKey(ctx, id, purpose)
	}
	doc, err := r.document(ctx, d)
	if err != nil {
		return did.PublicKey{}, err
	}
	// A document has keys of its own DID only, so another's answers nothing.
	return doc.Key(id, purpose, r.now)
}

// foundDocument is what came of looking up a DID.
type foundDocument struct {
	id  did.DID
	doc *did.Document
	err error
}

// document looks a DID up, once for a decision: an issuer's document is asked for
// with each of its lists, a principal's with each of their consents.
func (r *run) document(ctx context.Context, d did.DID) (*did.Document, error) {
	for i := range r.documents {
		if f := &r.documents[i]; f.id == d {
			return f.doc, f.err
		}
	}
	if err := r.fetch(); err != nil {
		return nil, err
	}
	doc, err := r.resolve(ctx, d)
	r.documents = append(r.documents, foundDocument{d, doc, err})
	return doc, err
}

func (r *run) resolve(ctx context.Context, d did.DID) (doc *did.Document, err error) {
	defer caught("the resolver", &err)
	return r.v.config.Resolver.Resolve(ctx, d)
}

// foundKey is a key that its own identifier names: one decision asks for that
// of an issuer with each list.
type foundKey struct {
	id      did.URL
	purpose did.Relationship
	key     did.PublicKey
}

func (r *run) namedKey(ctx context.Context, id did.URL, purpose did.Relationship) (key did.PublicKey, err error) {
	for i := range r.keys {
		if k := &r.keys[i]; k.id == id && k.purpose == purpose {
			return k.key, nil
		}
	}
	place := r.v.named.place(r.v.config.Resolver, id, purpose)
	if place != nil {
		if k := place.Load(); k != nil && k.id == id {
			return k.key, nil
		}
		// A copy of the name, or all of what was presented would be kept with it.
		if id, err = did.ParseURL(strings.Clone(id.String())); err != nil {
			return did.PublicKey{}, err
		}
	}
	if key, err = r.resolveKey(ctx, id, purpose); err != nil {
		return did.PublicKey{}, err
	}
	if place != nil {
		place.Store(&namedKey{id, key})
	}
	r.keys = append(r.keys, foundKey{id, purpose, key})
	return key, nil
}

func (r *run) resolveKey(ctx context.Context, id did.URL, purpose did.Relationship) (key did.PublicKey, err error) {
	defer caught("the resolver", &err)
	return did.ResolveKey(ctx, r.v.config.Resolver, id, purpose, r.now)
}

// keyFault gives an error of [run.key] its code. A resolver may say that it
// could not find out; what the answer means is said here.
func keyFault(err error, path string) error {
	switch c := code.Of(err); {
	case errors.Is(err, errBudget):
		return err
	case c == ProofUnresolvable, c == ProofTimeout:
		return &code.Error{Code: c, Path: path, Err: err}
	}
	return credential.KeyError(err, path)
}

// notFound says of a fault that has no words of its own whose key it is about.
func notFound(err error, method did.URL) error {
	e, ok := err.(*code.Error)
	if !ok || e.Detail != "" {
		return err
	}
	named := *e
	named.Detail, named.Actual = "the key of the proof could not be found", method.String()
	return &named
}

// errBudget marks the refusal of [run.fetch].
var errBudget = errors.New("the budget of look-ups is spent")

// fetch takes one look-up from the budget of the decision.
func (r *run) fetch() error {
	if r.fetches++; r.fetches > r.v.config.Bounds.Fetches {
		return &code.Error{Code: EnvelopeTooLarge,
			Detail: fmt.Sprintf("more than %d documents and lists would have to be looked up", r.v.config.Bounds.Fetches), Err: errBudget}
	}
	return nil
}

// presenter checks that the leaf's agent made the presentation.
func (r *run) presenter(ctx context.Context) {
	agent, holder := r.leaf().Agent, r.presentation.Unverified().Holder
	if holder != agent.String() {
		r.add(Violation{Code: ProofHolderMismatch, Path: "/holder",
			Detail: "the holder is not the agent of the passport", Limit: agent.String(), Actual: holder})
		return
	}
	if r.proven(ctx, presented, r.presentation, agent, did.Authentication, r.presentation.CheckProof) {
		r.content = passport.IntentContent(r.presentation.Unverified().Member("intent")) // for step 8
	}
}

// audience compares domain and challenge with what this verifier asked for.
func (r *run) audience() {
	q := &r.request
	for i := range r.presentation.NumProofs() {
		p := r.presentation.Proof(i)
		if len(p.Domain) != 1 || p.Domain[0] != q.Audience {
			r.add(Violation{Code: ProofAudienceMismatch, Path: "/proof",
				Detail: "the presentation was made for another audience", Limit: q.Audience, Actual: domains(p.Domain)})
		}
		switch n := len(p.Challenge); {
		case q.Nonce != "" && p.Challenge != q.Nonce:
			r.add(Violation{Code: ProofChallengeMismatch, Path: "/proof",
				Detail: "the presentation answers another challenge than the one that was handed out",
				Hint:   "the agent signs the challenge that it was handed"})
		case n < limits.NonceMinBytes || n > r.v.config.Bounds.NonceBytes:
			r.add(Violation{Code: EnvelopeNonceInvalid, Path: "/proof",
				Detail: fmt.Sprintf("the challenge has %d bytes, want %d to %d", n, limits.NonceMinBytes, r.v.config.Bounds.NonceBytes)})
		case p.Challenge != r.presentation.Proof(0).Challenge:
			r.add(Violation{Code: ProofChallengeMismatch, Path: "/proof", Detail: "two proofs answer two challenges"})
		}
	}
}

// domains reads the audiences that a presentation was made for.
func domains(list []string) string {
	switch len(list) {
	case 0:
		return "absent"
	case 1:
		return fmt.Sprintf("%.200s", list[0])
	}
	return fmt.Sprintf("%.200q", list)
}

// intentMatches compares every member of the signed intent with the request.
// Absent is not the same as present.
func (r *run) intentMatches() {
	q, in := &r.request, r.intent
	differ := func(member, want, got string) {
		if want != got {
			r.add(Violation{Code: ProofIntentMismatch, Path: "/intent/" + member,
				Detail: "the agent signed another " + member + " than is asked for", Limit: orAbsent(want), Actual: orAbsent(got)})
		}
	}
	differ("passportId", r.leaf().ID, in.PassportID)
	differ("bodyDigest", q.BodyDigest, in.BodyDigest)
	signed := &in.Act
	if r.foreign != nil && r.foreign.NoRegion {
		act := in.Act
		act.Region, signed = q.Region, &act
	}
	for _, e := range q.Act.Differs(signed) {
		r.add(Violation{Code: e.Code, Path: "/intent" + e.Path, Detail: e.Detail, Limit: e.Limit, Actual: e.Actual})
	}
}

func orAbsent(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}
