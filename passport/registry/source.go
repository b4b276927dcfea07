package registry

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/statuslist"
)

// Source returns the lists of the office as they are this moment: for a verifier in
// the same process, verify.Config.Status, and for package statuslist/listhttp. It
// reads the committed bits; where they have changed since the newest edition it makes
// the next one, so a revocation is seen by the first question after it. A list that
// cannot be read or signed at this moment is unavailable, and never an older one. It
// has no lists of others. It is safe for concurrent use.
func (s *Lists) Source() statuslist.Source {
	return &committed{lists: s, known: map[string]*known{}}
}

// committed is a source that reads committed bits.
type committed struct {
	lists *Lists
	mu    sync.Mutex
	known map[string]*known // by the URL of the encoding; as many as there are lists
}

// known is what was handed over last, and how long it holds if no bit changes.
type known struct {
	fetched *statuslist.Fetched
	version int64  // of the document of the editions
	key     string // that signed it
	until   time.Time
}

// encoding2021 is behind the URL of a list that is encoded as a StatusList2021.
const encoding2021 = "-2021"

// StatusList implements [statuslist.Source].
func (c *committed) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	list := strings.TrimSuffix(url, encoding2021)
	c.mu.Lock()
	last := c.known[url]
	c.mu.Unlock()
	version, current, err := c.lists.current(ctx, list, last)
	if err != nil {
		return nil, err
	}
	if current {
		return last.fetched, nil
	}
	if version == 0 { // there is no such list
		return statuslist.Static(nil).StatusList(ctx, url)
	}
	if err := c.lists.renew(ctx, list); err != nil {
		return nil, err
	}
	next, err := c.lists.newest(ctx, list, url)
	if err != nil {
		return nil, err
	}
	if next == nil {
		return statuslist.Static(nil).StatusList(ctx, url)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[url] = next
	return next.fetched, nil
}

// current reports whether what was handed over last is still what the office says.
// version is 0 if there is no such list.
func (s *Lists) current(ctx context.Context, list string, last *known) (version int64, yes bool, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		yes = false
		d, err := tx.Get(kindList, list)
		if version = d.Version; err != nil || version == 0 || last == nil || !s.r.config.Now().Before(last.until) {
			return err
		}
		changed, err := tx.Find(Query{Kind: kindBit, Name: "changed", Value: list, Limit: 1})
		if err != nil || len(changed) > 0 {
			return err
		}
		ring, err := s.r.keyring(tx)
		if err != nil {
			return err
		}
		signs := ring.signs(s.r.now())
		d, err = tx.Get(kindEdition, list)
		yes = d.Version == last.version && signs != nil && signs.ID == last.key
		return err
	})
	return version, yes, err
}

// newest returns the newest edition of a list for a URL, nil if that is of no
// encoding.
func (s *Lists) newest(ctx context.Context, list, url string) (k *known, err error) {
	now := s.r.config.Now()
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		k = nil
		var editions statuslist.Editions
		d, err := load(tx, kindEdition, list, &editions)
		if err != nil {
			return err
		}
		p, err := pendingOf(tx, list, now)
		if err != nil {
			return err
		}
		until := p.shown.due()
		if !p.ends.IsZero() && p.ends.Before(until) {
			until = p.ends
		}
		for _, e := range editions {
			if e.URL == url {
				k = &known{&statuslist.Fetched{Raw: e.Raw, At: e.AsOf}, d.Version, p.shown.Key, until}
			}
		}
		return nil
	})
	return k, err
}
