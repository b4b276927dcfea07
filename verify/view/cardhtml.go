package view

import (
	_ "embed" // the template
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/qr"
)

// HTML writes the card as a page of its own, which opens no connection and runs nothing. Errors are those of w.
func (c *Card) HTML(w io.Writer) error { return cardPage.Execute(w, c.draw()) }

// Sign and the others are what the template asks a drawing.

func (t tone) Sign() string  { return tones[t].sign }
func (t tone) Class() string { return tones[t].class }

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

var cardPage = template.Must(template.New("card").Funcs(template.FuncMap{
	"verdict": func(d *drawing) string { return d.verdict },
	"tone":    func(d *drawing) tone { return d.tone },
	"note":    func(d *drawing) string { return d.note },
	"title":   func(d *drawing) string { return d.title },
	"fields":  func(d *drawing) []field { return d.fields },
	"reasons": func(d *drawing) []field { return d.reasons },
	"name":    func(f field) string { return f.name },
	"texts":   func(f field) []string { return f.texts },
	"stamps": func(d *drawing) (out []map[string]any) {
		for i := range d.steps {
			s := &d.steps[i]
			t := outcomeTone(s.Outcome)
			out = append(out, map[string]any{"name": string(s.Name), "tone": t, "text": stampText(s)})
		}
		return out
	},
	"hops": func(d *drawing) (out []map[string]any) {
		for _, h := range d.hops {
			out = append(out, map[string]any{"from": h.from, "to": h.to, "took": h.took})
		}
		return out
	},
	"bars": func(d *drawing) (out []map[string]any) {
		for _, b := range d.bars {
			out = append(out, map[string]any{"name": b.name, "text": b.text, "spent": b.spent, "held": b.held})
		}
		return out
	},
	"strip": func(d *drawing) (out []map[string]any) {
		for _, m := range d.strip {
			at := datetime.Format(m.at)
			out = append(out, map[string]any{"name": m.name, "at": at, "place": place(d.strip, m.at)})
		}
		return out
	},
	"code":     func(d *drawing) *qr.Code { return d.code },
	"codePath": codePath,
	"plus8":    func(n int) int { return n + 8 },
}).Parse(cardTemplate))

//go:embed card.gohtml
var cardTemplate string
