package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	gx "github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/statuslist"
)

// recorded is an answer of the real service, as it was sent but for white space.
func recorded(t *testing.T, file string) string {
	t.Helper()
	folder := os.Getenv("SAFECONDUCT_VECTORS")
	if folder == "" {
		t.Skip("SAFECONDUCT_VECTORS does not name a folder")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "grantex", file))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, raw))
	return b.String()
}

// differs has what may differ between two answers, and by what it is replaced: ids, keys, times and hosts.
var differs = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`https?://(api\.)?(issuer\.lab\.example|issuer\.example/grantex|127\.0\.0\.1:53001)`), "HOST"},
	{regexp.MustCompile(`did:web:issuer(\.lab)?\.example(:grantex)?`), "ISSUER"},
	{regexp.MustCompile(`did:(grantex:ag_[0-9A-Z]{26}|key:z6Mk[0-9A-Za-z]+)`), "AGENT"},
	{regexp.MustCompile(`(dev|ap_org)_[0-9A-Z]{26}`), "dev_ID"},
	{regexp.MustCompile(`vcsl_[0-9A-Z]{26}(-1)?(#\d+)?`), "vcsl_ID"},
	{regexp.MustCompile(`"statusListIndex":"\d+"`), `"statusListIndex":"N"`},
	{regexp.MustCompile(`(ag|grnt|tok|ref)_[0-9A-Z]{26,52}`), "${1}_ID"},
	{regexp.MustCompile(`urn:grantex:passport:[0-9A-Z]{26}`), "urn:grantex:passport:ID"},
	{regexp.MustCompile(`"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ"`), `"TIME"`},
	{regexp.MustCompile(`"(iat|exp)":\d{10}([,}])`), `"$1":T$2`},
	{regexp.MustCompile(`ISSUER#[A-Za-z0-9_-]+`), "ISSUER#KEY"},
	{regexp.MustCompile(`"kid":"[A-Za-z0-9_-]+"`), `"kid":"KEY"`},
	{regexp.MustCompile(`"iss":"(https://grantex.dev|HOST)"`), `"iss":"ISSUER"`}, // of a token
	{regexp.MustCompile(`"n":"[A-Za-z0-9_-]{342}"`), `"n":"N"`},
	{regexp.MustCompile(`"x":"[A-Za-z0-9_-]{43}"`), `"x":"X"`},
	{regexp.MustCompile(`"encodedList":"[A-Za-z0-9_-]+"`), `"encodedList":"BITS"`},
}

var (
	token   = regexp.MustCompile(`"(proofValue|grantToken)":"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+"`)
	encoded = regexp.MustCompile(`"credential":(\{.*?\}),"encodedCredential":"([A-Za-z0-9_-]+)"`)
)

// same returns an answer without what may differ. Tokens are opened, and the encoded form of a credential must be the
// text of the credential beside it.
func same(t *testing.T, text string) string {
	t.Helper()
	decode := func(part string) string {
		raw, err := b64.DecodeString(part)
		require.NoError(t, err)
		return string(raw)
	}
	text = encoded.ReplaceAllStringFunc(strings.TrimSpace(text), func(s string) string {
		m := encoded.FindStringSubmatch(s)
		require.Equal(t, m[1], decode(m[2]))
		return `"credential":` + m[1] + `,"encodedCredential":"THE SAME"`
	})
	text = token.ReplaceAllStringFunc(text, func(s string) string {
		m := token.FindStringSubmatch(s)
		return fmt.Sprintf(`"%s":[%s,%s]`, m[1], decode(m[2]), decode(m[3]))
	})
	for _, d := range differs {
		text = d.what.ReplaceAllString(text, d.by)
	}
	return text
}

// listOf is the path of the status list of a passport.
func listOf(issued map[string]any) string {
	entry := issued["credential"].(map[string]any)["credentialStatus"].(map[string]any)
	_, path, _ := strings.Cut(entry["statusListCredential"].(string), "/grantex")
	return path
}

