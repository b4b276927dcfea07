package did_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

const (
	issuer   = "did:web:issuer.example"
	stranger = "did:web:stranger.example"
)

// fill replaces the short names in a test document: ID, STRANGER, KEY1, KEY2,
// SECRET, and M1 and M2 for whole methods #k1 and #k2.
func fill(text string) string {
	return strings.NewReplacer(
		"M1", `{"id":"`+issuer+`#k1","type":"Multikey","controller":"`+issuer+`","publicKeyMultibase":"`+testKey(1).DID().SpecificID()+`"}`,
		"M2", `{"id":"`+issuer+`#k2","type":"Multikey","controller":"`+issuer+`","publicKeyMultibase":"`+testKey(2).DID().SpecificID()+`"}`,
		"ID", issuer, "STRANGER", stranger,
		"KEY1", testKey(1).DID().SpecificID(), "KEY2", testKey(2).DID().SpecificID(),
		"SECRET", testKey(1).SecretMultikey(),
		"JWK1", fillJWK(`{"kty":"OKP","crv":"Ed25519","x":"X"}`),
	).Replace(text)
}

func parse(t testing.TB, text string) *did.Document {
	t.Helper()
	doc, err := did.ParseDocument([]byte(fill(text)))
	require.NoError(t, err)
	return doc
}

func url(fragment string) did.URL { return did.MustParseURL(issuer + "#" + fragment) }

func TestDocumentKeepsItsBytes(t *testing.T) {
	text := fill(" {\"id\":\"ID\" , \"verificationMethod\":[M1], \"assertionMethod\":[\"ID#k1\"]}\n")
	raw := []byte(text)
	doc, err := did.ParseDocument(raw)
	require.NoError(t, err)
	clear(raw)
	require.Equal(t, text, string(doc.Bytes()))
	clear(doc.Bytes())
	require.Equal(t, text, string(doc.Bytes()))
	require.Equal(t, issuer, doc.ID().String())
	key, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	require.Equal(t, testKey(1).PublicKey(), key)
}

func TestDocumentKeyTypes(t *testing.T) {
	for _, material := range []string{
		`"type":"Multikey","publicKeyMultibase":"KEY1"`,
		`"type":"Ed25519VerificationKey2020","publicKeyMultibase":"KEY1"`,
		`"type":"JsonWebKey","publicKeyJwk":JWK1`,
		`"type":"JsonWebKey2020","publicKeyJwk":JWK1`,
	} {
		require.NoError(t, documentKey(fill(material)))
	}
	for name, material := range map[string]string{
		"no material":            `"type":"Multikey"`,
		"Multikey with a JWK":    `"type":"Multikey","publicKeyJwk":JWK1`,
		"JWK with a Multikey":    `"type":"JsonWebKey","publicKeyMultibase":"KEY1"`,
		"both":                   `"type":"Multikey","publicKeyMultibase":"KEY1","publicKeyJwk":JWK1`,
		"unknown type":           `"type":"Ed25519VerificationKey2018","publicKeyMultibase":"KEY1"`,
		"type in another case":   `"type":"multikey","publicKeyMultibase":"KEY1"`,
		"P-256 Multikey":         `"type":"Multikey","publicKeyMultibase":"zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"`,
		"RSA JWK":                `"type":"JsonWebKey2020","publicKeyJwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}`,
		"JWK in a string":        `"type":"JsonWebKey","publicKeyJwk":"KEY1"`,
		"Multikey not a string":  `"type":"Multikey","publicKeyMultibase":["KEY1"]`,
		"JWK for encryption":     `"type":"JsonWebKey","publicKeyJwk":{"use":"enc","kty":"OKP","crv":"Ed25519","x":"` + jwkX + `"}`,
		"JWK of another purpose": `"type":"JsonWebKey","publicKeyJwk":{"key_ops":["deriveKey"],"kty":"OKP","crv":"Ed25519","x":"` + jwkX + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, documentKey(fill(material)), did.ErrKey)
		})
	}
}

