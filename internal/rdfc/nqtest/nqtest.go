// Package nqtest reads N-Quads. Only tests import it.
package nqtest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/rdfc"
)

// Parse reads N-Quads, with escapes, and returns the blank
// nodes by label.
func Parse(text string) (*rdfc.Dataset, map[string]rdfc.Node, error) {
	p := &parser{d: rdfc.New(), labels: map[string]rdfc.Node{}}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if p.s = strings.Trim(line, " \t"); p.s == "" || p.s[0] == '#' {
			continue
		}
		if err := p.quad(); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	return p.d, p.labels, nil
}

type parser struct {
	d      *rdfc.Dataset
	labels map[string]rdfc.Node
	s      string
}

func (p *parser) quad() error {
	s, err := p.node()
	if err != nil {
		return err
	}
	predicate, err := p.iri()
	if err != nil {
		return err
	}
	var o rdfc.Object
	if strings.HasPrefix(p.s, `"`) {
		o, err = p.literal()
	} else {
		o.Node, err = p.node()
	}
	if err != nil {
		return err
	}
	g := rdfc.None
	if !strings.HasPrefix(p.s, ".") {
		if g, err = p.node(); err != nil {
			return err
		}
	}
	if p.s != "." {
		return fmt.Errorf("want a point, got %q", p.s)
	}
	p.d.Add(s, "<"+predicate+">", o, g)
	return nil
}

func (p *parser) skip() { p.s = strings.TrimLeft(p.s, " \t") }

func (p *parser) node() (rdfc.Node, error) {
	if strings.HasPrefix(p.s, "_:") {
		i := strings.IndexAny(p.s, " \t")
		if i < 0 {
			return 0, fmt.Errorf("a blank node at the end: %q", p.s)
		}
		label := p.s[2:i]
		p.s = p.s[i:]
		p.skip()
		n, known := p.labels[label]
		if !known {
			n = p.d.Blank()
			p.labels[label] = n
		}
		return n, nil
	}
	iri, err := p.iri()
	return p.d.IRI(iri), err
}

func (p *parser) iri() (string, error) {
	i := strings.IndexByte(p.s, '>')
	if i < 0 || p.s[0] != '<' {
		return "", fmt.Errorf("want an IRI, got %q", p.s)
	}
	iri := p.s[1:i]
	p.s = p.s[i+1:]
	p.skip()
	return unescape(iri)
}

func (p *parser) literal() (o rdfc.Object, err error) {
	i := 1
	for i < len(p.s) && p.s[i] != '"' {
		if p.s[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(p.s) {
		return o, fmt.Errorf("a literal that does not end: %q", p.s)
	}
	if o.Lexical, err = unescape(p.s[1:i]); err != nil {
		return o, err
	}
	o.Node = rdfc.None
	p.s = p.s[i+1:]
	switch {
	case strings.HasPrefix(p.s, "@"):
		i := strings.IndexAny(p.s, " \t.")
		o.Language, p.s = p.s[1:i], p.s[i:]
	case strings.HasPrefix(p.s, "^^"):
		p.s = p.s[2:]
		o.Datatype, err = p.iri()
	}
	p.skip()
	return o, err
}

func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		size := 0
		switch s[i] {
		case 't':
			b.WriteByte('\t')
		case 'b':
			b.WriteByte('\b')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			size = 4
		case 'U':
			size = 8
		default:
			b.WriteByte(s[i])
		}
		if size > 0 {
			n, err := strconv.ParseUint(s[i+1:i+1+size], 16, 32)
			if err != nil || !utf8.ValidRune(rune(n)) {
				return "", fmt.Errorf("bad escape in %q", s)
			}
			b.WriteRune(rune(n))
			i += size
		}
	}
	return b.String(), nil
}