// G1, G3 to G5, G7, G9, G10, G12: what the real service answered, this office answers byte for byte: the members, their
// order, numbers and the forms of times and ids.
func TestGrantexAnswersByteByByte(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	require.Contains(t, same(t, recorded(t, "issue-response.json")), "THE SAME", "the comparison looks at it")
	ask := func(status int, method, path, body string) string {
		t.Helper()
		a := o.ask(bearer(x.gx), method, "/grantex"+path, body)
		require.Equal(t, status, a.status, a.body)
		return a.body
	}
	agent := o.newAgent(t, x, "")["agentId"].(string)
	code := o.newCode(t, x, agent, `"payments:mpp:inference","payments:mpp:compute"`, "31d")
	held := ask(201, "POST", "/v1/token", fmt.Sprintf(`{"code":%q,"agentId":%q}`, code, agent))
	want := recorded(t, "token-response-grant-and-vc.json")
	require.Equal(t, same(t, regexp.MustCompile(`,"verifiableCredential":"[^"]*"`).ReplaceAllString(want, "")),
		same(t, held))
	grant := regexp.MustCompile(`grnt_\w+`).FindString(held)

	issue := func(agent, grant, more string) (string, string) {
		t.Helper()
		o.clock.Advance(1e6)
		body := strings.NewReplacer("AGENT", agent, "GRANT", grant, `"24h"`, more).Replace(issueBody)
		if strings.Contains(more, "parent") {
			body = strings.Replace(body, `,"compute"`, "", 1)
		}
		text := ask(201, "POST", "/v1/passport/issue", body)
		return text, regexp.MustCompile(`urn:grantex:passport:\w+`).FindString(text)
	}
	parentText, parent := issue(agent, grant, `"30d"`)
	require.Equal(t, same(t, recorded(t, "issue-response.json")), same(t, parentText))
	// There, a passport has itself delegated to its own agent, and is no deeper for it. Here it is for another agent,
	// on a grant that was delegated.
	sub := o.newAgent(t, x, "")["agentId"].(string)
	below := ask(201, "POST", "/v1/grants/delegate", fmt.Sprintf(
		`{"parentGrantToken":%q,"subAgentId":%q,"scopes":["payments:mpp:inference"],"expiresIn":"48h"}`,
		regexp.MustCompile(`"grantToken":"([^"]+)"`).FindStringSubmatch(held)[1], sub))
	childText, child := issue(sub, regexp.MustCompile(`grnt_\w+`).FindString(below),
		fmt.Sprintf(`"24h","parentPassportId":%q`, parent))
	deeper := func(text string) string {
		return strings.ReplaceAll(text, `"delegationDepth":0`, `"delegationDepth":1`)
	}
	require.Equal(t, deeper(same(t, recorded(t, "child-issue-response.json"))), same(t, childText))
	require.Regexp(t, `"amount":50,`, parentText)
	require.Regexp(t, `"statusListIndex":"\d+"`, parentText)

	var issued map[string]any
	require.NoError(t, json.Unmarshal([]byte(childText), &issued))
	list := ask(200, "GET", listOf(issued), "")
	require.Equal(t, same(t, recorded(t, "statuslist-before.json")), same(t, list))
	require.Zero(t, set(t, list))
	require.Equal(t, same(t, recorded(t, "revoke-response.json")), same(t, ask(200, "POST", "/v1/passport/"+child+"/revoke", "")))
	got := ask(200, "GET", "/v1/passport/"+child, "")
	require.Equal(t, deeper(same(t, recorded(t, "get-response.json"))), same(t, got))
	list = ask(200, "GET", listOf(issued), "")
	require.Equal(t, same(t, recorded(t, "statuslist-after-child-revoked.json")), same(t, list))
	require.Equal(t, set(t, recorded(t, "statuslist-after-child-revoked.json")), set(t, list))

	items := ask(200, "GET", "/v1/passports", "")
	more := regexp.MustCompile(`,"credential":.*?,"encodedCredential":"[^"]*"`)
	require.Len(t, more.FindAllString(items, -1), 2, "unlike there, items have what their clients expect")
	require.Equal(t, same(t, recorded(t, "list-response.json")), same(t, more.ReplaceAllString(items, "")))
	require.Equal(t, same(t, recorded(t, "jwks.json")), same(t, ask(200, "GET", "/.well-known/jwks.json", "")))
	require.Equal(t, same(t, recorded(t, "did.json")), same(t, ask(200, "GET", "/.well-known/did.json", "")))
}

