package jsonld_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"

	"github.com/piprate/json-gold/ld"
)

// Canonicalise and hash one passport of 2.4 KB, contexts warm: ours with and
// without the parse, and json-gold with its contexts in memory.
func BenchmarkHash(b *testing.B) {
	text := passport(b)
	bounds := limits.Default().Documents
	root := parse(b, text)
	a, err := active(root, contexts.Default())
	require.NoError(b, err)
	var want [32]byte
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if want, err = jsonld.Hash(jsonld.Input{Root: root, Active: a}, bounds); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours with parse", func(b *testing.B) {
		b.ReportAllocs()
		caps := bounds.JSON(bounds.DocumentBytes)
		for b.Loop() {
			root, err := strictjson.Parse(text, caps)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := jsonld.Hash(jsonld.Input{Root: root, Active: a}, bounds); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json-gold", func(b *testing.B) {
		loader := ld.NewCachingDocumentLoader(newGold(nil))
		doc := decode(b, text)
		b.ReportAllocs()
		for b.Loop() {
			opts := ld.NewJsonLdOptions("")
			opts.Algorithm = ld.AlgorithmURDNA2015
			opts.Format = "application/n-quads"
			opts.DocumentLoader = loader
			out, err := ld.NewJsonLdProcessor().Normalize(doc, opts)
			if err != nil {
				b.Fatal(err)
			}
			if sum := sha256.Sum256([]byte(out.(string))); want != [32]byte{} && sum != want {
				b.Fatal("another hash")
			}
		}
	})
}

// The unit of the goals: one signature check.
func BenchmarkEd25519Verify(b *testing.B) {
	pub, key, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	msg := make([]byte, 64)
	sig := ed25519.Sign(key, msg)
	for b.Loop() {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal("not verified")
		}
	}
}
