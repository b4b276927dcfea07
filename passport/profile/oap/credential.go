package oap

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// Names of the credentials that APort's tools export.
const (
	ContextVC  = "https://www.w3.org/2018/credentials/v1"
	ContextOAP = "https://raw.githubusercontent.com/aporthq/aport-spec/refs/heads/main/oap/vc/context-oap-v1.jsonld"

	TypePassport     = "OAPPassportCredential"
	TypeReceipt      = "OAPDecisionReceipt"
	TypePresentation = "OAPPassportPresentation"

	typeVC     = "VerifiableCredential"
	typeVP     = "VerifiablePresentation"
	typeProof  = "Ed25519Signature2020" // the label; the proof is a detached JWS over sorted JSON
	contextVP  = "https://w3id.org/security/suites/ed25519-2020/v1"
	credHeader = `{"alg":"EdDSA","b64":false,"crit":["b64"]}`
	presHeader = `{"alg":"Ed25519","typ":"JWT"}`
)

// signedMembers are what the signature of a credential covers.
var signedMembers = []string{"@context", "type", "credentialSubject", "issuer", "issuanceDate", "expirationDate"}

// Credential is a passport or a decision as APort's tools export it.
type Credential struct {
	Passport *Passport // of a passport credential
	Decision *Decision // of a receipt

	Issuer               string
	VerificationMethod   string // whose key is said to have signed
	IssuedAt, ValidUntil time.Time

	doc *laxjson.Value
	sig []byte
}

// ParseCredential reads an exported credential strictly. It does not verify it.
func ParseCredential(text []byte) (*Credential, error) {
	doc, e := Strict.document(string(text), InvalidCredential)
	if e != nil {
		return nil, e
	}
	c, e := strictCredential(doc)
	if e != nil {
		return nil, e
	}
	return c, nil
}

func strictCredential(doc *laxjson.Value) (*Credential, *Error) {
	bad := func(path, format string, args ...any) (*Credential, *Error) {
		return nil, refuse(InvalidCredential, path, format, args...)
	}
	if doc.Kind() != laxjson.Object {
		return bad("", "want a credential as an object, not %s", doc.Kind())
	}
	for _, m := range doc.Members() {
		if m.Name != "proof" && !slices.Contains(signedMembers, m.Name) {
			return nil, refuse(UnsignedMember, "/"+pointer(m.Name),
				"the signature does not cover %.80q: anybody may have added it", m.Name)
		}
	}
	if !textsAre(doc.Get("@context"), ContextVC, ContextOAP) {
		return bad("/@context", "want exactly %s and %s", ContextVC, ContextOAP)
	}
	c := &Credential{doc: doc, Issuer: doc.Get("issuer").Text()}
	ok := false
	if c.IssuedAt, ok = instantOf(doc.Get("issuanceDate")); !ok {
		return bad("/issuanceDate", "want a date-time")
	}
	if c.ValidUntil, ok = instantOf(doc.Get("expirationDate")); !ok {
		return bad("/expirationDate", "want a date-time")
	}
	subject := doc.Get("credentialSubject")
	var e *Error
	switch {
	case textsAre(doc.Get("type"), typeVC, TypePassport):
		if e = strictPassport(subject); e == nil {
			c.Passport = newPassport(subject)
			e = c.ofPassport()
		}
	case textsAre(doc.Get("type"), typeVC, TypeReceipt):
		if e = strictDecision(subject); e == nil {
			c.Decision = newDecision(subject)
			e = c.ofDecision()
		}
	default:
		return bad("/type", "want %s and either %s or %s", typeVC, TypePassport, TypeReceipt)
	}
	if e != nil {
		return nil, under("/credentialSubject", e)
	}
	if e := c.proof(); e != nil {
		return nil, e
	}
	return c, nil
}

// ofPassport compares what is said twice.
func (c *Credential) ofPassport() *Error {
	p := c.Passport
	switch {
	case p.Spelling != Registry || p.DID == "":
		return refuse(InvalidCredential, "", "the subject of an exported passport has agent_id and did")
	case c.Issuer != p.DID:
		return refuse(InvalidCredential, "/did", "the issuer is %.80q, not the DID of the passport", c.Issuer)
	case !c.IssuedAt.Equal(p.CreatedAt):
		return refuse(InvalidCredential, "/created_at", "issuanceDate is another instant")
	case !p.ExpiresAt.IsZero() && !p.ExpiresAt.Equal(c.ValidUntil):
		return refuse(InvalidCredential, "/expires_at", "expirationDate is another instant")
	}
	return nil
}

func (c *Credential) ofDecision() *Error {
	d := c.Decision
	switch {
	case d.Spelling != Registry:
		return refuse(InvalidCredential, "", "an exported decision has agent_id, created_at and expires_in")
	case !c.IssuedAt.Equal(d.CreatedAt) || !c.ValidUntil.Equal(d.ExpiresAt):
		return refuse(InvalidCredential, "", "issuanceDate or expirationDate is another instant than the decision's")
	case c.Issuer == "":
		return refuse(InvalidCredential, "", "the issuer is not a text")
	}
	return nil
}

