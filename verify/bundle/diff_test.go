package bundle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func lines(changes []bundle.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

// What an operator reads before a new bundle goes out.
func TestDiff(t *testing.T) {
	s := newSite(t)
	old := s.open(s.create())
	require.Empty(t, bundle.Diff(old, s.open(s.create())))

	s.Clock.Advance(time.Hour)
	s.Lists.Publish()
	next := s.open(s.edition(8, func(c *bundle.Contents) {
		c.DIDDocuments[0].Content = webDocument(t, "k2", "k3").Bytes()
		c.StatusLists = c.StatusLists[:1]
		c.Anchors[0].Ceilings = []passport.Money{passport.MustMoney("900.00", "USD")}
		c.Anchors[0].Actions, c.Anchors[0].MaxAssurance = nil, ""
		c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: verify.Anchor{Issuer: verifytest.Key("second issuer").DID()}})
	}))
	golden(t, "testdata/diff.txt", []byte(lines(bundle.Diff(old, next))))

	for _, c := range bundle.Diff(nil, next) {
		require.Contains(t, []string{"added", "changed"}, c.What)
	}
	for _, c := range bundle.Diff(next, nil) {
		require.Contains(t, []string{"removed", "changed"}, c.What)
	}
	require.Len(t, bundle.Diff(nil, next), 1+len(next.Info().Entries))
	require.Empty(t, bundle.Diff(nil, nil))
}

// S12: a key is compared under its whole URL, and with all that is said of it.
func TestS12DiffComparesWholeMethods(t *testing.T) {
	s := newSite(t)
	const doc = "did:web:issuer.example"
	method := func(id, typ, controller, key string) string {
		return `{"id":"` + id + `","type":"` + typ + `","controller":"` + controller + `","publicKeyMultibase":"` +
			verifytest.Key(key).PublicKey().Multikey() + `"}`
	}
	diff := func(old, new string) string {
		document := func(methods string) func(*bundle.Contents) {
			return func(c *bundle.Contents) {
				c.DIDDocuments[0].Content = []byte(`{"@context":["https://www.w3.org/ns/did/v1",` +
					`"https://w3id.org/security/multikey/v1"],"id":"` + doc + `","assertionMethod":[` + methods + `]}`)
			}
		}
		for _, c := range bundle.Diff(s.open(s.create(document(old))), s.open(s.create(document(new)))) {
			if c.Kind == bundle.DIDDocuments {
				return c.Detail
			}
		}
		return ""
	}
	own := method(doc+"#k1", "Multikey", doc, "k1")
	other := method("did:web:other.example#k1", "Multikey", "did:web:other.example", "k1")
	for name, c := range map[string]struct{ old, new, want string }{
		"another DID, same fragment":  {own, other, "key #k1 removed, key did:web:other.example#k1 added"},
		"another controller":          {own, method(doc+"#k1", "Multikey", "did:web:x.example", "k1"), "key #k1 changed"},
		"another key":                 {own, method(doc+"#k1", "Multikey", doc, "k2"), "key #k1 changed"},
		"beside one of the same name": {own, own + "," + other, "key did:web:other.example#k1 added"},
		"of two of one name one goes": {own + "," + other, other, "key #k1 removed"},
		"a foreign one is replaced": {other, strings.ReplaceAll(other, "other.example", "more.example"),
			"key did:web:more.example#k1 added, key did:web:other.example#k1 removed"},
		"a foreign one's controller": {other,
			strings.Replace(other, `"controller":"did:web:other`, `"controller":"did:web:more`, 1), "key did:web:other.example#k1 changed"},
		"the same in other words only": {own, strings.Replace(own, `","type"`, `", "type"`, 1), "the same keys, other text"},
	} {
		require.Equal(t, c.want, diff(c.old, c.new), name)
	}
}

// S12: what changes beside a date, and in what is missing, is told as well.
func TestS12DiffHidesNothingOfLists(t *testing.T) {
	s := newSite(t)
	signed := s.Lists.Get(verifytest.RevocationURL)
	place := s.Lists.Entry(verifytest.RevocationURL, "")
	s.Lists.Set(place, 1) // at the same instant
	other := s.Lists.Get(verifytest.RevocationURL)
	list := func(raw []byte, edits ...func(*bundle.Item)) func(*bundle.Contents) {
		return func(c *bundle.Contents) {
			c.StatusLists = []bundle.Item{{Content: raw}}
			for _, edit := range edits {
				edit(&c.StatusLists[0])
			}
		}
	}
	vouched := func(i *bundle.Item) { i.Vouched = true }
	key := func(names ...string) func(*bundle.Contents) {
		return func(c *bundle.Contents) { c.DIDDocuments[0].Content = webDocument(t, names...).Bytes() }
	}
	gone := func(edit func(*bundle.Contents)) func(*bundle.Contents) {
		return func(c *bundle.Contents) { edit(c); c.DIDDocuments[0].UseBy = s.Clock.Now() }
	}
	until := ", of use only until 2026-11-21T09:00:00Z"
	for name, c := range map[string]struct {
		old, new   func(*bundle.Contents)
		kind       bundle.Kind
		what, want string
	}{
		"another edition of one instant": {list(signed), list(other), bundle.StatusLists, "changed", "another edition as of the same instant"},
		"and back":                       {list(other), list(signed), bundle.StatusLists, "changed", "another edition as of the same instant"},
		"believed on the bundle's word": {list(signed), list(unsignedList(t, signed), vouched), bundle.StatusLists, "changed",
			"proof the issuer's → the bundle's own word"},
		"and no more": {list(unsignedList(t, signed), vouched), list(signed), bundle.StatusLists, "changed",
			"proof the bundle's own word → the issuer's"},
		"missing, with a key that was replaced": {key("k1"), gone(key("k2")), bundle.DIDDocuments, "missing", "key #k1 removed, key #k2 added" + until},
		"missing, with one more key":            {key("k1"), gone(key("k1", "k2")), bundle.DIDDocuments, "missing", "key #k2 added" + until},
		"missing, as it was":                    {key("k1"), gone(key("k1")), bundle.DIDDocuments, "missing", until[2:]},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range bundle.Diff(s.open(s.create(c.old)), s.open(s.create(c.new))) {
				if d.Kind == c.kind {
					require.Equal(t, c.what, d.What)
					require.Equal(t, c.want, d.Detail)
					return
				}
			}
			t.Fatal("nothing is told")
		})
	}
}
