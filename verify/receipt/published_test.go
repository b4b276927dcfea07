package receipt

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
)

// published is a log of so many receipts, as anybody can read it.
func published(t *testing.T, size int) (fstest.MapFS, *Log) {
	disk := newMemory()
	l, err := open(ctx, disk, options(t))
	require.NoError(t, err)
	for i := range size {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
	}
	require.NoError(t, l.Publish(ctx))
	t.Cleanup(func() { _ = l.Close(ctx) })
	return disk.fs().(fstest.MapFS), l
}

// Whoever has the files can prove what is in them, without the key of the log.
func TestPublished(t *testing.T) {
	for _, size := range []int{1, 2, 255, 256, 257, 600} {
		files, l := published(t, size)
		p, err := OpenPublished(files, l.Key())
		require.NoError(t, err)
		require.EqualValues(t, size, p.Checkpoint().Size)
		for i := range size {
			if i > 3 && i < size-3 && i%97 != 0 {
				continue
			}
			want := sealed(t, i)
			index, err := p.Find(ctx, want.ID())
			require.NoError(t, err)
			require.EqualValues(t, i, index)
			r, proof, err := p.Prove(ctx, index)
			require.NoError(t, err)
			require.Equal(t, want.Text(), r.Text())
			text, err := proof.MarshalText()
			require.NoError(t, err)
			_, err = Verify(ctx, []byte(r.Text()), text, trust(l))
			require.NoError(t, err)
		}
		_, err = p.Find(ctx, sealed(t, size).ID())
		require.ErrorIs(t, err, ErrNotFound)
		for _, index := range []int64{-1, int64(size)} {
			_, _, err = p.Prove(ctx, index)
			require.ErrorIs(t, err, ErrNotFound)
		}
		_, err = p.Find(ctx, "urn:safeconduct:decision:x")
		require.ErrorIs(t, err, ErrInvalid)
	}
	_, err := OpenPublished(fstest.MapFS{}, "")
	require.ErrorIs(t, err, ErrDamaged)
	files, _ := published(t, 1)
	_, other := published(t, 1)
	_, err = OpenPublished(files, other.Key())
	require.ErrorIs(t, err, ErrDamaged)
}

// A copy shows by itself that the log begins with what it had before, or that it does not.
func TestPublishedExtends(t *testing.T) {
	sequential.Long(t)
	files, l := published(t, 600)
	p, err := OpenPublished(files, l.Key())
	require.NoError(t, err)
	for _, size := range []int{1, 2, 255, 256, 257, 599, 600} {
		before, other := published(t, size)
		old, err := OpenCheckpoint(before[checkpointFile].Data, other.Key())
		require.NoError(t, err)
		require.NoError(t, p.Extends(old), "%d", size)
		// The same, but for one entry.
		disk := newMemory()
		anew, err := open(ctx, disk, options(t))
		require.NoError(t, err)
		for i := range size {
			if i == size/2 {
				i = 1000
			}
			_, err := anew.Append(ctx, sealed(t, i))
			require.NoError(t, err)
		}
		c, err := anew.Checkpoint(ctx)
		require.NoError(t, err)
		require.ErrorIs(t, p.Extends(c), ErrInvalid, "%d", size)
		require.NoError(t, anew.Close(ctx))
	}
	_, longer := published(t, 601)
	c, err := longer.Checkpoint(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, p.Extends(c), ErrInvalid, "it has become shorter")
	require.ErrorIs(t, p.Extends(nil), ErrInvalid)
	require.ErrorIs(t, p.Extends(&Checkpoint{Size: 1}), ErrInvalid, "one that was not opened")
}

// Who knows the key from elsewhere knows that of the log.
func TestLogKey(t *testing.T) {
	_, l := published(t, 1)
	key, err := LogKey(l.o.Origin, l.o.Key)
	require.NoError(t, err)
	require.Equal(t, l.Key(), key)
	require.NoError(t, CheckLogKey(key))
	for _, origin := range []string{"two words", "two\u00a0words", "a\xff"} {
		_, err = LogKey(origin, l.o.Key)
		require.Error(t, err, "%q", origin)
	}
	_, err = LogKey(l.o.Origin, did.PublicKey{})
	require.Error(t, err)
}

// A tile that is full replaces the parts of it that earlier checkpoints speak of.
func TestPublishedFullTiles(t *testing.T) {
	files, l := published(t, 600)
	head := files[checkpointFile]
	for i := 600; i < 800; i++ {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
	}
	require.NoError(t, l.Publish(ctx))
	later := l.disk.(*memory).fs().(fstest.MapFS)
	require.NotContains(t, later, tilePath(0, 2, 600-512))
	require.NotContains(t, later, tilePath(-1, 2, 600-512))
	later[checkpointFile] = head
	p, err := OpenPublished(later, l.Key())
	require.NoError(t, err)
	r, _, err := p.Prove(ctx, 599)
	require.NoError(t, err)
	require.Equal(t, sealed(t, 599).Text(), r.Text())
	c, err := Fsck(ctx, later, l.Key(), nil)
	require.NoError(t, err)
	require.Equal(t, int64(600), c.Size)
}

// So do the tiles above them: of 65,536 leaves one at the first level is full.
func TestPublishedFullUpperTile(t *testing.T) {
	var e edge
	for range tileWidth * tileWidth {
		e.add(tlog.RecordHash(nil))
	}
	files := fstest.MapFS{tilePath(1, 0, tileWidth): {Data: joinHashes(e.tile(1, 0, tileWidth))}}
	var earlier edge
	for range 3 * tileWidth {
		earlier.add(tlog.RecordHash(nil))
	}
	require.NoError(t, checkUpperTiles(files, &earlier, earlier.size))
	files[tilePath(1, 0, tileWidth)].Data[2*tlog.HashSize] ^= 1
	require.ErrorIs(t, checkUpperTiles(files, &earlier, earlier.size), ErrDamaged)
}

// STO-01: whatever is changed in any file, no wrong receipt is proven.
func TestPublishedDamage(t *testing.T) {
	sequential.Long(t)
	files, l := published(t, 300)
	for name, file := range files {
		if !strings.HasPrefix(name, "tile/") {
			continue
		}
		whole := file.Data
		flipped := append([]byte(nil), whole...)
		flipped[len(flipped)/2] ^= 1
		for what, data := range map[string][]byte{
			"empty": nil, "cut": whole[:len(whole)-1],
			"flipped": flipped,
		} {
			files[name] = &fstest.MapFile{Data: data}
			p, err := OpenPublished(files, l.Key())
			require.NoError(t, err)
			for i := range int64(300) {
				r, proof, err := p.Prove(ctx, i)
				if err != nil {
					require.ErrorIs(t, err, ErrDamaged, "%s %s", name, what)
					continue
				}
				text, _ := proof.MarshalText()
				_, err = Verify(ctx, []byte(r.Text()), text, trust(l))
				require.NoError(t, err, "%s %s %d", name, what, i)
			}
		}
		files[name] = &fstest.MapFile{Data: whole}
	}
}
