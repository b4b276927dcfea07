package build

import (
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

func (st *stage) ledgers() {
	const ok = "a new act"
	st.ok("P-41", ok)
	// earlier is a decision that was allowed before.
	earlier := func(p string, name, nonce string, more ...func(object)) edit {
		return func(s *scene) {
			m := object{"presentation": present(agent, intent(name, idOf(p)), []string{p},
				func(so *credential.SignOptions) { so.Challenge = nonce }), "request": request()}
			for _, e := range more {
				e(m)
			}
			s.before = append(s.before, m)
		}
	}
	settled := func(how string) func(object) { return func(m object) { m["settle"] = how } }
	asked := func(q members) func(object) { return func(m object) { m["request"] = q } }
	st.ok("P-41", "another act before", earlier(st.root, "another", "another challenge of 1"))
	st.no("P-41", "the same presentation again", ok, "ledger.replay", func(s *scene) {
		s.before = []any{object{"presentation": ref("good"), "request": request()}}
	})
	st.no("L-7", "the same presentation again after it was given back", ok, "ledger.replay", func(s *scene) {
		s.before = []any{object{"presentation": ref("good"), "request": request(), "settle": "not done"}}
	})
	st.no("L-7", "the same nonce for another act", ok, "ledger.replay", earlier(st.root, "another", challenge))
	st.no("L-9", "the same act under a new nonce", "another act before", "ledger.repeated", earlier(st.root,
		"present", "another challenge of 1"))
	st.no("L-9", "the same act under a new nonce, done", "another act before", "ledger.repeated", earlier(st.root,
		"present", "another challenge of 1", settled("done")))
	st.ok("L-9", "the same act under a new nonce, not done", earlier(st.root, "present", "another challenge of 1",
		settled("not done")))
	st.ok("L-9", "a repetition that is accepted", earlier(st.root, "present", "another challenge of 1"),
		asks("acceptRepeat", true))
	st.no("L-8", "another act under the same intent", "another act before", "ledger.conflict", earlier(st.root,
		"present", "another challenge of 1"), func(s *scene) {
		act(nil, st, set("transactionAmount", money("12.51", "USD")))(s)
	})
	st.ok("L-2", "the same act, signed later, not done", earlier(st.root, "present", "another challenge of 1",
		settled("not done")), shown(st.show(nil, set("expiresAt", "2026-11-21T09:04:00Z"))))
	st.no("L-2", "the same act, signed later", "the same act, signed later, not done", "ledger.repeated",
		earlier(st.root, "present", "another challenge of 1"), shown(st.show(nil, set("expiresAt",
			"2026-11-21T09:04:00Z"))))

	budget := func(limits ...any) string { return pass("budget", subject("spendLimits", limits)) }
	twice := func(p string, more ...func(object)) edit {
		return func(s *scene) {
			earlier(p, "another", "another challenge of 1", more...)(s)
			s.presentation = st.show(&p)
		}
	}
	day := func(n string, more ...any) members { return money(n, "USD", append([]any{"per", "day"}, more...)...) }
	const over, often = "ledger.budget_exceeded", "ledger.rate_exceeded"
	st.ok("L-11", "a budget for two", twice(budget(day("25.00"))))
	st.no("L-11", "a cent short of two", "a budget for two", over, twice(budget(day("24.99"))))
	st.ok("L-11", "a cent short of two, given back", twice(budget(day("24.99")), settled("not done")))
	st.no("L-11", "a cent short of two, done", "a budget for two", over, twice(budget(day("24.99")), settled("done")))
	st.no("L-11", "a budget for less than one", "a budget for two", over,
		func(s *scene) { p := budget(day("12.49")); s.presentation = st.show(&p) })
	old := func(p, when string) edit {
		return func(s *scene) {
			m := object{"presentation": present(agent, intent("another", idOf(p), set("issuedAt", when),
				set("expiresAt", plusMinute(when))), []string{p}, func(so *credential.SignOptions) {
				so.Challenge, so.Created = "another challenge of 1", MustValue(time.Parse(time.RFC3339, when))
			}), "request": request(), "now": when, "settle": "done", "lists": object{
				listURL: list(issuer, plainList(listURL, "revocation").with("validFrom", "2026-11-20T00:00:00Z"),
					func(so *credential.SignOptions) { so.Created = MustValue(time.Parse(time.RFC3339, when)) }),
				pauseURL: list(issuer, plainList(pauseURL, "suspension").with("validFrom", "2026-11-20T00:00:00Z"),
					func(so *credential.SignOptions) { so.Created = MustValue(time.Parse(time.RFC3339, when)) })}}
			s.before = append(s.before, m)
			s.presentation = st.show(&p)
		}
	}
	p20 := func(n members) string {
		return sign2(issuer, plain("budget", subject("spendLimits", []any{n}), set("validFrom",
			"2026-11-20T00:00:00Z")), "2026-11-20T00:00:00Z")
	}
	st.ok("F-35", "a day that rolls, over", old(p20(day("13.00")), "2026-11-20T09:00:00Z"))
	st.no("F-35", "a day that rolls, not over", "a day that rolls, over", over, old(p20(day("13.00")),
		"2026-11-20T09:00:01Z"))
	st.ok("F-35", "a day of the calendar, over", old(p20(day("13.00", "timeZone", "UTC")), "2026-11-20T23:59:00Z"))
	st.no("F-35", "a day of the calendar, not over", "a day of the calendar, over", over, old(p20(day("13.00",
		"timeZone", "Europe/Berlin")), "2026-11-20T23:59:00Z"))
	st.no("L-4", "a lifetime", "a budget for two", over, twice(budget(money("24.99", "USD", "per", "lifetime"))))
	st.ok("L-4", "a limit for another action", twice(budget(money("1", "USD", "per", "day", "action",
		"payments.card.*"))))
	st.no("L-4", "a limit for this action", "a limit for another action", over, twice(budget(money("24.99", "USD",
		"per", "day", "action", "payments.*"))))
	st.ok("L-4", "a limit of another currency", twice(budget(money("1", "EUR", "per", "day"))))
	rate := func(limits string) string { return pass("rate", subject("limits", json.RawMessage(limits))) }
	st.ok("L-4", "two requests a minute", twice(rate(`{"requests_per_minute":2}`)))
	st.no("L-4", "one request a minute", "two requests a minute", often, twice(rate(`{"requests_per_minute":1}`)))
	st.no("L-4", "no request at all", "two requests a minute", often,
		func(s *scene) { p := rate(`{"requests_per_day":0}`); s.presentation = st.show(&p) })
	used := func(n int) func(members) members { return set("usage", o("rows", n)) }
	st.ok("L-4", "rows within their rate", twice(rate(`{"rows_per_hour":100}`), asked(request(used(60)))),
		asks("usage", o("rows", 40)))
	st.no("L-4", "rows beyond their rate", "rows within their rate", often, twice(rate(`{"rows_per_hour":100}`),
		asked(request(used(60)))), asks("usage", o("rows", 41)))
	st.ok("L-4", "rows that are not counted", twice(rate(`{"rows_per_hour":0}`)))
	capRate := func(n int) string {
		return pass("rate", subject("capabilities", []any{o("action", "payments.charge", "params", o("max_per_hour",
			n))}))
	}
	st.ok("L-4", "a capability twice an hour", twice(capRate(2)))
	st.no("L-4", "a capability once an hour", "a capability twice an hour", often, twice(capRate(1)))
	st.ok("L-4", "a capability without a rate covers it too", twice(pass("rate", subject("capabilities",
		[]any{o("action", "payments.charge", "params", o("max_per_hour", 1)), o("action", "payments.*")}))))
	st.ok("L-4", "a longer action that does not cover it has another rate", twice(pass("rate",
		subject("capabilities", []any{o("action", "payments.charge", "params", o("max_per_hour", 2)), o("action",
			"payments.charge.card", "params", o("max_per_hour", 1))}))))
	st.ok("L-4", "a longer action whose parameters do not hold has another rate", twice(pass("rate",
		subject("capabilities", []any{o("action", "payments.*", "params", o("max_per_hour", 2)), o("action",
			"payments.charge", "params", o("max_per_hour", 1, "max_rows", 5))}))))
	st.no("L-4", "the longest action has the rate", "a capability twice an hour", often, twice(pass("rate",
		subject("capabilities", []any{o("action", "payments.charge", "params", o("max_per_hour", 1)), o("action",
			"payments.*", "params", o("max_per_hour", 9))}))))
	// Accounts.
	grant := func(name string) string {
		return pass(name, subject("grantId", "grant-1"), subject("spendLimits", []any{day("24.99")}))
	}
	renewed := func(first, then string) edit {
		return func(s *scene) {
			earlier(first, "another", "another challenge of 1")(s)
			s.presentation = st.show(&then)
		}
	}
	st.no("L-3", "a renewed passport under one grant", "a budget for two", over, renewed(grant("first"),
		grant("second")))
	life := subject("spendLimits", []any{money("24.99", "USD", "per", "lifetime")})
	st.ok("L-3", "a lifetime is that of the passport, under one grant too", renewed(pass("first",
		subject("grantId", "grant-1"), life), pass("second", subject("grantId", "grant-1"), life)))
	st.ok("L-3", "another passport without a grant", renewed(pass("first", subject("spendLimits",
		[]any{day("24.99")})), pass("second", subject("spendLimits", []any{day("24.99")}))))
	st.ok("L-3", "another grant", renewed(grant("first"), pass("second", subject("grantId", "grant-2"),
		subject("spendLimits", []any{day("24.99")}))))
	root := pass("shared", subject("maxDelegationDepth", 1), subject("spendLimits", []any{day("24.99")}))
	below := func(name string, to *did.KeyPair) string { return sign(agent, delegated(name, root, 1, agent, to)) }
	st.no("L-4", "two links below one budget", "a budget for two", over, func(s *scene) {
		a, b := below("a", second), below("b", third)
		s.before = []any{object{"presentation": present(second, intent("another", idOf(a)), []string{root, a}),
			"request": request()}}
		s.presentation = present(third, intent("present", idOf(b)), []string{root, b})
	})
	granted := pass("granted", subject("grantId", "grant-1"), subject("maxDelegationDepth", 1))
	under := func(name string) string {
		return sign(agent, delegated(name, granted, 1, agent, second, subject("grantId", "grant-1"),
			subject("spendLimits", []any{day("24.99")})))
	}
	links := func(before, now string) edit {
		return func(s *scene) {
			s.before = []any{object{"request": request(), "presentation": present(second, intent("another", idOf(before)),
				[]string{granted, before},
				func(so *credential.SignOptions) { so.Challenge = "another challenge of 1" })}}
			s.presentation = present(second, intent("present", idOf(now)), []string{granted, now})
		}
	}
	st.ok("L-3", "two links to one agent under one grant", links(under("a"), under("b")))
	st.no("L-3", "one link twice under one grant", "two links to one agent under one grant", over, links(under("a"),
		under("a")))
	st.ok("L-10", "at the cap of live nonces", earlier(st.root, "another", "another challenge of 1"),
		configured("liveNonces", 2))
	st.no("L-10", "beyond the cap of live nonces", "at the cap of live nonces", often, earlier(st.root, "another",
		"another challenge of 1"), configured("liveNonces", 1))
	st.no("P-42", "a ledger that cannot be reached", ok, "ledger.unavailable", configured("ledgerFails", true))
}

func plusMinute(t string) string {
	return MustValue(time.Parse(time.RFC3339, t)).Add(time.Minute).UTC().Format(time.RFC3339)
}

// sign2 signs at another instant.
func sign2(by did.Signer, doc members, created string) string {
	return sign(by, doc, func(so *credential.SignOptions) {
		so.Created = MustValue(time.Parse(time.RFC3339,
			created))
	})
}
