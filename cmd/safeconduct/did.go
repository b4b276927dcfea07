package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) did() *cli.Verb {
	return &cli.Verb{
		Name: "did", Summary: "identifiers: of a key, of a document, on the web",
		Parts: []*cli.Verb{a.didKey(), a.didWeb(), a.didResolve()},
		Example: `safeconduct did key agent.key
safeconduct did web -key issuer.key -out public did:web:issuer.example
safeconduct issue -key issuer.key -as did:web:issuer.example#key-1 …`,
	}
}

func (a *app) didKey() *cli.Verb {
	var name string
	v := &cli.Verb{
		Name: "key", Summary: "print the did:key of a key file",
		About: "Prints the did:key of a key file, private or public (PEM or JWK).",
		Args:  []string{"[FILE]"},
		Flags: []cli.Flag{flag("key", cli.Text("FILE", &name), "the key file, where it does not stand by itself; - for standard input")},
	}
	v.Run = func(_ context.Context, files []string) error {
		switch {
		case name != "" && len(files) > 0:
			return v.Wrong("two key files, %q and %q: want one", name, files[0])
		case len(files) > 0:
			name = files[0]
		case name == "":
			return v.Wrong("the key file is needed; - for standard input")
		}
		key, err := a.publicKey(name)
		if err != nil {
			return err
		}
		id, err := did.NewKeyDID(key)
		if err != nil {
			return err
		}
		multikey := key.Multikey()
		jwk, err := did.NewJWKDID(key)
		if err != nil {
			return err
		}
		return a.say("key", view.Page{
			member("did", id.String()), member("keyId", id.String()+"#"+multikey),
			member("didJwk", jwk.String()), member("publicKeyMultibase", multikey),
		}, "%s", id)
	}
	return v
}

func (a *app) didWeb() *cli.Verb {
	name, fragment, out := "", "key-1", ""
	var also []string
	v := &cli.Verb{
		Name: "web", Summary: "write the document of a did:web",
		About: "Writes the document of a did:web with that key, and says where to publish it. Issue with -as DID#FRAGMENT then.",
		Args:  []string{"DID"}, NoArgs: "the DID is needed, such as did:web:issuer.example",
		Flags: []cli.Flag{
			flag("key", cli.Text("FILE", &name).Must(), "a key file, private or public; only its public half is used"),
			flag("name", cli.Text("FRAGMENT", &fragment), "what the key is called in the document: key-1 unless given"),
			flag("also", cli.List("NAME=FILE", &also), "a further key of the document, such as the one that is to follow: key-2=next.key"),
			flag("out", cli.Text("DIR", &out), "write it below this folder, the root of the host"),
		},
	}
	v.Run = func(_ context.Context, args []string) error {
		id, err := did.Parse(args[0])
		if err != nil {
			return v.Wrong("%w", err)
		}
		o := did.DocumentOptions{ID: id}
		for _, k := range append([]string{fragment + "=" + name}, also...) {
			fragment, file, _ := strings.Cut(k, "=")
			key, err := a.publicKey(file)
			if err != nil {
				return err
			}
			o.Keys = append(o.Keys, did.DocumentKey{
				Fragment: fragment, Key: key, Relationships: []did.Relationship{did.AssertionMethod, did.Authentication},
			})
		}
		doc, err := did.NewDocument(o)
		if err != nil {
			return v.Wrong("%w", err)
		}
		file, err := didweb.Publish(doc)
		if err != nil {
			return v.Wrong("%w", err)
		}
		if out != "" {
			path := filepath.Join(out, filepath.FromSlash(file.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return ioFailure(err, "cannot make the folder")
			}
			if err := save(path, 0o644, true, file.Body); err != nil {
				return err
			}
			a.note("wrote %s", path)
		}
		a.note("to be served at %s, byte for byte, as %s", file.URL, file.MediaType)
		return a.answer("did-document", view.Page{
			member("did", id.String()), member("keyId", id.String()+"#"+fragment), member("url", file.URL),
			member("path", file.Path), member("mediaType", file.MediaType), member("document", json.RawMessage(file.Body)),
		}, func() { a.out.Write(append(file.Body, '\n')) })
	}
	return v
}

func (a *app) didResolve() *cli.Verb {
	var sources documents
	v := &cli.Verb{
		Name: "resolve", Summary: "print the document behind an identifier",
		About: `Prints the document behind an identifier: of did:key and did:jwk from the name itself, of others from a folder
of documents, of did:web over HTTPS if -web allows it.`,
		Args: []string{"DID"}, NoArgs: "the DID is needed, such as did:web:issuer.example",
		Flags: append(sources.flags(), a.clock()),
	}
	v.Run = func(ctx context.Context, args []string) error {
		id, err := did.Parse(args[0])
		if err != nil {
			return v.Wrong("%w", err)
		}
		r, err := a.resolver(sources)
		if err != nil {
			return err
		}
		doc, err := r.Resolve(ctx, id)
		if err != nil {
			if id.Method() == "web" && !sources.web {
				return asFailure(err).Hint("-web allows to fetch it over HTTPS")
			}
			return err
		}
		return a.answer("did-document", view.Page{
			member("did", id.String()), member("keys", view.Keys(doc)), member("document", json.RawMessage(doc.Bytes())),
		}, func() { a.out.Write(append(view.PlainJSON(doc.Bytes()), '\n')) })
	}
	return v
}

// documents says where DID documents are found, beside those of did:key and did:jwk, which are in the name itself.
type documents struct {
	dir string
	web bool
}

func (d *documents) flags() []cli.Flag {
	return []cli.Flag{
		flag("did-docs", cli.Text("DIR", &d.dir), "a folder of DID documents (*.json), for others than did:key and did:jwk"),
		flag("web", cli.Switch(&d.web), "fetch the documents of did:web over HTTPS, which are not in the folder"),
	}
}

func (a *app) resolver(d documents) (did.Resolver, error) {
	mux := did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods()}
	if d.web {
		r, err := didweb.New(didweb.Config{Now: a.now})
		if err != nil {
			return nil, ioFailure(err, "cannot resolve did:web")
		}
		mux["web"] = r
	}
	if d.dir == "" {
		return mux, nil
	}
	var list []*did.Document
	b := limits.Default()
	err := a.folder(d.dir, ".json", b.DIDCacheEntries, b.DIDs.DocumentBytes, func(name string, raw []byte) error {
		doc, err := did.ParseDocument(raw)
		if err != nil {
			return ioFailure(err, "%s is not a DID document", name)
		}
		list = append(list, doc)
		return nil
	})
	if err != nil {
		return nil, err
	}
	static, err := did.NewStatic(list...)
	if err != nil {
		return nil, ioFailure(err, "%s", d.dir)
	}
	return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		if id.Method() != "key" && id.Method() != "jwk" { // no file speaks for a key
			doc, err := static.Resolve(ctx, id)
			if !errors.Is(err, did.ErrNotFound) || mux[id.Method()] == nil {
				return doc, err
			}
		}
		return mux.Resolve(ctx, id)
	}), nil
}
