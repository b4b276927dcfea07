package main

import (
	"bytes"
	"os"
	"runtime"

	"github.com/safeconduct/safeconduct/did"
)

// keyBytes is more than any form of one key needs.
const keyBytes = 8 << 10

// signer reads the key of -key. as is the DID URL under which verifiers find
// it; empty: its did:key.
func (a *app) signer(name, as string) (did.Signer, error) {
	key, err := a.privateKey(name)
	if err != nil {
		return nil, err
	}
	if as == "" {
		return key, nil
	}
	id, err := did.ParseURL(as)
	if err != nil {
		return nil, usageFailure("-as: %w", err).hint("-as names a key in a DID document, such as did:web:issuer.example#key-1")
	}
	s, err := did.NewSigner(id, key.PrivateKey())
	if err != nil {
		return nil, usageFailure("-as: %w", err)
	}
	return s, nil
}

// privateKey reads a private key, in PEM (PKCS#8) or as a JWK. The file must
// be its owner's alone.
func (a *app) privateKey(name string) (*did.KeyPair, error) {
	raw, err := a.keyText(name)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	key, err := parsePrivate(raw)
	if err != nil {
		return nil, ioFailure(err, "%s holds no private key that can be used", name).
			hint("safeconduct keygen -o FILE makes one; an Ed25519 key in PEM (PKCS#8) or JWK of another program will do")
	}
	return key, nil
}

func parsePrivate(raw []byte) (*did.KeyPair, error) {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return did.ParsePrivateJWK(raw)
	}
	return did.ParsePrivatePEM(raw)
}

// keyText reads a key file, if it is one that nobody else can read or switch.
func (a *app) keyText(name string) ([]byte, error) {
	if name == "-" {
		return a.read(name, keyBytes)
	}
	before, err := os.Lstat(name)
	if err != nil {
		return nil, ioFailure(err, "cannot read the key")
	}
	if !before.Mode().IsRegular() {
		return nil, ioFailure(nil, "%s is %s, want a key file itself", name, describe(before.Mode()))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, ioFailure(err, "cannot read the key")
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, ioFailure(err, "cannot read the key")
	case !os.SameFile(before, info):
		return nil, ioFailure(nil, "%s was replaced while it was opened", name)
	// Windows keeps permissions elsewhere, and shows every file as open to all.
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, ioFailure(nil, "%s can be read by others (mode %04o), want it to be yours alone", name, info.Mode().Perm()).
			hint("chmod 600 " + name + "; if others may have read it, make a new key")
	case info.Size() > keyBytes:
		return nil, ioFailure(nil, "%s has %d bytes, which no key has", name, info.Size())
	}
	return readOpen(f, name)
}

func readOpen(f *os.File, name string) ([]byte, error) {
	raw := make([]byte, keyBytes)
	n := 0
	for n < len(raw) {
		m, err := f.Read(raw[n:])
		n += m
		if m == 0 || err != nil {
			break // a key that was cut short is refused when it is parsed
		}
	}
	if n == 0 {
		return nil, ioFailure(nil, "%s is empty", name)
	}
	return raw[:n], nil
}
