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

// Write runs a change of the host's own documents and streams, and writes a line of
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
			if err := change(hosts{tx}); err != nil {
				return err
			}
		}
		return a.r.note(tx, by, org, n.Action, n.Subject, n.Reason, n.Data)
	})
}

// hosts is a transaction in which a host changes what is its own.
type hosts struct{ Tx }

// ours are the kinds of documents of the office, and the streams, up to a slash.
var ours = map[string]bool{
	kindOrg: true, kindAgent: true, kindGrant: true, kindPassport: true, kindList: true, kindOpen: true, kindShown: true,
	kindEdition: true, kindBit: true, kindEnd: true, kindSwitch: true, kindWords: true, kindUse: true, kindOnce: true,
	kindSecret: true, kindKey: true, kindImported: true, kindTicket: true, kindErasure: true, kindConsent: true,
	kindOwner: true, kindIssuer: true, kindRetired: true, kindBudget: true, kindDebit: true, kindAgentKey: true,
	kindRecord: true, kindAcked: true, kindForgotten: true,
	"events": true, "audit": true, "uses": true,
}

// not refuses what is the office's.
func (hosts) not(name string) error {
	if name, _, _ = strings.Cut(name, "/"); ours[name] {
		return refuse(Forbidden, "", "a host does not change what is the office's: %.40q", name)
	}
	return nil
}

func (h hosts) Put(d Doc) error {
	if err := h.not(d.Kind); err != nil {
		return err
	}
	return h.Tx.Put(d)
}

func (h hosts) Delete(d Doc) error {
	if err := h.not(d.Kind); err != nil {
		return err
	}
	return h.Tx.Delete(d)
}

func (h hosts) Append(stream string, body []byte) (int64, error) {
	if err := h.not(stream); err != nil {
		return 0, err
	}
	return h.Tx.Append(stream, body)
}

func (h hosts) Trim(stream string, upTo int64) error {
	if err := h.not(stream); err != nil {
		return err
	}
	return h.Tx.Trim(stream, upTo)
}
