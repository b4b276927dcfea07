package passport_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

func withLimits(t *testing.T, limits string) string {
	return edited(t, largest(t), map[string]any{"/credentialSubject/limits": raw(limits)})
}

func TestLimitNames(t *testing.T) {
	for _, c := range []struct {
		member string
		want   passport.Limit
	}{
		{`"max_tokens":5`, passport.MaxOf("tokens", 5)}, {`"max_tokens":0`, passport.MaxOf("tokens", 0)}, {`"max_A-b_9":1`, passport.MaxOf("A-b_9", 1)},
		{`"requests_per_minute":5`, passport.RateOf("requests", time.Minute, 5)},
		{`"mails_per_hour":5`, passport.RateOf("mails", time.Hour, 5)}, {`"rows_per_day":9007199254740991`, passport.RateOf("rows", 24*time.Hour, 1<<53-1)},
		{`"allow_pii":true`, passport.Allow("pii")}, {`"allow_pii":false`, passport.Limit{Name: "allow_pii", Kind: passport.LimitAllow}},
		{`"allow_x_per_day":true`, passport.Allow("x_per_day")},
		{`"allow_x_per_day":3`, passport.RateOf("allow_x", 24*time.Hour, 3)}, {`"maximal_per_day":3`, passport.RateOf("maximal", 24*time.Hour, 3)},
	} {
		p, err := decode(withLimits(t, "{"+c.member+"}"))
		require.NoError(t, err, c.member)
		require.Equal(t, []passport.Limit{c.want}, p.Authority.Limits)
	}
}

func TestLimitNamesRefused(t *testing.T) {
	for _, c := range []struct{ member, says string }{
		{`"max_per_day":5`, "as a maximum and as a rate"}, {`"max_rows_per_day":5`, "as a maximum and as a rate"},
		{`"max_x_per_minute":5`, "as a maximum and as a rate"}, {`"max__per_hour":5`, "as a maximum and as a rate"},
		{`"tokens":5`, "want max_<attribute>"}, {`"max_":5`, "want max_<attribute>"},
		{`"_per_day":5`, "want max_<attribute>"}, {`"MAX_tokens":5`, "want max_<attribute>"},
		{`"max_a b":5`, "want max_<attribute>"}, {`"max_a.b":5`, "want max_<attribute>"},
		{`"requests_per_week":5`, "want max_<attribute>"}, {`"a b_per_day":5`, "want max_<attribute>"},
		{`"allow_pii":1`, "want max_<attribute>"}, {`"":5`, "want max_<attribute>"},
		{`"max_` + strings.Repeat("a", 65) + `":5`, "want max_<attribute>"}, {`"max_\u200b":5`, "want max_<attribute>"},
		{`"max_tokens":true`, "want a name allow_<attribute>"},
		{`"requests_per_day":true`, "want a name allow_<attribute>"},
		{`"allow_":true`, "want a name allow_<attribute>"}, {`"pii":false`, "want a name allow_<attribute>"},
		{`"allow_a/b":true`, "want a name allow_<attribute>"},
		{`"max_tokens":-1`, "whole number from 0"}, {`"max_tokens":1.5`, "whole number from 0"},
		{`"max_tokens":"5"`, "whole number from 0"}, {`"max_tokens":null`, "whole number from 0"},
		{`"max_tokens":{}`, "whole number from 0"}, {`"max_tokens":[5]`, "whole number from 0"},
		{`"max_tokens":1e3`, "whole number from 0"}, {`"requests_per_day":-1`, "whole number from 0"}, {`"max_tokens":9007199254740992`, "whole number from 0"},
		{`"max_amount":5`, "not an attribute"}, {`"max_payee":5`, "not an attribute"},
		{`"allow_region":true`, "not an attribute"}, {`"allow_category":false`, "not an attribute"},
		{`"max_rail":5`, "not an attribute"}, {`"max_resource":5`, "not an attribute"},
	} {
		refuse(t, withLimits(t, "{"+c.member+"}"), code.EnvelopeMalformed, c.says)
	}
	refuse(t, withLimits(t, `{"max_a":1,"max_a":2}`), code.EnvelopeMalformed, "")
}

func TestLimitsMadeByHand(t *testing.T) {
	require.Equal(t, "requests", passport.RateOf("requests", time.Hour, 1).Attribute())
	require.Equal(t, time.Hour, passport.RateOf("requests", time.Hour, 1).Window())
	require.Equal(t, 24*time.Hour, passport.RateOf("requests", 24*time.Hour, 1).Window())
	require.Equal(t, "rows", passport.MaxOf("rows", 1).Attribute())
	require.Zero(t, passport.Limit{Name: "max_rows_per_day", Kind: passport.LimitMax}.Window())
	require.Equal(t, "pii", passport.Allow("pii").Attribute())
	require.Zero(t, passport.RateOf("requests", time.Second, 1), "no such window")
	require.Empty(t, passport.Limit{}.Attribute())
}
