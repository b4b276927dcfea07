//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// One holds it, in this process too; then the next can.
func TestTry(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := Try(file)
	require.NoError(t, err)
	_, err = Try(file)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, file)
	unlock()
	unlock, err = Try(file)
	require.NoError(t, err)
	unlock()
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())

	_, err = Try(filepath.Join(t.TempDir(), "nowhere", "lock"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// Those who wait come in one by one.
func TestWait(t *testing.T) {
	dir := t.TempDir()
	var inside, seen atomic.Int64 // the race detector does not know of the lock
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				unlock, err := Wait(dir)
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two are in")
				}
				seen.Add(1)
				inside.Add(-1)
				unlock()
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 16*50, seen.Load())

	_, err := Wait(filepath.Join(dir, "nowhere"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// Another process is kept out, and one that is killed holds nothing.
func TestTryOfAKilledProcess(t *testing.T) {
	const env = "SAFECONDUCT_TEST_LOCK"
	if file := os.Getenv(env); file != "" {
		_, err := Try(file)
		fmt.Println(err)
		select {}
	}
	file := filepath.Join(t.TempDir(), "lock")
	cmd := exec.Command(os.Args[0], "-test.run=^TestTryOfAKilledProcess$")
	cmd.Env = append(os.Environ(), env+"="+file)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", line)
	_, err = Try(file)
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	unlock, err := Try(file)
	require.NoError(t, err)
	unlock()
}
