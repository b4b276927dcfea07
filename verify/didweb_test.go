package verify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// webIssuer is an issuer with a did:web document that a test can change.
type webIssuer struct {
	id      did.DID
	key     *did.KeyPair
	signer  did.Signer
	doc     *did.Document
	lookups int
	fail    error
}

func newWebIssuer(t *testing.T, rel ...did.Relationship) *webIssuer {
	t.Helper()
	wi := &webIssuer{id: did.MustParse("did:web:issuer.example")}
	wi.rotate(t, "key of 2026", rel...)
	return wi
}

// rotate replaces the one key, under the same key id.
func (wi *webIssuer) rotate(t *testing.T, name string, rel ...did.Relationship) {
	t.Helper()
	wi.key = verifytest.Key(name)
	kid, err := wi.id.URL("key-1")
	require.NoError(t, err)
	wi.signer, err = did.NewSigner(kid, wi.key.PrivateKey())
	require.NoError(t, err)
	if len(rel) == 0 {
		rel = []did.Relationship{did.AssertionMethod}
	}
	mk := wi.key.PublicKey().Multikey()
	var lists []string
	for _, r := range rel {
		lists = append(lists, `"`+string(r)+`":["`+kid.String()+`"]`)
	}
	wi.doc, err = did.ParseDocument([]byte(`{"id":"` + wi.id.String() + `","verificationMethod":[{"id":"` +
		kid.String() + `","type":"Multikey","controller":"` + wi.id.String() + `","publicKeyMultibase":"` + mk + `"}],` + strings.Join(lists, ",") + `}`))
	require.NoError(t, err)
}

func (wi *webIssuer) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	wi.lookups++
	if wi.fail != nil {
		return nil, wi.fail
	}
	return wi.doc, nil
}

// webWorld is a world whose issuer is a did:web.
func webWorld(t *testing.T) (*verifytest.World, *webIssuer, *verify.Verifier, *passport.Passport, []byte) {
	w := verifytest.NewWorld(t)
	wi := newWebIssuer(t)
	publishAs(t, w, wi)
	p := w.Passport(func(p *passport.Passport) { p.Status = p.Status[:1] })
	signed, err := passport.Issue(ctx, wi.signer, p, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	v := w.Verifier(func(c *verify.Config) {
		c.Anchors = []verify.Anchor{{Issuer: wi.id}}
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
	})
	return w, wi, v, p, w.Present(signed, w.Intent())
}

func publishAs(t *testing.T, w *verifytest.World, wi *webIssuer) {
	t.Helper()
	w.Lists.SignBy(verifytest.RevocationURL, wi.signer)
}

func TestStep4DIDWeb(t *testing.T) {
	w, wi, v, _, raw := webWorld(t)
	_, err := v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)

	for name, c := range map[string]struct {
		change func(*webIssuer)
		want   verify.Code
	}{
		"no line":              {func(wi *webIssuer) { wi.fail = errors.New("no line") }, verify.ProofUnresolvable},
		"gone":                 {func(wi *webIssuer) { wi.fail = did.ErrNotFound }, verify.ProofUnresolvable},
		"out of time":          {func(wi *webIssuer) { wi.fail = context.DeadlineExceeded }, verify.ProofTimeout},
		"no document":          {func(wi *webIssuer) { wi.doc = nil }, verify.ProofUnresolvable},
		"SIG-12 other purpose": {func(wi *webIssuer) { wi.rotate(t, "key of 2026", did.Authentication) }, verify.ProofPurposeMismatch},
		"KEY-08 rotated":       {func(wi *webIssuer) { wi.rotate(t, "key of 2027") }, verify.ProofInvalid},
		"DID-18 another's document": {func(wi *webIssuer) {
			other := newWebIssuer(t)
			other.id = did.MustParse("did:web:other.example")
			other.rotate(t, "key of 2026")
			wi.doc = other.doc
		}, verify.ProofKeyNotAuthorized},
	} {
		t.Run(name, func(t *testing.T) {
			w, wi, v, _, raw := webWorld(t)
			c.change(wi)
			_, err := v.Verify(ctx, raw, w.Request())
			verifytest.AssertDenied(t, err, c.want)
		})
	}
	require.NotZero(t, wi.lookups)
}

