package did_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

var ctx = context.Background()

// resolveBoth resolves a name with and without a document.
func resolveBoth(t *testing.T, id string) (documentErr, keyErr error) {
	t.Helper()
	d, err := did.Parse(id)
	if err != nil {
		return err, err
	}
	_, documentErr = did.KeyMethods().Resolve(ctx, d)
	fragment := d.SpecificID()
	if d.Method() == "jwk" {
		fragment = "0"
	}
	if u, err := d.URL(fragment); err == nil {
		_, keyErr = did.ResolveKey(ctx, did.KeyMethods(), u, did.AssertionMethod, time.Time{})
	} else {
		keyErr = err // too long with a fragment
	}
	return documentErr, keyErr
}

func TestDID01DIDKey(t *testing.T) {
	for name, text := range notMultikeys {
		t.Run(name, func(t *testing.T) {
			documentErr, keyErr := resolveBoth(t, "did:key:"+text)
			require.ErrorIs(t, documentErr, did.ErrInvalidDID)
			require.ErrorIs(t, keyErr, did.ErrInvalidDID)
		})
	}
}

func TestDID03Fragment(t *testing.T) {
	pair, other := testKey(1), testKey(2)
	jwk, err := did.NewJWKDID(pair.PublicKey())
	require.NoError(t, err)
	for id, right := range map[did.DID]string{pair.DID(): pair.DID().SpecificID(), jwk: "0"} {
		doc, err := did.KeyMethods().Resolve(ctx, id)
		require.NoError(t, err)
		for _, fragment := range []string{right, "0", "1", "00", "key-1", other.DID().SpecificID(),
			strings.ToLower(pair.DID().SpecificID()), id.SpecificID() + "0", "%30"} {
			u, err := id.URL(fragment)
			require.NoError(t, err)
			_, documentErr := doc.Key(u, did.AssertionMethod, time.Time{})
			_, keyErr := did.ResolveKey(ctx, did.KeyMethods(), u, did.AssertionMethod, time.Time{})
			if fragment == right {
				require.NoError(t, documentErr)
				require.NoError(t, keyErr)
				continue
			}
			require.ErrorIs(t, documentErr, did.ErrKey, fragment)
			require.ErrorIs(t, keyErr, did.ErrKey, fragment)
		}
	}
}

func TestDID04DIDJWK(t *testing.T) {
	for _, table := range []map[string]string{notJWKs, badJSON} {
		for name, text := range table {
			t.Run(name, func(t *testing.T) {
				id := base64.RawURLEncoding.EncodeToString([]byte(fillJWK(text)))
				documentErr, keyErr := resolveBoth(t, "did:jwk:"+id)
				require.ErrorIs(t, documentErr, did.ErrInvalidDID)
				require.ErrorIs(t, keyErr, did.ErrInvalidDID)
			})
		}
	}
	good, err := did.NewJWKDID(testKey(1).PublicKey())
	require.NoError(t, err)
	for name, id := range map[string]string{
		"padding":       good.String() + "=",
		"escaped pad":   good.String() + "%3D",
		"line feed":     good.String() + "\n",
		"escaped feed":  good.String() + "%0A",
		"not base64url": "did:jwk:a.b",
		"one character": "did:jwk:a",
		"two parts":     good.String() + ":0",
		"trailing bits": "did:jwk:eyJhIjoxfR", // {"a":1} and a bit
	} {
		t.Run(name, func(t *testing.T) {
			documentErr, keyErr := resolveBoth(t, id)
			require.ErrorIs(t, documentErr, did.ErrInvalidDID)
			require.ErrorIs(t, keyErr, did.ErrInvalidDID)
		})
	}
}

