package main

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

const listPath = "/status/lists/1"

// lists is the one list of this server. Who asks gets an edition of now.
type lists struct {
	config
	publisher *statuslist.Publisher

	mu     sync.Mutex
	newest *statuslist.Fetched
}

var _ statuslist.Source = (*lists)(nil)

func newLists(c config) (*lists, error) {
	p, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: c.base + listPath, Purpose: statuslist.Revocation})
	return &lists{config: c, publisher: p}, err
}

func (l *lists) entry() (e statuslist.Entry, err error) {
	i, err := l.publisher.Allocate()
	if err != nil {
		return e, err
	}
	e, err = l.publisher.Entry(i)
	e.ID = fmt.Sprintf("%s%s#%d", l.base, listPath, i)
	return e, err
}

// StatusList has this server's list. No other is fetched: this is a server for
// tests, and what a stranger names could be anywhere.
func (l *lists) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	if url != l.base+listPath {
		return nil, fmt.Errorf("STATUS_RETRIEVAL_ERROR: %.200q is not a list of this server", url)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	editions, err := l.publisher.Publish(ctx, l.issuer, statuslist.PublishOptions{Now: l.now(), Suite: credential.SuiteRDFC})
	switch {
	case errors.Is(err, statuslist.ErrNotLater):
		return l.newest, nil // it was made at this very instant
	case err != nil:
		return nil, err
	}
	l.newest = editions.Static()[url]
	return l.newest, nil
}

func (s *server) serveList(w http.ResponseWriter, r *http.Request) {
	fetched, err := s.lists.StatusList(r.Context(), s.base+listPath)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]any{"errors": []problem{problemOf(err)}})
		return
	}
	w.Header().Set("Content-Type", mediaType(r.Header.Get("Accept")))
	_, _ = w.Write(fetched.Raw)
}

// mediaType is application/vc, or the less exact type that the client asks for
// first. One that is given what it did not ask for may not read it at all.
func mediaType(accept string) string {
	for item := range strings.SplitSeq(accept, ",") {
		switch media, _, _ := mime.ParseMediaType(item); media {
		case "application/ld+json", "application/json":
			return media
		case "application/vc", "application/*", "*/*":
			return "application/vc"
		}
	}
	return "application/vc"
}

// status looks up every entry of a kind that is known. The data model lets a
// verifier pass over others.
func (s *server) status(ctx context.Context, c *credential.Credential) error {
	for i, v := range c.Status {
		if t := v.Get("type").Str(); t != "BitstringStatusListEntry" && t != "StatusList2021Entry" {
			continue
		}
		entry, err := statuslist.ParseEntry(v)
		if err != nil {
			return err
		}
		result, err := s.lookUp(ctx, entry, c.Issuer.ID)
		if err != nil {
			return fmt.Errorf("credentialStatus %d: %w", i, err)
		}
		if result.Set && (entry.Purpose == statuslist.Revocation || entry.Purpose == statuslist.Suspension) {
			return fmt.Errorf("credentialStatus %d: %s is set", i, entry.Purpose)
		}
	}
	return nil
}

func (s *server) lookUp(ctx context.Context, entry statuslist.Entry, issuer string) (statuslist.Result, error) {
	var none statuslist.Result
	fetched, err := s.lists.StatusList(ctx, entry.URL)
	if err != nil {
		return none, err
	}
	signed, err := s.parser.Credential(fetched.Raw)
	if err != nil {
		return none, err
	}
	if err := signed.CheckProofs(ctx, s.resolver, did.AssertionMethod, s.now()); err != nil {
		return none, err
	}
	list, err := statuslist.ParseCredential(signed)
	if err != nil {
		return none, err
	}
	if list.Issuer != issuer {
		return none, fmt.Errorf("STATUS_VERIFICATION_ERROR: the list is by %.200q, the credential by %.200q", list.Issuer, issuer)
	}
	if err := within(s.now(), list.ValidFrom, list.ValidUntil); err != nil {
		return none, fmt.Errorf("STATUS_VERIFICATION_ERROR: %w", err)
	}
	return list.Status(entry)
}
