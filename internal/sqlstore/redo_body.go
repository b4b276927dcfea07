package sqlstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/safeconduct/safeconduct/verify"
)

// A group in the table redo begins with the number of its form. Its rows follow: the number of the table, whether the
// row is gone or new, and its values as they are sent to the table, with those of the key at the end. Of a row that is
// gone there is the key alone. A checksum ends it.
//
// Many values stand in several rows: an agent's digest in all of an act. From the second time on there is the place of
// the first, so that a group is half as long.

// What a group begins with: another form would have another number, as that one had in which each value stood where it
// was. A notice is what a transaction has written into the tables itself, for those who remember it otherwise.
const (
	plainRedoForm   = 1 // both are only read any more
	plainNoticeForm = 2
	redoForm        = 3
	noticeForm      = 4
)

// What a value begins with.
const (
	ofNothing = iota
	ofNumber
	ofText
	ofString
	ofAgain
)

const (
	shortest   = 8  // value that is looked for: a place has some bytes, too
	placesBits = 10 // of the number of places that are remembered
)

// mixing has every bit of a number move the upper ones of their product: it is 2^64 by the golden ratio.
const mixing = 0x9E3779B97F4A7C15

// castagnoli is the polynomial that processors know.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// redo is a group that is being made.
type redo struct {
	rows   int
	table  byte
	body   []byte // without its checksum
	places [1 << placesBits]int
}

// begin begins a group where another was. One that was large does not keep its room.
func (r *redo) begin(form byte) {
	if cap(r.body) > 1<<20 {
		r.body = nil
	}
	r.rows, r.body = 0, append(r.body[:0], form)
	clear(r.places[:])
}

// sealed returns the group, which is good until the next one begins.
func (r *redo) sealed() []byte {
	r.body = binary.BigEndian.AppendUint32(r.body, crc32.Checksum(r.body, castagnoli))
	return r.body
}

// begins begins a row of the table, whose values follow.
func (r *redo) begins(gone, fresh bool) {
	r.rows++
	r.body = append(r.body, r.table, byte(flag(gone)|2*flag(fresh)))
}

func (r *redo) number(n int64) {
	begins := len(r.body)
	r.body = binary.AppendVarint(append(r.body, ofNumber), n)
	r.again(begins)
}

func (r *redo) text(s string) {
	begins := len(r.body)
	r.body = append(binary.AppendUvarint(append(r.body, ofText), uint64(len(s))), s...)
	r.again(begins)
}

func (r *redo) bytes(b []byte) {
	begins := len(r.body)
	r.body = append(binary.AppendUvarint(append(r.body, ofString), uint64(len(b))), b...)
	r.again(begins)
}

func (r *redo) digest(d digest) {
	if d == none {
		r.body = append(r.body, ofNothing)
		return
	}
	r.bytes(d[:])
}

func (r *redo) quantity(q verify.Quantity) {
	b := q.Bytes()
	r.bytes(b[:])
}

// again has a value that stands in the group already be the place where it does.
func (r *redo) again(begins int) {
	value := r.body[begins:]
	if len(value) < shortest {
		return
	}
	end := binary.LittleEndian.Uint64(value[len(value)-shortest:])
	place := &r.places[end*mixing>>(64-placesBits)]
	if *place > 0 && bytes.HasPrefix(r.body[*place:begins], value) {
		r.body = binary.AppendUvarint(append(r.body[:begins], ofAgain), uint64(*place))
		return
	}
	*place = begins
}

// redone is a row of a group.
type redone struct {
	body  []byte // of the group
	at    int    // where its values begin
	key   string // the bytes of its key
	table byte
	// notice says that the table has it, fresh that it was not there before the group.
	notice, gone, fresh bool
}

var errRedo = fmt.Errorf("sqlstore: a group of acts cannot be read: %w", errDamaged)

// appendRedone reads a group, whose bytes it keeps, and appends its rows.
func appendRedone(list []redone, body []byte) ([]redone, error) {
	end := len(body) - crc32.Size
	if end < 1 || body[0] < plainRedoForm || body[0] > noticeForm ||
		binary.BigEndian.Uint32(body[end:]) != crc32.Checksum(body[:end], castagnoli) {
		return list, errRedo
	}
	body = body[:end]
	notice := body[0] == noticeForm || body[0] == plainNoticeForm
	var space [64]byte
	for at := 1; at < end; {
		if end-at < 2 || int(body[at]) >= len(redoTables) || body[at+1] > 2 {
			return list, errRedo
		}
		r := redone{
			body: body, at: at + 2, table: body[at], notice: notice, gone: body[at+1] == 1,
			fresh: body[at+1] == 2,
		}
		switch redoTables[r.table] {
		case useTable, recordTable, markRows{}, wipedRows{}: // rows of these never go
			if r.gone {
				return list, errRedo
			}
		}
		at = r.at
		all, ofKey := r.width()
		key := space[:0]
		for i := range all {
			value, next, err := redoValue(body, at)
			if err != nil {
				return list, err
			}
			if at = next; i >= all-ofKey {
				key = append(key, value...)
			}
		}
		r.key = string(key)
		list = append(list, r)
	}
	return list, nil
}

// width is how many values there are, and those of the key.
func (r *redone) width() (all, key int) {
	if all, key = redoTables[r.table].width(); r.gone {
		all = key
	}
	return all, key
}

// row returns the values.
func (r *redone) row() Row {
	all, _ := r.width()
	row, at := make(Row, all), r.at
	for i := range row {
		value, next, _ := redoValue(r.body, at) // it was read before
		row[i], at = valueOf(value), next
	}
	return row
}

// learn has what is known follow the row.
func (r *redone) learn(k *known) { redoTables[r.table].learn(k, r.row(), r.gone) }

// redoValue returns the bytes of the value at a place of a group, and where the next one begins.
func redoValue(body []byte, at int) (value []byte, next int, err error) {
	if at >= len(body) {
		return nil, 0, errRedo
	}
	switch rest := body[at+1:]; body[at] {
	case ofNothing:
		return body[at : at+1], at + 1, nil
	case ofNumber:
		if _, n := binary.Varint(rest); n > 0 {
			return body[at : at+1+n], at + 1 + n, nil
		}
	case ofText, ofString:
		if size, n := binary.Uvarint(rest); n > 0 && size <= uint64(len(rest)-n) {
			next = at + 1 + n + int(size)
			return body[at:next], next, nil
		}
	case ofAgain:
		place, n := binary.Uvarint(rest)
		if n <= 0 || place == 0 || place >= uint64(at) || body[place] == ofAgain {
			break
		}
		value, _, err = redoValue(body[:at], int(place))
		return value, at + 1 + n, err
	}
	return nil, 0, errRedo
}

// valueOf returns what bytes of a group say.
func valueOf(value []byte) any {
	switch value[0] {
	case ofNumber:
		return numberOf(value)
	case ofText:
		return textOf(value)
	case ofString:
		return stringOf(value)
	}
	return nil
}

// These return what bytes of a group say; the zero value, if that is something else.

func numberOf(value []byte) (n int64) {
	if value[0] == ofNumber {
		n, _ = binary.Varint(value[1:])
	}
	return n
}

func textOf(value []byte) string {
	if value[0] != ofText {
		return ""
	}
	_, n := binary.Uvarint(value[1:])
	return string(value[1+n:])
}

func stringOf(value []byte) []byte {
	if value[0] != ofString {
		return nil
	}
	_, n := binary.Uvarint(value[1:])
	return slices.Clip(value[1+n:])
}
