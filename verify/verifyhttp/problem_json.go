package verifyhttp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/verify"
)

// mostReasons is how many reasons a problem has at most; more help nobody.
const mostReasons = 8

// AddReasons adds what the agent may know of its own passports, if err is a
// [*verify.Refusal] that has such reasons (see [verify.Refusal.Own]): for adapters
// whose caller is a model that can ask for less. Each text has at most 200 bytes,
// and there are at most eight reasons.
func (p *Problem) AddReasons(err error) {
	var refusal *verify.Refusal
	if !errors.As(err, &refusal) {
		return
	}
	for _, v := range refusal.Own() {
		if len(p.Reasons) < mostReasons {
			p.Reasons = append(p.Reasons, Reason{
				Code: v.Code, Detail: short(v.Detail), Limit: short(v.Limit), Actual: short(v.Actual), Until: ceil(v.Until),
			})
		}
	}
}

// short cuts a text at 200 bytes.
func short(s string) string {
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:197], "") + "..."
}

// MarshalJSON writes the problem as a [Guard] answers it.
func (p Problem) MarshalJSON() ([]byte, error) { return p.append(nil), nil }

func (p *Problem) append(dst []byte) []byte {
	w := jsonwrite.Writer{Buf: dst}
	w.BeginObject()
	w.Member("type", p.Type)
	w.Member("title", p.Title)
	w.Member("detail", p.Detail)
	w.Name("status")
	w.Int(int64(p.Status))
	w.Member("code", string(p.Code))
	w.Member("verdict", p.Verdict.String())
	w.Member("requestId", p.RequestID)
	until(&w, p.Until)
	w.Member("scope", p.Scope)
	if len(p.Reasons) > 0 {
		w.Name("reasons")
		w.BeginArray()
		for i := range p.Reasons {
			p.Reasons[i].write(&w)
		}
		w.EndArray()
	}
	w.EndObject()
	return w.Buf
}

func (r *Reason) write(w *jsonwrite.Writer) {
	w.BeginObject()
	w.Member("code", string(r.Code))
	w.Member("detail", strings.ToValidUTF8(r.Detail, "\uFFFD"))
	w.Member("limit", strings.ToValidUTF8(r.Limit, "\uFFFD"))
	w.Member("actual", strings.ToValidUTF8(r.Actual, "\uFFFD"))
	until(w, r.Until)
	w.EndObject()
}

func until(w *jsonwrite.Writer, t time.Time) {
	if !t.IsZero() {
		w.Member("until", datetime.Format(t))
	}
}

// UnmarshalJSON reads a problem strictly. It fails without a code of the
// vocabulary. What it reads is the server's word, and nothing more. Reasons that
// are malformed are left out.
func (p *Problem) UnmarshalJSON(raw []byte) error {
	v, err := strictjson.Parse(string(raw), limits.Default().JSON(mostProblem))
	if err != nil {
		return fmt.Errorf("verifyhttp: reading a problem: %w", err)
	}
	text := func(name string) string { return v.Get(name).Str() }
	status, _ := v.Get("status").Int()
	*p = Problem{
		Type: text("type"), Title: text("title"), Detail: text("detail"), Status: int(status),
		Code: verify.Code(text("code")), RequestID: text("requestId"), Scope: text("scope"),
	}
	if at := text("until"); at != "" {
		if p.Until, err = datetime.Parse(at); err != nil {
			return fmt.Errorf("verifyhttp: reading a problem: until: %w", err)
		}
	}
	if p.Code == "" {
		p.Code = verify.Code(strings.TrimPrefix(p.Type, problemType))
	}
	if _, ok := verify.Lookup(p.Code); !ok {
		return fmt.Errorf("verifyhttp: the problem %.80q has no code of this vocabulary", p.Type)
	}
	if text("verdict") == verify.Undetermined.String() {
		p.Verdict = verify.Undetermined
	}
	for item := range v.Get("reasons").Items() {
		text := func(name string) string { return item.Get(name).Str() }
		r := Reason{
			Code: verify.Code(text("code")), Detail: text("detail"), Limit: text("limit"), Actual: text("actual"),
		}
		r.Until, _ = datetime.Parse(text("until"))
		if _, ok := verify.Lookup(r.Code); ok && len(p.Reasons) < mostReasons {
			p.Reasons = append(p.Reasons, r)
		}
	}
	return nil
}

// Text puts the refusal into words, for a person or a model: several lines.
func (p *Problem) Text() string {
	var b strings.Builder
	verb := "Refused"
	if p.Verdict == verify.Undetermined {
		verb = "Refused for now, because it could not be decided"
	}
	fmt.Fprintf(&b, "%s (%s): %s.", verb, p.Code, p.Title)
	if p.Detail != "" {
		fmt.Fprintf(&b, " %s.", p.Detail)
	}
	for _, r := range p.Reasons {
		fmt.Fprintf(&b, "\n- %s", r.Code)
		if r.Detail != "" {
			fmt.Fprintf(&b, ": %s", r.Detail)
		}
		if r.Limit != "" {
			fmt.Fprintf(&b, "; limit: %s", r.Limit)
		}
		if r.Actual != "" {
			fmt.Fprintf(&b, "; actual: %s", r.Actual)
		}
	}
	if !p.Until.IsZero() {
		fmt.Fprintf(&b, "\nAsking again makes sense from %s.", datetime.Format(p.Until))
	}
	if p.RequestID != "" {
		fmt.Fprintf(&b, "\n(%s)", p.RequestID)
	}
	return b.String()
}
