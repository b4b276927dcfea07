package verifyhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
)

// RoundTripperConfig says as whom an agent makes its requests, and to whom it
// shows its passport. [NewRoundTripper] copies it.
type RoundTripperConfig struct {
	// Base sends the requests. Nil: http.DefaultTransport.
	Base http.RoundTripper

	// Agent signs presentations: the agent of the last passport of Chain. Nil
	// is an error.
	Agent did.Signer

	// Audiences names, for each origin to which the passport is shown, the
	// audience that is configured there: "https://shop.example" →
	// "did:web:shop.example". An origin is a scheme, a host and a port, if it
	// is not the scheme's own. Empty is an error. Requests to other origins
	// are sent without a passport.
	Audiences map[string]string

	// Chain is the passport with its ancestors, root first. It may be empty
	// if Refresh is set.
	Chain passport.Chain

	// Refresh fetches a new chain, before the one at hand ends. One call runs
	// at a time; others wait for it, each for as long as its own request
	// allows. If it fails the chain at hand serves until it ends. Nil: the
	// chain is used until it ends.
	Refresh func(context.Context) (passport.Chain, error)

	// Margin is how long before its end a chain is refreshed, but never more
	// than a quarter of its lifetime. Zero: 5 min.
	Margin time.Duration

	// Intent says what a request asks for, in the words in which the server
	// asks its verifier. Nil is an error. It gets a copy whose body can be
	// read. BodyDigest is filled in. An error is returned to the caller and
	// nothing is sent.
	Intent func(*http.Request) (passport.Intent, error)

	// Present holds what else a presentation can have: sibling credentials, a
	// suite, a format. Its Now is the clock, also of Refresh; nil: time.Now.
	// A Challenge would serve for one request only and is an error.
	Present passport.PresentOptions

	// Header is the field that carries the presentation. Empty: Agent-Passport.
	Header string

	// MaxHeader is the longest presentation, in bytes of text, that goes into
	// the header; a longer one goes into the body. Zero: 7 KiB; at most 63 KiB.
	MaxHeader int

	// MaxBody is the longest body that is read, and so sent. Zero: 1 MiB; at
	// most 64 MiB.
	MaxBody int

	// InsecureAllowHTTP lets Audiences name origins in clear text. False: only
	// those of this machine (localhost and loopback addresses).
	InsecureAllowHTTP bool
}

// RoundTripper is an [http.RoundTripper] that shows a passport: each request
// to a known origin carries a presentation of its own, with a fresh nonce and
// an intent of its own, over its very body. It is safe for concurrent use.
//
// What goes elsewhere goes without: a request to another origin, and one that
// a redirect made, unless it is a GET or HEAD and no redirect has left the
// origin of the first. A server must not be able to choose what the agent
// signs. A field of that name that the caller has set is removed.
//
// Nothing is retried. A refusal comes back as the server's response; see
// [ReadProblem].
type RoundTripper struct {
	c         RoundTripperConfig
	audiences map[string]string // by origin
	source    source
}

