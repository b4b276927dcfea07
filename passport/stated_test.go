package passport_test

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// G7: what a chain allows together, stated by one passport, allows the same acts; what one passport cannot say
// is refused.
func TestG7StatedAllowsWhatTheChainAllows(t *testing.T) {
	d := dice{rand.New(rand.NewSource(7))}
	said, refused, permitted := 0, 0, 0
	for range cases() {
		parent := d.authority()
		e := parent.Effective().Intersect(d.narrower(parent))
		stated, err := e.Stated()
		if err != nil {
			refused++
			continue
		}
		said++
		one := stated.Effective()
		for _, c := range e.Changes(one) {
			require.Equal(t, "payees", c.Facet)
			require.Equal(t, []string{"//*"}, stated.Payees)
		}
		for range 5 {
			act := d.act()
			require.Equal(t, e.Permits(&act.Act, act.audience, act.at), one.Permits(&act.Act, act.audience, act.at), "%+v", act)
			if one.Permits(&act.Act, act.audience, act.at) {
				permitted++
			}
		}
	}
	require.Greater(t, min(said, refused, permitted), cases()/400)
}

// G7: restrictions that the child leaves out are stated for it.
func TestG7StatedInherits(t *testing.T) {
	parent := passport.Authority{
		Capabilities: []passport.Capability{{Action: "data.*", Params: []passport.Param{
			{Name: "max_rows", Kind: passport.ParamMax, Int: 5},
		}}},
		DeniedActions: []string{"data.drop"}, Resources: []string{"r/*"}, Regions: []string{"DE"},
		Limits: []passport.Limit{passport.MaxOf("rows", 9)},
	}
	child := passport.Authority{Capabilities: []passport.Capability{{Action: "data.read"}}}
	got, err := parent.Effective().Intersect(&child).Stated()
	require.NoError(t, err)
	want := parent
	want.Capabilities = []passport.Capability{{Action: "data.read", Params: parent.Capabilities[0].Params}}
	require.Equal(t, want, got)
}

// G7, DEL-17: what drops the categories of payments may pay nobody, and one passport says so too. An act may
// name a payee without an amount.
func TestG7StatedPaysNobodyWhereNothingIsGranted(t *testing.T) {
	parent := passport.Authority{
		Capabilities: []passport.Capability{{Action: "orders.*"}},
		Categories:   []string{"compute"}, MaxTransaction: passport.MustMoney("50.00", "USD"),
	}
	child := passport.Authority{Capabilities: []passport.Capability{{Action: "orders.cancel"}}}
	e := parent.Effective().Intersect(&child)
	stated, err := e.Stated()
	require.NoError(t, err)
	require.NoError(t, e.Admits(&stated))
	permits := func(act passport.Act) (chain, one bool) {
		act.Action = "orders.cancel"
		return len(passport.Permits([]*passport.Authority{&parent, &child}, &act, "did:web:shop.example", time.Time{})) == 0,
			len(passport.Permits([]*passport.Authority{&stated}, &act, "did:web:shop.example", time.Time{})) == 0
	}
	for _, act := range []passport.Act{
		{Payee: "acct_1"}, {Payee: "//a"}, {Payee: "acct_1", Category: "compute"}, {Category: "compute"},
	} {
		chain, one := permits(act)
		require.False(t, chain, "%+v", act)
		require.False(t, one, "%+v", act)
	}
	chain, one := permits(passport.Act{Resource: "order/7"})
	require.True(t, chain)
	require.True(t, one)

	parent.Payees = []string{"acct_1"} // and no list can say that they are too many
	_, err = parent.Effective().Intersect(&child).Stated()
	require.ErrorContains(t, err, "/payees")
	child.Categories = parent.Categories // a category alone buys nothing
	stated, err = parent.Effective().Intersect(&child).Stated()
	require.NoError(t, err)
	require.Equal(t, parent.Payees, stated.Payees)
}
