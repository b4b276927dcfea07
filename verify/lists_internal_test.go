package verify

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// listRun is a run of a chain below an anchor, root's holder first.
func listRun(m *listMemory, now time.Time, agents ...string) *run {
	r := &run{v: &Verifier{}, clock: clockOf(now, 0), anchorOf: &Anchor{Issuer: did.MustParse("did:web:anchor.example")}}
	for _, a := range agents {
		r.links = append(r.links, link{passport: &passport.Passport{Agent: did.MustParse("did:web:" + a + ".example")}})
	}
	return r
}

func memoryOf(most int) *listMemory {
	m := &listMemory{}
	anchor := did.MustParse("did:web:anchor.example")
	c := &Config{Bounds: Bounds{StatusAge: 24 * time.Hour, StatusMemoryBytes: most}}
	m.init(map[string]*Anchor{anchor.String(): {Issuer: anchor}}, c)
	return m
}

var listStart = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// seenList is a list that was verified just now.
func seenList(url string) *listRecord {
	return &listRecord{fetched: &statuslist.Fetched{}, list: &statuslist.ListCredential{ID: url, AsOf: listStart}}
}

func TestIndexSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var s indexSet
	want := map[int]bool{}
	require.True(t, s.empty())
	cost := 0
	for range 5000 {
		i := rng.IntN(1 << 17)
		if rng.IntN(2) == 0 {
			i = i / 4096 * 4096
		}
		require.Equal(t, want[i], s.has(i), i)
		cost += s.cost(i)
		s.add(i)
		want[i] = true
		require.Zero(t, s.cost(i))
	}
	for i := range 1 << 17 {
		require.Equal(t, want[i], s.has(i), i)
	}
	require.False(t, s.empty())
	require.LessOrEqual(t, cost, 1<<17/8*5/4, "a whole list takes little more than the list")
}

// A table finds what is in it, whatever else has the same URL or issuer.
func TestListTable(t *testing.T) {
	table := listTable{seed: maphash.MakeSeed()}
	entry := func(i int) *listEntry {
		issuer := did.MustParse(fmt.Sprintf("did:web:i%d.example", i%100))
		e := &listEntry{issuer: issuer, url: fmt.Sprintf("https://lists.example/%d", i/100)}
		e.state.Store(&listState{})
		return e
	}
	var all []*listEntry
	for i := range 3000 {
		e := entry(i)
		require.Nil(t, table.find(e.issuer, e.url))
		table.insert(e)
		all = append(all, e)
	}
	for i, e := range all {
		require.Same(t, e, table.find(e.issuer, e.url))
		if i%3 == 0 {
			table.remove(e)
			require.Nil(t, table.find(e.issuer, e.url))
		}
	}
	require.Equal(t, 2000, table.count)
	for i, e := range all {
		require.Equal(t, i%3 != 0, table.find(e.issuer, e.url) == e)
	}
}

