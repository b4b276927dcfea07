package verifymcp

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// ActionList is the action of an intent that is presented with tools/list. No
// passport needs to grant it: the list is only shorter without.
const ActionList = "mcp.list_tools"

// list answers tools/list: each declared tool tells what a call of it means, and with
// Config.ListAllowed those alone are left that the passport allows to call at all.
func (g *Guard) list(ctx context.Context, next mcp.MethodHandler, req mcp.Request, bare bool) (mcp.Result, error) {
	var shown presented
	if !bare {
		shown = take(req.GetParams())
		req.GetParams().SetMeta(shown.rest)
	}
	res, err := next(ctx, methodList, req)
	all, ok := res.(*mcp.ListToolsResult)
	if err != nil || !ok || all == nil {
		return res, err
	}
	some := copyOf(all)
	some.Tools = nil
	allowed := func(string) bool { return true }
	if g.c.ListAllowed {
		some.CacheScope = "private" // another agent may see others
		allowed = g.allowed(ctx, shown.text)
	}
	for _, tool := range all.Tools {
		call, declared := g.c.Tools[tool.Name]
		if declared && allowed(call.Action) {
			tool = copyOf(tool)
			tool.Meta = maps.Clone(tool.Meta)
			if tool.Meta == nil {
				tool.Meta = mcp.Meta{}
			}
			tool.Meta[MetaCall] = call
		}
		if !g.c.ListAllowed || declared && allowed(call.Action) {
			some.Tools = append(some.Tools, tool)
		}
	}
	if some.Tools == nil {
		some.Tools = []*mcp.Tool{} // and not null
	}
	return some, nil
}

// allowed says which actions a presentation allows at all, amounts and the like left
// aside: none, unless it would be believed now. Nothing is used up.
func (g *Guard) allowed(ctx context.Context, text string) func(action string) bool {
	report := g.c.Verifier.Explain(ctx, []byte(text), verify.Request{
		Audience: g.c.Audience, Act: passport.Act{Action: ActionList},
	})
	for _, step := range report.Steps {
		// That no passport grants the action of a list, and nothing is spent by it, is no matter.
		if step.Outcome != verify.Passed && step.Name != verify.StepAuthority && step.Name != verify.StepLedger {
			return func(string) bool { return false }
		}
	}
	var chain []*passport.Authority
	if p, err := credential.ParsePresentation([]byte(text), g.c.Formats...); err == nil {
		for _, signed := range p.Unverified().Credentials {
			if link, err := passport.ReadUnverified(signed); err == nil { // else a consent
				chain = append(chain, &link.Authority)
			}
		}
	}
	return func(action string) bool {
		for _, e := range passport.Permits(chain, &passport.Act{Action: action}, g.c.Audience, report.At) {
			if e.Code == verify.AuthorityActionNotAllowed || e.Code == verify.AuthorityActionDenied {
				return false
			}
		}
		return len(chain) > 0
	}
}

// CallsOf reads what the tools of a server say that calls of them mean. It is the
// server's word: an agent signs what is declared in its own [PresenterConfig], and
// whoever writes that down may begin with this.
func CallsOf(tools []*mcp.Tool) map[string]Call {
	calls := map[string]Call{}
	for _, tool := range tools {
		var call Call
		raw, err := json.Marshal(tool.Meta[MetaCall])
		if err == nil && json.Unmarshal(raw, &call) == nil && call.Check() == nil {
			calls[tool.Name] = call
		}
	}
	return calls
}
