// Package verifyhttpsig signs and verifies HTTP requests with the agent's key, as RFC
// 9421 and Web Bot Auth do: for servers and networks in front of them that tell agents
// apart by such signatures, and as a second proof of the agent beside its passport.
//
//	err := verifyhttpsig.Sign(ctx, request, agent, verifyhttpsig.SignOptions{Expires: now.Add(time.Minute)})
//	signed, err := verifyhttpsig.Verify(request, verifyhttpsig.VerifyOptions{Key: keys})
//
// Ed25519 alone, and a strict part of RFC 9421: components are header fields, members of
// dictionaries (";key="), and @method, @authority, @scheme, @target-uri, @request-target,
// @path and @query; parameters are created, expires, nonce, alg, keyid and tag. What has
// another spelling than the one of RFC 9651 is refused. A signature says nothing of the
// body unless it covers content-digest, which is then compared with the body.
package verifyhttpsig

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// TagWebBotAuth is the tag of signatures of Web Bot Auth.
const TagWebBotAuth = "web-bot-auth"

// Errors, for errors.Is.
var (
	ErrMissing = errors.New("verifyhttpsig: the request has no signature with that tag")
	ErrInvalid = errors.New("verifyhttpsig: the signature does not hold")
)

// Signature is what a signature says of itself.
type Signature struct {
	Label            string
	Components       []string // as they are written: `"@authority"`, `"signature-agent";key="sig1"`
	Created, Expires time.Time
	KeyID            string // in Web Bot Auth the JWK thumbprint of the key; see [Thumbprint]
	Algorithm        string // ed25519, or empty
	Nonce, Tag       string
}

