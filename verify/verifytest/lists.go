package verifytest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// URLs of the issuer's lists.
const (
	RevocationURL = "https://issuer.example/status/revocation"
	SuspensionURL = "https://issuer.example/status/suspension"
)

// Lists are the status lists of a [World] and the host where they are
// published: a [statuslist.Source]. Two of them are the issuer's; [Lists.Open]
// adds others. What can go wrong with a list has a method of its own: Fail,
// Tamper, Unsign, SignBy, PublishAt, RollBack. It is safe for concurrent use.
type Lists struct {
	Revocation, Suspension *statuslist.Publisher // at RevocationURL and SuspensionURL

	tb     testing.TB
	signer did.Signer
	clock  *Clock

	mu       sync.Mutex
	next     int
	open     map[string]*opened
	editions map[string][]*statuslist.Fetched // the newest last
	fail     map[string]error
	fetches  int
}

// opened is a list with who signs it.
type opened struct {
	*statuslist.Publisher
	signer did.Signer
}

func newLists(tb testing.TB, signer did.Signer, clock *Clock) *Lists {
	tb.Helper()
	l := &Lists{tb: tb, signer: signer, clock: clock, open: map[string]*opened{}, editions: map[string][]*statuslist.Fetched{}, fail: map[string]error{}}
	l.Revocation = l.Open(RevocationURL, statuslist.Revocation, signer)
	l.Suspension = l.Open(SuspensionURL, statuslist.Suspension, signer)
	return l
}

// Open adds a list that signer publishes at url, and publishes it.
func (l *Lists) Open(url string, purpose statuslist.Purpose, signer did.Signer) *statuslist.Publisher {
	l.tb.Helper()
	p, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: url, Purpose: purpose})
	if err != nil {
		l.tb.Fatal(err)
	}
	l.mu.Lock()
	l.open[url] = &opened{p, signer}
	l.mu.Unlock()
	l.PublishAt(url, l.clock.Now())
	return p
}

// Entries takes one place on each list of the issuer: a revocation and a
// suspension entry.
func (l *Lists) Entries() []statuslist.Entry {
	l.tb.Helper()
	return []statuslist.Entry{l.Entry(RevocationURL, ""), l.Entry(SuspensionURL, "")}
}

// Entry takes a place on the list at url. The id may be "".
func (l *Lists) Entry(url, id string) statuslist.Entry {
	l.tb.Helper()
	l.mu.Lock()
	l.next += 7
	index := l.next
	l.mu.Unlock()
	p := l.list(url)
	if err := p.Claim(index); err != nil {
		l.tb.Fatal(err)
	}
	e, err := p.Entry(index)
	if err != nil {
		l.tb.Fatal(err)
	}
	e.ID = id
	return e
}

func (l *Lists) list(url string) *opened {
	l.tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.open[url]
	if o == nil {
		l.tb.Fatalf("no list was opened at %s", url)
	}
	return o
}

// Publish signs both lists of the issuer as of now and puts them where they
// are fetched.
func (l *Lists) Publish() {
	l.tb.Helper()
	l.PublishAt(RevocationURL, l.clock.Now())
	l.PublishAt(SuspensionURL, l.clock.Now())
}

// PublishAt signs the list at url as of an instant and publishes it: one long
// past makes it stale, one to come makes it a list of the future.
func (l *Lists) PublishAt(url string, at time.Time) {
	l.tb.Helper()
	l.sign(url, l.list(url).signer, at)
}

// SignBy publishes the list at url signed by somebody else, in their own name.
func (l *Lists) SignBy(url string, signer did.Signer) {
	l.tb.Helper()
	l.sign(url, signer, l.clock.Now())
}

func (l *Lists) sign(url string, signer did.Signer, at time.Time) {
	l.tb.Helper()
	editions, err := forgetful(l.tb, l.list(url).Publisher).Publish(context.Background(), signer, statuslist.PublishOptions{Now: at})
	if err != nil {
		l.tb.Fatal(err)
	}
	l.Put(url, editions[0].Raw)
}

// forgetful returns the publisher as it would be had it published nothing yet.
// The clock of a [World] stands still, and its lists go back in time: no honest
// publisher makes a second edition of one instant, or an older one.
func forgetful(tb testing.TB, p *statuslist.Publisher) *statuslist.Publisher {
	tb.Helper()
	var state map[string]json.RawMessage
	if err := json.Unmarshal(p.MarshalState(), &state); err != nil {
		tb.Fatal(err)
	}
	delete(state, "edition")
	delete(state, "asOf")
	raw, err := json.Marshal(state)
	if err != nil {
		tb.Fatal(err)
	}
	fresh, err := statuslist.RestorePublisher(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return fresh
}

// Set sets the status of an entry and publishes its list, with those of the
// issuer.
func (l *Lists) Set(e statuslist.Entry, value uint8) {
	l.tb.Helper()
	if err := l.list(e.URL).Set(e.Index, value); err != nil {
		l.tb.Fatal(err)
	}
	l.Publish()
	if e.URL != RevocationURL && e.URL != SuspensionURL {
		l.PublishAt(e.URL, l.clock.Now())
	}
}

// Put publishes any bytes at a URL.
func (l *Lists) Put(url string, raw []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.editions[url] = append(l.editions[url], &statuslist.Fetched{Raw: raw, At: l.clock.Now()})
}

// Get returns the bytes published at a URL, nil if there are none.
func (l *Lists) Get(url string) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.newest(url); f != nil {
		return f.Raw
	}
	return nil
}

func (l *Lists) newest(url string) *statuslist.Fetched {
	all := l.editions[url]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// Fetches returns how often a list was asked for.
func (l *Lists) Fetches() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fetches
}

// StatusList implements [statuslist.Source].
func (l *Lists) StatusList(_ context.Context, url string) (*statuslist.Fetched, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fetches++
	if err := l.fail[url]; err != nil {
		return nil, err
	}
	if f := l.newest(url); f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("verifytest: nothing is published at %s", url)
}

var _ statuslist.Source = (*Lists)(nil)
