package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
)

// anID is an id of any kind that calls name.
var anID = regexp.MustCompile(
	`urn:grantex:passport:[0-9A-Z]{26}|did:web:[a-z.:]+|(ap_user|ap_org|ag|grnt|key|ap)_[0-9A-Z]{26}`)

// Each id that a good call names, in its path, its query or its body, is replaced by one of the other tenant, of the
// same kind: the answer is the one to an id that nobody has, and nothing is changed.
func TestNoIDOfAnotherTenant(t *testing.T) {
	o := newTestOffice(t)
	goods := o.goods()
	y := o.tenants[1]
	theirs := map[string]string{"ap_user": y.owner.ID, "ap_org": y.org.ID, "ag": y.agent.ID, "grnt": y.grant.ID}
	theirs["urn"] = o.does(t, 201, grantex, y.gx, "POST", "/v1/passport/issue", strings.NewReplacer(
		"AGENT", y.agent.ID, "GRANT", y.grant.ID).Replace(issueBody))["passportId"].(string)
	theirs["did"] = o.does(t, 200, aip1, y.session, "POST", "/api/passports",
		`{"domain":"theirs.com","agent_name":"x","allowed_actions":["read_data"]}`)["agent_id"].(string)
	theirs["key"] = o.does(t, 200, aip1, y.session, "POST", "/api/keys", `{"name":"k"}`)["id"].(string)
	theirs["ap"] = o.does(t, 201, aport, y.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n",
		"role":"agent","description":"d","owner_id":%q,"capabilities":[{"id":"data.export"}],"status":"active"}`,
		y.owner.ID))["data"].(map[string]any)["agent_id"].(string)
	tried := 0
	for _, rt := range routes() {
		g, built := goods[nameOf(rt)]
		if !built {
			continue
		}
		t.Run(nameOf(rt), func(t *testing.T) {
			own := o.tenants[0].of(rt)
			for _, id := range anID.FindAllString(g.path+" "+g.body, -1) {
				if rt.system == eprospera && rt.path == "/api/v1/legal_entity_applications" {
					continue
				}
				kind := id[:strings.IndexAny(id, ":")+1]
				if kind = strings.TrimSuffix(kind, ":"); kind == "" {
					kind = id[:strings.LastIndex(id, "_")]
				}
				before := o.events()
				ask := func(other string) answer {
					o.clock.Advance(time.Second)
					path, body := strings.ReplaceAll(g.path, id, other), strings.ReplaceAll(g.body, id, other)
					return o.ask(own, methodOf(rt), path, body)
				}
				a := ask(theirs[kind])
				unknown := ask(unknownID(theirs[kind]))
				require.Equal(t, blind(unknown), blind(a), id)
				require.NotContains(t, a.body, theirs[kind])
				require.Less(t, a.status, 500)
				if methodOf(rt) != "GET" && rt.path != "/api/verify" {
					require.GreaterOrEqual(t, a.status, 400, a.body)
				}
				require.Equal(t, before, o.events(), "nothing was changed")
				tried++
			}
		})
	}
	require.Greater(t, tried, 30)
}

// Ids and texts that are odd are answered in the shape of the system: no call breaks over them.
func TestOddTexts(t *testing.T) {
	sequential.Long(t)
	o := newTestOffice(t)
	goods := o.goods()
	odd := []string{
		"%00", "%ff", "%2e%2e", "%2f", "x%2fverify_view", "%0d%0aSet-Cookie:%20a=b", strings.Repeat("x", 8000),
		"%F0%9F%98%80", "%20", "%25", "'%20OR%201=1--", "*", "%5c..%5c", "ap_", "ag_x", "..%3b",
	}
	texts := []string{
		"\u0000", "\u202e", "\ufeff", strings.Repeat("x", 5000), "'; DROP TABLE x--", "../../etc", "\n", " ", "",
	}
	for _, rt := range routes() {
		t.Run(nameOf(rt), func(t *testing.T) {
			own := o.tenants[0].of(rt)
			sane := func(a answer, what string) {
				t.Helper()
				require.True(t, a.status < 500 || a.status == 501, "%q: %d %s", what, a.status, a.body)
				if a.status >= 400 && !strings.Contains(a.body, "existing_instance_id") {
					requireShape(t, rt.system, a, a.status)
				}
				require.Empty(t, a.header.Get("Set-Cookie"))
			}
			g := goods[nameOf(rt)]
			if strings.ContainsRune(rt.path, '{') {
				for _, id := range odd {
					path := rt.system.prefix() + strings.NewReplacer("{id}", id, "{pack}", id).Replace(rt.path)
					sane(o.ask(own, methodOf(rt), path, g.body), id)
				}
			}
			bare, _, _ := strings.Cut(g.path, "?")
			if g.path == "" {
				bare = fill(rt)
			}
			for _, name := range strings.Fields(rt.query) {
				for _, value := range odd {
					sane(o.ask(own, methodOf(rt), bare+"?"+name+"="+value, g.body), name+"="+value)
				}
			}
			var members map[string]json.RawMessage
			if g.body == "" || rt.path == "/api/org/status" {
				return
			}
			require.NoError(t, json.Unmarshal([]byte(g.body), &members))
			for name, was := range members {
				for _, text := range texts {
					members[name], _ = json.Marshal(text) // it does not fail
					b, err := json.Marshal(members)
					require.NoError(t, err)
					sane(o.ask(own, methodOf(rt), bare, string(b)), name+": "+text)
				}
				members[name] = was
			}
		})
	}
}

// What a proxy and a server may read in two ways is answered once, and as one thing. Over a real connection.
func TestRawRequests(t *testing.T) {
	o := newTestOffice(t)
	server := httptest.NewUnstartedServer(o.server)
	server.Config = o.server.HTTPServer()
	server.Start()
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	x := o.tenants[0]
	key := "Authorization: Bearer " + x.gx + "\r\n"
	agent := `{"name":"n","scopes":[]}`
	send := func(raw string) (status int, body string, header http.Header) {
		t.Helper()
		conn, err := net.DialTimeout("tcp", host, 5*time.Second)
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		_, err = io.WriteString(conn, raw)
		require.NoError(t, err)
		method, _, _ := strings.Cut(raw, " ")
		r, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
		require.NoError(t, err)
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return r.StatusCode, string(text), r.Header
	}
	post := func(fields, body string) string {
		return "POST /grantex/v1/agents HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + key + fields + "\r\n" + body
	}
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(agent), agent)
	huge := fmt.Sprintf("%x\r\n%s\r\n5\r\nxxxxx\r\n0\r\n\r\n", maxBody, strings.Repeat("x", maxBody))
	length := "Content-Length: 24\r\n"
	for name, c := range map[string]struct {
		raw    string
		status int
	}{
		"chunked":          {post("Transfer-Encoding: chunked\r\n", chunked), 201},
		"chunked and huge": {post("Transfer-Encoding: chunked\r\n", huge), 413},
		// The length counts for nothing then (RFC 9112 §6.3).
		"chunked and a length":    {post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunked), 201},
		"two lengths":             {post("Content-Length: 24\r\nContent-Length: 3\r\n", agent), 400},
		"another transfer coding": {post("Transfer-Encoding: gzip, chunked\r\n", chunked), 501},
		"a body that is zipped":   {post("Content-Encoding: gzip\r\nContent-Length: 24\r\n", agent), 415},
		"two idempotency keys":    {post("Idempotency-Key: a\r\nIdempotency-Key: b\r\n"+length, agent), 400},
		"two types":               {post("Content-Type: text/plain\r\nContent-Type: application/json\r\n"+length, agent), 415},
		"two credentials":         {post(key+"Content-Length: 24\r\n", agent), 401},
		"another method":          {post("X-HTTP-Method-Override: GET\r\nContent-Length: 24\r\n", agent), 201},
		"huge fields":             {post("X-A: "+strings.Repeat("x", 40<<10)+"\r\nContent-Length: 24\r\n", agent), 431},
		"a space in a field":      {post("Content-Length : 24\r\n", agent), 400},
		"a line folded":           {post("Content-Length: 24\r\n Authorization: x\r\n", agent), 400},
		"no host":                 {"GET /grantex/v1/agents HTTP/1.1\r\nConnection: close\r\n" + key + "\r\n", 400},
		"an address as the target": {"GET http://evil.example/grantex/v1/agents HTTP/1.1\r\nHost: x\r\n" +
			"Connection: close\r\n" + key + "\r\n", 200},
	} {
		status, body, header := send(c.raw)
		require.Equal(t, c.status, status, "%s: %s", name, body)
		require.Empty(t, header.Get("Location"), name)
	}
	for target, status := range map[string]int{
		"/grantex/v1/agents": 200, "/grantex/v1/agents/": 404, "/grantex//v1/agents": 404, "//grantex/v1/agents": 404,
		"/grantex/./v1/agents": 404, "/grantex/x/../v1/agents": 404, "/grantex/v1/%2e%2e/v1/agents": 404,
		"/grantex/v1/agents%2f": 404, "/grantex/v1/agents%00": 404, "/grantex/v1/agents;a=b": 404,
		"/GRANTEX/v1/agents":   404,
		"/grantex/v1/%61gents": 200, "/grantex%2fv1%2fagents": 404, "/aip1/../grantex/v1/agents": 404, "*": 404,
		"/.well-known/../grantex/v1/agents": 404, "/grantex/.well-known/jwks.json/../../v1/agents": 404,
		"/grantex/v1/agents?limit=1;limit=2": 400, "/grantex/v1/agents?limit=1&LIMIT=2": 400,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			rest := " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + key + "\r\n"
			got, body, header := send(method + " " + target + rest)
			require.Equal(t, status, got, "%s %s: %s", method, target, body)
			require.Empty(t, header.Get("Location"), "nobody is sent elsewhere")
			require.Equal(t, method == "HEAD", body == "")
		}
		got, _, header := send("OPTIONS " + target + " HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n" +
			"Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n")
		if target != "*" { // which net/http itself answers
			require.Contains(t, []int{404, 405}, got, target)
		}
		require.Empty(t, header.Get("Access-Control-Allow-Origin"), "no page of another origin reads an answer")
	}
}
