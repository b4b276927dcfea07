package verifycedar

import (
	"encoding/json"

	"github.com/cedar-policy/cedar-go/types"

	"github.com/safeconduct/safeconduct/verify"
)

// Question is what is asked of policies about an act, as other implementations of Cedar take it.
func Question(policies string, own types.EntityMap, f verify.Facts) ([]byte, error) {
	context, err := contextOf(f)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"policies": map[string]any{"staticPolicies": policies}, "entities": entitiesOf(own, f), "context": context,
		"principal": uid(Agent, f.Chain[len(f.Chain)-1].Agent.String()), "action": uid(Action, f.Request.Action),
		"resource": uid(Resource, f.Request.Resource),
	})
}
