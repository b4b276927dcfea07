package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// P14: the program says of each document what the vectors say, in both readings, and
// writes their canonical texts.
func TestP14ReadOAP(t *testing.T) {
	var file struct{ Cases []map[string]any }
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "oap", "cases.json"), &file))
	require.Len(t, file.Cases, 79)
	var requests []map[string]any
	for _, c := range file.Cases {
		q := map[string]any{"dialect": "oap"}
		for _, name := range []string{"id", "kind", "text", "args"} {
			q[name] = c[name]
		}
		requests = append(requests, q)
	}
	got := answers(t, requests)
	verdict := func(s string) string {
		word, _, _ := strings.Cut(s, " ")
		return word
	}
	for _, c := range file.Cases {
		a, peer := got[c["id"].(string)], c["peer"].(map[string]any)
		assert.Equal(t, c["strict"], verdict(a.Strict), "strict: %s: %s", c["id"], a.Strict)
		want := map[any]string{"accept": "accept", "refuse": "refuse", "allow": "accept", "deny": "refuse"}[peer["verdict"]]
		assert.Equal(t, want, verdict(a.Compat), "compat: %s: %s", c["id"], a.Compat)
		for _, word := range []any{peer["error"], peer["code"]} {
			if word != nil && want == "refuse" {
				assert.Equal(t, "refuse "+word.(string), a.Compat, c["id"])
			}
		}
		if canonical, ok := peer["canonical"]; ok {
			assert.Equal(t, canonical, a.Canonical, c["id"])
		} else {
			assert.Empty(t, a.Canonical, c["id"])
		}
	}
}
