package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// CrashImport kills a process that imports records of another system, and looks at what is left: what was reported is
// there, and each record that came over is whole: its document, what was made with it, its bits, its line of the audit
// log and its event. The import is run again then, and ends where one ends that nobody has killed. In every other round
// the records are there already, and the process is told what has become of them since. STO-01.
//
// open and kill are as those of [Crash].
func CrashImport(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).move, (*desk).moved)
}

// movers is how many people move, each with some records.
const movers = 12

// there are the records of the other system. later, some were revoked there.
func (d *desk) there(later bool) iter.Seq2[registry.ImportRecord, error] {
	return func(yield func(registry.ImportRecord, error) bool) {
		number, _ := strings.CutPrefix(d.org.ID, "ap_org_")
		made := ulid.Time(ulid.MustParseStrict(number).Time()) // in each process the same
		until := made.Add(20 * 24 * time.Hour)
		for i := range movers {
			name := func(what string) string { return fmt.Sprint(what, " ", i) }
			became := registry.Active
			if later && i%2 == 0 {
				became = registry.Revoked
			}
			for _, rec := range []registry.ImportRecord{
				{ID: name("owner"), Status: registry.Active, NewOwner: &registry.NewOwner{
					Name: name("Ada"), Email: fmt.Sprintf("ada%d@example.org", i),
				}},
				{ID: name("agent"), Status: registry.Active, NewAgent: &registry.NewAgent{
					Owner: name("owner"), Name: "buyer", DID: verifytest.Key(name("moved")).DID(),
				}},
				{ID: name("grant"), Status: became, Grant: &registry.ImportGrant{
					NewGrant: registry.NewGrant{
						Agent: name("agent"), Principal: fmt.Sprintf("urn:there:%d", i),
						Scopes: []string{"payments:mpp:compute"}, ExpiresAt: until,
						Budget: passport.MustMoney("100.00", "EUR"),
					}, Spent: passport.MustMoney("60.00", "EUR"),
				}},
				{ID: name("passport"), Status: became, Passport: &registry.ImportPassport{
					NewPassport: registry.NewPassport{Agent: name("agent"), Grant: name("grant")},
					Issuer:      "did:web:there.example", ExpiresAt: until,
				}},
				{ID: name("record"), Status: became, Profile: &registry.ImportProfile{
					NewRecord: registry.NewRecord{Profile: profile()},
					DID:       verifytest.Key(name("profile")).DID().String(),
				}},
				{ID: name("key"), Status: became, Key: &registry.ImportKey{
					NewKey: registry.NewKey{
						Kind: registry.KeyAPI, Name: "x", Scopes: []registry.Scope{registry.ScopeRead},
					}, Hash: hashOf(d.org.ID + name("key")),
				}},
				{ID: name("agentkey"), Status: became, AgentKey: &registry.ImportAgentKey{
					NewAgentKey: registry.NewAgentKey{Owner: name("owner"), Name: "x", Scopes: []string{"agent:read"}},
					Hash:        hashOf(d.org.ID + name("agentkey")),
				}},
			} {
				rec.CreatedAt, rec.Reason = made, "moved"
				if !yield(rec, nil) {
					return
				}
			}
		}
	}
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (d *desk) bring(later bool, report func(registry.ImportLine) error) error {
	_, err := d.Import(context.Background(), registry.Root(), registry.Import{
		Source: "there", Org: d.org.ID, Records: d.there(later), Apply: true, Report: report,
	})
	return err
}

// later reports whether the round is about records that came over before.
func (d *desk) later() bool { return d.round%2 == 1 }

// move imports, until it is killed. Where the server is killed it begins anew.
func (d *desk) move(testing.TB) {
	say := new(voice).say
	for range 1000 {
		var err error
		if d.later() {
			err = d.bring(false, nil)
		}
		if err == nil {
			err = d.bring(d.later(), func(l registry.ImportLine) error {
				if l.Err != nil {
					say("refused", l.ID, l.Err)
				} else {
					say(string(l.Outcome)+":"+l.Kind, l.Here, nil)
				}
				return nil
			})
		}
		if err != nil {
			say("imported", "", err)
		}
	}
}

// moved looks at what came over, runs the import again, and looks once more.
func (d *desk) moved(t testing.TB, lines []string) (acknowledged int) {
	for _, l := range lines {
		require.NotContains(t, l, "failed refused")
	}
	done, acknowledged := heard(lines)
	told := d.came(t)
	for id, outcomes := range done {
		for _, o := range outcomes {
			outcome, kind, _ := strings.Cut(o, ":")
			require.Contains(t, told[id], kind+".imported", "%s: it was reported, and is not there", id)
			if outcome == string(registry.ImportTightened) {
				require.Equal(t, "revoked", d.statusOf(t, kind, id), "%s %s: a revocation is lost", kind, id)
			}
		}
	}
	if d.later() {
		require.NoError(t, d.bring(false, nil))
	}
	require.NoError(t, d.bring(d.later(), nil))
	d.came(t)
	seen := 0
	require.NoError(t, d.bring(d.later(), func(l registry.ImportLine) error {
		require.Equal(t, registry.ImportPresent, l.Outcome, "%s %s: %v", l.Kind, l.ID, l.Err)
		want := "active"
		var number int
		_, err := fmt.Sscan(l.ID[strings.LastIndexByte(l.ID, ' '):], &number)
		require.NoError(t, err)
		if d.later() && number%2 == 0 && l.Kind != "owner" && l.Kind != "agent" {
			want = "revoked"
		}
		require.Equal(t, want, d.statusOf(t, l.Kind, l.Here), "%s: %s", l.Kind, l.ID)
		seen++
		return nil
	}))
	require.Equal(t, 7*movers, seen)
	return acknowledged
}

// came looks whether everything that came over is whole, and returns what the audit log says of each subject.
func (d *desk) came(t testing.TB) (told map[string][]string) {
	ctx, root, org := context.Background(), registry.Root(), d.org.ID
	told = d.log(t)
	for id, actions := range told {
		came := slices.Clone(actions)
		came = slices.DeleteFunc(came, func(a string) bool { return !strings.HasSuffix(a, ".imported") })
		slices.Sort(came)
		require.Equal(t, came, slices.Compact(slices.Clone(came)), "%s came twice", id)
		for _, a := range came {
			if a != "budget.imported" {
				d.statusOf(t, strings.TrimSuffix(a, ".imported"), id) // it is there
			}
		}
	}
	agents, err := d.Agents.List(ctx, root, registry.AgentQuery{Org: org, Limit: 200})
	require.NoError(t, err)
	for _, a := range agents.Items {
		if !slices.Contains([]string{"x"}, a.Name) { // but for those of the desk, and of records
			require.Contains(t, told[a.ID], "agent.imported")
		}
	}
	grants, err := d.Grants.List(ctx, root, registry.GrantQuery{Org: org, Limit: 200})
	require.NoError(t, err)
	for _, g := range grants.Items {
		if g.ID == d.grant || g.ID == d.purse {
			continue
		}
		require.Contains(t, told[g.ID], "grant.imported")
		b, err := d.Budgets.Balance(ctx, root, g.ID)
		require.NoError(t, err)
		require.Equal(t, "40.00 EUR", b.Remaining().String())
	}
	for id, p := range d.passports(t) {
		alive := p.RevokedAt.IsZero()
		switch {
		case p.Issuer != "":
			require.Contains(t, told[id], "passport.imported")
		case p.Record != "":
			require.Contains(t, told[p.Record], "record.imported")
			require.Equal(t, alive, d.statusOf(t, "record", p.Record) == "active", "%s: its record", id)
		case p.AgentKey != "":
			require.Contains(t, told[p.AgentKey], "agentkey.imported")
			require.Equal(t, alive, d.statusOf(t, "agentkey", p.AgentKey) == "active", "%s: its key", id)
		}
	}
	return told
}

// statusOf is what became of something that came over. It is there.
func (d *desk) statusOf(t testing.TB, kind, id string) string {
	ctx, root := context.Background(), registry.Root()
	var status registry.Status
	var err error
	switch kind {
	case "owner":
		_, err = d.Owners.Get(ctx, root, id)
		status = registry.Active
	case "agent":
		var a *registry.Agent
		if a, err = d.Agents.Get(ctx, root, id); err == nil {
			status = a.Status
		}
	case "grant":
		var g *registry.Grant
		if g, err = d.Grants.Get(ctx, root, id); err == nil {
			status = g.Status
		}
	case "passport":
		var p *registry.Passport
		if p, err = d.Passports.Get(ctx, root, id); err == nil {
			status = p.Status
		}
	case "record":
		var r *registry.Record
		if r, err = d.Records.Get(ctx, root, id); err == nil {
			status = r.Status
		}
	case "key":
		var list []*registry.APIKey
		list, err = d.Keys.List(ctx, root, d.org.ID)
		i := slices.IndexFunc(list, func(k *registry.APIKey) bool { return k.ID == id })
		require.GreaterOrEqual(t, i, 0, "the key %s is not there", id)
		if status = registry.Active; !list[i].RevokedAt.IsZero() {
			status = registry.Revoked
		}
	case "agentkey":
		status = d.agentKeyOf(t, id)
	default:
		t.Fatalf("%s %s came over: what is that?", kind, id)
	}
	require.NoError(t, err, "%s %s", kind, id)
	return string(status)
}

// agentKeyOf is what became of an agent key: its owner alone can say.
func (d *desk) agentKeyOf(t testing.TB, id string) registry.Status {
	ctx := context.Background()
	owners, err := d.Owners.List(ctx, registry.Root(), registry.OwnerQuery{Org: d.org.ID, Limit: 200})
	require.NoError(t, err)
	for _, o := range owners.Items {
		list, err := d.AgentKeys.List(ctx, o.Actor(), "")
		require.NoError(t, err)
		for _, k := range list {
			if k.ID == id {
				return k.Status
			}
		}
	}
	t.Fatalf("the agent key %s is not there", id)
	return ""
}
