package did_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

func TestNewDocument(t *testing.T) {
	options := did.DocumentOptions{
		ID: did.MustParse(issuer),
		Keys: []did.DocumentKey{
			{Fragment: "k1", Key: testKey(1).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod, did.Authentication}},
			{Fragment: "k2", Key: testKey(2).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}, JWK: true},
			{Key: testKey(3).PublicKey(), Relationships: []did.Relationship{did.CapabilityInvocation, did.CapabilityInvocation}},
		},
		AlsoKnownAs: []string{"https://issuer.example/\"é\""},
		Services:    []did.Service{{ID: url("status"), Type: "StatusLists", Endpoint: "https://issuer.example/status/"}},
	}
	doc, err := did.NewDocument(options)
	require.NoError(t, err)
	again, err := did.NewDocument(options)
	require.NoError(t, err)
	require.Equal(t, doc.Bytes(), again.Bytes())
	requireCanonical(t, doc.Bytes())
	want := strings.NewReplacer("KEY3", testKey(3).KeyID().Fragment(), "JWK2", string(jwkText(testKey(2).PublicKey().Bytes()))).Replace(fill(`{
		"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1","https://w3id.org/security/jwk/v1"],
		"id":"ID","alsoKnownAs":["https://issuer.example/\"é\""],
		"verificationMethod":[M1,
			{"id":"ID#k2","type":"JsonWebKey","controller":"ID","publicKeyJwk":JWK2},
			{"id":"ID#KEY3","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY3"}],
		"assertionMethod":["ID#k1","ID#k2"],"authentication":["ID#k1"],"capabilityInvocation":["ID#KEY3"],
		"service":[{"id":"ID#status","type":"StatusLists","serviceEndpoint":"https://issuer.example/status/"}]}`))
	require.JSONEq(t, want, string(doc.Bytes()))
}

func TestNewDocumentRefuses(t *testing.T) {
	good := did.DocumentKey{Fragment: "k1", Key: testKey(1).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}}
	key := func(edit func(k *did.DocumentKey)) did.DocumentOptions {
		k := good
		edit(&k)
		return did.DocumentOptions{ID: did.MustParse(issuer), Keys: []did.DocumentKey{k}}
	}
	service := func(s did.Service) did.DocumentOptions {
		return did.DocumentOptions{ID: did.MustParse(issuer), Keys: []did.DocumentKey{good}, Services: []did.Service{s}}
	}
	for name, options := range map[string]did.DocumentOptions{
		"nothing":            {},
		"zero id":            {Keys: []did.DocumentKey{good}},
		"no keys":            {ID: did.MustParse(issuer)},
		"two keys of one id": {ID: did.MustParse(issuer), Keys: []did.DocumentKey{good, good}},
		"no relationship":    key(func(k *did.DocumentKey) { k.Relationships = nil }),
		"key agreement":      key(func(k *did.DocumentKey) { k.Relationships = []did.Relationship{did.KeyAgreement} }),
		"unknown purpose":    key(func(k *did.DocumentKey) { k.Relationships = []did.Relationship{"signing"} }),
		"bad fragment":       key(func(k *did.DocumentKey) { k.Fragment = "a b" }),
		"foreign service":    service(did.Service{ID: did.MustParseURL(stranger + "#s"), Type: "S", Endpoint: "https://a.example"}),
		"service, no type":   service(did.Service{ID: url("s"), Endpoint: "https://a.example"}),
		"service, no place":  service(did.Service{ID: url("s"), Type: "S"}),
		"invalid UTF-8":      service(did.Service{ID: url("s"), Type: "\xff", Endpoint: "https://a.example"}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.NewDocument(options)
			require.ErrorIs(t, err, did.ErrInvalidDocument)
		})
	}
}
