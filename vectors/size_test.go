package vectors_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
)

// The figures of the last section of docs/format.md are those of the largest
// passport of the tests.
func TestFiguresOfTheLargestPassport(t *testing.T) {
	raw, err := os.ReadFile("../passport/testdata/largest.json")
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, raw))
	text := compact.String()
	input, err := json.Marshal(map[string]string{"document": text})
	require.NoError(t, err)
	a := peer.New().Answer(vectors.Request{ID: "x", Kind: "rdfc", Input: input})
	require.Equal(t, "accept", a.Verdict, "%v %s", a.Codes, a.Error)
	var out struct{ NQuads string }
	require.NoError(t, json.Unmarshal(a.Output, &out))
	blanks := map[string]bool{}
	for _, b := range regexp.MustCompile(`_:c14n[0-9]+`).FindAllString(out.NQuads, -1) {
		blanks[b] = true
	}
	want := fmt.Sprintf("has %d,%03d bytes without its proof and becomes %d quads with %d blank nodes",
		len(text)/1000, len(text)%1000, strings.Count(out.NQuads, "\n"), len(blanks))
	page, err := os.ReadFile("../docs/format.md")
	require.NoError(t, err)
	require.Contains(t, string(page), want)
}

// The context that is published is the one that is built in.
func TestContextIsTheOneThatIsBuiltIn(t *testing.T) {
	published, err := os.ReadFile("../docs/context.jsonld")
	require.NoError(t, err)
	built, err := os.ReadFile("../internal/contexts/data/safeconduct-v1.jsonld")
	require.NoError(t, err)
	require.Equal(t, string(built), string(published))
}
