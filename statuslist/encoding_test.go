package statuslist

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

const listBytes = MinEntries / 8

func zip(tb testing.TB, raw []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(raw)
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return b.Bytes()
}

// zeros returns the GZIP of so many MiB of zeros, made of one block that is
// written again and again.
func zeros(tb testing.TB, mib int) []byte {
	var block bytes.Buffer
	w, err := flate.NewWriter(&block, flate.BestCompression)
	require.NoError(tb, err)
	content := make([]byte, 1<<20)
	_, err = w.Write(content)
	require.NoError(tb, err)
	require.NoError(tb, w.Flush())
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	sum := uint32(0)
	for range mib {
		out = append(out, block.Bytes()...)
		sum = crc32.Update(sum, crc32.IEEETable, content)
	}
	out = append(out, 1, 0, 0, 0xff, 0xff) // the last block, empty
	out = binary.LittleEndian.AppendUint32(out, sum)
	return binary.LittleEndian.AppendUint32(out, uint32(mib)<<20)
}

func bitstring(packed []byte) string { return "u" + base64.RawURLEncoding.EncodeToString(packed) }

// restate overwrites the length that a GZIP member states of its content.
func restate(packed []byte, length uint32) []byte {
	packed = bytes.Clone(packed)
	binary.LittleEndian.PutUint32(packed[len(packed)-4:], length)
	return packed
}

func TestSTL01Pairs(t *testing.T) {
	l, err := Decode(textPairs, Bitstring, 2)
	require.NoError(t, err)
	require.Equal(t, MinEntries, l.Len())
	for i, want := range map[int]uint8{0: 0, 1: 1, 2: 2, 3: 3, 4: 0, MinEntries - 4: 3, MinEntries - 3: 2, MinEntries - 2: 1, MinEntries - 1: 0} {
		v, err := l.Get(i)
		require.NoError(t, err)
		require.Equal(t, want, v, "status %d", i)
	}
}

func TestSTL13TooFewEntries(t *testing.T) {
	for name, text := range map[string]string{
		"16,383 bytes": textShort,
		"0 bytes":      textNone,
		"1 byte":       bitstring(zip(t, make([]byte, 1))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(text, Bitstring, 1)
			refused(t, err, ErrLength)
		})
	}
	// 131,072 bits are the shortest list of size 1, and too few of every other.
	for size := 2; size <= MaxSize; size++ {
		_, err := Decode(textEmpty, Bitstring, size)
		refused(t, err, ErrLength)
	}
	// 131,071 entries of 8 bits.
	_, err := Decode(bitstring(zip(t, make([]byte, MinEntries-1))), Bitstring, 8)
	refused(t, err, ErrLength)
	_, err = Decode(bitstring(zip(t, make([]byte, MinEntries))), Bitstring, 8)
	require.NoError(t, err)
}

// TestSTL11Bomb: 348 kB of text that expand to 256 MiB, told honestly, told
// falsely, and just above the cap.
func TestSTL11Bomb(t *testing.T) {
	most := limits.Default().Lists.Bytes
	bomb := zeros(t, 256)
	require.Less(t, base64.RawURLEncoding.EncodedLen(len(bomb)), 360<<10)
	for name, tc := range map[string]struct {
		packed []byte
		kind   error
	}{
		"says 256 MiB":              {bomb, ErrVerification},
		"says 16 KiB":               {restate(bomb, listBytes), ErrMalformed},
		"says 2 MiB":                {restate(bomb, uint32(most)), ErrMalformed},
		"one byte more than states": {restate(zip(t, make([]byte, listBytes+1)), listBytes), ErrMalformed},
		"one byte above the cap":    {zip(t, make([]byte, most+1)), ErrVerification},
		"cannot be so much":         {restate(zip(t, make([]byte, 20)), uint32(most)), ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			text := bitstring(tc.packed)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Decode(text, Bitstring, 1)
			runtime.ReadMemStats(&after)
			refused(t, err, tc.kind)
			budget := uint64(4 << 20)
			if name == "cannot be so much" {
				budget = 1 << 20 // not even the 2 MiB that it states
			}
			require.Less(t, after.TotalAlloc-before.TotalAlloc, budget)
		})
	}
	_, err := Decode(bitstring(zeros(t, most>>20)), Bitstring, 1)
	require.NoError(t, err, "at the cap")
}

