package registry

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// AgentKeys are what owners hand to agents that act on their account (E1): a passport for chosen scopes, behind
// an opaque handle that begins with ak-. The owner alone makes them; a key makes none, and allows nothing that
// the passport does not say. Each is revoked by itself.
type AgentKeys struct{ r *Registry }

// AgentScope is something that an owner can let an agent do (E2).
type AgentScope struct {
	ID           string // the action that passports grant
	Description  string // by which the owner chooses
	Write        bool   // it changes something
	NeedsConsent bool   // a passport for it stands on a Manifestation of Will
	Params       []passport.Param
	Since, Until time.Time // when it is offered; zero: always
	ReplacedBy   string    // after Until
}

// offered reports whether a scope is offered at an instant.
func (a *AgentScope) offered(at time.Time) bool {
	return !at.Before(a.Since) && (a.Until.IsZero() || at.Before(a.Until))
}

// NewAgentKey is what [AgentKeys.Create] makes a key of.
type NewAgentKey struct {
	Owner  string   // zero: the actor
	Name   string   // needed, for people
	Scopes []string // of Config.AgentScopes: at least one, and each once; none by default
	// Agent is whose the passport is, by id, so that it can also be presented. Empty: nobody can present it, and it
	// serves through the handle alone.
	Agent     string
	Consent   string // id of the Manifestation of Will; zero: the newest in force, if a scope needs one
	ExpiresIn string // a number with s, m, h or d, at most 8760h; zero: until it is revoked
}

// AgentKey is an agent key, as it may be shown.
type AgentKey struct {
	ID        string // agk_…: says which key it is, and is no secret
	Org       string
	Owner     string
	Name      string
	Scopes    []string
	Write     bool   // one of the scopes writes
	Agent     string `json:",omitempty"`
	Consent   string `json:",omitempty"` // id of the Manifestation of Will that it stands on
	Passport  string // the one that is in force, or the last one
	CreatedAt time.Time
	ExpiresAt time.Time `json:",omitzero"` // zero: until it is revoked
	RevokedAt time.Time `json:",omitzero"`
	Reason    string    `json:",omitempty"`
	Status    Status    // as of the call: active, expired or revoked
}

// agentKey is the record of an agent key.
type agentKey struct {
	AgentKey
	Hash    [sha256.Size]byte
	Foreign *foreignSecret `json:",omitempty"` // of another system
}

const (
	kindAgentKey = "agentkey"

	agentKeyPrefix = "agk_"
	handlePrefix   = "ak-"
	ulidLength     = 26
)

func (k *agentKey) keys() []Key {
	keys := []Key{{Name: "owner", Value: k.Org + " " + k.Owner}}
	if k.Consent != "" {
		keys = append(keys, Key{Name: "consent", Value: (&Consent{ID: k.Consent, Org: k.Org, Owner: k.Owner}).key()})
	}
	return k.Foreign.keys(keys)
}

func (k *agentKey) judge(now time.Time) {
	s := Standing{RevokedAt: k.RevokedAt}
	k.Status = s.status(now, k.ExpiresAt)
}

// scope returns a scope of the office; nil: there is none.
func (r *Registry) scope(id string) *AgentScope {
	i := slices.IndexFunc(r.config.AgentScopes, func(a AgentScope) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &r.config.AgentScopes[i]
}

// consented refuses a passport that allows what needs a consent and names none (E3), whoever it is issued for.
func (r *Registry) consented(doc *passport.Passport, at time.Time) error {
	if doc.Consent.Type == passport.ManifestationOfWill {
		return nil
	}
	for i := range r.config.AgentScopes {
		a := &r.config.AgentScopes[i]
		if !a.NeedsConsent {
			continue
		}
		for _, c := range doc.Authority.Capabilities {
			if passport.ActionCovers(c.Action, a.ID) {
				return refuse(ConsentRequired, "Authority.Capabilities",
					"%s needs a Manifestation of Will: make an agent key", a.ID)
			}
		}
	}
	return nil
}

// Create makes an agent key, and returns its handle, once: what an agent sends as a bearer token. The owner
// alone may. A scope that needs it, without a Manifestation of Will in force, is refused with CONSENT_REQUIRED.
func (s *AgentKeys) Create(ctx context.Context, by Actor, n NewAgentKey) (*AgentKey, Secret, error) {
	type shown struct {
		*AgentKey
		Secret
	}
	do := func(ctx context.Context, by Actor, n NewAgentKey) (shown, error) {
		k, secret, err := s.create(ctx, by, n)
		return shown{k, secret}, err
	}
	again := func(_ Tx, _ Actor, id string) (shown, error) { return shown{}, shownOnce(id) }
	k, err := once(ctx, s.r, by, "agentkey.created", n, do, again)
	return k.AgentKey, k.Secret, err
}

func (s *AgentKeys) create(ctx context.Context, by Actor, n NewAgentKey) (*AgentKey, Secret, error) {
	o, err := s.r.Owners.self(ctx, by, n.Owner)
	if err != nil {
		return nil, Secret{}, err
	}
	at := s.r.now()
	k := &agentKey{AgentKey: AgentKey{
		ID: newID(agentKeyPrefix, at), Org: o.Org, Owner: o.ID, Scopes: slices.Clone(n.Scopes), Agent: n.Agent,
		Consent: n.Consent, CreatedAt: at, Status: Active,
	}}
	if k.Name, err = nameOf(n.Name); err != nil {
		return nil, Secret{}, err
	}
	if n.ExpiresIn != "" {
		d, err := span(n.ExpiresIn, 8760*time.Hour)
		if err != nil {
			return nil, Secret{}, err
		}
		k.ExpiresAt = at.Add(d)
	}
	if err := k.choose(s.r, at); err != nil {
		return nil, Secret{}, err
	}
	secret, err := newSecretBehind(handlePrefix + k.ID[len(agentKeyPrefix):])
	if err != nil {
		return nil, Secret{}, err
	}
	k.Hash, _ = k.hash(secret.Reveal())
	if err := s.sign(ctx, k, func(tx Tx, d Doc) error {
		if err := save(tx, d, k, k.keys()...); err != nil {
			return err
		}
		return s.r.note(tx, by, k.Org, "agentkey.created", k.ID, "", map[string]any{
			"owner": k.Owner, "scopes": k.Scopes, "write": k.Write, "consent": k.Consent, "passport": k.Passport,
		})
	}); err != nil {
		return nil, Secret{}, err
	}
	return &k.AgentKey, secret, nil
}

// hash returns the hash of a handle of the key.
func (k *agentKey) hash(handle string) ([sha256.Size]byte, bool) {
	return hashBehind(handlePrefix+k.ID[len(agentKeyPrefix):], handle)
}

// choose checks the scopes of a new key.
func (k *agentKey) choose(r *Registry, at time.Time) error {
	if len(k.Scopes) == 0 || len(k.Scopes) > 64 {
		return refuse(BadRequest, "Scopes", "want 1 to 64 of them: the owner chooses each")
	}
	for i, id := range k.Scopes {
		a := r.scope(id)
		switch {
		case a == nil:
			return refuse(BadRequest, "Scopes", "%.80q is not a scope", id)
		case !a.offered(at) && a.ReplacedBy != "":
			return refuse(BadRequest, "Scopes", "%s is not offered now: %s replaces it", id, a.ReplacedBy)
		case !a.offered(at):
			return refuse(BadRequest, "Scopes", "%s is not offered now", id)
		case slices.Contains(k.Scopes[:i], id):
			return refuse(BadRequest, "Scopes", "%s is listed twice", id)
		}
		k.Write = k.Write || a.Write
	}
	return nil
}

// List returns the agent keys of an owner, the oldest first, without their handles. Owner: zero for the actor.
func (s *AgentKeys) List(ctx context.Context, by Actor, owner string) (list []*AgentKey, err error) {
	o, err := s.r.Owners.self(ctx, by, owner)
	if err != nil {
		return nil, err
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) (err error) {
		list, err = s.of(tx, o)
		return err
	})
	return list, err
}

