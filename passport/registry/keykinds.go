package registry

import "strings"

// KeyKind says for whose interface a key is: how its id and its secret begin, and what
// it may do.
type KeyKind string

// The kinds. A key of the kind org is for an organisation's own programs (P8): it pauses
// the organisation, suspends and resumes what is its own, says whom to write to about
// a record, and reads. What is final, such as revoking, and what an agent may do, it
// does not decide.
const (
	KeyAPI     KeyKind = "api"     // P1: ids and secrets begin with apk_
	KeyOrg     KeyKind = "org"     // P2: ids begin with orgkey_; shown beside the secret; see below
	KeyAIP1    KeyKind = "aip1"    // A15: ids begin with key_, secrets with kya_live_
	KeyGrantex KeyKind = "grantex" // G1: ids begin with gxk_, secrets with gx_live_
)

// ShownOnce is what a caller is told who gets a secret.
const ShownOnce = "Save this key: it is not shown again."

// keyKind is what a kind of keys is like.
type keyKind struct {
	id     string
	secret string  // "": the secret says nothing of the key, whose id is shown beside it
	scopes []Scope // where none are named; nil: they must be
	most   []Scope // that it may have; nil: all
	plan   string  // where none is named
}

var keyKinds = map[KeyKind]keyKind{
	KeyAPI: {id: "apk_", secret: "apk_"},
	KeyOrg: {id: "orgkey_", scopes: []Scope{ScopeRead, ScopeUpdate}, most: []Scope{ScopeRead, ScopeUpdate}},
	KeyAIP1: {
		id: "key_", secret: "kya_live_", scopes: []Scope{ScopeRead, ScopeUpdate}, plan: "starter",
	},
	KeyGrantex: {
		id: "gxk_", secret: "gx_live_",
		scopes: []Scope{ScopeIssue, ScopeListAgents, ScopeRead, ScopeUpdate},
	},
}

// prefix is what of a secret may be shown: which key it is.
func (k *APIKey) prefix() string {
	kind := keyKinds[k.Kind]
	if kind.secret == "" {
		return ""
	}
	return kind.secret + strings.TrimPrefix(k.ID, kind.id)
}

// whole is the secret that a caller shows.
func (k *APIKey) whole(random Secret) Secret {
	text := random.Reveal()
	if prefix := k.prefix(); prefix != "" {
		text = prefix + "_" + text
	}
	return Secret{func() string { return text }}
}

// parseKey returns the id of a key and the random part of its secret. Most secrets
// name their key: an id that is shown beside one must be that.
func parseKey(id, secret string) (_, random string) {
	for _, kind := range keyKinds {
		rest, ok := strings.CutPrefix(secret, kind.secret)
		if !ok || kind.secret == "" {
			continue
		}
		number, random, ok := strings.Cut(rest, "_")
		if !ok || id != "" && id != kind.id+number {
			return "", ""
		}
		return kind.id + number, random
	}
	if strings.HasPrefix(id, keyKinds[KeyOrg].id) {
		return id, secret
	}
	return "", ""
}
