package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Audit is the log of everything that was changed, a chain of hashes for each
// organisation, and one for the office itself, "", which root reads. Whoever can write
// to the store can cut off the newest lines or write the log anew: keep a signed head of it
// ([Audit.Head]) elsewhere from time to time, and compare ([Audit.VerifySince]).
type Audit struct{ r *Registry }

// AuditRecord is one line of the log.
type AuditRecord struct {
	Number   int64 // from 1 on, without gaps
	At       time.Time
	Org      string
	By       string          // who made the call
	Action   string          // what was done, such as "passport.revoked"
	Subject  string          // to what: an id
	Reason   string          `json:",omitempty"`
	Data     json.RawMessage `json:",omitempty"`
	Previous string          // Hash of the line before; "" for the first
	Hash     string          // of this line, with an empty Hash
}

func (a *AuditRecord) seal() (body []byte, err error) {
	a.Hash = ""
	if body, err = json.Marshal(a); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	a.Hash = hex.EncodeToString(sum[:])
	return json.Marshal(a)
}

// longestReason is how many bytes the reason of a call may have.
const longestReason = 1024

// note writes a line of the audit log and an event.
func (r *Registry) note(tx Tx, by Actor, org, action, subject, reason string, data any) error {
	_, err := r.noted(tx, by, org, action, subject, reason, data)
	return err
}

// ID is the number of the line and the beginning of its hash: what a caller keeps of a
// change, to find it again and to see that it is the same line (P11).
func (a *AuditRecord) ID() string {
	return "audit_" + strconv.FormatInt(a.Number, 10) + "_" + a.Hash[:min(16, len(a.Hash))]
}

// noted is note, and returns the id of the line.
func (r *Registry) noted(tx Tx, by Actor, org, action, subject, reason string, data any) (id string, err error) {
	line, err := r.line(tx, by, org, action, subject, reason, data)
	if err != nil {
		return "", err
	}
	event, err := json.Marshal(Event{At: line.At, Org: org, Type: action, Subject: subject, Reason: reason, Data: line.Data})
	if err != nil {
		return "", err
	}
	_, err = tx.Append("events", event)
	return line.ID(), err
}

// line writes a line of the audit log, of what is no event.
func (r *Registry) line(
	tx Tx, by Actor, org, action, subject, reason string, data any,
) (*AuditRecord, error) {
	if len(reason) > longestReason || !utf8.ValidString(reason) {
		return nil, refuse(BadRequest, "Reason", "want UTF-8 of at most %d bytes", longestReason)
	}
	if by.claim != nil && by.claim.action == action {
		if err := r.settle(tx, by.claim, subject); err != nil {
			return nil, err
		}
	}
	line := AuditRecord{At: r.now(), Org: org, By: by.String(), Action: action, Subject: subject, Reason: reason}
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil {
			return nil, err
		}
		line.Data = raw
	}
	stream := "audit/" + org
	last, err := tx.Last(stream)
	if err != nil {
		return nil, err
	}
	if last.Number > 0 {
		var before AuditRecord
		if err := json.Unmarshal(last.Body, &before); err != nil {
			return nil, err
		}
		line.Previous = before.Hash
	}
	line.Number = last.Number + 1
	body, err := line.seal()
	if err != nil {
		return nil, err
	}
	_, err = tx.Append(stream, body)
	return &line, err
}

// readable returns the organisation whose log an actor asks for, and may read.
func (a *Audit) readable(by Actor, org string) (string, error) {
	if by.root && org == "" { // that of the office
		return "", nil
	}
	return by.within(org, ScopeRead)
}

// List returns at most limit lines of an organisation's log behind a number. Zero:
// 100.
func (a *Audit) List(ctx context.Context, by Actor, org string, after int64, limit int) (list []AuditRecord, err error) {
	if org, err = a.readable(by, org); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 100
	}
	err = a.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		entries, err := tx.Read("audit/"+org, after, limit)
		for _, e := range entries {
			var line AuditRecord
			if err := json.Unmarshal(e.Body, &line); err != nil {
				return err
			}
			list = append(list, line)
		}
		return err
	})
	return list, err
}

// ErrBroken says that a line of the log is not what it was.
var ErrBroken = errors.New("registry: the audit log is broken")

// Verify goes through the log of an organisation, and fails with [ErrBroken] and
// the number of the first line that is not what it was.
func (a *Audit) Verify(ctx context.Context, by Actor, org string) error {
	previous := ""
	for n := int64(0); ; {
		list, err := a.List(ctx, by, org, n, most)
		if err != nil {
			return err
		}
		for i := range list {
			line := list[i]
			n++
			hash := line.Hash
			if _, err := line.seal(); err != nil {
				return err
			}
			if line.Number != n || line.Previous != previous || line.Hash != hash {
				return fmt.Errorf("%w at line %d", ErrBroken, n)
			}
			previous = hash
		}
		if len(list) < most {
			return nil
		}
	}
}

// most is how many entries are read at a time.
const most = 1000
