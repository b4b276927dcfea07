package verify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// serving makes the host hand over lists by a signer at every URL that begins
// so, as of the instant of the first asking, with these statuses set.
func (w *listWorld) serving(prefix string, by did.Signer, set func(url string) []int) {
	before := w.host.asked
	made := map[string]*statuslist.Fetched{}
	w.host.asked = func(url string) *statuslist.Fetched {
		if !strings.HasPrefix(url, prefix) {
			if before != nil {
				return before(url)
			}
			return nil
		}
		if made[url] == nil || w.Clock.Now().Sub(made[url].At) > 20*time.Hour {
			e := edition{url: url, by: by, asOf: w.Clock.Now(), purposes: bothPurposes}
			if set != nil {
				e.set = set(url)
			}
			made[url] = &statuslist.Fetched{Raw: e.raw(w.t), At: w.Clock.Now()}
		}
		return made[url]
	}
}

// small is a memory that is soon full: 16 KiB for each agent below the root.
func small(c *verify.Config) { c.Bounds.StatusMemoryBytes = 64 << 10 }

// six are entries of six lists that nobody has asked for before.
func six(prefix string, n int) (list []statuslist.Entry) {
	for i := range 6 {
		list = append(list, revocation(fmt.Sprintf("%s/%d/%d", prefix, n, i), 1))
	}
	return list
}

// S3: whatever lists those below a root bring, the issuer's newest edition stays
// known, its new lists find room, and so do those of an honest sibling.
func TestS3ListsOfDelegatesPushOutNothing(t *testing.T) {
	for name, c := range map[string]struct {
		names []string // from the root's holder on
		flood func(w *listWorld, q *verify.Request)
	}{
		"a delegate":            {[]string{"mallory", "puppet"}, nil},
		"a delegate's delegate": {[]string{"mallory", "puppet", "puppet of puppet"}, nil},
		"with refused requests": {[]string{"mallory", "puppet"}, func(_ *listWorld, q *verify.Request) {
			q.ResourceOwner = "somebody else"
		}},
		"three links further down": {[]string{"mallory", "p1", "p2", "p3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier(small)
			by := verifytest.Key(c.names[len(c.names)-2])
			w.serving("https://mallory.example", by, nil)
			w.serving("https://honest.example", verifytest.Key("honest"), nil)

			victim := w.pass(suspension(listA, 7))
			list := func(set ...int) edition { e := w.list(listA, set...); e.purposes = bothPurposes; return e }
			old := w.host.put(t, list())
			require.NoError(t, victim(v))
			w.Clock.Advance(time.Minute)
			w.host.put(t, list(7))
			requireRefusal(t, victim(v), verify.StatusSuspended)

			outcomes := map[verify.Code]int{}
			for i := range 30 {
				chain, holder := w.below(len(c.names)-1, c.names, six("https://mallory.example", i)...)
				q := w.Request()
				if c.flood != nil {
					c.flood(w, &q)
				}
				d, _ := v.Verify(ctx, w.PresentChain(holder, chain, w.Intent()), q)
				for _, vio := range d.Violations {
					outcomes[vio.Code]++
				}
			}
			require.Greater(t, outcomes[verify.StatusUnavailable], 100, "what is new finds no room")

			w.host.lists[listA] = old
			requireRefusal(t, victim(v), verify.StatusSuspended)
			w.host.put(t, w.list(listB))
			require.NoError(t, w.pass(revocation(listB, 1))(v), "the issuer's own have room")
			chain, holder := w.below(1, []string{"honest", "child"}, six("https://honest.example", 0)...)
			require.NoError(t, w.show(holder, chain)(v), "and an honest sibling's")

			// What is over makes room.
			w.Clock.Advance(25 * time.Hour)
			chain, holder = w.below(len(c.names)-1, c.names, six("https://mallory.example", 0)[:2]...)
			require.NoError(t, w.show(holder, chain)(v))
		})
	}
}