// A list that was proven once is proven again when the key has changed.
func TestStep6KeyOfTheListRotates(t *testing.T) {
	w, wi, v, p, _ := webWorld(t)
	decide := func() error {
		signed, err := passport.Issue(ctx, wi.signer, w.Passport(func(q *passport.Passport) { q.Status = p.Status }), passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		return err
	}
	require.NoError(t, decide())
	require.NoError(t, decide())
	wi.rotate(t, "key of 2027")
	verifytest.AssertDenied(t, decide(), verify.StatusInvalid)
	publishAs(t, w, wi)
	require.NoError(t, decide())
}

// A key that cannot be looked up leaves the status open: here that of the person who has signed a consent.
func TestStep6KeyOfTheConsentUnavailable(t *testing.T) {
	w := verifytest.NewWorld(t)
	ada := w.Web.Host("ada.example")
	will, err := passport.IssueManifestation(ctx, ada.Signer(),
		passport.Manifestation{StatementDigest: passport.Digest([]byte("I will"))}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	p := w.Passport(func(p *passport.Passport) { p.HumanPrincipal = ada.DID().String() })
	p.Consent, err = passport.ConsentTo(will)
	require.NoError(t, err)
	v := w.Verifier(func(c *verify.Config) { c.Resolver = w.Resolver() })
	decide := func() (*verify.Decision, error) {
		return v.Verify(ctx, w.Present(w.Issue(p), w.Intent(), func(o *passport.PresentOptions) {
			o.Siblings = []*credential.Signed{will}
		}), w.Request())
	}
	_, err = decide()
	require.NoError(t, err)
	ada.Fail(did.ErrUnavailable)
	d, err := decide()
	verifytest.AssertDenied(t, err, verify.ProofUnresolvable)
	require.Equal(t, verify.Undetermined, d.Verdict)
	require.Equal(t, verify.StepStatus, d.Violations[0].Step)
}

// A10: what a decision needs is looked up once: a chain of did:web agents, each with a list of its own, and under the
// office's bits for everything that stops its root, keeps within the bound.
func TestA10EachDocumentIsLookedUpOnce(t *testing.T) {
	w := verifytest.NewWorld(t)
	office := w.Web.Host("issuer.example")
	entries := func(host *verifytest.WebHost, n int) (list []statuslist.Entry) {
		at := "https://" + strings.TrimPrefix(host.DID().String(), "did:web:")
		w.Lists.Open(at+"/status/1", statuslist.Revocation, host.Signer())
		w.Lists.Open(at+"/status/2", statuslist.Suspension, host.Signer())
		for i := range n {
			list = append(list, w.Lists.Entry(fmt.Sprintf("%s/status/%d", at, 1+i%2), ""))
		}
		return list
	}
	agents := []*verifytest.WebHost{w.Web.Host("a.example"), w.Web.Host("b.example"), w.Web.Host("c.example"), w.Web.Host("d.example")}
	root := w.Passport(func(p *passport.Passport) {
		p.Status, p.Agent, p.Authority.MaxDelegationDepth = entries(office, 6), agents[0].DID(), 3
	})
	signed, err := passport.Issue(ctx, office.Signer(), root, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	chain := passport.Chain{signed}
	for i, a := range agents[1:] {
		child := &passport.Passport{
			Agent: a.DID(), Status: entries(agents[i], 2),
			Authority: passport.Authority{MaxDelegationDepth: 3}.InheritGrants(&root.Authority),
		}
		chain, err = passport.Delegate(ctx, chain, agents[i].Signer(), child, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
	}
	const documents, lists = 5, 8
	decide := func(fetches int) error {
		v := w.Verifier(func(c *verify.Config) {
			c.Anchors, c.Resolver = []verify.Anchor{{Issuer: office.DID()}}, w.Resolver()
			c.Bounds.Fetches = fetches
		})
		_, err := v.Verify(ctx, w.PresentChain(agents[3].Signer(), chain, w.Intent()), w.Request())
		return err
	}
	looked, fetched := w.Web.Lookups(), w.Lists.Fetches()
	require.NoError(t, decide(documents+lists))
	require.Equal(t, documents, w.Web.Lookups()-looked)
	require.Equal(t, lists, w.Lists.Fetches()-fetched)
	verifytest.AssertDenied(t, decide(documents+lists-1), verify.EnvelopeTooLarge)

	for i, e := range root.Status {
		w.Lists.Set(e, 1)
		var refusal *verify.Refusal
		require.ErrorAs(t, decide(0), &refusal)
		path := fmt.Sprintf("/verifiableCredential/0/credentialStatus/%d", i)
		require.True(t, slices.ContainsFunc(refusal.Violations, func(v verify.Violation) bool { return v.Path == path }), path)
	}
}

// relist signs the list anew after a change.
func relist(t *testing.T, w *verifytest.World, signer did.Signer, change func(string) string, o credential.SignOptions) {
	t.Helper()
	raw := string(w.Lists.Get(verifytest.RevocationURL))
	raw = raw[:strings.LastIndex(raw, `,"proof":`)] + "}"
	if o.Created.IsZero() {
		o.Created = w.Clock.Now()
	}
	s, err := credential.SignJSON(ctx, signer, []byte(change(raw)), o)
	require.NoError(t, err)
	w.Lists.Put(verifytest.RevocationURL, s.Bytes())
}

func TestStep6ListsSignedAnew(t *testing.T) {
	same := func(s string) string { return s }
	mallory := verifytest.Key("mallory")
	relisted := func(signer func(*verifytest.World) did.Signer, change func(*verifytest.World, string) string,
		o credential.SignOptions) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) {
			relist(t, w, signer(w), func(s string) string { return change(w, s) }, o)
		}
	}
	issuer := func(w *verifytest.World) did.Signer { return w.Issuer }
	stranger := func(*verifytest.World) did.Signer { return mallory }
	keepText := func(_ *verifytest.World, s string) string { return same(s) }
	run(t, []fault{
		{name: "STL-03 in another's name", want: verify.StatusInvalid, before: relisted(issuer, func(w *verifytest.World, s string) string {
			return strings.Replace(s, `"issuer":"`+w.Issuer.DID().String(), `"issuer":"`+mallory.DID().String(), 1)
		}, credential.SignOptions{})},
		{name: "STL-07 signed by a stranger", want: verify.StatusInvalid, before: relisted(stranger, keepText, credential.SignOptions{})},
		{name: "STL-07 for another purpose", want: verify.StatusInvalid,
			before: relisted(issuer, keepText, credential.SignOptions{Purpose: did.Authentication})},
		{name: "STL-07 proof ended", want: verify.StatusStale,
			before: relisted(issuer, keepText, credential.SignOptions{Expires: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)})},
		{name: "STL-06 another list's id", want: verify.StatusInvalid, before: relisted(issuer, func(_ *verifytest.World, s string) string {
			return strings.Replace(s, verifytest.RevocationURL, "https://issuer.example/status/other", 1)
		}, credential.SignOptions{})},
	})
	// The same, unchanged, signed anew by the issuer: fine.
	_, err := fault{before: relisted(issuer, keepText, credential.SignOptions{})}.decide(t)
	require.NoError(t, err)
}
