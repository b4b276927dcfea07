package verifytest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// URLs of the issuer's lists.
const (
	RevocationURL = "https://issuer.example/status/revocation"
	SuspensionURL = "https://issuer.example/status/suspension"
)

// Lists are an issuer's two status lists and the place where they are
// published: a [statuslist.Source]. It is safe for concurrent use.
type Lists struct {
	Revocation, Suspension *statuslist.Publisher

	tb     testing.TB
	signer did.Signer
	clock  *Clock

	mu        sync.Mutex
	next      int
	published map[string]*statuslist.Fetched
	fail      map[string]error
	fetches   int
}

func newLists(tb testing.TB, signer did.Signer, clock *Clock) *Lists {
	tb.Helper()
	l := &Lists{tb: tb, signer: signer, clock: clock, published: map[string]*statuslist.Fetched{}, fail: map[string]error{}}
	for _, p := range []struct {
		into    **statuslist.Publisher
		url     string
		purpose statuslist.Purpose
	}{{&l.Revocation, RevocationURL, statuslist.Revocation}, {&l.Suspension, SuspensionURL, statuslist.Suspension}} {
		pub, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: p.url, Purpose: p.purpose})
		if err != nil {
			tb.Fatal(err)
		}
		*p.into = pub
	}
	l.Publish()
	return l
}

// Entries takes one place on each list: a revocation and a suspension entry.
func (l *Lists) Entries() []statuslist.Entry {
	l.tb.Helper()
	l.mu.Lock()
	l.next += 7
	index := l.next
	l.mu.Unlock()
	var out []statuslist.Entry
	for _, p := range []*statuslist.Publisher{l.Revocation, l.Suspension} {
		if err := p.Claim(index); err != nil {
			l.tb.Fatal(err)
		}
		e, err := p.Entry(statuslist.Bitstring, index, "")
		if err != nil {
			l.tb.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// Publish signs both lists as of now and puts them where they are fetched.
func (l *Lists) Publish() {
	l.tb.Helper()
	for _, p := range []*statuslist.Publisher{l.Revocation, l.Suspension} {
		signed, _, err := p.Publish(context.Background(), l.signer, statuslist.PublishOptions{Now: l.clock.Now()})
		if err != nil {
			l.tb.Fatal(err)
		}
		l.Put(signed.Unverified().ID, signed.Bytes())
	}
}

// Set sets the status of an entry and publishes.
func (l *Lists) Set(e statuslist.Entry, value uint8) {
	l.tb.Helper()
	p := l.Revocation
	if e.URL == SuspensionURL {
		p = l.Suspension
	}
	if err := p.Set(e.Index, value); err != nil {
		l.tb.Fatal(err)
	}
	l.Publish()
}

// Put publishes any bytes at a URL.
func (l *Lists) Put(url string, raw []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published[url] = &statuslist.Fetched{Raw: raw, At: l.clock.Now()}
}

// Get returns the bytes published at a URL.
func (l *Lists) Get(url string) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.published[url].Raw
}

// Fail makes every fetch of a URL fail; nil mends it.
func (l *Lists) Fail(url string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail[url] = err
}

// Fetches returns how often a list was asked for.
func (l *Lists) Fetches() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fetches
}

// StatusList implements [statuslist.Source].
func (l *Lists) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fetches++
	if err := l.fail[url]; err != nil {
		return nil, err
	}
	if f := l.published[url]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("verifytest: nothing is published at %s", url)
}
