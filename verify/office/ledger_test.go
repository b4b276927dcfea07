package office_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

const shop = "did:web:shop.example"

// place is an office and a shop on one store.
type place struct {
	*testing.T
	*registry.Registry
	open   func() store.Store
	db     store.Store
	clock  *verifytest.Clock
	issuer *did.KeyPair
	agent  *did.KeyPair
	org    *registry.Org
	who    *registry.Agent
	grant  *registry.Grant
	lists  statuslist.Dir
	ledger store.Ledger
	shop   *verify.Verifier
}

func onFile(t *testing.T) func() store.Store {
	path := filepath.Join(t.TempDir(), "office.db")
	return func() store.Store {
		db, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		return db
	}
}

func onPostgres(t *testing.T) func() store.Store {
	dsn := testpostgres.Schema(t, "office "+t.Name())
	return func() store.Store {
		db, err := postgres.Open(ctx, dsn, postgres.Options{Options: store.Options{MaxClockDrift: -1}})
		require.NoError(t, err)
		return db
	}
}

// newPlace has an agent whose grant may spend 100 USD.
func newPlace(t *testing.T, open func() store.Store) *place {
	p := &place{
		T: t, open: open, clock: verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
		issuer: verifytest.Key("issuer"), agent: verifytest.Key("agent"), lists: statuslist.Dir(t.TempDir()),
	}
	p.start()
	t.Cleanup(func() { require.NoError(t, p.db.Close()) })
	var err error
	p.org, err = p.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	p.who, err = p.Agents.Create(ctx, p.org.Admin(), registry.NewAgent{Name: "buyer", DID: p.agent.DID()})
	require.NoError(t, err)
	p.grant, err = p.Grants.Create(ctx, p.org.Admin(), registry.NewGrant{
		Agent: p.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:*"},
		ExpiresAt: p.clock.Now().Add(30 * 24 * time.Hour), Budget: passport.MustMoney("100.00", "USD"),
	})
	require.NoError(t, err)
	return p
}

// start opens the store, and an office and a shop on it.
func (p *place) start() {
	p.db = p.open()
	p.Registry, p.ledger, p.shop = p.another(p.db)
}

func (p *place) another(db store.Store) (*registry.Registry, store.Ledger, *verify.Verifier) {
	r, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: p.issuer, BaseURL: "https://issuer.example", Now: p.clock.Now,
	})
	require.NoError(p, err)
	l, err := office.Ledger(r, db.Ledger())
	require.NoError(p, err)
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: p.issuer.DID()}}, Resolver: did.KeyMethods(), Status: p.lists, Ledger: l,
		Now: p.clock.Now,
	})
	require.NoError(p, err)
	return r, l, v
}

func usd(amount string) passport.Money { return passport.MustMoney(amount, "USD") }

func (p *place) issue(edits ...func(n *registry.NewPassport)) *registry.Passport {
	n := registry.NewPassport{
		Agent: p.who.ID, Grant: p.grant.ID, Categories: []string{"compute"}, MaxTransaction: usd("60.00"),
	}
	for _, edit := range edits {
		edit(&n)
	}
	got, err := p.Passports.Issue(ctx, p.org.Admin(), n)
	require.NoError(p, err)
	p.clock.Advance(time.Second)
	require.NoError(p, p.Lists.Publish(ctx, p.lists))
	return got
}

// pay asks a shop with a chain.
func (p *place) pay(v *verify.Verifier, key *did.KeyPair, chain passport.Chain, amount string,
	edits ...func(in *passport.Intent, q *verify.Request),
) (*verify.Decision, error) {
	act := passport.Act{Action: "payments:mpp:compute", Amount: usd(amount), Category: "compute", Rail: "tempo"}
	in, q := passport.Intent{Act: act}, verify.Request{Audience: shop, Act: act}
	for _, edit := range edits {
		edit(&in, &q)
	}
	shown, err := passport.Present(ctx, key, chain, in, shop, passport.PresentOptions{Now: p.clock.Now})
	require.NoError(p, err)
	return v.Verify(ctx, shown.Bytes(), q)
}

