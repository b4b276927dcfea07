package aip1

import (
	"math/big"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/passport"
)

// inside collects what the act breaks of one set of boundaries.
func (a *attempt) inside(b *record, broken map[Code]bool) *Error {
	action := a.e.get("intent", "action").text
	if slices.Contains(b.get("denied_actions").list, action) {
		broken[ActionDenied] = true
	}
	switch allowed := b.get("allowed_actions").list; {
	case slices.Contains(allowed, action):
	case len(allowed) > 0, a.strict() && !broken[ActionDenied]: // in the SDK, an empty list allows all
		broken[ActionNotAllowed] = true
	}
	over, err := a.overLimit(b.get("monetary_limit").rec)
	if err != nil {
		return err
	}
	if over {
		broken[MonetaryLimit] = true
	}
	if w := b.get("time_window"); !w.null {
		if a.at.Before(w.rec.get("start").at.Time) || a.at.After(w.rec.get("end").at.Time) {
			broken[TimeWindowViolation] = true
		}
	}
	if a.elsewhere(b.get("geo_restriction")) {
		broken[GeoRestriction] = true
	}
	return nil
}

// elsewhere reports a request from a country that is not listed. A country that
// is not known passes in the SDK, which also does not know that a part of a country
// is in it.
func (a *attempt) elsewhere(c *cell) bool {
	if c.null || c.text == "" || !a.strict() && a.Geo == "" {
		return false
	}
	for geo := range strings.SplitSeq(c.text, ",") {
		geo = strings.TrimSpace(geo)
		if a.Geo != "" && strings.EqualFold(geo, a.Geo) ||
			a.strict() && passport.RegionCovers(strings.ToUpper(geo), strings.ToUpper(a.Geo)) {
			return false
		}
	}
	return true
}

// overLimit reports an act that costs more than it may, or that may cost nothing.
func (a *attempt) overLimit(limit *record) (over bool, err *Error) {
	currency := limit.get("currency").text
	parameters := a.e.get("intent", "parameters").any
	amount, err := a.Reading.amountMinor(parameters, currency)
	if err != nil {
		return false, err
	}
	if a.strict() {
		if c := parameters.Get("currency"); c.Kind() != laxjson.Absent && c.Kind() != laxjson.String {
			return false, malformed("/intent/parameters/currency", "want a text, not %s", c.Kind())
		} else if c.Kind() == laxjson.String && c.Text() != currency {
			over = true // an amount of another currency says nothing about the limit
		}
	}
	if amount == nil && !a.strict() {
		return false, nil
	}
	most, ok := a.Reading.limitMinor(limit.get("per_transaction"), currency)
	if !ok {
		return false, malformed("/boundaries/monetary_limit/per_transaction", "more decimals than %.20s has", currency)
	}
	if !a.strict() && most.Sign() > 0 && amount.Cmp(most) > 0 {
		return true, nil // and the other limit is not looked at
	}
	day, ok := a.Reading.limitMinor(limit.get("per_day"), currency)
	if !ok {
		return false, malformed("/boundaries/monetary_limit/per_day", "more decimals than %.20s has", currency)
	}
	switch {
	case amount == nil:
		return false, nil
	case a.strict() && most.Sign() == 0 && day.Sign() == 0 && amount.Sign() > 0:
		return true, nil // there, no limit is "unlimited"
	case most.Sign() > 0 && amount.Cmp(most) > 0:
		return true, nil
	case day.Sign() > 0:
		total := new(big.Int).Set(amount)
		if a.Spent != nil {
			total.Add(total, a.Spent(a.agent(), currency, a.sinceYesterday()))
		}
		return over || total.Cmp(day) > 0, nil
	}
	return over, nil
}
