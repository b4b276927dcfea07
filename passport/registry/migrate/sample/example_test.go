package sample_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
	"github.com/safeconduct/safeconduct/passport/registry/migrate/sample"
)

// exampleRead reads an export, and says how many of its records are of which kind, and which is the first that cannot
// be read. registry.Import refuses some more, such as those that name an owner who did not come over.
func exampleRead(write func(io.Writer) error, read migrate.Reader) {
	var export bytes.Buffer
	if err := write(&export); err != nil {
		log.Fatal(err)
	}
	found := map[string]int{}
	var first *registry.Error
	for rec, err := range read(&export, migrate.Options{}) {
		switch {
		case err != nil:
			log.Fatal(err)
		case rec.Wrong != nil:
			found["cannot be read"]++
			if first == nil && !errors.As(rec.Wrong, &first) {
				log.Fatal(rec.Wrong)
			}
		case rec.Became != nil:
			found["revocations"]++
		case rec.Profile != nil:
			found["records"]++
		case rec.Passport != nil:
			found["passports"]++
		case rec.NewAgent != nil:
			found["agents"]++
		case rec.Grant != nil:
			found["grants"]++
		case rec.NewOwner != nil:
			found["owners"]++
		case rec.Consent != nil:
			found["consents"]++
		case rec.AgentKey != nil, rec.Key != nil:
			found["keys"]++
		}
	}
	fmt.Println(found)
	fmt.Println("such as:", strings.TrimSpace(first.Member+" "+first.Detail))
}

// AIP-1 has agents, and what its client remembers of revocations.
func ExampleAIP1() {
	exampleRead(sample.AIP1, migrate.AIP1)
	// Output:
	// map[cannot be read:27 records:963 revocations:10]
	// such as: id "did:web:yourco.com:agents:somebody-else" is not did:web:<domain>:agents:<name> of its domain and name
}

// APort has owners, and passports, which are records here.
func ExampleAPort() {
	exampleRead(sample.APort, migrate.APort)
	// Output:
	// map[cannot be read:17 owners:50 records:933]
	// such as: it is not strict JSON
}

// Grantex has agents, grants, passports and keys.
func ExampleGrantex() {
	exampleRead(sample.Grantex, migrate.Grantex)
	// Output:
	// map[agents:296 cannot be read:10 grants:397 keys:9 passports:288]
	// such as: did no key of the agent is known: add it to the list keys
}

// A portal has owners, what they have signed, and agent keys. Personal keys stay with their owners.
func ExampleEProspera() {
	exampleRead(sample.EProspera, migrate.EProspera)
	// Output:
	// map[cannot be read:15 consents:79 keys:809 owners:97]
	// such as: did want a DID, whose keys sign for the owner
}

// Each export has a thousand records, and a reader of the same name.
func ExampleExports() {
	exports, readers := sample.Exports(), migrate.Readers()
	for _, system := range slices.Sorted(maps.Keys(exports)) {
		var export bytes.Buffer
		if err := exports[system](&export); err != nil {
			log.Fatal(err)
		}
		n := 0
		for _, err := range readers[system](&export, migrate.Options{}) {
			if err != nil {
				log.Fatal(err)
			}
			n++
		}
		fmt.Println(system, n, "records")
	}
	// Output:
	// aip1 1000 records
	// aport 1000 records
	// eprospera 1000 records
	// grantex 1000 records
}
