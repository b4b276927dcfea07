package passport_test

import (
	"math/rand"
	"testing"

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
		require.Empty(t, e.Changes(one))
		for range 5 {
			act := d.act()
			if act.Amount.IsZero() && act.IsPayment() {
				continue // where nothing may be paid, the chain also refuses to name whom
			}
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
