package hostcall

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTry(t *testing.T) {
	ran := false
	require.NoError(t, Try("f", func() { ran = true }))
	require.True(t, ran)
	require.EqualError(t, Try("config.Observe", func() { panic("oh") }), "config.Observe panicked: oh")
	require.ErrorContains(t, Try("f", func() { panic(nil) }), "f panicked: ")
}
