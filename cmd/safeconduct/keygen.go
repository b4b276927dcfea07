package main

import (
	"context"

	"github.com/safeconduct/safeconduct/did"
)

const keygenUsage = `usage: safeconduct keygen -o FILE [-force] [-json]

Makes a new Ed25519 key, writes it to FILE (PEM, PKCS#8, readable by you alone)
and prints its identity, a did:key, on standard output.

  -o FILE    where the key goes; - prints it on standard output instead, and
             the identity on standard error
  -force     replace FILE if it exists; its key is lost
  -json      print the answer as JSON (never the key)

Example:
  AGENT=$(safeconduct keygen -o agent.key)
`

func (a *app) keygen(_ context.Context, args []string) error {
	f := a.flags("keygen")
	name := f.String("o", "", "")
	force := f.Bool("force", false, "")
	if _, err := f.parse(args); err != nil {
		return err
	}
	switch {
	case *name == "":
		return f.usage("-o is needed: the file for the key")
	case *name == "-" && a.json:
		return f.usage("-o - prints the key, and -json never does")
	}
	key, err := did.GenerateKey()
	if err != nil {
		return ioFailure(err, "cannot make a key")
	}
	pem := key.PrivatePEM()
	defer clear(pem)
	if *name == "-" {
		a.out.Write(pem)
		a.err.line("%s", key.DID())
		return nil
	}
	if err := writeFile(*name, 0o600, *force, fill(pem)); err != nil {
		if f := asFailure(err); !*force && f != nil {
			return f.hint("choose another name, or -force to replace a key file: the key in it is then lost for good")
		}
		return err
	}
	a.note("%s holds the private key; keep it to yourself", *name)
	if a.json {
		return a.answer(struct {
			header
			DID   string `json:"did"`
			KeyID string `json:"keyId"`
			File  string `json:"file"`
		}{kind("key"), key.DID().String(), key.KeyID().String(), *name})
	}
	a.text.text(key.DID().String() + "\n")
	return nil
}
