package verify

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Operations knows what the operations of a service need of a passport.
// Package verify/policy has one, policy.Scopes. It must be safe for concurrent
// use.
type Operations interface {
	// Operation returns what the operation that a request names needs at an
	// instant. An error refuses in step 7, under the code that it carries as
	// with [Rule]; what is returned beside it still holds.
	Operation(q *Request, at time.Time) (Operation, error)
}

// Operation is what one operation needs of a passport. The zero Operation
// needs nothing that the passport does not say itself.
type Operation struct {
	// Scope is the action that the passport must grant, and Request.Action
	// must be. Empty: it is not judged.
	Scope string

	// NeedsConsent: the root passport stands on a Manifestation of Will.
	NeedsConsent bool

	// OutlivesConsent: the operation is served even after that Manifestation
	// of Will was withdrawn. False: withdrawing it stops the whole passport.
	OutlivesConsent bool

	// Obligations come with the act, like those that a [Rule] raises.
	Obligations []Obligation
}

// operation asks once what the operation of the request needs.
func (r *run) operation() *Operation {
	if r.v.config.Operations != nil && !r.askedOperation {
		r.askedOperation = true
		r.needs, r.needsErr = r.askOperation()
	}
	return &r.needs
}

func (r *run) askOperation() (needs Operation, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Violation{
				Code: AuthorityOperationUnknown, Detail: "the registry of operations failed", Err: fmt.Errorf("%.200v", p),
			}
		}
	}()
	q := r.request
	q.Usage, q.Discharges = maps.Clone(q.Usage), slices.Clone(q.Discharges)
	return r.v.config.Operations.Operation(&q, r.now)
}

// judgeOperation is the part of step 7 that is about the operation.
func (r *run) judgeOperation() {
	if r.v.config.Operations == nil {
		return
	}
	needs := r.operation()
	if needs.Scope != "" && needs.Scope != r.request.Action {
		r.add(Violation{
			Code: RequestInvalid, Detail: "the action of the request is not the scope of its operation",
			Limit: needs.Scope, Actual: r.request.Action,
		})
	} else {
		r.refused(r.needsErr, "the operation is refused")
	}
	for _, o := range needs.Obligations {
		r.oblige(o)
	}
}
