package packs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Pack is a policy: what an act must state, and the rules that judge it. It never
// changes, and is safe for concurrent use.
type Pack struct {
	id, version, digest string
	capabilities        []string
	assurance           passport.Level
	limits              []string // that the passport must state
	mcp                 bool     // servers and tools that an act names must be listed in the passport
	context             schema
	rules               []rule
	states              []string // members of the state that rules read
	lifetime            int64

	evaluations *sync.Pool // of *evaluation
}

// rule is one row of a pack.
type rule struct {
	code       string
	compatible *expr // nil: the published pack has no such rule
	strict     *expr // nil: the strict reading does without it
	needed     bool  // strict: what it asks about must be there
}

// Reading says how a pack is read. The zero Reading is the strict one.
type Reading uint8

// The readings.
const (
	// Strict mends what the published rules let through: paths, hosts and commands
	// are compared by their parts, levels by the ladder, and the host's own steps
	// (status, level, listed MCP servers) are always taken.
	Strict Reading = iota
	// Compatible says what the published pack says, read literally. It lets
	// suspended passports and chained commands pass: use it to compare, not to guard.
	Compatible
)

// String returns "strict" or "compatible".
func (r Reading) String() string {
	if r == Compatible {
		return "compatible"
	}
	return "strict"
}

// ID returns the id, such as "finance.payment.refund.v1".
func (p *Pack) ID() string { return p.id }

// Digest returns "sha256:" and the digest over the canonical JSON of the pack, by
// which a host pins it.
func (p *Pack) Digest() string { return p.digest }

// Capabilities returns the ids of what a passport must have.
func (p *Pack) Capabilities() []string { return append([]string(nil), p.capabilities...) }

// Assurance returns the least level that the strict reading asks for.
func (p *Pack) Assurance() passport.Level { return p.assurance }

// Counters returns the names of what rules read of [Act].State. A host that does
// not feed one leaves its limit without effect.
func (p *Pack) Counters() []string { return append([]string(nil), p.states...) }

// Codes returns the codes that the rules deny with, in their order.
func (p *Pack) Codes() []string {
	var out []string
	for i := range p.rules {
		out = append(out, p.rules[i].code)
	}
	return out
}

// maxPack caps the text of a pack.
const maxPack = 64 << 10

// Load reads a pack of the host's own. digest pins it: the text is refused unless
// its canonical form has that digest. Empty: it is not pinned, which suits tests.
func Load(text []byte, digest string) (*Pack, error) {
	p, err := load(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("packs: %w", err)
	case digest != "" && digest != p.digest:
		return nil, fmt.Errorf("packs: %s has the digest %s, want %s: it is another pack than the one that was pinned",
			p.id, p.digest, digest)
	}
	return p, nil
}

func load(text []byte) (*Pack, error) {
	if len(text) > maxPack {
		return nil, fmt.Errorf("the pack has %d bytes, at most %d are allowed", len(text), maxPack)
	}
	v, err := strictjson.Parse(string(text), limits.Default().JSON(maxPack))
	if err != nil {
		return nil, err
	}
	if v.Kind() != strictjson.Object {
		return nil, fmt.Errorf("a pack is an object, not %s", v.Kind())
	}
	sum := sha256.Sum256(jcs.Append(nil, v))
	p := &Pack{evaluations: &sync.Pool{New: func() any { return new(evaluation) }}}
	p.digest = "sha256:" + hex.EncodeToString(sum[:])
	p.context = schema{kind: strictjson.Object, maxLength: -1, maxMembers: -1}
	for name, m := range v.Members() {
		if err := p.member(name, m); err != nil {
			return nil, err
		}
	}
	switch {
	case p.id == "" || !strings.Contains(p.id, ".v"):
		return nil, errors.New(`"id" is needed, such as "acme.orders.cancel.v1"`)
	case len(p.capabilities) == 0:
		return nil, errors.New(`"capabilities" is needed: what a passport must have`)
	case len(p.rules) == 0:
		return nil, errors.New(`"rules" is needed`)
	case p.assurance.Rank() < 0:
		return nil, fmt.Errorf("%.20q is not a level of assurance", p.assurance)
	}
	return p, nil
}

