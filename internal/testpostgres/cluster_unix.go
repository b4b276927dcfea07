//go:build unix

package testpostgres

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Cluster is a server of the test's own, which it may kill.
type Cluster struct {
	Folder string // of the data
	Port   int
	bin    string
	as     *syscall.Credential
}

// NewCluster makes a cluster and starts it. Its programs are in
// SAFECONDUCT_POSTGRES_BIN, else where Debian has them; where there are none the test is
// skipped, or fails if SAFECONDUCT_CI is set.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	c := bare(t)
	c.Run(t, "initdb", "-D", c.Folder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
	c.Start(t)
	return c
}

// bare is a cluster without data, on a port that is free.
func bare(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{bin: os.Getenv("SAFECONDUCT_POSTGRES_BIN")}
	if c.bin == "" {
		found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
		require.NoError(t, err)
		if len(found) == 0 {
			if os.Getenv("SAFECONDUCT_CI") != "" {
				t.Fatal("SAFECONDUCT_POSTGRES_BIN is not set: it names the folder of initdb and pg_ctl")
			}
			t.Skip("SAFECONDUCT_POSTGRES_BIN is not set: it names the folder of initdb and pg_ctl")
		}
		c.bin = slices.Max(found)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c.Port = l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	folder, err := os.MkdirTemp("", "postgres") // that of the test is closed to other users
	require.NoError(t, err)
	c.Folder = filepath.Join(folder, "data")
	if os.Getuid() == 0 { // PostgreSQL does not run as root
		u, err := user.Lookup("postgres")
		require.NoError(t, err)
		uid, err := strconv.Atoi(u.Uid)
		require.NoError(t, err)
		gid, err := strconv.Atoi(u.Gid)
		require.NoError(t, err)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		require.NoError(t, os.Chown(folder, uid, gid))
	}
	t.Cleanup(func() {
		_ = c.command("pg_ctl", "-D", c.Folder, "-m", "immediate", "stop").Run()
		_ = os.RemoveAll(folder)
	})
	return c
}

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = filepath.Dir(c.Folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// Run runs a program of PostgreSQL.
func (c *Cluster) Run(t testing.TB, program string, args ...string) {
	t.Helper()
	// The server that pg_ctl starts keeps its output open.
	out := filepath.Join(filepath.Dir(c.Folder), "out")
	f, err := os.Create(out)
	require.NoError(t, err)
	cmd := c.command(program, args...)
	cmd.Stdout, cmd.Stderr = f, f
	err = cmd.Run()
	require.NoError(t, f.Close())
	said, _ := os.ReadFile(out)
	require.NoError(t, err, "%s: %s", program, bytes.TrimSpace(said))
}

// Start starts the server and waits for it.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	folder := filepath.Dir(c.Folder)
	c.Run(t, "pg_ctl", "-D", c.Folder, "-w", "-s", "-l", filepath.Join(folder, "log"), "-o", fmt.Sprintf(
		"-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c recovery_init_sync_method=syncfs", c.Port,
		folder), "start")
}

// Quit stops the server by SIGQUIT: at once, as if it had crashed.
func (c *Cluster) Quit(t testing.TB) {
	t.Helper()
	c.Run(t, "pg_ctl", "-D", c.Folder, "-m", "immediate", "-s", "-w", "stop")
}

// DSN returns the connection string.
func (c *Cluster) DSN() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres", c.Port)
}
