package aip1

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	defaultTTL   = 300 * time.Second
	minNonce     = 38 // "nonce:" and 32 digits
	maxNonce     = 128
	window       = 24 * time.Hour // of per_day
	maxStaleness = 500 * time.Millisecond
	// Skew is how far ahead of the clock an envelope may be issued, in the strict
	// reading; the SDK does not look.
	Skew = 5 * time.Second
)

// Standing is what is known about an agent, a principal or a mandate.
type Standing uint8

// The standings.
const (
	Good Standing = iota
	Revoked
	Suspended
)

// Verifier verifies envelopes and mandates against keys and facts that are at
// hand. Nothing is looked up: nobody resolves a DID in AIP-1, so the host says
// whose key is whose. It is not changed by use, and safe for concurrent use if
// its functions are.
type Verifier struct {
	// Reading: zero is the strict one.
	Reading Reading
	// Key is the agent's. Nil: no signature holds.
	Key ed25519.PublicKey
	// IssuerKey is that of whoever signs mandates. Nil: no mandate holds.
	IssuerKey ed25519.PublicKey
	// HMACKey, if there is one, is what an envelope of tier 0 is sealed with
	// instead of a signature. Whoever holds it can speak for every agent.
	HMACKey []byte
	// RequireMandate refuses an envelope without a mandate, whose limits only the
	// agent itself has signed.
	RequireMandate bool
	// LeastTier is the lowest tier that is taken, in the strict reading; "": any.
	LeastTier Tier

	// Geo is the country that the request comes from. "": not known, and under a
	// restriction refused; the SDK lets it through.
	Geo string
	// Frameworks are registered; nil: that is not asked for.
	Frameworks []string
	// ModelHashes has the hash of the model by framework, PromptHashes that of the
	// prompt by agent; nil or empty: that is not asked for.
	ModelHashes, PromptHashes map[string]string

	// Standing is asked about the agent and its principal, and in the strict
	// reading about the mandate's id. Nil: all are good.
	Standing func(id string) Standing
	// SyncedAt is the instant that Standing speaks for; zero: it is the first to
	// know. More than 500 ms ago is stale.
	SyncedAt time.Time

	// Seen reports a nonce that was used before. Nil: none was.
	Seen func(nonce string) bool
	// Spent returns what the agent spent since an instant, in minor units of a
	// currency. Nil: nothing.
	Spent func(agent, currency string, since time.Time) *big.Int

	// History returns how many acts of the agent were fine and how many were
	// violations; MinTrust is the least score, 0 to 1, that it must give. Zero:
	// any.
	History  func(agent string) (fine, violations int)
	MinTrust float64
}

// Verify verifies an envelope, and the mandate if one came beside it ("": none),
// at an instant. err is nil if and only if the intent may be acted on; otherwise
// it is an [*Error], and the envelope nil. Nothing is remembered: the host notes
// the nonce and what is spent.
func (v *Verifier) Verify(envelope, mandate string, at time.Time) (*Envelope, error) {
	e, err := v.Reading.parse(envelopeModel, envelope)
	if err != nil {
		return nil, err
	}
	a := &attempt{Verifier: v, e: e, mandate: mandate, at: at}
	if err := a.run(steps); err != nil {
		return nil, err
	}
	return envelopeOf(e), nil
}

// attempt is one verification.
type attempt struct {
	*Verifier
	e       *record
	mandate string
	m       *record // nil: there is none
	at      time.Time
	end     time.Time
}

type step = func(*attempt) *Error

// steps are in the order of the SDK, which is part of its answer: the first that
// fails gives the codes.
var steps = []step{
	(*attempt).form, (*attempt).time, (*attempt).nonce, (*attempt).proof, (*attempt).replayed, (*attempt).mandated,
	(*attempt).within, (*attempt).standing, (*attempt).attested, (*attempt).principal, (*attempt).delegated,
	(*attempt).trusted,
}

