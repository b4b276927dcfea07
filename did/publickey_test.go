package did_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// lowOrderKeys are the 14 encodings of the points of small order, as the CCTV
// collection lists them.
var lowOrderKeys = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// entryPoints is every way in for a public key; each gives the error of
// bringing key in.
var entryPoints = map[string]func(key []byte) error{
	"raw":      func(key []byte) error { _, err := did.NewPublicKey(did.Ed25519, key); return err },
	"Multikey": func(key []byte) error { _, err := did.ParseMultikey(multikeyText(key)); return err },
	"JWK":      func(key []byte) error { _, err := did.ParsePublicJWK(jwkText(key)); return err },
	"PEM":      func(key []byte) error { _, err := did.ParsePublicPEM(pemText(key)); return err },
	"crypto":   func(key []byte) error { _, err := did.PublicKeyOf(ed25519.PublicKey(key)); return err },
	"did:key": func(key []byte) error {
		id := did.MustParse("did:key:" + multikeyText(key))
		_, err := did.KeyMethods().Resolve(context.Background(), id)
		return err
	},
	"did:key, key only": func(key []byte) error {
		id := did.MustParseURL("did:key:" + multikeyText(key) + "#" + multikeyText(key))
		_, err := did.ResolveKey(context.Background(), did.KeyMethods(), id, did.AssertionMethod, time.Time{})
		return err
	},
	"did:jwk": func(key []byte) error {
		id := did.MustParse("did:jwk:" + multibase.EncodeBase64URL(jwkText(key)))
		_, err := did.KeyMethods().Resolve(context.Background(), id)
		return err
	},
	"document, Multikey": func(key []byte) error {
		return documentKey(`"type":"Multikey","publicKeyMultibase":"` + multikeyText(key) + `"`)
	},
	"document, Ed25519VerificationKey2020": func(key []byte) error {
		return documentKey(`"type":"Ed25519VerificationKey2020","publicKeyMultibase":"` + multikeyText(key) + `"`)
	},
	"document, JsonWebKey": func(key []byte) error {
		return documentKey(`"type":"JsonWebKey","publicKeyJwk":` + string(jwkText(key)))
	},
	"document, JsonWebKey2020": func(key []byte) error {
		return documentKey(`"type":"JsonWebKey2020","publicKeyJwk":` + string(jwkText(key)))
	},
	"NewSigner": func(key []byte) error {
		_, err := did.NewSigner(did.MustParseURL(webText+"#k"), fakeKMS{public: ed25519.PublicKey(key)})
		return err
	},
}

func multikeyText(key []byte) string { return multibase.EncodeKey("\xed\x01", string(key)) }

func secretText(seed []byte) string { return multibase.EncodeKey("\x80\x26", string(seed)) }

// publicKey is [did.NewPublicKey] for a key that is right.
func publicKey(t testing.TB, raw []byte) did.PublicKey {
	t.Helper()
	key, err := did.NewPublicKey(did.Ed25519, raw)
	require.NoError(t, err)
	return key
}

// verifies reports whether a signature holds under a key that may be refused.
func verifies(raw, msg, sig []byte) bool {
	key, err := did.NewPublicKey(did.Ed25519, raw)
	return err == nil && key.Verify(msg, sig)
}

func jwkText(key []byte) []byte {
	return []byte(`{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`)
}

