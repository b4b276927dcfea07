package seam

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBorrow(t *testing.T) {
	MustLend("seam.double", func(n int) int { return 2 * n })
	require.Equal(t, 4, MustBorrow[func(int) int]("seam.double")(2))
	require.PanicsWithValue(t, "seam: seam.double is lent twice", func() { MustLend("seam.double", 1) })
	require.PanicsWithValue(t, "seam: seam.double is a func(int) int, not a func() int", func() { MustBorrow[func() int]("seam.double") })
	require.PanicsWithValue(t, "seam: seam.none is a <nil>, not a int", func() { MustBorrow[int]("seam.none") })
}
