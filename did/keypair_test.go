package did_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// privateKey returns the private key of testKey.
func privateKey(n byte) ed25519.PrivateKey { return testKey(n).PrivateKey().(ed25519.PrivateKey) }

// testKey returns a key pair that is the same in every run.
func testKey(n byte) *did.KeyPair {
	pair, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize)))
	if err != nil {
		panic(err)
	}
	return pair
}

func TestGenerateKey(t *testing.T) {
	ctx := context.Background()
	pair, err := did.GenerateKey()
	require.NoError(t, err)
	other, err := did.GenerateKey()
	require.NoError(t, err)
	require.NotEqual(t, pair.DID(), other.DID())
	require.Equal(t, "key", pair.DID().Method())
	require.Equal(t, pair.DID().SpecificID(), pair.KeyID().Fragment())

	msg := []byte("message")
	sig, err := pair.Sign(ctx, msg)
	require.NoError(t, err)
	key, err := did.ResolveKey(ctx, did.KeyMethods(), pair.KeyID(), did.Authentication, time.Time{})
	require.NoError(t, err)
	require.True(t, key.Verify(msg, sig))
	require.False(t, key.Verify([]byte("massage"), sig))
	require.False(t, other.PublicKey().Verify(msg, sig))
}

func TestKeyPairIsImmutable(t *testing.T) {
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	pair, err := did.NewKeyPair(private)
	require.NoError(t, err)
	require.Equal(t, aliceText, pair.DID().String())
	want, err := pair.Sign(context.Background(), nil)
	require.NoError(t, err)
	clear(private)
	clear(pair.PublicKey().Bytes())
	clear(pair.PublicKey().Crypto().(ed25519.PublicKey))
	clear(pair.PrivateKey().(ed25519.PrivateKey))
	got, err := pair.Sign(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestKEY11SignaturesAreDeterministic(t *testing.T) {
	for _, s := range []did.Signer{testKey(1), mustSigner(t, webText+"#k", testKey(1).PrivateKey())} {
		a, err := s.Sign(context.Background(), []byte("message"))
		require.NoError(t, err)
		b, err := s.Sign(context.Background(), []byte("message"))
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

func TestZeroKeyPair(t *testing.T) {
	for _, k := range []*did.KeyPair{nil, {}} {
		_, err := k.Sign(context.Background(), nil)
		require.Error(t, err)
		require.True(t, k.PublicKey().IsZero())
		require.Zero(t, k.Algorithm())
		require.Nil(t, k.PrivateKey())
		require.Nil(t, k.PrivateJWK())
		require.Nil(t, k.PrivatePEM())
		require.Empty(t, k.SecretMultikey())
		require.True(t, k.KeyID().IsZero())
		require.True(t, k.DID().IsZero())
	}
}

func TestSignStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range []did.Signer{testKey(1), mustSigner(t, webText+"#k", testKey(1).PrivateKey())} {
		_, err := s.Sign(ctx, nil)
		require.ErrorIs(t, err, context.Canceled)
	}
}

// TestRFC8037 runs the examples of RFC 8037, appendix A.
func TestRFC8037(t *testing.T) {
	private := []byte(`{"kty":"OKP","crv":"Ed25519",
		"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
		"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	pair, err := did.ParsePrivateJWK(private) // A.1
	require.NoError(t, err)
	require.JSONEq(t, string(private), string(pair.PrivateJWK()))

	public := []byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	key, err := did.ParsePublicJWK(public) // A.2
	require.NoError(t, err)
	require.Equal(t, pair.PublicKey(), key)

	text := key.JWK() // A.3: the form of the thumbprint
	require.Equal(t, `{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, string(text))

	input := []byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc") // A.4, A.5
	sig, err := pair.Sign(context.Background(), input)
	require.NoError(t, err)
	require.Equal(t, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
		base64.RawURLEncoding.EncodeToString(sig))
	require.True(t, key.Verify(input, sig))
}

func TestPrivateFormsRoundTrip(t *testing.T) {
	pair := testKey(7)
	for name, back := range map[string]func() (*did.KeyPair, error){
		"PEM":      func() (*did.KeyPair, error) { return did.ParsePrivatePEM(pair.PrivatePEM()) },
		"JWK":      func() (*did.KeyPair, error) { return did.ParsePrivateJWK(pair.PrivateJWK()) },
		"Multikey": func() (*did.KeyPair, error) { return did.ParseSecretMultikey(pair.SecretMultikey()) },
	} {
		got, err := back()
		require.NoError(t, err, name)
		require.Equal(t, pair.PrivateKey(), got.PrivateKey(), name)
		require.Equal(t, pair.KeyID(), got.KeyID(), name)
	}
}

func TestPEMAgreesWithX509(t *testing.T) {
	pair := testKey(7)
	block, _ := pem.Decode(pair.PrivatePEM())
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	require.Equal(t, pair.PrivateKey(), key)
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey())
	require.NoError(t, err)
	require.Equal(t, der, block.Bytes)

	text := pair.PublicKey().PEM()
	block, _ = pem.Decode(text)
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	require.NoError(t, err)
	require.Equal(t, pair.PublicKey().Crypto(), public)
	back, err := did.ParsePublicPEM(append([]byte("\n "), append(text, '\n')...))
	require.NoError(t, err)
	require.Equal(t, pair.PublicKey(), back)
}

// secrets are the spellings of a private key that may show up in output.
func secrets(pair *did.KeyPair) []string {
	seed := pair.PrivateKey().(ed25519.PrivateKey).Seed()
	decimal := fmt.Sprint(seed)
	return []string{
		string(seed), decimal[1 : len(decimal)-1], fmt.Sprintf("%#v", seed)[7:40],
		hex.EncodeToString(seed), fmt.Sprintf("%X", seed),
		base64.StdEncoding.EncodeToString(seed)[:40], base64.RawURLEncoding.EncodeToString(seed)[:40],
		pair.SecretMultikey(),
	}
}

func TestKEY03KeyPairIsRedacted(t *testing.T) {
	pair := testKey(0x42)
	signer := mustSigner(t, webText+"#k", pair.PrivateKey())
	type holder struct {
		Public  *did.KeyPair
		Value   did.KeyPair
		hidden  did.KeyPair
		pointer *did.KeyPair
		Signer  did.Signer
		signer  did.Signer
	}
	h := holder{pair, *pair, *pair, pair, signer, signer}

	var out bytes.Buffer
	for _, v := range []any{pair, *pair, h, &h, []did.KeyPair{*pair}, map[string]any{"k": pair}, signer} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("key", "v", v)
		}
	}
	for _, v := range []any{pair, *pair, []*did.KeyPair{pair}} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.Contains(t, string(text), pair.DID().String())
		out.Write(text)
	}
	text, err := pair.MarshalText()
	require.NoError(t, err)
	out.Write(text)
	func() {
		defer func() { fmt.Fprint(&out, recover()) }()
		panic(pair)
	}()
	// What a failing test prints: it follows pointers and calls no methods.
	out.WriteString(failureText(pair, testKey(1)))

	require.Contains(t, pair.String(), "redacted")
	require.Contains(t, pair.GoString(), pair.DID().String())
	for _, s := range secrets(pair) {
		require.NotContains(t, out.String(), s)
	}
}

