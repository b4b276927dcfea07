package oap

import "strings"

// LocalDecision is a decision that the guardrails' local evaluator wrote. Nobody has
// signed it: its content_hash chains it to the one before, and whoever can write the
// file can write the whole chain.
type LocalDecision struct {
	Decision
	ContentHash, PreviousID, PreviousHash string
}

// ParseLocalDecision reads what the local evaluator writes.
func ParseLocalDecision(text []byte) (*LocalDecision, error) {
	doc, e := Strict.document(string(text), InvalidDecision)
	if e != nil {
		return nil, e
	}
	if e := strictDecision(doc); e != nil {
		return nil, e
	}
	d := &LocalDecision{Decision: *newDecision(doc), ContentHash: doc.Get("content_hash").Text(),
		PreviousID: doc.Get("prev_decision_id").Text(), PreviousHash: doc.Get("prev_content_hash").Text()}
	if d.ContentHash == "" {
		return nil, refuse(InvalidDecision, "", "a local decision has a content_hash")
	}
	return d, nil
}

// Recompute returns the content_hash as the evaluator computes it: SHA-256 over the
// JSON of all other members, sorted by code point, without a newline.
func (d *LocalDecision) Recompute() string {
	return Digest(appendForm(nil, without(d.doc, "content_hash"), formGuards))
}

// Follows reports why a local decision is not what was written after another one;
// nil: it is, as far as hashes can say.
func (d *LocalDecision) Follows(before *LocalDecision) error {
	switch {
	case d.Recompute() != d.ContentHash:
		return refuse(InvalidDecision, "/content_hash", "the hash is another: the decision was changed")
	case before == nil && (d.PreviousID != "" || d.PreviousHash != ""):
		return refuse(InvalidDecision, "/prev_decision_id", "the decision before, %.80q, is missing", d.PreviousID)
	case before != nil && (d.PreviousID != before.ID || d.PreviousHash != before.ContentHash):
		return refuse(InvalidDecision, "/prev_content_hash", "the decision does not follow %.80q", before.ID)
	}
	return nil
}

// GuardrailsDigest returns the passport_digest of local decisions: SHA-256 over the
// passport's JSON, sorted by code point, with a newline. It is that of jq 1.7 for
// numbers that a double holds.
func (p *Passport) GuardrailsDigest() string {
	return Digest(append(appendForm(nil, p.doc, formGuards), '\n'))
}

// LocalAsPeer says what a local decision says, unproven: nil if it allows.
func LocalAsPeer(text []byte) error {
	doc, e := Compatible.document(string(text), InvalidDecision)
	if e != nil {
		return e
	}
	if doc.Get("allow").Truth() {
		return nil
	}
	word := string(InvalidDecision)
	for _, r := range doc.Get("reasons").Items() {
		if code := r.Get("code").Text(); strings.HasPrefix(code, "oap.") {
			word = code
			break
		}
	}
	return peerSays(InvalidDecision, word)
}
