//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

var (
	nquadsCount = flag.Int("nquads.count", 400, "how many generated documents to compare with jsonld.js and rdf-canonize")
	nquadsSeed  = flag.Int("nquads.seed", 1, "seed of the generated documents")
)

// peerFaults are what jsonld.js with rdf-canonize is known to do otherwise.
// Only what matches one is left out of the comparison.
var peerFaults = []struct {
	name  string
	match func(document, ours string, a answer) bool
}{
	{"sorts by UTF-16 code units; RDFC-1.0 says code points", func(_, ours string, a answer) bool {
		return a.OK && strings.ContainsFunc(ours, func(r rune) bool { return r > 0xFFFF }) &&
			strings.ContainsFunc(ours, func(r rune) bool { return r >= 0xE000 && r <= 0xFFFF })
	}},
	{"its limit of work is lower than the one the documents are made under", func(_, _ string, a answer) bool {
		return strings.Contains(a.Error, "deep iterations")
	}},
}

// Documents of random shape give the N-Quads that jsonld.js and rdf-canonize
// give. The generator is that of package jsonld, which writes down what it made
// and what we say. Run more with -nquads.count=5000.
func TestNQuads(t *testing.T) {
	for _, generator := range []struct {
		test  string
		count int // of documents asked for, per document wanted
	}{{"TestGeneratedAgainstGold", 1}, {"TestGeneratedPresentations", 4}} {
		t.Run(generator.test, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "documents")
			count := *nquadsCount / 2 * generator.count
			out, err := exec.Command("go", "test", "-count=1", "-run=^"+generator.test+"$", "../jsonld", "-args",
				"-differ.count="+strconv.Itoa(count), "-differ.seed="+strconv.Itoa(*nquadsSeed), "-differ.dump="+file).CombinedOutput()
			require.NoError(t, err, "%s", out)
			compareNQuads(t, file, *nquadsCount/4)
		})
	}
}

func compareNQuads(t *testing.T, file string, least int) {
	p := startPeer(t)
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	same, left := 0, map[string]int{}
	in := bufio.NewReader(f)
	for dec := json.NewDecoder(in); dec.More(); {
		var row struct{ Context, Text, Document, NQuads string }
		require.NoError(t, dec.Decode(&row))
		if row.Context != "" {
			p.load(t, map[string]string{row.Context: row.Text})
			continue
		}
		a := p.ask(t, m{"do": "nquads", "document": json.RawMessage(row.Document)})
		if a.OK && a.NQuads == row.NQuads {
			same++
			continue
		}
		fault := ""
		for _, f := range peerFaults {
			if f.match(row.Document, row.NQuads, a) {
				fault = f.name
				break
			}
		}
		require.NotEmpty(t, fault, "%s\njsonld.js: %s\n%s\nours:\n%s", row.Document, a.Error, a.NQuads, row.NQuads)
		left[fault]++
	}
	t.Logf("%d documents agree; left out: %v", same, left)
	require.GreaterOrEqual(t, same, least)
}

// Two credentials without ids about one subject, in one presentation: alike but
// for what lies behind blank nodes. The peer's own limit of work is raised, as
// it tries all permutations.
func TestNQuadsOfAlikeCredentials(t *testing.T) {
	p := startPeer(t)
	vc := func(name string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],` +
			`"issuer":"did:example:i","credentialSubject":{"id":"did:example:s"},"evidence":{"type":"https://x.example/E","name":"` + name + `"}}`
	}
	text := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":[` + vc("a") + "," + vc("b") + `]}`
	a := p.must(t, m{"do": "nquads", "document": json.RawMessage(text), "work": 3})
	bounds := limits.Default().Documents
	root, err := strictjson.Parse(text, bounds.JSON(len(text)))
	require.NoError(t, err)
	active, err := contexts.Default().Resolve([]string{contexts.CredentialsV2})
	require.NoError(t, err)
	ours, err := jsonld.NQuads(jsonld.Input{Root: root, Active: active}, bounds)
	require.NoError(t, err)
	require.Equal(t, a.NQuads, string(ours))
}
