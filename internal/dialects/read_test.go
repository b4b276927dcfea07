package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// ask hands requests to `read` and returns the answers by id.
func ask(t *testing.T, requests []map[string]any) map[string]answer {
	t.Helper()
	var in, out bytes.Buffer
	for _, q := range requests {
		line, err := json.Marshal(q)
		require.NoError(t, err)
		in.Write(append(line, '\n'))
	}
	require.NoError(t, run([]string{"read"}, &in, &out))
	answers := map[string]answer{}
	for dec := json.NewDecoder(&out); dec.More(); {
		var a answer
		require.NoError(t, dec.Decode(&a))
		var id string
		require.NoError(t, json.Unmarshal(a.ID, &id))
		answers[id] = a
	}
	require.Len(t, answers, len(requests))
	return answers
}

// verdict splits "refuse CODE".
func verdict(s string) (verdict, code string) {
	verdict, code, _ = strings.Cut(s, " ")
	return verdict, code
}

// G10: every recorded passport, in both readings, as the service's own verifier
// and a careful reader judge it.
func TestG10RecordedPassports(t *testing.T) {
	var file struct {
		Keysets map[string]any `json:"keysets"`
		Lists   map[string]any `json:"lists"`
		Cases   []struct {
			ID, Text, Keys, List string
			Args                 map[string]any
			Strict               string
			Peer                 struct{ Verdict, Code string }
		} `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "grantex", "cases.json"), &file))
	var requests []map[string]any
	for _, c := range file.Cases {
		c.Args["jwks"], c.Args["statusList"] = file.Keysets[c.Keys], file.Lists[c.List]
		requests = append(requests, map[string]any{"id": c.ID, "dialect": "grantex", "kind": "passport",
			"text": c.Text, "args": c.Args})
	}
	answers := ask(t, requests)
	for _, c := range file.Cases {
		a := answers[c.ID]
		got, _ := verdict(a.Strict)
		require.Equal(t, c.Strict, got, "%s, strict: %s", c.ID, a.Strict)
		got, code := verdict(a.Compat)
		require.Equal(t, c.Peer.Verdict, got, "%s, compatible: %s", c.ID, a.Compat)
		if c.Peer.Code == "" {
			continue // it accepts, or throws
		}
		require.Equal(t, c.Peer.Code, code, c.ID)
		if c.Strict == "refuse" {
			_, code := verdict(a.Strict)
			require.Equal(t, c.Peer.Code, code, "%s: what both refuse has one code", c.ID)
		}
	}
}

// A13: every recorded envelope, in both readings, with the bytes that are signed.
func TestA13RecordedEnvelopes(t *testing.T) {
	type result struct {
		Passed bool
		Errors []string
		Raised string
	}
	var file struct {
		Cases []struct {
			ID, Text  string
			Mandate   *string
			Mode      string
			Args      map[string]any
			Strict    string
			Canonical *string `json:"canonical_utf8"`
			Peer      struct{ Alone, Mandated result }
		} `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "aip1", "cases.json"), &file))
	var requests []map[string]any
	for _, c := range file.Cases {
		q := map[string]any{"id": c.ID, "dialect": "aip1", "kind": "envelope", "text": c.Text, "args": c.Args}
		if c.Mode == "mandated" {
			q["mandate"] = c.Mandate
		}
		requests = append(requests, q)
	}
	answers := ask(t, requests)
	for _, c := range file.Cases {
		a := answers[c.ID]
		require.Equal(t, c.Strict, a.Strict, "%s, strict", c.ID)
		peer := c.Peer.Alone
		if c.Mode == "mandated" {
			peer = c.Peer.Mandated
		}
		want := "accept"
		if !peer.Passed {
			want = "refuse " + strings.ReplaceAll(strings.Join(peer.Errors, "+"), "AIP-", "")
		}
		if peer.Raised != "" {
			verdict, _ := verdict(a.Compat)
			require.Equal(t, "refuse", verdict, c.ID)
		} else {
			require.Equal(t, want, a.Compat, "%s, compatible", c.ID)
		}
		if c.Canonical != nil {
			require.Equal(t, *c.Canonical, a.Canonical, c.ID)
		}
	}
}

// A line of white space is no request: files of other systems end their lines
// otherwise, and in empty ones.
func TestReadSkipsBlankLines(t *testing.T) {
	line := `{"id":1,"dialect":"grantex","kind":"passport","text":"","args":{"now":"2026-11-28T07:00:00Z","jwks":{"keys":[]}}}`
	for _, in := range []string{"", "\n", "\r\n", line, line + "\r\n", "\r\n \t\r\n" + line + "\r\n\r\n"} {
		var out strings.Builder
		require.NoError(t, run([]string{"read"}, strings.NewReader(in), &out), "%q", in)
		require.Equal(t, strings.Count(in, "{\"id\""), strings.Count(out.String(), "MISSING_PASSPORT")/2, "%q", in)
	}
}
