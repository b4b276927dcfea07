package bundle_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/marks"
)

// S15: with marks a restart brings no older bundle back, nor another of the same
// number; one that the host did not accept leaves none.
func TestS15BundlesAfterARestart(t *testing.T) {
	s := newSite(t)
	path := filepath.Join(t.TempDir(), "marks")
	// again is a new process with the same file.
	again := func(f func(o func(*bundle.Options))) {
		kept, err := marks.Open(path, marks.Options{Now: s.Clock.Now})
		require.NoError(t, err)
		f(func(o *bundle.Options) { o.Marks = kept })
		require.NoError(t, kept.Close())
	}
	seven, eight, nine := s.edition(7), s.edition(8), s.edition(9)
	again(func(with func(*bundle.Options)) {
		_, err := bundle.Open(ctx, eight, s.options(with))
		require.NoError(t, err)
	})
	again(func(with func(*bundle.Options)) {
		_, err := bundle.Open(ctx, seven, s.options(with))
		refused(t, err, verify.StatusRolledBack, "/sequence")
		_, err = bundle.Open(ctx, s.edition(8, func(c *bundle.Contents) { c.Anchors = nil }), s.options(with))
		refused(t, err, verify.StatusRolledBack, "/sequence")
		other := s.edition(1, func(c *bundle.Contents) { c.ID = series + "2" })
		_, err = bundle.Open(ctx, other, s.options(with, func(o *bundle.Options) { o.ID = "" }))
		require.NoError(t, err, "another series")
		_, err = bundle.Open(ctx, eight, s.options(with))
		require.NoError(t, err, "the very same again")
		_, err = bundle.Open(ctx, seven, s.options())
		require.NoError(t, err, "without marks")

		store, err := bundle.NewStore(s.options(with), func(_, next *bundle.Bundle) error {
			if next.Info().Sequence > 8 {
				return errors.New("not before it was looked at")
			}
			return nil
		})
		require.NoError(t, err)
		_, err = store.Put(ctx, seven)
		refused(t, err, verify.StatusRolledBack, "/sequence")
		_, err = store.Put(ctx, nine)
		require.ErrorContains(t, err, "looked at")
		_, err = store.Put(ctx, eight)
		require.NoError(t, err)
	})
	again(func(with func(*bundle.Options)) {
		store, err := bundle.NewStore(s.options(with), nil)
		require.NoError(t, err)
		_, err = store.Put(ctx, eight)
		require.NoError(t, err)
		_, err = store.Put(ctx, nine)
		require.NoError(t, err)
	})
	again(func(with func(*bundle.Options)) {
		_, err := bundle.Open(ctx, eight, s.options(with))
		refused(t, err, verify.StatusRolledBack, "/sequence")
	})
}

// failing is a store of marks whose disk is gone.
type failing struct{ load, save error }

func (f failing) LoadMark(_ context.Context, key verify.MarkKey) (verify.Mark, error) {
	return verify.Mark{MarkKey: key}, f.load
}

func (f failing) SaveMark(context.Context, verify.Mark) error { return f.save }

// S15: what cannot be kept, or read, is not relied on.
func TestS15BundlesAndAStoreThatFails(t *testing.T) {
	s := newSite(t)
	gone := errors.New("disk is gone")
	for name, kept := range map[string]failing{"load": {load: gone}, "save": {save: gone}} {
		with := func(o *bundle.Options) { o.Marks = kept }
		b, err := bundle.Open(ctx, s.edition(7), s.options(with))
		refused(t, err, verify.StatusUnavailable, "/sequence")
		require.ErrorIs(t, err, gone, name)
		require.Nil(t, b)
		store, err := bundle.NewStore(s.options(with), nil)
		require.NoError(t, err)
		_, err = store.Put(ctx, s.edition(7))
		require.ErrorIs(t, err, gone, name)
		require.Nil(t, store.Bundle())
	}
}
