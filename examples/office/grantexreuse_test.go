package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

func (o *testOffice) refresh(x *tenant, refresh any, agent, key string) answer {
	h := bearer(x.gx)
	if key != "" {
		h.Set("Idempotency-Key", key)
	}
	body := fmt.Sprintf(`{"refreshToken":%q,"agentId":%q}`, refresh, agent)
	return o.ask(h, "POST", "/grantex/v1/token/refresh", body)
}

// A refresh token serves once, and once more for whoever did not get the answer.
func TestG7Refresh(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	a := o.newAgent(t, x, "")["agentId"].(string)
	held := o.newTokens(t, x, a, `"payments:mpp:inference"`, "24h")
	ask := func(refresh any, agent, key string) answer { return o.refresh(x, refresh, agent, key) }
	first := held["refreshToken"]
	requireShape(t, grantex, ask(first, x.agent.ID, ""), 400)
	requireShape(t, grantex, ask(first, a, "short"), 400)
	one := ask(first, a, "0123456789abcdef")
	require.Equal(t, 201, one.status, one.body)
	o.clock.Advance(replayLives)
	require.Equal(t, one.body, ask(first, a, "0123456789abcdef").body)
	m := one.object(t)
	require.Equal(t, held["grantId"], m["grantId"])
	require.NotEqual(t, first, m["refreshToken"])
	require.NotEqual(t, held["grantToken"], m["grantToken"])
	next := ask(m["refreshToken"], a, "")
	require.Equal(t, 201, next.status)
	require.Equal(t, 201, ask(next.object(t)["refreshToken"], a, "").status, "on and on")
	again := o.newTokens(t, x, a, `"payments:mpp:inference"`, "1h")
	require.Equal(t, 204, o.ask(bearer(x.gx), "DELETE", "/grantex/v1/grants/"+again["grantId"].(string), "").status)
	requireShape(t, grantex, ask(again["refreshToken"], a, ""), 400)
}

// family is what was issued from a code: the grant, its tokens, a passport, and a grant that was delegated from it.
type family struct{ grant, token, refresh, passport, below string }

