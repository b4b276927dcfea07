package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
)

// ImportPassport is a passport of another system. It comes as a record of what was issued there, or is issued anew.
type ImportPassport struct {
	NewPassport        // Agent, Grant and Parent by their ids there; ExpiresIn is not looked at
	Issuer      string // who issued it; needed
	Credential  string `json:",omitempty"` // as it was issued there
	ExpiresAt   time.Time
	// Anew has the office issue a passport that says the same and ends when that one does, in place of a record of
	// it, where it is active. False: the record comes, and is told to whoever asks; no verifier is made to take it.
	Anew bool
}

// bringPassport brings the record of a passport that another issued. It ends with its grant, and is revoked with that
// or its agent.
func (b *bringing) bringPassport() error {
	r, n := b.r, b.rec.Passport
	if n.Issuer == "" || len(n.Issuer) > 500 {
		return refuse(BadRequest, "Issuer", "want who issued it, of 1 to 500 bytes")
	}
	if n.ExpiresAt.IsZero() || b.rec.Status == Expired && n.ExpiresAt.After(b.at) {
		return refuse(InvalidExpiry, "ExpiresAt", "it is needed, and past where the passport is expired")
	}
	at, err := b.passportOn()
	if err != nil {
		return err
	}
	a, err := r.Agents.load(b.tx, at.Agent)
	if err != nil {
		return asAgent(err)
	}
	_, g, err := r.Grants.find(b.tx, b.by, at.Grant, ScopeRead)
	switch {
	case err != nil:
		return asGrant(err)
	case g.Org != b.org || a.Org != b.org || g.Agent != a.ID:
		return asGrant(unknown("grant"))
	}
	p := &Passport{
		Org: b.org, Owner: a.Owner, Agent: a.ID, Grant: g.ID, Parent: at.Parent, Issuer: n.Issuer,
		Credential: n.Credential, IssuedAt: b.created(), ExpiresAt: n.ExpiresAt.UTC().Truncate(time.Second),
		Principal: switchKey(b.org, g.Principal), Standing: b.standing,
	}
	if p.ExpiresAt.After(g.ExpiresAt) {
		b.changed("ExpiresAt: it ends with its grant")
		p.ExpiresAt = g.ExpiresAt
	}
	if err := b.below(p); err != nil {
		return err
	}
	if p.RevokedAt.IsZero() && (g.Status == Revoked || a.Status == Revoked) {
		b.changed("Status: its agent or grant is revoked")
		p.revoke(b.at, "its agent or grant is revoked")
	}
	if p.ID, err = b.id(kindPassport, r.config.PassportPrefix); err != nil {
		return err
	}
	// Who looks for passports that may be alive passes over ids that are older than any lives.
	number, err := ulid.ParseStrict(p.ID[len(r.config.PassportPrefix):])
	if err != nil || p.ExpiresAt.After(ulid.Time(number.Time()).Add(longestLife)) {
		return refuse(InvalidExpiry, "ExpiresAt", "it lives longer than %s", longestLife)
	}
	if err := save(b.tx, Doc{Kind: kindPassport, ID: p.ID}, p, p.keys()...); err != nil {
		return err
	}
	return b.keep(b.tx, p.ID, map[string]any{"agent": a.ID, "grant": g.ID, "issuer": n.Issuer})
}

// below puts a passport below its parent: it ends with that, and is revoked with it.
func (b *bringing) below(p *Passport) error {
	if p.Parent == "" {
		return nil
	}
	above := &Passport{}
	d, err := load(b.tx, kindPassport, p.Parent, above)
	switch {
	case err != nil:
		return err
	case d.Version == 0 || above.Org != b.org:
		return refuse(InvalidGrant, "Parent", "there is no such passport")
	}
	p.Depth = above.Depth + 1
	if p.ExpiresAt.After(above.ExpiresAt) {
		b.changed("ExpiresAt: it ends with the passport above")
		p.ExpiresAt = above.ExpiresAt
	}
	if p.RevokedAt.IsZero() && !above.RevokedAt.IsZero() {
		b.changed("Status: the passport above is revoked")
		p.revoke(b.at, "the passport above is revoked")
	}
	return nil
}

// passportOn is what a passport is made of, by the ids here.
func (b *bringing) passportOn() (n NewPassport, err error) {
	n = b.rec.Passport.NewPassport
	if n.Agent, err = b.ref("agent", "Agent", n.Agent); err != nil {
		return n, asAgent(err)
	}
	if n.Grant, err = b.ref("grant", "Grant", n.Grant); err != nil {
		return n, asGrant(err)
	}
	if n.Parent != "" {
		n.Parent, err = b.ref("passport", "Parent", n.Parent)
	}
	n.ExpiresIn = fmt.Sprintf("%ds", int64(b.rec.Passport.ExpiresAt.Sub(b.at)/time.Second))
	return n, err
}

// anew reports whether a passport is issued anew.
func anew(rec *ImportRecord) bool { return rec.Passport.Anew && rec.Status == Active }

// rehearsePassport brings a record, or sees whether a passport could be issued.
func (b *bringing) rehearsePassport() error {
	if !anew(b.rec) {
		return b.bringPassport()
	}
	n, err := b.passportOn()
	if err != nil {
		return err
	}
	d, err := b.r.Passports.draft(b.tx, b.by, &n)
	if err != nil {
		return err
	}
	sample := *d.doc
	if err := b.r.consented(&sample, d.p.IssuedAt); err != nil {
		return err
	}
	sample.Status = append(sample.Status, d.basis.office.entry())
	if err := b.r.signable(&sample); err != nil {
		return err
	}
	if err := b.r.Passports.still(b.tx, b.by, &n, d); err != nil {
		return err
	}
	if err := b.r.issued(b.tx, d.p); err != nil {
		return err
	}
	return b.reissued(b.tx, d.p)
}

// signPassport issues a passport anew.
func signPassport(ctx context.Context, b *bringing) error {
	var n NewPassport
	if err := b.r.config.Store.View(ctx, func(tx Tx) (err error) {
		b.tx = tx
		n, err = b.passportOn()
		return err
	}); err != nil {
		return err
	}
	changes := len(b.line.Changes)
	_, err := b.r.Passports.issueAnd(ctx, b.by, n, func(tx Tx, p *Passport) error {
		b.line.Changes = b.line.Changes[:changes]
		return b.reissued(tx, p)
	})
	return err
}

func (b *bringing) reissued(tx Tx, p *Passport) error {
	b.changed("ID: it is new")
	b.changed("Credential: it is issued anew by this office")
	return b.keep(tx, p.ID, map[string]any{"agent": p.Agent, "grant": p.Grant, "issuer": b.rec.Passport.Issuer})
}
