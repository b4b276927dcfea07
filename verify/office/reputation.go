package office

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/score"
)

// Histories tells what became of the acts of an agent, as a store.Store does.
type Histories interface {
	History(ctx context.Context, agent string) (score.History, error)
}

// Reputation returns what an office shows of its agents' behaviour (A7, A17), for
// registry.Config.Reputation: the counts of a store, and what a model makes of them and of how often the office has
// revoked an agent. A nil model is [score.Bayesian].
//
// A store counts by the agent's DID. Two organisations that each have an agent of one DID, which the office does not
// forbid, see the same counts, and acts with a bare passport of the one count for the other.
func Reputation(from Histories, model score.Model) registry.ReputationFunc {
	if model == nil {
		model = score.Bayesian{}
	}
	return func(ctx context.Context, agent string, revocations int64, at time.Time) (r registry.Reputation, err error) {
		h, err := from.History(ctx, agent)
		if err != nil {
			return r, err
		}
		sum := h.Until(at)
		if revocations > 0 {
			h.Count(at, score.Totals{Revocations: revocations})
		}
		return registry.Reputation{
			Score: model.Score(h, at).Value, Total: sum.Allowed + sum.Violations,
			Successful: sum.Allowed, Violations: sum.Violations,
		}, nil
	}
}
