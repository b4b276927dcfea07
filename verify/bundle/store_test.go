package bundle_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func (s *site) edition(n int64, edits ...func(*bundle.Contents)) []byte {
	return s.create(append(edits, func(c *bundle.Contents) { c.Sequence = n })...)
}

func TestStoreKnowsNothingAtFirst(t *testing.T) {
	s := newSite(t)
	store, err := bundle.NewStore(s.options(), nil)
	require.NoError(t, err)
	require.Nil(t, store.Bundle())
	_, err = store.Resolve(ctx, s.Agent.DID())
	require.ErrorIs(t, err, did.ErrUnavailable)
	_, err = store.ResolveKey(ctx, s.Agent.KeyID(), did.Authentication, time.Time{})
	require.ErrorIs(t, err, did.ErrUnavailable)
	_, err = store.StatusList(ctx, verifytest.RevocationURL)
	refused(t, err, verify.StatusUnavailable)
	_, err = store.Sibling(ctx, consentID, consent(t).Digest())
	refused(t, err, verify.StatusUnavailable)
}

// STL-10, STO-08: nothing brings an older bundle back.
func TestSTO08RollBack(t *testing.T) {
	s := newSite(t)
	store, err := bundle.NewStore(s.options(), nil)
	require.NoError(t, err)
	put := func(raw []byte) error { _, err := store.Put(ctx, raw); return err }
	seven, eight := s.edition(7), s.edition(8)
	require.NoError(t, put(seven))
	require.NoError(t, put(eight))
	require.NoError(t, put(eight), "the very same again")
	held := store.Bundle()

	refused(t, put(seven), verify.StatusRolledBack, "/sequence")
	twin := s.edition(8, func(c *bundle.Contents) { c.Anchors = nil })
	refused(t, put(twin), verify.StatusRolledBack, "/sequence")
	refused(t, put(s.edition(9, func(c *bundle.Contents) { c.ID = series + "2" })), verify.AnchorUntrustedIssuer)
	nine := s.edition(9)
	nine[len(nine)/2] ^= 1
	require.Error(t, put(nine))
	require.Same(t, held, store.Bundle(), "a refused bundle changes nothing")

	// Its end does not make room for an older one.
	s.Clock.Advance(8 * 24 * time.Hour)
	refused(t, put(s.edition(7)), verify.StatusRolledBack)
	_, err = store.Resolve(ctx, s.Agent.DID())
	require.ErrorIs(t, err, did.ErrUnavailable)
	require.NoError(t, put(s.edition(9)))
	_, err = store.Resolve(ctx, s.Agent.DID())
	require.NoError(t, err)

	// A process that starts anew knows what it is told.
	fresh, err := bundle.NewStore(s.options(func(o *bundle.Options) { o.MinSequence = store.Bundle().Info().Sequence }), nil)
	require.NoError(t, err)
	_, err = fresh.Put(ctx, s.edition(8))
	refused(t, err, verify.StatusRolledBack)
	_, err = fresh.Put(ctx, s.edition(9))
	require.NoError(t, err)
}

// Two signers that are both believed do not take over each other's series.
func TestStoreKeepsToOneSigner(t *testing.T) {
	s := newSite(t)
	second := verifytest.Key("second operator")
	store, err := bundle.NewStore(s.options(func(o *bundle.Options) { o.Signers = append(o.Signers, second.DID()) }), nil)
	require.NoError(t, err)
	_, err = store.Put(ctx, s.edition(7))
	require.NoError(t, err)
	raw, err := bundle.Create(ctx, second, s.contents(func(c *bundle.Contents) { c.Sequence = 8 }), bundle.CreateOptions{})
	require.NoError(t, err)
	_, err = store.Put(ctx, raw)
	refused(t, err, verify.AnchorUntrustedIssuer)
}

func TestStoreAsksBeforeItAccepts(t *testing.T) {
	s := newSite(t)
	no := errors.New("no")
	var asked []int64
	var verdict error
	store, err := bundle.NewStore(s.options(), func(old, next *bundle.Bundle) error {
		if old != nil {
			asked = append(asked, old.Info().Sequence)
		}
		asked = append(asked, next.Info().Sequence)
		return verdict
	})
	require.NoError(t, err)
	_, err = store.Put(ctx, s.edition(7))
	require.NoError(t, err)
	verdict = no
	_, err = store.Put(ctx, s.edition(8))
	require.ErrorIs(t, err, no)
	require.EqualValues(t, 7, store.Bundle().Info().Sequence)
	require.Equal(t, []int64{7, 7, 8}, asked)
}

// A list that did not change keeps its pointer, so that a verifier need not
// parse it again.
func TestStoreKeepsUnchangedLists(t *testing.T) {
	s := newSite(t)
	store, err := bundle.NewStore(s.options(), nil)
	require.NoError(t, err)
	at := s.Clock.Now()
	items := func(c *bundle.Contents) {
		c.StatusLists[0].FetchedAt, c.StatusLists[1].FetchedAt = at, c.Created
	}
	_, err = store.Put(ctx, s.edition(1, items))
	require.NoError(t, err)
	kept, err := store.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	renewed, err := store.StatusList(ctx, verifytest.SuspensionURL)
	require.NoError(t, err)
	s.Clock.Advance(time.Minute)
	_, err = store.Put(ctx, s.edition(2, items))
	require.NoError(t, err)
	l, err := store.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	require.Same(t, kept, l)
	l, err = store.StatusList(ctx, verifytest.SuspensionURL)
	require.NoError(t, err)
	require.NotSame(t, renewed, l)
	require.Equal(t, s.Clock.Now(), l.At)
}

func TestSTL20StoreSwapsWhileItIsRead(t *testing.T) {
	s := newSite(t)
	store, err := bundle.NewStore(s.options(), nil)
	require.NoError(t, err)
	var editions [][]byte
	for n := range int64(8) {
		editions = append(editions, s.edition(n+1))
	}
	_, err = store.Put(ctx, editions[0])
	require.NoError(t, err)
	var wg sync.WaitGroup
	for _, raw := range editions {
		wg.Go(func() {
			_, err := store.Put(ctx, raw)
			if err != nil && !errors.Is(err, verify.StatusRolledBack) {
				t.Error(err)
			}
		})
		wg.Go(func() {
			last := int64(0)
			for range 200 {
				n := store.Bundle().Info().Sequence
				_, err := store.StatusList(ctx, verifytest.RevocationURL)
				if n < last || err != nil {
					t.Error(n, last, err)
				}
				last = n
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 8, store.Bundle().Info().Sequence)
}
