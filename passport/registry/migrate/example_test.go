package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// exampleShow says of each record what could not be read exactly, and what is another thing here.
func exampleShow(records migrate.Records) {
	for rec, err := range records {
		var wrong *registry.Error
		switch {
		case err != nil:
			log.Fatal(err)
		case errors.As(rec.Wrong, &wrong):
			fmt.Println(rec.ID, "is refused:", wrong.Member)
			fmt.Println("  because:", wrong.Detail)
		default:
			fmt.Println(rec.ID, rec.Status, rec.Lost)
		}
	}
}

// What may be a limit is not lost: an agent with a member that nobody here knows does not come over. And zero is zero.
func ExampleAIP1() {
	export := `{"agents": [
		{"id": "did:web:yourco.com:agents:reader", "domain": "yourco.com", "name": "reader", "status": "active",
		 "allowed_actions": ["read_data"], "monetary_limit_txn": 0},
		{"id": "did:web:yourco.com:agents:buyer", "domain": "yourco.com", "name": "buyer", "status": "active",
		 "allowed_actions": ["transfer_funds"], "max_per_week": 100}
	]}`
	exampleShow(migrate.AIP1(strings.NewReader(export), migrate.Options{}))
	// Output:
	// did:web:yourco.com:agents:reader active [monetary_limit_txn: zero is zero here, and no limit there]
	// did:web:yourco.com:agents:buyer is refused: max_per_week
	//   because: "max_per_week" is not known here: it might be a limit
}

// The limits of APort are bare numbers: whoever migrates says what they count.
func ExampleAPort() {
	export := `{"data": [{"agent_id": "agt_inst_1", "owner_id": "ap_user_1", "name": "refunder", "status": "active",
		"capabilities": [{"id": "finance.payment.refund"}], "limits": {"refund_amount_max_per_tx": 5000},
		"assurance_level": "L2"}]}`
	exampleShow(migrate.APort(strings.NewReader(export), migrate.Options{}))
	cents := registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits}
	for rec, err := range migrate.APort(strings.NewReader(export), migrate.Options{Money: cents}) {
		if err != nil || rec.Wrong != nil {
			log.Fatal(err, rec.Wrong)
		}
		fmt.Println(rec.Profile.Name, rec.Profile.Authority.SpendLimits, rec.Lost)
	}
	// Output:
	// agt_inst_1 is refused: limits
	//   because: what nothing here enforces does not come over
	// refunder [50.00 USD per transaction for finance.payment.refund] [assurance_level: it is attested here, and never set]
}

// Agents of Grantex have no key: the list keys says which each has made.
func ExampleGrantex() {
	export := `{"keys": [{"agentId": "ag_1", "did": "` + verifytest.Key("agent").DID().String() + `"}],
		"agents": [
			{"agentId": "ag_1", "name": "buyer", "status": "active", "scopes": ["payments:*"]},
			{"agentId": "ag_2", "name": "without a key", "status": "active", "scopes": ["payments:*"]}]}`
	exampleShow(migrate.Grantex(strings.NewReader(export), migrate.Options{}))
	// Output:
	// ag_1 active []
	// ag_2 is refused: did
	//   because: no key of the agent is known: add it to the list keys
}

// Agent keys come over by the hashes of their handles, so agents go on with those that they have.
func ExampleEProspera() {
	export := `{"agent_keys": [{"id": "agk_1", "owner": "usr_1", "name": "my assistant", "status": "active",
			"scopes": ["agent:person.details.read"], "hash": "sha256:` + strings.Repeat("0a", 32) + `"}],
		"personal_keys": [{"id": "sk_1", "owner": "usr_1"}]}`
	exampleShow(migrate.EProspera(strings.NewReader(export), migrate.Options{}))
	// Output:
	// agk_1 active []
	// sk_1 is refused: id
	//   because: a personal key stays with its owner: no agent may have one
}

// A tool has a reader for each system, rehearses, and tells people what would come of the records.
func ExampleTally() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	office, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
		Now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		log.Fatal(err)
	}
	org, err := office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Sorted(maps.Keys(migrate.Readers())))
	export := `{"agents": [
		{"id": "did:web:yourco.com:agents:one", "domain": "yourco.com", "name": "one", "status": "active",
		 "allowed_actions": ["read_data"], "monetary_limit_txn": 10},
		{"id": "did:web:yourco.com:agents:two", "domain": "yourco.com", "name": "two", "status": "active",
		 "allowed_actions": ["read_data"], "monetary_limit_txn": 0},
		{"id": "did:web:yourco.com:agents:three", "domain": "yourco.com", "name": "three", "status": "asleep"}
	]}`
	var tally migrate.Tally
	_, err = office.Import(ctx, registry.Root(), registry.Import{
		Source: "aip1", Org: org.ID, Report: tally.Add, // Apply: true brings them in
		Records: migrate.Readers()["aip1"](strings.NewReader(export), migrate.Options{}),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range tally.Lines() {
		fmt.Println(line)
	}
	// Output:
	// [aip1 aport eprospera grantex]
	// 1 came over as they are
	// 1 came over changed
	//   1 monetary_limit_txn: zero is zero here, and no limit there
	// 1 did not come over
	//   1 BAD_REQUEST status
	//     such as "did:web:yourco.com:agents:three": "asleep" is not known here
}
