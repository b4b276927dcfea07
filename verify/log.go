package verify

import (
	"log/slog"

	"github.com/safeconduct/safeconduct/internal/code"
)

// What logs are given: verdicts, codes, places, instants and the identifiers of
// [Subject]; never a credential, and no text of what was presented but the
// names of members in a place.

// LogValue logs the id, the verdict, the instant, the codes and the subject.
func (d Decision) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", d.ID), slog.String("verdict", d.Verdict.String()), slog.Time("at", d.At),
	}
	attrs = append(attrs, reasonAttrs(d.Violations)...)
	if !d.Subject.IsZero() {
		attrs = append(attrs, d.Subject.attr())
	}
	if d.Repeated {
		attrs = append(attrs, slog.String("repeatOf", d.Of))
	}
	return slog.GroupValue(attrs...)
}

// LogValue logs the decision's id, the verdict, the codes and the subject.
func (r Refusal) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", r.ID), slog.String("verdict", r.Verdict.String())}
	attrs = append(attrs, reasonAttrs(r.Violations)...)
	if !r.Subject.IsZero() {
		attrs = append(attrs, r.Subject.attr())
	}
	return slog.GroupValue(attrs...)
}

// LogValue logs what a decision would be, as that of a [Decision] does.
func (r Report) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("wouldBe", r.WouldBe.String()), slog.Time("at", r.At)}
	attrs = append(attrs, reasonAttrs(r.Violations)...)
	if !r.Subject.IsZero() {
		attrs = append(attrs, r.Subject.attr())
	}
	return slog.GroupValue(attrs...)
}

// reasonAttrs are the codes, the primary one first by itself, and when the
// refusal passes.
func reasonAttrs(list []Violation) []slog.Attr {
	if len(list) == 0 {
		return nil
	}
	codes := make([]string, len(list))
	for i := range list {
		codes[i] = string(list[i].Code)
	}
	attrs := []slog.Attr{slog.String("code", codes[primaryOf(list)]), slog.Any("codes", codes)}
	if until := passes(list); !until.IsZero() {
		attrs = append(attrs, slog.Time("until", until))
	}
	return attrs
}

// LogValue logs the step, the code, the place, and when it passes.
func (v Violation) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("step", string(v.Step)), slog.String("code", string(v.Code))}
	if v.Path != "" {
		attrs = append(attrs, slog.String("path", code.OneLine(v.Path)))
	}
	if !v.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", v.Until))
	}
	return slog.GroupValue(attrs...)
}

// LogValue logs the step, its outcome, and the age of its evidence.
func (s Step) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("name", string(s.Name)), slog.String("outcome", string(s.Outcome))}
	if s.DataAge != 0 {
		attrs = append(attrs, slog.Duration("dataAge", s.DataAge))
	}
	return slog.GroupValue(attrs...)
}
