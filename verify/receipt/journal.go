package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// The journal keeps what was acknowledged and is not in the tiles yet. It is a
// row of frames, one for each batch:
//
//	"scj1"  state  3 zero bytes  first index (8)  count (4)  length (4)  SHA-256 (32)  entries
//
// where the entries are those of an entry bundle, and the digest is over the
// first index, the count, the length and the entries. A frame is written with state 0 and synced; only then
// its callers hear yes, and the state becomes 1. So a frame that is damaged
// and has state 0 and is the last was never acknowledged: power failed while it was
// written. Any other damage is a fault of the disk, or somebody's hand.
const (
	frameMagic  = "scj1"
	frameHeader = 56

	stateWritten      = 0
	stateAcknowledged = 1
)

// appendFrame adds a frame around entries that are already in bundle form.
func appendFrame(to []byte, first int64, count int, entries []byte) []byte {
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(first))
	binary.BigEndian.PutUint32(head[8:12], uint32(count))
	binary.BigEndian.PutUint32(head[12:], uint32(len(entries)))
	sum := frameSum(head[:], entries)
	to = append(to, frameMagic...)
	to = append(to, stateWritten, 0, 0, 0)
	to = append(to, head[:]...)
	to = append(to, sum[:]...)
	return append(to, entries...)
}

func frameSum(head, entries []byte) (sum [32]byte) {
	h := sha256.New()
	h.Write(head)
	h.Write(entries)
	h.Sum(sum[:0])
	return sum
}

// frame is one batch as it was read.
type frame struct {
	first   int64
	entries [][]byte
	size    int // bytes in the journal
	state   byte
}

// readFrame reads the frame at the beginning of data.
func readFrame(data []byte) (f frame, err error) {
	if len(data) < frameHeader {
		return f, fmt.Errorf("%d bytes are too few for a frame", len(data))
	}
	f.state = data[4]
	if string(data[:4]) != frameMagic || f.state > stateAcknowledged || data[5]|data[6]|data[7] != 0 {
		return f, fmt.Errorf("a frame does not begin here")
	}
	length := int64(binary.BigEndian.Uint32(data[20:]))
	if int64(len(data)-frameHeader) < length {
		return f, fmt.Errorf("the frame has %d of %d bytes", len(data)-frameHeader, length)
	}
	entries := data[frameHeader : frameHeader+length]
	if sum := frameSum(data[8:24], entries); !bytes.Equal(sum[:], data[24:56]) {
		return f, fmt.Errorf("the digest of the frame does not fit its content")
	}
	f.first = int64(binary.BigEndian.Uint64(data[8:]))
	f.size = frameHeader + int(length)
	f.entries, err = splitBundle(entries, int(binary.BigEndian.Uint32(data[16:])))
	return f, err
}

// readJournal returns the entries of a journal from an index on, and how much
// of the journal is whole. What is behind that is a batch that nobody was told
// of, and can be cut; other damage is an error. from is where the tiles end.
func readJournal(data []byte, from int64) (entries [][]byte, whole int, err error) {
	next := int64(-1)
	for whole < len(data) {
		f, err := readFrame(data[whole:])
		if err != nil {
			if torn(data[whole:]) {
				return entries, whole, nil
			}
			return nil, 0, fmt.Errorf("the journal is damaged at byte %d, in what was acknowledged: %w", whole, err)
		}
		if next >= 0 && f.first != next || next < 0 && f.first > from {
			return nil, 0, fmt.Errorf("the journal goes on with entry %d at byte %d, want %d", f.first, whole,
				max(next, from))
		}
		next = f.first + int64(len(f.entries))
		for i, e := range f.entries {
			if f.first+int64(i) >= from {
				entries = append(entries, e)
			}
		}
		whole += f.size
	}
	return entries, whole, nil
}

// torn reports whether a damaged frame is one whose writing was interrupted:
// it is not marked as acknowledged, and no frame follows, since the next
// is written only when this one is on disk. What was not written is zero, so
// other bytes at its beginning are damage, whatever the mark says.
func torn(data []byte) bool {
	const begins = frameMagic + "\x00\x00\x00\x00" // stateWritten
	for i := range min(len(data), len(begins)) {
		if data[i] != 0 && data[i] != begins[i] {
			return false
		}
	}
	for i := 1; ; i++ {
		k := bytes.Index(data[i:], []byte(frameMagic))
		if k < 0 {
			return true
		}
		if i += k; readable(data[i:]) {
			return false
		}
	}
}

func readable(data []byte) bool {
	_, err := readFrame(data)
	return err == nil
}
