package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is counted for one answer is bounded: as many are answered, one more is refused.
func TestWhatIsCountedIsBounded(t *testing.T) {
	const most = 4
	for name, c := range map[string]struct {
		path string
		one  func(o *testOffice, i int) // makes one more
		has  int                        // how many there are before
	}{
		"grants": {"/grantex/v1/grants?page=1", func(o *testOffice, _ int) {
			o.newTokens(o.T, o.tenants[0], o.tenants[0].agent.ID, scopeOfOne, "1h")
		}, 1},
		"entries": {"/grantex/v1/budget/transactions/GRANT", func(o *testOffice, _ int) {
			o.does(o.T, 200, grantex, o.tenants[0].gx, "POST", "/v1/budget/debit",
				fmt.Sprintf(`{"grantId":%q,"amount":1}`, o.tenants[0].grant.ID))
		}, 1}, // the allocation
		"agents": {"/aip1/api/verifications", func(o *testOffice, i int) {
			o.does(o.T, 200, aip1, o.tenants[0].session, "POST", "/api/passports", fmt.Sprintf(
				`{"domain":"yourco.com","agent_name":"a%d","allowed_actions":["read_data"]}`, i))
		}, 0},
		"passports": {"/aip1/api/analytics", func(o *testOffice, _ int) {
			o.does(o.T, 201, grantex, o.tenants[0].gx, "POST", "/v1/passport/issue", fmt.Sprintf(
				`{"agentId":%q,"grantId":%q,"allowedMPPCategories":["inference"],
				"maxTransactionAmount":{"amount":1,"currency":"USDC"}}`, o.tenants[0].agent.ID, o.tenants[0].grant.ID))
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newTestOffice(t)
			o.server.MostCounted = most
			x := o.tenants[0]
			by, path := x.session, c.path
			if c.path[:4] == "/gra" {
				by = x.gx
			}
			if name == "entries" {
				path = "/grantex/v1/budget/transactions/" + x.grant.ID
			}
			ask := func() answer { return o.ask(bearer(by), "GET", path, "") }
			for i := range most - c.has {
				c.one(o, i)
			}
			if c.has > 0 { // the passports of the agents, and one of an agent key, are more than they
				a := ask()
				require.Equal(t, 200, a.status, a.body)
			}
			c.one(o, most)
			a := ask()
			requireShape(t, systemOf(path), a, 400)
			require.Equal(t, "TOO_MANY", a.object(t)["code"])
			require.Contains(t, a.body, "more than 4 "+name)
		})
	}
}
