package receipt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
)

var ctx = context.Background()

func TestRoundTrip(t *testing.T) {
	sequential.Long(t)
	for _, n := range []int{1, 3, 255, 256, 257, 520} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir, o := t.TempDir(), options(t)
			o.PublishEvery = 100
			l, err := Open(ctx, dir, o)
			require.NoError(t, err)
			for i := range n {
				index, err := l.Append(ctx, sealed(t, i))
				require.NoError(t, err)
				require.Equal(t, int64(i), index)
			}
			checkAll(t, l, n)
			require.NoError(t, l.Close(ctx))

			c, err := Fsck(ctx, os.DirFS(dir), l.Key(), func(r *Receipt) error {
				_, err := r.Check(ctx, verifierKey().DID(), did.KeyMethods())
				return err
			})
			require.NoError(t, err)
			require.Equal(t, int64(n), c.Size)

			again, err := Open(ctx, dir, o)
			require.NoError(t, err)
			checkAll(t, again, n)
			index, err := again.Append(ctx, sealed(t, n))
			require.NoError(t, err)
			require.Equal(t, int64(n), index)
			require.NoError(t, again.Close(ctx))
		})
	}
}

// checkAll proves receipts of the log, and finds them.
func checkAll(t *testing.T, l *Log, n int) {
	t.Helper()
	require.Equal(t, int64(n), l.Size())
	for i := 0; i < n; i += 1 + n/20 {
		r := sealed(t, i)
		index, err := l.Find(ctx, r.ID())
		require.NoError(t, err)
		require.Equal(t, int64(i), index)
		p, err := l.Prove(ctx, index)
		require.NoError(t, err)
		text, err := p.MarshalText()
		require.NoError(t, err)
		says, err := Verify(ctx, []byte(r.Text()), text, trust(l))
		require.NoError(t, err)
		require.Equal(t, r.ID(), says.ID)
		got, err := l.Get(ctx, index)
		require.NoError(t, err)
		require.Equal(t, r.Text(), got.Text())
	}
	_, err := l.Find(ctx, sealed(t, n+1000).ID())
	require.ErrorIs(t, err, ErrNotFound)
	for _, index := range []int64{-1, int64(n)} {
		_, err = l.Get(ctx, index)
		require.ErrorIs(t, err, ErrNotFound)
		_, err = l.Prove(ctx, index)
		require.ErrorIs(t, err, ErrNotFound)
	}
}

// The root is the one that golang.org/x/mod computes from the same leaves.
func TestRootAgrees(t *testing.T) {
	var e edge
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, k := range at {
			out[i] = stored[k]
		}
		return out, nil
	})
	for n := range int64(70_000) {
		leaf := []byte(fmt.Sprint(n))
		e.add(tlog.RecordHash(leaf))
		more, err := tlog.StoredHashes(n, leaf, reader)
		require.NoError(t, err)
		stored = append(stored, more...)
		if n < 600 || n%997 == 0 || n > 65_530 && n < 65_540 {
			want, err := tlog.TreeHash(n+1, reader)
			require.NoError(t, err)
			require.Equal(t, want, e.root(), "size %d", n+1)
		}
	}
}

// Paths as C2SP tlog-tiles gives them.
func TestTilePath(t *testing.T) {
	for _, tt := range []struct {
		level int
		n     int64
		width int
		want  string
	}{
		{0, 0, 256, "tile/0/000"},
		{0, 1234067, 256, "tile/0/x001/x234/067"},
		{1, 273, 17, "tile/1/273.p/17"},
		{-1, 1000, 256, "tile/entries/x001/000"},
		{-1, 999, 1, "tile/entries/999.p/1"},
	} {
		assert.Equal(t, tt.want, tilePath(tt.level, tt.n, tt.width))
	}
}

