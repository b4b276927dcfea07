package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	Number  int64 // from 1 on, without gaps
	At      time.Time
	Org     string
	By      string          // who made the call
	Action  string          // what was done, such as "passport.revoked"
	Subject string          // to what: an id
	Reason  string          `json:",omitempty"`
	Data    json.RawMessage `json:",omitempty"`
	// Commitment is the SHA-256, in hexadecimal, of Salt and of what the line says of people: its Reason, and some
	// members of Data. These are kept beside the line, and can be erased. "": it says nothing of people.
	Commitment string `json:",omitempty"`
	Previous   string // Hash of the line before; "" for the first
	Hash       string // of the line as it is kept: without what it says of people, and with an empty Hash

	Erased bool   `json:"-"` // what it said of people was erased
	Salt   []byte `json:"-"` // of the Commitment; nil: there is none, or it was erased
	sealed []byte
}

// Sealed returns the line as it is kept, in JSON: without what it says of people. Hash is over it, with an empty Hash.
func (a *AuditRecord) Sealed() []byte { return slices.Clone(a.sealed) }

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

// noted is note, and returns the line.
func (r *Registry) noted(
	tx Tx, by Actor, org, action, subject, reason string, data any,
) (*AuditRecord, error) {
	line, err := r.line(tx, by, org, action, subject, reason, data)
	if err != nil {
		return nil, err
	}
	event := storedEvent{Event: Event{At: line.At, Org: org, Type: action, Subject: subject, Data: line.Data}}
	if line.Commitment != "" {
		event.Line = line.Number
	}
	raw, err := json.Marshal(&event)
	if err != nil {
		return nil, err
	}
	_, err = tx.Append("events", raw)
	return line, err
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
	line := AuditRecord{At: r.now(), Org: org, By: by.String(), Action: action, Subject: subject}
	open, w, persons, err := speak(data, reason)
	if err != nil {
		return nil, err
	}
	line.Data = open
	if w != nil {
		if line.Commitment, err = w.commitment(); err == nil && persons == nil {
			persons, err = r.personsOf(tx, subject)
		}
		if err != nil {
			return nil, err
		}
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
	if w != nil {
		if err := w.keep(tx, &line, persons); err != nil {
			return nil, err
		}
	}
	body, err := line.seal()
	if err != nil {
		return nil, err
	}
	number, err := tx.Append(stream, body)
	if err == nil && number != line.Number { // somebody else has written a line meanwhile
		err = ErrChanged
	}
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
func (a *Audit) List(
	ctx context.Context, by Actor, org string, after int64, limit int,
) (list []AuditRecord, err error) {
	if org, err = a.readable(by, org); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 100
	}
	r := a.r
	err = r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		entries, err := tx.Read("audit/"+org, after, limit)
		for _, e := range entries {
			line := AuditRecord{sealed: e.Body}
			err := json.Unmarshal(e.Body, &line)
			if err == nil {
				err = r.open(tx, &line)
			}
			if err != nil {
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
// the number of the first line that is not what it was. What lines say of people must
// be what they have committed to, or have been erased, which is a line of its own.
func (a *Audit) Verify(ctx context.Context, by Actor, org string) error {
	org, err := a.readable(by, org)
	if err != nil {
		return err
	}
	c := chain{r: a.r, erased: map[int64]int64{}}
	for more := true; more; {
		if err := a.r.config.Store.View(ctx, func(tx Tx) error {
			entries, err := tx.Read("audit/"+org, c.number, most)
			if err != nil {
				return err
			}
			more = len(entries) == most
			next := c.clone()
			for _, e := range entries {
				if err := next.check(tx, e.Body); err != nil {
					return err
				}
			}
			c = next
			return nil
		}); err != nil {
			return err
		}
	}
	for by, line := range c.erased {
		return fmt.Errorf("%w at line %d: line %d is not about an erasure", ErrBroken, line, by)
	}
	return nil
}

// chain is how far a log was verified.
type chain struct {
	r        *Registry
	number   int64
	previous string
	erased   map[int64]int64 // lines that must be about erasures, and the first line that says so of each
}

func (c *chain) clone() chain {
	next := *c
	next.erased = maps.Clone(c.erased)
	return next
}

// check verifies the next line.
func (c *chain) check(tx Tx, body []byte) error {
	var line AuditRecord
	if err := json.Unmarshal(body, &line); err != nil {
		return err
	}
	c.number++
	hash := line.Hash
	if _, err := line.seal(); err != nil {
		return err
	}
	if line.Number != c.number || line.Previous != c.previous || line.Hash != hash {
		return fmt.Errorf("%w at line %d", ErrBroken, c.number)
	}
	c.previous = hash
	if line.Action == actionErased {
		delete(c.erased, line.Number)
	}
	by, err := c.r.whole(tx, &line)
	switch {
	case err != nil:
		return err
	case by > 0 && by <= line.Number:
		return fmt.Errorf("%w at line %d: it was erased before it was written", ErrBroken, line.Number)
	case by > 0 && c.erased[by] == 0:
		c.erased[by] = line.Number
	}
	return nil
}

// most is how many entries are read at a time.
const most = 1000
