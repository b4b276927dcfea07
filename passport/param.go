package passport

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ParamKind tells what a parameter asks of a request.
type ParamKind uint8

// The kinds of a [Param].
const (
	ParamInvalid ParamKind = iota
	ParamMax               // "max_<attribute>", or another integer: the attribute is a number of at most Int
	ParamRate              // "max_per_minute", "_hour", "_day": how often the action may happen
	ParamBool              // true: the attribute is true or false; false: it is false
	ParamStrings           // the attribute is one of Strings
)

// Param is one parameter of a capability. A request that does not state the
// attribute, or states another kind of value, does not pass.
type Param struct {
	Name    string
	Kind    ParamKind
	Int     int64    // of a maximum or a rate, 0 to 2^53-1
	Bool    bool     // of ParamBool
	Strings []string // of ParamStrings, at least one
	single  bool     // the document has a string, not an array
}

// Attribute returns the name of the request attribute that the parameter is
// about: what follows "max_" for a maximum, its own name otherwise, "" for a
// rate.
func (p Param) Attribute() string {
	switch p.Kind {
	case ParamMax:
		if len(p.Name) > 4 && p.Name[:4] == "max_" {
			return p.Name[4:]
		}
	case ParamRate:
		return ""
	}
	return p.Name
}

// Window returns the length of a rate's window: one minute, one hour or 24
// hours; zero for other kinds.
func (p Param) Window() time.Duration {
	if p.Kind != ParamRate {
		return 0
	}
	_, w := cutRate(p.Name)
	return w
}

// integerParam tells a count of how often an action happens from a maximum.
func integerParam(name string) ParamKind {
	switch name {
	case "max_per_minute", "max_per_hour", "max_per_day":
		return ParamRate
	}
	return ParamMax
}

func (r *reader) params(v credential.Value) []Param {
	if !r.object(v, "params") || !r.notTooMany(v) {
		return nil
	}
	out := make([]Param, 0, v.Len())
	for name, m := range v.Members() {
		p := Param{Name: name}
		if !isAttribute(name) {
			r.fail(m, "%.80q does not name an attribute", name)
		}
		switch m.Kind() {
		case strictjson.Number:
			p.Kind, p.Int = integerParam(name), r.bound(m)
		case strictjson.Bool:
			p.Kind = ParamBool
			p.Bool, _ = m.Bool()
		case strictjson.String:
			p.Kind, p.Strings, p.single = ParamStrings, append(r.list(1), r.text(m)), true
		case strictjson.Array:
			p.Kind, p.Strings = ParamStrings, r.texts(m, nil)
		default:
			r.fail(m, "a parameter is a whole number, a boolean, a string or a list of strings, not %s", m.Kind())
		}
		out = append(out, p)
	}
	return out
}

func (p *Param) append(w *jsonwrite.Writer) {
	w.Name(p.Name)
	switch p.Kind {
	case ParamBool:
		w.Bool(p.Bool)
	case ParamStrings:
		if p.single && len(p.Strings) == 1 {
			w.String(p.Strings[0])
			break
		}
		w.BeginArray()
		for _, s := range p.Strings {
			w.String(s)
		}
		w.EndArray()
	default:
		w.Int(p.Int)
	}
}

// holds judges the parameters of a capability, rates apart.
func (c *Capability) holds(act *Act) *Error {
	for i := range c.Params {
		p := &c.Params[i]
		if p.Kind == ParamRate {
			continue
		}
		name := p.Attribute()
		v := act.Attributes.Get(name)
		if !v.Exists() {
			return &Error{Code: code.AuthorityAttributeMissing, Path: "/" + p.Name,
				Detail: fmt.Sprintf("the request does not state %q", name), Limit: p.limit(), Actual: orNone("")}
		}
		if !p.allows(v) {
			detail := fmt.Sprintf("attribute %q is not within the parameter", name)
			if p.Kind == ParamMax && v.Kind() != strictjson.Number {
				detail = beyond(name, v)
			}
			return &Error{Code: code.AuthorityLimitExceeded, Path: "/" + p.Name, Detail: detail, Limit: p.limit(), Actual: clip(v.Raw())}
		}
	}
	return nil
}

