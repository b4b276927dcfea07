package packs

import (
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// outcome is what a condition says. A condition about something that is not there
// says nothing; one that cannot be judged, such as a text compared with a number,
// is a fault.
type outcome uint8

const (
	no outcome = iota
	yes
	absent
	fault
)

func truth(b bool) outcome {
	if b {
		return yes
	}
	return no
}

// operand is a value while it is judged. It lies on the stack.
type operand struct {
	kind   strictjson.Kind // Invalid: not there
	fault  bool
	text   string
	number number
	truth  bool
	value  credential.Value // of an array or object
	list   []string         // an array of the passport's
	listed bool
}

func textOperand(s string) operand           { return operand{kind: strictjson.String, text: s} }
func numberOperand(n number) operand         { return operand{kind: strictjson.Number, number: n} }
func listOperand(l []string) operand         { return operand{kind: strictjson.Array, list: l, listed: true} }
func faultOperand() operand                  { return operand{fault: true} }
func (o *operand) there() bool               { return o.kind != strictjson.Invalid && o.kind != strictjson.Null }
func (o *operand) is(k strictjson.Kind) bool { return o.kind == k && !o.fault }

func jsonOperand(v credential.Value) operand {
	o := operand{kind: v.Kind(), value: v}
	switch o.kind {
	case strictjson.String:
		o.text = v.Str()
	case strictjson.Number:
		n, ok := parseNumber(v.Raw())
		o.number, o.fault = n, !ok
	case strictjson.Bool:
		o.truth, _ = v.Bool()
	}
	return o
}

// maxSteps is how much work one act may cost: about a millisecond. No published
// pack comes near it with lists of ordinary length.
const maxSteps = 1 << 15

// evaluation is one act while it is judged. Packs keep them for the next act.
type evaluation struct {
	act       *Act
	strict    bool
	steps     int
	variables [maxVariables]operand
	calls     int                              // how many functions are being called
	args      [maxNesting + 1][maxArgs]operand // of each
}

// arguments evaluates what a function is called with. It returns nil, with what to
// say instead, if one of them is a fault or is not there. The caller must call
// returned.
func (ev *evaluation) arguments(e *expr) (args *[maxArgs]operand, instead outcome) {
	args = &ev.args[ev.calls]
	ev.calls++
	for i, a := range e.args {
		args[i] = ev.value(a)
		if args[i].fault {
			return nil, fault
		}
		if !args[i].there() && !e.fn.absent {
			return nil, absent
		}
	}
	return args, no
}

func (ev *evaluation) returned() { ev.calls-- }

// spend reports whether there is work left.
func (ev *evaluation) spend(n int) bool {
	ev.steps += n
	return ev.steps <= maxSteps
}

func (ev *evaluation) condition(e *expr) outcome {
	if !ev.spend(1) {
		return fault
	}
	switch e.op {
	case opOr:
		return ev.either(e, yes)
	case opAnd:
		return ev.either(e, no)
	case opNot:
		switch out := ev.condition(e.args[0]); out {
		case yes:
			return no
		case no:
			return yes
		default:
			return out
		}
	case opIn, opNotIn:
		return ev.in(e)
	case opEvery, opSome:
		return ev.quantified(e)
	case opCall:
		args, instead := ev.arguments(e)
		defer ev.returned()
		if args == nil {
			return instead
		}
		return e.fn.judge(ev, args)
	}
	return ev.compare(e)
}

// either judges two conditions of which the decisive outcome of one is enough.
func (ev *evaluation) either(e *expr, decisive outcome) outcome {
	first := ev.condition(e.args[0])
	if first == decisive {
		return first
	}
	second := ev.condition(e.args[1])
	switch {
	case second == decisive:
		return second
	case first == fault || second == fault:
		return fault
	case first == absent || second == absent:
		return absent
	}
	return first
}

func (ev *evaluation) compare(e *expr) outcome {
	a, b := ev.value(e.args[0]), ev.value(e.args[1])
	switch {
	case a.fault || b.fault:
		return fault
	case !a.there() || !b.there():
		return absent
	}
	order, known := 0, true
	switch {
	case a.is(strictjson.Number) && b.is(strictjson.Number):
		order, known = a.number.compare(b.number)
	case a.is(strictjson.String) && b.is(strictjson.String):
		switch {
		case a.text < b.text:
			order = -1
		case a.text > b.text:
			order = 1
		}
	case a.is(strictjson.Bool) && b.is(strictjson.Bool) && (e.op == opEqual || e.op == opDiffers):
		if a.truth != b.truth {
			order = 1
		}
	default:
		return fault
	}
	if !known {
		return fault
	}
	switch e.op {
	case opEqual:
		return truth(order == 0)
	case opDiffers:
		return truth(order != 0)
	case opAtMost:
		return truth(order <= 0)
	case opLess:
		return truth(order < 0)
	case opAtLeast:
		return truth(order >= 0)
	}
	return truth(order > 0)
}

// same reports whether an item of a list is the operand.
func (o *operand) same(item credential.Value) bool {
	switch {
	case item.Kind() != o.kind:
		return false
	case o.kind == strictjson.String:
		return item.Str() == o.text
	case o.kind == strictjson.Number:
		n, ok := parseNumber(item.Raw())
		order, known := n.compare(o.number)
		return ok && known && order == 0
	}
	return false
}

func (ev *evaluation) in(e *expr) outcome {
	a, list := ev.value(e.args[0]), ev.value(e.args[1])
	switch {
	case a.fault || list.fault:
		return fault
	case !a.there() || !list.there():
		return absent
	case !list.is(strictjson.Array):
		return fault
	}
	found := false
	if list.listed {
		if !ev.spend(len(list.list)) {
			return fault
		}
		found = a.is(strictjson.String) && slices.Contains(list.list, a.text)
	} else {
		if !ev.spend(list.value.Len()) {
			return fault
		}
		for item := range list.value.Items() {
			if a.same(item) {
				found = true
				break
			}
			if ev.strict && e.op == opNotIn && item.Kind() != a.kind {
				return fault // what it blocks is not known
			}
		}
	}
	return truth(found == (e.op == opIn))
}

// quantified judges a condition for each item. Every item of an empty list meets
// it, and none does.
func (ev *evaluation) quantified(e *expr) outcome {
	list := ev.value(e.args[0])
	switch {
	case list.fault:
		return fault
	case !list.there():
		return absent
	case !list.is(strictjson.Array):
		return fault
	}
	wanted := yes // what ends the search
	if e.op == opEvery {
		wanted = no
	}
	result := no
	if e.op == opEvery {
		result = yes
	}
	if list.listed {
		for _, text := range list.list {
			if out := ev.bound(e, textOperand(text)); out == fault || out == wanted {
				return out
			}
		}
		return result
	}
	for item := range list.value.Items() {
		if out := ev.bound(e, jsonOperand(item)); out == fault || out == wanted {
			return out
		}
	}
	return result
}

// bound judges the condition of a quantifier for one item. One about which
// nothing can be said does not meet it.
func (ev *evaluation) bound(e *expr, item operand) outcome {
	if !ev.spend(1) {
		return fault
	}
	ev.variables[e.root-rootVariable] = item
	out := ev.condition(e.args[1])
	if out == absent {
		out = no
	}
	return out
}

func (ev *evaluation) value(e *expr) operand {
	if !ev.spend(1) {
		return faultOperand()
	}
	switch e.op {
	case opText:
		return textOperand(e.text)
	case opNumber:
		return numberOperand(e.number)
	case opPath:
		return ev.path(e)
	case opSum:
		return ev.sum(e)
	case opCall:
		args, instead := ev.arguments(e)
		defer ev.returned()
		if args == nil {
			return operand{fault: instead == fault}
		}
		return e.fn.value(ev, args)
	}
	a, b := ev.value(e.args[0]), ev.value(e.args[1])
	switch {
	case a.fault || b.fault:
		return faultOperand()
	case !a.there() || !b.there():
		return operand{}
	case !a.is(strictjson.Number) || !b.is(strictjson.Number):
		return faultOperand()
	case e.op == opPlus:
		return numberOperand(a.number.plus(b.number))
	case e.op == opMinus:
		return numberOperand(a.number.minus(b.number))
	}
	return numberOperand(a.number.times(b.number))
}

// sum adds up what each item is worth. An item that lacks a part is a fault.
func (ev *evaluation) sum(e *expr) operand {
	list := ev.value(e.args[0])
	switch {
	case !list.there() && !list.fault:
		return operand{}
	case !list.is(strictjson.Array) || list.listed:
		return faultOperand()
	}
	var total number
	for item := range list.value.Items() {
		ev.variables[e.root-rootVariable] = jsonOperand(item)
		o := ev.value(e.args[1])
		if !ev.spend(1) || !o.is(strictjson.Number) {
			return faultOperand()
		}
		total = total.plus(o.number)
	}
	return numberOperand(total)
}

func (ev *evaluation) path(e *expr) operand {
	var v credential.Value
	switch e.root {
	case rootContext:
		v = ev.act.Context
	case rootLimits:
		v = ev.act.Limits
	case rootState:
		v = ev.act.State
	case rootPassport:
		return ev.act.Holder.member(e.args[0].text)
	default:
		o := ev.variables[e.root-rootVariable]
		if len(e.args) == 0 {
			return o
		}
		v = o.value
	}
	for _, a := range e.args {
		name := a.text
		if a.op != opText {
			o := ev.value(a)
			if o.fault || o.there() && !o.is(strictjson.String) {
				return faultOperand()
			}
			if !o.there() {
				return operand{}
			}
			name = o.text
		}
		if v.Kind() != strictjson.Object {
			return operand{}
		}
		if !ev.spend(v.Len()) {
			return faultOperand()
		}
		v = v.Get(name)
	}
	return jsonOperand(v)
}

// Holder is what a pack asks of the passport.
type Holder struct {
	Status       string // active, draft, suspended, revoked
	Assurance    passport.Level
	Capabilities []string // ids
	Regions      []string // empty: none
	MCPServers   []string // what the passport lists; a pack may ask for it
	MCPTools     []string
}

func (h *Holder) member(name string) operand {
	switch name {
	case "status":
		return textOperand(h.Status)
	case "assurance_level":
		return textOperand(string(h.Assurance))
	case "regions":
		return listOperand(h.Regions)
	case "capabilities":
		return listOperand(h.Capabilities)
	case "mcp_servers":
		return listOperand(h.MCPServers)
	}
	return listOperand(h.MCPTools)
}

// Act is one act to judge. Judging it changes nothing and keeps nothing.
type Act struct {
	Holder  Holder
	Limits  credential.Value // the pack's block, an object; absent: none
	Context credential.Value // what is about to happen, an object
	State   credential.Value // what was counted before, an object; absent: nothing
	Now     time.Time
}
