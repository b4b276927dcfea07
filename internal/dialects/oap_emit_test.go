package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// P14: every document that is written for the peers to accept is accepted here in both
// readings, and every other one is refused; what lies beside them says the same.
func TestP14EmitOAP(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, run([]string{"emit", folder}, strings.NewReader(""), os.Stdout))
	dir := filepath.Join(folder, "oap")
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return b
	}
	var shared map[string]any
	require.NoError(t, json.Unmarshal(file("args.json"), &shared))
	kinds := map[string]string{".passport.json": "passport", ".decision.json": "decision", ".vp.json": "vp", ".vc.json": "vc-passport"}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var requests []map[string]any
	acts := 0
	for _, e := range entries {
		verdict, rest, _ := strings.Cut(e.Name(), "-")
		if verdict != "accept" && verdict != "refuse" {
			continue
		}
		for end, kind := range kinds {
			stem, ok := strings.CutSuffix(e.Name(), end)
			if !ok {
				continue
			}
			args := map[string]any{}
			for name, v := range shared {
				args[name] = v
			}
			if own, err := os.ReadFile(filepath.Join(dir, stem+".args.json")); err == nil {
				require.NoError(t, json.Unmarshal(own, &args))
			}
			text := file(e.Name())
			switch kind {
			case "passport":
				require.Equal(t, string(file(stem+".canonical")), string(oap.Canonical(text)))
				require.Equal(t, string(file(stem+".digest")), oap.Digest(file(stem+".canonical")))
			case "vc-passport":
				if strings.Contains(string(text), oap.TypeReceipt) {
					kind = "vc-decision"
				}
				require.Contains(t, string(text), string(file(stem+".native.json")))
			case "decision":
				name := strings.TrimSuffix(strings.TrimPrefix(rest, "any-"), end)
				require.Contains(t, string(text), oap.Digest(oap.Canonical(file(name+".passport.json"))))
			}
			requests = append(requests, map[string]any{"id": e.Name(), "dialect": "oap", "kind": kind, "text": string(text), "args": args})
		}
		if strings.HasSuffix(e.Name(), ".act.json") {
			acts++
		}
	}
	require.GreaterOrEqual(t, len(requests)+acts, 15)
	require.GreaterOrEqual(t, acts, 6)
	for id, a := range answers(t, requests) {
		verdict, _, _ := strings.Cut(id, "-")
		require.True(t, strings.HasPrefix(a.Strict, verdict), "%s: strict: %s", id, a.Strict)
		require.True(t, strings.HasPrefix(a.Compat, verdict), "%s: compat: %s", id, a.Compat)
	}
}
