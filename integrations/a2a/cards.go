package verifya2a

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/a2aproject/a2a-go/a2a"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// Bounds of cards.
const (
	mostCard       = 1 << 20
	mostSignatures = 16
)

// ErrCard says that a card is not signed by a key that is pinned for where it came from.
var ErrCard = errors.New("verifya2a: the agent card is not to be believed")

// CardKeys are the keys that you have pinned for agents, by the origin that their cards
// are fetched from, such as "https://shop.example": whose card is signed by another key,
// or comes from another origin, is not believed. What a card says of its key (kid, jku)
// has no authority, and nothing is fetched.
type CardKeys map[string][]did.PublicKey

// A CheckedCard is a card whose signature holds.
type CheckedCard struct {
	// Text is the canonical form of what was signed, without signatures. Nothing else
	// that was received is in it.
	Text []byte
	// Key is the one that has signed it.
	Key did.PublicKey
}

// Card returns the card for a2a-go.
func (c *CheckedCard) Card() (*a2a.AgentCard, error) {
	card := &a2a.AgentCard{}
	if err := json.Unmarshal(c.Text, card); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCard, err)
	}
	return card, nil
}

// SignCard signs a card, as section 8.4 of the specification has it, and appends to its
// signatures; those by the same key ID are replaced. Sign when the card is complete.
// Readers disagree on which empty members belong to the canonical form of a card, so
// there is one signature for each form that this card has: up to three.
func SignCard(ctx context.Context, signer did.Signer, card *a2a.AgentCard) error {
	if signer == nil || card == nil {
		return errors.New("verifya2a: signing a card: there is no signer, or no card")
	}
	text, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("verifya2a: signing a card: %w", err)
	}
	added, err := SignCardJSON(ctx, signer, text)
	if err != nil {
		return err
	}
	kept := card.Signatures[:0:0]
	for _, s := range card.Signatures {
		if s.Protected != added[0].Protected {
			kept = append(kept, s)
		}
	}
	card.Signatures = append(kept, added...)
	return nil
}

// SignCardJSON returns the signatures of a card of any version of the protocol, to be put
// into its member signatures.
func SignCardJSON(ctx context.Context, signer did.Signer, text []byte) ([]a2a.AgentCardSignature, error) {
	card, err := parseCard(text)
	if err != nil {
		return nil, fmt.Errorf("verifya2a: signing a card: %w", err)
	}
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JOSE", "kid": signer.KeyID().String()})
	if err != nil || signer.Algorithm() != did.Ed25519 {
		return nil, fmt.Errorf("verifya2a: signing a card: the key is %s, want Ed25519", signer.Algorithm())
	}
	protected := base64.RawURLEncoding.EncodeToString(header)
	var out []a2a.AgentCardSignature
	signed := map[string]bool{}
	for _, form := range forms(card) {
		if signed[string(form.signed)] {
			continue
		}
		signed[string(form.signed)] = true
		sig, err := signer.Sign(ctx, signingInput(protected, form.signed))
		if err != nil {
			return nil, fmt.Errorf("verifya2a: signing a card: %w", err)
		}
		encoded := base64.RawURLEncoding.EncodeToString(sig)
		out = append(out, a2a.AgentCardSignature{Protected: protected, Signature: encoded})
	}
	return out, nil
}

// CheckCard finds a signature of a card, as it was received, that a key pinned for its
// origin has made. Origin is where it came from: scheme, host, and the port unless it is
// that of the scheme. Use what it returns, and not what was received. Errors are ErrCard.
//
// An old card whose key is still pinned is believed: a signature has no end.
func CheckCard(text []byte, origin string, keys CardKeys) (*CheckedCard, error) {
	pinned := keys[origin]
	if len(pinned) == 0 {
		return nil, fmt.Errorf("%w: no key is pinned for %.200q", ErrCard, origin)
	}
	card, err := parseCard(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCard, err)
	}
	list := card.Get("signatures")
	switch n := list.Len(); {
	case first(list) != '[' || n == 0:
		return nil, fmt.Errorf("%w: it has no signatures", ErrCard)
	case n > mostSignatures:
		return nil, fmt.Errorf("%w: it has %d signatures, want %d at most", ErrCard, n, mostSignatures)
	}
	var why error
	for signature := range list.Items() {
		sig, input, err := readSignature(signature)
		if err != nil {
			why = err
			continue
		}
		for _, form := range forms(card) {
			for _, key := range pinned {
				if key.Verify(signingInput(input, form.signed), sig) {
					return &CheckedCard{form.means, key}, nil
				}
			}
		}
	}
	if why == nil {
		why = errors.New("no key that is pinned for its origin has signed it")
	}
	return nil, fmt.Errorf("%w: %w", ErrCard, why)
}

