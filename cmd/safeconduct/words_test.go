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
)

// goNames are members of the library's API in a sentence. Of those of a
// configuration, the others are never wrong here: this command fills them in.
var goNames = regexp.MustCompile(`\b(Config|[A-Za-z]*Options|Request|Bounds|vcjwt)\.[A-Z]\w*|\bconfig\.(Anchors|Skew)`)

// No sentence of the library reaches a user of this command with a name of the
// Go API in it.
func TestWordsOfTheLibrary(t *testing.T) {
	n := 0
	for _, dir := range []string{"verify", "verify/bundle", "passport", "statuslist", "credential", "credential/vcjwt", "did"} {
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
				lit, ok := node.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				if goNames.MatchString(text) {
					n++
					require.NotRegexp(t, goNames, inOurWords(text), name)
				}
				return true
			})
		}
	}
	require.Greater(t, n, 3)
	for _, member := range []string{"Audience", "Nonce", "Action", "Resource", "ResourceOwner", "Amount", "Payee", "Category", "Rail", "Region", "Attributes", "BodyDigest", "MinAssurance"} {
		require.NotRegexp(t, goNames, inOurWords("Request."+member+" is wrong"))
	}
}

func TestNearest(t *testing.T) {
	for got, want := range map[string]bool{"verify": true, "verfiy": true, "verfy": true, "ver": true, "VERIFY": true, "ve": false, "vary": false, "frobnicate": false, "": false} {
		require.Equal(t, want, near("verify", got), got)
	}
	require.Equal(t, 3, distance("kitten", "sitting"))
	require.Equal(t, 4, distance("", "abcd"))
}