type recorder struct{ bytes.Buffer }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.Buffer, format, args...) }

func TestKEY03ErrorsDoNotQuoteSecrets(t *testing.T) {
	pair := testKey(0x42)
	seed := base64.RawURLEncoding.EncodeToString(pair.PrivateKey().(ed25519.PrivateKey).Seed())
	x := base64.RawURLEncoding.EncodeToString(testKey(1).PublicKey().Bytes())
	jwk := `{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":"` + seed + `"}`
	var out bytes.Buffer
	note := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, did.ErrKey)
		fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
	}
	_, err := did.ParsePrivateJWK([]byte(jwk)) // x does not belong to d
	note(err)
	_, err = did.ParsePublicJWK([]byte(jwk))
	note(err)
	_, err = did.ParsePrivateJWK([]byte(`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":"` + seed + `="}`))
	note(err)
	_, err = did.ParsePrivateJWK([]byte(jwk + jwk))
	note(err)
	_, err = did.ParseSecretMultikey(pair.SecretMultikey() + "0")
	note(err)
	_, err = did.ParsePrivatePEM(append(pair.PrivatePEM(), pair.PrivatePEM()...))
	note(err)
	_, err = did.ParsePublicPEM(pair.PrivatePEM())
	note(err)
	_, err = did.KeyMethods().Resolve(context.Background(), did.MustParse("did:jwk:"+base64.RawURLEncoding.EncodeToString([]byte(jwk))))
	note(err)
	note(documentKey(`"type":"JsonWebKey","publicKeyJwk":` + jwk))
	note(documentKey(`"type":"Multikey","secretKeyMultibase":"` + pair.SecretMultikey() + `"`))
	for _, s := range secrets(pair) {
		require.NotContains(t, out.String(), s)
	}
}

func failureText(want, got any) string {
	var r recorder
	assert.Equal(&r, want, got)
	return r.String()
}

