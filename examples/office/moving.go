package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// moving says what is brought from a service to this office, by the calls of that service.
type moving struct {
	source system
	base   string            // where this office is, such as http://127.0.0.1:8787/aport
	token  string            // bearer token of whoever makes the records
	owners map[string]string // of APort: the owners here, by their ids there
	wait   func(context.Context, time.Duration) error
}

// moved says what came over, and what did not, by the reason.
type moved struct {
	over int
	not  map[string]int
}

// lines print it.
func (m moved) lines() (list []string) {
	list = append(list, fmt.Sprintf("%d came over", m.over))
	for _, why := range slices.Sorted(maps.Keys(m.not)) {
		list = append(list, fmt.Sprintf("%d did not: %s", m.not[why], why))
	}
	return list
}

// mapping says which members of a record go into which member of the call. What is not named stays behind.
type mapping struct {
	list, path, id string
	members        map[string]string
}

var mappings = map[system]mapping{
	aip1: {"agents", "/api/passports", "id", map[string]string{
		"domain": "domain", "name": "agent_name", "allowed_actions": "allowed_actions",
		"denied_actions": "denied_actions", "monetary_limit_txn": "monetary_limit_per_txn", "currency": "currency",
	}},
	aport: {"data", "/api/passports/create", "agent_id", map[string]string{
		"name": "name", "role": "role", "description": "description", "controller_type": "controller_type",
		"contact": "contact", "capabilities": "capabilities", "limits": "limits", "regions": "regions",
		"categories": "categories", "framework": "framework", "links": "links", "logo_url": "logo_url",
		"status": "status",
	}},
}

// move makes every record of an export anew. Each has the id that it had there as its idempotency key, so a run that
// was broken off is made again within a day and makes nothing twice.
func move(ctx context.Context, client *http.Client, m moving, export []byte) (out moved, err error) {
	how, ok := mappings[m.source]
	if !ok {
		return out, fmt.Errorf("%s: its records cannot be made anew from an export", m.source)
	}
	var text map[string]json.RawMessage
	if err := json.Unmarshal(export, &text); err != nil {
		return out, fmt.Errorf("the export: %w", err)
	}
	var records []map[string]json.RawMessage
	if err := json.Unmarshal(text[how.list], &records); err != nil {
		return out, fmt.Errorf("the export: %s: %w", how.list, err)
	}
	out.not = map[string]int{}
	for _, r := range records {
		why, err := m.one(ctx, client, how, r)
		switch {
		case err != nil:
			return out, err
		case why != "":
			out.not[why]++
		default:
			out.over++
		}
	}
	return out, nil
}

// one brings one record; why says what stopped it.
func (m moving) one(ctx context.Context, client *http.Client, how mapping, r map[string]json.RawMessage) (
	why string, err error,
) {
	text := func(name string) (s string) {
		_ = json.Unmarshal(r[name], &s) // another type is no text: ""
		return s
	}
	if text("status") == "revoked" {
		return "it is revoked there: that is final", nil
	}
	body := map[string]any{}
	for from, to := range how.members {
		if v, ok := r[from]; ok {
			body[to] = v
		}
	}
	if m.source == aport {
		owner, ok := m.owners[text("owner_id")]
		if !ok {
			return "its owner is not known here", nil
		}
		body["owner_id"] = owner
		if text("status") == "suspended" {
			body["status"] = "draft" // nothing is signed of it until somebody sets it active
		}
	} else if text("status") == "suspended" {
		return "it is suspended there: bring it when that has ended", nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	for {
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, m.base+how.path, bytes.NewReader(b))
		if err != nil {
			return "", err
		}
		q.Header.Set("Authorization", "Bearer "+m.token)
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Idempotency-Key", text(how.id))
		why, pause, err := answered(client.Do(q))
		if err != nil || pause == 0 {
			return why, err
		}
		if err := m.wait(ctx, pause); err != nil {
			return "", err
		}
	}
}

// answered says why a record was refused, and how long to wait where there were too many calls.
func answered(a *http.Response, err error) (why string, pause time.Duration, _ error) {
	if err != nil {
		return "", 0, err
	}
	defer a.Body.Close() // it was read
	text, err := io.ReadAll(io.LimitReader(a.Body, maxBody))
	switch {
	case err != nil:
		return "", 0, err
	case a.StatusCode < http.StatusMultipleChoices:
		return "", 0, nil
	case a.StatusCode == http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
		return "", time.Duration(max(seconds, 1)) * time.Second, err
	case a.StatusCode == http.StatusUnauthorized || a.StatusCode >= http.StatusInternalServerError:
		return "", 0, errors.New("the office answers " + a.Status)
	}
	var shape struct {
		Code, Error, Detail string
	}
	if err := json.Unmarshal(text, &shape); err != nil {
		return "", 0, err
	}
	return shape.Code + ": " + shape.Error + shape.Detail, 0, nil
}
