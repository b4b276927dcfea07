package verify_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func remembering(c *verify.Config) { c.ProvenDocuments = 64 }

// Every bad presentation is refused for the same reasons, at the same places
// and in the same words, whether its passports are remembered or not.
func TestProvenDocumentsRefuseInTheSameWords(t *testing.T) {
	w := verifytest.NewWorld(t)
	plain, memory := w.Verifier(), w.Verifier(remembering)
	for _, bad := range w.Shelf() {
		for _, v := range []*verify.Verifier{plain, memory} {
			_, err := v.Verify(ctx, bad.Good, bad.GoodRequest)
			require.NoError(t, err, bad.Name)
		}
		if bad.Between != nil {
			bad.Between()
		}
		want, _ := plain.Verify(ctx, bad.Bytes, bad.Request)
		for range 3 { // what held is remembered from the first time on
			got, err := memory.Verify(ctx, bad.Bytes, bad.Request)
			require.Error(t, err, bad.Name)
			require.Equal(t, refusals(want), refusals(got), bad.Name)
			require.Equal(t, want.Verdict, got.Verdict, bad.Name)
		}
	}
}

func refusals(d *verify.Decision) (list []string) {
	for _, v := range d.Violations {
		list = append(list, fmt.Sprintf("%s %s %s %q %q %q %q %v", v.Step, v.Code, v.Path, v.Detail, v.Limit, v.Actual, v.Hint, v.Err))
	}
	return list
}

// A key that was rotated refuses with the path in the presentation, as without
// a memory.
func TestProvenDocumentsPath(t *testing.T) {
	w, wi, _, p, _ := webWorld(t)
	config := func(c *verify.Config) {
		c.Anchors = []verify.Anchor{{Issuer: wi.id}}
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
		c.Formats = []credential.Format{vcjwt.Format()}
	}
	for _, format := range []credential.Format{nil, vcjwt.Format()} {
		wi.rotate(t, "key of 2026")
		signed, err := passport.Issue(ctx, wi.signer, w.Passport(func(q *passport.Passport) { q.Status = p.Status }),
			passport.IssueOptions{Now: w.Clock.Now, Format: format})
		require.NoError(t, err)
		plain, memory := w.Verifier(config), w.Verifier(config, remembering)
		for range 2 {
			_, err = memory.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
			require.NoError(t, err)
		}
		wi.rotate(t, "key of 2027")
		raw := w.Present(signed, w.Intent())
		want, _ := plain.Verify(ctx, raw, w.Request())
		got, err := memory.Verify(ctx, raw, w.Request())
		verifytest.AssertDenied(t, err, verify.ProofInvalid)
		require.Equal(t, refusals(want), refusals(got))
		require.True(t, strings.HasPrefix(got.Violations[0].Path, "/verifiableCredential/0"), got.Violations[0].Path)
	}
}

// A rule that changes what it is shown changes nothing else: neither what is
// charged nor what the next decision is about.
func TestRulesAreShownCopies(t *testing.T) {
	for _, config := range []func(*verify.Config){remembering, func(*verify.Config) {}} {
		w := verifytest.NewWorld(t)
		v := w.Verifier(config, func(c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "vandal", Check: func(f verify.Facts) error {
				f.Chain[0].ID, f.Chain[0].Authority.SpendLimits = "urn:other", nil
				return nil
			}}}
		})
		pass := spender(w, perDay("100"))
		for range 2 {
			_, err := spend(w, v, pass, "50")
			require.NoError(t, err)
		}
		_, err := spend(w, v, pass, "50")
		verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	}
}

// RES-05: what a verifier remembers of a refused presentation does not keep the
// whole of it.
func TestMemoriesKeepNoDocument(t *testing.T) {
	sequential.Long(t)
	const shown, pad = 48, 400 << 10
	w := verifytest.NewWorld(t)
	v := w.Verifier(remembering)
	var raws [][]byte
	for i := range shown {
		url := fmt.Sprintf("https://issuer.example/list/%d", i)
		w.Lists.Open(url, statuslist.Revocation, w.Issuer)
		p := w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{w.Lists.Entry(url, "")} })
		w.Lists.Set(p.Status[0], 1)
		w.Lists.PublishAt(url, w.Clock.Now())
		raws = append(raws, w.Present(w.Issue(p), w.Intent()))
	}
	before := heap()
	for _, raw := range raws {
		raw = append([]byte("{"+strings.Repeat(" ", pad)), raw[1:]...)
		d, err := v.Verify(ctx, raw, w.Request())
		verifytest.AssertDenied(t, err, verify.StatusRevoked)
		require.Len(t, d.Violations, 1)
	}
	require.Less(t, heap()-before, int64(shown*pad/2))
	runtime.KeepAlive(v)
	runtime.KeepAlive(raws)
}

func heap() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// What a decision hands out, and what rules of the host are shown, is theirs:
// whatever they do to it, the next decision is as the documents say.
func TestProvenDocumentsAreNotHandedOut(t *testing.T) {
	w := verifytest.NewWorld(t)
	spoil := func(list []*passport.Passport) {
		for _, p := range list {
			p.ID, p.ValidUntil = "urn:other", p.ValidUntil.Add(1000*time.Hour)
			for i := range p.Authority.Capabilities {
				p.Authority.Capabilities[i].Action = "files.delete"
			}
			for i := range p.Authority.SpendLimits {
				p.Authority.SpendLimits[i].Money = passport.MustMoney("1.00", "XAU")
			}
			for i := range p.Status {
				p.Status[i].Index = 7
			}
			p.Authority.MaxTransaction = passport.MustMoney("0.01", "USD")
		}
	}
	seen := 0
	v := w.Verifier(remembering, func(c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "vandal", Check: func(f verify.Facts) error {
			seen++
			require.NotEqual(t, "urn:other", f.Chain[0].ID)
			spoil(f.Chain)
			return nil
		}}}
	})
	family := w.Family()
	chain := family.Chain(2)
	for i := range 4 {
		d, err := v.Verify(ctx, w.PresentChain(family.Agents[2], chain, w.Intent()), w.Request())
		require.NoError(t, err, i)
		require.NotEqual(t, "urn:other", d.Passport.ID, "what a rule changes reaches nobody")
		spoil(d.Chain)
	}
	require.Equal(t, 4, seen)
}

