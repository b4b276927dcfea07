package refresh_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/bundle/refresh"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// field is where the network of the tests is: a world, and DID documents.
type field struct {
	*verifytest.World
	t         testing.TB
	documents map[string]*did.Document
	r         *refresh.Refresher
}

var web = did.MustParse("did:web:issuer.example")

func newField(t testing.TB) *field {
	f := &field{World: verifytest.NewWorld(t), t: t, documents: map[string]*did.Document{}}
	f.publish("k1")
	var err error
	f.r, err = refresh.New(refresh.Config{
		Documents: did.ResolverFunc(func(_ context.Context, id did.DID) (*did.Document, error) {
			if doc := f.documents[id.String()]; doc != nil {
				return doc, nil
			}
			return nil, did.ErrUnavailable
		}),
		Lists: f.Lists, Now: f.Clock.Now,
	})
	require.NoError(t, err)
	return f
}

func document(t testing.TB, id did.DID, name string) *did.Document {
	t.Helper()
	doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
		{Fragment: name, Key: verifytest.Key(name).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}}}})
	require.NoError(t, err)
	return doc
}

func (f *field) publish(name string) { f.documents[web.String()] = document(f.t, web, name) }

func (f *field) first() bundle.Contents {
	now := f.Clock.Now()
	return bundle.Contents{
		ID: "https://operator.example/b", Sequence: 1, Created: now, ValidUntil: now.Add(48 * time.Hour),
		DIDDocuments: []bundle.Item{{Content: f.documents[web.String()].Bytes()}},
		StatusLists: []bundle.Item{
			{Content: f.Lists.Get(verifytest.RevocationURL), UseBy: now.Add(24 * time.Hour)},
			{Content: f.Lists.Get(verifytest.SuspensionURL)},
		},
		Anchors: []bundle.Anchor{{Anchor: verify.Anchor{Issuer: f.Issuer.DID()}}, {Anchor: verify.Anchor{Issuer: web}, UseBy: now.Add(time.Hour)}},
	}
}

// open makes the contents a bundle, which shows that they can be one.
func (f *field) open(c bundle.Contents) *bundle.Bundle {
	f.t.Helper()
	operator := verifytest.Key("operator")
	raw, err := bundle.Create(ctx, operator, c, bundle.CreateOptions{})
	require.NoError(f.t, err)
	b, err := bundle.Open(ctx, raw, bundle.Options{Signers: []did.DID{operator.DID()}, Now: f.Clock.Now})
	require.NoError(f.t, err)
	return b
}

