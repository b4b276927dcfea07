package sample

import (
	"fmt"
	"io"
	"strings"
)

// AIP1 writes agents as GET /api/passports lists them, 990, and ten revocations as its client keeps them.
func AIP1(w io.Writer) error {
	faults := []fault{
		set("id", "did:web:yourco.com:agents:somebody-else"),
		set("id", "agent-1"),
		set("name", "Bot with spaces"),
		set("name", strings.Repeat("n", 101)),
		set("domain", "elsewhere.example"),
		set("status", "paused"),
		without("status"),
		set("monetary_limit_txn", "ten"),
		set("monetary_limit_txn", -5),
		set("monetary_limit_txn", 10.123456789012345678901),
		set("currency", "dollars"),
		set("allowed_actions", "read_data"),
		set("allowed_actions", []string{"read data"}),
		set("denied_actions", []string{"*drop*"}),
		set("created_at", "yesterday"),
		set("time_window", object{"start": "08:00", "end": "18:00"}),
		set("geo_restriction", "DE,FR"),
	}
	agents := list{name: "agents"}
	actions := [][]string{{"read_data"}, {"read_data", "write_data"}, {"transfer_funds", "read_invoice"}, {"notify"}}
	for i := range Records - 10 {
		name := fmt.Sprintf("bot-%d", i)
		o := object{
			"id": "did:web:yourco.com:agents:" + name, "domain": "yourco.com", "name": name, "status": "active",
			"trust_score": 0.9, "allowed_actions": actions[i%len(actions)], "monetary_limit_txn": 10 + i%90,
			"revoked": false, "created_at": at(i),
		}
		switch {
		case i%100 == 50:
			o["status"], o["revoked"], o["reason"] = "revoked", true, "key lost"
		case i%100 == 60:
			o["status"], o["suspended_until"] = "suspended", "2100-01-01T00:00:00Z"
		case i%100 == 70:
			o["allowed_actions"] = []string{}
		case i%100 == 80:
			o["monetary_limit_txn"] = 0
		case i == 500:
			o["id"], o["name"] = "did:web:yourco.com:agents:bot-1", "bot-1" // twice, and not alike
		}
		faulty(i, o, 29, faults)
		agents.records = append(agents.records, o)
	}
	revocations := list{name: "revocations"}
	for i := range 10 {
		o := object{
			"agent_id": fmt.Sprintf("did:web:yourco.com:agents:bot-%d", 101+i), "reason": "manual_revocation",
			"revoked_at": at(800 + i), "revoked_by": "ops", "scope": "global",
		}
		if i%2 == 1 {
			o["reason"], o["suspended_until"] = "circuit_breaker", "2100-01-01T00:00:00Z"
		}
		revocations.records = append(revocations.records, o)
	}
	return written(w, agents, revocations)
}
