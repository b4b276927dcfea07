package contexts_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
)

// CAN-23: altered bytes of an embedded context are noticed.
func TestCAN23PinnedDigests(t *testing.T) {
	require.Len(t, contexts.Sources(), 10)
	for _, s := range contexts.Sources() {
		sum := sha256.Sum256([]byte(s.Text))
		require.Equal(t, s.SHA256, hex.EncodeToString(sum[:]), s.URL)
		if s.Official != "" {
			require.Equal(t, s.Official, s.SHA256, "%s: the embedded bytes are the official ones", s.URL)
		}
		if s.SRI != "" {
			sum := sha512.Sum384([]byte(s.Text))
			require.Equal(t, s.SRI, "sha384-"+base64.StdEncoding.EncodeToString(sum[:]))
		}
		require.True(t, contexts.Default().Has(s.URL))
		_, err := contexts.Default().Resolve([]string{s.URL})
		require.NoError(t, err, s.URL)
	}
	v2 := contexts.Sources()[1]
	require.Equal(t, contexts.CredentialsV2, v2.URL)
	require.Equal(t, "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734", v2.Official)
}

// Our own context against its specification: what every scope defines, how it
// coerces, that all is protected, and that no property-scoped context defines
// the name of its own property (other engines drop the values silently then).
func TestSafeconductContext(t *testing.T) {
	const (
		M   = "https://w3id.org/security#multibase"
		D   = "http://www.w3.org/2001/XMLSchema#dateTime"
		N   = "http://www.w3.org/2001/XMLSchema#integer"
		ns  = "https://w3id.org/safeconduct#"
		set = "@set "
	)
	money := "amount currency decimals:" + N
	want := map[string]string{
		"": "AgentPassportCredential ManifestationOfWillCredential " +
			"AgreementAcceptanceCredential AIAgent{} AgentPresentation{} AgentIntent{} ManifestationOfWill{} AgreementAcceptance{}",
		"/AIAgent": "role framework humanPrincipal:@id organizationDID:@id grantId " +
			"templateId:@id capabilities+set{} deniedActions+set allowedMPPCategories+set paymentRails+set " +
			"maxTransactionAmount{} spendLimits+set{} limits:@json payees+set resources+set audiences+set " +
			"regions+set timeWindows+set{} assurance{} attestation{} consent:@id delegationDepth:" + N +
			" maxDelegationDepth:" + N + " parentPassportId:@id parentDigest:" + M + " extensions:@json",
		"/AIAgent/capabilities":         "action params:@json",
		"/AIAgent/maxTransactionAmount": money,
		"/AIAgent/spendLimits":          money + " per timeZone action",
		"/AIAgent/timeWindows":          "days+set start end timeZone",
		"/AIAgent/assurance":            "level method provider verifiedAt:" + D + " evidenceDigest:" + M,
		"/AIAgent/attestation":          "framework modelDigest:" + M + " promptDigest:" + M + " toolsDigest:" + M,
		"/AgentPresentation":            "intent:@id",
		"/AgentIntent": "passportId:@id action resource transactionAmount{} payee category rail " +
			"region parameters:@json bodyDigest:" + M + " issuedAt:" + D + " expiresAt:" + D,
		"/AgentIntent/transactionAmount": money,
		"/ManifestationOfWill":           "statementDigest:" + M,
		"/AgreementAcceptance":           "agreement:@id agreementVersion agreementKind textDigest:" + M + " acceptedAt:" + D,
	}
	var file struct {
		Context map[string]any `json:"@context"`
	}
	sources := contexts.Sources()
	require.NoError(t, json.Unmarshal([]byte(sources[len(sources)-1].Text), &file))
	got := map[string]string{}
	var walk func(path, property string, m map[string]any)
	walk = func(path, property string, m map[string]any) {
		require.Equal(t, true, m["@protected"], path)
		var names []string
		for name, v := range m {
			if name == "@protected" {
				continue
			}
			require.NotEqual(t, property, name, "%s defines the name of its own property", path)
			require.NotContains(t, []string{"id", "type", "name", "description", "digestMultibase", "mediaType"}, name)
			entry := name
			if def, ok := v.(map[string]any); ok {
				require.Equal(t, ns+name, def["@id"])
				if c, ok := def["@container"]; ok {
					entry += "+" + strings.TrimPrefix(c.(string), "@")
				}
				if typ, ok := def["@type"]; ok {
					entry += ":" + typ.(string)
				}
				if scope, ok := def["@context"]; ok {
					entry += "{}"
					walk(path+"/"+name, name, scope.(map[string]any))
				}
			} else {
				require.Equal(t, ns+name, v)
			}
			names = append(names, entry)
		}
		got[path] = strings.Join(names, " ")
	}
	walk("", "", file.Context)
	require.Len(t, got, len(want))
	for path := range want {
		require.ElementsMatch(t, strings.Fields(want[path]), strings.Fields(got[path]), path)
	}
}

