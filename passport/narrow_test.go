package passport_test

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// dice makes random authorities and acts over a small world, so that they
// often meet.
type dice struct{ *rand.Rand }

func (d dice) some(p float64) bool { return d.Float64() < p }

func (d dice) subset(p float64, all ...string) (out []string) {
	for _, s := range all {
		if d.some(p) {
			out = append(out, s)
		}
	}
	return out
}

// money is at most 4, sometimes with more decimals than the currency has, or of a
// token, which is another one with other decimals.
func (d dice) money() passport.Money {
	currency := []string{"USD", "EUR"}[d.Intn(2)]
	if d.some(0.25) {
		m, err := passport.ParseAssetMoney(fmt.Sprint(d.Intn(5)), "eip155:1/erc20:0xa0b8", 6+12*d.Intn(2))
		if err != nil {
			panic(err)
		}
		return m
	}
	if d.some(0.2) {
		m, err := passport.ParseAssetMoney(fmt.Sprintf("%d.%03d", d.Intn(4), d.Intn(3)*5), currency, 3)
		if err != nil {
			panic(err)
		}
		return m
	}
	return passport.MustMoney(fmt.Sprint(d.Intn(5)), currency)
}

// like is an amount of the same name, perhaps with other decimals.
func (d dice) like(m passport.Money) passport.Money {
	for {
		if n := d.money(); n.Currency() == m.Currency() {
			return n
		}
	}
}

func (d dice) authority() *passport.Authority {
	a := &passport.Authority{}
	for _, action := range d.subset(0.5, "a.b", "a.*", "a.b.*", "a.b.c", "c") {
		c := passport.Capability{Action: action}
		if d.some(0.3) {
			c.Params = append(c.Params, passport.Param{Name: "max_rows", Kind: passport.ParamMax, Int: int64(d.Intn(3))})
		}
		if d.some(0.3) {
			c.Params = append(c.Params, passport.Param{Name: "fast", Kind: passport.ParamBool, Bool: d.some(0.6)})
		}
		if d.some(0.2) {
			if s := d.subset(0.6, "x", "y"); len(s) > 0 {
				c.Params = append(c.Params, passport.Param{Name: "kind", Kind: passport.ParamStrings, Strings: s})
			}
		}
		a.Capabilities = append(a.Capabilities, c)
	}
	a.DeniedActions = d.subset(0.07, "a.b", "a.b.*", "c")
	a.Categories = d.subset(0.5, "k1", "k2")
	a.Rails = d.subset(0.5, "r1", "r2")
	if d.some(0.5) {
		a.MaxTransaction = d.money()
	}
	for _, action := range d.subset(0.25, "", "a.*", "a.b", "a.b.*", "c") {
		l := passport.SpendLimit{Money: d.money(), Per: passport.PerTransaction, Action: action}
		if d.some(0.5) {
			l.Per, l.TimeZone = passport.PerDay, []string{"", "", "UTC"}[d.Intn(3)]
		}
		a.SpendLimits = append(a.SpendLimits, l)
	}
	if d.some(0.3) {
		a.Limits = append(a.Limits, passport.MaxOf("rows", int64(d.Intn(3))))
	}
	if d.some(0.3) {
		a.Limits = append(a.Limits, passport.RateOf("requests", time.Minute, int64(d.Intn(3))))
	}
	if d.some(0.4) {
		l := passport.Allow("fast")
		l.Bool = d.some(0.7)
		a.Limits = append(a.Limits, l)
	}
	a.Payees = d.subset(0.2, "p/1", "p/*")
	a.Resources = d.subset(0.2, "r/1", "r/*")
	a.Audiences = d.subset(0.1, "shop")
	a.Regions = d.subset(0.15, "DE", "DE-BY", "FR")
	if d.some(0.2) {
		a.TimeWindows = []passport.TimeWindow{{Days: []string{"sat"}, Start: "09:00", End: "10:00", TimeZone: "UTC"}}
	}
	a.Assurance.Level = []passport.Level{"", passport.L1, passport.L3}[d.Intn(3)]
	return a
}

