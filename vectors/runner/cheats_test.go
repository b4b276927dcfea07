package runner_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
	"github.com/safeconduct/safeconduct/vectors/runner"
)

// cheat is a verifier that saves itself some work.
type cheat struct {
	name   string
	kind   string
	answer func(vectors.Request) vectors.Answer

	rules string // each of them is named by a failure
	least int    // how many cases fail
}

// answers are those of this library to a request that the cheat changed first.
func edited(edit func(input map[string]any)) func(vectors.Request) vectors.Answer {
	return func(r vectors.Request) vectors.Answer {
		var input map[string]any
		if json.Unmarshal(r.Input, &input) != nil {
			return vectors.Answer{ID: r.ID, Error: "no input"}
		}
		edit(input)
		r.Input, _ = json.Marshal(input)
		return peer.New().Answer(r)
	}
}

// blind does not see what these codes are about, and allows what only they refuse.
func blind(codes ...string) func(vectors.Request) vectors.Answer {
	return func(r vectors.Request) vectors.Answer {
		a := peer.New().Answer(r)
		if len(a.Codes) == 0 {
			return a
		}
		a.Steps = nil
		a.Codes = slices.DeleteFunc(a.Codes, func(c string) bool {
			return slices.ContainsFunc(codes, func(p string) bool { return strings.HasPrefix(c, p) })
		})
		if len(a.Codes) == 0 {
			a.Verdict = "allow"
		}
		return a
	}
}

// says is one verdict for everything.
func says(verdict string) func(vectors.Request) vectors.Answer {
	return func(r vectors.Request) vectors.Answer { return vectors.Answer{ID: r.ID, Verdict: verdict} }
}

// leavesOut does not do what is bad.
func leavesOut(r vectors.Request) vectors.Answer {
	if a := peer.New().Answer(r); a.Verdict == "allow" {
		return a
	}
	return vectors.Answer{ID: r.ID, Unsupported: true}
}

// noReason says nothing but a verdict.
func noReason(r vectors.Request) vectors.Answer {
	return vectors.Answer{ID: r.ID, Verdict: peer.New().Answer(r).Verdict}
}

// turned says one verdict for another.
func turned(from, to string) func(vectors.Request) vectors.Answer {
	return func(r vectors.Request) vectors.Answer {
		a := peer.New().Answer(r)
		if a.Verdict == from {
			return vectors.Answer{ID: r.ID, Verdict: to}
		}
		return a
	}
}

// each changes the steps of a trace.
func each(edit func(step map[string]any)) func(vectors.Request) vectors.Answer {
	return edited(func(input map[string]any) {
		steps, _ := input["steps"].([]any)
		for _, s := range steps {
			edit(s.(map[string]any))
		}
	})
}

func charges(edit func(charge map[string]any)) func(vectors.Request) vectors.Answer {
	return each(func(step map[string]any) {
		list, _ := step["charges"].([]any)
		for _, c := range list {
			edit(c.(map[string]any))
		}
	})
}