// STO-01, STO-05: at each write, power fails or the disk is full. What was acknowledged
// is there when the log is opened again, at the place that was told, and the
// tiles fit.
func TestSTO05EachWriteFails(t *testing.T) {
	o := options(t)
	o.PublishEvery = 3
	const receipts = 14
	for failAt := 1; ; failAt++ {
		m := newMemory()
		m.failAt, m.why = failAt, errDisk
		acknowledged := map[int64]int{}
		l, err := open(ctx, m, o)
		if err == nil {
			for i := range receipts {
				if index, err := l.Append(ctx, sealed(t, i)); err == nil {
					acknowledged[index] = i
				}
			}
			_ = l.Close(ctx)
		}
		for name, disk := range map[string]*memory{"power failed": m.afterPowerFailed(), "killed": m.afterKill()} {
			where := fmt.Sprintf("write %d failed, %s", failAt, name)
			again, err := open(ctx, disk, o)
			require.NoError(t, err, where)
			for index, i := range acknowledged {
				got, err := again.Get(ctx, index)
				require.NoError(t, err, where)
				require.Equal(t, sealed(t, i).Text(), got.Text(), where)
			}
			_, err = again.Append(ctx, sealed(t, receipts))
			require.NoError(t, err, where)
			require.NoError(t, again.Close(ctx), where)
			_, err = Fsck(ctx, disk.fs(), again.Key(), nil)
			require.NoError(t, err, where)
		}
		if m.calls < failAt { // no write was left to fail
			require.Len(t, acknowledged, receipts)
			return
		}
	}
}

// STO-06: after a failed sync the log stays failed until it is opened again,
// even if the disk would take the next one.
func TestSTO06FailedSyncStaysFailed(t *testing.T) {
	m, o := newMemory(), options(t)
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	_, err = l.Append(ctx, sealed(t, 0))
	require.NoError(t, err)
	m.failAt, m.why = m.calls+2, errDisk // the write succeeds, the sync fails
	_, err = l.Append(ctx, sealed(t, 1))
	require.ErrorIs(t, err, ErrFailed)
	require.ErrorIs(t, err, errDisk)
	m.failAt = 0
	_, err = l.Append(ctx, sealed(t, 2))
	require.ErrorIs(t, err, ErrFailed)
	require.ErrorIs(t, l.Publish(ctx), ErrFailed)
	again, err := open(ctx, m.afterPowerFailed(), o)
	require.NoError(t, err)
	require.Equal(t, int64(1), again.Size())
}

// STO-04: a byte that is flipped anywhere is noticed by Open, by reading, or by
// Fsck, and no receipt comes out wrong.
func TestSTO04FlippedBytes(t *testing.T) {
	sequential.Long(t)
	m, o := newMemory(), options(t)
	o.PublishEvery = 300
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	const n = 310 // a full bundle, a partial one, and a journal
	for i := range n {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
	}
	r := rand.New(rand.NewPCG(4, 4))
	for name, data := range m.files {
		if name == spansFile || len(data) == 0 {
			continue // a help that is made anew; see TestSpansAreOnlyAHelp
		}
		for range 12 {
			at, bit := r.IntN(len(data)), byte(1)<<r.IntN(8)
			broken := m.afterKill()
			broken.files[name] = append([]byte(nil), data...)
			broken.files[name][at] ^= bit
			where := fmt.Sprintf("bit %02x of byte %d of %s", bit, at, name)
			again, err := open(ctx, broken, o)
			if err != nil {
				require.ErrorIs(t, err, ErrDamaged, where)
				continue
			}
			_, fsckErr := Fsck(ctx, broken.fs(), again.Key(), nil)
			noticed := fsckErr != nil
			for i := range again.Size() {
				got, err := again.Get(ctx, i)
				if err == nil && got.Text() != sealed(t, int(i)).Text() {
					// It may be handed out, but nobody can prove it.
					p, err := again.Prove(ctx, i)
					require.NoError(t, err, where)
					text, _ := p.MarshalText()
					_, err = Verify(ctx, []byte(got.Text()), text, trust(again))
					require.Error(t, err, where)
				}
				noticed = noticed || err != nil
			}
			// The mark of the last frame is no part of what it says.
			require.True(t, noticed || again.Size() == n, where)
		}
	}
}

