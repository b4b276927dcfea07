package code_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

func TestErrorReads(t *testing.T) {
	for want, err := range map[string]*code.Error{
		"proof.invalid":           {Code: code.ProofInvalid},
		"proof.invalid at /proof": {Code: code.ProofInvalid, Path: "/proof"},
		"proof.invalid: no":       {Code: code.ProofInvalid, Detail: "no"},
		"proof.invalid: EOF":      {Code: code.ProofInvalid, Err: io.EOF},
		"proof.invalid at /a: no (limit 1, actual 2): EOF (look)": {Code: code.ProofInvalid, Path: "/a", Detail: "no",
			Err: io.EOF, Hint: "look", Limit: "1", Actual: "2"},
	} {
		require.EqualError(t, err, want)
	}
}

// An error is its own code, whatever it wraps, and no other.
func TestErrorIs(t *testing.T) {
	inner := &code.Error{Code: code.StatusStale, Err: io.ErrUnexpectedEOF}
	err := fmt.Errorf("while reading: %w", &code.Error{Code: code.ProofInvalid, Err: inner})
	require.ErrorIs(t, err, code.ProofInvalid)
	require.ErrorIs(t, err, code.StatusStale)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotErrorIs(t, err, code.StatusRevoked)
	require.NotErrorIs(t, err, code.Code(""))
}

func TestOf(t *testing.T) {
	require.Equal(t, code.Code(""), code.Of(nil))
	require.Equal(t, code.Code(""), code.Of(io.EOF))
	require.Equal(t, code.ProofMissing, code.Of(code.ProofMissing))
	require.Equal(t, code.ProofMissing, code.Of(fmt.Errorf("x: %w", code.ProofMissing)))
	outer := &code.Error{Code: code.ProofInvalid, Err: &code.Error{Code: code.StatusStale}}
	require.Equal(t, code.ProofInvalid, code.Of(fmt.Errorf("x: %w", outer)), "the outermost one")
	require.Equal(t, code.StatusStale, code.Of(errors.Join(io.EOF, &code.Error{Code: code.StatusStale})))
}

// Every word is used once and has the one form.
func TestWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	require.NoError(t, err)
	form := regexp.MustCompile(`^[a-z]+\.[a-z]+(_[a-z]+)*$`)
	seen := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name := spec.Names[0].Name
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		require.Regexp(t, form, word, name)
		require.Empty(t, seen[word], "%s is said twice", word)
		seen[word] = name
		return true
	})
	require.Greater(t, len(seen), 60)
}
