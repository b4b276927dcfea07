package main

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

const inspectUsage = `usage: safeconduct inspect [-json] FILE

Shows what a passport, a presentation (as a document or as a token), a status
list or a DID document says. For a trust bundle: safeconduct bundle inspect.
FILE is - for standard input.

Nothing is verified: anybody can write anything into a file. To decide on it,
use safeconduct verify.

  -now INSTANT   what time to compare dates with: 2026-11-21T09:00:00Z
  -json          print the answer as JSON, with "verified": false in it

Example:
  safeconduct inspect passport.json
`

const unverified = "UNVERIFIED: nothing below was checked; anybody can have written it"

func (a *app) inspect(_ context.Context, args []string) error {
	f := a.flags("inspect")
	f.clock()
	files, err := f.parse(args, "FILE")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the file to inspect is needed; - for standard input")
	}
	raw, err := a.read(files[0], inspectBytes())
	if err != nil {
		return err
	}
	if bytes.Contains(raw, []byte("PRIVATE KEY-----")) {
		return usageFailure("%s is a private key, which is not shown", files[0]).
			hint("safeconduct did key " + files[0] + " prints its identity")
	}
	doc, err := a.open(raw)
	if w := asFailure(err); w != nil && len(w.hints) > 0 {
		return w
	} else if err != nil {
		return &failure{exit: exitCode(err), err: err, hints: []string{"no tool that follows the specification takes this file"}}
	}
	a.warn("UNVERIFIED: inspect shows what the file says, and checks nothing; use safeconduct verify to decide")
	if a.json {
		return a.answer(doc)
	}
	a.text.line(unverified)
	a.text.document(doc, a.now())
	a.text.line("(all of this is UNVERIFIED)")
	return nil
}

// inspectBytes is the size of the largest document that inspect reads: a
// status list, of the default bounds.
func inspectBytes() int {
	return limits.Default().EncodedListBytes + limits.Default().DocumentBytes
}

// documentJSON is what inspect -json prints.
type documentJSON struct {
	header
	Verified bool   `json:"verified"` // always false
	Warning  string `json:"warning"`
	What     string `json:"document"` // presentation, passport, credential, status-list or did-document

	Types    []string    `json:"types,omitempty"`
	ID       string      `json:"id,omitempty"`
	Issuer   string      `json:"issuer,omitempty"`
	Holder   string      `json:"holder,omitempty"`
	From     string      `json:"validFrom,omitempty"`
	Until    string      `json:"validUntil,omitempty"`
	Digest   string      `json:"digest,omitempty"`
	Proofs   []proofJSON `json:"proofs,omitempty"`
	Passport *subjectOut `json:"passport,omitempty"`
	Intent   *intentJSON `json:"intent,omitempty"`
	Links    []any       `json:"credentials,omitempty"`
	List     *listOut    `json:"statusList,omitempty"`
	Keys     []keyOut    `json:"keys,omitempty"`
	Problem  string      `json:"problem,omitempty"` // why it would be refused for its form
}

func newDocument(what string) *documentJSON {
	return &documentJSON{header: kind("inspected"), Warning: unverified, What: what}
}

// open reads a document of any kind that we know.
func (a *app) open(raw []byte) (*documentJSON, error) {
	if !isJSON(raw) {
		return openToken(bytes.TrimSpace(raw))
	}
	caps := limits.Default().JSON(inspectBytes())
	caps.StringBytes = limits.Default().EncodedListBytes
	v, err := strictjson.Parse(string(raw), caps)
	if err != nil {
		return nil, &failure{exit: exitDenied, err: err}
	}
	switch types := typesOf(v); {
	case slices.Contains(types, credential.TypePresentation):
		p, err := credential.ParsePresentation(raw, vcjwt.Format())
		if err != nil {
			return nil, err
		}
		return presentationOut(p), nil
	case slices.Contains(types, credential.TypeCredential):
		isList := slices.Contains(types, "BitstringStatusListCredential") || slices.Contains(types, "StatusList2021Credential")
		s, err := credential.Parser{StatusList: isList}.Credential(raw)
		if err != nil {
			return nil, err
		}
		return credentialOut(s), nil
	case v.Get("verificationMethod").Exists():
		doc, err := did.ParseDocument(raw)
		if err != nil {
			return nil, err
		}
		return didOut(doc), nil
	case slices.Contains(types, "SafeconductTrustBundle"):
		return nil, (&failure{exit: exitDenied, err: errors.New("it is a trust bundle")}).hint("safeconduct bundle inspect shows it")
	}
	return nil, &failure{exit: exitDenied, err: errors.New("it is no credential, no presentation and no DID document")}
}

// openToken reads a vc+jwt or a vp+jwt.
func openToken(raw []byte) (*documentJSON, error) {
	if p, err := credential.ParsePresentation(raw, vcjwt.Format()); err == nil {
		return presentationOut(p), nil
	}
	s, err := credential.Parse(raw, vcjwt.Format())
	if err != nil {
		return nil, err
	}
	return credentialOut(s), nil
}

func typesOf(v credential.Value) (types []string) {
	t := v.Get("type")
	if s, ok := t.LookupStr(); ok {
		return []string{s}
	}
	if t.Kind() != strictjson.Array {
		return nil
	}
	for item := range t.Items() {
		types = append(types, item.Str())
	}
	return types
}

func presentationOut(p *credential.Presentation) *documentJSON {
	c := p.Unverified()
	d := newDocument("presentation")
	d.Types, d.ID, d.Holder, d.Proofs = c.Type, c.ID, c.Holder, newProofsJSON(p.Proofs())
	for _, s := range c.Credentials {
		d.Links = append(d.Links, credentialOut(s))
	}
	if v := c.Member("intent"); v.Exists() {
		in, err := passport.ReadIntentUnverified(v)
		if err != nil {
			d.Problem = err.Error()
			return d
		}
		j := newIntentJSON(in)
		d.Intent = &j
	}
	return d
}
