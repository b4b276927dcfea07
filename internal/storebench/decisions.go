package storebench

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Fill acts until a window of one budget holds so many uses, and as many acts as a day
// has. It returns what goes on with that, one use a second.
func Fill(l verify.Ledger, uses int) (*Acts, error) {
	acts := NewActs(1, time.Duration(uses)*time.Second)
	return acts, acts.Until(l, max(uses, 24*60*60))
}

// Until acts until there were so many acts in all.
func (a *Acts) Until(l verify.Ledger, n int) error {
	const callers = 64
	var wg sync.WaitGroup
	var failed [callers]error
	for i := range callers {
		wg.Go(func() {
			for a.n.Load() < int64(n) && failed[i] == nil {
				failed[i] = a.Do(context.Background(), l)
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// shown is how many presentations there are.
const shown = 256

// aging is a ledger for which time goes on: when the presentations of a benchmark come
// round again, the intents of the ones before have ended. Their nonces are others: a
// ledger forgets in its own time.
type aging struct {
	verify.Ledger
	n atomic.Int64
}

func (l *aging) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	round := (l.n.Add(1) - 1) / shown
	age := time.Duration(round) * 26 * time.Hour // longer than an intent is known
	r.Replay.Challenge = strconv.Itoa(int(round)) + r.Replay.Challenge
	for _, t := range []*time.Time{&r.At, &r.ReplayUntil, &r.KnownUntil, &r.HoldBy} {
		*t = t.Add(age)
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		c.Since, c.Until = c.Since.Add(age), c.Until.Add(age)
	}
	return l.Ledger.Reserve(ctx, r)
}

// Decisions returns a function that lets so many callers decide on one presentation
// each, with a passport that has a budget of a day and a rate of an hour, and commit.
func Decisions(b *testing.B, l verify.Ledger, callers int) func() {
	b.Helper()
	ctx, w := context.Background(), verifytest.NewWorld(b)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{
			{Money: passport.MustMoney("500.00", "USD"), Per: passport.PerDay},
		}
		p.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Hour, 1000)}
	}))
	in := w.Intent(func(in *passport.Intent) { in.Amount = passport.MustMoney("0.01", "USD") })
	q := w.Request(func(q *verify.Request) { q.Amount = in.Amount })
	raws := make([][]byte, shown)
	for i := range raws {
		raws[i] = w.Present(pass, in)
	}
	lists, err := statuslist.NewCache(w.Lists, statuslist.CacheOptions{Now: w.Clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	began, asked := w.Clock.Now(), new(atomic.Int64)
	v := w.Verifier(func(c *verify.Config) {
		// Ids of decisions begin with their instants, as stores like it: three of them are
		// of one millisecond, as they are at such rates.
		c.Now = func() time.Time { return began.Add(time.Duration(asked.Add(1)) * 40 * time.Microsecond) }
		c.Ledger, c.Status, c.Resolver = &aging{Ledger: l}, lists, did.KeyMethods()
	})
	next := 0
	return func() {
		var wg sync.WaitGroup
		for range callers {
			raw := raws[next%shown]
			next++
			wg.Go(func() {
				d, err := v.Verify(ctx, raw, q)
				if err == nil {
					err = d.Commit(ctx)
				}
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	}
}
