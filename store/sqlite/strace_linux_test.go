package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// traced is the file of a process that runs under strace.
const traced = "SAFECONDUCT_TRACED"

const steps = 40

// TestTraced is the process that runs under strace: it says what was acknowledged.
func TestTraced(t *testing.T) {
	path := os.Getenv(traced)
	if path == "" {
		t.Skip("TestDurability and TestBadDisk run it")
	}
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	require.NoError(t, err)
	fmt.Println("open")
	for i := range steps {
		r := storetest.Act(fmt.Sprint(i), storetest.Noon, 1, 1<<30)
		_, err := s.Ledger().Reserve(ctx, r)
		if err == nil {
			fmt.Println("acknowledged", i)
			err = s.Ledger().Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: r.At})
		}
		if err == nil {
			fmt.Println("acknowledged", i)
			continue
		}
		require.ErrorIs(t, err, verify.LedgerUnavailable)
		fmt.Println("failed", i)
	}
	_ = s.Close()
}

// trace runs TestTraced under strace and returns what that wrote, and what the
// process said.
func trace(t *testing.T, path string, options ...string) (calls, said []string) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("strace is not installed")
	}
	out := filepath.Join(t.TempDir(), "trace")
	args := append([]string{"-f", "-y", "-o", out}, options...)
	cmd := exec.Command("strace", append(args, os.Args[0], "-test.run=^TestTraced$")...)
	cmd.Env = append(os.Environ(), traced+"="+path)
	text, err := cmd.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		require.NoError(t, err)
	}
	log, err := os.ReadFile(out)
	require.NoError(t, err)
	return strings.Split(string(log), "\n"), strings.Split(string(bytes.TrimSpace(text)), "\n")
}

// A kill loses nothing that the kernel holds, so it proves nothing about the disk. Here
// the calls of the process are looked at: between what is written of an act and its
// answer there is a sync of the log that has succeeded.
func TestDurability(t *testing.T) {
	calls, said := trace(t, filepath.Join(t.TempDir(), "ledger.db"), "-e", "trace=write,pwrite64,fsync,fdatasync")
	require.Contains(t, said, fmt.Sprint("acknowledged ", steps-1))
	synced, written, acknowledged := true, false, 0
	for _, call := range calls {
		switch {
		case strings.Contains(call, "pwrite64(") && strings.Contains(call, "-wal>"):
			synced, written = false, true
		case strings.Contains(call, "sync(") && strings.HasSuffix(call, "= 0"),
			strings.Contains(call, "sync resumed>") && strings.HasSuffix(call, "= 0"):
			synced = true
		case strings.Contains(call, `"acknowledged`):
			require.True(t, synced && written, "acknowledged before it was on the disk: %s", call)
			written = false
			acknowledged++
		}
	}
	require.Equal(t, 2*steps, acknowledged)
}

// STO-05, STO-06: a disk that does not take what is written.
func TestBadDisk(t *testing.T) {
	for _, c := range []struct {
		name, inject string
		recovers     bool
	}{
		{"sync fails", "fsync,fdatasync:error=EIO:when=12", false},
		{"syncs fail", "fsync,fdatasync:error=EIO:when=12+", false},
		{"writing fails", "pwrite64:error=EIO:when=60+", false},
		{"the disk is full for a while", "pwrite64:error=ENOSPC:when=60..64", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			require.NoError(t, open(t, path).Close())
			_, said := trace(t, path, "-e", "inject="+c.inject)
			failed, after := 0, 0
			acknowledged := map[int]int{}
			for _, line := range said {
				var i int
				switch {
				case strings.HasPrefix(line, "failed "):
					failed++
				case strings.HasPrefix(line, "acknowledged "):
					_, err := fmt.Sscanf(line, "acknowledged %d", &i)
					require.NoError(t, err)
					acknowledged[i]++
					if failed > 0 {
						after++
					}
				}
			}
			require.Positive(t, failed, "%q", said)
			require.NotEmpty(t, acknowledged)
			if c.recovers {
				require.Positive(t, after, "it did not go on when there was room again")
			} else if strings.Contains(c.inject, "sync") {
				require.Zero(t, after, "after a sync that failed nobody knows what is on the disk")
			}
			s := open(t, path)
			defer s.Close()
			require.NoError(t, s.Check(ctx))
			for i, n := range acknowledged {
				e, err := s.Ledger().Entry(ctx, storetest.Act(fmt.Sprint(i), storetest.Noon, 1, 1).Record.Decision)
				require.NoError(t, err, "act %d was acknowledged", i)
				if n == 2 {
					require.Equal(t, verify.HoldSpent, e.State)
				}
			}
		})
	}
}
