//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// aport is the program aport/peer.py on APort's own packages.
type aport struct {
	in  io.Writer
	out *bufio.Reader
}

type aportAnswer struct {
	Allow     bool
	Code      string
	Decision  string
	ID        string
	Level     string
	Digest    string
	ExpiresIn int
	Codes     []string
	Packs     map[string]struct {
		Capabilities, Limits, Required, Context, Codes []string
		Assurance                                      string
	}
}

func startAport(t *testing.T) *aport {
	t.Helper()
	python := filepath.Join("aport", ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatal("APort's packages are not installed: .ci/stages does it")
	}
	cmd := exec.Command(python, filepath.Join("aport", "peer.py"))
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
	return &aport{in: in, out: bufio.NewReader(out)}
}

func (p *aport) ask(t *testing.T, q m) (a aportAnswer) {
	t.Helper()
	line, err := json.Marshal(q)
	require.NoError(t, err)
	_, err = p.in.Write(append(line, '\n'))
	require.NoError(t, err)
	text, err := p.out.ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &a))
	return a
}

// emitted are the documents that the dialects program writes for APort.
func emitted(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	out, err := exec.Command("go", "run", "../dialects", "emit", folder).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(folder, "oap")
}

// P14: the guardrails take our passports, say of each act what the file's name says,
// and what they write is read here.
func TestP14AportJudgesOurActs(t *testing.T) {
	p, dir := startAport(t), emitted(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.act.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		var act struct {
			Passport, Tool string
			Context        map[string]any
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &act))
		pass, err := os.ReadFile(filepath.Join(dir, act.Passport))
		require.NoError(t, err)
		said := p.ask(t, m{"op": "act", "passport": string(pass), "tool": act.Tool, "context": act.Context})
		verdict, rest, _ := strings.Cut(filepath.Base(file), "-")
		want := "oap.allowed"
		if verdict == "refuse" {
			code, _, _ := strings.Cut(rest, "-")
			want = "oap." + code
		}
		require.Equal(t, want, said.Code, file)
		require.Equal(t, verdict == "accept", said.Allow, file)

		d, err := oap.ParseLocalDecision([]byte(said.Decision))
		require.NoError(t, err, said.Decision)
		require.Equal(t, said.Allow, d.Allow)
		require.Equal(t, d.ContentHash, d.Recompute(), "the hash of what the guardrails wrote")
		require.NoError(t, d.Follows(nil))
		native, err := oap.ParsePassport(pass, oap.Strict)
		require.NoError(t, err)
		require.Equal(t, native.GuardrailsDigest(), d.PassportDigest)
	}
}

// P14: the SDK reads our decisions as those of the service.
func TestP14AportReadsOurDecisions(t *testing.T) {
	p, dir := startAport(t), emitted(t)
	for name, allow := range map[string]bool{"allow": true, "deny": false, "capped": true} {
		text, err := os.ReadFile(filepath.Join(dir, "accept-"+name+".decision.json"))
		require.NoError(t, err)
		d, err := oap.ParseDecision(text, oap.Strict)
		require.NoError(t, err)
		said := p.ask(t, m{"op": "decision", "decision": string(text)})
		require.Equal(t, allow, said.Allow)
		require.Equal(t, []string{d.ID, string(d.Assurance), d.PassportDigest, d.Reasons[0].Code},
			[]string{said.ID, said.Level, said.Digest, said.Codes[0]})
	}
}

// P13: our packs have the facts of those that the guardrails bring along. What APort
// has changed since is listed: the pinned packs stay as they were published.
func TestP13PacksHaveTheFactsOfAport(t *testing.T) {
	theirs := startAport(t).ask(t, m{"op": "packs"}).Packs
	for _, id := range packs.IDs() {
		pack, err := packs.Published(id)
		require.NoError(t, err)
		their, ok := theirs[id]
		require.True(t, ok, "APort no longer has %s", id)
		facts := pack.Facts()
		require.Equal(t, their.Capabilities, facts.Capabilities, id)
		require.Equal(t, their.Assurance, string(facts.Assurance), id)
		require.Equal(t, their.Limits, facts.Limits, id)
		require.Equal(t, their.Required, facts.Required, id)
		for _, member := range facts.Context {
			require.Contains(t, their.Context, member, id)
		}
		for _, code := range their.Codes {
			if !slices.Contains(facts.Codes, code) && !slices.Contains(unreachable[id], code) {
				t.Errorf("%s: no rule denies with %s", id, code)
			}
		}
	}
}

// unreachable are the codes that a step before the rules always says first: the
// schema or, for format_unsupported, its list of formats.
var unreachable = map[string][]string{
	"agent.tool.register.v1": {"invalid_tool_name"}, "code.release.publish.v1": {"format_unsupported"},
	"data.export.create.v1":     {"format_unsupported", "unknown_capability"},
	"code.repository.merge.v1":  {"unknown_capability"},
	"messaging.message.send.v1": {"content_too_long", "unknown_capability"},
}
