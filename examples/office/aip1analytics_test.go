package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A8: decisions are counted by the hour, those of the caller's own passports alone, though another tenant has an agent
// of the same DID.
func TestA8Hourly(t *testing.T) {
	o := newTestOffice(t)
	const agent = "did:web:yourco.com:agents:reader"
	create := `{"domain":"yourco.com","agent_name":"reader","allowed_actions":["read_data"]}`
	ask := func(i int, action string) {
		t.Helper()
		o.does(t, 200, aip1, o.tenants[i].kya, "POST", "/api/verify", `{"agent_id":"`+agent+`","action":"`+action+`"}`)
	}
	hours := func(i int) map[string][3]float64 {
		t.Helper()
		list := o.does(t, 200, aip1, o.tenants[i].session, "GET", "/api/analytics", "")["hourly"].([]any)
		require.Len(t, list, hoursShown)
		some := map[string][3]float64{}
		for _, one := range list {
			m := one.(map[string]any)
			require.Len(t, m, 4)
			if n := m["total"].(float64); n > 0 {
				some[m["hour"].(string)] = [3]float64{n, m["passed"].(float64), m["failed"].(float64)}
			}
		}
		return some
	}
	for i := range o.tenants {
		o.does(t, 200, aip1, o.tenants[i].session, "POST", "/api/passports", create)
	}
	require.Empty(t, hours(0))
	ask(0, "read_data")
	ask(0, "read_data")
	ask(0, "delete_data")
	ask(1, "read_data")
	o.clock.Advance(time.Hour)
	ask(0, "read_data")
	require.Equal(t, map[string][3]float64{
		"2026-11-23T09:00:00Z": {3, 2, 1}, "2026-11-23T10:00:00Z": {1, 1, 0},
	}, hours(0))
	require.Equal(t, map[string][3]float64{"2026-11-23T09:00:00Z": {1, 1, 0}}, hours(1))
	for i, n := range []int{4, 1} {
		m := o.does(t, 200, aip1, o.tenants[i].session, "GET", "/api/verifications?agent_id="+agent, "")
		require.Len(t, m["verifications"], n, "another tenant's decisions are not shown")
	}
	o.clock.Advance(22 * time.Hour)
	require.Len(t, hours(0), 2, "of a day")
	o.clock.Advance(time.Hour)
	require.Len(t, hours(0), 1)
}