func (s *AgentKeys) of(tx Tx, o *Owner) (list []*AgentKey, err error) {
	return list, walk(tx, Query{Kind: kindAgentKey, Name: "owner", Value: o.Org + " " + o.ID}, func(id string) error {
		var k agentKey
		if _, err := load(tx, kindAgentKey, id, &k); err != nil {
			return err
		}
		k.judge(s.r.now())
		list = append(list, &k.AgentKey)
		return nil
	})
}

// Get returns an agent key and the passport behind it, to their owner alone.
func (s *AgentKeys) Get(ctx context.Context, by Actor, id string) (*AgentKey, *Passport, error) {
	o, err := s.r.Owners.self(ctx, by, "")
	if err != nil {
		return nil, nil, err
	}
	var k agentKey
	var p Passport
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		k, p = agentKey{}, Passport{}
		if _, err := s.load(tx, o, id, &k); err != nil {
			return err
		}
		if _, err := load(tx, kindPassport, k.Passport, &p); err != nil {
			return err
		}
		_, err := s.r.Passports.judge(tx, &p)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return &k.AgentKey, &p, nil
}

// load loads a key of an owner. Another's is answered like one that is not there.
func (s *AgentKeys) load(tx Tx, o *Owner, id string, k *agentKey) (Doc, error) {
	d, err := load(tx, kindAgentKey, id, k)
	if err == nil && (d.Version == 0 || k.Org != o.Org || k.Owner != o.ID) {
		err = unknown("agent key")
	}
	k.judge(s.r.now())
	return d, err
}

// Revoke revokes an agent key: its handle and its passport, for verifiers who are offline, too. The owner alone
// may. No other key changes. To revoke it again changes nothing.
func (s *AgentKeys) Revoke(ctx context.Context, by Actor, id, reason string) (*AgentKey, error) {
	o, err := s.r.Owners.self(ctx, by, "")
	if err != nil {
		return nil, err
	}
	var k agentKey
	err = s.r.update(ctx, func(tx Tx) error {
		k = agentKey{}
		if _, err := s.load(tx, o, id, &k); err != nil {
			return err
		}
		if err := s.end(tx, by, id, reason); err != nil {
			return err
		}
		_, err := s.load(tx, o, id, &k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &k.AgentKey, nil
}

// end revokes a key and its passports, if it is not revoked.
func (s *AgentKeys) end(tx Tx, by Actor, id, reason string) error {
	var k agentKey
	d, err := load(tx, kindAgentKey, id, &k)
	if err != nil || d.Version == 0 || !k.RevokedAt.IsZero() {
		return err
	}
	k.RevokedAt, k.Reason = s.r.now(), reason
	if err := save(tx, d, &k, k.keys()...); err != nil {
		return err
	}
	if err := s.r.each(tx, "agentkey", id, func(d Doc, p *Passport) error {
		if !p.RevokedAt.IsZero() {
			return nil
		}
		return s.r.stop(tx, by, d, p, reason)
	}); err != nil {
		return err
	}
	return s.r.note(tx, by, k.Org, "agentkey.revoked", k.ID, reason, map[string]any{"owner": k.Owner})
}
