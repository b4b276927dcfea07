package view

import (
	"io"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/datetime"
)

// columns is how wide a card is on a terminal.
const columns = 80

// Card prints a card, at most 80 columns wide.
func (p Printer) Card(c *Card) {
	p.Columns = 0 // its lines are broken already, and its bars are not to be
	d := c.draw()
	colour := map[tone]string{good: green, bad: red, open: yellow, unchecked: faint}
	p.Line("%s%s", ink{colour[d.tone], d.tone.Sign() + " " + d.verdict}, ifTrue(d.note != "", ": "+d.note))
	for _, f := range d.reasons {
		begin := "- "
		for _, line := range broken(f.name, columns-len(begin), inColumns) {
			p.Line("%s%s", begin, ink{bold, line})
			begin = "  "
		}
		for _, text := range f.texts {
			p.below("    ", text)
		}
	}
	for _, line := range broken(d.title, columns, inColumns) {
		p.Line("%s", ink{bold, line})
	}
	p.cardFields(d.fields)
	for i := range d.steps {
		s := &d.steps[i]
		p.Line("  %s %d %s %s", stamp(s.Outcome), i+1, pad(string(s.Name), 10), stampText(s))
	}
	if len(d.hops) > 1 {
		p.Line("the chain, and what each link took away")
		for i, h := range d.hops {
			p.below("  "+strconv.Itoa(i)+" ", h.from)
			p.below("    -> ", h.to)
			for _, t := range h.took {
				p.below("       - ", t)
			}
		}
	}
	for _, b := range d.bars {
		const wide = 40
		spent, held := b.parts(wide, 1)
		p.below("  ", b.name)
		line := strings.Repeat("#", spent) + strings.Repeat("+", held) + strings.Repeat(".", wide-spent-held)
		p.Line("  [%s]", line)
		p.below("  ", b.text)
	}
	if len(d.strip) > 0 {
		const wide = 60
		at := func(m mark) int { return place(d.strip, m.at) * wide / 1000 }
		line := []byte(strings.Repeat("-", wide+1))
		for i := at(d.strip[0]); i <= at(d.strip[1]); i++ {
			line[i] = '='
		}
		for _, key := range "s[]n" { // what is later hides what is in the same place
			for _, m := range d.strip {
				if rune(m.key) == key {
					line[at(m)] = m.key
				}
			}
		}
		p.Line("  %s", string(line))
		for _, m := range d.strip {
			p.Line("  %s %s %s", string(m.key), pad(m.name, 13), datetime.Format(m.at))
		}
	}
}

func (p Printer) cardFields(list []field) {
	for _, f := range list {
		name := pad(f.name, 12)
		for _, text := range f.texts {
			p.below("  "+name+" ", text)
			name = pad("", len(name))
		}
	}
}

// below prints a text behind a beginning, and its further lines below each other.
func (p Printer) below(begin, text string) {
	for _, line := range broken(text, max(20, columns-len(begin)), inColumns) {
		p.Line("%s%s", begin, line)
		begin = pad("", len(begin))
	}
}

// Mermaid writes the chain as a diagram that many forges draw: who passed what on to whom, and what was taken away.
// Errors are those of w.
func (c *Card) Mermaid(w io.Writer) error {
	d := c.draw()
	var b strings.Builder
	b.WriteString("flowchart TD\n  accTitle: A chain of passports, and what each link took away\n")
	node := map[string]string{}
	name := func(who string) string {
		if node[who] == "" {
			node[who] = "n" + strconv.Itoa(len(node))
			b.WriteString("  " + node[who] + "[\"" + mermaidText(who) + "\"]\n")
		}
		return node[who]
	}
	for _, h := range d.hops {
		from, to := name(h.from), name(h.to)
		label := make([]string, len(h.took))
		for i, t := range h.took {
			label[i] = mermaidText(t)
		}
		text := "issues"
		if len(label) > 0 {
			text = "delegates; takes away: " + strings.Join(label, "<br>")
		}
		b.WriteString("  " + from + " -->|\"" + text + "\"| " + to + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText writes a text so that Mermaid and the page around it show it as it is.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\"<>&#`;|[]{}()\\*_~", r) {
			b.WriteString("#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
