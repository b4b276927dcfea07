package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const (
	listA = "https://issuer.example/lists/a"
	listB = "https://issuer.example/lists/b"
)

var bothPurposes = []statuslist.Purpose{statuslist.Revocation, statuslist.Suspension}

// S2: the newest edition counts for every purpose, whatever it was seen for.
func TestS2NewestEditionWhateverThePurpose(t *testing.T) {
	both := func(e edition) edition { e.purposes = bothPurposes; return e }
	for name, c := range map[string]struct {
		seen, asked func(url string, index int) statuslist.Entry
		want        verify.Code
	}{
		"seen for revocation, asked for suspension": {revocation, suspension, verify.StatusSuspended},
		"seen for suspension, asked for revocation": {suspension, revocation, verify.StatusRevoked},
		"seen for suspension, asked for suspension": {suspension, suspension, verify.StatusSuspended},
		"seen for revocation, asked for revocation": {revocation, revocation, verify.StatusRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier()
			other, victim := w.pass(c.seen(listA, 1)), w.pass(c.asked(listA, 7))
			old := w.host.put(t, both(w.list(listA)))
			require.NoError(t, victim(v))
			w.Clock.Advance(time.Minute)
			w.host.put(t, both(w.list(listA, 7)))
			require.NoError(t, other(v), "the newer edition was seen, by another passport")
			w.host.lists[listA] = old
			requireRefusal(t, victim(v), c.want)
			require.NoError(t, other(v))
		})
	}
}

// D1: two copies of a list, one of them behind: the newer one serves, while it
// is fresh.
func TestD1OneCopyIsBehind(t *testing.T) {
	w := newListWorld(t)
	v := w.verifier()
	ask := w.pass(revocation(listA, 1), suspension(listB, 2))
	edges := func(url string, asOf time.Time, purpose statuslist.Purpose) (both [2]*statuslist.Fetched) {
		for i, at := range []time.Time{asOf.Add(-10 * time.Minute), asOf} {
			e := edition{url: url, by: w.Issuer, asOf: at, purposes: []statuslist.Purpose{purpose}}
			both[i] = &statuslist.Fetched{Raw: e.raw(t), At: at}
		}
		return both
	}
	a, b := edges(listA, w.Clock.Now(), statuslist.Revocation), edges(listB, w.Clock.Now(), statuslist.Suspension)
	turn := 0
	w.host.asked = func(url string) *statuslist.Fetched {
		turn++
		return map[string][2]*statuslist.Fetched{listA: a, listB: b}[url][turn/3%2]
	}
	for i := range 20 {
		require.NoError(t, ask(v), i)
	}
	pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{revocation(listA, 1)} }))
	d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	require.Less(t, d.Steps[5].DataAge, 10*time.Minute, "the age is that of the list that was believed")

	// Copies of the same edition are not rolled back either, whoever made them.
	again := *a[1]
	a[0] = &again
	for range 4 {
		require.NoError(t, ask(v))
	}
}

