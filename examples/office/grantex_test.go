package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newAgent registers an agent, as the clients of Grantex do.
func (o *testOffice) newAgent(t *testing.T, x *tenant, more string) map[string]any {
	t.Helper()
	return o.does(t, 201, grantex, x.gx, "POST", "/v1/agents",
		`{"name":"shopper","description":"it shops","scopes":["payments:mpp:inference","payments:mpp:compute"]`+more+`}`)
}

// newTokens has a principal grant an agent something.
func (o *testOffice) newTokens(t *testing.T, x *tenant, agent, scopes, expires string) map[string]any {
	t.Helper()
	return o.exchange(t, x, agent, o.newCode(t, x, agent, scopes, expires))
}

func (o *testOffice) newCode(t *testing.T, x *tenant, agent, scopes, expires string) string {
	t.Helper()
	m := o.does(t, 201, grantex, x.gx, "POST", "/v1/authorize", fmt.Sprintf(
		`{"agentId":%q,"principalId":"user_alice","scopes":[%s],"expiresIn":%q}`, agent, scopes, expires))
	return m["code"].(string)
}

func (o *testOffice) exchange(t *testing.T, x *tenant, agent, code string) map[string]any {
	t.Helper()
	return o.does(t, 201, grantex, x.gx, "POST", "/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, agent))
}

// grantexGoods has the calls of agents, grants, tokens and budgets. Each that ends something has one of its own.
func (o *testOffice) grantexGoods(g map[string]good) {
	x := o.tenants[0]
	agent := func() string { return o.newAgent(o.T, x, "")["agentId"].(string) }
	tokens := func(agent string) map[string]any {
		return o.newTokens(o.T, x, agent, `"payments:mpp:inference"`, "24h")
	}
	a, b := agent(), agent()
	held := tokens(a)
	grant, token := held["grantId"].(string), held["grantToken"].(string)
	jti := o.does(o.T, 200, grantex, x.gx, "POST", "/v1/grants/verify",
		fmt.Sprintf(`{"token":%q}`, tokens(a)["grantToken"]))["claims"].(map[string]any)["jti"].(string)
	refresh := tokens(a)["refreshToken"].(string)
	last := []string{agent(), agent(), agent(), tokens(a)["grantId"].(string)}
	pass := o.does(o.T, 201, grantex, x.gx, "POST", "/v1/passport/issue",
		strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID).Replace(issueBody))
	list := listOf(pass)
	code := o.newCode(o.T, x, a, `"payments:mpp:inference"`, "24h")
	change := `{"name":"n","description":"d","scopes":["payments:mpp:inference"],"status":"suspended","statusReason":"odd"}`
	for name, c := range map[string]good{
		"POST /v1/agents": {"/v1/agents", `{"name":"n","description":"d","scopes":["data.export"],"status":"active",
			"publicJwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}`, 0, 0},
		"GET /v1/agents":         {"/v1/agents", "", 0, 0},
		"GET /v1/agents/{id}":    {"/v1/agents/" + a, "", 404, 0},
		"PATCH /v1/agents/{id}":  {"/v1/agents/" + last[0], change, 404, 0},
		"POST /v1/agents/{id}":   {"/v1/agents/" + last[1], change, 404, 0},
		"DELETE /v1/agents/{id}": {"/v1/agents/" + last[2], "", 404, 0},
		"POST /v1/authorize": {"/v1/authorize", fmt.Sprintf(
			`{"agentId":%q,"principalId":"user_alice","scopes":["payments:mpp:inference"],"expiresIn":"1h","state":"s"}`, a), 404, 0},
		"POST /v1/token":         {"/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, a), 400, 0},
		"POST /v1/token/refresh": {"/v1/token/refresh", fmt.Sprintf(`{"refreshToken":%q,"agentId":%q}`, refresh, a), 400, 0},
		"GET /v1/grants":         {"/v1/grants?principalId=user_alice&status=active&agentId=" + a, "", 0, 0},
		"GET /v1/grants/{id}":    {"/v1/grants/" + grant, "", 404, 0},
		"DELETE /v1/grants/{id}": {"/v1/grants/" + last[3], "", 404, 0},
		"POST /v1/grants/delegate": {"/v1/grants/delegate", fmt.Sprintf(
			`{"parentGrantToken":%q,"subAgentId":%q,"scopes":["payments:mpp:inference"],"expiresIn":"1h"}`, token, b), 400, 0},
		"POST /v1/grants/verify":   {"/v1/grants/verify", fmt.Sprintf(`{"token":%q}`, token), 400, 0},
		"POST /v1/tokens/verify":   {"/v1/tokens/verify", fmt.Sprintf(`{"token":%q}`, token), 0, 0},
		"POST /v1/tokens/revoke":   {"/v1/tokens/revoke", fmt.Sprintf(`{"jti":%q}`, jti), 404, 0},
		"POST /v1/budget/allocate": {"/v1/budget/allocate", fmt.Sprintf(`{"grantId":%q,"initialBudget":100,"currency":"USDC"}`, grant), 404, 0},
		"POST /v1/budget/debit": {"/v1/budget/debit", fmt.Sprintf(
			`{"grantId":%q,"amount":1.5,"description":"one answer"}`, x.grant.ID), 404, 0},
		"GET /v1/budget/balance/{id}":      {"/v1/budget/balance/" + x.grant.ID, "", 404, 0},
		"GET /v1/budget/allocations":       {"/v1/budget/allocations", "", 0, 0},
		"GET /v1/budget/transactions/{id}": {"/v1/budget/transactions/" + x.grant.ID + "?page=1&pageSize=10", "", 404, 0},
		"GET /v1/credentials/status/{id}":  {list, "", 0, 0},
		"GET /.well-known/jwks.json":       {"/.well-known/jwks.json", "", 0, 0},
		"GET /.well-known/did.json":        {"/.well-known/did.json", "", 0, 0},
	} {
		method, path, _ := strings.Cut(name, " ")
		c.path = "/grantex" + c.path
		g[method+" /grantex"+path] = c
	}
}

// G1: agents as Grantex's clients make, read, change and delete them.
func TestG1Agents(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.newAgent(t, x, "")
	id := m["agentId"].(string)
	require.Regexp(t, `^ag_[0-9A-HJKMNP-TV-Z]{26}$`, id)
	require.Regexp(t, `^did:key:z6Mk`, m["did"])
	require.Equal(t, x.org.ID, m["developerId"])
	require.Equal(t, []any{"payments:mpp:inference", "payments:mpp:compute"}, m["scopes"])
	require.Equal(t, m, o.does(t, 200, grantex, x.gx, "GET", "/v1/agents/"+id, ""))
	list := o.does(t, 200, grantex, x.gx, "GET", "/v1/agents", "")["agents"].([]any)
	require.Equal(t, m, list[0])
	key := `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	keyed := o.newAgent(t, x, `,"publicJwk":`+key)
	require.Equal(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", keyed["publicJwk"].(map[string]any)["x"])
	o.does(t, 409, grantex, x.gx, "POST", "/v1/agents", `{"name":"n","publicJwk":`+key+`}`)
	secret := strings.Replace(key, "}", `,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`, 1)
	a := o.ask(bearer(x.gx), "POST", "/grantex/v1/agents", `{"name":"n","publicJwk":`+secret+`}`)
	require.Equal(t, 400, a.status, "a secret is not taken")
	require.NotContains(t, a.body, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")

	issue := strings.NewReplacer("AGENT", id, "GRANT", o.newTokens(t, x, id, `"payments:mpp:inference","payments:mpp:compute"`,
		"48h")["grantId"].(string)).Replace(issueBody)
	pass := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", issue)["passportId"].(string)
	change := func(status int, body string) map[string]any {
		t.Helper()
		return o.does(t, status, grantex, x.gx, "PATCH", "/v1/agents/"+id, body)
	}
	m = change(200, `{"status":"suspended","statusReason":"odd"}`)
	require.Equal(t, "suspended", m["status"])
	require.Equal(t, "odd", m["statusReason"])
	require.Equal(t, "INVALID_AGENT", o.does(t, 400, grantex, x.gx, "POST", "/v1/passport/issue", issue)["code"],
		"unlike there: none is issued for an agent that is suspended")
	require.Equal(t, "suspended", o.does(t, 200, grantex, x.gx, "GET", "/v1/passport/"+pass, "")["status"])
	require.Equal(t, "active", change(200, `{"status":"active","name":"renamed"}`)["status"])
	require.Equal(t, "renamed", o.does(t, 200, grantex, x.gx, "GET", "/v1/agents/"+id, "")["name"])
	for body, code := range map[string]string{
		`{}`: "BAD_REQUEST", `{"status":"draft"}`: "BAD_REQUEST", `{"publicJwk":` + key + `}`: "BAD_REQUEST",
		`{"name":" "}`: "BAD_REQUEST", `{"redirectUris":["https://x.example"]}`: "BAD_REQUEST", `{"statusReason":"x"}`: "BAD_REQUEST",
	} {
		require.Equal(t, code, change(400, body)["code"], body)
	}
	m = change(200, `{"status":"retired"}`)
	require.Equal(t, "retired", m["status"])
	require.Equal(t, m["updatedAt"], m["retiredAt"])
	require.Equal(t, "AGENT_STATUS_TRANSITION", change(409, `{"status":"active"}`)["code"])
	require.Equal(t, "revoked", o.does(t, 200, grantex, x.gx, "GET", "/v1/passport/"+pass, "")["status"])
	o.does(t, 409, grantex, x.gx, "DELETE", "/v1/agents/"+id, "")

	gone := "/grantex/v1/agents/" + keyed["agentId"].(string)
	a = o.ask(bearer(x.gx), "DELETE", gone, "")
	require.Equal(t, 204, a.status)
	require.Empty(t, a.body)
	for _, method := range []string{"GET", "DELETE"} {
		requireShape(t, grantex, o.ask(bearer(x.gx), method, gone, ""), 404)
	}
	list = o.does(t, 200, grantex, x.gx, "GET", "/v1/agents", "")["agents"].([]any)
	require.Len(t, list, 2, "the buyer and the retired one")
}

// G7: a grant, from the principal's consent to the end of what was delegated.
func TestG7GrantsAndTokens(t *testing.T) {
	o := newTestOffice(t)
	x, y := o.tenants[0], o.tenants[1]
	a, b := o.newAgent(t, x, "")["agentId"].(string), o.newAgent(t, x, "")["agentId"].(string)
	both := `"payments:mpp:inference","payments:mpp:compute"`
	code := o.newCode(t, x, a, both, "24h")
	for _, c := range []struct{ by, body string }{
		{x.gx, fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, b)},
		{x.gx, fmt.Sprintf(`{"code":%q,"agentId":%q}`, code+"x", a)},
		{y.gx, fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, a)},
		{x.gx, fmt.Sprintf(`{"code":%q,"agentId":%q}`, code[:len(code)-1], a)},
	} {
		require.Equal(t, "BAD_REQUEST", o.does(t, 400, grantex, c.by, "POST", "/v1/token", c.body)["code"])
	}
	held := o.exchange(t, x, a, code)
	for _, again := range []string{code + "\n", code + "\r\n", code[:len(code)-9] + "\n" + code[len(code)-9:]} {
		// Decoders of base64 pass over line breaks: the same code has no other spelling.
		o.does(t, 400, grantex, x.gx, "POST", "/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, again, a))
	}
	late := o.newCode(t, x, a, both, "24h")
	o.clock.Advance(codeLives)
	o.does(t, 400, grantex, x.gx, "POST", "/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, late, a))

	grant, token := held["grantId"].(string), held["grantToken"].(string)
	valid := func(token string) any {
		t.Helper()
		return o.does(t, 200, grantex, x.gx, "POST", "/v1/tokens/verify", fmt.Sprintf(`{"token":%q}`, token))["valid"]
	}
	requireJSON(t, fmt.Sprintf(`{"valid":true,"grantId":%q,"scopes":[%s],"principal":"user_alice","agent":"…",
		"expiresAt":"…"}`, grant, both), o.does(t, 200, grantex, x.gx, "POST", "/v1/tokens/verify",
		fmt.Sprintf(`{"token":%q}`, token)))
	body := fmt.Sprintf(`{"token":%q}`, token)
	a1 := o.ask(bearer(y.gx), "POST", "/grantex/v1/tokens/verify", body)
	require.Equal(t, `{"valid":false}`+"\n", a1.body, "another tenant's token is none")
	require.Equal(t, false, valid(token[:len(token)-4]+"AAAA"))
	claims := o.does(t, 200, grantex, x.gx, "POST", "/v1/grants/verify", body)["claims"].(map[string]any)
	require.Equal(t, grant, claims["grnt"])

	delegate := func(status int, token, agent, scopes, expires string) map[string]any {
		t.Helper()
		return o.does(t, status, grantex, x.gx, "POST", "/v1/grants/delegate", fmt.Sprintf(
			`{"parentGrantToken":%q,"subAgentId":%q,"scopes":[%s],"expiresIn":%q}`, token, agent, scopes, expires))
	}
	require.Equal(t, "BAD_REQUEST", delegate(400, token, b, `"payments:mpp:data"`, "1h")["code"])
	require.Equal(t, "NOT_FOUND", delegate(404, token, y.agent.ID, both, "1h")["code"])
	require.Equal(t, "BAD_REQUEST", delegate(400, token, a, both, "1h")["code"], "not to itself")
	below := delegate(201, token, b, `"payments:mpp:inference"`, "48h")
	require.Equal(t, held["expiresAt"], below["expiresAt"], "not longer than the grant above")
	g := o.does(t, 200, grantex, x.gx, "GET", "/v1/grants/"+below["grantId"].(string), "")
	require.Equal(t, grant, g["parentGrantId"])
	require.Equal(t, 1.0, g["delegationDepth"])
	require.Equal(t, "user_alice", g["principalId"])
	deep := o.newAgent(t, x, "")["agentId"].(string)
	deeper := delegate(201, below["grantToken"].(string), deep, `"payments:mpp:inference"`, "1h")
	deepest := delegate(201, deeper["grantToken"].(string), x.agent.ID, `"payments:mpp:inference"`, "1h")
	another := o.newAgent(t, x, "")["agentId"].(string)
	require.Equal(t, "DELEGATION_DEPTH_EXCEEDED",
		delegate(403, deepest["grantToken"].(string), another, `"payments:mpp:inference"`, "1h")["code"])

	listed := func(query string) (ids []string) {
		t.Helper()
		for _, g := range o.does(t, 200, grantex, x.gx, "GET", "/v1/grants"+query, "")["grants"].([]any) {
			ids = append(ids, g.(map[string]any)["grantId"].(string))
		}
		return ids
	}
	all := []string{deepest["grantId"].(string), deeper["grantId"].(string), below["grantId"].(string), grant, x.grant.ID}
	require.Equal(t, all, listed(""))
	require.Equal(t, all[:4], listed("?principalId=user_alice"))
	require.Equal(t, all[3:4], listed("?agentId="+a))
	require.Equal(t, all[2:4], listed("?page=2&pageSize=2"))
	require.Empty(t, listed("?page=9&pageSize=2"))

	require.Equal(t, 204, o.ask(bearer(x.gx), "POST", "/grantex/v1/tokens/revoke",
		fmt.Sprintf(`{"jti":%q}`, claims["jti"])).status)
	require.Equal(t, false, valid(token))
	require.Equal(t, true, valid(deeper["grantToken"].(string)), "the grant goes on")
	require.Equal(t, 204, o.ask(bearer(x.gx), "DELETE", "/grantex/v1/grants/"+grant, "").status)
	require.Equal(t, false, valid(deeper["grantToken"].(string)), "all that is below it ends")
	require.Equal(t, []string{x.grant.ID}, listed("?status=active"))
	o.does(t, 404, grantex, x.gx, "DELETE", "/v1/grants/"+grant, "")
	m := o.does(t, 200, grantex, x.gx, "POST", "/v1/grants/verify", body)
	require.Equal(t, map[string]any{"active": false, "reason": "revoked"}, m)
}

// G8: budgets, which acts and debits by hand draw from.
func TestG8Budgets(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	a, b := o.newAgent(t, x, "")["agentId"].(string), o.newAgent(t, x, "")["agentId"].(string)
	held := o.newTokens(t, x, a, `"payments:mpp:inference"`, "24h")
	grant := held["grantId"].(string)
	call := func(status int, path, body string) map[string]any {
		t.Helper()
		return o.does(t, status, grantex, x.gx, "POST", "/v1/budget/"+path, body)
	}
	debit := func(status int, grant, amount string) map[string]any {
		t.Helper()
		return call(status, "debit", fmt.Sprintf(`{"grantId":%q,"amount":%s,"description":"d","metadata":{"k":[1.50]}}`,
			grant, amount))
	}
	require.Equal(t, "INSUFFICIENT_BUDGET", debit(402, grant, "1")["code"], "there is none")
	o.does(t, 404, grantex, x.gx, "GET", "/v1/budget/balance/"+grant, "")
	for _, amount := range []string{"0", "-5", `"50"`, "1e18", "0.001", "null"} {
		call(400, "allocate", fmt.Sprintf(`{"grantId":%q,"initialBudget":%s}`, grant, amount))
	}
	want := fmt.Sprintf(`{"id":"…","grantId":%q,"developerId":%q,"initialBudget":"100.0000","remainingBudget":"100.0000",
		"currency":"USD","createdAt":"…","updatedAt":"…"}`, grant, x.org.ID)
	requireJSON(t, want, call(201, "allocate", fmt.Sprintf(`{"grantId":%q,"initialBudget":100.0}`, grant)))
	require.Equal(t, "CONFLICT", call(409, "allocate", fmt.Sprintf(`{"grantId":%q,"initialBudget":5}`, grant))["code"])
	m := debit(200, grant, "30.25")
	require.Equal(t, "69.7500", m["remaining"])
	require.Regexp(t, `^btx_`, m["transactionId"])
	require.Equal(t, "INSUFFICIENT_BUDGET", debit(402, grant, "69.76")["code"])
	sub := o.does(t, 201, grantex, x.gx, "POST", "/v1/grants/delegate", fmt.Sprintf(
		`{"parentGrantToken":%q,"subAgentId":%q,"scopes":["payments:mpp:inference"]}`, held["grantToken"], b))["grantId"].(string)
	require.Equal(t, "59.7500", debit(200, sub, "10")["remaining"], "a delegated grant draws from the one above")
	once := with("Authorization", "Bearer "+x.gx, "Idempotency-Key", "k")
	body := fmt.Sprintf(`{"grantId":%q,"amount":9.75}`, grant)
	one := o.ask(once, "POST", "/grantex/v1/budget/debit", body)
	require.Equal(t, one.body, o.ask(once, "POST", "/grantex/v1/budget/debit", body).body, "it is debited once")
	requireShape(t, grantex, o.ask(once, "POST", "/grantex/v1/budget/debit", strings.Replace(body, "9.75", "1", 1)), 409)
	balance := o.does(t, 200, grantex, x.gx, "GET", "/v1/budget/balance/"+grant, "")
	require.Equal(t, "50.0000", balance["remainingBudget"])
	list := o.does(t, 200, grantex, x.gx, "GET", "/v1/budget/allocations", "")["allocations"].([]any)
	require.Len(t, list, 2, "and the tenant's first grant")
	require.Equal(t, balance, list[0])

	page := o.does(t, 200, grantex, x.gx, "GET", "/v1/budget/transactions/"+grant+"?page=1&pageSize=2", "")
	require.Equal(t, 3.0, page["total"])
	require.Len(t, page["transactions"], 2)
	last := o.does(t, 200, grantex, x.gx, "GET", "/v1/budget/transactions/"+grant+"?page=2&pageSize=2", "")
	requireJSON(t, fmt.Sprintf(`{"id":%q,"grantId":%q,"allocationId":%q,"amount":"30.2500","description":"d",
		"metadata":{"k":[1.5]},"createdAt":"…"}`, m["transactionId"], grant, balance["id"]),
		last["transactions"].([]any)[0].(map[string]any))
	for _, query := range []string{"?page=0", "?pageSize=201", "?page=x", "?page=-1", "?pageSize=1e2"} {
		requireShape(t, grantex, o.ask(bearer(x.gx), "GET", "/grantex/v1/budget/transactions/"+grant+query, ""), 400)
	}
	issue := strings.NewReplacer("AGENT", a, "GRANT", grant, `,"compute"`, "", "USDC", "USD", "24h", "1h").Replace(issueBody)
	o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", issue)
	debit(200, grant, "50")
	require.Equal(t, "AMOUNT_EXCEEDS_BUDGET", o.does(t, 400, grantex, x.gx, "POST", "/v1/passport/issue",
		strings.Replace(issue, `"amount":50`, `"amount":1`, 1))["code"], "unlike there: a budget that is used up allows nothing")
	require.Equal(t, 204, o.ask(bearer(x.gx), "DELETE", "/grantex/v1/grants/"+grant, "").status)
	require.Equal(t, "GRANT_INACTIVE", debit(409, grant, "1")["code"])
}
