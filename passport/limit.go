package passport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// LimitKind tells what a [Limit] bounds.
type LimitKind uint8

// The kinds of a [Limit].
const (
	LimitInvalid LimitKind = iota
	LimitMax               // "max_<attribute>": maximum of a request attribute
	LimitRate              // "<name>_per_minute", "_per_hour", "_per_day"
	LimitAllow             // "allow_<attribute>": a permission; absent means false
)

// Limit is one member of limits.
type Limit struct {
	Name string // as in the document
	Kind LimitKind
	Int  int64 // of a maximum or a rate, 0 to 2^53-1
	Bool bool  // of a permission
}

// Attribute returns the request attribute of a maximum or a permission, or the
// usage counter of a rate.
func (l Limit) Attribute() string {
	switch l.Kind {
	case LimitMax:
		return l.Name[len("max_"):]
	case LimitAllow:
		return l.Name[len("allow_"):]
	case LimitRate:
		name, _ := cutRate(l.Name)
		return name
	}
	return ""
}

// Window returns the length of a rate's window, zero for other kinds.
func (l Limit) Window() time.Duration {
	_, w := cutRate(l.Name)
	if l.Kind != LimitRate {
		return 0
	}
	return w
}

var limitFacet = facet{
	member: "limits",
	read:   func(r *reader, v credential.Value, a *Authority) { a.Limits = r.limits(v) },
	write:  writeLimits,
	check:  checkLimits,
	clone:  func(a *Authority, _ *pool) { a.Limits = own(a.Limits) },
	copy: func(own, above *Authority) {
		list := own.Limits[:len(own.Limits):len(own.Limits)]
		for _, l := range above.Limits {
			if l.Kind == LimitAllow && !own.states(l.Name) {
				list = append(list, l)
			}
		}
		own.Limits = list
	},
	effect: effectOfLimits,
	meet: func(out, above, link *Effective) {
		out.limits = meetLimits(above.limits, link.limits)
		out.allow = kept(above.allow, func(a string) bool { return slices.Contains(link.allow, a) })
		out.permissions = union(above.permissions, link.permissions)
	},
	narrow: narrowLimits,
	judge:  judgeLimits,
	show: func(e *Effective) []Facet {
		limits := Facet{Name: "limits", Stated: len(e.limits) > 0, Value: slices.Clone(e.limits), absent: "none"}
		for _, l := range e.limits {
			limits.Texts = append(limits.Texts, l.String())
		}
		slices.Sort(limits.Texts)
		permissions := Facet{Name: "permissions", Grant: true, Stated: len(e.permissions) > 0, Texts: sorted(e.allow),
			Value: slices.Clone(e.allow), absent: "none"}
		return []Facet{limits, permissions}
	},
}

// String returns the limit as people read it: "max_rows 100", "allow_refund
// true".
func (l Limit) String() string {
	if l.Kind == LimitAllow {
		return l.Name + " " + strconv.FormatBool(l.Bool)
	}
	return l.Name + " " + strconv.FormatInt(l.Int, 10)
}

func (a *Authority) states(limit string) bool {
	for i := range a.Limits {
		if a.Limits[i].Name == limit {
			return true
		}
	}
	return false
}

// limits reads the object limits: integers and booleans whose names say what
// they bound.
func (r *reader) limits(v credential.Value) []Limit {
	if !r.object(v, "limits") || !r.notTooMany(v) {
		return nil
	}
	out := make([]Limit, 0, v.Len())
	for name, m := range v.Members() {
		b, isBool := m.Bool()
		l, err := limitOf(name, isBool)
		r.because(m, err)
		if isBool {
			l.Bool = b
		} else {
			l.Int = r.bound(m)
		}
		out = append(out, l)
	}
	return out
}

func writeLimits(w *jsonwrite.Writer, a *Authority) {
	if len(a.Limits) == 0 {
		return
	}
	w.Name("limits")
	w.BeginObject()
	for _, l := range a.Limits {
		w.Name(l.Name)
		if l.Kind == LimitAllow {
			w.Bool(l.Bool)
		} else {
			w.Int(l.Int)
		}
	}
	w.EndObject()
}