func (p *place) pays(who *registry.Passport, amount string) (*verify.Decision, error) {
	return p.pay(p.shop, p.agent, passport.Chain{p.signed(who)}, amount)
}

func (p *place) signed(who *registry.Passport) *credential.Signed {
	s, err := credential.Parse([]byte(who.Credential))
	require.NoError(p, err)
	return s
}

func (p *place) balance(grant string) [3]string {
	b, err := p.Budgets.Balance(ctx, p.org.Admin(), grant)
	require.NoError(p, err)
	return [3]string{b.Used.Amount(), b.Open.Amount(), b.Remaining().Amount()}
}

// told are the thresholds that were told.
func (p *place) told() (list []string) {
	events, err := p.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(p, err)
	for _, e := range events {
		if e.Type == "budget.threshold" || e.Type == "budget.exhausted" {
			list = append(list, e.Type+" "+string(e.Data))
		}
	}
	return list
}

func onBoth(t *testing.T, f func(t *testing.T, open func() store.Store)) {
	t.Run("sqlite", func(t *testing.T) { f(t, onFile(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, onPostgres(t)) })
}

// G8: what is reserved, spent and given back is debited from the budget, with its history and thresholds.
func TestG8SpendingDebitsTheGrant(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() store.Store) {
		p := newPlace(t, open)
		pass := p.issue()
		first, err := p.pays(pass, "40.00")
		require.NoError(t, err)
		require.Equal(t, [3]string{"40.00", "40.00", "60.00"}, p.balance(p.grant.ID), "an open hold counts fully")
		require.NoError(t, first.CommitFor(ctx, usd("25.00")))
		require.NoError(t, first.CommitFor(ctx, usd("25.00")), "said again")
		require.Equal(t, [3]string{"25.00", "0.00", "75.00"}, p.balance(p.grant.ID))
		require.Empty(t, p.told())
		second, err := p.pays(pass, "60.00")
		require.NoError(t, err)
		require.Len(t, p.told(), 1, "80 per cent are told, and 50 not beside it")
		require.NoError(t, second.Release(ctx))
		require.Equal(t, [3]string{"25.00", "0.00", "75.00"}, p.balance(p.grant.ID))
		third, err := p.pays(pass, "25.00")
		require.NoError(t, err)
		require.NoError(t, third.Commit(ctx))
		fourth, err := p.pays(pass, "50.00")
		require.NoError(t, err)
		require.NoError(t, fourth.Commit(ctx))
		require.Equal(t, [3]string{"100.00", "0.00", "0.00"}, p.balance(p.grant.ID))
		require.Equal(t, []string{
			`budget.threshold {"allocated":"100.00 USD","percent":80,"used":"85.00 USD"}`,
			`budget.exhausted {"allocated":"100.00 USD","percent":100,"used":"100.00 USD"}`,
		}, p.told())
		_, err = p.pays(pass, "0.01")
		verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
		// Money that came back, said by name.
		require.NoError(t, p.ledger.Settle(ctx, verify.Settlement{
			Decision: fourth.ID, Outcome: verify.Done, Amount: usd("30.00"), At: p.clock.Now(), By: "ops", Reason: "refund",
		}))
		require.Equal(t, [3]string{"80.00", "0.00", "20.00"}, p.balance(p.grant.ID))
		var kinds []string
		list, err := p.Budgets.History(ctx, p.org.Admin(), registry.BudgetQuery{Grant: p.grant.ID})
		require.NoError(t, err)
		for i, e := range list {
			require.EqualValues(t, i+1, e.Number)
			kinds = append(kinds, e.Kind+" "+e.Amount.Amount()+" "+e.Used.Amount())
		}
		require.Equal(t, []string{
			"allocated 100.00 0.00", "taken 40.00 40.00", "settled 25.00 25.00", "taken 60.00 85.00", "given back 60.00 25.00",
			"taken 25.00 50.00", "settled 25.00 50.00", "taken 50.00 100.00", "settled 50.00 100.00", "settled 30.00 80.00",
		}, kinds)
		require.Equal(t, "refund", list[9].Reason)
		require.Equal(t, pass.ID, list[1].Passport)
		require.Equal(t, first.ID, list[1].ID)
	})
}