// D1: the newest edition serves as long as it is fresh and its key is good.
func TestD1WhenTheNewestDoesNotServe(t *testing.T) {
	t.Run("it has ended", func(t *testing.T) {
		w := newListWorld(t)
		v := w.verifier()
		ask := w.pass(revocation(listA, 1))
		old := w.host.put(t, w.list(listA))
		w.Clock.Advance(time.Minute)
		next := w.list(listA)
		next.until = next.asOf.Add(time.Hour)
		w.host.put(t, next)
		require.NoError(t, ask(v))
		w.host.lists[listA] = old
		w.Clock.Advance(59 * time.Minute)
		require.NoError(t, ask(v))
		w.Clock.Advance(time.Minute)
		vio := requireRefusal(t, ask(v), verify.StatusRolledBack)
		require.ErrorIs(t, vio.Err, verify.StatusStale)
		require.NoError(t, ask(w.verifier()), "by itself the older one is good")
	})
	t.Run("it is too old", func(t *testing.T) {
		w := newListWorld(t)
		v := w.verifier()
		ask := w.pass(revocation(listA, 1))
		old := w.list(listA)
		old.until = old.asOf.Add(100 * time.Hour)
		first := w.host.put(t, old)
		w.Clock.Advance(time.Minute)
		w.host.put(t, w.list(listA))
		require.NoError(t, ask(v))
		w.host.lists[listA] = first
		w.Clock.Advance(25 * time.Hour)
		requireRefusal(t, ask(v), verify.StatusRolledBack)
	})
	t.Run("only its mark is left", func(t *testing.T) {
		w := newListWorld(t)
		marks := newMarks()
		ask := w.pass(revocation(listA, 1))
		old := w.host.put(t, w.list(listA))
		w.Clock.Advance(time.Minute)
		w.host.put(t, w.list(listA))
		require.NoError(t, ask(w.verifier(marks.use)))
		w.host.lists[listA] = old
		requireRefusal(t, ask(w.verifier(marks.use)), verify.StatusRolledBack)
	})
	t.Run("its key is gone", func(t *testing.T) {
		w, wi, _, p, _ := webWorld(t)
		h := &host{lists: map[string]*statuslist.Fetched{}}
		v := w.Verifier(func(c *verify.Config) {
			c.Anchors, c.Status = []verify.Anchor{{Issuer: wi.id}}, h
			c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
		})
		wi.rotate(t, "key one")
		p.Status = []statuslist.Entry{revocation(listA, 1)}
		list := func() edition { return edition{url: listA, by: wi.signer, asOf: w.Clock.Now()} }
		w.Clock.Advance(-time.Minute)
		wi.rotate(t, "key two")
		old := &statuslist.Fetched{Raw: list().raw(t)}
		w.Clock.Advance(time.Minute)
		wi.rotate(t, "key one")
		h.put(t, list())
		show := func() error {
			signed, err := passport.Issue(ctx, wi.signer, p, passport.IssueOptions{Now: w.Clock.Now})
			require.NoError(t, err)
			_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
			return err
		}
		require.NoError(t, show())
		wi.rotate(t, "key two")
		h.lists[listA] = old
		requireRefusal(t, show(), verify.StatusRolledBack)
	})
}

// D2: a list that is early is no denial, says which skew would do, and leaves no
// trace.
func TestD2EarlyLists(t *testing.T) {
	for name, c := range map[string]struct {
		ahead, skew time.Duration
		proof       bool // its proof, and not the list itself
		want        verify.Code
		hint        string
	}{
		"two seconds":            {2 * time.Second, 0, false, verify.StatusEarly, "a Config.Skew of 2s would do"},
		"a part of a second":     {1500 * time.Millisecond, 0, false, verify.StatusEarly, "a Config.Skew of 2s would do"},
		"the proof alone":        {2 * time.Second, 0, true, verify.StatusEarly, "a Config.Skew of 2s would do"},
		"more than the skew":     {3 * time.Second, 2 * time.Second, false, verify.StatusEarly, "a Config.Skew of 3s would do"},
		"the whole skew":         {2 * time.Second, 2 * time.Second, false, "", ""},
		"more than any skew may": {time.Hour, 0, false, verify.StatusEarly, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier(func(c2 *verify.Config) { c2.Skew = c.skew })
			ask := w.pass(revocation(listA, 1))
			good := w.host.put(t, w.list(listA))
			early := w.list(listA)
			if c.proof {
				early.created = w.Clock.Now().Add(c.ahead)
			} else {
				early.asOf = early.asOf.Add(c.ahead)
			}
			w.host.put(t, early)
			vio := requireRefusal(t, ask(v), c.want)
			if c.want == "" {
				return
			}
			require.Equal(t, verify.Undetermined, must(v.Verify(ctx, w.Present(w.Issue(w.Passport(func(p *passport.Passport) {
				p.Status = []statuslist.Entry{revocation(listA, 1)}
			})), w.Intent()), w.Request())).Verdict)
			require.Contains(t, vio.Hint, c.hint)
			require.Equal(t, w.Clock.Now().Add(c.ahead-c.skew), vio.Until.Add(0), "when it passes by itself")
			w.host.lists[listA] = good
			require.NoError(t, ask(v), "the early one left no mark")
		})
	}
	// Of two proofs the later one is of the future, too.
	two := newListWorld(t)
	e := two.list(listA)
	e.created = two.Clock.Now()
	later := credential.SignOptions{Suite: credential.SuiteRDFC, Created: two.Clock.Now().Add(2 * time.Second)}
	signed, err := credential.SignJSON(ctx, two.Issuer, e.raw(t), later)
	require.NoError(t, err)
	two.host.lists[listA] = &statuslist.Fetched{Raw: signed.Bytes()}
	vio := requireRefusal(t, two.pass(revocation(listA, 1))(two.verifier()), verify.StatusEarly)
	require.Contains(t, vio.Hint, "a Config.Skew of 2s would do")

	// An early passport has the same hint.
	w := newListWorld(t)
	w.host.put(t, w.list(listA))
	pass := w.Issue(w.Passport(func(p *passport.Passport) { p.ValidFrom = w.Clock.Now().Add(2 * time.Second) }))
	_, err = w.verifier().Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.Contains(t, requireRefusal(t, err, verify.TimeNotYetValid).Hint, "a Config.Skew of 2s would do")
}

