package packs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Policy is a pack as a rule of a verifier.
//
//	Policy: []verify.Rule{packs.Policy{Pack: refunds, State: counters}.Rule()}
type Policy struct {
	Pack    *Pack
	Reading Reading // zero: strict

	// Actions are the patterns of the acts that the pack judges; others pass this
	// rule. Nil: the pack's capabilities.
	Actions []string

	// Limits returns the block of limits of one passport; nil: [BlockOf]. Every
	// link that has one must let the act pass, and one of them must have one.
	Limits func(*passport.Passport) (credential.Value, error)

	// Context returns what the pack asks about the act, an object; nil: [ContextOf].
	// It must come from what the host itself knows.
	Context func(verify.Facts) (credential.Value, error)

	// State returns what was counted before, an object with the members that
	// [Pack.Counters] names. It must be pure, as a rule is: read the counters
	// before Verify. Nil is an error for a pack that reads any, unless Uncounted.
	State func(verify.Facts) (credential.Value, error)

	// Uncounted leaves limits over time to the ledger, or to nobody. False: State
	// is needed by packs that count.
	Uncounted bool
}

// Rule refuses with the pack's own word in the group policy:
// "policy.limit_exceeded".
func (p Policy) Rule() verify.Rule {
	own := p
	own.Actions = slices.Clone(p.Actions)
	id := "pack"
	if p.Pack != nil {
		id = p.Pack.id + " " + p.Pack.digest
		if own.Actions == nil {
			own.Actions = p.Pack.Capabilities()
		}
	}
	return verify.Rule{ID: id, Check: own.check, Valid: own.valid}
}

func (p *Policy) valid() error {
	switch {
	case p.Pack == nil:
		return errors.New("the pack is nil; load one with packs.Published or packs.Load")
	case p.Reading > Compatible:
		return fmt.Errorf("%d is not a reading", p.Reading)
	case p.State == nil && !p.Uncounted && len(p.Pack.states) > 0:
		return fmt.Errorf("the pack reads the counters %q and State is nil: its limits over time would have no effect",
			p.Pack.states)
	}
	for _, pattern := range p.Actions {
		if pattern != "*" {
			if err := passport.CheckActionPattern(pattern); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Policy) check(f verify.Facts) error {
	covered := func(pattern string) bool {
		return pattern == "*" || passport.ActionCovers(pattern, f.Request.Action)
	}
	if !slices.ContainsFunc(p.Actions, covered) {
		return nil
	}
	act := Act{Now: f.At}
	for _, part := range []struct {
		to   *credential.Value
		from func(verify.Facts) (credential.Value, error)
	}{{&act.Context, orElse(p.Context, ContextOf)}, {&act.State, p.State}} {
		if part.from == nil {
			continue
		}
		v, err := part.from(f)
		if err != nil {
			return p.denied(Verdict{Code: InvalidContext}, err)
		}
		*part.to = v
	}
	limits, judged := p.Limits, false
	if limits == nil {
		limits = func(link *passport.Passport) (credential.Value, error) { return BlockOf(p.Pack, link) }
	}
	for i, link := range f.Chain {
		block, err := limits(link)
		if err != nil {
			return p.denied(Verdict{Code: PolicyError}, err)
		}
		if !block.Exists() && (judged || i+1 < len(f.Chain)) {
			continue // another link has to say
		}
		judged = true
		act.Limits, act.Holder = block, p.holder(link, f.Assurance)
		if v := p.Pack.Judge(p.Reading, &act); !v.Allowed() {
			return p.denied(v, nil)
		}
	}
	return nil
}

func orElse[F any](f, other func(F) (credential.Value, error)) func(F) (credential.Value, error) {
	if f == nil {
		return other
	}
	return f
}

func (p *Policy) denied(v Verdict, cause error) error {
	return &verify.Violation{Code: verify.Code("policy." + v.Code), Detail: p.Pack.Error(v), Err: cause}
}

// holder says of a proven passport what packs ask. The pipeline has looked at its
// status before.
func (p *Policy) holder(link *passport.Passport, assured passport.Level) Holder {
	h := Holder{Status: "active", Assurance: assured, Regions: link.Authority.Regions}
	if h.Assurance == "" {
		h.Assurance = passport.L0
	}
	for _, id := range p.Pack.capabilities {
		covers := func(c passport.Capability) bool { return c.Action != "*" && passport.ActionCovers(c.Action, id) }
		if slices.ContainsFunc(link.Authority.Capabilities, covers) {
			h.Capabilities = append(h.Capabilities, id)
		}
	}
	mcp := link.Extensions.Get(Extension).Get("mcp")
	h.MCPServers, _ = readTexts(mcp.Get("servers"))
	h.MCPTools, _ = readTexts(mcp.Get("tools"))
	return h
}

// Extension is the member of [passport.Passport].Extensions that holds what a
// passport of the Open Agent Passport had beside its authority.
const Extension = "oap"

// BlockOf returns the block of limits that a passport states for a pack, from the
// member limits of its extension; absent if it states none.
func BlockOf(p *Pack, link *passport.Passport) (credential.Value, error) {
	return Block(p, link.Extensions.Get(Extension).Get("limits"))
}

// Block finds the block of a pack among the limits of a passport. Four shapes are
// in use: under a dotted capability ("payments.charge"), as a tree
// (payments → charge), under the pack's id without its version, and flat. Two
// blocks for one pack that differ are an error: neither is chosen over the other.
func Block(p *Pack, limits credential.Value) (credential.Value, error) {
	if !limits.Exists() {
		return credential.Value{}, nil
	}
	var found credential.Value
	base := p.id[:strings.LastIndex(p.id, ".v")]
	for _, name := range append(p.Capabilities(), base) {
		tree := limits
		for part := range strings.SplitSeq(name, ".") {
			tree = tree.Get(part)
		}
		for _, v := range []credential.Value{limits.Get(name), tree} {
			switch {
			case v.Kind() != strictjson.Object || found.Exists() && found.Raw() == v.Raw():
			case found.Exists():
				return found, fmt.Errorf("the passport has two blocks of limits for %s that differ, %s and %s",
					p.id, found.Path(), v.Path())
			default:
				found = v
			}
		}
	}
	if found.Exists() {
		return found, nil
	}
	for _, name := range p.limits {
		if limits.Get(name).Exists() {
			return limits, nil // flat
		}
	}
	return credential.Value{}, nil
}

// ContextOf makes the context of an act from the request: its attributes, and
// amount (in minor units) with currency, region, action, category and resource
// under the names that packs have for them.
func ContextOf(f verify.Facts) (credential.Value, error) {
	act := &f.Request.Act
	var w jsonwrite.Writer
	w.BeginObject()
	for name, v := range act.Attributes.Members() {
		w.Name(name)
		w.Raw(v.Raw())
	}
	if !act.Amount.IsZero() {
		w.Name("amount")
		w.Raw(act.Amount.AtomicUnits())
		w.Member("currency", act.Amount.Currency())
	}
	w.Member("region", act.Region)
	w.EndObject()
	return credential.ParseValue(string(w.Buf))
}
