package registry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// A5, A6: while the clock stands still, each answer of the office has what was changed before it, however often that
// changes: to a verifier in the same process, and to one who knows what was published. A clock that ticks slowly
// stands still for a while.
func TestA5AClockThatStandsStill(t *testing.T) {
	for name, tick := range map[string]time.Duration{"still": 0, "slow": time.Microsecond} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			shop := func(s statuslist.Source) *verify.Verifier {
				v, err := verify.New(verify.Config{
					Anchors: []verify.Anchor{{Issuer: o.issuer.DID()}}, Resolver: did.KeyMethods(), Status: s,
					Ledger: ledger.NewMemory(ledger.Options{}), Now: o.clock.Now,
				})
				require.NoError(t, err)
				return v
			}
			inside, outside := shop(o.Lists.Source()), shop(o.lists)
			pays := func(p *registry.Passport, want error, what string, i int) {
				o.publish()
				for who, v := range map[string]*verify.Verifier{"inside": inside, "outside": outside} {
					o.shop = v
					err := o.pays(p)
					if want == nil {
						require.NoError(t, err, "%s, round %d: %s", who, i, what)
					} else {
						require.ErrorIs(t, err, want, "%s, round %d: %s", who, i, what)
					}
				}
				o.clock.Advance(tick)
			}
			for i := range 4 {
				p := o.issue()
				pays(p, nil, "issued", i)
				_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{})
				require.NoError(t, err)
				pays(p, verify.StatusSuspended, "suspended", i)
				_, err = o.Passports.Resume(ctx, o.org.Admin(), p.ID, "")
				require.NoError(t, err)
				pays(p, nil, "resumed", i)
				_, err = o.Switches.PauseOffice(ctx, registry.Root(), fmt.Sprint(i))
				require.NoError(t, err)
				pays(p, verify.StatusIssuerPaused, "paused", i)
				_, err = o.Switches.ResumeOffice(ctx, registry.Root(), "")
				require.NoError(t, err)
				_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
				require.NoError(t, err)
				pays(p, verify.StatusRevoked, "revoked", i)
			}
		})
	}
}

// A5: a clock that was set back by less than a second keeps nobody waiting; one that was set back by more does, and
// nobody is told what is older than what they know.
func TestA5AClockThatGoesBack(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	o.publish()
	o.clock.Advance(-900 * time.Millisecond)
	_, err := o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	o.publish()
	o.clock.Advance(900 * time.Millisecond)
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)

	p = o.issue()
	o.clock.Advance(-time.Minute)
	_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	require.ErrorIs(t, o.Lists.Publish(ctx, o.lists), statuslist.ErrNotLater)
	o.clock.Advance(time.Minute)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
}

// A5, G4, G7: what is revoked while a clock is ahead, so that its passports seem over, is revoked when it is right
// again.
func TestA5RevokedUnderAClockThatIsAhead(t *testing.T) {
	for name, revoke := range map[string]func(o *office, p *registry.Passport) error{
		"passport": func(o *office, p *registry.Passport) error {
			_, err := o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
			return err
		},
		"agent": func(o *office, _ *registry.Passport) error {
			_, err := o.Agents.Revoke(ctx, o.org.Admin(), o.who.ID, "")
			return err
		},
		"grant": func(o *office, _ *registry.Passport) error {
			_, err := o.Grants.Revoke(ctx, o.org.Admin(), o.grant.ID, "")
			return err
		},
	} {
		for _, ahead := range []time.Duration{2 * 24 * time.Hour, 400 * 24 * time.Hour} {
			o := newOffice(t)
			p := o.issue()
			o.clock.Advance(ahead)
			require.NoError(t, revoke(o, p), name)
			o.clock.Advance(-ahead)
			o.publish()
			require.ErrorIs(t, o.pays(p), verify.StatusRevoked, "%s %s", name, ahead)
			got, err := o.Passports.Get(ctx, o.org.Admin(), p.ID)
			require.NoError(t, err)
			require.Equal(t, registry.Revoked, got.Status)
		}
	}
}