// A journal that lacks what was acknowledged is not believed.
func TestJournal(t *testing.T) {
	frames := func(firsts ...int64) (out []byte) {
		for _, first := range firsts {
			out = appendFrame(out, first, 2, appendEntry(appendEntry(nil, []byte("a")), []byte("b")))
			out[len(out)-frameHeader-6+4] = stateAcknowledged
		}
		return out
	}
	whole := frames(0, 2, 4)
	one := len(whole) / 3
	for _, tt := range []struct {
		name    string
		data    []byte
		from    int64
		entries int
		kept    int
		bad     bool
	}{
		{"nothing", nil, 0, 0, 0, false},
		{"whole", whole, 0, 6, 3 * one, false},
		{"half is in the tiles", whole, 3, 3, 3 * one, false},
		{"all is in the tiles", whole, 6, 0, 3 * one, false},
		{"the tiles are further", whole, 9, 0, 3 * one, false},
		{"it begins too late", frames(2, 4), 0, 0, 0, true},
		{"a frame is missing", frames(0, 4), 0, 0, 0, true},
		{"a frame stands there again", frames(0, 0), 0, 0, 0, true},
		{"half a header", append(frames(0), "scj1"...), 0, 2, one, false},
		{"rubbish behind", append(frames(0), make([]byte, 100)...), 0, 2, one, false},
		{"the last is torn", unmarked(whole, 2*one)[:3*one-1], 0, 4, 2 * one, false},
		{"the last is cut, and was acknowledged", whole[:3*one-1], 0, 0, 0, true},
		{"the last is damaged, and was acknowledged", flipped(whole, 3*one-1), 0, 0, 0, true},
		{"the last is damaged, and was not", flipped(unmarked(whole, 2*one), 3*one-1), 0, 4, 2 * one, false},
		{"one in the middle is damaged", flipped(unmarked(whole, one), 2*one-1), 0, 0, 0, true},
		{"the first is damaged", flipped(whole, frameHeader+3), 0, 0, 0, true},
		{"the last begins with a hole", append(whole[:2*one:2*one], make([]byte, one)...), 0, 4, 2 * one, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries, kept, err := readJournal(tt.data, tt.from)
			if tt.bad {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Len(t, entries, tt.entries)
			assert.Equal(t, tt.kept, kept)
		})
	}
}

// STO-04: whichever bit of the journal flips, what was acknowledged is there, or the log is damaged.
func TestSTO04FlippedJournal(t *testing.T) {
	var whole []byte
	for first := range int64(3) {
		at := len(whole)
		whole = appendFrame(whole, first, 1, appendEntry(nil, []byte("a")))
		whole[at+4] = stateAcknowledged
	}
	for at := range whole {
		for bit := range 8 {
			data := append([]byte(nil), whole...)
			data[at] ^= 1 << bit
			if entries, _, err := readJournal(data, 0); err == nil {
				require.Len(t, entries, 3, "bit %d of byte %d", bit, at)
			}
		}
	}
}

func unmarked(journal []byte, at int) []byte {
	out := append([]byte(nil), journal...)
	out[at+4] = stateWritten
	return out
}

func flipped(data []byte, at int) []byte {
	out := append([]byte(nil), data...)
	out[at] ^= 1
	return out
}

