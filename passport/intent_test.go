package passport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

const goodIntent = `{"id":"urn:safeconduct:intent:01JD7Z3F0K9Q6T4V8XW2Y5N1RB","type":"AgentIntent",` +
	`"passportId":"urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB","action":"payments.charge",` +
	`"resource":"https://shop.example/cart/1","transactionAmount":{"amount":"12.50","currency":"USD"},` +
	`"payee":"acct_1","category":"compute","rail":"card","region":"DE-BY","parameters":{"rows":5,"list":[],` +
	`"none":null},"bodyDigest":"uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA","issuedAt":"2026-11-21T09:00:00Z","expiresAt":"2026-11-21T09:05:00Z"}`

func readIntent(tb testing.TB, edits map[string]any) (*passport.Intent, error) {
	tb.Helper()
	return passport.ReadIntentUnverified(object(tb, edited(tb, goodIntent, edits)))
}

func TestIntentIsRead(t *testing.T) {
	in, err := readIntent(t, nil)
	require.NoError(t, err)
	require.Equal(t, `{"list":[],"none":null,"rows":5}`, canonical(in.Attributes))
	in.Attributes = credential.Value{}
	require.Equal(t, &passport.Intent{
		ID: "urn:safeconduct:intent:01JD7Z3F0K9Q6T4V8XW2Y5N1RB", PassportID: "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB",
		Act: passport.Act{Action: "payments.charge", Resource: "https://shop.example/cart/1",
			Amount: passport.MustMoney("12.50", "USD"), Payee: "acct_1", Category: "compute", Rail: "card", Region: "DE-BY"},
		BodyDigest: digestA, IssuedAt: instant, ExpiresAt: instant.Add(5 * time.Minute),
	}, in)
	for _, member := range []string{"resource", "transactionAmount", "payee", "category", "rail", "region", "parameters", "bodyDigest"} {
		_, err := readIntent(t, map[string]any{"/" + member: gone{}})
		require.NoError(t, err, "%s may be absent", member)
	}
	in, err = readIntent(t, map[string]any{"/parameters": raw("{}")})
	require.NoError(t, err)
	require.True(t, in.Attributes.Exists(), "empty is not absent")
	in, err = readIntent(t, map[string]any{"/transactionAmount": raw(`{"amount":"1","currency":"` + dai + `","decimals":0}`)})
	require.NoError(t, err)
	require.Zero(t, in.Amount.Decimals())
}

func TestIntentRefused(t *testing.T) {
	for _, member := range []string{"id", "type", "passportId", "action", "issuedAt", "expiresAt"} {
		_, err := readIntent(t, map[string]any{"/" + member: gone{}})
		require.ErrorIs(t, err, code.EnvelopeMalformed)
		require.ErrorContains(t, err, "an intent has id, type")
	}
	for member, values := range map[string][]any{
		"id": {"urn:safeconduct:intent:01jd7z3f0k9q6t4v8xw2y5n1rb", "urn:safeconduct:intent:",
			"urn:other:intents:abcde:01JD7Z3F0K9Q6T4V8XW2Y5N1RB",
			"urn:safeconduct:intent:01JD7Z3F0K9Q6T4V8XW2Y5N1RB0", "urn:safeconduct:intent:81JD7Z3F0K9Q6T4V8XW2Y5N1RB", someID},
		"type":                       {"AIAgent", "agentIntent", []string{"AgentIntent"}},
		"passportId":                 {"x", 1},
		"action":                     {"payments.*", "*", "A", "", 1, "pay\u202ements"},
		"resource":                   {"", 1, "a b", "a\u200b", []string{"a"}},
		"payee":                      {"", 1, "a\n", nil},
		"category":                   {"", 1, "a\x00"},
		"rail":                       {"", 1, "a\u00ad"},
		"region":                     {"", "EU", "de", 1},
		"parameters":                 {raw("[1]"), "x", 1, nil, true},
		"bodyDigest":                 {"", "abc", "sha256:abc", 1, digestA + "A"},
		"issuedAt":                   {"2026-11-21", "2026-11-21T09:00:00", "2026-11-21t09:00:00z", 1, ""},
		"expiresAt":                  {"2026-11-21T09:00:00Z", "2026-11-21T08:59:59Z", "never"},
		"transactionAmount":          {raw("{}"), "12.50", 12, raw(`[{"amount":"1","currency":"USD"}]`)},
		"transactionAmount/amount":   {"1e3", "-1", "12.505", 1},
		"transactionAmount/currency": {"usd", "", 1},
		"transactionAmount/per":      {"day"},
		"amount":                     {"1"},
		"Action":                     {"a"},
		"evil":                       {"x"},
	} {
		for _, v := range values {
			in, err := readIntent(t, map[string]any{"/" + member: v})
			require.ErrorIs(t, err, code.EnvelopeMalformed, "%s = %v", member, v)
			require.Nil(t, in)
		}
	}
	for _, text := range []string{"[]", "1", `"x"`, "null", "true", "{}"} {
		_, err := passport.ReadIntentUnverified(object(t, text))
		require.ErrorIs(t, err, code.EnvelopeMalformed, text)
	}
	_, err := passport.ReadIntentUnverified(credential.Value{})
	require.ErrorIs(t, err, code.EnvelopeMalformed)
}

func FuzzReadIntent(f *testing.F) {
	f.Add(goodIntent)
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := credential.ParseValue(text)
		if err != nil {
			return
		}
		in, err := passport.ReadIntentUnverified(v)
		if err != nil {
			require.ErrorIs(t, err, code.EnvelopeMalformed)
			return
		}
		require.NoError(t, passport.CheckAction(in.Action))
		require.True(t, in.ExpiresAt.After(in.IssuedAt))
	})
}
