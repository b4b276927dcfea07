package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// resolver finds DID documents: of did:key and did:jwk in the name itself, of
// others in the folder docs (if not ""), of did:web also on the web (if web).
func (a *app) resolver(docs string, web bool) (did.Resolver, error) {
	mux := did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods()}
	if web {
		r, err := didweb.New(didweb.Config{Now: a.now})
		if err != nil {
			return nil, ioFailure(err, "cannot resolve did:web")
		}
		mux["web"] = r
	}
	if docs == "" {
		return mux, nil
	}
	static, err := readDocuments(docs)
	if err != nil {
		return nil, err
	}
	return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		if id.Method() != "key" && id.Method() != "jwk" { // no file speaks for a key
			doc, err := static.Resolve(ctx, id)
			if !errors.Is(err, did.ErrNotFound) {
				return doc, err
			}
			if mux[id.Method()] == nil {
				return nil, err
			}
		}
		return mux.Resolve(ctx, id)
	}), nil
}

// readDocuments reads every *.json of a folder as a DID document.
func readDocuments(dir string) (*did.Static, error) {
	if err := isDir(dir); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(globEscape(dir), "*.json"))
	if err != nil {
		return nil, ioFailure(err, "cannot read %s", dir)
	}
	if most := limits.Default().DIDCacheEntries; len(names) > most {
		return nil, ioFailure(nil, "%s has %d documents, at most %d are read", dir, len(names), most)
	}
	list := make([]*did.Document, 0, len(names))
	reader := &app{} // a folder has no standard input
	for _, name := range names {
		raw, err := reader.read(name, limits.Default().DIDDocumentBytes)
		if err != nil {
			return nil, err
		}
		doc, err := did.ParseDocument(raw)
		if err != nil {
			return nil, ioFailure(err, "%s is no DID document", name)
		}
		list = append(list, doc)
	}
	static, err := did.NewStatic(list...)
	if err != nil {
		return nil, ioFailure(err, "%s", dir)
	}
	return static, nil
}

func isDir(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return ioFailure(err, "cannot read")
	}
	if !info.IsDir() {
		return ioFailure(nil, "%s is a file, want a folder", name)
	}
	return nil
}

// globEscape makes a folder's name stand for itself in a pattern.
func globEscape(dir string) string {
	if filepath.Separator == '\\' {
		return dir // there, patterns have no escapes
	}
	var out []byte
	for i := range len(dir) {
		switch dir[i] {
		case '*', '?', '[', '\\':
			out = append(out, '\\')
		}
		out = append(out, dir[i])
	}
	return string(out)
}