// NewRoundTripper checks a configuration and returns a RoundTripper for it.
func NewRoundTripper(c RoundTripperConfig) (*RoundTripper, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Agent == nil {
		fail("Agent is nil: nobody would sign")
	}
	if c.Intent == nil {
		fail("Intent is nil: the agent does not know what it asks for")
	}
	if len(c.Chain) == 0 && c.Refresh == nil {
		fail("Chain is empty and Refresh nil: there is no passport to show")
	}
	for i, s := range c.Chain {
		if s == nil {
			fail("Chain[%d] is nil", i)
		}
	}
	if c.Present.Challenge != "" {
		fail("Present.Challenge is set: every request needs its own")
	}
	if c.Margin < 0 {
		fail("Margin is %s, want 0 or more", c.Margin)
	}
	if len(c.Audiences) == 0 {
		fail("Audiences is empty: the passport would be shown to nobody")
	}
	audiences := make(map[string]string, len(c.Audiences))
	for text, audience := range c.Audiences {
		o, err := parseOrigin(text, c.InsecureAllowHTTP)
		switch {
		case err != nil:
			fail("Audiences: %w", err)
		case audience == "":
			fail("Audiences: %s has an empty audience", text)
		case audiences[o] != "":
			fail("Audiences: %s stands twice", o)
		}
		audiences[o] = audience
	}
	if c.Header == "" {
		c.Header = HeaderPassport
	}
	c.Header = http.CanonicalHeaderKey(c.Header)
	if !isToken(c.Header) || notCarriers[c.Header] {
		fail("Header: %.80q cannot carry a presentation", c.Header)
	}
	b, err := limits.Bounds{HTTPSentHeaderBytes: c.MaxHeader, HTTPBodyBytes: c.MaxBody}.Resolve()
	if err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verifyhttp: configuration: %w", err)
	}
	c.MaxHeader, c.MaxBody = b.HTTPSentHeaderBytes, b.HTTPBodyBytes
	if c.Base == nil {
		c.Base = http.DefaultTransport
	}
	if c.Present.Now == nil {
		c.Present.Now = time.Now
	}
	if c.Margin == 0 {
		c.Margin = 5 * time.Minute
	}
	c.Present.Siblings = append([]*credential.Signed(nil), c.Present.Siblings...)
	t := &RoundTripper{c: c, audiences: audiences}
	t.source.init(c)
	return t, nil
}

// RoundTrip implements [http.RoundTripper]. It does not change the request.
func (t *RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if t == nil || t.c.Base == nil {
		closeBody(r)
		return nil, errors.New("verifyhttp: the RoundTripper was not made by NewRoundTripper")
	}
	out := r.Clone(r.Context())
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Del(t.c.Header)
	if audience := t.audience(r); audience != "" {
		if err := t.present(out, audience); err != nil {
			return nil, fmt.Errorf("verifyhttp: presenting to %s: %w", r.URL.Redacted(), err)
		}
	}
	resp, err := t.c.Base.RoundTrip(out)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

// audience returns whom the passport is shown to, or "" if it is not shown.
func (t *RoundTripper) audience(r *http.Request) string {
	here := originOf(r.URL)
	safe := r.Method == "" || r.Method == http.MethodGet || r.Method == http.MethodHead
	for from := r; from.Response != nil; {
		from = from.Response.Request
		if from == nil || originOf(from.URL) != here || !safe {
			return ""
		}
	}
	return t.audiences[here]
}

// present puts a presentation into a request that is about to be sent.
func (t *RoundTripper) present(out *http.Request, audience string) error {
	body, err := takeBody(out, t.c.MaxBody)
	if err != nil {
		return err
	}
	ctx := out.Context()
	seen := out.Clone(ctx)
	setBody(seen, body)
	intent, err := t.c.Intent(seen)
	if err != nil {
		return err
	}
	digest := ""
	if len(body) > 0 {
		digest = passport.Digest(body)
	}
	if intent.BodyDigest != "" && intent.BodyDigest != digest {
		return errors.New("the intent has another digest than that of the body; leave BodyDigest empty")
	}
	intent.BodyDigest = digest
	chain, err := t.source.chain(ctx)
	if err != nil {
		return err
	}
	vp, err := passport.Present(ctx, t.c.Agent, chain, intent, audience, t.c.Present)
	if err != nil {
		return err
	}
	text := encodeCarrier(vp.Text())
	if len(text) <= t.c.MaxHeader {
		if t.c.Header == HeaderAuthorization {
			text = "Bearer " + text
		}
		out.Header.Set(t.c.Header, text)
		setBody(out, body)
		return nil
	}
	if n := len(out.Header["Content-Type"]); n > 1 {
		return fmt.Errorf("the request has %d fields Content-Type, want one", n)
	}
	e := envelope{presented: []byte(vp.Text()), body: body, contentType: out.Header.Get("Content-Type")}
	out.Header.Set("Content-Type", MediaType)
	setBody(out, e.bytes())
	return nil
}