func TestNextFetchesEverythingAnew(t *testing.T) {
	f := newField(t)
	old := f.open(f.first())
	f.Clock.Advance(30 * time.Minute)
	f.publish("k2")
	f.Lists.Publish()
	next, problems := f.r.Next(ctx, old.Contents())
	require.Empty(t, problems)
	b := f.open(next)
	in, now := b.Info(), f.Clock.Now()
	require.EqualValues(t, 2, in.Sequence)
	require.Equal(t, now, in.Created)
	require.Equal(t, now.Add(48*time.Hour), in.ValidUntil)
	for _, e := range in.Entries {
		if e.Kind != bundle.Anchors {
			require.Equal(t, now, e.FetchedAt, e.ID)
		}
	}
	require.Equal(t, now.Add(24*time.Hour), in.Entries[1].UseBy, "as long as before")
	require.Equal(t, now.Add(24*time.Hour), in.Entries[2].UseBy, "no longer than the list itself (D9)")
	require.Equal(t, in.ValidUntil, in.Entries[3].UseBy, "an anchor that ended with the bundle still does")
	require.Equal(t, now.Add(30*time.Minute), in.Entries[4].UseBy, "an earlier end stands")
	_, err := did.ResolveKey(ctx, b, did.MustParseURL(web.String()+"#k2"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	l, err := b.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	require.Equal(t, f.Lists.Get(verifytest.RevocationURL), l.Raw)

	f.Clock.Advance(time.Hour)
	next, problems = f.r.Next(ctx, next)
	require.Len(t, problems, 1, "the anchor has ended")
	require.Len(t, next.Anchors, 1)
}

// STL-08, STL-10: what cannot be found, or should not be, changes nothing and
// lasts no longer.
func TestSTL08WhatIsNotTaken(t *testing.T) {
	for name, spoil := range map[string]func(*field){
		"unreachable": func(f *field) { f.Lists.Fail(verifytest.RevocationURL, errors.New("status 503")) },
		"malformed":   func(f *field) { f.Lists.Put(verifytest.RevocationURL, []byte("<html>")) },
		"STL-06 another list": func(f *field) {
			f.Lists.Put(verifytest.RevocationURL, f.Lists.Get(verifytest.SuspensionURL))
		},
		"STL-03 a stranger's list": func(f *field) {
			list, err := f.Lists.Revocation.Publish(ctx, verifytest.Key("stranger"), statuslist.PublishOptions{Now: f.Clock.Now()})
			require.NoError(f.t, err)
			f.Lists.Put(verifytest.RevocationURL, list[0].Raw)
		},
		"STL-03 a stranger in the issuer's name": func(f *field) {
			list, err := f.Lists.Revocation.Publish(ctx, verifytest.Key("stranger"), statuslist.PublishOptions{Now: f.Clock.Now()})
			require.NoError(f.t, err)
			f.Lists.Put(verifytest.RevocationURL,
				bytes.Replace(list[0].Raw, []byte(`"issuer":"`+verifytest.Key("stranger").DID().String()), []byte(`"issuer":"`+f.Issuer.DID().String()), 1))
		},
		"STL-07 a changed list": func(f *field) {
			raw := f.Lists.Get(verifytest.RevocationURL)
			f.Lists.Put(verifytest.RevocationURL, bytes.Replace(raw, []byte(`"validUntil":"2026-11-22T09:30`), []byte(`"validUntil":"2026-11-23T09:30`), 1))
		},
		"rolled back": func(f *field) {
			f.Clock.Advance(-time.Hour)
			f.Lists.Publish()
			f.Clock.Advance(time.Hour)
		},
		"ended": func(f *field) {
			list, err := f.Lists.Revocation.Publish(ctx, f.Issuer, statuslist.PublishOptions{Now: f.Clock.Now().Add(-time.Minute), ValidFor: time.Minute})
			require.NoError(f.t, err)
			f.Lists.Put(verifytest.RevocationURL, list[0].Raw)
		},
		"from the future": func(f *field) {
			f.Clock.Advance(time.Hour)
			f.Lists.Publish()
			f.Clock.Advance(-time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newField(t)
			old := f.first()
			f.Clock.Advance(30 * time.Minute)
			f.Lists.Publish()
			delete(f.documents, web.String())
			spoil(f)
			next, problems := f.r.Next(ctx, old)
			require.GreaterOrEqual(t, len(problems), 2, "the document and at least one list")
			b := f.open(next)
			require.Equal(t, old.StatusLists[0].Content, next.StatusLists[0].Content)
			require.Equal(t, old.Created, next.StatusLists[0].FetchedAt)
			require.Equal(t, old.StatusLists[0].UseBy, next.StatusLists[0].UseBy)
			require.Equal(t, old.ValidUntil, next.DIDDocuments[0].UseBy, "the end of the old bundle, not of the new")
			require.Equal(t, old.Created, b.Info().Entries[0].FetchedAt)

			f.Clock.Advance(24 * time.Hour)
			next, problems = f.r.Next(ctx, next)
			require.NotEmpty(t, problems)
			missing := f.open(next).Info().Missing()
			for _, it := range next.StatusLists {
				if bytes.Equal(it.Content, old.StatusLists[0].Content) {
					require.True(t, slices.ContainsFunc(missing, func(e bundle.Entry) bool {
						return e.ID == verifytest.RevocationURL
					}), "past its use-by it is missing")
				}
			}
		})
	}
}

// A list without a proof is fetched again as one, and a proof is welcome.
func TestVouchedLists(t *testing.T) {
	f := newField(t)
	signed := f.Lists.Get(verifytest.RevocationURL)
	unsigned := append(bytes.Clone(signed[:bytes.Index(signed, []byte(`,"proof":`))]), '}')
	old := f.first()
	old.StatusLists = []bundle.Item{{Content: unsigned, Vouched: true}}
	f.Lists.Put(verifytest.RevocationURL, unsigned)
	next, problems := f.r.Next(ctx, old)
	require.Empty(t, problems)
	require.True(t, next.StatusLists[0].Vouched)

	f.Lists.Put(verifytest.RevocationURL, signed)
	next, problems = f.r.Next(ctx, old)
	require.Empty(t, problems)
	require.False(t, next.StatusLists[0].Vouched)
	f.open(next)

	f.Lists.Put(verifytest.RevocationURL, unsigned)
	next, problems = f.r.Next(ctx, next)
	require.Len(t, problems, 1, "nobody vouched for this one")
	require.Equal(t, signed, next.StatusLists[0].Content)
}

// Over real HTTPS, on this machine.
func TestOverHTTPS(t *testing.T) {
	w := verifytest.NewWorld(t)
	var id did.DID
	doc, list := []byte(nil), []byte(nil)
	s := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/did.json":
			rw.Header().Set("Content-Type", didweb.MediaType)
			_, _ = rw.Write(doc)
		case "/status/1":
			rw.Header().Set("Content-Type", "application/vc")
			_, _ = rw.Write(list)
		}
	}))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	id, err = didweb.NewDID("example.com:" + port)
	require.NoError(t, err)
	doc = document(t, id, "k1").Bytes()
	issuer, err := did.NewSigner(did.MustParseURL(id.String()+"#k1"), verifytest.Key("k1").PrivateKey())
	require.NoError(t, err)
	p, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: fmt.Sprintf("https://example.com:%s/status/1", port), Purpose: statuslist.Revocation})
	require.NoError(t, err)
	publish := func() []byte {
		signed, err := p.Publish(ctx, issuer, statuslist.PublishOptions{Now: w.Clock.Now()})
		require.NoError(t, err)
		return signed[0].Raw
	}
	list = publish()
	c := bundle.Contents{
		ID: "https://operator.example/b", Sequence: 1, Created: w.Clock.Now(), ValidUntil: w.Clock.Now().Add(time.Hour),
		DIDDocuments: []bundle.Item{{Content: doc}}, StatusLists: []bundle.Item{{Content: list}},
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	config := refresh.Config{Now: w.Clock.Now, Web: didweb.Config{
		RootCAs: roots, Now: w.Clock.Now, InsecureAllowPrivateAddresses: true,
		LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
	}}
	r, err := refresh.New(config)
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	list = publish()
	next, problems := r.Next(ctx, c)
	require.Empty(t, problems)
	require.Equal(t, list, next.StatusLists[0].Content)
	require.Equal(t, w.Clock.Now(), next.StatusLists[0].FetchedAt)

	// Nothing is remembered between editions.
	doc = document(t, id, "k2").Bytes()
	next, problems = r.Next(ctx, next)
	require.Equal(t, doc, next.DIDDocuments[0].Content)
	require.Len(t, problems, 1, "the list is signed with the key that is gone")

	// DID-12: the guard of package didweb is in front of both.
	config.Web.InsecureAllowPrivateAddresses = false
	r, err = refresh.New(config)
	require.NoError(t, err)
	_, problems = r.Next(ctx, c)
	require.Len(t, problems, 2)
	for _, p := range problems {
		require.ErrorContains(t, p, "not a public address")
	}
}