// G8: real systems look for budgets above zero alone, so one that is used up is no bound at all: a passport over a
// million is issued on it.
func TestG8AnExhaustedBudgetIsABound(t *testing.T) {
	p := newPlace(t, onFile(t))
	pass := p.issue()
	for _, amount := range []string{"60.00", "40.00"} {
		d, err := p.pays(pass, amount)
		require.NoError(t, err)
		require.NoError(t, d.Commit(ctx))
	}
	for _, most := range []passport.Money{usd("1000000.00"), usd("0.01"), {}} {
		_, err := p.Passports.Issue(ctx, p.org.Admin(), registry.NewPassport{
			Agent: p.who.ID, Grant: p.grant.ID, Categories: []string{"compute"}, MaxTransaction: most,
		})
		require.ErrorIs(t, err, registry.AmountExceeds, most.String())
	}
	_, err := p.pays(pass, "1.00")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
}

// G8: a passport's cap is at most what is left when it is issued; two of them do not spend more than that together.
func TestG8CapsAreWhatRemains(t *testing.T) {
	p := newPlace(t, onFile(t))
	first, second := p.issue(), p.issue()
	d, err := p.pays(first, "60.00")
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	_, err = p.pays(second, "60.00")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	_, err = p.Passports.Issue(ctx, p.org.Admin(), registry.NewPassport{
		Agent: p.who.ID, Grant: p.grant.ID, Categories: []string{"compute"}, MaxTransaction: usd("40.01"),
	})
	require.ErrorIs(t, err, registry.AmountExceeds)
	third := p.issue(func(n *registry.NewPassport) { n.MaxTransaction = passport.Money{} })
	doc, err := passport.ReadUnverified(p.signed(third))
	require.NoError(t, err)
	require.Equal(t, "40.00 USD", doc.Authority.MaxTransaction.String())
}

// G8, S: from two processes at once a budget of 100 takes ten times 10, and no more; and so it is after a restart.
func TestG8ExactAtTheSameTime(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() store.Store) {
		p := newPlace(t, open)
		pass := p.signed(p.issue())
		other := p.open()
		_, _, second := p.another(other)
		var all sync.WaitGroup
		var mu sync.Mutex
		allowed, refused := 0, 0
		for i := range 40 {
			all.Go(func() {
				v := []*verify.Verifier{p.shop, second}[i%2]
				_, err := p.pay(v, p.agent, passport.Chain{pass}, "10.00")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					allowed++
				case errors.Is(err, verify.LedgerBudgetExceeded):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, [2]int{10, 30}, [2]int{allowed, refused})
		require.NoError(t, other.Close())
		require.NoError(t, p.db.Close())
		p.start()
		require.Equal(t, [3]string{"100.00", "100.00", "0.00"}, p.balance(p.grant.ID))
		_, err := p.pay(p.shop, p.agent, passport.Chain{pass}, "0.01")
		verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
		require.Len(t, p.told(), 3)
		require.NoError(t, p.db.Check(ctx))
	})
}