// narrower returns a random authority that often stays within a.
func (d dice) narrower(a *passport.Authority) *passport.Authority {
	b := *a
	if d.some(0.3) && len(b.Capabilities) > 1 {
		b.Capabilities = b.Capabilities[1:]
	}
	r := d.authority()
	if d.some(0.2) {
		b.Capabilities = r.Capabilities
	}
	if d.some(0.2) {
		b.DeniedActions = r.DeniedActions
	}
	if d.some(0.15) {
		b.Categories = r.Categories
	}
	if d.some(0.15) {
		b.MaxTransaction = r.MaxTransaction
	}
	if d.some(0.15) {
		b.SpendLimits = r.SpendLimits
	}
	if d.some(0.15) {
		b.Limits = r.Limits
	}
	if d.some(0.15) {
		b.Payees = r.Payees
	}
	if d.some(0.15) {
		b.Resources, b.Regions = r.Resources, r.Regions
	}
	if d.some(0.15) {
		b.TimeWindows = r.TimeWindows
	}
	if d.some(0.15) {
		b.Assurance = r.Assurance
	}
	return &b
}

func (d dice) act() *asked {
	act := &asked{audience: "shop", at: time.Date(2026, 11, 21, 9+d.Intn(2), 30, 0, 0, time.UTC)}
	act.Action = []string{"a.b", "a.b.c", "a.z", "c"}[d.Intn(4)]
	if d.some(0.5) {
		act.Amount = d.money()
	}
	pick := func(p float64, all ...string) string {
		if d.some(p) {
			return all[d.Intn(len(all))]
		}
		return ""
	}
	act.Category, act.Rail = pick(0.4, "k1", "k2"), pick(0.4, "r1", "r2")
	act.Payee, act.Resource = pick(0.3, "p/1", "p/2"), pick(0.5, "r/1", "r/2", "r/1", "r/2", "r/../1", "r/..;/1", "r/%2e", "r/1/...")
	act.Region = pick(0.5, "DE", "DE-BY", "FR")
	var members []string
	if d.some(0.6) {
		members = append(members, fmt.Sprintf(`"rows":%d`, d.Intn(3)))
	}
	if d.some(0.6) {
		members = append(members, `"fast":`+[]string{"true", "true", "false", "false", "1", `"yes"`, "null"}[d.Intn(7)])
	}
	if d.some(0.4) {
		members = append(members, fmt.Sprintf(`"kind":"%s"`, []string{"x", "y", "z"}[d.Intn(3)]))
	}
	if len(members) > 0 {
		v, err := credential.ParseValue("{" + strings.Join(members, ",") + "}")
		if err != nil {
			panic(err)
		}
		act.Attributes = v
	}
	return act
}

// cases is how many each property is tried on: 10^4 with -short, 10^6 with
// SAFECONDUCT_LONG set.
func cases() int {
	switch {
	case testing.Short():
		return 10_000
	case os.Getenv("SAFECONDUCT_LONG") != "":
		return 1_000_000
	}
	return 100_000
}

// DEL-17: the effective authority of a chain permits exactly what every link
// permits, whether or not the links narrow.
func TestDEL17EffectiveIsTheConjunction(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewSource(17))}
	permitted := 0
	for i := range cases() {
		parent := d.authority()
		chain := []*passport.Authority{parent}
		e := parent.Effective()
		for range d.Intn(3) {
			link := d.narrower(chain[len(chain)-1])
			chain = append(chain, link)
			e = e.Intersect(link)
		}
		act := d.act()
		reasons := act.judged(chain)
		require.Equal(t, len(reasons) == 0, act.passes(e), "case %d: %v\n%+v\n%+v", i, reasons, chain[len(chain)-1], act)
		if len(reasons) == 0 {
			permitted++
		}
	}
	require.Greater(t, permitted, cases()/200, "the dice must often allow something")
}

// DEL-17: what a link that was admitted permits, its parent permits too, and
// the chain below an admitted link is within the one above.
func TestDEL17AdmittedLinksOnlyNarrow(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewSource(18))}
	admitted, permitted := 0, 0
	for i := range cases() {
		parent := d.authority()
		child := d.narrower(parent)
		e := parent.Effective()
		if e.Admits(child) != nil {
			continue
		}
		admitted++
		below := e.Intersect(child)
		require.NoError(t, below.Within(e), "case %d", i)
		for range 5 {
			act := d.act()
			if act.passes(below) {
				permitted++
				require.True(t, act.passes(e), "case %d", i)
			}
		}
	}
	require.Greater(t, admitted, cases()/20)
	require.Greater(t, permitted, cases()/400)
}

