package verify

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Config is a deployment: who is trusted, and where keys, lists and memory are.
// A part of it that panics while a Verifier asks it has failed, as one that returns
// an error has: the act is refused, and what else was decided stands.
//
// [New] copies it; its zero value is refused, because it trusts nobody.
type Config struct {
	Anchors  []Anchor          // whose passports may begin a chain; none is an error
	Resolver did.Resolver      // finds keys; nil is an error (did.KeyMethods() knows did:key and did:jwk)
	Status   statuslist.Source // finds status lists; nil: every status is unavailable
	Ledger   Ledger            // what was used before; nil is an error (see package verify/ledger)

	// Marks keeps across restarts which editions of status lists were seen, and
	// which entries revoked. Nil: a Verifier remembers them as long as it lives,
	// and after a restart believes an older list, as long as that is fresh.
	Marks MarkStore

	Siblings SiblingSource // finds consent credentials; nil: only those presented

	// Dialects are those of other systems whose presentations are taken beside our
	// own, such as grantex.Dialect and aip1.Dialect; each says what its documents
	// prove, and what not. The first that knows a presentation reads it. Nil: none.
	Dialects []Dialect

	Formats []credential.Format // enveloping formats accepted beside Data Integrity; nil: none
	Policy  []Rule              // the host's rules, all of them judged in step 7; see package verify/policy

	// Payments are the actions that must carry an amount, as patterns: a payment
	// whose amount the host forgets to say would use up no budget. "." and ":" are
	// different: "payments.*" does not cover "payments:mpp:compute", which needs
	// "payments:*". "*": all. Nil: those alone that a spend limit of the passport
	// is for.
	Payments []string

	// DelegateAttestations are the agents whose word on what their own delegates
	// run counts as an anchor's does; a delegate could otherwise vouch for any
	// model. Nil: nobody's. See Request.Running and policy.Attestations.
	DelegateAttestations []did.DID

	// Operations knows what the operations of the service need of a passport,
	// such as a person's signed consent; see policy.Scopes. Nil:
	// Request.Operation is not looked at.
	Operations Operations

	// Evidence keeps with each decision what it stood on, by identifiers and
	// digests, so that package receipt can seal it. False: decisions cost less.
	Evidence bool

	// ProvenDocuments is how many passports are remembered as proven, by their
	// exact bytes and the keys. What is saved is reading them, their signature
	// checks and the comparison of each link with those above it, all of which
	// follow from these bytes and keys; keys are looked up, and times, status,
	// authority and the presentation are judged, every time; but what
	// [did.KeyMethods] has read from a name is remembered, too. One takes about
	// four times its text, at most eight times; one of more than 16 KiB is not
	// remembered. A few thousand suit most hosts: as many passports as are in use
	// at a time; see [Verifier.Stats]. Zero: none; at most 65,536.
	ProvenDocuments int

	Now  func() time.Time // the clock; nil: time.Now
	Skew time.Duration    // how far clocks may differ; zero: not at all; at most 5 min

	Bounds Bounds // caps, freshness of status lists, longest lifetimes

	// HoldFor is how long an allowed decision's reservation waits for Commit or
	// Release before it counts as spent all the same and is flagged. Zero: 5
	// min; at most 1 h.
	HoldFor time.Duration

	// KnowIntents is how long an intent's id is known after the intent has ended,
	// so that a repeated act is told apart from a new one. Zero: 24 h; at most 720 h.
	KnowIntents time.Duration

	// Unrecorded is told when a refusal could not be recorded in the ledger, with
	// the ledger's error. The refusal stands all the same. It is called before
	// Verify returns, by each caller of Verify for itself. Nil: nobody is told.
	Unrecorded func(Record, error)

	// InsecureAllowBarePassports accepts a passport without a presentation: a
	// bearer token, which serves whoever holds it. False: refused with
	// presentation.required.
	InsecureAllowBarePassports bool
}

// Anchor is an issuer that is trusted to begin a chain, and for what.
type Anchor struct {
	Issuer did.DID

	Types    []string         // credential types; empty: AgentPassportCredential only
	Actions  []string         // action patterns, "*" for all; nil: no restriction
	Ceilings []passport.Money // most that one transaction may have, per currency; nil: no restriction, else a currency not listed is out of scope
	Regions  []string         // nil: no restriction; else a request must name one that is covered

	// MaxAssurance caps what the issuer's word on assurance is worth. Zero: L0.
	MaxAssurance passport.Level
}

const (
	defaultHold = 5 * time.Minute
	maxHold     = time.Hour

	defaultKnown = 24 * time.Hour
	maxKnown     = 720 * time.Hour
)

