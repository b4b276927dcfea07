package bundle_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

const series = "https://operator.example/bundles/kiosk"

// site is an operator, the world that it collects from, and a clock.
type site struct {
	*verifytest.World
	t        testing.TB
	operator *did.KeyPair
}

func newSite(t testing.TB) *site {
	return &site{verifytest.NewWorld(t), t, verifytest.Key("operator")}
}

// webDocument is the document of did:web:issuer.example with these keys, by
// name.
func webDocument(t testing.TB, names ...string) *did.Document {
	t.Helper()
	o := did.DocumentOptions{ID: did.MustParse("did:web:issuer.example")}
	for _, name := range names {
		o.Keys = append(o.Keys, did.DocumentKey{Fragment: name, Key: verifytest.Key(name).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}})
	}
	doc, err := did.NewDocument(o)
	require.NoError(t, err)
	return doc
}

const consentID = "urn:uuid:5b7f1e0a-6a0c-4f0e-9d0f-2f6f4a3f1c11"

// consent is a signed credential that a passport could stand on.
func consent(t testing.TB) *credential.Signed {
	t.Helper()
	signed, err := credential.Sign(ctx, verifytest.Key("ada"), &credential.Credential{
		ID: consentID, Context: []string{credential.ContextV2, passport.Context},
		Type:      []string{credential.TypeCredential, "ManifestationOfWillCredential"},
		ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Subjects: []credential.Value{value(t, `{"id":"`+verifytest.Key("ada").DID().String()+`","type":"ManifestationOfWill",`+
			`"statementDigest":"uEiCsoXuiVVMK2STIyDKqdF2NFwDCsiFwfPLGXSCh0n0cIQ"}`)},
	}, credential.SignOptions{})
	require.NoError(t, err)
	return signed
}

func value(t testing.TB, text string) credential.Value {
	t.Helper()
	v, err := credential.ParseValue(text)
	require.NoError(t, err)
	return v
}

// contents are one entry of each kind and two lists.
func (s *site) contents(edits ...func(*bundle.Contents)) bundle.Contents {
	s.t.Helper()
	now := s.Clock.Now()
	c := bundle.Contents{
		ID: series, Sequence: 7, Audience: []string{verifytest.Audience}, Created: now, ValidUntil: now.Add(7 * 24 * time.Hour),
		DIDDocuments: []bundle.Item{{Content: webDocument(s.t, "k1").Bytes(), Source: "https://issuer.example/.well-known/did.json"}},
		StatusLists: []bundle.Item{
			{Content: s.Lists.Get(verifytest.RevocationURL), UseBy: now.Add(24 * time.Hour)},
			{Content: s.Lists.Get(verifytest.SuspensionURL), UseBy: now.Add(24 * time.Hour)},
		},
		Credentials: []bundle.Item{{Content: consent(s.t).Bytes()}},
		Anchors: []bundle.Anchor{{Anchor: verify.Anchor{
			Issuer: s.Issuer.DID(), MaxAssurance: passport.L2, Actions: []string{"payments.*", "data.read"},
			Ceilings: []passport.Money{passport.MustMoney("500.00", "USD")},
		}}},
	}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func (s *site) create(edits ...func(*bundle.Contents)) []byte {
	s.t.Helper()
	raw, err := bundle.Create(ctx, s.operator, s.contents(edits...), bundle.CreateOptions{})
	require.NoError(s.t, err)
	return raw
}

func (s *site) options(edits ...func(*bundle.Options)) bundle.Options {
	o := bundle.Options{Signers: []did.DID{s.operator.DID()}, Audience: verifytest.Audience, Now: s.Clock.Now}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func (s *site) open(raw []byte, edits ...func(*bundle.Options)) *bundle.Bundle {
	s.t.Helper()
	b, err := bundle.Open(ctx, raw, s.options(edits...))
	require.NoError(s.t, err)
	return b
}

// object is a bundle, or a part of one, to be changed.
type object = map[string]any

func entry(m object, kind bundle.Kind) object { return m[string(kind)].([]any)[0].(object) }

// resign changes a bundle and has the operator sign the result.
func (s *site) resign(raw []byte, edit func(object)) []byte {
	s.t.Helper()
	return s.resignAs(s.operator, raw, edit, credential.SignOptions{})
}

func (s *site) resignAs(signer did.Signer, raw []byte, edit func(object), o credential.SignOptions) []byte {
	s.t.Helper()
	var m object
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	require.NoError(s.t, d.Decode(&m))
	delete(m, "proof")
	edit(m)
	text, err := json.Marshal(m)
	require.NoError(s.t, err)
	caps := credential.JSONCaps{Bytes: 1 << 28, Depth: 64, Members: 1 << 20, ArrayLength: 1 << 20, KeyBytes: 1 << 16, StringBytes: 1 << 26}
	doc, err := credential.SignDocument(ctx, signer, text, caps, o)
	require.NoError(s.t, err)
	return doc.Bytes()
}

// refused asserts a code and, if given, a path.
func refused(t testing.TB, err error, want verify.Code, path ...string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, code.Of(err), "%v", err)
	if len(path) > 0 {
		var e *bundle.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, path[0], e.Path, "%v", err)
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

var _ statuslist.Source = (*bundle.Store)(nil)

type ctxType = context.Context

func digestOf(text string) string { return multibase.Digest([]byte(text)) }

func publishAt(now time.Time) statuslist.PublishOptions { return statuslist.PublishOptions{Now: now} }
