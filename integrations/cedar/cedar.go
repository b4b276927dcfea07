// Package verifycedar lets a host write its rules in Cedar: a set of policies, pinned by
// its digest, becomes a rule of a verifier.
//
//	rule, err := verifycedar.Rule(verifycedar.Config{Policies: text, Digest: "uEi…"})
//	v, err := verify.New(verify.Config{…, Policy: []verify.Rule{rule}})
//
// The rule can refuse and can never allow what a passport does not. Policies see only
// what was proven, and the question:
//
//   - principal is Agent::"did:…", in the passport that it shows, Passport::"urn:…",
//     which is in the one above, up to the root. An Agent has the attributes depth and
//     assurance (0 to 5); a Passport has issuer, agent, depth, validUntil and actions,
//     and where they are stated humanPrincipal, organization, grant and framework.
//   - action is Action::"payments.charge", in Action::"payments".
//   - resource is Resource::"…", the resource of the act, or "" if it states none.
//   - context has audience and at (a datetime), and what the act states: amount (a
//     decimal) and currency, payee, category, rail, region, and attributes, a record.
//
// As in Cedar, what no policy permits is denied. A policy that fails, for want of an
// attribute for example, denies, too: Cedar passes over it, and a forbid that is passed
// over would forbid nothing.
package verifycedar

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Types of entities.
const (
	Agent    types.EntityType = "Agent"
	Passport types.EntityType = "Passport"
	Action   types.EntityType = "Action"
	Resource types.EntityType = "Resource"
)

// Config is a set of policies.
type Config struct {
	// Policies is the text of the set; what has no policy is an error.
	Policies []byte

	// Digest is that of Policies, as passport.Digest returns it. It is in the ID of the
	// rule, and so in the evidence of each decision. Empty, and another one, are errors.
	Digest string

	// Entities are the host's own, such as its resources and what they are in. They may
	// not be agents, passports or actions: those are made of what was proven.
	Entities types.EntityMap
}

// Rule makes a rule of a set of policies. It is pure and safe for concurrent use.
func Rule(c Config) (verify.Rule, error) {
	fail := func(format string, args ...any) (verify.Rule, error) {
		return verify.Rule{}, fmt.Errorf("verifycedar: "+format, args...)
	}
	if got := passport.Digest(c.Policies); got != c.Digest {
		return fail("the policies have the digest %s, not the pinned %q", got, c.Digest)
	}
	policies, err := cedar.NewPolicySetFromBytes("policies.cedar", slices.Clone(c.Policies))
	if err != nil {
		return fail("reading the policies: %w", err)
	}
	n := 0
	for range policies.All() {
		n++
	}
	if n == 0 {
		return fail("there is no policy, so everything would be denied")
	}
	for uid := range c.Entities {
		if uid.Type == Agent || uid.Type == Passport || uid.Type == Action {
			return fail("the entity %s is made of what was proven, and cannot be the host's", uid)
		}
	}
	own := maps.Clone(c.Entities)
	return verify.Rule{
		ID:    "cedar:" + c.Digest,
		Check: func(f verify.Facts) error { return judge(policies, own, f) },
	}, nil
}

// judge asks the policies.
func judge(policies *cedar.PolicySet, own types.EntityMap, f verify.Facts) error {
	if len(f.Chain) == 0 {
		return errors.New("there is no passport")
	}
	entities := entitiesOf(own, f)
	context, err := contextOf(f)
	if err != nil {
		return err
	}
	decision, said := cedar.Authorize(policies, entities, cedar.Request{
		Principal: uid(Agent, f.Chain[len(f.Chain)-1].Agent.String()), Action: uid(Action, f.Request.Action),
		Resource: uid(Resource, f.Request.Resource), Context: context,
	})
	switch {
	case len(said.Errors) > 0:
		e := said.Errors[0]
		return denied(fmt.Sprintf("the policy %s fails: %.200s", e.PolicyID, e.Message))
	case decision == types.Allow:
		return nil
	case len(said.Reasons) == 0:
		return denied("no policy permits it")
	}
	ids := make([]string, len(said.Reasons))
	for i, r := range said.Reasons {
		ids[i] = string(r.PolicyID)
	}
	slices.Sort(ids)
	return denied("it is forbidden by " + strings.Join(ids, ", "))
}