// Within is a partial order over what is permitted: sound, reflexive,
// transitive; two within each other permit the same.
func TestWithinIsAPartialOrder(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewSource(19))}
	pairs, chains := 0, 0
	for i := range cases() {
		a := d.authority()
		b, c := d.narrower(a), d.narrower(a)
		ea, eb, ec := a.Effective(), b.Effective(), c.Effective()
		require.NoError(t, ea.Within(ea))
		ab, bc := eb.Within(ea) == nil, ec.Within(eb) == nil
		if ab {
			pairs++
			both := ea.Within(eb) == nil
			for range 3 {
				act := d.act()
				if act.passes(eb) {
					require.True(t, act.passes(ea), "case %d: %+v\nwithin %+v\n%+v", i, b, a, act)
				}
				if both {
					require.Equal(t, act.passes(ea), act.passes(eb), "case %d", i)
				}
			}
		}
		if ab && bc {
			chains++
			require.NoError(t, ec.Within(ea), "case %d", i)
		}
	}
	require.Greater(t, pairs, cases()/50)
	require.Greater(t, chains, cases()/1000)
}

// What a link does not deny it inherits, so [Authority.Narrows] has nothing to
// refuse there. Within compares two authorities as they stand, and does.
func TestWithinWantsDenialsAndWindows(t *testing.T) {
	parent := func() *passport.Authority {
		return &passport.Authority{
			Capabilities:  []passport.Capability{{Action: "pay.*"}},
			DeniedActions: []string{"pay.card"},
			TimeWindows:   []passport.TimeWindow{{Days: []string{"mon"}, Start: "09:00", End: "17:00", TimeZone: "UTC"}},
		}
	}
	within := func(f func(*passport.Authority)) error {
		child := parent()
		f(child)
		return child.Effective().Within(parent().Effective())
	}
	require.NoError(t, within(func(*passport.Authority) {}))
	require.NoError(t, within(func(a *passport.Authority) { a.DeniedActions = []string{"pay.*"} }))
	for path, f := range map[string]func(*passport.Authority){
		"deniedActions": func(a *passport.Authority) { a.DeniedActions = []string{"pay.wire"} },
		"timeWindows":   func(a *passport.Authority) { a.TimeWindows = nil },
	} {
		err := within(f)
		require.ErrorContains(t, err, path)
	}
}