func (a *attempt) run(steps []step) *Error {
	for _, step := range steps {
		if err := step(a); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) strict() bool { return a.Reading == Strict }

// skips reports whether the SDK leaves the checks behind a tier out. The strict
// reading makes them all: the signer chooses the tier.
func (a *attempt) skips(behind Tier) bool {
	return !a.strict() && a.e.get("verification_tier").text <= string(behind)
}

func (a *attempt) agent() string { return a.e.get("agent", "id").text }

func (a *attempt) form() *Error {
	switch {
	case a.e.get("protocol_version").text != Version:
		return refuse(VersionUnsupported, "/protocol_version", "want %s", Version)
	case a.e.get("intent", "action").text == "":
		return malformed("/intent/action", "the envelope names no action")
	case a.agent() == "" && !a.e.get("agent", "id").drawn:
		return malformed("/agent/id", "the envelope names no agent")
	case !a.strict():
		return nil
	case a.e.get("@context").text != Context || a.e.get("@type").text != typeEnvelope:
		return malformed("/@type", "want an %s of %s", typeEnvelope, Context)
	case a.e.get("verification_tier").text < string(a.LeastTier):
		return malformed("/verification_tier", "want %s at least", a.LeastTier)
	}
	return nil
}

// time: an envelope without an end lasts 300 s, as AIP-1 has it.
func (a *attempt) time() *Error {
	issued, end, ttl := a.e.get("issued_at"), a.e.get("expires_at"), a.e.get("ttl").float
	a.end = end.at.Time
	if end.null {
		a.end = issued.at.Add(defaultTTL)
	}
	if issued.drawn && end.null {
		return nil // issued just now; the proof will not hold
	}
	if end.null && a.end.In(issued.at.Location()).Year() > 9999 {
		return malformed("/issued_at", "the envelope ends behind the year 9999") // there, the SDK throws
	}
	switch life := time.Duration(ttl) * time.Second; {
	case a.at.After(a.end):
		return refuse(ExpiredEnvelope, "/expires_at", "the envelope has ended")
	case a.strict() && issued.at.After(a.at.Add(Skew)):
		return refuse(ExpiredEnvelope, "/issued_at", "the envelope is of the future")
	case a.strict() && a.end.After(issued.at.Add(max(life, defaultTTL))) || a.strict() && !end.null &&
		a.end.After(issued.at.Add(life)):
		return refuse(ExpiredEnvelope, "/expires_at", "the envelope lasts longer than its ttl of %s", life)
	}
	return nil
}

func (a *attempt) nonce() *Error {
	nonce := a.e.get("entropy")
	if n := utf8.RuneCountInString(nonce.text); !nonce.drawn && n < minNonce || a.strict() && n > maxNonce {
		return refuse(NonceInvalid, "/entropy", "the nonce has %d characters, want %d to %d", n, minNonce, maxNonce)
	}
	if !a.strict() {
		return a.seen() // before the proof: there, a forged copy makes the true envelope fail
	}
	return nil
}

func (a *attempt) replayed() *Error {
	if a.strict() {
		return a.seen()
	}
	return nil
}

func (a *attempt) seen() *Error {
	if a.Seen != nil && a.Seen(a.e.get("entropy").text) {
		return refuse(ReplayDetected, "/entropy", "the nonce was used before")
	}
	return nil
}

func (a *attempt) proof() *Error {
	if a.strict() {
		if err := labelled(a.e); err != nil {
			return err
		}
	}
	message, known := a.e.canonical()
	signature, ok := a.Reading.signature(a.e.get("proof", "proof_value").text)
	if known && ok {
		if a.e.get("verification_tier").text == string(Tier0) && a.HMACKey != nil {
			ok = hmac.Equal(seal(a.HMACKey, message), signature)
		} else {
			ok = holds(a.Key, message, signature)
		}
	}
	if !known || !ok {
		return refuse(InvalidSignature, "/proof/proof_value", "the signature does not hold")
	}
	return nil
}

// labelled: the members around the signature are not signed, and so may only be
// what they always are. The method is a key of whom the document is by: of the
// principal, of the agent, or of whom the agent's DID is below.
func labelled(doc *record) *Error {
	if doc.get("proof", "type").text != typeProof || doc.get("proof", "proof_purpose").text != purpose {
		return refuse(InvalidSignature, "/proof", "want a proof of type %s for %s", typeProof, purpose)
	}
	_, bad := ownMethod(doc)
	return bad
}

// ownMethod also returns whom the document is by.
func ownMethod(doc *record) (by string, bad *Error) {
	named := doc.get("proof", "verification_method").text
	method, _, ok := strings.Cut(named, "#")
	agent := ""
	if doc.model == mandateModel {
		by = doc.get("issuer").text
	} else {
		by, agent = doc.get("principal", "id").text, doc.get("agent", "id").text
	}
	if ok && method != "" && (method == by || method == agent || strings.HasPrefix(agent, method+":")) {
		return by, nil
	}
	return by, refuse(InvalidSignature, "/proof/verification_method", "the method %.80q is not a key of %.80q", named,
		by)
}

func seal(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

func holds(key ed25519.PublicKey, message, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, signature)
}

// signature reads base64url with padding: in the strict reading its one spelling.
func (r Reading) signature(text string) ([]byte, bool) {
	if r == Strict {
		if strings.ContainsAny(text, "\r\n") { // which encoding/base64 skips
			return nil, false
		}
		b, err := base64.URLEncoding.Strict().DecodeString(text)
		return b, err == nil
	}
	return pythonBase64(text)
}

// pythonBase64 decodes as Python does: both alphabets, other characters skipped,
// nothing read behind the padding.
func pythonBase64(text string) ([]byte, bool) {
	var clean []byte
	pads := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 0x80:
			return nil, false
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		}
		switch {
		case c == '=':
			if at := len(clean) % 4; at >= 2 {
				if pads++; at+pads >= 4 {
					b, err := base64.RawStdEncoding.DecodeString(string(clean))
					return b, err == nil
				}
			}
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/':
			clean, pads = append(clean, c), 0
		}
	}
	b, err := base64.RawStdEncoding.DecodeString(string(clean))
	return b, err == nil && len(clean)%4 == 0
}