func pemText(key []byte) []byte {
	der := append([]byte{0x30, byte(10 + len(key)), 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, byte(1 + len(key)), 0}, key...)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// documentKey asks a document for its one key.
func documentKey(members string) error {
	doc, err := did.ParseDocument([]byte(`{"id":"` + webText + `","assertionMethod":["#k"],"verificationMethod":[{` +
		`"id":"` + webText + `#k","controller":"` + webText + `",` + members + `}]}`))
	if err != nil {
		return err
	}
	_, err = doc.Key(did.MustParseURL(webText+"#k"), did.AssertionMethod, time.Time{})
	return err
}

func TestKEY01PublicKeyLength(t *testing.T) {
	good := testKey(1).PublicKey().Bytes()
	for name, enter := range entryPoints {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, enter(good))
			for _, n := range []int{0, 5, 31, 33} {
				key := make([]byte, n)
				copy(key, good)
				require.ErrorIs(t, enter(key), did.ErrKey, n)
			}
		})
	}
	require.False(t, did.PublicKey{}.Verify(nil, make([]byte, 64)))
	for _, n := range []int{0, 63, 65} {
		require.False(t, testKey(1).PublicKey().Verify(nil, make([]byte, n)))
	}
	// Nothing is published of a key that there is not.
	_, err := did.NewKeyDID(did.PublicKey{})
	require.ErrorIs(t, err, did.ErrKey)
	_, err = did.NewJWKDID(did.PublicKey{})
	require.ErrorIs(t, err, did.ErrKey)
	_, err = did.NewDocument(did.DocumentOptions{ID: did.MustParse(webText), Keys: []did.DocumentKey{
		{Fragment: "k", Relationships: []did.Relationship{did.AssertionMethod}},
	}})
	require.ErrorIs(t, err, did.ErrKey)
}

func TestKEY01PrivateKeyLength(t *testing.T) {
	id := did.MustParseURL(webText + "#k")
	for _, n := range []int{0, 32, 63, 65} {
		key := make(ed25519.PrivateKey, n)
		copy(key, privateKey(1))
		_, err := did.NewKeyPair(key)
		require.ErrorIs(t, err, did.ErrKey)
		_, err = did.NewSigner(id, key)
		require.ErrorIs(t, err, did.ErrKey)
		_, err = did.NewSigner(id, &key)
		require.ErrorIs(t, err, did.ErrKey)
	}
	for _, n := range []int{0, 5, 31, 33} {
		seed := make([]byte, n)
		x := `","x":"` + base64.RawURLEncoding.EncodeToString(testKey(1).PublicKey().Bytes()) + `"}`
		_, err := did.ParsePrivateJWK([]byte(`{"kty":"OKP","crv":"Ed25519","d":"` + base64.RawURLEncoding.EncodeToString(seed) + x))
		require.ErrorIs(t, err, did.ErrKey)
		_, err = did.ParseSecretMultikey(secretText(seed))
		require.ErrorIs(t, err, did.ErrKey)
		der := append([]byte{0x30, byte(14 + n), 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, byte(2 + n), 4, byte(n)}, seed...)
		_, err = did.ParsePrivatePEM(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		require.ErrorIs(t, err, did.ErrKey)
	}
	// A private key with the public half of another gives itself away when it
	// signs.
	mixed := append(privateKey(1)[:32:32], testKey(2).PublicKey().Bytes()...)
	_, err := did.NewKeyPair(mixed)
	require.ErrorIs(t, err, did.ErrKey)
	_, err = did.NewSigner(id, mixed)
	require.ErrorIs(t, err, did.ErrKey)
}

func TestKEY02LowOrderKeys(t *testing.T) {
	require.Len(t, lowOrderKeys, 14)
	for name, enter := range entryPoints {
		t.Run(name, func(t *testing.T) {
			for _, key := range lowOrderKeys {
				require.ErrorIs(t, enter(unhex(t, key)), did.ErrKey, key)
			}
		})
	}
}

func TestKEY02KeyNotReduced(t *testing.T) {
	// Every y from p on that fits 255 bits, with both signs.
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	for i := int64(-2); i < 19; i++ {
		y := new(big.Int).Add(p, big.NewInt(i))
		key := make([]byte, 32)
		y.FillBytes(key)
		for a, b := 0, 31; a < b; a, b = a+1, b-1 {
			key[a], key[b] = key[b], key[a]
		}
		for _, sign := range []byte{0, 0x80} {
			key[31] = key[31]&0x7f | sign
			_, err := did.NewPublicKey(did.Ed25519, key)
			if i < -1 { // p-2 is neither of small order nor out of range
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, did.ErrKey)
		}
	}
	// One byte less than ff on the way, and the number is below p.
	key := unhex(t, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
	for i := 1; i < 31; i++ {
		key[i] = 0xfe
		publicKey(t, key)
		key[i] = 0xff
	}
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	pair, msg := testKey(1), []byte("message")
	sig, err := pair.Sign(ctx, msg)
	require.NoError(t, err)
	key := pair.PublicKey()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if !key.Verify(msg, sig) {
			t.Fatal("refused")
		}
	}))
}

