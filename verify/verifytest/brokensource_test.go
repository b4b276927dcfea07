package verifytest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

func wholeSource() statuslist.Static {
	s := statuslist.Static{}
	for url, raw := range sourceLists() {
		s[url] = &statuslist.Fetched{Raw: raw, At: noon}
	}
	return s
}

// brokenSources break one rule each: the one that they are named after.
var brokenSources = map[string]func(s statuslist.Static) statuslist.SourceFunc{
	"exact bytes": func(s statuslist.Static) statuslist.SourceFunc {
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			f, err := s.StatusList(ctx, url)
			if f != nil {
				f = &statuslist.Fetched{Raw: append(bytes.Clone(f.Raw), '\n'), At: f.At}
			}
			return f, err
		}
	},
	"fetched at": func(s statuslist.Static) statuslist.SourceFunc {
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			f, err := s.StatusList(ctx, url)
			if f != nil {
				f = &statuslist.Fetched{Raw: f.Raw}
			}
			return f, err
		}
	},
	"no such list": func(s statuslist.Static) statuslist.SourceFunc {
		return func(_ context.Context, url string) (*statuslist.Fetched, error) { return s[url], nil }
	},
	"URLs as text": func(s statuslist.Static) statuslist.SourceFunc {
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			return s.StatusList(ctx, strings.TrimSuffix(url, "/"))
		}
	},
	"hostile URLs": func(s statuslist.Static) statuslist.SourceFunc {
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			if strings.HasPrefix(url, "file:") {
				return nil, errors.New("no such file")
			}
			return s.StatusList(ctx, url)
		}
	},
	"never changes": func(s statuslist.Static) statuslist.SourceFunc {
		buffer := make([]byte, 1<<16)
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			f, err := s.StatusList(ctx, url)
			if f != nil {
				f = &statuslist.Fetched{Raw: buffer[:copy(buffer, f.Raw)], At: f.At}
			}
			return f, err
		}
	},
	"at once": func(s statuslist.Static) statuslist.SourceFunc {
		var mu sync.Mutex
		var asked string
		gate := &barrier{n: race}
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			mu.Lock()
			asked = url
			mu.Unlock()
			gate.wait()
			mu.Lock()
			defer mu.Unlock()
			return s.StatusList(ctx, asked)
		}
	},
	"cancelled": func(s statuslist.Static) statuslist.SourceFunc {
		return func(ctx context.Context, url string) (*statuslist.Fetched, error) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return s.StatusList(ctx, url)
		}
	},
}

func TestSourceRulesCanFail(t *testing.T) {
	for _, r := range sourceRules {
		t.Run(r.name, func(t *testing.T) {
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, wholeSource()) }), "a whole source")
			require.NotNil(t, brokenSources[r.name], "no source breaks this rule")
			got := failures(func(tb testing.TB) { r.run(tb, brokenSources[r.name](wholeSource())) })
			require.NotEmpty(t, got, "the broken source passes")
			require.Contains(t, got[len(got)-1], r.why)
		})
	}
	require.Len(t, brokenSources, len(sourceRules))
}

// anyPurpose finds keys for whatever they are asked for.
type anyPurpose struct{ did.Resolver }

func (a anyPurpose) ResolveKey(ctx context.Context, id did.URL, _ did.Relationship, at time.Time) (did.PublicKey, error) {
	return did.ResolveKey(ctx, a.Resolver, id, did.Authentication, at)
}

// brokenResolvers break one rule each: the one that they are named after.
var brokenResolvers = map[string]func(whole resolving) did.Resolver{
	"its document": func(whole resolving) did.Resolver {
		return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
			return whole.Resolver.Resolve(ctx, whole.known[0])
		})
	},
	"unknown": func(whole resolving) did.Resolver {
		return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
			doc, err := whole.Resolver.Resolve(ctx, id)
			if err != nil {
				return nil, nil
			}
			return doc, nil
		})
	},
	"zero": func(whole resolving) did.Resolver {
		return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
			if id.IsZero() {
				return nil, errors.New("who?")
			}
			return whole.Resolver.Resolve(ctx, id)
		})
	},
	"at once": func(whole resolving) did.Resolver {
		var mu sync.Mutex
		var asked did.DID
		gate := &barrier{n: race}
		return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
			mu.Lock()
			asked = id
			mu.Unlock()
			gate.wait()
			mu.Lock()
			defer mu.Unlock()
			return whole.Resolver.Resolve(ctx, asked)
		})
	},
	"cancelled": func(whole resolving) did.Resolver {
		return did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
			if ctx.Err() != nil {
				return nil, did.ErrNotFound
			}
			return whole.Resolver.Resolve(ctx, id)
		})
	},
	"keys as in the document": func(whole resolving) did.Resolver { return anyPurpose{whole.Resolver} },
}

func TestResolverRulesCanFail(t *testing.T) {
	w := NewWorld(t)
	whole := resolving{w.Resolver(), []did.DID{w.Web.Host("one.example").DID(), w.Web.Host("two.example").DID(), w.Agent.DID()}}
	for _, r := range resolverRules {
		t.Run(r.name, func(t *testing.T) {
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, whole) }), "a whole resolver")
			require.NotNil(t, brokenResolvers[r.name], "no resolver breaks this rule")
			broken := resolving{brokenResolvers[r.name](whole), whole.known}
			got := failures(func(tb testing.TB) { r.run(tb, broken) })
			require.NotEmpty(t, got, "the broken resolver passes")
			require.Contains(t, got[len(got)-1], r.why)
		})
	}
	require.Len(t, brokenResolvers, len(resolverRules))
}
