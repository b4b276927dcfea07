package view

import (
	_ "embed" // the style
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/safeconduct/safeconduct/internal/datetime"
)

// SVG writes the card as one picture, to be put into a page or a README. It has a title and a description, which say
// in words what it shows. Errors are those of w.
func (c *Card) SVG(w io.Writer) error {
	d := c.draw()
	p := &svg{y: 20}
	p.header(d)
	p.fields(d.fields)
	if len(d.steps) > 0 {
		p.heading("The eight steps")
		p.stamps(d)
	}
	if len(d.reasons) > 0 {
		p.heading("Why")
		p.fields(d.reasons)
	}
	if len(d.hops) > 1 {
		p.heading("The chain, and what each link took away")
		p.chain(d.hops)
	}
	if len(d.bars) > 0 {
		p.heading("Budgets")
		p.bars(d.bars)
	}
	if len(d.strip) > 0 {
		p.heading("Time")
		p.strip(d.strip)
	}
	p.code(d)
	height := p.y + 20
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`role="img" aria-labelledby="t d"><title id="t">%s</title><desc id="d">%s</desc><style>%s</style>`+
		`<rect class="paper" x="1" y="1" width="%d" height="%d" rx="14"/>%s</svg>`+"\n",
		svgWidth, height, svgWidth, height, html.EscapeString(d.verdict+": "+d.title), html.EscapeString(d.inWords()),
		svgStyle, svgWidth-2, height-2, p.b.String())
	return err
}

const (
	svgWidth = 720
	margin   = 28
	textAt   = 150 // where the values of fields begin
	perLine  = 70  // characters of a value on a line
)

//go:embed cardsvg.css
var svgStyle string

// svg is a picture that grows downwards.
type svg struct {
	b strings.Builder
	y int
}

func (p *svg) text(x, y int, class, text string) {
	fmt.Fprintf(&p.b, `<text x="%d" y="%d" class="%s">%s</text>`, x, y, class, html.EscapeString(text))
}

func (p *svg) rect(x, y, width, height int, class string) {
	fmt.Fprintf(&p.b, `<rect x="%d" y="%d" width="%d" height="%d" class="%s"/>`, x, y, width, height, class)
}

func (p *svg) header(d *drawing) {
	p.y += 24
	p.text(margin, p.y, "big "+d.tone.Class(), d.tone.Sign()+" "+d.verdict)
	if d.note != "" {
		p.y += 22
		p.text(margin, p.y, "faint", d.note)
	}
	p.y += 34
	p.text(margin, p.y, "name", d.title)
	p.y += 8
}

func (p *svg) heading(text string) {
	p.y += 36
	p.text(margin, p.y, "name", text)
	p.y += 4
}

// lines writes a text in as many lines as it needs.
func (p *svg) lines(x, most int, class, text string) {
	for _, line := range broken(text, most) {
		p.y += 20
		p.text(x, p.y, class, line)
	}
}

func (p *svg) fields(list []field) {
	for _, f := range list {
		at := textAt
		if len(f.name) > 15 {
			p.lines(margin, perLine, "faint", f.name)
		} else {
			p.text(margin, p.y+20, "faint", f.name)
		}
		for _, text := range f.texts {
			p.lines(at, perLine, "", text)
		}
		p.y += 4
	}
}

func (p *svg) stamps(d *drawing) {
	const columns, wide, high = 4, 160, 48
	p.y += 10
	for i := range d.steps {
		s := &d.steps[i]
		x, y, t := margin+i%columns*(wide+8), p.y+i/columns*(high+8), outcomeTone(s.Outcome)
		fmt.Fprintf(&p.b, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" class="box %s"/>`,
			x, y, wide, high, t.Class())
		p.text(x+10, y+20, t.Class(), t.Sign()+" "+string(s.Name))
		note := string(s.Outcome)
		if s.DataAge > 0 {
			note = stampText(s)[len(note)+2:]
		}
		p.text(x+10, y+38, "faint small", note)
	}
	p.y += (len(d.steps) + columns - 1) / columns * (high + 8)
}

func (p *svg) chain(hops []cardHop) {
	for _, h := range hops {
		top := p.y + 8
		p.lines(margin+16, 84, "", h.from+" →")
		p.lines(margin+16, 84, "", "→ "+h.to)
		for _, t := range h.took {
			p.lines(margin+32, 96, "faint small", "took away: "+t)
		}
		fmt.Fprintf(&p.b, `<path class="line" d="M%d %dV%d"/>`, margin+4, top, p.y+4)
		p.y += 6
	}
}

func (p *svg) bars(list []bar) {
	const wide = svgWidth - 2*margin
	for _, b := range list {
		p.lines(margin, 90, "", b.name)
		p.y += 8
		p.rect(margin, p.y, wide, 14, "track")
		p.rect(margin, p.y, wide*b.spent/1000, 14, "spent")
		p.rect(margin+wide*b.spent/1000, p.y+3, wide*b.held/1000, 8, "held")
		p.y += 14
		p.lines(margin, 100, "faint small", b.text)
	}
}

func (p *svg) strip(strip []mark) {
	const wide = svgWidth - 2*margin
	p.y += 14
	p.rect(margin, p.y+5, wide, 4, "track")
	for _, m := range strip {
		p.rect(margin+wide*place(strip, m.at)/1000-2, p.y, 4, 14, "spent")
	}
	p.y += 14
	for _, m := range strip {
		p.y += 20
		p.text(margin, p.y, "faint", m.name)
		p.text(textAt, p.y, "", datetime.Format(m.at))
	}
}

func (p *svg) code(d *drawing) {
	if d.code == nil {
		return
	}
	p.heading("To be read by a camera")
	side := d.code.Size() + 8
	const wide = 360
	fmt.Fprintf(&p.b, `<svg x="%d" y="%d" width="%d" height="%d" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`,
		margin, p.y+10, wide, wide, side, side, side, side, codePath(d.code))
	p.y += wide + 10
}

// broken breaks a text into lines of at most so many characters, at spaces where it can.
func broken(text string, most int) (lines []string) {
	line := []rune(text)
	for len(line) > most {
		at := most
		for i := most; i > most/2; i-- {
			if line[i] == ' ' {
				at = i
				break
			}
		}
		lines = append(lines, string(line[:at]))
		line = []rune(strings.TrimLeft(string(line[at:]), " "))
	}
	return append(lines, string(line))
}

// inWords says what a picture shows, for whoever does not see it.
func (d *drawing) inWords() string {
	var b strings.Builder
	say := func(parts ...string) {
		b.WriteString(strings.Join(parts, " ") + ". ")
	}
	say(d.verdict, ifTrue(d.note != "", "("+d.note+")"))
	for _, f := range d.fields {
		say(f.name+":", strings.Join(f.texts, "; "))
	}
	for i := range d.steps {
		say("step", string(d.steps[i].Name)+":", stampText(&d.steps[i]))
	}
	for _, f := range d.reasons {
		say("because of", f.name+":", strings.Join(f.texts, "; "))
	}
	for i, h := range d.hops {
		if i > 0 {
			say(h.from, "passed on to", h.to+", and took away:", strings.Join(h.took, "; "))
		}
	}
	for _, x := range d.bars {
		say(x.name+":", x.text)
	}
	for _, m := range d.strip {
		say(m.name, datetime.Format(m.at))
	}
	return strings.TrimSpace(b.String())
}
