package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toy is a tool with one verb of everything, and what it was called with.
func toy() (t *Tool, got map[string]any) {
	got = map[string]any{}
	var name, level string
	var many []string
	var force bool
	var n int64
	var life time.Duration
	act := &Verb{
		Name: "act", Summary: "do it", About: "Does it.\n\nAll of it.", Notes: "Twice is too much.", Example: "toy act -name x",
		Args: []string{"FILE", "[OTHER]"}, NoArgs: "the file is needed",
		Flags: []Flag{
			{Help: "What"},
			{"name", Text("TEXT", &name).Must(), "what it is called; anything"},
			{"issuer", Value{Kind: "DID", Set: func(s string) error {
				if !strings.HasPrefix(s, "did:") {
					return errors.New("no")
				}
				return nil
			}}, "who"},
			{"also", List("TEXT", &many), "more"},
			{"level", Choice("LEVEL", &level, "low", "high"), "how much"},
			{"force", Switch(&force), "with force"},
			{"n", Number(&n), "how often"},
			{"for", Duration(&life, 1, time.Hour), "how long"},
		},
	}
	act.Run = func(_ context.Context, args []string) error {
		got["args"], got["name"], got["also"], got["level"], got["force"], got["n"], got["for"] = args, name, many, level, force, n, life
		got["given"] = act.Given("n")
		return nil
	}
	part := &Verb{Name: "one", Summary: "the first", Run: func(context.Context, []string) error { got["part"] = true; return nil }}
	return &Tool{
		Name: "toy", Summary: "a toy", Tail: "Try it.\n", Verbs: []*Verb{act, {Name: "box", Summary: "has parts", Parts: []*Verb{part}}},
		Meaning: func(of, word string) string { return map[string]string{"perform": "to do it: toy act"}[word] },
	}, got
}

func do(t *testing.T, words ...string) (got map[string]any, out string, err error) {
	tool, got := toy()
	var b bytes.Buffer
	err = tool.Do(context.Background(), words, &b)
	return got, b.String(), err
}

func TestFlagsHaveOneDashOrTwo(t *testing.T) {
	got, _, err := do(t, "act", "-name", "-x", "a", "--also=b", "-also", "c", "-level", "high", "-force", "-n", "0", "-for", "1h", "--", "-name")
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"args": []string{"a", "-name"}, "name": "-x", "also": []string{"b", "c"}, "level": "high", "force": true,
		"n": int64(0), "for": time.Hour, "given": true,
	}, got)
	// A value that begins like a flag, and is none, stays as it is; joined, it may even be one.
	got, _, err = do(t, "act", "-name=-force", "a", "-force=false")
	require.NoError(t, err)
	require.Equal(t, "-force", got["name"])
	require.Equal(t, false, got["force"])
	require.Equal(t, false, got["given"])
}

func TestWrongCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"":                            "no verb",
		"act a":                       "act: -name is needed: what it is called",
		"act -name x":                 "act: the file is needed",
		"act -name x a b c":           `act: unexpected argument "c"`,
		"act -nme x a":                "act: flag provided but not defined: -nme",
		"act a -name":                 "act: flag needs an argument: -name",
		"act -name -force a":          `act: -name: "-force" is a flag, and not its value (is a shell variable empty?)`,
		"act -name= a":                "act: -name is empty (is a shell variable empty?)",
		"act -name x -issuer -n a":    `act: -issuer: "-n" is not a DID (is a shell variable empty?)`,
		"act -name x -issuer me a":    `act: -issuer: "me" is not a DID: no`,
		"act -name x -level mid a":    `act: -level: "mid": want low or high`,
		"act -name x -n -1 a":         `act: -n: "-1": want a whole number from 0`,
		"act -name x -for 0s a":       `act: -for: "0s": want a time that is to come, such as 90s, 5m or 24h`,
		"act -name x -for 61m a":      `act: -for: "61m": want at most 1h0m0s`,
		"act -name x -force=maybe a":  `act: -force: "maybe": strconv.ParseBool: parsing "maybe": invalid syntax`,
		"act -name x a -h":            "act: help is asked for among other arguments",
		"perform":                     `there is no verb "perform"`,
		"box":                         "box: what is to be done?",
		"box two":                     `box: there is no "two"`,
		"help nothing":                `there is no verb "nothing"`,
		"help act more":               `act: there is no "more"`,
		"act -name x -issuer did:a -": "",
	} {
		got, out, err := do(t, strings.Fields(line)...)
		if want == "" {
			require.NoError(t, err, line)
			continue
		}
		require.Empty(t, got, line)
		require.Empty(t, out, line)
		var f *Failure
		require.ErrorAs(t, err, &f, line)
		require.Equal(t, Misuse, f.Exit, line)
		require.Contains(t, f.Error(), want, line)
		require.NotEmpty(t, f.Hints, line)
	}
	for word, hint := range map[string]string{"acct": "nearest: toy act", "bx": "toy help lists the verbs", "perform": "to do it: toy act"} {
		_, _, err := do(t, word)
		var f *Failure
		require.ErrorAs(t, err, &f)
		require.Contains(t, f.Hints[0], hint)
	}
}

func TestHelp(t *testing.T) {
	_, out, err := do(t, "act", "-h")
	require.NoError(t, err)
	require.Equal(t, `usage: toy act -name TEXT [flags] FILE [OTHER]

Does it.

All of it.

What
  -name TEXT        what it is called; anything
  -issuer DID       who
  -also TEXT ...    more
  -level LEVEL      how much
  -force            with force
  -n N              how often
  -for DURATION     how long

Twice is too much.

Example:
  toy act -name x
`, out)
	for _, words := range [][]string{{"help", "box"}, {"box", "-h"}, {"box", "--help"}} {
		_, out, err = do(t, words...)
		require.NoError(t, err)
		require.Contains(t, out, "usage: toy box one [flags]\n")
	}
	_, out, err = do(t, "help")
	require.NoError(t, err)
	require.Contains(t, out, "act        do it\n")
}

func TestManual(t *testing.T) {
	tool, _ := toy()
	tool.Verbs[0].About = ".dots 'quotes' and \\ back-slashes"
	pages := tool.Manual()
	require.Len(t, pages, 3)
	require.Contains(t, pages["toy-act.1"], "\n\\&.dots \\(aqquotes\\(aq and \\e back\\-slashes\n")
	require.Contains(t, pages["toy-act.1"], "\\fB\\-also\\fR \\fITEXT ...\\fR\nmore\n")
	require.Contains(t, pages["toy-box.1"], ".SH ONE\n")
}
