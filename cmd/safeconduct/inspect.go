package main

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

const unverified = "UNVERIFIED: nothing below was checked; anybody can have written it"

func (a *app) inspect() *cli.Verb {
	v := &cli.Verb{
		Name: "inspect", Summary: "show what a document says, UNVERIFIED",
		About: `Shows what a passport, a presentation (as a document or as a token), a status list or a DID document says. For a
trust bundle: safeconduct bundle inspect. FILE is - for standard input.

Nothing is verified: anybody can write anything into a file. To decide on it, use safeconduct verify.`,
		Args: []string{"FILE"}, NoArgs: "the file to inspect is needed; - for standard input",
		Flags:   []cli.Flag{a.clock()},
		Example: "safeconduct inspect passport.json",
	}
	v.Run = func(_ context.Context, files []string) error {
		raw, err := a.read(files[0], inspectBytes())
		if err != nil {
			return err
		}
		if bytes.Contains(raw, []byte("PRIVATE KEY-----")) {
			return cli.Wrong("%s is a private key, which is not shown", files[0]).
				Hint("safeconduct did key " + files[0] + " prints its identity")
		}
		doc, err := a.open(raw)
		if w := asFailure(err); w != nil {
			return w
		} else if err != nil {
			return refused(err).Hint("no tool that follows the specification takes this file")
		}
		a.warn("UNVERIFIED: inspect shows what the file says, and checks nothing; use safeconduct verify to decide")
		if a.json {
			return a.answerJSON(doc)
		}
		a.text.Line(unverified)
		a.text.Line("%s", doc.what)
		a.text.view(doc.view, "", "")
		a.text.Line("(all of this is UNVERIFIED)")
		return nil
	}
	return v
}

// inspectBytes is the size of the largest document that inspect reads: a status list, of the default bounds.
func inspectBytes() int {
	return limits.Default().EncodedListBytes + limits.Default().DocumentBytes
}

// newDocument begins what inspect says of a document: a presentation, passport, credential, status-list or
// did-document.
func newDocument(what string, v view) document {
	return document{what, append(view{
		{"version", "", outputVersion}, {"kind", "", "inspected"}, {"verified", "", false}, {"warning", "", unverified}, {"document", "", what},
	}, v...)}
}

// open reads a document of any kind that we know.
func (a *app) open(raw []byte) (d document, err error) {
	if !isJSON(raw) {
		return a.openToken(bytes.TrimSpace(raw))
	}
	caps := limits.Default().JSON(inspectBytes())
	caps.StringBytes = limits.Default().EncodedListBytes
	v, err := strictjson.Parse(string(raw), caps)
	if err != nil {
		return d, &failure{Exit: exitDenied, Err: err}
	}
	switch types := typesOf(v); {
	case slices.Contains(types, credential.TypePresentation):
		p, err := credential.ParsePresentation(raw, vcjwt.Format())
		if err != nil {
			return d, err
		}
		return a.presentation(p), nil
	case slices.Contains(types, credential.TypeCredential):
		isList := slices.Contains(types, "BitstringStatusListCredential") || slices.Contains(types, "StatusList2021Credential")
		s, err := credential.Parser{StatusList: isList}.Credential(raw)
		if err != nil {
			return d, err
		}
		return a.credential(s), nil
	case v.Get("verificationMethod").Exists():
		doc, err := did.ParseDocument(raw)
		if err != nil {
			return d, err
		}
		return newDocument("did-document", view{{"id", "id", doc.ID().String()}, {"keys", "keys", keyViews(doc)}}), nil
	case slices.Contains(types, "SafeconductTrustBundle"):
		return d, denied("it is a trust bundle").Hint("safeconduct bundle inspect shows it")
	}
	return d, denied("it is not a credential, no presentation and no DID document").
		Hint("no tool that follows the specification takes this file")
}

// openToken reads a vc+jwt or a vp+jwt.
func (a *app) openToken(raw []byte) (d document, err error) {
	if p, err := credential.ParsePresentation(raw, vcjwt.Format()); err == nil {
		return a.presentation(p), nil
	}
	s, err := credential.Parse(raw, vcjwt.Format())
	if err != nil {
		return d, err
	}
	return a.credential(s), nil
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

func (a *app) presentation(p *credential.Presentation) document {
	c := p.Unverified()
	v := view{{"types", "types", c.Type}, {"id", "id", c.ID}, {"holder", "holder", c.Holder}, {"proofs", "proofs", proofViews(p.Proofs())}}
	problem := ""
	if m := c.Member("intent"); m.Exists() {
		in, err := passport.ReadIntentUnverified(m)
		if err != nil {
			problem = err.Error()
		} else {
			v = append(v, row{"intent", "", in}, row{"", "intent", intentLines(in, a.now())})
		}
	}
	var links []document
	for _, s := range c.Credentials {
		links = append(links, a.credential(s))
	}
	return newDocument("presentation", append(v, row{"credentials", "credentials", links}, row{"problem", "problem", problem}))
}

func (a *app) credential(s *credential.Signed) document {
	c, what := s.Unverified(), "credential"
	v := view{
		{"types", "types", c.Type}, {"id", "id", c.ID}, {"issuer", "issuer", c.Issuer.ID},
		{"validFrom", "", instant(c.ValidFrom)}, {"validUntil", "", instant(c.ValidUntil)},
		{"", "valid from", during(c.ValidFrom, a.now().Before(c.ValidFrom), " (still to come)")},
		{"", "valid until", during(c.ValidUntil, !a.now().Before(c.ValidUntil), " (over)")},
		{"digest", "digest", s.Digest()}, {"proofs", "proofs", proofViews(s.Proofs())},
	}
	var err error
	switch {
	case c.HasType(passport.Type):
		what = "passport"
		var p *passport.Passport
		if p, err = passport.ReadUnverified(s); err != nil {
			break
		}
		v = append(v, row{"passport", "", jsonWith{p, "credentialSubject", c.Subjects[0].Raw()}})
		v = append(v, passportLines(p)...)
	case c.HasType("BitstringStatusListCredential"), c.HasType("StatusList2021Credential"):
		what = "status-list"
		var l *statuslist.ListCredential
		if l, err = statuslist.ParseCredential(s); err != nil {
			break
		}
		v = append(v, row{"statusList", "list", view{
			{"encoding", "encoding", l.Encoding.String()}, {"purposes", "purposes", texts(l.Purposes)}, {"asOf", "as of", instant(l.AsOf)},
		}})
	}
	if err != nil {
		v = append(v, row{"problem", "problem", err.Error()}) // why it would be refused for its form
	}
	return newDocument(what, v)
}

// during is an instant and what the clock says to it.
func during(t time.Time, so bool, remark string) string {
	if t.IsZero() {
		return ""
	}
	return instant(t) + ifTrue(so, remark)
}

func keyViews(doc *did.Document) (list []view) {
	for _, m := range doc.Methods() {
		where := ""
		if m.ID.IsZero() {
			where = m.Path // what has no id is told by its place
		}
		v := view{
			{"id", "key", m.ID.String()}, {"path", "at", where}, {"type", "type", m.Type}, {"relationships", "for", texts(m.Relationships)},
			{"expires", "expires", instant(m.Expires)}, {"revoked", "revoked", instant(m.Revoked)},
		}
		if m.Err != nil {
			v = append(v, row{"problem", "not usable", m.Err.Error()})
		}
		list = append(list, v)
	}
	return list
}
