package jsonld_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

var (
	differSeed  = flag.Uint64("differ.seed", 1, "seed of the generated documents that are compared with json-gold")
	differDump  = flag.String("differ.dump", "", "file for the generated documents and our N-Quads, one JSON object per line, for another judge")
	differCount = flag.Int("differ.count", 2000, "how many documents to compare with json-gold")
)

// testContext has what the embedded contexts have not.
const testContext = `{"@context":{"@protected":true,
 "Thing":{"@id":"urn:t:Thing","@context":{"steps":{"@id":"urn:t:steps","@container":"@list"},"refs":{"@id":"urn:t:refs","@type":"@id","@container":"@list"},
  "kind":{"@id":"urn:t:kind","@type":"@vocab"},"box":{"@id":"urn:t:box","@container":"@graph"},"bag":{"@id":"urn:t:bag","@container":"@set"},
  "data":{"@id":"urn:t:data","@type":"@json"},"date":{"@id":"urn:t:date","@type":"http://www.w3.org/2001/XMLSchema#date"},
  "sub":{"@id":"urn:t:sub","@context":{"inner":"urn:t:inner","deep":{"@id":"urn:t:deep","@context":{"deeper":"urn:t:deeper"}}}},
  "german":{"@id":"urn:t:german","@language":"de-CH"},"plain":{"@id":"urn:t:plain","@type":"@none"},"flag":"urn:t:flag"}},
 "Wide":{"@id":"urn:t:Wide","@context":{"@propagate":true,"wide":"urn:t:wide","next":"urn:t:next"}}}}`

// generator makes documents in the strict profile from the terms that contexts
// define, with whatever values the terms take.
type generator struct {
	r     *rand.Rand
	names []string // every name that any context defines
	ids   int
	size  int
}

func newGenerator(seed uint64, texts ...string) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 42))}
	seen := map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		m, _ := v.(map[string]any)
		for name, v := range m {
			if !strings.ContainsAny(name, "@:") {
				seen[name] = true
			}
			collect(v)
		}
	}
	for _, text := range texts {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			panic(err)
		}
		collect(v)
	}
	for name := range seen {
		g.names = append(g.names, name)
	}
	slices.Sort(g.names)
	return g
}

func (g *generator) chance(n int) bool { return g.r.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.r.IntN(len(list))] }

var fragments = []string{"a", "B", " ", "é", "日本", "\U0001F600", "\"", "\\", "\n", "\t", "\u0000", "\u001f", "\u007f",
	"\u0080", "\u200b", "\ufb33", "x<y>", "{}", "@id", "urn:a:b", "0.1", "-", "\u2028", "'", "\r\n"}

func (g *generator) text() string {
	var b strings.Builder
	for range g.r.IntN(6) {
		b.WriteString(pick(g, fragments))
	}
	return b.String()
}

// iri returns an IRI that json-gold's expression for URLs lets through.
func (g *generator) iri() string {
	g.ids++
	return fmt.Sprintf(pick(g, []string{"urn:x:%d", "did:example:%d#k", "https://a.example/%d?q=1",
		"did:web:a.example:%d", "urn:é:%d", "mailto:a%d@b.example"}), g.ids)
}

func (g *generator) quote(s string) string {
	b, _ := json.Marshal(s)
	if g.chance(4) && s != "" { // the same text, spelled with escapes
		var e strings.Builder
		e.WriteByte('"')
		for _, r := range s {
			if r < 0x10000 {
				fmt.Fprintf(&e, "\\u%04x", r)
			} else {
				fmt.Fprintf(&e, "\\u%04x\\u%04x", 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF)
			}
		}
		e.WriteByte('"')
		return e.String()
	}
	return string(b)
}

