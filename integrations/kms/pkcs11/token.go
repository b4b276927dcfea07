//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	p11 "github.com/miekg/pkcs11"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/integrations/kms/internal/gate"
)

// What PKCS #11 v3.0 has for Ed25519.
const (
	keyTypeEdwards    = 0x40
	mechanismGenerate = 0x1055 // CKM_EC_EDWARDS_KEY_PAIR_GEN
	mechanismEdDSA    = 0x1057
)

// The two names of the curve, in DER: "edwards25519", and 1.3.101.112.
var curves = [][]byte{append([]byte{0x13, 12}, "edwards25519"...), {0x06, 3, 0x2b, 0x65, 0x70}}

// login opens a session and logs in, unless the process has done so.
func (l *Library) login(ctx context.Context, c *Config, flags uint) (p11.SessionHandle, error) {
	slot, err := l.slot(c)
	if err != nil {
		return 0, err
	}
	handle, err := l.ctx.OpenSession(slot, p11.CKF_SERIAL_SESSION|flags)
	if err != nil {
		return 0, said("opening a session", err)
	}
	if err := l.authenticate(ctx, handle, c); err != nil {
		_ = l.ctx.CloseSession(handle)
		return 0, err
	}
	return handle, nil
}

func (l *Library) authenticate(ctx context.Context, handle p11.SessionHandle, c *Config) error {
	info, err := l.ctx.GetSessionInfo(handle)
	switch {
	case err != nil:
		return said("looking at the session", err)
	case info.State == p11.CKS_RO_USER_FUNCTIONS, info.State == p11.CKS_RW_USER_FUNCTIONS:
		return nil
	}
	pin, err := c.PIN(ctx)
	if err != nil {
		return fmt.Errorf("pkcs11: the PIN of the token %s: %w", c.token(), err)
	}
	if pin == "" {
		return fmt.Errorf("%w: the PIN of the token %s is empty", kms.ErrRefused, c.token())
	}
	if err = l.ctx.Login(handle, p11.CKU_USER, pin); err == nil ||
		errors.Is(err, p11.Error(p11.CKR_USER_ALREADY_LOGGED_IN)) {
		return nil
	}
	return said("logging in to the token "+c.token(), err)
}

// find finds the private half, and the public half unless it is known.
func (l *Library) find(s p11.SessionHandle, c *Config, public did.PublicKey) (p11.ObjectHandle, did.PublicKey, error) {
	private, err := l.one(s, p11.CKO_PRIVATE_KEY, c)
	if err != nil {
		return 0, public, err
	}
	asked := []*p11.Attribute{p11.NewAttribute(p11.CKA_ALWAYS_AUTHENTICATE, nil)}
	always, err := l.ctx.GetAttributeValue(s, private, asked)
	if err == nil && len(always) == 1 && bytes.Contains(always[0].Value, []byte{1}) {
		return 0, public, fmt.Errorf("%w: the key %s wants the PIN for each signature, which this package does not do",
			kms.ErrRefused, c.key())
	}
	if !public.IsZero() {
		return private, public, nil
	}
	object, err := l.one(s, p11.CKO_PUBLIC_KEY, c)
	if err != nil {
		return 0, public, fmt.Errorf("%w (if the token keeps no public halves, set Config.Public)", err)
	}
	public, err = l.public(s, object)
	return private, public, err
}

// one finds the one Ed25519 key of a class that a configuration names.
func (l *Library) one(s p11.SessionHandle, class uint, c *Config) (p11.ObjectHandle, error) {
	what := map[uint]string{p11.CKO_PRIVATE_KEY: "private", p11.CKO_PUBLIC_KEY: "public"}[class]
	template := append(c.names(),
		p11.NewAttribute(p11.CKA_CLASS, class), p11.NewAttribute(p11.CKA_KEY_TYPE, keyTypeEdwards))
	if err := l.ctx.FindObjectsInit(s, template); err != nil {
		return 0, said("looking for the key", err)
	}
	found, _, err := l.ctx.FindObjects(s, 2)
	if end := l.ctx.FindObjectsFinal(s); err == nil {
		err = end
	}
	switch {
	case err != nil:
		return 0, said("looking for the key", err)
	case len(found) == 0:
		return 0, fmt.Errorf("%w: the token %s has no %s Ed25519 key %s", kms.ErrNoKey, c.token(), what, c.key())
	case len(found) > 1:
		return 0, fmt.Errorf("%w: the token %s has two %s Ed25519 keys %s: name both label and id",
			kms.ErrNoKey, c.token(), what, c.key())
	}
	return found[0], nil
}