// standing: is the agent, and in the strict reading its principal and the
// mandate, still good?
func (a *attempt) standing() *Error {
	if !a.SyncedAt.IsZero() && a.at.Sub(a.SyncedAt) > maxStaleness {
		return refuse(RevocationStale, "", "what is known of revocations is older than %s", maxStaleness)
	}
	switch a.of(a.agent()) {
	case Revoked:
		return refuse(AgentRevoked, "/agent/id", "the agent was revoked")
	case Suspended:
		return refuse(AgentSuspended, "/agent/id", "the agent is suspended")
	}
	if a.strict() && a.of(a.e.get("principal", "id").text) != Good {
		return refuse(PrincipalRevoked, "/principal/id", "the principal was revoked")
	}
	if a.strict() && a.m != nil && a.of(a.m.get("mandate_id").text) != Good {
		return refuse(MandateInvalid, "", "the mandate was revoked")
	}
	return nil
}

func (a *attempt) of(id string) Standing {
	if a.Standing == nil {
		return Good
	}
	return a.Standing(id)
}

// attested compares what the agent says that it runs with what is known. In the
// strict reading, what is known must also be said.
func (a *attempt) attested() *Error {
	if a.skips(Tier0) {
		return nil
	}
	said := a.e.get("agent", "attestation").rec
	framework := said.get("framework_id")
	var codes []Code
	registry := said.get("method").text == "framework_registry"
	if a.Frameworks != nil && (a.strict() || registry && framework.text != "") &&
		(!registry || !slices.Contains(a.Frameworks, framework.text)) {
		codes = append(codes, FrameworkUnregistered)
	}
	if a.differs(a.ModelHashes, framework.text, said.get("build_hash").text) {
		codes = append(codes, ModelHashMismatch)
	}
	if a.differs(a.PromptHashes, a.agent(), said.get("system_prompt_hash").text) {
		codes = append(codes, PromptHashMismatch)
	}
	if codes != nil {
		return refuseAll(codes, "/agent/attestation", "the agent runs something else than what is known of it")
	}
	return nil
}

func (a *attempt) differs(known map[string]string, id, said string) bool {
	if len(known) == 0 {
		return false
	}
	want := known[id]
	if a.strict() {
		return want == "" || said != want
	}
	return want != "" && said != "" && said != want
}

// principal: the SDK asks about the principal here, from tier 1 on, and says that
// the agent was revoked.
func (a *attempt) principal() *Error {
	if a.strict() || a.skips(Tier0) || a.of(a.e.get("principal", "id").text) == Good {
		return nil
	}
	return refuse(AgentRevoked, "/principal/id", "the principal was revoked")
}

// delegated walks the links from the principal to the agent. No link is signed
// by anybody but the agent, so the strict reading takes one, which says no more
// than the envelope: that the principal is the agent's.
func (a *attempt) delegated() *Error {
	if a.skips(Tier1) {
		return nil
	}
	const path = "/principal/delegation_chain"
	bad := func(detail string) *Error { return refuse(DelegationInvalid, path, "%s", detail) }
	links, principal := a.e.get("principal", "delegation_chain").recs, a.e.get("principal", "id").text
	if len(links) == 0 {
		if principal != a.agent() {
			return bad("there is no link from the principal to the agent")
		}
		return nil
	}
	if links[0].get("from").text != principal || links[len(links)-1].get("to").text != a.agent() {
		return bad("the links do not go from the principal to the agent")
	}
	for i, l := range links {
		end := l.get("expires_at")
		switch {
		case i > 0 && links[i-1].get("to").text != l.get("from").text:
			return bad("a link does not begin where the one before it ends")
		case !end.null && a.at.After(end.at.Time):
			return bad("a link has ended")
		case !a.strict():
		case i > 0:
			return bad("more than one link, and nobody has signed them but the agent")
		case !l.get("boundary_monotonicity").truth:
			return bad("a link that may widen what is above it")
		case l.get("granted_at").at.After(a.at.Add(Skew)):
			return bad("a link of the future")
		}
	}
	return nil
}
