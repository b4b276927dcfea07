package registry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"hash/crc32"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Keys are what callers authenticate with (P1, P2, A15).
type Keys struct{ r *Registry }

// Scope is what a key may be used for.
type Scope string

// The scopes.
const (
	ScopeRead       Scope = "read"        // records and the audit log
	ScopeListAgents Scope = "list_agents" // walks
	ScopeIssue      Scope = "issue"       // agents, grants and passports
	ScopeUpdate     Scope = "update"      // what becomes of them: suspend, resume, revoke, pause
	ScopeManageKeys Scope = "manage_keys" // other keys
)

var scopes = []Scope{ScopeRead, ScopeListAgents, ScopeIssue, ScopeUpdate, ScopeManageKeys}

const kindKey = "key"

// NewKey is what [Keys.Create] makes a key of.
type NewKey struct {
	Org    string  // zero: the actor's own
	Owner  string  // for whom it acts, who is an owner; zero: the actor, if it is one, else the organisation
	Kind   KeyKind // zero: api
	Name   string  // needed, for people
	Scopes []Scope // needed for api; else zero: what the kind is for
	Plan   string  // of aip1, for people; zero: starter
}

// APIKey is a key of an organisation, as it may be shown. A caller that makes or rotates one gets
// its secret once; the office keeps a hash of it. The secret is 256 random bits, so
// a slow hash would protect nothing.
type APIKey struct {
	ID        string // apk_…: says which key it is, and is no secret
	Org       string
	Owner     string `json:",omitempty"` // for whom it acts; "": the organisation
	Kind      KeyKind
	Prefix    string `json:",omitempty"` // how the secret begins
	Name      string
	Plan      string `json:",omitempty"`
	Scopes    []Scope
	CreatedAt time.Time
	RevokedAt time.Time `json:",omitzero"`
}

// apiKey is the record of a key.
type apiKey struct {
	APIKey
	Hash    [sha256.Size]byte
	Earlier [sha256.Size]byte // of the secret before it was rotated
	Overlap time.Time         // until when that one is good, too

	Foreign *foreignSecret `json:",omitempty"` // of another system
}

func (k *apiKey) keys() []Key {
	keys := []Key{{Name: "org", Value: k.Org}}
	if k.Owner != "" {
		keys = append(keys, Key{Name: "owner", Value: k.Org + " " + k.Owner})
	}
	return k.Foreign.keys(keys)
}

// Secret is what a caller shows. However it is printed or logged, it does not show;
// [Secret.Reveal] does. It is behind a func because no printer looks into one.
type Secret struct{ reveal func() string }

// Reveal returns the secret itself; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (Secret) GoString() string { return "registry.Secret{}" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// secretPrefix lets scanners find secrets in source code. Behind it are 256 random
// bits and a checksum, so that a typo is told without a look at the store.
const secretPrefix = "sck_"

var secretText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func newSecret() (Secret, error) { return newSecretBehind(secretPrefix) }

func newSecretBehind(prefix string) (Secret, error) {
	b := make([]byte, 32, 36)
	if _, err := rand.Read(b); err != nil {
		return Secret{}, err
	}
	sum := crc32.ChecksumIEEE(b)
	b = append(b, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	text := prefix + secretText.EncodeToString(b)
	return Secret{func() string { return text }}, nil
}

// hashOf returns the hash of a secret; ok is false if it is not one of ours.
func hashOf(secret string) (hash [sha256.Size]byte, ok bool) { return hashBehind(secretPrefix, secret) }

func hashBehind(prefix, secret string) (hash [sha256.Size]byte, ok bool) {
	text, ok := strings.CutPrefix(secret, prefix)
	b, err := secretText.DecodeString(text)
	if !ok || err != nil || len(b) != 36 || secretText.EncodeToString(b) != text {
		return hash, false
	}
	sum := crc32.ChecksumIEEE(b[:32])
	if [4]byte(b[32:]) != [4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)} {
		return hash, false
	}
	return sha256.Sum256(b[:32]), true
}

