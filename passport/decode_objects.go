package passport

import (
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/contexts"
)

func (r *reader) attestation(v credential.Value) (a Attestation) {
	if !r.object(v, "attestation") {
		return a
	}
	for name, m := range v.Members() {
		switch name {
		case "framework":
			a.Framework = r.text(m)
		case "modelDigest":
			a.ModelDigest = r.digest(m)
		case "promptDigest":
			a.PromptDigest = r.digest(m)
		case "toolsDigest":
			a.ToolsDigest = r.digest(m)
		default:
			r.unknown(m, name, "attestation")
		}
	}
	return a
}

func (r *reader) consent(v credential.Value) (c Consent) {
	if !r.object(v, "consent") {
		return c
	}
	for name, m := range v.Members() {
		switch name {
		case "id":
			c.ID = r.iri(m)
		case "type":
			c.Type = r.oneOf(m, ManifestationOfWill, AgreementAcceptance)
		case "digestMultibase":
			c.Digest = r.digest(m)
		default:
			r.unknown(m, name, "consent")
		}
	}
	if c.ID == "" || c.Type == "" || c.Digest == "" {
		r.fail(v, "consent needs id, type and digestMultibase")
	}
	return c
}

func (r *reader) assurance(v credential.Value) (a Assurance) {
	if !r.object(v, "assurance") {
		return a
	}
	for name, m := range v.Members() {
		switch name {
		case "level":
			a.Level = Level(r.text(m))
			if a.Level.Rank() < 0 {
				r.fail(m, "%.20q is not a level of assurance: want L0, L1, L2, L3, L4KYC or L4FIN", a.Level)
			}
		case "method":
			a.Method = r.text(m)
		case "provider":
			a.Provider = r.word(m)
		case "verifiedAt":
			a.VerifiedAt = r.instant(m)
		case "evidenceDigest":
			a.EvidenceDigest = r.digest(m)
		default:
			r.unknown(m, name, "assurance")
		}
	}
	if a.Level == "" {
		r.fail(v, "assurance needs a level")
	}
	return a
}

func (r *reader) timeWindows(v credential.Value) []TimeWindow {
	if !r.items(v) {
		return nil
	}
	out := make([]TimeWindow, 0, v.Len())
	for item := range v.Items() {
		if !r.object(item, "a time window") {
			return nil
		}
		var w TimeWindow
		for name, m := range item.Members() {
			switch name {
			case "days":
				w.Days = r.texts(m, nil)
			case "start":
				w.Start = r.text(m)
			case "end":
				w.End = r.text(m)
			case "timeZone":
				w.TimeZone = r.text(m)
			default:
				r.unknown(m, name, "a time window")
			}
		}
		r.because(item, w.check())
		for _, o := range out {
			if sameWindow(o, w) {
				r.fail(item, "this time window stands twice")
			}
		}
		out = append(out, w)
	}
	return out
}

func sameWindow(a, b TimeWindow) bool {
	if a.Start != b.Start || a.End != b.End || a.TimeZone != b.TimeZone || len(a.Days) != len(b.Days) {
		return false
	}
	for _, d := range a.Days {
		if !b.on(weekday(d)) {
			return false
		}
	}
	return true
}

func checkDenied(s string) error {
	if s == "*" {
		return nil
	}
	return CheckActionPattern(s)
}

// checkName accepts the name of a category or a rail: visible ASCII.
func checkName(s string) error {
	if len(s) > 64 || !isToken(s, "_-.:", 1, 64, true) {
		return invalid("", "%.80q is not a name of 1 to 64 characters from A-Z a-z 0-9 _ - . :", s)
	}
	return nil
}

func checkTextPattern(s string) error {
	if !contexts.IsVisibleText(s) {
		return invalid("", "%.80q has white space, control, invisible or unassigned characters", s)
	}
	if strings.Contains(strings.TrimSuffix(s, "/*"), "*") {
		return invalid("", "in %.80q '*' does not stand alone behind the last '/'", s)
	}
	return nil
}
