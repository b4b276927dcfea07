package credential_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// fitsText tells members that are any text: a status entry's own members are
// the business of package statuslist, a digest is compared where it can be.
func fitsText(m credential.Value, kind string) bool {
	for _, at := range []string{"/credentialStatus/status", "/relatedResource/mediaType", "/relatedResource/digest"} {
		if strings.HasPrefix(m.Path(), at) {
			return true
		}
	}
	return kind == "s" && (strings.HasSuffix(m.Path(), "/@value") || strings.HasSuffix(m.Path(), "/@language"))
}

// PAR-11: every member of a secured credential, at every depth, with a value of
// each JSON type. What has the wrong type is refused as malformed (or for its
// context); what the member may be is pinned in fits.
func TestPAR11WrongType(t *testing.T) {
	doc := signed(t, full(t), credential.SignOptions{Domain: []string{"a"}, Challenge: "c", Nonce: "n",
		ProofID: "urn:x:p1", Expires: created.AddDate(1, 0, 0)}).Text()
	doc = edit(t, doc, "/proof/previousProof", `"urn:x:p0"`)
	root, err := credential.ParseValue(doc)
	require.NoError(t, err)

	fits := map[string]bool{
		"/name s": true, "/description s": true, "/issuer/name s": true, "/issuer/description s": true,
		"/issuer/name o": true, "/name o": true, "/description o": true, "/issuer/description o": true,
		"/credentialSubject/name s": true, "/credentialSubject/name a": true,
		"/credentialSubject/name n": true, "/credentialSubject/name b": true, "/credentialSubject/name o": true,
		"/proof/domain a": true, "/proof/previousProof a": true,
		"/proof/domain s": true, "/proof/challenge s": true, "/proof/nonce s": true, "/proof/previousProof s": true,
		"/proof/type s": true, "/proof/cryptosuite s": true, "/proof/proofPurpose s": true, // judged when the proof is checked
		"/proof/verificationMethod s": true, "/proof/proofValue s": true,
		"/proof/@context s": true, "/proof/@context n": true, "/proof/@context b": true, "/proof/@context z": true,
		"/proof/@context a": true, "/proof/@context o": true, // compared when the proof is checked
	}
	values := map[string]string{"s": `"word"`, "n": `7`, "b": `true`, "z": `null`, "a": `["word"]`, "o": `{"@value":"word"}`}
	count := 0
	var walk func(v credential.Value)
	walk = func(v credential.Value) {
		for _, m := range v.Members() {
			for kind, raw := range values {
				count++
				_, err := credential.Parse([]byte(edit(t, doc, m.Path(), raw)))
				if err == nil {
					require.True(t, fits[m.Path()+" "+kind] || fitsText(m, kind), "%s takes %s", m.Path(), raw)
					continue
				}
				require.Contains(t, []code.Code{malformed, wrongCtx, dataLoss}, code.Of(err), "%s %s: %v", m.Path(), raw, err)
				require.False(t, fits[m.Path()+" "+kind], "%s does not take %s: %v", m.Path(), raw, err)
			}
			walk(m)
			for item := range m.Items() {
				walk(item)
			}
		}
	}
	walk(root)
	require.Greater(t, count, 6*40)
}

// PAR-11 on presentations.
func TestPAR11WrongTypePresentation(t *testing.T) {
	doc := presented(t, credential.SignOptions{Domain: []string{"https://verifier.example"}, Challenge: "0123456789abcdef"}).Text()
	for _, at := range []string{"/@context", "/type", "/holder", "/id", "/verifiableCredential", "/verifiableCredential/0", "/proof"} {
		for _, raw := range []string{`"word"`, `7`, `true`, `null`, `["word"]`, `{"a":1}`, `[]`, `{}`, `[[]]`, `[null]`} {
			_, err := credential.ParsePresentation([]byte(edit(t, doc, at, raw)))
			require.Error(t, err, "%s %s", at, raw)
			require.Contains(t, []code.Code{malformed, wrongCtx}, code.Of(err), "%s %s: %v", at, raw, err)
		}
	}
	for _, doc := range []string{`null`, `[]`, `"x"`, `5`} {
		_, err := credential.ParsePresentation([]byte(doc))
		requireCode(t, malformed, err)
	}
	for _, doc := range []string{`null`, `[]`, `"x"`, `5`, ` `, ``, `{}`, `{"@context":0}`} {
		_, err := credential.ParsePresentation([]byte(doc))
		require.Error(t, err, doc)
	}
}
