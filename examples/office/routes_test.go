package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// errorMembers are the members of an error in each system.
var errorMembers = map[system][]string{
	grantex: {"code", "message", "requestId"}, aip1: {"code", "detail", "request_id"},
	aport: {"code", "error", "requestId", "success"}, eprospera: {"error", "error_description"},
}

// requireShape checks that an answer is an error of the system, and of nothing else.
func requireShape(t *testing.T, sys system, a answer, status int) {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	var names []string
	for name := range a.object(t) {
		names = append(names, name)
	}
	slices.Sort(names)
	require.Equal(t, errorMembers[sys], names)
}

// good is a call that is answered, of the first tenant.
type good struct {
	path, body string
	// foreign is the status for another tenant, who asks for the same; 0: they ask for what is their own.
	foreign int
	status  int // of the answer; 0: that of the table
}

// goods has a good call for every row that is built.
func (o *testOffice) goods() map[string]good {
	t := o.tenants[0]
	issue := fmt.Sprintf(`{"agentId":%q,"grantId":%q,"allowedMPPCategories":["inference"],`+
		`"maxTransactionAmount":{"amount":50,"currency":"USDC"}}`, t.agent.ID, t.grant.ID)
	a := o.ask(bearer(t.gx), "POST", "/grantex/v1/passport/issue", issue)
	require.Equal(o, 201, a.status, a.body)
	pass := "/grantex/v1/passport/" + a.object(o.T)["passportId"].(string)
	a = o.ask(bearer(t.session), "POST", "/aip1/api/passports",
		`{"domain":"yourco.com","agent_name":"reader","allowed_actions":["read_data"]}`)
	require.Equal(o, 200, a.status, a.body)
	did := a.object(o.T)["agent_id"].(string)
	agent := fmt.Sprintf(`{"agent_id":%q,"reason":"odd"}`, did)
	key := o.ask(bearer(t.session), "POST", "/aip1/api/keys", `{"name":"k"}`).object(o.T)["id"].(string)
	g := map[string]good{
		"POST /grantex/v1/passport/issue":       {"/grantex/v1/passport/issue", issue, 400, 0},
		"GET /grantex/v1/passport/{id}":         {pass, "", 404, 0},
		"POST /grantex/v1/passport/{id}/revoke": {pass + "/revoke", "", 404, 0},
		"GET /grantex/v1/passports":             {"/grantex/v1/passports?status=active", "", 0, 0},

		"POST /aip1/api/passports":     {"/aip1/api/passports", `{"domain":"yourco.com","agent_name":"w","allowed_actions":["x"]}`, 0, 0},
		"GET /aip1/api/passports":      {"/aip1/api/passports", "", 0, 0},
		"GET /aip1/api/passports/{id}": {"/aip1/api/passports/" + did, "", 404, 0},
		"POST /aip1/api/verify":        {"/aip1/api/verify", fmt.Sprintf(`{"agent_id":%q,"action":"read_data"}`, did), 404, 0},
		"POST /aip1/api/revoke":        {"/aip1/api/revoke", agent, 404, 0},
		"POST /aip1/api/suspend":       {"/aip1/api/suspend", agent, 404, 0},
		"POST /aip1/api/reinstate":     {"/aip1/api/reinstate", agent, 404, 0},
		"GET /aip1/api/analytics":      {"/aip1/api/analytics", "", 0, 0},
		"GET /aip1/api/verifications":  {"/aip1/api/verifications?limit=10", "", 0, 0},
		"POST /aip1/api/keys":          {"/aip1/api/keys", `{"name":"production-backend"}`, 0, 0},
		"GET /aip1/api/keys":           {"/aip1/api/keys", "", 0, 0},
		"DELETE /aip1/api/keys/{id}":   {"/aip1/api/keys/" + key, "", 404, 0},
	}
	o.grantexGoods(g)
	o.aportGoods(g) // last: its tokens do not live long
	for path, body := range map[string]string{
		"POST /verify_rpn":                                 `{"rpn":"80000000000012"}`,
		"POST /registries/legal_entities/search":           `{"name":"x"}`,
		"POST /legal_entity_applications":                  `{"residencyType":"Resident","name":"x"}`,
		"GET /legal_entities/{id}":                         "",
		"GET /legal_entities/{id}/documents":               "",
		"GET /legal_entity_applications":                   "",
		"GET /legal_entity_applications/{id}":              "",
		"GET /me/natural-person":                           "",
		"GET /me/natural-person/residency":                 "",
		"GET /me/natural-person/id-verification":           "",
		"POST /legal_entity_applications/{id}/pay/voucher": `{"code":"c"}`,
		// Withdrawn, or for other credentials alone.
		"POST /legal_entity_applications/{id}/pay/coupon":       `{"code":"c"}`,
		"POST /legal_entity_applications/{id}/checkout_session": `{"redirectUrl":"https://x.example"}`,
		"GET /legal_entities":                                   "",
		"GET /me/legal-entities":                                "",
	} {
		method, rest, _ := strings.Cut(path, " ")
		c := good{path: "/eprospera/api/v1" + strings.ReplaceAll(rest, "{id}", t.owner.ID), body: body}
		if strings.Contains(rest, "{id}") {
			c.foreign = 404
		}
		if strings.HasSuffix(rest, "/coupon") || strings.HasSuffix(rest, "_session") || strings.HasSuffix(rest, "entities") {
			c.status, c.foreign = 403, 0
		}
		g[method+" /eprospera/api/v1"+rest] = c
	}
	return g
}

