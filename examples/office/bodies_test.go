package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzBodies sends bodies to every call with the credential of a tenant: whatever they say, the answer is one of the
// system, never an internal error, and says nothing of the other tenant. An office serves a hundred inputs and is then
// made anew, so an input that fails does so by itself, or with few others.
func FuzzBodies(f *testing.F) {
	const most = 4 << 10
	table := routes()
	seeds := openOffice(f)
	seeds.T = &testing.T{}
	goods := seeds.goods()
	for i, rt := range table {
		g := goods[nameOf(rt)]
		_, query, _ := strings.Cut(g.path, "?")
		f.Add(uint8(i), query, g.body)
	}
	require.NoError(f, seeds.db.Close())
	var o *testOffice
	served := 0
	f.Fuzz(func(t *testing.T, row uint8, query, body string) {
		if len(body) > most || len(query) > most {
			return
		}
		if strings.ContainsFunc(query, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			return // it would end the line of the request
		}
		if served++; o == nil || served%100 == 0 {
			if o != nil {
				require.NoError(t, o.db.Close())
			}
			o = openOffice(t)
		}
		rt := table[int(row)%len(table)]
		x, other := o.tenants[0], o.tenants[1]
		// What a body names is there: ids of the seeds stand for those of this office.
		body = strings.NewReplacer(seeds.tenants[0].org.ID, x.org.ID, seeds.tenants[0].agent.ID, x.agent.ID,
			seeds.tenants[0].grant.ID, x.grant.ID, seeds.tenants[0].owner.ID, x.owner.ID).Replace(body)
		path := rt.system.prefix() + strings.NewReplacer("{id}", x.grant.ID, "{pack}", "messaging.message.send.v1").
			Replace(rt.path)
		r, err := http.NewRequest(methodOf(rt), path+"?"+query, nil)
		if err != nil {
			return
		}
		a := o.ask(x.of(rt), r.Method, r.URL.String(), body)
		require.True(t, a.status < 500 || a.status == 501, "%s: %d %s", nameOf(rt), a.status, a.body)
		if a.status != http.StatusNoContent {
			require.True(t, json.Valid([]byte(a.body)), a.body)
		}
		for _, own := range []string{other.org.ID, other.agent.ID, other.grant.ID, other.owner.ID, other.orgID} {
			require.NotContains(t, a.body, own)
		}
	})
}
