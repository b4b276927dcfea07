package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

const didUsage = `usage: safeconduct did key FILE          (or -key FILE)
       safeconduct did web -key FILE [-name FRAGMENT] [-out DIR] DID
       safeconduct did resolve [-web] [-did-docs DIR] DID

key       prints the did:key of a key file, private or public (PEM or JWK).
web       writes the document of a did:web with that key, and says where to
          publish it. With -out it is put below DIR, the root of the host.
          Issue with -as DID#FRAGMENT then.
resolve   prints the document behind an identifier: of did:key and did:jwk from
          the name itself, of others from the folder of -did-docs, of did:web
          over HTTPS if -web allows it.

  -key FILE        a key file, private or public; only its public half is used
  -name FRAGMENT   what the key is called in the document: key-1 unless given
  -json            print the answer as JSON

Example:
  safeconduct did key agent.key
  safeconduct did web -key issuer.key -out public did:web:issuer.example
  safeconduct issue -key issuer.key -as did:web:issuer.example#key-1 …
`

func (a *app) did(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageFailure("did: what is to be done?").hint("safeconduct help did")
	}
	f := a.flags("did " + args[0])
	switch args[0] {
	case "key":
		return a.didKey(f, args[1:])
	case "web":
		return a.didWeb(f, args[1:])
	case "resolve":
		return a.didResolve(ctx, f, args[1:])
	case "-h", "-help", "--help", "help":
		a.text.text(didUsage)
		return nil
	}
	return unknown("did", args[0])
}

func (a *app) didKey(f *flags, args []string) error {
	name := f.String("key", "", "")
	files, err := f.parse(args, "FILE")
	if err != nil {
		return err
	}
	switch {
	case *name != "" && len(files) > 0:
		return f.usage("two key files, %q and %q: want one", *name, files[0])
	case len(files) > 0:
		*name = files[0]
	case *name == "":
		return f.usage("the key file is needed; - for standard input")
	}
	key, err := a.publicKey(*name)
	if err != nil {
		return err
	}
	id, err := did.NewKeyDID(key)
	if err != nil {
		return err
	}
	if !a.json {
		a.text.text(id.String() + "\n")
		return nil
	}
	multikey := key.Multikey()
	jwk, err := did.NewJWKDID(key)
	if err != nil {
		return err
	}
	return a.answer(struct {
		header
		DID      string `json:"did"`
		KeyID    string `json:"keyId"`
		JWK      string `json:"didJwk"`
		Multikey string `json:"publicKeyMultibase"`
	}{kind("key"), id.String(), id.String() + "#" + multikey, jwk.String(), multikey})
}

// publicKey reads the public half of a key file.
func (a *app) publicKey(name string) (did.PublicKey, error) {
	// A public key may be anybody's to read; which of the two it is, only the
	// content tells.
	if name != "-" {
		head, err := (&app{}).read(name, keyBytes)
		if err != nil {
			return did.PublicKey{}, err
		}
		defer clear(head)
		if key, err := parsePublic(head); err == nil {
			return key, nil
		}
		key, err := a.privateKey(name)
		if err != nil {
			return did.PublicKey{}, err
		}
		return key.PublicKey(), nil
	}
	raw, err := a.read(name, keyBytes)
	if err != nil {
		return did.PublicKey{}, err
	}
	defer clear(raw)
	if key, err := parsePublic(raw); err == nil {
		return key, nil
	}
	key, err := parsePrivate(raw)
	if err != nil {
		return did.PublicKey{}, ioFailure(err, "standard input is no key that can be used")
	}
	return key.PublicKey(), nil
}

func parsePublic(raw []byte) (did.PublicKey, error) {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return did.ParsePublicJWK(raw)
	}
	return did.ParsePublicPEM(raw)
}

func (a *app) didWeb(f *flags, args []string) error {
	name, fragment, out := f.String("key", "", ""), f.String("name", "key-1", ""), f.String("out", "", "")
	files, err := f.parse(args, "DID")
	if err != nil {
		return err
	}
	if err := f.need("key"); err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the DID is needed, such as did:web:issuer.example")
	}
	id, err := did.Parse(files[0])
	if err != nil {
		return f.usage("%w", err)
	}
	key, err := a.publicKey(*name)
	if err != nil {
		return err
	}
	doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{{
		Fragment: *fragment, Key: key, Relationships: []did.Relationship{did.AssertionMethod, did.Authentication},
	}}})
	if err != nil {
		return f.usage("%w", err)
	}
	file, err := didweb.Publish(doc)
	if err != nil {
		return f.usage("%w", err)
	}
	if *out != "" {
		path := filepath.Join(*out, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return ioFailure(err, "cannot make the folder")
		}
		if err := writeFile(path, 0o644, true, fill(file.Body)); err != nil {
			return err
		}
		a.note("wrote %s", path)
	}
	a.note("to be served at %s, byte for byte, as %s", file.URL, file.MediaType)
	if !a.json {
		a.out.Write(append(file.Body, '\n'))
		return nil
	}
	return a.answer(struct {
		header
		DID       string          `json:"did"`
		KeyID     string          `json:"keyId"`
		URL       string          `json:"url"`
		Path      string          `json:"path"`
		MediaType string          `json:"mediaType"`
		Document  json.RawMessage `json:"document"`
	}{kind("did-document"), id.String(), id.String() + "#" + *fragment, file.URL, file.Path, file.MediaType, json.RawMessage(file.Body)})
}

func (a *app) didResolve(ctx context.Context, f *flags, args []string) error {
	web, docs := f.Bool("web", false, ""), f.String("did-docs", "", "")
	f.clock()
	files, err := f.parse(args, "DID")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the DID is needed, such as did:web:issuer.example")
	}
	id, err := did.Parse(files[0])
	if err != nil {
		return f.usage("%w", err)
	}
	r, err := a.resolver(*docs, *web)
	if err != nil {
		return err
	}
	doc, err := r.Resolve(ctx, id)
	if err != nil {
		if id.Method() == "web" && !*web {
			return (&failure{exit: exitCode(err), err: err}).hint("-web allows to fetch it over HTTPS")
		}
		return err
	}
	if !a.json {
		a.out.Write(append(plainJSON(doc.Bytes()), '\n'))
		return nil
	}
	return a.answer(struct {
		header
		DID      string          `json:"did"`
		Keys     []keyOut        `json:"keys"`
		Document json.RawMessage `json:"document"`
	}{kind("did-document"), id.String(), didOut(doc).Keys, json.RawMessage(doc.Bytes())})
}
