package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// answers runs the program over requests, and returns its answers by id.
func answers(t *testing.T, requests []map[string]any) map[string]answer {
	t.Helper()
	var in, out bytes.Buffer
	for _, q := range requests {
		line, err := json.Marshal(q)
		require.NoError(t, err)
		in.Write(append(line, '\n'))
	}
	require.NoError(t, run([]string{"read"}, &in, &out))
	got := map[string]answer{}
	for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
		var a answer
		require.NoError(t, json.Unmarshal([]byte(line), &a))
		var id string
		require.NoError(t, json.Unmarshal(a.ID, &id))
		got[id] = a
	}
	require.Len(t, got, len(requests))
	return got
}

// P13: the program says of each act what the pack says, in both readings.
func TestP13ReadPolicies(t *testing.T) {
	var file struct {
		Now   string
		Cases []map[string]any
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "policies", "cases.json"), &file))
	var requests []map[string]any
	for _, c := range file.Cases {
		q := map[string]any{"dialect": "policies", "kind": "policy", "args": map[string]any{"now": file.Now}}
		for _, name := range []string{"id", "pack", "passport", "limits", "context", "state"} {
			q[name] = c[name]
		}
		requests = append(requests, q)
	}
	got := answers(t, requests)
	verdict := func(v any) string {
		m := v.(map[string]any)
		if m["allow"].(bool) {
			return "allow " + m["code"].(string)
		}
		return "deny " + m["code"].(string)
	}
	for _, c := range file.Cases {
		a := got[c["id"].(string)]
		assert.Equal(t, verdict(c["strict"]), a.Strict, c["id"])
		assert.Equal(t, verdict(c["derived"]), a.Compat, c["id"])
	}
}
