package code_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

func TestAt(t *testing.T) {
	one := &code.Error{
		Code: code.ProofInvalid, Path: "/proof", Detail: "no", Limit: "a", Actual: "b", Hint: "h", Err: io.EOF,
	}
	two := &code.Error{Code: code.TimeExpired}
	const rest = ": no (limit a, actual b): EOF (h)"
	for _, c := range []struct {
		name  string
		err   error
		place string
		want  string
	}{
		{"a path", one, "/verifiableCredential/0", "proof.invalid at /verifiableCredential/0/proof" + rest},
		{"the root", two, "/a", "time.expired at /a"},
		{"no place", one, "", one.Error()},
		{"twice", code.At(one, "/b"), "/a", "proof.invalid at /a/b/proof" + rest},
		{"no refusal", io.EOF, "/a", "EOF"},
		{"a bare code", code.ProofInvalid, "/a", "proof.invalid"},
	} {
		require.EqualError(t, code.At(c.err, c.place), c.want, c.name)
	}
	require.NoError(t, code.At(nil, "/a"))
	require.Equal(t, "/proof", one.Path, "the error itself stays as it is")

	moved := code.Joined(code.At(errors.Join(one, errors.Join(two, one)), "/a"))
	require.Len(t, moved, 2)
	require.ErrorContains(t, moved[0], "at /a/proof")
	require.ErrorContains(t, code.Joined(moved[1])[0], "time.expired at /a")
	require.ErrorContains(t, code.Joined(moved[1])[1], "at /a/proof")

	// What was said around a refusal is kept.
	var e *code.Error
	require.ErrorAs(t, code.At(fmt.Errorf("while reading: %w", one), "/a"), &e)
	require.Equal(t, "/a/proof", e.Path)
	require.Equal(t, "no", e.Detail)
	require.ErrorContains(t, e, "while reading")
	require.ErrorIs(t, e, io.EOF)
}

func TestOr(t *testing.T) {
	coded := fmt.Errorf("x: %w", &code.Error{Code: code.ProofMissing})
	require.Equal(t, coded, code.Or(coded, code.ProofInvalid))
	require.NoError(t, code.Or(nil, code.ProofInvalid))
	require.EqualError(t, code.Or(io.EOF, code.ProofInvalid), "proof.invalid: EOF")
	require.ErrorIs(t, code.Or(io.EOF, code.ProofInvalid), io.EOF)
	bare := fmt.Errorf("x: %w", code.ProofMissing)
	require.EqualError(t, code.Or(bare, code.ProofInvalid), "proof.missing: x: proof.missing")
}

func TestJoined(t *testing.T) {
	e := &code.Error{Code: code.ProofInvalid}
	require.Len(t, code.Joined(errors.Join(e, code.ProofMissing)), 2)
	around := fmt.Errorf("x: %w", errors.Join(e, e))
	for _, err := range []error{nil, e, io.EOF, errors.Join(e, io.EOF), errors.Join(io.EOF), around} {
		require.Nil(t, code.Joined(err), "%v", err)
	}
}
