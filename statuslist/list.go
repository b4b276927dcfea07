package statuslist

import (
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

const (
	// MinEntries is the fewest entries of a list, so that looking at a list
	// tells its host little about whose credential is being checked (Bitstring
	// Status List 1.0, section 3.2, step 2).
	MinEntries = 131072

	// MaxSize is the largest status size, in bits.
	MaxSize = 8
)

// List is a string of statuses of 1 to 8 bits each. Status i occupies the
// bits from i × size on, counted from the left: bit 0 is 0x80 of byte 0.
//
// A list may be read from many goroutines, but not while [List.Set] runs. The
// zero List has no entries.
type List struct {
	bits []byte
	size int
	len  int
}

// New returns a list of at least entries statuses of size bits, all 0. The
// number is rounded up to fill the last byte, so that the list is as long when
// it is read again. It fails if entries is below [MinEntries] or above what
// a reader takes by default (16,777,216 entries, 2 MiB), or if size is not 1
// to [MaxSize].
func New(entries, size int) (*List, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	caps := defaultCaps()
	if entries < MinEntries {
		return nil, tooShort(entries)
	}
	if entries > caps.entries {
		return nil, tooLong("entries", entries, caps.entries)
	}
	bytes := (entries*size + 7) / 8
	if bytes > caps.bytes {
		return nil, tooLong("bytes", bytes, caps.bytes)
	}
	l, err := view(make([]byte, bytes), size, caps)
	return &l, err
}

// view reads bits as statuses of the given size.
func view(bits []byte, size int, caps caps) (List, error) {
	if err := checkSize(size); err != nil {
		return List{}, err
	}
	// Section 3.2, step 9 divides the length by the status size.
	n := len(bits) * 8 / size
	if n < MinEntries {
		return List{}, tooShort(n)
	}
	if n > caps.entries {
		return List{}, tooLong("entries", n, caps.entries)
	}
	return List{bits: bits, size: size, len: n}, nil
}

// Len returns the number of entries.
func (l *List) Len() int { return l.len }

// Size returns the bits of one status, 1 to 8.
func (l *List) Size() int { return l.size }

// Get returns the status at index i, or an error that wraps [ErrRange] if the
// list has no such index: what is not in the list is never "not revoked".
func (l *List) Get(i int) (uint8, error) {
	if uint(i) >= uint(l.len) {
		return 0, outOfRange(i, l.len)
	}
	if l.size == 1 {
		return l.bits[i>>3] >> (7 - i&7) & 1, nil
	}
	at, shift := l.locate(i)
	return uint8(l.window(at)>>shift) & (1<<l.size - 1), nil
}

// Set changes the status at index i. It fails if the list has no such index,
// or if value does not fit into the list's status size.
func (l *List) Set(i int, value uint8) error {
	if uint(i) >= uint(l.len) {
		return outOfRange(i, l.len)
	}
	if int(value) >= 1<<l.size {
		return &code.Error{
			Code: code.StatusInvalid, Detail: "a status that does not fit into the status size",
			Limit: strconv.Itoa(1<<l.size - 1), Actual: strconv.Itoa(int(value)), Err: ErrRange,
		}
	}
	at, shift := l.locate(i)
	w := l.window(at)&^((1<<l.size-1)<<shift) | uint16(value)<<shift
	l.bits[at] = byte(w >> 8)
	if at+1 < len(l.bits) {
		l.bits[at+1] = byte(w)
	}
	return nil
}

// Clone returns a copy that shares nothing with l.
func (l *List) Clone() *List {
	return &List{bits: slices.Clone(l.bits), size: l.size, len: l.len}
}

// locate returns the byte at which status i begins, and by how much the two
// bytes from there are shifted to bring it to the right end.
func (l *List) locate(i int) (at, shift int) {
	bit := i * l.size
	return bit >> 3, 16 - bit&7 - l.size
}

// window returns two bytes: a status of up to 8 bits may lie across both.
func (l *List) window(at int) uint16 {
	w := uint16(l.bits[at]) << 8
	if at+1 < len(l.bits) {
		w |= uint16(l.bits[at+1])
	}
	return w
}

// caps are the bounds that decoding needs, resolved.
type caps struct {
	encoded int // characters of encodedList
	bytes   int // bytes of the expanded list
	entries int
}

func capsOf(b Bounds) caps {
	return caps{encoded: b.Bytes + b.Bytes/2, bytes: b.Bytes, entries: b.Entries}
}

// The bounds that nobody has changed, and the highest. They are only ever read.
var defaults, maximum = limits.Default(), limits.Max()

func defaultCaps() caps { return capsOf(Bounds(defaults.Lists)) }

func checkSize(size int) error {
	if size < 1 || size > MaxSize {
		return &code.Error{
			Code: code.StatusInvalid, Detail: "status size out of range",
			Limit: "1 to 8 bits", Actual: strconv.Itoa(size), Err: ErrMalformed,
		}
	}
	return nil
}

func tooShort(entries int) error {
	return &code.Error{
		Code: code.StatusInvalid, Detail: strconv.Itoa(entries) + " entries, a list has at least " + strconv.Itoa(MinEntries),
		Limit: strconv.Itoa(MinEntries), Actual: strconv.Itoa(entries), Err: ErrLength,
	}
}

func tooLong(unit string, n, most int) error {
	return &code.Error{
		Code: code.StatusInvalid, Detail: "a list of " + strconv.Itoa(n) + " " + unit + ", at most " + strconv.Itoa(most) + " are allowed",
		Limit: strconv.Itoa(most), Actual: strconv.Itoa(n), Err: ErrVerification,
	}
}

func outOfRange(i, n int) error {
	return &code.Error{
		Code: code.StatusInvalid, Detail: "index " + strconv.Itoa(i) + " is not in a list of " + strconv.Itoa(n) + " entries",
		Limit: strconv.Itoa(n - 1), Actual: strconv.Itoa(i), Err: ErrRange,
	}
}
