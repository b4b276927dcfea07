package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

var root = registry.Root()

// errGone says that an endpoint wants no more.
var errGone = errors.New("webhook: the endpoint is gone (410)")

// feed posts all events to one endpoint, one after the other.
func (s *Sender) feed(ctx context.Context, e *Endpoint) error {
	done, err := s.config.Events.Acked(ctx, root, e.Name)
	if err != nil {
		return err
	}
	for {
		list, err := s.config.Events.Read(ctx, root, done, batch)
		if err != nil {
			return err
		}
		acked, waited := done, false
		for _, event := range list {
			if waited { // those behind it may have been erased meanwhile
				break
			}
			done = event.Number
			if !e.wants(&event) {
				continue
			}
			switch waited, err = s.deliver(ctx, e, &event); {
			case errors.Is(err, errGone):
				return nil
			case err != nil:
				return err
			}
			if err := s.config.Events.Ack(ctx, root, e.Name, done); err != nil {
				return err
			}
			acked = done
		}
		if acked < done { // of what it does not want
			if err := s.config.Events.Ack(ctx, root, e.Name, done); err != nil {
				return err
			}
		}
		if len(list) < batch && !waited {
			if err := s.config.Wait(ctx, s.config.Every); err != nil {
				return err
			}
		}
	}
}

func (e *Endpoint) wants(event *registry.Event) bool {
	return (e.Org == "" || event.Org == e.Org) && (e.Types == nil || slices.Contains(e.Types, event.Type))
}

// deliver posts an event until it has arrived or is given up. waited says that it took more than one try.
func (s *Sender) deliver(ctx context.Context, e *Endpoint, event *registry.Event) (waited bool, err error) {
	id, err := idOf(event)
	if err != nil {
		return false, err
	}
	for try := 1; ; try++ {
		body, err := bodyOf(event)
		if err != nil {
			return waited, err
		}
		pause, err := s.post(ctx, e, id, body)
		if ctx.Err() != nil {
			return waited, ctx.Err()
		}
		if err == nil {
			return waited, nil
		}
		f := Failure{Endpoint: e.Name, Event: *event, Try: try, Gone: errors.Is(err, errGone), Err: err}
		if try <= len(delays) && !f.Gone {
			f.Again = max(delays[try-1], min(pause, longestPause))
		}
		if s.config.Failed != nil {
			s.config.Failed(f)
		}
		switch {
		case f.Gone:
			return waited, errGone
		case f.Again == 0: // given up
			return waited, nil
		}
		if err := s.config.Wait(ctx, f.Again); err != nil {
			return waited, err
		}
		waited = true
		// What it said of a person may have been erased meanwhile.
		switch again, err := s.config.Events.Read(ctx, root, event.Number-1, 1); {
		case err != nil:
			return waited, err
		case len(again) == 1 && again[0].Number == event.Number:
			event = &again[0]
		}
	}
}

// idOf is by what a receiver tells a repeat. A store that was restored numbers other events alike, so it is not the
// number alone; and what is erased of an event is not part of it.
func idOf(e *registry.Event) (string, error) {
	same := *e
	same.Reason, same.Data = "", nil
	body, err := bodyOf(&same)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return "evt_" + strconv.FormatInt(e.Number, 10) + "_" + hex.EncodeToString(sum[:8]), nil
}

// payload is what is posted.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Version int             `json:"version"`
	Number  int64           `json:"number"`
	Org     string          `json:"org,omitempty"`
	Subject string          `json:"subject"`
	Reason  string          `json:"reason,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func bodyOf(e *registry.Event) ([]byte, error) {
	return json.Marshal(payload{e.Type, e.At, data{1, e.Number, e.Org, e.Subject, e.Reason, e.Data}})
}

// post makes one try. pause is how long the endpoint asks to be left alone.
func (s *Sender) post(ctx context.Context, e *Endpoint, id string, body []byte) (pause time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	Sign(r.Header, e.Secrets, id, s.config.Now(), body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "safeconduct-webhook")
	answer, err := s.config.Client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // nobody reads it
	switch c := answer.StatusCode; {
	case c >= 200 && c < 300:
		return 0, nil
	case c == http.StatusGone:
		return 0, errGone
	default:
		return s.pauseOf(answer), fmt.Errorf("webhook: the endpoint answered %d, want 2xx", c)
	}
}

// pauseOf reads Retry-After, in seconds or as a date.
func (s *Sender) pauseOf(answer *http.Response) time.Duration {
	text := answer.Header.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(s.config.Now())
	}
	return 0
}
