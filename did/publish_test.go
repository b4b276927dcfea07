package did_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

func TestNewDocument(t *testing.T) {
	options := did.DocumentOptions{
		ID: did.MustParse(issuer),
		Keys: []did.DocumentKey{
			{Fragment: "k1", Key: testKey(1).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod, did.Authentication}},
			{Fragment: "k2", Key: testKey(2).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}, JWK: true},
			{
				Fragment: "k4", Key: testKey(4).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod},
				Expires: time.Date(2027, 1, 2, 3, 4, 5, 6, time.UTC),
			},
			{Fragment: "k5", Key: testKey(5).PublicKey(), Revoked: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
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
	want := strings.NewReplacer("KEY3", testKey(3).KeyID().Fragment(), "KEY4", testKey(4).KeyID().Fragment(),
		"KEY5", testKey(5).KeyID().Fragment(), "JWK2", string(jwkText(testKey(2).PublicKey().Bytes()))).Replace(fill(`{
		"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1","https://w3id.org/security/jwk/v1"],
		"id":"ID","alsoKnownAs":["https://issuer.example/\"é\""],
		"verificationMethod":[M1,
			{"id":"ID#k2","type":"JsonWebKey","controller":"ID","publicKeyJwk":JWK2},
			{"id":"ID#k4","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY4","expires":"2027-01-02T03:04:05Z"},
			{"id":"ID#k5","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY5","revoked":"2026-01-02T03:04:05Z"},
			{"id":"ID#KEY3","type":"Multikey","controller":"ID","publicKeyMultibase":"KEY3"}],
		"assertionMethod":["ID#k1","ID#k2","ID#k4"],"authentication":["ID#k1"],"capabilityInvocation":["ID#KEY3"],
		"service":[{"id":"ID#status","type":"StatusLists","serviceEndpoint":"https://issuer.example/status/"}]}`))
	require.JSONEq(t, want, string(doc.Bytes()))

	// C1: a key with an end is good until then.
	end := options.Keys[2].Expires.Truncate(time.Second)
	_, err = doc.Key(url("k4"), did.AssertionMethod, end.Add(-1))
	require.NoError(t, err)
	_, err = doc.Key(url("k4"), did.AssertionMethod, end)
	require.ErrorIs(t, err, did.ErrKey)
	_, err = doc.Key(url("k5"), did.AssertionMethod, options.Keys[3].Revoked.Add(-time.Hour))
	require.ErrorIs(t, err, did.ErrRelationship)
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
		"an end long ago":    key(func(k *did.DocumentKey) { k.Expires = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }),
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