func TestSpansAreOnlyAHelp(t *testing.T) {
	m, o := newMemory(), options(t)
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	for i := range 600 {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
	}
	require.NoError(t, l.Close(ctx))
	whole := m.files[spansFile]
	narrower := append([]byte(nil), whole...)
	copy(narrower, whole[ulidLength+1:][:ulidLength]) // the first bundle begins with its last id
	for name, spans := range map[string][]byte{
		"missing": nil, "cut": whole[:60], "rubbish": []byte(strings.Repeat("x", 200)), "wrong": narrower,
	} {
		t.Run(name, func(t *testing.T) {
			disk := m.afterKill()
			disk.files[spansFile] = spans
			again, err := open(ctx, disk, o)
			require.NoError(t, err)
			checkAll(t, again, 600)
		})
	}
}

// STO-16: many callers, one log; Close in the middle. Whoever was told a place has it.
func TestSTO16Concurrent(t *testing.T) {
	m, o := newMemory(), options(t)
	o.PublishEvery = 10
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	const callers, each = 16, 20
	for i := range callers * each {
		sealedText(i)
	}
	var mu sync.Mutex
	places := map[int64]int{}
	var wg sync.WaitGroup
	for c := range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range each {
				r, err := Parse([]byte(sealedText(c*each + k)))
				if err != nil {
					t.Error(err)
					return
				}
				index, err := l.Append(ctx, r)
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if p, err := l.Prove(ctx, index); err != nil {
					t.Error(err)
				} else if text, _ := p.MarshalText(); true {
					if _, err := Verify(ctx, []byte(r.Text()), text, trust(l)); err != nil {
						t.Error(err)
					}
				}
				mu.Lock()
				places[index] = c*each + k
				if len(places) == callers*each/2 {
					go func() { _ = l.Close(ctx) }()
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	require.NoError(t, l.Close(ctx), "a second Close does nothing")
	again, err := open(ctx, m.afterPowerFailed(), o)
	require.NoError(t, err)
	require.GreaterOrEqual(t, again.Size(), int64(len(places)))
	for index, n := range places {
		got, err := again.Get(ctx, index)
		require.NoError(t, err)
		require.Equal(t, sealedText(n), got.Text())
	}
}

// Callers that come at the same time share one sync.
func TestGroupCommit(t *testing.T) {
	m, o := newMemory(), options(t)
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	l.turn <- struct{}{} // somebody writes
	before := m.calls
	var wg sync.WaitGroup
	for i := range 50 {
		r := sealed(t, i)
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := l.Append(ctx, r); err != nil {
				t.Error(err)
			}
		}()
	}
	for { // until all 50 wait
		l.mu.Lock()
		n := 0
		if l.batch != nil {
			n = len(l.batch.entries)
		}
		l.mu.Unlock()
		if n == 50 {
			break
		}
	}
	<-l.turn
	wg.Wait()
	require.Equal(t, int64(50), l.Size())
	require.Equal(t, 3, m.calls-before, "a write, a sync, and the mark")
}

// A caller that goes away hears that it is in doubt; the log stays whole.
func TestCallerGoesAway(t *testing.T) {
	l, err := open(ctx, newMemory(), options(t))
	require.NoError(t, err)
	l.turn <- struct{}{}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = l.Append(gone, sealed(t, 0))
	require.ErrorIs(t, err, ErrInDoubt)
	require.ErrorIs(t, err, context.Canceled)
	<-l.turn
	index, err := l.Append(ctx, sealed(t, 1))
	require.NoError(t, err)
	require.Equal(t, int64(1), index)
	index, err = l.Find(ctx, sealed(t, 0).ID())
	require.NoError(t, err)
	require.Zero(t, index)
}

// STO-09: a second process is refused.
func TestSTO09OneProcess(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	l, err := Open(ctx, dir, o)
	require.NoError(t, err)
	_, err = Open(ctx, dir, o)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, l.Close(ctx))
	l, err = Open(ctx, dir, o)
	require.NoError(t, err)
	require.NoError(t, l.Close(ctx))
}

