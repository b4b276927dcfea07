package registry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A6: a person is stopped however their address is written: in grants, or in the order to stop them.
func TestA6PrincipalsInCapitals(t *testing.T) {
	o := newOffice(t)
	admin := o.org.Admin()
	var passports []*registry.Passport
	for _, name := range []string{"mailto:bob@example.org", "mailto:Bob@Example.org", "MAILTO:BOB@example.org"} {
		g, err := o.Grants.Create(ctx, admin, registry.NewGrant{
			Agent: o.who.ID, Principal: name, Scopes: []string{"payments:mpp:compute"},
			ExpiresAt: o.clock.Now().Add(30 * 24 * time.Hour),
		})
		require.NoError(t, err)
		n := o.new()
		n.Grant = g.ID
		p, err := o.Passports.Issue(ctx, admin, n)
		require.NoError(t, err)
		passports = append(passports, p)
	}
	_, err := o.Switches.PausePrincipal(ctx, admin, "", "mailto:BOB@example.ORG", "stolen")
	require.NoError(t, err)
	o.publish()
	for _, p := range passports {
		require.ErrorIs(t, o.pays(p), verify.StatusPrincipalRevoked)
	}
	require.NoError(t, o.pays(o.issue()), "another person goes on")
	_, err = o.Switches.PausePrincipal(ctx, admin, "", "mailto:bob@example.org", "")
	require.ErrorIs(t, err, registry.InvalidTransition, "it is one switch")
}

// REG: nobody makes anything for a person who was erased, until they come back.
func TestEraseNothingNewForWhoWasErased(t *testing.T) {
	o := newOffice(t)
	o.bank()
	ada := o.owner("ada@example.org")
	_, err := o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: ada.ID})
	require.NoError(t, err)
	for name, by := range map[string]registry.Actor{"herself": ada.Actor(), "the admin": o.org.Admin(), "root": registry.Root()} {
		for what, err := range map[string]error{
			"agent": does(o.Agents.Create(ctx, by, registry.NewAgent{
				Org: o.org.ID, Owner: ada.ID, Name: "x", DID: verifytest.Key("late").DID(),
			})),
			"record": does(o.Records.Create(ctx, by, registry.NewRecord{Org: o.org.ID, Owner: ada.ID, Profile: o.exporter()})),
			"key": twice(o.Keys.Create(ctx, by, registry.NewKey{
				Org: o.org.ID, Owner: ada.ID, Name: "x", Scopes: []registry.Scope{registry.ScopeRead},
			})),
			"attestation": does(o.Owners.Attest(ctx, by, ada.ID, o.kyc())),
		} {
			require.Error(t, err, "%s: %s", name, what)
		}
	}
	require.Error(t, twice(o.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{"agent:read"}})))
	_, err = o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "Ada", Email: "ada@example.org"})
	require.NoError(t, err)
	require.NoError(t, does(o.Agents.Create(ctx, ada.Actor(), registry.NewAgent{Name: "x", DID: verifytest.Key("late").DID()})))
}

// P11: a line that one organisation's host writes about another's person is not touched when that person is erased, so
// no organisation breaks the log of another one; and a change of the host's does not reach the office's own documents.
func TestP11HostLinesStayApart(t *testing.T) {
	o := newOffice(t)
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)
	ada := o.owner("ada@example.org")
	require.NoError(t, o.Audit.Write(ctx, other.Admin(), registry.HostLine{
		Action: "host.seen", Subject: ada.ID, Reason: "our own words",
	}, nil))
	_, err = o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: ada.ID})
	require.NoError(t, err)
	require.NoError(t, o.Audit.Verify(ctx, other.Admin(), ""))
	lines, err := o.Audit.List(ctx, other.Admin(), "", 0, 10)
	require.NoError(t, err)
	require.Equal(t, "our own words", lines[len(lines)-1].Reason)

	n := registry.HostLine{Action: "host.x", Subject: "x"}
	for name, change := range map[string]func(tx registry.Tx) error{
		"a bit":     func(tx registry.Tx) error { return tx.Put(registry.Doc{Kind: "bit", ID: "x", Body: []byte(`{}`)}) },
		"an org":    func(tx registry.Tx) error { return tx.Put(registry.Doc{Kind: "org", ID: "x", Body: []byte(`{}`)}) },
		"a removal": func(tx registry.Tx) error { d, _ := tx.Get("org", o.org.ID); return tx.Delete(d) },
		"an event":  func(tx registry.Tx) error { _, err := tx.Append("events", []byte(`{}`)); return err },
		"a line":    func(tx registry.Tx) error { _, err := tx.Append("audit/"+o.org.ID, []byte(`{}`)); return err },
		"forgotten": func(tx registry.Tx) error { return tx.Trim("audit/"+o.org.ID, 1) },
	} {
		require.ErrorIs(t, o.Audit.Write(ctx, o.org.Admin(), n, change), registry.Forbidden, name)
	}
	for _, kind := range kindsOfDocuments(t) {
		put := func(tx registry.Tx) error { return tx.Put(registry.Doc{Kind: kind, ID: "x", Body: []byte(`{}`)}) }
		require.ErrorIs(t, o.Audit.Write(ctx, o.org.Admin(), n, put), registry.Forbidden, kind)
	}
	require.NoError(t, o.Audit.Write(ctx, o.org.Admin(), n, func(tx registry.Tx) error {
		_, err := tx.Append("host.stream", []byte(`{}`))
		return err
	}))
	o.chains()
}

