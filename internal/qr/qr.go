// Package qr draws QR codes (ISO/IEC 18004): bytes, at the lowest level of error correction, which is enough for a
// clean screen and holds the most, in the smallest version that fits.
package qr

import "fmt"

// MaxBytes is the most that one code holds.
const MaxBytes = 2953

// Code is a square of modules.
type Code struct {
	size     int
	dark     []bool
	function []bool // modules that hold no data
}

// Size is the length of a side, in modules, without the quiet zone of four that must be around it.
func (c *Code) Size() int { return c.size }

// Dark reports whether a module is dark.
func (c *Code) Dark(x, y int) bool { return c.dark[y*c.size+x] }

// eccPerBlock and blocks are, by version from 1, how many codewords of error correction a block has at level L, and how
// many blocks there are (table 9 of the standard).
var (
	eccPerBlock = [...]int{0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
		28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30}
	blocks = [...]int{0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
		8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25}
)

const versions = 40

// rawModules is how many modules of a version hold codewords.
func rawModules(version int) int {
	n := (16*version+128)*version + 64
	if version >= 2 {
		align := version/7 + 2
		n -= (25*align-10)*align - 55
		if version >= 7 {
			n -= 36
		}
	}
	return n
}

func dataCodewords(version int) int {
	return rawModules(version)/8 - eccPerBlock[version]*blocks[version]
}

// lengthBits is how many bits the length of a text of bytes has.
func lengthBits(version int) int {
	if version < 10 {
		return 8
	}
	return 16
}

// Encode makes the code of data. It fails if they are more than MaxBytes.
func Encode(data []byte) (*Code, error) {
	for version := 1; version <= versions; version++ {
		if 4+lengthBits(version)+8*len(data) <= 8*dataCodewords(version) {
			return draw(version, codewords(version, data)), nil
		}
	}
	return nil, fmt.Errorf("a QR code of %d bytes, at most %d fit", len(data), MaxBytes)
}

// codewords are the data with their length, padded, and the error correction, as they are drawn.
func codewords(version int, data []byte) []byte {
	var w bitWriter
	w.write(0b0100, 4) // bytes
	w.write(len(data), lengthBits(version))
	for _, b := range data {
		w.write(int(b), 8)
	}
	capacity := 8 * dataCodewords(version)
	w.write(0, min(4, capacity-w.n))
	w.write(0, -w.n&7)
	for pad := 0xEC; w.n < capacity; pad ^= 0xEC ^ 0x11 {
		w.write(pad, 8)
	}
	return interleave(version, w.bytes)
}

type bitWriter struct {
	bytes []byte
	n     int
}

func (w *bitWriter) write(value, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.n/8] |= byte(value>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// interleave takes the data apart into blocks, the longer ones last, and puts the n-th codewords of all of them
// together.
func interleave(version int, data []byte) []byte {
	count, ecc, raw := blocks[version], eccPerBlock[version], rawModules(version)/8
	short := raw/count - ecc
	divisor := generator(ecc)
	var parts, checks [][]byte
	for i := range count {
		n := short
		if i >= count-raw%count {
			n++
		}
		parts, checks = append(parts, data[:n]), append(checks, remainder(data[:n], divisor))
		data = data[n:]
	}
	out := make([]byte, 0, raw)
	for i := range short + 1 {
		for _, p := range parts {
			if i < len(p) {
				out = append(out, p[i])
			}
		}
	}
	for i := range ecc {
		for _, c := range checks {
			out = append(out, c[i])
		}
	}
	return out
}

// multiply is the product in GF(2^8) modulo x^8+x^4+x^3+x^2+1.
func multiply(a, b byte) (z byte) {
	for i := 7; i >= 0; i-- {
		z = z<<1 ^ z>>7*0x1D
		z ^= b >> i & 1 * a
	}
	return z
}

// generator is the polynomial of Reed and Solomon of a degree, without its highest coefficient, which is 1.
func generator(degree int) []byte {
	out := make([]byte, degree)
	out[degree-1] = 1
	root := byte(1)
	for range degree {
		for j := range out {
			out[j] = multiply(out[j], root)
			if j+1 < degree {
				out[j] ^= out[j+1]
			}
		}
		root = multiply(root, 2)
	}
	return out
}

func remainder(data, divisor []byte) []byte {
	out := make([]byte, len(divisor))
	for _, b := range data {
		factor := b ^ out[0]
		copy(out, out[1:])
		out[len(out)-1] = 0
		for i, d := range divisor {
			out[i] ^= multiply(d, factor)
		}
	}
	return out
}
