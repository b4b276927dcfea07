package verifyhttp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Handler returns a handler that passes to next what [Guard.Check] allows, and
// refuses everything else. next finds the decision with [verify.FromContext],
// reads exactly the verified body, and does not see the presentation. A nil next
// answers 404.
//
// Nothing is skipped: no path, no method, no address. What must be open to
// all goes beside the guard, not behind it.
func (g *Guard) Handler(next http.Handler) http.Handler {
	if next == nil {
		next = http.NotFoundHandler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context()) // what Check changes is not the caller's
		done := g.readBy(w, r)
		d, quota, err := g.check(r, g != nil && g.c.Repeat != nil)
		if quota != nil {
			quota.setHeader(w.Header())
		}
		g.observe(r, d, err)
		g.seal(w, r, d)
		if err != nil {
			g.deny(w, r, d, err)
			return
		}
		done()
		h := next
		if d.Repeated {
			h = g.c.Repeat
		}
		g.run(h, w, r, d)
	})
}

// run lets the handler act and settles what the decision has reserved. A
// handler that panics has not said what it did: nothing is settled.
func (g *Guard) run(h http.Handler, w http.ResponseWriter, r *http.Request, d *verify.Decision) {
	answer := &recorder{ResponseWriter: w}
	h.ServeHTTP(answer, r.WithContext(verify.NewContext(r.Context(), d)))
	if answer.status == 0 {
		answer.status = http.StatusOK // as net/http will
	}
	if answer.hijacked {
		return // what was answered is not known here
	}
	becomes := g.c.Settle(d, answer.status)
	if becomes == Release && r.Context().Err() != nil {
		// Whoever hangs up may do so after the money has moved, and a handler
		// that was cut off may answer anything (S6).
		becomes = LeaveOpen
	}
	outcome := map[AfterAct]verify.ActOutcome{Commit: verify.Done, Release: verify.NotDone}[becomes]
	if err := d.SettleAs(r.Context(), outcome); err != nil && g.c.Unsettled != nil {
		g.c.Unsettled(d, err)
	}
}

func (g *Guard) observe(r *http.Request, d *verify.Decision, err error) {
	if g != nil && g.c.Observe != nil {
		g.c.Observe(r, d, err)
	}
}

func (g *Guard) deny(w http.ResponseWriter, r *http.Request, d *verify.Decision, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if g == nil || g.c.Deny == nil {
		WriteProblem(w, r, d, err)
		return
	}
	if statusOf(codeOf(err)) == http.StatusUnauthorized {
		h["Www-Authenticate"] = append([]string(nil), g.challenge...)
	}
	g.retryAfter(h, d, err)
	if codeOf(err) == verify.EnvelopeTooLarge {
		h.Set("Connection", "close") // what is left of the body is not waited for
	}
	g.c.Deny(w, r, d, err)
}

// retryAfter says when asking again makes sense. What a limiter in front has
// left says nothing about a rate of the passport, and is taken back.
func (g *Guard) retryAfter(h http.Header, d *verify.Decision, err error) {
	limited := h.Get("Retry-After") != "" // the limiter's own refusal
	if codeOf(err) == verify.LedgerRateExceeded && !limited {
		for _, name := range quotaFields {
			h.Del(name)
		}
	}
	var refusal *verify.Refusal
	if limited || !errors.As(err, &refusal) {
		return
	}
	info, _ := verify.Lookup(codeOf(err))
	switch until := refusal.Until(); {
	case !until.IsZero():
		h.Set("Retry-After", seconds(max(until.Sub(d.At), time.Second)))
	case info.Undetermined:
		h.Set("Retry-After", seconds(g.c.RetryAfter))
	}
}

// readBy sets a deadline for reading the body, so that a client that sends it
// byte by byte holds nothing for long. A server with a ReadTimeout has one.
// The returned function takes it away again, once the body is read; after a
// refusal it stays, for what net/http still reads of the body.
func (g *Guard) readBy(w http.ResponseWriter, r *http.Request) (done func()) {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if g == nil || server == nil || server.ReadTimeout > 0 {
		return func() {}
	}
	// The context turns a span into an instant of the machine's clock, which
	// is the one that connections go by.
	ctx, cancel := context.WithTimeout(r.Context(), g.c.Timeout)
	defer cancel()
	at, _ := ctx.Deadline()
	control := http.NewResponseController(w)
	if control.SetReadDeadline(at) != nil {
		return func() {} // a writer that has no connection
	}
	return func() { _ = control.SetReadDeadline(time.Time{}) }
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status   int
	hijacked bool
}

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *recorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Flush is for handlers that stream.
func (a *recorder) Flush() {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack hands the connection over, and with it the settling.
func (a *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	a.hijacked = err == nil
	return conn, rw, err
}

// Unwrap is for http.ResponseController.
func (a *recorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// seconds rounds up: who comes back then must not be early.
func seconds(d time.Duration) string {
	d = max(d, 0)
	whole := d / time.Second
	if d%time.Second > 0 {
		whole++
	}
	return strconv.FormatInt(int64(whole), 10)
}
