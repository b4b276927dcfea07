package vcjwt

import (
	"encoding/base64"
	"sync"
)

// buffers hold the text of a token while it is read or checked.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func getBuffer() *[]byte {
	b := buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

// putBuffer gives a buffer back. The cap on tokens is one on buffers.
func putBuffer(b *[]byte) { buffers.Put(b) }

// appendSegment appends a segment of a token, encoded.
func appendSegment(dst []byte, decoded string) []byte {
	return base64.RawURLEncoding.AppendEncode(dst, []byte(decoded))
}
