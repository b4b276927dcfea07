package verify

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/passport"
)

// The versioned JSON of decisions and reports. A member may be added under one
// version; what a member means, and its name, may not change.
const (
	jsonVersion = 1

	// DecisionMediaType is the media type of [Decision.MarshalJSON].
	DecisionMediaType = "application/vnd.safeconduct.decision+json;version=1"

	// ReportMediaType is the media type of [Report.MarshalJSON].
	ReportMediaType = "application/vnd.safeconduct.report+json;version=1"
)

// MarshalJSON writes the whole decision in the versioned form that docs/cli.md
// describes. What was proven, personal data of the passport included, is in it
// only when the act was allowed; a refusal may quote what was presented.
func (d Decision) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.head("decision", DecisionMediaType)
	w.text("id", d.ID)
	w.text("verdict", d.Verdict.String())
	w.textIf("code", string(d.Code()))
	w.text("at", instant(d.At))
	w.reasons(d.Steps, d.Violations, d.Obligations)
	w.text("tzdata", d.TZData)
	w.subject(d.Subject)
	if d.Verdict == Allow {
		w.proven(&d)
	}
	w.EndObject()
	return w.Buf, w.err
}

// proven writes what an allowed decision shows.
func (w *writer) proven(d *Decision) {
	if d.Passport != nil {
		w.value("passport", d.Passport)
	}
	w.list("chain", len(d.Chain), func(i int) { w.item(d.Chain[i]) })
	if d.Intent != nil {
		w.value("intent", d.Intent)
	}
	var above *passport.Effective
	hops := make([]Hop, len(d.Chain))
	for i, p := range d.Chain {
		hops[i], above = hopOf(p, above, true)
	}
	if above != nil {
		w.value("authority", above)
	}
	w.list("hops", len(hops), func(i int) { w.hop(&hops[i]) })
	if d.Repeated {
		w.Name("repeated")
		w.Bool(true)
		w.text("repeatOf", d.Of)
	}
}

// MarshalJSON writes the report in the versioned form that docs/cli.md
// describes; permits is always false.
func (r Report) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.head("report", ReportMediaType)
	w.Name("permits")
	w.Bool(false)
	w.text("wouldBe", r.WouldBe.String())
	w.textIf("code", string(r.Code()))
	w.text("at", instant(r.At))
	w.Name("audit")
	w.Bool(r.Audit)
	w.reasons(r.Steps, r.Violations, r.Obligations)
	var missing []Code
	for i := range r.Violations {
		if c := r.Violations[i].Code; undetermined(c) {
			missing = append(missing, c)
		}
	}
	w.list("missing", len(missing), func(i int) { w.String(string(missing[i])) })
	w.subject(r.Subject)
	w.list("hops", len(r.Hops), func(i int) { w.hop(&r.Hops[i]) })
	w.EndObject()
	return w.Buf, w.err
}

// MarshalJSON writes the refusal as the decision that it belongs to.
func (r Refusal) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.head("refusal", "")
	w.text("id", r.ID)
	w.text("verdict", r.Verdict.String())
	w.text("code", string(r.Code()))
	w.violations(r.Violations)
	w.subject(r.Subject)
	w.EndObject()
	return w.Buf, w.err
}

// MarshalJSON writes the violation as a decision contains it.
func (v Violation) MarshalJSON() ([]byte, error) {
	info, _ := Lookup(v.Code)
	class := Deny
	if info.Undetermined {
		class = Undetermined
	}
	w := writer{}
	w.BeginObject()
	w.text("step", string(v.Step))
	w.text("code", string(v.Code))
	w.text("class", class.String())
	if status := v.HTTPStatus(); status != 0 {
		w.Name("http")
		w.Int(int64(status))
	}
	w.textIf("path", v.Path)
	w.textIf("detail", v.Detail)
	w.textIf("limit", v.Limit)
	w.textIf("actual", v.Actual)
	w.until(v.Until)
	w.textIf("hint", v.Hint)
	if v.Err != nil {
		w.textIf("cause", v.Err.Error())
	}
	w.EndObject()
	return w.Buf, nil
}

// MarshalJSON writes the step as a decision contains it.
func (s Step) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.text("name", string(s.Name))
	w.text("outcome", string(s.Outcome))
	w.textIf("why", s.Why)
	if age := int64(s.DataAge / time.Second); age != 0 {
		w.Name("dataAgeSeconds")
		w.Int(age)
	}
	w.EndObject()
	return w.Buf, nil
}

// MarshalJSON writes the obligation as a decision contains it.
func (o Obligation) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.text("kind", o.Kind)
	w.textIf("detail", o.Detail)
	w.textIf("next", o.Next)
	w.EndObject()
	return w.Buf, nil
}

// MarshalJSON writes the identifiers, and whether they are proven.
func (s Subject) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.BeginObject()
	w.Name("proven")
	w.Bool(s.Proven)
	w.text("passportId", s.Passport)
	w.text("agent", s.Agent.String())
	w.text("issuer", s.Issuer.String())
	w.EndObject()
	return w.Buf, nil
}

// writer writes the members of the versioned forms.
type writer struct {
	jsonwrite.Writer
	err error
}

func (w *writer) head(kind, mediaType string) {
	w.Name("version")
	w.Int(jsonVersion)
	w.text("kind", kind)
	w.textIf("mediaType", mediaType)
}

func (w *writer) reasons(steps []Step, violations []Violation, obligations []Obligation) {
	w.list("steps", len(steps), func(i int) { w.item(steps[i]) })
	w.violations(violations)
	w.list("obligations", len(obligations), func(i int) { w.item(obligations[i]) })
}

func (w *writer) violations(list []Violation) {
	w.list("violations", len(list), func(i int) { w.item(list[i]) })
	w.until(passes(list))
}

// until writes when asking again makes sense; a client that comes then must not
// be a part of a second early.
func (w *writer) until(t time.Time) {
	if !t.IsZero() {
		w.text("until", datetime.FormatUp(t))
	}
}

func (w *writer) subject(s Subject) {
	if !s.IsZero() {
		w.value("subject", s)
	}
}

func (w *writer) hop(h *Hop) {
	w.BeginObject()
	w.text("id", h.Passport)
	w.text("issuer", h.Issuer)
	w.text("agent", h.Agent)
	w.textIf("name", h.Name)
	w.list("narrows", len(h.Narrows), func(i int) { w.item(h.Narrows[i]) })
	w.EndObject()
}

type marshaler interface{ MarshalJSON() ([]byte, error) }

func (w *writer) value(name string, v marshaler) { w.Name(name); w.item(v) }

func (w *writer) item(v marshaler) {
	text, err := v.MarshalJSON()
	if err != nil && w.err == nil {
		w.err = err
	}
	w.Raw(string(text))
}

func (w *writer) list(name string, n int, item func(int)) {
	w.Name(name)
	w.BeginArray()
	for i := range n {
		item(i)
	}
	w.EndArray()
}

// text writes a member, textIf writes it unless it is empty.
func (w *writer) text(name, value string) { w.Name(name); w.String(valid(value)) }

func (w *writer) textIf(name, value string) { w.Member(name, valid(value)) }

// valid makes a text one that JSON can hold: what a host or a caller has said
// need not be.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// instant formats an instant, "" for the zero one.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return datetime.Format(t)
}
