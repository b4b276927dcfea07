package passport_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

var instant = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// keyOf makes a key from a number, so that every run has the same identifiers.
func keyOf(tb testing.TB, n byte) *did.KeyPair {
	tb.Helper()
	k, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize)))
	require.NoError(tb, err)
	return k
}

func entryAt(index int) statuslist.Entry {
	return statuslist.Entry{Purpose: statuslist.Revocation, URL: "https://issuer.example/status/1", Index: index, Size: 1}
}

// small is the smallest passport that is of any use.
func small(tb testing.TB) *passport.Passport {
	return &passport.Passport{
		Agent: keyOf(tb, 2).DID(), Status: []statuslist.Entry{entryAt(1)},
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "data.read"}}},
	}
}

func issue(tb testing.TB, p *passport.Passport) *credential.Signed {
	tb.Helper()
	s, err := passport.Issue(context.Background(), keyOf(tb, 1), p, passport.IssueOptions{Now: at(instant)})
	require.NoError(tb, err)
	return s
}

// object parses attributes, parameters and extensions.
func object(tb testing.TB, text string) credential.Value {
	tb.Helper()
	v, err := credential.ParseValue(text)
	require.NoError(tb, err)
	return v
}

// largest is a passport in which every member of the format is stated, without
// a proof.
func largest(tb testing.TB) string {
	tb.Helper()
	raw, err := os.ReadFile("testdata/largest.json")
	require.NoError(tb, err)
	return string(raw)
}

// gone, as the value of an edit, removes the member.
type gone struct{}

// edited returns a JSON text with the values at these pointers replaced. The
// value is any that encoding/json writes, or gone; "-" as the last token of a
// pointer appends to a list.
func edited(tb testing.TB, text string, edits map[string]any) string {
	tb.Helper()
	var root any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(tb, d.Decode(&root))
	for pointer, value := range edits {
		root = put(tb, root, strings.Split(pointer, "/")[1:], value)
	}
	out, err := json.Marshal(root)
	require.NoError(tb, err)
	return string(out)
}

func put(tb testing.TB, at any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch at := at.(type) {
	case map[string]any:
		if _, remove := value.(gone); remove && len(path) == 1 {
			delete(at, path[0])
			return at
		}
		at[path[0]] = put(tb, at[path[0]], path[1:], value)
		return at
	case []any:
		if path[0] == "-" {
			return append(at, value)
		}
		i, err := strconv.Atoi(path[0])
		require.NoError(tb, err)
		at[i] = put(tb, at[i], path[1:], value)
		return at
	}
	require.Fail(tb, "no such place", "%v", path)
	return nil
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

// decode reads a text as credential and passport.
func decode(text string) (*passport.Passport, error) {
	s, err := credential.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	return passport.ReadUnverified(s)
}

// refuse demands that a text is no passport, for that reason: the code, and a
// part of what the error says.
func refuse(tb testing.TB, text string, c code.Code, says string) {
	tb.Helper()
	p, err := decode(text)
	require.Nil(tb, p)
	require.ErrorIs(tb, err, c)
	require.ErrorContains(tb, err, says)
}

// asked is an act with whom it is asked of, and when.
type asked struct {
	passport.Act
	audience string
	at       time.Time
}

func (a *asked) judged(chain []*passport.Authority) []*passport.Error {
	return passport.Permits(chain, &a.Act, a.audience, a.at)
}

func (a *asked) passes(e *passport.Effective) bool { return e.Permits(&a.Act, a.audience, a.at) }
