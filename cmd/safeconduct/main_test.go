package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the program itself, in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"safeconduct": func() { os.Exit(start()) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sc":       cmdRun,
			"capture":  cmdCapture,
			"edit":     cmdEdit,
			"world":    cmdWorld,
			"repeat":   cmdRepeat,
			"index":    cmdIndex,
			"mode":     cmdMode,
			"nothing":  cmdNothing,
			"stable":   cmdStable,
			"flip":     cmdFlip,
			"utf16":    cmdUTF16,
			"receipts": cmdReceipts,
			"decision": cmdDecision,
			"oneline":  cmdOneLine,
			"terminal": cmdTerminal,
			"narrow":   cmdNarrow,
		},
		UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
	})
}

// sc EXIT ARGS...: runs safeconduct and wants that exit code. Whatever fails
// puts nothing on standard output that reads as success (WEB-12).
func cmdRun(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("safeconduct", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	switch {
	case strings.Contains(stdout+stderr, "panic") || strings.Contains(stdout+stderr, "goroutine "):
		ts.Fatalf("it panicked")
	case got == 0:
	case strings.Contains(stdout, `"kind": "decision"`), strings.Contains(stdout, `"kind": "report"`), strings.Contains(stdout, `"kind": "examined"`):
		if strings.Contains(stdout, `"allow"`) || strings.Contains(stdout, `"passport":`) {
			ts.Fatalf("a refusal reads as success")
		}
	case slices.Contains(args, "-jsonl"):
		for _, line := range strings.Split(strings.TrimSuffix(stdout, "\n"), "\n") {
			if !json.Valid([]byte(line)) || !strings.Contains(line, `"kind":"error"`) && !strings.Contains(line, `"line":`) {
				ts.Fatalf("not a line of JSON: %s", line)
			}
		}
	case strings.Contains(stdout, `"kind": "error"`):
		if !asksJSON(args) || stderr == "" {
			ts.Fatalf("an error as JSON that nobody asked for, or that is not told to people")
		}
	case stdout != "":
		ts.Fatalf("it failed, and wrote to standard output")
	case asksJSON(args):
		ts.Fatalf("it failed, and said nothing as JSON")
	case stderr == "":
		ts.Fatalf("it failed without a word")
	}
	if strings.ContainsAny(stdout+stderr, "\x1b\x07\x08\x7f\r") || strings.Contains(stdout+stderr, "\u202e") || strings.Contains(stdout+stderr, "\u009b") {
		ts.Fatalf("the output has control characters")
	}
}

// capture NAME: sets a variable to what was printed on standard output.
func cmdCapture(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// edit FILE OLD NEW: replaces a text that stands in the file exactly once.
func cmdEdit(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%q stands %d times in %s", args[1], n, args[0])
	}
	ts.Check(os.WriteFile(name, []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}

// flip FILE: changes one letter in the middle of a token's signature.
func cmdFlip(ts *testscript.TestScript, _ bool, args []string) {
	text := []byte(ts.ReadFile(args[0]))
	i := len(text) - 40
	if text[i] == 'A' {
		text[i] = 'B'
	} else {
		text[i] = 'A'
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// utf16 FILE: writes the text into the file utf16 as PowerShell does, and into
// utf8bom with the mark that other programs of Windows put first.
func cmdUTF16(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	wide := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	ts.Check(os.WriteFile(ts.MkAbs("utf16"), wide, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("utf8bom"), []byte("\xef\xbb\xbf"+text), 0o600))
}

// repeat FILE WORD N: puts N copies of a text in the place of REPEAT.
func cmdRepeat(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	cmdEdit(ts, false, []string{args[0], "REPEAT", strings.Repeat(args[1], n)})
}

// index NAME URL#INDEX: sets a variable to the index.
func cmdIndex(ts *testscript.TestScript, _ bool, args []string) {
	_, index, ok := strings.Cut(args[1], "#")
	if !ok {
		ts.Fatalf("%q has no index", args[1])
	}
	ts.Setenv(args[0], index)
}

// decision NAME: sets a variable to the id of the decision that was printed as JSON.
func cmdDecision(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(`(?m)^  "id": "([0-9A-Z]{26})"`).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("no decision was printed")
	}
	ts.Setenv(args[0], m[1])
}

// mode OCTAL FILE: wants that permission.
func cmdMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// nothing PATTERN: wants no file of that name.
func cmdNothing(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) > 0 {
		ts.Fatalf("left behind: %q", found)
	}
}

// What differs from run to run and from build to build, and the sentences for
// people, whose wording is no interface.
var unstable = regexp.MustCompile(`(?m)^ +"(id": "[0-9A-Z]{26}|(tzdata|why|detail|hint)": "[^"]*)"`)

// stable: writes what was printed into the file of that name, without what
// differs from run to run.
func cmdStable(ts *testscript.TestScript, _ bool, _ []string) {
	text := unstable.ReplaceAllStringFunc(ts.ReadFile("stdout"), func(m string) string {
		return m[:strings.LastIndex(m[:len(m)-1], `"`)] + `"…"`
	})
	ts.Check(os.WriteFile(ts.MkAbs("stable"), []byte(text), 0o600))
}

// world: an issuer, an agent with a passport, a published list, and a
// presentation, all at $NOW.
func cmdWorld(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("NOW", "2026-11-21T09:00:00Z")
	ts.Setenv("AUD", "did:web:shop.example")
	step := func(args ...string) string {
		cmdRun(ts, false, append([]string{"0"}, args...))
		return strings.TrimSpace(ts.ReadFile("stdout"))
	}
	ts.Setenv("ISSUER", step("keygen", "-o", "issuer.key"))
	ts.Setenv("AGENT", step("keygen", "-o", "agent.key"))
	step("status", "init", "-state", "list.json", "-url", "https://issuer.example/status/1")
	step("issue", "-now", ts.Getenv("NOW"), "-key", "issuer.key", "-agent", ts.Getenv("AGENT"), "-allow", "payments.charge",
		"-category", "compute", "-max", "50.00 USD", "-status-list", "list.json", "-o", "passport.json")
	step("status", "publish", "-now", "2026-11-20T08:00:00Z", "-for", "72h", "-state", "list.json", "-key", "issuer.key", "-out", "yesterday")
	step("status", "publish", "-now", "2026-11-21T08:59:59Z", "-state", "list.json", "-key", "issuer.key", "-out", "lists")
	step("present", "-now", ts.Getenv("NOW"), "-key", "agent.key", "-passport", "passport.json", "-audience", ts.Getenv("AUD"),
		"-action", "payments.charge", "-amount", "12.50 USD", "-category", "compute", "-o", "shown.json")
}

// oneline FILE FILES...: writes the content of the files into one, a line each.
func cmdOneLine(ts *testscript.TestScript, _ bool, args []string) {
	var all []byte
	for _, name := range args[1:] {
		text := strings.TrimSpace(ts.ReadFile(name))
		all = append(append(all, text...), '\n')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), all, 0o600))
}

// narrow FILE: what a terminal has shown is in lines of at most 80 columns.
func cmdNarrow(ts *testscript.TestScript, _ bool, args []string) {
	plain := regexp.MustCompile(`\x1b\[[0-9;]*m|\r`).ReplaceAllString(ts.ReadFile(args[0]), "")
	for line := range strings.Lines(plain) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			ts.Fatalf("a line has %d columns, want at most 80: %s", n, line)
		}
	}
}