func TestSIG01Wycheproof(t *testing.T) {
	var file struct {
		TestGroups []struct {
			PublicKey struct{ Pk string }
			Tests     []struct {
				TcID             int
				Msg, Sig, Result string
			}
		}
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "wycheproof", "ed25519_test.json"), &file))
	count := map[string]int{}
	for _, g := range file.TestGroups {
		key := unhex(t, g.PublicKey.Pk)
		for _, c := range g.Tests {
			count[c.Result]++
			require.Equal(t, c.Result == "valid", verifies(key, unhex(t, c.Msg), unhex(t, c.Sig)), c.TcID)
		}
	}
	require.Equal(t, map[string]int{"valid": 88, "invalid": 63}, count)
}

func TestSIG02Speccheck(t *testing.T) {
	var cases []struct {
		Message, Signature string
		Pub                string `json:"pub_key"`
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "ed25519-speccheck", "cases.json"), &cases))
	require.Len(t, cases, 12)
	var accepted, weak []int
	for i, c := range cases {
		if verifies(unhex(t, c.Pub), unhex(t, c.Message), unhex(t, c.Signature)) {
			accepted = append(accepted, i)
		}
		if _, err := did.NewPublicKey(did.Ed25519, unhex(t, c.Pub)); err != nil {
			weak = append(weak, i)
		}
	}
	require.Equal(t, []int{2, 3}, accepted)
	require.Equal(t, []int{0, 1, 10, 11}, weak)
}

func TestSIG03CCTV(t *testing.T) {
	var cases []struct {
		Number        int
		Key, Sig, Msg string
		Flags         []string
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "cctv-ed25519", "ed25519vectors.json"), &cases))
	require.Len(t, cases, 914)
	bare, ours := 0, 0
	var list strings.Builder
	weak := map[string]bool{}
	for _, c := range cases {
		key, msg, sig := unhex(t, c.Key), []byte(c.Msg), unhex(t, c.Sig)
		if ed25519.Verify(key, msg, sig) {
			bare++
		}
		if verifies(key, msg, sig) {
			ours++
			fmt.Fprintf(&list, "%d ", c.Number)
			require.NotContains(t, c.Flags, "low_order_A", c.Number)
		}
		for _, f := range c.Flags {
			if f == "low_order_A" {
				weak[c.Key] = true
				_, err := did.NewPublicKey(did.Ed25519, key)
				require.ErrorIs(t, err, did.ErrKey)
			}
		}
	}
	require.Equal(t, 208, bare)
	require.Equal(t, 86, ours)
	require.Equal(t, "uEiDDAV_stSW7xOZenUWJjb7bui3kEJge0v5ZH48HMrM5pA", multibase.Digest([]byte(list.String())), "the list of accepted cases")
	require.Len(t, weak, 14)
}

func BenchmarkNewPublicKey(b *testing.B) {
	raw := testKey(1).PublicKey().Bytes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.NewPublicKey(did.Ed25519, raw); err != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	pair := testKey(1)
	key, msg := pair.PublicKey(), []byte("message")
	sig, err := pair.Sign(context.Background(), msg)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if !key.Verify(msg, sig) {
			b.Fatal("refused")
		}
	}
}
