package goldld

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Options configure a [Canonicalizer]. The zero Options know the embedded
// contexts only.
type Options struct {
	// Contexts are further context files by URL. Each must stand on its own:
	// it names no other file, and not itself. The bytes are copied.
	Contexts map[string][]byte
	// Bounds caps documents and their RDF; zero fields mean their defaults.
	Bounds credential.Bounds
}

// Canonicalizer is a [credential.Canonicalizer] on json-gold. It is immutable
// and safe for concurrent use.
type Canonicalizer struct {
	bounds limits.Documents
	files  loader
	set    *contexts.Set
}

var _ credential.Canonicalizer = (*Canonicalizer)(nil)

// New returns a Canonicalizer. It fails with request.invalid if a bound is out
// of range, and with envelope.context if a context is known already, is no
// strict JSON, or does not stand on its own.
func New(o Options) (*Canonicalizer, error) {
	bounds, err := limits.Documents(o.Bounds).Resolve()
	if err != nil {
		return nil, &credential.Error{Code: code.RequestInvalid, Err: err}
	}
	c := &Canonicalizer{bounds: bounds, files: loader{contextExamples: examplesText}}
	if c.set, err = contexts.Default().With(contextExamples, []byte(examplesText)); err != nil {
		return nil, err
	}
	for _, s := range contexts.Sources() {
		c.files[s.URL] = s.Text
	}
	for url, text := range o.Contexts {
		if c.set, err = c.set.With(url, text); err != nil {
			return nil, err
		}
		c.files[url] = string(text)
	}
	return c, nil
}

// The context of the specifications' examples defines everything; the profile
// that a Canonicalizer needs knows it.
const (
	contextExamples = "https://www.w3.org/ns/credentials/examples/v2"
	examplesText    = `{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}`
)

// Canonicalize returns the canonical N-Quads of a document (RDFC-1.0, SHA-256).
// It looks at ctx between the stages; json-gold itself cannot be stopped, only
// kept small. Codes: envelope.malformed, envelope.too_large, envelope.context,
// envelope.data_loss, envelope.unsupported, proof.transformation (embedded
// credentials), proof.too_complex.
func (c *Canonicalizer) Canonicalize(ctx context.Context, doc []byte) (out []byte, err error) {
	root, err := strictjson.Parse(string(doc), c.bounds.JSON(c.bounds.PresentationBytes))
	if err != nil {
		return nil, &credential.Error{Code: code.EnvelopeMalformed, Err: err}
	}
	if err := c.checkEffort(root); err != nil {
		return nil, err
	}
	if err := c.checkText(root); err != nil {
		return nil, err
	}
	if err := callctx.Err(ctx); err != nil {
		return nil, err
	}
	dataset, statements, err := c.rdf(root)
	if err != nil {
		return nil, err
	}
	defer dataset.Release()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := dataset.Canonicalize(c.bounds, rdfc.SHA256); err != nil {
		return nil, err
	}
	if got := dataset.Distinct(); got != statements {
		return nil, &credential.Error{
			Code: code.EnvelopeDataLoss, Detail: "the document does not say in RDF what it says in JSON: a claim is lost or is listed twice",
			Limit: fmt.Sprintf("%d statements", statements), Actual: fmt.Sprintf("%d quads", got),
		}
	}
	return dataset.AppendNQuads(nil), nil
}

// rdf has json-gold expand the document and make quads of it. It returns how
// many statements the expanded document has.
func (c *Canonicalizer) rdf(root strictjson.Value) (d *rdfc.Dataset, statements int, err error) {
	defer func() {
		if p := recover(); p != nil { // a dozen odd shapes do that
			d, err = nil, refuse(code.EnvelopeMalformed, root, "json-gold panics on the document: %.200v", p)
		}
	}()
	var doc any
	if err := json.Unmarshal([]byte(root.Raw()), &doc); err != nil {
		return nil, 0, &credential.Error{Code: code.EnvelopeMalformed, Err: err}
	}
	o := ld.NewJsonLdOptions("")
	o.ProcessingMode, o.DocumentLoader, o.SafeMode = ld.JsonLd_1_1, c.files, true
	// Expand, which minds SafeMode; Normalize does not.
	expanded, err := ld.NewJsonLdProcessor().Expand(doc, o)
	if err != nil {
		return nil, 0, c.named(root, goldError(err))
	}
	w := &walk{bounds: c.bounds}
	if err := w.document(expanded); err != nil {
		return nil, 0, err
	}
	made, err := ld.NewJsonLdProcessor().ToRDF(expanded, o)
	if err != nil {
		return nil, 0, goldError(err)
	}
	dataset, ok := made.(*ld.RDFDataset)
	if !ok {
		return nil, 0, refuse(code.EnvelopeUnsupported, root, "json-gold made a %T of the document", made)
	}
	d, err = convert(dataset, c.bounds)
	return d, w.statements, err
}

// expands finds the first member that no context defines.
var expands = seam.MustBorrow[func(root strictjson.Value, a *contexts.Active, skip []string) error]("credential.expands")

// named says which member was lost: json-gold does not. Where the own engine
// sees none, the error stays as it is.
func (c *Canonicalizer) named(root strictjson.Value, err error) error {
	if code.Of(err) != code.EnvelopeDataLoss {
		return err
	}
	a, failed := c.set.Initial().Local(root.Get("@context"))
	if failed != nil {
		return err
	}
	var found *credential.Error
	if !errors.As(expands(root, a, []string{"@context"}), &found) || found.Code != code.EnvelopeDataLoss {
		return err
	}
	at := *found
	at.Err = err
	return &at
}

func goldError(err error) error {
	c := code.EnvelopeMalformed
	if text := err.Error(); strings.Contains(text, "context") || strings.Contains(text, "protected") {
		c = code.EnvelopeContext
	} else if strings.Contains(text, "invalid property") {
		c = code.EnvelopeDataLoss
	}
	return &credential.Error{Code: c, Detail: "json-gold", Err: err}
}

func refuse(c code.Code, at strictjson.Value, format string, args ...any) error {
	e := &credential.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
	if at.Exists() {
		e.Path = at.Path()
	}
	return e
}
