package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// foreignSecret is the secret of a key that another system made. The office knows its SHA-256 alone, by which the key
// is found: whoever measures how long that takes learns something of a hash, and nothing of the secret.
type foreignSecret struct {
	Hash  string    // of its bytes, in hex
	Until time.Time `json:",omitzero"` // when it is good no longer; zero: as long as the key is
}

// keys are by what a key is found that has it.
func (s *foreignSecret) keys(keys []Key) []Key {
	if s == nil {
		return keys
	}
	return append(keys, Key{Name: "secret", Value: s.Hash}, Key{Name: "hash", Value: s.Hash, Unique: true})
}

// rotated is the secret after the key has another one: good until the overlap is over, and gone the next time.
func (s *foreignSecret) rotated(overlap time.Time) *foreignSecret {
	if s == nil || !s.Until.IsZero() {
		return nil
	}
	return &foreignSecret{s.Hash, overlap}
}

// good reports whether the secret is good at an instant.
func (s *foreignSecret) good(at time.Time) bool {
	return s != nil && (s.Until.IsZero() || at.Before(s.Until))
}

// foreign returns the id of the document of a secret that another system made; "" if there is none.
func (r *Registry) foreign(ctx context.Context, kind, secret string) (id string, err error) {
	sum := sha256.Sum256([]byte(secret))
	err = r.config.Store.View(ctx, func(tx Tx) error {
		id = ""
		docs, err := tx.Find(Query{Kind: kind, Name: "secret", Value: hex.EncodeToString(sum[:]), Limit: 1})
		if err == nil && len(docs) == 1 {
			id = docs[0].ID
		}
		return err
	})
	return id, err
}

// foreignKey loads the key of a secret that another system made, the zero key if there is none. An id that is shown
// beside the secret is that of the key; one of the kind org needs it.
func (r *Registry) foreignKey(ctx context.Context, shown, secret string, k *apiKey) error {
	*k = apiKey{}
	id, err := r.foreign(ctx, kindKey, secret)
	if err != nil || id == "" {
		return err
	}
	var found apiKey
	if err := r.config.Store.View(ctx, func(tx Tx) error {
		found = apiKey{}
		_, err := load(tx, kindKey, id, &found)
		return err
	}); err != nil {
		return err
	}
	if found.Foreign.good(r.now()) && (shown == id || shown == "" && found.Kind != KeyOrg) {
		*k = found
	}
	return nil
}

// readForeign reads the hash of a secret, "sha256:" and 64 digits of hex. Anything else might be the secret itself:
// nothing of it is repeated.
func readForeign(text string) (*foreignSecret, error) {
	digits, ok := strings.CutPrefix(text, "sha256:")
	raw, err := hex.DecodeString(digits)
	if !ok || err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != digits {
		const want = "want sha256: and 64 small digits of hex; a secret itself is never taken"
		return nil, refuse(BadRequest, "Hash", want)
	}
	return &foreignSecret{Hash: digits}, nil
}
