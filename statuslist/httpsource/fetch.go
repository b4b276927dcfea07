package httpsource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/safefetch"
	"github.com/safeconduct/safeconduct/statuslist"
)

// fetcher asks hosts. It keeps nothing.
type fetcher struct {
	client *safefetch.Client
	now    func() time.Time
	most   int // bytes of a list

	ttl, minTTL, maxTTL time.Duration
}

var _ statuslist.Refresher = (*fetcher)(nil)

func (f *fetcher) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	list, _, err := f.Refresh(ctx, url, nil)
	return list, err
}

// maxETag is more than validators of hosts have.
const maxETag = 256

// isETag reports whether a host's ETag is one validator (RFC 9110, section 8.8.3).
// To ask for anything else again is to ask something else: every host answers "*"
// with "not changed", for ever, and a revocation would not be seen.
func isETag(tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	if len(tag) > maxETag || len(opaque) < 2 || opaque[0] != '"' || opaque[len(opaque)-1] != '"' {
		return false
	}
	for _, c := range []byte(opaque[1 : len(opaque)-1]) {
		if c <= ' ' || c == '"' || c == 0x7f {
			return false
		}
	}
	return true
}

// Refresh asks whether the list has changed.
func (f *fetcher) Refresh(ctx context.Context, url string, last *statuslist.Fetched) (*statuslist.Fetched, time.Duration, error) {
	u, err := safefetch.ParseURL(url)
	if err != nil {
		return nil, 0, f.fault(url, fmt.Errorf("%w: %w", statuslist.ErrNotFound, err))
	}
	want := safefetch.Want{Types: statuslist.MediaTypes(), Most: f.most}
	if last != nil {
		want.ETag = last.ETag
	}
	at := f.now() // the list may change while it is on its way
	answer, err := f.client.Get(ctx, u, want)
	if err != nil {
		return nil, 0, f.fault(url, err)
	}
	list := last
	if !answer.NotModified {
		list = &statuslist.Fetched{Raw: answer.Body, At: at}
		if tag := answer.Header.Get("ETag"); isETag(tag) {
			list.ETag = tag
		}
	}
	return list, f.fresh(answer.Header, list, at), nil
}

// fault is a refusal of status.unavailable. It says when the host wants to be
// asked again, if the host does.
func (f *fetcher) fault(url string, err error) error {
	e := &code.Error{Code: code.StatusUnavailable, Detail: fmt.Sprintf("%.200s could not be fetched", url)}
	if status := (*safefetch.StatusError)(nil); errors.As(err, &status) {
		if status.Gone() {
			err = fmt.Errorf("%w: %w", statuslist.ErrNotFound, err)
		}
		if after := retryAfter(status.Header.Get("Retry-After"), f.now()); after > 0 {
			e.Until = f.now().Add(after)
		}
	}
	e.Err = fmt.Errorf("%w: %w", statuslist.ErrRetrieval, err)
	return e
}
