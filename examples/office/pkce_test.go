package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A code that was asked for with a challenge is exchanged by whoever has the verifier, and no weaker way is left
// (RFC 7636, RFC 9700 §2.1.1). Nothing here sends anybody to an address that a caller chooses.
func TestG7Challenges(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	ask := func(more string) answer {
		return o.ask(bearer(x.gx), "POST", "/grantex/v1/authorize", fmt.Sprintf(
			`{"agentId":%q,"principalId":"user_alice","scopes":[%s]%s}`, x.agent.ID, scopeOfOne, more))
	}
	verifier := strings.Repeat("v-._~", 10)
	sum := sha256.Sum256([]byte(verifier))
	challenge := b64.EncodeToString(sum[:])
	for _, more := range []string{
		`,"codeChallenge":"` + verifier + `","codeChallengeMethod":"plain"`, `,"codeChallenge":"` + challenge + `"`,
		`,"codeChallenge":"` + challenge + `","codeChallengeMethod":"s256"`, `,"codeChallengeMethod":"S256"`,
		`,"codeChallenge":"` + challenge + `=","codeChallengeMethod":"S256"`,
		`,"codeChallenge":"","codeChallengeMethod":"S256"`, `,"redirectUri":"https://evil.example"`,
		`,"redirectUri":"//evil.example"`, `,"redirectUri":"javascript:alert(1)"`, `,"audience":"https://x.example"`,
		`,"state":"` + strings.Repeat("s", 1025) + `"`,
	} {
		requireShape(t, grantex, ask(more), 400)
	}
	code := func(more string) string {
		a := ask(more)
		require.Equal(t, 201, a.status, a.body)
		require.Empty(t, a.header.Get("Location"))
		m := a.object(t)
		require.Regexp(t, `^https://issuer\.example/grantex/consent\?req=areq_`, m["consentUrl"])
		return m["code"].(string)
	}
	exchange := func(code, more string) answer {
		return o.ask(bearer(x.gx), "POST", "/grantex/v1/token",
			fmt.Sprintf(`{"code":%q,"agentId":%q%s}`, code, x.agent.ID, more))
	}
	bound := code(`,"state":"s","codeChallenge":"` + challenge + `","codeChallengeMethod":"S256"`)
	for _, more := range []string{
		"", `,"codeVerifier":""`, `,"codeVerifier":null`, `,"codeVerifier":"` + challenge + `"`, `,"codeVerifier":"short"`,
		`,"codeVerifier":"` + verifier + `\n"`, `,"codeVerifier":"` + strings.ToUpper(verifier) + `"`,
		`,"codeVerifier":"` + strings.Repeat("v", 129) + `"`,
	} {
		requireShape(t, grantex, exchange(bound, more), 400)
	}
	require.Equal(t, 201, exchange(bound, `,"codeVerifier":"`+verifier+`"`).status, "none of these has used it up")
	free := code("")
	requireShape(t, grantex, exchange(free, `,"codeVerifier":"`+verifier+`"`), 400)
	require.Equal(t, 201, exchange(free, "").status)
}
