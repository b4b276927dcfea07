package statuslist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/safeconduct/safeconduct/internal/atomicfile"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/filelock"
)

// Dir is a folder of lists, one file for each URL: what a publisher writes and
// a verifier without network reads. See [FileName] for the names.
//
// Every call reads the file, so that a change is seen at once; At is the
// file's time. Put a [Cache] in front where many verifications read few lists.
// The folder must exist. Methods are safe for concurrent use, and by several
// processes.
type Dir string

// StatusList reads the list at url.
func (d Dir) StatusList(ctx context.Context, url string) (*Fetched, error) {
	if err := callctx.Err(ctx); err != nil {
		return nil, unavailable(err, url, "not read")
	}
	name, err := FileName(url)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(string(d), name))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, unavailable(fmt.Errorf("%w: %w", ErrNotFound, err), url, "there is no such list")
		}
		return nil, unavailable(err, url, "cannot read the list")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unavailable(err, url, "cannot read the list")
	}
	most := int64(maxDocumentBytes)
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, unavailable(err, url, "cannot read the list")
	case int64(len(raw)) > most:
		return nil, unavailable(nil, url, "the file is larger than any list that is allowed")
	}
	return &Fetched{Raw: raw, At: info.ModTime()}, nil
}

// maxDocumentBytes is the size of the largest list credential that any
// configuration takes.
var maxDocumentBytes = maximum.EncodedListBytes + maximum.DocumentBytes

// Put writes an edition. Readers see the old bytes or the new ones, never a
// mixture, and after a crash one of the two is there. A file of a later edition
// stays, see [Target]; a file that cannot be read as a list is replaced. Where
// the system can lock a folder (Linux, macOS, BSD), that holds for several
// processes that put lists at once; elsewhere let one of them do it.
func (d Dir) Put(ctx context.Context, e *Edition) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	name, err := FileName(e.URL)
	if err != nil {
		return err
	}
	unlock, err := filelock.Wait(string(d))
	if err != nil {
		return err
	}
	defer unlock()
	name = filepath.Join(string(d), name)
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if same, err := e.replaces(old); same || err != nil {
		return err
	}
	return atomicfile.Replace(name, 0o644, e.Raw) // lists are public
}

// maxFileName is the longest name that common file systems take.
const maxFileName = 255

// FileName returns the name under which [Dir] keeps the list of a URL: lower
// case letters, digits, "-", "." and "_" stand for themselves, "!" and the
// lower case letter for an upper case one (not every file system tells them
// apart), "+" for "/", and "%" with two hexadecimal digits for every other
// byte; ".list" ends it. https://example.org/status/A1 is
// https%3a++example.org+status+!a1.list.
//
// Different URLs have different names, and no name leads out of the folder. It
// fails with status.unavailable on what is not a URL of a list, and on one whose
// name would be longer than 255 bytes.
func FileName(url string) (string, error) {
	if err := checkURL("", url); err != nil {
		return "", unavailable(fmt.Errorf("%w: %w", ErrNotFound, err), url, "no list has this URL")
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := range len(url) {
		switch c := url[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.' && i > 0, c == '_':
			b.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			b.WriteByte('!')
			b.WriteByte(c | 0x20)
		case c == '/':
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	b.WriteString(".list")
	if b.Len() > maxFileName {
		return "", unavailable(ErrNotFound, url, "the file name of this URL would be too long")
	}
	return b.String(), nil
}