// must returns a decision whatever its error.
func must(d *verify.Decision, _ error) *verify.Decision { return d }

// Of two editions of one instant neither is newer: what stops somebody in either
// stops him, whichever is handed over, and in whatever order.
func TestEditionsOfOneInstant(t *testing.T) {
	suspending := func(e edition) edition { e.purposes = bothPurposes; return e }
	for name, c := range map[string]struct {
		first, then []int
		bytes       int // of the second
		entry       statuslist.Entry
		want        verify.Code
	}{
		"set in the first":          {[]int{7}, nil, 0, suspension(listA, 7), verify.StatusSuspended},
		"set in the second":         {nil, []int{7}, 0, suspension(listA, 7), verify.StatusSuspended},
		"set in both":               {[]int{7}, []int{7, 8}, 0, suspension(listA, 7), verify.StatusSuspended},
		"set in neither":            {[]int{8}, []int{9}, 0, suspension(listA, 7), ""},
		"the second is longer":      {[]int{7}, nil, 1 << 15, suspension(listA, 7), verify.StatusSuspended},
		"revoked in the first":      {[]int{7}, nil, 0, revocation(listA, 7), verify.StatusRevoked},
		"revoked in the second one": {nil, []int{7}, 0, revocation(listA, 7), verify.StatusRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier()
			first := w.host.put(t, suspending(w.list(listA, c.first...)))
			second := suspending(w.list(listA, c.then...))
			second.bytes = c.bytes
			other := w.pass(suspension(listA, 100))
			require.NoError(t, other(v))
			then := w.host.put(t, second)
			require.NoError(t, other(v))
			ask := w.pass(c.entry)
			for _, handed := range []*statuslist.Fetched{then, first, then, first} {
				w.host.lists[listA] = handed
				requireRefusal(t, ask(v), c.want)
				require.NoError(t, other(v))
			}
			// An older one is handed over: both count.
			older := w.list(listA)
			older.asOf = older.asOf.Add(-time.Minute)
			w.host.put(t, suspending(older))
			requireRefusal(t, ask(v), c.want)
			// A newer one ends it, unless it was a revocation.
			w.Clock.Advance(time.Minute)
			w.host.put(t, suspending(w.list(listA)))
			if c.want == verify.StatusSuspended {
				c.want = ""
			}
			requireRefusal(t, ask(v), c.want)
		})
	}
}

// S16: what somebody else published at a URL says nothing about the issuer's
// list there.
func TestS16ListsOfOthersAtTheURL(t *testing.T) {
	mallory := verifytest.Key("mallory")
	for name, c := range map[string]func(w *listWorld) edition{
		"revoked":       func(w *listWorld) edition { return edition{asOf: w.Clock.Now(), set: []int{7}} },
		"later":         func(w *listWorld) edition { return edition{asOf: w.Clock.Now()} },
		"of one moment": func(w *listWorld) edition { return edition{asOf: w.Clock.Now().Add(-time.Minute), set: []int{7}} },
		"suspended": func(w *listWorld) edition {
			return edition{asOf: w.Clock.Now(), set: []int{7}, purposes: bothPurposes}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier()
			victim := w.pass(revocation(listA, 7))
			good := w.host.put(t, w.list(listA))
			w.Clock.Advance(time.Minute)
			// A delegation of mallory carries an entry of a list at the issuer's URL,
			// and the host of lists is hers for a moment.
			chain, holder := w.below(1, []string{"mallory", "puppet"}, revocation(listA, 7))
			theirs := c(w)
			theirs.url, theirs.by = listA, mallory
			w.host.put(t, theirs)
			_ = w.show(holder, chain)(v)
			w.host.lists[listA] = good
			require.NoError(t, victim(v))
		})
	}
}

