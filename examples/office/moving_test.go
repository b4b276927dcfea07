package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// The migration pages, followed with an export of 1,000 records: what came over, what did not, and why.
func TestMoveAThousandRecords(t *testing.T) {
	for _, c := range []struct {
		source system
		list   string
		record func(o *testOffice, i int) map[string]any
		want   []string
	}{
		{aip1, "agents", func(_ *testOffice, i int) map[string]any {
			r := map[string]any{
				"id": fmt.Sprintf("did:web:yourco.com:agents:bot-%d", i), "domain": "yourco.com",
				"name": fmt.Sprintf("bot-%d", i), "status": "active", "trust_score": 0.9,
				"allowed_actions": []string{"read_data"}, "monetary_limit_txn": 10, "revoked": false,
			}
			switch i % 100 {
			case 1:
				r["status"] = "revoked"
			case 2:
				r["status"] = "suspended"
			case 3:
				r["name"] = "Bot with spaces"
			}
			return r
		}, []string{
			"970 came over",
			`10 did not: BAD_REQUEST: AgentName: "Bot with spaces": want 1 to 100 of abcdefghijklmnopqrstuvwxyz0123456789._-`,
			"10 did not: it is revoked there: that is final",
			"10 did not: it is suspended there: bring it when that has ended",
		}},
		{aport, "data", func(o *testOffice, i int) map[string]any {
			r := map[string]any{
				"agent_id": fmt.Sprintf("agt_%d", i), "name": fmt.Sprintf("n%d", i), "role": "agent", "description": "d",
				"owner_id": "ap_user_there", "capabilities": []any{map[string]any{"id": "data.export"}},
				"limits": map[string]any{"max_export_rows": 100}, "regions": []string{"US"}, "status": "draft",
				"assurance_level": "L4KYC",
			}
			switch i % 100 {
			case 1:
				r["status"] = "revoked"
			case 2:
				r["status"] = "suspended"
			case 3:
				r["owner_id"] = "ap_user_gone"
			case 4:
				r["limits"] = map[string]any{"max_export_rows": 100, "colour": "red"}
			}
			return r
		}, []string{
			"970 came over",
			`10 did not: BAD_REQUEST: Limits: "colour": want a whole number named max_<attribute> or ` +
				"<name>_per_minute, _hour, _day, or a boolean named allow_<attribute>",
			"10 did not: it is revoked there: that is final",
			"10 did not: its owner is not known here",
		}},
	} {
		t.Run(string(c.source), func(t *testing.T) {
			// The rates are the usual ones: the program waits when it is told to.
			o := newTestOffice(t, func(c *worldConfig) { c.rates = registry.Rates() })
			x := o.tenants[0]
			server := httptest.NewServer(o.server)
			defer server.Close()
			var records []any
			for i := range 1000 {
				records = append(records, c.record(o, i))
			}
			export, err := json.Marshal(map[string]any{c.list: records})
			require.NoError(t, err)
			waited := 0
			m := moving{
				source: c.source, base: server.URL + c.source.prefix(), token: x.session,
				owners: map[string]string{"ap_user_there": x.owner.ID},
				wait: func(_ context.Context, d time.Duration) error {
					waited++
					o.clock.Advance(d)
					return nil
				},
			}
			got, err := move(ctx, server.Client(), m, export)
			require.NoError(t, err)
			require.Equal(t, c.want, got.lines())
			require.Positive(t, waited)
			before := o.events()
			again, err := move(ctx, server.Client(), m, export)
			require.NoError(t, err)
			if c.source == aport {
				require.Equal(t, got, again)
			} else {
				require.Zero(t, again.over, "A1: an agent's key is new, so it is not made again")
			}
			require.Equal(t, before, o.events(), "a second run makes nothing twice")
		})
	}
	_, err := move(ctx, nil, moving{source: grantex}, nil)
	require.Error(t, err)
}
