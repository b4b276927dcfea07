package postgres

import (
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"
)

// registerArrays has the arrays that statements have be encoded as what they are. pgx would put each element of them
// into a box, and look at that by reflection: a fifth of the work of this process.
func registerArrays(m *pgtype.Map) {
	for _, oid := range []uint32{pgtype.Int8ArrayOID, pgtype.TextArrayOID, pgtype.ByteaArrayOID} {
		if t, known := m.TypeForOID(oid); known {
			if codec, is := t.Codec.(*pgtype.ArrayCodec); is {
				m.RegisterType(&pgtype.Type{Name: t.Name, OID: oid, Codec: arrays{codec}})
			}
		}
	}
}

// arrays is pgx's codec, but for slices in binary form.
type arrays struct{ *pgtype.ArrayCodec }

// PlanEncode implements [pgtype.Codec].
func (a arrays) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if format == pgtype.BinaryFormatCode {
		element := a.ElementType.OID
		switch value.(type) {
		case []int64:
			if element == pgtype.Int8OID {
				return slice[int64]{element, func(to []byte, n int64) []byte { return binary.BigEndian.AppendUint64(to, uint64(n)) }}
			}
		case []string:
			if element == pgtype.TextOID {
				return slice[string]{element, func(to []byte, s string) []byte { return append(to, s...) }}
			}
		case [][]byte:
			if element == pgtype.ByteaOID {
				return slice[[]byte]{element, func(to []byte, b []byte) []byte {
					if b == nil {
						return nil
					}
					return append(to, b...)
				}}
			}
		}
	}
	return a.ArrayCodec.PlanEncode(m, oid, format, value)
}

// slice encodes an array of one dimension.
type slice[T any] struct {
	element uint32
	add     func(to []byte, v T) []byte // nil: the element is NULL
}

// usual is how many bytes an element is taken for: a digest, with its length.
const usual = 20

// Encode implements [pgtype.EncodePlan].
func (s slice[T]) Encode(value any, buf []byte) ([]byte, error) {
	list := value.([]T)
	if list == nil {
		return nil, nil
	}
	begins := len(buf)
	buf = slices.Grow(buf, (len(list)+1)*usual)
	for _, n := range []uint32{1, 0, s.element, uint32(len(list)), 1} { // dimensions, NULLs, type, length, first index
		buf = binary.BigEndian.AppendUint32(buf, n)
	}
	for _, v := range list {
		at := len(buf)
		buf = binary.BigEndian.AppendUint32(buf, 1<<32-1) // NULL
		if with := s.add(buf, v); with != nil {
			buf = with
			binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
		} else {
			binary.BigEndian.PutUint32(buf[begins+4:], 1)
		}
	}
	return buf, nil
}
