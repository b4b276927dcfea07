package did_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// mayBe is the method #k1 of the issuer, with members in place of its own.
func mayBe(members string) string {
	return `{"id":"ID#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1"` + members + `}`
}

// keyOf returns what #k1 is good for, of a document with these members.
func keyOf(t *testing.T, members string) (did.Method, error) {
	t.Helper()
	doc := parse(t, `{"id":"ID",`+members+`}`)
	key, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
	if err != nil {
		require.ErrorIs(t, err, did.ErrKey)
		return did.Method{}, err
	}
	require.Equal(t, testKey(1).PublicKey(), key)
	methods := doc.Methods()
	i := slices.IndexFunc(methods, func(m did.Method) bool { return m.ID == url("k1") })
	require.NotEqual(t, -1, i)
	require.False(t, slices.ContainsFunc(methods[i+1:], func(m did.Method) bool { return m.ID == url("k1") }), "listed twice")
	return methods[i], nil
}

// C2: ids and controllers are resolved against the DID; what leads elsewhere is
// somebody else's.
func TestC2RelativeIDs(t *testing.T) {
	const material = `"type":"Multikey","publicKeyMultibase":"KEY1"`
	for _, members := range []string{
		`"verificationMethod":[{"id":"#k1","controller":"ID",` + material + `}],"assertionMethod":["#k1"]`,
		`"verificationMethod":[{"id":"#k1","controller":"ID",` + material + `}],"assertionMethod":["ID#k1"]`,
		`"verificationMethod":[{"id":"ID#k1","controller":"ID",` + material + `}],"assertionMethod":["#k1"]`,
		`"verificationMethod":[{"id":"#k1","controller":"",` + material + `}],"assertionMethod":["#k1"]`,
		`"assertionMethod":[{"id":"#k1","controller":"",` + material + `}]`,
		`"@context":["https://www.w3.org/ns/did/v1",{"@base":"STRANGER"}],"assertionMethod":[{"id":"#k1","controller":"",` + material + `}]`,
	} {
		m, err := keyOf(t, members)
		require.NoError(t, err, members)
		require.Equal(t, issuer, m.Controller.String())
	}
	for id, want := range map[string]string{
		"k1": "names no key", "": "names no key", "#": "empty fragment", "/#k1": "does not begin", "?v=1#k1": "does not begin",
		"//issuer.example#k1": "does not begin", "ID/#k1": "'/'", "ID?v=1#k1": "'?'", "ID;s=a#k1": "';'",
	} {
		_, err := keyOf(t, `"assertionMethod":[{"id":"`+id+`","controller":"ID",`+material+`}]`)
		require.ErrorContains(t, err, want, id)
		require.ErrorContains(t, err, "/assertionMethod/0 is not usable", id)
	}
}

// C3: a method that is repeated is one; TestDID18Duplicates has those that
// differ.
func TestC3RepeatedMethods(t *testing.T) {
	both := []did.Relationship{did.AssertionMethod, did.Authentication}
	for members, want := range map[string][]did.Relationship{
		`"verificationMethod":[M1,M1],"assertionMethod":["#k1"]`:                            both[:1],
		`"verificationMethod":[M1],"assertionMethod":[M1]`:                                  both[:1],
		`"verificationMethod":[M1],"authentication":["#k1"],"assertionMethod":[M1]`:         both,
		`"verificationMethod":[M1,M1],"authentication":["#k1"],"assertionMethod":["ID#k1"]`: both,
		`"authentication":[M1],"assertionMethod":[M1]`:                                      both,
		`"authentication":[M1,M1],"assertionMethod":[M1,M1]`:                                both,
		`"verificationMethod":[M1],"assertionMethod":["#k1","ID#k1","#k1"]`:                 both[:1],
		`"authentication":[` + mayBe(`,"x":{"a":1,"b":[2]}`) + `],"assertionMethod":[{"x":{"b":[2],"a":1},"publicKeyMultibase":"KEY1",` +
			`"controller":"","type":"Multikey","id":"#k1"}]`: both,
		`"verificationMethod":[` + mayBe(`,"@context":"https://w3id.org/security/multikey/v1"`) + `],"assertionMethod":[M1]`: both[:1],
	} {
		m, err := keyOf(t, members)
		require.NoError(t, err, members)
		require.Equal(t, want, m.Relationships, members)
	}
	// What is embedded for one purpose and referred to for another is for the
	// first alone, however often it is embedded.
	_, err := keyOf(t, `"authentication":[M1,M1],"assertionMethod":["#k1"]`)
	require.ErrorIs(t, err, did.ErrRelationship)
	require.ErrorContains(t, err, `/assertionMethod/0 is not usable: it refers to "did:web:issuer.example#k1"`)
	// Unusable ones of one id are told apart, too: nobody knows which is meant.
	_, err = did.ParseDocument([]byte(fill(`{"id":"ID","verificationMethod":[` +
		`{"id":"#x","type":"X","controller":"ID"},{"id":"#x","type":"Y","controller":"ID"}]}`)))
	require.ErrorIs(t, err, did.ErrInvalidDocument)
}