// Create makes a key. An actor that is itself a key gives no scope that it does not
// have.
func (s *Keys) Create(ctx context.Context, by Actor, n NewKey) (*APIKey, Secret, error) {
	type shown struct {
		*APIKey
		Secret
	}
	k, err := once(ctx, s.r, by, "key.created", n, func(ctx context.Context, by Actor, n NewKey) (shown, error) {
		k, secret, err := s.create(ctx, by, n)
		return shown{k, secret}, err
	}, func(_ Tx, _ Actor, id string) (shown, error) { return shown{}, shownOnce(id) })
	return k.APIKey, k.Secret, err
}

func (s *Keys) create(ctx context.Context, by Actor, n NewKey) (*APIKey, Secret, error) {
	org, owner, err := by.home(n.Org, n.Owner, ScopeManageKeys)
	if err != nil {
		return nil, Secret{}, err
	}
	if n.Kind == "" {
		n.Kind = KeyAPI
	}
	kind, ok := keyKinds[n.Kind]
	if !ok || n.Kind == KeyOrg && owner != "" {
		return nil, Secret{}, refuse(BadRequest, "Kind", "%.40q: want api, aip1 or grantex, or org of nobody", n.Kind)
	}
	if n.Plan == "" {
		n.Plan = kind.plan
	}
	if len(n.Plan) > 50 || n.Plan != "" && kind.plan == "" {
		return nil, Secret{}, refuse(BadRequest, "Plan", "want at most 50 bytes, for keys of AIP-1")
	}
	name, err := nameOf(n.Name)
	if err != nil {
		return nil, Secret{}, err
	}
	given := slices.Clone(n.Scopes)
	if given == nil {
		given = slices.Clone(kind.scopes)
	}
	slices.Sort(given)
	if len(given) == 0 || len(slices.Compact(slices.Clone(given))) != len(given) {
		return nil, Secret{}, refuse(BadRequest, "Scopes", "want at least one, and each once")
	}
	for _, scope := range given {
		if !slices.Contains(scopes, scope) || kind.most != nil && !slices.Contains(kind.most, scope) {
			return nil, Secret{}, refuse(BadRequest, "Scopes", "%.40q is not a scope of such a key", scope)
		}
		if err := by.needs(scope); err != nil {
			return nil, Secret{}, err
		}
	}
	secret, err := newSecret()
	if err != nil {
		return nil, Secret{}, err
	}
	r := s.r
	var k *apiKey
	err = r.update(ctx, func(tx Tx) error {
		if err := r.Orgs.there(tx, org); err != nil {
			return err
		}
		if err := r.Owners.known(tx, org, owner); err != nil {
			return err
		}
		at := r.now()
		k = &apiKey{APIKey: APIKey{
			ID: newID(kind.id, at), Org: org, Owner: owner, Kind: n.Kind, Name: name, Plan: n.Plan, Scopes: given,
			CreatedAt: at,
		}}
		k.Prefix = k.prefix()
		k.Hash, _ = hashOf(secret.Reveal())
		if err := save(tx, Doc{Kind: kindKey, ID: k.ID}, k, k.keys()...); err != nil {
			return err
		}
		return r.note(tx, by, org, "key.created", k.ID, "", said{
			open: map[string]any{"scopes": given}, personal: map[string]any{"name": name},
		})
	})
	if err != nil {
		return nil, Secret{}, err
	}
	return &k.APIKey, k.whole(secret), nil
}

// find loads a key that an actor may act on.
func (s *Keys) find(tx Tx, by Actor, id string) (Doc, *apiKey, error) {
	if err := by.needs(ScopeManageKeys); err != nil {
		return Doc{}, nil, err
	}
	var k apiKey
	d, err := load(tx, kindKey, id, &k)
	if err == nil && (d.Version == 0 || !by.mayOwn(k.Org, k.Owner)) {
		err = unknown("key")
	}
	return d, &k, err
}

