package aip1

import (
	"crypto/ed25519"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// Dialect lets verify.Verifier take intents of AIP-1 agents: list it in
// verify.Config.Dialects, and each principal in Config.Anchors. What is presented
// is an envelope with its mandate, as [Join] puts them together.
//
// An envelope without a mandate is refused: its limits are signed by nobody but
// the agent. The envelope's target must be the audience of the request, its act
// the act of the request. Nonces, amounts over a day and repeated acts are the
// business of the verifier's ledger.
type Dialect struct {
	// AgentKey and PrincipalKey say whose key is whose at an instant; nil, or a nil
	// key: that party can prove nothing.
	AgentKey, PrincipalKey func(id string, at time.Time) ed25519.PublicKey

	// LeastTier, Frameworks, ModelHashes, PromptHashes, Standing and SyncedAt are
	// those of [Verifier]. Standing nil: nobody is revoked.
	LeastTier                 Tier
	Frameworks                []string
	ModelHashes, PromptHashes map[string]string
	Standing                  func(id string) Standing
	SyncedAt                  func() time.Time // nil: Standing is the first to know
}

// Join puts an envelope and its mandate together, as [Dialect] takes them. In
// AIP-1 a mandate travels beside the envelope, and there is no form for both.
func Join(envelope, mandate string) []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("envelope")
	w.Raw(envelope)
	w.Name("mandate")
	w.Raw(mandate)
	w.EndObject()
	return w.Buf
}

// Open reads an envelope with its mandate.
func (d *Dialect) Open(presented []byte) (*passport.Foreign, error) {
	text := string(presented)
	if !strings.Contains(text, Context) || !strings.HasPrefix(text, "{") {
		return nil, nil
	}
	bounds := limits.Default()
	doc, err := strictjson.Parse(text, bounds.JSON(bounds.PresentationBytes))
	if err != nil {
		return nil, malformed("", "not JSON that two readers see alike: %v", err)
	}
	if doc.Get("@type").Str() == typeEnvelope {
		return nil, refuse(MandateRequired, "",
			"an envelope without a mandate: nobody but the agent has signed its limits")
	}
	parts := [2]string{doc.Get("envelope").Raw(), doc.Get("mandate").Raw()}
	if parts[0] == "" || parts[1] == "" || doc.Len() != 2 {
		return nil, nil // of another system, which mentions AIP-1
	}
	e, bad := Strict.parse(envelopeModel, parts[0])
	if bad != nil {
		return nil, bad
	}
	m, bad := Strict.parse(mandateModel, parts[1])
	if bad != nil {
		return nil, bad
	}
	return d.foreign(envelopeOf(e), mandateOf(m), parts)
}

// foreign translates both documents, and leaves the checks of AIP-1 for the
// steps that they belong to.
func (d *Dialect) foreign(e *Envelope, m *Mandate, texts [2]string) (*passport.Foreign, error) {
	p, err := m.Translate()
	if err != nil {
		return nil, err
	}
	in, err := e.Translate()
	if err != nil {
		return nil, err
	}
	in.PassportID = p.ID
	content, err := conformIntent(in)
	if err != nil {
		return nil, cannot("/intent", err)
	}
	run := func(a *attempt, steps ...step) error {
		if err := a.run(steps); err != nil {
			return err
		}
		return nil
	}
	if err := e.within(&p.Authority); err != nil {
		return nil, err
	}
	return &passport.Foreign{
		Passport: p, Digest: multibase.Digest([]byte(texts[1])),
		Intent: in, Audience: e.Intent.Target, Nonce: e.Nonce, Content: content, NoRegion: true,
		Prove: func(at time.Time) error {
			return run(d.attempt(e, m, texts[1], at), (*attempt).form, (*attempt).time, (*attempt).nonce,
				(*attempt).proof,
				(*attempt).mandated, (*attempt).delegated)
		},
		Standing: func(at time.Time) error {
			return run(d.attempt(e, m, texts[1], at), (*attempt).mandated, (*attempt).standing)
		},
		Permit: func(asked *passport.Act, at time.Time) error {
			a := d.attempt(e, m, texts[1], at)
			a.Geo = asked.Region
			return run(a, (*attempt).mandated, (*attempt).within, (*attempt).attested)
		},
	}, nil
}

func (d *Dialect) attempt(e *Envelope, m *Mandate, mandate string, at time.Time) *attempt {
	v := &Verifier{RequireMandate: true, LeastTier: d.LeastTier, Frameworks: d.Frameworks, ModelHashes: d.ModelHashes,
		PromptHashes: d.PromptHashes, Standing: d.Standing}
	if d.AgentKey != nil {
		v.Key = d.AgentKey(e.Agent.ID, at)
	}
	if d.PrincipalKey != nil {
		v.IssuerKey = d.PrincipalKey(m.Issuer, at)
	}
	if d.SyncedAt != nil {
		v.SyncedAt = d.SyncedAt()
	}
	return &attempt{Verifier: v, e: e.read, mandate: mandate, at: at}
}

// within adds the envelope's own limit of a day, which the ledger counts: an
// agent that has set itself a narrower one keeps to it.
func (e *Envelope) within(a *passport.Authority) error {
	day, err := e.Boundaries.Limit.money(e.Boundaries.Limit.PerDay)
	if err != nil {
		return cannot("/boundaries/monetary_limit/per_day", err)
	}
	if day.IsZero() {
		return nil
	}
	for i := range a.SpendLimits {
		if l := &a.SpendLimits[i]; l.Money.SameAsset(day) {
			if day.Cmp(l.Money) < 0 {
				l.Money = day
			}
			return nil
		}
	}
	if a.MaxTransaction.SameAsset(day) { // else it grants a currency that the mandate does not
		a.SpendLimits = append(a.SpendLimits, passport.SpendLimit{Money: day, Per: passport.PerDay})
	}
	return nil
}
