package migrate_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
	"github.com/safeconduct/safeconduct/passport/registry/migrate/sample"
)

func read(system, export string) (list []registry.ImportRecord, err error) {
	for rec, err := range migrate.Readers()[system](strings.NewReader(export), migrate.Options{}) {
		if err != nil {
			return list, err
		}
		list = append(list, rec)
	}
	return list, nil
}

// The exports are always the same, and have a thousand records.
func TestSamples(t *testing.T) {
	require.ElementsMatch(t, slices.Collect(maps.Keys(migrate.Readers())), slices.Collect(maps.Keys(sample.Exports())))
	for system, write := range sample.Exports() {
		var one, two bytes.Buffer
		require.NoError(t, write(&one))
		require.NoError(t, write(&two))
		require.Equal(t, one.Bytes(), two.Bytes(), system)
		list, err := read(system, one.String())
		require.NoError(t, err)
		require.Len(t, list, sample.Records, system)
	}
}

// A record is read exactly, or is said to be wrong: what might be a limit is not lost.
func TestReadersLoseNoLimit(t *testing.T) {
	const agent = `"id":"did:web:a.example:agents:b","domain":"a.example","name":"b","status":"active"`
	for export, wrong := range map[string]string{
		`{"agents":[{` + agent + `}]}`:                           "",
		`{"agents":[{` + agent + `,"max_spend":5}]}`:             "max_spend",
		`{"agents":[{` + agent + `,"status":"revoked"}]}`:        "not strict JSON",
		`{"agents":[{` + agent + `,"allowed_actions":"all"}]}`:   "allowed_actions",
		`{"agents":[{` + agent + `,"monetary_limit_txn":1e3}]}`:  "monetary_limit_txn",
		`{"agents":[{` + agent + `,"monetary_limit_txn":true}]}`: "monetary_limit_txn",
		`{"agents":[{` + agent + `,"Status":"active"}]}`:         "Status",
		`{"agents":["b"]}`: "want an object",
	} {
		list, err := read("aip1", export)
		require.NoError(t, err, export)
		require.Len(t, list, 1)
		if wrong == "" {
			require.NoError(t, list[0].Wrong)
			continue
		}
		require.ErrorContains(t, list[0].Wrong, wrong, export)
	}
	for _, export := range []string{``, `[]`, `{}`, `{"agents":{}}`, `{"agents":[{}`, `{"agents":[]`, `{"other":[]}`} {
		_, err := read("aip1", export)
		require.ErrorContains(t, err, "migrate: the export", export)
	}
}

// G1: a passport of Grantex with its credential is issued anew for what it allows, in its own words.
func TestG1GrantexCredential(t *testing.T) {
	list, err := read("grantex", `{"passports":[{"passportId":"urn:grantex:passport:1","agentId":"ag_1","grantId":"grnt_1",
		"status":"active","expiresAt":"2026-12-01T00:00:00Z","credential":{"id":"urn:grantex:passport:1",
		"issuer":"did:web:issuer.example","credentialSubject":{"allowedMPPCategories":["compute"],"paymentRails":["tempo"],
		"maxTransactionAmount":{"amount":49.95,"currency":"USDC"}}}}]}`)
	require.NoError(t, err)
	require.NoError(t, list[0].Wrong)
	p := list[0].Passport
	require.True(t, p.Anew)
	require.Equal(t, "did:web:issuer.example", p.Issuer)
	require.Equal(t, []string{"compute"}, p.Categories)
	require.Equal(t, "49.95 USDC", p.MaxTransaction.String())
}

func FuzzReaders(f *testing.F) {
	for system := range migrate.Readers() {
		f.Add(system, `{"agents":[{"id":"x","status":"active"}],"data":[{"agent_id":"a","capabilities":[{"id":"b","params":{}}]}]}`)
		f.Add(system, `{"owners":[{"owner_id":"o"}],"grants":[{"budget":{"initialBudget":"1"}}],"agent_keys":[{"scopes":[1]}]}`)
	}
	f.Fuzz(func(t *testing.T, system, export string) {
		if migrate.Readers()[system] == nil {
			return
		}
		n := 0
		for _, err := range migrate.Readers()[system](strings.NewReader(export), migrate.Options{}) {
			if n++; err != nil {
				break
			}
		}
		if n > len(export)+1 { // and the error
			t.Fatal("more records than bytes")
		}
	})
}
