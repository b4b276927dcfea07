package main

import (
	"bytes"
	"context"
	"os"
	"runtime"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/atomicfile"
	"github.com/safeconduct/safeconduct/verify/view"
)

// keyBytes is more than any form of one key needs.
const keyBytes = 8 << 10

func (a *app) keygen() *cli.Verb {
	var name string
	var force bool
	v := &cli.Verb{
		Name: "keygen", Summary: "make a key, and with it an identity",
		About: `Makes a new Ed25519 key, writes it to a file (PEM, PKCS#8, readable by you alone) and prints its identity, a
did:key, on standard output.`,
		Flags: []cli.Flag{
			flag("o", cli.Text("FILE", &name).Must(), "the file for the key; - prints the key on standard output instead, and the identity on standard error"),
			flag("force", cli.Switch(&force), "replace the file if it exists; its key is lost"),
		},
		Example: `AGENT=$(safeconduct keygen -o agent.key)`,
	}
	v.Run = func(context.Context, []string) error {
		if name == "-" && a.json {
			return v.Wrong("-o - prints the key, and -json never does")
		}
		key, err := did.GenerateKey()
		if err != nil {
			return ioFailure(err, "cannot make a key")
		}
		pem := key.PrivatePEM()
		defer clear(pem)
		if name == "-" {
			a.out.Write(pem)
			a.err.Line("%s", key.DID())
			return nil
		}
		if err := save(name, 0o600, force, pem); err != nil {
			if force {
				return err
			}
			return asFailure(err).Hint("choose another name, or -force to replace a key file: the key in it is then lost for good")
		}
		a.note("%s holds the private key; keep it to yourself", name)
		return a.say("key", view.Page{
			member("did", key.DID().String()), member("keyId", key.KeyID().String()), member("file", name),
		}, "%s", key.DID())
	}
	return v
}

// signing is whose key signs something.
type signing struct{ key, as string }

func (s *signing) flags(key, as string) []cli.Flag {
	return []cli.Flag{
		flag("key", cli.Text("FILE", &s.key).Must(), key+"; - for standard input"),
		flag("as", cli.Text("URL", &s.as), as+", such as did:web:issuer.example#key-1; its did:key unless given"),
	}
}

// signer reads the key.
func (a *app) signer(s signing) (did.Signer, error) {
	key, err := a.privateKey(s.key)
	if err != nil {
		return nil, err
	}
	return named(key, s.as)
}

// named is a key by its name in a DID document; "": as its did:key.
func named(key *did.KeyPair, as string) (did.Signer, error) {
	if as == "" {
		return key, nil
	}
	id, err := did.ParseURL(as)
	if err != nil {
		return nil, cli.Wrong("-as: %w", err).Hint("-as names a key in a DID document, such as did:web:issuer.example#key-1")
	}
	signer, err := did.NewSigner(id, key.PrivateKey())
	if err != nil {
		return nil, cli.Wrong("-as: %w", err)
	}
	return signer, nil
}

// privateKey reads a private key, in PEM (PKCS#8) or as a JWK. The file must be its owner's alone.
func (a *app) privateKey(name string) (*did.KeyPair, error) {
	raw, err := a.keyText(name)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	parse := did.ParsePrivatePEM
	if isJSON(raw) {
		parse = did.ParsePrivateJWK
	}
	key, err := parse(raw)
	if err != nil {
		return nil, ioFailure(err, "%s holds no private key that can be used", name).
			Hint("safeconduct keygen -o FILE makes one; an Ed25519 key in PEM (PKCS#8) or JWK of another program will do")
	}
	return key, nil
}

// publicKey reads the public half of a key file. A public key may be anybody's to read; which of the two it is, only
// the content tells.
func (a *app) publicKey(name string) (key did.PublicKey, err error) {
	raw, err := a.read(name, keyBytes)
	if err != nil {
		return key, err
	}
	defer clear(raw)
	parse := did.ParsePublicPEM
	if isJSON(raw) {
		parse = did.ParsePublicJWK
	}
	if key, err := parse(raw); err == nil {
		return key, nil
	}
	if name == "-" {
		a = &app{stdin: bytes.NewReader(raw)}
	}
	pair, err := a.privateKey(name)
	if err != nil {
		return key, err
	}
	return pair.PublicKey(), nil
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
		return nil, ioFailure(nil, "%s is %s, want a key file itself", name, atomicfile.Describe(before.Mode()))
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
			Hint("chmod 600 " + name + "; if others may have read it, make a new key")
	}
	return bounded(f, name, keyBytes)
}
