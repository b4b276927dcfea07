package packs

import (
	"fmt"
	"slices"
)

type opcode uint8

const (
	opPath   opcode = iota // root, then args: each a text constant or an index
	opText                 // constant
	opNumber               // constant
	opOr
	opAnd
	opNot
	opEqual
	opDiffers
	opAtMost
	opLess
	opAtLeast
	opMore
	opIn
	opNotIn
	opPlus
	opMinus
	opTimes
	opEvery
	opSome
	opSum
	opCall // function fn
)

// expr is a compiled expression: a tree that is walked, never code that is run.
type expr struct {
	op     opcode
	text   string
	number number
	root   root // of a path; of a quantifier, its variable
	fn     *function
	args   []*expr
}

// root is where a path begins.
type root uint8

const (
	rootContext root = iota
	rootLimits
	rootState
	rootPassport
	rootVariable // and the two behind it
)

var rootNames = []string{"context", "limits", "state", "passport"}

// kindOf tells a condition from a value, so that no expression mixes them.
func (e *expr) condition() bool {
	switch e.op {
	case opOr, opAnd, opNot, opEqual, opDiffers, opAtMost, opLess, opAtLeast, opMore, opIn, opNotIn, opEvery, opSome:
		return true
	case opCall:
		return e.fn.condition
	}
	return false
}

type parser struct {
	tokens    []token
	nodes     int
	depth     int
	variables []string
	err       error
}

