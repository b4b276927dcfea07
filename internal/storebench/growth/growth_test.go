package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	sizes = []int{1000, 100_000, 1_000_000}
	rows  = []row{
		{"an act", "µs", []float64{120, 130, 150}, true},
		{"a page", "µs", []float64{125, 126, 151}, true},
		{"memory", "MiB", []float64{2, 2, 2.5}, false},
	}
)

// The page keeps what is around the table, and gets the same again.
func TestPublish(t *testing.T) {
	docs := t.TempDir()
	page := filepath.Join(docs, "performance.md")
	require.Error(t, publish(docs, sizes, rows), "there is no page")
	require.NoError(t, os.WriteFile(page, []byte("before\n"), 0o600))
	require.Error(t, publish(docs, sizes, rows), "there is no place for the table")
	require.NoError(t, os.WriteFile(page, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o600))
	for range 2 {
		require.NoError(t, publish(docs, sizes, rows))
		got, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, "before\n"+begin+`| decisions, all uses in one window | 10^3 | 10^5 | 10^6 | grows |
|---|---|---|---|---|
| an act (µs) | 120 | 130 | 150 | 1.2 × |
| a page (µs) | 125 | 126 | 151 | 1.2 × |
| memory (MiB) | 2.0 | 2.0 | 2.5 | 1.2 × |
`+end+"after\n", string(got))
	}
	// The page in the repository has a place for it.
	real, err := os.ReadFile("../../../docs/performance.md")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(real), begin))
	require.Equal(t, 1, strings.Count(string(real), end))
	require.FileExists(t, "../../../docs/growth.svg")
}

func TestPlot(t *testing.T) {
	text := plot(sizes, rows)
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	require.Equal(t, 2, strings.Count(text, "<polyline"), "what should be flat is drawn")
	require.NotContains(t, text, "NaN")
	require.NotContains(t, plot([]int{5}, []row{{"an act", "µs", []float64{100}, true}}), "NaN", "of one size")
}
