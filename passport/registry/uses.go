package registry

import (
	"context"
	"encoding/json"
	"time"
)

// Use is one request with an agent key, as the office records it (E6).
type Use struct {
	Decision  string // id of the decision on it
	Key       string // id of the agent key
	At        time.Time
	Scope     string // that the operation needs; "" of one that is unknown
	Operation string
	Resource  string // what it was about: erased with the owner; leave it out where a scope is sensitive
	Allowed   bool
	Code      string // why it was refused
	Notify    string // the event that tells the owner of its success, such as application.created; "": none
}

// use is the record of a use whose success is told. What it was about is in the words of its line of the audit log.
type use struct {
	Use
	Line int64
	Told bool
}

const kindUse = "use"

// Used records a request with an agent key, allowed or refused: a line in the audit log of the key's
// organisation, and in the history of the key. It is for the host, which serves nothing that it cannot record;
// verify/office does so.
func (s *AgentKeys) Used(ctx context.Context, u Use) error {
	return s.r.update(ctx, func(tx Tx) error {
		var k agentKey
		d, err := load(tx, kindAgentKey, u.Key, &k)
		if err == nil && d.Version == 0 {
			err = unknown("agent key")
		}
		if err != nil {
			return err
		}
		line, err := s.r.line(tx, Root(), k.Org, "agentkey.used", k.ID, "", said{open: map[string]any{
			"decision": u.Decision, "scope": u.Scope, "operation": u.Operation,
			"allowed": u.Allowed, "code": u.Code, "consent": k.Consent,
		}, personal: about(u.Resource)})
		if err != nil {
			return err
		}
		u := u
		u.Resource = ""
		text, err := json.Marshal(&u)
		if err != nil {
			return err
		}
		if _, err := tx.Append("uses/"+k.ID, text); err != nil {
			return err
		}
		if !u.Allowed || u.Notify == "" {
			return nil
		}
		return save(tx, Doc{Kind: kindUse, ID: u.Decision}, &use{Use: u, Line: line.Number})
	})
}

// about is what a use was about, where that is said: an account or a page of somebody.
func about(resource string) map[string]any {
	if resource == "" {
		return nil
	}
	return map[string]any{"resource": resource}
}

// Succeeded says that what a decision allowed was done. Where the owner is to be told of it, it is an event: one,
// however often it is said. What was refused or has failed is told nobody.
func (s *AgentKeys) Succeeded(ctx context.Context, decision string) error {
	return s.r.update(ctx, func(tx Tx) error {
		var u use
		d, err := load(tx, kindUse, decision, &u)
		if err != nil || d.Version == 0 || u.Told {
			return err
		}
		var k agentKey
		if _, err := load(tx, kindAgentKey, u.Key, &k); err != nil {
			return err
		}
		var w words
		if _, err := load(tx, kindWords, wordsID(k.Org, u.Line), &w); err != nil {
			return err
		}
		personal := map[string]any{"key": k.Name}
		if len(w.Data) > 0 {
			if err := json.Unmarshal(w.Data, &personal); err != nil {
				return err
			}
		}
		u.Told = true
		if err := save(tx, d, &u); err != nil {
			return err
		}
		return s.r.note(tx, Root(), k.Org, u.Notify, k.ID, "", said{
			personal: personal,
			open:     map[string]any{"owner": k.Owner, "decision": decision, "operation": u.Operation, "at": u.At},
		})
	})
}

// uses calls f with the uses of a key since an instant, the newest first, until f returns false.
func (s *AgentKeys) uses(tx Tx, key string, f func(u *Use) bool) error {
	last, err := tx.Last("uses/" + key)
	if err != nil {
		return err
	}
	for end := last.Number; end > 0; {
		begin := max(end-most, 0)
		entries, err := tx.Read("uses/"+key, begin, int(end-begin))
		if err != nil {
			return err
		}
		for i := len(entries) - 1; i >= 0; i-- {
			var u Use
			if err := json.Unmarshal(entries[i].Body, &u); err != nil {
				return err
			}
			if !f(&u) {
				return nil
			}
		}
		end = begin
	}
	return nil
}
