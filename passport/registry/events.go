package registry

import (
	"context"
	"encoding/json"
	"iter"
	"time"
	"unicode/utf8"
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

// storedEvent is an event as it is kept: what it says of people is with its line of the audit log.
type storedEvent struct {
	Event
	Line int64 `json:",omitempty"` // 0: it says nothing of people
}

// tell fills in what an event says of people, if that was not erased.
func (r *Registry) tell(tx Tx, e *storedEvent) error {
	if e.Line == 0 {
		return nil
	}
	var w words
	_, err := load(tx, kindWords, wordsID(e.Org, e.Line), &w)
	if err != nil {
		return err
	}
	e.Reason = w.Reason
	e.Data, err = joined(e.Data, w.Data)
	return err
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
			var event storedEvent
			err := json.Unmarshal(raw.Body, &event)
			if err == nil {
				err = e.r.tell(tx, &event)
			}
			if err != nil {
				return err
			}
			event.Number = raw.Number
			list = append(list, event.Event)
		}
		return err
	})
	return list, err
}

// Subscribe yields the events behind a number, and then each as it is committed, in
// order. It asks the store each second, and ends with the first error, which is that
// of the context when that is done. Root alone may. Keep the number of what was dealt
// with, or let the office keep it: see [Events.Ack].
func (e *Events) Subscribe(ctx context.Context, by Actor, after int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			list, err := e.Read(ctx, by, after, most)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, event := range list {
				if !yield(event, nil) {
					return
				}
				after = event.Number
			}
			if len(list) == most {
				continue
			}
			timer := time.NewTimer(time.Second)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				yield(Event{}, ctx.Err())
				return
			}
		}
	}
}

const kindAcked = "acked"

// Ack remembers that a subscriber has dealt with all events up to a number, which only
// grows. Subscriber is a name that the host chose, of 1 to 200 bytes. Root alone may.
func (e *Events) Ack(ctx context.Context, by Actor, subscriber string, number int64) error {
	if !by.root {
		return refuse(Forbidden, "Actor", "the outbox is the host's")
	}
	if subscriber == "" || len(subscriber) > 200 || !utf8.ValidString(subscriber) {
		return refuse(BadRequest, "Subscriber", "want 1 to 200 bytes")
	}
	return e.r.update(ctx, func(tx Tx) error {
		var before int64
		d, err := load(tx, kindAcked, subscriber, &before)
		if err != nil || number <= before {
			return err
		}
		last, err := tx.Last("events")
		if err == nil && number > last.Number {
			err = refuse(BadRequest, "Number", "there is no event %d yet", number)
		}
		if err != nil {
			return err
		}
		return save(tx, d, number)
	})
}

// Acked returns the number that a subscriber has acknowledged; 0 if it is new. Root
// alone may.
func (e *Events) Acked(ctx context.Context, by Actor, subscriber string) (number int64, err error) {
	if !by.root {
		return 0, refuse(Forbidden, "Actor", "the outbox is the host's")
	}
	err = e.r.config.Store.View(ctx, func(tx Tx) error {
		number = 0
		_, err := load(tx, kindAcked, subscriber, &number)
		return err
	})
	return number, err
}
