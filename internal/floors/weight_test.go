package floors

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Goal 14: what a program weighs more, stripped, when it decides on presentations offline.
func TestASmallVerifier(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the goal is stated for one system")
	}
	const most = 3 << 20
	weight := func(source string) int64 {
		file, program := filepath.Join(t.TempDir(), "main.go"), filepath.Join(t.TempDir(), "program")
		require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, file)
		build.Dir = root
		out, err := build.CombinedOutput()
		require.NoError(t, err, "%s", out)
		info, err := os.Stat(program)
		require.NoError(t, err)
		return info.Size()
	}
	more := weight(`package main

import (
	"context"
	"os"

	"`+module+`/verify"
)

func main() {
	v, err := verify.New(verify.Config{})
	if err != nil {
		os.Exit(1)
	}
	if _, err := v.Verify(context.Background(), []byte(os.Args[1]), verify.Request{}); err != nil {
		os.Exit(1)
	}
}
`) - weight("package main\n\nimport \"os\"\n\nfunc main() { os.Exit(len(os.Args)) }\n")
	t.Logf("%.2f MiB", float64(more)/(1<<20))
	require.LessOrEqual(t, more, int64(most), "what links so much? go build -ldflags=-dumpdep tells")
}
