//go:build cgo

package pkcs11

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"sync"

	p11 "github.com/miekg/pkcs11"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/integrations/kms/internal/gate"
)

// Config names a key in a token.
type Config struct {
	// Token is the label of the token, Serial its serial number. One of them is
	// needed, and both must be right if both are given.
	Token, Serial string

	// Label and ID name the key (CKA_LABEL, CKA_ID) in the same way.
	Label string
	ID    []byte

	// PIN returns the PIN of the token's user. It is asked when the first session is
	// opened, and again after the token was gone; never again after a wrong PIN, since
	// a few of those lock a token. A login is of the whole process: where another key of
	// this token is in use, nothing is asked. Nil is an error.
	PIN func(context.Context) (string, error)

	// Public is the public half, for tokens that keep the private half alone. Zero: it
	// is read from the token.
	Public did.PublicKey
}

func (c *Config) check() error {
	switch {
	case c.Token == "" && c.Serial == "":
		return errors.New("pkcs11: config.Token and Serial are empty: any token would do")
	case c.Label == "" && len(c.ID) == 0:
		return errors.New("pkcs11: config.Label and ID are empty: any key would do")
	case c.PIN == nil:
		return errors.New("pkcs11: config.PIN is nil: nobody could log in")
	}
	return nil
}

func (c *Config) token() string {
	switch {
	case c.Serial == "":
		return fmt.Sprintf("labelled %q", c.Token)
	case c.Token == "":
		return fmt.Sprintf("numbered %q", c.Serial)
	}
	return fmt.Sprintf("labelled %q and numbered %q", c.Token, c.Serial)
}

func (c *Config) key() string {
	switch {
	case len(c.ID) == 0:
		return fmt.Sprintf("labelled %q", c.Label)
	case c.Label == "":
		return fmt.Sprintf("with the id %x", c.ID)
	}
	return fmt.Sprintf("labelled %q with the id %x", c.Label, c.ID)
}

// A Key is an Ed25519 key in a token: a crypto.Signer and a did.ContextSigner. Give it
// to kms.NewSigner, which verifies what it signs; it does not do so itself. It is safe
// for concurrent use, and signs kms.AtATime messages at a time. Printed, it shows its
// public half.
//
// A session that was lost, because the token was pulled out or has restarted, is opened
// anew once for each signature.
type Key struct {
	library *Library
	config  Config
	public  did.PublicKey
	gate    *gate.Gate

	mu    sync.Mutex // held while a session is opened
	wrong error      // the token has refused a PIN: nobody is asked again
	idle  []session
}

var (
	_ crypto.Signer     = (*Key)(nil)
	_ did.ContextSigner = (*Key)(nil)
)

// session is a session in which the private half was found.
type session struct {
	handle p11.SessionHandle
	key    p11.ObjectHandle
}

// Open finds a key. It fails with kms.ErrNoKey if there is none or if there are two, with
// kms.ErrRefused if the PIN is wrong, and with kms.ErrUnreachable if the token is not
// there; errors.As finds the token's own word, a pkcs11.Error of miekg.
func (l *Library) Open(ctx context.Context, c Config) (*Key, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.ID = append([]byte(nil), c.ID...)
	k := &Key{library: l, config: c, public: c.Public, gate: gate.New(kms.AtATime)}
	_, err := k.gate.Do(ctx, func() ([]byte, error) {
		return nil, l.use(func() error {
			s, err := k.open(ctx)
			if err == nil {
				k.keep(s)
			}
			return err
		})
	})
	if err != nil {
		go func() { _ = k.Close() }() // ends when the token answers
		return nil, err
	}
	return k, nil
}

// Public returns the public half, an ed25519.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.public.Crypto() }

// PublicKey returns the same as DID documents have it.
func (k *Key) PublicKey() did.PublicKey { return k.public }

func (k *Key) String() string { return "pkcs11.Key(" + k.public.String() + ")" }

// GoString keeps %#v from looking inside.
func (k *Key) GoString() string { return k.String() }

// Sign implements crypto.Signer. It refuses digests: Ed25519 signs messages.
func (k *Key) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts == nil || opts.HashFunc() != crypto.Hash(0) {
		return nil, errors.New("pkcs11: the key signs messages, not digests: want crypto.Hash(0)")
	}
	return k.SignContext(context.Background(), message)
}

// SignContext signs a message. It returns when ctx is done; what the token is doing then
// goes on by itself.
func (k *Key) SignContext(ctx context.Context, message []byte) ([]byte, error) {
	message = append([]byte(nil), message...) // the caller may be gone before the token is done
	return k.gate.Do(ctx, func() (sig []byte, err error) {
		return sig, k.library.use(func() error {
			if sig, err = k.sign(ctx, message, true); errors.Is(err, kms.ErrUnreachable) {
				sig, err = k.sign(ctx, message, false)
			}
			return err
		})
	})
}

// sign signs in an idle session, or in a new one.
func (k *Key) sign(ctx context.Context, message []byte, idle bool) ([]byte, error) {
	s, ok := k.take()
	for ; ok && !idle; s, ok = k.take() { // what was idle is as lost as the one before
		_ = k.library.ctx.CloseSession(s.handle)
	}
	if !ok {
		var err error
		if s, err = k.open(ctx); err != nil {
			return nil, err
		}
	}
	ctx11 := k.library.ctx
	err := ctx11.SignInit(s.handle, []*p11.Mechanism{p11.NewMechanism(mechanismEdDSA, nil)}, s.key)
	var sig []byte
	if err == nil {
		sig, err = ctx11.Sign(s.handle, message)
	}
	if err != nil { // the session may be in the midst of something: it is not used again
		_ = ctx11.CloseSession(s.handle)
		return nil, said("signing", err)
	}
	k.keep(s)
	return sig, nil
}

func (k *Key) take() (s session, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.idle); n > 0 {
		s, ok, k.idle = k.idle[n-1], true, k.idle[:n-1]
	}
	return s, ok
}

func (k *Key) keep(s session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.idle = append(k.idle, s)
}

// open opens a session, logs in and finds the key.
func (k *Key) open(ctx context.Context) (s session, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wrong != nil {
		return s, k.wrong
	}
	if s.handle, err = k.library.login(ctx, &k.config, 0); err != nil {
		if errors.Is(err, kms.ErrRefused) {
			k.wrong = err
		}
		return s, err
	}
	public := k.public
	if s.key, public, err = k.library.find(s.handle, &k.config, public); err != nil {
		_ = k.library.ctx.CloseSession(s.handle)
		return session{}, err
	}
	if k.public.IsZero() {
		k.public = public // nobody has the key yet: Open is running
	}
	return s, nil
}

// Close waits for signatures that are being made, and closes the sessions. The key signs
// nothing after that.
func (k *Key) Close() error {
	if !k.gate.Close() {
		return nil
	}
	err := k.library.use(func() error {
		var errs []error
		for s, ok := k.take(); ok; s, ok = k.take() {
			errs = append(errs, k.library.ctx.CloseSession(s.handle))
		}
		return errors.Join(errs...)
	})
	if err == nil || errors.Is(err, kms.ErrClosed) { // the library has closed them
		return nil
	}
	return said("closing", err)
}
