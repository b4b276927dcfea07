package credential_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// What Sign writes is what Parse reads, member for member.
func TestSignRoundTrip(t *testing.T) {
	ctx := context.Background()
	for name, doc := range map[string]string{
		"full": full(t), "small": small(t), "VC 1.1": version1(t), "passport": string(passportText(t)),
		"lists": edit(t, edit(t, full(t), "/credentialStatus", `[{"type":"https://t.example/#T"},{"id":"urn:x:2","type":"https://t.example/#T"}]`),
			"/credentialSubject", `[{"id":"did:example:a","name":"\u00e9\n\"\ud83d\ude00"},{"id":"did:example:b"}]`),
		"extra": edit(t, full(t), "/confidenceMethod", `{"id":"urn:x:c","type":"https://t.example/#T"}`),
		"nanos": edit(t, full(t), "/validFrom", `"2026-11-21T00:00:00.000000001Z"`),
	} {
		t.Run(name, func(t *testing.T) {
			first := mustParse(t, doc)
			s, err := credential.Sign(ctx, keyOf(t, "issuer"), first.Unverified(), credential.SignOptions{Created: created})
			require.NoError(t, err)
			again := mustParse(t, s.Text())
			require.Equal(t, s.Digest(), again.Digest())
			require.Equal(t, s.Proofs(), again.Proofs())
			requireSameContent(t, first.Unverified(), again.Unverified())
			requireSameContent(t, first.Unverified(), s.Unverified())
			require.NoError(t, s.CheckProof(0, keyOf(t, "issuer").PublicKey(), did.AssertionMethod))
			require.NoError(t, again.CheckProof(0, keyOf(t, "issuer").PublicKey(), did.AssertionMethod))
		})
	}
}

func requireSameContent(t *testing.T, want, got *credential.Credential) {
	t.Helper()
	raws := func(vs ...credential.Value) (out []string) {
		for _, v := range vs {
			out = append(out, v.Raw())
		}
		return out
	}
	require.Equal(t, want.Version, got.Version)
	require.Equal(t, want.Context, got.Context)
	require.Equal(t, want.ID, got.ID)
	require.Equal(t, want.Type, got.Type)
	require.Equal(t, want.Issuer.ID, got.Issuer.ID)
	require.Equal(t, raws(want.Issuer.Name, want.Issuer.Description, want.Name, want.Description),
		raws(got.Issuer.Name, got.Issuer.Description, got.Name, got.Description))
	require.Equal(t, want.ValidFrom, got.ValidFrom)
	require.Equal(t, want.ValidUntil, got.ValidUntil)
	require.Equal(t, raws(want.Subjects...), raws(got.Subjects...))
	require.Equal(t, raws(want.Status...), raws(got.Status...))
	require.Equal(t, raws(want.Schema...), raws(got.Schema...))
	require.Equal(t, raws(want.RefreshService...), raws(got.RefreshService...))
	require.Equal(t, raws(want.TermsOfUse...), raws(got.TermsOfUse...))
	require.Equal(t, raws(want.Evidence...), raws(got.Evidence...))
	require.Equal(t, raws(want.RelatedResource...), raws(got.RelatedResource...))
	for _, pair := range [][2][]credential.Member{{want.Extra, got.Extra}, {want.Issuer.Extra, got.Issuer.Extra}} {
		require.Len(t, pair[1], len(pair[0]))
		for i, m := range pair[0] {
			require.Equal(t, m.Name, pair[1][i].Name)
			require.Equal(t, m.Value.Raw(), pair[1][i].Value.Raw())
		}
	}
}

