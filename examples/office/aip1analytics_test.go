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

// A8: the score of a verification is the one of its moment, and not that of today.
func TestA8ScoreOfTheMoment(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	o.does(t, 200, aip1, x.session, "POST", "/api/passports",
		`{"domain":"yourco.com","agent_name":"reader","allowed_actions":["read_data"]}`)
	for range 3 {
		o.does(t, 200, aip1, x.kya, "POST", "/api/verify", `{"agent_id":"did:web:yourco.com:agents:reader","action":"read_data"}`)
		o.clock.Advance(time.Second)
	}
	var scores []float64
	for _, v := range o.does(t, 200, aip1, x.session, "GET", "/api/verifications", "")["verifications"].([]any) {
		scores = append(scores, v.(map[string]any)["trust_score"].(float64))
	}
	require.Len(t, scores, 3)
	require.Equal(t, 0.05, scores[2], "of an agent without a record")
	require.Greater(t, scores[1], scores[2])
	require.Greater(t, scores[0], scores[1])
}
