package registry

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/passport"
)

// Provider says that an organisation may vouch for a level of assurance that it has
// checked in a way (P3).
type Provider struct {
	Type     string         // kyc, kyb or financial
	Level    passport.Level // above L0
	Standard string         // by which it is proven, for people
}

// Attestation says how somebody was identified. A level is never set: it is claimed
// here, and counts if it is one of a provider of the organisation.
type Attestation struct {
	Type  string
	Level passport.Level
	Proof Proof
}

// Proof is what an attestation rests on. It stays in the record; passports carry its
// digest.
type Proof struct {
	VerificationID string    // in the provider's books; needed
	VerifiedAt     time.Time // needed, not in the future
}

// Assured is what was attested, as a record has it.
type Assured struct {
	passport.Assurance
	Proof Proof
}

// SetIssuesForOthers says whether an organisation may vouch for people, and issue to
// those who have no account. Root alone may.
func (o *Orgs) SetIssuesForOthers(ctx context.Context, by Actor, id string, may bool) (*Org, error) {
	if err := by.needs(ScopeUpdate); err != nil {
		return nil, err
	}
	if !by.root {
		return nil, refuse(Forbidden, "Actor", "root says who issues for others")
	}
	data := map[string]any{"may": may}
	return o.change(ctx, by, id, "org.issues_for_others", data, func(org *Org) error {
		data["before"], org.IssuesForOthers = org.IssuesForOthers, may
		return nil
	})
}

// SetProviders says which levels an organisation vouches for, at most 32, in place of what was
// said before. Its admin may, and no key of it. What was issued stays as it is.
func (o *Orgs) SetProviders(ctx context.Context, by Actor, id string, list []Provider) (*Org, error) {
	id, err := by.within(id, ScopeUpdate)
	if err != nil {
		return nil, err
	}
	if by.key != "" {
		return nil, refuse(Forbidden, "Actor", "providers are the admin's, not a key's")
	}
	if len(list) > 32 {
		return nil, refuse(BadRequest, "Providers", "want at most 32")
	}
	for i, p := range list {
		switch {
		case !slices.Contains([]string{"kyc", "kyb", "financial"}, p.Type):
			return nil, refuse(BadRequest, "Providers", "%.40q: want the type kyc, kyb or financial", p.Type)
		case p.Level.Rank() <= 0:
			return nil, refuse(BadRequest, "Providers", "%.20q: want a level from L1 to L4FIN", p.Level)
		case len(p.Standard) > 200:
			return nil, refuse(BadRequest, "Providers", "want a standard of at most 200 bytes")
		case slices.ContainsFunc(list[:i], func(q Provider) bool { return q.Type == p.Type && q.Level == p.Level }):
			return nil, refuse(BadRequest, "Providers", "%s %s is listed twice", p.Type, p.Level)
		}
	}
	return o.change(ctx, by, id, "org.providers_set", list, func(org *Org) error {
		if !org.IssuesForOthers {
			return refuse(Forbidden, "Org", "the organisation may not issue for others (can_issue_for_others)")
		}
		org.Providers = slices.Clone(list)
		return nil
	})
}

// change changes the record of an organisation.
func (o *Orgs) change(ctx context.Context, by Actor, id, event string, data any, f func(org *Org) error) (*Org, error) {
	r := o.r
	var org Org
	err := r.update(ctx, func(tx Tx) error {
		org = Org{}
		d, err := load(tx, kindOrg, id, &org)
		switch {
		case err != nil:
			return err
		case d.Version == 0:
			return unknown("organisation")
		}
		if err := f(&org); err != nil {
			return err
		}
		if err := save(tx, d, &org, orgKeys()...); err != nil {
			return err
		}
		return r.note(tx, by, id, event, id, "", data)
	})
	if err != nil {
		return nil, err
	}
	return &org, nil
}

// assure matches what is claimed with the providers of an organisation.
func (r *Registry) assure(tx Tx, org *Org, a Attestation) (*Assured, error) {
	if a == (Attestation{}) {
		return nil, nil
	}
	switch at := a.Proof.VerifiedAt; {
	case !org.IssuesForOthers:
		return nil, refuse(Forbidden, "Org", "the organisation may not issue for others (can_issue_for_others)")
	case !slices.ContainsFunc(org.Providers, func(p Provider) bool { return p.Type == a.Type && p.Level == a.Level }):
		return nil, refuse(InvalidAssurance, "Assurance", "%.40q at %.20q is not one of the organisation's providers",
			a.Type, a.Level)
	case a.Proof.VerificationID == "" || len(a.Proof.VerificationID) > 500 || at.IsZero() || at.After(r.now()):
		return nil, refuse(InvalidAssurance, "Assurance",
			"the proof needs a verification id of at most 500 bytes and an instant that is not in the future")
	}
	digest, err := a.Proof.digest()
	if err != nil {
		return nil, err
	}
	_, provider, err := r.Owners.load(tx, org.ID)
	if err != nil {
		return nil, err
	}
	return &Assured{passport.Assurance{
		Level: a.Level, Method: a.Type, Provider: provider.Principal(),
		VerifiedAt: a.Proof.VerifiedAt.UTC().Truncate(time.Second), EvidenceDigest: digest,
	}, a.Proof}, nil
}

// digest is over the canonical form of the proof, as APort writes it.
func (p Proof) digest() (string, error) {
	raw, err := json.Marshal(map[string]string{
		"verification_id": p.VerificationID, "verified_at": p.VerifiedAt.UTC().Format(time.RFC3339),
	})
	if err != nil {
		return "", err
	}
	v, err := credential.ParseValue(string(raw))
	if err != nil {
		return "", refuse(InvalidAssurance, "Assurance", "the verification id is not UTF-8")
	}
	return passport.Digest(jcs.Append(nil, v)), nil
}

// Attest says how an owner was identified, at a level of a provider of the organisation ([Orgs.SetProviders]): else it
// is INVALID_ASSURANCE. It counts for what is made for them from now on. Nobody vouches for themselves: neither an
// owner, nor an organisation for the owner that it is itself.
func (s *Owners) Attest(ctx context.Context, by Actor, id string, a Attestation) (*Owner, error) {
	r := s.r
	var o *Owner
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id, ScopeIssue)
		if err != nil {
			return err
		}
		o = found
		if by.owner != "" || !by.root && o.ID == o.Org {
			return refuse(Forbidden, "Actor", "nobody vouches for themselves")
		}
		if err := s.known(tx, o.Org, o.ID); err != nil {
			return err
		}
		var org Org
		if _, err := load(tx, kindOrg, o.Org, &org); err != nil {
			return err
		}
		assured, err := r.assure(tx, &org, a)
		switch {
		case err != nil:
			return err
		case assured == nil:
			return refuse(InvalidAssurance, "Assurance", "it is needed")
		}
		o.Assured = assured
		if err := save(tx, d, o, o.keys()...); err != nil {
			return err
		}
		o.Version = d.Version + 1
		return r.note(tx, by, o.Org, "owner.assured", o.ID, "", said{
			open: map[string]any{"Level": a.Level, "Method": a.Type, "Provider": assured.Provider},
			personal: map[string]any{
				"VerifiedAt": assured.VerifiedAt, "EvidenceDigest": assured.EvidenceDigest,
			},
		})
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}