// S4: revocations that were seen stay, however many others those below a root
// cause. What cannot be remembered any more is not taken for good.
func TestS4RevocationsArePushedOutByNone(t *testing.T) {
	const url = "https://mallory.example/list"
	w := newListWorld(t)
	v := w.verifier(small)
	revoked := true
	mallory := verifytest.Key("mallory")
	all := make([]int, 0, 1<<17)
	for i := range cap(all) - 1 {
		all = append(all, i)
	}
	publish := func() {
		e := edition{url: url, by: mallory, asOf: w.Clock.Now()}
		if revoked {
			e.set = all
		}
		w.host.put(t, e)
	}
	ask := func(names []string, url string, indices ...int) error {
		var entries []statuslist.Entry
		for _, i := range indices {
			entries = append(entries, revocation(url, i))
		}
		chain, holder := w.below(1, names, entries...)
		return w.show(holder, chain)(v)
	}
	hostile := []string{"mallory", "puppet"}

	victim := w.pass(revocation(listA, 7))
	w.host.put(t, w.list(listA, 7))
	requireRefusal(t, victim(v), verify.StatusRevoked)

	publish()
	for i := 0; i < 252; i += 6 {
		err := ask(hostile, url, 512*i, 512*(i+1), 512*(i+2), 512*(i+3), 512*(i+4), 512*(i+5))
		requireRefusal(t, err, verify.StatusRevoked)
	}
	// Each cannot be made to be good again.
	w.Clock.Advance(time.Minute)
	revoked = false
	publish()
	w.host.put(t, w.list(listA))
	requireRefusal(t, victim(v), verify.StatusRevoked)
	for _, i := range []int{0, 512, 3072, 512 * 200, 512 * 251} {
		err := ask(hostile, url, i)
		require.True(t, errors.Is(err, verify.StatusRevoked) || errors.Is(err, verify.StatusUnavailable), "%d: %v", i, err)
	}
	vio := requireRefusal(t, ask(hostile, url, 1<<17-1), verify.StatusUnavailable)
	require.Contains(t, vio.Detail, "more revocations")

	// An honest sibling's are remembered all the same.
	honest := edition{url: "https://honest.example/list", by: verifytest.Key("honest"), asOf: w.Clock.Now(), set: []int{5}}
	w.host.put(t, honest)
	requireRefusal(t, ask([]string{"honest", "child"}, honest.url, 5), verify.StatusRevoked)
	w.Clock.Advance(time.Minute)
	honest.asOf, honest.set = w.Clock.Now(), nil
	w.host.put(t, honest)
	requireRefusal(t, ask([]string{"honest", "child"}, honest.url, 5), verify.StatusRevoked)
	require.NoError(t, ask([]string{"honest", "child"}, honest.url, 6))
}

// S4: a delegate's revocations are kept until the passports end that were seen
// revoked, and the anchor's for good.
func TestS4HowLongRevocationsAreKept(t *testing.T) {
	w := newListWorld(t)
	v := w.verifier(small)
	const url = "https://mallory.example/list"
	chain, holder := w.below(1, []string{"mallory", "puppet"}, revocation(url, 1))
	theirs := edition{url: url, by: verifytest.Key("mallory"), asOf: w.Clock.Now(), set: []int{1}}
	w.host.put(t, theirs)
	w.host.put(t, w.list(listA, 7))
	ask, victim := w.show(holder, chain), w.pass(revocation(listA, 7))
	requireRefusal(t, ask(v), verify.StatusRevoked)
	requireRefusal(t, victim(v), verify.StatusRevoked)

	leaf, err := passport.ReadUnverified(chain[1])
	require.NoError(t, err)
	require.Greater(t, leaf.ValidUntil.Sub(w.Clock.Now()), 24*time.Hour, "longer than any list is fresh")
	flood := func() {
		w.serving("https://flood.example", verifytest.Key("mallory"), nil)
		for i := range 5 {
			c, h := w.below(1, []string{"mallory", "puppet"}, six("https://flood.example", i)...)
			_ = w.show(h, c)(v)
			// New lists of the anchor make it look for what is over, too.
			own := fmt.Sprintf("https://issuer.example/new/%d/%d", w.Clock.Now().Unix(), i)
			w.host.put(t, w.list(own))
			require.NoError(t, w.pass(revocation(own, 1))(v))
		}
	}
	w.Clock.Advance(leaf.ValidUntil.Sub(w.Clock.Now()) - time.Minute)
	flood()
	theirs.asOf, theirs.set = w.Clock.Now(), nil
	w.host.put(t, theirs)
	w.host.put(t, w.list(listA))
	w.host.put(t, w.list("https://issuer.example/lists/roots"))
	requireRefusal(t, ask(v), verify.StatusRevoked)
	w.Clock.Advance(2 * time.Minute)
	flood()
	w.host.put(t, w.list(listA))
	requireRefusal(t, w.pass(revocation(listA, 7))(v), verify.StatusRevoked, "another passport of the same place")
}