func TestEncodedListTooLong(t *testing.T) {
	most := limits.Default().EncodedListBytes
	_, err := Decode("u"+strings.Repeat("A", most), Bitstring, 1)
	refused(t, err, ErrVerification)
	require.ErrorContains(t, err, "at most")
	_, err = Decode("u"+strings.Repeat("A", most-1), Bitstring, 1) // at the cap: read, and no GZIP
	refused(t, err, ErrMalformed)
}

// TestStatusListEntries meets the cap, which does not grow with the bytes.
func TestStatusListEntries(t *testing.T) {
	bounds, err := Bounds{Bytes: limits.Max().Lists.Bytes}.Resolve()
	require.NoError(t, err)
	most := bounds.Entries
	_, err = view(make([]byte, most/8), 1, capsOf(bounds))
	require.NoError(t, err)
	_, err = view(make([]byte, most/8+1), 1, capsOf(bounds))
	refused(t, err, ErrVerification)
	_, err = view(make([]byte, most/8+1), 2, capsOf(bounds))
	require.NoError(t, err)
}

func TestExactlyOneGzipMember(t *testing.T) {
	good := zip(t, make([]byte, listBytes))
	half := zip(t, make([]byte, listBytes/2))
	change := func(at int, xor byte) []byte {
		b := bytes.Clone(good)
		if at < 0 {
			at += len(b)
		}
		b[at] ^= xor
		return b
	}
	raw := func() []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, 6)
		_, _ = w.Write(make([]byte, listBytes))
		_ = w.Close()
		return b.Bytes()
	}()
	stated := binary.LittleEndian.AppendUint32(nil, listBytes)
	for name, packed := range map[string][]byte{
		"empty":                       {},
		"two members of half a list":  restate(append(bytes.Clone(half), half...), listBytes),
		"two members of a whole list": append(bytes.Clone(good), good...),
		"an empty first member":       append(zip(t, nil), good...),
		"an empty second member":      append(append(bytes.Clone(good), zip(t, nil)...), stated...),
		"bytes behind, a true length": append(bytes.Clone(good), stated...),
		"one byte behind":             append(bytes.Clone(good), 0),
		"cut in the trailer":          good[:len(good)-1],
		"cut in the content":          good[:len(good)-9],
		"cut, a true length":          append(bytes.Clone(good[:len(good)-12]), stated...),
		"another checksum":            change(-5, 1),
		"another length":              restate(good, listBytes+1),
		"a smaller length":            restate(append(bytes.Clone(good[:len(good)-4]), 0, 0, 0, 0), listBytes*2),
		"no GZIP magic":               change(0, 1),
		"another method":              change(2, 1),
		"reserved flags":              change(3, 0x80),
		"no GZIP but DEFLATE":         append(raw, stated...),
		"no compression at all":       append(make([]byte, listBytes), stated...),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(bitstring(packed), Bitstring, 1)
			require.ErrorIs(t, err, code.StatusInvalid)
		})
	}
	_, err := Decode(bitstring(good), Bitstring, 1)
	require.NoError(t, err)
}

func TestBase64OfBitstring(t *testing.T) {
	body := textSpare[1:]
	for name, text := range map[string]string{
		"empty":              "",
		"only the prefix":    "u",
		"no prefix":          body,
		"prefix of base58":   "z" + body,
		"prefix of base64":   "m" + body,
		"prefix of padded":   "U" + body,
		"upper-case alone":   "U",
		"padded":             padded(textSpare),
		"standard alphabet":  strings.NewReplacer("-", "+", "_", "/").Replace(textSpare),
		"line feed":          textSpare[:20] + "\n" + textSpare[20:],
		"carriage return":    textSpare + "\r",
		"white space before": " " + textSpare,
		"white space after":  textSpare + " ",
		"trailing bits":      nonZeroTail(t, textSpare),
		"a NUL":              textSpare + "\x00",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(text, Bitstring, 1)
			refused(t, err, ErrMalformed)
		})
	}
}

