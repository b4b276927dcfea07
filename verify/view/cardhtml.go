package view

import (
	_ "embed" // the style
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/qr"
)

//go:embed card.css
var pageStyle string

// HTML writes the card as a page of its own, which opens no connection and runs nothing. Errors are those of w.
//
// The page is written by hand and not by html/template, which keeps every exported method of a program alive and makes
// one in a browser half as large again. There are three places for a text, and all of them escape it.
func (c *Card) HTML(w io.Writer) error {
	d := c.draw()
	p := &page{}
	p.raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
`)
	p.tag("title", "", d.verdict+": "+d.title)
	p.raw("<style>\n" + pageStyle + "</style>\n</head>\n<body>\n<main>\n")
	p.raw(`<h1 class="` + d.tone.Class() + `">` + p.sign(d.tone))
	p.text(d.verdict)
	p.raw("</h1>\n")
	p.tag("p", "note", d.note)
	if len(d.reasons) > 0 {
		p.tag("h2", "", "Why")
		p.fields("why", d.reasons)
	}
	p.tag("h2", "", d.title)
	p.fields("", d.fields)
	p.stamps(d)
	p.chain(d.hops)
	p.bars(d.bars)
	p.strip(d.strip)
	p.code(d.code)
	p.raw("</main>\n</body>\n</html>\n")
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Sign is what a tone shows without colours.
func (t tone) Sign() string { return tones[t].sign }

// Class is the name of a tone in a style.
func (t tone) Class() string { return tones[t].class }

// page is a page that is being written.
type page struct{ b strings.Builder }

// raw writes markup: constants of this package alone, and numbers.
func (p *page) raw(markup string) { p.b.WriteString(markup) }

// text writes a text.
func (p *page) text(s string) { p.b.WriteString(html.EscapeString(s)) }

// tag writes an element with a text, on a line of its own.
func (p *page) tag(name, class, text string) {
	p.raw("<" + name)
	if class != "" {
		p.raw(` class="` + class + `"`)
	}
	p.raw(">")
	p.text(text)
	p.raw("</" + name + ">\n")
}

// sign is a sign for whoever sees it; the word beside it is for everybody.
func (p *page) sign(t tone) string { return `<span aria-hidden="true">` + t.Sign() + ` </span>` }

func (p *page) fields(class string, list []field) {
	p.raw(`<dl class="` + class + "\">\n")
	for _, f := range list {
		p.tag("dt", "", f.name)
		p.raw("<dd>\n")
		for _, text := range f.texts {
			p.tag("p", "", text)
		}
		p.raw("</dd>\n")
	}
	p.raw("</dl>\n")
}

func (p *page) stamps(d *drawing) {
	if len(d.steps) == 0 {
		return
	}
	p.tag("h2", "", "The eight steps")
	p.raw("<ol class=\"stamps\">\n")
	for i := range d.steps {
		s := &d.steps[i]
		t := outcomeTone(s.Outcome)
		p.raw(`<li class="` + t.Class() + `">` + p.sign(t))
		p.text(string(s.Name))
		p.tag("small", "", stampText(s))
		p.raw("</li>\n")
	}
	p.raw("</ol>\n")
}

func (p *page) chain(hops []cardHop) {
	if len(hops) < 2 {
		return
	}
	p.tag("h2", "", "The chain, and what each link took away")
	p.raw("<ol class=\"chain\">\n")
	for _, h := range hops {
		p.raw("<li><p>")
		p.text(h.from)
		p.raw(` <span aria-hidden="true">→</span><span class="none"> to </span>`)
		p.text(h.to)
		p.raw("</p>\n")
		for _, took := range h.took {
			p.raw("<p>")
			p.tag("small", "", "took away: "+took)
			p.raw("</p>\n")
		}
		p.raw("</li>\n")
	}
	p.raw("</ol>\n")
}

func (p *page) bars(list []bar) {
	if len(list) == 0 {
		return
	}
	p.tag("h2", "", "Budgets")
	p.raw("<ul>\n")
	for _, b := range list {
		p.raw("<li>\n")
		p.tag("p", "", b.name)
		spent, held := b.parts(1000, 8)
		fmt.Fprintf(&p.b, `<svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">`+
			`<rect class="track" width="1000" height="14"/><rect class="spent" width="%d" height="14"/>`+
			`<rect class="held" x="%d" y="3" width="%d" height="8"/></svg>`+"\n", spent, spent, held)
		p.raw("<p>")
		p.tag("small", "", b.text)
		p.raw("</p></li>\n")
	}
	p.raw("</ul>\n")
}

func (p *page) strip(strip []mark) {
	if len(strip) == 0 {
		return
	}
	p.tag("h2", "", "Time")
	from, until := place(strip, strip[0].at), place(strip, strip[1].at)
	p.raw(`<div class="strip" aria-hidden="true"><svg viewBox="0 0 1000 10" preserveAspectRatio="none">` +
		`<rect class="line" y="4" width="1000" height="2"/>`)
	fmt.Fprintf(&p.b, `<rect class="spent" x="%d" y="2" width="%d" height="6"/></svg>`+"\n", from, max(0, until-from))
	for _, m := range strip {
		at := float64(place(strip, m.at)) / 10
		fmt.Fprintf(&p.b, `<span class="at%c" style="left:%.1f%%">%s</span>`+"\n", m.key, at, m.sign)
	}
	p.raw("</div>\n<dl>\n")
	for _, m := range strip {
		p.raw(`<dt><span class="key" aria-hidden="true">` + m.sign + `</span>`)
		p.text(m.name)
		p.raw("</dt>\n<dd>")
		day, hour, _ := strings.Cut(datetime.Format(m.at), "T")
		p.raw(`<span class="whole">`)
		p.text(day + "T")
		p.raw(`</span><wbr><span class="whole">`)
		p.text(hour)
		p.raw("</span></dd>\n")
	}
	p.raw("</dl>\n")
}

func (p *page) code(c *qr.Code) {
	if c == nil {
		return
	}
	p.tag("h2", "", "To be read by a camera")
	side := c.Size() + 8
	fmt.Fprintf(&p.b, `<svg class="code" viewBox="0 0 %d %d" role="img" aria-label="a QR code of the document" `+
		`shape-rendering="crispEdges"><path d="%s"/></svg>`+"\n", side, side, codePath(c))
}

// place is where an instant is on a strip, in thousandths.
func place(strip []mark, at time.Time) int {
	first, last := strip[0].at, strip[0].at
	for _, m := range strip {
		if m.at.Before(first) {
			first = m.at
		}
		if m.at.After(last) {
			last = m.at
		}
	}
	whole := last.Sub(first)
	if whole <= 0 {
		return 0
	}
	return int(at.Sub(first) / max(whole/1000, 1))
}

// codePath is a QR code as the path of an SVG, a module to a unit.
func codePath(c *qr.Code) string {
	var b strings.Builder
	for y := range c.Size() {
		for x := 0; x < c.Size(); x++ {
			n := 0
			for x+n < c.Size() && c.Dark(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+4, y+4, n, n)
				x += n
			}
		}
	}
	return b.String()
}
