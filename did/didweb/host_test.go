package didweb_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

func hostedDocument(t *testing.T, id, fragment string) *did.Document {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	doc, err := did.NewDocument(did.DocumentOptions{ID: did.MustParse(id), Keys: []did.DocumentKey{{
		Fragment: fragment, Key: key.PublicKey(), Relationships: []did.Relationship{did.AssertionMethod},
	}}})
	require.NoError(t, err)
	return doc
}

func TestDirPut(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	for path, id := range map[string]string{
		".well-known/did.json": "did:web:issuer.example", "a/b/did.json": "did:web:issuer.example:a:b",
	} {
		for _, fragment := range []string{"one", "two"} {
			doc := hostedDocument(t, id, fragment)
			require.NoError(t, didweb.Dir(root).Put(ctx, doc))
			require.NoError(t, didweb.Dir(root).Put(ctx, doc))
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
			require.NoError(t, err)
			require.Equal(t, doc.Bytes(), text)
		}
	}
	doc := hostedDocument(t, "did:web:issuer.example", "x")
	require.ErrorIs(t, didweb.Dir(filepath.Join(root, "none")).Put(ctx, doc), os.ErrNotExist)
	require.ErrorIs(t, didweb.Dir(root).Put(ctx, hostedDocument(t, "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
		"x")), did.ErrMethodNotSupported)
	require.ErrorIs(t, didweb.Dir(root).Put(ctx, nil), did.ErrInvalidDocument)
}

func TestHost(t *testing.T) {
	var host didweb.Host
	ask := func(method, path, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		host.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, http.StatusNotFound, ask("GET", "/.well-known/did.json", "").Code)
	first, second := hostedDocument(t, "did:web:issuer.example", "1"), hostedDocument(t, "did:web:issuer.example", "2")
	require.NoError(t, host.Put(context.Background(), first))
	w := ask("GET", "/.well-known/did.json", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, first.Bytes(), w.Body.Bytes())
	require.Equal(t, didweb.MediaType, w.Header().Get("Content-Type"))
	require.Equal(t, "public, max-age=300", w.Header().Get("Cache-Control"))
	etag := w.Header().Get("ETag")
	require.Equal(t, http.StatusNotModified, ask("GET", "/.well-known/did.json", etag).Code)
	require.NoError(t, host.Put(context.Background(), second))
	w = ask("GET", "/.well-known/did.json", etag)
	require.Equal(t, second.Bytes(), w.Body.Bytes())
	require.Empty(t, ask("HEAD", "/.well-known/did.json", "").Body.Bytes())
	require.Equal(t, http.StatusMethodNotAllowed, ask("POST", "/.well-known/did.json", "").Code)
	require.Equal(t, http.StatusNotFound, ask("GET", "/did.json", "").Code)
	require.ErrorContains(t, host.Put(context.Background(), hostedDocument(t, "did:web:other.example", "1")), "same path")
}

// A host that somebody forgot to make serves nothing, and says so to whoever puts something.
func TestANilHost(t *testing.T) {
	var host *didweb.Host
	w := httptest.NewRecorder()
	host.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/did.json", nil))
	require.Equal(t, http.StatusNotFound, w.Code)
	require.ErrorContains(t, host.Put(context.Background(), hostedDocument(t, "did:web:issuer.example", "1")), "nil")
}