// S15: with a store of marks a restart forgets nothing that counts; without one
// it does, as Config.Marks says.
func TestS15Restart(t *testing.T) {
	w := newListWorld(t)
	kept := newMarks()
	ask, revoked := w.pass(suspension(listA, 7)), w.pass(revocation(listA, 9))
	list := func(set ...int) edition { e := w.list(listA, set...); e.purposes = bothPurposes; return e }
	old := w.host.put(t, list())
	w.Clock.Advance(time.Minute)
	newer := w.host.put(t, list(7, 9))
	first, second := w.verifier(kept.use), w.verifier()
	for _, v := range []*verify.Verifier{first, second} {
		requireRefusal(t, ask(v), verify.StatusSuspended)
		requireRefusal(t, revoked(v), verify.StatusRevoked)
	}
	saves := kept.saves
	requireRefusal(t, ask(first), verify.StatusSuspended)
	requireRefusal(t, revoked(first), verify.StatusRevoked)
	require.Equal(t, saves, kept.saves, "what is kept is not kept again")

	w.host.lists[listA] = old
	first, second = w.verifier(kept.use), w.verifier()
	requireRefusal(t, ask(first), verify.StatusRolledBack)
	requireRefusal(t, revoked(first), verify.StatusRevoked)
	require.NoError(t, ask(second))
	require.NoError(t, revoked(second))
	w.host.lists[listA] = newer
	requireRefusal(t, ask(first), verify.StatusSuspended)

	// Of another edition of the same instant only the sum is known.
	w.host.put(t, list(9))
	first.Explain(ctx, nil, w.Request())
	fresh := w.verifier(kept.use)
	w.Clock.Advance(-time.Minute)
	w.Clock.Advance(time.Minute)
	requireRefusal(t, ask(fresh), verify.StatusRolledBack)
	w.Clock.Advance(time.Minute)
	w.host.put(t, list())
	require.NoError(t, ask(fresh), "the next edition will do")

	// What a passport of an anchor was revoked by stays for good.
	for _, m := range kept.kept {
		require.Equal(t, len(m.Revoked) > 0, m.KeepUntil.IsZero(), "%+v", m)
	}
}

// S15: what cannot be kept, or read, is not relied on.
func TestS15StoreThatFails(t *testing.T) {
	gone := errors.New("disk is gone")
	w := newListWorld(t)
	ask := w.pass(revocation(listA, 7))
	w.host.put(t, w.list(listA))
	kept := newMarks()
	v := w.verifier(kept.use)
	kept.save = gone
	vio := requireRefusal(t, ask(v), verify.StatusUnavailable)
	require.ErrorIs(t, vio.Err, gone)
	kept.save = nil
	require.NoError(t, ask(v))
	kept.save = gone
	require.NoError(t, ask(v), "nothing is new")

	w.Clock.Advance(time.Minute)
	w.host.put(t, w.list(listA, 7))
	kept.save = nil
	requireRefusal(t, w.pass(revocation(listA, 1))(v), "")
	kept.save = gone
	err := ask(v)
	requireRefusal(t, err, verify.StatusRevoked)
	require.ErrorIs(t, err, verify.StatusUnavailable, "and the host hears that it was not kept")

	kept.load = gone
	requireRefusal(t, ask(w.verifier(kept.use)), verify.StatusUnavailable)
	report := w.verifier(kept.use).Audit(ctx, w.Present(w.Issue(w.Passport(func(p *passport.Passport) {
		p.Status = []statuslist.Entry{revocation(listA, 1)}
	})), w.Intent()), w.Request(), w.Clock.Now())
	require.Empty(t, report.Violations, "the past needs no marks")
}

// RES-01: the room for lists is what Bounds.StatusMemoryBytes says; a list that
// finds none is not taken for good.
func TestRES01StatusMemoryBytes(t *testing.T) {
	w := newListWorld(t)
	w.host.put(t, w.list(listA))
	least := 1<<10 + len(listA) + len(w.Issuer.DID().String())
	ask := w.pass(revocation(listA, 7))
	of := func(n int) *verify.Verifier {
		return w.verifier(func(c *verify.Config) { c.Bounds.StatusMemoryBytes = n })
	}
	require.NoError(t, ask(of(least)))
	requireRefusal(t, ask(of(least-1)), verify.StatusUnavailable)

	c := w.Config()
	c.Bounds.StatusMemoryBytes = 512 << 20
	_, err := verify.New(c)
	require.NoError(t, err)
	c.Bounds.StatusMemoryBytes++
	_, err = verify.New(c)
	require.ErrorContains(t, err, "StatusMemoryBytes")
}