// aportGoods has those of APort: a template, an agent, and a provider of assurance.
func (o *testOffice) aportGoods(g map[string]good) {
	t := o.tenants[0]
	providers := `{"assuranceProvider":[{"type":"kyb","assurance_level":"L4KYC","proof":{"standard":"s"}}]}`
	admin := "/aport/api/admin/organizations/" + t.org.ID + "/assurance-provider"
	a := o.ask(bearer(t.session), "PATCH", admin, providers)
	require.Equal(o, 200, a.status, a.body)
	profile := `"name":"n","role":"agent","description":"d","contact":"a@example.com","regions":["US"],` +
		`"capabilities":[{"id":"data.export"}],"status":"active"`
	create := fmt.Sprintf(`{%s,"owner_id":%q,"limits":{"max_export_rows":10000,"allow_pii":false}}`, profile, t.owner.ID)
	a = o.ask(bearer(t.apk), "POST", "/aport/api/passports/create", create)
	require.Equal(o, 201, a.status, a.body)
	id := a.object(o.T)["data"].(map[string]any)["agent_id"].(string)
	one := "/aport/api/passports/" + id
	verify := fmt.Sprintf(`{"context":{"agent_id":%q,"export_type":"users","format":"csv","filters":{}}}`, id)
	a = o.ask(bearer(t.apk), "POST", "/aport/api/verify/token/data.export.create.v1", verify)
	require.Equal(o, 200, a.status, a.body)
	token := fmt.Sprintf(`{"token":%q}`, a.object(o.T)["token"])
	for name, c := range map[string]good{
		"POST /api/verify/token/{pack}":   {"/api/verify/token/data.export.create.v1", verify, 404, 0},
		"POST /api/verify/token/validate": {"/api/verify/token/validate", token, 400, 0},
		"POST /api/keys": {"/api/keys", fmt.Sprintf(
			`{"owner_id":%q,"owner_type":"org","scopes":["read"],"name":"k"}`, t.org.ID), 404, 0},
		"POST /api/orgs/{id}/orgkey":                             {"/api/orgs/" + t.org.ID + "/orgkey", "", 404, 0},
		"PATCH /api/admin/organizations/{id}/assurance-provider": {admin[len("/aport"):], providers, 404, 0},
		"POST /api/passports/create":                             {"/api/passports/create", create, 400, 0},
		"POST /api/orgs/{id}/issue": {"/api/orgs/" + t.org.ID + "/issue", fmt.Sprintf(
			`{%s,"pending_owner":{"email":"u@example.com","display_name":"U"}}`, profile), 404, 0},
		"POST /api/passports/{id}/instances": {one[len("/aport"):] + "/instances",
			`{"platform_id":"p","tenant_ref":"t","controller_type":"user","overrides":{"status":"active"}}`, 404, 0},
		"PUT /api/passports/{id}":             {one[len("/aport"):], `{"limits":{"max_export_rows":100}}`, 404, 0},
		"GET /api/passports/{id}":             {one[len("/aport"):], "", 404, 0},
		"GET /api/passports/{id}/verify_view": {one[len("/aport"):] + "/verify_view", "", 404, 0},
		"GET /api/passports":                  {"/api/passports?owner_id=" + t.owner.ID, "", 0, 0},
		"POST /api/org/update":                {"/api/org/update", fmt.Sprintf(`{"agent_id":%q,"status":"suspended"}`, id), 404, 0},
		"POST /api/org/status":                {"/api/org/status", `{"status":"suspended"}`, 0, 0},
		"GET /jwks.json":                      {"/jwks.json", "", 0, 0},
		"GET /.well-known/oap/jwks.json":      {"/.well-known/oap/jwks.json", "", 0, 0},
		"POST /api/verify/policy/{pack}":      {"/api/verify/policy/data.export.create.v1", verify, 404, 0},
	} {
		method, path, _ := strings.Cut(name, " ")
		c.path = "/aport" + c.path
		g[method+" /aport"+path] = c
	}
}