// The zero members of a credential are filled in or left out.
func TestSignDefaults(t *testing.T) {
	ctx := context.Background()
	key := keyOf(t, "issuer")
	subject := mustValue(t, `{"id":"did:example:subject"}`)
	s, err := credential.Sign(ctx, key, &credential.Credential{Subjects: []credential.Value{subject}}, credential.SignOptions{})
	require.NoError(t, err)
	c := s.Unverified()
	require.Equal(t, []string{credential.ContextV2}, c.Context)
	require.Equal(t, []string{credential.TypeCredential}, c.Type)
	require.Equal(t, key.DID().String(), c.Issuer.ID)
	p := s.Proofs()[0]
	require.Equal(t, credential.ProofInfo{Type: credential.TypeDataIntegrity, Cryptosuite: credential.SuiteJCS, Supported: true,
		VerificationMethod: key.KeyID(), Purpose: did.AssertionMethod}, p)

	old, err := credential.Sign(ctx, key, &credential.Credential{Version: 1, ValidFrom: created,
		Subjects: []credential.Value{subject}}, credential.SignOptions{})
	require.NoError(t, err)
	require.Equal(t, credential.ContextV1, old.Unverified().Context[0])
	require.NoError(t, holds(old.Text()))

	for name, c := range map[string]*credential.Credential{
		"nil": nil, "unknown version": {Version: 3, Subjects: []credential.Value{subject}},
		"negative version":          {Version: -1, Subjects: []credential.Value{subject}},
		"a proof among the members": {Subjects: []credential.Value{subject}, Extra: []credential.Member{{Name: "proof", Value: subject}}},
	} {
		_, err := credential.Sign(ctx, key, c, credential.SignOptions{})
		require.Error(t, err, name)
		requireCode(t, code.RequestInvalid, err)
	}
	_, err = credential.Sign(ctx, nil, &credential.Credential{}, credential.SignOptions{})
	requireCode(t, code.RequestInvalid, err)
	for name, c := range map[string]*credential.Credential{
		"no subject":       {},
		"issuer twice":     {Subjects: []credential.Value{subject}, Extra: []credential.Member{{Name: "issuer", Value: subject}}},
		"1.1 without date": {Version: 1, Subjects: []credential.Value{subject}},
		"until before":     {Subjects: []credential.Value{subject}, ValidFrom: created, ValidUntil: created.Add(-time.Second)},
		"year 10000":       {Subjects: []credential.Value{subject}, ValidFrom: created.AddDate(9000, 0, 0)},
		"no UTF-8":         {ID: "urn:x:\xff", Subjects: []credential.Value{subject}},
	} {
		_, err := credential.Sign(ctx, key, c, credential.SignOptions{})
		require.Error(t, err, name)
		requireCode(t, malformed, err)
	}
}

// The text that is signed is kept, whatever its white space.
func TestSignJSONKeepsText(t *testing.T) {
	s := signed(t, full(t), credential.SignOptions{})
	text := full(t)
	require.True(t, strings.HasPrefix(s.Text(), strings.TrimSuffix(text, "}")))
	require.NotContains(t, text, "proof")
	again := mustParse(t, s.Text())
	require.Equal(t, s.Digest(), again.Digest())
	requireSameContent(t, again.Unverified(), s.Unverified())
	require.Equal(t, s.UnverifiedValue().Get("issuer"), s.UnverifiedValue().Get("issuer"))
	require.Equal(t, s.Unverified().Subjects[0], s.UnverifiedValue().Get("credentialSubject"), "one tree")
	_, err := credential.SignJSON(context.Background(), nil, []byte(text), credential.SignOptions{})
	requireCode(t, code.RequestInvalid, err)
}

// KEY-11: signing twice gives the same bytes.
func TestKEY11Deterministic(t *testing.T) {
	a, b := signed(t, full(t), credential.SignOptions{}), signed(t, full(t), credential.SignOptions{})
	require.Equal(t, a.Text(), b.Text())
}

// A signer that fails, or gives no signature, signs nothing.
func TestSignerFails(t *testing.T) {
	broken := errors.New("the module is out of order")
	key := keyOf(t, "issuer")
	for name, s := range map[string]fakeSigner{
		"error":      {id: key.KeyID(), err: broken},
		"63 bytes":   {id: key.KeyID(), sig: make([]byte, 63)},
		"nothing":    {id: key.KeyID()},
		"no key id":  {sig: make([]byte, 64)},
		"both wrong": {id: key.KeyID(), sig: make([]byte, 64), err: broken},
	} {
		_, err := credential.SignJSON(context.Background(), s, []byte(small(t)), credential.SignOptions{})
		require.Error(t, err, name)
		if s.err != nil {
			require.ErrorIs(t, err, broken)
		}
	}
}

type fakeSigner struct {
	id  did.URL
	sig []byte
	err error
}

func (s fakeSigner) KeyID() did.URL                               { return s.id }
func (s fakeSigner) Algorithm() did.Algorithm                     { return did.Ed25519 }
func (s fakeSigner) Sign(context.Context, []byte) ([]byte, error) { return s.sig, s.err }

// CAN-30: parsed documents are shared freely.
func TestCAN30Concurrency(t *testing.T) {
	ctx := context.Background()
	s, p := chain(t, 3), presented(t, credential.SignOptions{})
	forged := mustParse(t, edit(t, s.Text(), "/credentialSubject/id", `"did:example:m"`))
	want := s.Digest()
	var wg sync.WaitGroup
	for range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 4 {
				ok := s.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}) == nil &&
					p.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}) == nil &&
					forged.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}) != nil &&
					s.Digest() == want && len(s.Proofs()) == 3
				again, err := credential.Parse(s.Bytes())
				if !ok || err != nil || again.Digest() != want {
					t.Error("a verdict changed")
				}
			}
		}()
	}
	wg.Wait()
}
