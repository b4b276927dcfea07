package statuslist

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
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

func BenchmarkStatus(b *testing.B) {
	l, e := mustRead(b, listText), entry7(nil)
	b.ReportAllocs()
	for b.Loop() {
		r, err := l.Status(e)
		if err != nil {
			b.Fatal(err)
		}
		sink += r.Value
	}
}

func BenchmarkParseEntry(b *testing.B) {
	v := value(b, entryText)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseEntry(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAllocate(b *testing.B) {
	p := publisher(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Allocate(); err != nil {
			p = publisher(b, nil)
		}
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c, err := NewCache(Static{testURL: {Raw: []byte(listText)}}, CacheOptions{TTL: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.StatusList(ctx, testURL); err != nil {
			b.Fatal(err)
		}
	}
}