// methodOf is a method that a row has.
func methodOf(rt route) string { return cmp.Or(rt.method, "POST") }

func nameOf(rt route) string { return rt.method + " " + rt.system.prefix() + rt.path }

// fill puts ids into a pattern, for calls that nobody answers.
func fill(rt route) string {
	return rt.system.prefix() + strings.NewReplacer("{id}", "x", "{pack}", "x").Replace(rt.path)
}

// Every row × every fault: the answer has the shape of the system, and nothing is changed. What is good is answered
// at the end, so that no fault is one of the example's.
func TestEveryCallAndEveryFault(t *testing.T) {
	o := newTestOffice(t)
	goods := o.goods()
	var last []func(t *testing.T)
	for _, rt := range routes() {
		t.Run(nameOf(rt), func(t *testing.T) {
			own, other := o.tenants[0].of(rt), o.tenants[1].of(rt)
			g, built := goods[nameOf(rt)]
			require.Equal(t, rt.do != nil, built, "a good call for each that is built")
			if !built {
				g.path = fill(rt)
			}
			before := o.events()
			if !rt.public() && built { // the scheme has no case (RFC 9110 §11.1)
				a := o.ask(reworded(own, "bEARER %s"), methodOf(rt), strings.SplitN(g.path, "?", 2)[0]+"?nothing=1", "")
				requireShape(t, rt.system, a, 400)
			}
			foreign := with("Authorization", "Bearer "+o.tenants[0].kya, "X-API-Key", o.tenants[0].gx)
			for name, by := range map[string]http.Header{
				"no credential": nil, "another system's": foreign, "no secret": bearer(""),
				"a typo": bearer("gx_live_kya_live_apk_"),
				"twice":  twice(own, own), "one and another": twice(own, foreign),
				"no scheme": reworded(own, "%s"), "another scheme": reworded(own, "Basic %s"),
				"two spaces": reworded(own, "Bearer  %s"), "a list": reworded(own, "Bearer x, Bearer %s"),
				"glued": reworded(own, "Bearer%s"), "as the key of AIP-1": reworded(own, "ApiKey %s"),
			} {
				a := o.ask(by, methodOf(rt), g.path, g.body)
				if rt.public() {
					require.Equal(t, map[bool]int{true: 200, false: 501}[built], a.status, name)
					continue
				}
				require.Equal(t, 401, a.status, name)
				requireShape(t, rt.system, a, 401)
			}
			if rt.method == "" {
				requireShape(t, rt.system, o.ask(own, "PATCH", g.path+"/a/b", ""), 501)
			} else {
				wrong := o.ask(own, "TRACE", strings.SplitN(g.path, "?", 2)[0], "")
				requireShape(t, rt.system, wrong, 405)
				require.Contains(t, wrong.header.Get("Allow"), rt.method)
			}
			requireShape(t, rt.system, o.ask(own, methodOf(rt), rt.system.prefix()+"/nowhere", g.body), 404)
			requireShape(t, rt.system, o.ask(own, methodOf(rt), rt.system.prefix()+"/"+fill(rt), g.body), 404)
			if !built {
				requireShape(t, rt.system, o.ask(own, methodOf(rt), g.path, ""), 501)
				require.Equal(t, before, o.events())
				return
			}
			if g.foreign != 0 {
				a := o.ask(other, methodOf(rt), g.path, g.body)
				requireShape(t, rt.system, a, g.foreign)
				unknown := o.ask(other, methodOf(rt), unknownID(g.path), unknownID(g.body))
				require.Equal(t, blind(a), blind(unknown), "another's reads as unknown")
			}
			bare, _, _ := strings.Cut(g.path, "?")
			for _, query := range []string{"?nothing=1", "?limit=1&limit=2", "?%zz"} {
				requireShape(t, rt.system, o.ask(own, methodOf(rt), bare+query, g.body), 400)
			}
			if g.body != "" {
				for name, c := range bodies(t, g.body) {
					a := o.ask(own, methodOf(rt), g.path, c.body)
					require.Equal(t, c.status, a.status, "%s: %s: %s", name, c.body[:min(80, len(c.body))], a.body)
					requireShape(t, rt.system, a, c.status)
				}
				text := own.Clone()
				text.Set("Content-Type", "text/plain")
				requireShape(t, rt.system, o.ask(text, methodOf(rt), g.path, g.body), 415)
			}
			require.Equal(t, before, o.events(), "nothing was changed")
			last = append(last, func(t *testing.T) {
				o.clock.Advance(100 * time.Millisecond)
				a := o.ask(own, methodOf(rt), g.path, g.body)
				require.Equal(t, cmp.Or(g.status, rt.ok, 200), a.status, "%s: %s", nameOf(rt), a.body)
				require.NotEmpty(t, a.header.Get("X-RateLimit-Limit"), "A16: on every answer")
				if strings.HasPrefix(rt.path, "/api/org/") { // what is stopped goes on
					a = o.ask(own, methodOf(rt), g.path, strings.Replace(g.body, "suspended", "active", 1))
					require.Equal(t, 200, a.status, a.body)
				}
			})
		})
	}
	for _, f := range last {
		t.Run("good", f)
	}
}