func (p *Param) allows(v credential.Value) bool {
	switch p.Kind {
	case ParamMax:
		return atMost(v, p.Int)
	case ParamBool:
		b, ok := v.Bool()
		return ok && (p.Bool || !b)
	case ParamStrings:
		s, ok := v.LookupStr()
		for _, allowed := range p.Strings {
			if ok && s == allowed {
				return true
			}
		}
	}
	return false
}

func (p *Param) limit() string {
	switch p.Kind {
	case ParamMax, ParamRate:
		return fmt.Sprint("at most ", p.Int)
	case ParamBool:
		return fmt.Sprint(p.Bool)
	case ParamStrings:
		return oneOf(p.Strings)
	}
	return ""
}

// clip keeps a text that strangers choose short enough for an error.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// atMost compares a JSON number with a bound, exactly.
func atMost(v credential.Value, bound int64) bool {
	if n, ok := v.Int(); ok {
		return n <= bound
	}
	if v.Kind() != strictjson.Number || len(v.Raw()) > 64 {
		return false
	}
	whole, rest, negative := split(v.Raw())
	switch {
	case negative && bound >= 0:
		return true
	case negative: // -whole.rest <= -(-bound)
		return whole >= uint64(-bound)
	case bound < 0:
		return false
	}
	return whole < uint64(bound) || whole == uint64(bound) && !rest
}

// split returns the whole part of a JSON number, the largest one if it is that or more, and
// whether there is more behind it.
func split(text string) (whole uint64, rest, negative bool) {
	text, negative = strings.CutPrefix(text, "-")
	text, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	digits, fraction, _ := strings.Cut(text, ".")
	shift, err := strconv.Atoi(exponent)
	if err != nil && exponent != "" { // it is far from any number that has a double
		shift = 1 << 20
		if exponent[0] == '-' {
			shift = -shift
		}
	}
	point := len(digits) + shift // where it is in the digits
	digits += fraction
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		switch {
		case i >= point:
			rest = rest || d > 0
		case whole > (math.MaxUint64-d)/10:
			return math.MaxUint64, rest, negative
		default:
			whole = 10*whole + d
		}
	}
	for i := len(digits); i < point && whole > 0; i++ {
		if whole > math.MaxUint64/10 {
			return math.MaxUint64, rest, negative
		}
		whole *= 10
	}
	return whole, rest, negative
}

// meetParam: both hold. Two of different kinds can never hold together, which
// a list of no strings says.
func meetParam(a, b Param) Param {
	if a.Kind != b.Kind {
		return Param{Name: a.Name, Kind: ParamStrings}
	}
	switch a.Kind {
	case ParamMax, ParamRate:
		a.Int = min(a.Int, b.Int)
	case ParamBool:
		a.Bool = a.Bool && b.Bool
	case ParamStrings:
		a.Strings = kept(a.Strings, func(s string) bool { return slices.Contains(b.Strings, s) })
		a.single = false
	}
	return a
}

func (p *Param) same(q *Param) bool {
	return p.Name == q.Name && p.Kind == q.Kind && p.Int == q.Int && p.Bool == q.Bool && p.single == q.single && slices.Equal(p.Strings, q.Strings)
}

// within reports whether p asks at least what q asks.
func (p *Param) within(q *Param) bool {
	if p.Kind == ParamStrings && len(p.Strings) == 0 {
		return true // nothing passes
	}
	if p.Kind != q.Kind {
		return false
	}
	switch p.Kind {
	case ParamMax, ParamRate:
		return p.Int <= q.Int
	case ParamBool:
		return !p.Bool || q.Bool
	case ParamStrings:
		return !slices.ContainsFunc(p.Strings, func(s string) bool { return !slices.Contains(q.Strings, s) })
	}
	return false
}
