package verifyhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Check decides whether the agent may make this request. It writes no answer:
// it is what [Guard.Handler] does first, for hosts with a framework of their
// own. err is nil if and only if the request is allowed, and a
// [*verify.Refusal] otherwise; the Decision is never nil.
//
// Check reads the body. Afterwards r, if allowed, has the verified bytes as
// its body, no trailers, and no presentation in its header; parsed forms of
// before are gone. If it is refused its body must not be used. Header fields
// are changed in a copy of the map. The caller does the act only if
// Decision.Repeated is false, and settles the decision.
func (g *Guard) Check(r *http.Request) (*verify.Decision, error) {
	d, _, err := g.check(r, true)
	return d, err
}

// check is Check, and tells what the limiter said. Of a decision that was
// taken before it makes a refusal unless repeats is set.
func (g *Guard) check(r *http.Request, repeats bool) (d *verify.Decision, quota *Quota, err error) {
	if g == nil || g.c.Verifier == nil {
		d, err = verify.Refuse(time.Time{}, fault(verify.InternalError, "the guard was not made by NewGuard"))
		return d, nil, err
	}
	// A panic in the verifier, in the host's question or in a store must not
	// reach net/http, whose recovery would hide that nothing was decided.
	defer func() {
		if p := recover(); p != nil {
			d, err = verify.Refuse(g.now(), &code.Error{Code: verify.InternalError, Detail: "verification panicked", Err: fmt.Errorf("%.200v", p)})
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), g.c.Timeout)
	defer cancel()

	quota, err = g.limit(ctx, r)
	if err == nil {
		err = g.form(r)
	}
	var presented []byte
	if err == nil {
		presented, err = g.open(r)
	}
	if err != nil {
		d, err = verify.Refuse(g.now(), err)
		return d, quota, err
	}
	q, err := g.question(ctx, r)
	if err != nil {
		d, err = verify.Refuse(g.now(), err)
		return d, quota, err
	}
	q.AcceptRepeat = q.AcceptRepeat && repeats
	d, err = g.c.Verifier.Verify(ctx, presented, q)
	return d, quota, err
}

// now reads the clock of the host. Without one a refusal stays a refusal.
func (g *Guard) now() (at time.Time) {
	_ = hostcall.Try("the clock", func() { at = g.c.Now() })
	return at
}

// open takes presentation and body out of a request, and leaves in it the body
// that is meant.
func (g *Guard) open(r *http.Request) ([]byte, error) {
	// What an outer handler has parsed is not what is verified.
	r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	inBody, err := isEnvelope(r.Header)
	if err != nil {
		return nil, err
	}
	presented, where, err := g.fromHeader(r.Header, inBody)
	if err != nil {
		return nil, err
	}
	most := g.c.MaxBody
	if inBody {
		most = envelopeBytes(g.c.MaxBody)
	}
	body, err := readBody(r, most)
	if err != nil {
		return nil, err
	}
	r.Header = r.Header.Clone()
	r.Header.Del("Trailer")
	for _, name := range g.c.IgnoreFields {
		r.Header.Del(name)
	}
	if where != "" {
		r.Header.Del(where)
	}
	if inBody {
		e, err := openEnvelope(body, g.c.MaxBody)
		if err != nil {
			return nil, err
		}
		presented, body = e.presented, e.body
		e.retype(r.Header)
	}
	r.Trailer, r.TransferEncoding, r.GetBody = nil, nil, nil
	r.ContentLength = int64(len(body))
	r.Body = &verifiedBody{bytes.NewReader(body), body}
	return presented, nil
}

// verifiedBody is a body that was read and checked whole.
type verifiedBody struct {
	*bytes.Reader
	body []byte
}

// Close does nothing: there is nothing left to close.
func (b *verifiedBody) Close() error { return nil }

// question asks the host what the request means, and adds what the guard
// alone knows.
func (g *Guard) question(ctx context.Context, r *http.Request) (verify.Request, error) {
	body := r.Body.(*verifiedBody).body
	// A copy: what the host reads or changes, the handler has still before it.
	seen := r.Clone(ctx)
	seen.Body = io.NopCloser(bytes.NewReader(body))
	q, err := g.c.Request(seen)
	if err != nil {
		return q, asFault(err)
	}
	digest := ""
	if len(body) > 0 {
		digest = passport.Digest(body)
	}
	switch {
	case q.Audience != "" && q.Audience != g.c.Audience:
		return q, fault(verify.RequestInvalid, "GuardConfig.Request named another audience than GuardConfig.Audience; leave Request.Audience empty")
	case q.BodyDigest != "" && q.BodyDigest != digest:
		return q, fault(verify.RequestInvalid, "GuardConfig.Request gave another digest than that of the body; leave Request.BodyDigest empty")
	}
	if err := askable(&q.Act); err != nil {
		return q, err
	}
	q.Audience, q.BodyDigest = g.c.Audience, digest
	return q, nil
}

// askable refuses an act that no verifier can be asked about. Its texts are from the
// request, as from a path that was decoded: a fault of whoever sent that, and not of
// the host, whom the verifier would blame.
func askable(act *passport.Act) error {
	if _, text := unclear(act, textBytes); text != "" {
		return found(verify.EnvelopeMalformed, unclearText, "", text)
	}
	if act.Region != "" && passport.CheckRegion(act.Region) != nil {
		return found(verify.EnvelopeMalformed, unclearRegion, "", act.Region)
	}
	return nil
}

// unclear returns the first text of an act that cannot be read in one way.
var unclear = seam.MustBorrow[func(act *passport.Act, most int) (name, text string)]("passport.unclear")

// textBytes is how long a text is that a verifier takes by default.
var textBytes = limits.Default().IRIBytes

// asFault keeps the code of an error of the host's question, if it has one of
// the vocabulary.
func asFault(err error) error {
	c := code.Of(err)
	if _, ok := verify.Lookup(c); !ok {
		c = verify.RequestInvalid
	}
	e := &code.Error{Code: c, Detail: "GuardConfig.Request has no question for this request", Err: err}
	var refusal *verify.Refusal
	var vio *verify.Violation
	switch {
	case errors.As(err, &refusal):
		e.Code, e.Until = refusal.Code(), refusal.Until()
	case errors.As(err, &vio):
		e.Until = vio.Until
	}
	return e
}