// twice has the fields of two.
func twice(a, b http.Header) http.Header {
	h := a.Clone()
	for name, values := range b {
		h[name] = append(h[name], values...)
	}
	return h
}

// reworded writes a bearer token in another form. A key that has a field of its own has it in Authorization.
func reworded(own http.Header, form string) http.Header {
	h := own.Clone()
	secret := strings.TrimPrefix(h.Get("Authorization"), "Bearer ") + h.Get("X-API-Key")
	h.Del("X-API-Key")
	h.Set("Authorization", fmt.Sprintf(form, secret))
	return h
}

type faulty struct {
	body   string
	status int
}

// bodies are all the faults of a body.
func bodies(t *testing.T, body string) map[string]faulty {
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &members))
	f := map[string]faulty{
		"huge":           {`{"x":"` + strings.Repeat("x", maxBody) + `"}`, 413},
		"an array":       {`[` + body + `]`, 400},
		"nothing":        {` `, 400},
		"text behind":    {body + `{}`, 400},
		"half":           {body[:len(body)/2], 400},
		"deep":           {strings.Repeat(`{"a":`, 5000), 400},
		"unknown member": {`{"nothing":1,` + body[1:], 400},
		"not UTF-8":      {strings.Replace(body, `":"`, "\":\"\xff", 1), 400},
	}
	if !strings.Contains(body, `":"`) {
		delete(f, "not UTF-8")
	}
	for name, value := range members {
		quoted, _ := json.Marshal(name)
		f["twice "+name] = faulty{`{` + string(quoted) + `:` + string(value) + `,` + body[1:], 400}
		f["case "+name] = faulty{strings.Replace(body, string(quoted), strings.ToUpper(string(quoted)), 1), 400}
		for _, wrong := range []string{`[[1]]`, `true`, `1.5e3`, `{"nothing":1}`} {
			if string(value) == wrong {
				continue
			}
			changed := map[string]json.RawMessage{}
			for n, v := range members {
				changed[n] = v
			}
			changed[name] = json.RawMessage(wrong)
			b, _ := json.Marshal(changed)
			f["type "+name+" "+wrong] = faulty{string(b), 400}
		}
	}
	return f
}

