package passport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// Capability is one entry of the allow-list.
type Capability struct {
	Action string  // a pattern: "payments.charge", "payments.*"
	Params []Param // conditions on the request; all must hold
}

var capabilityFacet = facet{
	member: "capabilities",
	read:   func(r *reader, v credential.Value, a *Authority) { a.Capabilities = r.capabilities(v) },
	write:  writeCapabilities,
	check:  checkCapabilities,
	clone:  func(a *Authority, p *pool) { a.Capabilities = cloneCapabilities(a.Capabilities, p) },
	copy: func(own, above *Authority) {
		if len(own.Capabilities) == 0 {
			own.Capabilities = above.Capabilities
		}
	},
	effect: func(e *Effective, a *Authority) { e.capabilities = a.permitted() },
	meet: func(out, above, link *Effective) {
		out.capabilities, out.tooMany = meetCapabilities(above, link)
	},
	narrow: narrowCapabilities,
	judge:  judgeCapabilities,
	show: func(e *Effective) []Facet {
		f := Facet{Name: "capabilities", Grant: true, Stated: len(e.capabilities) > 0, Value: e.Capabilities(), absent: "none"}
		for i := range e.capabilities {
			f.Texts = append(f.Texts, e.capabilities[i].String())
		}
		slices.Sort(f.Texts)
		return []Facet{f}
	},
}

// Capabilities returns the allow-list with the parameters of every link.
func (e *Effective) Capabilities() []Capability {
	return cloneCapabilities(e.capabilities, newPool())
}

func cloneCapabilities(list []Capability, p *pool) []Capability {
	out := own(list)
	for i := range out {
		c := &out[i]
		c.Params = own(c.Params)
		for k := range c.Params {
			c.Params[k].Strings = p.own(c.Params[k].Strings)
		}
	}
	return out
}

// String returns the capability as people read it: "data.read (max_rows at
// most 100)".
func (c Capability) String() string {
	if len(c.Params) == 0 {
		return c.Action
	}
	params := make([]string, len(c.Params))
	for i := range c.Params {
		params[i] = c.Params[i].Name + " " + c.Params[i].limit()
	}
	slices.Sort(params)
	return c.Action + " (" + strings.Join(params, ", ") + ")"
}

func (r *reader) capabilities(v credential.Value) []Capability {
	if !r.items(v) {
		return nil
	}
	out := make([]Capability, 0, v.Len())
	for item := range v.Items() {
		if !r.object(item, "a capability") {
			return nil
		}
		var c Capability
		for name, m := range item.Members() {
			switch name {
			case "action":
				c.Action = r.text(m)
				r.because(m, CheckActionPattern(c.Action))
			case "params":
				c.Params = r.params(m)
			default:
				r.unknown(m, name, "a capability")
			}
		}
		if c.Action == "" {
			r.fail(item, "a capability has an action")
		}
		for _, o := range out {
			if o.Action == c.Action {
				r.fail(item, "action %.80q is listed twice", c.Action)
			}
		}
		out = append(out, c)
	}
	return out
}

func writeCapabilities(w *jsonwrite.Writer, a *Authority) {
	if len(a.Capabilities) == 0 {
		return
	}
	w.Name("capabilities")
	w.BeginArray()
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		w.BeginObject()
		w.Member("action", c.Action)
		if len(c.Params) > 0 {
			w.Name("params")
			w.BeginObject()
			for k := range c.Params {
				c.Params[k].append(w)
			}
			w.EndObject()
		}
		w.EndObject()
	}
	w.EndArray()
}

func checkCapabilities(a *Authority) error {
	for i := range a.Capabilities {
		for k := range a.Capabilities[i].Params {
			p := &a.Capabilities[i].Params[k]
			if p.Kind != ParamBool && p.Kind != ParamStrings && p.Kind != integerParam(p.Name) {
				return invalid("/"+strconv.Itoa(i)+"/params", "parameter %.80q is not of a kind that its name allows", p.Name)
			}
		}
	}
	return nil
}

// permitted returns the capabilities with their boolean parameters under the
// permissions of limits: one that says false overrides the parameter.
func (a *Authority) permitted() []Capability {
	forbidden := func(p Param) bool { return p.Kind == ParamBool && p.Bool && a.forbids(p.Name) }
	out := a.Capabilities
	for i, c := range a.Capabilities {
		if !slices.ContainsFunc(c.Params, forbidden) {
			continue
		}
		if &out[0] == &a.Capabilities[0] {
			out = slices.Clone(out)
		}
		out[i].Params = slices.Clone(c.Params)
		for k := range out[i].Params {
			p := &out[i].Params[k]
			p.Bool = p.Bool && !forbidden(*p)
		}
	}
	return out
}

// judgeCapabilities: one entry of every link must cover the action, with all
// its parameters and permissions.
func judgeCapabilities(q question) (reasons []*Error) {
	for i, a := range q.chain {
		for _, e := range a.covering(q.act) {
			e.Path = "/" + strconv.Itoa(i) + e.Path
			reasons = append(reasons, e)
		}
	}
	return reasons
}