// Readers need no lock.
func TestListMemoryReadersAndWriters(t *testing.T) {
	m := memoryOf(1 << 20)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				r := listRun(m, listStart, fmt.Sprint("agent", g))
				b := bearer{issuer: r.links[0].passport.Agent, depth: 1, until: listStart.Add(time.Hour)}
				url := fmt.Sprintf("https://lists.example/%d", i%100)
				e := &statuslist.Entry{URL: url, Index: i, Purpose: statuslist.Revocation}
				rec := seenList(url)
				rec.list.AsOf = listStart.Add(time.Duration(i) * time.Second)
				_, known, err := m.learn(context.Background(), r, b, rec)
				if err != nil {
					t.Error(err)
					return
				}
				err = m.revoke(context.Background(), r, b, e)
				if err != nil || !known.revoked(e) || m.table.find(b.issuer, url) == nil {
					t.Error("forgotten: ", err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, 400, m.table.count)
}

// What agents take comes from nobody beside them: whatever three hostile ones
// do, on whatever level, a fourth has a quarter of what is there.
func TestListQuotaIsFair(t *testing.T) {
	const most = 1 << 20
	for depth := range 3 {
		rng := rand.New(rand.NewPCG(uint64(depth), 3))
		m := memoryOf(most)
		above := []string{"a", "b", "c"}[:depth]
		take := func(who string, below bool, n int) (got int) {
			for i := range n {
				agents := append(append([]string(nil), above...), who)
				if below {
					agents = append(agents, fmt.Sprint(who, rng.IntN(50)))
				}
				r := listRun(m, listStart, agents...)
				b := bearer{issuer: r.links[len(agents)-1].passport.Agent, depth: len(agents)}
				_, _, err := m.learn(context.Background(), r, b, seenList(fmt.Sprintf("https://%s.example/%d", who, i)))
				if err == nil {
					got++
				} else {
					require.ErrorIs(t, err, StatusUnavailable)
				}
			}
			return got
		}
		share := most
		for range depth + 1 {
			share /= 4
		}
		for _, hostile := range []string{"x", "y", "z"} {
			require.LessOrEqual(t, take(hostile, rng.IntN(2) == 0, 2*most/listEntryBytes)*listEntryBytes, share)
		}
		require.Greater(t, take("honest", false, share/(listEntryBytes+64))*(listEntryBytes+64), share*9/10)
		// And the anchor has all of its own.
		r := listRun(m, listStart)
		for i := range most / (listEntryBytes + 64) {
			rec := seenList(fmt.Sprintf("https://anchor.example/%d", i))
			_, _, err := m.learn(context.Background(), r, bearer{issuer: r.anchorOf.Issuer}, rec)
			require.NoError(t, err)
		}
	}
}

// The sums of the accounts are those of the entries, whatever happened.
func TestListQuotaAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	m := memoryOf(64 << 10)
	now := listStart
	for range 5000 {
		now = now.Add(time.Duration(rng.IntN(60)) * time.Minute)
		agents := []string{fmt.Sprint("a", rng.IntN(3)), fmt.Sprint("b", rng.IntN(5))}[:1+rng.IntN(2)]
		r := listRun(m, now, agents...)
		b := bearer{issuer: r.links[len(agents)-1].passport.Agent, depth: len(agents)}
		b.until = now.Add(time.Duration(rng.IntN(48)) * time.Hour)
		if rng.IntN(4) == 0 {
			b = bearer{issuer: r.anchorOf.Issuer}
		}
		url := fmt.Sprintf("https://lists.example/%d", rng.IntN(100))
		rec := seenList(url)
		rec.fetched.Raw, rec.list.AsOf = make([]byte, rng.IntN(2000)), now
		if _, _, err := m.learn(context.Background(), r, b, rec); err != nil {
			require.ErrorIs(t, err, StatusUnavailable)
			continue
		}
		if rng.IntN(3) == 0 {
			require.NoError(t, m.revoke(context.Background(), r, b, &statuslist.Entry{URL: url, Index: rng.IntN(1 << 17)}))
		}
	}
	count := 0
	for _, q := range m.quotas {
		shares := map[listAgent]int{}
		for _, s := range []*listSide{&q.own, &q.below} {
			facts, held, holding := 0, 0, 0
			for _, e := range s.entries {
				require.Same(t, e, m.table.find(e.issuer, e.url))
				facts, held = facts+e.bytes, held+e.held
				if e.held > 0 {
					holding++
					require.NotNil(t, e.state.Load().edition)
				} else {
					require.Nil(t, e.state.Load().edition)
				}
				for _, a := range e.agents {
					shares[a] += e.bytes
				}
			}
			require.Equal(t, facts, s.facts.used)
			require.LessOrEqual(t, facts, s.facts.most)
			require.Equal(t, held, s.editions.used)
			require.LessOrEqual(t, held, s.editions.most)
			require.Len(t, s.holding, holding)
			count += len(s.entries)
		}
		require.Len(t, q.agents, len(shares))
		for a, used := range shares {
			require.Equal(t, used, q.agents[a].used)
			require.LessOrEqual(t, used, q.agents[a].most)
		}
	}
	require.Equal(t, m.table.count, count)
	require.Greater(t, count, 20)
}

// Editions make room for each other, the first learned first; their marks stay.
func TestListEditionsAreForgottenFirst(t *testing.T) {
	m := memoryOf(100 << 10)
	r := listRun(m, listStart)
	b := bearer{issuer: r.anchorOf.Issuer}
	rec := func(i, size int) *listRecord {
		rec := seenList(fmt.Sprint(i))
		rec.fetched.Raw = make([]byte, size)
		return rec
	}
	for i := range 10 {
		_, _, err := m.learn(context.Background(), r, b, rec(i, 8<<10)) // 20 KiB each
		require.NoError(t, err)
	}
	for i := range 10 {
		state := m.table.find(b.issuer, fmt.Sprint(i)).state.Load()
		require.Equal(t, listStart, state.asOf)
		require.Equal(t, i >= 5, state.edition != nil, i)
	}
	list, e, err := m.learn(context.Background(), r, b, rec(10, 60<<10))
	require.NoError(t, err)
	require.NotNil(t, list)
	require.Nil(t, e.state.Load().edition, "larger than all there is")
	require.Equal(t, listStart, e.state.Load().asOf)
}