// STO-08: the log does not go on from an older checkpoint over tiles that have more, or from none.
func TestSTO08OlderCheckpoint(t *testing.T) {
	sequential.Long(t)
	for _, sizes := range [][2]int{{0, 1}, {3, 5}, {3, 256}, {3, 300}, {255, 256}, {256, 257}, {256, 512}, {300, 600}} {
		m, o := newMemory(), options(t)
		l, err := open(ctx, m, o)
		require.NoError(t, err)
		for i := range sizes[0] {
			_, err := l.Append(ctx, sealed(t, i))
			require.NoError(t, err)
		}
		require.NoError(t, l.Publish(ctx))
		older := m.afterKill()
		for i := sizes[0]; i < sizes[1]; i++ {
			_, err := l.Append(ctx, sealed(t, i))
			require.NoError(t, err)
		}
		require.NoError(t, l.Close(ctx))

		for what, change := range map[string]func(files map[string][]byte){
			"no checkpoint":       func(files map[string][]byte) { delete(files, checkpointFile) },
			"an older checkpoint": func(files map[string][]byte) { files[checkpointFile] = older.files[checkpointFile] },
			"an older copy above": func(files map[string][]byte) { maps.Copy(files, older.files) },
		} {
			disk := m.afterKill()
			change(disk.files)
			_, err := open(ctx, disk, o)
			require.ErrorIs(t, err, ErrDamaged, "%s, of %d and %d", what, sizes[0], sizes[1])
		}
		// An older copy of all its files is whole. Who keeps a later checkpoint notices; see Extends.
		again, err := open(ctx, older, o)
		require.NoError(t, err)
		checkAll(t, again, sizes[0])
	}
}

func TestOpenRefuses(t *testing.T) {
	good := options(t)
	l, err := open(ctx, newMemory(), good)
	require.NoError(t, err)
	require.NoError(t, l.Close(ctx))
	other := options(t)
	for name, change := range map[string]func(*Options){
		"no origin":           func(o *Options) { o.Origin = "" },
		"origin with a space": func(o *Options) { o.Origin = "a b" },
		"origin with a plus":  func(o *Options) { o.Origin = "a+b" },
		"origin with a line":  func(o *Options) { o.Origin = "a\nb" },
		"no-break space":      func(o *Options) { o.Origin = "a\u00a0b" },
		"not UTF-8":           func(o *Options) { o.Origin = "a\xff" },
		"no signer":           func(o *Options) { o.Signer = nil },
		"no key":              func(o *Options) { o.Key = did.PublicKey{} },
		"another key":         func(o *Options) { o.Key = other.Key },
		"publish before":      func(o *Options) { o.PublishEvery = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			_, err := open(ctx, newMemory(), o)
			require.Error(t, err)
		})
	}
	t.Run("another signer, and all is published", func(t *testing.T) {
		m := newMemory()
		l, err := open(ctx, m, good)
		require.NoError(t, err)
		_, err = l.Append(ctx, sealed(t, 0))
		require.NoError(t, err)
		require.NoError(t, l.Close(ctx))
		o := good
		o.Signer = other.Signer
		_, err = open(ctx, m, o)
		require.ErrorContains(t, err, "the Signer does not sign with the Key of the log")
	})
	t.Run("the log of another key", func(t *testing.T) {
		m := newMemory()
		l, err := open(ctx, m, good)
		require.NoError(t, err)
		require.NoError(t, l.Close(ctx))
		_, err = open(ctx, m, other)
		require.ErrorIs(t, err, ErrDamaged)
	})
}

// What is published can be read by everybody; the journal only by its owner.
func TestFileModes(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(ctx, dir, options(t))
	require.NoError(t, err)
	_, err = l.Append(ctx, sealed(t, 0))
	require.NoError(t, err)
	require.NoError(t, l.Close(ctx))
	for name, mode := range map[string]fs.FileMode{checkpointFile: 0o644, "tile/0/000.p/1": 0o644, journalFile: 0o600} {
		info, err := os.Stat(dir + "/" + name)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), name)
	}
}