func (o *testOffice) family(t *testing.T, x *tenant, agent string, held map[string]any) family {
	t.Helper()
	sub := o.newAgent(t, x, "")["agentId"].(string)
	below := o.does(t, 201, grantex, x.gx, "POST", "/v1/grants/delegate", fmt.Sprintf(
		`{"parentGrantToken":%q,"subAgentId":%q,"scopes":["payments:mpp:inference"]}`, held["grantToken"], sub))
	pass := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", fmt.Sprintf(`{"agentId":%q,"grantId":%q,
		"allowedMPPCategories":["inference"],"maxTransactionAmount":{"amount":1,"currency":"USDC"}}`,
		agent, held["grantId"]))
	return family{
		held["grantId"].(string), held["grantToken"].(string), held["refreshToken"].(string),
		pass["passportId"].(string), below["grantToken"].(string),
	}
}

// requireFamily checks whether all of a family is in force, or none of it.
func (o *testOffice) requireFamily(t *testing.T, x *tenant, f family, alive bool) {
	t.Helper()
	status := map[bool]string{true: "active", false: "revoked"}[alive]
	for _, token := range []string{f.token, f.below} {
		m := o.does(t, 200, grantex, x.gx, "POST", "/v1/tokens/verify", fmt.Sprintf(`{"token":%q}`, token))
		require.Equal(t, alive, m["valid"])
	}
	require.Equal(t, status, o.does(t, 200, grantex, x.gx, "GET", "/v1/grants/"+f.grant, "")["status"])
	require.Equal(t, status, o.does(t, 200, grantex, x.gx, "GET", "/v1/passport/"+f.passport, "")["status"])
}

const scopeOfOne = `"payments:mpp:inference"`

// A code or a refresh token that is used again revokes what was issued from it (RFC 6749 §4.1.2, RFC 9700 §4.14).
// What only looks like one does not, nor does another tenant.
func TestReusedCodesAndRefreshTokens(t *testing.T) {
	o := newTestOffice(t)
	x, y := o.tenants[0], o.tenants[1]
	a := o.newAgent(t, x, "")["agentId"].(string)
	exchange := func(by, code, agent, verifier string) answer {
		body := fmt.Sprintf(`{"code":%q,"agentId":%q%s}`, code, agent, verifier)
		return o.ask(bearer(by), "POST", "/grantex/v1/token", body)
	}
	code := o.newCode(t, x, a, scopeOfOne, "24h")
	f := o.family(t, x, a, o.exchange(t, x, a, code))
	for _, r := range []answer{
		exchange(y.gx, code, a, ""), exchange(x.gx, code, x.agent.ID, ""), exchange(x.gx, code+"\n", a, ""),
		exchange(x.gx, code, a, `,"codeVerifier":"x"`), o.refresh(y, f.refresh, a, ""),
		o.refresh(x, f.refresh, x.agent.ID, ""), o.refresh(x, f.refresh+"x", a, ""),
	} {
		requireShape(t, grantex, r, 400)
	}
	o.requireFamily(t, x, f, true)
	requireShape(t, grantex, exchange(x.gx, code, a, ""), 400)
	o.requireFamily(t, x, f, false)
	requireShape(t, grantex, o.refresh(x, f.refresh, a, ""), 400)
	requireShape(t, grantex, exchange(x.gx, code, a, ""), 400)

	for name, again := range map[string]func(first string){
		"another key": func(first string) {
			requireShape(t, grantex, o.refresh(x, first, a, "another-key-of-16"), 400)
		},
		"no key": func(first string) { requireShape(t, grantex, o.refresh(x, first, a, ""), 400) },
		"too late": func(first string) {
			o.clock.Advance(replayLives + 1)
			requireShape(t, grantex, o.refresh(x, first, a, "0123456789abcdef"), 400)
		},
	} {
		t.Run(name, func(t *testing.T) {
			held := o.newTokens(t, x, a, scopeOfOne, "24h")
			f := o.family(t, x, a, held)
			require.Equal(t, 201, o.refresh(x, f.refresh, a, "0123456789abcdef").status)
			o.requireFamily(t, x, f, true)
			again(f.refresh)
			o.requireFamily(t, x, f, false)
		})
	}
}

// atOnce makes calls at the same time, and returns their answers.
func atOnce(calls ...func() answer) []answer {
	out := make([]answer, len(calls))
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() { out[i] = call() })
	}
	wg.Wait()
	return out
}

// Of two who use a code or a refresh token at the same time exactly one gets an answer, and what it has got is revoked.
func TestReusedAtTheSameTime(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	a := o.newAgent(t, x, "")["agentId"].(string)
	one := func(t *testing.T, answers []answer) map[string]any {
		t.Helper()
		if answers[0].status != 201 {
			answers[0], answers[1] = answers[1], answers[0]
		}
		require.Equal(t, 201, answers[0].status, answers[0].body)
		requireShape(t, grantex, answers[1], 400)
		return answers[0].object(t)
	}
	revoked := func(t *testing.T, m map[string]any) {
		t.Helper()
		grant := o.does(t, 200, grantex, x.gx, "GET", "/v1/grants/"+m["grantId"].(string), "")
		require.Equal(t, "revoked", grant["status"])
		v := o.does(t, 200, grantex, x.gx, "POST", "/v1/tokens/verify", fmt.Sprintf(`{"token":%q}`, m["grantToken"]))
		require.Equal(t, false, v["valid"])
	}
	for range 16 {
		code := o.newCode(t, x, a, scopeOfOne, "24h")
		exchange := func() answer {
			return o.ask(bearer(x.gx), "POST", "/grantex/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, a))
		}
		revoked(t, one(t, atOnce(exchange, exchange)))

		held := o.newTokens(t, x, a, scopeOfOne, "24h")
		refresh := func() answer { return o.refresh(x, held["refreshToken"], a, "") }
		revoked(t, one(t, atOnce(refresh, refresh)))

		held = o.newTokens(t, x, a, scopeOfOne, "24h")
		same := func() answer { return o.refresh(x, held["refreshToken"], a, "0123456789abcdef") }
		both := atOnce(same, same)
		require.Equal(t, []int{201, 201}, []int{both[0].status, both[1].status}, "under one key it is one call")
		require.Equal(t, both[0].body, both[1].body)
	}
}

// Whoever shows a code while it is exchanged revokes a grant that is not there yet.
func TestReusedBeforeThereIsAGrant(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	var code codeClaims
	require.NoError(t, o.server.tokens.open(typeCode, o.newCode(t, x, x.agent.ID, scopeOfOne, "24h"), &code))
	r := httptest.NewRequest(http.MethodPost, "/grantex/v1/token", nil)
	c := &call{Server: o.server, r: r, w: httptest.NewRecorder(), by: x.org.Admin()}
	require.NoError(t, c.useUp(&code))
	require.Equal(t, errCode, c.useUp(&code))
	g, err := o.office.Grants.Create(ctx, c.by, registry.NewGrant{
		Agent: code.Agent, Principal: "mailto:ada@example.org", Scopes: code.Scopes, ExpiresAt: o.clock.Now().Add(1e12),
	})
	require.NoError(t, err)
	_, err = c.exchanged(&code, g)
	require.NoError(t, err)
	g, err = o.office.Grants.Get(ctx, c.by, g.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, g.Status)
}

// P11: what becomes of codes and tokens is in the audit log, and no secret is.
func TestP11CodesAndTokens(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	a := o.newAgent(t, x, "")["agentId"].(string)
	code := o.newCode(t, x, a, scopeOfOne, "24h")
	held := o.exchange(t, x, a, code)
	next := o.refresh(x, held["refreshToken"], a, "").object(t)
	claims := &grantClaims{}
	require.NoError(t, o.server.tokens.open(typeGrant, next["grantToken"].(string), claims))
	done := o.ask(bearer(x.gx), "POST", "/grantex/v1/tokens/revoke", fmt.Sprintf(`{"jti":%q}`, claims.ID))
	require.Equal(t, 204, done.status)
	o.refresh(x, held["refreshToken"], a, "")
	lines, err := o.office.Audit.List(ctx, x.org.Admin(), "", 0, 1000)
	require.NoError(t, err)
	var actions []string
	for _, l := range lines {
		if len(actions) == 0 && l.Action != codeIssued {
			continue
		}
		actions = append(actions, l.Action)
		require.Regexp(t, "^key gxk_", l.By)
		for _, secret := range []any{code, held["refreshToken"], next["refreshToken"], held["grantToken"]} {
			require.NotContains(t, string(l.Sealed())+l.Subject+l.Reason, secret)
		}
	}
	require.Equal(t, []string{
		codeIssued, codeExchanged, "grant.created", issued, refreshed, revokedByName, refreshReused, "grant.revoked",
	}, actions)
	require.NoError(t, o.office.Audit.Verify(ctx, x.org.Admin(), ""))
}
