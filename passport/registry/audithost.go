package registry

import (
	"context"
	"strings"
)

// HostAction begins the actions of lines that a host writes, so that none of them reads as one of the office.
const HostAction = "host."

// HostLine is a line that a host writes into the log about what it does itself, for [Audit.Write].
type HostLine struct {
	Org     string // whose log; zero: the actor's own
	Action  string // what was done: [HostAction] and a name, such as "host.token.issued"
	Subject string // to what: an id, never a secret
	Reason  string // kept beside the line, where it can be erased with whom it is about; at most 1,024 bytes
	// Data is written in JSON. It must say nothing of people: it is not erased.
	Data any
}

// Write runs a change of the host's own documents, whose kinds must not be those of the office, and writes a line of
// the log and an event about it (P11): all of it in one transaction, or none. A nil change changes nothing. It fails
// with CONFLICT if somebody else changed meanwhile what is changed; an error of change is returned as it is. The store
// may run the change more than once.
func (a *Audit) Write(ctx context.Context, by Actor, n HostLine, change func(tx Tx) error) error {
	org, err := by.within(n.Org, ScopeUpdate)
	if err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(n.Action, HostAction); !ok || name == "" || len(name) > 100 {
		return refuse(BadRequest, "Action", "want %s and a name of at most 100 bytes", HostAction)
	}
	if n.Subject == "" || len(n.Subject) > 500 {
		return refuse(BadRequest, "Subject", "want an id of at most 500 bytes")
	}
	return a.r.update(ctx, func(tx Tx) error {
		if change != nil {
			if err := change(tx); err != nil {
				return err
			}
		}
		return a.r.note(tx, by, org, n.Action, n.Subject, n.Reason, n.Data)
	})
}
