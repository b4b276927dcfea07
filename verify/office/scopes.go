package office

import (
	"slices"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/policy"
)

// AgentKeyKind is how requests with an agent key were authenticated, as Request.CredentialKind and scope
// registries say it; PersonalKeyKind names the owner's own key, which never serves as an agent's.
const (
	AgentKeyKind    = "ak"
	PersonalKeyKind = "sk"
)

// Scopes returns what owners may choose for agent keys out of a registry of scopes, for
// registry.Config.AgentScopes: the verifier and the office then go by the same data (E2). Scopes that are for
// other kinds of credential are left out.
func Scopes(r *policy.ScopeRegistry) (list []registry.AgentScope) {
	for _, s := range r.Scopes() {
		if s.Credentials != nil && !slices.Contains(s.Credentials, AgentKeyKind) {
			continue
		}
		list = append(list, registry.AgentScope{
			ID: s.ID, Description: s.Description, Write: s.Write, NeedsConsent: s.NeedsConsent,
			Since: s.Since, Until: s.Until, ReplacedBy: s.ReplacedBy,
		})
	}
	return list
}