// readSignature reads a signature that this package can check.
func readSignature(v credential.Value) (sig []byte, protected string, err error) {
	protected = v.Get("protected").Str()
	header, err := decode(protected)
	if err != nil {
		return nil, "", errors.New("a protected header is not base64url")
	}
	h, err := credential.ParseMessage(string(header), mostCard)
	if err != nil {
		return nil, "", fmt.Errorf("a protected header: %w", err)
	}
	for name, value := range h.Members() {
		switch text, isText := value.LookupStr(); {
		case name == "alg" && (text == "EdDSA" || text == "Ed25519"),
			name == "typ" && (text == "JOSE" || text == "JWT"),                    // JWT: the SDK for Python
			(name == "kid" || name == "jku") && (isText || value.Raw() == "null"): // hints, which are not followed
		default:
			return nil, "", fmt.Errorf("a protected header has %.40q: %.40s, which is not understood here",
				name, value.Raw())
		}
	}
	if !h.Get("alg").Exists() {
		return nil, "", errors.New("a protected header has no alg")
	}
	sig, err = decode(v.Get("signature").Str())
	if err != nil {
		return nil, "", errors.New("a signature is not base64url")
	}
	return sig, protected, nil
}

// decode reads base64url in its one spelling.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") { // which encoding/base64 skips
		return nil, errors.New("it has line breaks")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

func signingInput(protected string, payload []byte) []byte {
	return []byte(protected + "." + base64.RawURLEncoding.EncodeToString(payload))
}

func parseCard(text []byte) (credential.Value, error) {
	card, err := credential.ParseMessage(string(text), mostCard)
	switch {
	case err != nil:
		return card, err
	case first(card) != '{':
		return card, errors.New("a card is a JSON object")
	case card.InexactNumber().Exists():
		return card, errors.New(notExact)
	}
	return card, nil
}

// form is one way to read a card: what is signed, and what that means.
type form struct{ signed, means []byte }

// defaults are what an absent member of a card of version 0.3 means; the SDK for Python
// leaves them out of what it signs.
var defaults = map[string]string{"protocolVersion": "0.3.0", "preferredTransport": "JSONRPC"}

// forms returns the canonical forms of a card: with all members, as the specification's
// example and most SDKs have it; without members and items that are empty, as the SDK for
// Python has it; and without the defaults of version 0.3, as that SDK had it.
func forms(card credential.Value) []form {
	all := canonical(card, func(depth int, name string, v credential.Value) bool {
		return depth == 0 && name == "signatures"
	})
	pruned := canonical(card, func(depth int, name string, v credential.Value) bool {
		return depth == 0 && name == "signatures" || isEmpty(v)
	})
	bare := canonical(card, func(depth int, name string, v credential.Value) bool {
		value, ok := defaults[name]
		return depth == 0 && (name == "signatures" || ok && v.Str() == value) || isEmpty(v)
	})
	return []form{{all, all}, {pruned, pruned}, {bare, pruned}}
}

// first is the first byte of a value, which tells its type.
func first(v credential.Value) byte {
	if raw := v.Raw(); raw != "" {
		return raw[0]
	}
	return 0
}

// isEmpty reports whether there is nothing in a value.
func isEmpty(v credential.Value) bool {
	switch first(v) {
	case 'n':
		return true
	case '"':
		return v.Str() == ""
	case '[':
		for item := range v.Items() {
			if !isEmpty(item) {
				return false
			}
		}
		return true
	case '{':
		for _, member := range v.Members() {
			if !isEmpty(member) {
				return false
			}
		}
		return true
	}
	return false
}

// canonical returns the canonical form of a value without what drop says.
func canonical(v credential.Value, drop func(depth int, name string, v credential.Value) bool) []byte {
	var b strings.Builder
	write(&b, 0, v, drop)
	kept, err := credential.ParseMessage(b.String(), 2*mostCard)
	if err != nil {
		return nil // what was parsed before is not refused
	}
	return credential.CanonicalJSON(kept)
}

func write(b *strings.Builder, depth int, v credential.Value, drop func(int, string, credential.Value) bool) {
	separator := ""
	switch first(v) {
	case '{':
		b.WriteByte('{')
		for name, member := range v.Sorted() {
			if !drop(depth, name.Str(), member) {
				b.WriteString(separator + name.Raw() + ":")
				write(b, depth+1, member, drop)
				separator = ","
			}
		}
		b.WriteByte('}')
	case '[':
		b.WriteByte('[')
		for item := range v.Items() {
			if !drop(depth+1, "", item) {
				b.WriteString(separator)
				write(b, depth+1, item, drop)
				separator = ","
			}
		}
		b.WriteByte(']')
	default:
		b.WriteString(v.Raw())
	}
}
