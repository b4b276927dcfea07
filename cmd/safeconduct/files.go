package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/internal/atomicfile"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/view"
)

// read returns the text in a file, or in standard input for "-", of at most most bytes.
func (a *app) read(name string, most int) ([]byte, error) {
	raw, err := a.bytes(name, most)
	if err == nil && (bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) || bytes.HasPrefix(raw, []byte("{\x00"))) {
		err = denied("%s is UTF-16, want UTF-8", name).
			Hint("PowerShell's > writes UTF-16: give -o FILE, or pipe to Set-Content -Encoding ascii FILE; what " +
				"is there already is read by Get-Content FILE | Set-Content -Encoding ascii NEW")
	}
	return bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), err // the mark that editors of Windows put first
}

// bytes is read for what may be anything.
func (a *app) bytes(name string, most int) ([]byte, error) {
	if name == "-" {
		if a.stdinUsed {
			return nil, cli.Wrong("standard input (-) is named twice, and can be read once")
		}
		a.stdinUsed = true
		return bounded(a.stdin, name, most)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, ioFailure(err, "cannot read")
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, ioFailure(nil, "%s is a directory, want a file", name)
	}
	return bounded(f, name, most)
}

func bounded(r io.Reader, name string, most int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	switch {
	case err != nil:
		return nil, ioFailure(err, "cannot read %s", name)
	case len(raw) > most:
		return nil, denied("%s has more than the %d bytes that are allowed", name, most)
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, denied("%s is empty", name)
	}
	return raw, nil
}

// document reads a secured document. A token is taken from its line: it may not have white space of its own, and a file
// ends with a line end. That of an object would stay in the middle of a presentation, which is then not one line.
func (a *app) document(name string) ([]byte, error) {
	raw, err := a.read(name, limits.Max().PresentationBytes)
	if err == nil && isJSON(raw) {
		raw = bytes.TrimSpace(raw)
	} else if err == nil {
		raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	}
	return raw, err
}

func isJSON(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// chain reads the passports of -passport, the root first, and consents. They are the caller's own, so every format that
// there is will do.
func (a *app) chain(files []string) (list []*credential.Signed, err error) {
	for _, name := range files {
		raw, err := a.document(name)
		if err != nil {
			return nil, err
		}
		signed, err := credential.Parse(raw, vcjwt.Format())
		if err != nil {
			return nil, asFailure(err).Hint(name + " must be a passport, as safeconduct issue writes it, or a consent where one is due")
		}
		list = append(list, signed)
	}
	return list, nil
}

// wholeChain reads the passports of -passport and refuses a chain that begins in its middle: nobody would believe it,
// and the agent in the middle is not one to be trusted for it.
func (a *app) wholeChain(files []string) (passport.Chain, error) {
	chain, err := a.chain(files)
	if err != nil {
		return nil, err
	}
	first, err := passport.ReadUnverified(chain[0])
	if err == nil && first.Delegated() { // what is not a passport is refused elsewhere
		return nil, denied("%s is link %d of a chain; name the passports above it first, root first", files[0], first.DelegationDepth).
			Hint("-passport root.json -passport " + files[0] + ": each link with a flag of its own")
	}
	return chain, nil
}

// folder reads the files of a folder whose names end so, in their order.
func (a *app) folder(dir, ending string, most, bytes int, take func(name string, raw []byte) error) error {
	if err := isFolder(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ioFailure(err, "cannot read")
	}
	n := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ending) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if n++; n > most {
			return ioFailure(nil, "%s has more than %d files *%s", dir, most, ending)
		}
		name := filepath.Join(dir, e.Name())
		raw, err := a.read(name, bytes)
		if err != nil {
			return err
		}
		if err := take(name, raw); err != nil {
			return err
		}
	}
	if n == 0 {
		a.warn("%s has no file *%s", dir, ending)
	}
	return nil
}

func isFolder(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return ioFailure(err, "cannot read")
	}
	if !info.IsDir() {
		return ioFailure(nil, "%s is a file, want a folder", name)
	}
	return nil
}

// write puts a document where -o says: on standard output for "" and "-", else into a file that readers see whole or
// not at all.
func (a *app) write(name string, raw []byte) error {
	if toStdout(name) {
		a.out.Write(raw)
		return nil
	}
	// A slip of the hand (-o issuer.key) must not cost a key.
	if old, err := os.ReadFile(name); err == nil && bytes.Contains(old, []byte("PRIVATE KEY-----")) {
		return ioFailure(nil, "%s is a private key, and is not overwritten", name)
	}
	return save(name, 0o644, true, raw)
}

func toStdout(name string) bool { return name == "" || name == "-" }

// handOver writes a document to where -o says and, with -json, the answer around it; else notes tells people of it.
func (a *app) handOver(name string, raw []byte, kind string, answer view.Page, notes func()) error {
	if !a.json || !toStdout(name) {
		if err := a.write(name, append(raw, '\n')); err != nil {
			return err
		}
	}
	return a.answer(kind, answer, notes)
}

// save makes or, if replace is set, replaces a file, whole or not at all.
func save(name string, mode fs.FileMode, replace bool, raw []byte) error {
	write := atomicfile.Create
	if replace {
		write = atomicfile.Replace
	}
	switch err := write(name, mode, raw); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return ioFailure(nil, "%s exists already, and is not overwritten", name)
	default:
		return ioFailure(err, "cannot write %s", name)
	}
}
