package view

import (
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/qr"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Card is what there is to see of a passport: who it is of, what it allows, the eight stamps, what each link of its
// chain took away, what is left of its budgets, and its time. [Card.SVG] and [Card.HTML] make pictures of it that need
// nothing else (no script, no font, no network), [Card.Mermaid] one of its chain, [Printer.Card] text for a terminal.
//
// Everything that a document says is made plain ([Plain]), and a card says by words and signs, and never by colours
// alone, what is good and what is not. With neither Decision nor Report it says that nothing was checked. It is not
// changed by being drawn, and safe for concurrent use while nobody changes it.
type Card struct {
	Decision *verify.Decision     // what was decided; nil: nothing was
	Report   *verify.Report       // a dry run, where there is no Decision
	Chain    []*passport.Passport // root first; may be left out where the Decision allows
	Act      *passport.Act        // what is asked for; nil: nothing in particular
	Budgets  []verify.Budget      // see verify.Verifier.Budgets; nil: not looked at
	Now      time.Time            // what is called now on the strip of time; zero: nothing is
	Document []byte               // drawn as a QR code, if it has at most 2,953 bytes; nil: not drawn
}

// drawing is a card in the parts that every picture of it has.
type drawing struct {
	verdict string // in words
	tone    tone
	note    string
	title   string
	fields  []field
	steps   []verify.Step
	hops    []cardHop
	bars    []bar
	strip   []mark
	reasons []field
	code    *qr.Code
}

// Summary is what a card says first.
func (c *Card) Summary() Page {
	d := c.draw()
	return Page{{"verdict", "verdict", d.verdict}, {"title", "title", d.title}, {"note", "note", d.note}}
}

// tone is how a verdict is felt; it goes with a sign, for whoever sees no colours.
type tone uint8

const (
	unchecked tone = iota
	good
	bad
	open
)

// tones has, of each tone, its sign and the name of its class in a picture.
var tones = [...]struct{ sign, class string }{
	unchecked: {"○", "none"}, good: {"✓", "good"}, bad: {"✗", "bad"}, open: {"?", "open"},
}

type field struct {
	name  string
	texts []string
}

type cardHop struct {
	from, to string
	took     []string
}

type bar struct {
	name, text string
	of         *verify.Budget
}

// mark is an instant on the strip of time.
type mark struct {
	name string
	sign string // what stands there in a picture, and before the name below it
	key  byte   // the same on a terminal
	at   time.Time
}

func toneOf(v verify.Verdict) (string, tone) {
	switch v {
	case verify.Allow:
		return "ALLOWED", good
	case verify.Undetermined:
		return "UNDETERMINED, and so refused", open
	}
	return "DENIED", bad
}

func outcomeTone(o verify.Outcome) tone {
	switch o {
	case verify.Passed:
		return good
	case verify.Failed:
		return bad
	case verify.StepUndetermined:
		return open
	}
	return unchecked
}

// draw makes a drawing of a card.
func (c *Card) draw() *drawing {
	d := &drawing{verdict: "UNVERIFIED", note: "nothing here was checked; anybody can have written it"}
	chain, now := c.Chain, c.Now
	switch {
	case c.Decision != nil:
		x := c.Decision
		d.verdict, d.tone = toneOf(x.Verdict)
		d.note, d.steps, d.reasons = string(x.Code()), x.Steps, reasonsOf(x.Violations)
		if len(x.Chain) > 0 {
			chain = x.Chain
		}
	case c.Report != nil:
		x := c.Report
		d.verdict, d.tone = toneOf(x.WouldBe)
		d.verdict = "WOULD BE " + d.verdict
		d.note, d.steps, d.reasons = "a dry run, and not a permission", x.Steps, reasonsOf(x.Violations)
	}
	d.title = "A passport"
	if slices.Contains(chain, nil) { // a caller's slip is not worth a panic
		chain = slices.DeleteFunc(slices.Clone(chain), func(p *passport.Passport) bool { return p == nil })
	}
	if len(chain) > 0 {
		d.ofChain(chain, c.Act)
		d.strip = stripOf(chain, d.steps, now)
	}
	for i := range c.Budgets {
		d.bars = append(d.bars, barOf(&c.Budgets[i]))
	}
	if c.Document != nil {
		d.code, _ = qr.Encode(c.Document) // what does not fit is not drawn
	}
	d.plain()
	return d
}

// ofChain draws who it is, and what all links allow together.
func (d *drawing) ofChain(chain []*passport.Passport, act *passport.Act) {
	root, leaf := chain[0], chain[len(chain)-1]
	d.title = leaf.Name
	if d.title == "" {
		d.title = "An agent without a name"
	}
	add := func(name string, texts ...string) {
		var said []string
		for _, t := range texts {
			if t != "" {
				said = append(said, t)
			}
		}
		if len(said) > 0 {
			d.fields = append(d.fields, field{name, said})
		}
	}
	add("agent", leaf.Agent.String())
	add("for", root.HumanPrincipal, root.OrganizationDID)
	add("issuer", root.Issuer.String())
	facets := map[string][]string{}
	var order []string
	var whole *passport.Effective
	for i, p := range chain {
		hop := cardHop{from: p.Issuer.String(), to: p.Agent.String()}
		if whole == nil {
			whole = p.Authority.Effective()
		} else {
			for _, change := range whole.Diff(&p.Authority) {
				hop.took = append(hop.took, change.Facet+": "+change.Before+" → "+change.After)
			}
			whole = whole.Intersect(&p.Authority)
		}
		if i > 0 && len(hop.took) == 0 {
			hop.took = []string{"nothing"}
		}
		d.hops = append(d.hops, hop)
	}
	for name, text := range Facets(whole) {
		if facets[name] == nil {
			order = append(order, name)
		}
		facets[name] = append(facets[name], text)
	}
	for _, name := range order {
		add(name, facets[name]...)
	}
	if act != nil {
		add("asks to", Act(act))
	}
	add("id", leaf.ID)
}

// stripOf is the time of a chain: from when until when all links are good, how old the evidence is, and now.
func stripOf(chain []*passport.Passport, steps []verify.Step, now time.Time) []mark {
	from, until := chain[0].ValidFrom, chain[0].ValidUntil
	for _, p := range chain[1:] {
		if p.ValidFrom.After(from) {
			from = p.ValidFrom
		}
		if p.ValidUntil.Before(until) {
			until = p.ValidUntil
		}
	}
	strip := []mark{{"begins", "├", '[', from}, {"ends", "┤", ']', until}}
	if now.IsZero() {
		return strip
	}
	for _, s := range steps {
		if s.Name == verify.StepStatus && s.DataAge > 0 {
			strip = append(strip, mark{"status as of", "◆", 's', now.Add(-s.DataAge)})
		}
	}
	return append(strip, mark{"now", "▼", 'n', now})
}

func barOf(b *verify.Budget) bar {
	text := b.Text(b.Spent) + " spent"
	if b.Open > 0 {
		text += ", " + b.Text(b.Held) + " held by " + strconv.Itoa(b.Open) + " open act" + ifTrue(b.Open > 1, "s")
	}
	text += ", " + b.Text(b.Left()) + " left"
	if !b.Until.IsZero() {
		text += ", free again " + instant(b.Until)
	}
	return bar{name: b.Name, text: text, of: b}
}

// parts is how much of a bar that is so long is spent, and how much is held. Whatever there
// is, spent, held or left, has at least so much of it that it can be seen: a bar that looks
// full says that nothing is left.
func (b *bar) parts(long, least int) (spent, held int) {
	var sizes [3]int
	biggest, sum := 0, 0
	for i, q := range []verify.Quantity{b.of.Spent, b.of.Held, b.of.Left()} {
		sizes[i] = part(q, b.of.Limit, long, least)
		if sum += sizes[i]; sizes[i] > sizes[biggest] {
			biggest = i
		}
	}
	sizes[biggest] += long - sum // what rounding leaves, or the others lack; of a limit of nothing, all is spent
	return sizes[0], sizes[1]
}

// part is how much of a bar something takes: at least so much, or nothing.
func part(of, whole verify.Quantity, long, least int) int {
	p, w := integer(of), integer(whole)
	switch {
	case p.Sign() == 0 || w.Sign() == 0:
		return 0
	case p.Cmp(w) >= 0:
		return long
	}
	p.Mul(p, big.NewInt(int64(long)))
	return max(least, int(p.Div(p, w).Int64()))
}

func integer(q verify.Quantity) *big.Int {
	b := q.Bytes()
	return new(big.Int).SetBytes(b[:])
}

func reasonsOf(list []verify.Violation) (out []field) {
	for i := range list {
		v := &list[i]
		texts := []string{v.Detail}
		if v.Detail == "" && v.Err != nil {
			texts[0] = v.Err.Error()
		}
		for _, more := range []struct{ name, text string }{{"limit", v.Limit}, {"actual", v.Actual}, {"hint", v.Hint}} {
			if more.text != "" {
				texts = append(texts, more.name+": "+more.text)
			}
		}
		if !v.Until.IsZero() {
			texts = append(texts, "ask again from "+datetime.FormatUp(v.Until))
		}
		out = append(out, field{string(v.Code), texts})
	}
	return out
}

// plain makes every text plain, once for all pictures.
func (d *drawing) plain() {
	for _, s := range []*string{&d.note, &d.title} {
		*s = Plain(*s)
	}
	all := func(list []string) {
		for i := range list {
			list[i] = Plain(list[i])
		}
	}
	for _, fields := range [][]field{d.fields, d.reasons} {
		for i := range fields {
			fields[i].name = Plain(fields[i].name)
			all(fields[i].texts)
		}
	}
	for i := range d.hops {
		d.hops[i].from, d.hops[i].to = Plain(d.hops[i].from), Plain(d.hops[i].to)
		all(d.hops[i].took)
	}
	for i := range d.bars {
		d.bars[i].name, d.bars[i].text = Plain(d.bars[i].name), Plain(d.bars[i].text)
	}
}

// stampText says how a step went.
func stampText(s *verify.Step) string {
	text := string(s.Outcome)
	if s.DataAge > 0 {
		text += ", evidence " + s.DataAge.Round(time.Second).String() + " old"
	}
	return text
}
