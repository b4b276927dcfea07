package credential_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
)

// SIG-05: every byte of a signed document, changed in several ways. The result
// is refused, or it means the same to the last byte of its canonical form.
func TestSIG05EveryByte(t *testing.T) {
	doc := signed(t, full(t), credential.SignOptions{Domain: []string{"a"}, Challenge: "c"})
	want := doc.Digest()
	text := doc.Text()
	survivors := 0
	for i := range len(text) {
		for _, change := range []byte{text[i] ^ 1, text[i] ^ 0x20, text[i] ^ 0x80, ' ', '"', '0'} {
			if change == text[i] {
				continue
			}
			survivors += mustRefuse(t, text[:i]+string(change)+text[i+1:], want)
		}
		survivors += mustRefuse(t, text[:i]+text[i+1:], want)           // left out
		survivors += mustRefuse(t, text[:i]+" "+text[i:], want)         // pushed in
		survivors += mustRefuse(t, text[:i]+text[i:i+1]+text[i:], want) // doubled
	}
	require.NotZero(t, survivors, "white space between tokens does not count, so the test sees what passes")
}

// mustRefuse returns 1 for a text that passes because it says the same.
func mustRefuse(t *testing.T, text, digest string) int {
	t.Helper()
	err := holds(text)
	if err != nil {
		return 0
	}
	s, err := credential.Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, digest, s.Digest(), "a change passes: %s", text)
	return 1
}

// SIG-05: each member removed, renamed, doubled, and one added beside it.
func TestSIG05EveryMember(t *testing.T) {
	text := signed(t, full(t), credential.SignOptions{Domain: []string{"a"}, Challenge: "c", Nonce: "n", ProofID: "urn:x:p"}).Text()
	require.NoError(t, holds(text))
	count := 0
	var walk func(v credential.Value)
	walk = func(v credential.Value) {
		for name, m := range v.Members() {
			count++
			at := strings.TrimSuffix(m.Path(), "/"+name)
			require.Error(t, holds(edit(t, text, m.Path(), "")), "%s removed", m.Path())
			for _, other := range []string{name + "x", strings.ToUpper(name), "https://schema.org/" + name, "@" + name, "name", "id", "type"} {
				if !v.Get(other).Exists() {
					require.Error(t, holds(rename(t, text, at, name, other)), "%s renamed to %s", m.Path(), other)
				}
			}
			walk(m)
			for item := range m.Items() {
				walk(item)
			}
		}
		if v.Len() == 0 {
			return
		}
		for _, added := range []string{"name", "description", "id", "type", "x", "https://schema.org/name", "@index",
			"@id", "_:b", "expires", "termsOfUse", "confidenceMethod"} {
			if v.Kind().String() == "an object" && !v.Get(added).Exists() {
				for _, raw := range []string{`"urn:x:added"`, `{"type":"https://t.example/#T"}`} {
					require.Error(t, holds(edit(t, text, v.Path()+"/"+strings.ReplaceAll(added, "/", "~1"), raw)), "%s/%s added", v.Path(), added)
				}
			}
		}
	}
	walk(mustValue(t, text))
	require.Greater(t, count, 50)
}

// CAN-18: what stands in an array stands in that order.
func TestCAN18ArrayOrder(t *testing.T) {
	doc := edit(t, full(t), "/credentialSubject", `[{"id":"did:example:a"},{"id":"did:example:b"}]`)
	text := signed(t, doc, credential.SignOptions{}).Text()
	require.NoError(t, holds(text))
	require.Error(t, holds(edit(t, text, "/credentialSubject", `[{"id":"did:example:b"},{"id":"did:example:a"}]`)))
	require.Error(t, holds(edit(t, text, "/credentialSubject", `[{"id":"did:example:a"},{"id":"did:example:b"},{"id":"did:example:b"}]`)))
	require.Error(t, holds(edit(t, text, "/type", `"VerifiableCredential"`)))
}

// PAR-16: names that look alike are other names.
func TestPAR16NoNormalisation(t *testing.T) {
	nfc := signed(t, edit(t, full(t), "/name", `"\u00e9"`), credential.SignOptions{})
	require.NoError(t, holds(strings.Replace(nfc.Text(), `"é"`, `"\u00e9"`, 1)), "an escape is one spelling of a character")
	require.Error(t, holds(edit(t, nfc.Text(), "/name", `"e\u0301"`)))
}