// unknownID puts ids that nobody has in the place of those that somebody has.
func unknownID(s string) string {
	for _, mark := range []string{"ag_", "grnt_", "key_", "ap_user_", "ap_org_", "ap_", "passport:", "agents:"} {
		if at := strings.Index(s, mark); at >= 0 {
			at += len(mark)
			end := at
			for end < len(s) && !strings.ContainsRune(`"/?,`, rune(s[end])) {
				end++
			}
			s = s[:at] + strings.Repeat("0", end-at) + s[end:]
		}
	}
	return s
}

// blind is an answer without what differs each time.
func blind(a answer) string {
	var m map[string]any
	_ = json.Unmarshal([]byte(a.body), &m) // it was looked at before
	delete(m, "requestId")
	delete(m, "request_id")
	return fmt.Sprint(a.status, m)
}

// A16: strangers and keys are counted, and refused in the shape of the system.
func TestA16Limits(t *testing.T) {
	o := newTestOffice(t, func(c *worldConfig) { c.rates = nil })
	for i := range 60 {
		a := o.ask(nil, "GET", "/grantex/v1/passports", "")
		requireShape(t, grantex, a, 401)
		require.Equal(t, fmt.Sprint(59-i), a.header.Get("X-RateLimit-Remaining"))
	}
	for _, path := range []string{"/grantex/v1/passports", "/aip1/api/passports", "/aport/nowhere"} {
		a := o.ask(nil, "GET", path, "")
		requireShape(t, systemOf(path), a, 429)
		require.NotEmpty(t, a.header.Get("Retry-After"))
	}
	a := o.ask(with("X-API-Key", o.tenants[0].kya), "GET", "/aip1/api/passports/x", "")
	require.Equal(t, "300", a.header.Get("X-RateLimit-Limit"), "a key is counted by itself")
	require.Equal(t, "60s", a.header.Get("X-RateLimit-Window"))
	for i, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Client-Ip", "Cf-Connecting-Ip"} {
		address := fmt.Sprintf("198.51.100.%d", i)
		a := o.ask(with(name, address, "X-Forwarded-For", address), "GET", "/grantex/v1/passports", "")
		requireShape(t, grantex, a, 429)
	}
}

