package jsonld_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// passport is the document that the benchmarks measure.
func passport(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../contexts/testdata/passport.json")
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}

// ours canonicalises a document under the strict profile and its own contexts.
func ours(root strictjson.Value) (string, error) {
	a, err := active(root, contexts.Default())
	if err != nil {
		return "", err
	}
	out, err := jsonld.NQuads(jsonld.Input{Root: root, Active: a}, limits.Default())
	return string(out), err
}

func active(root strictjson.Value, set *contexts.Set) (*contexts.Active, error) {
	var urls []string
	if s, ok := root.Get("@context").LookupStr(); ok {
		urls = append(urls, s)
	}
	for item := range root.Get("@context").Items() {
		urls = append(urls, item.Str())
	}
	return set.Resolve(urls)
}
