package statuslist

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is set in either edition is set in both together, in whatever order, and
// the editions stay as they are.
func TestListsOfOneInstantTogether(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	a := &ListCredential{ID: "https://issuer.example/1", bits: []byte{0x80, 0x01}, ValidUntil: at.Add(time.Hour)}
	b := &ListCredential{ID: "https://issuer.example/1", bits: []byte{0x40, 0x01, 0x02}, ValidUntil: at}
	for _, both := range []*ListCredential{a.With(b), b.With(a), a.With(b).With(a)} {
		require.Equal(t, []byte{0xC0, 0x01, 0x02}, both.bits)
		require.Equal(t, at, both.ValidUntil, "it ends with the first")
		require.Equal(t, a.With(b).Sum(), both.Sum())
		require.Equal(t, 3, both.Bytes())
	}
	require.Equal(t, []byte{0x80, 0x01}, a.bits)
	require.Equal(t, []byte{0x40, 0x01, 0x02}, b.bits)
	require.NotEqual(t, a.Sum(), b.Sum())
	require.Equal(t, at, a.With(&ListCredential{bits: a.bits, ValidUntil: at}).ValidUntil)
	require.Equal(t, at, (&ListCredential{bits: a.bits, ValidUntil: at}).With(&ListCredential{}).ValidUntil)
	require.Equal(t, a.Sum(), a.With(a).Sum())
}
