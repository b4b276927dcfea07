package registry

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// IssuerKeys are the keys that the office signs with, one at a time. The issuer rotates them without issuing anew:
// another key is published first, signs from an instant on, and the one before stays in the DID document until the
// last passport that it signed has ended ([IssuerKeys.Rotate], [IssuerKeys.Retire]). A key that somebody else may have
// is revoked at once ([IssuerKeys.Revoke]): what it signed does not verify any more, and is issued anew
// ([IssuerKeys.Signed]).
//
// The private keys are not here: they are Config.Issuer and Config.Keys. The store knows which of them signs, so all
// processes of an office change over together; one that was opened without the key that signs refuses to sign.
type IssuerKeys struct{ r *Registry }

// KeyStatus is what a key of the issuer is.
type KeyStatus string

// The statuses of keys.
const (
	KeyNext       KeyStatus = "next"       // it is published, and will sign
	KeySigns      KeyStatus = "signs"      // the one key that signs
	KeySuperseded KeyStatus = "superseded" // it is published, for what it has signed
	KeyRetired    KeyStatus = "retired"    // it is not published any more
	KeyRevoked    KeyStatus = "revoked"    // nothing that it signed verifies
)

// IssuerKey is a key of the issuer.
type IssuerKey struct {
	ID        string        // a DID URL
	Key       did.PublicKey // zero: the first key, of a signer that does not tell it
	From      time.Time     `json:",omitzero"` // when it begins to sign; zero: when the office began
	Until     time.Time     `json:",omitzero"` // when another key signs in its place; zero: none does
	Ends      time.Time     `json:",omitzero"` // when what it signed is over, at the latest; zero: it is in use
	RetiredAt time.Time     `json:",omitzero"`
	RevokedAt time.Time     `json:",omitzero"`
	Reason    string        `json:",omitempty"` // of the last change
	Status    KeyStatus     // as of the call
}

func (k *IssuerKey) status(now time.Time) KeyStatus {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case !k.RetiredAt.IsZero():
		return KeyRetired
	case now.Before(k.From):
		return KeyNext
	case !k.Until.IsZero() && !now.Before(k.Until):
		return KeySuperseded
	}
	return KeySigns
}

const (
	kindIssuer  = "issuer"  // the keys that are published
	kindRetired = "retired" // those that are not any more, by their ids

	// publishedBefore is how long a key is published before it signs: no cache of package did keeps a document longer.
	publishedBefore = 24 * time.Hour
	longestBefore   = 90 * 24 * time.Hour
	// afterLast is for verifiers whose clocks are slow.
	afterLast = time.Hour
)

// keyring is what the store has of the keys, in the order in which they sign.
type keyring struct {
	Keys []*IssuerKey
	doc  Doc
}

// keyring loads the keys. Before the first rotation there is one, which is the issuer that the office was opened with.
func (r *Registry) keyring(tx Tx) (*keyring, error) {
	ring := &keyring{}
	var err error
	if ring.doc, err = load(tx, kindIssuer, "keys", ring); err == nil && ring.doc.Version == 0 {
		first := &IssuerKey{ID: r.config.Issuer.KeyID().String()}
		first.Key, _ = publicKey(r.config.Issuer)
		ring.Keys = []*IssuerKey{first}
	}
	return ring, err
}

func (ring *keyring) save(tx Tx) error { return save(tx, ring.doc, ring) }

// signs returns the key that signs at an instant; nil: none does.
func (ring *keyring) signs(now time.Time) *IssuerKey {
	for _, k := range slices.Backward(ring.Keys) {
		if k.status(now) == KeySigns {
			return k
		}
	}
	return nil
}

// find returns a key by its id; nil if it is not among those that are published.
func (ring *keyring) find(id string) *IssuerKey {
	i := slices.IndexFunc(ring.Keys, func(k *IssuerKey) bool { return k.ID == id })
	if i < 0 {
		return nil
	}
	return ring.Keys[i]
}

// signer returns the key that signs now, and what signs with it.
func (r *Registry) signer(tx Tx) (*IssuerKey, did.Signer, error) {
	ring, err := r.keyring(tx)
	if err != nil {
		return nil, nil, err
	}
	k := ring.signs(r.now())
	if k == nil {
		return nil, nil, slowClock()
	}
	s := r.signerOf(k.ID)
	if s == nil {
		return nil, nil, &Error{Code: Conflict, Status: 503, ID: k.ID,
			Detail: "the office signs with " + k.ID + ", and was opened here without it: Config.Keys"}
	}
	if key, err := publicKey(s); err == nil && !k.Key.IsZero() && key != k.Key {
		return nil, nil, &Error{Code: Conflict, Status: 503, ID: k.ID,
			Detail: "the key of " + k.ID + " is another one here than the one that is published"}
	}
	return k, s, nil
}

