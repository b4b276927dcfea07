//go:build unix

package testpostgres

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
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

// Bin is the folder of PostgreSQL's programs.
func Bin(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv("SAFECONDUCT_POSTGRES_BIN"); bin != "" {
		return bin
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	require.NoError(t, err)
	if len(found) == 0 {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("SAFECONDUCT_POSTGRES_BIN is not set: it names the folder of initdb and pg_ctl")
		}
		t.Skip("SAFECONDUCT_POSTGRES_BIN is not set: it names the folder of initdb and pg_ctl")
	}
	return slices.Max(found)
}

// Standby makes a copy of a cluster that follows it, and starts it. From now on
// the cluster acknowledges nothing that its standby has not on its disk.
func (c *Cluster) Standby(t testing.TB) *Cluster {
	t.Helper()
	s := bare(t)
	s.Run(t, "pg_basebackup", "-D", s.Folder, "-R", "-X", "stream", "-c", "fast", "--no-sync",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=standby", c.Port))
	s.Start(t)
	c.SQL(t, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
	c.SQL(t, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool {
		return c.SQL(t, "SELECT string_agg(sync_state, '') FROM pg_stat_replication") == "sync"
	}, time.Minute, 10*time.Millisecond, "the standby follows")
	return s
}

// Unfollow cuts a standby off from its primary.
func (c *Cluster) Unfollow(t testing.TB) {
	t.Helper()
	c.SQL(t, "ALTER SYSTEM SET primary_conninfo = ''")
	c.SQL(t, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool {
		return c.SQL(t, "SELECT count(*) FROM pg_stat_wal_receiver") == "0"
	}, time.Minute, time.Millisecond, "the standby does not follow")
}

// Promote makes a standby a primary, which waits for no other.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	c.Run(t, "pg_ctl", "-D", c.Folder, "-s", "-w", "promote")
}

// Kill ends the server by SIGKILL, and with it, at once, all that it has started.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Folder, "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

// SQL runs a statement, and returns the first value of its answer.
func (c *Cluster) SQL(t testing.TB, statement string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.DSN())
	require.NoError(t, err)
	results, err := conn.PgConn().Exec(ctx, statement).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(ctx))
	for _, r := range results {
		if len(r.Rows) > 0 {
			return string(r.Rows[0][0])
		}
	}
	return ""
}

// bare is a cluster without data, on a port that is free.
func bare(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{bin: Bin(t)}
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
