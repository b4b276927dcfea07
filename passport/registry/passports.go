package registry

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Passports are what the office has issued.
type Passports struct{ r *Registry }

// NewPassport is what [Passports.Issue] makes a passport of: the parameters, names
// and defaults of G1.
type NewPassport struct {
	Agent string // needed
	Grant string // needed: of that agent

	// Categories are what payments may be for, each with the capability
	// payments:mpp:<category>, which the grant must have. Each act must then name
	// its Category and its Rail. Empty where Authority says what the agent may do.
	Categories     []string
	MaxTransaction passport.Money // the most that one payment may cost
	Rails          []string       // which payments must name; nil: tempo, if there are categories
	ExpiresIn      string         // a number with s, m, h or d; empty: 24h, with Parent at most its life; at most 720h

	// Parent is the passport below which this one is issued, to another agent: it allows no more, lives no
	// longer, and is suspended and revoked with it. Its grant is delegated from that of Parent. "": none.
	Parent string

	// Authority is what the agent may do beside that. Every capability must be
	// covered by a scope of the grant. It states no level of assurance: that is
	// attested, and in the passports of records.
	Authority passport.Authority
}

// Passport is the record of a passport.
type Passport struct {
	ID         string
	Org        string
	Owner      string `json:",omitempty"` // whose it is; "": the organisation
	Agent      string
	Grant      string   `json:",omitempty"` // on which it stands; "" of one of a record
	Record     string   `json:",omitempty"` // which it was made from
	Parent     string   `json:",omitempty"` // the passport above it; "": none
	Depth      int      `json:",omitempty"` // how many passports are above it
	Windows    []Window `json:",omitempty"` // the limits over time that it states
	AgentKey   string   `json:",omitempty"` // the agent key whose passport it is
	Consent    string   `json:",omitempty"` // on which it stands, by its record
	Credential string   // the signed document: of credential.Parse, and with that a passport.Chain to present
	SignedBy   string   `json:",omitempty"` // the key of the issuer that signed it; see IssuerKeys
	// Issuer is who issued it, where that is not this office: the record came with [Registry.Import]. What becomes of
	// it here is told to whoever asks the office; verifiers who are offline hear of it from that issuer alone.
	Issuer    string `json:",omitempty"`
	IssuedAt  time.Time
	ExpiresAt time.Time
	Places    []Place
	Principal string // the key of its kill switch
	Standing
	Status Status // as of the call, by what the agent and the organisation are, too
}

func (p *Passport) keys() []Key {
	keys := []Key{{Name: "org", Value: p.Org}, {Name: "agent", Value: p.Agent}}
	if p.Grant != "" {
		keys = append(keys, Key{Name: "grant", Value: p.Grant})
	}
	if p.Owner != "" {
		keys = append(keys, Key{Name: "owner", Value: p.Org + " " + p.Owner})
	}
	for _, k := range []Key{
		{Name: "parent", Value: p.Parent}, {Name: "agentkey", Value: p.AgentKey}, {Name: "consent", Value: p.Consent},
	} {
		if k.Value != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// Encoded returns the credential as it travels in a header: base64url of its bytes, without padding.
func (p *Passport) Encoded() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.Credential))
}

// place returns the passport's own place of a purpose.
func (p *Passport) place(purpose statuslist.Purpose) Place {
	for _, own := range p.Places {
		if own.Purpose == purpose {
			return own
		}
	}
	return Place{}
}

const (
	passportPrefix = "urn:safeconduct:passport:"
	grantexPrefix  = "urn:grantex:passport:"

	defaultLife = 24 * time.Hour
	longestLife = 720 * time.Hour
)

var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// life reads how long a passport is to live.
func life(text string) (time.Duration, error) {
	if text == "" {
		return defaultLife, nil
	}
	return span(text, longestLife)
}

// span reads a span of time that is at most as long as another one.
func span(text string, most time.Duration) (time.Duration, error) {
	unit := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 31)
	long := errors.Is(err, strconv.ErrRange) // and so too long
	if unit == 0 || err != nil && !long || n == 0 || text[0] == '0' || text[0] == '+' {
		return 0, refuse(InvalidExpiry, "ExpiresIn", "%.40q: want a number with s, m, h or d, such as 24h", text)
	}
	if long || time.Duration(n) > most/unit {
		e := refuse(InvalidExpiry, "ExpiresIn", "%.40q: want at most %dh", text, most/time.Hour)
		e.Status = 422
		return 0, e
	}
	return time.Duration(n) * unit, nil
}

