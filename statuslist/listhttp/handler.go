// Package listhttp serves status lists over HTTP, on the issuer's side:
//
//	lists := new(statuslist.Memory) // or statuslist.Dir("/srv/status")
//	handler, err := listhttp.New(lists, listhttp.Config{Base: "https://issuer.example"})
//	mux.Handle("/status/", handler)
//	editions, err := publisher.Publish(ctx, issuer, statuslist.PublishOptions{Now: now, TTL: time.Minute})
//	err = editions.PutTo(ctx, lists)
//
// A list is the same for everybody who asks: any cache or content delivery
// network may stand in front. Package httpsource is the other side.
package listhttp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/internal/safefetch"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Config configures a [Handler].
type Config struct {
	// Base is what stands before the path of a request in the URLs of the lists:
	// https://issuer.example, or, behind http.StripPrefix, with the prefix. It has
	// no slash at the end. Required: what a request says about its host is not
	// believed.
	Base string
	// Now tells the time; nil means time.Now.
	Now func() time.Time
}

// Handler serves the lists of a source: GET and HEAD, each under its media type,
// with the validators ETag and Last-Modified (304 where the client has it
// already), and with Cache-Control from what the list says: its ttl, but not
// beyond its end; "no-cache" where it says none. Pages of other origins may read
// the lists. Other methods are refused with 405, other paths with 404; what the
// source cannot answer, or is not a list with that URL as its id, is 503; so is
// everything of a Handler that [New] has not made, such as nil.
//
// It asks the source for every request; put a [statuslist.Cache] in between
// where that is slow. It is safe for concurrent use.
type Handler struct {
	source statuslist.Source
	base   string
	now    func() time.Time

	known sync.Map // by URL: *served, of the bytes that were served last
}

// served is what the headers need to know of a list.
type served struct {
	raw       []byte
	mediaType string
	etag      string
	modified  time.Time // zero: not told
	until     time.Time
	ttl       time.Duration
}

// New returns a Handler. It fails with request.invalid if there is no source, or
// if Base is not the beginning of URLs that clients fetch.
func New(source statuslist.Source, c Config) (*Handler, error) {
	if source == nil {
		return nil, &code.Error{Code: code.RequestInvalid, Detail: "there is no source of lists to serve"}
	}
	u, err := safefetch.ParseURL(c.Base)
	if err == nil && (u.RawQuery != "" || u.ForceQuery || strings.HasSuffix(c.Base, "/")) {
		err = errors.New("a query, or a slash at the end")
	}
	if err != nil {
		return nil, &code.Error{Code: code.RequestInvalid, Detail: "Base is not the beginning of URLs of lists", Actual: c.Base, Err: err}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{source: source, base: c.Base, now: c.Now}, nil
}

// ServeHTTP serves one list.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a list is read with GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	s, err := h.list(r)
	switch {
	case errors.Is(err, statuslist.ErrNotFound):
		http.Error(w, "there is no such list", http.StatusNotFound)
		return
	case err != nil: // the cause is the operator's, and not for strangers
		http.Error(w, "the list cannot be served at present", http.StatusServiceUnavailable)
		return
	}
	head := w.Header()
	head.Set("Content-Type", s.mediaType)
	head.Set("ETag", s.etag)
	head.Set("Cache-Control", s.cacheControl(h.now()))
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", s.modified, bytes.NewReader(s.raw))
}

// url is where the list of a request is published, in the spelling that was sent.
func (h *Handler) url(r *http.Request) string {
	url := h.base + r.URL.EscapedPath()
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		url += "?" + r.URL.RawQuery
	}
	return url
}

// list returns the list that is asked for, and reads it unless it is the one of before.
func (h *Handler) list(r *http.Request) (*served, error) {
	if h == nil || h.source == nil {
		return nil, errors.New("listhttp: the Handler was not made (New makes one)")
	}
	url := h.url(r)
	var fetched *statuslist.Fetched
	var err error
	panicked := hostcall.Try("the source", func() { fetched, err = h.source.StatusList(r.Context(), url) })
	if panicked != nil {
		return nil, panicked
	}
	if err == nil && fetched == nil {
		err = statuslist.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if known, ok := h.known.Load(url); ok && bytes.Equal(known.(*served).raw, fetched.Raw) {
		return known.(*served), nil
	}
	l, err := statuslist.ReadUnverified(fetched.Raw)
	if err != nil {
		return nil, err
	}
	if l.ID != url {
		return nil, errors.New("the list of another URL")
	}
	sum := sha256.Sum256(fetched.Raw)
	s := &served{
		raw: fetched.Raw, mediaType: l.MediaType, until: l.ValidUntil, ttl: l.TTL,
		etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`,
	}
	// Last-Modified counts in seconds. An edition that is not the only one of its
	// second must not be taken for the one before.
	if l.AsOf.Equal(l.AsOf.Truncate(time.Second)) {
		s.modified = l.AsOf
	}
	h.known.Store(url, s)
	return s, nil
}

// cacheControl says how long the list may be kept without asking.
func (s *served) cacheControl(now time.Time) string {
	d := s.ttl
	if !s.until.IsZero() {
		d = min(d, s.until.Sub(now))
	}
	if d < time.Second {
		return "no-cache"
	}
	return "public, max-age=" + strconv.FormatInt(int64(d/time.Second), 10)
}
