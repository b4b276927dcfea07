//go:build interop

package verifycedar_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifycedar "github.com/safeconduct/safeconduct/integrations/cedar"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a rule decides is what Cedar of its authors decides, but for a policy that fails: it
// denies here.
func TestAgainstCedarInRust(t *testing.T) {
	if _, err := os.Stat("interop/node_modules"); err != nil {
		t.Fatal("interop/node_modules is missing: npm ci")
	}
	attributes, err := credential.ParseValue(`{"rows":7,"tags":["a","b"],"dry":false,"deep":{"er":"x"},"big":9007199254740991}`)
	require.NoError(t, err)
	w := verifytest.NewWorld(t)
	family := w.Family()
	long := family.Chain(2)
	root := long[0].Unverified().ID
	var facts []verify.Facts
	for _, act := range []func(*passport.Act){
		func(*passport.Act) {},
		func(a *passport.Act) { a.Resource, a.Attributes = "order-7", attributes },
		func(a *passport.Act) { a.Amount = passport.MustMoney("12", "USD") },
	} {
		in := w.Intent()
		act(&in.Act)
		for _, shown := range [][]byte{family.Present(long[:1], in), family.Present(long, in)} {
			v := w.Verifier(func(c *verify.Config) {
				c.Policy = []verify.Rule{{ID: "listen", Check: func(f verify.Facts) error { facts = append(facts, f); return nil }}}
			})
			_, err := v.Verify(t.Context(), shown, w.Request(func(q *verify.Request) { q.Act = in.Act }))
			require.NoError(t, err)
		}
	}
	require.Len(t, facts, 6)

	policies := []string{
		all,
		"forbid (principal, action, resource);",
		`permit (principal in Passport::"` + root + `", action, resource);`,
		`permit (principal in Passport::"urn:other", action, resource);`,
		`permit (principal == Agent::"` + w.Agent.DID().String() + `", action, resource);`,
		`permit (principal, action in Action::"payments", resource);`,
		`permit (principal, action in [Action::"data", Action::"payments.charge"], resource);`,
		`permit (principal, action == Action::"payments", resource);`,
		`permit (principal, action, resource in Resource::"orders");`,
		`permit (principal, action, resource == Resource::"");`,
		`permit (principal is Agent in Passport::"` + root + `", action, resource is Resource);`,
		`permit (principal, action, resource) when { principal.depth == 2 };`,
		`permit (principal, action, resource) when { Passport::"` + root + `".actions.contains("payments.charge") };`,
		`permit (principal, action, resource) when { Passport::"` + root + `".validUntil > context.at };`,
		`permit (principal, action, resource) when { context.at.toTime() < duration("10h") };`,
		`permit (principal, action, resource) when { context has attributes.deep && context.attributes.deep.er == "x" };`,
		`permit (principal, action, resource) when { context has payee };`,
		all + `forbid (principal, action, resource) when { context.amount.greaterThan(decimal("12.00")) };`,
		all + `forbid (principal, action, resource) when { context.amount.lessThan(decimal("12.0001")) };`,
		all + `forbid (principal, action, resource) when { context.attributes.rows * 2 > 13 };`,
		all + `forbid (principal, action, resource) when { context.attributes.big + context.attributes.big > 0 };`,
		all + `forbid (principal, action, resource) when { context.attributes.tags.containsAny(["b", "c"]) };`,
		all + `forbid (principal, action, resource) when { context.audience like "did:web:shop.*" };`,
		all + `forbid (principal, action, resource) when { context.nothing == 1 };`,
	}
	var asked bytes.Buffer
	var here []bool
	for _, text := range policies {
		for _, f := range facts {
			question, err := verifycedar.Question(text, resources, f)
			require.NoError(t, err)
			asked.Write(append(question, '\n'))
			here = append(here, rule(t, text).Check(f) == nil)
		}
	}
	cmd := exec.Command("node", "interop/judge.mjs")
	cmd.Stdin, cmd.Stderr = &asked, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var allowed, denied int
	there := json.NewDecoder(bytes.NewReader(out))
	for i, is := range here {
		var said struct {
			Decision, Problem string
			Failed            int
		}
		require.NoError(t, there.Decode(&said))
		require.Empty(t, said.Problem)
		require.Equal(t, said.Decision == "allow" && said.Failed == 0, is, "%s\nof %+v", policies[i/len(facts)], said)
		if is {
			allowed++
		} else {
			denied++
		}
	}
	require.Greater(t, allowed, 20)
	require.Greater(t, denied, 20)
}
