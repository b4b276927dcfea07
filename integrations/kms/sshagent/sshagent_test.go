package sshagent_test

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/integrations/kms/sshagent"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// holder is OpenSSH's agent, with one key that ssh-keygen has made.
type holder struct {
	t      testing.TB
	socket string
	public did.PublicKey
	cmd    *exec.Cmd
}

func newAgent(t testing.TB) *holder {
	for _, name := range []string{"ssh-agent", "ssh-keygen", "ssh-add"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("SAFECONDUCT_CI") != "" {
				t.Fatal(name + " is not installed (package openssh-client)")
			}
			t.Skip(name + " is not installed")
		}
	}
	folder, err := os.MkdirTemp("", "agent") // the path of a socket is short
	require.NoError(t, err)
	h := &holder{t: t, socket: filepath.Join(folder, "s")}
	h.cmd = exec.Command("ssh-agent", "-D", "-a", h.socket)
	require.NoError(t, h.cmd.Start())
	t.Cleanup(func() { h.stop(); _ = os.RemoveAll(folder) })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("unix", h.socket)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 30*time.Second, time.Millisecond)
	file := filepath.Join(folder, "issuer")
	h.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "issuer", "-f", file)
	h.run("ssh-add", "-q", file)
	line, err := os.ReadFile(file + ".pub")
	require.NoError(t, err)
	h.public, err = sshagent.ParsePublicKey(line)
	require.NoError(t, err)
	return h
}

func (h *holder) run(name string, args ...string) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+h.socket)
	out, err := cmd.CombinedOutput()
	require.NoError(h.t, err, "%s", out)
}

func (h *holder) stop() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

func (h *holder) key(public did.PublicKey) *sshagent.Key {
	key, err := sshagent.New(sshagent.Config{Socket: h.socket, Public: public})
	require.NoError(h.t, err)
	return key
}

// ask talks to the agent itself.
func (h *holder) ask(do func(agent.ExtendedAgent) error) {
	conn, err := net.Dial("unix", h.socket)
	require.NoError(h.t, err)
	require.NoError(h.t, do(agent.NewClient(conn)))
	require.NoError(h.t, conn.Close())
}

