package oap

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// limitType is what the published schema asks of a member of a block of limits.
type limitType func(*laxjson.Value) bool

func integerFrom(least int64) limitType {
	return func(v *laxjson.Value) bool {
		n, ok := schemaInteger(v)
		return ok && n >= float64(least)
	}
}

// schemaInteger is an integer as JSON Schema means it: 1.0 is one.
func schemaInteger(v *laxjson.Value) (float64, bool) {
	if v.Kind() != laxjson.Number {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.Text(), 64)
	return n, err == nil && n == float64(int64(n)) || err == nil && (n > 1<<62 || n < -1<<62)
}

var (
	isText       = isOf(laxjson.String)
	isTexts      = each(laxjson.Array, isText)
	isFlag       = isOf(laxjson.Bool)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	isCurrency   = matches(currencyForm)
)

// recipients is a list of texts or one of objects. The schema asks for exactly one
// of them, so that a list of nobody, which is both, is none.
func recipients(v *laxjson.Value) bool {
	return isTexts(v) != each(laxjson.Array, recipient)(v)
}

func recipient(v *laxjson.Value) bool {
	limits := v.Get("limits")
	return v.Kind() == laxjson.Object && isText(v.Get("id")) && (limits == nil || limits.Kind() == laxjson.Object &&
		fitAll(limits, map[string]limitType{"currency": isCurrency, "max_amount": integerFrom(0),
			"daily_cap": integerFrom(0)}))
}

// fitAll tests the members of an object that are there.
func fitAll(v *laxjson.Value, types map[string]limitType) bool {
	for name, fits := range types {
		if m := v.Get(name); m != nil && !fits(m) {
			return false
		}
	}
	return true
}

// currencies is an object of currencies with such members.
func currencies(names ...string) limitType {
	return func(v *laxjson.Value) bool {
		if v.Kind() != laxjson.Object {
			return false
		}
		for _, m := range v.Members() {
			if !currencyForm.MatchString(m.Name) {
				continue
			}
			if m.Value.Kind() != laxjson.Object {
				return false
			}
			for _, name := range names {
				if c := m.Value.Get(name); c != nil && !integerFrom(0)(c) {
					return false
				}
			}
		}
		return true
	}
}

// limitBlocks are the blocks that the published schema describes.
var limitBlocks = map[string]map[string]limitType{
	"finance.payment.refund": {"currency_limits": currencies("max_per_tx", "daily_cap"), "reason_codes": isTexts,
		"idempotency_required": isFlag},
	"data.export": {"max_rows": integerFrom(1), "allow_pii": isFlag, "allowed_collections": isTexts},
	"messaging.send": {"msgs_per_min": integerFrom(1), "msgs_per_day": integerFrom(1), "allowed_recipients": recipients,
		"approval_required": isFlag},
	"payments.payout": {"supported_currencies": each(laxjson.Array, isCurrency),
		"currency_limits":           currencies("max_per_tx", "max_daily_amount"),
		"allowed_destination_types": isTexts, "allowed_recipients": recipients, "approval_required": isFlag,
		"max_payouts_per_day": integerFrom(1), "compliance_checks_required": isFlag},
	"repo.release.publish": {"allowed_branches": isTexts, "max_releases_per_day": integerFrom(1),
		"require_signed_artifacts": isFlag},
}

func schemaLimits(v *laxjson.Value) bool {
	if v.Kind() != laxjson.Object {
		return false
	}
	for block, types := range limitBlocks {
		b := v.Get(block)
		if b == nil {
			continue
		}
		if b.Kind() != laxjson.Object || !fitAll(b, types) {
			return false
		}
	}
	return true
}

// limitsFit is the strict test: that of the schema, and every amount or count is
// written as an integer, 0 or more, wherever it stands.
func limitsFit(v *laxjson.Value) bool { return schemaLimits(v) && integersFit(v) }

func integersFit(v *laxjson.Value) bool {
	for _, m := range v.Members() {
		if m.Value.Kind() == laxjson.Number && counted(m.Name) {
			n, err := strconv.ParseInt(m.Value.Text(), 10, 64)
			if err != nil || n < 0 || m.Value.Text() == "-0" {
				return false
			}
		}
		if !integersFit(m.Value) {
			return false
		}
	}
	for _, item := range v.Items() {
		if !integersFit(item) {
			return false
		}
	}
	return true
}

// counted reports whether a member's name says that it bounds an amount or a count.
func counted(name string) bool {
	return strings.HasPrefix(name, "max_per_") || strings.HasPrefix(name, "max_daily_") || name == "daily_cap" ||
		name == "max_amount" || name == "max_rows" || name == "max_export_rows" || strings.Contains(name, "_per_day") ||
		strings.Contains(name, "_per_min")
}
