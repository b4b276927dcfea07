package verify

import (
	"encoding/binary"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
)

// The text of an id is that of the library, for every value.
func TestULIDText(t *testing.T) {
	for i := range 1000 {
		id := ulid.Make()
		if i < 2 {
			for k := range id {
				id[k] = byte(-i) // none, then all
			}
		}
		require.Equal(t, id.String(), ulidText(binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])))
	}
}
