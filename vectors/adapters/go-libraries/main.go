// Command go-libraries answers the reference tests with libraries in Go that
// others have written: gowebpki/jcs, json-gold and go-jose.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/gowebpki/jcs"
	"github.com/piprate/json-gold/ld"

	"github.com/safeconduct/safeconduct/vectors"
)

func main() {
	if err := vectors.Serve(os.Stdin, os.Stdout, vectors.VerifierFunc(answer)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(r vectors.Request) vectors.Answer {
	f := map[string]func(json.RawMessage) (any, error){"jcs": canonical, "rdfc": quads, "proof": token}[r.Kind]
	if f == nil {
		return vectors.Answer{Unsupported: true}
	}
	output, err := f(r.Input)
	switch {
	case errors.Is(err, errUnsupported):
		return vectors.Answer{Unsupported: true}
	case err != nil:
		return vectors.Answer{Verdict: "refuse"}
	}
	raw, err := json.Marshal(output)
	if err != nil {
		return vectors.Answer{Error: err.Error()}
	}
	if output == nil {
		raw = nil
	}
	return vectors.Answer{Verdict: "accept", Output: raw}
}

var errUnsupported = errors.New("unsupported")

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func canonical(input json.RawMessage) (any, error) {
	var in struct{ Text *string }
	if err := json.Unmarshal(input, &in); err != nil || in.Text == nil {
		return nil, errUnsupported
	}
	out, err := jcs.Transform([]byte(*in.Text))
	return map[string]string{"canonical": string(out), "sha256": sum(out)}, err
}

// contexts are the files of the contexts that the cases use, by URL.
var contexts = map[string]string{
	"https://www.w3.org/ns/credentials/v2":        "credentials-v2",
	"https://w3id.org/safeconduct/v1":             "safeconduct-v1",
	"https://w3id.org/vc/status-list/2021/v1":     "status-list-2021-v1",
	"https://w3id.org/security/data-integrity/v2": "data-integrity-v2",
}

// local loads contexts from this repository, and nothing else.
type local struct{ files fs.FS }

func (l local) LoadDocument(url string) (*ld.RemoteDocument, error) {
	raw, err := fs.ReadFile(l.files, contexts[url]+".jsonld")
	if err != nil {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, url)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

func quads(input json.RawMessage) (out any, err error) {
	defer func() { // json-gold panics on some input
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	var in struct{ Document string }
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, err
	}
	var doc any
	if err := json.Unmarshal([]byte(in.Document), &doc); err != nil {
		return nil, err
	}
	o := ld.NewJsonLdOptions("")
	o.Algorithm, o.Format = ld.AlgorithmURDNA2015, "application/n-quads"
	o.DocumentLoader = local{os.DirFS("internal/contexts/data")}
	text, err := ld.NewJsonLdProcessor().Normalize(doc, o)
	if err != nil {
		return nil, err
	}
	s, ok := text.(string)
	if !ok {
		return nil, errors.New("not a text")
	}
	return map[string]string{"nquads": s, "sha256": sum([]byte(s))}, nil
}

// token checks a vc+jwt or vp+jwt by go-jose.
func token(input json.RawMessage) (any, error) {
	var in struct{ Document, Is string }
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(in.Document), "{") {
		return nil, errUnsupported // Data Integrity
	}
	jws, err := jose.ParseSignedCompact(in.Document, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return nil, err
	}
	header := jws.Signatures[0].Protected
	want := map[bool]string{true: "vp+jwt", false: "vc+jwt"}[in.Is == "presentation"]
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); typ != want {
		return nil, errors.New("typ")
	}
	key, err := keyOf(header.KeyID)
	if err != nil {
		return nil, err
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return nil, err
	}
	var claims struct{ Iss string }
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, err
	}
	if did, _, _ := strings.Cut(header.KeyID, "#"); claims.Iss != did {
		return nil, errors.New("iss")
	}
	return nil, nil
}

// keyOf takes the key out of a did:key of Ed25519.
func keyOf(kid string) (ed25519.PublicKey, error) {
	did, _, _ := strings.Cut(kid, "#")
	text, ok := strings.CutPrefix(did, "did:key:z")
	if !ok {
		return nil, errors.New("not a did:key")
	}
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var raw [34]byte
	for _, c := range text {
		carry := strings.IndexRune(alphabet, c)
		if carry < 0 {
			return nil, errors.New("not base58")
		}
		for i := len(raw) - 1; i >= 0; i-- {
			carry += int(raw[i]) * 58
			raw[i], carry = byte(carry), carry>>8
		}
	}
	return raw[2:], nil
}
