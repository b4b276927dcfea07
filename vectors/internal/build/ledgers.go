package build

import (
	"fmt"
	"time"
)

// call is one call of a ledger in a trace.
type call = members

func ledgers(m *maker) {
	g := m.group("ledger", "ledger", "The ledger: traces of calls with their instants, and each answer.")
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339Nano) }
	const minute, hour = time.Minute, time.Hour
	who := agent.DID().String()
	// reserve is a reservation of a decision at an instant: one nonce, one intent.
	reserve := func(id string, when time.Duration, edits ...func(call) call) call {
		c := o("op", "reserve", "decision", id, "at", at(when), "agent", who, "audience", audience, "challenge",
			"nonce "+id, "replayUntil", at(when+5*minute),
			"intent", "intent "+id, "content", "content", "knownUntil", at(when+24*hour), "holdBy",
			at(when+5*minute),
			"chain", []string{"root"})
		for _, e := range edits {
			c = e(c)
		}
		return c
	}
	charge := func(account, name string, use, limit int, since time.Duration, rate bool) members {
		return o("account", account, "name", name, "rate", rate, "since", at(since), "use", fmt.Sprint(use),
			"limit",
			fmt.Sprint(limit), "until", at(24*hour))
	}
	// spends charges a budget of a rolling day.
	spends := func(use, limit int, when time.Duration) func(call) call {
		return set("charges", []any{charge("root", "spend day USD", use, limit, when-24*hour+1, false)})
	}
	settle := func(id, outcome string, when time.Duration, edits ...func(call) call) call {
		c := o("op", "settle", "decision", id, "outcome", outcome, "at", at(when))
		for _, e := range edits {
			c = e(c)
		}
		return c
	}
	trace := func(rule, title string, answers []any, calls ...call) {
		g.rule = rule
		g.is(title, object{"steps": calls}, object{"answers": answers})
	}
	a := func(list ...any) []any { return append([]any{}, list...) }
	usage := func(when time.Duration) call {
		return o("op", "usage", "at", at(when), "account", "root", "name", "spend day USD", "since",
			at(when-24*hour+1))
	}
	const replay, conflict, repeated, budget, rate = "ledger.replay", "ledger.conflict", "ledger.repeated",
		"ledger.budget_exceeded", "ledger.rate_exceeded"
	// usd moves money: what can be settled for less is 100 units.
	usd := func(use string) func(call) call { return set("amount", money(use, "USD")) }

	trace("L-7", "one", a("ok"), reserve("1", 0))
	trace("L-7", "two", a("ok", "ok"), reserve("1", 0), reserve("2", 0))
	trace("L-7", "a nonce again", a("ok", replay), reserve("1", 0), reserve("2", 0, set("challenge",
		"nonce 1")))
	trace("L-7", "a nonce again with the same intent", a("ok", replay), reserve("1", 0), reserve("2", 0,
		set("challenge", "nonce 1"), set("intent", "intent 1")))
	trace("L-7", "a nonce again for another audience", a("ok", "ok"), reserve("1", 0), reserve("2", 0,
		set("challenge", "nonce 1"), set("audience", "did:web:other.example")))
	trace("L-7", "a nonce again of another agent", a("ok", "ok"), reserve("1", 0), reserve("2", 0,
		set("challenge",
			"nonce 1"), set("agent", second.DID().String())))
	trace("L-7", "a nonce again after it was given back", a("ok", "ok", replay), reserve("1", 0), settle("1",
		"not done", 1), reserve("2", 2, set("challenge", "nonce 1")))
	trace("L-7", "a nonce again at the end of its intent", a("ok", replay), reserve("1", 0), reserve("2",
		5*minute,
		set("challenge", "nonce 1")))
	trace("L-7", "a decision again", a("ok", replay), reserve("1", 0), reserve("1", 0, set("challenge",
		"another nonce"), set("intent", "another intent")))
	trace("L-8", "an intent again with other content", a("ok", conflict), reserve("1", 0), reserve("2", 0,
		set("intent", "intent 1"), set("content", "other")))
	trace("L-8", "an intent again with other content, given back", a("ok", "ok", conflict), reserve("1", 0),
		settle("1", "not done", 1), reserve("2", 2, set("intent", "intent 1"), set("content", "other")))
	trace("L-8", "an intent again with other content, accepted", a("ok", conflict), reserve("1", 0),
		reserve("2", 0,
			set("intent", "intent 1"), set("content", "other"), set("acceptRepeat", true)))
	trace("L-8", "an intent again of another agent", a("ok", "ok"), reserve("1", 0), reserve("2", 0,
		set("intent",
			"intent 1"), set("content", "other"), set("agent", second.DID().String())))
	trace("L-9", "an intent again", a("ok", repeated), reserve("1", 0), reserve("2", 0, set("intent",
		"intent 1")))
	trace("L-9", "an intent again, done", a("ok", "ok", repeated), reserve("1", 0), settle("1", "done", 1),
		reserve("2", 2, set("intent", "intent 1")))
	trace("L-9", "an intent again, not done", a("ok", "ok", "ok"), reserve("1", 0), settle("1", "not done", 1),
		reserve("2", 2, set("intent", "intent 1")))
	trace("L-9", "an intent again, past the deadline", a("ok", repeated), reserve("1", 0), reserve("2", hour,
		set("intent", "intent 1")))
	trace("L-9", "an intent again, accepted", a("ok", "repeats 1"), reserve("1", 0), reserve("2", 0,
		set("intent",
			"intent 1"), set("acceptRepeat", true)))
	trace("L-9", "an accepted repetition takes its nonce", a("ok", "repeats 1", replay), reserve("1", 0),
		reserve("2",
			0, set("intent", "intent 1"), set("acceptRepeat", true)), reserve("3", 0, set("challenge",
			"nonce 2")))
	trace("L-9", "an accepted repetition spends nothing", a("ok", "repeats 1", "ok"), reserve("1", 0, spends(60,
		100,
		0)), reserve("2", 0, set("intent", "intent 1"), set("acceptRepeat", true), spends(60, 100, 0)),
		reserve("3",
			0, spends(40, 100, 0)))

	trace("L-11", "up to the limit", a("ok", "ok"), reserve("1", 0, spends(60, 100, 0)), reserve("2", 0,
		spends(40,
			100, 0)))
	trace("L-11", "one more than the limit", a("ok", budget), reserve("1", 0, spends(60, 100, 0)), reserve("2",
		0,
		spends(41, 100, 0)))
	trace("L-11", "more than the limit at once", a(budget), reserve("1", 0, spends(101, 100, 0)))
	trace("L-11", "a limit of zero", a(budget), reserve("1", 0, spends(1, 0, 0)))
	trace("L-11", "an open hold counts", a("ok", budget, "ok"), reserve("1", 0, spends(60, 100, 0)),
		reserve("2", 1,
			spends(60, 100, 1)), settle("1", "done", 2))
	trace("L-11", "what was given back does not count", a("ok", "ok", "ok"), reserve("1", 0, spends(60, 100,
		0)),
		settle("1", "not done", 1), reserve("2", 2, spends(100, 100, 2)))
	trace("L-11", "what was done counts", a("ok", "ok", budget), reserve("1", 0, spends(60, 100, 0)),
		settle("1",
			"done", 1), reserve("2", 2, spends(41, 100, 2)))
	trace("L-11", "past the deadline it counts", a("ok", budget), reserve("1", 0, spends(60, 100, 0)),
		reserve("2",
			hour, spends(41, 100, hour)))
	trace("L-11", "a day later it does not count", a("ok", "ok"), reserve("1", 0, spends(60, 100, 0)),
		reserve("2",
			24*hour, spends(100, 100, 24*hour)))
	trace("L-11", "just before a day it counts", a("ok", budget), reserve("1", 0, spends(60, 100, 0)),
		reserve("2",
			24*hour-1, spends(100, 100, 24*hour-1)))
	trace("L-11", "another account", a("ok", "ok"), reserve("1", 0, spends(60, 100, 0)), reserve("2", 0,
		set("chain",
			[]string{"other"}), set("charges", []any{charge("other", "spend day USD", 60, 100, -hour, false)})))
	trace("L-11", "another budget of the account", a("ok", "ok"), reserve("1", 0, spends(60, 100, 0)),
		reserve("2", 0,
			set("charges", []any{charge("root", "spend day EUR", 60, 100, -hour, false)})))
	trace("L-11", "a lower limit, later", a("ok", budget), reserve("1", 0, spends(60, 100, 0)), reserve("2", 0,
		spends(1, 60, 0)))
	trace("L-11", "a rate", a("ok", "ok", rate), reserve("1", 0, set("charges", []any{charge("root", "requests",
		1, 2,
		-minute, true)})), reserve("2", 0, set("charges", []any{charge("root", "requests", 1, 2, -minute,
		true)})),
		reserve("3", 0, set("charges", []any{charge("root", "requests", 1, 2, -minute, true)})))
	two := func(root, child int) func(call) call {
		return func(c call) call {
			return c.with("chain", []string{"root", "child"}).with("charges", []any{charge("root",
				"spend day USD",
				root, 100, -hour, false), charge("child", "spend day USD", child, 50, -hour, false)})
		}
	}
	trace("L-11", "both accounts of a chain", a("ok", "ok", budget), reserve("1", 0, two(30, 30)), reserve("2",
		0,
		two(20, 20)), reserve("3", 0, two(1, 1)))
	trace("L-12", "all or nothing", a("ok", budget, "ok"), reserve("1", 0, two(30, 30)), reserve("2", 0, two(30,
		30)),
		reserve("3", 0, two(20, 20)))
	trace("L-12", "a refusal takes no nonce", a("ok", budget, "ok"), reserve("1", 0, spends(60, 100, 0)),
		reserve("2",
			0, spends(60, 100, 0)), reserve("3", 0, set("challenge", "nonce 2"), set("intent", "intent 2"),
			spends(1, 100,
				0)))
	trace("L-12", "a conflict takes no nonce", a("ok", conflict, "ok"), reserve("1", 0), reserve("2", 0,
		set("intent",
			"intent 1"), set("content", "other")), reserve("3", 0, set("challenge", "nonce 2")))
	trace("L-6", "one pair twice", a("internal.error"), reserve("1", 0, set("charges", []any{charge("root", "x",
		1, 9,
		-hour, false), charge("root", "x", 1, 9, -hour, false)})))
	caps := func(nonces, acts int) func(call) call {
		return set("caps", o("Nonces", nonces, "Acts", acts, "RootActs", 100, "RootAccounts", 100))
	}
	trace("L-10", "at the cap of nonces", a("ok", rate), reserve("1", 0, caps(1, 9)), reserve("2", 0, caps(1,
		9)))
	trace("L-10", "the cap of nonces is for live ones", a("ok", "ok"), reserve("1", 0, caps(1, 9)), reserve("2",
		10*minute, caps(1, 9)))
	trace("L-10", "the cap of nonces is for each agent", a("ok", "ok"), reserve("1", 0, caps(1, 9)),
		reserve("2", 0,
			caps(1, 9), set("agent", second.DID().String())))
	trace("L-10", "at the cap of acts", a("ok", rate), reserve("1", 0, caps(9, 1)), reserve("2", 10*minute,
		caps(9,
			1)))

	below := func(acts, accounts int, chain ...string) func(call) call {
		return func(c call) call {
			charges := []any{}
			for _, account := range chain {
				charges = append(charges, charge(account, "requests", 1, 99, -minute, true))
			}
			return c.with("caps", o("Nonces", 100, "Acts", 100, "RootActs", acts, "RootAccounts", accounts)).
				with("chain", chain).with("charges", charges)
		}
	}
	trace("L-10", "at the cap of acts below a root", a("ok", "ok", rate),
		reserve("1", 0, below(2, 9, "root")), reserve("2", 0, below(2, 9, "root")), reserve("3", 0, below(2, 9,
			"root")))
	trace("L-10", "the cap of acts is for each root", a("ok", "ok"),
		reserve("1", 0, below(1, 9, "root")), reserve("2", 0, below(1, 9, "other")))
	trace("L-10", "a passport below has a quarter", a("ok", rate, "ok"), reserve("1", 0, below(4, 9, "root",
		"a")),
		reserve("2", 0, below(4, 9, "root", "a")), reserve("3", 0, below(4, 9, "root", "b")))
	trace("L-10", "a passport below has at least one", a("ok", rate), reserve("1", 0, below(2, 9, "root", "a")),
		reserve("2", 0, below(2, 9, "root", "a")))
	trace("L-10", "at the cap of accounts below a root", a("ok", "ok", rate), reserve("1", 0, below(99, 4,
		"root", "a")),
		reserve("2", 0, below(99, 4, "root", "b")), reserve("3", 0, below(99, 2, "root", "c")))
	trace("L-13", "done", a("ok", "ok"), reserve("1", 0), settle("1", "done", 1))
	trace("L-13", "done twice", a("ok", "ok", "ok"), reserve("1", 0), settle("1", "done", 1), settle("1",
		"done", 2))
	trace("L-13", "not done twice", a("ok", "ok", "ok"), reserve("1", 0), settle("1", "not done", 1),
		settle("1",
			"not done", 2))
	trace("L-13", "done, then not", a("ok", "ok", "settled otherwise"), reserve("1", 0), settle("1", "done", 1),
		settle("1", "not done", 2))
	trace("L-13", "not done, then done", a("ok", "ok", "settled otherwise"), reserve("1", 0), settle("1",
		"not done",
		1), settle("1", "done", 2))
	trace("L-14", "a moment before the deadline", a("ok", "ok"), reserve("1", 0), settle("1", "not done",
		5*minute-1))
	trace("L-14", "at the deadline", a("ok", "settled otherwise"), reserve("1", 0), settle("1", "not done",
		5*minute))
	trace("L-14", "done after the deadline", a("ok", "ok"), reserve("1", 0), settle("1", "done", hour))
	trace("L-14", "listed until it is settled", a("ok", a(), a("1"), "ok", a()), reserve("1", 0), o("op",
		"unresolved", "at", at(minute)), o("op", "unresolved", "at", at(5*minute)), settle("1", "done", hour),
		o("op",
			"unresolved", "at", at(2*hour)))
	trace("L-14", "not listed when it was settled in time", a("ok", "ok", a()), reserve("1", 0), settle("1",
		"done",
		1), o("op", "unresolved", "at", at(hour)))
	by := set("by", "operator")
	trace("L-15", "not done after the deadline, by name", a("ok", "ok", "ok"), reserve("1", 0, spends(100, 100,
		0)),
		settle("1", "not done", hour, by), reserve("2", 2*hour, spends(100, 100, 2*hour)))
	trace("L-15", "done is taken back by name", a("ok", "ok", "ok", "ok"), reserve("1", 0, spends(100, 100, 0)),
		settle("1", "done", 1), settle("1", "not done", 2, by), reserve("2", 3, spends(100, 100, 3)))
	trace("L-15", "not done is made done by name", a("ok", "ok", "ok", budget), reserve("1", 0, spends(100, 100,
		0)),
		settle("1", "not done", 1), settle("1", "done", 2, by), reserve("2", 3, spends(1, 100, 3)))
	trace("L-16", "a decision that nobody made", a("unknown decision"), settle("9", "done", 0))
	big := func(use string, limit string) func(call) call {
		return set("charges", []any{o("account", "root", "name", "spend day USD", "rate", false, "since",
			at(-hour),
			"use", use, "limit", limit, "until", at(24*hour))})
	}
	const hundred, forty, sixty = "100000000000000000000", "40000000000000000000", "60000000000000000000"
	trace("L-16", "more than was reserved", a("ok", "not reserved"), reserve("1", 0, usd("100"), big(hundred,
		hundred)), settle("1", "done", 1, usd("100.01")))
	trace("L-16", "exactly what was reserved", a("ok", "ok", object{"spent": hundred, "held": "0"}), reserve("1", 0,
		usd("100"), big(hundred, hundred)), settle("1", "done", 1, usd("100")), usage(2))
	trace("L-16", "another asset", a("ok", "not reserved"), reserve("1", 0, usd("100"), big(hundred, hundred)),
		settle("1", "done", 1, set("amount", money("1", "EUR"))))
	trace("L-17", "done for less", a("ok", "ok", object{"spent": forty, "held": "0"}, "ok"), reserve("1", 0,
		usd("100"), big(hundred, hundred)), settle("1", "done", 1, usd("40")), usage(2), reserve("2", 3,
		usd("60"),
		big(sixty, hundred)))
	trace("L-17", "done for less gives back no more", a("ok", "ok", budget), reserve("1", 0, usd("100"),
		big(hundred,
			hundred)), settle("1", "done", 1, usd("40")), reserve("2", 3, usd("60"), big("60000000000000000001",
		hundred)))
	of := func(amount, asset string, decimals int) func(call) call {
		return set("amount", money(amount, asset, "decimals", decimals))
	}
	trace("L-16", "the currency with other decimals", a("ok", "ok", object{"spent": forty, "held": "0"}),
		reserve("1", 0, usd("100"), big(hundred, hundred)), settle("1", "done", 1, of("40.000", "USD", 3)), usage(2))
	const token = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
	trace("L-16", "the token with other decimals", a("ok", "not reserved"),
		reserve("1", 0, of("100", token, 6), big(hundred, hundred)), settle("1", "done", 1, of("40", token, 18)))
	trace("L-17", "done for nothing", a("ok", "ok", object{"spent": "0", "held": "0"}), reserve("1", 0,
		usd("100"),
		big(hundred, hundred)), settle("1", "done", 1, usd("0")), usage(2))
	trace("L-17", "a rate stays when it was done for less", a("ok", "ok", rate),
		reserve("1", 0, usd("100"), set("charges", []any{charge("root", "requests", 1, 1, -minute, true)})),
		settle("1", "done", 1, usd("40")), reserve("2", 2, set("charges", []any{charge("root", "requests", 1, 1,
			-minute, true)})))
	trace("L-17", "a rate comes back when it was not done", a("ok", "ok", "ok"),
		reserve("1", 0, set("charges", []any{charge("root", "requests", 1, 1, -minute, true)})), settle("1",
			"not done", 1), reserve("2", 2, set("charges", []any{charge("root", "requests", 1, 1, -minute,
			true)})))
	trace("L-18", "a nonce that may have been forgotten", a("ok", "ok", "ledger.unavailable"), reserve("1", 0),
		o("op", "forget", "before", at(100*24*hour)), reserve("2", -minute))
	trace("L-18", "a nonce that nobody forgot", a("ok", "ok", "ok"), reserve("1", 0), o("op", "forget",
		"before",
		at(100*24*hour)), reserve("2", 200*24*hour))
	trace("L-18", "nothing was forgotten yet", a("ok", "ok", replay), reserve("1", 0), o("op", "forget",
		"before",
		at(minute)), reserve("2", minute, set("challenge", "nonce 1")))
	trace("L-19", "held, then spent", a("ok", object{"spent": "0", "held": "60"}, "ok", object{"spent": "60",
		"held": "0"}), reserve("1", 0, spends(60, 100, 0)), usage(1), settle("1", "done", 2), usage(3))
	trace("L-19", "past the deadline it is spent", a("ok", object{"spent": "60", "held": "0"}), reserve("1", 0,
		spends(60, 100, 0)), usage(hour))
	trace("L-19", "nothing was used", a(object{"spent": "0", "held": "0"}), usage(0))
	peek := func(c call) call { return c.with("op", "peek") }
	trace("L-19", "asking takes nothing", a("ok", "ok", "ok"), peek(reserve("1", 0, spends(100, 100, 0))),
		peek(reserve("2", 0, spends(100, 100, 0))), reserve("3", 0, spends(100, 100, 0)))
	trace("L-19", "asking tells a replay", a("ok", replay), reserve("1", 0), peek(reserve("2", 0,
		set("challenge",
			"nonce 1"))))
	trace("L-19", "asking tells a budget", a("ok", budget), reserve("1", 0, spends(60, 100, 0)),
		peek(reserve("2", 0,
			spends(60, 100, 0))))
}