// Every facet of the table, widened alone: the error names it.
func TestNarrowsFacets(t *testing.T) {
	full := func() *passport.Authority {
		return &passport.Authority{
			Capabilities: []passport.Capability{{Action: "pay.*", Params: []passport.Param{
				{Name: "max_rows", Kind: passport.ParamMax, Int: 5}, {Name: "fast", Kind: passport.ParamBool},
				{Name: "kind", Kind: passport.ParamStrings, Strings: []string{"x", "y"}}, {Name: "max_per_day", Kind: passport.ParamRate, Int: 3}}}},
			Categories: []string{"compute"}, Rails: []string{"tempo"},
			MaxTransaction: passport.MustMoney("50", "USD"),
			SpendLimits:    []passport.SpendLimit{{Money: passport.MustMoney("100", "USD"), Per: passport.PerDay}},
			Limits:         []passport.Limit{passport.MaxOf("rows", 10), passport.RateOf("requests", time.Hour, 10), passport.Allow("pii")},
			Payees:         []string{"https://a.example/*"}, Resources: []string{"https://b.example/*"},
			Audiences: []string{"did:web:shop.example"}, Regions: []string{"DE"},
			Assurance: passport.Assurance{Level: passport.L2}, MaxDelegationDepth: 2,
		}
	}
	require.NoError(t, full().Narrows(full()))
	withParams := func(p ...passport.Param) func(*passport.Authority) {
		return func(a *passport.Authority) {
			params := append([]passport.Param(nil), a.Capabilities[0].Params...)
			for _, q := range p {
				for i := range params {
					if params[i].Name == q.Name {
						params[i] = q
					}
				}
			}
			a.Capabilities = []passport.Capability{{Action: "pay.card", Params: params}}
		}
	}
	for name, c := range map[string]struct {
		edit func(*passport.Authority)
		path string
	}{
		"action":        {func(a *passport.Authority) { a.Capabilities[0].Action = "data.*" }, "/capabilities/0/action"},
		"whole tree":    {func(a *passport.Authority) { a.Capabilities = append(a.Capabilities, passport.Capability{Action: "x"}) }, "/capabilities/1/action"},
		"param maximum": {withParams(passport.Param{Name: "max_rows", Kind: passport.ParamMax, Int: 6}), "/capabilities/0/params/max_rows"},
		"param rate":    {withParams(passport.Param{Name: "max_per_day", Kind: passport.ParamRate, Int: 4}), "/capabilities/0/params/max_per_day"},
		"param boolean": {withParams(passport.Param{Name: "fast", Kind: passport.ParamBool, Bool: true}), "/capabilities/0/params/fast"},
		"param strings": {withParams(passport.Param{Name: "kind", Kind: passport.ParamStrings, Strings: []string{"x", "z"}}), "/capabilities/0/params/kind"},
		"param kind":    {withParams(passport.Param{Name: "kind", Kind: passport.ParamMax, Int: 1}), "/capabilities/0/params/kind"},
		"category":      {func(a *passport.Authority) { a.Categories = []string{"compute", "x"} }, "/allowedMPPCategories"},
		"rail":          {func(a *passport.Authority) { a.Rails = []string{"x"} }, "/paymentRails"},
		"currency":      {func(a *passport.Authority) { a.MaxTransaction = passport.MustMoney("1", "EUR") }, "/spendLimits"},
		"ceiling":       {func(a *passport.Authority) { a.MaxTransaction = passport.MustMoney("50.01", "USD") }, "/maxTransactionAmount"},
		"daily":         {func(a *passport.Authority) { a.SpendLimits[0].Money = passport.MustMoney("100.01", "USD") }, "/spendLimits"},
		"integer limit": {func(a *passport.Authority) { a.Limits[0].Int = 11 }, "/limits/max_rows"},
		"rate limit":    {func(a *passport.Authority) { a.Limits[1].Int = 11 }, "/limits/requests_per_hour"},
		"permission":    {func(a *passport.Authority) { a.Limits = append(a.Limits, passport.Allow("other")) }, "/limits/allow_other"},
		"payee":         {func(a *passport.Authority) { a.Payees = []string{"https://c.example/x"} }, "/payees"},
		"resource":      {func(a *passport.Authority) { a.Resources = []string{"https://b.example/../x"} }, "/resources"},
		"audience":      {func(a *passport.Authority) { a.Audiences = []string{"did:web:shop.example/*"} }, "/audiences"},
		"region":        {func(a *passport.Authority) { a.Regions = []string{"FR"} }, "/regions"},
		"depth":         {func(a *passport.Authority) { a.MaxDelegationDepth = 3 }, "/maxDelegationDepth"},
		"assurance":     {func(a *passport.Authority) { a.Assurance.Level = passport.L3 }, "/assurance/level"},
		"new category":  {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			parent, child := full(), full()
			if c.edit == nil { // parent –, child +: a grant cannot appear
				parent.Categories, c.path = nil, "/allowedMPPCategories"
			} else {
				c.edit(child)
			}
			err := child.Narrows(parent)
			require.ErrorIs(t, err, code.DelegationWidened)
			var e *passport.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.path, e.Path)
			require.NotEmpty(t, e.Limit)
			require.NotEmpty(t, e.Actual)
		})
	}
	// DEL-01: what a child leaves out of limits it inherits, of grants it has none.
	silent := &passport.Authority{Capabilities: []passport.Capability{{Action: "pay.card"}}}
	require.NoError(t, silent.Narrows(full()))
	e := full().Effective().Intersect(silent)
	act := &asked{audience: "did:web:shop.example", Act: passport.Act{Action: "pay.card", Resource: "https://b.example/1", Region: "DE"}}
	require.False(t, act.passes(e), "the parent's parameters stay")
	v, err := credential.ParseValue(`{"rows":5,"fast":false,"kind":"x"}`)
	require.NoError(t, err)
	act.Attributes = v
	require.True(t, act.passes(e))
	act.Amount = passport.MustMoney("1", "USD")
	require.False(t, act.passes(e), "no currency without stating it")
}

