package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/verify"
)

// goNames are members of the library's API in a sentence.
var goNames = regexp.MustCompile(`\b(Config|[A-Za-z]*Options|Request|Bounds|Anchor|vcjwt|passport|verify|did|bundle)\.[A-Z]\w*|` +
	`\bconfig\.[A-Z]|\bAcceptRepeat\b`)

// No hint of the library reaches a user of this command with a name of the
// Go API in it: for each such code the command has words of its own.
func TestHintsNameFlagsAndNotGo(t *testing.T) {
	words := codeWords(t)
	n := 0
	for _, dir := range []string{"verify", "passport", "statuslist", "credential", "credential/vcjwt", "did"} {
		for _, err := range errorLiterals(t, dir) {
			if !goNames.MatchString(err["Hint"]) {
				continue
			}
			n++
			word, known := words[strings.TrimPrefix(err["Code"], "code.")]
			require.True(t, known, "%s: %v", dir, err)
			require.Contains(t, hints, verify.Code(word), "%s: %q", dir, err["Hint"])
		}
	}
	require.Greater(t, n, 4)
	for _, h := range hints {
		require.NotRegexp(t, goNames, h)
	}
}

// What was wrong is told without names of the Go API, too, but for what only a
// program can do wrong.
func TestDetailsAreForEverybody(t *testing.T) {
	for _, dir := range []string{"passport", "statuslist", "credential", "credential/vcjwt", "did", "verify/bundle"} {
		for _, err := range errorLiterals(t, dir) {
			require.NotRegexp(t, goNames, err["Detail"], dir)
		}
	}
}

// errorLiterals are the texts of members of composite literals that have a
// Code, as they stand in the source.
func errorLiterals(t *testing.T, dir string) (list []map[string]string) {
	files, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			lit, ok := node.(*ast.CompositeLit)
			if !ok {
				return true
			}
			found := map[string]string{}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				text := string(src[kv.Value.Pos()-1 : kv.Value.End()-1])
				if s, err := strconv.Unquote(text); err == nil {
					text = s
				}
				found[string(src[kv.Key.Pos()-1:kv.Key.End()-1])] = text
			}
			if found["Code"] != "" {
				list = append(list, found)
			}
			return true
		})
	}
	return list
}

// codeWords are the words of the codes, by the names of their constants.
func codeWords(t *testing.T) map[string]string {
	src, err := os.ReadFile("../../internal/code/code.go")
	require.NoError(t, err)
	words := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+(?:Code )?= "([a-z.-_]+)"`).FindAllStringSubmatch(string(src), -1) {
		words[m[1]] = m[2]
	}
	require.Equal(t, string(code.RequestInvalid), words["RequestInvalid"])
	return words
}

// Whoever is early because of a clock is told which flag allows for how much.
func TestHintForWhatIsEarly(t *testing.T) {
	for _, c := range []verify.Code{verify.TimeNotYetValid, verify.StatusEarly} {
		v := verify.Violation{Code: c, Limit: "2026-11-21T09:00:30Z", Actual: "2026-11-21T09:00:00Z", Hint: "Config.Skew"}
		require.Equal(t, "it is 30s early: if the clocks differ, -skew 30s allows for that, and 5m0s is the most", hintFor(&v))
		v.Limit = "2026-11-21T10:00:00Z"
		require.Empty(t, hintFor(&v))
	}
}
