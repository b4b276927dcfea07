package receipt

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// STO-01: a log lives many lives, each ended by a failed write, a kill or a power
// cut at some point. Whatever was told to anybody in any of them holds in all that
// follow: places, proofs, and checkpoints that a witness has kept.
func TestSTO01ManyLives(t *testing.T) {
	seeds := uint64(16)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			o := options(t)
			o.PublishEvery = 1 + rnd.IntN(300)
			disk, next := newMemory(), 0
			told := map[int64]string{} // places that were acknowledged
			var kept []*Checkpoint     // of a witness
			var proofs []struct {
				text  string
				proof []byte
			}
			for range 8 {
				disk.calls, disk.failAt, disk.why = 0, 5+rnd.IntN(120), errDisk
				if rnd.IntN(3) == 0 {
					disk.failAt = 0
				}
				l, err := open(ctx, disk, o)
				if err == nil {
					for range 1 + rnd.IntN(120) {
						r := sealed(t, next)
						next++
						index, err := l.Append(ctx, r)
						if err != nil {
							break
						}
						require.Empty(t, told[index], "a place is given once")
						told[index] = r.Text()
						switch rnd.IntN(12) {
						case 0:
							_ = l.Publish(ctx)
						case 1:
							c, err := l.Checkpoint(ctx)
							require.NoError(t, err)
							kept = append(kept, c)
						case 2:
							p, err := l.Prove(ctx, index)
							if err == nil {
								text, _ := p.MarshalText()
								proofs = append(proofs, struct {
									text  string
									proof []byte
								}{r.Text(), text})
							}
						case 3:
							_, _ = l.Get(ctx, rnd.Int64N(index+1))
						}
					}
					if rnd.IntN(3) > 0 {
						_ = l.Close(ctx)
					}
				}
				if rnd.IntN(2) == 0 {
					disk = disk.afterPowerFailed()
				} else {
					disk = disk.afterKill()
				}
			}
			l, err := open(ctx, disk, o)
			require.NoError(t, err)
			for index, text := range told {
				r, err := l.Get(ctx, index)
				require.NoError(t, err)
				require.Equal(t, text, r.Text())
				p, err := l.Prove(ctx, index)
				require.NoError(t, err)
				proof, err := p.MarshalText()
				require.NoError(t, err)
				_, err = Verify(ctx, []byte(text), proof, trust(l))
				require.NoError(t, err)
			}
			for _, p := range proofs {
				_, err := Verify(ctx, []byte(p.text), p.proof, trust(l))
				require.NoError(t, err, "a proof holds for ever")
			}
			for _, c := range kept {
				proof, newest, err := l.ProveConsistency(ctx, c)
				require.NoError(t, err)
				require.NoError(t, VerifyConsistency(c, newest, proof), "from %d to %d", c.Size, newest.Size)
			}
			require.NoError(t, l.Close(ctx))
			c, err := Fsck(ctx, disk.fs(), l.Key(), nil)
			require.NoError(t, err)
			require.Equal(t, rootOfAll(t, l), tlog.Hash(c.Root))
		})
	}
}

// rootOfAll is the root that golang.org/x/mod computes from the entries.
func rootOfAll(t *testing.T, l *Log) tlog.Hash {
	t.Helper()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range l.Size() {
		r, err := l.Get(ctx, i)
		require.NoError(t, err)
		more, err := tlog.StoredHashes(i, []byte(r.Text()), reader)
		require.NoError(t, err)
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(l.Size(), reader)
	require.NoError(t, err)
	return root
}