// G8: what a delegate spends, and what a part of the grant spends, comes from the budget of the grant.
func TestG8DelegatesSpendTheSameBudget(t *testing.T) {
	p := newPlace(t, onFile(t))
	root := p.issue(func(n *registry.NewPassport) { n.Authority.MaxDelegationDepth = 1 })
	doc, err := passport.ReadUnverified(p.signed(root))
	require.NoError(t, err)
	sub := verifytest.Key("sub")
	chain, err := passport.Delegate(ctx, passport.Chain{p.signed(root)}, p.agent, &passport.Passport{
		Agent: sub.DID(), Authority: passport.Authority{}.InheritGrants(&doc.Authority),
	}, passport.IssueOptions{Now: p.clock.Now})
	require.NoError(t, err)
	d, err := p.pay(p.shop, sub, chain, "30.00")
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	require.Equal(t, [3]string{"30.00", "0.00", "70.00"}, p.balance(p.grant.ID))

	who, err := p.Agents.Create(ctx, p.org.Admin(), registry.NewAgent{Name: "part", DID: sub.DID()})
	require.NoError(t, err)
	n := registry.NewGrant{Agent: who.ID, Parent: p.grant.ID, Scopes: []string{"payments:mpp:compute"}}
	for _, bad := range []passport.Money{usd("70.01"), passport.MustMoney("1", "EUR")} {
		n.Budget = bad
		_, err := p.Grants.Create(ctx, p.org.Admin(), n)
		require.ErrorIs(t, err, registry.AmountExceeds)
	}
	n.Budget = usd("50.00")
	part, err := p.Grants.Create(ctx, p.org.Admin(), n)
	require.NoError(t, err)
	below := p.issue(func(n *registry.NewPassport) {
		n.Agent, n.Grant, n.Parent, n.MaxTransaction = who.ID, part.ID, root.ID, usd("50.00")
	})
	d, err = p.pay(p.shop, sub, passport.Chain{p.signed(below)}, "45.00")
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	require.Equal(t, [3]string{"75.00", "0.00", "25.00"}, p.balance(p.grant.ID))
	require.Equal(t, [3]string{"45.00", "0.00", "5.00"}, p.balance(part.ID))
	_, err = p.pay(p.shop, sub, passport.Chain{p.signed(below)}, "5.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	_, err = p.pays(root, "25.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	d, err = p.pays(root, "25.00")
	require.NoError(t, err)
	_, err = p.pay(p.shop, sub, passport.Chain{p.signed(below)}, "5.00")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	require.NoError(t, d.Release(ctx))
	_, err = p.pay(p.shop, sub, passport.Chain{p.signed(below)}, "5.00")
	require.NoError(t, err)
}

// G8: what is spent elsewhere is debited by hand, once for an id.
func TestG8DebitsByHand(t *testing.T) {
	p := newPlace(t, onFile(t))
	by := p.org.Admin()
	n := registry.Debit{Grant: p.grant.ID, Amount: usd("60.00"), ID: "invoice 7", Reason: "paid at the till"}
	for range 2 {
		b, err := p.Budgets.Debit(ctx, by, n)
		require.NoError(t, err)
		require.Equal(t, "40.00 USD", b.Remaining().String())
	}
	for name, c := range map[string]struct {
		edit func(n *registry.Debit)
		code registry.Code
	}{
		"another amount under the id": {func(n *registry.Debit) { n.Amount = usd("1.00") }, registry.Conflict},
		"more than is left":           {func(n *registry.Debit) { n.ID, n.Amount = "8", usd("40.01") }, registry.AmountExceeds},
		"another currency": {func(n *registry.Debit) { n.ID, n.Amount = "8", passport.MustMoney("1", "JPY") },
			registry.AmountExceeds},
		"no id":         {func(n *registry.Debit) { n.ID = "" }, registry.BadRequest},
		"nothing":       {func(n *registry.Debit) { n.ID, n.Amount = "8", usd("0.00") }, registry.BadRequest},
		"no amount":     {func(n *registry.Debit) { n.ID, n.Amount = "8", passport.Money{} }, registry.BadRequest},
		"no such grant": {func(n *registry.Debit) { n.Grant = "grnt_x" }, registry.NotFound},
	} {
		n := n
		c.edit(&n)
		_, err := p.Budgets.Debit(ctx, by, n)
		require.ErrorIs(t, err, c.code, name)
	}
	require.Equal(t, [3]string{"60.00", "0.00", "40.00"}, p.balance(p.grant.ID))
	_, err := p.Budgets.Allocate(ctx, by, registry.Allocation{Grant: p.grant.ID, Amount: usd("500.00")})
	require.ErrorIs(t, err, registry.Exists)
	_, err = p.Budgets.Adjust(ctx, by, registry.Allocation{Grant: p.grant.ID, Amount: passport.MustMoney("1", "EUR")})
	require.ErrorIs(t, err, registry.BadRequest)
	b, err := p.Budgets.Adjust(ctx, by, registry.Allocation{Grant: p.grant.ID, Amount: usd("50.00"), Reason: "less"})
	require.NoError(t, err)
	require.Equal(t, "0.00 USD", b.Remaining().String())
	b, err = p.Budgets.Adjust(ctx, by, registry.Allocation{Grant: p.grant.ID, Amount: usd("500.00")})
	require.NoError(t, err)
	require.Equal(t, "440.00 USD", b.Remaining().String())
	require.Zero(t, b.Told, "what is no longer passed is told again")
	require.NoError(t, p.Audit.Verify(ctx, by, ""))
}

// G8: who has a budget, and what is left of it, is told to nobody else.
func TestG8BudgetsOfOthers(t *testing.T) {
	p := newPlace(t, onFile(t))
	org, err := p.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	for _, by := range []registry.Actor{org.Admin(), {}} {
		var answers [2][]string
		for i, grant := range []string{p.grant.ID, "grnt_x"} {
			_, err1 := p.Budgets.Balance(ctx, by, grant)
			_, err2 := p.Budgets.History(ctx, by, registry.BudgetQuery{Grant: grant})
			_, err3 := p.Budgets.Debit(ctx, by, registry.Debit{Grant: grant, Amount: usd("1.00"), ID: "x"})
			_, err4 := p.Budgets.Allocate(ctx, by, registry.Allocation{Grant: grant, Amount: usd("1.00")})
			_, err5 := p.Budgets.Adjust(ctx, by, registry.Allocation{Grant: grant, Amount: usd("1.00")})
			for _, err := range []error{err1, err2, err3, err4, err5} {
				require.Error(t, err)
				answers[i] = append(answers[i], err.Error())
			}
		}
		require.Equal(t, answers[1], answers[0])
	}
}

// G8: an act that is asked for again is answered as before, though nothing is left by now; a presentation that
// was used is told as such.
func TestG8RepetitionsTakeNothing(t *testing.T) {
	p := newPlace(t, onFile(t))
	pass := p.signed(p.issue(func(n *registry.NewPassport) { n.MaxTransaction = usd("100.00") }))
	id, err := passport.NewIntentID(p.clock.Now())
	require.NoError(t, err)
	again := func(in *passport.Intent, q *verify.Request) { in.ID, q.AcceptRepeat = id, true }
	first, err := p.pay(p.shop, p.agent, passport.Chain{pass}, "100.00", again)
	require.NoError(t, err)
	second, err := p.pay(p.shop, p.agent, passport.Chain{pass}, "100.00", again)
	require.NoError(t, err)
	require.True(t, second.Repeated)
	require.Equal(t, first.ID, second.Of)
	_, err = p.pay(p.shop, p.agent, passport.Chain{pass}, "100.00", func(in *passport.Intent, _ *verify.Request) { in.ID = id })
	verifytest.AssertDenied(t, err, verify.LedgerRepeated)
	require.Equal(t, [3]string{"100.00", "100.00", "0.00"}, p.balance(p.grant.ID))
	act := passport.Act{Action: "payments:mpp:compute", Amount: usd("1.00"), Category: "compute", Rail: "tempo"}
	shown, err := passport.Present(ctx, p.agent, passport.Chain{pass}, passport.Intent{Act: act}, shop,
		passport.PresentOptions{Now: p.clock.Now})
	require.NoError(t, err)
	report := p.shop.Explain(ctx, shown.Bytes(), verify.Request{Audience: shop, Act: act})
	require.Equal(t, verify.LedgerBudgetExceeded, report.Code(), "a dry run says so, too")
}

// G8: a grant that the office does not know, as after an older copy of its store, is not one without a budget.
func TestG8UnknownGrants(t *testing.T) {
	p := newPlace(t, onFile(t))
	pass := p.issue()
	elsewhere := newPlace(t, onFile(t))
	elsewhere.lists, elsewhere.clock = p.lists, p.clock
	require.NoError(t, elsewhere.db.Close())
	elsewhere.start()
	_, err := elsewhere.pay(elsewhere.shop, p.agent, passport.Chain{p.signed(pass)}, "1.00")
	require.ErrorIs(t, err, verify.LedgerUnavailable)
}

// G8: a ledger of another store cannot debit in one transaction.
func TestG8LedgerOfAnotherStore(t *testing.T) {
	p := newPlace(t, onFile(t))
	other := onFile(t)()
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	for _, l := range []store.Ledger{other.Ledger(), nil, ledger.NewMemory(ledger.Options{})} {
		_, err := office.Ledger(p.Registry, l)
		require.Error(t, err)
	}
	_, err := office.Ledger(p.Registry, p.db.Ledger())
	require.NoError(t, err)
}

// The ledger that debits budgets is a ledger.
func TestLedger(t *testing.T) {
	n := 0
	fresh := func(t testing.TB) verify.Ledger {
		n++
		db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		r, err := registry.Open(registry.Config{
			Store: db.Registry(), Issuer: verifytest.Key(fmt.Sprint("issuer", n)), BaseURL: "https://issuer.example",
		})
		require.NoError(t, err)
		l, err := office.Ledger(r, db.Ledger())
		require.NoError(t, err)
		return l
	}
	verifytest.TestLedger(t, fresh)
}

// G8, P7: the passport of a record states the record where others state a grant: it has no budget, and is served.
func TestG8RecordsHaveNoBudget(t *testing.T) {
	p := newPlace(t, onFile(t))
	r, err := p.Records.Create(ctx, p.org.Admin(), registry.NewRecord{
		Owner: p.org.ID, Agent: p.who.ID, Status: registry.Active,
		Profile: registry.Profile{Name: "x", Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments:mpp:compute"}}, Categories: []string{"compute"},
			Rails: []string{"tempo"}, MaxTransaction: usd("10.00"),
		}},
	})
	require.NoError(t, err)
	p.clock.Advance(time.Second)
	require.NoError(t, p.Lists.Publish(ctx, p.lists))
	pass, err := p.Passports.Get(ctx, p.org.Admin(), r.Passport)
	require.NoError(t, err)
	d, err := p.pays(pass, "10.00")
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	require.Equal(t, [3]string{"0.00", "0.00", "100.00"}, p.balance(p.grant.ID))
}

