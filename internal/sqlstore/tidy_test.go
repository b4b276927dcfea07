package sqlstore

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the drainer has found is good as long as the images are those that it knew nothing of; else it is looked for
// again, in a transaction. It looks again when that is forgotten.
func TestLeftovers(t *testing.T) {
	s := &Store{engine: &Engine{Redo: true}, drainer: &drainer{asked: make(chan *draining, 1)}}
	begun := func() *draining {
		select {
		case a := <-s.drainer.asked:
			return a
		default:
			return nil
		}
	}
	hear := func(a *draining, l *leftovers, err error) {
		a.left = l
		a.done <- err
		s.hearDrainer(false)
	}
	some := func() *leftovers {
		return &leftovers{ended: ended{nonces: []digest{digestOf("nonce")}}, rows: &work{}, gone: map[digest]instant{}}
	}
	run := func(answer error) error { // in a group
		require.Len(t, s.own, 1)
		j := s.own[0]
		s.own = nil
		defer s.answer([]*job{j}, answer)
		w := newWork(s, &tx{engine: s.engine})
		w.known = &s.known
		if s.known.left != nil {
			s.known.left.nonces = nil // nobody answers here
		}
		return j.run(w)
	}
	s.known.knows(1, 1)
	s.lookLater(digestOf("account"), 7)
	require.Nil(t, begun(), "there is time")
	s.tidyLater(5, 8)
	a := begun()
	require.Equal(t, tidying{before: 5, most: 8, low: map[digest]instant{digestOf("account"): 7}}, *a.tidy)
	l := some()
	hear(a, l, nil)
	require.Same(t, l, s.known.left)
	require.Nil(t, s.known.old)

	s.tidyLater(6, 8)
	s.tidyLater(7, 8)
	require.Nil(t, begun(), "it would find the same again")
	s.drain()
	a = begun()
	require.Nil(t, a.tidy)
	require.NoError(t, run(nil))
	hear(a, nil, nil)
	require.Nil(t, s.known.left, "the images of before are gone")
	a = begun()
	require.Equal(t, tidying{before: 7, most: 16}, *a.tidy, "nothing of it is lost")

	s.known.knows(2, 2) // a transaction came between
	hear(a, some(), nil)
	require.Nil(t, s.known.left)
	require.ErrorIs(t, run(errors.New("the server is down")), errTables)

	s.tidyLater(8, 2*mostTidied)
	a = begun()
	require.Equal(t, mostTidied, a.tidy.most)
	a.tidy.most = 5
	a.tidy.low = map[digest]instant{digestOf("account"): 3}
	s.tidyLater(9, 6)
	old := s.known.old
	hear(a, nil, errors.New("it fails"))
	require.Same(t, old, s.known.old)
	require.Empty(t, s.own)
	a = begun()
	require.Equal(t, tidying{before: 9, most: 11, low: map[digest]instant{digestOf("account"): 3}}, *a.tidy, "again")
	s.tidyLater(10, 8)
	s.known.young.calls = 16 * drainAt
	require.Empty(t, s.group(nil))
	require.ErrorIs(t, run(nil), errTables, "the writer looks for it if the drainer does not get on")

	s.drainer.pending = nil
	s.known.forget()
	s.tidyLater(11, 8)
	a = begun()
	require.Zero(t, a.upTo)
	hear(a, &leftovers{}, nil)
	require.Empty(t, s.own, "there was nothing")
	require.Nil(t, begun())
}