// RES-05: what a full memory takes is what its bounds say, and to find that it is
// full takes little.
func TestRES05ListMemory(t *testing.T) {
	sequential.Long(t)
	const most = 4 << 20
	heap := func() int {
		var s runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&s)
		return int(s.HeapAlloc)
	}
	before := heap()
	m := memoryOf(most)
	fill := func(agent string, n int) (admitted int, took time.Duration) {
		r := listRun(m, listStart, agent)
		b := bearer{issuer: r.links[0].passport.Agent, depth: 1, until: listStart.Add(time.Hour)}
		begin := time.Now()
		for i := range n {
			url := fmt.Sprintf("https://%s.example/%d", agent, i)
			if _, err := m.admit(context.Background(), r, b, url); err == nil {
				admitted++
				_ = m.revoke(context.Background(), r, b, &statuslist.Entry{URL: url, Index: 7 * i})
			}
		}
		return admitted, time.Since(begin)
	}
	total := 0
	for i := range 6 {
		n, _ := fill(fmt.Sprint("agent", i), 2000)
		total += n
	}
	used := heap() - before
	t.Logf("%d lists, %d bytes at most, %d taken", total, most, used)
	require.Less(t, used, most)
	require.Greater(t, used, most/4, "the accounts are not far from the truth")
	require.LessOrEqual(t, total*listEntryBytes, most)
	refused, took := fill("agent9", 1000)
	require.Zero(t, refused)
	t.Logf("a refusal takes %s", took/1000)
	runtime.KeepAlive(m)
}

// S4: an agent that fills its room takes none from others who meet the same
// lists: what they cause is charged to them, in its turn, whoever came first.
func TestS4RoomOfWhoeverCameFirst(t *testing.T) {
	principal := did.MustParse("did:web:principal.example")
	const url = "https://principal.example/consents"
	// What fits into a share, in pages of revocations.
	pages := leastShare / pageBytes
	for name, c := range map[string]struct {
		first, others []string // who is asked about the list first, and later on
		want          bool     // that the later ones find room
	}{
		"a hostile agent, then an honest one":      {[]string{"mallory"}, []string{"honest"}, true},
		"then another, and the hostile one again":  {[]string{"mallory"}, []string{"honest", "mallory", "honest"}, true},
		"the hostile agent alone":                  {[]string{"mallory"}, []string{"mallory"}, false},
		"an honest one, then one that fills it up": {[]string{"honest"}, []string{"mallory", "honest"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := memoryOf(4 * leastShare)
			as := func(agent string) (*run, bearer) {
				return listRun(m, listStart, agent), bearer{issuer: principal, depth: 1}
			}
			r, b := as(c.first[0])
			_, known, err := m.learn(t.Context(), r, b, seenList(url))
			require.NoError(t, err)
			mallory := listRun(m, listStart, "mallory")
			for i := 0; err == nil && i < 1000; i++ {
				own := bearer{issuer: mallory.links[0].passport.Agent, depth: 1}
				_, _, err = m.learn(t.Context(), mallory, own, seenList(fmt.Sprintf("https://mallory.example/%d", i)))
			}
			require.ErrorIs(t, err, StatusUnavailable)
			for i, agent := range c.others {
				r, b := as(agent)
				for page := range pages / 4 / len(c.others) {
					e := &statuslist.Entry{URL: url, Index: (page*len(c.others) + i) * pageIndices, Purpose: statuslist.Revocation}
					require.NoError(t, m.revoke(t.Context(), r, b, e))
					if agent != "mallory" {
						require.True(t, known.revoked(e), "page %d of %s", page, agent)
					}
				}
			}
			require.Equal(t, c.want, len(known.others) > 0 || c.first[0] == "honest", name)
			// What was charged is given back by all.
			later := listRun(m, listStart.Add(1000*time.Hour), "mallory")
			known.lastEnd.Store(0)
			q := m.quotas[did.MustParse("did:web:anchor.example")]
			for range 100 {
				m.forgetOver(&listEntry{listAccount: listAccount{side: &q.below}}, later.now, manyOver)
			}
			require.Zero(t, q.below.facts.used)
			require.Empty(t, q.agents)
		})
	}
}