// CAN-22: nothing but the exact names of embedded contexts.
func TestCAN22UnknownContexts(t *testing.T) {
	for _, url := range []string{
		"https://example.com/ctx", "file:///etc/passwd", "/etc/passwd", "", "http://www.w3.org/ns/credentials/v2",
		contexts.CredentialsV2 + "#", contexts.CredentialsV2 + "/", "https://WWW.w3.org/ns/credentials/v2", "data:application/json,{}",
	} {
		_, err := contexts.Default().Resolve([]string{contexts.CredentialsV2, url})
		require.ErrorIs(t, err, code.EnvelopeContext, url)
		require.ErrorContains(t, err, "not embedded")
		require.ErrorContains(t, err, url)
	}
}

// CAN-24: protected terms stay as they are, by whatever way they are touched.
func TestCAN24ProtectedTerms(t *testing.T) {
	for name, ctx := range map[string]string{
		"redefined":                `{"issuer2":"urn:x:y","id":"urn:x:id"}`,
		"null":                     `{"name":null}`,
		"null by id":               `{"name":{"@id":null}}`,
		"null context":             `null`,
		"null context in array":    `[null]`,
		"other coercion":           `{"name":{"@id":"https://schema.org/name","@type":"@id"}}`,
		"other container":          `{"name":{"@id":"https://schema.org/name","@container":"@set"}}`,
		"other scope":              `{"JsonSchema":{"@id":"https://www.w3.org/2018/credentials#JsonSchema","@context":{}}}`,
		"without its scope":        `{"JsonSchema":"https://www.w3.org/2018/credentials#JsonSchema"}`,
		"second of two definition": `[{"a":"urn:x:a"},{"description":"urn:x:d"}]`,
	} {
		set, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":`+ctx+`}`))
		require.NoError(t, err, name)
		_, err = set.Resolve([]string{contexts.CredentialsV2, "urn:test:ctx"})
		require.ErrorIs(t, err, code.EnvelopeContext, name)
	}
	same, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{"name":"https://schema.org/name"}}`))
	require.NoError(t, err)
	a, err := same.Resolve([]string{contexts.CredentialsV2, "urn:test:ctx"})
	require.NoError(t, err, "the same definition again is no redefinition")
	require.True(t, a.Term("name").Protected)

	// A type-scoped context may not touch them, a property-scoped one may.
	scoped, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{
		"T":{"@id":"urn:x:T","@context":{"name":"urn:x:name"}},
		"N":{"@id":"urn:x:N","@context":null},
		"p":{"@id":"urn:x:p","@context":{"name":"urn:x:name"}}}}`))
	require.NoError(t, err)
	a, err = scoped.Resolve([]string{contexts.CredentialsV2, "urn:test:ctx"})
	require.NoError(t, err)
	for _, typ := range []string{"T", "N"} {
		_, err = a.ForType(a.Term(typ))
		require.ErrorIs(t, err, code.EnvelopeContext, typ)
	}
	b, err := a.ForProperty(a.Term("p"))
	require.NoError(t, err)
	require.Equal(t, "urn:x:name", b.Term("name").IRI)
	require.Equal(t, "https://schema.org/name", a.Term("name").IRI, "the outer context is not changed")

	_, err = contexts.Default().With("urn:test:ctx", []byte(`{"@context":[{"@protected":true,"a":"urn:x:a"},{"a":"urn:x:b"}]}`))
	require.ErrorIs(t, err, code.EnvelopeContext, "its own protected term")
}

// CAN-27: VC 1.1 and VC 2.0 contexts exclude each other; StatusList2021 goes
// with either only where it says the same.
func TestCAN27ContextsThatExcludeEachOther(t *testing.T) {
	for _, urls := range [][]string{
		{contexts.CredentialsV1, contexts.CredentialsV2},
		{contexts.CredentialsV2, contexts.CredentialsV1},
	} {
		_, err := contexts.Default().Resolve(urls)
		require.ErrorIs(t, err, code.EnvelopeContext)
	}
	for _, urls := range [][]string{
		{contexts.CredentialsV2, contexts.SafeconductV1},
		{contexts.CredentialsV2, contexts.SafeconductV1, contexts.StatusList2021V1},
		{contexts.CredentialsV1, contexts.StatusList2021V1, contexts.DataIntegrityV2},
		{contexts.CredentialsV1, contexts.DataIntegrityV2},
		{contexts.CredentialsV2, contexts.MultikeyV1, contexts.JWKV1},
		{contexts.DIDV1, contexts.MultikeyV1},
		{contexts.CredentialsV1, contexts.Ed25519Signature2020V1},
	} {
		_, err := contexts.Default().Resolve(urls)
		require.NoError(t, err, "%v", urls)
	}
}

