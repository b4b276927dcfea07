package registry

import (
	"context"
	"encoding/json"
	"time"
)

// Events is the outbox of the office: what a host posts as mail or webhooks. Every
// change has its event, in the transaction that made it.
type Events struct{ r *Registry }

// Event is something that has happened.
type Event struct {
	Number  int64 // in the order in which they were committed, without gaps
	At      time.Time
	Org     string
	Type    string          // such as "passport.issued"
	Subject string          // an id
	Reason  string          `json:",omitempty"`
	Data    json.RawMessage `json:",omitempty"`
}

// Read returns at most limit events behind a number, zero for the first. Root
// alone may. Whoever keeps the number of the last event that was dealt with gets
// each at least once.
func (e *Events) Read(ctx context.Context, by Actor, after int64, limit int) (list []Event, err error) {
	if !by.root {
		return nil, refuse(Forbidden, "Actor", "the outbox is the host's")
	}
	err = e.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		entries, err := tx.Read("events", after, limit)
		for _, raw := range entries {
			var event Event
			if err := json.Unmarshal(raw.Body, &event); err != nil {
				return err
			}
			event.Number = raw.Number
			list = append(list, event)
		}
		return err
	})
	return list, err
}
