package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The program serves on a loopback address, brings an export over, and ends when it is told to.
func TestProgram(t *testing.T) {
	require.Error(t, run(ctx, "0.0.0.0:0", io.Discard), "not loopback")
	until, stop := context.WithCancel(ctx)
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(until, "127.0.0.1:0", in)
		in.Close() // a pipe's Close does not fail
	}()
	var base, session, owner string
	for lines := bufio.NewScanner(out); session == "" && lines.Scan(); {
		line := lines.Text()
		if base == "" {
			base = line
		}
		if _, id, ok := strings.Cut(line, "owner "); ok {
			owner = id
		}
		if _, token, ok := strings.Cut(line, "logged in   Authorization: Bearer "); ok {
			session = token
		}
	}
	go io.Copy(io.Discard, out) // it ends with the program
	require.NotEmpty(t, session)
	file := filepath.Join(t.TempDir(), "export.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"data":[{"agent_id":"a","name":"n","role":"agent","description":"d",
		"owner_id":"o","capabilities":[{"id":"data.export"}],"status":"active"},{"agent_id":"b","owner_id":"p"}]}`), 0o600))
	var told strings.Builder
	require.NoError(t, bring(ctx, moving{
		source: aport, base: base + "/aport", token: session, owners: map[string]string{"o": owner}, wait: pause,
	}, file, &told))
	require.Equal(t, "1 came over\n1 did not: its owner is not known here\n", told.String())
	client := &http.Client{Timeout: 10 * time.Second}
	r, err := client.Get(base + "/grantex/v1/passports")
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, 401, r.StatusCode)
	stop()
	require.NoError(t, <-done)
}
