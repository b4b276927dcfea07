package jsonld_test

import (
	"os"
	"strings"
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

// passport is the document that the benchmarks measure.
func passport(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../contexts/testdata/passport.json")
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}

// ours canonicalises a document under the strict profile and its own contexts.
func ours(root strictjson.Value) (string, error) {
	a, err := active(root, contexts.Default())
	if err != nil {
		return "", err
	}
	out, err := jsonld.NQuads(jsonld.Input{Root: root, Active: a}, limits.Default().Documents)
	return string(out), err
}

func active(root strictjson.Value, set *contexts.Set) (*contexts.Active, error) {
	var urls []string
	if s, ok := root.Get("@context").LookupStr(); ok {
		urls = append(urls, s)
	}
	for item := range root.Get("@context").Items() {
		urls = append(urls, item.Str())
	}
	return set.Resolve(urls)
}

// canonical runs a document of the conformance profile.
func canonical(t testing.TB, text string) (string, error) {
	t.Helper()
	out, err := jsonld.NQuads(jsonld.Input{Root: parse(t, text), Conformance: true, DropIndex: true}, limits.Default().Documents)
	return string(out), err
}

// Each feature of the subset, on the smallest document that shows it.
func TestFeatures(t *testing.T) {
	const rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	const xsd = "http://www.w3.org/2001/XMLSchema#"
	for name, c := range map[string]struct{ doc, want string }{
		"vocab":       {`{"@context":{"@vocab":"urn:v:"},"a":"x"}`, `_:c14n0 <urn:v:a> "x" .`},
		"full IRI":    {`{"urn:v:a":"x"}`, `_:c14n0 <urn:v:a> "x" .`},
		"compact IRI": {`{"@context":{"v":"urn:v:"},"v:a":{"@id":"v:b"}}`, `_:c14n0 <urn:v:a> <urn:v:b> .`},
		"id coercion": {`{"@context":{"a":{"@id":"urn:a","@type":"@id"}},"a":["urn:x:1",{"@id":"urn:x:2"},true]}`,
			"_:c14n0 <urn:a> \"true\"^^<" + xsd + "boolean> .\n_:c14n0 <urn:a> <urn:x:1> .\n_:c14n0 <urn:a> <urn:x:2> ."},
		"vocab coercion": {`{"@context":{"a":{"@id":"urn:a","@type":"@vocab"},"t":"urn:t:t"},"a":["t","urn:x:1"]}`,
			"_:c14n0 <urn:a> <urn:t:t> .\n_:c14n0 <urn:a> <urn:x:1> ."},
		"datatype": {`{"@context":{"a":{"@id":"urn:a","@type":"urn:d:t"}},"a":["x",1,true]}`,
			"_:c14n0 <urn:a> \"1\"^^<urn:d:t> .\n_:c14n0 <urn:a> \"true\"^^<urn:d:t> .\n_:c14n0 <urn:a> \"x\"^^<urn:d:t> ."},
		"JSON object": {`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":{"b":[1.0,null],"a":"é"}}`,
			`_:c14n0 <urn:a> "{\"a\":\"é\",\"b\":[1,null]}"^^<` + rdf + `JSON> .`},
		"JSON array": {`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":[1,"x"]}`, `_:c14n0 <urn:a> "[1,\"x\"]"^^<` + rdf + `JSON> .`},
		"JSON as it stands": {`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":{"b":[1,"x\n"]}}`,
			`_:c14n0 <urn:a> "{\"b\":[1,\"x\\n\"]}"^^<` + rdf + `JSON> .`},
		"JSON with spaces": {`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":{ "b":[1,"\u0078"]}}`,
			`_:c14n0 <urn:a> "{\"b\":[1,\"x\"]}"^^<` + rdf + `JSON> .`},
		"JSON null": {`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":null}`, `_:c14n0 <urn:a> "null"^^<` + rdf + `JSON> .`},
		"list": {`{"@context":{"a":{"@id":"urn:a","@container":"@list"}},"@id":"urn:s:1","a":["x","x"]}`,
			"<urn:s:1> <urn:a> _:c14n0 .\n_:c14n0 <" + rdf + "first> \"x\" .\n_:c14n0 <" + rdf +
				"rest> _:c14n1 .\n_:c14n1 <" + rdf + "first> \"x\" .\n_:c14n1 <" + rdf + "rest> <" + rdf + "nil> ."},
		"empty list": {`{"@context":{"a":{"@id":"urn:a","@container":"@list"}},"a":[]}`, "_:c14n0 <urn:a> <" + rdf + "nil> ."},
		"set object": {`{"urn:v:a":{"@set":["x","y"]}}`, "_:c14n0 <urn:v:a> \"x\" .\n_:c14n0 <urn:v:a> \"y\" ."},
		"graph container": {`{"@context":{"a":{"@id":"urn:a","@container":"@graph"}},"@id":"urn:s:1","a":{"@id":"urn:s:2","urn:v:b":"x"}}`,
			"<urn:s:1> <urn:a> _:c14n0 .\n<urn:s:2> <urn:v:b> \"x\" _:c14n0 ."},
		"named graph": {`{"@id":"urn:g:1","urn:v:p":"y","@graph":[{"@id":"urn:s:2","urn:v:b":"x"}]}`,
			"<urn:g:1> <urn:v:p> \"y\" .\n<urn:s:2> <urn:v:b> \"x\" <urn:g:1> ."},
		"default graph": {`{"@graph":[{"@id":"urn:s:2","urn:v:b":"x"}]}`, `<urn:s:2> <urn:v:b> "x" .`},
		"index container": {`{"@context":{"a":{"@id":"urn:a","@container":"@index"}},"a":{"k":["x","y"]}}`,
			"_:c14n0 <urn:a> \"x\" .\n_:c14n0 <urn:a> \"y\" ."},
		"index property": {`{"@context":{"a":{"@id":"urn:a","@container":"@index","@index":"urn:v:i"}},"a":{"k":{"@id":"urn:s:2"}}}`,
			"<urn:s:2> <urn:v:i> \"k\" .\n_:c14n0 <urn:a> <urn:s:2> ."},
		"id map": {`{"@context":{"a":{"@id":"urn:a","@container":"@id"}},"a":{"urn:s:2":{"urn:v:b":"x"}}}`,
			"<urn:s:2> <urn:v:b> \"x\" .\n_:c14n0 <urn:a> <urn:s:2> ."},
		"type map": {`{"@context":{"a":{"@id":"urn:a","@container":"@type"}},"a":{"urn:t:T":"urn:s:2"}}`,
			"<urn:s:2> <" + rdf + "type> <urn:t:T> .\n_:c14n0 <urn:a> <urn:s:2> ."},
		"language map": {`{"@context":{"a":{"@id":"urn:a","@container":"@language"}},"a":{"de-CH":"x","@none":"y"}}`,
			"_:c14n0 <urn:a> \"x\"@de-ch .\n_:c14n0 <urn:a> \"y\" ."},
		"default language": {`{"@context":{"@language":"de","a":"urn:a","b":{"@id":"urn:b","@language":null}},"a":"x","b":"y"}`,
			"_:c14n0 <urn:a> \"x\"@de .\n_:c14n0 <urn:b> \"y\" ."},
		"language object": {`{"urn:a":{"@value":"x","@language":"EN"}}`, `_:c14n0 <urn:a> "x"@en .`},
		"direction object": {`{"urn:a":{"@value":"x","@language":"ar-EG","@direction":"rtl"}}`,
			`_:c14n0 <urn:a> "x"^^<https://www.w3.org/ns/i18n#ar-eg_rtl> .`},
		"direction alone": {`{"urn:a":{"@value":"x","@direction":"rtl"}}`, `_:c14n0 <urn:a> "x"^^<https://www.w3.org/ns/i18n#_rtl> .`},
		"typed value":     {`{"urn:a":{"@value":"x","@type":"urn:d:t"}}`, `_:c14n0 <urn:a> "x"^^<urn:d:t> .`},
		"aliases": {`{"@context":{"id":"@id","type":"@type","value":"@value","lang":"@language",` +
			`"list":"@list"},"id":"urn:s:1","type":"urn:t:T","urn:a":{"value":"x","lang":"en"},"urn:b":{"list":[]}}`,
			"<urn:s:1> <" + rdf + "type> <urn:t:T> .\n<urn:s:1> <urn:a> \"x\"@en .\n<urn:s:1> <urn:b> <" + rdf + "nil> ."},
		"reverse":      {`{"@id":"urn:s:1","@reverse":{"urn:a":{"@id":"urn:s:2"}}}`, `<urn:s:2> <urn:a> <urn:s:1> .`},
		"reverse term": {`{"@context":{"r":{"@reverse":"urn:a","@type":"@id"}},"@id":"urn:s:1","r":"urn:s:2"}`, `<urn:s:2> <urn:a> <urn:s:1> .`},
		"nest":         {`{"@context":{"n":"@nest","a":"urn:a"},"n":{"a":"x"}}`, `_:c14n0 <urn:a> "x" .`},
		"included":     {`{"urn:a":"x","@included":[{"@id":"urn:s:2","urn:b":"y"}]}`, "<urn:s:2> <urn:b> \"y\" .\n_:c14n0 <urn:a> \"x\" ."},
		"blank node":   {`{"@id":"_:b","urn:a":{"@id":"_:b"}}`, `_:c14n0 <urn:a> _:c14n0 .`},
		"type scope": {`{"@context":{"T":{"@id":"urn:t:T","@context":{"a":"urn:a"}},"b":"urn:b"},"@type":"T","a":"x","b":{"b":"y"}}`,
			"_:c14n0 <urn:b> \"y\" .\n_:c14n1 <" + rdf + "type> <urn:t:T> .\n_:c14n1 <urn:a> \"x\" .\n_:c14n1 <urn:b> _:c14n0 ."},
		"property scope": {`{"@context":{"p":{"@id":"urn:p","@context":{"a":"urn:a"}}},"p":{"a":{"a":"x"}}}`,
			"_:c14n0 <urn:a> \"x\" .\n_:c14n1 <urn:p> _:c14n2 .\n_:c14n2 <urn:a> _:c14n0 ."},
		"null scope": {`{"@context":{"@protected":true,"a":"urn:a","p":{"@id":"urn:p","@context":null}},"p":{"@context":{"a":"urn:other"},"a":"x"}}`,
			"_:c14n0 <urn:other> \"x\" .\n_:c14n1 <urn:p> _:c14n0 ."},
		"value under a null scope": {`{"@context":{"p":{"@id":"urn:p","@type":"@id","@context":null}},"p":["urn:x:1",{"@id":"urn:x:2"}]}`,
			"_:c14n0 <urn:p> \"urn:x:1\" .\n_:c14n0 <urn:p> <urn:x:2> ."},
		"value under its own scope": {`{"@context":{"p":{"@id":"urn:p","@context":{"p":{"@id":"urn:o","@type":"@id"}}}},"p":"urn:x:1"}`,
			`_:c14n0 <urn:p> <urn:x:1> .`},
		"JSON under its own scope": {`{"@context":{"p":{"@id":"urn:p","@context":{"p":{"@id":"urn:o","@type":"@json"}}}},"p":["x",1]}`,
			`_:c14n0 <urn:p> "\"x\""^^<` + rdf + "JSON> .\n" + `_:c14n0 <urn:p> "1"^^<` + rdf + `JSON> .`},
		"number under its own scope": {`{"@context":{"p":{"@id":"urn:p","@context":{"p":{"@id":"urn:o","@type":"urn:d:t"}}}},"p":1}`,
			`_:c14n0 <urn:p> "1"^^<urn:d:t> .`},
		"set under its own context": {`{"@context":{"p":"urn:p"},"p":{"@context":{"p":{"@id":"urn:o","@type":"@id"}},"@set":["urn:x:1"]}}`,
			`_:c14n0 <urn:p> <urn:x:1> .`},
		"list under its own context": {`{"@context":{"p":"urn:p"},"p":{"@context":{"p":{"@id":"urn:o","@type":"@id"}},"@list":["urn:x:1"]}}`,
			"_:c14n0 <" + rdf + "first> <urn:x:1> .\n_:c14n0 <" + rdf + "rest> <" + rdf + "nil> .\n_:c14n1 <urn:p> _:c14n0 ."},
		"type @none": {`{"@context":{"@language":"de","p":{"@id":"urn:p","@type":"@none","@language":"fr"}},"p":"x"}`,
			`_:c14n0 <urn:p> "x"@de .`},
		"types behind a context that does not propagate": {`{"@context":{"@propagate":false,"p":"urn:p"},"p":{"@type":"urn:t:T"}}`,
			"_:c14n0 <" + rdf + "type> <urn:t:T> .\n_:c14n1 <urn:p> _:c14n0 ."},
		"type alias of a type scope": {`{"@context":{"T":{"@id":"urn:t:T","@context":{"kind":"@type"}}},"@type":"T","kind":"urn:t:U"}`,
			"_:c14n0 <" + rdf + "type> <urn:t:T> .\n_:c14n0 <" + rdf + "type> <urn:t:U> ."},
		"type alias that a type scope takes away": {`{"@context":{"kind":"@type","T":{"@id":"urn:t:T","@context":{"kind":"urn:k"}}},"kind":"T"}`,
			`_:c14n0 <urn:k> "T" .`},
		"base":             {`{"@context":{"@base":"https://b.example/d/"},"@id":"../x","urn:a":"y"}`, `<https://b.example/x> <urn:a> "y" .`},
		"same claim twice": {`{"urn:a":["x","x"]}`, `_:c14n0 <urn:a> "x" .`},
		"several documents": {`[{"@id":"urn:s:1","urn:a":1},{"@id":"urn:s:2","urn:a":-0.5}]`,
			"<urn:s:1> <urn:a> \"1\"^^<" + xsd + "integer> .\n<urn:s:2> <urn:a> \"-5.0E-1\"^^<" + xsd + "double> ."},
	} {
		got, err := canonical(t, c.doc)
		require.NoError(t, err, name)
		want, _, err := nqtest.Parse(c.want)
		require.NoError(t, err, name)
		require.NoError(t, want.Canonicalize(limits.Default().Documents, rdfc.SHA256))
		require.Equal(t, string(want.AppendNQuads(nil)), got, name)
	}
}

// V: what a signature over RDF does not cover is refused, unless the caller says
// that no signature is checked.
func TestVIndexIsRefused(t *testing.T) {
	for _, doc := range []string{
		`{"@index":"i","urn:a":"x"}`,
		`{"urn:a":{"@id":"urn:s:2","@index":"i","urn:b":"x"}}`,
		`{"urn:a":{"@value":"x","@index":"i"}}`,
		`{"urn:a":{"@value":"x","@language":"en","@index":"i"}}`,
		`{"urn:a":{"@list":["x"],"@index":"i"}}`,
		`{"urn:a":{"@set":["x"],"@index":"i"}}`,
		`{"@id":"urn:g:1","@index":"i","@graph":[{"urn:b":"x"}]}`,
		`{"@graph":[{"urn:b":"x","@index":"i"}]}`,
		`{"urn:a":"x","@included":[{"@id":"urn:s:2","urn:b":"y","@index":"i"}]}`,
		`{"@id":"urn:s:1","@reverse":{"urn:a":{"@id":"urn:s:2","@index":"i"}}}`,
		`{"@context":{"n":"@nest","a":"urn:a"},"n":{"a":"x","@index":"i"}}`,
		`{"@context":{"idx":"@index","a":"urn:a"},"a":{"@id":"urn:s:2","idx":"i"}}`,
		`{"@context":{"a":{"@id":"urn:a","@container":"@index"}},"a":{"k":["x","y"]}}`,
		`{"@context":{"a":{"@id":"urn:a","@container":["@index","@set"]}},"a":{"@none":"x","k":"y"}}`,
		`{"@context":{"a":{"@id":"urn:a","@container":["@graph","@index"]}},"a":{"k":{"urn:b":"x"}}}`,
	} {
		_, err := canonical(t, doc)
		require.NoError(t, err, doc)
		_, err = jsonld.NQuads(jsonld.Input{Root: parse(t, doc), Conformance: true}, limits.Default().Documents)
		require.ErrorIs(t, err, code.EnvelopeDataLoss, doc)
		require.ErrorContains(t, err, "@index", doc)
	}
	for _, doc := range []string{
		`{"@context":{"a":{"@id":"urn:a","@container":"@index"}},"a":{"@none":"x"}}`,
		`{"@context":{"a":{"@id":"urn:a","@container":"@index","@index":"urn:v:i"}},"a":{"k":{"@id":"urn:s:2"}}}`,
		`{"@context":{"a":{"@id":"urn:a","@container":"@id"}},"a":{"urn:s:2":{"urn:v:b":"x"}}}`,
		`{"@context":{"a":{"@id":"urn:a","@type":"@json"}},"a":{"@index":"i"}}`,
	} {
		_, err := jsonld.NQuads(jsonld.Input{Root: parse(t, doc), Conformance: true}, limits.Default().Documents)
		require.NoError(t, err, doc)
	}
}

// V: so is the key of an @id map under which stands what has an id of its own or
// can have none, and whatever is empty.
func TestVUnsaidIsRefused(t *testing.T) {
	const m = `{"@context":{"a":{"@id":"urn:a","@container":"@id"},"g":{"@id":"urn:g","@container":["@graph","@id"]},` +
		`"r":{"@id":"urn:r","@type":"@id","@container":"@id"},"l":{"@id":"urn:l","@container":"@language"}},"urn:b":"y",`
	for _, rest := range []string{
		`"a":{"urn:s:2":{"@id":"urn:s:3","urn:b":"x"}}}`,
		`"a":{"urn:s:2":[{"urn:b":"x"},{"@id":"urn:s:3"}]}}`,
		`"a":{"urn:s:2":"x"}}`,
		`"a":{"urn:s:2":{"@value":"x"}}}`,
		`"a":{"urn:s:2":{"@list":["x"]}}}`,
		`"a":{"urn:s:2":{"@set":["x"]}}}`,
		`"r":{"urn:s:2":"urn:s:3"}}`,
		`"g":{"urn:s:2":{"@id":"urn:s:3","@graph":[{"urn:b":"x"}]}}}`,
	} {
		_, err := canonical(t, m+rest)
		require.NoError(t, err, rest)
		_, err = jsonld.NQuads(jsonld.Input{Root: parse(t, m+rest), Conformance: true}, limits.Default().Documents)
		require.ErrorIs(t, err, code.EnvelopeDataLoss, rest)
		require.ErrorContains(t, err, "@id map", rest)
	}
	for _, rest := range []string{
		`"a":{"urn:s:2":{"@id":"urn:s:2","urn:b":"x"}}}`, `"r":{"urn:s:2":"urn:s:2"}}`, `"a":{"@none":"x"}}`,
		`"g":{"urn:s:2":{"@id":"urn:s:3","urn:b":"x"}}}`, `"g":{"urn:s:2":{"@graph":[{"urn:b":"x"}]}}}`,
	} {
		_, err := jsonld.NQuads(jsonld.Input{Root: parse(t, m+rest), Conformance: true}, limits.Default().Documents)
		require.NoError(t, err, rest)
	}
	for _, rest := range []string{`"a":{}}`, `"l":{}}`, `"@included":[]}`, `"@reverse":{}}`, `"@nest":{}}`, `"@nest":[]}`} {
		_, err := canonical(t, m+rest)
		require.ErrorIs(t, err, code.EnvelopeDataLoss, rest)
		require.ErrorContains(t, err, "empty", rest)
	}
}

// What would be dropped, and what is outside the subset, is refused by name.
func TestConformanceRefusals(t *testing.T) {
	const lost, bad, no, ctx = code.EnvelopeDataLoss, code.EnvelopeMalformed, code.EnvelopeUnsupported, code.EnvelopeContext
	for doc, want := range map[string]code.Code{
		`{"a":"x"}`:                                  lost,
		`{"@evil":"x"}`:                              lost,
		`{"urn:a":null}`:                             lost,
		`{"urn:a":[]}`:                               lost,
		`{"urn:a":{"@value":null}}`:                  lost,
		`{"urn:a":{"@language":"en"}}`:               lost,
		`{"urn:a":{"@id":"relative"}}`:               lost,
		`{"@id":"relative","urn:a":"x"}`:             lost,
		`{"@type":"relative"}`:                       lost,
		`{"@id":"urn:s:1"}`:                          lost,
		`{"@value":"x"}`:                             lost,
		`{"@list":["x"]}`:                            lost,
		`["x"]`:                                      bad,
		`"x"`:                                        bad,
		`{"@graph":["x"]}`:                           lost,
		`{"urn:a":"x","@graph":[]}`:                  lost,
		`{"urn:a":0.30000000000000004}`:              lost,
		`{"urn:a":9007199254740993}`:                 lost,
		`{"urn:a":-0}`:                               lost,
		`{"urn:a":{"@value":[1]}}`:                   bad,
		`{"urn:a":{"@value":1,"@language":"en"}}`:    bad,
		`{"urn:a":{"@value":"x","@language":"a b"}}`: bad,
		`{"urn:a":{"@value":"x","@direction":"up"}}`: bad,
		`{"urn:a":{"@value":"x","@type":"t"}}`:       bad,
		`{"urn:a":{"@value":"x","@type":"urn:t:t","@language":"en"}}`:             bad,
		`{"urn:a":{"@value":"x","urn:b":"y"}}`:                                    bad,
		`{"urn:a":{"@list":[],"@set":[]}}`:                                        bad,
		`{"urn:a":{"@list":[],"urn:b":1}}`:                                        bad,
		`{"urn:a":{"@set":[1],"@id":"urn:x:y"}}`:                                  bad,
		`{"urn:a":{"@list":[["x"]]}}`:                                             no,
		`{"_:p":"x"}`:                                                             no,
		`{"@id":1,"urn:a":"x"}`:                                                   bad,
		`{"@id":"urn:o> <urn:g","urn:a":"x"}`:                                     lost,
		`{"@type":[],"urn:a":"x"}`:                                                lost,
		`{"@type":1,"urn:a":"x"}`:                                                 bad,
		`{"@index":1,"urn:a":"x"}`:                                                bad,
		`{"@nest":"x","urn:a":"x"}`:                                               bad,
		`{"@included":"x","urn:a":"x"}`:                                           bad,
		`{"@reverse":"x","urn:a":"x"}`:                                            bad,
		`{"@reverse":{"urn:a":"x"}}`:                                              bad,
		`{"@reverse":{"@id":"urn:x:y"}}`:                                          bad,
		`{"@context":"https://example.com/c","urn:a":"x"}`:                        ctx,
		`{"@context":{"@import":"https://www.w3.org/ns/credentials/v2"},"a":"x"}`: ctx,
		`{"@context":["https://www.w3.org/ns/credentials/v2",{"name":"urn:x:y"}],"name":"x"}`:    ctx,
		`{"@context":{"id":"@id"},"id":"urn:s:1","@id":"urn:s:1","urn:a":"x"}`:                   bad,
		`{"@context":{"a":{"@id":"urn:a","@container":"@graph"}},"a":{"@id":"urn:x:y"}}`:         lost,
		`{"@context":{"a":{"@id":"urn:a","@container":"@graph"}},"a":"x"}`:                       lost,
		`{"@context":{"a":{"@id":"urn:a","@container":"@type"}},"a":{"urn:t:T":{"@value":"x"}}}`: bad,
		`{"@context":{"a":{"@id":"urn:a","@container":"@language"}},"a":{"a b":"x"}}`:            bad,
		`{"@context":{"a":{"@id":"urn:a","@container":"@language"}},"a":{"en":1}}`:               bad,
		`{"@context":{"a":null},"a":"x"}`:                                                        lost,
		`{"@context":{"a":{"@id":"urn:a","@type":"urn:d t"}},"a":"x"}`:                           lost,
		`{"@context":{"a":{"@id":"urn:a","@type":"urn:d t"}},"a":["y",1]}`:                       lost,
		`{"@context":{"a":{"@id":"urn:a","@type":"urn:d t"}},"a":true}`:                          lost,
		`{"@context":{"@language":"de"},"urn:a":{"@context":{"@version":1},"urn:b":"x"}}`:        ctx,
	} {
		out, err := canonical(t, doc)
		require.ErrorIs(t, err, want, "%s\n%s", doc, out)
	}
	_, err := jsonld.NQuads(jsonld.Input{Root: parse(t, `{"urn:a":{"@value":"x","@direction":"rtl"}}`),
		Conformance: true, NoDirection: true}, limits.Default().Documents)
	require.ErrorIs(t, err, no)
	_, err = jsonld.Hash(jsonld.Input{Root: parse(t, `{"urn:a":"x"}`)}, limits.Default().Documents)
	require.ErrorIs(t, err, ctx, "the strict profile needs a context")
}

// Numbers as JSON-LD 1.1 writes them, section 8.6.
func TestNumbers(t *testing.T) {
	const xsd = "http://www.w3.org/2001/XMLSchema#"
	for in, want := range map[string]string{
		"0": `"0"^^i`, "1": `"1"^^i`, "-17": `"-17"^^i`, "1.0": `"1"^^i`, "1e3": `"1000"^^i`, "100000000000000000000": `"100000000000000000000"^^i`,
		"9007199254740991": `"9007199254740991"^^i`, "1e20": `"100000000000000000000"^^i`, "1e21": `"1.0E21"^^d`, "0.1": `"1.0E-1"^^d`, "5.3": `"5.3E0"^^d`,
		"-123.456": `"-1.23456E2"^^d`, "1e-7": `"1.0E-7"^^d`, "1.7976931348623157e308": "", "562949953421312.25": "",
		"562949953421312.2": `"5.629499534213122E14"^^d`, "2.5e-3": `"2.5E-3"^^d`,
	} {
		got, err := canonical(t, `{"urn:a":`+in+`}`)
		if want == "" {
			require.ErrorIs(t, err, code.EnvelopeDataLoss, in)
			continue
		}
		require.NoError(t, err, in)
		want = strings.NewReplacer("^^i", "^^<"+xsd+"integer>", "^^d", "^^<"+xsd+"double>").Replace(want)
		require.Equal(t, "_:c14n0 <urn:a> "+want+" .\n", got)
	}
	got, err := canonical(t, `{"@context":{"a":{"@id":"urn:a","@type":"`+xsd+`double"}},"a":[5,"5"]}`)
	require.NoError(t, err)
	require.Equal(t, "_:c14n0 <urn:a> \"5\"^^<"+xsd+"double> .\n_:c14n0 <urn:a> \"5.0E0\"^^<"+xsd+"double> .\n", got)
}