func TestNewChecksItsConfiguration(t *testing.T) {
	_, err := refresh.New(refresh.Config{Bounds: bundle.Bounds{Bytes: -1}})
	require.Error(t, err)
	_, err = refresh.New(refresh.Config{Web: didweb.Config{Timeout: -1}})
	require.Error(t, err)
	_, err = refresh.New(refresh.Config{Documents: did.KeyMethods(), Web: didweb.Config{Timeout: -1}})
	require.Error(t, err)
}

func TestDID13AnotherDocument(t *testing.T) {
	f := newField(t)
	f.documents[web.String()] = document(t, web, "k1")
	old := f.first()
	f.documents[web.String()] = document(t, did.MustParse("did:web:other.example"), "k1")
	next, problems := f.r.Next(ctx, old)
	require.Len(t, problems, 1)
	require.ErrorIs(t, problems[0], did.ErrInvalidDocument)
	require.Equal(t, old.DIDDocuments[0].Content, next.DIDDocuments[0].Content)
}

// D7: a partner that is away for longer than its use-by is told of in every
// edition, answers nothing meanwhile, and is back with the first edition that
// finds it: documents, lists that were meant to last so long, and lists that
// have ended by themselves.
func TestD7WhatIsMissingIsAskedForAgain(t *testing.T) {
	f := newField(t)
	first := f.first()
	first.DIDDocuments[0].UseBy = first.Created.Add(12 * time.Hour)
	first.ValidUntil = first.Created.Add(20 * 24 * time.Hour) // the suspension list ends after a day
	held := f.open(first)
	was := held.Info()
	delete(f.documents, web.String())
	f.Lists.Fail(verifytest.RevocationURL, errors.New("status 503"))
	f.Lists.Fail(verifytest.SuspensionURL, errors.New("status 503"))
	key := did.MustParseURL(web.String() + "#k1")

	for day := range 5 {
		f.Clock.Advance(24 * time.Hour)
		next, problems := f.r.Next(ctx, held.Contents())
		told := fmt.Sprint(problems)
		for _, what := range []string{"didDocuments 0: missing, of use only until", "statusLists 0: missing", "statusLists 1: missing"} {
			require.Contains(t, told, what, "day %d", day)
		}
		before := held
		held = f.open(next)
		missing := held.Info().Missing()
		require.Len(t, missing, 3)
		for i, e := range missing {
			require.Equal(t, was.Entries[i].UseBy, e.UseBy, "it ends when it did")
			require.Equal(t, was.Entries[i].FetchedAt, e.FetchedAt)
		}
		changes := ""
		for _, c := range bundle.Diff(before, held) {
			changes += c.String() + "\n"
		}
		require.Contains(t, changes, web.String()+" missing: of use only until")
		_, err := did.ResolveKey(ctx, held, key, did.AssertionMethod, f.Clock.Now())
		require.ErrorIs(t, err, verify.ProofUnresolvable, "it could not be found out, and is no denial")
		_, err = held.StatusList(ctx, verifytest.SuspensionURL)
		require.ErrorIs(t, err, verify.StatusUnavailable)
	}

	// An older list than the one that ended is not taken for a new one.
	old := f.Lists.Get(verifytest.RevocationURL)
	f.Lists.Fail(verifytest.RevocationURL, nil)
	f.Lists.Put(verifytest.RevocationURL, old)
	_, problems := f.r.Next(ctx, held.Contents())
	require.Contains(t, fmt.Sprint(problems), "statusLists 0: missing")

	f.publish("k1")
	f.Lists.Fail(verifytest.SuspensionURL, nil)
	f.Lists.Publish()
	next, problems := f.r.Next(ctx, held.Contents())
	require.Empty(t, problems)
	held = f.open(next)
	in, now := held.Info(), f.Clock.Now()
	require.Empty(t, in.Missing())
	require.Equal(t, now.Add(12*time.Hour), in.Entries[0].UseBy, "for as long as before")
	require.Equal(t, now.Add(24*time.Hour), in.Entries[1].UseBy)
	require.Equal(t, now.Add(24*time.Hour), in.Entries[2].UseBy)
	_, err := did.ResolveKey(ctx, held, key, did.AssertionMethod, now)
	require.NoError(t, err)
	_, err = held.StatusList(ctx, verifytest.SuspensionURL)
	require.NoError(t, err)
}

// D7: a list near its end when the bundle was made does not shorten the ones
// that come after it.
func TestD7AShortListDoesNotShortenTheNext(t *testing.T) {
	f := newField(t)
	f.Clock.Advance(23 * time.Hour)
	first := f.first()
	first.StatusLists[0].UseBy = time.Time{}
	held := f.open(first)
	require.Equal(t, f.Clock.Now().Add(time.Hour), held.Info().Entries[1].UseBy)
	f.Clock.Advance(30 * time.Minute)
	f.Lists.Publish()
	next, problems := f.r.Next(ctx, held.Contents())
	require.Empty(t, problems)
	require.Equal(t, f.Clock.Now().Add(24*time.Hour), f.open(next).Info().Entries[1].UseBy)
}
