package strictjson_test

import (
	_ "embed"
	"testing"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// passport is a realistic document in its compact form, about 3 KB.
//
//go:embed testdata/passport.json
var passport string

func BenchmarkParse(b *testing.B) {
	caps := limits.Default().JSON(limits.Default().DocumentBytes)
	b.ReportAllocs()
	b.SetBytes(int64(len(passport)))
	for b.Loop() {
		if _, err := strictjson.Parse(passport, caps); err != nil {
			b.Fatal(err)
		}
	}
}
