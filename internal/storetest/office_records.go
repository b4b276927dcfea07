package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// CrashRecords kills a process that makes and changes records, templates and instances (P3 to P7), consents (E3) and
// agent keys (E1), and looks at what is left: what was acknowledged is there, a record has the one passport that its
// status asks for, and what stood on a consent that was withdrawn is revoked with it. STO-01.
//
// open and kill are as those of [Crash].
func CrashRecords(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).keep, (*desk).kept)
}

// keep keeps records and keys, until it is killed.
func (d *desk) keep(testing.TB) {
	say := new(voice).say
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for i := range 300 {
				d.keepRecord(i, say)
			}
		})
	}
	all.Go(func() {
		for i := range 300 {
			d.keepKey(i, say)
		}
	})
	all.Wait()
}

// change is what an update changes.
func change(status registry.Status, name string) registry.Patch {
	p := registry.Patch{Version: registry.AnyVersion}
	if status != "" {
		p.Status = &status
	}
	if name != "" {
		p.Name = &name
	}
	return p
}

func (d *desk) keepRecord(i int, say func(what, id string, err error) bool) {
	ctx, admin := context.Background(), d.org.Admin()
	n := registry.NewRecord{Owner: d.org.ID, Profile: profile(), Status: registry.Active, Agent: d.agent}
	if i%3 == 2 {
		n.Agent = "" // a template
	}
	r, err := d.Records.Create(ctx, admin, n)
	if err != nil {
		say("created", "", err)
		return
	}
	say("created", r.ID, nil)
	if i%3 == 2 {
		in, err := d.Records.Instantiate(ctx, admin, registry.NewInstance{
			Template: r.ID, Tenant: registry.Tenant{Platform: "p", Ref: r.ID}, Agent: d.agent,
			Overrides: registry.Overrides{Status: registry.Active},
		})
		if err != nil {
			say("created", "", err)
			return
		}
		say("created", in.ID, nil)
		if i%2 == 0 {
			_, err = d.Records.Update(ctx, admin, r.ID, change(registry.Revoked, ""))
			if say("revoked", r.ID, err) {
				say("stopped", in.ID, nil)
			}
		}
		return
	}
	switch i % 4 {
	case 0:
		_, err = d.Records.Update(ctx, admin, r.ID, change("", "renamed"))
		say("renamed", r.ID, err)
	case 1:
		_, err = d.Records.Update(ctx, admin, r.ID, change(registry.Suspended, ""))
		say("suspended", r.ID, err)
	case 2:
		_, err = d.Records.Update(ctx, admin, r.ID, change(registry.Revoked, ""))
		say("revoked", r.ID, err)
	case 3:
		_, err = d.Records.Renew(ctx, admin, r.ID)
		say("renewed", r.ID, err)
	}
}

func (d *desk) keepKey(i int, say func(what, id string, err error) bool) {
	ctx, owner := context.Background(), d.owner.Actor()
	n := registry.NewAgentKey{Name: "x", Scopes: []string{"agent:read"}}
	if i%2 == 0 {
		will, err := d.will(ctx)
		if !say("given", will, err) {
			return
		}
		n.Scopes, n.Consent = append(n.Scopes, "agent:write"), will
	}
	k, _, err := d.AgentKeys.Create(ctx, owner, n)
	if err != nil {
		say("keyed", "", err)
		return
	}
	say("keyed", k.ID, nil)
	switch i % 4 {
	case 0:
		_, err = d.Consents.Withdraw(ctx, owner, n.Consent, "")
		say("withdrawn", n.Consent, err)
	case 1:
		_, err = d.AgentKeys.Revoke(ctx, owner, k.ID, "")
		say("ended", k.ID, err)
	}
}

// will signs and gives a Manifestation of Will, and returns its id.
func (d *desk) will(ctx context.Context) (id string, err error) {
	signed, err := passport.IssueManifestation(ctx, verifytest.Key("person"), passport.Manifestation{
		StatementDigest: passport.Digest([]byte("I will")), ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}, passport.IssueOptions{})
	if err != nil {
		return "", err
	}
	list, err := d.Consents.Give(ctx, d.owner.Actor(), registry.Signing{Credentials: [][]byte{signed.Bytes()}})
	if err != nil {
		return "", err
	}
	return list[0].ID, nil
}

// kept compares records, keys and consents with what was acknowledged, and with one another.
func (d *desk) kept(t testing.TB, lines []string) (acknowledged int) {
	ctx := context.Background()
	done, acknowledged := heard(lines)
	told, passports := d.log(t), d.passports(t)
	alive := map[string]map[string]bool{} // the passports of a record, or of a key, that are not revoked
	for id, p := range passports {
		of := p.Record + p.AgentKey
		require.NotEmpty(t, of)
		if p.RevokedAt.IsZero() {
			if alive[of] == nil {
				alive[of] = map[string]bool{}
			}
			alive[of][id] = true
		}
	}
	lasts := map[bool]func(id string) map[string]bool{
		true:  func(id string) map[string]bool { return map[string]bool{id: true} },
		false: func(string) map[string]bool { return nil },
	}
	found := map[string]bool{}
	for q := (registry.RecordQuery{Org: d.org.ID, Limit: 200}); ; {
		page, err := d.Records.List(ctx, registry.Root(), q)
		require.NoError(t, err)
		for _, r := range page.Items {
			found[r.ID] = true
			revoked := !r.RevokedAt.IsZero()
			require.NotEmpty(t, told[r.ID], "%s: its line", r.ID)
			if r.Template == "" {
				require.Equal(t, lasts[!revoked && r.Agent != ""](r.Passport), alive[r.ID], "%s: its passport", r.ID)
			}
			for _, what := range done[r.ID] {
				switch what {
				case "renamed":
					require.Equal(t, "renamed", r.Name)
				case "suspended":
					require.Equal(t, registry.Suspended, r.Status)
				case "revoked":
					require.True(t, revoked, "%s: a revocation is lost", r.ID)
				case "stopped":
					require.NotEqual(t, registry.Active, r.Status, "%s: its template is revoked", r.ID)
					for id := range alive[r.ID] {
						require.NotEqual(t, registry.Active, passports[id].Status, "%s: its template is revoked", r.ID)
					}
				}
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	consents, err := d.Consents.List(ctx, d.owner.Actor(), "")
	require.NoError(t, err)
	withdrawn := map[string]bool{}
	for _, c := range consents {
		found[c.ID], withdrawn[c.ID] = true, c.Status == registry.Revoked
		for _, what := range done[c.ID] {
			require.True(t, what != "withdrawn" || withdrawn[c.ID], "%s: a withdrawal is lost", c.ID)
		}
	}
	keys, err := d.AgentKeys.List(ctx, d.owner.Actor(), "")
	require.NoError(t, err)
	for _, k := range keys {
		found[k.ID] = true
		revoked := k.Status == registry.Revoked
		require.True(t, revoked || !withdrawn[k.Consent], "%s: its consent is withdrawn", k.ID)
		require.Equal(t, lasts[!revoked](k.Passport), alive[k.ID], "%s: its passport", k.ID)
		for _, what := range done[k.ID] {
			require.True(t, what != "ended" || revoked, "%s: a revocation is lost", k.ID)
		}
	}
	for id := range done {
		require.True(t, found[id], "%s is lost: %s", id, fmt.Sprint(done[id]))
	}
	return acknowledged
}
