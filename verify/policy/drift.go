package policy

import (
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// DriftClassifier tells acts that do not fit what an agent is for, even though
// its passport allows them. It returns why, or "" for an act that fits. It
// must be pure and safe for concurrent use.
type DriftClassifier interface {
	Drift(f verify.Facts) string
}

// Drift asks a classifier whether an act fits what the agent is for.
type Drift struct {
	Classifier DriftClassifier // nil: the zero KeywordDrift
}

// Rule refuses with authority.intent_drift.
func (d Drift) Rule() verify.Rule {
	c := d.Classifier
	if c == nil {
		c = KeywordDrift{}
	}
	return verify.Rule{ID: "drift", Check: func(f verify.Facts) error {
		if why := c.Drift(f); why != "" {
			return &verify.Violation{Code: verify.AuthorityIntentDrift, Detail: why, Actual: f.Request.Action}
		}
		return nil
	}}
}

// KeywordDrift is a [DriftClassifier] by words: every group is a field of
// work with the words that tell it. An act drifts if its action speaks of a
// group and the purpose of a passport of the chain (role, description,
// framework and the actions it allows) speaks of other groups only. An act or a
// purpose that speaks of no group fits.
type KeywordDrift struct {
	Groups map[string][]string // group → lower-case words; nil: a default of common fields
}

var defaultGroups = map[string][]string{
	"payments": {"pay", "payment", "payments", "charge", "refund", "transfer", "invoice", "checkout", "purchase",
		"buy"},
	"messaging": {"mail", "email", "message", "messages", "messaging", "send", "chat", "sms", "notify"},
	"data":      {"data", "read", "query", "search", "export", "report", "file", "files", "document", "documents"},
	"identity":  {"identity", "user", "users", "role", "roles", "permission", "permissions", "password", "admin"},
	"code":      {"code", "repo", "repository", "merge", "deploy", "release", "build", "commit"},
	"travel":    {"travel", "flight", "flights", "hotel", "hotels", "booking", "trip"},
}

// Drift implements [DriftClassifier].
func (k KeywordDrift) Drift(f verify.Facts) string {
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
		shared := func(group string) bool { return slices.Contains(meant, group) }
		if len(act) > 0 && len(meant) > 0 && !slices.ContainsFunc(act, shared) {
			return "the act is about " + strings.Join(act, " and ") + ", the agent about " + strings.Join(meant,
				" and ")
		}
	}
	return ""
}

func groupsOf(groups map[string][]string, texts ...string) (found []string) {
	for _, text := range texts {
		words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < '0' || c > '9')
		})
		for name, list := range groups {
			tells := func(word string) bool { return slices.Contains(list, word) }
			if !slices.Contains(found, name) && slices.ContainsFunc(words, tells) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found
}
