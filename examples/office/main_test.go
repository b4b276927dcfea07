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

// The program serves what it has brought over on a loopback address, and ends when it is told to.
func TestProgram(t *testing.T) {
	require.Error(t, run(ctx, "0.0.0.0:0", moving{}, io.Discard), "not loopback")
	file := filepath.Join(t.TempDir(), "export.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"owners":[{"owner_id":"o","name":"Ada"}],"data":[
		{"agent_id":"a","name":"n","role":"agent","description":"d","owner_id":"o","capabilities":[{"id":"data.export"}],
		"status":"draft"},{"agent_id":"b","owner_id":"p","status":"draft"}]}`), 0o600))
	until, stop := context.WithCancel(ctx)
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(until, "127.0.0.1:0", moving{"aport", file}, in)
		in.Close() // a pipe's Close does not fail
	}()
	var told, base, session string
	for lines := bufio.NewScanner(out); session == "" && lines.Scan(); {
		line := lines.Text()
		switch {
		case base != "":
		case strings.HasPrefix(line, "http://"):
			base = line
		default:
			told += line + "\n"
		}
		if _, token, ok := strings.Cut(line, "logged in   Authorization: Bearer "); ok {
			session = token
		}
	}
	go io.Copy(io.Discard, out) // it ends with the program
	require.NotEmpty(t, session)
	require.Contains(t, told, "2 came over changed\n")
	require.Contains(t, told, `1 did not come over`)
	client := &http.Client{Timeout: 10 * time.Second}
	q, err := http.NewRequest(http.MethodGet, base+"/aport/api/passports", nil)
	require.NoError(t, err)
	q.Header.Set("Authorization", "Bearer "+session)
	r, err := client.Do(q)
	require.NoError(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `"name":"n"`)
	r, err = client.Get(base + "/grantex/v1/passports")
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, 401, r.StatusCode)
	stop()
	require.NoError(t, <-done)
}