func denied(detail string) error { return &verify.Violation{Code: verify.PolicyDenied, Detail: detail} }

func uid(t types.EntityType, id string) types.EntityUID {
	return types.NewEntityUID(t, types.String(id))
}

// entitiesOf are the host's entities, the agent with its passports, and the action with
// those that it is in.
func entitiesOf(own types.EntityMap, f verify.Facts) types.EntityMap {
	entities := maps.Clone(own)
	if entities == nil {
		entities = types.EntityMap{}
	}
	add := func(id types.EntityUID, attributes types.RecordMap, parents ...types.EntityUID) {
		entities[id] = types.Entity{
			UID: id, Parents: types.NewEntityUIDSet(parents...), Attributes: types.NewRecord(attributes),
		}
	}
	var above []types.EntityUID
	for _, p := range f.Chain {
		var actions []types.Value
		for _, c := range p.Authority.Capabilities {
			actions = append(actions, types.String(c.Action))
		}
		a := types.RecordMap{
			"issuer": types.String(p.Issuer.String()), "agent": types.String(p.Agent.String()),
			"depth": types.Long(p.DelegationDepth), "validUntil": types.NewDatetime(p.ValidUntil),
			"actions": types.NewSet(actions...),
		}
		state(a, "humanPrincipal", p.HumanPrincipal)
		state(a, "organization", p.OrganizationDID)
		state(a, "grant", p.GrantID)
		state(a, "framework", p.Framework)
		id := uid(Passport, p.ID)
		add(id, a, above...)
		above = []types.EntityUID{id}
	}
	leaf := f.Chain[len(f.Chain)-1]
	add(uid(Agent, leaf.Agent.String()), types.RecordMap{
		"depth": types.Long(leaf.DelegationDepth), "assurance": types.Long(f.Assurance.Rank()),
	}, above...)
	for action := f.Request.Action; action != ""; {
		var parents []types.EntityUID
		up := action[:max(strings.LastIndexAny(action, ".:"), 0)]
		if up != "" {
			parents = append(parents, uid(Action, up))
		}
		add(uid(Action, action), nil, parents...)
		action = up
	}
	return entities
}

func state(a types.RecordMap, name types.String, value string) {
	if value != "" {
		a[name] = types.String(value)
	}
}

// contextOf is what the question states.
func contextOf(f verify.Facts) (types.Record, error) {
	q := &f.Request
	a := types.RecordMap{"audience": types.String(q.Audience), "at": types.NewDatetime(f.At)}
	state(a, "payee", q.Payee)
	state(a, "category", q.Category)
	state(a, "rail", q.Rail)
	state(a, "region", q.Region)
	if !q.Amount.IsZero() {
		amount := q.Amount.Amount()
		if !strings.Contains(amount, ".") {
			amount += ".0"
		}
		d, err := types.ParseDecimal(amount)
		if err != nil { // more than four decimals, or too large
			return types.Record{}, denied("the amount is not a decimal of Cedar")
		}
		a["amount"], a["currency"] = d, types.String(q.Amount.Currency())
	}
	if q.Attributes.Exists() {
		v, err := valueOf(q.Attributes)
		if err != nil {
			return types.Record{}, err
		}
		a["attributes"] = v
	}
	return types.NewRecord(a), nil
}

// valueOf makes a value of Cedar of one of JSON. Cedar has no fractions and no null.
func valueOf(v credential.Value) (types.Value, error) {
	if b, ok := v.Bool(); ok {
		return types.Boolean(b), nil
	}
	if n, ok := v.Int(); ok {
		return types.Long(n), nil
	}
	if s, ok := v.LookupStr(); ok {
		return types.String(s), nil
	}
	switch text := v.Raw(); {
	case strings.HasPrefix(text, "["):
		var items []types.Value
		for item := range v.Items() {
			value, err := valueOf(item)
			if err != nil {
				return nil, err
			}
			items = append(items, value)
		}
		return types.NewSet(items...), nil
	case strings.HasPrefix(text, "{"):
		record := types.RecordMap{}
		for name, member := range v.Members() {
			value, err := valueOf(member)
			if err != nil {
				return nil, err
			}
			record[types.String(name)] = value
		}
		return types.NewRecord(record), nil
	}
	return nil, denied("an attribute is neither an integer nor a text, a boolean, a list or an object")
}
