package packs

import (
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Codes that no rule has.
const (
	Allowed           = "allowed"
	InvalidContext    = "invalid_context"
	UnknownCapability = "unknown_capability"
	Suspended         = "passport_suspended"
	Insufficient      = "assurance_insufficient"
	PolicyError       = "policy_error"
)

// Verdict is what a pack says of an act.
type Verdict struct {
	Code string // the pack's own word, without "oap."; [Allowed] alone lets the act pass
	Rule int    // 1 for the first rule of the pack; 0: a step before or after the rules
	Path string // invalid_context: the member of the context that does not fit
}

// Allowed reports whether the act may be done. The zero Verdict does not allow.
func (v Verdict) Allowed() bool { return v.Code == Allowed }

// OAP returns the code as the Open Agent Passport writes it: "oap.limit_exceeded".
func (v Verdict) OAP() string { return "oap." + v.Code }

// Judge says whether the act passes. It allocates nothing, and takes time that is
// bounded whatever the act states.
func (p *Pack) Judge(reading Reading, act *Act) Verdict {
	if act.Context.Kind() != strictjson.Object {
		return Verdict{Code: InvalidContext}
	}
	if bad, ok := p.context.holds(act.Context); !ok {
		return Verdict{Code: InvalidContext, Path: bad.Path()}
	}
	for _, c := range p.capabilities {
		if !slices.Contains(act.Holder.Capabilities, c) {
			return Verdict{Code: UnknownCapability}
		}
	}
	if reading != Compatible {
		if v := p.host(act); !v.Allowed() {
			return v
		}
	}
	ev := p.evaluations.Get().(*evaluation)
	defer func() {
		*ev = evaluation{} // it keeps nothing of the act
		p.evaluations.Put(ev)
	}()
	ev.act, ev.strict = act, reading != Compatible
	for i := range p.rules {
		r := &p.rules[i]
		e := r.strict
		if reading == Compatible {
			e = r.compatible
		}
		if e == nil {
			continue
		}
		switch ev.condition(e) {
		case yes:
			continue
		case absent:
			if reading == Compatible || !r.needed {
				continue
			}
		}
		return Verdict{Code: r.code, Rule: i + 1}
	}
	if reading != Compatible && !assured(act, p) {
		return Verdict{Code: Insufficient}
	}
	return Verdict{Code: Allowed}
}

// host takes the steps that the published packs leave to the host.
func (p *Pack) host(act *Act) Verdict {
	if act.Holder.Status != "active" {
		return Verdict{Code: Suspended}
	}
	if p.mcp {
		for _, row := range mcpMembers {
			if name := act.Context.Get(row.member); !listed(name, row.list(&act.Holder)) {
				return Verdict{Code: row.code}
			}
		}
	}
	return Verdict{Code: Allowed}
}

func assured(act *Act, p *Pack) bool { return act.Holder.Assurance.Rank() >= p.assurance.Rank() }

// mcpMembers are where an act names MCP servers and tools.
var mcpMembers = [...]struct {
	member, code string
	list         func(*Holder) []string
}{
	{"mcp_server", "server_not_allowed", func(h *Holder) []string { return h.MCPServers }},
	{"mcp_servers", "server_not_allowed", func(h *Holder) []string { return h.MCPServers }},
	{"mcp_tool", "tool_not_allowed", func(h *Holder) []string { return h.MCPTools }},
	{"mcp_tools", "tool_not_allowed", func(h *Holder) []string { return h.MCPTools }},
}

// listed reports whether a name, or each name of an array, is in the list.
func listed(v credential.Value, list []string) bool {
	switch v.Kind() {
	case strictjson.Invalid:
		return true
	case strictjson.String:
		return slices.Contains(list, v.Str())
	case strictjson.Array:
		for item := range v.Items() {
			if s, ok := item.LookupStr(); !ok || !slices.Contains(list, s) {
				return false
			}
		}
		return true
	}
	return false
}

// Error returns the verdict as people read it.
func (p *Pack) Error(v Verdict) string {
	switch {
	case v.Path != "":
		return fmt.Sprintf("%s: %s at %s", p.id, v.OAP(), v.Path)
	case v.Rule > 0:
		return fmt.Sprintf("%s: %s by rule %d", p.id, v.OAP(), v.Rule)
	}
	return fmt.Sprintf("%s: %s", p.id, v.OAP())
}
