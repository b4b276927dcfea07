package receipt

import (
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/verify"
)

// Parse reads a receipt and proves nothing. It is strict: members that it does
// not know, or lacks, are refused. Errors are ErrInvalid.
func Parse(text []byte) (*Receipt, error) {
	if len(text) > maxEntry {
		return nil, fault("%d bytes, a receipt has at most %d", len(text), maxEntry)
	}
	doc, err := credential.ParseDocument(text, caps())
	if err != nil {
		return nil, fault("a receipt: %w", err)
	}
	r := &Receipt{text: string(text), doc: doc}
	var p reader
	p.statement(&r.says, doc.UnverifiedValue())
	if p.err != nil {
		return nil, p.err
	}
	r.plain, _ = cutID(r.says.ID)
	return r, nil
}

// reader reads values and keeps the first fault.
type reader struct{ err error }

func (p *reader) fail(v credential.Value, format string, args ...any) {
	if p.err == nil {
		why := fmt.Errorf(format, args...)
		if v.Path() != "" { // of the whole
			why = fmt.Errorf("%s: %w", v.Path(), why)
		}
		p.err = fault("%w", why)
	}
}

func (p *reader) statement(s *Statement, v credential.Value) {
	var kind string
	edition := int64(0)
	for name, m := range v.Members() {
		switch name {
		case "type":
			kind = p.text(m)
		case "version":
			edition, _ = m.Int()
		case "id":
			s.ID = p.text(m)
			if _, ok := cutID(s.ID); !ok {
				p.fail(m, "%.80q is not %s and a ULID", s.ID, idPrefix)
			}
		case "verifier":
			var err error
			if s.Verifier, err = did.Parse(p.text(m)); err != nil {
				p.fail(m, "%v", err)
			}
		case "at":
			s.At = p.instant(m)
		case "verdict":
			if err := s.Verdict.UnmarshalText([]byte(p.text(m))); err != nil {
				p.fail(m, "%v", err)
			}
		case "codes":
			for item := range p.items(m) {
				s.Codes = append(s.Codes, verify.Code(p.text(item)))
			}
		case "repeats":
			s.Repeats = p.text(m)
			if _, ok := cutID(s.Repeats); !ok || s.Repeats == s.ID {
				p.fail(m, "%.80q is not %s and the ULID of another decision", s.Repeats, idPrefix)
			}
		case "steps":
			for item := range p.items(m) {
				name, outcome := p.pair(item, "name", "outcome")
				s.Steps = append(s.Steps, Step{verify.StepName(p.text(name)), verify.Outcome(p.text(outcome))})
			}
		case "passports":
			for item := range p.items(m) {
				id, sum := p.pair(item, "id", "digest")
				s.Evidence.Links = append(s.Evidence.Links, verify.LinkEvidence{ID: p.text(id), Digest: p.digest(sum)})
			}
		case "request":
			s.Evidence.Request = p.digest(m)
		case "intent":
			s.Evidence.Intent = p.digest(m)
		case "policy":
			s.Evidence.Policy = p.digest(m)
		case "statusLists":
			for item := range p.items(m) {
				url, asOf := p.pair(item, "url", "asOf")
				s.Evidence.Lists = append(s.Evidence.Lists,
					verify.ListEvidence{URL: p.text(url), AsOf: p.instant(asOf)})
			}
		case "tzdata":
			s.TZData = p.text(m)
		case "proof":
		default:
			p.fail(v, "%.80q is not a member of a receipt", name)
		}
	}
	switch {
	case kind != typeName || edition != version:
		p.fail(v, "want type %s and version %d", typeName, version)
	case s.ID == "" || s.Verifier.IsZero() || s.At.IsZero() || !v.Get("verdict").Exists() || s.TZData == "":
		p.fail(v, "a receipt has id, verifier, at, verdict and tzdata")
	case len(s.Steps) != len(steps):
		p.fail(v, "a decision has %d steps, not %d", len(steps), len(s.Steps))
	case s.Repeats != "" && s.Verdict != verify.Allow:
		p.fail(v, "a decision that repeats another allows what that allowed")
	case (s.Verdict == verify.Allow) != (len(s.Codes) == 0):
		p.fail(v, "a decision has codes if and only if it refuses")
	}
	for i := range s.Steps {
		if p.err == nil && (s.Steps[i].Name != steps[i] || !slices.Contains(outcomes, s.Steps[i].Outcome)) {
			p.fail(v.Get("steps"), "step %d is %s and %q, want %s and one of %q", i+1, s.Steps[i].Name,
				s.Steps[i].Outcome, steps[i], outcomes)
		}
	}
}

var steps = []verify.StepName{
	verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof,
	verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger,
}

var outcomes = []verify.Outcome{verify.NotReached, verify.Passed, verify.Failed, verify.StepUndetermined}

func (p *reader) text(v credential.Value) string {
	if v.Str() == "" {
		p.fail(v, "want a text")
	}
	return v.Str()
}

func (p *reader) digest(v credential.Value) string {
	if _, err := multibase.DecodeDigest(v.Str()); err != nil {
		p.fail(v, "want a SHA-256 multihash in multibase base64url: %v", err)
	}
	return v.Str()
}

func (p *reader) instant(v credential.Value) (t time.Time) {
	t, err := datetime.Parse(v.Str())
	if err != nil {
		p.fail(v, "%v", err)
	}
	return t
}

// items ranges over a list, which is neither empty nor anything else.
func (p *reader) items(v credential.Value) func(func(credential.Value) bool) {
	if v.Len() == 0 {
		p.fail(v, "want a list that is not empty")
	}
	return v.Items()
}

// pair reads an object of exactly two members.
func (p *reader) pair(v credential.Value, a, b string) (credential.Value, credential.Value) {
	if v.Len() != 2 || !v.Get(a).Exists() || !v.Get(b).Exists() {
		p.fail(v, "want an object with %s and %s", a, b)
	}
	return v.Get(a), v.Get(b)
}
