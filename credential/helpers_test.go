package credential_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

var created = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// keyOf returns the key pair of a name, always the same.
func keyOf(tb testing.TB, name string) *did.KeyPair {
	tb.Helper()
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(seed))
	require.NoError(tb, err)
	return key
}

// full is a credential with every member of the data model, issued by the key
// "issuer".
func full(tb testing.TB) string {
	return strings.ReplaceAll(`{
	"@context": ["https://www.w3.org/ns/credentials/v2"],
	"id": "urn:uuid:0192f6a1-0000-7000-8000-000000000001",
	"type": ["VerifiableCredential"],
	"name": "A credential",
	"description": [{"@value": "one of each", "@language": "en", "@direction": "ltr"}, {"@value": "von jedem eins", "@language": "de"}],
	"issuer": {"id": "ISSUER", "name": "Issuer", "description": {"@value": "issues", "@language": "en"}},
	"validFrom": "2026-11-21T00:00:00Z",
	"validUntil": "2026-12-21T00:00:00.5+01:00",
	"credentialSubject": {"id": "did:example:subject", "name": "Subject"},
	"credentialStatus": {"id": "urn:uuid:0192f6a1-0000-7000-8000-000000000002", "type": "BitstringStatusListEntry",
		"statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": "https://issuer.example/status/1"},
	"credentialSchema": {"id": "https://issuer.example/schema", "type": "JsonSchema"},
	"refreshService": {"id": "https://issuer.example/refresh", "type": "https://issuer.example/types#Refresh"},
	"termsOfUse": {"id": "https://issuer.example/terms", "type": "https://issuer.example/types#Terms"},
	"evidence": {"id": "https://issuer.example/evidence", "type": "https://issuer.example/types#Evidence"},
	"relatedResource": {"id": "https://issuer.example/logo.png", "mediaType": "image/png",
		"digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU",
		"digestMultibase": "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"}
}`, "ISSUER", keyOf(tb, "issuer").DID().String())
}

// small is the least credential there is.
func small(tb testing.TB) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` +
		keyOf(tb, "issuer").DID().String() + `","credentialSubject":{"id":"did:example:subject"}}`
}

// edit sets the member at a JSON Pointer to a raw JSON value, appends to an
// array with "-" as last token, and removes where the value is "".
func edit(tb testing.TB, doc, pointer, raw string) string {
	tb.Helper()
	var root any
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	require.NoError(tb, dec.Decode(&root))
	tokens := strings.Split(pointer, "/")[1:]
	for i := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(tokens[i])
	}
	root = editAt(tb, root, tokens, raw)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	require.NoError(tb, enc.Encode(root))
	return strings.TrimSpace(out.String())
}

func editAt(tb testing.TB, at any, tokens []string, raw string) any {
	if len(tokens) == 0 {
		return json.RawMessage(raw)
	}
	switch at := at.(type) {
	case map[string]any:
		if len(tokens) == 1 && raw == "" {
			require.Contains(tb, at, tokens[0])
			delete(at, tokens[0])
			return at
		}
		at[tokens[0]] = editAt(tb, at[tokens[0]], tokens[1:], raw)
		return at
	case []any:
		if tokens[0] == "-" {
			return append(at, json.RawMessage(raw))
		}
		i, err := strconv.Atoi(tokens[0])
		require.NoError(tb, err)
		if len(tokens) == 1 && raw == "" {
			return append(at[:i:i], at[i+1:]...)
		}
		at[i] = editAt(tb, at[i], tokens[1:], raw)
		return at
	}
	tb.Fatalf("nothing to edit at %v", tokens)
	return nil
}

// rename gives a member of the object at a pointer another name.
func rename(tb testing.TB, doc, pointer, name, newName string) string {
	tb.Helper()
	v, err := credential.ParseValue(doc)
	require.NoError(tb, err)
	for _, token := range strings.Split(pointer, "/")[1:] {
		if i, err := strconv.Atoi(token); err == nil {
			for item := range v.Items() {
				if i == 0 {
					v = item
					break
				}
				i--
			}
			continue
		}
		v = v.Get(token)
	}
	m := v.Get(name)
	require.True(tb, m.Exists(), "%s/%s", pointer, name)
	return edit(tb, edit(tb, doc, pointer+"/"+name, ""), pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(newName), m.Raw())
}

// signed secures a credential as its issuer.
func signed(tb testing.TB, doc string, o credential.SignOptions) *credential.Signed {
	tb.Helper()
	if o.Created.IsZero() {
		o.Created = created
	}
	s, err := credential.SignJSON(context.Background(), keyOf(tb, "issuer"), []byte(doc), o)
	require.NoError(tb, err)
	return s
}

// holds parses a document and checks all of its proofs.
func holds(doc string) error {
	s, err := credential.Parse([]byte(doc))
	if err != nil {
		return err
	}
	return s.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{})
}

func requireCode(tb testing.TB, want code.Code, err error) {
	tb.Helper()
	require.Error(tb, err)
	require.Equal(tb, want, code.Of(err), "%v", err)
	require.ErrorIs(tb, err, want)
}

func mustValue(tb testing.TB, text string) credential.Value {
	tb.Helper()
	v, err := credential.ParseValue(text)
	require.NoError(tb, err)
	return v
}
