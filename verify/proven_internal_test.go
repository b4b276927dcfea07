package verify

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// passportText is a passport of some length, which nobody has signed.
func passportText(id, length int) string {
	text := `{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],"id":"urn:safeconduct:passport:` +
		fmt.Sprintf("01%024d", id) + `","type":["VerifiableCredential","AgentPassportCredential"],` +
		`"issuer":"did:web:issuer.example","validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-01-02T00:00:00Z",` +
		`"credentialStatus":{"id":"https://issuer.example/1#3","type":"BitstringStatusListEntry",` +
		`"statusPurpose":"revocation","statusListIndex":"3","statusListCredential":"https://issuer.example/1"},` +
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
		require.Nil(t, m.known(text))
		m.put(parsed(t, text), []did.PublicKey{{}})
		s := m.known(text)
		require.NotNil(t, s)
		require.Equal(t, text, s.Embedded())
		require.Same(t, s, m.known(text+"]}"))
		require.Nil(t, m.known(text[:len(text)-1]))
		require.Nil(t, m.known(strings.Replace(text, "nnn", "mmm", 1)))
		require.Nil(t, m.known(strings.Replace(text, "data.read", "data.rea*", 1)), "what differs far behind is another document")
		require.Same(t, s, m.of(s).signed)
		require.Nil(t, m.of(parsed(t, text)))
	}
	kept := 0
	for i := range m.slots {
		if m.slots[i].Load() != nil {
			kept++
		}
	}
	require.Equal(t, 8, kept)

	// Of documents that begin alike the newest ones are remembered.
	var same provenMemory
	same.init(64, credential.Parser{})
	texts := make([]string, 10)
	for i := range texts {
		texts[i] = strings.TrimSuffix(passportText(1, 1000), "}") + strings.Repeat(" ", i) + "}"
		same.put(parsed(t, texts[i]), nil)
	}
	for i := range texts {
		require.Equal(t, i >= len(texts)-provenWays, same.known(texts[i]) != nil, i)
	}

	for length, keeps := range map[int]bool{maxProvenText: true, maxProvenText + 1: false} {
		text := passportText(41, length)
		require.Len(t, text, length)
		m.put(parsed(t, text), nil)
		require.Equal(t, keeps, m.known(text) != nil, length)
	}
	var none provenMemory
	none.init(0, credential.Parser{})
	none.put(parsed(t, passportText(1, 1000)), nil)
	require.Nil(t, none.known(passportText(1, 1000)))
	require.Nil(t, none.known(""))
	require.Nil(t, m.known(""))

	// Nor one of very many very short values.
	withItem := func(item string) string {
		return strings.TrimSuffix(passportText(42, 1000), "}}") + `,"extensions":{"a":[` + strings.Repeat(item+",", 900) + item + `]}}}`
	}
	m.put(parsed(t, withItem(`"a long text"`)), nil)
	require.NotNil(t, m.known(withItem(`"a long text"`)))
	text := withItem(`"a"`)
	m.put(parsed(t, text), nil)
	require.Nil(t, m.known(text))
}

// RES-05: what is kept of a passport is not more than eight times its text,
// though it be of very many small values that all have to be decoded.
func TestProvenMemoryPerText(t *testing.T) {
	for _, item := range []string{`"\\bcdefgh"`, `"abcdefgh"`, `{"a":"\\bcdefghijklmnopq"}`, `12345678901`} {
		const places = 64
		var m provenMemory
		m.init(places, credential.Parser{})
		text, size := make([]string, places*4), 0
		for i := range text {
			begin := strings.TrimSuffix(passportText(i, 700), "}}") + `,"extensions":{"a":[`
			n := (maxProvenText - len(begin) - 10) / (len(item) + 1)
			text[i] = begin + strings.Repeat(item+",", min(n, 1020)-1) + item + "]}}}"
			size = len(text[i])
		}
		heap := func() int {
			var s runtime.MemStats
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&s)
			return int(s.HeapAlloc)
		}
		before := heap()
		for i := range text {
			m.put(parsed(t, text[i]), nil)
		}
		kept := (heap() - before) / places
		t.Logf("%s: %d of %d bytes", item, kept, size)
		require.Greater(t, kept, 2*size, "nothing is kept")
		require.Less(t, kept, 8*size)
		runtime.KeepAlive(&m)
		runtime.KeepAlive(text)
	}
}

// Goal 8: a hit allocates nothing.
func TestProvenHitAllocatesNothing(t *testing.T) {
	var m provenMemory
	m.init(8, credential.Parser{})
	text := passportText(1, 2900)
	m.put(parsed(t, text), []did.PublicKey{{}})
	s := m.known(text)
	require.NotNil(t, s)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if m.known(text) != s || m.of(s) == nil {
			t.Fatal("forgotten")
		}
	}))
}

// What is remembered of a chain holds on to none of its passports: one that
// was forgotten is gone.
func TestProvenMemoryHoldsNoAncestors(t *testing.T) {
	var m provenMemory
	m.init(1, credential.Parser{})
	links := make([]link, 3)
	for i := range links {
		text := passportText(i, 1000)
		m.put(parsed(t, text), nil)
		links[i].proven = m.of(m.known(text))
		require.NotNil(t, links[i].proven)
	}
	rememberNarrowing(links)
	require.True(t, narrowed(links))
	require.False(t, narrowed(links[1:]))
	forgotten := weak.Make(links[0].proven)
	links[0].proven = nil
	require.False(t, narrowed(links))
	runtime.GC()
	require.Nil(t, forgotten.Value())
	runtime.KeepAlive(&m)
	runtime.KeepAlive(links)
}

// A hit counts for the key and the purpose that the proof held under.
func TestProvenCheckAsksForTheKey(t *testing.T) {
	var keys [2]did.PublicKey
	for i := range keys {
		pair, err := did.GenerateKey()
		require.NoError(t, err)
		keys[i] = pair.PublicKey()
	}
	key, other := keys[0], keys[1]
	text := strings.TrimSuffix(passportText(1, 1000), "}") +
		`,"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod",` +
		`"verificationMethod":"did:web:issuer.example#k"}}`
	p := &provenPassport{signed: parsed(t, text), keys: []did.PublicKey{key}}
	require.NoError(t, p.check(0, key, did.AssertionMethod))
	require.Error(t, p.check(0, other, did.AssertionMethod))
	require.Error(t, p.check(0, key, did.Authentication))
	require.Error(t, p.check(0, did.PublicKey{}, did.AssertionMethod))
}

// Goal 8: finding a passport that was proven before.
func BenchmarkProvenHit(b *testing.B) {
	var m provenMemory
	m.init(1024, credential.Parser{})
	text := passportText(1, 2900)
	m.put(parsed(b, text), []did.PublicKey{{}})
	b.ReportAllocs()
	for b.Loop() {
		if m.known(text) == nil {
			b.Fatal("forgotten")
		}
	}
}