var cheats = []cheat{
	{"always denies", "present", says("deny"), "P-11 P-21 P-41", 60},
	{"always allows", "present", says("allow"),
		"P-5 P-9 P-12 P-16 P-19 P-20 P-21 P-22 P-23 P-24 P-26 P-27 P-29 P-33 P-36 P-41", 200},
	{"ignores signatures", "present", blind("proof.invalid"), "P-16", 5},
	{"ignores whose key it is", "present", blind("proof.key_not_authorized", "proof.holder_mismatch"), "P-16 P-18", 3},
	{"ignores the purpose of a proof", "present", blind("proof.purpose_mismatch"), "P-16", 2},
	{"trusts every issuer", "present", blind("anchor."), "P-9 P-10", 5},
	{"ignores time", "present", blind("time.", "proof.expired"), "P-11 P-12 P-13 P-14", 12},
	{"ignores status", "present", blind("status."), "P-27 P-28 P-29 P-30 P-31", 30},
	{"ignores suspension", "present", blind("status.suspended"), "P-27", 1},
	{"allows what it cannot find out", "present", turned("undetermined", "allow"), "P-30", 5},
	{"denies what it cannot find out", "present", turned("undetermined", "deny"), "P-30", 5},
	{"ignores the nonce", "present", blind("proof.challenge_mismatch", "envelope.nonce_invalid"), "P-20", 2},
	{"ignores the audience", "present", blind("proof.audience_mismatch"), "P-19", 2},
	{"ignores the intent", "present", blind("proof.intent_mismatch"), "P-21", 10},
	{"ignores narrowing", "present", blind("delegation.widened"), "P-26", 8},
	{"ignores the order of a chain", "present", blind("delegation.parent_mismatch", "delegation.invalid"), "P-24", 8},
	{"ignores the authority", "present", blind("authority."), "P-35", 15},
	{"ignores consent", "present", blind("consent."), "P-33", 8},
	{"ignores attestations", "present", blind("attestation."), "P-39", 5},
	{"ignores hosts", "present", blind("policy.", "trust."), "P-40", 5},
	{"remembers nothing", "present", edited(func(in map[string]any) { delete(in, "before") }),
		"P-32 P-41 L-3 L-4 L-7 L-9 L-11", 15},
	{"remembers no replay", "present", blind("ledger.replay"), "P-41 L-7", 2},
	{"narrows everything", "narrow", says("accept"), "F-81 F-82 F-83 F-84 F-85 F-86 F-87 F-89 F-90", 50},
	{"permits everything", "permits", says("accept"), "F-66 F-67 F-69 F-71 F-72 F-73 F-75 F-76 F-77 F-78", 50},
	{"counts nothing", "ledger", charges(func(c map[string]any) { c["use"] = "0" }), "L-11 L-17", 5},
	{"has one account for all", "ledger", charges(func(c map[string]any) { c["account"] = "all" }), "L-11", 1},
	{"has one name for all", "ledger", charges(func(c map[string]any) { c["name"] = "all" }), "L-11", 1},
	{"forgets the day", "ledger", charges(func(c map[string]any) { delete(c, "since") }), "L-11", 1},
	{"settles all as done", "ledger", each(func(s map[string]any) {
		if s["op"] == "settle" {
			s["outcome"] = "done"
		}
	}), "L-13 L-14", 1},
	{"settles nothing", "ledger", each(func(s map[string]any) {
		if s["op"] == "settle" {
			s["decision"] = "another"
		}
	}), "L-13 L-16", 1},
	{"knows no repetition", "ledger", each(func(s map[string]any) { s["intent"] = s["decision"] }), "L-9", 1},
	{"reads JSON as most do", "json", func(r vectors.Request) vectors.Answer {
		var in struct{ Text string }
		var v any
		if json.Unmarshal(r.Input, &in) != nil || json.Unmarshal([]byte(in.Text), &v) != nil {
			return vectors.Answer{ID: r.ID, Verdict: "refuse"}
		}
		return vectors.Answer{ID: r.ID, Verdict: "accept", Output: json.RawMessage("{}")}
	}, "F-2 F-3 F-4 F-5", 20},
	{"canonicalises as most do", "jcs", func(r vectors.Request) vectors.Answer {
		var in struct{ Text string }
		var v any
		if json.Unmarshal(r.Input, &in) != nil || json.Unmarshal([]byte(in.Text), &v) != nil {
			return vectors.Answer{ID: r.ID, Verdict: "refuse"}
		}
		text, _ := json.Marshal(v)
		out, _ := json.Marshal(map[string]string{"canonical": string(text)})
		return vectors.Answer{ID: r.ID, Verdict: "accept", Output: out}
	}, "F-14", 10},
	{"reads instants as most do", "time", func(r vectors.Request) vectors.Answer {
		var in struct{ Op, Text string }
		if json.Unmarshal(r.Input, &in) != nil || in.Op != "read" {
			return vectors.Answer{ID: r.ID, Unsupported: true}
		}
		at, err := time.Parse(time.RFC3339, in.Text)
		if err != nil {
			return vectors.Answer{ID: r.ID, Verdict: "refuse"}
		}
		out, _ := json.Marshal(map[string]any{"unix": at.Unix(), "nanos": at.Nanosecond()})
		return vectors.Answer{ID: r.ID, Verdict: "accept", Output: out}
	}, "F-17", 3},
}

// Whoever leaves out what is hard has no failure, and is told apart: nothing passed,
// or it is not complete.
func TestCheatsThatLeaveOut(t *testing.T) {
	all := func(o *runner.Options) { o.Kinds = []string{"present"} }
	complete := func(o *runner.Options) { o.Complete = true }
	for _, name := range []string{"nothing", "leaves out what is bad", "gives no reason"} {
		r := run(t, name, all)
		require.Empty(t, r.Failures, name)
		require.GreaterOrEqual(t, len(run(t, name, all, complete).Failures), 200, name)
	}
	require.Empty(t, run(t, "right", all, complete).Failures)
}

// The runner names what each cheat leaves out, by the rules.
func TestCheatsAreNamed(t *testing.T) {
	sequential.Long(t)
	for _, c := range cheats {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, c.name, func(o *runner.Options) { o.Kinds = []string{c.kind} })
			require.GreaterOrEqual(t, len(r.Failures), c.least)
			named := map[string]bool{}
			for _, f := range r.Failures {
				named[f.Rule] = true
			}
			for _, rule := range strings.Fields(c.rules) {
				require.True(t, named[rule], "%s is not among %v", rule, named)
			}
		})
	}
}