// A key in a real agent issues a passport, whose proof holds; many sign at a time.
func TestIssues(t *testing.T) {
	h := newAgent(t)
	key := h.key(h.public)
	issuer, err := did.NewKeyDID(h.public)
	require.NoError(t, err)
	id, err := issuer.URL(issuer.SpecificID())
	require.NoError(t, err)
	signer, err := kms.NewSigner(t.Context(), id, key)
	require.NoError(t, err)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	subject, err := did.GenerateKey()
	require.NoError(t, err)
	pass, err := passport.Issue(t.Context(), signer, &passport.Passport{
		Agent: subject.DID(), Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "files.read"}}},
		Status: []statuslist.Entry{{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation, Index: 7}},
	}, passport.IssueOptions{Now: func() time.Time { return now }})
	require.NoError(t, err)
	require.NoError(t, pass.CheckProofs(t.Context(), did.KeyMethods(), did.AssertionMethod, now))
	require.NotContains(t, fmt.Sprintf("%v %+v", key, key), "0x")

	var wg sync.WaitGroup
	var wrong atomic.Int64
	for i := range 16 {
		wg.Go(func() {
			message := fmt.Appendf(nil, "%d", i)
			if sig, err := key.SignContext(t.Context(), message); err != nil || !h.public.Verify(message, sig) {
				wrong.Add(1)
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
	sig, err := key.Sign(nil, []byte("message"), crypto.Hash(0))
	require.NoError(t, err)
	require.True(t, h.public.Verify([]byte("message"), sig))
	_, err = key.Sign(nil, make([]byte, 64), crypto.SHA512)
	require.ErrorContains(t, err, "not digests")
}

// Each fault of the agent has an error of its own.
func TestFaults(t *testing.T) {
	h := newAgent(t)
	signs := func(public did.PublicKey) error {
		_, err := h.key(public).SignContext(t.Context(), []byte("message"))
		return err
	}
	other, err := did.GenerateKey()
	require.NoError(t, err)
	require.NoError(t, signs(h.public))
	require.ErrorIs(t, signs(other.PublicKey()), kms.ErrNoKey)
	h.ask(func(a agent.ExtendedAgent) error { return a.Lock([]byte("word")) })
	require.ErrorIs(t, signs(h.public), kms.ErrNoKey, "an agent that is locked shows no keys")
	h.ask(func(a agent.ExtendedAgent) error { return a.Unlock([]byte("word")) })
	require.NoError(t, signs(h.public))
	h.ask(func(a agent.ExtendedAgent) error { return a.RemoveAll() })
	require.ErrorIs(t, signs(h.public), kms.ErrNoKey)
	// Somebody is asked before each use, and nobody answers: there is no screen.
	h.ask(func(a agent.ExtendedAgent) error {
		return a.Add(agent.AddedKey{PrivateKey: other.PrivateKey(), ConfirmBeforeUse: true})
	})
	require.ErrorIs(t, signs(other.PublicKey()), kms.ErrRefused)
	h.stop()
	require.ErrorIs(t, signs(h.public), kms.ErrUnreachable)
}

// An agent that hangs keeps nobody beyond their context.
func TestHangs(t *testing.T) {
	public := must(did.GenerateKey()).PublicKey()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = there.Close() })
	dial := func(context.Context) (net.Conn, error) { return here, nil }
	key, err := sshagent.New(sshagent.Config{Public: public, Dial: dial})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = there.Read(make([]byte, 1))
		cancel()
	}()
	_, err = key.SignContext(ctx, []byte("message"))
	require.ErrorIs(t, err, context.Canceled)
	_ = there.SetReadDeadline(time.Now().Add(30 * time.Second)) // an error says that it is closed
	_, err = io.Copy(io.Discard, there)
	require.NoError(t, err, "the agent was hung up on")
}

// renamed is an agent that signs with another key than the one that was named.
type renamed struct {
	agent.Agent
	with ssh.PublicKey
}

func (r renamed) Sign(_ ssh.PublicKey, data []byte) (*ssh.Signature, error) {
	return r.Agent.Sign(r.with, data)
}

// A signature of another key of the agent is refused.
func TestAnotherKeySigns(t *testing.T) {
	mine, other := must(did.GenerateKey()), must(did.GenerateKey())
	keyring := agent.NewKeyring()
	require.NoError(t, keyring.Add(agent.AddedKey{PrivateKey: other.PrivateKey()}))
	held, err := keyring.List()
	require.NoError(t, err)
	dial := func(context.Context) (net.Conn, error) {
		here, there := net.Pipe()
		go func() { _ = agent.ServeAgent(renamed{keyring, held[0]}, there) }()
		return here, nil
	}
	key, err := sshagent.New(sshagent.Config{Public: mine.PublicKey(), Dial: dial})
	require.NoError(t, err)
	_, err = kms.NewSigner(t.Context(), did.MustParseURL("did:web:issuer.example#a"), key)
	require.ErrorIs(t, err, did.ErrKey)
}

func TestConfig(t *testing.T) {
	public := must(did.GenerateKey()).PublicKey()
	_, err := sshagent.New(sshagent.Config{Socket: "s"})
	require.ErrorContains(t, err, "any key of the agent would do")
	_, err = sshagent.New(sshagent.Config{Public: public})
	require.ErrorContains(t, err, "SSH_AUTH_SOCK")
	for _, line := range []string{"", "ssh-ed25519", "ssh-rsa AAAA", "ecdsa-sha2-nistp256 " +
		"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHhx"} {
		_, err := sshagent.ParsePublicKey([]byte(line))
		require.Error(t, err, line)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
