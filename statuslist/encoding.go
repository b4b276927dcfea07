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

// Encoding is one of the two ways to publish a list.
type Encoding uint8

const (
	// Bitstring is W3C Bitstring Status List 1.0: GZIP in multibase base64url
	// ("u…"). The zero Encoding.
	Bitstring Encoding = iota
	// StatusList2021 is its predecessor: GZIP in base64 without a prefix. It
	// has statuses of one bit only.
	StatusList2021
)

// String returns the type of the list in the encoding: "BitstringStatusList"
// or "StatusList2021".
func (e Encoding) String() string {
	if e == StatusList2021 {
		return "StatusList2021"
	}
	return "BitstringStatusList"
}

// maxRatio is more than DEFLATE can expand anything: at best two bits stand
// for 258 bytes (RFC 1951, section 3.2.5).
const maxRatio = 1032

// Encode returns the list as the text of encodedList: compressed, without
// time or name, so that one build of this library gives one text for one list.
func (l *List) Encode(e Encoding) string {
	w := deflaters.Get().(*deflater)
	defer deflaters.Put(w)
	w.out.Reset()
	w.zip.Reset(&w.out)
	// A bytes.Buffer takes everything.
	_, _ = w.zip.Write(l.bits)
	_ = w.zip.Close()
	text := base64.RawURLEncoding.EncodeToString(w.out.Bytes())
	if e == Bitstring {
		return "u" + text
	}
	return text
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
	caps := defaultCaps()
	if e == StatusList2021 && size != 1 {
		return nil, fail(ErrMalformed, "", "status size %d in StatusList2021, which has one bit", size)
	}
	bits, err := inflate(text, e, caps)
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

// inflate returns the bytes of the list.
func inflate(text string, e Encoding, caps caps) ([]byte, error) {
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
	if err := z.unbase64(text, e); err != nil {
		return nil, err
	}
	return z.gunzip(caps)
}

// unbase64 decodes text into z.packed.
func (z *inflater) unbase64(text string, e Encoding) error {
	enc := base64.RawURLEncoding
	switch {
	case e == Bitstring:
		if !strings.HasPrefix(text, "u") {
			err := fail(ErrMalformed, "", "encodedList begins with %.1q, want the multibase prefix \"u\" (base64url)", text)
			if strings.HasPrefix(text, "H4s") {
				err.Hint = "this is the form of StatusList2021"
			}
			return err
		}
		text = text[1:]
	case strings.ContainsAny(text, "+/"):
		enc = base64.RawStdEncoding
		fallthrough
	default:
		if strings.HasSuffix(text, "=") {
			enc = enc.WithPadding(base64.StdPadding)
		}
	}
	// encoding/base64 skips line breaks even in strict mode.
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return fail(ErrMalformed, "", "a line break in encodedList")
	}
	var err error
	z.text = append(z.text[:0], text...)
	z.packed, err = enc.Strict().AppendDecode(z.packed[:0], z.text)
	if err != nil {
		return fail(ErrMalformed, "", "encodedList is not base64: %v", err)
	}
	return nil
}

// gunzip expands z.packed. The trailer of a GZIP member states the length of
// its content: that much is allocated, once, if it is allowed and possible,
// and not one byte more is ever expanded.
func (z *inflater) gunzip(caps caps) ([]byte, error) {
	const overhead = 18 // header and trailer, RFC 1952
	if len(z.packed) < overhead {
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
