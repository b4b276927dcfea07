package verify

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// isAnswer reports whether an error of a ledger speaks of a charge or has a
// code.
func isAnswer(err error) bool {
	var c *ChargeError
	return errors.As(err, &c) || code.Of(err) != ""
}

// ofLedgers reports whether a ledger may refuse with that code: see [Ledger]. With
// any other it has failed, and said nothing about the act.
func ofLedgers(c Code) bool {
	group, _, _ := strings.Cut(string(c), ".")
	return group == "ledger" || c == InternalError
}

// overdrawn turns the ledger's answer into violations, each with the limit
// that it is about.
func (r *run) overdrawn(err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok && each(many.Unwrap(), isAnswer) {
		for _, e := range many.Unwrap() {
			r.overdrawn(e)
		}
		return
	}
	var e *ChargeError
	if !errors.As(err, &e) || e.Index < 0 || e.Index >= len(r.origins) {
		for _, v := range violationsOf(err, LedgerUnavailable) {
			if !ofLedgers(v.Code) {
				v = Violation{Code: LedgerUnavailable, Err: err}
			}
			r.add(v)
		}
		return
	}
	b, c := &r.origins[e.Index], &r.reserved.Charges[e.Index]
	shared := b.link < len(r.links)-1 // agents beside this one use it, too
	subject := r.place(b.link) + "/credentialSubject/"
	v := Violation{Code: e.code(), Detail: "the budget has not enough left"}
	a := &r.links[b.link].passport.Authority
	if !e.After.IsZero() {
		v.Until = e.After.Add(r.now.Sub(c.Since) + 1)
	}
	if b.kind == ofSpendLimit {
		l := &a.SpendLimits[b.index]
		v.Path, v.Limit = subject+"spendLimits/"+itoa(b.index), l.String()
		used := e.Used.text(func(q Quantity) string { return q.amount(l.Money) })
		v.Actual = used + ", " + r.request.Amount.String() + " asked for"
		if l.TimeZone != "" && c.Use.Cmp(c.Limit) <= 0 {
			v.Until = resets(l, r.now)
		}
		r.add(v)
		r.own(shared)
		return
	}
	v.Detail = "too often in this window"
	v.Limit = fmt.Sprintf("%s per %s", c.Limit, span(r.now.Sub(c.Since)+1))
	v.Actual = fmt.Sprintf("%s, %s asked for", e.Used.text(Quantity.String), c.Use)
	if b.kind == ofCapability {
		v.Path = subject + "capabilities/" + itoa(b.index) + "/params/" + a.Capabilities[b.index].Params[b.param].Name
	} else {
		v.Path = subject + "limits/" + a.Limits[b.index].Name
	}
	r.add(v)
	r.own(shared)
}

// text tells people what is used: "50.00 USD used, of which 20.00 USD held by 2
// open acts".
func (u Used) text(read func(Quantity) string) string {
	text := read(u.Total()) + " used"
	switch {
	case u.Open == 1:
		text += ", of which " + read(u.Held) + " held by an open act"
	case u.Open > 1:
		text += ", of which " + read(u.Held) + " held by " + itoa(u.Open) + " open acts"
	}
	return text
}

// resets returns when the calendar window of a limit ends; the zero time if that
// cannot be found out.
func resets(l *passport.SpendLimit, at time.Time) time.Time {
	begun, err := l.Since(at)
	if err != nil {
		return time.Time{}
	}
	// No window is longer than a month and the hour of a clock that is set back.
	low, high := time.Duration(0), 32*24*time.Hour
	for high-low > 1 {
		middle := low + (high-low)/2
		if since, err := l.Since(at.Add(middle)); err != nil {
			return time.Time{}
		} else if since.After(begun) {
			high = middle
		} else {
			low = middle
		}
	}
	return at.Add(high)
}

// span reads a window to people.
func span(d time.Duration) string {
	switch d {
	case time.Minute:
		return "minute"
	case time.Hour:
		return "hour"
	case 24 * time.Hour:
		return "day"
	}
	return d.String()
}
