package verify

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// passportText is a passport of some length, which nobody has signed.
func passportText(id, length int) string {
	text := `{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],"id":"urn:safeconduct:passport:` +
		fmt.Sprintf("01%024d", id) + `","type":["VerifiableCredential","AgentPassportCredential"],"issuer":"did:web:issuer.example","validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-01-02T00:00:00Z",` +
		`"credentialStatus":{"id":"https://issuer.example/1#3","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"3","statusListCredential":"https://issuer.example/1"},` +
		`"credentialSubject":{"id":"did:web:agent.example","type":"AIAgent","name":"`
	end := `","capabilities":[{"action":"data.read"}]}}`
	return text + strings.Repeat("n", max(length-len(text)-len(end), 1)) + end
}

func parsed(t testing.TB, text string) *credential.Signed {
	t.Helper()
	s, err := credential.Parse([]byte(text))
	require.NoError(t, err)
	return s
}

// The memory keeps as many passports as it was told, each by its exact text,
// and none that is longer than it may be.
func TestProvenMemoryIsBounded(t *testing.T) {
	var m provenMemory
	m.init(8, credential.Parser{})
	for id := range 40 {
		text := passportText(id, 1000)
		m.put(parsed(t, text), []ed25519.PublicKey{{}})
		p := m.at(text)
		require.NotNil(t, p)
		require.Equal(t, text, p.signed.Embedded())
		require.Same(t, p, m.at(text+"]}"))
		require.Same(t, p.signed, m.known(text))
		require.Same(t, p, m.of(p.signed))
		require.Nil(t, m.of(parsed(t, text)))
	}
	kept := 0
	for i := range m.slots {
		if m.slots[i].Load() != nil {
			kept++
		}
	}
	require.LessOrEqual(t, kept, 8)
	require.Greater(t, kept, 2)

	for length, keeps := range map[int]bool{maxProvenText: true, maxProvenText + 1: false} {
		text := passportText(41, length)
		require.Len(t, text, length)
		m.put(parsed(t, text), nil)
		require.Equal(t, keeps, m.at(text) != nil && m.at(text).signed.Embedded() == text, length)
	}
	var none provenMemory
	none.init(0, credential.Parser{})
	none.put(parsed(t, passportText(1, 1000)), nil)
	require.Nil(t, none.at(passportText(1, 1000)))
	require.Nil(t, none.at(""))
	require.Nil(t, m.at(""))
}

// Goal 8: a hit allocates nothing.
func TestProvenHitAllocatesNothing(t *testing.T) {
	var m provenMemory
	m.init(8, credential.Parser{})
	text := passportText(1, 2900)
	m.put(parsed(t, text), []ed25519.PublicKey{{}})
	s := m.known(text)
	require.NotNil(t, s)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if m.known(text) != s || m.of(s) == nil {
			t.Fatal("forgotten")
		}
	}))
}

// A hit counts for the key and the purpose that the proof held under.
func TestProvenCheckAsksForTheKey(t *testing.T) {
	key, other := make(ed25519.PublicKey, 32), make(ed25519.PublicKey, 32)
	other[0] = 1
	text := strings.TrimSuffix(passportText(1, 1000), "}") + `,"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod","verificationMethod":"did:web:issuer.example#k"}}`
	p := &provenPassport{signed: parsed(t, text), keys: []ed25519.PublicKey{key}}
	require.NoError(t, p.check(0, key, did.AssertionMethod))
	require.Error(t, p.check(0, other, did.AssertionMethod))
	require.Error(t, p.check(0, key, did.Authentication))
	require.Error(t, p.check(0, nil, did.AssertionMethod))
}

// Goal 8: finding a passport that was proven before.
func BenchmarkProvenHit(b *testing.B) {
	var m provenMemory
	m.init(1024, credential.Parser{})
	text := passportText(1, 2900)
	m.put(parsed(b, text), []ed25519.PublicKey{{}})
	b.ReportAllocs()
	for b.Loop() {
		if m.known(text) == nil {
			b.Fatal("forgotten")
		}
	}
}
