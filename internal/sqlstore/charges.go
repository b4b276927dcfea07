package sqlstore

import "encoding/binary"

// Charges of a hold are packed into one column: 49 bytes each.
const packedCharge = 16 + 1 + 8 + 16 + 8

func packed(list []charge) []byte {
	b := make([]byte, 0, packedCharge*len(list))
	for i := range list {
		c := &list[i]
		b = append(b, c.account[:]...)
		b = append(b, byte(flag(c.rate)|2*flag(c.lifetime)))
		b = binary.BigEndian.AppendUint64(b, uint64(c.born))
		b = append(b, bytesOf(c.reserved)...)
		b = binary.BigEndian.AppendUint64(b, uint64(c.until))
	}
	return b
}

func chargesOf(b []byte) (list []charge) {
	for ; len(b) >= packedCharge; b = b[packedCharge:] {
		c := charge{
			rate: b[16]&1 != 0, lifetime: b[16]&2 != 0, born: int64(binary.BigEndian.Uint64(b[17:])),
			reserved: quantity(b[25:41]), until: instant(binary.BigEndian.Uint64(b[41:])),
		}
		copy(c.account[:], b)
		list = append(list, c)
	}
	return list
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
