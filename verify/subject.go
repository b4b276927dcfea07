package verify

import (
	"log/slog"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// Subject is whose act was decided on, refused or allowed: for logs, metrics
// and support. It grants nothing, and holds no personal data beyond these
// identifiers. The zero Subject: nothing could be read.
type Subject struct {
	// Proven says that step 4 has passed: the right keys have signed exactly
	// this, so the agent itself asked (of a bare passport: the passport is
	// genuine). False: it is only what was claimed, by anybody.
	Proven bool

	Passport string  // id of the leaf
	Agent    did.DID // of the leaf
	Issuer   did.DID // of the root
}

// IsZero reports whether nothing is known.
func (s Subject) IsZero() bool { return s == Subject{} }

// LogValue groups the identifiers under "proven" or "claimed".
func (s Subject) LogValue() slog.Value {
	if s.IsZero() {
		return slog.GroupValue()
	}
	return slog.GroupValue(s.attr())
}

// attr is the group, under the word that says how far it can be believed.
func (s Subject) attr() slog.Attr {
	word := "claimed"
	if s.Proven {
		word = "proven"
	}
	return slog.Group(word, slog.String("passport", code.OneLine(s.Passport)),
		slog.String("agent", s.Agent.String()), slog.String("issuer", s.Issuer.String()))
}

// subject says whose act this is, as far as the chain could be read.
func (r *run) subject() Subject {
	if len(r.links) == 0 {
		return Subject{}
	}
	leaf := r.leaf()
	s := Subject{Passport: leaf.ID, Agent: leaf.Agent, Issuer: r.links[0].passport.Issuer}
	for i := range r.decision.Steps {
		if line := &r.decision.Steps[i]; line.Name == StepProof {
			s.Proven = line.Outcome == Passed
		}
	}
	return s
}