// compile reads a condition. The grammar is in the package comment.
func compile(text string) (*expr, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: tokens}
	e := p.or()
	if p.err == nil && p.peek().kind != tokEnd {
		p.fail("%q is left over", p.peek().text)
	}
	if p.err == nil && !e.condition() {
		p.fail("this is a value, not a condition")
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

func (p *parser) fail(format string, args ...any) *expr {
	if p.err == nil {
		p.err = fmt.Errorf("at byte %d: %s", p.peek().at, fmt.Sprintf(format, args...))
	}
	return &expr{op: opText}
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != tokEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// take takes a mark or a word if it comes next.
func (p *parser) take(text string) bool {
	if t := p.peek(); (t.kind == tokMark || t.kind == tokName) && t.text == text {
		p.next()
		return true
	}
	return false
}

func (p *parser) want(text string) {
	if p.err == nil && !p.take(text) {
		p.fail("want %q, not %q", text, p.peek().text)
	}
}

func (p *parser) node(e *expr) *expr {
	if p.nodes++; p.nodes > maxNodes {
		return p.fail("the expression has more than %d parts", maxNodes)
	}
	return e
}

// conditions and values check the kind of what they put together.
func (p *parser) conditions(op opcode, args ...*expr) *expr {
	for _, a := range args {
		if p.err == nil && !a.condition() {
			return p.fail("a value stands where a condition is wanted: compare it, or ask yes(…)")
		}
	}
	return p.node(&expr{op: op, args: args})
}

func (p *parser) values(op opcode, args ...*expr) *expr {
	for _, a := range args {
		if p.err == nil && a.condition() {
			return p.fail("a condition stands where a value is wanted")
		}
	}
	return p.node(&expr{op: op, args: args})
}

func (p *parser) or() *expr {
	if p.depth++; p.depth > maxNesting {
		return p.fail("the expression nests deeper than %d", maxNesting)
	}
	defer func() { p.depth-- }()
	e := p.and()
	for p.err == nil && p.take("or") {
		e = p.conditions(opOr, e, p.and())
	}
	return e
}

func (p *parser) and() *expr {
	e := p.not()
	for p.err == nil && p.take("and") {
		e = p.conditions(opAnd, e, p.not())
	}
	return e
}

func (p *parser) not() *expr {
	if p.take("not") {
		return p.conditions(opNot, p.comparison())
	}
	return p.comparison()
}

var comparisons = map[string]opcode{
	"==": opEqual, "!=": opDiffers, "<=": opAtMost, "<": opLess, ">=": opAtLeast, ">": opMore, "in": opIn,
}

func (p *parser) comparison() *expr {
	e := p.sum()
	t := p.peek()
	if p.err != nil || t.kind != tokMark && t.kind != tokName {
		return e
	}
	if t.text == "not" {
		p.next()
		p.want("in")
		return p.values(opNotIn, e, p.sum())
	}
	op, ok := comparisons[t.text]
	if !ok {
		return e
	}
	p.next()
	return p.values(op, e, p.sum())
}

func (p *parser) sum() *expr {
	e := p.product()
	for p.err == nil {
		switch {
		case p.take("+"):
			e = p.values(opPlus, e, p.product())
		case p.take("-"):
			e = p.values(opMinus, e, p.product())
		default:
			return e
		}
	}
	return e
}

func (p *parser) product() *expr {
	e := p.operand()
	for p.err == nil && p.take("*") {
		e = p.values(opTimes, e, p.operand())
	}
	return e
}

func (p *parser) operand() *expr {
	if p.err != nil {
		return &expr{op: opText}
	}
	t := p.next()
	switch {
	case t.kind == tokText:
		return p.node(&expr{op: opText, text: t.text})
	case t.kind == tokNumber:
		n, ok := parseNumber(t.text)
		if !ok || n.huge != 0 {
			return p.fail("%s is not a number of at most %d places that fits", t.text, maxScale)
		}
		return p.node(&expr{op: opNumber, number: n})
	case t.kind == tokMark && t.text == "(":
		e := p.or()
		p.want(")")
		return e
	case t.kind != tokName:
		return p.fail("want a value, not %q", t.text)
	case p.take("("):
		return p.call(t.text)
	}
	return p.path(t.text)
}

// path reads what follows a root: .member or [value].
func (p *parser) path(name string) *expr {
	e := &expr{op: opPath}
	if i := slices.Index(p.variables, name); i >= 0 {
		e.root = rootVariable + root(i)
	} else if i := slices.Index(rootNames, name); i >= 0 {
		e.root = root(i)
	} else {
		return p.fail("%q is not a function, a variable, or one of %q", name, rootNames)
	}
	for p.err == nil {
		switch {
		case p.take("."):
			t := p.next()
			if t.kind != tokName {
				return p.fail("want the name of a member, not %q", t.text)
			}
			e.args = append(e.args, p.node(&expr{op: opText, text: t.text}))
		case p.take("["):
			if p.depth++; p.depth > maxNesting {
				return p.fail("the expression nests deeper than %d", maxNesting)
			}
			index := p.values(opPath, p.sum()).args
			p.depth--
			p.want("]")
			e.args = append(e.args, index...)
		default:
			if e.root == rootPassport && !e.passportMember() {
				return p.fail("a passport has %q here", passportMembers)
			}
			return p.node(e)
		}
	}
	return e
}

var passportMembers = []string{"status", "assurance_level", "regions", "capabilities", "mcp_servers", "mcp_tools"}

func (e *expr) passportMember() bool {
	return len(e.args) == 1 && e.args[0].op == opText && slices.Contains(passportMembers, e.args[0].text)
}

// call reads the arguments of a function, or of a quantifier.
func (p *parser) call(name string) *expr {
	if p.depth++; p.depth > maxNesting {
		return p.fail("the expression nests deeper than %d", maxNesting)
	}
	defer func() { p.depth-- }()
	if op, ok := map[string]opcode{"every": opEvery, "some": opSome, "sum": opSum}[name]; ok {
		return p.quantifier(op)
	}
	fn := functions[name]
	if fn == nil {
		return p.fail("there is no function %q", name)
	}
	e := &expr{op: opCall, fn: fn}
	for p.err == nil && !p.take(")") {
		if len(e.args) > 0 {
			p.want(",")
		}
		e.args = append(e.args, p.values(opPath, p.sum()).args...)
	}
	if p.err == nil && len(e.args) != fn.args {
		return p.fail("%s takes %d arguments, not %d", name, fn.args, len(e.args))
	}
	return p.node(e)
}

// quantifier reads every(x in list, condition), some(…) and sum(x in list, value).
func (p *parser) quantifier(op opcode) *expr {
	t := p.next()
	switch {
	case t.kind != tokName || slices.Contains(rootNames, t.text) || slices.Contains(p.variables, t.text):
		return p.fail("want a new name for the item, not %q", t.text)
	case len(p.variables) == maxVariables:
		return p.fail("at most %d of every, some and sum stand inside of one another", maxVariables)
	}
	p.want("in")
	list := p.sum()
	p.want(",")
	p.variables = append(p.variables, t.text)
	var body *expr
	if op == opSum {
		body = p.sum()
	} else {
		body = p.or()
	}
	p.variables = p.variables[:len(p.variables)-1]
	p.want(")")
	if p.err == nil && (list.condition() || body.condition() != (op != opSum)) {
		return p.fail("want a list, then a condition (for sum: a value)")
	}
	return p.node(&expr{op: op, root: rootVariable + root(len(p.variables)), args: []*expr{list, body}})
}
