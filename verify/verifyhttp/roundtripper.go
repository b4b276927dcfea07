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

// RoundTripperConfig says which agent makes the requests, and to whom it shows its
// passport. [NewRoundTripper] copies it.
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
	// read. BodyDigest is filled in, and so is an empty ID. An error is returned to the caller and
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

	// Redirected, if not nil, is told of each redirect that would drop the
	// passport, and decides: nil sends the request without it, an error fails it.
	// Nil: it fails with that [*RedirectError], but for a GET or HEAD to an origin
	// that Audiences does not name, which is sent.
	Redirected func(*RedirectError) error

	// WantReceipts asks for a receipt with each presentation; [ReadReceipt] takes
	// it from the header of the answer. False: not asked for, and so not sent.
	WantReceipts bool

	// InsecureAllowHTTP lets Audiences name origins in clear text. False: only
	// those of this machine (localhost and loopback addresses).
	InsecureAllowHTTP bool
}

// RoundTripper is an [http.RoundTripper] that shows a passport: each request
// to a known origin carries a presentation of its own, with a fresh nonce and
// an intent of its own, over its very body. It is safe for concurrent use.
//
// What goes elsewhere goes without: a request to another origin. A redirect is
// followed with a passport only by GET and HEAD and only while no redirect has
// left the origin of the first request: a server must not be able to choose what
// the agent signs. Where a redirect would drop the passport the request fails
// with a [*RedirectError]; see RoundTripperConfig.Redirected. A field of that
// name that the caller has set is removed.
//
// A request with a field Idempotency-Key asks for one act however often it is
// sent: the intent's identifier is derived from the agent, the audience and the
// key (passport.IntentIDOf), unless Intent gives one. The server then refuses a
// repeat with ledger.repeated, or answers as before (GuardConfig.Repeat), and
// never acts twice while it knows the intent. Intent must give the same answer
// for the same request; another act under the key, and one with another
// passport, is refused with ledger.conflict.
//
// Nothing is retried, with one exception: net/http sends a request again by
// itself where a connection broke, and if the first one had arrived the server
// answers ledger.replay. The same intent is then presented once more, which
// cannot act twice. A refusal comes back as the server's response; see
// [ReadProblem] and its Until.
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
			fail("Audiences: %s is listed twice", o)
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
	resp, err := t.roundTrip(r)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

func (t *RoundTripper) roundTrip(r *http.Request) (*http.Response, error) {
	audience, err := t.audience(r)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	out := t.clone(r)
	if audience == "" {
		return t.c.Base.RoundTrip(out)
	}
	a, err := t.prepare(out, audience)
	if err == nil {
		err = t.present(out, a)
	}
	if err != nil {
		return nil, presenting(r, err)
	}
	resp, err := t.c.Base.RoundTrip(out)
	if err != nil || !isReplay(resp) {
		return resp, err
	}
	// Nobody has seen this presentation before. The transport has sent it twice,
	// the first time to a connection that broke. The same intent under a new
	// nonce learns what became of it, and cannot act twice.
	_ = resp.Body.Close()
	out = t.clone(r)
	if err := t.present(out, a); err != nil {
		return nil, presenting(r, err)
	}
	return t.c.Base.RoundTrip(out)
}

func (t *RoundTripper) clone(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Del(t.c.Header)
	return out
}

func presenting(r *http.Request, err error) error {
	return fmt.Errorf("verifyhttp: presenting to %s: %w", r.URL.Redacted(), err)
}

// audience returns who the passport is shown to, or "" if it is not shown.
func (t *RoundTripper) audience(r *http.Request) (string, error) {
	here := originOf(r.URL)
	safe := r.Method == "" || r.Method == http.MethodGet || r.Method == http.MethodHead
	shown := true
	first := r
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
		shown = shown && safe && originOf(first.URL) == here
	}
	audience := t.audiences[here]
	switch {
	case shown:
		return audience, nil
	case t.audiences[originOf(first.URL)] == "":
		return "", nil // the first request carried none
	}
	e := &RedirectError{Method: r.Method, Status: r.Response.StatusCode, From: r.Response.Request.URL.Redacted(), To: r.URL.Redacted()}
	switch {
	case t.c.Redirected != nil:
		return "", t.c.Redirected(e)
	case safe && audience == "":
		return "", nil // what is read there is not asked for with a passport
	}
	return "", e
}

// RedirectError says that a redirect leads where the passport is not shown: a
// server must not choose what the agent signs. Who trusts the new address asks
// for it there, in a request of its own.
type RedirectError struct {
	Method   string // of the request that was not sent
	Status   int    // of the redirect, such as 307
	From, To string // the URLs, without passwords
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("verifyhttp: a redirect (%d) from %s to %s drops the passport: %s is not sent; a server "+
		"must not choose what the agent signs, so ask for the new address in a request of its own",
		e.Status, e.From, e.To, e.Method)
}

// act is what a request asks for, and who is asked.
type act struct {
	audience string
	intent   passport.Intent
	body     []byte
}

// prepare reads the body and asks for the intent. The intent has its identifier
// then, so that it is one act however often it is presented.
func (t *RoundTripper) prepare(out *http.Request, audience string) (*act, error) {
	body, err := takeBody(out, t.c.MaxBody)
	if err != nil {
		return nil, err
	}
	seen := out.Clone(out.Context())
	setBody(seen, body)
	intent, err := t.c.Intent(seen)
	if err != nil {
		return nil, err
	}
	digest := ""
	if len(body) > 0 {
		digest = passport.Digest(body)
	}
	if intent.BodyDigest != "" && intent.BodyDigest != digest {
		return nil, errors.New("the intent has another digest than that of the body; leave BodyDigest empty")
	}
	intent.BodyDigest = digest
	if intent.ID == "" {
		if intent.ID, err = t.intentID(out.Header["Idempotency-Key"], audience); err != nil {
			return nil, err
		}
	}
	return &act{audience, intent, body}, nil
}

// intentID is one for each request, or for each idempotency key.
func (t *RoundTripper) intentID(keys []string, audience string) (string, error) {
	switch len(keys) {
	case 0:
		return passport.NewIntentID(t.c.Present.Now())
	case 1:
		return passport.IntentIDOf(t.c.Agent.KeyID().DID(), audience, keys[0])
	}
	return "", fmt.Errorf("the request has %d fields Idempotency-Key, want one", len(keys))
}

// present puts a presentation into a request that is about to be sent.
func (t *RoundTripper) present(out *http.Request, a *act) error {
	ctx := out.Context()
	chain, err := t.source.chain(ctx)
	if err != nil {
		return err
	}
	vp, err := passport.Present(ctx, t.c.Agent, chain, a.intent, a.audience, t.c.Present)
	if err != nil {
		return err
	}
	if t.c.WantReceipts {
		out.Header.Set(HeaderWantReceipt, "?1")
	}
	text := encodeCarrier(vp.Text())
	if len(text) <= t.c.MaxHeader {
		if t.c.Header == HeaderAuthorization {
			text = "Bearer " + text
		}
		out.Header.Set(t.c.Header, text)
		setBody(out, a.body)
		return nil
	}
	if n := len(out.Header["Content-Type"]); n > 1 {
		return fmt.Errorf("the request has %d fields Content-Type, want one", n)
	}
	e := envelope{presented: []byte(vp.Text()), body: a.body, contentType: out.Header.Get("Content-Type")}
	out.Header.Set("Content-Type", MediaType)
	setBody(out, e.bytes())
	return nil
}