// A16: Grantex counts some calls by themselves, and says so on every answer.
func TestA16GrantexLimits(t *testing.T) {
	o := newTestOffice(t, func(c *worldConfig) { c.rates = nil })
	x := o.tenants[0]
	for _, c := range []struct {
		by                 http.Header
		method, path, body string
		most               int
	}{
		{bearer(x.gx), "POST", "/v1/authorize", `{}`, 10},
		{bearer(x.gx), "POST", "/v1/token", `{}`, 20},
		{bearer(x.gx), "POST", "/v1/token/refresh", `{}`, 20},
		{bearer(x.gx), "GET", "/v1/passports", "", 100},
		{nil, "GET", "/v1/credentials/status/vcsl_0-1", "", 60},
		{nil, "GET", "/v1/agents", "", 60},
	} {
		for i := range c.most {
			a := o.ask(c.by, c.method, "/grantex"+c.path, c.body)
			require.NotEqual(t, 429, a.status, "%s: %s", c.path, a.body)
			require.Equal(t, fmt.Sprint(c.most), a.header.Get("X-RateLimit-Limit"), c.path)
			require.Equal(t, fmt.Sprint(c.most-1-i), a.header.Get("X-RateLimit-Remaining"), c.path)
			require.Equal(t, "60", a.header.Get("X-RateLimit-Reset"), "what its client reads")
			require.Empty(t, a.header.Get("Retry-After"))
		}
		a := o.ask(c.by, c.method, "/grantex"+c.path, c.body)
		requireShape(t, grantex, a, 429)
		require.Equal(t, "60", a.header.Get("Retry-After"))
	}
	for range 200 {
		a := o.ask(nil, "GET", "/grantex/.well-known/jwks.json", "")
		require.Equal(t, 200, a.status, "keys are for whoever verifies")
		require.NotEmpty(t, a.header.Get("X-RateLimit-Remaining"))
	}
	a := o.ask(bearer(o.tenants[1].gx), "POST", "/grantex/v1/authorize", `{}`)
	requireShape(t, grantex, a, 400)
	o.clock.Advance(time.Minute)
	requireShape(t, grantex, o.ask(bearer(x.gx), "POST", "/grantex/v1/authorize", `{}`), 400)
}

// Whatever is asked, the answer is JSON of the system, and no stranger is answered, but with what is public.
func FuzzRouter(f *testing.F) {
	var office *testOffice // one for all inputs: strangers change nothing. It ends with the process
	for _, rt := range routes() {
		f.Add(methodOf(rt), fill(rt), `{"agent_id":"x"}`)
	}
	f.Add("GET", "/grantex/../aip1/api/keys", "")
	f.Add("CONNECT", "/aip1", "")
	f.Add("GET", "/aip1", "")
	f.Add("GET", "/aport/api/passports/%2e%2e/x", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if office == nil {
			office = openOffice(t)
		}
		office.T = t
		r, err := http.NewRequest(method, path, strings.NewReader(body))
		if err != nil || r.URL.Host != "" {
			return
		}
		r.RemoteAddr = "192.0.2.1:1"
		w := httptest.NewRecorder()
		office.server.ServeHTTP(w, r)
		require.NotEqual(t, registry.Internal, registry.Code(w.Body.String()))
		if public := slices.ContainsFunc(routes(), func(rt route) bool {
			return rt.public() && r.URL.Path == rt.system.prefix()+rt.path
		}); !public || w.Code != http.StatusOK {
			require.GreaterOrEqual(t, w.Code, 400)
			require.Less(t, w.Code, 500)
		}
		require.True(t, json.Valid(w.Body.Bytes()), w.Body.String())
	})
}

// Each call of somebody with a credential about what nobody has, with a body of another: never an internal error.
func TestOtherBodies(t *testing.T) {
	o := newTestOffice(t)
	for _, rt := range routes() {
		for _, body := range []string{
			`{"agent_id":"x","name":"n","limits":{"max_rows":1},"context":{"agent_id":"x"}}`, `{}`, `null`, `0`, ``,
			`{"maxTransactionAmount":{"amount":1e999,"currency":"USDC"}}`,
		} {
			if a := o.ask(o.tenants[0].of(rt), methodOf(rt), fill(rt), body); rt.do != nil {
				require.Less(t, a.status, 500, "%s: %s: %s", nameOf(rt), body, a.body)
			}
		}
	}
}
