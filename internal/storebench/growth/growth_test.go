package main

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
)

var sample = record{Of: "ledger", Store: "sqlite", Sizes: []int{1000, 100_000, 1_000_000}, Rows: []row{
	{"an act", "µs", []float64{120, 125, 150}, []float64{1, 1.04, 1.25}, []float64{31, 31, 31.2}, true},
	{"a page", "µs", []float64{125, 126, 151}, []float64{1, 1, 1.2}, []float64{2, 2, 9}, true},
	{"memory", "MiB", []float64{2, 2, 2.5}, []float64{1, 1, 1.25}, nil, false},
}}

// A page keeps what is around the table, and gets the same again.
func TestPublish(t *testing.T) {
	docs, kept := t.TempDir(), t.TempDir()
	page := filepath.Join(docs, "performance.md")
	const begin = "<!-- growth-ledger-sqlite: written by go run ./internal/storebench/growth -draw -->\n"
	const end = "<!-- end of growth -->\n"
	require.NoError(t, sample.keep(kept))
	require.Error(t, publish(docs, kept), "there is no page")
	require.NoError(t, os.WriteFile(page, []byte("before\n"), 0o600))
	require.Error(t, publish(docs, kept), "there is no place for the table")
	require.NoError(t, os.WriteFile(page, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o600))
	for range 2 {
		require.NoError(t, publish(docs, kept))
		got, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, "before\n"+begin+`| ledger on sqlite | 10^3 | 10^5 | 10^6 | statements |
|---|---|---|---|---|
| an act | 120 µs | 1.04 × | 1.25 × | 31 |
| a page | 125 µs | 1.00 × | 1.20 × | 2.0 to 9.0 |
| memory | 2.0 MiB | 2.0 MiB | 2.5 MiB |  |
`+end+"after\n", string(got))
	}
}

// What docs have is what the numbers say that are kept.
func TestDocsAreAsRecorded(t *testing.T) {
	const real = "../../../docs"
	docs := t.TempDir()
	page, err := os.ReadFile(filepath.Join(real, "performance.md"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(docs, "performance.md"), page, 0o600))
	require.NoError(t, publish(docs, "recorded"))
	files, err := filepath.Glob(filepath.Join(docs, "*"))
	require.NoError(t, err)
	require.Greater(t, len(files), 1)
	for _, f := range files {
		want, err := os.ReadFile(f)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(real, filepath.Base(f)))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "run go run ./internal/storebench/growth -draw")
	}
}

func TestPlot(t *testing.T) {
	text := sample.plot()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	require.Equal(t, 2, strings.Count(text, "<polyline"), "what should be flat is drawn")
	require.NotContains(t, text, "NaN")
	one := record{Sizes: []int{5}, Rows: []row{{"an act", "µs", []float64{100}, []float64{1}, nil, true}}}
	require.NotContains(t, one.plot(), "NaN", "of one size")
}

// Whatever is measured can be: of small stores, on both engines.
func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes turns of a length")
	}
	for of := range subjects {
		for _, kind := range []string{"sqlite", "postgres"} {
			t.Run(of+" on "+kind, func(t *testing.T) {
				if kind == "postgres" {
					if os.Getenv("SAFECONDUCT_LONG") == "" {
						t.Skip("it takes a minute: for .ci/long")
					}
					testpostgres.DSN(t)
				}
				r, err := measure(context.Background(), of, kind, []int{150, 300})
				require.NoError(t, err)
				require.NotEmpty(t, r.table())
				for _, w := range r.Rows {
					require.Len(t, w.At, 2, w.Name)
				}
			})
		}
	}
}
