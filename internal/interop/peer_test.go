//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
)

// peer is the program peer.mjs, one question at a time.
type peer struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

type m = map[string]any

// answer is what the peer says. OK is false for a refusal, with Error.
type answer struct {
	OK       bool            `json:"ok"`
	Error    string          `json:"error"`
	Document json.RawMessage `json:"document"`
	Token    string          `json:"token"`
	ID       string          `json:"id"`
	Length   int             `json:"length"`
	Set      []int           `json:"set"`
	Micros   float64         `json:"micros"`
	NQuads   string          `json:"nquads"`
}

func startPeer(t testing.TB) *peer {
	t.Helper()
	if _, err := os.Stat("node_modules"); err != nil {
		t.Fatal("the other side is not installed: run npm ci in internal/interop")
	}
	cmd := exec.Command("node", "peer.mjs")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close() // the peer ends with its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("the peer: %v", err)
		}
	})
	p := &peer{in: in, out: bufio.NewReader(out)}
	p.load(t, nil)
	return p
}

// load gives the peer the embedded contexts, and more.
func (p *peer) load(t testing.TB, more map[string]string) {
	texts := m{}
	for _, s := range contexts.Sources() {
		texts[s.URL] = json.RawMessage(s.Text)
	}
	for url, text := range more {
		texts[url] = json.RawMessage(text)
	}
	p.must(t, m{"do": "contexts", "contexts": texts})
}

// ask returns the peer's answer, refusals included.
func (p *peer) ask(t testing.TB, question m) answer {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	line, err := json.Marshal(question)
	require.NoError(t, err)
	_, err = p.in.Write(append(line, '\n'))
	require.NoError(t, err)
	line, err = p.out.ReadBytes('\n')
	require.NoError(t, err, "the peer is gone")
	var a answer
	require.NoError(t, json.Unmarshal(line, &a))
	return a
}

// must is ask for what the peer should not refuse.
func (p *peer) must(t testing.TB, question m) answer {
	t.Helper()
	a := p.ask(t, question)
	require.True(t, a.OK, "the peer refuses to %s: %s", question["do"], a.Error)
	return a
}
