package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// ImportKey is an API key of another system: its callers go on with the secret that they have.
type ImportKey struct {
	NewKey // scopes that are not known here stay behind
	// Hash is of the secret: "sha256:" and 64 small digits of hex. The secret itself is never taken.
	Hash string
}

// ImportAgentKey is an agent key of another system: the agent goes on with the handle that it has. The office signs a
// passport for it. A scope that needs a Manifestation of Will needs one that the owner has signed, here.
type ImportAgentKey struct {
	NewAgentKey           // scopes that are not offered here stay behind; ExpiresIn is not looked at
	Hash        string    // of the handle, as ImportKey has it
	ExpiresAt   time.Time `json:",omitzero"` // zero: until it is revoked
}

// ImportConsent is what an owner has signed, as Consents.Give takes it.
type ImportConsent struct {
	Owner      string // there; needed
	Credential string
}

// bringKey brings an API key. It may do at most what it may there.
func (b *bringing) bringKey() error {
	n := b.rec.Key
	secret, err := readForeign(n.Hash)
	if err != nil {
		return err
	}
	kind, ok := keyKinds[n.Kind]
	owner, err := b.owner(n.Owner)
	switch {
	case err != nil:
		return err
	case !ok || n.Kind == KeyOrg && owner != "":
		return refuse(BadRequest, "Kind", "%.40q: want api, aip1 or grantex, or org of nobody", n.Kind)
	}
	name, err := nameOf(n.Name)
	if err != nil {
		return err
	}
	var given []Scope
	for _, scope := range n.Scopes {
		switch {
		case slices.Contains(given, scope):
		case !slices.Contains(scopes, scope) || kind.most != nil && !slices.Contains(kind.most, scope):
			b.changed(fmt.Sprintf("Scopes: %.40q is not known here", scope))
		default:
			given = append(given, scope)
		}
	}
	if slices.Sort(given); len(given) == 0 {
		return refuse(BadRequest, "Scopes", "want at least one that is known here")
	}
	known, err := b.tx.Find(Query{Kind: kindKey, Name: "secret", Value: secret.Hash, Limit: 1})
	if err == nil && len(known) > 0 {
		err = &Error{Code: Exists, Detail: "there is one already", ID: known[0].ID}
	}
	if err != nil {
		return err
	}
	k := &apiKey{APIKey: APIKey{
		Org: b.org, Owner: owner, Kind: n.Kind, Name: name, Plan: n.Plan, Scopes: given, CreatedAt: b.created(),
		RevokedAt: b.standing.RevokedAt,
	}, Foreign: secret}
	if k.ID, err = b.keyID(kind.id); err != nil {
		return err
	}
	if err := save(b.tx, Doc{Kind: kindKey, ID: k.ID}, k, k.keys()...); err != nil {
		return err
	}
	return b.keep(b.tx, k.ID, map[string]any{"scopes": given})
}

// keyID returns the id of a key. That of one whose callers show it beside the secret stays, whatever its form.
func (b *bringing) keyID(prefix string) (string, error) {
	const may = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
	number, ok := strings.CutPrefix(b.rec.ID, prefix)
	if !ok || prefix != keyKinds[KeyOrg].id || number == "" || len(number) > 64 || strings.Trim(number, may) != "" {
		return b.id(kindKey, prefix)
	}
	if id, err := ulid.ParseStrict(number); err == nil && ulid.Time(id.Time()).After(b.at) {
		return b.id(kindKey, prefix)
	}
	d, err := b.tx.Get(kindKey, b.rec.ID)
	if err == nil && d.Version > 0 {
		err = &Error{Code: Exists, Member: "ID", Detail: "another key has this id, and callers show it", ID: d.ID}
	}
	return b.rec.ID, err
}

// agentKey is the record of an agent key that is brought.
func (b *bringing) agentKey() (*agentKey, error) {
	n := b.rec.AgentKey
	secret, err := readForeign(n.Hash)
	if err != nil {
		return nil, err
	}
	if n.Owner == "" {
		return nil, refuse(BadRequest, "Owner", "it is needed: an agent key is its owner's")
	}
	owner, err := b.owner(n.Owner)
	if err != nil {
		return nil, err
	}
	k := &agentKey{AgentKey: AgentKey{
		Org: b.org, Owner: owner, Consent: n.Consent, CreatedAt: b.created(), ExpiresAt: n.ExpiresAt.UTC(),
		RevokedAt: b.standing.RevokedAt, Reason: b.standing.Reason,
	}, Foreign: secret}
	if n.Agent != "" {
		if k.Agent, err = b.ref("agent", "Agent", n.Agent); err != nil {
			return nil, asAgent(err)
		}
	}
	if k.Name, err = nameOf(n.Name); err != nil {
		return nil, err
	}
	for _, id := range n.Scopes {
		if a := b.r.scope(id); a == nil || !a.offered(b.at) {
			b.changed(fmt.Sprintf("Scopes: %.80q is not offered here", id))
			continue
		}
		if !slices.Contains(k.Scopes, id) {
			k.Scopes = append(k.Scopes, id)
		}
	}
	if err := k.choose(b.r, b.at); err != nil {
		return nil, err
	}
	known, err := b.tx.Find(Query{Kind: kindAgentKey, Name: "secret", Value: secret.Hash, Limit: 1})
	if err == nil && len(known) > 0 {
		err = &Error{Code: Exists, Detail: "there is one already", ID: known[0].ID}
	}
	if err != nil {
		return nil, err
	}
	k.ID, err = b.id(kindAgentKey, agentKeyPrefix)
	return k, err
}