func (p *Pack) member(name string, m credential.Value) (err error) {
	switch name {
	case "id":
		p.id = m.Str()
	case "version":
		p.version = m.Str()
	case "source", "note": // where it comes from, for people
	case "capabilities":
		p.capabilities, err = readTexts(m)
	case "assurance":
		p.assurance = passport.Level(m.Str())
	case "limits":
		p.limits, err = readTexts(m)
	case "mcp":
		p.mcp, _ = m.Bool()
	case "cacheSeconds":
		p.lifetime, _ = m.Int()
	case "required":
		p.context.required, err = readTexts(m)
	case "context":
		for inner, mm := range m.Members() {
			one, err := readSchema(mm, 0)
			if err != nil {
				return err
			}
			p.context.members = append(p.context.members, member{inner, one})
		}
	case "rules":
		for item := range m.Items() {
			if err := p.addRule(item); err != nil {
				return err
			}
		}
	default:
		err = fmt.Errorf("%s: a pack has no member %.80q", m.Path(), name)
	}
	return err
}

func (p *Pack) addRule(v credential.Value) error {
	if len(p.rules) == maxRules {
		return fmt.Errorf("%s: a pack has at most %d rules", v.Path(), maxRules)
	}
	var r rule
	both := false
	for name, m := range v.Members() {
		text, isText := m.LookupStr()
		switch name {
		case "code":
			if r.code = text; !isCode(text) {
				return fmt.Errorf("%s: a code is lower-case words joined by \"_\", without the prefix oap", m.Path())
			}
		case "require", "strict":
			e, err := compile(text)
			if err != nil || !isText {
				return fmt.Errorf("%s: %w", m.Path(), cmpErr(err))
			}
			p.note(e)
			if name == "strict" {
				r.strict, both = e, true
			} else {
				r.compatible = e
			}
		case "needed":
			r.needed, _ = m.Bool()
		default:
			return fmt.Errorf("%s: a rule has no member %.80q", m.Path(), name)
		}
	}
	if !both {
		r.strict = r.compatible
	}
	if r.code == "" || r.strict == nil {
		return fmt.Errorf("%s: a rule has a code, and require or strict", v.Path())
	}
	p.rules = append(p.rules, r)
	return nil
}

func cmpErr(err error) error {
	if err == nil {
		return errors.New("want an expression as a text")
	}
	return err
}

// isCode reports whether a word can be one of the group policy.
func isCode(s string) bool {
	_, ok := verify.Lookup(verify.Code("policy." + s))
	return ok
}

// note remembers which members of the state a rule reads.
func (p *Pack) note(e *expr) {
	if e.op == opPath && e.root == rootState && len(e.args) > 0 && e.args[0].op == opText {
		name := e.args[0].text
		for _, known := range p.states {
			if known == name {
				name = ""
			}
		}
		if name != "" {
			p.states = append(p.states, name)
		}
	}
	for _, a := range e.args {
		p.note(a)
	}
}

// Facts are what a pack says, for people and for comparison.
type Facts struct {
	ID, Version, Digest string
	Capabilities        []string
	Assurance           passport.Level
	Limits              []string // that a passport must state
	Required            []string // members of the context
	Context             []string // all members of it that are described
	Codes               []string // of its rules, in their order
	CacheSeconds        int64    // how long a decision may be kept; 0: not at all
}

// Facts returns what the pack says.
func (p *Pack) Facts() Facts {
	f := Facts{ID: p.id, Version: p.version, Digest: p.digest, Capabilities: p.Capabilities(), Assurance: p.assurance,
		Limits: append([]string{}, p.limits...), Required: append([]string{}, p.context.required...), Codes: p.Codes(),
		CacheSeconds: p.lifetime}
	for i := range p.context.members {
		f.Context = append(f.Context, p.context.members[i].name)
	}
	return f
}
