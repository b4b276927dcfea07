package passport_test

import (
	"encoding/json"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// naive judges an act by a chain as section 2 of the specification reads, one
// link after the other, with nothing of the library but its types and the
// comparison of amounts. It knows the small world of the dice.
func naive(chain []*passport.Authority, act *asked) bool { return naiveBut("", chain, act) }

// naiveBut is naive with one rule as it was before it was mended, by the id of
// the fault, so that a test can tell where the dice reach that rule.
func naiveBut(fault string, chain []*passport.Authority, act *asked) bool {
	attributes := map[string]any{}
	if act.Attributes.Exists() {
		if err := json.Unmarshal([]byte(act.Attributes.Raw()), &attributes); err != nil {
			panic(err)
		}
	}
	payment := act.Amount.Currency() != "" || act.Category != "" || act.Rail != "" || act.Payee != ""
	any := func(stated func(*passport.Authority) bool) bool { return slices.ContainsFunc(chain, stated) }
	for _, a := range chain {
		switch {
		case !slices.ContainsFunc(a.Capabilities, func(c passport.Capability) bool { return naiveEntry(a, c, act.Action, attributes) }):
			return false
		case slices.ContainsFunc(a.DeniedActions, func(d string) bool { return d == "*" || naiveCovers(d, act.Action) }):
			return false
		case payment && any(func(a *passport.Authority) bool { return len(a.Categories) > 0 }) && !slices.Contains(a.Categories, act.Category):
			return false
		case payment && any(func(a *passport.Authority) bool { return len(a.Rails) > 0 }) && !slices.Contains(a.Rails, act.Rail):
			return false
		case payment && len(a.Payees) > 0 && !naiveTexts(fault, a.Payees, act.Payee):
			return false
		case len(a.Resources) > 0 && !naiveTexts(fault, a.Resources, act.Resource):
			return false
		case len(a.Audiences) > 0 && !naiveTexts(fault, a.Audiences, act.audience):
			return false
		case len(a.Regions) > 0 && !slices.ContainsFunc(a.Regions, func(r string) bool { return r == act.Region || strings.HasPrefix(act.Region, r+"-") }):
			return false
		case len(a.TimeWindows) > 0 && !slices.ContainsFunc(a.TimeWindows, func(w passport.TimeWindow) bool { return naiveWindow(w, act.at) }):
			return false
		case !naiveAmount(fault, a, act):
			return false
		}
		for _, l := range a.Limits {
			name, isMax := strings.CutPrefix(l.Name, "max_")
			if n, given := attributes[name]; isMax && given {
				if f, ok := n.(float64); !ok || f > float64(l.Int) {
					return false
				}
			}
			name, isAllow := strings.CutPrefix(l.Name, "allow_")
			if v, given := attributes[name]; isAllow && given {
				if _, ok := v.(bool); !ok && fault != "S7" {
					return false
				}
			}
		}
	}
	if payment && act.Category != "" && !any(func(a *passport.Authority) bool { return len(a.Categories) > 0 }) {
		return false
	}
	return !payment || act.Rail == "" || any(func(a *passport.Authority) bool { return len(a.Rails) > 0 })
}

func naiveEntry(a *passport.Authority, c passport.Capability, action string, attributes map[string]any) bool {
	if !naiveCovers(c.Action, action) {
		return false
	}
	mayBeTrue := map[string]bool{}
	for _, p := range c.Params {
		switch v := attributes[strings.TrimPrefix(p.Name, "max_")]; p.Kind {
		case passport.ParamMax:
			if n, ok := v.(float64); !ok || n > float64(p.Int) {
				return false
			}
		case passport.ParamBool:
			if b, ok := v.(bool); !ok || b && !p.Bool {
				return false
			}
			mayBeTrue[p.Name] = p.Bool
		case passport.ParamStrings:
			if s, ok := v.(string); !ok || !slices.Contains(p.Strings, s) {
				return false
			}
		}
	}
	for _, l := range a.Limits { // what limits say of a permission stands
		if name, ok := strings.CutPrefix(l.Name, "allow_"); ok {
			mayBeTrue[name] = l.Bool
		}
	}
	for name, v := range attributes {
		if v == true && !mayBeTrue[name] {
			return false
		}
	}
	return true
}

// naiveAmount: the currency is granted for the action, no amount per
// transaction is passed, and where a limit is for the action there is one.
func naiveAmount(fault string, a *passport.Authority, act *asked) bool {
	limits := slices.Clone(a.SpendLimits)
	if a.MaxTransaction.Currency() != "" {
		limits = append(limits, passport.SpendLimit{Money: a.MaxTransaction, Per: passport.PerTransaction})
	}
	granted := act.Amount.Currency() == ""
	for _, l := range limits {
		covers := l.Action == "" || naiveCovers(l.Action, act.Action)
		switch {
		case !covers:
			granted = granted || fault == "S8" && naiveAsset(fault, l.Money, act.Amount)
		case act.Amount.Currency() == "":
			if l.Action != "" && fault != "S21" {
				return false
			}
		case naiveAsset(fault, l.Money, act.Amount):
			granted = true
			if l.Per == passport.PerTransaction && act.Amount.Cmp(l.Money) > 0 {
				return false
			}
		}
	}
	return granted
}

// naiveAsset: of a currency the decimals are no part, of a token they are.
func naiveAsset(fault string, m, n passport.Money) bool {
	same := m.Currency() == n.Currency()
	switch {
	case fault == "G, decimals of a token":
		return same
	case fault == "G, decimals of a currency" || strings.Contains(m.Currency(), "/"):
		return same && m.Decimals() == n.Decimals()
	}
	return same
}

// naiveTexts knows wildcards behind one plain segment, and the values of the dice
// that have two readings.
func naiveTexts(fault string, patterns []string, value string) bool {
	twice := strings.ContainsAny(value, ";%") || strings.Contains(value, "..")
	return value != "" && slices.ContainsFunc(patterns, func(p string) bool {
		prefix, wild := strings.CutSuffix(p, "*")
		wild = wild && (!twice || fault == "S9")
		return p == value || wild && strings.HasPrefix(value, prefix) && len(value) > len(prefix)
	})
}

// naiveWindow knows windows of UTC that end on the day on which they begin.
func naiveWindow(w passport.TimeWindow, at time.Time) bool {
	clock := at.UTC().Format("15:04")
	return slices.Contains(w.Days, strings.ToLower(at.UTC().Format("Mon"))) && w.Start <= clock && clock < w.End
}

// Permits, the naive evaluator and the conjunction all say the same of a
// chain, whether or not its links narrow (S7, S8, S9, S21). The dice reach each
// rule that was mended: without it some of the verdicts are others.
func TestDEL17PermitsAgainstTheNaiveEvaluator(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewSource(21))}
	permitted := 0
	reached := map[string]int{"S7": 0, "S8": 0, "S9": 0, "S21": 0, "G, decimals of a token": 0, "G, decimals of a currency": 0}
	for i := range cases() {
		parent := d.authority()
		chain, e := []*passport.Authority{parent}, parent.Effective()
		for range d.Intn(3) {
			link := d.narrower(chain[len(chain)-1])
			chain, e = append(chain, link), e.Intersect(link)
		}
		act := d.act()
		if m := parent.MaxTransaction; !m.IsZero() && d.some(0.5) {
			act.Amount = d.like(m)
		}
		want, reasons := naive(chain, act), act.judged(chain)
		require.Equal(t, want, len(reasons) == 0, "case %d: %v\n%+v", i, reasons, act)
		require.Equal(t, want, act.passes(e), "case %d", i)
		if want {
			permitted++
		}
		for fault := range reached {
			if naiveBut(fault, chain, act) != want {
				reached[fault]++
			}
		}
	}
	require.Greater(t, permitted, cases()/200, "the dice must often allow something")
	for fault, n := range reached {
		require.Greater(t, n, cases()/10_000, "the dice seldom reach the rule of %s", fault)
	}
	t.Log(permitted, reached)
}
