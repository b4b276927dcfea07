package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
)

// M9: under --json every verb says why it failed as an object: when it is used
// wrongly, when a file cannot be found, and when a file is not what it should be.
func TestM9EveryVerbFailsAsJSON(t *testing.T) {
	t.Chdir(t.TempDir()) // some verbs write where they are told to
	tried := 0
	var try func(v *cli.Verb, words []string)
	try = func(v *cli.Verb, words []string) {
		words = append(slices.Clone(words), v.Name)
		for _, part := range v.Parts {
			try(part, words)
		}
		if len(v.Parts) > 0 {
			return
		}
		for name, more := range map[string][]string{
			"a flag that is unknown": {"--no-such-flag"},
			"files that are missing": {"no-such-file", "no-such-file-2", "no-such-file-3", "no-such-file-4"},
			"files that are no such": {"-"},
		} {
			args := append(append(slices.Clone(words), "--json"), more...)
			var out bytes.Buffer
			exit, stderr := call(t, "this is not a document", &out, args...)
			if exit == 0 {
				continue // a verb that needs nothing
			}
			tried++
			require.NotEmpty(t, stderr, "%q: %s", args, name)
			var answer struct{ Kind, Error, Detail, Code string }
			require.NoError(t, json.Unmarshal(out.Bytes(), &answer), "%q: %s: %s", args, name, out.String())
			require.NotEmpty(t, answer.Kind, "%q: %s", args, out.String())
			require.NotContains(t, out.String(), `"allow"`)
		}
	}
	for _, v := range (&app{}).tool().Verbs {
		try(v, nil)
	}
	require.Greater(t, tried, 60)
}
