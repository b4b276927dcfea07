package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of calls into docs/systems.md")

const (
	page  = "../../docs/systems.md"
	first = "| call | row | here |\n|---|---|---|\n"
)

// The page lists every row of the table of calls, and no other.
func TestDocsListEveryCall(t *testing.T) {
	var b strings.Builder
	for _, rt := range routes() {
		here := "answered"
		switch {
		case rt.row == "host":
			here = "refused by name: the host's"
		case rt.do == nil:
			here = "refused by name"
		}
		call := fmt.Sprintf("`%s %s%s`", rt.method, rt.system.prefix(), rt.path)
		if rt.method == "" {
			call = fmt.Sprintf("`%s%s` and below", rt.system.prefix(), rt.path)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", call, rt.row, here)
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), first)
	require.True(t, ok, "the table is in the page")
	end := strings.Index(rest+"\n\n", "\n\n") + 1
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(before+first+b.String()+rest[min(end, len(rest)):]), 0o644))
		return
	}
	require.Equal(t, b.String(), rest[:min(end, len(rest))], "go test ./examples/office -run Docs -update writes it")
}
