package verifytest

import (
	"bytes"
)

// Fail makes every fetch of a URL fail; nil mends it.
func (l *Lists) Fail(url string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail[url] = err
}

// Tamper changes the list at url under its proof: it is published as valid
// for a hundred years more.
func (l *Lists) Tamper(url string) {
	l.tb.Helper()
	l.Put(url, mustReplace(l.tb, l.Get(url), `"validUntil":"20`, `"validUntil":"21`))
}

// Unsign publishes the list at url without its proof.
func (l *Lists) Unsign(url string) {
	l.tb.Helper()
	l.Put(url, withoutProof(l.tb, l.Get(url)))
}

// RollBack publishes the edition before the newest of the list at url again.
func (l *Lists) RollBack(url string) {
	l.tb.Helper()
	l.mu.Lock()
	all := l.editions[url]
	l.mu.Unlock()
	if len(all) < 2 {
		l.tb.Fatalf("%s has %d editions, and rolling back takes two", url, len(all))
	}
	l.Put(url, all[len(all)-2].Raw)
}

// fatal is what the helpers of this file need of a test.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// mustReplace replaces the first old in a document that must have one.
func mustReplace(tb fatal, doc []byte, old, new string) []byte {
	tb.Helper()
	if !bytes.Contains(doc, []byte(old)) {
		tb.Fatalf("verifytest: the document does not contain %s", old)
	}
	return bytes.Replace(doc, []byte(old), []byte(new), 1)
}

// withoutProof cuts the last member off a document, which is its proof.
func withoutProof(tb fatal, doc []byte) []byte {
	tb.Helper()
	i := bytes.LastIndex(doc, []byte(`,"proof":`))
	if i < 0 {
		tb.Fatalf("verifytest: the document has no proof")
	}
	return append(doc[:i:i], '}')
}
