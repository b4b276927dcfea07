package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A group that says that a row is gone which never goes is damaged; nobody panics.
func TestRowsThatNeverGo(t *testing.T) {
	for i, table := range redoTables {
		_, key := table.width()
		body := []byte{byte(i), 1}
		for range key {
			body = append(body, ofNothing)
		}
		list, err := appendRedone(nil, groupWith(body))
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			continue
		}
		var k known
		k.knows(1, 0)
		require.NotPanics(t, func() { list[0].learn(&k) }, i)
	}
}
