package statuslist

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
)

// maxRatio is more than DEFLATE can expand anything: at best two bits stand
// for 258 bytes (RFC 1951, section 3.2.5).
const maxRatio = 1032

// multibasePrefix says base64url without padding.
const multibasePrefix = "u"

// Encode returns the list as text, as e packs it: compressed, without time or
// name, so that one build of this library gives one text for one list. It
// returns "" if e is none of the constants.
func (l *List) Encode(e Encoding) string {
	if int(e) >= len(packers) {
		return ""
	}
	return packers[e](l)
}

// compress returns bits as base64url of GZIP.
func compress(bits []byte) string {
	w := deflaters.Get().(*deflater)
	defer deflaters.Put(w)
	w.out.Reset()
	w.zip.Reset(&w.out)
	// A bytes.Buffer takes everything.
	_, _ = w.zip.Write(bits)
	_ = w.zip.Close()
	return base64.RawURLEncoding.EncodeToString(w.out.Bytes())
}

// deflater is kept for its tables, which weigh far more than a list.
type deflater struct {
	out bytes.Buffer
	zip *gzip.Writer
}

var deflaters = sync.Pool{New: func() any {
	// The best level saves a tenth of the bytes and takes twenty times as long.
	return &deflater{zip: gzip.NewWriter(nil)}
}}

// Decode reads the text of encodedList as statuses of size bits. It takes
// base64url without padding behind a "u" for [Bitstring]; for
// [StatusList2021], whose texts and examples disagree, base64 or base64url,
// padded or not, and size 1 only.
//
// The text must hold exactly one GZIP member and nothing else, of at least
// [MinEntries] entries and at most the default bounds (3 MiB of text, 2 MiB
// expanded, 16,777,216 entries); never more than that is expanded. What the
// text means nobody has vouched for: see package verify.
func Decode(text string, e Encoding, size int) (*List, error) {
	caps, k := defaultCaps(), e.kind()
	switch {
	case k == nil:
		return nil, fail(ErrMalformed, "", "unknown encoding %d", e)
	case size > k.maxSize && size <= MaxSize:
		return nil, fail(ErrMalformed, "", "status size %d, %s has at most %d", size, k.name, k.maxSize)
	}
	bits, err := k.unpack(text, size, caps)
	if err != nil {
		return nil, err
	}
	l, err := view(bits, size, caps)
	if err != nil {
		return nil, err
	}
	return &l, nil
}

// inflater is what one decoding needs and the next can use again.
type inflater struct {
	text   []byte
	packed []byte
	in     bytes.Reader
	zip    gzip.Reader
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// maxPooled bounds what a pooled inflater keeps.
const maxPooled = 64 << 10

// A base64Form decodes text behind what is in out.
type base64Form func(out *inflater, text string) error

// inflate returns the bytes of the list.
func inflate(text string, caps caps, unbase64 base64Form) ([]byte, error) {
	if len(text) > caps.encoded {
		return nil, fail(ErrVerification, "", "encodedList of %d characters, at most %d are allowed", len(text), caps.encoded)
	}
	z := inflaters.Get().(*inflater)
	defer func() {
		if cap(z.text) > maxPooled {
			z.text, z.packed = nil, nil
		}
		z.in.Reset(nil)
		inflaters.Put(z)
	}()
	if err := unbase64(z, text); err != nil {
		return nil, err
	}
	return z.gunzip(caps)
}

// multibaseText decodes base64url behind its prefix.
func multibaseText(z *inflater, text string) error {
	if !strings.HasPrefix(text, multibasePrefix) {
		return notMultibase(text)
	}
	return z.base64(text[len(multibasePrefix):], base64.RawURLEncoding)
}

// plainBase64 decodes every kind of base64: the text and the example of
// StatusList2021 disagree.
func plainBase64(z *inflater, text string) error {
	if strings.HasPrefix(text, multibasePrefix+gzipBase64) {
		err := fail(ErrMalformed, "", "encodedList has a multibase prefix, which is the form of BitstringStatusList")
		err.Hint = "leave out the \"u\""
		return err
	}
	enc := base64.RawURLEncoding
	if strings.ContainsAny(text, "+/") {
		enc = base64.RawStdEncoding
	}
	if strings.HasSuffix(text, "=") {
		enc = enc.WithPadding(base64.StdPadding)
	}
	return z.base64(text, enc)
}

// base64 decodes text into z.packed.
func (z *inflater) base64(text string, enc *base64.Encoding) error {
	// encoding/base64 skips line breaks even in strict mode.
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return fail(ErrMalformed, "", "a line break in encodedList")
	}
	var err error
	z.text = append(z.text[:0], text...)
	z.packed, err = enc.Strict().AppendDecode(z.packed[:0], z.text)
	if err != nil {
		e := fail(ErrMalformed, "", "encodedList is not base64url: %v", err)
		if enc == base64.RawURLEncoding && strings.ContainsAny(text, "=+/") {
			e.Hint = "want - and _ for + and /, and no = at the end"
		}
		return e
	}
	return nil
}

// gunzip expands z.packed. The trailer of a GZIP member states the length of
// its content: that much is allocated, once, if it is allowed and possible,
// and not one byte more is ever expanded.
func (z *inflater) gunzip(caps caps) ([]byte, error) {
	const overhead = 18 // header and trailer, RFC 1952
	switch {
	case len(z.packed) == 0:
		return nil, fail(ErrMalformed, "", "encodedList is empty")
	case !strings.HasPrefix(string(z.packed[:min(len(z.packed), len(gzipMagic))]), gzipMagic):
		return nil, notGzip(z.packed)
	case len(z.packed) < overhead:
		return nil, fail(ErrMalformed, "", "encodedList of %d bytes is too short for GZIP", len(z.packed))
	}
	stated := int64(binary.LittleEndian.Uint32(z.packed[len(z.packed)-4:]))
	switch {
	case stated > int64(caps.bytes):
		return nil, fail(ErrVerification, "", "encodedList states %d bytes of content, at most %d are allowed", stated, caps.bytes)
	case stated > maxRatio*int64(len(z.packed)):
		return nil, fail(ErrMalformed, "", "encodedList claims to expand from %d to %d bytes, which GZIP cannot", len(z.packed), stated)
	case z.packed[3]&0xe0 != 0:
		// gzip.Reader lets them pass; RFC 1952, section 2.3.1.2 does not.
		return nil, fail(ErrMalformed, "", "encodedList has reserved GZIP flags %#02x", z.packed[3])
	}
	z.in.Reset(z.packed)
	if err := z.zip.Reset(&z.in); err != nil {
		return nil, badGzip(err)
	}
	z.zip.Multistream(false) // or gzip.Reader joins members silently
	bits := make([]byte, stated)
	if _, err := io.ReadFull(&z.zip, bits); err != nil {
		return nil, badGzip(err)
	}
	// One more read meets the trailer: checksum and length.
	var more [1]byte
	switch n, err := io.ReadFull(&z.zip, more[:]); {
	case n > 0:
		return nil, fail(ErrMalformed, "", "encodedList expands to more than the %d bytes that it states", stated)
	case err != io.EOF:
		return nil, badGzip(err)
	}
	if z.in.Len() > 0 {
		return nil, fail(ErrMalformed, "", "%d bytes after the GZIP member of encodedList", z.in.Len())
	}
	return bits, nil
}

func badGzip(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fail(ErrMalformed, "", "encodedList is not one GZIP member: %v", err)
}