func (g *generator) jsonValue(depth int) string {
	switch n := g.r.IntN(8); {
	case n == 0:
		return pick(g, []string{"null", "true", "false"})
	case n == 1:
		return pick(g, []string{"0", "-1", "1.5", "1e3", "1E-7", "1e21", "123456789012345680000", "0.1", "9007199254740991", "-0.25", "1.0"})
	case n < 4 || depth > 3:
		return g.quote(g.text())
	case n < 6:
		var items []string
		for range g.r.IntN(4) {
			items = append(items, g.jsonValue(depth+1))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	return g.jsonObject(depth + 1)
}

func (g *generator) jsonObject(depth int) string {
	seen := map[string]bool{}
	var members []string
	for range g.r.IntN(4) {
		key := g.text()
		if !seen[key] {
			seen[key] = true
			members = append(members, g.quote(key)+":"+g.jsonValue(depth))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// document returns a document under a, or "" if it came out empty.
func (g *generator) document(context string, a *contexts.Active) string {
	g.ids, g.size = 0, 0
	body := g.node(a, 0)
	if body == "{}" || loneID(body) {
		return ""
	}
	return `{"@context":` + context + "," + body[1:]
}

func (g *generator) node(a *contexts.Active, depth int) string {
	var members []string
	inner := a
	if g.chance(4) == false {
		var types []string
		for _, name := range g.r.Perm(len(g.names))[:min(60, len(g.names))] {
			n := g.names[name]
			if t := a.Term(n); t != nil && t.Predicate != "" && n[0] >= 'A' && n[0] <= 'Z' && len(types) < 1+g.r.IntN(2) {
				types = append(types, n)
			}
		}
		sorted := slices.Clone(types)
		slices.Sort(sorted)
		ok := true
		for _, n := range sorted {
			next, err := inner.ForType(a.Term(n))
			if err != nil { // two types that exclude each other
				ok, inner = false, a
				break
			}
			inner = next
		}
		if ok && len(types) > 0 && a.Term("type") != nil {
			list := make([]string, len(types))
			for i, n := range types {
				list[i] = g.quote(n)
			}
			if g.chance(8) {
				list = append(list, g.quote(g.iri()))
			}
			if len(list) == 1 && g.chance(2) {
				members = append(members, `"type":`+list[0])
			} else {
				members = append(members, `"type":[`+strings.Join(list, ",")+"]")
			}
		} else {
			inner = a
		}
	}
	if g.chance(2) && a.Term("id") != nil && inner.Term("id") != nil {
		members = append(members, `"id":`+g.quote(g.iri()))
	}
	want := 1 + g.r.IntN(7)
	for _, i := range g.r.Perm(len(g.names)) {
		if want == 0 || g.size > 60 {
			break
		}
		name := g.names[i]
		t := inner.Term(name)
		if t == nil || t.Keyword != contexts.NoKeyword || t.Predicate == "" || t.Odd || name[0] >= 'A' && name[0] <= 'Z' {
			continue
		}
		if v := g.values(t, inner, depth); v != "" {
			members = append(members, g.quote(name)+":"+v)
			want--
		}
	}
	g.r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

func (g *generator) values(t *contexts.Term, a *contexts.Active, depth int) string {
	if t.Coercion == contexts.CoerceJSON {
		g.size++
		return g.jsonObject(0)
	}
	if t.Scope.Kind() == strictjson.Null { // json-gold puts embedded credentials into the wrong graph
		return ""
	}
	n := 1
	if g.chance(3) || t.Container.Has(contexts.ContainerList) {
		n = 1 + g.r.IntN(3)
	}
	var items []string
	for range n {
		v := g.value(t, a, depth)
		if v != "" && (t.Container.Has(contexts.ContainerList) || !contains(items, v)) {
			items = append(items, v)
		}
	}
	switch {
	case len(items) == 0:
		return ""
	case len(items) == 1 && g.chance(2):
		return items[0]
	}
	return "[" + strings.Join(items, ",") + "]"
}

func loneID(body string) bool {
	var m map[string]any
	_ = json.Unmarshal([]byte(body), &m)
	return len(m) == 1 && m["id"] != nil
}

func contains(items []string, v string) bool {
	decode := func(s string) string {
		var x any
		_ = json.Unmarshal([]byte(s), &x)
		return fmt.Sprintf("%T%v", x, x)
	}
	for _, item := range items {
		if decode(item) == decode(v) {
			return true
		}
	}
	return false
}

func (g *generator) value(t *contexts.Term, a *contexts.Active, depth int) string {
	g.size++
	nested := depth < 4 && t.Coercion != contexts.CoerceDatatype && (g.chance(2) || t.Container.Has(contexts.ContainerGraph))
	if nested {
		outer := a
		if p := a.Previous(); p != nil {
			outer = p
		}
		inner, err := outer.ForProperty(t)
		if err != nil {
			return ""
		}
		if body := g.node(inner, depth+1); body != "{}" && !(t.Container.Has(contexts.ContainerGraph) && loneID(body)) {
			return body
		}
	}
	if t.Container.Has(contexts.ContainerGraph) {
		return ""
	}
	switch t.Coercion {
	case contexts.CoerceID:
		return g.quote(g.iri())
	case contexts.CoerceVocab:
		inner, err := a.ForProperty(t)
		if err == nil && g.chance(2) {
			if name := pick(g, g.names); inner.Term(name) != nil && inner.Term(name).Predicate != "" {
				return g.quote(name)
			}
		}
		return g.quote(g.iri())
	}
	if (t.Name == "name" || t.Name == "description") && strings.HasPrefix(t.IRI, "https://schema.org/") && g.chance(3) {
		return `{"@value":` + g.quote(g.text()) + `,"@language":"` + pick(g, []string{"en", "de-CH", "zh-Hant"}) + `"}`
	}
	switch g.r.IntN(6) {
	case 0:
		return pick(g, []string{"0", "1", "-17", "9007199254740991", "-9007199254740991", "1000000"})
	case 1:
		return pick(g, []string{"true", "false"})
	}
	return g.quote(g.text())
}

// Presentations can only be dumped for another judge: json-gold reads them
// wrongly. They go through our loss check all the same.
func TestGeneratedPresentations(t *testing.T) {
	var texts []string
	for _, s := range contexts.Sources() {
		texts = append(texts, s.Text)
	}
	g := newGenerator(*differSeed, texts...)
	urls := []string{contexts.CredentialsV2, contexts.SafeconductV1}
	a, err := contexts.Default().Resolve(urls)
	require.NoError(t, err)
	list, err := json.Marshal(urls)
	require.NoError(t, err)
	credential := func() string {
		for {
			if body := g.node(a, 0); body != "{}" && !loneID(body) {
				return `{"@context":` + string(list) + "," + body[1:]
			}
		}
	}
	var dump *json.Encoder
	if *differDump != "" {
		f, err := os.Create(*differDump)
		require.NoError(t, err)
		defer f.Close()
		dump = json.NewEncoder(f)
	}
	nested := 0
	for range *differCount / 4 {
		g.ids, g.size = 0, 0
		text := `{"@context":` + string(list) + `,"type":"VerifiablePresentation","verifiableCredential":[` + credential() + "," + credential() + `]}`
		out, err := jsonld.NQuads(jsonld.Input{Root: parse(t, text), Active: a}, limits.Max().Documents)
		if err != nil {
			require.NotEmpty(t, expectedRefusal(err), "%v\n%s", err, text)
			continue
		}
		nested += strings.Count(string(out), "#verifiableCredential>")
		if dump != nil {
			require.NoError(t, dump.Encode(map[string]string{"document": text, "nquads": string(out)}))
		}
	}
	require.Greater(t, nested, *differCount/8)
}

// Documents of random shape, Unicode, numbers, nesting and JSON values give
// the same N-Quads as json-gold. Run more with -differ.count=200000.
func TestGeneratedAgainstGold(t *testing.T) {
	sequential.Long(t)
	const testURL = "urn:test:context"
	more := map[string]string{testURL: testContext}
	set, err := contexts.Default().With(testURL, []byte(testContext))
	require.NoError(t, err)
	judge := newGold(more)
	var texts []string
	for _, s := range contexts.Sources() {
		texts = append(texts, s.Text)
	}
	g := newGenerator(*differSeed, append(texts, testContext)...)
	combinations := [][]string{
		{contexts.CredentialsV2, contexts.SafeconductV1},
		{contexts.CredentialsV2, contexts.SafeconductV1, testURL},
		{contexts.CredentialsV2, testURL, contexts.MultikeyV1, contexts.JWKV1},
		{contexts.CredentialsV1, contexts.StatusList2021V1, contexts.DataIntegrityV2},
		{contexts.CredentialsV1, contexts.Ed25519Signature2020V1},
		{contexts.CredentialsV2, contexts.SafeconductV1, contexts.StatusList2021V1},
		{contexts.DIDV1, contexts.MultikeyV1, contexts.JWKV1},
		{contexts.CredentialsV2, contexts.DataIntegrityV2},
		{contexts.DataIntegrityV1},
	}
	same, known := 0, map[string]int{}
	var dump *json.Encoder
	if *differDump != "" {
		f, err := os.Create(*differDump)
		require.NoError(t, err)
		defer f.Close()
		dump = json.NewEncoder(f)
		require.NoError(t, dump.Encode(map[string]string{"context": testURL, "text": testContext}))
	}
	for i := 0; same < *differCount && i < 4**differCount; i++ {
		urls := pick(g, combinations)
		a, err := set.Resolve(urls)
		require.NoError(t, err)
		list, err := json.Marshal(urls)
		require.NoError(t, err)
		text := g.document(string(list), a)
		if text == "" {
			continue
		}
		out, err := jsonld.NQuads(jsonld.Input{Root: parse(t, text), Active: a}, limits.Max().Documents)
		if err != nil {
			if why := expectedRefusal(err); why != "" {
				known["ours: "+why]++
				continue
			}
			t.Fatalf("seed %d, document %d: refused: %v\n%s", *differSeed, i, err, text)
		}
		if dump != nil {
			require.NoError(t, dump.Encode(map[string]string{"document": text, "nquads": string(out)}))
		}
		want, err := judge.nquads(text)
		if fault := faultOf(text, err); fault != "" {
			known["json-gold: "+fault]++
			continue
		}
		require.NoError(t, err, text)
		if want != string(out) {
			t.Fatalf("seed %d, document %d:\n%s\njson-gold\n%s\nours\n%s", *differSeed, i, text, want, out)
		}
		same++
	}
	t.Logf("%d documents agree; left out: %v", same, known)
	require.GreaterOrEqual(t, same, *differCount)
}
