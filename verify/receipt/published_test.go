package receipt

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
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
}

// STO-01: whatever is changed in any file, no wrong receipt is proven.
func TestPublishedDamage(t *testing.T) {
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