// covering looks for one capability that covers the act with all its
// parameters and whose boolean parameters, with the permissions of limits,
// allow every attribute that is true. It returns nil if there is one, else the
// reasons of the first that covers the action alone.
func (a *Authority) covering(act *Act) (reasons []*Error) {
	covered := false
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		if !c.covers(act.Action) {
			continue
		}
		var errs []*Error
		if err := c.holds(act); err != nil {
			err.Path = "/capabilities/" + strconv.Itoa(i) + "/params" + err.Path
			errs = append(errs, err)
		}
		if errs = append(errs, a.unpermitted(c, act)...); len(errs) == 0 {
			return nil
		}
		if !covered {
			covered, reasons = true, errs
		}
	}
	if !covered {
		none := &Error{Code: code.AuthorityActionNotAllowed, Path: "/capabilities",
			Detail: "no capability covers this action", Limit: oneOf(actionsOf(a.Capabilities)), Actual: act.Action}
		return append([]*Error{none}, a.unpermitted(&Capability{}, act)...)
	}
	return reasons
}

// covers: "*" is for denials; a passport made by hand may have it here.
func (c *Capability) covers(action string) bool {
	return c.Action != "*" && ActionCovers(c.Action, action)
}

func actionsOf(list []Capability) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Action
	}
	return names
}

// Under returns the index of the capability that an act passes under, -1 if
// there is none. If several match, one without a rate counts; if all have a
// rate, the one with the longest action, which is the most exact. The order in the document plays no part: as
// RDF it has none, so a holder may change it.
func (a *Authority) Under(act *Act) int {
	found := -1
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		// The same that lets the act pass in covering, so that what permits is
		// what is charged.
		if !c.covers(act.Action) || c.holds(act) != nil || len(a.unpermitted(c, act)) > 0 {
			continue
		}
		if found < 0 || c.chargedBefore(&a.Capabilities[found]) {
			found = i
		}
	}
	return found
}

// chargedBefore orders the capabilities that an act passes under: a total
// order, since no two of a passport have the same action.
func (c *Capability) chargedBefore(o *Capability) bool {
	switch {
	case c.hasRate() != o.hasRate():
		return !c.hasRate()
	case len(c.Action) != len(o.Action):
		return len(c.Action) > len(o.Action)
	}
	return c.Action < o.Action
}

func (c *Capability) hasRate() bool {
	for i := range c.Params {
		if c.Params[i].Kind == ParamRate {
			return true
		}
	}
	return false
}

func (c *Capability) param(name string) *Param {
	for i := range c.Params {
		if c.Params[i].Name == name {
			return &c.Params[i]
		}
	}
	return nil
}

// permitsTrue reports whether an attribute may be true under the capability,
// whose authority allows what is listed.
func (c *Capability) permitsTrue(attribute string, allow []string) bool {
	if p := c.param(attribute); p != nil && p.Kind == ParamBool {
		return p.Bool
	}
	return slices.Contains(allow, attribute)
}

// narrowCapabilities: each entry of the link is inside one entry above it.
func narrowCapabilities(above, link *Effective) (errs []error) {
	work := meter(maxComparisons)
	for i := range link.capabilities {
		c := &link.capabilities[i]
		for k := range above.capabilities {
			if !work.spend(1 + 2*len(c.Params)*len(above.capabilities[k].Params)) {
				return append(errs, &Error{Code: code.EnvelopeTooLarge, Path: "/capabilities",
					Detail: "the capabilities of the two links take too much work to compare"})
			}
		}
		inside := func(p Capability) bool { return above.entryHas(&p, c) }
		if slices.ContainsFunc(above.capabilities, inside) {
			continue
		}
		path := "/capabilities/" + strconv.Itoa(i)
		near := slices.IndexFunc(above.capabilities, func(p Capability) bool { return ActionCovers(p.Action, c.Action) })
		if near < 0 {
			errs = append(errs, wider(path+"/action", fmt.Sprintf("one of %q", actionsOf(above.capabilities)), c.Action))
			continue
		}
		p := &above.capabilities[near]
		for k := range p.Params {
			// What the link omits of a parameter, it inherits.
			if q := c.param(p.Params[k].Name); q != nil && !q.within(&p.Params[k]) {
				errs = append(errs, wider(path+"/params/"+q.Name, p.Params[k].limit(), q.limit()))
			}
		}
		for k := range c.Params {
			if q := &c.Params[k]; q.Kind == ParamBool && q.Bool && !p.permitsTrue(q.Name, above.allow) && p.param(q.Name) == nil {
				errs = append(errs, wider(path+"/params/"+q.Name, "false", "true"))
			}
		}
	}
	return errs
}

// entryHas reports whether p, one of the entries of e, covers all of c.
func (e *Effective) entryHas(p, c *Capability) bool {
	if !ActionCovers(p.Action, c.Action) {
		return false
	}
	for i := range p.Params {
		if q := c.param(p.Params[i].Name); q != nil && !q.within(&p.Params[i]) {
			return false
		}
	}
	// A boolean parameter that says true claims a permission.
	for i := range c.Params {
		if q := &c.Params[i]; q.Kind == ParamBool && q.Bool && !p.permitsTrue(q.Name, e.allow) {
			return false
		}
	}
	return true
}
