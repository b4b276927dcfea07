package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A group that says that a row is gone which never goes is damaged; nobody panics.
func TestRowsThatNeverGo(t *testing.T) {
	for i, table := range redoTables {
		_, key := table.width()
		body := []byte{redoForm, byte(i), 1}
		for range key {
			body = append(body, ofNothing)
		}
		list, err := redoneOf(1, sealed(body))
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			continue
		}
		var k known
		k.knows(1, 0)
		require.NotPanics(t, func() { list[0].table.learn(&k, list[0].values, list[0].gone) }, i)
	}
}
