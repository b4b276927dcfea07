package view

import (
	"html/template"
	"io"
	"strconv"
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
				b.WriteString("M" + strconv.Itoa(x+4) + " " + strconv.Itoa(y+4) + "h" + strconv.Itoa(n) + "v1h-" + strconv.Itoa(n) + "z")
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
			out = append(out, map[string]any{"name": string(s.Name), "tone": outcomeTone(s.Outcome), "text": stampText(s)})
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
			out = append(out, map[string]any{"name": b.name, "text": b.text, "spent": b.spent, "held": b.held, "heldAt": b.spent})
		}
		return out
	},
	"strip": func(d *drawing) (out []map[string]any) {
		for _, m := range d.strip {
			out = append(out, map[string]any{"name": m.name, "at": datetime.Format(m.at), "place": place(d.strip, m.at)})
		}
		return out
	},
	"code":     func(d *drawing) *qr.Code { return d.code },
	"codePath": codePath,
	"plus8":    func(n int) int { return n + 8 },
}).Parse(cardTemplate))

const cardTemplate = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{verdict .}}: {{title .}}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2330; --faint: #596275; --paper: #fff; --desk: #eceff4; --line: #cfd6e2;
  --good: #0b6b3a; --bad: #a8161b; --open: #7a5200; --none: #596275; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf4; --faint: #a5afc2; --paper: #1a202c; --desk: #10141c;
  --line: #3a4558; --good: #5fd394; --bad: #ff8d8d; --open: #f0c060; --none: #a5afc2; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--desk); color: var(--ink); font: 1rem/1.45 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; background: var(--paper); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1rem; margin: 1.4rem 0 .5rem; } p { margin: .2rem 0; }
.note, dt, small { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); } .none { color: var(--none); }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .25rem 1rem; margin: 1rem 0 0; }
dd { margin: 0; } dd p { margin: 0; }
ol, ul { list-style: none; margin: 0; padding: 0; }
.stamps { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem; }
.stamps li { border: 2px solid currentcolor; border-radius: 8px; padding: .35rem .6rem; }
.stamps small { display: block; }
.chain > li { border-left: 3px solid var(--line); padding: .1rem 0 .6rem .9rem; }
.bar { display: block; width: 100%; height: 14px; border-radius: 7px; }
.track { fill: var(--line); } .spent { fill: var(--ink); }
.held { fill: var(--open); }
.strip { position: relative; border-left: 3px solid var(--line); padding-left: .9rem; }
.code { background: #fff; width: min(100%, 22rem); display: block; }
</style>
</head>
<body>
<main>
<h1 class="{{(tone .).Class}}"><span aria-hidden="true">{{(tone .).Sign}} </span>{{verdict .}}</h1>
<p class="note">{{note .}}</p>
<h2>{{title .}}</h2>
<dl>
{{range fields .}}<dt>{{name .}}</dt><dd>{{range texts .}}<p>{{.}}</p>{{end}}</dd>
{{end}}</dl>
{{with stamps .}}<h2>The eight steps</h2>
<ol class="stamps">
{{range .}}<li class="{{.tone.Class}}"><span aria-hidden="true">{{.tone.Sign}} </span>{{.name}}<small>{{.text}}</small></li>
{{end}}</ol>
{{end}}{{with reasons .}}<h2>Why</h2>
<dl>
{{range .}}<dt>{{name .}}</dt><dd>{{range texts .}}<p>{{.}}</p>{{end}}</dd>
{{end}}</dl>
{{end}}{{with hops .}}<h2>The chain, and what each link took away</h2>
<ol class="chain">
{{range $i, $h := .}}<li><p>{{.from}} <span aria-hidden="true">→</span><span class="none"> to </span>{{.to}}</p>
{{range .took}}<p><small>took away: {{.}}</small></p>
{{end}}</li>
{{end}}</ol>
{{end}}{{with bars .}}<h2>Budgets</h2>
<ul>
{{range .}}<li><p>{{.name}}</p>
<svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="14"/>` +
	`<rect class="spent" width="{{.spent}}" height="14"/><rect class="held" x="{{.heldAt}}" y="3" width="{{.held}}" height="8"/></svg>
<p><small>{{.text}}</small></p></li>
{{end}}</ul>
{{end}}{{with strip .}}<h2>Time</h2>
<svg class="bar" viewBox="-6 0 1012 14" preserveAspectRatio="none" aria-hidden="true"><rect class="track" y="5" width="1000" height="4"/>` +
	`{{range .}}<rect class="spent" x="{{.place}}" width="4" height="14"/>{{end}}</svg>
<dl>
{{range .}}<dt>{{.name}}</dt><dd>{{.at}}</dd>
{{end}}</dl>
{{end}}{{with code .}}<h2>To be read by a camera</h2>
<svg class="code" viewBox="0 0 {{plus8 .Size}} {{plus8 .Size}}" role="img" aria-label="a QR code of the document" ` +
	`shape-rendering="crispEdges"><path d="{{codePath .}}"/></svg>
{{end}}</main>
</body>
</html>
`
