package statuslist

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

// refused asserts a refusal of code status.invalid, of one of the W3C's kinds.
func refused(t *testing.T, err error, kind error) {
	t.Helper()
	require.Error(t, err)
	require.ErrorIs(t, err, code.StatusInvalid)
	require.ErrorIs(t, err, kind)
}

// TestSTL01BitOrder reads lists that other programs wrote.
func TestSTL01BitOrder(t *testing.T) {
	const lastIndex = MinEntries - 1
	for _, tc := range []struct {
		name string
		text string
		set  map[int]bool
	}{
		{"nothing", textEmpty, nil},
		{"byte 0 is 0x80: index 0", textIndex0, map[int]bool{0: true}},
		{"byte 0 is 0x01: index 7", textIndex7, map[int]bool{7: true}},
		{"byte 1 is 0x80: index 8", textIndex8, map[int]bool{8: true}},
		{"byte 16383 is 0x01: index 131071", textIndexLast, map[int]bool{lastIndex: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := Decode(tc.text, Bitstring, 1)
			require.NoError(t, err)
			require.Equal(t, MinEntries, l.Len())
			for i := range l.Len() {
				v, err := l.Get(i)
				if err != nil || (v == 1) != tc.set[i] {
					t.Fatalf("index %d is %d (%v)", i, v, err)
				}
			}
		})
	}
}

func TestSTL02IndexOutsideTheList(t *testing.T) {
	l, err := New(MinEntries, 1)
	require.NoError(t, err)
	for _, i := range []int{-1, MinEntries, MinEntries + 1, 1 << 62, -1 << 63} {
		v, err := l.Get(i)
		refused(t, err, ErrRange)
		require.Zero(t, v)
		refused(t, l.Set(i, 1), ErrRange)
	}
	var none List
	_, err = none.Get(0)
	refused(t, err, ErrRange)
}

func TestSTL14SizeAndLength(t *testing.T) {
	for _, size := range []int{-1, 0, 9, 64} {
		_, err := New(MinEntries, size)
		refused(t, err, ErrMalformed)
		_, err = Decode(textEmpty, Bitstring, size)
		refused(t, err, ErrMalformed)
	}
	for _, entries := range []int{-1, 0, 1, MinEntries - 1} {
		_, err := New(entries, 1)
		refused(t, err, ErrLength)
	}
	_, err := New(1<<24, 1)
	require.NoError(t, err)
	_, err = New(1<<24+1, 1)
	refused(t, err, ErrVerification)
	_, err = New(1<<21+1, 8)
	refused(t, err, ErrVerification)
	// index × size would overflow if entries were not bounded first
	_, err = New(1<<62, 8)
	refused(t, err, ErrVerification)
}

func TestValueMustFit(t *testing.T) {
	for size := 1; size <= MaxSize; size++ {
		l, err := New(MinEntries, size)
		require.NoError(t, err)
		require.NoError(t, l.Set(5, uint8(1<<size-1)))
		if size < MaxSize {
			refused(t, l.Set(5, 1<<size), ErrRange)
		}
		v, err := l.Get(5)
		require.NoError(t, err)
		require.EqualValues(t, 1<<size-1, v)
	}
}

// TestAgainstNaiveBits compares every size with a slice of booleans, one per
// bit, that is changed in the same way, and again after encoding and decoding.
func TestAgainstNaiveBits(t *testing.T) {
	for size := 1; size <= MaxSize; size++ {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(size), 7))
			l, err := New(MinEntries+rnd.IntN(100), size)
			require.NoError(t, err)
			naive := make([]bool, len(l.bits)*8)
			value := func(i int) (v uint8) {
				for _, bit := range naive[i*size : (i+1)*size] {
					v <<= 1
					if bit {
						v |= 1
					}
				}
				return v
			}
			put := func(i int) {
				v := uint8(rnd.IntN(1 << size))
				require.NoError(t, l.Set(i, v))
				for k := range size {
					naive[i*size+k] = v>>(size-1-k)&1 == 1
				}
			}
			put(0)
			put(l.Len() - 1)
			for range 5000 {
				put(rnd.IntN(l.Len()))
			}
			back, err := Decode(l.Encode(Bitstring), Bitstring, size)
			require.NoError(t, err)
			require.Equal(t, l.Len(), back.Len())
			require.Equal(t, size, back.Size())
			for i := range l.Len() {
				got, err := l.Get(i)
				again, err2 := back.Get(i)
				if want := value(i); err != nil || err2 != nil || got != want || again != want {
					t.Fatalf("status %d is %d, decoded %d, want %d (%v, %v)", i, got, again, want, err, err2)
				}
			}
		})
	}
}

func TestCloneSharesNothing(t *testing.T) {
	l, err := New(MinEntries, 2)
	require.NoError(t, err)
	c := l.Clone()
	require.NoError(t, l.Set(3, 2))
	v, err := c.Get(3)
	require.NoError(t, err)
	require.Zero(t, v)
}

func TestGetAllocatesNothing(t *testing.T) {
	l := sparse(t, MinEntries, 3)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		v, _ := l.Get(77)
		sink += v
	}))
}