// CAN-26: what a host registers stands on its own, and an endless context is
// refused, not followed.
func TestCAN26Registration(t *testing.T) {
	for name, raw := range map[string]string{
		"includes itself":          `{"@context":"urn:test:ctx"}`,
		"includes itself in array": `{"@context":[{"a":"urn:x:a"},"urn:test:ctx"]}`,
		"includes itself in scope": `{"@context":{"a":{"@id":"urn:x:a","@context":"urn:test:ctx"}}}`,
		"includes an embedded one": `{"@context":["` + contexts.CredentialsV2 + `"]}`,
		"import":                   `{"@context":{"@import":"` + contexts.CredentialsV2 + `"}}`,
		"import in scope":          `{"@context":{"a":{"@id":"urn:x:a","@context":{"@import":"urn:y:z"}}}}`,
		"cyclic term":              `{"@context":{"a":"b:x","b":"a:y"}}`,
		"no @context":              `{"a":"urn:x:a"}`,
		"not JSON":                 `{"@context":{`,
		"duplicate":                `{"@context":{"a":"urn:x:a","a":"urn:x:b"}}`,
		"number":                   `{"@context":1}`,
		"protected is a string":    `{"@context":{"@protected":"yes"}}`,
		"term protected is string": `{"@context":{"a":{"@id":"urn:x:a","@protected":"yes"}}}`,
		"container of a number":    `{"@context":{"a":{"@id":"urn:x:a","@container":[1]}}}`,
		"empty term":               `{"@context":{"":"urn:x:a"}}`,
		"version":                  `{"@context":{"@version":1.0}}`,
		"keyword":                  `{"@context":{"@id":"urn:x:a"}}`,
		"keyword alias":            `{"@context":{"c":"@context"}}`,
		"unknown keyword":          `{"@context":{"@evil":"urn:x:a"}}`,
		"blank node":               `{"@context":{"a":"_:b"}}`,
		"relative":                 `{"@context":{"a":"b"}}`,
		"no IRI":                   `{"@context":{"a":{"@type":"@id"}}}`,
		"type relative":            `{"@context":{"a":{"@id":"urn:x:a","@type":"b"}}}`,
		"unknown member":           `{"@context":{"a":{"@id":"urn:x:a","@foo":1}}}`,
		"list in set":              `{"@context":{"a":{"@id":"urn:x:a","@container":["@list","@set"]}}}`,
		"looks like another IRI":   `{"@context":{"x:a":"urn:x:b"}}`,
		"language":                 `{"@context":{"@language":"a b"}}`,
	} {
		_, err := contexts.Default().With("urn:test:ctx", []byte(raw))
		require.ErrorIs(t, err, code.EnvelopeContext, name)
		require.ErrorContains(t, err, "urn:test:ctx", name)
	}
	deep := strings.Repeat(`{"a":{"@id":"urn:x:a","@context":`, 40) + `{}` + strings.Repeat(`}}`, 40)
	_, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":`+deep+`}`))
	require.ErrorIs(t, err, code.EnvelopeContext)

	for _, url := range []string{"", "relative", "https://a b/", contexts.CredentialsV2} {
		_, err := contexts.Default().With(url, []byte(`{"@context":{}}`))
		require.ErrorIs(t, err, code.EnvelopeContext, url)
	}
	one, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{"a":"urn:x:a"}}`))
	require.NoError(t, err)
	require.True(t, one.Has("urn:test:ctx"))
	require.False(t, contexts.Default().Has("urn:test:ctx"), "the set that was extended is not changed")
	require.False(t, new(contexts.Set).Has(contexts.CredentialsV2))
	two, err := new(contexts.Set).With("urn:test:ctx", []byte(`{"@context":{"a":"urn:x:a"}}`))
	require.NoError(t, err)
	_, err = two.Resolve([]string{"urn:test:ctx"})
	require.NoError(t, err)
}

// CAN-30: one set, many goroutines, the same answers; and however many
// combinations a stranger thinks of, few are remembered.
func TestCAN30ConcurrentAndBounded(t *testing.T) {
	var defs strings.Builder
	for i := range 400 {
		fmt.Fprintf(&defs, `,"T%d":{"@id":"urn:x:T%d","@context":{"p%d":"urn:x:p%d"}}`, i, i, i, i)
	}
	set, err := contexts.Default().With("urn:test:many", []byte(`{"@context":{`+defs.String()[1:]+`}}`))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 400 {
				a, err := set.Resolve([]string{contexts.CredentialsV2, "urn:test:many"})
				if err != nil {
					t.Error(err)
					return
				}
				name := fmt.Sprint((i + g) % 400)
				b, err := a.ForType(a.Term("T" + name))
				if err != nil || b.Term("p"+name) == nil || b.Previous() != a {
					t.Errorf("type %s: %v", name, err)
					return
				}
			}
		}()
	}
	wg.Wait()
	require.LessOrEqual(t, contexts.Remembered(set), 300)
	a, err := set.Resolve([]string{contexts.CredentialsV2})
	require.NoError(t, err)
	b, err := set.Resolve([]string{contexts.CredentialsV2})
	require.NoError(t, err)
	require.Same(t, a, b)
}
