package statuslist

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

const (
	testURL     = "https://example.org/status/revoked"
	testURL2021 = "https://example.org/status/revoked/2021"
)

var testNow = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)

func publisher(t testing.TB, change func(*PublisherOptions)) *Publisher {
	t.Helper()
	o := PublisherOptions{URL: testURL, Also: map[Encoding]string{StatusList2021: testURL2021}, Purpose: Revocation}
	if change != nil {
		change(&o)
	}
	p, err := NewPublisher(o)
	require.NoError(t, err)
	return p
}

func signer(t testing.TB) *did.KeyPair {
	t.Helper()
	k, err := did.GenerateKey()
	require.NoError(t, err)
	return k
}

func parseList(t testing.TB, raw []byte) *credential.Signed {
	t.Helper()
	s, err := credential.Parser{StatusList: true}.Credential(raw)
	require.NoError(t, err)
	return s
}

func TestPublishBothEncodings(t *testing.T) {
	p := publisher(t, nil)
	good, err := p.Allocate()
	require.NoError(t, err)
	bad, err := p.Allocate()
	require.NoError(t, err)
	require.NoError(t, p.Set(bad, 1))

	key := signer(t)
	o := PublishOptions{Now: testNow.Add(999 * time.Millisecond), TTL: 5 * time.Minute}
	editions, err := p.Publish(context.Background(), key, o)
	require.NoError(t, err)
	require.Len(t, editions, 2)
	resolver := did.KeyMethods()
	parsed := map[Encoding]*credential.Credential{}
	for i, edition := range editions {
		e := Encoding(i)
		back := parseList(t, edition.Raw)
		parsed[e] = back.Unverified()
		require.NoError(t, back.CheckProofs(context.Background(), resolver, did.AssertionMethod, time.Time{}))
		l, err := ParseCredential(back)
		require.NoError(t, err)
		require.Equal(t, e, l.Encoding)
		require.Equal(t, &Edition{
			Encoding: e, URL: l.ID, Number: 1, AsOf: l.AsOf, ValidUntil: l.ValidUntil, TTL: o.TTL, MediaType: edition.MediaType, Raw: edition.Raw,
		}, edition)
		require.Equal(t, key.KeyID().DID().String(), l.Issuer)
		require.Equal(t, []Purpose{Revocation}, l.Purposes)
		require.True(t, l.AsOf.Equal(testNow), "whole seconds")
		require.True(t, l.ValidFrom.Equal(testNow))
		require.True(t, l.ValidUntil.Equal(testNow.Add(24*time.Hour)))
		require.Equal(t, e == Bitstring, l.HasTTL)
		if l.HasTTL {
			require.Equal(t, 5*time.Minute, l.TTL)
		}
		for index, want := range map[int]Result{
			good: {Purpose: Revocation, Message: "unset"},
			bad:  {Value: 1, Set: true, Purpose: Revocation, Message: "set"},
		} {
			entry, err := p.EntryAs(e, index)
			require.NoError(t, err)
			require.Equal(t, l.ID, entry.URL)
			got, err := l.Status(entry)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	old, list := parsed[StatusList2021], parsed[Bitstring]
	require.Equal(t, 1, old.Version)
	require.Equal(t, 2, list.Version)
	require.Equal(t, list.Subjects[0].Get("encodedList").Str(), "u"+old.Subjects[0].Get("encodedList").Str())
	require.Equal(t, "public, max-age=300", editions[0].CacheControl())
	require.Equal(t, "no-cache", new(Edition).CacheControl())
	require.Equal(t, "application/vc", editions[0].MediaType)
}

func TestPublishWithout2021(t *testing.T) {
	p := publisher(t, func(o *PublisherOptions) {
		o.Also, o.Purpose, o.Size, o.Messages = nil, Message, 2, []string{"a", "b", "c", "d"}
	})
	i, err := p.Allocate()
	require.NoError(t, err)
	require.NoError(t, p.Set(i, 3))
	refused2 := p.Set(i, 4)
	refused(t, refused2, ErrRange)
	editions, err := p.Publish(context.Background(), signer(t), PublishOptions{Now: testNow})
	require.NoError(t, err)
	require.Len(t, editions, 1)
	l, err := ParseCredential(parseList(t, editions[0].Raw))
	require.NoError(t, err)
	require.False(t, l.HasTTL)
	e, err := p.Entry(i)
	require.NoError(t, err)
	got, err := l.Status(e)
	require.NoError(t, err)
	require.Equal(t, Result{Value: 3, Set: true, Purpose: Message, Message: "d"}, got)
	_, err = p.EntryAs(StatusList2021, i)
	require.ErrorIs(t, err, code.RequestInvalid)
	require.ErrorContains(t, err, "not published as StatusList2021")
	require.NoError(t, p.Clear(i))
}

func TestPublishOptions(t *testing.T) {
	p, key := publisher(t, nil), signer(t)
	for name, o := range map[string]PublishOptions{
		"no instant":        {},
		"negative validity": {Now: testNow, ValidFor: -time.Hour},
		"validity of 1 ns":  {Now: testNow, ValidFor: 1},
		"negative ttl":      {Now: testNow, TTL: -time.Second},
		"ttl of 1 ns":       {Now: testNow, TTL: 1},
		"ttl > validity":    {Now: testNow, ValidFor: time.Hour, TTL: time.Hour + time.Millisecond},
	} {
		_, err := p.Publish(context.Background(), key, o)
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
	_, err := p.Publish(context.Background(), nil, PublishOptions{Now: testNow})
	require.ErrorIs(t, err, code.RequestInvalid)
}

func TestPublisherOptions(t *testing.T) {
	for name, o := range map[string]PublisherOptions{
		"nothing":             {},
		"no URL":              {Purpose: Revocation},
		"no purpose":          {URL: testURL},
		"unknown purpose":     {URL: testURL, Purpose: "reputation"},
		"URL with fragment":   {URL: testURL + "#list", Purpose: Revocation},
		"both at one address": {URL: testURL, Also: map[Encoding]string{StatusList2021: testURL}, Purpose: Revocation},
		"2021 relative":       {URL: testURL, Also: map[Encoding]string{StatusList2021: "status"}, Purpose: Revocation},
		"2021 with messages":  {URL: testURL, Also: map[Encoding]string{StatusList2021: testURL2021}, Purpose: Suspension, Messages: []string{"a", "b"}},
		"2021 with 2 bits": {URL: testURL, Also: map[Encoding]string{StatusList2021: testURL2021},
			Purpose: Suspension, Size: 2, Messages: []string{"", "", "", ""}},
		"2021 with refresh":    {URL: testURL, Also: map[Encoding]string{StatusList2021: testURL2021}, Purpose: Refresh},
		"too few entries":      {URL: testURL, Purpose: Revocation, Entries: MinEntries - 1},
		"too many entries":     {URL: testURL, Purpose: Revocation, Entries: 1<<24 + 1},
		"negative entries":     {URL: testURL, Purpose: Revocation, Entries: -1},
		"size 9":               {URL: testURL, Purpose: Message, Size: 9},
		"size -1":              {URL: testURL, Purpose: Message, Size: -1},
		"messages of no size":  {URL: testURL, Purpose: Message, Messages: []string{"a"}},
		"size without message": {URL: testURL, Purpose: Message, Size: 2},
		"reference":            {URL: testURL, Purpose: Message, References: []string{"x"}},
	} {
		_, err := NewPublisher(o)
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
}

func TestSTL16RevocationIsForGood(t *testing.T) {
	for _, purpose := range []Purpose{Revocation, Suspension, Refresh, Message} { // D5: refresh, too
		p := publisher(t, func(o *PublisherOptions) { o.Purpose, o.Also = purpose, nil })
		i, err := p.Allocate()
		require.NoError(t, err)
		require.NoError(t, p.Clear(i), "nothing to clear")
		require.NoError(t, p.Set(i, 1))
		err = p.Clear(i)
		v, gerr := p.Get(i)
		require.NoError(t, gerr)
		if purpose == Revocation || purpose == Refresh {
			require.ErrorIs(t, err, code.RequestInvalid)
			require.ErrorContains(t, err, string(purpose)+" is for good")
			require.EqualValues(t, 1, v)
			restored, err := RestorePublisher(p.MarshalState())
			require.NoError(t, err)
			require.Error(t, restored.Clear(i), "also after a restart")
		} else {
			require.NoError(t, err)
			require.Zero(t, v)
		}
	}
	require.True(t, Message.Reversible())
	require.False(t, Refresh.Reversible())
	require.False(t, Purpose("unknown").Reversible())
}

func TestIndexThatIsNobodys(t *testing.T) {
	p := publisher(t, nil)
	i, err := p.Allocate()
	require.NoError(t, err)
	for _, index := range []int{(i + 1) % MinEntries, -1, MinEntries, 1 << 40} {
		require.ErrorIs(t, p.Set(index, 1), code.RequestInvalid)
		_, err := p.Get(index)
		require.ErrorIs(t, err, code.RequestInvalid)
		_, err = p.Entry(index)
		require.ErrorIs(t, err, code.RequestInvalid)
	}
	for _, e := range []Encoding{StatusList2021, 2, 255} {
		_, err = publisher(t, func(o *PublisherOptions) { o.Also = nil }).EntryAs(e, i)
		require.ErrorIs(t, err, code.RequestInvalid, e)
	}
}

func TestSTL18ConcurrentAllocations(t *testing.T) {
	p := publisher(t, nil)
	got := make([]int, 1000)
	var wg sync.WaitGroup
	for n := range got {
		wg.Go(func() {
			i, err := p.Allocate()
			if err != nil {
				i = -1
			}
			got[n] = i
		})
	}
	wg.Wait()
	seen := map[int]bool{}
	sequential := 0
	for n, i := range got {
		require.False(t, seen[i], "index %d given twice", i)
		require.True(t, i >= 0 && i < MinEntries)
		seen[i] = true
		if n > 0 && i == got[n-1]+1 {
			sequential++
		}
	}
	require.Less(t, sequential, 50, "the order of issuing shows")
	require.Equal(t, MinEntries-1000, p.Free())
}

func TestSTL18Unpredictable(t *testing.T) {
	a, b := publisher(t, nil), publisher(t, nil)
	same := 0
	for range 100 {
		i, err := a.Allocate()
		require.NoError(t, err)
		j, err := b.Allocate()
		require.NoError(t, err)
		if i == j {
			same++
		}
	}
	require.Less(t, same, 5)
}

func TestSTL18Full(t *testing.T) {
	p := publisher(t, nil)
	seen := make([]bool, MinEntries)
	for i := range MinEntries - 3000 {
		require.NoError(t, p.Claim(i))
		seen[i] = true
	}
	for n := range 3000 {
		i, err := p.Allocate()
		if err != nil || seen[i] {
			t.Fatalf("allocation %d: index %d given before: %v (%v)", n, i, seen[i], err)
		}
		seen[i] = true
	}
	require.Zero(t, p.Free())
	_, err := p.Allocate()
	require.ErrorIs(t, err, ErrFull)
	require.ErrorIs(t, err, code.StatusUnavailable)
	require.ErrorIs(t, p.Claim(7), code.RequestInvalid)
	p, err = RestorePublisher(p.MarshalState())
	require.NoError(t, err)
	_, err = p.Allocate()
	require.ErrorIs(t, err, ErrFull)
}

// TestOddLengths fills the end of lists whose length is no multiple of 8 or 64.
func TestOddLengths(t *testing.T) {
	for _, size := range []int{1, 3, 5, 8} {
		p := publisher(t, func(o *PublisherOptions) {
			o.Also, o.Purpose, o.Entries, o.Size = nil, Suspension, MinEntries+13, size
			if size > 1 {
				o.Messages = make([]string, 1<<size)
			}
		})
		n := p.values.Len()
		require.GreaterOrEqual(t, n, MinEntries+13)
		for i := range n - 3 {
			require.NoError(t, p.Claim(i))
		}
		rest := map[int]bool{}
		for range 3 {
			i, err := p.Allocate()
			require.NoError(t, err)
			require.NoError(t, p.Set(i, 1))
			rest[i] = true
		}
		require.Equal(t, map[int]bool{n - 3: true, n - 2: true, n - 1: true}, rest)
		_, err := p.Allocate()
		require.ErrorIs(t, err, ErrFull)
		refused(t, p.Claim(n), ErrRange)
		q, err := RestorePublisher(p.MarshalState())
		require.NoError(t, err)
		require.Equal(t, p.values, q.values)
		require.Zero(t, q.Free())
	}
}

func TestRandomBelowIsUniform(t *testing.T) {
	var count [5]int
	for range 50000 {
		count[randomBelow(5)]++
	}
	for _, c := range count {
		require.InDelta(t, 10000, c, 600) // six and a half standard deviations
	}
	require.Zero(t, randomBelow(1))
}

// TestSTL20PublishWhileWriting publishes, changes and reads at once. With the
// race detector; each published list must be whole.
func TestSTL20PublishWhileWriting(t *testing.T) {
	p, key := publisher(t, func(o *PublisherOptions) { o.Also = nil }), signer(t)
	dir := Dir(t.TempDir())
	entries := make([]Entry, 16)
	for n := range entries {
		i, err := p.Allocate()
		require.NoError(t, err)
		entries[n], err = p.Entry(i)
		require.NoError(t, err)
	}
	at := testNow
	publish := func() error {
		at = at.Add(time.Second)
		editions, err := p.Publish(context.Background(), key, PublishOptions{Now: at})
		if err != nil {
			return err
		}
		return editions.PutTo(context.Background(), dir)
	}
	require.NoError(t, publish())
	done := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for _, e := range entries {
			if err := p.Set(e.Index, 1); err != nil {
				t.Error(err)
			}
			if _, err := p.Allocate(); err != nil {
				t.Error(err)
			}
			if err := publish(); err != nil {
				t.Error(err)
			}
		}
	})
	writer.Go(func() { // others are revoked while the list is being signed
		for range 300 {
			i, err := p.Allocate()
			if err != nil {
				t.Error(err)
			}
			if err := p.Set(i, 1); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		readers.Go(func() {
			last := 0
			for finished := false; !finished; {
				select {
				case <-done:
					finished = true
				default:
				}
				f, err := dir.StatusList(context.Background(), testURL)
				if err != nil {
					t.Error(err)
					return
				}
				signed, err := credential.Parser{StatusList: true}.Credential(f.Raw)
				if err != nil {
					t.Error("a torn list: ", err)
					return
				}
				if err := signed.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{}); err != nil {
					t.Error("a torn list: ", err)
					return
				}
				l, err := ParseCredential(signed)
				if err != nil {
					t.Error(err)
					return
				}
				set := 0
				for n, e := range entries {
					r, err := l.Status(e)
					if err != nil || r.Set && n != set { // they are revoked in order
						t.Errorf("entry %d of %d set: %+v (%v)", n, set, r, err)
					}
					if r.Set {
						set++
					}
				}
				if set < last {
					t.Errorf("%d revoked after %d", set, last)
				}
				last = set
			}
			if last != len(entries) {
				t.Errorf("the last list has %d revoked", last)
			}
		})
	}
	writer.Wait()
	readers.Wait()
}