func (c *Config) names() (template []*p11.Attribute) {
	if c.Label != "" {
		template = append(template, p11.NewAttribute(p11.CKA_LABEL, c.Label))
	}
	if len(c.ID) > 0 {
		template = append(template, p11.NewAttribute(p11.CKA_ID, c.ID))
	}
	return template
}

// public reads a public half. The point is 32 bytes, in an OCTET STRING or a BIT STRING,
// or bare: tokens differ. Ed448 has the same key type and longer points.
func (l *Library) public(s p11.SessionHandle, object p11.ObjectHandle) (did.PublicKey, error) {
	got, err := l.ctx.GetAttributeValue(s, object, []*p11.Attribute{p11.NewAttribute(p11.CKA_EC_POINT, nil)})
	if err != nil {
		return did.PublicKey{}, said("reading the public key", err)
	}
	return parsePoint(got[0].Value)
}

func parsePoint(point []byte) (did.PublicKey, error) {
	for _, prefix := range [][]byte{{0x04, 32}, {0x03, 33, 0}} {
		if rest, ok := bytes.CutPrefix(point, prefix); ok && len(rest) == 32 {
			point = rest
			break
		}
	}
	public, err := did.NewPublicKey(did.Ed25519, point)
	if err != nil {
		return public, fmt.Errorf("pkcs11: the public key in the token: %w", err)
	}
	return public, nil
}

// Generate makes an Ed25519 key pair in the token, under Label and ID, which both must be
// given, and opens it. The private half never leaves the token (CKA_SENSITIVE, not
// CKA_EXTRACTABLE). It fails if a key has that label and that id.
func (l *Library) Generate(ctx context.Context, c Config) (*Key, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Label == "" || len(c.ID) == 0 {
		return nil, errors.New("pkcs11: a new key needs a label and an id")
	}
	_, err := gate.New(1).Do(ctx, func() ([]byte, error) {
		return nil, l.use(func() error { return l.generate(ctx, &c) })
	})
	if err != nil {
		return nil, err
	}
	return l.Open(ctx, c)
}

func (l *Library) generate(ctx context.Context, c *Config) error {
	handle, err := l.login(ctx, c, p11.CKF_RW_SESSION)
	if err != nil {
		return err
	}
	defer func() { _ = l.ctx.CloseSession(handle) }()
	switch _, err := l.one(handle, p11.CKO_PRIVATE_KEY, c); {
	case err == nil:
		return fmt.Errorf("pkcs11: the token %s has a key %s already", c.token(), c.key())
	case !errors.Is(err, kms.ErrNoKey):
		return err
	}
	is := func(kind uint) *p11.Attribute { return p11.NewAttribute(kind, true) }
	for _, curve := range curves { // tokens know one of the names
		_, _, err = l.ctx.GenerateKeyPair(handle, []*p11.Mechanism{p11.NewMechanism(mechanismGenerate, nil)},
			append(c.names(), is(p11.CKA_TOKEN), is(p11.CKA_VERIFY), p11.NewAttribute(p11.CKA_EC_PARAMS, curve)),
			append(c.names(), is(p11.CKA_TOKEN), is(p11.CKA_PRIVATE), is(p11.CKA_SIGN), is(p11.CKA_SENSITIVE),
				p11.NewAttribute(p11.CKA_EXTRACTABLE, false)))
		if err == nil {
			return nil
		}
	}
	return said("generating a key", err)
}
