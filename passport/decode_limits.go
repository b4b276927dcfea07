package passport

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// money reads amount, currency and decimals out of an object; extra handles
// the members that a spend limit has besides.
func (r *reader) money(v credential.Value, extra func(name string, m credential.Value) bool) Money {
	if !r.object(v, "an amount") {
		return Money{}
	}
	var amount, currency string
	decimals := -1
	for name, m := range v.Members() {
		switch name {
		case "amount":
			if m.Kind() == strictjson.Number {
				r.fail(m, "an amount is a decimal string such as \"50.00\", never a number")
			}
			amount = r.text(m)
		case "currency":
			currency = r.text(m)
		case "decimals":
			decimals = r.count(m)
		default:
			if extra == nil || !extra(name, m) {
				r.unknown(m, name, "an amount")
			}
		}
	}
	if r.err != nil {
		return Money{}
	}
	var out Money
	var err error
	switch {
	case decimals < 0:
		out, err = ParseMoney(amount, currency)
	case isCAIP19(currency):
		out, err = ParseAssetMoney(amount, currency, decimals)
	default:
		err = invalid("/decimals", "only a CAIP-19 asset states its decimals, %.20q does not", currency)
	}
	r.because(v, err)
	return out
}

func (r *reader) spendLimits(v credential.Value) []SpendLimit {
	if !r.items(v) {
		return nil
	}
	out := make([]SpendLimit, 0, v.Len())
	for item := range v.Items() {
		var l SpendLimit
		l.Money = r.money(item, func(name string, m credential.Value) bool {
			switch name {
			case "per":
				l.Per = Period(r.text(m))
			case "timeZone":
				l.TimeZone = r.text(m)
			case "action":
				l.Action = r.text(m)
			default:
				return false
			}
			return true
		})
		r.because(item, l.check())
		for _, o := range out {
			if o.key() == l.key() {
				r.fail(item, "a limit of the same action, currency, period and zone stands twice")
			}
		}
		out = append(out, l)
	}
	return out
}

// limitKey is what makes two spend limits the same one.
type limitKey struct {
	action, currency string
	per              Period
	zone             string
}

func (l *SpendLimit) key() limitKey {
	return limitKey{l.Action, l.Money.currency, l.Per, l.TimeZone}
}

func (l *SpendLimit) check() error {
	switch {
	case l.Money.IsZero():
		return invalid("", "a spend limit has amount and currency")
	case !l.Per.valid():
		return invalid("/per", "%.20q is not a period: want transaction, hour, day, week, month or lifetime", l.Per)
	case l.TimeZone != "" && (l.Per == PerTransaction || l.Per == PerLifetime):
		return invalid("/timeZone", "a limit per %s has no calendar", l.Per)
	}
	if l.TimeZone != "" {
		if _, err := zone(l.TimeZone); err != nil {
			return err
		}
	}
	if l.Action == "" {
		return nil
	}
	if err := CheckActionPattern(l.Action); err != nil {
		return below("/action", err)
	}
	return nil
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

// bound reads an integer from 0 up.
func (r *reader) bound(v credential.Value) int64 {
	n, ok := v.Int()
	if !ok || n < 0 {
		r.fail(v, "want a whole number from 0 to 2^53-1, not %.40s", v.Raw())
	}
	return n
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
				r.fail(item, "action %.80q stands twice", c.Action)
			}
		}
		out = append(out, c)
	}
	return out
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
