package postgres

import (
	"math"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

// Arrays are written as pgx writes them.
func TestArrays(t *testing.T) {
	own, theirs := pgtype.NewMap(), pgtype.NewMap()
	registerArrays(own)
	for _, of := range []struct {
		oid  uint32
		list any
	}{
		{pgtype.Int8ArrayOID, []int64(nil)}, {pgtype.Int8ArrayOID, []int64{}},
		{pgtype.Int8ArrayOID, []int64{0, 1, -1, math.MaxInt64, math.MinInt64}},
		{pgtype.TextArrayOID, []string(nil)}, {pgtype.TextArrayOID, []string{}},
		{pgtype.TextArrayOID, []string{"", "a", "NULL", "ü"}},
		{pgtype.ByteaArrayOID, [][]byte(nil)}, {pgtype.ByteaArrayOID, [][]byte{}},
		{pgtype.ByteaArrayOID, [][]byte{{}, nil, {0}, []byte("sixteen bytes of")}},
		{pgtype.ByteaArrayOID, [][]byte{nil}}, {pgtype.Int4ArrayOID, []int64{1, 2}}, {pgtype.VarcharArrayOID, []string{"a"}},
		{pgtype.TextArrayOID, []*string{nil}}, // what is not ours is theirs
	} {
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			want, err := theirs.Encode(of.oid, format, of.list, []byte("before"))
			require.NoError(t, err)
			got, err := own.Encode(of.oid, format, of.list, []byte("before"))
			require.NoError(t, err)
			require.Equal(t, want, got, "%v in format %d", of.list, format)
		}
	}
	_, err := own.Encode(pgtype.ByteaArrayOID, pgtype.BinaryFormatCode, []int64{1}, nil)
	require.Error(t, err)
}