func TestUnknownMembersAndKeysDoNotSpoilADocument(t *testing.T) {
	doc := parse(t, `{"@context":["https://www.w3.org/ns/did/v1",{"x":"y"}],"id":"ID","color":{"a":[1.5,null]},
		"controller":["STRANGER"],"alsoKnownAs":["https://a.example"],
		"verificationMethod":[{"id":"ID#rsa","type":"JsonWebKey2020","controller":"ID","publicKeyJwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}},M1],
		"assertionMethod":["ID#rsa","ID#k1","STRANGER#k9","#gone","not a URL"],
		"service":[{"id":"ID#s","type":"S","serviceEndpoint":{"uri":"https://a.example","d":"a member like any other"}}]}`)
	_, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	_, err = doc.Key(url("rsa"), did.AssertionMethod, time.Time{})
	require.ErrorIs(t, err, did.ErrKey)
	require.NotErrorIs(t, err, did.ErrRelationship)
	for _, id := range []did.URL{url("gone"), url("k2"), did.MustParseURL(stranger + "#k9"), {}} {
		_, err = doc.Key(id, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
	}
	methods := doc.Methods()
	require.Len(t, methods, 5)
	require.ErrorIs(t, methods[0].Err, did.ErrKey)
	require.Equal(t, []did.Relationship{did.AssertionMethod}, methods[1].Relationships)
	require.NoError(t, methods[1].Err)
}

func TestSIG12KeyForAnotherPurpose(t *testing.T) {
	all := []did.Relationship{did.AssertionMethod, did.Authentication, did.CapabilityInvocation, did.CapabilityDelegation}
	for _, listed := range append(all, did.KeyAgreement) {
		for form, entry := range map[string]string{"whole": `"ID#k1"`, "relative": `"#k1"`, "embedded": `M1`} {
			methods := `M1,M2`
			if form == "embedded" {
				methods = `M2`
			}
			doc := parse(t, `{"id":"ID","verificationMethod":[`+methods+`],"`+string(listed)+`":[`+entry+`]}`)
			for _, asked := range append(all, did.KeyAgreement, "") {
				_, err := doc.Key(url("k1"), asked, time.Time{})
				if asked == listed && asked != did.KeyAgreement {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, did.ErrRelationship, "%s listed, %s asked, %s", listed, asked, form)
				require.ErrorIs(t, err, did.ErrKey)
			}
			_, err := doc.Key(url("k2"), listed, time.Time{})
			require.ErrorIs(t, err, did.ErrRelationship, "listed nowhere")
		}
	}
}

func TestSIG12EmbeddedMethodIsForItsRelationshipOnly(t *testing.T) {
	doc := parse(t, `{"id":"ID","authentication":[M1],"assertionMethod":["#k1"],"capabilityInvocation":["ID#k1"]}`)
	_, err := doc.Key(url("k1"), did.Authentication, time.Time{})
	require.NoError(t, err)
	for _, rel := range []did.Relationship{did.AssertionMethod, did.CapabilityInvocation} {
		_, err = doc.Key(url("k1"), rel, time.Time{})
		require.ErrorIs(t, err, did.ErrRelationship)
	}
}

func TestSIG14ForeignMethods(t *testing.T) {
	for name, method := range map[string]string{
		"controller is another DID":      `{"id":"ID#k1","type":"Multikey","controller":"STRANGER","publicKeyMultibase":"KEY1"}`,
		"controller is a DID URL":        `{"id":"ID#k1","type":"Multikey","controller":"ID#k1","publicKeyMultibase":"KEY1"}`,
		"controller in another case":     `{"id":"ID#k1","type":"Multikey","controller":"DID:web:issuer.example","publicKeyMultibase":"KEY1"}`,
		"controller is a fragment":       `{"id":"ID#k1","type":"Multikey","controller":"#k1","publicKeyMultibase":"KEY1"}`,
		"controller is a relative path":  `{"id":"ID#k1","type":"Multikey","controller":"issuer.example","publicKeyMultibase":"KEY1"}`,
		"controller is a URL":            `{"id":"ID#k1","type":"Multikey","controller":"https://issuer.example","publicKeyMultibase":"KEY1"}`,
		"id belongs to another DID":      `{"id":"STRANGER#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1"}`,
		"both belong to another DID":     `{"id":"STRANGER#k1","type":"Multikey","controller":"STRANGER","publicKeyMultibase":"KEY1"}`,
		"id belongs to a longer DID":     `{"id":"ID:x#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1"}`,
		"id of a DID that begins alike":  `{"id":"ID.evil#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1"}`,
		"another DID's, in another type": `{"id":"STRANGER#k1","type":"JsonWebKey","controller":"ID","publicKeyJwk":JWK1}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{
				`{"id":"ID","verificationMethod":[` + method + `],"assertionMethod":["ID#k1","STRANGER#k1","ID:x#k1","ID.evil#k1"]}`,
				`{"id":"ID","assertionMethod":[` + method + `]}`,
			} {
				doc := parse(t, text)
				require.ErrorIs(t, doc.Methods()[0].Err, did.ErrKey)
				for _, id := range []string{issuer + "#k1", stranger + "#k1", issuer + ":x#k1", issuer + ".evil#k1"} {
					_, err := doc.Key(did.MustParseURL(id), did.AssertionMethod, time.Time{})
					require.ErrorIs(t, err, did.ErrKey)
				}
			}
		})
	}
}

func TestDID18Duplicates(t *testing.T) {
	method := func(key, members string) string {
		return `{"id":"ID#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"` + key + `"` + members + `}`
	}
	for name, text := range map[string]string{
		"two keys":              `"verificationMethod":[M1,` + method("KEY2", "") + `]`,
		"whole and short":       `"verificationMethod":[M1,{"id":"#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY2"}]`,
		"for other purposes":    `"authentication":[M1],"assertionMethod":[` + method("KEY2", "") + `]`,
		"listed, embedded":      `"verificationMethod":[M1],"assertionMethod":[` + method("KEY2", "") + `]`,
		"one of them ends":      `"verificationMethod":[M1],"assertionMethod":[` + method("KEY1", `,"expires":"2030-01-01T00:00:00Z"`) + `]`,
		"one more member":       `"verificationMethod":[M1],"assertionMethod":[` + method("KEY1", `,"x":1`) + `]`,
		"one of another's keys": `"verificationMethod":[M1,{"id":"ID#k1","type":"Multikey","controller":"STRANGER","publicKeyMultibase":"KEY1"}]`,
		"one of unknown type":   `"verificationMethod":[{"id":"ID#k1","type":"X","controller":"ID"},M1]`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParseDocument([]byte(fill(`{"id":"ID",` + text + `}`)))
			require.ErrorIs(t, err, did.ErrInvalidDocument)
			require.ErrorIs(t, err, did.ErrKey)
		})
	}
}