// set is how many bits of a list are set.
func set(t *testing.T, list string) (n int) {
	t.Helper()
	var doc struct {
		Subject struct {
			Encoded string `json:"encodedList"`
		} `json:"credentialSubject"`
	}
	require.NoError(t, json.Unmarshal([]byte(list), &doc))
	l, err := statuslist.Decode(doc.Subject.Encoded, statuslist.StatusList2021, 1)
	require.NoError(t, err)
	require.Equal(t, 1<<17, l.Len())
	for i := range l.Len() {
		bit, err := l.Get(i)
		require.NoError(t, err)
		n += int(bit)
	}
	return n
}

// G9, G10: a careful verifier of Grantex's passports takes what this office issues, by what it publishes, until it is
// revoked, or its agent suspended.
func TestG10PassportsVerifyByWhatIsPublished(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	body := strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID).Replace(issueBody)
	issued := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", body)
	other := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", body)
	public := func(path string) []byte {
		a := o.ask(nil, "GET", "/grantex"+path, "")
		require.Equal(t, 200, a.status, a.body)
		return []byte(a.body)
	}
	keys, err := gx.ParseKeySet(public("/.well-known/jwks.json"))
	require.NoError(t, err)
	issuer := issued["credential"].(map[string]any)["issuer"].(string)
	require.Equal(t, "did:web:issuer.example:grantex", issuer)
	verify := func(issued map[string]any) error {
		list, err := gx.ParseStatusListUnverified(public(listOf(issued)))
		require.NoError(t, err)
		v := gx.Verifier{
			Keys: keys, Issuers: []string{issuer}, RequiredCategories: []string{"compute"}, Amount: "50",
			Lists: func(string) *gx.StatusList { return list },
		}
		_, err = v.Verify(issued["encodedCredential"].(string), o.clock.Now())
		return err
	}
	require.NoError(t, verify(issued))
	status := func(status string) {
		o.does(t, 200, grantex, x.gx, "PATCH", "/v1/agents/"+x.agent.ID, `{"status":"`+status+`"}`)
	}
	status("suspended")
	require.ErrorContains(t, verify(issued), string(gx.PassportRevoked))
	status("active")
	require.NoError(t, verify(issued))
	o.does(t, 200, grantex, x.gx, "POST", "/v1/passport/"+issued["passportId"].(string)+"/revoke", "")
	require.ErrorContains(t, verify(issued), string(gx.PassportRevoked))
	require.NoError(t, verify(other))
	for _, path := range []string{
		"vcsl_", "vcsl_x-1", "x", strings.TrimPrefix(listOf(other), "/v1/credentials/status/") + "0",
		"vcsl_" + strings.TrimPrefix(o.tenants[1].org.ID, "ap_org_") + "-1", // there is none yet
	} {
		requireShape(t, grantex, o.ask(nil, "GET", "/grantex/v1/credentials/status/"+path, ""), 404)
	}

	// Whoever asks for a credential gets the one that the office has signed, for verifiers of this library.
	own := with("Authorization", "Bearer "+x.gx, "Accept", "application/vc")
	a := o.ask(own, "GET", "/grantex/v1/passport/"+other["passportId"].(string), "")
	require.Equal(t, "application/vc", a.header.Get("Content-Type"))
	require.Equal(t, "DataIntegrityProof", a.object(t)["proof"].(map[string]any)["type"])
}
