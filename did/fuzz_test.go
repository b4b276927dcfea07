package did_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

func FuzzParseDID(f *testing.F) {
	for _, text := range notDIDs {
		f.Add(text)
	}
	f.Add(aliceText)
	f.Add("did:web:a.example%3A8443:x:y")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := did.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, did.ErrInvalidDID)
			require.True(t, d.IsZero())
			return
		}
		require.Equal(t, text, d.String())
		require.Equal(t, text, "did:"+d.Method()+":"+d.SpecificID())
		u, err := d.URL("k")
		if len(text) <= 2046 {
			require.NoError(t, err)
			require.True(t, u.DID() == d)
		}
		_, _ = did.KeyMethods().Resolve(ctx, d)
	})
}

func FuzzParseURL(f *testing.F) {
	for _, text := range notDIDs {
		f.Add(text + "#k")
	}
	f.Add(testKey(1).KeyID().String())
	f.Add(webText + "#k/~!$&'()*+,;=:@?%41")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := did.ParseURL(text)
		if err != nil {
			require.ErrorIs(t, err, did.ErrInvalidDID)
			require.True(t, u.IsZero())
			return
		}
		require.Equal(t, text, u.DID().String()+"#"+u.Fragment())
		d, err := did.Parse(u.DID().String())
		require.NoError(t, err)
		require.True(t, d == u.DID())
		_, _ = did.ResolveKey(ctx, did.KeyMethods(), u, did.AssertionMethod, time.Time{})
	})
}

func FuzzParseDocument(f *testing.F) {
	for _, text := range []string{
		`{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k1"],"authentication":["ID#k2"]}`,
		`{"id":"ID","keyAgreement":[M1],"service":[{}]}`,
		`{"id":"ID","verificationMethod":[{"id":"ID#k1","type":"JsonWebKey","controller":"ID","publicKeyJwk":JWK1,"expires":"2030-01-31T00:00:00Z"}]}`,
		`{"id":"ID","verificationMethod":[M1,{"id":"#k1"}]}`,
	} {
		f.Add([]byte(fill(text)))
	}
	for _, s := range readShapes(f) {
		f.Add([]byte(s.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := did.ParseDocument(text)
		if err != nil {
			require.ErrorIs(t, err, did.ErrInvalidDocument)
			require.Nil(t, doc)
			return
		}
		require.Equal(t, string(text), string(doc.Bytes()))
		seen := map[did.URL]bool{{}: true}
		for _, m := range doc.Methods() {
			require.False(t, !m.ID.IsZero() && seen[m.ID], "an id is listed twice")
			seen[m.ID] = true
			require.NotEmpty(t, m.Path)
			key, err := doc.Key(m.ID, did.AssertionMethod, time.Time{})
			if err != nil {
				require.ErrorIs(t, err, did.ErrKey)
				continue
			}
			require.False(t, key.IsZero())
			require.NoError(t, m.Err)
			require.Equal(t, doc.ID(), m.ID.DID())
			require.Equal(t, doc.ID(), m.Controller)
			require.Contains(t, m.Relationships, did.AssertionMethod)
		}
	})
}

func FuzzParseJWK(f *testing.F) {
	for _, table := range []map[string]string{notJWKs, badJSON} {
		for _, text := range table {
			f.Add([]byte(fillJWK(text)))
		}
	}
	f.Add(testKey(1).PrivateJWK())
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := did.ParsePublicJWK(text)
		if err == nil {
			require.False(t, key.IsZero())
			again := key.JWK()
			back, err := did.ParsePublicJWK(again)
			require.NoError(t, err)
			require.Equal(t, key, back)
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
		pair, err2 := did.ParsePrivateJWK(text)
		if err2 == nil {
			require.Error(t, err, "both a public and a private key")
			back, err := did.ParsePrivateJWK(pair.PrivateJWK())
			require.NoError(t, err)
			require.Equal(t, pair.KeyID(), back.KeyID())
		}
		id, err := did.Parse("did:jwk:" + base64.RawURLEncoding.EncodeToString(text))
		if err == nil {
			_, nameErr := did.KeyMethods().Resolve(ctx, id)
			_, jwkErr := did.ParsePublicJWK(text)
			require.Equal(t, jwkErr == nil, nameErr == nil)
		}
	})
}

func FuzzParsePEM(f *testing.F) {
	public := testKey(1).PublicKey().PEM()
	f.Add(public)
	f.Add(testKey(1).PrivatePEM())
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nx: y\n\n-----END PUBLIC KEY-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if key, err := did.ParsePublicPEM(text); err == nil {
			again := key.PEM()
			back, err := did.ParsePublicPEM(again)
			require.NoError(t, err)
			require.Equal(t, key, back)
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
		if pair, err := did.ParsePrivatePEM(text); err == nil {
			back, err := did.ParsePrivatePEM(pair.PrivatePEM())
			require.NoError(t, err)
			require.Equal(t, pair.KeyID(), back.KeyID())
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
	})
}

func FuzzMultikey(f *testing.F) {
	for _, text := range notMultikeys {
		f.Add(text)
	}
	f.Add(testKey(1).DID().SpecificID())
	f.Add(testKey(1).SecretMultikey())
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := did.ParseMultikey(text); err == nil {
			again := key.Multikey()
			require.Equal(t, text, again, "a key has one spelling")
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
		if pair, err := did.ParseSecretMultikey(text); err == nil {
			require.Equal(t, text, pair.SecretMultikey())
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
	})
}
