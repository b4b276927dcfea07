package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/view"
)

// picture is the command line of show.
type picture struct {
	*judging
	html, svg string
	mermaid   bool
}

func (a *app) show() *cli.Verb {
	j := &judging{app: a, Verb: &cli.Verb{
		Name: "show", Summary: "a picture of a passport: its card, chain, budgets and time",
		About: `Draws the passport or presentation in FILE (- for standard input): as text, as a page, as a picture, or
its chain as a diagram. Pictures need nothing else: no script, no font, no network.

With -trust and -lists, or -bundle, a presentation is judged by what it asks for itself, as explain does, and the
picture has the eight stamps. It permits nothing. Else the picture says that nothing was checked.`,
		Args: []string{"FILE"}, NoArgs: "the file to show is needed; - for standard input",
		Example: `safeconduct show passport.json
safeconduct show -html card.html -trust did:key:z6Mk… -lists lists shown.json`,
	}}
	p := &picture{judging: j}
	j.Flags = slices.Concat([]cli.Flag{
		{Help: "What is drawn; text, if none of these is given"},
		flag("html", cli.Text("FILE", &p.html), "a page, with a QR code of the document if it fits"),
		flag("svg", cli.Text("FILE", &p.svg), "a picture to put into other pages"),
		flag("mermaid", cli.Switch(&p.mermaid), "the chain as a Mermaid diagram, on standard output"),
	}, j.believed(), j.judged(), j.memory.flags("the store of the verifier, to show what is left of budgets"),
		[]cli.Flag{a.clock()})
	j.Run = func(ctx context.Context, files []string) error { return p.draw(ctx, files[0]) }
	return j.Verb
}

func (p *picture) draw(ctx context.Context, file string) error {
	raw, err := p.document(file)
	if err != nil {
		return err
	}
	s, err := p.readShown(raw)
	if err != nil {
		return err
	}
	c := &view.Card{Now: p.now(), Document: raw}
	for i, signed := range s.Chain {
		link, err := passport.ReadUnverified(signed)
		if err != nil {
			return asFailure(err).Hint("only passports are drawn; credential " + strconv.Itoa(i) + " is none")
		}
		c.Chain = append(c.Chain, link)
	}
	if s.Intent != nil {
		c.Act = &s.Intent.Act
	}
	if err := p.judge(ctx, c, raw, s); err != nil {
		return err
	}
	if c.Report == nil {
		p.warn("UNVERIFIED: show draws what the file says, and checks nothing without -trust or -bundle")
	}
	return p.render(c)
}

// judge judges a presentation by what it asks for, and looks up its budgets.
func (p *picture) judge(ctx context.Context, c *view.Card, raw []byte, s *passport.Shown) error {
	believes := p.Given("trust") || p.Given("bundle")
	if !believes && !p.Given("store") {
		return nil
	}
	if believes && s.Intent == nil {
		return p.Wrong("a passport alone is not judged, as it asks for nothing").
			Hint("safeconduct doctor says whether it would be believed here")
	}
	if !believes {
		return p.Wrong("-store needs a verifier that it is of: give -trust, or -bundle, too")
	}
	p.act.Act, p.act.audience, p.act.bodyDigest = s.Intent.Act, s.Audience, s.Intent.BodyDigest
	v, err := p.prepare(ctx)
	if err != nil {
		return err
	}
	c.Report = v.Explain(ctx, raw, p.q)
	c.Report.Violations = spoken(c.Report.Violations)
	if p.memory.file != "" {
		if c.Budgets, err = v.Budgets(ctx, c.Chain); err != nil {
			return err
		}
	}
	return nil
}

// render writes each picture that is asked for.
func (p *picture) render(c *view.Card) error {
	files := []string{}
	for _, as := range []struct {
		file string
		draw func(io.Writer) error
	}{{p.html, c.HTML}, {p.svg, c.SVG}} {
		if as.file == "" {
			continue
		}
		var b bytes.Buffer
		if err := as.draw(&b); err != nil {
			return err
		}
		if err := p.app.write(as.file, b.Bytes()); err != nil {
			return err
		}
		if !toStdout(as.file) {
			files = append(files, as.file)
		}
	}
	switch {
	case p.mermaid:
		return c.Mermaid(&p.out)
	case p.html == "-" || p.svg == "-":
		return nil
	}
	return p.answer("shown", append(c.Summary(), member("files", files)), func() {
		if len(files) == 0 {
			p.text.Card(c)
		}
	})
}

// readShown reads a passport, or a presentation.
func (j *judging) readShown(raw []byte) (*passport.Shown, error) {
	s, err := passport.ReadShownUnverified(raw, j.config.Formats...)
	if err == nil {
		return s, nil
	}
	if _, berr := bundle.Inspect(raw); berr == nil {
		return nil, notShown(view.ErrBundle)
	}
	return nil, asFailure(err).Hint("safeconduct inspect says more about the file")
}