func TestDiff(t *testing.T) {
	parent := &passport.Authority{
		Capabilities: []passport.Capability{{Action: "pay.*"}}, MaxTransaction: passport.MustMoney("50.00", "USD"),
		Categories: []string{"compute", "inference"},
	}
	child := &passport.Authority{
		Capabilities: []passport.Capability{{Action: "pay.card"}}, MaxTransaction: passport.MustMoney("20.00", "USD"),
		Categories: []string{"compute"}, Regions: []string{"DE"},
	}
	require.Equal(t, []passport.Change{
		{Facet: "capabilities", Before: "pay.*", After: "pay.card"},
		{Facet: "categories", Before: "compute, inference", After: "compute"},
		{Facet: "spendLimits", Before: "50.00 USD per transaction", After: "20.00 USD per transaction"},
		{Facet: "regions", Before: "any", After: "DE"},
	}, parent.Effective().Diff(child))
	require.Empty(t, parent.Effective().Diff(parent))
}

// An effective authority takes what it can from the one above, and nothing
// from the lists of a link, which may change under it.
func TestEffectiveIsItsOwn(t *testing.T) {
	d := dice{rand.New(rand.NewSource(20))}
	for i := range cases() / 20 {
		root := d.authority()
		link := d.narrower(root)
		above := root.Effective()
		below := above.Intersect(link)
		was := [...]string{fmt.Sprintf("%+v", *above), fmt.Sprintf("%+v", *below)}
		for _, e := range []*passport.Effective{above, below} {
			spoilCapabilities(e.Capabilities())
			spoil(e.SpendLimits())
		}
		for _, a := range []*passport.Authority{root, link} {
			spoilCapabilities(a.Capabilities)
			spoil(a.DeniedActions)
			spoil(a.Categories)
			spoil(a.Rails)
			spoil(a.SpendLimits)
			spoil(a.Limits)
			spoil(a.Payees)
			spoil(a.Resources)
			spoil(a.Audiences)
			spoil(a.Regions)
			for _, w := range a.TimeWindows {
				spoil(w.Days)
			}
			spoil(a.TimeWindows)
		}
		require.Equal(t, was, [...]string{fmt.Sprintf("%+v", *above), fmt.Sprintf("%+v", *below)}, "case %d", i)
	}
}

func spoilCapabilities(list []passport.Capability) {
	for _, c := range list {
		for _, p := range c.Params {
			spoil(p.Strings)
		}
		spoil(c.Params)
	}
	spoil(list)
}

// spoil overwrites a list, and what it could grow into.
func spoil[T any](list []T) {
	clear(list[:cap(list)])
}

// A limit of one payment is named where it stands.
func TestNarrowsNamesTheMember(t *testing.T) {
	eur := func(amount string) *passport.Authority {
		return &passport.Authority{
			Capabilities: []passport.Capability{{Action: "a"}}, MaxTransaction: passport.MustMoney("5", "USD"),
			SpendLimits: []passport.SpendLimit{{Money: passport.MustMoney(amount, "EUR"), Per: passport.PerTransaction}},
		}
	}
	var e *passport.Error
	require.ErrorAs(t, eur("11").Narrows(eur("10")), &e)
	require.Equal(t, "/spendLimits", e.Path)
	wide := eur("10")
	wide.MaxTransaction = passport.MustMoney("6", "USD")
	require.ErrorAs(t, wide.Narrows(eur("10")), &e)
	require.Equal(t, "/maxTransactionAmount", e.Path)
}

// What the last link takes away, read off the chain itself.
func TestChainNarrows(t *testing.T) {
	root := small(t)
	root.Authority.MaxDelegationDepth = 2
	root.Authority.Capabilities = append(root.Authority.Capabilities, passport.Capability{Action: "mail.send"})
	chain := passport.Chain{issue(t, root)}
	changes, err := chain.Narrows()
	require.NoError(t, err)
	require.Empty(t, changes)

	child := &passport.Passport{Agent: keyOf(t, 3).DID(), Authority: passport.Authority{
		Capabilities: []passport.Capability{{Action: "data.read"}}, MaxDelegationDepth: 2,
	}}
	longer, err := passport.Delegate(t.Context(), chain, keyOf(t, 2), child, passport.IssueOptions{Now: at(instant)})
	require.NoError(t, err)
	changes, err = longer.Narrows()
	require.NoError(t, err)
	require.Len(t, changes, 1)
	require.Equal(t, "capabilities", changes[0].Facet)

	_, err = longer[1:].Narrows()
	require.ErrorIs(t, err, code.DelegationInvalid)
	_, err = passport.Chain{chain[0], issue(t, small(t))}.Narrows()
	require.Error(t, err, "two roots are not a chain")
	changes, err = passport.Chain{}.Narrows()
	require.NoError(t, err)
	require.Empty(t, changes)
}