func TestDID21UnknownMethod(t *testing.T) {
	for _, id := range []string{webText, "did:ethr:0xab", "did:keys:z6Mk", "did:jwkx:e30"} {
		documentErr, keyErr := resolveBoth(t, id)
		require.ErrorIs(t, documentErr, did.ErrMethodNotSupported)
		require.ErrorIs(t, keyErr, did.ErrMethodNotSupported)
	}
	_, err := did.KeyMethods().Resolve(ctx, did.DID{})
	require.ErrorIs(t, err, did.ErrInvalidDID)
	_, err = did.ResolveKey(ctx, did.KeyMethods(), did.URL{}, did.AssertionMethod, time.Time{})
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestKeyMethodsDocuments(t *testing.T) {
	pair := testKey(0)
	jwkDID, err := did.NewJWKDID(pair.PublicKey())
	require.NoError(t, err)
	full := did.MustParse("did:jwk:" + base64.RawURLEncoding.EncodeToString(
		[]byte(fillJWK(`{ "x":"X", "use":"sig","kty":"OKP","kid":"é\u0007","crv":"Ed25519","alg":"EdDSA"}`))))
	for _, id := range []did.DID{pair.DID(), jwkDID, full} {
		doc, err := did.KeyMethods().Resolve(ctx, id)
		require.NoError(t, err)
		require.Equal(t, id, doc.ID())
		require.Len(t, doc.Methods(), 1)
		m := doc.Methods()[0]
		for _, rel := range []did.Relationship{did.AssertionMethod, did.Authentication, did.CapabilityInvocation, did.CapabilityDelegation} {
			fromDocument, err := doc.Key(m.ID, rel, time.Time{})
			require.NoError(t, err)
			fast, err := did.ResolveKey(ctx, did.KeyMethods(), m.ID, rel, time.Time{})
			require.NoError(t, err)
			require.Equal(t, fast, fromDocument)
		}
		for _, rel := range []did.Relationship{did.KeyAgreement, "", "assertionmethod", "verificationMethod"} {
			_, err := doc.Key(m.ID, rel, time.Time{})
			require.ErrorIs(t, err, did.ErrRelationship)
			_, err = did.ResolveKey(ctx, did.KeyMethods(), m.ID, rel, time.Time{})
			require.ErrorIs(t, err, did.ErrRelationship)
		}
		// What is written reads back as the same document, and is canonical.
		back, err := did.ParseDocument(doc.Bytes())
		require.NoError(t, err)
		require.Equal(t, doc.Methods(), back.Methods())
		requireCanonical(t, doc.Bytes())
	}
	doc, err := did.KeyMethods().Resolve(ctx, pair.DID())
	require.NoError(t, err)
	key := pair.KeyID().Fragment()
	require.JSONEq(t, strings.NewReplacer("DID", aliceText, "KEY", key).Replace(`{
		"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1"],
		"id":"DID",
		"verificationMethod":[{"id":"DID#KEY","type":"Multikey","controller":"DID","publicKeyMultibase":"KEY"}],
		"assertionMethod":["DID#KEY"],"authentication":["DID#KEY"],
		"capabilityDelegation":["DID#KEY"],"capabilityInvocation":["DID#KEY"]}`), string(doc.Bytes()))
	doc, err = did.KeyMethods().Resolve(ctx, full)
	require.NoError(t, err)
	require.Contains(t, string(doc.Bytes()), `"kid":"é\u0007"`)
	require.Contains(t, string(doc.Bytes()), `"use":"sig"`)
}

func requireCanonical(t *testing.T, text []byte) {
	t.Helper()
	v, err := strictjson.Parse(string(text), limits.Default().JSON(len(text)))
	require.NoError(t, err)
	require.Equal(t, string(jcs.Append(nil, v)), string(text))
}

func TestKeysAreCopies(t *testing.T) {
	raw := testKey(1).PublicKey().Bytes()
	key := publicKey(t, raw)
	clear(raw)
	clear(key.Bytes())
	clear(key.Crypto().(ed25519.PublicKey))
	require.Equal(t, testKey(1).PublicKey(), key)
}

func BenchmarkResolveDIDKeyDocument(b *testing.B) {
	id := testKey(1).DID()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.KeyMethods().Resolve(ctx, id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolveDIDKey(b *testing.B) {
	id := testKey(1).KeyID()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.ResolveKey(ctx, did.KeyMethods(), id, did.AssertionMethod, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolveDIDJWK(b *testing.B) {
	d, err := did.NewJWKDID(testKey(1).PublicKey())
	require.NoError(b, err)
	id := did.MustParseURL(d.String() + "#0")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.ResolveKey(ctx, did.KeyMethods(), id, did.AssertionMethod, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
