// Package sshagent signs with an Ed25519 key in an ssh-agent: one of OpenSSH, of a
// password manager, or of a hardware key that speaks its protocol.
//
//	public, err := sshagent.ParsePublicKey(line) // of issuer.pub, or of ssh-add -L
//	key, err := sshagent.New(sshagent.Config{Socket: os.Getenv("SSH_AUTH_SOCK"), Public: public})
//	signer, err := kms.NewSigner(ctx, did.MustParseURL("did:web:issuer.example#agent-1"), key)
//
// Use a key that signs passports alone, and that no server lets in.
package sshagent

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/integrations/kms/internal/gate"
)

// Config names a key in an agent.
type Config struct {
	// Socket is the path of the agent's socket, as SSH_AUTH_SOCK has it. It may be
	// empty if Dial is set.
	Socket string

	// Public is the public half of the key, as ParsePublicKey reads it. Zero is an
	// error: an agent may hold keys that are for something else.
	Public did.PublicKey

	// Dial connects to the agent, for each signature anew. Nil: to Socket.
	Dial func(context.Context) (net.Conn, error)
}

// A Key is a key in an agent: a crypto.Signer and a did.ContextSigner. Give it to
// kms.NewSigner, which verifies what it signs; it does not do so itself. It is safe for
// concurrent use, and signs kms.AtATime messages at a time. Nothing needs to be closed.
type Key struct {
	config Config
	gate   *gate.Gate
}

var (
	_ crypto.Signer     = (*Key)(nil)
	_ did.ContextSigner = (*Key)(nil)
)

// ParsePublicKey reads a line of a .pub file: "ssh-ed25519 AAAA… comment".
func ParsePublicKey(line []byte) (did.PublicKey, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey(line)
	if err != nil {
		return did.PublicKey{}, fmt.Errorf("sshagent: want a line such as ssh-ed25519 AAAA… name: %w", err)
	}
	of, ok := key.(ssh.CryptoPublicKey)
	if !ok || key.Type() != ssh.KeyAlgoED25519 {
		return did.PublicKey{}, fmt.Errorf("sshagent: the key is %s, want %s", key.Type(), ssh.KeyAlgoED25519)
	}
	return did.PublicKeyOf(of.CryptoPublicKey())
}

// New returns a key of an agent. It does not ask the agent: kms.NewSigner does.
func New(c Config) (*Key, error) {
	if c.Public.IsZero() {
		return nil, errors.New("sshagent: config.Public is zero: any key of the agent would do")
	}
	if _, err := sshKey(c.Public); err != nil {
		return nil, err
	}
	if c.Dial == nil {
		if c.Socket == "" {
			return nil, errors.New("sshagent: config.Socket is empty: is SSH_AUTH_SOCK set?")
		}
		socket := c.Socket
		c.Dial = func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}
	}
	return &Key{c, gate.New(kms.AtATime)}, nil
}

func sshKey(public did.PublicKey) (ssh.PublicKey, error) {
	key, ok := public.Crypto().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("sshagent: the key is %s, want Ed25519", public.Algorithm())
	}
	return ssh.NewPublicKey(key)
}

// Public returns the public half, an ed25519.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.config.Public.Crypto() }

// PublicKey returns the same as DID documents have it.
func (k *Key) PublicKey() did.PublicKey { return k.config.Public }

func (k *Key) String() string { return "sshagent.Key(" + k.config.Public.String() + ")" }

// Sign implements crypto.Signer. It refuses digests: Ed25519 signs messages.
func (k *Key) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts == nil || opts.HashFunc() != crypto.Hash(0) {
		return nil, errors.New("sshagent: the key signs messages, not digests: want crypto.Hash(0)")
	}
	return k.SignContext(context.Background(), message)
}

// SignContext asks the agent for a signature. It returns when ctx is done, and the agent
// is hung up on. It fails with kms.ErrUnreachable if the agent does not answer, with
// kms.ErrNoKey if it does not have the key, and with kms.ErrRefused if it has it and does
// not sign: it is locked, or a person has said no.
func (k *Key) SignContext(ctx context.Context, message []byte) ([]byte, error) {
	message = append([]byte(nil), message...)
	return k.gate.Do(ctx, func() ([]byte, error) { return k.ask(ctx, message) })
}

func (k *Key) ask(ctx context.Context, message []byte) ([]byte, error) {
	key, err := sshKey(k.config.Public)
	if err != nil {
		return nil, err
	}
	conn, err := k.config.Dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", kms.ErrUnreachable, err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	holder := agent.NewClient(conn)
	sig, err := holder.Sign(key, message)
	if err == nil {
		if sig.Format != ssh.KeyAlgoED25519 || len(sig.Rest) > 0 {
			return nil, fmt.Errorf("sshagent: the agent's signature is %.40q, want %s", sig.Format, ssh.KeyAlgoED25519)
		}
		return sig.Blob, nil
	}
	held, listErr := holder.List()
	if listErr != nil {
		return nil, fmt.Errorf("%w: %w", kms.ErrUnreachable, errors.Join(err, listErr))
	}
	for _, one := range held {
		if string(one.Blob) == string(key.Marshal()) {
			return nil, fmt.Errorf("%w: the agent has the key and does not sign with it: %w", kms.ErrRefused, err)
		}
	}
	return nil, fmt.Errorf("%w: the agent holds %d keys, none of which is %s", kms.ErrNoKey, len(held), k.config.Public)
}
