package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every call, four times at the same time: each answer is a good one or an error in the shape of the system, never an
// internal one, and at least one is good. Which of them may be good together is for the tests of each.
func TestEveryCallAtTheSameTime(t *testing.T) {
	o := newTestOffice(t)
	goods := o.goods()
	table := routes()
	// What ends something comes last.
	slices.SortStableFunc(table, func(a, b route) int { return ends(a) - ends(b) })
	for _, rt := range table {
		g, built := goods[nameOf(rt)]
		if !built {
			continue
		}
		t.Run(nameOf(rt), func(t *testing.T) {
			o.clock.Advance(100 * time.Millisecond) // lists that have changed are published later than before
			own := o.tenants[0].of(rt)
			want := max(rt.ok, http.StatusOK)
			if g.status != 0 {
				want = g.status
			}
			one := func() answer { return o.ask(own, methodOf(rt), g.path, g.body) }
			well := 0
			for _, a := range atOnce(one, one, one, one) {
				if a.status == want {
					well++
					continue
				}
				require.Less(t, a.status, 500, a.body)
				if strings.Contains(a.body, `"existing_instance_id"`) { // P6: it names the one that is there
					require.Equal(t, "EXISTS", a.object(t)["code"])
					continue
				}
				requireShape(t, rt.system, a, a.status)
			}
			require.NotZero(t, well)
			if rt.path == "/api/org/status" { // what is stopped goes on
				require.Equal(t, 200, o.ask(own, "POST", g.path, `{"status":"active"}`).status)
			}
		})
	}
}

// ends says how late a call is made.
func ends(rt route) int {
	return slices.Index([]string{
		"/api/suspend", "/api/reinstate", "/api/revoke", "/api/org/update", "/api/org/status",
	}, rt.path) + 1
}
