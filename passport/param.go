package passport

import (
	"fmt"
	"math/big"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

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
			return &Error{Code: code.AuthorityAttributeMissing, Path: "/" + p.Name, Detail: fmt.Sprintf("the request does not state %q", name), Limit: p.limit(), Actual: orNone("")}
		}
		if !p.allows(v) {
			return &Error{Code: code.AuthorityLimitExceeded, Path: "/" + p.Name, Detail: fmt.Sprintf("attribute %q is not within the parameter", name), Limit: p.limit(), Actual: clip(v.Raw())}
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
	// The parser took it for a JSON number, so none of Rat's other notations.
	r, ok := new(big.Rat).SetString(v.Raw())
	return ok && r.Cmp(new(big.Rat).SetInt64(bound)) <= 0
}
