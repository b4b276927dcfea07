package jcs_test

import (
	"os"
	"testing"

	gowebpki "github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

func passport(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile("../strictjson/testdata/passport.json")
	require.NoError(tb, err)
	return string(b)
}

// The canonical form of one passport: from its text (parse and write), from
// the tree that a verifier has anyway (write), and by gowebpki/jcs in the same
// run.
func BenchmarkPassport(b *testing.B) {
	text := passport(b)
	caps := limits.Default().JSON(limits.Default().DocumentBytes)
	v, err := strictjson.Parse(text, caps)
	require.NoError(b, err)
	buf := make([]byte, 0, 2*len(text))

	b.Run("parse+write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := strictjson.Parse(text, caps)
			if err != nil {
				b.Fatal(err)
			}
			buf = jcs.Append(buf[:0], v)
		}
	})
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = jcs.Append(buf[:0], v)
		}
	})
	b.Run("gowebpki", func(b *testing.B) {
		src := []byte(text)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := gowebpki.Transform(src); err != nil {
				b.Fatal(err)
			}
		}
	})
}
