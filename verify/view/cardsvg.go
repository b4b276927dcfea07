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
	if len(d.reasons) > 0 {
		p.heading("Why")
		p.reasons(d.reasons)
		p.y += 12
	}
	p.name(d.title)
	p.fields(d.fields)
	if len(d.steps) > 0 {
		p.heading("The eight steps")
		p.stamps(d)
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
		`role="img"><title>%s</title><desc>%s</desc><style>%s</style><g aria-hidden="true">`+
		`<rect class="paper" x="1" y="1" width="%d" height="%d" rx="14"/>%s</g></svg>`+"\n",
		svgWidth, height, svgWidth, height, html.EscapeString(d.verdict+": "+d.title), html.EscapeString(d.inWords()),
		svgStyle, svgWidth-2, height-2, p.b.String())
	return err
}

const (
	svgWidth = 720
	margin   = 28
	textAt   = 150 // where the values of fields begin
)

// The sizes of text, as the style has them; a bold one is that much wider.
const (
	sizeSmall, sizeText, sizeName, sizeBig = 12, 14, 18, 24
	bolder                                 = 113 // per cent
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
		p.y += 2
		p.lines(margin, sizeText, "faint", d.note)
	}
}

func (p *svg) heading(text string) {
	p.y += 36
	p.text(margin, p.y, "name", text)
	p.y += 4
}

// name writes whose passport it is, in as many lines as that needs.
func (p *svg) name(text string) {
	p.y += 12
	for _, line := range broken(text, inside(margin, sizeName*bolder/100), inEms) {
		p.y += 24
		p.text(margin, p.y, "name", line)
	}
	p.y += 4
}

// inside is how much there is from x to the margin, in hundredths of the size of a text.
func inside(x, size int) int { return (svgWidth - margin - x) * 100 / size }

// lines writes a text in as many lines as it needs.
func (p *svg) lines(x, size int, class, text string) {
	for _, line := range broken(text, inside(x, size), inEms) {
		p.y += 20
		p.text(x, p.y, class, line)
	}
}

func (p *svg) fields(list []field) {
	for _, f := range list {
		if length(f.name, inEms) > (textAt-margin-8)*100/sizeText {
			p.lines(margin, sizeText, "faint", f.name)
		} else {
			p.text(margin, p.y+20, "faint", f.name)
		}
		for _, text := range f.texts {
			p.lines(textAt, sizeText, "", text)
		}
		p.y += 4
	}
}

func (p *svg) reasons(list []field) {
	for _, f := range list {
		p.lines(margin, sizeText*bolder/100+1, "code", f.name)
		for _, text := range f.texts {
			p.lines(margin+16, sizeText, "", text)
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
		note := stampText(s)
		if s.DataAge > 0 && length(note, inEms) > (wide-20)*100/sizeSmall {
			note = note[len(s.Outcome)+2:]
		}
		p.text(x+10, y+38, "faint small", note)
	}
	p.y += (len(d.steps) + columns - 1) / columns * (high + 8)
}

func (p *svg) chain(hops []cardHop) {
	for _, h := range hops {
		top := p.y + 8
		p.lines(margin+16, sizeText, "", h.from)
		p.lines(margin+16, sizeText, "", "→ "+h.to)
		for _, t := range h.took {
			p.lines(margin+32, sizeSmall, "faint small", "took away: "+t)
		}
		fmt.Fprintf(&p.b, `<path class="line" d="M%d %dV%d"/>`, margin+4, top, p.y+4)
		p.y += 6
	}
}

func (p *svg) bars(list []bar) {
	const wide = svgWidth - 2*margin
	for _, b := range list {
		p.lines(margin, sizeText, "", b.name)
		p.y += 8
		spent, held := b.parts(wide, 6)
		p.rect(margin, p.y, wide, 14, "track")
		p.rect(margin, p.y, spent, 14, "spent")
		p.rect(margin+spent, p.y+3, held, 8, "held")
		p.y += 14
		p.lines(margin, sizeSmall, "faint small", b.text)
		p.y += 8
	}
}

func (p *svg) strip(strip []mark) {
	const wide = svgWidth - 2*margin
	at := func(m mark) int { return margin + wide*place(strip, m.at)/1000 }
	above := map[byte]int{'n': 20, 's': 46, '[': 33, ']': 33}
	p.rect(margin, p.y+27, wide, 2, "line")
	p.rect(at(strip[0]), p.y+25, max(0, at(strip[1])-at(strip[0])), 6, "spent")
	for _, m := range strip {
		p.text(at(m), p.y+above[m.key], "mid", m.sign)
	}
	p.y += 50
	for _, m := range strip {
		p.y += 20
		p.text(margin+6, p.y, "faint mid", m.sign)
		p.text(margin+18, p.y, "faint", m.name)
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

// inWords says what a picture shows, for whoever does not see it.
func (d *drawing) inWords() string {
	var b strings.Builder
	say := func(parts ...string) {
		b.WriteString(strings.Join(parts, " ") + ". ")
	}
	say(d.verdict + ifTrue(d.note != "", " ("+d.note+")"))
	for _, f := range d.reasons {
		say("because of", f.name+":", strings.Join(f.texts, "; "))
	}
	for _, f := range d.fields {
		say(f.name+":", strings.Join(f.texts, "; "))
	}
	for i := range d.steps {
		say("step", string(d.steps[i].Name)+":", stampText(&d.steps[i]))
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
