package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// M8: the page is what the table says.
func TestPageIsFresh(t *testing.T) {
	written, err := os.ReadFile("../../docs/codes.md")
	require.NoError(t, err)
	require.Equal(t, string(page()), string(written), "stale: go generate ./verify")
}