// C4: whatever stands beside a good key, and is not usable, is listed with the
// reason and spoils nothing. Services are not read.
func TestC4PartsSpoilNothing(t *testing.T) {
	const rest = `"type":"Multikey","controller":"ID","publicKeyMultibase":"KEY2"`
	for part, want := range map[string]string{
		`"ID#k2"`:                          "it is a string, want a verification method",
		`null`:                             "it is null, want a verification method",
		`[]`:                               "it is an array, want a verification method",
		`{` + rest + `}`:                   "no string member id",
		`{"id":1,` + rest + `}`:            "no string member id",
		`{"id":"ID",` + rest + `}`:         "names no key",
		`{"id":"ID/keys/2",` + rest + `}`:  "names no key",
		`{"id":"urn:uuid:2",` + rest + `}`: "names no key",
		`{"id":"https://issuer.example#k2",` + rest + `}`:              "does not begin",
		`{"id":"ID#k2","controller":"ID"}`:                             "no string member type",
		`{"id":"ID#k2","type":["Multikey"]}`:                           "no string member type",
		`{"id":"ID#k2","type":"Multikey"}`:                             "no string member controller",
		`{"id":"ID#k2","type":"Multikey","controller":["ID"]}`:         "no string member controller",
		`{"id":"ID#k2","type":"Multikey","controller":"ID"}`:           "without the string member",
		`{"id":"ID#k2","expires":"soon",` + rest + `}`:                 "expires",
		`{"id":"ID#k2","expires":2030,` + rest + `}`:                   "expires",
		`{"id":"ID#k2","revoked":true,` + rest + `}`:                   "revoked",
		`{"id":"ID#k2","revoked":"2030-01-31",` + rest + `}`:           "revoked",
		`{"id":"ID#k2","revoked":"2030-01-31T00:00:00",` + rest + `}`:  "revoked",
		`{"id":"ID#k2","revoked":"2030-01-31T1:00:00Z",` + rest + `}`:  "revoked",
		`{"id":"ID#k2","revoked":"0001-01-01T00:00:00Z",` + rest + `}`: "revoked",
	} {
		doc := parse(t, `{"id":"ID","verificationMethod":[`+part+`,M1],"assertionMethod":["#k1","#k2"]}`)
		_, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.NoError(t, err, part)
		m := doc.Methods()[0]
		require.ErrorIs(t, m.Err, did.ErrKey)
		require.ErrorContains(t, m.Err, want)
		require.Equal(t, "/verificationMethod/0", m.Path)
		_, err = doc.Key(url("k2"), did.AssertionMethod, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		require.ErrorIs(t, err, did.ErrKey, part)
		require.ErrorContains(t, err, want, "the reason is told to whoever misses the key")
		_, err = doc.Key(did.URL{}, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey, part)

		doc = parse(t, `{"id":"ID","verificationMethod":[M1],"assertionMethod":["#k1"],"authentication":[`+part+`]}`)
		_, err = doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.NoError(t, err, part)
	}
	for part, want := range map[string]string{
		`"authentication":"ID#k1"`:              "/authentication",
		`"authentication":{}`:                   "/authentication",
		`"authentication":[1]`:                  "/authentication/0",
		`"keyAgreement":[["#k1"]]`:              "/keyAgreement/0",
		`"keyAgreement":["STRANGER#k1"]`:        "/keyAgreement/0",
		`"publicKey":[{"id":"ID#old"}]`:         "/publicKey/0",
		`"publicKey":[{"id":"ID#old"},null]`:    "/publicKey/0",
		`"authentication":null`:                 "",
		`"publicKey":[M1]`:                      "",
		`"publicKey":[{"id":"#k1","type":"X"}]`: "",
		`"publicKey":{}`:                        "",
		`"service":{}`:                          "",
		`"service":null`:                        "",
		`"service":"https://issuer.example"`:    "",
		`"service":[null,1,{"id":1},{"id":"#k1","type":[],"serviceEndpoint":[[{}]]},{"id":"#k1"}]`: "",
	} {
		doc := parse(t, `{"id":"ID","verificationMethod":[M1],"assertionMethod":["#k1"],`+part+`}`)
		_, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.NoError(t, err, part)
		others := doc.Methods()[1:]
		if want == "" {
			require.Empty(t, others, part)
			continue
		}
		require.Equal(t, want, others[0].Path, part)
		require.ErrorIs(t, others[0].Err, did.ErrKey)
	}
	// All of verificationMethod is nothing, then.
	for _, list := range []string{`M1`, `"#k1"`, `1`} {
		_, err := keyOf(t, `"verificationMethod":`+list+`,"assertionMethod":["#k1"]`)
		require.ErrorContains(t, err, "/verificationMethod is not usable")
		_, err = keyOf(t, `"verificationMethod":`+list+`,"assertionMethod":[M1]`)
		require.NoError(t, err)
	}
}

// C5: contexts define names. TestKEY09SecretInADocument has what is data.
func TestC5ContextsAreNotData(t *testing.T) {
	const defines = `{"secretKeyMultibase":{"@id":"https://w3id.org/security#secretKeyMultibase"},"privateKeyJwk":{"@type":"@json"}}`
	for _, members := range []string{
		`"@context":[` + defines + `],"assertionMethod":[M1]`,
		`"@context":` + defines + `,"assertionMethod":[M1]`,
		`"@context":{"x":{"@context":` + defines + `}},"assertionMethod":[M1]`,
		`"assertionMethod":[` + mayBe(`,"@context":`+defines) + `]`,
		`"assertionMethod":[M1],"service":[{"@context":[` + defines + `]}]`,
	} {
		_, err := keyOf(t, members)
		require.NoError(t, err, members)
	}
	for _, members := range []string{
		`"assertionMethod":[M1],"context":` + defines,
		`"assertionMethod":[` + mayBe(`,"x":[`+defines+`]`) + `]`,
		`"assertionMethod":[M1],"service":[` + defines + `]`,
	} {
		_, err := did.ParseDocument([]byte(fill(`{"id":"ID",` + members + `}`)))
		require.ErrorIs(t, err, did.ErrKey, members)
	}
}

// C7: messages show characters and not bytes.
func TestC7CharactersInMessages(t *testing.T) {
	for text, want := range map[string]string{
		"did:web:bücher.example": "'ü' at byte 9", "did:web:例え.example": "'例' at byte 8", "did:web:a b": "' '", "did:web:a\xff": "'�'",
	} {
		_, err := did.Parse(text)
		require.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{webText + "#ключ": "'к'", webText + "#k€": "'€'", webText + "#\U0001F511": "'\U0001F511'"} {
		_, err := did.ParseURL(text)
		require.ErrorContains(t, err, want)
	}
	_, err := did.ParseMultikey("z6Mkü" + strings.Repeat("1", 43))
	require.ErrorContains(t, err, "'ü'")
}

// shape is one document of testdata/shapes.txt.
type shape struct {
	name, text string
	expect     []string
}

// readShapes reads testdata/shapes.txt, and writes the tests' keys into it.
func readShapes(t testing.TB) (list []shape) {
	t.Helper()
	raw, err := os.ReadFile("testdata/shapes.txt")
	require.NoError(t, err)
	var keys []string
	for i, n := range []string{"1", "2"} {
		key := testKey(byte(i + 1)).PublicKey()
		keys = append(keys, "$M"+n, key.Multikey(), "$X"+n, multibase.EncodeBase64URL(key.Bytes()),
			"$B"+n, multibase.EncodeBase58(key.Bytes()))
	}
	text := strings.NewReplacer(keys...).Replace(string(raw))
	for _, part := range strings.Split(text, "\n-- ")[1:] {
		head, body, ok := strings.Cut(part, "\n{")
		require.True(t, ok, part)
		lines := strings.Split(head, "\n")
		list = append(list, shape{strings.TrimSuffix(lines[0], " --"), "{" + body, lines[2:]})
	}
	return list
}

// TestPublishedShapes reads documents as people publish them: what is usable in
// each of them, what is not, and why.
func TestPublishedShapes(t *testing.T) {
	shapes := readShapes(t)
	require.GreaterOrEqual(t, len(shapes), 60)
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			doc, err := did.ParseDocument([]byte(s.text))
			if len(s.expect) == 1 && strings.HasPrefix(s.expect[0], "refused: ") {
				require.ErrorIs(t, err, did.ErrInvalidDocument)
				require.ErrorContains(t, err, strings.TrimPrefix(s.expect[0], "refused: "))
				return
			}
			require.NoError(t, err)
			var told []string
			for _, m := range doc.Methods() {
				told = append(told, tell(t, doc, m, s.expect))
			}
			require.ElementsMatch(t, s.expect, told)
		})
	}
}

