package verify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestSourceConformance(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	static := func(lists map[string][]byte) statuslist.Static {
		s := statuslist.Static{}
		for url, raw := range lists {
			s[url] = &statuslist.Fetched{Raw: raw, At: at}
		}
		return s
	}
	dir := func(t testing.TB, lists map[string][]byte) statuslist.Dir {
		d := statuslist.Dir(t.TempDir())
		for url, raw := range lists {
			name, err := statuslist.FileName(url)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(string(d), name), raw, 0o600))
		}
		return d
	}
	cache := func(t testing.TB, s statuslist.Source) *statuslist.Cache {
		c, err := statuslist.NewCache(s, statuslist.CacheOptions{Now: func() time.Time { return at }})
		require.NoError(t, err)
		return c
	}
	for name, fresh := range map[string]func(t testing.TB, lists map[string][]byte) statuslist.Source{
		"Static":          func(_ testing.TB, lists map[string][]byte) statuslist.Source { return static(lists) },
		"Dir":             func(t testing.TB, lists map[string][]byte) statuslist.Source { return dir(t, lists) },
		"Cache of Static": func(t testing.TB, lists map[string][]byte) statuslist.Source { return cache(t, static(lists)) },
		"Cache of Dir":    func(t testing.TB, lists map[string][]byte) statuslist.Source { return cache(t, dir(t, lists)) },
		"SourceFunc": func(_ testing.TB, lists map[string][]byte) statuslist.Source {
			return statuslist.SourceFunc(static(lists).StatusList)
		},
	} {
		t.Run(name, func(t *testing.T) { verifytest.TestSource(t, fresh) })
	}
}

func TestResolverConformance(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	documents := func(t testing.TB) (*did.Static, []did.DID) {
		var docs []*did.Document
		var ids []did.DID
		for _, name := range []string{"did:web:issuer.example", "did:web:issuer.example:department", "did:web:other.example"} {
			id := did.MustParse(name)
			doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
				{Fragment: "a", Key: verifytest.Key(name + " a").PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}},
				{Fragment: "b", Key: verifytest.Key(name + " b").PublicKey(), Relationships: []did.Relationship{did.Authentication}},
			}})
			require.NoError(t, err)
			docs, ids = append(docs, doc), append(ids, id)
		}
		s, err := did.NewStatic(docs...)
		require.NoError(t, err)
		return s, ids
	}
	keys := func(t testing.TB) []did.DID {
		key := verifytest.Key("holder")
		jwk, err := did.NewJWKDID(key.PublicKey())
		require.NoError(t, err)
		return []did.DID{key.DID(), verifytest.Key("other").DID(), jwk}
	}
	for name, fresh := range map[string]func(t testing.TB) (did.Resolver, []did.DID){
		"Static":     func(t testing.TB) (did.Resolver, []did.DID) { s, ids := documents(t); return s, ids },
		"KeyMethods": func(t testing.TB) (did.Resolver, []did.DID) { return did.KeyMethods(), keys(t) },
		"Mux": func(t testing.TB) (did.Resolver, []did.DID) {
			s, ids := documents(t)
			return did.Mux{"web": s, "key": did.KeyMethods(), "jwk": did.KeyMethods()}, append(ids, keys(t)...)
		},
		"Cache": func(t testing.TB) (did.Resolver, []did.DID) {
			s, ids := documents(t)
			c, err := did.NewCache(did.CacheConfig{Resolver: s, Now: func() time.Time { return at }})
			require.NoError(t, err)
			return c, ids
		},
		"the world's": func(t testing.TB) (did.Resolver, []did.DID) {
			w := verifytest.NewWorld(t)
			return w.Resolver(), append(keys(t), w.Web.Host("issuer.example").DID())
		},
	} {
		t.Run(name, func(t *testing.T) { verifytest.TestResolver(t, fresh) })
	}
}

// says is a ledger whose every answer is one error.
type says struct {
	verify.Ledger
	err error
}

func (s says) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, s.err
}

// A ledger's refusal keeps its code however it is said; anything else is
// undetermined.
func TestLedgerMaySayOnlyTheCode(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []verify.Code
	}{
		"a code":          {verify.LedgerReplay, []verify.Code{verify.LedgerReplay}},
		"a code, wrapped": {fmt.Errorf("row 7: %w", verify.LedgerConflict), []verify.Code{verify.LedgerConflict}},
		"several, joined": {errors.Join(verify.LedgerBudgetExceeded, verify.LedgerRateExceeded),
			[]verify.Code{verify.LedgerBudgetExceeded, verify.LedgerRateExceeded}},
		"*passport.Error":  {&passport.Error{Code: verify.LedgerReplay, Detail: "seen"}, []verify.Code{verify.LedgerReplay}},
		"a charge":         {&verify.ChargeError{Index: 9}, []verify.Code{verify.LedgerUnavailable}}, // of which there is none
		"no code":          {errors.New("disk full"), []verify.Code{verify.LedgerUnavailable}},
		"an unknown code":  {verify.Code("ledger.tired"), []verify.Code{verify.LedgerUnavailable}},
		"a cancelled call": {context.Canceled, []verify.Code{verify.LedgerUnavailable}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := fault{config: func(_ *verifytest.World, c2 *verify.Config) { c2.Ledger = says{c2.Ledger, c.err} }}.decide(t)
			require.Error(t, err)
			require.Equal(t, c.want, codes(d))
		})
	}
}
