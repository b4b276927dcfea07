package oap_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// schemaPassport is a passport of the published schema with a member of its limits
// and an instant.
func schemaPassport(limits, created string) string {
	return `{"passport_id":"2618531c-db90-47c7-bd82-1ad652bc9b37","kind":"template","spec_version":"oap/1.0",` +
		`"owner_id":"org_1","owner_type":"org","status":"active","assurance_level":"L2","capabilities":[],` +
		`"limits":{` + limits + `},"regions":["US"],"created_at":"` + created + `",` +
		`"updated_at":"2026-11-28T06:00:00Z","version":"1.0.0"}`
}

// P14: every member of limits that the published schema describes, as it describes
// it, in both readings: ajv says the same of each.
func TestP14LimitsOfTheSchema(t *testing.T) {
	whole, amount := "0 -1 1.5 \"1\" null", "-1 1.5 \"1\" null"
	flags, texts := "0 \"true\" null", "\"a\" {} null [1] [null]"
	recipients := `"a" {} null [] [1] ["a",{"id":"b"}] [{}] [{"id":1}] [{"id":"a","limits":1}] ` +
		`[{"id":"a","limits":{"currency":"usd"}}] [{"id":"a","limits":{"max_amount":-1}}] ` +
		`[{"id":"a","limits":{"daily_cap":"5"}}]`
	for path, c := range map[string]struct{ good, bad string }{
		"finance.payment.refund/currency_limits/USD/max_per_tx": {"0 1", amount},
		"finance.payment.refund/currency_limits/USD/daily_cap":  {"0 1", amount},
		"finance.payment.refund/reason_codes":                   {`[] ["a"]`, texts},
		"finance.payment.refund/idempotency_required":           {"true false", flags},
		"data.export/max_rows":                                  {"1 5", whole},
		"data.export/allow_pii":                                 {"true false", flags},
		"data.export/allowed_collections":                       {`[] ["a"]`, texts},
		"messaging.send/msgs_per_min":                           {"1 5", whole},
		"messaging.send/msgs_per_day":                           {"1 5", whole},
		"messaging.send/allowed_recipients": {`["a","b"] [{"id":"a"}] ` +
			`[{"id":"a","limits":{"currency":"USD","max_amount":0,"daily_cap":5,"x":1}}]`, recipients},
		"messaging.send/approval_required":                     {"true false", flags},
		"payments.payout/supported_currencies":                 {`[] ["USD","EUR"]`, texts + ` ["usd"] ["USDC"] [""]`},
		"payments.payout/currency_limits/EUR/max_per_tx":       {"0 1", amount},
		"payments.payout/currency_limits/EUR/max_daily_amount": {"0 1", amount},
		"payments.payout/allowed_destination_types":            {`[] ["a"]`, texts},
		"payments.payout/allowed_recipients":                   {`["a"] [{"id":"a"}]`, recipients},
		"payments.payout/approval_required":                    {"true false", flags},
		"payments.payout/max_payouts_per_day":                  {"1 5", whole},
		"payments.payout/compliance_checks_required":           {"true false", flags},
		"repo.release.publish/allowed_branches":                {`[] ["a"]`, texts},
		"repo.release.publish/max_releases_per_day":            {"1 5", whole},
		"repo.release.publish/require_signed_artifacts":        {"true false", flags},
	} {
		names := strings.Split(path, "/")
		says := func(r oap.Reading, value string) bool {
			limits := `"` + strings.Join(names, `":{"`) + `":` + value + strings.Repeat("}", len(names)-1)
			_, err := oap.ParsePassport([]byte(schemaPassport(limits, "2026-11-28T06:00:00Z")), r)
			return err == nil
		}
		for _, r := range []oap.Reading{oap.Strict, oap.Compatible} {
			for value := range strings.FieldsSeq(c.good) {
				require.True(t, says(r, value), "%s %s", path, value)
			}
			for value := range strings.FieldsSeq(c.bad) {
				require.False(t, says(r, value), "%s %s", path, value)
			}
		}
		require.True(t, says(oap.Compatible, "5.0") == says(oap.Compatible, "5"), "%s: 5.0 is an integer there", path)
	}
}

// P14: the format date-time as ajv-formats has it. The strict reading has one
// spelling, and what it takes ajv takes.
func TestP14DatesOfTheSchema(t *testing.T) {
	for at, ok := range map[string]bool{
		"2026-11-28T06:00:00Z": true, "2026-11-28T06:00:00.123456789012Z": true, "2026-11-28t06:00:00z": true,
		"2026-11-28 06:00:00Z": true, `2026-11-28\t06:00:00Z`: true, "2026-11-28\u202f06:00:00Z": true,
		"2026-11-28\u008506:00:00Z": false, "2026-11-28T06:00:00+02:00": true, "2026-11-28T06:00:00+0200": true,
		"2026-11-28T06:00:00+02": true, "2026-11-28T06:00:00+24:00": false, "2026-11-28T06:00:00+02:60": false,
		"2026-11-28T06:00:00,5Z": false, "2026-11-28T06:00:00.Z": false, "2026-11-28T06:00:00": false,
		"2026-11-28T06:00Z": false, "2026-11-28T24:00:00Z": false, "2026-11-28T06:00:60Z": false,
		"2026-11-28T23:59:60Z": true, "2026-11-28T23:59:61Z": false, "2026-11-28T22:59:60-01:00": true,
		"2026-11-29T00:59:60+01:00": true, "2026-11-28T23:59:60-01:00": false, "2026-02-30T06:00:00Z": false,
		"2024-02-29T06:00:00Z": true, "2026-11-28": false, " 2026-11-28T06:00:00Z": false,
		`2026-11-28T06:00:00Z\n`: false, "0000-01-01T06:00:00Z": true, "26-11-28T06:00:00Z": false,
	} {
		text := []byte(schemaPassport("", at))
		_, err := oap.ParsePassport(text, oap.Compatible)
		require.Equal(t, ok, err == nil, "%q: %v", at, err)
		if _, err := oap.ParsePassport(text, oap.Strict); err == nil {
			require.True(t, ok, at)
		}
	}
}

// P14: APort's tools lose a member __proto__ before they sign, so that anybody may
// add one. The strict reading refuses it.
func TestP14ThePrototypeIsNotSigned(t *testing.T) {
	key, public := testKey(1)
	vc := string(export(t, key, native()))
	added := strings.Replace(vc, `"credentialSubject":{`, `"credentialSubject":{"__proto__":{"status":"active"},`, 1)
	require.NotEqual(t, vc, added)
	require.NoError(t, oap.CredentialAsPeer([]byte(added), false, public))
	require.Error(t, readCredential(public)([]byte(added)))
}

// P14: a passport of the published schema names its template as the schema has it,
// one of the registry by the registry's id.
func TestP14LinksAreOfTheirDialect(t *testing.T) {
	spec := schemaPassport("", "2026-11-28T06:00:00Z")
	instance := strings.Replace(spec, `"kind":"template"`, `"kind":"instance","template_id":"ap_f4ddb85ffd6f317f"`, 1)
	registry := strings.Replace(instance, `"passport_id":"2618531c-db90-47c7-bd82-1ad652bc9b37"`, `"agent_id":"ap_1"`, 1)
	for text, ok := range map[string]bool{
		instance: false, registry: true,
		strings.Replace(instance, "ap_f4ddb85ffd6f317f", "2618531c-db90-47c7-bd82-1ad652bc9b38", 1): true,
	} {
		_, err := oap.ParsePassport([]byte(text), oap.Strict)
		require.Equal(t, ok, err == nil, "%v", err)
	}
}
