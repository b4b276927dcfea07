package passport

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// Level is a level of assurance.
type Level string

// The assurance ladder, lowest first. The zero Level is L0.
const (
	L0    Level = "L0"
	L1    Level = "L1"
	L2    Level = "L2"
	L3    Level = "L3"
	L4KYC Level = "L4KYC"
	L4FIN Level = "L4FIN"
)

// Rank returns the level's place on the ladder, 0 for L0 and for "", and -1
// for an unknown level.
func (l Level) Rank() int {
	switch l {
	case "", L0:
		return 0
	case L1:
		return 1
	case L2:
		return 2
	case L3:
		return 3
	case L4KYC:
		return 4
	case L4FIN:
		return 5
	}
	return -1
}

// Assurance says how the accountable party was identified. The zero value is
// L0, not identified.
type Assurance struct {
	Level          Level
	Method         string
	Provider       string // who vouches, as verifiers' configurations name it
	VerifiedAt     time.Time
	EvidenceDigest string // SHA-256 multihash, multibase base64url
}

// IsZero reports whether nothing is claimed.
func (a Assurance) IsZero() bool { return a == Assurance{} }

var assuranceFacet = facet{
	member: "assurance",
	read:   func(r *reader, v credential.Value, a *Authority) { a.Assurance = r.assurance(v) },
	write:  writeAssurance,
	copy: func(own, above *Authority) {
		if own.Assurance.IsZero() {
			own.Assurance = above.Assurance
		}
	},
	effect: func(e *Effective, a *Authority) {
		if e.assurance = a.Assurance.Level; e.assurance == "" {
			e.assurance = L0
		}
	},
	meet: func(out, above, link *Effective) {
		out.assurance = above.assurance
		if link.assurance.Rank() < above.assurance.Rank() {
			out.assurance = link.assurance
		}
	},
	narrow: func(above, link *Effective) []error {
		if link.assurance.Rank() > above.assurance.Rank() {
			return []error{wider("/assurance/level", string(above.assurance), string(link.assurance))}
		}
		return nil
	},
	// An act is judged by the assurance that the verifier has for the provider.
	show: func(e *Effective) []Facet {
		level := string(e.assurance)
		return []Facet{{Name: "assurance", Grant: true, Stated: e.assurance != L0, Texts: []string{level}, Value: e.assurance, absent: level}}
	},
}

// Assurance returns the level of assurance that every link claims.
func (e *Effective) Assurance() Level { return e.assurance }

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

func writeAssurance(w *jsonwrite.Writer, a *Authority) {
	s := a.Assurance
	if s.IsZero() {
		return
	}
	w.Name("assurance")
	w.BeginObject()
	w.Member("level", string(s.Level))
	w.Member("method", s.Method)
	w.Member("provider", s.Provider)
	if !s.VerifiedAt.IsZero() {
		// With its fraction, if it has one: only what Issue itself chooses is cut
		// to whole seconds.
		w.Member("verifiedAt", s.VerifiedAt.UTC().Format(time.RFC3339Nano))
	}
	w.Member("evidenceDigest", s.EvidenceDigest)
	w.EndObject()
}
