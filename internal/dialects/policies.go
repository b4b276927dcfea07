package main

import (
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// policyRequest is what a request about a policy pack has beside the others.
type policyRequest struct {
	Pack     string
	Passport struct {
		Status       string
		Level        passport.Level `json:"assurance_level"`
		Capabilities []string
		Regions      []string
	}
	Limits, Context, State json.RawMessage
	Args                   struct{ Now string }
}

// policyReader judges acts by the published packs.
func policyReader() reader {
	loaded := map[string]*packs.Pack{}
	return func(q *request, _ bool) (answer, bool) {
		var r policyRequest
		if err := json.Unmarshal(q.Line, &r); err != nil {
			return answer{Strict: "deny oap." + packs.InvalidContext, Compat: "deny oap." + packs.InvalidContext}, true
		}
		p := loaded[r.Pack]
		if p == nil {
			var err error
			if p, err = packs.Published(r.Pack); err != nil {
				return answer{Strict: "deny oap." + packs.PolicyError, Compat: "deny oap." + packs.PolicyError}, true
			}
			loaded[r.Pack] = p
		}
		act, ok := r.act()
		say := func(reading packs.Reading) string {
			v := packs.Verdict{Code: packs.InvalidContext}
			if ok {
				v = p.Judge(reading, act)
			}
			if v.Allowed() {
				return "allow " + v.OAP()
			}
			return "deny " + v.OAP()
		}
		return answer{Strict: say(packs.Strict), Compat: say(packs.Compatible)}, true
	}
}

// act parses what is judged by its source text: amounts never pass through float64.
func (r *policyRequest) act() (*packs.Act, bool) {
	act := &packs.Act{Holder: packs.Holder{Status: r.Passport.Status, Assurance: r.Passport.Level,
		Capabilities: r.Passport.Capabilities, Regions: r.Passport.Regions}}
	for to, from := range map[*credential.Value]json.RawMessage{
		&act.Limits: r.Limits, &act.Context: r.Context, &act.State: r.State,
	} {
		if len(from) == 0 {
			continue
		}
		var err error
		if *to, err = credential.ParseValue(string(from)); err != nil {
			return nil, false
		}
	}
	now := act.State.Get("now").Str()
	if now == "" {
		now = r.Args.Now
	}
	at, err := time.Parse(time.RFC3339, now)
	act.Now = at
	return act, err == nil
}
