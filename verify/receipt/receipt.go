package receipt

import (
	"context"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/verify"
)

const (
	idPrefix   = "urn:safeconduct:decision:"
	ulidLength = 26
	typeName   = "SafeconductDecisionReceipt"
	version    = 1
)

// Receipt is a decision that its verifier has signed. It is immutable and safe
// for concurrent use. [Parse] reads one and proves nothing; [Receipt.Check]
// and [Verify] do.
type Receipt struct {
	text  string
	doc   *credential.Document
	says  Statement
	plain string // the ULID
}

// Statement is what a receipt says. It names what was decided about by digests and
// identifiers only.
type Statement struct {
	ID       string // urn:safeconduct:decision:<ULID>
	Verifier did.DID
	At       time.Time // the instant of the decision
	Verdict  verify.Verdict
	Codes    []verify.Code // why it was refused, in step order; none when allowed
	Steps    []Step        // how each of the eight steps ended
	// Repeats is the id of the decision that allowed this act before: nothing was
	// spent, and the act is not to be done again. Empty for any other decision.
	Repeats  string
	Evidence verify.Evidence
	TZData   string // edition of the time zone database
}

// Step is how one step of the pipeline ended.
type Step struct {
	Name    verify.StepName
	Outcome verify.Outcome
}

// Seal signs what a decision was and what it stood on. The signer is the
// verifier, with a key for assertionMethod. The decision must have its
// evidence; see verify.Config.Evidence.
//
// Arguments, amounts and whatever else an act had are in a receipt as digests.
// Who has the act can show that it is the one; who has not learns nothing but
// passport ids, digests and the addresses of status lists.
func Seal(ctx context.Context, signer did.Signer, d *verify.Decision) (*Receipt, error) {
	switch {
	case signer == nil:
		return nil, fault("there is no signer")
	case d == nil || d.ID == "":
		return nil, fault("there is no decision")
	case d.Evidence == nil:
		return nil, fault("the decision has no evidence: set verify.Config.Evidence")
	}
	s := Statement{
		ID: idPrefix + d.ID, Verifier: signer.KeyID().DID(), At: d.At, Verdict: d.Verdict,
		Evidence: *d.Evidence, TZData: d.TZData,
	}
	if d.Repeated {
		s.Repeats = idPrefix + d.Of
	}
	for i := range d.Violations {
		s.Codes = append(s.Codes, d.Violations[i].Code)
	}
	for i := range d.Steps {
		s.Steps = append(s.Steps, Step{d.Steps[i].Name, d.Steps[i].Outcome})
	}
	doc, err := credential.SignDocument(ctx, signer, s.json(), caps(), credential.SignOptions{Created: d.At})
	if err != nil {
		return nil, fault("sealing: %w", err)
	}
	// Read back by the rules of those who will read it.
	return Parse(doc.Bytes())
}

func caps() credential.JSONCaps {
	b, _ := credential.Bounds{}.Resolve() // no bound is set, so none is wrong
	return b.JSON(maxEntry)
}

// json writes the statement as a JSON object.
func (s *Statement) json() []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Member("type", typeName)
	w.Name("version")
	w.Int(version)
	w.Member("id", s.ID)
	w.Member("verifier", s.Verifier.String())
	w.Member("at", s.At.UTC().Format(time.RFC3339Nano))
	w.Member("verdict", s.Verdict.String())
	codes := make([]string, len(s.Codes))
	for i, c := range s.Codes {
		codes[i] = string(c)
	}
	w.Strings("codes", codes)
	w.Member("repeats", s.Repeats)
	w.Name("steps")
	w.BeginArray()
	for _, step := range s.Steps {
		w.BeginObject()
		w.Member("name", string(step.Name))
		w.Member("outcome", string(step.Outcome))
		w.EndObject()
	}
	w.EndArray()
	pairs(&w, "passports", s.Evidence.Links, func(l verify.LinkEvidence) [2][2]string {
		return [2][2]string{{"id", l.ID}, {"digest", l.Digest}}
	})
	w.Member("request", s.Evidence.Request)
	w.Member("intent", s.Evidence.Intent)
	w.Member("policy", s.Evidence.Policy)
	pairs(&w, "statusLists", s.Evidence.Lists, func(l verify.ListEvidence) [2][2]string {
		return [2][2]string{{"url", l.URL}, {"asOf", l.AsOf.UTC().Format(time.RFC3339Nano)}}
	})
	w.Member("tzdata", s.TZData)
	w.EndObject()
	return w.Buf
}

// pairs writes a list of objects with two texts each, if there are any.
func pairs[T any](w *jsonwrite.Writer, name string, list []T, of func(T) [2][2]string) {
	if len(list) == 0 {
		return
	}
	w.Name(name)
	w.BeginArray()
	for _, item := range list {
		w.BeginObject()
		for _, m := range of(item) {
			w.Member(m[0], m[1])
		}
		w.EndObject()
	}
	w.EndArray()
}

// Text returns the exact text that was sealed.
func (r *Receipt) Text() string { return r.text }

// ID returns the id of the decision: "urn:safeconduct:decision:" and a ULID.
func (r *Receipt) ID() string { return r.says.ID }

// Unverified returns what the receipt says, proven or not.
func (r *Receipt) Unverified() Statement { return r.says }

// Check proves that the verifier which the receipt names has signed it, by a
// key that may be used at the instant of the decision, and returns what it
// says. Whether that verifier is one that matters is for the caller to ask:
// verifier must be the one expected.
func (r *Receipt) Check(ctx context.Context, verifier did.DID, resolver did.Resolver) (Statement, error) {
	if r.says.Verifier != verifier {
		return Statement{}, fault("the receipt is of %s, want %s", r.says.Verifier, verifier)
	}
	if err := r.doc.CheckProofBy(ctx, verifier, resolver, did.AssertionMethod, r.says.At); err != nil {
		return Statement{}, fault("the proof of the receipt: %w", err)
	}
	return r.says, nil
}

// idOf returns the ULID of an entry of a log, which Append has seen as a
// receipt; "" for anything else.
func idOf(entry []byte) string {
	r, err := Parse(entry)
	if err != nil {
		return ""
	}
	return r.plain
}

func cutID(id string) (plain string, ok bool) {
	plain, ok = strings.CutPrefix(id, idPrefix)
	return plain, ok && len(plain) == ulidLength && strings.Trim(plain, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == "" &&
		plain[0] <= '7'
}