// A list that was never proven, and one that is not the one asked for, leave no
// trace.
func TestStep6OtherListsLeaveNoTrace(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, w *listWorld){
		"forged in the issuer's name": func(t *testing.T, w *listWorld) {
			e := w.list(listA, 7)
			e.by = verifytest.Key("mallory")
			named := func(id did.DID) []byte { return []byte(`"issuer":"` + id.String()) }
			raw := bytes.Replace(e.raw(t), named(e.by.KeyID().DID()), named(w.Issuer.DID()), 1)
			w.host.lists[listA] = &statuslist.Fetched{Raw: raw}
		},
		"another list of the issuer": func(t *testing.T, w *listWorld) {
			w.host.lists[listA] = &statuslist.Fetched{Raw: w.list(listB, 7).raw(t)}
		},
		"of another purpose": func(t *testing.T, w *listWorld) {
			e := w.list(listA, 7)
			e.purposes = []statuslist.Purpose{statuslist.Suspension}
			w.host.put(t, e)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			v := w.verifier()
			ask := w.pass(revocation(listA, 7))
			good := w.host.put(t, w.list(listA))
			require.NoError(t, ask(v))
			w.Clock.Advance(time.Minute)
			put(t, w)
			requireRefusal(t, ask(v), verify.StatusInvalid)
			w.host.lists[listA] = good
			require.NoError(t, ask(v))
		})
	}
}

// STL-16, STL-17: a revocation counts on the next call and stays, whatever is
// published or withheld afterwards. A suspension may end.
func TestStep6RevokedStays(t *testing.T) {
	w := newListWorld(t)
	v := w.verifier()
	ask := w.pass(revocation(listA, 7), suspension(listB, 7))
	susp := func(set ...int) {
		e := w.list(listB, set...)
		e.purposes = []statuslist.Purpose{statuslist.Suspension}
		w.host.put(t, e)
	}
	w.host.put(t, w.list(listA))
	susp()
	require.NoError(t, ask(v))
	w.Clock.Advance(time.Minute)
	susp(7)
	requireRefusal(t, ask(v), verify.StatusSuspended)
	w.Clock.Advance(time.Minute)
	susp()
	require.NoError(t, ask(v))

	w.host.put(t, w.list(listA, 7))
	requireRefusal(t, ask(v), verify.StatusRevoked)
	for name, put := range map[string]func(){
		"a newer list without it": func() { w.Clock.Advance(time.Minute); w.host.put(t, w.list(listA)) },
		"no list":                 func() { delete(w.host.lists, listA) },
		"a list that is no list":  func() { w.host.lists[listA] = &statuslist.Fetched{Raw: []byte("{}")} },
		"a list of a year later":  func() { w.Clock.Advance(400 * time.Hour); w.host.put(t, w.list(listA)); susp() },
	} {
		put()
		requireRefusal(t, ask(v), verify.StatusRevoked, name)
		require.NoError(t, w.pass(suspension(listB, 9))(v), name)
	}
	// Not as of an instant of the past, for that is judged by the lists of then.
	w.host.put(t, w.list(listA))
	report := v.Audit(ctx, w.Present(w.Issue(w.Passport(func(p *passport.Passport) {
		p.Status = []statuslist.Entry{revocation(listA, 7)}
	})), w.Intent()), w.Request(), w.Clock.Now())
	require.Empty(t, report.Violations)
}

// S17: a delegate stops what it has issued, and raises no alarm about anybody
// above.
func TestS17KillSwitchesAreTheAnchors(t *testing.T) {
	const ulid, principal = ":01KAJ0000000000000000000AA", verify.StatusPrincipalRevoked
	scoped := func(scope string, e statuslist.Entry) statuslist.Entry {
		e.ID = "urn:safeconduct:status:" + scope + ulid
		return e
	}
	for name, c := range map[string]struct {
		entry           statuslist.Entry
		anchor, deleted verify.Code
	}{
		"principal, revoked":   {scoped("principal", revocation(listA, 7)), principal, verify.StatusRevoked},
		"organization revoked": {scoped("organization", revocation(listA, 7)), principal, verify.StatusRevoked},
		"issuer, revoked":      {scoped("issuer", revocation(listA, 7)), verify.StatusIssuerPaused, verify.StatusRevoked},
		"issuer, suspended":    {scoped("issuer", suspension(listA, 7)), verify.StatusIssuerPaused, verify.StatusSuspended},
		"principal, suspended": {scoped("principal", suspension(listA, 7)), principal, verify.StatusSuspended},
		"passport, revoked":    {scoped("passport", revocation(listA, 7)), verify.StatusRevoked, verify.StatusRevoked},
		"without a scope":      {revocation(listA, 7), verify.StatusRevoked, verify.StatusRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			e := w.list(listA, 7)
			e.purposes = bothPurposes
			w.host.put(t, e)
			requireRefusal(t, w.pass(c.entry)(w.verifier()), c.anchor)
			chain, holder := w.below(1, []string{"mallory", "puppet"}, c.entry)
			e.by = verifytest.Key("mallory")
			w.host.put(t, e)
			vio := requireRefusal(t, w.show(holder, chain)(w.verifier()), c.deleted)
			require.Contains(t, vio.Detail, "the passport")
			require.Equal(t, "/verifiableCredential/1/credentialStatus/0", vio.Path)
		})
	}
}

