package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// To issue 10^6 passports takes an hour of signatures. So all but the first are copies of one that was issued, under
// ids and places of their own: the same documents, lines of the audit log and events as issuing writes, some hundred
// in a transaction.

const (
	issued  = 1000    // by the public call
	places  = 1 << 17 // of a list
	atATime = 200
)

// clones copies passports.
type clones struct {
	*desk
	store registry.Store
	made  []string
}

func (c *clones) until(ctx context.Context, n int) error {
	for n > 0 {
		model, err := c.issue(ctx)
		if err != nil {
			return err
		}
		n--
		for used := 2*issued + 10; n > 0 && used < places; used += atATime {
			some := min(atATime, n)
			if err := c.copy(ctx, model, used, some); err != nil {
				return err
			}
			n -= some
		}
		if n > 0 {
			if err := c.close(ctx, model); err != nil {
				return err
			}
		}
	}
	return nil
}

// copy makes copies of a passport, from a place on.
func (c *clones) copy(ctx context.Context, model *registry.Passport, place, n int) error {
	var made []string
	err := c.store.Update(ctx, func(tx registry.Tx) error {
		made = nil
		stream := "audit/" + c.org.ID
		last, err := tx.Last(stream)
		if err != nil {
			return err
		}
		var line registry.AuditRecord
		if err := json.Unmarshal(last.Body, &line); err != nil {
			return err
		}
		doc, err := tx.Get("passport", model.ID)
		if err != nil {
			return err
		}
		for i := range n {
			p := *model
			p.ID = strings.TrimSuffix(model.ID, model.ID[len(model.ID)-ulid.EncodedSize:]) + ulid.Make().String()
			p.Credential = strings.ReplaceAll(model.Credential, model.ID, p.ID)
			p.Places = append([]registry.Place{}, model.Places...)
			for k := range p.Places {
				p.Places[k].Index = place + i
			}
			if doc.Body, err = json.Marshal(&p); err != nil {
				return err
			}
			doc.ID, doc.Version = p.ID, 0
			if err := tx.Put(doc); err != nil {
				return err
			}
			if err := note(tx, stream, &line, &p); err != nil {
				return err
			}
			made = append(made, p.ID)
		}
		return nil
	})
	c.made = append(c.made, made...)
	return err
}

// note writes the next line of the audit log, and an event.
func note(tx registry.Tx, stream string, line *registry.AuditRecord, p *registry.Passport) error {
	const action = "passport.issued"
	event, err := json.Marshal(registry.Event{
		At: storebench.Clock(), Org: line.Org, Type: action, Subject: p.ID, Data: line.Data,
	})
	if err != nil {
		return err
	}
	if _, err := tx.Append("events", event); err != nil {
		return err
	}
	line.Number, line.Subject, line.Action = line.Number+1, p.ID, action
	line.Previous, line.Hash = line.Hash, ""
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	line.Hash = hex.EncodeToString(sum[:])
	if text, err = json.Marshal(line); err != nil {
		return err
	}
	_, err = tx.Append(stream, text)
	return err
}

// close says that the lists of a passport are full: the next one is on new lists.
func (c *clones) close(ctx context.Context, p *registry.Passport) error {
	return c.store.Update(ctx, func(tx registry.Tx) error {
		for _, place := range p.Places {
			d, err := tx.Get("list", place.List)
			if err != nil {
				return err
			}
			var list map[string]any
			if err := json.Unmarshal(d.Body, &list); err != nil {
				return err
			}
			list["Used"] = places
			if d.Body, err = json.Marshal(list); err != nil {
				return err
			}
			if err := tx.Put(d); err != nil {
				return err
			}
		}
		return nil
	})
}