// A chain is remembered whatever secures it, and whatever secures the
// presentation, and another chain with the same leaf above it is not.
func TestProvenDocumentsOfEverySuite(t *testing.T) {
	w := verifytest.NewWorld(t)
	jwt := vcjwt.Format()
	v := w.Verifier(remembering, func(c *verify.Config) { c.Formats = []credential.Format{jwt} })
	for name, o := range map[string]passport.IssueOptions{
		"jcs": {}, "rdfc": {Suite: credential.SuiteRDFC}, "jwt": {Format: jwt},
	} {
		o.Now = w.Clock.Now
		signed, err := passport.Issue(ctx, w.Issuer, w.Passport(func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 2 }), o)
		require.NoError(t, err)
		child := &passport.Passport{Agent: verifytest.Key("child").DID(), Authority: passport.Authority{}.InheritGrants(&readPassport(t, signed).Authority)}
		chain, err := passport.Delegate(ctx, passport.Chain{signed}, w.Agent, child, o)
		require.NoError(t, err)
		for shown, po := range map[string]passport.PresentOptions{
			"jcs": {}, "rdfc": {Suite: credential.SuiteRDFC}, "jwt": {Format: jwt},
		} {
			po.Now = w.Clock.Now
			for i := range 3 {
				vp, err := passport.Present(ctx, verifytest.Key("child"), chain, w.Intent(), verifytest.Audience, po)
				require.NoError(t, err)
				d, err := v.Verify(ctx, vp.Bytes(), w.Request())
				require.NoError(t, err, "%s shown as %s, time %d", name, shown, i)
				require.Len(t, d.Chain, 2)
				require.Equal(t, readPassport(t, chain[1]), d.Passport)

				// One byte of a remembered passport changed: another document.
				if o.Format == nil && po.Format == nil {
					_, err = v.Verify(ctx, replace(`"50.00"`, `"51.00"`)(w, vp.Bytes()), w.Request())
					verifytest.AssertDenied(t, err, verify.ProofInvalid)
				}
			}
		}
	}
}

// That a leaf narrows is remembered for the very documents above it: below
// another edition of its parent, or without a link, it is refused as ever.
func TestProvenDocumentsAnotherChain(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(remembering)
	f := w.Family()
	chain := f.Chain(2)
	show := func(agent did.Signer, chain passport.Chain) error {
		_, err := v.Verify(ctx, w.PresentChain(agent, chain, w.Intent()), w.Request())
		return err
	}
	edition := *f.Root
	edition.Name = "another edition"
	other := w.Issue(&edition)
	for range 3 {
		require.NoError(t, show(f.Agents[2], chain))
		require.NoError(t, show(f.Agents[0], passport.Chain{other}))
		require.NoError(t, show(f.Agents[0], chain[:1]))
	}
	for range 2 {
		verifytest.AssertDenied(t, show(f.Agents[2], passport.Chain{other, chain[1], chain[2]}), verify.DelegationParentMismatch)
		verifytest.AssertDenied(t, show(f.Agents[1], passport.Chain{other, chain[1]}), verify.DelegationParentMismatch)
		require.Error(t, show(f.Agents[2], passport.Chain{chain[0], chain[2]}))
		require.NoError(t, show(f.Agents[2], chain))
	}
}

func readPassport(t *testing.T, s *credential.Signed) *passport.Passport {
	t.Helper()
	p, err := passport.ReadUnverified(s)
	require.NoError(t, err)
	return p
}

// The memory of proven documents saves signature checks and nothing else.
func TestProvenDocuments(t *testing.T) {
	w, wi, _, p, _ := webWorld(t)
	v := w.Verifier(func(c *verify.Config) {
		c.Anchors = []verify.Anchor{{Issuer: wi.id}}
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
		c.ProvenDocuments = 16
	})
	signed, err := passport.Issue(ctx, wi.signer, w.Passport(func(q *passport.Passport) { q.Status = p.Status }), passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	decide := func() error {
		_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		return err
	}
	require.NoError(t, decide())
	require.NoError(t, decide())

	// A tampered twin is another document.
	raw := w.Present(signed, w.Intent())
	_, err = v.Verify(ctx, resign(w, replace(`"50.00"`, `"90.00"`)(w, raw), w.Agent, keep), w.Request())
	verifytest.AssertDenied(t, err, verify.ProofInvalid)

	// Revoked in between.
	w.Clock.Advance(time.Minute)
	require.NoError(t, w.Lists.Revocation.Set(p.Status[0].Index, 1))
	publishAs(t, w, wi)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)

	// The key is gone, or serves another purpose, or the time is over.
	wi.rotate(t, "key of 2027")
	verifytest.AssertDenied(t, decide(), verify.ProofInvalid)
	wi.rotate(t, "key of 2026", did.Authentication)
	verifytest.AssertDenied(t, decide(), verify.ProofPurposeMismatch)
	wi.rotate(t, "key of 2026")
	w.Clock.Advance(24 * time.Hour)
	verifytest.AssertDenied(t, decide(), verify.TimeExpired)
}
