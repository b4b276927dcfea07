package verify

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// S14: the charges of a reservation are on distinct limits, those of the root
// first and the others by account, each by name; of two on one limit the smaller
// holds.
func TestS14ChargesAreInOrder(t *testing.T) {
	until := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	want := []Charge{
		{Account: "root", Name: "a", Limit: Count(1), Until: until},
		{Account: "root", Name: "b", Limit: Count(2), Until: until},
		{Account: "a", Name: "z", Limit: Count(3), Until: until.Add(3)},
		{Account: "b", Name: "a", Limit: Count(4), Until: until},
		{Account: "z", Name: "a", Limit: Count(5), Until: until},
	}
	all := append([]Charge{
		{Account: "a", Name: "z", Limit: Count(9), Until: until.Add(3)},
		{Account: "a", Name: "z", Limit: Count(8), Until: until.Add(2)},
	}, want...)
	all[4].Until = until // of the one with the smallest limit: the latest end is kept
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		r := &run{reserved: &Reservation{Chain: []string{"root", "z", "a", "b"}}}
		for _, i := range rnd.Perm(len(all)) {
			r.reserved.Charges = append(r.reserved.Charges, all[i])
			limit := all[i].Limit.Lo
			r.origins = append(r.origins, origin{index: int(limit)})
		}
		r.arrange()
		require.Equal(t, want, r.reserved.Charges)
		for i, b := range r.origins {
			require.EqualValues(t, want[i].Limit.Lo, b.index, "the charge keeps the limit that it is of")
		}
	}
}