// find loads a passport that an actor may act on, with its agent.
func (s *Passports) find(tx Tx, by Actor, id string, scope Scope) (Doc, *Passport, *Agent, error) {
	if err := by.needs(scope); err != nil {
		return Doc{}, nil, nil, err
	}
	var p Passport
	d, err := load(tx, kindPassport, id, &p)
	switch {
	case err != nil:
		return d, nil, nil, err
	case d.Version == 0 || !by.mayOwn(p.Org, p.Owner):
		return d, nil, nil, unknown("passport")
	}
	a, err := s.judge(tx, &p)
	return d, &p, a, err
}

// judge says what a passport is, by its agent, its organisation and the passports above it, too.
func (s *Passports) judge(tx Tx, p *Passport) (*Agent, error) {
	var a Agent
	var org Org
	if _, err := load(tx, kindAgent, p.Agent, &a); err != nil {
		return nil, err
	}
	if _, err := load(tx, kindOrg, p.Org, &org); err != nil {
		return nil, err
	}
	now := s.r.now()
	p.Status = p.status(now, p.ExpiresAt)
	if bad, err := s.r.unverifiable(tx, p); err != nil {
		return nil, err
	} else if bad {
		p.Status = Revoked
	}
	paused := org.Paused
	for _, key := range []string{p.Principal, switchKey("", "")} {
		var w Switch
		if _, err := load(tx, kindSwitch, key, &w); err != nil {
			return nil, err
		}
		paused = paused || w.Paused
	}
	held, until, err := s.r.held(tx, p)
	if err != nil {
		return nil, err
	}
	if p.Status == Active && (paused || held && (until.IsZero() || now.Before(until))) {
		p.Status = Suspended
	}
	return &a, nil
}

// Get returns a passport (G3).
func (s *Passports) Get(ctx context.Context, by Actor, id string) (p *Passport, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		_, p, _, err = s.find(tx, by, id, ScopeRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Revoke revokes a passport (G4): the next edition of its list says so. To revoke it
// again changes nothing; the first time and reason stay.
func (s *Passports) Revoke(ctx context.Context, by Actor, id, reason string) (*Passport, error) {
	return s.change(ctx, by, id, "passport.revoked", reason, func(p *Passport) error {
		if err := by.decides(); err != nil {
			return err
		}
		p.revoke(s.r.now(), reason)
		return nil
	})
}

// Suspend suspends a passport (A5). It ends by itself, and never overwrites a
// revocation.
func (s *Passports) Suspend(ctx context.Context, by Actor, id string, how Suspension) (*Passport, error) {
	return s.change(ctx, by, id, "passport.suspended", how.Reason, func(p *Passport) error {
		return p.suspend(by, s.r.now(), p.ExpiresAt, how)
	})
}

// Resume ends a suspension of the passport itself. One of its agent, or a pause of
// its principal, organisation or office, goes on.
func (s *Passports) Resume(ctx context.Context, by Actor, id, reason string) (*Passport, error) {
	return s.change(ctx, by, id, "passport.resumed", reason, func(p *Passport) error {
		return p.resume(by, s.r.now(), p.ExpiresAt)
	})
}

func (s *Passports) change(ctx context.Context, by Actor, id, event, reason string,
	f func(p *Passport) error) (*Passport, error) {
	r := s.r
	var p *Passport
	err := r.update(ctx, func(tx Tx) error {
		d, found, _, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		p = found
		before := p.Standing
		if err := f(p); err != nil || p.Standing == before {
			return err
		}
		if err := save(tx, d, p, p.keys()...); err != nil {
			return err
		}
		if err := r.spread(tx, p); err != nil {
			return err
		}
		if _, err := s.judge(tx, p); err != nil {
			return err
		}
		return r.note(tx, by, p.Org, event, p.ID, reason, told(p.changes(&before, r.now(), p.ExpiresAt)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}
