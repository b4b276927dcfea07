package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Overview lists the verbs.
func (t *Tool) Overview() string {
	text := fmt.Sprintf("%s: %s.\n\nusage: %s VERB [flags]\n\n", t.Name, t.Summary, t.Name)
	for _, v := range t.Verbs {
		text += fmt.Sprintf("  %-10s %s\n", v.Name, v.Summary)
	}
	return text + "\n" + t.Tail
}

// Manual returns the pages of the manual, section 1, by file name.
func (t *Tool) Manual() map[string]string {
	t.Command()
	pages := map[string]string{t.Name + ".1": manual(t.Name, t.Summary) + literal(t.Overview())}
	for _, v := range t.Verbs {
		name := t.Name + "-" + v.Name
		page := manual(name, v.Summary) + literal(strings.Join(v.usages(), "\n")) + ".SH DESCRIPTION\n" + v.man()
		for _, part := range v.leavesAndSelf() {
			if part != v {
				page += ".SH " + roff(strings.ToUpper(strings.TrimPrefix(part.path(), v.Name+" "))) + "\n" +
					prose(part.Summary+".") + part.man()
			}
		}
		if v.Example != "" {
			page += ".SH EXAMPLES\n" + literal(v.Example)
		}
		pages[name+".1"] = page
	}
	return pages
}

func manual(name, summary string) string {
	return fmt.Sprintf(".TH %s 1\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", strings.ToUpper(roff(name)), roff(name), roff(summary))
}

func (v *Verb) man() string {
	text := prose(v.About)
	for _, f := range v.Flags {
		if f.Name == "" {
			text += ".SS " + roff(f.Help) + "\n"
		} else {
			text += fmt.Sprintf(".TP\n\\fB\\-%s\\fR \\fI%s\\fR\n%s\n", roff(f.Name), roff((&value{f, v}).Type()), roff(f.Help))
		}
	}
	return text + prose(v.Notes)
}

func prose(text string) (out string) {
	for _, p := range strings.Split(text, "\n\n") {
		if p != "" {
			out += ".PP\n\\&" + roff(strings.Join(strings.Fields(p), " ")) + "\n"
		}
	}
	return out
}

func literal(text string) string {
	return ".PP\n.nf\n\\&" + strings.ReplaceAll(roff(strings.TrimSpace(text)), "\n", "\n\\&") + "\n.fi\n"
}

// roff lets a text stand for itself: nothing in it is a mark of the language of manual pages.
func roff(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
}

// help explains one verb.
func (v *Verb) help() string {
	text := "usage:"
	for i, usage := range v.usages() {
		if i > 0 {
			text += "      "
		}
		text += " " + wrap(usage, 7, 11) + "\n"
	}
	text += paragraphs(v.About)
	for _, p := range v.Parts {
		text += fmt.Sprintf("\n  %-10s %s", p.Name, p.Summary)
	}
	if len(v.Parts) > 0 {
		text += fmt.Sprintf("\n\n%s help %s %s says more of it, and so of the others.\n", v.cmd.Root().Name(), v.path(), v.Parts[0].Name)
	}
	for i, f := range v.Flags {
		switch {
		case f.Name == "":
			text += "\n" + f.Help + "\n"
			continue
		case i == 0:
			text += "\n"
		}
		item := "  -" + strings.TrimSpace(f.Name+" "+(&value{f, v}).Type())
		if len(item) > 19 { // the text begins on the next line
			text, item = text+item+"\n", ""
		}
		text += fmt.Sprintf("%-20s", item) + wrap(f.Help, 20, 20) + "\n"
	}
	text += paragraphs(v.Notes)
	if v.Example != "" {
		text += "\nExample:\n  " + strings.ReplaceAll(v.Example, "\n", "\n  ") + "\n"
	}
	return text
}

// usages are the ways to call a verb.
func (v *Verb) usages() (list []string) {
	for _, p := range v.Parts {
		list = append(list, p.usages()...)
	}
	if len(v.Parts) > 0 {
		return list
	}
	words := []string{v.cmd.CommandPath()}
	for _, f := range v.Flags {
		if f.Value.Needed {
			words = append(words, "-"+f.Name, f.Value.Kind)
		}
	}
	return []string{strings.Join(append(append(words, "[flags]"), v.Args...), " ")}
}

// paragraphs wraps a text, each paragraph behind an empty line.
func paragraphs(text string) (out string) {
	for _, p := range strings.Split(text, "\n\n") {
		if p != "" {
			out += "\n" + wrap(p, 0, 0) + "\n"
		}
	}
	return out
}

// wrap breaks a text into lines of 80 columns, the first of which begins at a column, the others at the margin.
func wrap(text string, at, margin int) string {
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		w := utf8.RuneCountInString(word)
		switch {
		case i > 0 && at+1+w > 80:
			b.WriteString("\n" + strings.Repeat(" ", margin))
			at = margin
		case i > 0:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += w
	}
	return b.String()
}