// proof checks what of the proof no signature covers: it must say what the tools
// write, and nothing else.
func (c *Credential) proof() *Error {
	proof := c.doc.Get("proof")
	bad := func(member, format string, args ...any) *Error {
		return refuse(UnsignedMember, "/proof/"+member, format, args...)
	}
	for _, m := range proof.Members() {
		if !slices.Contains([]string{"type", "created", "verificationMethod", "proofPurpose", "jws"}, m.Name) {
			return bad(pointer(m.Name), "the proof of a credential has no such member")
		}
	}
	c.VerificationMethod = proof.Get("verificationMethod").Text()
	created, issued := proof.Get("created"), c.doc.Get("issuanceDate")
	switch {
	case proof.Kind() != laxjson.Object:
		return refuse(InvalidSignature, "/proof", "there is no proof")
	case proof.Get("type").Text() != typeProof:
		return bad("type", "want %s", typeProof)
	case proof.Get("proofPurpose").Text() != "assertionMethod":
		return bad("proofPurpose", "want assertionMethod")
	case created.Kind() != laxjson.String || created.Text() != issued.Text():
		return bad("created", "want what issuanceDate says")
	case !slices.Contains(c.methods(), c.VerificationMethod):
		return bad("verificationMethod", "want the issuer's key, %s", c.methods()[0])
	}
	var e *Error
	c.sig, e = detached(proof.Get("jws").Text(), credHeader)
	return e
}

// methods are the keys that the tools name: the passport's own, or the registry's
// under the two addresses that its versions have for them.
func (c *Credential) methods() []string {
	if c.Passport != nil {
		return []string{c.Issuer + "#key-1"}
	}
	at := c.Issuer + "/.well-known/oap/"
	return []string{at + "jwks.json#" + c.Decision.KeyID, at + "keys.json#" + c.Decision.KeyID}
}

// detached takes a detached JWS apart. Its header is not part of what is signed, so
// it must be the one that the tools write.
func detached(jws, header string) ([]byte, *Error) {
	want := base64.RawURLEncoding.EncodeToString([]byte(header)) + ".."
	text, ok := strings.CutPrefix(jws, want)
	if !ok {
		return nil, refuse(UnsignedMember, "/proof/jws", "want the header %s and an empty payload", header)
	}
	sig, err := multibase.DecodeBase64URL(text) // which takes no line breaks
	if err != nil || len(sig) != 64 {
		return nil, refuse(InvalidSignature, "/proof/jws", "want a signature of 64 bytes in base64url")
	}
	return sig, nil
}

func textsAre(v *laxjson.Value, want ...string) bool {
	if v.Kind() != laxjson.Array || len(v.Items()) != len(want) {
		return false
	}
	for i, item := range v.Items() {
		if item.Kind() != laxjson.String || item.Text() != want[i] {
			return false
		}
	}
	return true
}

// Canonical returns what the signature covers.
func (c *Credential) Canonical() []byte { return canonicalCredential(c.doc, formJCS) }

func canonicalCredential(doc *laxjson.Value, f form) []byte {
	list := make([]laxjson.Member, 0, len(signedMembers))
	for _, name := range signedMembers {
		list = append(list, laxjson.Member{Name: name, Value: doc.Get(name)})
	}
	return appendObject(nil, f, list...)
}

// Verify reports why a credential cannot be relied on at an instant. The key is the
// one that the caller has pinned for [Credential.VerificationMethod]; the zero key is
// none, and then it could not be found out. A receipt's own signature must be of the
// same key.
func (c *Credential) Verify(key did.PublicKey, at time.Time) error {
	if e := c.verify(key, at); e != nil {
		return e
	}
	return nil
}

// signed reports why the signature does not hold.
func (c *Credential) signed(key did.PublicKey) *Error {
	switch {
	case key.IsZero():
		return refuse(KeyUnknown, "/proof/verificationMethod", "the key %.80q is not at hand", c.VerificationMethod)
	case !key.Verify(c.Canonical(), c.sig):
		return refuse(InvalidSignature, "/proof/jws", "the signature is not that of the key over these members")
	}
	return nil
}

func (c *Credential) verify(key did.PublicKey, at time.Time) *Error {
	if e := c.signed(key); e != nil {
		return e
	}
	expired, of := PassportExpired, "passport"
	var e *Error
	if c.Decision != nil {
		expired, of = DecisionExpired, "decision"
		e = c.Decision.verify(key, at)
	} else {
		e = c.Passport.reliable(at)
	}
	switch {
	case e != nil:
		return under("/credentialSubject", e)
	case at.After(c.ValidUntil):
		return refuse(expired, "/expirationDate", "the %s was valid until %s", of, c.ValidUntil.Format(time.RFC3339))
	case c.IssuedAt.After(at):
		return refuse(NotYetValid, "/issuanceDate", "the credential was issued in the future")
	}
	return nil
}
