package sample

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// APort writes 50 owners, and 950 passports as GET /api/passports lists them.
func APort(w io.Writer) error {
	capability := func(id string, params any) any { return object{"id": id, "params": params} }
	faults := []fault{
		set("owner_id", "ap_user_gone"),
		without("owner_id"),
		set("limits", object{"max_export_rows": 100, "colour": "red"}),
		set("limits", object{"max_export_rows": 1.5}),
		set("limits", object{"refund_amount_max_per_tx": 10.5}),
		set("regions", []string{"global"}),
		set("regions", "US"),
		set("status", "archived"),
		set("controller_type", "robot"),
		set("name", ""),
		set("name", strings.Repeat("n", 101)),
		set("description", strings.Repeat("d", 1001)),
		set("capabilities", []any{}),
		set("capabilities", []any{capability("data export", nil)}),
		set("capabilities", []any{capability("data.export", object{"max_rows": object{}})}),
		set("links", object{"homepage": "see our wiki"}),
		set("links", object{"homepage": "https://example.org", "wiki": "https://example.org/wiki"}),
		set("categories", make([]string, 17)),
		set("did", "agent-1"),
		set("expires_at", "2100-01-01T00:00:00Z"),
		set("pending_owner", object{"email": "new@example.org"}),
		set("mcp", object{"servers": []string{"https://mcp.example"}}),
	}
	owners := list{name: "owners"}
	for i := range 50 {
		owners.records = append(owners.records, object{
			"owner_id": fmt.Sprintf("ap_user_%d", i), "owner_type": "user", "name": fmt.Sprintf("User %d", i),
			"email": fmt.Sprintf("user%d@example.org", i), "created_at": at(i),
		})
	}
	passports := list{name: "data"}
	for i := range Records - len(owners.records) {
		o := object{
			"agent_id": fmt.Sprintf("agt_inst_%04d", i), "name": fmt.Sprintf("Agent %d", i), "role": "agent",
			"description": "exports what it is asked for", "owner_id": fmt.Sprintf("ap_user_%d", i%50),
			"controller_type": "user", "capabilities": []any{capability("data.export", object{"max_rows": 1000})},
			"limits": object{"max_export_rows": 100 + i, "allow_pii": false}, "regions": []string{"US"},
			"owner_type": "user", "status": "draft",
			"assurance_level": "L0", "claimed": true, "created_at": at(i), "updated_at": at(i + 1),
		}
		switch {
		case i%100 == 50:
			o["status"] = "revoked"
		case i%100 == 60:
			o["status"], o["did"] = "suspended", fmt.Sprintf("did:web:yourco.com:agents:a-%d", i)
		case i%10 == 7:
			o["status"], o["did"] = "active", fmt.Sprintf("did:web:yourco.com:agents:a-%d", i)
		case i%10 == 8:
			o["status"] = "active"
		case i%10 == 9:
			o["assurance_level"] = "L2"
		case i == 500:
			o["agent_id"] = "agt_inst_0001" // twice, and not alike
		}
		faulty(i, o, 29, faults)
		passports.records = append(passports.records, o)
	}
	passports.records[11] = json.RawMessage(`{"agent_id":"agt_inst_0011","status":"draft","status":"active"}`)
	return written(w, owners, passports)
}
