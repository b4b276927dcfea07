package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
)

// Of every verb of registry: a value of a flag that cannot be read ends with 2, whoever reads it, the command or the
// office, and nothing is done. What can be read and is refused, and what a file says, ends with 1, or 4.
func TestMalformedFlagsOfTheRegistry(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	do := func(line ...string) (exit int, stdout, stderr string) {
		var out bytes.Buffer
		exit, stderr = call(t, "", &out, line...)
		return exit, strings.TrimSpace(out.String()), stderr
	}
	good := func(line ...string) string {
		exit, out, stderr := do(line...)
		require.Zero(t, exit, "%q: %s", line, stderr)
		return out
	}
	good("keygen", "-o", "issuer.key")
	good("keygen", "-o", "next.key")
	did := good("keygen", "-o", "agent.key")
	good("registry", "init", "-store", "o.db", "-key", "issuer.key", "-as", "did:web:issuer.example#k1",
		"-url", "https://issuer.example", "-org", "Example Ltd")
	agent := good("registry", "agent", "add", "-store", "o.db", "-name", "buyer", "-agent", did)
	grant := good("registry", "grant", "add", "-store", "o.db", "-agent", agent, "-principal", "mailto:ada@example.org",
		"-scope", "payments:mpp:compute", "-for", "720h")
	secret := good("registry", "key", "add", "-store", "o.db", "-name", "portal", "-scope", "read")
	key, _, _ := strings.Cut(strings.TrimPrefix(secret, "apk_"), "_")
	key = "apk_" + key
	require.NoError(t, os.WriteFile("text", []byte("hello\n"), 0o600))

	long := strings.Repeat("x", 3000)
	issue := []string{"-key", "issuer.key", "-agent", agent, "-grant", grant, "-category", "compute"}
	with := func(flags []string, more ...string) []string { return slices.Concat(flags, more) }
	rotate := []string{"-new", "next.key", "-as", "did:web:issuer.example#k2"}
	var tried []string
	type lines map[int][][]string
	// Beside these, each verb is asked with an instant that is none.
	for verb, want := range map[string]lines{
		"init": {2: {
			{"-key", "issuer.key", "-url", "http://issuer.example"},
			{"-key", "issuer.key", "-url", "https://issuer.example", "-org", long},
		}},
		"org add": {2: {{"-name", long}, {"-name", "x", "-idempotency-key", "a\nb"}}},
		"agent add": {
			2: {{"-name", "x", "-agent", "x"}, {"-name", long, "-agent", did}},
			1: {{"-name", "x", "-agent", did}, {"-name", "x", "-agent", did, "-org", "ap_org_x"}},
		},
		"grant add": {
			2: {
				{"-agent", agent, "-principal", "ada", "-scope", "a.b", "-for", "1h"},
				{"-agent", agent, "-principal", "mailto:ada@example.org", "-scope", "Pay", "-for", "1h"},
				{"-agent", agent, "-principal", "mailto:ada@example.org", "-scope", "a.b", "-for", "1w"},
				{"-agent", agent, "-principal", "mailto:ada@example.org", "-scope", "a.b", "-for", "1h", "-budget", "5"},
			},
			1: {{"-agent", "ag_x", "-principal", "mailto:ada@example.org", "-scope", "a.b", "-for", "1h"}},
		},
		"issue": {
			2: {with(issue, "-for", "1w"), with(issue, "-max", "5"), with(issue, "-category", "x"), with(issue, "-allow", "Pay")},
			1: {with(issue, "-max", "5.00 USD", "-for", "721h"), with(issue, "-grant", "grnt_x")},
			4: {with(issue, "-key", "none.key")},
		},
		"list":    {2: {{"-limit", "-1"}, {"-after", "x"}, {"-status", "x"}}},
		"get":     {2: {{}}, 1: {{"ag_x"}, {"text"}}, 4: {{"none.json"}}},
		"suspend": {2: {{agent, "-for", "1w"}, {agent, "-reason", long}, {grant}}, 1: {{"ag_x"}}},
		"resume":  {2: {{grant}}, 1: {{agent}}},
		"revoke":  {2: {{agent, "-reason", long}}, 1: {{"ag_x"}}},
		"pause": {
			2: {{}, {"-office", "-reason", long}},
			1: {{"-principal", "x"}},
		},
		"unpause":            {2: {{}}, 1: {{"-office"}}},
		"publish":            {4: {{"-key", "none.key", "-out", "lists"}, {"-key", "issuer.key", "-out", "text"}}},
		"recover":            {},
		"key add":            {2: {{"-name", "x", "-scope", "x"}, {"-name", long, "-scope", "read"}}},
		"key list":           {},
		"key rotate":         {2: {{key, "-overlap", "1000h"}, {key, "-overlap", "1w"}}, 1: {{"apk_x"}}},
		"key revoke":         {2: {{key, "-reason", long}}, 1: {{"apk_x"}}},
		"issuer-key list":    {},
		"issuer-key rotate":  {2: {{}, with(rotate, "-in", "10000h"), with(rotate, "-in", "1w"), with(rotate, "-reason", long)}},
		"issuer-key revoke":  {2: {{}}, 1: {{"did:web:issuer.example#k9"}}},
		"issuer-key signed":  {2: {{}}, 1: {{"did:web:issuer.example#k9"}}},
		"issuer-key retire":  {2: {{}}, 1: {{"did:web:issuer.example#k9"}, {"did:web:issuer.example#k1"}}},
		"issuer-key publish": {4: {{"-out", "nowhere"}}},
		"erase": {
			2: {{}, {"-owner", "x", "-principal", "mailto:ada@example.org"},
				{"-principal", "mailto:ada@example.org", "-reason", long}},
			1: {{"-owner", "ap_user_x"}},
		},
		"audit list":   {2: {{"-limit", "-1"}, {"-after", "x"}}},
		"audit head":   {4: {{"-key", "none.key"}}},
		"audit verify": {1: {{"-head", "text"}}, 4: {{"-head", "nowhere"}}},
		"events":       {2: {{"-limit", "-1"}, {"-after", "x"}}},
		"import":       {2: {{"-key", "issuer.key", "-from", "x", "text"}}, 4: {{"-key", "issuer.key", "-from", "aport", "none"}}},
		"sample":       {2: {{}, {"x"}}},
	} {
		t.Run(verb, func(t *testing.T) {
			before, err := os.ReadFile("o.db")
			require.NoError(t, err)
			words := append([]string{"registry"}, strings.Fields(verb)...)
			store := []string{"-store", "o.db"}
			switch verb {
			case "init":
				store[1] = "new.db"
			case "sample":
				store = nil
			default:
				want[2] = append(want[2], []string{"-now", "today"})
			}
			for code, list := range want {
				for _, line := range list {
					exit, out, stderr := do(slices.Concat(words, store, line)...)
					require.Equal(t, code, exit, "%.200q: %s", line, stderr)
					require.Empty(t, out)
					if code == exitUsage {
						require.Contains(t, stderr, "safeconduct help registry "+verb, "where to look")
					}
				}
			}
			after, err := os.ReadFile("o.db")
			require.NoError(t, err)
			require.Equal(t, before, after, "something was done")
			require.NoFileExists(t, filepath.Join(dir, "new.db"))
		})
		tried = append(tried, verb)
	}

	var all []string
	var under func(words string, parts []*cli.Verb)
	under = func(words string, parts []*cli.Verb) {
		for _, v := range parts {
			if name := strings.TrimSpace(words + " " + v.Name); len(v.Parts) > 0 {
				under(name, v.Parts)
			} else {
				all = append(all, name)
			}
		}
	}
	under("", (&app{}).registry().Parts)
	require.ElementsMatch(t, all, tried)
}
