package bundle_test

import (
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestBundleGivesBackWhatWasPutIn(t *testing.T) {
	s := newSite(t)
	b := s.open(s.create())

	web := did.MustParse("did:web:issuer.example")
	doc, err := b.Resolve(ctx, web)
	require.NoError(t, err)
	require.Equal(t, webDocument(t, "k1").Bytes(), doc.Bytes())
	key, err := did.ResolveKey(ctx, b, did.MustParseURL("did:web:issuer.example#k1"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	require.Equal(t, verifytest.Key("k1").PublicKey(), key)
	_, err = did.ResolveKey(ctx, b, did.MustParseURL("did:web:issuer.example#k1"), did.Authentication, time.Time{})
	require.ErrorIs(t, err, did.ErrRelationship)

	_, err = b.Resolve(ctx, did.MustParse("did:web:other.example"))
	require.ErrorIs(t, err, did.ErrNotFound)
	_, err = b.Resolve(ctx, did.DID{})
	require.ErrorIs(t, err, did.ErrInvalidDID)
	doc, err = b.Resolve(ctx, s.Agent.DID())
	require.NoError(t, err, "a did:key is its own document")
	require.Equal(t, s.Agent.DID(), doc.ID())
	key, err = did.ResolveKey(ctx, b, s.Agent.KeyID(), did.Authentication, time.Time{})
	require.NoError(t, err)
	require.Equal(t, s.Agent.PublicKey(), key)

	l, err := b.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	require.Equal(t, s.Lists.Get(verifytest.RevocationURL), l.Raw)
	require.Equal(t, s.Clock.Now(), l.At)
	again, err := b.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	require.Same(t, l, again)
	require.False(t, b.Vouched(l))
	_, err = b.StatusList(ctx, "https://issuer.example/status/other")
	refused(t, err, verify.StatusUnavailable)
	require.ErrorIs(t, err, statuslist.ErrRetrieval)

	sib, err := b.Sibling(ctx, consentID, consent(t).Digest())
	require.NoError(t, err)
	require.Equal(t, consent(t).Bytes(), sib)
	for _, other := range [][2]string{{consentID, "uEiX"}, {"urn:uuid:x", consent(t).Digest()}} {
		_, err = b.Sibling(ctx, other[0], other[1])
		refused(t, err, verify.ConsentMissing)
	}

	require.Equal(t, []verify.Anchor{s.contents().Anchors[0].Anchor}, b.Anchors())
	b.Anchors()[0].Actions[0] = "*"
	require.Equal(t, "payments.*", b.Anchors()[0].Actions[0], "what is returned is a copy")

	in := b.Info()
	require.Equal(t, series, in.ID)
	require.EqualValues(t, 7, in.Sequence)
	require.Equal(t, s.operator.DID(), in.Issuer)
	require.Equal(t, s.operator.KeyID(), in.KeyID)
	require.Equal(t, []string{verifytest.Audience}, in.Audience)
	require.Len(t, in.Entries, 5)
	require.Equal(t, "https://issuer.example/.well-known/did.json", in.Entries[0].Source)
	require.Equal(t, verifytest.RevocationURL, in.Entries[1].Source)
	require.Equal(t, s.operator.DID().String(), in.Entries[4].Source)
	inspected, err := bundle.Inspect(s.create())
	require.NoError(t, err)
	require.Equal(t, in, *inspected)
}

// Every shape of anchor survives, absent lists apart from empty ones.
func TestAnchorsGoThroughUnchanged(t *testing.T) {
	s := newSite(t)
	usdc, err := passport.ParseAssetMoney("7.25", "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 6)
	require.NoError(t, err)
	var anchors []bundle.Anchor
	for i, a := range []verify.Anchor{
		{},
		{Types: []string{}, Actions: []string{}, Ceilings: []passport.Money{}, Regions: []string{}},
		{Types: []string{passport.Type}, Actions: []string{"*"}, Regions: []string{"DE", "US-CA"}, MaxAssurance: passport.L4FIN},
		{Ceilings: []passport.Money{passport.MustMoney("0.00", "EUR"), passport.MustMoney("1", "JPY"), usdc}},
	} {
		a.Issuer = verifytest.Key(string(rune('a' + i))).DID()
		anchors = append(anchors, bundle.Anchor{Anchor: a})
	}
	b := s.open(s.create(func(c *bundle.Contents) { c.Anchors = anchors }))
	var want []verify.Anchor
	for _, a := range anchors {
		want = append(want, a.Anchor)
	}
	require.Equal(t, want, b.Anchors())
}

// The whole way: a verifier that has nothing but the bundle.
func TestVerifierDecidesFromABundleAlone(t *testing.T) {
	s := newSite(t)
	pass, other := s.Issue(s.Passport()), s.Passport()
	revoked := s.Issue(other)
	s.Lists.Set(other.Status[0], 1)
	b := s.open(s.create())
	v := s.Verifier(func(c *verify.Config) { c.Anchors, c.Resolver, c.Status = b.Anchors(), b, b })

	_, err := v.Verify(ctx, s.Present(pass, s.Intent()), s.Request())
	verifytest.AssertAllowed(t, err)
	_, err = v.Verify(ctx, s.Present(revoked, s.Intent()), s.Request())
	verifytest.AssertDenied(t, err, verify.StatusRevoked)

	// Past their use-by the lists cannot be found, though the bundle goes on.
	s.Clock.Advance(25 * time.Hour)
	long := s.Issue(s.Passport())
	d, err := v.Verify(ctx, s.Present(long, s.Intent()), s.Request())
	require.Error(t, err)
	require.Equal(t, verify.Undetermined, d.Verdict)
	require.Equal(t, verify.StatusUnavailable, d.Code())
	require.ErrorIs(t, err, verify.StatusUnavailable)

	// Past its end not even a did:key is found.
	s.Clock.Advance(6 * 24 * time.Hour)
	d, err = v.Verify(ctx, s.Present(s.Issue(s.Passport()), s.Intent()), s.Request())
	require.Error(t, err)
	require.Equal(t, verify.Undetermined, d.Verdict, "%v", err)
	require.Equal(t, verify.ProofUnresolvable, d.Code())
}

// DID-20: a resolver that would go anywhere is not needed.
func TestDID20KeysOfSignersAreNotLookedUpInTheBundle(t *testing.T) {
	s := newSite(t)
	operator := did.MustParse("did:web:issuer.example")
	signer, err := did.NewSigner(did.MustParseURL("did:web:issuer.example#k1"), verifytest.Key("k1").PrivateKey())
	require.NoError(t, err)
	raw, err := bundle.Create(ctx, signer, s.contents(), bundle.CreateOptions{})
	require.NoError(t, err)
	o := s.options(func(o *bundle.Options) { o.Signers = []did.DID{operator} })
	_, err = bundle.Open(ctx, raw, o)
	refused(t, err, verify.ProofUnresolvable)

	o.Resolver, err = did.NewStatic(webDocument(t, "k1"))
	require.NoError(t, err)
	_, err = bundle.Open(ctx, raw, o)
	require.NoError(t, err)

	o.Resolver, err = did.NewStatic(webDocument(t, "k2"))
	require.NoError(t, err)
	_, err = bundle.Open(ctx, raw, o)
	refused(t, err, verify.ProofKeyNotAuthorized)
}

// Entries end one by one, and an anchor with its did:key.
func TestSTL10EntriesPastTheirUseBy(t *testing.T) {
	s := newSite(t)
	end := s.Clock.Now().Add(time.Hour)
	b := s.open(s.create(func(c *bundle.Contents) {
		for _, items := range [][]bundle.Item{c.DIDDocuments, c.StatusLists, c.Credentials} {
			items[0].UseBy = end
		}
		c.Anchors[0].UseBy = end
	}), func(o *bundle.Options) { o.Skew = time.Minute })
	web := did.MustParse("did:web:issuer.example")
	ask := func() []error {
		_, doc := b.Resolve(ctx, web)
		_, key := b.ResolveKey(ctx, did.MustParseURL("did:web:issuer.example#k1"), did.AssertionMethod, time.Time{})
		_, list := b.StatusList(ctx, verifytest.RevocationURL)
		_, sib := b.Sibling(ctx, consentID, consent(t).Digest())
		_, anchor := b.Resolve(ctx, s.Issuer.DID())
		_, anchorKey := b.ResolveKey(ctx, s.Issuer.KeyID(), did.AssertionMethod, time.Time{})
		return []error{doc, key, list, sib, anchor, anchorKey}
	}
	s.Clock.Set(end.Add(time.Minute - time.Nanosecond))
	for i, err := range ask() {
		require.NoError(t, err, i)
	}
	require.Len(t, b.Anchors(), 1)

	s.Clock.Set(end.Add(time.Minute))
	for i, err := range ask() {
		require.ErrorIs(t, err, verify.StatusStale, i)
	}
	require.Empty(t, b.Anchors())
	_, err := b.StatusList(ctx, verifytest.SuspensionURL)
	require.NoError(t, err, "the other list is still of use")
	_, err = b.Resolve(ctx, s.Agent.DID())
	require.NoError(t, err, "who is no anchor has no end but the bundle's")
}

// TIM-01, TIM-08: a bundle in hand ends when it says, and does not work before
// it was made, whatever happened to the clock.
func TestTIM08BundleInHand(t *testing.T) {
	s := newSite(t)
	c := s.contents()
	b := s.open(s.create())
	for _, at := range []time.Time{{}, time.Unix(0, 0), c.Created.Add(-time.Nanosecond), c.ValidUntil, c.ValidUntil.AddDate(74, 0, 0)} {
		s.Clock.Set(at)
		_, err := b.Resolve(ctx, s.Agent.DID())
		require.ErrorIs(t, err, did.ErrUnavailable, at)
		_, err = b.ResolveKey(ctx, s.Agent.KeyID(), did.Authentication, time.Time{})
		require.ErrorIs(t, err, did.ErrUnavailable, at)
		_, err = b.Resolve(ctx, did.MustParse("did:web:issuer.example"))
		require.ErrorIs(t, err, did.ErrUnavailable, at)
		_, err = b.StatusList(ctx, verifytest.SuspensionURL)
		refused(t, err, verify.StatusUnavailable)
		_, err = b.Sibling(ctx, consentID, consent(t).Digest())
		refused(t, err, verify.StatusUnavailable)
		require.Empty(t, b.Anchors(), at)
	}
	s.Clock.Set(c.ValidUntil.Add(-time.Nanosecond))
	_, err := b.Resolve(ctx, s.Agent.DID())
	require.NoError(t, err)
}

// G12: a list without a proof comes in only with the operator's word for it,
// and is marked.
func TestSTL07UnsignedListIsVouchedForByName(t *testing.T) {
	s := newSite(t)
	unsigned := unsignedList(t, s.Lists.Get(verifytest.RevocationURL))
	put := func(vouched bool, content []byte) ([]byte, error) {
		return bundle.Create(ctx, s.operator, s.contents(func(c *bundle.Contents) {
			c.StatusLists = []bundle.Item{{Content: content, Vouched: vouched}}
		}), bundle.CreateOptions{})
	}
	_, err := put(false, unsigned)
	refused(t, err, verify.StatusInvalid, "/statusLists/0/content")
	_, err = put(true, s.Lists.Get(verifytest.RevocationURL))
	refused(t, err, verify.StatusInvalid, "/statusLists/0/content")

	raw, err := put(true, unsigned)
	require.NoError(t, err)
	b := s.open(raw)
	l, err := b.StatusList(ctx, verifytest.RevocationURL)
	require.NoError(t, err)
	require.Equal(t, unsigned, l.Raw)
	require.True(t, b.Vouched(l))
	require.False(t, b.Vouched(&statuslist.Fetched{Raw: l.Raw, At: l.At}), "the pointer tells, not the bytes")
	require.True(t, b.Info().Entries[1].Vouched)
}

func TestConcurrentReaders(t *testing.T) {
	s := newSite(t)
	b := s.open(s.create())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, err := b.Resolve(ctx, did.MustParse("did:web:issuer.example"))
				if err == nil {
					_, err = b.StatusList(ctx, verifytest.RevocationURL)
				}
				if err != nil || len(b.Anchors()) != 1 || len(b.Info().Entries) != 5 {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// What comes out makes the very same bundle again.
func TestContentsRoundTrip(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	again, err := bundle.Create(ctx, s.operator, s.open(raw).Contents(), bundle.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again))
}

// The offline promise, by the linker: nothing here opens a connection.
func TestDID20LinksNoNetwork(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/safeconduct/safeconduct/verify/bundle").Output()
	require.NoError(t, err)
	for _, path := range []string{"net", "net/http", "crypto/tls", "crypto/x509"} {
		require.NotContains(t, strings.Fields(string(out)), path)
	}
}

// A passport that stands on a consent, which only the bundle has.
func TestVerifierFindsConsentsInTheBundle(t *testing.T) {
	s := newSite(t)
	person := verifytest.Key("person")
	will, err := passport.IssueManifestation(ctx, person,
		passport.Manifestation{StatementDigest: passport.Digest([]byte("I will"))}, passport.IssueOptions{Now: s.Clock.Now})
	require.NoError(t, err)
	pass := s.Issue(s.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = person.DID().String()
		p.Consent, err = passport.ConsentTo(will)
		require.NoError(t, err)
	}))
	decide := func(b *bundle.Bundle) error {
		v := s.Verifier(func(c *verify.Config) { c.Anchors, c.Resolver, c.Status, c.Siblings = b.Anchors(), b, b, b })
		_, err := v.Verify(ctx, s.Present(pass, s.Intent()), s.Request())
		return err
	}
	verifytest.AssertDenied(t, decide(s.open(s.create())), verify.ConsentMissing)
	verifytest.AssertAllowed(t, decide(s.open(s.create(func(c *bundle.Contents) {
		c.Credentials = append(c.Credentials, bundle.Item{Content: will.Bytes()})
	}))))
}

// E5: an acceptance that only the bundle has lifts the obligation of its kind, for whose it is.
func TestE5AcceptancesInTheBundle(t *testing.T) {
	s := newSite(t)
	person := verifytest.Key("person")
	ofKind := func(by *did.KeyPair, kind string, n int) bundle.Item {
		a, err := passport.IssueAcceptance(ctx, by, passport.Acceptance{
			ID:        fmt.Sprintf("%s01K%023d", passport.AcceptanceURN, n),
			Agreement: "https://shop.example/terms", Version: "1", Kind: kind, TextDigest: passport.Digest([]byte("terms")),
		}, passport.IssueOptions{Now: s.Clock.Now})
		require.NoError(t, err)
		return bundle.Item{Content: a.Bytes()}
	}
	accepted := func(by *did.KeyPair) bundle.Item { return ofKind(by, "Resident", 99) }
	pass := s.Issue(s.Passport(func(p *passport.Passport) { p.HumanPrincipal = person.DID().String() }))
	decide := func(items ...bundle.Item) error {
		b := s.open(s.create(func(c *bundle.Contents) { c.Credentials = append(c.Credentials, items...) }))
		v := s.Verifier(func(c *verify.Config) {
			c.Anchors, c.Resolver, c.Status, c.Siblings = b.Anchors(), b, b, b
			c.Policy = []verify.Rule{{ID: "agreement", Check: func(verify.Facts) error {
				return &verify.Obligation{Kind: verify.SignAgreement, Detail: "Resident"}
			}}}
		})
		_, err := v.Verify(ctx, s.Present(pass, s.Intent()), s.Request())
		return err
	}
	verifytest.AssertDenied(t, decide(), verify.PolicyObligationUnmet)
	verifytest.AssertDenied(t, decide(accepted(verifytest.Key("mallory"))), verify.PolicyObligationUnmet)
	verifytest.AssertAllowed(t, decide(accepted(person)))

	var others []bundle.Item
	for n := range 16 {
		others = append(others, ofKind(person, "e-Resident", n))
	}
	verifytest.AssertDenied(t, decide(others...), verify.PolicyObligationUnmet)
	verifytest.AssertAllowed(t, decide(append(others, accepted(person))...))
}

// C1: a key that carries an end is judged as of the instant that is asked about.
func TestKeysWithAnEnd(t *testing.T) {
	s := newSite(t)
	doc := strings.Replace(string(webDocument(t, "k1").Bytes()), `"type":"Multikey"`, `"type":"Multikey","expires":"2026-11-21T10:00:00Z"`, 1)
	b := s.open(s.create(func(c *bundle.Contents) { c.DIDDocuments[0].Content = []byte(doc) }))
	end := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for at, ok := range map[time.Time]bool{end.Add(-time.Second): true, end: false, {}: false} {
		_, err := b.ResolveKey(ctx, did.MustParseURL("did:web:issuer.example#k1"), did.AssertionMethod, at)
		if ok {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
	}
}