// fakeKMS is a key behind an interface.
type fakeKMS struct {
	public crypto.PublicKey
	sign   func(msg []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (k fakeKMS) Public() crypto.PublicKey { return k.public }

func (k fakeKMS) Sign(_ io.Reader, msg []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.sign(msg, opts)
}

// contextKMS can be interrupted.
type contextKMS struct{ fakeKMS }

func (k contextKMS) SignContext(ctx context.Context, msg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if ctx.Value(contextKMS{}.key()) == nil {
		return nil, errors.New("the caller's context did not arrive")
	}
	return k.sign(msg, crypto.Hash(0))
}

func (contextKMS) key() any { return "kms" }

func mustSigner(t testing.TB, id string, key crypto.Signer) did.Signer {
	t.Helper()
	s, err := did.NewSigner(did.MustParseURL(id), key)
	require.NoError(t, err)
	return s
}

func TestNewSigner(t *testing.T) {
	ctx := context.Background()
	pair := testKey(3)
	private := pair.PrivateKey().(ed25519.PrivateKey)
	jwkDID, err := did.NewJWKDID(pair.PublicKey())
	require.NoError(t, err)
	kms := fakeKMS{public: pair.PublicKey().Crypto(), sign: func(msg []byte, opts crypto.SignerOpts) ([]byte, error) {
		return private.Sign(nil, msg, opts)
	}}
	for _, key := range []crypto.Signer{private, &private, kms} {
		for _, id := range []string{webText + "#k", pair.KeyID().String(), jwkDID.String() + "#0"} {
			s := mustSigner(t, id, key)
			require.Equal(t, id, s.KeyID().String())
			sig, err := s.Sign(ctx, []byte("message"))
			require.NoError(t, err)
			require.True(t, pair.PublicKey().Verify([]byte("message"), sig))
		}
	}
	// The key was copied.
	s := mustSigner(t, webText+"#k", private)
	clear(private)
	sig, err := s.Sign(ctx, nil)
	require.NoError(t, err)
	require.True(t, pair.PublicKey().Verify(nil, sig))
}

func TestNewSignerContext(t *testing.T) {
	pair := testKey(3)
	s := mustSigner(t, webText+"#k", contextKMS{fakeKMS{public: pair.PublicKey().Crypto(), sign: func(msg []byte, opts crypto.SignerOpts) ([]byte, error) {
		return pair.PrivateKey().Sign(nil, msg, opts)
	}}})
	_, err := s.Sign(context.Background(), nil)
	require.ErrorContains(t, err, "did not arrive")
	sig, err := s.Sign(context.WithValue(context.Background(), contextKMS{}.key(), true), nil)
	require.NoError(t, err)
	require.True(t, pair.PublicKey().Verify(nil, sig))
}

func TestNewSignerRefuses(t *testing.T) {
	pair, other := testKey(3), testKey(4)
	otherJWK, err := did.NewJWKDID(other.PublicKey())
	require.NoError(t, err)
	ownJWK, err := did.NewJWKDID(pair.PublicKey())
	require.NoError(t, err)
	var none *ed25519.PrivateKey
	for name, row := range map[string]struct {
		id   string
		key  crypto.Signer
		want error
	}{
		"zero id":                    {"", pair.PrivateKey(), did.ErrInvalidDID},
		"no key":                     {webText + "#k", nil, did.ErrKey},
		"nil pointer":                {webText + "#k", none, did.ErrKey},
		"not Ed25519":                {webText + "#k", fakeKMS{public: "RSA"}, did.ErrKey},
		"no public key":              {webText + "#k", fakeKMS{}, did.ErrKey},
		"did:key of another key":     {other.KeyID().String(), pair.PrivateKey(), did.ErrKey},
		"did:key, fragment of other": {pair.DID().String() + "#" + other.KeyID().Fragment(), pair.PrivateKey(), did.ErrKey},
		"did:key without a key":      {"did:key:zabc#zabc", pair.PrivateKey(), did.ErrInvalidDID},
		"did:jwk of another key":     {otherJWK.String() + "#0", pair.PrivateKey(), did.ErrKey},
		"did:jwk, another fragment":  {ownJWK.String() + "#1", pair.PrivateKey(), did.ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			var id did.URL
			if row.id != "" {
				id = did.MustParseURL(row.id)
			}
			s, err := did.NewSigner(id, row.key)
			require.ErrorIs(t, err, row.want)
			require.Nil(t, s)
		})
	}
}

func TestSignerChecksWhatTheKMSReturns(t *testing.T) {
	pair := testKey(3)
	broken := errors.New("the HSM is on fire")
	for name, row := range map[string]struct {
		sign func(msg []byte, opts crypto.SignerOpts) ([]byte, error)
		want error
	}{
		"fails":   {func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, broken }, broken},
		"nothing": {func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }, did.ErrKey},
		"63 bytes": {func(msg []byte, opts crypto.SignerOpts) ([]byte, error) {
			sig, err := pair.PrivateKey().Sign(nil, msg, opts)
			return sig[:63], err
		}, did.ErrKey},
		"another key": {func(msg []byte, opts crypto.SignerOpts) ([]byte, error) {
			return testKey(4).PrivateKey().Sign(nil, msg, opts)
		}, did.ErrKey},
		"another variant": {func(msg []byte, _ crypto.SignerOpts) ([]byte, error) {
			return pair.PrivateKey().Sign(nil, msg, &ed25519.Options{Context: "x"})
		}, did.ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			for _, key := range []crypto.Signer{
				fakeKMS{pair.PublicKey().Crypto(), row.sign}, contextKMS{fakeKMS{pair.PublicKey().Crypto(), row.sign}},
			} {
				s := mustSigner(t, webText+"#k", key)
				sig, err := s.Sign(context.WithValue(context.Background(), contextKMS{}.key(), true), []byte("message"))
				require.ErrorIs(t, err, row.want)
				require.Nil(t, sig)
			}
		})
	}
}
