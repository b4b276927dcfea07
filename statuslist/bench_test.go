package statuslist

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// sparse returns the smallest list with one status in a hundred set.
func sparse(tb testing.TB, entries, size int) *List {
	l, err := New(entries, size)
	if err != nil {
		tb.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range entries / 100 {
		if err := l.Set(rnd.IntN(entries), uint8(1+rnd.IntN(1<<size-1))); err != nil {
			tb.Fatal(err)
		}
	}
	return l
}

var sink uint8

func BenchmarkGet(b *testing.B) {
	for _, size := range []int{1, 2, 3, 8} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			l := sparse(b, MinEntries, size)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				v, err := l.Get(i)
				if err != nil {
					b.Fatal(err)
				}
				sink += v
				i = (i + 7919) & (MinEntries - 1)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	text := sparse(b, MinEntries, 1).Encode(Bitstring)
	b.SetBytes(MinEntries / 8)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text, Bitstring, 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	l := sparse(b, MinEntries, 1)
	b.SetBytes(MinEntries / 8)
	b.ReportAllocs()
	for b.Loop() {
		if len(l.Encode(Bitstring)) == 0 {
			b.Fatal("empty")
		}
	}
}
