package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// emitted is what was written for one dialect.
type emitted struct{ dir string }

func emitOf(t *testing.T, dialect string) emitted {
	t.Helper()
	folder := t.TempDir()
	for _, d := range dialects {
		if d.name != dialect {
			continue
		}
		dir := filepath.Join(folder, dialect)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, d.emit(dir))
		return emitted{dir}
	}
	t.Fatal("no such dialect")
	return emitted{}
}

// text returns a file, "" if there is none.
func (e emitted) text(t *testing.T, name string) string {
	b, err := os.ReadFile(filepath.Join(e.dir, name))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return string(b)
}

// args returns what the verifier of a document knows.
func (e emitted) args(t *testing.T, stem string) map[string]any {
	all := map[string]any{}
	for _, name := range []string{"args.json", stem + ".args.json"} {
		if text := e.text(t, name); text != "" {
			var more map[string]any
			dec := json.NewDecoder(strings.NewReader(text))
			dec.UseNumber()
			require.NoError(t, dec.Decode(&more))
			maps.Copy(all, more)
		}
	}
	return all
}

// stems returns the names of the documents with an extension.
func (e emitted) stems(t *testing.T, ext string) (stems []string) {
	files, err := filepath.Glob(filepath.Join(e.dir, "*"+ext))
	require.NoError(t, err)
	for _, f := range files {
		stem := strings.TrimSuffix(filepath.Base(f), ext)
		if strings.HasPrefix(stem, "accept-") || strings.HasPrefix(stem, "refuse-") {
			if !strings.HasSuffix(stem, ".args") && !strings.HasSuffix(stem, ".mandate") {
				stems = append(stems, stem)
			}
		}
	}
	return stems
}

// judged compares the answers with the names of the files: the compatible
// reading says the very code, the strict one accepts what is accepted.
func judged(t *testing.T, answers map[string]answer, codes []string) {
	seen := map[string]bool{}
	for stem, a := range answers {
		want, rest, _ := strings.Cut(stem, "-")
		code, _, _ := strings.Cut(rest, "-")
		if want == "accept" {
			require.Equal(t, "accept", a.Strict, stem)
			require.Equal(t, "accept", a.Compat, stem)
			continue
		}
		seen[code] = true
		require.Equal(t, "refuse "+code, a.Compat, stem)
		require.NotEqual(t, "accept", a.Strict, stem)
	}
	for _, c := range codes {
		require.True(t, seen[c], "no document for %s", c)
	}
}

// G10: what is emitted is read, in both readings.
func TestG10EmittedPassports(t *testing.T) {
	e := emitOf(t, "grantex")
	var requests []map[string]any
	for _, stem := range e.stems(t, ".txt") {
		args := e.args(t, stem)
		args["jwks"] = json.RawMessage(e.text(t, "jwks.json"))
		if list, ok := args["statusList"].(string); ok {
			args["statusList"] = json.RawMessage(e.text(t, list))
		}
		requests = append(requests, map[string]any{"id": stem, "dialect": "grantex", "kind": "passport",
			"text": e.text(t, stem+".txt"), "args": args})
	}
	require.GreaterOrEqual(t, len(requests), 12)
	judged(t, ask(t, requests), []string{"MALFORMED_CREDENTIAL", "UNTRUSTED_ISSUER", "INVALID_SIGNATURE",
		"CREDENTIAL_MISMATCH",
		"PASSPORT_EXPIRED", "PASSPORT_NOT_YET_VALID", "PASSPORT_REVOKED", "CATEGORY_MISMATCH", "AMOUNT_EXCEEDED"})
}

// A13: likewise, with the signed bytes.
func TestA13EmittedEnvelopes(t *testing.T) {
	e := emitOf(t, "aip1")
	var requests []map[string]any
	for _, stem := range e.stems(t, ".json") {
		q := map[string]any{"id": stem, "dialect": "aip1", "kind": "envelope", "text": e.text(t, stem+".json"),
			"args": e.args(t, stem)}
		if m := e.text(t, stem+".mandate.json"); m != "" {
			q["mandate"] = m
		}
		requests = append(requests, q)
	}
	require.GreaterOrEqual(t, len(requests), 20)
	answers := ask(t, requests)
	judged(t, answers, strings.Fields("E100 E101 E102 E103 E104 E105 E200 E201 E201+E200 E202 E203 E204 E300 E301 E302 "+
		"E400 E401 E403 E404 E405 E406 E407 E408 E501"))
	for stem, a := range answers {
		require.Equal(t, e.text(t, stem+".canonical"), a.Canonical, stem)
	}
}

// A13: what is given back is no spending: the SDK's ledger keeps positive amounts.
func TestA13SpentIsPositive(t *testing.T) {
	e := emitOf(t, "aip1")
	const stem = "refuse-E202-day"
	args := e.args(t, stem)
	spent := args["spent"].([]any)
	back := maps.Clone(spent[0].(map[string]any))
	back["amount_minor"] = json.Number("-100000")
	args["spent"] = append(spent, back)
	a := ask(t, []map[string]any{{"id": stem, "dialect": "aip1", "kind": "envelope", "text": e.text(t, stem+".json"),
		"args": args}})[stem]
	require.Equal(t, "refuse E202", a.Compat)
	require.Equal(t, "refuse E202", a.Strict)
}