// dead reports whether nothing is signed for an agent key.
func (b *bringing) dead(k *agentKey) bool {
	return !k.RevokedAt.IsZero() || !k.ExpiresAt.IsZero() && !b.at.Before(k.ExpiresAt)
}

// keepAgentKey writes an agent key.
func (b *bringing) keepAgentKey(tx Tx, d Doc, k *agentKey) error {
	if err := save(tx, d, k, k.keys()...); err != nil {
		return err
	}
	return b.keep(tx, k.ID, map[string]any{
		"owner": k.Owner, "scopes": k.Scopes, "write": k.Write, "consent": k.Consent, "passport": k.Passport,
	})
}

// rehearseAgentKey brings an agent key without a signature.
func (b *bringing) rehearseAgentKey() error {
	k, err := b.agentKey()
	if err != nil {
		return err
	}
	if !b.dead(k) {
		if _, err := b.r.AgentKeys.look(b.tx, k); err != nil {
			return err
		}
	}
	return b.keepAgentKey(b.tx, Doc{Kind: kindAgentKey, ID: k.ID}, k)
}

// signAgentKey brings an agent key, with its passport where it is alive.
func signAgentKey(ctx context.Context, b *bringing) error {
	var k *agentKey
	if err := b.r.config.Store.View(ctx, func(tx Tx) (err error) {
		b.tx = tx
		k, err = b.agentKey()
		return err
	}); err != nil {
		return err
	}
	if b.dead(k) {
		return b.r.update(ctx, func(tx Tx) error { return b.keepAgentKey(tx, Doc{Kind: kindAgentKey, ID: k.ID}, k) })
	}
	return b.r.AgentKeys.sign(ctx, k, func(tx Tx, d Doc) error { return b.keepAgentKey(tx, d, k) })
}

// consent reads what an owner has signed.
func (b *bringing) consent(ctx context.Context) (*Consent, error) {
	owner, err := b.owner(b.rec.Consent.Owner)
	if err != nil {
		return nil, err
	}
	_, o, err := b.r.Owners.load(b.tx, owner)
	if err != nil {
		return nil, renamed(err, BadRequest, "Owner")
	}
	c, err := b.r.Consents.read(ctx, o, []byte(b.rec.Consent.Credential), b.at)
	if err != nil {
		e := refuse(BadRequest, "Credential", "it is not a consent that the owner has signed")
		e.Err = err
		return nil, e
	}
	if c.WithdrawnAt, c.Reason = b.standing.RevokedAt, b.standing.Reason; c.ID != b.rec.ID {
		return nil, refuse(BadRequest, "ID", "want that of the credential, %.80q", c.ID)
	}
	return c, nil
}

func (b *bringing) keepConsent(tx Tx, c *Consent) error {
	d, err := tx.Get(kindConsent, c.key())
	if err == nil && d.Version > 0 {
		err = &Error{Code: Exists, Detail: "it was given before", ID: c.ID}
	}
	if err == nil {
		err = save(tx, d, c, c.keys()...)
	}
	if err != nil {
		return err
	}
	return b.keep(tx, c.ID, map[string]any{"owner": c.Owner, "type": c.Type, "digest": c.Digest, "kind": c.Kind})
}

// withdrawConsent withdraws what an owner has withdrawn there.
func withdrawConsent(ctx context.Context, b *bringing, id string) error {
	return b.r.update(ctx, func(tx Tx) error {
		b.tx = tx
		owner, err := b.owner(b.rec.Consent.Owner)
		if err != nil {
			return err
		}
		return b.r.Consents.withdraw(tx, b.by, &Consent{ID: id, Org: b.org, Owner: owner}, b.standing.Reason)
	})
}

func (b *bringing) rehearseConsent() error {
	c, err := b.consent(b.rehearsal.ctx)
	if err != nil {
		return err
	}
	return b.keepConsent(b.tx, c)
}

// signConsent brings what an owner has signed. Its keys may have to be fetched, so no transaction waits for that.
func signConsent(ctx context.Context, b *bringing) error {
	b.tx = newRehearsal(ctx, b.r.config.Store)
	c, err := b.consent(ctx)
	if err != nil {
		return err
	}
	return b.r.update(ctx, func(tx Tx) error { return b.keepConsent(tx, c) })
}