func TestDID18ReferenceToAnotherDocument(t *testing.T) {
	doc := parse(t, `{"id":"ID","verificationMethod":[M1],"assertionMethod":["STRANGER#k1"]}`)
	for _, id := range []string{issuer, stranger} {
		_, err := doc.Key(did.MustParseURL(id+"#k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":          ``,
		"an array":         `[]`,
		"null":             `null`,
		"no id":            `{"verificationMethod":[M1]}`,
		"id not a string":  `{"id":["ID"]}`,
		"id no DID":        `{"id":"https://issuer.example"}`,
		"id a DID URL":     `{"id":"ID#k1"}`,
		"id in upper case": `{"ID":"ID"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParseDocument([]byte(fill(text)))
			require.ErrorIs(t, err, did.ErrInvalidDocument)
		})
	}
}

func TestPAR01DocumentStrictJSON(t *testing.T) {
	for name, text := range map[string]string{
		"duplicate id":           `{"id":"ID","id":"STRANGER"}`,
		"duplicate id, reversed": `{"id":"STRANGER","id":"ID"}`,
		"escaped duplicate":      `{"id":"ID","\u0069d":"STRANGER"}`,
		"duplicate relationship": `{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k1"],"assertionMethod":["#k2"]}`,
		"duplicate in a method": `{"id":"ID","verificationMethod":[{"id":"ID#k1","type":"Multikey",` +
			`"controller":"ID","publicKeyMultibase":"KEY1","publicKeyMultibase":"KEY2"}]}`,
		"duplicate in a JWK": `{"id":"ID","verificationMethod":[{"id":"ID#k1","type":"JsonWebKey",` +
			`"controller":"ID","publicKeyJwk":{"kty":"RSA","kty":"OKP","crv":"Ed25519","x":"` + jwkX + `"}}]}`,
		"duplicate in a service":  `{"id":"ID","service":[{"a":1,"a":1}]}`,
		"duplicate in an unknown": `{"id":"ID","x":{"y":[{"a":1,"a":1}]}}`,
		"data behind":             `{"id":"ID"} {"id":"ID"}`,
		"byte order mark":         "\ufeff" + `{"id":"ID"}`,
		"invalid UTF-8":           "{\"id\":\"ID\",\"x\":\"\xff\"}",
		"lone surrogate":          `{"id":"ID","x":"\ud800"}`,
		"comment":                 `{"id":"ID"/**/}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParseDocument([]byte(fill(text)))
			require.ErrorIs(t, err, did.ErrInvalidDocument)
		})
	}
}

func TestKEY09SecretInADocument(t *testing.T) {
	for name, member := range map[string]string{
		"d in a JWK":               `"type":"JsonWebKey","publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"` + jwkX + `","d":"` + jwkD + `"}`,
		"d in a JWK of RSA":        `"type":"JsonWebKey","publicKeyJwk":{"kty":"RSA","n":"AQAB","e":"AQAB","d":"` + jwkD + `"}`,
		"symmetric JWK":            `"type":"JsonWebKey","publicKeyJwk":{"kty":"oct","k":"` + jwkD + `"}`,
		"secretKeyMultibase":       `"type":"Multikey","publicKeyMultibase":"KEY1","secretKeyMultibase":"SECRET"`,
		"secretKeyMultibase alone": `"type":"Multikey","secretKeyMultibase":"SECRET"`,
		"secretKeyJwk":             `"type":"JsonWebKey","secretKeyJwk":{}`,
		"privateKeyMultibase":      `"type":"Ed25519VerificationKey2020","privateKeyMultibase":"SECRET"`,
		"privateKeyBase58":         `"type":"Ed25519VerificationKey2018","privateKeyBase58":"` + jwkD + `"`,
		"in an unknown type":       `"type":"X","y":[{"secretKeyMultibase":"SECRET"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			method := `{"id":"ID#k1","controller":"ID",` + member + `}`
			for _, text := range []string{
				`{"id":"ID","verificationMethod":[` + method + `,M2],"assertionMethod":["#k2"]}`,
				`{"id":"ID","verificationMethod":[M2],"assertionMethod":["#k2",` + method + `]}`,
			} {
				_, err := did.ParseDocument([]byte(fill(text)))
				require.ErrorIs(t, err, did.ErrInvalidDocument)
				require.ErrorIs(t, err, did.ErrKey)
				require.ErrorContains(t, err, "private key material in a public document")
				for _, s := range secrets(testKey(1)) {
					require.NotContains(t, err.Error(), s)
				}
			}
		})
	}
}

func TestKEY08Rotation(t *testing.T) {
	before := parse(t, `{"id":"ID","verificationMethod":[M1],"assertionMethod":["#k1"]}`)
	overlap := parse(t, `{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k1","#k2"]}`)
	after := parse(t, `{"id":"ID","verificationMethod":[M2],"assertionMethod":["#k2"]}`)
	kept := parse(t, `{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k2"]}`)
	for doc, want := range map[*did.Document][2]bool{
		before: {true, false}, overlap: {true, true}, after: {false, true}, kept: {false, true},
	} {
		for i, id := range []did.URL{url("k1"), url("k2")} {
			key, err := doc.Key(id, did.AssertionMethod, time.Time{})
			if !want[i] {
				require.ErrorIs(t, err, did.ErrKey)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, testKey(byte(i+1)).PublicKey(), key)
		}
		_, err := doc.Key(url("k3"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
	}
}

func TestKEY08DatedKeys(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, member := range []string{"expires", "revoked"} {
		doc := parse(t, `{"id":"ID","assertionMethod":[{"id":"ID#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1","`+
			member+`":"2026-11-01T13:00:00+01:00"}]}`)
		_, err := doc.Key(url("k1"), did.AssertionMethod, at.Add(-time.Nanosecond))
		require.NoError(t, err)
		for _, late := range []time.Time{at, at.Add(time.Hour), {}} {
			_, err := doc.Key(url("k1"), did.AssertionMethod, late)
			require.ErrorIs(t, err, did.ErrKey)
			require.ErrorContains(t, err, member)
		}
		_, err = doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey, "Key does not know the time")
		m := doc.Methods()[0]
		require.True(t, m.Expires.Equal(at) != m.Revoked.Equal(at))
	}
	doc := parse(t, `{"id":"ID","assertionMethod":[M1]}`)
	_, err := doc.Key(url("k1"), did.AssertionMethod, at)
	require.NoError(t, err)
}

func TestZeroDocument(t *testing.T) {
	for _, doc := range []*did.Document{nil, {}} {
		require.True(t, doc.ID().IsZero())
		require.Nil(t, doc.Bytes())
		require.Empty(t, doc.Methods())
		_, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
		_, err = doc.Key(did.URL{}, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
	}
}

func TestRES01DocumentCaps(t *testing.T) {
	b := limits.Default()
	size := func(n int) string {
		text := fill(`{"id":"ID","assertionMethod":[M1]}`)
		return text + strings.Repeat(" ", n-len(text))
	}
	methods := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"id":"ID#m%d","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1"}`, i))
		}
		return fill(`{"id":"ID","verificationMethod":[` + strings.Join(list, ",") + `]}`)
	}
	mixed := func(n int) string {
		return strings.Replace(methods(n-1), `"id":`, fill(`"keyAgreement":[M1],"id":`), 1)
	}
	services := func(n int) string {
		return fill(`{"id":"ID","service":[` + strings.TrimSuffix(strings.Repeat(`{},`, n), ",") + `]}`)
	}
	for name, row := range map[string]struct {
		text func(n int) string
		most int
	}{
		"Bytes":                 {size, b.DIDs.DocumentBytes},
		"verification methods":  {methods, b.DIDs.Methods},
		"verification methods ": {mixed, b.DIDs.Methods},
		"services":              {services, b.DIDs.Services},
	} {
		_, err := did.ParseDocument([]byte(row.text(row.most)))
		require.NoError(t, err, name)
		_, err = did.ParseDocument([]byte(row.text(row.most + 1)))
		require.ErrorIs(t, err, did.ErrInvalidDocument, name)
		if name != "Bytes" {
			require.ErrorContains(t, err, strings.TrimSpace(name))
		}
	}
}

func TestDocumentParserBounds(t *testing.T) {
	text := []byte(fill(`{"id":"ID","assertionMethod":[M1]}`))
	_, err := did.DocumentParser{Bounds: did.Bounds{DocumentBytes: len(text)}}.Parse(text)
	require.NoError(t, err)
	_, err = did.DocumentParser{Bounds: did.Bounds{DocumentBytes: len(text) - 1}}.Parse(text)
	require.ErrorIs(t, err, did.ErrInvalidDocument)
	_, err = did.DocumentParser{Bounds: did.Bounds{DocumentBytes: -1}}.Parse(text)
	require.ErrorContains(t, err, "did.Bounds.DocumentBytes is -1")
	require.NotErrorIs(t, err, did.ErrInvalidDocument)
}

// TestGrantexDocument reads a document that another system publishes: an RSA
// key, which is not usable, does not hide the Ed25519 key beside it.
func TestGrantexDocument(t *testing.T) {
	doc, err := did.ParseDocument(testvectors.Read(t, "grantex", "did.json"))
	require.NoError(t, err)
	for _, m := range doc.Methods() {
		_, err := doc.Key(m.ID, did.AssertionMethod, time.Time{})
		if strings.Contains(m.ID.Fragment(), "ed25519") {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, did.ErrKey)
		}
	}
}

func BenchmarkParseDocument(b *testing.B) {
	text := []byte(fill(`{"@context":["https://www.w3.org/ns/did/v1"],"id":"ID","verificationMethod":[M1,M2],` +
		`"assertionMethod":["#k1"],"authentication":["#k2"]}`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.ParseDocument(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDocumentKey(b *testing.B) {
	doc, id := parse(b, `{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k1"]}`), url("k1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := doc.Key(id, did.AssertionMethod, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

// E5: an error says what stands there, and not what the reader has made of it.
func TestE5KeysSayWhatIsThere(t *testing.T) {
	for value, want := range map[string]string{
		"null": "expires is null", "true": "expires is a boolean", `"soon"`: `"soon" is not an instant`,
	} {
		doc := parse(t, `{"id":"ID","assertionMethod":[{"id":"ID#k1","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY1","expires":`+value+`}]}`)
		_, err := doc.Key(url("k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
		require.ErrorContains(t, err, want)
	}
	for jwk, want := range map[string]string{
		`{"keys":[]}`:               "kty missing and crv missing",
		`{"kty":"OKP","crv":25519}`: `kty "OKP" and crv a number`,
		`{"kty":"OKP","crv":"Ed25519","x":"","use":null}`: "use null",
		`{"kty":"OKP","crv":"Ed25519","x":"","alg":[]}`:   "alg an array",
	} {
		_, err := did.ParsePublicJWK([]byte(jwk))
		require.ErrorIs(t, err, did.ErrKey)
		require.ErrorContains(t, err, want)
	}
}