func slowClock() *Error {
	return &Error{Code: Conflict, Status: 503, Detail: "no key of the issuer signs yet: the clock is slow"}
}

// signerNow is signer outside of a transaction.
func (r *Registry) signerNow(ctx context.Context) (s did.Signer, err error) {
	err = r.config.Store.View(ctx, func(tx Tx) error {
		_, s, err = r.signer(tx)
		return err
	})
	return s, err
}

// signerOf returns the signer of an id; nil if the office was opened without it.
func (r *Registry) signerOf(id string) did.Signer {
	for _, s := range append([]did.Signer{r.config.Issuer}, r.config.Keys...) {
		if s.KeyID().String() == id {
			return s
		}
	}
	return nil
}

// publicKey is that of a signer.
func publicKey(s did.Signer) (did.PublicKey, error) {
	if s, ok := s.(interface{ PublicKey() did.PublicKey }); ok {
		return s.PublicKey(), nil
	}
	return did.PublicKey{}, refuse(BadRequest, "Config",
		"the Issuer does not tell its public key: give it a method PublicKey")
}

// begin gives a passport its places and the key that will sign it.
func (r *Registry) begin(tx Tx, p *Passport) error {
	k, _, err := r.signer(tx)
	if err != nil {
		return err
	}
	p.SignedBy = k.ID
	revocation, suspension, err := r.pair(tx)
	p.Places = []Place{revocation, suspension}
	return err
}

// issued writes a new passport, if the key that has signed it still signs.
func (r *Registry) issued(tx Tx, p *Passport) error {
	k, _, err := r.signer(tx)
	switch {
	case err != nil:
		return err
	case k.ID != p.SignedBy:
		return errMoved
	}
	return save(tx, Doc{Kind: kindPassport, ID: p.ID}, p, p.keys()...)
}

// unverifiable reports whether the key that has signed a passport was revoked.
func (r *Registry) unverifiable(tx Tx, p *Passport) (bool, error) {
	ring, err := r.keyring(tx)
	if err != nil || ring.doc.Version == 0 {
		return false, err
	}
	id, err := p.signer()
	k := ring.find(id)
	return k != nil && !k.RevokedAt.IsZero(), err
}

// signer returns the id of the key that has signed a passport.
func (p *Passport) signer() (string, error) {
	if p.SignedBy != "" || p.Credential == "" || p.Issuer != "" {
		return p.SignedBy, nil
	}
	signed, err := credential.Parse([]byte(p.Credential)) // of before the office noted it
	if err != nil || signed.NumProofs() == 0 {
		return "", err
	}
	return signed.Proof(0).VerificationMethod.String(), nil
}

// mine refuses everybody but root.
func (*IssuerKeys) mine(by Actor, scope Scope) error {
	if err := by.needs(scope); err != nil {
		return err
	}
	if !by.root {
		return refuse(Forbidden, "Actor", "the keys of the issuer are root's")
	}
	return nil
}

// List returns the keys of the issuer, the oldest first: those that are published, and behind them those that are
// retired. Root alone may.
func (s *IssuerKeys) List(ctx context.Context, by Actor) (list []*IssuerKey, err error) {
	if err := s.mine(by, ScopeRead); err != nil {
		return nil, err
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) (err error) {
		list, err = s.r.allKeys(tx)
		return err
	})
	return list, err
}

// allKeys returns every key that the office has ever signed with.
func (r *Registry) allKeys(tx Tx) ([]*IssuerKey, error) {
	ring, err := r.keyring(tx)
	if err != nil {
		return nil, err
	}
	list := ring.Keys
	for after := ""; ; {
		docs, err := tx.Find(Query{Kind: kindRetired, Name: "all", Value: "key", After: after, Limit: most})
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			k := &IssuerKey{}
			if err := json.Unmarshal(d.Body, k); err != nil {
				return nil, err
			}
			list, after = append(list, k), d.ID
		}
		if len(docs) < most {
			break
		}
	}
	for _, k := range list {
		k.Status = k.status(r.now())
	}
	return list, nil
}
