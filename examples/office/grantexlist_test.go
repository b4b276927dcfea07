package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// G12: the list of an organisation is made anew after the office has published another edition, and not before: anybody
// may ask for it, as often as they like.
func TestG12ListsAreMadeOnce(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	issued := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue",
		strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID).Replace(issueBody))
	list := listOf(issued)
	id := strings.TrimPrefix(list, "/v1/credentials/status/")
	bits := func() int {
		t.Helper()
		o.clock.Advance(time.Second)
		a := o.ask(nil, "GET", "/grantex"+list, "")
		require.Equal(t, 200, a.status, a.body)
		return set(t, a.body)
	}
	require.Equal(t, 0, bits())
	made := o.server.lists[id]
	require.GreaterOrEqual(t, len(made.editions), 2)
	for url, edition := range made.editions {
		require.NotNil(t, edition, url)
	}
	require.Equal(t, 0, bits())
	require.Same(t, made, o.server.lists[id], "the passports were not gone through again")

	organisation := func(status string) {
		h := with("Authorization", "Bearer "+x.orgKey, "X-Org-Key-Id", x.orgID)
		require.Equal(t, 200, o.ask(h, "POST", "/aport/api/org/status", `{"status":"`+status+`"}`).status)
	}
	organisation("suspended")
	require.Equal(t, 1, bits(), "a bit that is not the passport's own stops it")
	organisation("active")
	require.Equal(t, 0, bits())
	o.does(t, 200, grantex, x.gx, "POST", "/v1/passport/"+issued["passportId"].(string)+"/revoke", "")
	require.Equal(t, 1, bits())
	require.NotSame(t, made, o.server.lists[id])
}
