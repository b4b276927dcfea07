package registry

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// Units says what a bare number counts that is an amount of money.
type Units string

// The units. There is no default: a wrong guess is wrong by a factor of a hundred.
const (
	MinorUnits Units = "minor" // 1050 of USD are 10.50 USD
	MajorUnits Units = "major" // 10.50 of USD are 10.50 USD
)

// FlatMoney says what the amounts in flat limits are. Both are needed where there are
// any.
type FlatMoney struct {
	Currency string
	Units    Units
}

// refunds are the limits of APort that bound the amount of refunds.
var refunds = map[string]passport.Period{
	"refund_amount_max_per_tx": passport.PerTransaction, "refund_amount_daily_cap": passport.PerDay,
}

const refundAction = "finance.payment.refund"

var flatRates = []struct {
	suffix string
	window time.Duration
}{{"_per_minute", time.Minute}, {"_per_min", time.Minute}, {"_per_hour", time.Hour}, {"_per_day", 24 * time.Hour}}

// ParseFlatLimits reads limits as APort writes them, a JSON object (P4): integers such
// as max_export_rows, rates such as msgs_per_day, and booleans such as allow_pii are
// taken as they are; refund_amount_max_per_tx and refund_amount_daily_cap become spend
// limits of finance.payment.refund. Another name is refused: what is not enforced is
// not taken. Amounts are read from their text, exactly.
func ParseFlatLimits(text []byte, money FlatMoney) (l Limits, err error) {
	v, err := credential.ParseValue(string(text))
	if err != nil || v.Kind() != strictjson.Object {
		return l, &Error{Code: BadRequest, Member: "Limits", Detail: "want a JSON object", Err: err}
	}
	per := map[passport.Period]passport.Money{}
	for name, m := range v.Members() {
		if period, ok := refunds[name]; ok {
			amount, err := money.read(m)
			if err != nil {
				return Limits{}, &Error{Code: BadRequest, Member: "Limits", Detail: name, Err: err}
			}
			per[period] = amount
			l.Spend = append(l.Spend, passport.SpendLimit{Money: amount, Per: period, Action: refundAction})
			continue
		}
		limit, ok := flatLimit(name, m)
		if !ok {
			return Limits{}, refuse(BadRequest, "Limits",
				"%.80q: want a whole number named max_<attribute> or <name>_per_minute, _hour, _day, "+
					"or a boolean named allow_<attribute>", name)
		}
		l.Limits = append(l.Limits, limit)
	}
	once, day := per[passport.PerTransaction], per[passport.PerDay]
	if !day.IsZero() && !once.IsZero() && once.Cmp(day) > 0 {
		return Limits{}, refuse(BadRequest, "Limits", "one refund may be %s, but those of a day %s", once, day)
	}
	return l, nil
}

// read reads an amount, a number or a text.
func (f FlatMoney) read(v credential.Value) (passport.Money, error) {
	text := v.Raw()
	if s, ok := v.LookupStr(); ok {
		text = s
	}
	switch {
	case f.Currency == "":
		return passport.Money{}, refuse(BadRequest, "Currency", "it is needed: the amount has none")
	case f.Units == MinorUnits:
		return passport.ParseMinorUnits(text, f.Currency)
	case f.Units == MajorUnits:
		return passport.ParseMoney(text, f.Currency)
	}
	return passport.Money{}, refuse(BadRequest, "Units", "%.20q: say minor or major", f.Units)
}

func flatLimit(name string, v credential.Value) (l passport.Limit, ok bool) {
	if attribute, ok := strings.CutPrefix(name, "allow_"); ok && attribute != "" {
		l = passport.Allow(attribute)
		l.Bool, ok = v.Bool()
		return l, ok
	}
	n, ok := v.Int()
	if !ok || n < 0 || n > 1<<53-1 {
		return l, false
	}
	for _, r := range flatRates {
		if counter, ok := strings.CutSuffix(name, r.suffix); ok && counter != "" {
			return passport.RateOf(counter, r.window, n), !strings.HasPrefix(name, "max_")
		}
	}
	attribute, ok := strings.CutPrefix(name, "max_")
	return passport.MaxOf(attribute, n), ok && attribute != ""
}
