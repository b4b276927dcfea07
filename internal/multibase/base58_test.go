package multibase_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/multibase"
)

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// naive is base58 by its definition, on big integers.
func naive(b []byte) string {
	var digits []byte
	n, mod := new(big.Int).SetBytes(b), new(big.Int)
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), mod)
		digits = append([]byte{alphabet[mod.Int64()]}, digits...)
	}
	zeros := len(b) - len(bytes.TrimLeft(b, "\x00"))
	return strings.Repeat("1", zeros) + string(digits)
}

func decode58(size int, s string) ([]byte, error) {
	dst := bytes.Repeat([]byte{0xAA}, size) // the decoder must not rely on zeros
	n, err := multibase.DecodeBase58(dst, s)
	return dst[:n], err
}

// The test vectors of draft-msporny-base58-03, section 5, and leading zeros.
func TestBase58Vectors(t *testing.T) {
	for text, want := range map[string]string{
		"2NEpo7TZRRrLZSi2U": hex.EncodeToString([]byte("Hello World!")),
		"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z": hex.EncodeToString([]byte("The quick brown fox jumps over the lazy dog.")),
		"11233QC4": "0000287fb4cd",
		"":         "",
		"1":        "00",
		"1111":     "00000000",
		"2":        "01",
		"z":        "39",
		"5Q":       "ff",
		"15Q":      "00ff",
	} {
		raw, err := hex.DecodeString(want)
		require.NoError(t, err)
		require.Equal(t, text, multibase.EncodeBase58(raw))
		require.Equal(t, text, naive(raw))
		got, err := decode58(len(raw), text)
		require.NoError(t, err)
		require.Equal(t, raw, got[:len(raw):len(raw)])
	}
}

// Every byte string up to 100 bytes goes there and back, and its text is that
// of the definition.
func TestBase58RoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(58, 0))
	for n := range 101 {
		for _, zeros := range []int{0, 1, 5, n} {
			raw := make([]byte, n)
			for i := min(zeros, n); i < n; i++ {
				raw[i] = byte(rng.Uint32())
			}
			for _, fill := range []bool{false, true} {
				if fill { // the largest of its length
					for i := min(zeros, n); i < n; i++ {
						raw[i] = 0xff
					}
				}
				text := multibase.EncodeBase58(raw)
				require.Equal(t, naive(raw), text)
				got, err := decode58(n, text)
				require.NoError(t, err, "%x", raw)
				require.True(t, bytes.Equal(raw, got))
				if n > 0 {
					_, err = decode58(n-1, text)
					require.ErrorIs(t, err, multibase.ErrForm, "one byte too many")
				}
			}
		}
	}
}

func TestBase58Refuses(t *testing.T) {
	const good = "2NEpo7TZRRrLZSi2U"
	for c := range 256 {
		if strings.IndexByte(alphabet, byte(c)) >= 0 {
			continue
		}
		for at := range len(good) + 1 {
			_, err := decode58(64, good[:at]+string([]byte{byte(c)})+good[at:])
			require.ErrorIs(t, err, multibase.ErrForm)
		}
	}
	// Too long is refused by length alone, whatever the text holds.
	for _, s := range []string{strings.Repeat("1", 65), strings.Repeat("z", 1<<20), strings.Repeat("0", 1<<20)} {
		_, err := decode58(64, s)
		require.ErrorIs(t, err, multibase.ErrForm)
	}
	// The inner limbs hold 128 bytes; more is an error and not a wrap.
	_, err := decode58(1000, strings.Repeat("z", 200))
	require.ErrorIs(t, err, multibase.ErrForm)
	got, err := decode58(200, naive(bytes.Repeat([]byte{0xff}, 128)))
	require.NoError(t, err)
	require.Len(t, got, 128)
}

// FuzzBase58: what decodes has exactly one text.
func FuzzBase58(f *testing.F) {
	for _, s := range []string{"", "1", "2NEpo7TZRRrLZSi2U", "11233QC4", "0OIl", strings.Repeat("z", 88), strings.Repeat("1", 64), "é"} {
		f.Add(s, byte(64))
	}
	f.Fuzz(func(t *testing.T, s string, size byte) {
		sameAsNaive(t, int(size)%200, s)
		got, err := decode58(int(size)%200, s)
		if err != nil {
			if !errors.Is(err, multibase.ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if again := multibase.EncodeBase58(got); again != s || again != naive(got) {
			t.Fatalf("%q decodes to %x, which is %q", s, got, again)
		}
	})
}

// naiveDecode is the decoder by its definition: the bytes that encode to s, if
// they fit into size bytes.
func naiveDecode(size int, s string) ([]byte, bool) {
	n := new(big.Int)
	for _, c := range []byte(s) {
		d := strings.IndexByte(alphabet, c)
		if d < 0 {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(d)))
	}
	zeros := len(s) - len(strings.TrimLeft(s, "1"))
	raw := append(make([]byte, zeros), n.Bytes()...)
	return raw, len(raw) <= size && len(n.Bytes()) <= 128
}

// sameAsNaive holds the decoder to its definition, acceptance and result.
func sameAsNaive(t *testing.T, size int, s string) {
	t.Helper()
	got, err := decode58(size, s)
	want, ok := naiveDecode(size, s)
	if ok != (err == nil) {
		t.Fatalf("%q into %d bytes: %v", s, size, err)
	}
	if err == nil && !bytes.Equal(got, want) {
		t.Fatalf("%q decodes to %x, want %x", s, got, want)
	}
}

// Texts of every length around whole chunks of ten characters and whole limbs
// of eight bytes, the smallest and largest of their length among them, into
// buffers that are too short, that fit and that are too long.
func TestBase58DecodesByDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(58, 1))
	for n := range 190 {
		text := make([]byte, n)
		for i := range text {
			text[i] = alphabet[rng.IntN(58)]
		}
		for _, s := range []string{string(text), strings.Repeat("z", n), "2" + strings.Repeat("1", n), "111" + string(text)} {
			raw, _ := naiveDecode(0, s)
			for _, size := range []int{0, 1, 32, 34, 64, 128, 200, len(raw) - 1, len(raw), len(raw) + 1} {
				sameAsNaive(t, max(size, 0), s)
			}
			if n > 0 { // a bad character at every place
				at := rng.IntN(n)
				sameAsNaive(t, len(raw), s[:at]+"0"+s[at+1:])
			}
		}
	}
}

func BenchmarkDecodeBase58Signature(b *testing.B) {
	text := multibase.EncodeBase58(bytes.Repeat([]byte{0xa7}, 64))
	var dst [64]byte
	b.ReportAllocs()
	for b.Loop() {
		if _, err := multibase.DecodeBase58(dst[:], text); err != nil {
			b.Fatal(err)
		}
	}
}