// List returns the keys of an organisation, the oldest first, without their secrets.
func (s *Keys) List(ctx context.Context, by Actor, org string) (list []*APIKey, err error) {
	org, owner, err := by.home(org, "", ScopeManageKeys)
	if err != nil {
		return nil, err
	}
	find := Query{Kind: kindKey, Name: "org", Value: org, Limit: most}
	if owner != "" {
		find.Name, find.Value = "owner", org+" "+owner
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		return walk(tx, find, func(id string) error {
			var k apiKey
			_, err := load(tx, kindKey, id, &k)
			list = append(list, &k.APIKey)
			return err
		})
	})
	return list, err
}

// Rotate gives a key another secret. An actor that is itself a key rotates none that
// may do more. The one before is good for so long, too; zero:
// no longer.
func (s *Keys) Rotate(ctx context.Context, by Actor, id string, overlap time.Duration) (*APIKey, Secret, error) {
	if overlap < 0 || overlap > 30*24*time.Hour {
		return nil, Secret{}, refuse(BadRequest, "overlap", "want 0 to 30 days")
	}
	secret, err := newSecret()
	if err != nil {
		return nil, Secret{}, err
	}
	k, err := s.change(ctx, by, id, "key.rotated", "", func(k *apiKey) error {
		for _, scope := range k.Scopes { // else it would be a way to a key that may do more
			if err := by.needs(scope); err != nil {
				return err
			}
		}
		if !k.RevokedAt.IsZero() {
			return refuse(InvalidTransition, "", "the key is revoked")
		}
		k.Earlier, k.Overlap = k.Hash, s.r.now().Add(overlap)
		k.Hash, _ = hashOf(secret.Reveal())
		k.Foreign = k.Foreign.rotated(k.Overlap)
		return nil
	})
	if err != nil {
		return nil, Secret{}, err
	}
	return k, k.whole(secret), nil
}

// Revoke revokes a key: nobody authenticates with it any more. To revoke it again
// changes nothing.
func (s *Keys) Revoke(ctx context.Context, by Actor, id, reason string) (*APIKey, error) {
	return s.change(ctx, by, id, "key.revoked", reason, func(k *apiKey) error {
		if k.RevokedAt.IsZero() {
			k.RevokedAt = s.r.now()
		}
		return nil
	})
}

func (s *Keys) change(ctx context.Context, by Actor, id, event, reason string, f func(k *apiKey) error) (*APIKey,
	error) {
	r := s.r
	var k *apiKey
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id)
		if err != nil {
			return err
		}
		k = found
		revoked, hash := k.RevokedAt, k.Hash
		if err := f(k); err != nil || k.RevokedAt.Equal(revoked) && k.Hash == hash {
			return err
		}
		if err := save(tx, d, k, k.keys()...); err != nil {
			return err
		}
		return r.note(tx, by, k.Org, event, k.ID, reason, nil)
	})
	if err != nil {
		return nil, err
	}
	return &k.APIKey, nil
}

// Authenticate returns the actor of a key, as it is now: for one call or request, not
// to be kept. The id may be empty, but for a key of the kind org, whose secret does not
// say it. Every failure is the same answer: the id is unknown, the secret is another,
// the key is revoked.
func (r *Registry) Authenticate(ctx context.Context, id, secret string) (Actor, error) {
	var k apiKey
	shown, whole := id, secret
	id, secret = parseKey(id, secret)
	if err := r.config.Store.View(ctx, func(tx Tx) error {
		k = apiKey{}
		_, err := load(tx, kindKey, id, &k)
		return err
	}); err != nil {
		return Actor{}, err
	}
	hash, ok := hashOf(secret)
	now := subtle.ConstantTimeCompare(hash[:], k.Hash[:])
	before := subtle.ConstantTimeCompare(hash[:], k.Earlier[:])
	if !r.now().Before(k.Overlap) {
		before = 0
	}
	if !ok || k.ID == "" || now|before == 0 {
		if err := r.foreignKey(ctx, shown, whole, &k); err != nil {
			return Actor{}, err
		}
	}
	if k.ID == "" || !k.RevokedAt.IsZero() {
		return Actor{}, refuse(Unauthenticated, "", "no such key, or another secret")
	}
	return Actor{org: k.Org, owner: k.Owner, key: k.ID, kind: k.Kind, scopes: k.Scopes}, nil
}
