package receipt

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const killedDir = "SAFECONDUCT_TEST_RECEIPTS"

// STO-01: a process that appends is killed, again and again. Every receipt that it
// was told of is in the log, at its place.
func TestSTO01Killed(t *testing.T) {
	if dir := os.Getenv(killedDir); dir != "" {
		appendUntilKilled(t, dir)
	}
	dir, told := t.TempDir(), map[string]string{}
	for round := range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSTO01Killed$")
		cmd.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			place, id, ok := strings.Cut(lines.Text(), " ")
			if !ok || !strings.HasPrefix(id, idPrefix) {
				t.Error(lines.Text())
			}
			told[place] = id
			if n == 10+round*9 { // in the middle of what it does; what it had written is still read
				require.NoError(t, cmd.Process.Kill())
			}
		}
		require.Error(t, cmd.Wait(), "it was killed")

		l, err := Open(ctx, dir, killedOptions(t))
		require.NoError(t, err)
		for place, id := range told {
			index, err := l.Find(ctx, id)
			require.NoError(t, err)
			require.Equal(t, place, fmt.Sprint(index))
		}
		require.NoError(t, l.Close(ctx))
		_, err = Fsck(ctx, os.DirFS(dir), l.Key(), nil)
		require.NoError(t, err)
	}
}

func killedOptions(t *testing.T) Options {
	t.Helper()
	key := namedKey(t, "the log that is killed")
	return Options{Origin: origin, Signer: key, Key: key.PublicKey(), PublishEvery: 10}
}

// appendUntilKilled is the process that is killed.
func appendUntilKilled(t *testing.T, dir string) {
	l, err := Open(ctx, dir, killedOptions(t))
	require.NoError(t, err)
	for i := int(l.Size()); ; i++ {
		r := sealed(t, i)
		index, err := l.Append(ctx, r)
		require.NoError(t, err)
		fmt.Println(index, r.ID())
	}
}