func checkLimits(a *Authority) error {
	for i := range a.Limits {
		l := &a.Limits[i]
		read, err := limitOf(l.Name, l.Kind == LimitAllow)
		if err == nil && read.Kind != l.Kind {
			err = invalid("", "limit %.80q is not of the kind that its name says", l.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// effectOfLimits keeps maxima and rates apart from permissions. One that says
// false allows as little as none, but it, too, asks for a boolean.
func effectOfLimits(e *Effective, a *Authority) {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow {
			e.permissions = append(e.permissions, l.Attribute())
			if l.Bool {
				e.allow = append(e.allow, l.Attribute())
			}
		}
	}
	e.limits = a.Limits
	if len(e.permissions) > 0 {
		e.limits = slices.DeleteFunc(slices.Clone(a.Limits), func(l Limit) bool { return l.Kind == LimitAllow })
	}
}

func meetLimits(a, b []Limit) []Limit {
	out := gathering[Limit]{of: a}
	for _, list := range [...][]Limit{a, b} {
		for _, l := range list {
			same := slices.IndexFunc(out.list(), func(o Limit) bool { return o.Name == l.Name })
			if same < 0 {
				out.add(l)
				continue
			}
			o := out.list()[same]
			o.Int = min(o.Int, l.Int)
			out.set(same, o)
		}
	}
	return out.list()
}

func narrowLimits(above, link *Effective) (errs []error) {
	for i := range above.limits {
		p := &above.limits[i]
		j := slices.IndexFunc(link.limits, func(c Limit) bool { return c.Name == p.Name })
		if j >= 0 && link.limits[j].Int > p.Int {
			errs = append(errs, wider("/limits/"+p.Name, strconv.FormatInt(p.Int, 10), strconv.FormatInt(link.limits[j].Int, 10)))
		}
	}
	for _, a := range link.allow {
		if !slices.Contains(above.allow, a) {
			errs = append(errs, wider("/limits/allow_"+a, "false", "true"))
		}
	}
	return errs
}

// judgeLimits judges maxima of attributes that are given, and the kind of
// those that a permission speaks of: a service may well take 1 or "yes" for
// true. Whether they may be true is judged with the capabilities, which may
// permit it, too. Rates are the ledger's.
func judgeLimits(q question) (reasons []*Error) {
	for i, a := range q.chain {
		for k := range a.Limits {
			l := &a.Limits[k]
			if l.Kind == LimitRate {
				continue
			}
			v := q.act.Attributes.Get(l.Attribute())
			if !v.Exists() {
				continue
			}
			switch {
			case l.Kind == LimitAllow && v.Kind() != strictjson.Bool:
				reasons = q.deny(reasons, code.AuthorityLimitExceeded, i, "limits/"+l.Name,
					fmt.Sprintf("attribute %q is %s, and the passport speaks of it as true or false", l.Attribute(), v.Kind()),
					"true or false", clip(v.Raw()))
			case l.Kind == LimitMax && !atMost(v, l.Int):
				reasons = q.deny(reasons, code.AuthorityLimitExceeded, i, "limits/"+l.Name, beyond(l.Attribute(), v),
					"at most "+strconv.FormatInt(l.Int, 10), clip(v.Raw()))
			}
		}
	}
	return reasons
}

// beyond says why an attribute is not within a maximum: it may not be a number. It names
// the attribute, so that who is told the reason without its place knows which one is meant.
func beyond(name string, v credential.Value) string {
	if v.Kind() != strictjson.Number {
		return fmt.Sprintf("attribute %q is %s, want a number", name, v.Kind())
	}
	return fmt.Sprintf("attribute %q is beyond its limit", name)
}

// forbids reports whether limits say "allow_<attribute>": false.
func (a *Authority) forbids(attribute string) bool {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow && !l.Bool && l.Attribute() == attribute {
			return true
		}
	}
	return false
}

// unpermitted returns a reason for each attribute that is true and that
// neither the limits of the link nor the capability permit. A permission of
// limits that says false stands.
func (a *Authority) unpermitted(c *Capability, act *Act) (errs []*Error) {
	for name, v := range act.Attributes.Members() {
		if b, _ := v.Bool(); b && !a.permitsTrue(c, name) {
			errs = append(errs, &Error{Code: code.AuthorityLimitExceeded, Path: "/limits/allow_" +
				escapePointer(name), Detail: fmt.Sprintf("the passport does not permit attribute %.80q to be true", name),
				Limit: "false", Actual: "true"})
		}
	}
	return errs
}

func (a *Authority) permitsTrue(c *Capability, attribute string) bool {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow && l.Attribute() == attribute {
			return l.Bool
		}
	}
	for i := range c.Params {
		if p := &c.Params[i]; p.Kind == ParamBool && p.Name == attribute {
			return p.Bool
		}
	}
	return false
}

// escapePointer writes a member name as a token of a JSON Pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

var rateSuffixes = [...]struct {
	suffix string
	window time.Duration
}{
	{"_per_minute", time.Minute}, {"_per_hour", time.Hour}, {"_per_day", 24 * time.Hour},
}

// cutRate splits "<name>_per_minute" and the like.
func cutRate(name string) (counter string, window time.Duration) {
	for _, r := range rateSuffixes {
		if c, ok := strings.CutSuffix(name, r.suffix); ok && c != "" {
			return c, r.window
		}
	}
	return "", 0
}

// isAttribute reports whether s can name a request attribute.
func isAttribute(s string) bool { return isToken(s, "_-", 1, 64, true) }

// limitOf reads the name of a member of limits.
func limitOf(name string, isBool bool) (Limit, error) {
	_, window := cutRate(name)
	attribute, isMax := strings.CutPrefix(name, "max_")
	permission, isAllow := strings.CutPrefix(name, "allow_")
	switch {
	case isBool && isAllow && isActMember(permission), !isBool && isMax && isActMember(attribute):
		return Limit{}, invalid("", "limit %.80q: what it names is not an attribute of a request but a facet with members of its own", name)
	case isBool && isAllow && isAttribute(permission):
		return Limit{Name: name, Kind: LimitAllow}, nil
	case isBool:
		return Limit{}, invalid("", "boolean limit %.80q: want a name allow_<attribute>", name)
	case window != 0 && isMax && isAttribute(attribute):
		return Limit{}, invalid("", "limit %.80q reads as a maximum and as a rate", name)
	case window != 0 && isAttribute(name):
		return Limit{Name: name, Kind: LimitRate}, nil
	case isMax && isAttribute(attribute):
		return Limit{Name: name, Kind: LimitMax}, nil
	}
	return Limit{}, invalid("", "limit %.80q: want max_<attribute>, <name>_per_minute, _per_hour or _per_day, or a boolean allow_<attribute>", name)
}

// MaxOf returns the limit "max_<attribute>", n from 0 to 2^53-1.
func MaxOf(attribute string, n int64) Limit {
	return Limit{Name: "max_" + attribute, Kind: LimitMax, Int: n}
}

// RateOf returns the limit "<name>_per_minute", "_per_hour" or "_per_day",
// for a window of one minute, one hour or 24 hours; any other window gives a
// limit that [Issue] refuses. The counter "requests" counts every request.
func RateOf(name string, window time.Duration, n int64) Limit {
	for _, r := range rateSuffixes {
		if r.window == window {
			return Limit{Name: name + r.suffix, Kind: LimitRate, Int: n}
		}
	}
	return Limit{}
}

// Allow returns the permission "allow_<attribute>".
func Allow(attribute string) Limit {
	return Limit{Name: "allow_" + attribute, Kind: LimitAllow, Bool: true}
}
