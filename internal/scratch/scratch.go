// Package scratch lends memory to write into what is only looked at for a
// moment, such as a canonical form that is hashed.
package scratch

import "sync"

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// most bounds what a buffer that was used once keeps for ever.
const most = 1 << 20

// Get returns an empty buffer. Nothing of it may be referred to after [Put].
func Get() *[]byte {
	b := buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

// Put gives a buffer back.
func Put(b *[]byte) {
	if cap(*b) <= most {
		buffers.Put(b)
	}
}
