package view

import (
	"strconv"

	"github.com/safeconduct/safeconduct/verify"
)

// Budgets are what is used, and what is left, of the budgets and rates of a chain; see [verify.Verifier.Budgets].
func Budgets(list []verify.Budget) []Page {
	out := make([]Page, 0, len(list))
	for i := range list {
		b := &list[i]
		held := b.Text(b.Held)
		if b.Open > 0 {
			held += " by " + strconv.Itoa(b.Open) + " act" + ifTrue(b.Open > 1, "s") + " not settled yet"
		}
		out = append(out, Page{
			{"", "link " + strconv.Itoa(b.Link), b.Name},
			{"link", "", b.Link}, {"passport", "", b.Passport}, {"budget", "", b.Name}, {"limit", "", b.Text(b.Limit)},
			{"spent", "spent", b.Text(b.Spent)}, {"held", "", b.Text(b.Held)}, {"", "held", held},
			{"left", "left", b.Text(b.Left())}, {"since", "since", instant(b.From)},
			{"until", "free again", instant(b.Until)},
		})
	}
	return out
}

// Record is a decision as a ledger keeps it.
func Record(r *verify.Record) Page {
	verdict := r.Verdict.String()
	if r.At.IsZero() { // the ledger no longer has more than the id
		verdict = ""
	}
	amount := ""
	if !r.Amount.IsZero() {
		amount = r.Amount.String()
	}
	return Page{
		{"decision", "decision", r.Decision}, {"at", "at", instant(r.At)}, {"verdict", "verdict", verdict},
		{"codes", "codes", texts(r.Codes)}, {"agent", "agent", r.Agent}, {"passport", "passport", r.Passport},
		{"proven", "", r.Proven}, {"action", "action", r.Action}, {"amount", "amount", amount},
		{"resource", "resource", r.Resource}, {"audience", "asked", r.Audience}, {"intent", "intent", r.Intent},
	}
}

// Entry is a decision as a ledger keeps it, with what became of the act.
func Entry(e *verify.Entry) Page {
	settlements := []Page{}
	for i := range e.Attempts {
		x := &e.Attempts[i]
		amount := ""
		if !x.Amount.IsZero() {
			amount = x.Amount.String()
		}
		settlements = append(settlements, Page{
			{"outcome", "settled as", x.Outcome.String()}, {"amount", "amount", amount}, {"at", "at", instant(x.At)},
			{"by", "by", x.By}, {"reason", "reason", x.Reason}, {"refused", "refused", x.Refused},
		})
	}
	return append(Record(&e.Record), Row{"state", "state", e.State.String()}, Row{"settlements", "settlements", settlements})
}
