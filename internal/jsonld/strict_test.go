package jsonld_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/rdfc/nqtest"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// shuffle writes a document anew, members and unordered arrays in another
// order: the same document to RDF.
func shuffle(r *rand.Rand, v any) string {
	switch x := v.(type) {
	case map[string]any:
		var members []string
		for name, m := range x {
			text := shuffle(r, m)
			if name == "@context" { // its order matters
				b, _ := json.Marshal(m)
				text = string(b)
			}
			members = append(members, fmt.Sprintf("%q: %s", name, text))
		}
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		return "{ " + strings.Join(members, " ,\n") + "}"
	case []any:
		var items []string
		for _, item := range x {
			items = append(items, shuffle(r, item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// CAN-03 and CAN-08 for JSON-LD: the order of members and white space do not
// matter, nor does the order of an array without @list.
func TestCAN08SameDocument(t *testing.T) {
	text := passport(t)
	want, err := ours(parse(t, text))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		got, err := ours(parse(t, shuffle(r, decode(t, text))))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for old, new := range map[string]string{
		`["payments.refund","orders.cancel"]`: `["orders.cancel","payments.refund"]`,
		`"AIAgent"`:                           `["AIAgent"]`,
		`{"id":"did:web:issuer.example","name":"Example Passport Office"}`: `{"name":"Example Passport Office","id":"did:web:issuer.example"}`,
	} {
		require.Equal(t, 1, strings.Count(text, old))
		got, err := ours(parse(t, strings.Replace(text, old, new, 1)))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Whatever a document says, it says in its hash: every scalar changed and
// every member removed gives another hash, or a refusal.
func TestEveryClaimCounts(t *testing.T) {
	text := passport(t)
	root := parse(t, text)
	seen := map[string]string{"": ""}
	want, err := ours(root)
	require.NoError(t, err)
	seen[want] = "the document itself"
	count := 0
	try := func(what, edited string) {
		v, err := strictjson.Parse(edited, limits.Default().JSON(1<<20))
		require.NoError(t, err, what)
		got, err := ours(v)
		if err != nil {
			require.NotEmpty(t, code.Of(err), what)
			return
		}
		require.Empty(t, seen[got], "%s gives what this gives", what)
		seen[got] = what
		count++
	}
	var walk func(v strictjson.Value)
	walk = func(v strictjson.Value) {
		start, end := v.Offset(), v.Offset()+len(v.Raw())
		switch v.Kind() {
		case strictjson.Object:
			for name, m := range v.Members() {
				if name == "@context" {
					continue
				}
				walk(m)
				member := fmt.Sprintf("%q:%s", name, m.Raw())
				for _, old := range []string{member + ",", "," + member} {
					if strings.Count(text, old) == 1 {
						try("without "+m.Path(), strings.Replace(text, old, "", 1))
						break
					}
				}
			}
		case strictjson.Array:
			for item := range v.Items() {
				walk(item)
			}
		case strictjson.String:
			try("other "+v.Path(), text[:end-1]+"x"+text[end-1:])
		case strictjson.Number:
			try("other "+v.Path(), text[:start]+"7"+text[end:])
		case strictjson.Bool:
			try("other "+v.Path(), text[:start]+map[string]string{"true": "false", "false": "true"}[v.Raw()]+text[end:])
		}
	}
	walk(root)
	require.Greater(t, count, 80)
}

// The loss check stands on its own: two objects that RDF can not tell apart,
// or two members that say the same, are found by counting.
func TestLossCheck(t *testing.T) {
	set, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{"id":"@id","a":"urn:a","b":"urn:a","c":{"@id":"urn:c","@type":"@id"}}}`))
	require.NoError(t, err)
	a, err := set.Resolve([]string{"urn:test:ctx"})
	require.NoError(t, err)
	for doc, twice := range map[string]bool{
		`{"a":"x","b":"x"}`:                  true,
		`{"a":"x","b":"y"}`:                  false,
		`{"a":[1,"1"]}`:                      false,
		`{"c":[{"id":"urn:x:1"},"urn:x:1"]}`: true,
		`{"c":[{"a":"x"},{"a":"x"}]}`:        false, // two blank nodes
	} {
		_, err := jsonld.Hash(jsonld.Input{Root: parse(t, doc), Active: a}, limits.Default().Documents)
		if twice {
			require.ErrorIs(t, err, code.EnvelopeDataLoss, doc)
			require.ErrorContains(t, err, "is listed twice", doc)
		} else {
			require.NoError(t, err, doc)
		}
	}
}

// CAN-18: what is ordered stays ordered.
func TestCAN18Lists(t *testing.T) {
	set, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{"steps":{"@id":"urn:steps","@container":"@list"}}}`))
	require.NoError(t, err)
	a, err := set.Resolve([]string{"urn:test:ctx"})
	require.NoError(t, err)
	seen := map[[32]byte]bool{}
	for _, doc := range []string{`{"steps":["a","b"]}`, `{"steps":["b","a"]}`, `{"steps":["a","b","b"]}`, `{"steps":["a"]}`} {
		sum, err := jsonld.Hash(jsonld.Input{Root: parse(t, doc), Active: a}, limits.Default().Documents)
		require.NoError(t, err)
		require.False(t, seen[sum], doc)
		seen[sum] = true
	}
}

// CAN-28: each credential of a presentation stands in a graph of its own, and
// so does what its own proof says.
func TestCAN28PresentationGraphs(t *testing.T) {
	doc := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiablePresentation","holder":"did:x:h",
	"verifiableCredential":[{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:vc","type":"VerifiableCredential","issuer":"did:x:i",
	"credentialSubject":{"id":"did:x:s","name":"S"},
	"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod"}}]}`
	got, err := ours(parse(t, doc))
	require.NoError(t, err)
	want, _, err := nqtest.Parse(`<did:x:s> <https://schema.org/name> "S" _:c14n0 .
<urn:x:vc> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://www.w3.org/2018/credentials#VerifiableCredential> _:c14n0 .
<urn:x:vc> <https://w3id.org/security#proof> _:c14n1 _:c14n0 .
<urn:x:vc> <https://www.w3.org/2018/credentials#credentialSubject> <did:x:s> _:c14n0 .
<urn:x:vc> <https://www.w3.org/2018/credentials#issuer> <did:x:i> _:c14n0 .
_:c14n2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#DataIntegrityProof> _:c14n1 .
_:c14n2 <https://w3id.org/security#cryptosuite> "eddsa-jcs-2022"^^<https://w3id.org/security#cryptosuiteString> _:c14n1 .
_:c14n2 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> _:c14n1 .
_:c14n3 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://www.w3.org/2018/credentials#VerifiablePresentation> .
_:c14n3 <https://www.w3.org/2018/credentials#holder> <did:x:h> .
_:c14n3 <https://www.w3.org/2018/credentials#verifiableCredential> _:c14n0 .
`)
	require.NoError(t, err)
	require.NoError(t, want.Canonicalize(limits.Default().Documents, rdfc.SHA256))
	require.Equal(t, string(want.AppendNQuads(nil)), got)
}

// CAN-30: one context, many goroutines, one answer.
func TestCAN30Concurrent(t *testing.T) {
	root := parse(t, passport(t))
	want, err := ours(root)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 8 {
				if got, err := ours(root); err != nil || got != want {
					t.Errorf("another answer: %v", err)
				}
			}
		}()
	}
	wg.Wait()
}

// CAN-20: under the conformance profile no walk has looked at the numbers of a
// JSON value before, so the engine does.
func TestCAN20RoundedNumberUnderConformance(t *testing.T) {
	for number, want := range map[string]code.Code{
		"0.1": "", "9007199254740991": "",
		"0.1000000000000000055": code.EnvelopeDataLoss, "9007199254740993": code.EnvelopeDataLoss,
	} {
		v, err := strictjson.Parse(`{"@context":{"j":{"@id":"urn:x:j","@type":"@json"}},"j":{"a":[{"b":`+number+`}]}}`, limits.Default().JSON(1<<16))
		require.NoError(t, err)
		_, err = jsonld.Hash(jsonld.Input{Root: v, Conformance: true}, limits.Default().Documents)
		require.Equal(t, want, code.Of(err), "%s: %v", number, err)
	}
}

// Goal 10: what is made to take long is decided or refused by a bound.
// BenchmarkRES02Worst of package verify shows the time.
func TestWorstCases(t *testing.T) {
	entry := func(i int) string { return fmt.Sprintf(`{"amount":"%d","currency":"EUR","per":"day"}`, i) }
	subject := func(inside string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],` +
			`"type":"VerifiableCredential","credentialSubject":{"type":"AIAgent",` + inside + `}}`
	}
	repeat := func(n int, f func(int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = f(i)
		}
		return strings.Join(items, ",")
	}
	// What is not named here is decided.
	refused := map[string]code.Code{
		"deep": code.ProofTooComplex, "too many blank nodes": code.ProofTooComplex, "too long": code.ProofTooComplex,
		"unknown members": code.EnvelopeDataLoss,
	}
	for name, text := range map[string]string{
		"many blank nodes":     subject(`"spendLimits":[` + repeat(250, entry) + `]`),
		"too many blank nodes": subject(`"spendLimits":[` + repeat(400, entry) + `]`),
		"six equal nodes":      subject(`"spendLimits":[` + repeat(6, func(int) string { return entry(1) }) + `]`),
		"pairs of equal nodes": subject(`"spendLimits":[` + repeat(250, func(i int) string { return entry(i / 2) }) + `]`),
		"sixes of equal nodes": subject(`"spendLimits":[` + repeat(250, func(i int) string { return entry(i / 6) }) + `]`),
		"long array":           subject(`"regions":[` + repeat(1000, func(i int) string { return fmt.Sprintf(`"r%d"`, i) }) + `]`),
		"too long":             subject(`"regions":[` + repeat(1020, func(i int) string { return fmt.Sprintf(`"r%d"`, i) }) + `],"payees":["x","y","z"]`),
		"deep":                 subject(strings.Repeat(`"capabilities":{"type":"AIAgent",`, 28) + `"role":"x"` + strings.Repeat(`}`, 28)),
		"unknown members":      subject(repeat(2000, func(i int) string { return fmt.Sprintf(`"m%d":1`, i) })),
		"big JSON":             subject(`"extensions":{"a":[` + repeat(1000, func(i int) string { return fmt.Sprintf(`{"b":%d.5}`, i) }) + `]}`),
	} {
		v, err := strictjson.Parse(text, limits.Default().JSON(256<<10))
		require.NoError(t, err, name)
		_, err = ours(v)
		t.Logf("%-22s %6d bytes %.90v", name, len(text), err)
		require.Equal(t, refused[name], code.Of(err), "%s: %v", name, err)
	}
}

func FuzzHash(f *testing.F) {
	a, err := contexts.Default().Resolve([]string{contexts.CredentialsV2, contexts.SafeconductV1})
	require.NoError(f, err)
	f.Add(passport(f))
	f.Add(`{"type":"VerifiablePresentation","verifiableCredential":{"@context":"https://www.w3.org/ns/credentials/v2","type":"VerifiableCredential"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<16))
		if err != nil {
			return
		}
		for _, in := range []jsonld.Input{{Root: v, Active: a}, {Root: v, Conformance: true}} {
			first, err := jsonld.Hash(in, limits.Default().Documents)
			if err != nil && code.Of(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			if again, err2 := jsonld.Hash(in, limits.Default().Documents); again != first || (err == nil) != (err2 == nil) {
				t.Fatal("not the same the second time")
			}
		}
	})
}

// FuzzGold compares with json-gold whatever the profile lets through: a
// generated document with a piece of it replaced.
func FuzzGold(f *testing.F) {
	f.Add(uint64(1), uint16(0), uint8(0), "")
	f.Add(uint64(2), uint16(200), uint8(4), `"id":"urn:x:y"`)
	f.Add(uint64(3), uint16(300), uint8(1), `\u0000`)
	urls := []string{contexts.CredentialsV2, contexts.SafeconductV1}
	a, err := contexts.Default().Resolve(urls)
	require.NoError(f, err)
	list, err := json.Marshal(urls)
	require.NoError(f, err)
	var texts []string
	for _, s := range contexts.Sources() {
		texts = append(texts, s.Text)
	}
	judge := newGold(nil)
	f.Fuzz(func(t *testing.T, seed uint64, at uint16, drop uint8, insert string) {
		text := newGenerator(seed, texts...).document(string(list), a)
		from := min(int(at), len(text))
		text = text[:from] + insert + text[min(from+int(drop), len(text)):]
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<16))
		if err != nil || v.Get("@context").Raw() != string(list) || strings.Contains(text, "verifiableCredential") { // see goldFaults
			return
		}
		got, err := jsonld.NQuads(jsonld.Input{Root: v, Active: a}, limits.Default().Documents)
		if err != nil {
			return
		}
		want, err := judge.nquads(text)
		if faultOf(text, err) != "" {
			return
		}
		if err != nil || want != string(got) {
			t.Fatalf("%s\njson-gold (%v)\n%s\nours\n%s", text, err, want, got)
		}
	})
}
