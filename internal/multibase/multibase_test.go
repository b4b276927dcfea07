package multibase_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/multibase"
)

// Each byte string has one text: no padding, no white space, no other
// alphabet, no bits behind the last byte.
func TestBase64URLIsStrict(t *testing.T) {
	for n := range 70 {
		raw := bytes.Repeat([]byte{0xfb, 0xff, 0xbf, 0x00}, 20)[:n]
		text := multibase.EncodeBase64URL(raw)
		got, err := multibase.DecodeBase64URL(text)
		require.NoError(t, err)
		require.True(t, bytes.Equal(raw, got))
	}
	for name, s := range map[string]string{
		"padding":            "_w==",
		"half the padding":   "_w=",
		"padding alone":      "=",
		"standard alphabet":  "/w",
		"plus":               "-+8",
		"trailing bits":      "_x",
		"trailing bits of 3": "__9",
		"newline":            "_\nw",
		"newline at the end": "_w\n",
		"carriage return":    "_\rw",
		"space":              " _w",
		"tab":                "_w\t",
		"one character":      "A",
		"five characters":    "AAAAA",
		"NUL":                "_w\x00",
		"not ASCII":          "é",
		"dot":                "_w.",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := multibase.DecodeBase64URL(s)
			require.ErrorIs(t, err, multibase.ErrForm)
		})
	}
}

// Every text of up to three characters that decodes is the encoding of what it
// decodes to.
func TestBase64URLHasOneText(t *testing.T) {
	letters := "AQgwZ9-_=+/ \n\r.\x00"
	var accepted int
	for _, a := range letters {
		for _, b := range letters {
			for _, c := range letters {
				for _, s := range []string{string(a), string(a) + string(b), string(a) + string(b) + string(c)} {
					if raw, err := multibase.DecodeBase64URL(s); err == nil {
						accepted++
						require.Equal(t, s, multibase.EncodeBase64URL(raw))
					}
				}
			}
		}
	}
	require.NotZero(t, accepted)
}

const emptyDigest = "uEiDjsMRCmPwcFJr79MiZb7kkJ65B5GSbk0yklZkbeFK4VQ" // of the empty string

func TestDigest(t *testing.T) {
	require.Equal(t, emptyDigest, multibase.Digest(nil))
	for _, data := range []string{"", "a", strings.Repeat("x", 1000)} {
		text := multibase.Digest([]byte(data))
		require.True(t, strings.HasPrefix(text, "uEi"))
		sum, err := multibase.DecodeDigest(text)
		require.NoError(t, err)
		require.Equal(t, sha256.Sum256([]byte(data)), sum)
		require.Equal(t, text, multibase.EncodeDigest(sum))
	}
}

// A digest has one spelling (MOD-13): what says the same in another base, case
// or length is refused.
func TestMOD13DigestHasOneSpelling(t *testing.T) {
	sum := sha256.Sum256(nil)
	head := func(h ...byte) string { return "u" + base64.RawURLEncoding.EncodeToString(append(h, sum[:]...)) }
	for name, s := range map[string]string{
		"empty":              "",
		"prefix alone":       "u",
		"hex":                "f1220" + strings.Repeat("00", 32),
		"base58btc":          "z" + multibase.EncodeBase58(append([]byte{0x12, 0x20}, sum[:]...)),
		"padded base64url":   "U" + emptyDigest[1:] + "==",
		"padding":            emptyDigest + "==",
		"upper-case prefix":  "U" + emptyDigest[1:],
		"standard base64":    "m" + emptyDigest[1:],
		"newline":            emptyDigest + "\n",
		"newline inside":     emptyDigest[:20] + "\n" + emptyDigest[21:],
		"space before":       " " + emptyDigest,
		"one short":          emptyDigest[:len(emptyDigest)-1],
		"one long":           emptyDigest + "A",
		"trailing bits":      emptyDigest[:len(emptyDigest)-1] + "R",
		"SHA-512 code":       head(0x13, 0x20),
		"length 31":          head(0x12, 0x1f),
		"length as a varint": head(0x12, 0xa0, 0x00),
		"no header":          head(),
		"huge":               "u" + strings.Repeat("A", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			sum, err := multibase.DecodeDigest(s)
			require.ErrorIs(t, err, multibase.ErrForm)
			require.Zero(t, sum)
			require.Less(t, len(err.Error()), 200)
		})
	}
}

// What is encoded is decoded to the same, behind any header.
func TestMultikey(t *testing.T) {
	for _, header := range []string{"", "\xed\x01", "\x80\x26", "\x80\x24"} {
		for n := range multibase.KeyBytes - len(header) {
			key := strings.Repeat("\x07", n)
			text := multibase.EncodeKey(header, key)
			var space [multibase.KeyBytes]byte
			got, err := multibase.DecodeKey(space[:], text)
			require.NoError(t, err)
			require.Equal(t, header+key, string(got))
		}
	}
	// The key of the did:key specification.
	const spec = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	var space [34]byte
	got, err := multibase.DecodeKey(space[:], spec)
	require.NoError(t, err)
	require.Equal(t, "\xed\x01", string(got[:2]))
	require.Equal(t, spec, multibase.EncodeKey("\xed\x01", string(got[2:])))
}

// DID-01, KEY-01: the forms of a Multikey that are refused, whatever the key.
func TestKEY01MultikeyRefuses(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	good := multibase.EncodeKey("\xed\x01", string(key))
	for name, s := range map[string]string{
		"empty":            "",
		"no prefix":        good[1:],
		"upper-case":       strings.ToUpper(good),
		"upper-case z":     "Z" + good[1:],
		"base64url":        "u" + base64.RawURLEncoding.EncodeToString(append([]byte{0xed, 0x01}, key...)),
		"white space":      good + " ",
		"newline":          good + "\n",
		"zero for O":       good[:10] + "0" + good[11:],
		"long":             "z" + strings.Repeat("z", 1<<20),
		"a million zeroes": "z" + strings.Repeat("1", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			var space [multibase.KeyBytes]byte
			got, err := multibase.DecodeKey(space[:], s)
			require.ErrorIs(t, err, multibase.ErrForm)
			require.Empty(t, got)
			require.Less(t, len(err.Error()), 200)
		})
	}
}

// FuzzDigest: what decodes has exactly one text.
func FuzzDigest(f *testing.F) {
	for _, s := range []string{emptyDigest, "u", "", emptyDigest + "=", "uEi", strings.Replace(emptyDigest, "j", "\n", 1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sum, err := multibase.DecodeDigest(s)
		if err != nil {
			if !errors.Is(err, multibase.ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if again := multibase.EncodeDigest(sum); again != s {
			t.Fatalf("%q decodes to the digest %q", s, again)
		}
	})
}

// FuzzBase64URL: what decodes has exactly one text.
func FuzzBase64URL(f *testing.F) {
	for _, s := range []string{"", "_w", "_x", "_w==", "A", "AA\nAA", "-_-_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if raw, err := multibase.DecodeBase64URL(s); err == nil && multibase.EncodeBase64URL(raw) != s {
			t.Fatalf("%q decodes to %x", s, raw)
		}
	})
}

func BenchmarkDecodeKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var space [multibase.KeyBytes]byte
		if _, err := multibase.DecodeKey(space[:], "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"); err != nil {
			b.Fatal(err)
		}
	}
}
