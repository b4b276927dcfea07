// Package packs judges acts by policy packs: data that says what an act must
// state, and which rules it must meet. It has the facts of the 21 packs that
// APort has published, and reads packs of the host's own in the same language.
//
//	pack, err := packs.Published("finance.payment.refund.v1")
//	verdict := pack.Judge(packs.Strict, &packs.Act{Holder: …, Limits: …, Context: …, Now: …})
//	verdict.Allowed() // or verdict.OAP(): "oap.limit_exceeded"
//
// A pack is chosen by the host, never by a request, and is pinned by the digest
// of its canonical JSON. As a rule of a verifier it is [Policy.Rule].
//
// # Readings
//
// The zero [Reading] is strict. It mends what the published rules let through: a
// path is compared by its parts after "..", a host by its labels, a command by its
// words and never with what a shell would make two commands of; levels by their
// ladder and not as texts; and the host's own steps are always taken: the passport
// is active, its level suffices, MCP servers that are named are listed. What a rule
// is about must be there, for money, rows and destinations. [Compatible] says what
// the published pack says, read literally.
//
// # A pack of your own
//
//	{
//	  "id": "acme.order.cancel.v1",
//	  "capabilities": ["acme.order.cancel"],
//	  "assurance": "L1",
//	  "required": ["order_id", "amount"],
//	  "context": {"order_id": {"type": "string", "minLength": 1},
//	              "amount": {"type": "integer", "minimum": 0}},
//	  "rules": [
//	    {"code": "limit_exceeded", "require": "context.amount <= limits.max_amount", "needed": true},
//	    {"code": "rate_limit_exceeded", "require": "state.cancelled < limits.max_per_day"}
//	  ]
//	}
//
// "context" describes members in the part of JSON Schema that packs use: type,
// enum, pattern (RE2), format (date, date-time, uri), minLength, maxLength,
// minItems, maxItems, maxProperties, minimum, maximum, required, items; members in
// place of properties, others in place of additionalProperties.
//
// A rule has a code and "require", an expression that must hold. "strict" is the
// expression of the strict reading, where that differs; a rule with "strict" alone
// is of that reading only. "needed" says that the strict reading denies when what
// the rule asks about is not there.
//
// # The language of rules
//
// It has no loops but over the lists that it is given, no assignment and no way
// to call anything that is not listed here; an expression has at most 1000 bytes
// and 200 parts, and an act at most a fixed number of steps.
//
//	condition = condition "or" condition | condition "and" condition | "not" condition
//	          | value ("==" | "!=" | "<=" | "<" | ">=" | ">") value
//	          | value ["not"] "in" value | function | "(" condition ")"
//	          | ("every" | "some") "(" name "in" value "," condition ")"
//	value     = path | number | "text" | value ("+" | "-" | "*") value | function
//	          | "sum" "(" name "in" value "," value ")"
//	path      = ("context" | "limits" | "state" | "passport" | name) {"." member | "[" value "]"}
//
// "and" binds closer than "or". Numbers are decimals by their source text, never
// floating point. A comparison with what is not there says neither yes nor no: the
// rule is then skipped, unless it is needed. Comparing things of different types
// denies; in the strict reading "not in" does so, too, for a list with such a thing.
// A passport has status, assurance_level, regions, capabilities, mcp_servers and
// mcp_tools.
//
// Functions that are conditions:
//
//	has(x)                  x is there, and is not the empty text
//	yes(x), no(x)           x is there, and is true, false; in the strict reading, what is
//	                        there and neither of them denies
//	assured(level, least)   by the ladder; an unknown level suffices for nothing
//	starts_any(t, list)     t begins with a text of the list
//	contains_any(t, list)   a text of the list is in t
//	equal_fold(t, list)     t is one of them, in upper or lower case
//	within(path, list)      the cleaned path is one of these folders or below one
//	within_text(path, list) the published rule for it: anywhere in the text
//	extension_in(path, list)
//	host_in(url, list)      the host is one of these domains or a name below one; a host
//	                        beyond ASCII, or behind two '@', is none of any
//	public(url)             the host is not known to be private
//	secure(url)             it begins with https://
//	command_in(t, list)     t is one of these commands, or one with more words
//	plain(t)                no shell makes more than a word of it
//	covered(region, list)   "DE" covers "DE-BY"
//	pair_in(t, list)        both halves of "BTC-USD" are listed
//	all_members(x, most)    each number of x is at most the one of that name
//	some_name(x, list), some_header(x, list)   a member of x has such a name
//
// Functions that are values: default(x, y) is y where x is not there; size(x) is
// the number of items, members or characters; words(t); bytes(x), of the canonical
// JSON; age(instant), in seconds.
package packs