// S11: one rule of time for every proof, that of a consent and of a list
// included.
func TestS11ProofsOfAnotherTime(t *testing.T) {
	w := newWilling(t, nil)
	again := func(o credential.SignOptions) error {
		text := w.will.Text()
		unsigned := text[:strings.LastIndex(text, `,"proof":`)] + "}"
		will, err := credential.SignJSON(ctx, w.person, []byte(unsigned), o)
		require.NoError(t, err)
		pass := w.Issue(w.Passport(func(p *passport.Passport) {
			p.HumanPrincipal = w.person.DID().String()
			p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.ApplicationCreate}}}
			p.Consent, err = passport.ConsentTo(will)
			require.NoError(t, err)
		}))
		v := w.Verifier(scoped, func(c *verify.Config) { c.Skew = time.Second })
		_, err = v.Verify(ctx, w.show(t, pass, eprospera.ApplicationCreate, will), create())
		return err
	}
	now := w.Clock.Now()
	requireRefusal(t, again(credential.SignOptions{Created: now}), "")
	requireRefusal(t, again(credential.SignOptions{Created: now.Add(time.Second)}), "")
	vio := requireRefusal(t, again(credential.SignOptions{Created: now.Add(2 * time.Second)}), verify.ConsentInvalid)
	require.Contains(t, vio.Hint, "Config.Skew of 2s")
	ending := func(at time.Time) error {
		return again(credential.SignOptions{Created: now.Add(-2 * time.Hour), Expires: at})
	}
	requireRefusal(t, ending(now.Add(-time.Hour)), verify.ConsentExpired)
	requireRefusal(t, ending(now), "")
	requireRefusal(t, ending(now.Add(-time.Second)), verify.ConsentExpired)
}

