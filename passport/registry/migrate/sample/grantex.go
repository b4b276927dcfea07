package sample

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
)

// key is the key pair of somebody in an export.
func key(name string) *did.KeyPair {
	seed := sha256.Sum256([]byte("safeconduct sample " + name))
	k, _ := did.NewKeyPair(ed25519.NewKeyFromSeed(seed[:])) // no seed gives a key that is refused
	return k
}

// id is an id of the form that sorts by time.
func id(prefix string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", prefix, i))
	var u ulid.ULID
	_ = u.SetTime(ulid.Timestamp(at(i))) // it is long before the year 10889
	copy(u[6:], sum[:])
	return prefix + u.String()
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// far is when grants end that have not ended.
const far = "2099-12-31T00:00:00Z"

// Grantex writes 300 agents with the DIDs of their keys, 400 grants, 290 passports and 10 API keys. The passports
// lived for a day, and have ended.
func Grantex(w io.Writer) error {
	keys, agents := list{name: "keys"}, list{name: "agents"}
	ofAgents := []fault{
		set("agentId", "ag_without_key"), set("status", "banned"), set("scopes", []string{"payments mpp"}),
		set("createdAt", "2026"), set("spendingPolicy", object{"max": 5}),
	}
	for i := range 300 {
		agent := id("ag_", i)
		keys.records = append(keys.records, object{"agentId": agent, "did": key(agent).DID().String()})
		o := object{
			"agentId": agent, "did": "did:grantex:" + agent, "developerId": "dev_1", "name": fmt.Sprintf("Agent %d", i),
			"description": "buys compute", "scopes": []string{"payments:mpp:*", "calendar:read"}, "status": "active",
			"redirectUris": []string{}, "resourceServers": []string{}, "createdAt": at(i), "updatedAt": at(i + 1),
		}
		switch i % 50 {
		case 10:
			o["status"], o["statusReason"] = "suspended", "on holiday"
		case 30:
			o["status"] = "revoked"
		}
		if i >= 291 && i-291 < len(ofAgents) { // which have no passports
			ofAgents[i-291](o)
		}
		agents.records = append(agents.records, o)
	}
	grants := list{name: "grants"}
	ofGrants := []fault{
		set("agentId", "ag_gone"), set("scopes", []string{}), set("scopes", []string{"email:send"}),
		set("principalId", "Alice Smith"), without("expiresAt"), set("parentGrantId", "grnt_gone"),
		set("budget", object{"grantId": "x", "initialBudget": "10", "remainingBudget": "20", "currency": "USD"}),
		set("budget", object{"grantId": "x", "initialBudget": "0", "remainingBudget": "0", "currency": "USD"}),
		set("parentGrantId", id("grnt_", 24)), // which has ended
	}
	for i := range 400 {
		agent := id("ag_", i%300)
		o := object{
			"grantId": id("grnt_", i), "agentId": agent, "agentDid": "did:grantex:" + agent,
			"principalId": "user_alice", "developerId": "dev_1",
			"scopes":   []string{"payments:mpp:inference", "payments:mpp:compute"},
			"issuedAt": at(i), "expiresAt": far, "delegationDepth": 0, "status": "active",
		}
		switch i % 20 {
		case 3:
			o["status"], o["revokedAt"] = "revoked", at(i+1)
		case 4:
			o["status"], o["expiresAt"] = "expired", at(i+1)
		case 5, 6:
			o["budget"] = object{
				"id": id("bdg_", i), "grantId": o["grantId"], "initialBudget": "1000.00", "remainingBudget": "250.50",
				"currency": "USDC",
			}
		}
		if i > 300 && i%10 == 1 && i/10-30 < len(ofGrants) { // likewise
			ofGrants[i/10-30](o)
		}
		grants.records = append(grants.records, o)
	}
	passports := list{name: "passports"}
	ofPassports := []fault{
		set("grantId", "grnt_gone"), set("agentId", id("ag_", 1)), without("expiresAt"), set("expiresAt", far),
		set("credential", object{"id": "urn:grantex:passport:another"}), set("maxAmount", 5),
		func(o object) { o["status"], o["expiresAt"] = "active", far },
	}
	for i := range 290 {
		ends := at(i).Add(24 * time.Hour)
		o := object{
			"passportId": id("urn:grantex:passport:", i), "agentId": id("ag_", i), "grantId": id("grnt_", i),
			"status": "expired", "expiresAt": ends, "createdAt": at(i),
		}
		if i%20 == 7 {
			o["status"] = "revoked"
		}
		if i%35 == 34 && i/35 < len(ofPassports) {
			ofPassports[i/35](o)
		}
		passports.records = append(passports.records, o)
	}
	api := list{name: "apiKeys"}
	for i := range 10 {
		o := object{
			"id": fmt.Sprintf("key_%d", i), "name": fmt.Sprintf("server %d", i), "keyPrefix": "gx_live_",
			"keyHash": hashOf(fmt.Sprintf("gx_live_sample_%d", i)), "createdAt": at(i),
		}
		switch i {
		case 1:
			o["keyHash"] = "gx_live_a_secret_that_nobody_should_export"
		case 2:
			o["keyHash"] = "$2b$10$a.slow.hash.by.which.no.key.is.found"
		case 3:
			o["keyHash"] = hashOf("gx_live_sample_0")
		case 4:
			o["mode"] = "test"
		case 5:
			o["revokedAt"] = at(40)
		case 6:
			o["name"] = ""
		}
		api.records = append(api.records, o)
	}
	return written(w, keys, agents, grants, passports, api)
}
