package jsonld_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
)

// gold is json-gold behind its guards: it loads only the contexts it is given,
// a fresh copy each time (it writes into what it loads), and what it panics on
// is an error. Its dataset is canonicalised by us: it has no work limit.
type gold struct{ files map[string]string }

func newGold(more map[string]string) *gold {
	g := &gold{files: map[string]string{}}
	for _, s := range contexts.Sources() {
		g.files[s.URL] = s.Text
	}
	for url, text := range more {
		g.files[url] = text
	}
	return g
}

func (g *gold) LoadDocument(url string) (*ld.RemoteDocument, error) {
	text, ok := g.files[url]
	if !ok {
		return nil, fmt.Errorf("not embedded: %s", url)
	}
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

// nquads returns the canonical N-Quads of a document by json-gold.
func (g *gold) nquads(text string) (out string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("json-gold panics: %v", p)
		}
	}()
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return "", err
	}
	opts := ld.NewJsonLdOptions("")
	opts.ProcessingMode = ld.JsonLd_1_1
	opts.DocumentLoader = g
	opts.SafeMode = true
	res, err := ld.NewJsonLdProcessor().ToRDF(doc, opts)
	if err != nil {
		return "", err
	}
	d := convert(res.(*ld.RDFDataset))
	defer d.Release()
	if err := d.Canonicalize(limits.Max().Documents, rdfc.SHA256); err != nil {
		return "", err
	}
	return string(d.AppendNQuads(nil)), nil
}

func convert(in *ld.RDFDataset) *rdfc.Dataset {
	d := rdfc.New()
	blanks := map[string]rdfc.Node{}
	node := func(n ld.Node) rdfc.Node {
		if iri, ok := n.(ld.IRI); ok {
			return d.IRI(iri.Value)
		}
		if iri, ok := n.(*ld.IRI); ok {
			return d.IRI(iri.Value)
		}
		label := n.GetValue()
		if _, known := blanks[label]; !known {
			blanks[label] = d.Blank()
		}
		return blanks[label]
	}
	for name, quads := range in.Graphs {
		graph := rdfc.None
		if strings.HasPrefix(name, "_:") {
			graph = node(ld.NewBlankNode(name))
		} else if name != "@default" {
			graph = d.IRI(name)
		}
		for _, q := range quads {
			var o rdfc.Object
			switch x := q.Object.(type) {
			case ld.Literal:
				o = literalOf(x)
			case *ld.Literal:
				o = literalOf(*x)
			default:
				o.Node = node(q.Object)
			}
			d.Add(node(q.Subject), "<"+q.Predicate.GetValue()+">", o, graph)
		}
	}
	return d
}

func literalOf(x ld.Literal) rdfc.Object {
	o := rdfc.Object{Node: rdfc.None, Lexical: x.Value, Datatype: x.Datatype, Language: x.Language}
	if o.Language != "" {
		o.Datatype = ""
	}
	return o
}

func TestGoldAgreesOnPassport(t *testing.T) {
	text := passport(t)
	want, err := newGold(nil).nquads(text)
	require.NoError(t, err)
	root := parse(t, text)
	got, err := ours(root)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, 78, strings.Count(got, "\n"))
}

func decode(t testing.TB, text string) (doc any) {
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	return doc
}
