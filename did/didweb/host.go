package didweb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/atomicfile"
	"github.com/safeconduct/safeconduct/internal/callctx"
)

// Dir is the root folder of an HTTPS server: where an issuer puts documents for
// that server to serve. The folder must exist; folders below it are made. Methods
// are safe for concurrent use, and by several processes.
type Dir string

// Put writes a document to its place below the folder, such as
// .well-known/did.json. Readers see the old document or the new one, never a
// mixture. It fails as [Publish] does.
func (d Dir) Put(ctx context.Context, doc *did.Document) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	file, err := Publish(doc)
	if err != nil {
		return err
	}
	if _, err := os.Stat(string(d)); err != nil {
		return err
	}
	name := filepath.Join(string(d), filepath.FromSlash(file.Path))
	switch old, err := os.ReadFile(name); {
	case err == nil && bytes.Equal(old, file.Body):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return atomicfile.Replace(name, 0o644, file.Body) // documents are public
}

// hostAge is how long a client may keep a document without asking: as long as a
// [did.Cache] does by default.
const hostAge = 5 * time.Minute

// Host serves documents of did:web over HTTP, on the issuer's side: the newest
// that was put for each DID. What stands in front of it, such as a mux, sees to
// HTTPS and to the host name: Host looks at the path alone, so documents of two
// hosts with the same path do not fit into one Host. The zero Host is empty and
// ready to use; a nil one stays empty. It is safe for concurrent use.
type Host struct {
	mu    sync.RWMutex
	files map[string]hosted // by path, with a slash at its beginning
}

type hosted struct {
	File
	id   did.DID
	etag string
}

// Put serves a document from now on. It fails as [Publish] does, and if the path
// is another DID's.
func (h *Host) Put(ctx context.Context, doc *did.Document) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	if h == nil {
		return errors.New("didweb: the Host is nil, and serves nothing")
	}
	file, err := Publish(doc)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	path := "/" + file.Path
	if old, ok := h.files[path]; ok && old.id != doc.ID() {
		return errors.New("didweb: the document of " + old.id.String() + " is at the same path")
	}
	if h.files == nil {
		h.files = map[string]hosted{}
	}
	sum := sha256.Sum256(file.Body)
	h.files[path] = hosted{file, doc.ID(), `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`}
	return nil
}

// ServeHTTP serves one document: GET and HEAD, with an ETag (304 where the client
// has it already). Other methods are refused with 405, other paths with 404.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a document is read with GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	file, ok := h.at(r.URL.Path)
	if !ok {
		http.Error(w, "there is no such document", http.StatusNotFound)
		return
	}
	head := w.Header()
	head.Set("Content-Type", file.MediaType)
	head.Set("ETag", file.etag)
	head.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(hostAge/time.Second)))
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.Body))
}

func (h *Host) at(path string) (file hosted, ok bool) {
	if h == nil {
		return hosted{}, false
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	file, ok = h.files[path]
	return file, ok
}