// tell describes a method as shapes.txt does.
func tell(t *testing.T, doc *did.Document, m did.Method, expect []string) string {
	if m.Err != nil {
		require.ErrorIs(t, m.Err, did.ErrKey)
		require.Equal(t, 1, strings.Count(m.Err.Error(), did.ErrKey.Error()), m.Err)
		skip := "skip " + m.Path + ": "
		for _, line := range expect {
			if reason, ok := strings.CutPrefix(line, skip); ok && strings.Contains(m.Err.Error(), reason) {
				return line
			}
		}
		return skip + m.Err.Error()
	}
	line := "key #" + m.ID.Fragment()
	early := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := byte(1); n <= 2; n++ {
		for _, rel := range m.Relationships {
			if key, err := doc.Key(m.ID, rel, early); err == nil && key == testKey(n).PublicKey() {
				line += " " + string('0'+rune(n))
				break
			}
		}
	}
	if len(m.Relationships) == 0 {
		_, err := doc.Key(m.ID, did.AssertionMethod, early)
		require.ErrorIs(t, err, did.ErrRelationship)
		line += " 1" // listed for nothing, so that nobody can say
	}
	for _, rel := range m.Relationships {
		line += " " + string(rel)
	}
	if !m.Expires.IsZero() {
		line += " expires " + m.Expires.Format(time.RFC3339)
	}
	if !m.Revoked.IsZero() {
		line += " revoked " + m.Revoked.Format(time.RFC3339)
	}
	return line
}
