package verifytest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// TestSource tests that an implementation of [statuslist.Source] keeps its
// rules. fresh returns a source that has exactly these lists, by URL, and is
// called once per rule. The lists are bytes of no particular form, for a
// source does not look into them. Run it with -race.
//
//	func TestMySource(t *testing.T) {
//		verifytest.TestSource(t, func(t testing.TB, lists map[string][]byte) statuslist.Source { ... })
//	}
func TestSource(t *testing.T, fresh func(t testing.TB, lists map[string][]byte) statuslist.Source) {
	check(t, func(t testing.TB) statuslist.Source { return fresh(t, sourceLists()) }, sourceRules)
}

// sourceLists are the lists that the source under test has.
func sourceLists() map[string][]byte {
	return map[string][]byte{
		"https://issuer.example/status/1":   []byte(`{"the":"first list"}`),
		"https://issuer.example/status/2":   []byte(`{"the":"second list"}`),
		"https://issuer.example/status/A":   bytes.Repeat([]byte("upper case "), 2000),
		"https://issuer.example/status/a":   bytes.Repeat([]byte("lower case "), 2000),
		"https://other.example/status/1":    []byte("not even JSON"),
		"https://issuer.example/status/1/x": []byte("below the first"),
	}
}

func urls() []string {
	var out []string
	for url := range sourceLists() {
		out = append(out, url)
	}
	slices.Sort(out)
	return out
}

// has checks that the source answers with the very bytes.
func has(tb testing.TB, s statuslist.Source, url string) *statuslist.Fetched {
	tb.Helper()
	f, err := s.StatusList(context.Background(), url)
	switch {
	case err != nil:
		tb.Fatalf("StatusList(%s) = %v, want the list", url, err)
	case f == nil:
		tb.Fatalf("StatusList(%s) = nil, nil; want the list", url)
	case !bytes.Equal(f.Raw, sourceLists()[url]):
		tb.Errorf("StatusList(%s) = %.60q, want %.60q", url, f.Raw, sourceLists()[url])
	}
	return f
}

// hasNot checks that the source says that it has no such list.
func hasNot(tb testing.TB, s statuslist.Source, url string) {
	tb.Helper()
	f, err := s.StatusList(context.Background(), url)
	switch {
	case f != nil:
		tb.Errorf("StatusList(%q) = %.60q, want no list", url, f.Raw)
	case err == nil:
		tb.Errorf("StatusList(%q) = nil, nil; want an error", url)
	case !hasCode(err, verify.StatusUnavailable):
		tb.Errorf("StatusList(%q) = %v, want status.unavailable", url, err)
	}
}

var sourceRules = []rule[statuslist.Source]{
	{"exact bytes", "a source hands over the very bytes that were published, unread: whether they are a list, signed and fresh is judged elsewhere",
		func(tb testing.TB, s statuslist.Source) {
			for _, url := range urls() {
				has(tb, s, url)
				has(tb, s, url)
			}
		}},
	{"fetched at", "At says when the bytes were got; it is never the zero time", func(tb testing.TB, s statuslist.Source) {
		for _, url := range urls() {
			if f := has(tb, s, url); f.At.IsZero() {
				tb.Errorf("StatusList(%s) has the zero time as At", url)
			}
		}
	}},
	{"no such list", "a list that is not there is an error of status.unavailable, never nil without an error and never another list",
		func(tb testing.TB, s statuslist.Source) {
			hasNot(tb, s, "https://issuer.example/status/3")
			hasNot(tb, s, "https://stranger.example/status/1")
		}},
	{"URLs as text", "two URLs that differ in one byte are two lists: a list of another issuer, or of another " +
		"case, would be believed about the wrong passports", func(tb testing.TB, s statuslist.Source) {
		for _, url := range []string{
			"https://issuer.example/status/1/", "https://issuer.example/status/1?", "https://issuer.example/status/1#", "https://issuer.example/status/1?x=1",
			"https://issuer.example/status//1", "https://issuer.example/status/./1",
			"https://issuer.example/status/x/../1", "https://issuer.example/status/%31",
			"https://issuer.example:443/status/1", "http://issuer.example/status/1", "HTTPS://issuer.example/status/1", "https://ISSUER.example/status/1",
			"https://issuer.example/STATUS/1", " https://issuer.example/status/1", "https://issuer.example/status/1 ", "https://issuer.example/status/1\x00",
		} {
			hasNot(tb, s, url)
		}
	}},
	{"hostile URLs", "the URL is out of a stranger's passport: whatever it says, the answer is an error and nothing else",
		func(tb testing.TB, s statuslist.Source) {
			for _, url := range []string{
				"", ".", "..", "/", "../../etc/passwd", "file:///etc/passwd", "https://", "https:///",
				"https://issuer.example/../../../etc/passwd", "https://user@issuer.example/status/1",
				"data:,x", "\x00", "https://\xff\xfe", "https://issuer.example/" + string(bytes.Repeat([]byte("a"), 70000)),
			} {
				hasNot(tb, s, url)
			}
		}},
	{"never changes", "a *Fetched never changes: the verifier keeps what it made of the bytes by that pointer, so " +
		"another edition needs another pointer and other memory", func(tb testing.TB, s statuslist.Source) {
		kept := map[string]*statuslist.Fetched{}
		for _, url := range urls() {
			kept[url] = has(tb, s, url)
		}
		for _, url := range urls() {
			if !bytes.Equal(kept[url].Raw, sourceLists()[url]) {
				tb.Errorf("the bytes of %s changed after they were handed out", url)
			}
		}
	}},
	{"at once", "any number may ask at once, and each gets the list that it asked for", func(tb testing.TB, s statuslist.Source) {
		all, want := urls(), sourceLists()
		wrong := make([]error, race)
		together(race, func(i int) {
			for k := range all {
				url := all[(i+k)%len(all)]
				f, err := s.StatusList(context.Background(), url)
				if err != nil || f == nil || !bytes.Equal(f.Raw, want[url]) {
					wrong[i] = fmt.Errorf("StatusList(%s) = %v, %w", url, f, err)
				}
			}
		})
		for _, err := range wrong {
			if err != nil {
				tb.Fatalf("of %d at once, one got: %v", race, err)
			}
		}
	}},
	{"cancelled", "when the context is done a source may still answer from memory, but fails only with status.unavailable, and the next caller is served",
		func(tb testing.TB, s statuslist.Source) {
			const url = "https://issuer.example/status/1"
			f, err := s.StatusList(cancelled(), url)
			switch {
			case err == nil && (f == nil || !bytes.Equal(f.Raw, sourceLists()[url])):
				tb.Errorf("StatusList with a cancelled context = %v, nil; want the list or an error", f)
			case err != nil && !hasCode(err, verify.StatusUnavailable):
				tb.Errorf("StatusList with a cancelled context = %v, want status.unavailable", err)
			}
			has(tb, s, url)
		}},
}