// New checks a configuration and returns a Verifier for it.
func New(c Config) (*Verifier, error) {
	var errs []error
	if len(c.Anchors) == 0 {
		errs = append(errs, errors.New("config.Anchors is empty: nobody would be trusted; list the issuers whose passports you accept"))
	}
	anchors := make(map[string]*Anchor, len(c.Anchors))
	for i := range c.Anchors {
		a := c.Anchors[i]
		a.Types, a.Actions, a.Regions, a.Ceilings = slices.Clone(a.Types), slices.Clone(a.Actions), slices.Clone(a.Regions), slices.Clone(a.Ceilings)
		if err := a.check(); err != nil {
			errs = append(errs, fmt.Errorf("config.Anchors[%d]: %w", i, err))
		} else if anchors[a.Issuer.String()] != nil {
			errs = append(errs, fmt.Errorf("config.Anchors[%d]: %s is listed twice", i, a.Issuer))
		}
		anchors[a.Issuer.String()] = &a
	}
	if c.Resolver == nil {
		errs = append(errs, errors.New("config.Resolver is nil: no key would be found; did.KeyMethods() resolves did:key and did:jwk offline"))
	}
	if c.Ledger == nil {
		errs = append(errs, errors.New("config.Ledger is nil: a presentation could be used twice; ledger.NewMemory keeps one in this process"))
	}
	if c.Skew < 0 || c.Skew > limits.MaxSkew {
		errs = append(errs, fmt.Errorf("config.Skew is %s, want 0 to %s", c.Skew, limits.MaxSkew))
	}
	if c.HoldFor < 0 || c.HoldFor > maxHold {
		errs = append(errs, fmt.Errorf("config.HoldFor is %s, want 0 to %s", c.HoldFor, maxHold))
	}
	if c.KnowIntents < 0 || c.KnowIntents > maxKnown {
		errs = append(errs, fmt.Errorf("config.KnowIntents is %s, want 0 to %s", c.KnowIntents, maxKnown))
	}
	if c.ProvenDocuments < 0 || c.ProvenDocuments > maxProven {
		errs = append(errs, fmt.Errorf("config.ProvenDocuments is %d, want 0 to %d", c.ProvenDocuments, maxProven))
	}
	for i, r := range c.Policy {
		if r.Check == nil || r.ID == "" {
			errs = append(errs, fmt.Errorf("config.Policy[%d] needs an ID and a Check", i))
		} else if r.Valid != nil {
			if err := r.Valid(); err != nil {
				errs = append(errs, fmt.Errorf("config.Policy[%d], %s: %w", i, r.ID, err))
			}
		}
	}
	for i, action := range c.Payments {
		if err := checkActions(action); err != nil {
			errs = append(errs, fmt.Errorf("config.Payments[%d]: %w", i, err))
		}
	}
	for i, d := range c.Dialects {
		if d == nil {
			errs = append(errs, fmt.Errorf("config.Dialects[%d] is nil", i))
		}
	}
	for i, f := range c.Formats {
		if f == nil {
			errs = append(errs, fmt.Errorf("config.Formats[%d] is nil", i))
		}
	}
	bounds, err := c.Bounds.Resolve()
	if err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verify: configuration: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.HoldFor == 0 {
		c.HoldFor = defaultHold
	}
	if c.KnowIntents == 0 {
		c.KnowIntents = defaultKnown
	}
	c.Anchors, c.Bounds = nil, bounds
	c.Policy = append([]Rule(nil), c.Policy...)
	c.Payments, c.DelegateAttestations = slices.Clone(c.Payments), slices.Clone(c.DelegateAttestations)
	c.Formats = append([]credential.Format(nil), c.Formats...)
	c.Dialects = slices.Clone(c.Dialects)
	v := &Verifier{config: c, anchors: anchors}
	v.policyDigest = policyDigest(c.Policy)
	v.lists.init(anchors, &v.config)
	parser := credential.Parser{Bounds: bounds.Documents, Formats: c.Formats}
	known, knownIn := v.proven.known, v.proven.knownIn
	if c.ProvenDocuments == 0 {
		known, knownIn = nil, nil
	}
	if v.parser, err = preparedParser(parser, known, knownIn); err != nil {
		return nil, fmt.Errorf("verify: configuration: %w", err)
	}
	if parser, err = preparedParser(parser, nil, nil); err != nil {
		return nil, fmt.Errorf("verify: configuration: %w", err)
	}
	v.proven.items = bounds.AuthorityItems
	v.proven.init(c.ProvenDocuments, parser)
	v.named.init(c.ProvenDocuments)
	return v, nil
}

// checkActions accepts an action pattern, or "*" for all.
func checkActions(pattern string) error {
	if pattern == "*" {
		return nil
	}
	return passport.CheckActionPattern(pattern)
}

func (a *Anchor) check() error {
	if a.Issuer.IsZero() {
		return errors.New("the issuer is zero")
	}
	for _, action := range a.Actions {
		if err := checkActions(action); err != nil {
			return err
		}
	}
	for _, m := range a.Ceilings {
		if m.IsZero() {
			return errors.New("a ceiling is not an amount")
		}
	}
	for _, r := range a.Regions {
		if err := passport.CheckRegion(r); err != nil {
			return err
		}
	}
	if a.MaxAssurance.Rank() < 0 {
		return fmt.Errorf("the level MaxAssurance %.20q is not a level", a.MaxAssurance)
	}
	return nil
}