// G2: a grant that no passport could ever stand on is refused when it is made: of a principal who is not an IRI, and
// of an end that is over once it is written down in whole seconds, or that no date can say.
func TestG2GrantsOfNothing(t *testing.T) {
	o := newOffice(t)
	now := o.clock.Now()
	grant := func(principal string, until time.Time) error {
		return does(o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
			Agent: o.who.ID, Principal: principal, Scopes: []string{"payments:mpp:compute"}, ExpiresAt: until,
		}))
	}
	good := "mailto:ada@example.org"
	for _, odd := range []string{
		"", ":", "ada", "mailto:", "mailto: ", "mailto:a b", "mailto:\x00", "mailto:a\nb", "mailto:\xff", "mailto:\u202e",
		"mailto:<a>", "1:a", good + "\x1b[31m",
	} {
		require.ErrorIs(t, grant(odd, now.Add(time.Hour)), registry.BadRequest, "%q", odd)
	}
	for _, odd := range []time.Time{
		{}, now.Add(-1), now, now.Add(1), now.Add(time.Second - 1),
		time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<50, 0),
	} {
		require.ErrorIs(t, grant(good, odd), registry.InvalidExpiry, "%v", odd)
	}
	require.NoError(t, grant(good, now.Add(time.Second)))
	require.NoError(t, grant("did:web:ada.example", time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC)))
}

// G5: a cursor that was cut off or changed, or is another list's, is refused; ids that no store can hold are of
// nothing.
func TestG5WrittenCursorsAndIDs(t *testing.T) {
	o := newOffice(t)
	_, err := o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("x").DID()})
	require.NoError(t, err)
	page, err := o.Agents.List(ctx, o.org.Admin(), registry.AgentQuery{Limit: 1})
	require.NoError(t, err)
	next, cut := page.Next, len(page.Next)/2
	require.NotEmpty(t, next)
	_, err = o.Agents.List(ctx, o.org.Admin(), registry.AgentQuery{Cursor: next})
	require.NoError(t, err)
	for _, c := range []string{
		"\x00", "x", next[1:], next[:len(next)-1], next + "x", next + next, next + "\n", next[:cut] + "\n" + next[cut:],
		next[:cut] + "A" + next[cut+1:], next[:cut] + "B" + next[cut+1:],
	} {
		if c != next {
			_, err := o.Agents.List(ctx, o.org.Admin(), registry.AgentQuery{Cursor: c})
			require.ErrorIs(t, err, registry.BadRequest, "%q", c)
		}
	}
	_, err = o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{Cursor: next})
	require.ErrorIs(t, err, registry.BadRequest, "a cursor of agents")
	_, err = o.Grants.List(ctx, o.org.Admin(), registry.GrantQuery{Cursor: next})
	require.ErrorIs(t, err, registry.BadRequest, "a cursor of agents")
	for _, id := range []string{"", "\x00", "ag_\xff", strings.Repeat("x", 1<<16), "ag_' OR 1=1 --", "ag_%", "../x"} {
		require.ErrorIs(t, does(o.Agents.Get(ctx, o.org.Admin(), id)), registry.NotFound, "%.20q", id)
		require.ErrorIs(t, does(o.Passports.Get(ctx, o.org.Admin(), id)), registry.NotFound, "%.20q", id)
	}
}
