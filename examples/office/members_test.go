package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// P12: an error names the member as the caller has written it.
func TestP12MembersAreTheCallers(t *testing.T) {
	for _, c := range []struct {
		sys        system
		name, want string
	}{
		{grantex, "ExpiresIn", "expiresIn"}, {grantex, "Agent", "agentId"}, {grantex, "Actor", ""}, {aip1, "Actor", ""},
		{grantex, "MaxTransaction.Amount", "maxTransactionAmount.Amount"}, {aip1, "PerDay", "monetary_limit_per_day"},
		{aip1, "AgentName", "agent_name"}, {aport, "LogoURL", "logo_url"}, {aport, "WebhookURL", "webhook_url"},
		{aport, "Owner", "owner_id"}, {aport, "limits.x", "limits.x"}, {aport, "", ""}, {eprospera, "ID", "id"},
		{grantex, "Idempotency-Key", "Idempotency-Key"},
	} {
		var e *registry.Error
		err := c.sys.worded(&registry.Error{Code: registry.BadRequest, Member: c.name, Detail: "d"})
		require.True(t, errors.As(err, &e))
		require.Equal(t, c.want, e.Member, "%s: %s", c.sys, c.name)
		require.Equal(t, "d", e.Detail)
	}
	other := errors.New("another")
	require.Equal(t, other, grantex.worded(other))
	o := newTestOffice(t)
	x := o.tenants[0]
	a := o.ask(with("X-API-Key", x.kya), "GET", "/aip1/api/passports", "")
	require.Equal(t, "the key lacks the scope list_agents", a.object(t)["detail"])
	issue := strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID, `"24h"`, `"9w"`).Replace(issueBody)
	a = o.ask(bearer(x.gx), "POST", "/grantex/v1/passport/issue", issue)
	require.Regexp(t, "^expiresIn: ", a.object(t)["message"])
}