// S11: the same for the acceptance of an agreement, which lifts nothing before
// its time, nor after.
func TestS11AcceptancesOfAnotherTime(t *testing.T) {
	w := newWilling(t, nil)
	now := w.Clock.Now()
	attributes := object(`{"residencyType":"Resident"}`)
	lifts := func(o credential.SignOptions, edits ...[2]string) bool {
		s, err := passport.IssueAcceptance(ctx, w.person, passport.Acceptance{
			Agreement: "https://eprospera.example/aoc", Version: "3", Kind: eprospera.Resident, TextDigest: passport.Digest([]byte("text")),
		}, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		text := s.Text()
		text = text[:strings.LastIndex(text, `,"proof":`)] + "}"
		for _, e := range edits {
			require.Contains(t, text, e[0])
			text = strings.Replace(text, e[0], e[1], 1)
		}
		s, err = credential.SignJSON(ctx, w.person, []byte(text), o)
		require.NoError(t, err)
		act := passport.Act{Action: eprospera.ApplicationCreate, Attributes: attributes}
		raw := w.Present(w.pass, passport.Intent{Act: act}, func(p *passport.PresentOptions) { p.Siblings = []*credential.Signed{w.will, s} })
		_, err = w.Verifier(scoped).Verify(ctx, raw, create(func(q *verify.Request) { q.Attributes, q.Discharges = attributes, nil }))
		if err != nil {
			verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
		}
		return err == nil
	}
	stamp := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	from := `"validFrom":"` + stamp(now) + `"`
	accepted := func(at time.Time) [2]string {
		return [2]string{`"acceptedAt":"` + stamp(now) + `"`, `"acceptedAt":"` + stamp(at) + `"`}
	}
	require.True(t, lifts(credential.SignOptions{Created: now}))
	require.True(t, lifts(credential.SignOptions{Created: now}, accepted(now.Add(-time.Hour))))
	for name, ok := range map[string]bool{
		"its proof is of the future": lifts(credential.SignOptions{Created: now.Add(time.Second)}),
		"its proof has ended":        lifts(credential.SignOptions{Created: now.Add(-time.Hour), Expires: now}),
		"it begins later":            lifts(credential.SignOptions{Created: now}, [2]string{from, `"validFrom":"` + stamp(now.Add(time.Second)) + `"`}),
		"it has ended":               lifts(credential.SignOptions{Created: now}, [2]string{from, from + `,"validUntil":"` + stamp(now) + `"`}),
		"it will be accepted":        lifts(credential.SignOptions{Created: now}, accepted(now.Add(time.Second))),
	} {
		require.False(t, ok, name)
	}
}

// Whatever editions a host hands over, in whatever order, the verdict is that of
// a memory which forgets nothing.
func TestListsAgainstAMemoryThatForgetsNothing(t *testing.T) {
	steps := 4000
	if testing.Short() {
		steps = 400
	}
	rng, outcomes := rand.New(rand.NewPCG(2026, 12)), map[verify.Code]int{}
	for round := range 4 {
		w := newListWorld(t)
		marks := newMarks()
		v := w.verifier(marks.use)
		start := w.Clock.Now()
		type made struct {
			at  time.Time
			set map[int]bool
			mix bool // of several editions of one instant
			f   *statuslist.Fetched
		}
		var editions []made
		add := func() {
			e := w.list(listA)
			e.purposes = bothPurposes
			e.asOf = w.Clock.Now().Add(time.Duration(rng.IntN(5)-4) * time.Minute)
			m := made{at: e.asOf, set: map[int]bool{}}
			for range rng.IntN(4) {
				i := rng.IntN(4)
				m.set[i], e.set = true, append(e.set, i)
			}
			m.f = &statuslist.Fetched{Raw: e.raw(t), At: e.asOf}
			editions = append(editions, m)
		}
		add()
		asks := make([]func(*verify.Verifier) error, 8)
		for i := range asks {
			if i%2 == 0 {
				asks[i] = w.pass(revocation(listA, i/2))
			} else {
				asks[i] = w.pass(suspension(listA, i/2))
			}
		}
		// What is to be remembered: all of it, and after a restart all but the bits.
		known, have, revoked := made{set: map[int]bool{}}, false, map[int]bool{}
		for step := range steps / 4 {
			if rng.IntN(3) == 0 && w.Clock.Now().Sub(start) < 20*time.Hour {
				w.Clock.Advance(time.Duration(rng.IntN(3)) * time.Minute)
				add()
			}
			if rng.IntN(20) == 0 {
				v, have = w.verifier(marks.use), false
			}
			m := editions[max(len(editions)-1-rng.IntN(4), 0)]
			w.host.lists[listA] = m.f
			i := rng.IntN(len(asks))
			err := asks[i](v)

			revocation, index, rolledBack := i%2 == 0, i/2, false
			if !revocation || !revoked[index] {
				switch {
				case m.at.After(known.at):
					known, have = made{at: m.at, set: maps.Clone(m.set)}, true
				case m.at.Equal(known.at) && have:
					before := maps.Clone(known.set)
					maps.Copy(known.set, m.set)
					known.mix = known.mix || !maps.Equal(before, known.set)
				case m.at.Equal(known.at) && !known.mix && maps.Equal(m.set, known.set):
					have = true
				case !have:
					rolledBack = true
				}
			}
			want := verify.Code("")
			switch {
			case revocation && revoked[index]:
				want = verify.StatusRevoked
			case rolledBack:
				want = verify.StatusRolledBack
			case revocation && known.set[index]:
				want, revoked[index] = verify.StatusRevoked, true
			case known.set[index]:
				want = verify.StatusSuspended
			}
			requireRefusal(t, err, want, fmt.Sprintf("round %d, step %d: revocation %v of %d, %v of %v, known %v of %v, have %v",
				round, step, revocation, index, m.set, m.at, known.set, known.at, have))
			outcomes[want]++
		}
	}
	require.Len(t, outcomes, 4)
	t.Log(outcomes)
}