func padded(text string) string {
	prefix := len(text) - len(strings.TrimPrefix(text, "u"))
	for (len(text)-prefix)%4 != 0 {
		text += "="
	}
	return text
}

// nonZeroTail sets one of the bits in the last character that stand for
// nothing.
func nonZeroTail(t *testing.T, text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	require.NotZero(t, (len(text)-1)%4, "the text has no spare bits")
	i := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + string(alphabet[i|1])
}

// TestStatusList2021Forms: its text says base64, its example is base64url.
func TestStatusList2021Forms(t *testing.T) {
	url := textSpare[1:]
	std := strings.NewReplacer("-", "+", "_", "/").Replace(url)
	require.NotEqual(t, url, std, "the alphabets differ in this list")
	for name, text := range map[string]string{
		"base64url":         url,
		"base64url, padded": padded(url),
		"base64":            std,
		"base64, padded":    padded(std),
	} {
		l, err := Decode(text, StatusList2021, 1)
		require.NoError(t, err, name)
		v, err := l.Get(7)
		require.NoError(t, err)
		require.EqualValues(t, 1, v, name)
	}
	for name, text := range map[string]string{
		"multibase":      textSpare,
		"both alphabets": strings.Replace(url, "-", "+", 1) + "-",
		"too much of =":  padded(url) + "=",
		"line feed":      url + "\n",
	} {
		_, err := Decode(text, StatusList2021, 1)
		require.Error(t, err, name)
		refused(t, err, ErrMalformed)
	}
	_, err := Decode(url, StatusList2021, 2)
	refused(t, err, ErrMalformed)
}

func TestEncodeIsDeterministic(t *testing.T) {
	a, b := sparse(t, MinEntries, 1), sparse(t, MinEntries, 1)
	text := a.Encode(Bitstring)
	require.Equal(t, text, b.Encode(Bitstring))
	require.Equal(t, text[1:], a.Encode(StatusList2021))
	require.NotContains(t, text, "=")

	packed, err := base64.RawURLEncoding.DecodeString(text[1:])
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	require.Equal(t, time.Time{}, r.ModTime)
	require.Empty(t, r.Name+r.Comment)
	require.Empty(t, r.Extra)
}

// TestG12GrantexLists decodes what a Grantex service published: base64url
// without a prefix, and without a proof, so that only its text is read here.
func TestG12GrantexLists(t *testing.T) {
	for name, set := range map[string][]int{
		"statuslist-before.json":              nil,
		"statuslist-after-child-revoked.json": {2},
	} {
		raw := testvectors.Read(t, "grantex", name)
		doc, err := strictjson.Parse(string(raw), limits.Default().JSON(len(raw)))
		require.NoError(t, err)
		text := doc.Get("credentialSubject").Get("encodedList").Str()
		l, err := Decode(text, StatusList2021, 1)
		require.NoError(t, err)
		require.Equal(t, MinEntries, l.Len())
		var got []int
		for i := range l.Len() {
			if v, _ := l.Get(i); v != 0 {
				got = append(got, i)
			}
		}
		require.Equal(t, set, got, name)

		_, err = Decode(text, Bitstring, 1)
		refused(t, err, ErrMalformed)
		require.ErrorContains(t, err, "StatusList2021", "the error names the form that it is")
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{textEmpty, textIndex7, textShort, textNone, textPairs, textIndex7[1:], padded(textIndex7[1:]), "u", ""} {
		f.Add(text, false, 1)
		f.Add(text, true, 2)
	}
	f.Fuzz(func(t *testing.T, text string, old bool, size int) {
		e := Bitstring
		if old {
			e = StatusList2021
		}
		l, err := Decode(text, e, size)
		if err != nil {
			require.Nil(t, l)
			return
		}
		require.GreaterOrEqual(t, l.Len(), MinEntries)
		again, err := Decode(l.Encode(e), e, size)
		require.NoError(t, err)
		require.Equal(t, l.bits, again.bits)
		_, err = l.Get(l.Len())
		require.ErrorIs(t, err, ErrRange)
		_, err = l.Get(l.Len() - 1)
		require.NoError(t, err)
	})
}
