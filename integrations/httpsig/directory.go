package verifyhttpsig

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// What a directory of Web Bot Auth is: its path, its media type, and the tag of the signatures
// by which the holder of each key says that the key belongs there.
const (
	DirectoryPath      = "/.well-known/http-message-signatures-directory"
	DirectoryMediaType = "application/http-message-signatures-directory+json"
	TagDirectory       = "http-message-signatures-directory"
)

// Bounds of a directory that is read.
const (
	mostDirectory = 64 << 10
	mostKeys      = 64
)

// authorityAsked is what a signature of a directory covers.
const authorityAsked = `"@authority";req`

// Directory serves keys as the directory that a field Signature-Agent names: a set of JWKs, to
// be put at [DirectoryPath]. It is not signed, so anybody can serve another's keys as its own:
// see [SignedDirectory].
func Directory(keys ...did.PublicKey) http.Handler {
	body := keySet(keys)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", DirectoryMediaType)
		w.Header().Set("Cache-Control", "max-age=86400")
		_, _ = w.Write(body)
	})
}

func keySet(keys []did.PublicKey) []byte {
	body := []byte(`{"keys":[`)
	for i, key := range keys {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, key.JWK()...)
	}
	return append(body, `]}`...)
}

// A DirectoryKey is a key of a directory, with what signs for it.
type DirectoryKey struct {
	Key    did.PublicKey
	Signer did.Signer
}

// DirectoryConfig says what a signed directory serves. [SignedDirectory] copies it.
type DirectoryConfig struct {
	// Keys are those of the agents, Ed25519 all of them. None is an error.
	Keys []DirectoryKey

	// Authorities are the hosts that serve the directory, as clients name them:
	// "agent.example", with a port unless it is that of the scheme. None is an error. A
	// request for another host gets 421 and no signature: whoever could have one made for a
	// host of their own could pass these keys off as theirs.
	Authorities []string

	Lifetime time.Duration    // of the signatures; zero: 1 h, at most 24 h
	Scheme   string           // behind a proxy; empty: https over TLS, else http
	Now      func() time.Time // the clock; nil: time.Now
}

// SignedDirectory serves the directory of keys as the draft of Web Bot Auth has it: each answer
// carries a signature by each key, over the authority that was asked.
func SignedDirectory(c DirectoryConfig) (http.Handler, error) {
	if c.Lifetime == 0 {
		c.Lifetime = time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	switch {
	case len(c.Keys) == 0 || len(c.Keys) > mostKeys:
		return nil, fmt.Errorf("verifyhttpsig: the directory has %d keys, want 1 to %d", len(c.Keys), mostKeys)
	case len(c.Authorities) == 0:
		return nil, errors.New("verifyhttpsig: the directory has no Authorities, and would sign for any host")
	case c.Lifetime < time.Second || c.Lifetime > 24*time.Hour:
		return nil, errors.New("verifyhttpsig: Lifetime of a directory: want 1 s to 24 h")
	}
	c.Keys, c.Authorities = slices.Clone(c.Keys), slices.Clone(c.Authorities)
	keys := make([]did.PublicKey, len(c.Keys))
	for i, k := range c.Keys {
		if keys[i] = k.Key; k.Signer == nil || k.Key.Algorithm() != did.Ed25519 || slices.Contains(keys[:i], k.Key) {
			return nil, fmt.Errorf("verifyhttpsig: key %d is not Ed25519, is there twice or cannot sign", i)
		}
	}
	body := keySet(keys)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authority, err := valueOf(r, "@authority", "", c.Scheme)
		if err != nil || !slices.Contains(c.Authorities, authority) {
			http.Error(w, "this directory is not that of the host that was asked", http.StatusMisdirectedRequest)
			return
		}
		inputs, signatures, err := c.sign(r.Context(), r)
		if err != nil {
			http.Error(w, "the directory could not be signed", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", DirectoryMediaType)
		w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d", int(c.Lifetime.Seconds()/2)))
		w.Header().Set("Signature-Input", inputs)
		w.Header().Set("Signature", signatures)
		_, _ = w.Write(body)
	}), nil
}

func (c *DirectoryConfig) sign(ctx context.Context, r *http.Request) (inputs, signatures string, err error) {
	now := c.Now()
	var in, out []string
	for i, k := range c.Keys {
		label := fmt.Sprintf("binding%d", i)
		input := fmt.Sprintf(`(%s);created=%d;keyid="%s";alg="ed25519";expires=%d;tag="%s"`, authorityAsked, now.Unix(),
			Thumbprint(k.Key), now.Add(c.Lifetime).Unix(), TagDirectory)
		s, err := parseInput(label, input)
		if err != nil {
			return "", "", err
		}
		base, err := baseOf(s, input, answer{r, nil, c.Scheme}.value)
		if err != nil {
			return "", "", err
		}
		signature, err := k.Signer.Sign(ctx, []byte(base))
		if err != nil {
			return "", "", err
		}
		in = append(in, label+"="+input)
		out = append(out, label+"=:"+base64.StdEncoding.EncodeToString(signature)+":")
	}
	return strings.Join(in, ", "), strings.Join(out, ", "), nil
}

// ErrDirectory says that an answer is not a directory whose keys can be believed.
var ErrDirectory = errors.New("verifyhttpsig: the key directory is not to be believed")

// CheckDirectory reads a directory as an HTTP client has received it, and returns its keys, by
// their thumbprints: those alone that have signed, now, for the host that was asked. Others are
// left out; none at all is an error. An answer that came after a redirect is refused: the host
// that Signature-Agent names must answer itself.
//
// Fetching is yours: who sends a Signature-Agent chooses where you connect to, so ask with a
// client that refuses addresses of your own network, and only where you know the agent.
// Errors are ErrDirectory.
func CheckDirectory(resp *http.Response, now time.Time, skew time.Duration) (map[string]did.PublicKey, error) {
	fail := func(format string, args ...any) (map[string]did.PublicKey, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{ErrDirectory}, args...)...)
	}
	if resp.Request == nil || resp.Request.Response != nil {
		return fail("it came by a redirect")
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || err != nil || kind != DirectoryMediaType {
		return fail("want 200 and %s", DirectoryMediaType)
	}
	text, err := bodyOf(&resp.Body, mostDirectory)
	if err != nil {
		return fail("%w", err)
	}
	set, err := credential.ParseMessage(string(text), mostDirectory)
	if err != nil {
		return fail("%w", err)
	}
	list := set.Get("keys")
	if n := list.Len(); n > mostKeys {
		return fail("it has %d keys, want %d at most", n, mostKeys)
	}
	listed := map[string]did.PublicKey{}
	for item := range list.Items() {
		key, err := did.ParsePublicJWK([]byte(item.Raw()))
		if err == nil && key.Algorithm() == did.Ed25519 { // others are for other readers
			listed[Thumbprint(key)] = key
		}
	}
	signed, err := verifyAnswer(resp, text, VerifyOptions{
		Tag: TagDirectory, Required: []string{authorityAsked}, Skew: skew, Now: func() time.Time { return now },
		Key: func(id string) (did.PublicKey, error) {
			if key, ok := listed[id]; ok {
				return key, nil
			}
			return did.PublicKey{}, did.ErrNotFound
		},
	})
	if err != nil {
		return fail("%w", err)
	}
	proven := map[string]did.PublicKey{}
	for _, s := range signed {
		proven[s.KeyID] = listed[s.KeyID]
	}
	return proven, nil
}