// G8: verifiers of two processes that spend from the same budgets, in one order and in another, wait in turn. A server
// needs a second to find out that two wait for one another.
func TestG8TwoProcessesDoNotDeadlock(t *testing.T) {
	p := newPlace(t, onPostgres(t))
	other := p.open()
	_, _, second := p.another(other)
	keys, passes := make([]*did.KeyPair, 6), make([]*credential.Signed, 6)
	for i := range keys {
		keys[i] = verifytest.Key(fmt.Sprint("spender ", i))
		a, err := p.Agents.Create(ctx, p.org.Admin(), registry.NewAgent{Name: "buyer", DID: keys[i].DID()})
		require.NoError(t, err)
		g, err := p.Grants.Create(ctx, p.org.Admin(), registry.NewGrant{
			Agent: a.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:*"},
			ExpiresAt: p.grant.ExpiresAt, Budget: usd("1000.00"),
		})
		require.NoError(t, err)
		passes[i] = p.signed(p.issue(func(n *registry.NewPassport) { n.Agent, n.Grant = a.ID, g.ID }))
	}
	spend := func(shops ...*verify.Verifier) {
		var all sync.WaitGroup
		for n := range 12 {
			all.Go(func() {
				for i := range 2 * len(keys) {
					k := (n*(i+1) + i) % len(keys)
					d, err := p.pay(shops[n%len(shops)], keys[k], passport.Chain{passes[k]}, "0.10")
					if assert.NoError(t, err) {
						assert.NoError(t, d.Commit(ctx))
					}
				}
			})
		}
		all.Wait()
	}
	spend(p.shop) // accounts that are not there yet are made by one
	before := p.db.Stats().Retried + other.Stats().Retried
	spend(p.shop, second)
	require.Zero(t, p.db.Stats().Retried+other.Stats().Retried-before)
	require.NoError(t, other.Close())
}
