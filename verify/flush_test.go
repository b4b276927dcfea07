package verify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// RES-06: an agent with a genuine passport does what it can to flush each
// bounded memory of the library, so that it forgets what it must not. check is
// asked before and after.
func TestRES06NoMemoryIsFlushed(t *testing.T) {
	sequential.Long(t)
	hostile := []string{"mallory", "puppet"}
	for name, prepare := range map[string]func(t *testing.T, w *listWorld) (check func(), flood func(i int), rounds int){
		"the newest editions of lists": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			v := w.verifier(small)
			victim := w.pass(suspension(listA, 7))
			list := func(set ...int) edition { e := w.list(listA, set...); e.purposes = bothPurposes; return e }
			old := w.host.put(t, list())
			w.Clock.Advance(time.Minute)
			w.host.put(t, list(7))
			requireRefusal(t, victim(v), verify.StatusSuspended)
			w.host.lists[listA] = old
			w.serving("https://flood.example", verifytest.Key("mallory"), nil)
			return func() { requireRefusal(t, victim(v), verify.StatusSuspended) }, func(i int) {
				chain, holder := w.below(1, hostile, six("https://flood.example", i)...)
				_ = w.show(holder, chain)(v)
			}, 60
		},
		"revocations": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			v := w.verifier(small)
			victim := w.pass(revocation(listA, 7))
			w.host.put(t, w.list(listA, 7))
			requireRefusal(t, victim(v), verify.StatusRevoked)
			w.Clock.Advance(time.Minute)
			w.host.put(t, w.list(listA))
			w.serving("https://flood.example", verifytest.Key("mallory"), func(string) []int { return []int{1} })
			return func() { requireRefusal(t, victim(v), verify.StatusRevoked) }, func(i int) {
				chain, holder := w.below(1, hostile, six("https://flood.example", i)...)
				_ = w.show(holder, chain)(v)
			}, 60
		},
		"proven documents": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			v := w.verifier(func(c *verify.Config) { c.ProvenDocuments = 8 })
			w.host.put(t, w.list(listA))
			pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{revocation(listA, 1)} }))
			check := func() {
				raw := w.Present(pass, w.Intent())
				_, err := v.Verify(ctx, raw, w.Request())
				require.NoError(t, err)
				_, err = v.Verify(ctx, replace(`"50.00"`, `"51.00"`)(w.World, w.Present(pass, w.Intent())), w.Request())
				requireRefusal(t, err, verify.ProofInvalid)
			}
			return check, func(i int) {
				chain, holder := w.below(1, hostile)
				require.NoError(t, w.show(holder, chain)(v))
			}, 30
		},
		"nonces": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			v := w.verifier(func(c *verify.Config) { c.Bounds.LiveNonces, c.Bounds.AgentActs, c.Bounds.RootActs = 20, 20, 100 })
			w.host.put(t, w.list(listA))
			pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{revocation(listA, 1)} }))
			used := w.Present(pass, w.Intent())
			_, err := v.Verify(ctx, used, w.Request())
			require.NoError(t, err)
			return func() {
					_, err := v.Verify(ctx, used, w.Request())
					requireRefusal(t, err, verify.LedgerReplay)
				}, func(i int) {
					chain, holder := w.below(1, hostile)
					_ = w.show(holder, chain)(v)
					_, _ = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request()) // the agent itself, too
				}, 120
		},
		"accounts": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			v := w.verifier(func(c *verify.Config) { c.Bounds.RootAccounts = 64 })
			w.host.put(t, w.list(listA))
			pass := w.Issue(w.Passport(func(p *passport.Passport) {
				p.Status = []statuslist.Entry{revocation(listA, 1)}
				p.Authority.SpendLimits = []passport.SpendLimit{perDay("50")}
			}))
			_, err := spend(w.World, v, pass, "40")
			require.NoError(t, err)
			return func() {
					_, err := spend(w.World, v, pass, "40")
					requireRefusal(t, err, verify.LedgerBudgetExceeded)
				}, func(i int) {
					chain, holder := w.below(1, hostile)
					leaf := w.Family(func(p *passport.Passport) { p.Status = []statuslist.Entry{revocation(listA, 1)} })
					_ = w.show(holder, chain)(v)
					child := leaf.Child(1, func(p *passport.Passport) {
						p.Authority.SpendLimits = []passport.SpendLimit{perDay("0.01")}
					})
					c, err := passport.Delegate(ctx, leaf.Chain(0), w.Agent, child, passport.IssueOptions{Now: w.Clock.Now})
					require.NoError(t, err)
					_ = w.show(leaf.Agents[1], c)(v)
				}, 100
		},
		"the limiter": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{
				Rate: verifyhttp.Rate{Requests: 3, Window: time.Minute}, Keys: 64, Now: w.Clock.Now,
			})
			require.NoError(t, err)
			take := func(caller string) bool {
				q, err := l.Take(context.Background(), caller)
				require.NoError(t, err)
				return q.OK
			}
			for range 3 {
				require.True(t, take("192.0.2.1"))
			}
			return func() { require.False(t, take("192.0.2.1")) }, func(i int) { take(fmt.Sprintf("198.51.100.%d", i)) }, 250
		},
		"the cache of DID documents": func(t *testing.T, w *listWorld) (func(), func(int), int) {
			issuer, fetched := newWebIssuer(t), 0
			resolve := func(ctx context.Context, id did.DID) (*did.Document, error) {
				if id != issuer.id {
					return nil, did.ErrNotFound
				}
				fetched++
				return issuer.Resolve(ctx, id)
			}
			c, err := did.NewCache(did.CacheConfig{Entries: 16, Now: w.Clock.Now, Resolver: did.ResolverFunc(resolve)})
			require.NoError(t, err)
			// What an agent names and does not exist pushes out nothing. A document that
			// is pushed out is fetched again, and is never older than the cache may be.
			return func() {
					_, err := c.Resolve(ctx, issuer.id)
					require.NoError(t, err)
					require.Equal(t, 1, fetched)
				}, func(i int) {
					_, _ = c.Resolve(ctx, did.MustParse(fmt.Sprintf("did:web:h%d.example", i)))
				}, 100
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newListWorld(t)
			check, flood, rounds := prepare(t, w)
			check()
			for i := range rounds {
				flood(i)
			}
			check()
		})
	}
}