// Thumbprint returns the JWK thumbprint of an Ed25519 key (RFC 7638, RFC 8037).
func Thumbprint(key did.PublicKey) string {
	x := base64.RawURLEncoding.EncodeToString(key.Bytes())
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SignOptions say what a signature covers. The zero value is that of Web Bot Auth.
type SignOptions struct {
	Label      string   // empty: sig1
	Components []string // nil: @authority, and signature-agent if the request has that field
	KeyID      string   // empty: the thumbprint of Key
	Key        did.PublicKey
	Tag        string // empty: web-bot-auth
	Nonce      string // empty: 64 random bytes

	Created, Expires time.Time // needed
}

// Sign adds a signature to a request. A request that has one already is refused. If
// content-digest is covered and not there, it is that of the body, by SHA-256.
func Sign(ctx context.Context, r *http.Request, signer did.Signer, o SignOptions) error {
	if len(r.Header["Signature"])+len(r.Header["Signature-Input"]) > 0 {
		return errors.New("verifyhttpsig: the request is signed already")
	}
	if o.Created.IsZero() || !o.Expires.After(o.Created) {
		return errors.New("verifyhttpsig: want Created, and Expires after it")
	}
	if o.KeyID == "" {
		if o.Key.IsZero() {
			return errors.New("verifyhttpsig: want KeyID, or Key for its thumbprint")
		}
		o.KeyID = Thumbprint(o.Key)
	}
	if o.Label == "" {
		o.Label = "sig1"
	}
	if o.Tag == "" {
		o.Tag = TagWebBotAuth
	}
	if o.Components == nil {
		o.Components = []string{"@authority"}
		if r.Header.Get("Signature-Agent") != "" {
			o.Components = append(o.Components, "signature-agent")
		}
	}
	if o.Nonce == "" {
		var random [64]byte
		if _, err := rand.Read(random[:]); err != nil {
			return err
		}
		o.Nonce = base64.StdEncoding.EncodeToString(random[:])
	}
	items := make([]string, len(o.Components))
	for i, c := range o.Components {
		name, key, isMember := strings.Cut(c, ";key=")
		items[i] = `"` + name + `"`
		if isMember {
			items[i] += `;key="` + strings.Trim(key, `"`) + `"`
		}
	}
	input := fmt.Sprintf(`(%s);created=%d;keyid="%s";alg="ed25519";expires=%d;nonce="%s";tag="%s"`,
		strings.Join(items, " "), o.Created.Unix(), o.KeyID, o.Expires.Unix(), o.Nonce, o.Tag)
	s, err := parseInput(o.Label, input) // what others would refuse is not signed
	if err != nil {
		return err
	}
	if covers(s, contentDigest) && r.Header.Get("Content-Digest") == "" {
		text, err := bodyOf(&r.Body, 64<<20)
		if err != nil {
			return err
		}
		SetContentDigest(r.Header, text)
	}
	base, err := baseOf(s, input, request{r, ""}.value)
	if err != nil {
		return err
	}
	signature, err := signer.Sign(ctx, []byte(base))
	if err != nil {
		return err
	}
	r.Header.Set("Signature-Input", o.Label+"="+input)
	r.Header.Set("Signature", o.Label+"=:"+base64.StdEncoding.EncodeToString(signature)+":")
	return nil
}

// VerifyOptions say which signatures are believed.
type VerifyOptions struct {
	// Key finds the key of a key id. Nil is an error.
	Key func(keyID string) (did.PublicKey, error)

	Tag      string        // empty: web-bot-auth
	Required []string      // components that must be covered; nil: @authority
	Lifetime time.Duration // the longest from created to expires; zero: 24 h
	Skew     time.Duration // how far clocks may differ; zero: not at all
	MaxBody  int64         // the longest body whose digest is compared, in bytes; zero: 1 MiB
	Scheme   string        // of requests that come through a proxy; empty: https over TLS, else http

	Now func() time.Time // the clock; nil: time.Now
}

// Verify checks the one signature of a request that has the tag; others, which somebody
// on the way may have added, are passed over. It must be in force:
// both created and expires are demanded. A nonce is not remembered here; a presentation
// beside it serves once. If content-digest is covered, the body is read, compared with it
// and put back. Errors are ErrMissing and ErrInvalid.
func Verify(r *http.Request, o VerifyOptions) (*Signature, error) {
	o.complete()
	inputs, signatures, err := fieldsOf(r.Header)
	if err != nil {
		return nil, err
	}
	var s *Signature
	for label, input := range inputs {
		one, err := parseInput(label, input)
		switch {
		case err != nil && !hasTag(input, o.Tag): // of somebody on the way, such as a proxy with an RSA key
		case err != nil:
			return nil, invalid("%w", err)
		case one.Tag != o.Tag:
		case s != nil:
			return nil, invalid("two signatures have the tag")
		default:
			s = one
		}
	}
	if s == nil {
		return nil, ErrMissing
	}
	if err := o.check(s, inputs[s.Label], signatures[s.Label], request{r, o.Scheme}.value); err != nil {
		return nil, err
	}
	if covers(s, contentDigest) {
		text, err := bodyOf(&r.Body, o.MaxBody)
		if err == nil {
			err = CheckContentDigest(r.Header, text)
		}
		if err != nil {
			return nil, invalid("%w", err)
		}
	}
	return s, nil
}

// verifyAnswer returns the signatures of an answer that hold and have the tag; none is an
// error. One key to an answer does not speak for the others.
func verifyAnswer(resp *http.Response, body []byte, o VerifyOptions) ([]*Signature, error) {
	o.complete()
	inputs, signatures, err := fieldsOf(resp.Header)
	if err != nil {
		return nil, err
	}
	if len(inputs) > mostKeys {
		return nil, invalid("there are %d signatures, want %d at most", len(inputs), mostKeys)
	}
	why := error(ErrMissing)
	var holding []*Signature
	for label, input := range inputs {
		s, err := parseInput(label, input)
		if err == nil && s.Tag != o.Tag {
			continue
		}
		if err == nil {
			err = o.check(s, input, signatures[label], answer{resp.Request, resp, o.Scheme}.value)
		}
		if err == nil && covers(s, contentDigest) {
			err = CheckContentDigest(resp.Header, body)
		}
		if err != nil {
			why = err
			continue
		}
		holding = append(holding, s)
	}
	if holding == nil {
		return nil, why
	}
	return holding, nil
}

func (o *VerifyOptions) complete() {
	if o.Tag == "" {
		o.Tag = TagWebBotAuth
	}
	if o.Required == nil {
		o.Required = []string{"@authority"}
	}
	if o.Lifetime == 0 {
		o.Lifetime = 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// fieldsOf reads both fields of signatures.
func fieldsOf(h http.Header) (inputs, signatures map[string]string, err error) {
	if inputs, err = members(h.Values("Signature-Input")); err != nil {
		return nil, nil, invalid("Signature-Input: %w", err)
	}
	if signatures, err = members(h.Values("Signature")); err != nil {
		return nil, nil, invalid("Signature: %w", err)
	}
	return inputs, signatures, nil
}

// check holds one signature against what is demanded of it, and then against its key.
func (o *VerifyOptions) check(s *Signature, input, text string, value valuer) error {
	if o.Key == nil {
		return invalid("VerifyOptions.Key is nil")
	}
	for _, name := range o.Required {
		if !covers(s, name) {
			return invalid("%s is not covered", name)
		}
	}
	now := o.Now()
	switch {
	case s.Created.IsZero() || s.Expires.IsZero():
		return invalid("want created and expires")
	case s.Created.After(now.Add(o.Skew)):
		return invalid("created in the future")
	case !now.Add(-o.Skew).Before(s.Expires):
		return invalid("it has ended")
	case s.Expires.Sub(s.Created) > o.Lifetime:
		return invalid("it lives longer than %s", o.Lifetime)
	case s.KeyID == "":
		return invalid("it names no key")
	}
	signature, err := bytesOf(text)
	if err != nil || len(signature) != 64 {
		return invalid("the field Signature has no 64 bytes under %s", s.Label)
	}
	base, err := baseOf(s, input, value)
	if err != nil {
		return invalid("%w", err)
	}
	key, err := o.Key(s.KeyID)
	if err != nil {
		return invalid("finding the key: %w", err)
	}
	if key.IsZero() || key.Algorithm() != did.Ed25519 || !key.Verify([]byte(base), signature) {
		return invalid("the key %s did not sign this", strconv.Quote(s.KeyID))
	}
	return nil
}

// hasTag reports whether a signature that cannot be read may have a tag.
func hasTag(input, tag string) bool { return strings.Contains(input, `"`+tag+`"`) }

// covers reports whether a component, or a member of it, is covered. A digest of the body that
// nobody compares is not one.
func covers(s *Signature, name string) bool {
	for _, c := range s.Components {
		key, isMember := strings.CutPrefix(c, `"`+name+`";key=`)
		compared := name != contentDigest || digests[strings.Trim(key, `"`)] != nil
		if c == name || c == `"`+name+`"` || isMember && compared {
			return true
		}
	}
	return false
}
