package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// DriftClassifier tells acts that do not fit what an agent is for, even though
// its passport allows them. It returns why, or "" for an act that fits. It
// must be pure and safe for concurrent use.
type DriftClassifier interface {
	Drift(f Facts) string
}

// KeywordDrift is a [DriftClassifier] by words: every group is a field of
// work with the words that tell it. An act drifts if its action speaks of a
// group and the purpose of a passport of the chain (role, description, framework and the
// actions it allows) speaks of other groups only. An act or a purpose that
// speaks of no group fits.
type KeywordDrift struct {
	Groups map[string][]string // group → lower-case words; nil: a default of common fields
}

var defaultGroups = map[string][]string{
	"payments":  {"pay", "payment", "payments", "charge", "refund", "transfer", "invoice", "checkout", "purchase", "buy"},
	"messaging": {"mail", "email", "message", "messages", "messaging", "send", "chat", "sms", "notify"},
	"data":      {"data", "read", "query", "search", "export", "report", "file", "files", "document", "documents"},
	"identity":  {"identity", "user", "users", "role", "roles", "permission", "permissions", "password", "admin"},
	"code":      {"code", "repo", "repository", "merge", "deploy", "release", "build", "commit"},
	"travel":    {"travel", "flight", "flights", "hotel", "hotels", "booking", "trip"},
}

// Drift implements [DriftClassifier].
func (k KeywordDrift) Drift(f Facts) string {
	groups := k.Groups
	if groups == nil {
		groups = defaultGroups
	}
	act := groupsOf(groups, f.Request.Action)
	// Every link must be for it: a delegate writes its own description.
	for _, p := range f.Chain {
		purpose := []string{p.Role, p.Description, p.Framework, p.Name}
		for _, c := range p.Authority.Capabilities {
			purpose = append(purpose, c.Action)
		}
		meant := groupsOf(groups, purpose...)
		if len(act) > 0 && len(meant) > 0 && !slices.ContainsFunc(act, func(g string) bool { return slices.Contains(meant, g) }) {
			return fmt.Sprintf("the act is about %s, the agent about %s", strings.Join(act, " and "), strings.Join(meant, " and "))
		}
	}
	return ""
}

func groupsOf(groups map[string][]string, texts ...string) (found []string) {
	for _, text := range texts {
		words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
		for name, list := range groups {
			if !slices.Contains(found, name) && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) }) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found
}

func (r *run) drift(f Facts) {
	if r.v.config.Drift == nil {
		return
	}
	if why := r.v.config.Drift.Drift(f); why != "" {
		r.add(Violation{Code: AuthorityIntentDrift, Detail: why, Actual: r.request.Action})
	}
}

// TrustSource knows the record of agents, in thousandths: 0 nothing good, 1000
// the best. An agent that is not known counts as 0.
type TrustSource interface {
	Trust(agent did.DID) (thousandths int, known bool)
}

func (r *run) trust() {
	least := r.v.config.MinTrust
	if least == 0 {
		return
	}
	score, known := r.v.config.Trust.Trust(r.leaf().Agent)
	if !known {
		score = 0
	}
	if score < least {
		r.add(Violation{Code: TrustTooLow, Detail: "the agent's record is not good enough", Limit: itoa(least), Actual: itoa(score)})
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
