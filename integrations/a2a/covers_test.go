package verifya2a_test

import (
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/stretchr/testify/require"

	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
)

// What is declared amiss is found before the agent serves.
func TestCovers(t *testing.T) {
	type table = map[string]verifya2a.Call
	card := &a2a.AgentCard{Skills: []a2a.AgentSkill{{ID: "charge"}, {ID: "reset"}}}
	pointer := func(p string) func(_, _ table) {
		return func(skills, _ table) { skills["charge"] = verifya2a.Call{Action: "data.read", Resource: p} }
	}
	amiss := func(p, of, method string) string {
		return "verifya2a: the pointer " + p + " of " + of + " leads to nothing in the params of " + method
	}
	charge := func(p string) string { return amiss(p, `the skill "charge"`, "message/send") }
	for name, c := range map[string]struct {
		edit func(skills, methods table)
		want string
	}{
		"all there":  {func(_, _ table) {}, ""},
		"no Call":    {func(s, _ table) { delete(s, "reset") }, `verifya2a: no Call is declared for the skills ["reset"]`},
		"no skill":   {func(s, _ table) { s["rest"] = s["reset"] }, `verifya2a: the card has no skills ["rest"]`},
		"data":       {pointer("/message/parts/0/data/any/thing"), ""},
		"metadata":   {pointer("/message/metadata/any~1thing"), ""},
		"text":       {pointer("/message/parts/1/text"), ""},
		"file":       {pointer("/message/parts/0/file/uri"), ""},
		"file name":  {pointer("/message/parts/0/file/name"), ""},
		"kind":       {pointer("/message/parts/0/kind"), ""},
		"task":       {pointer("/message/taskId"), ""},
		"history":    {pointer("/configuration/historyLength"), ""},
		"no data":    {pointer("/message/parts/0/amount"), charge("/message/parts/0/amount")},
		"no message": {pointer("/parts/0/data/amount"), charge("/parts/0/data/amount")},
		"no index":   {pointer("/message/parts/data/amount"), charge("/message/parts/data/amount")},
		"Go's name":  {pointer("/message/ContextID"), charge("/message/ContextID")},
		"too deep":   {pointer("/message/taskId/x"), charge("/message/taskId/x")},
		"an attribute": {func(s, _ table) {
			s["charge"] = verifya2a.Call{Action: "data.read", Attributes: map[string]string{"n": "/n", "m": "/metadata/m"}}
		}, charge("/n")},
		"of a method": {func(_, m table) { m["tasks/cancel"] = verifya2a.Call{Action: "data.read", Resource: "/id"} }, ""},
		"not of that method": {func(_, m table) {
			m["tasks/cancel"] = verifya2a.Call{Action: "data.read", Resource: "/taskId"}
		}, amiss("/taskId", "tasks/cancel", "tasks/cancel")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(s *shop) {
				s.config.Methods = table{}
				c.edit(s.config.Skills, s.config.Methods)
			})
			guard, err := verifya2a.New(s.config)
			require.NoError(t, err)
			if err = guard.Covers(card); c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.want)
		})
	}

	// Every method that can be declared has params.
	for _, method := range []string{"tasks/get", "tasks/cancel", "tasks/resubscribe", "tasks/pushNotificationConfig/get",
		"tasks/pushNotificationConfig/list", "tasks/pushNotificationConfig/delete"} {
		s := newShop(t, func(s *shop) {
			s.config.Methods = table{method: {Action: "data.read", Resource: "/id", Payee: "/metadata/to"}}
		})
		guard, err := verifya2a.New(s.config)
		require.NoError(t, err)
		require.NoError(t, guard.Covers(card), method)
	}

	var none *verifya2a.Guard
	require.ErrorContains(t, none.Covers(card), "no guard")
	require.ErrorContains(t, (&verifya2a.Guard{}).Covers(card), "no Call is declared")
}
