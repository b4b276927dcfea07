package registry_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// each yields records, and no error.
func each(list ...registry.ImportRecord) iter.Seq2[registry.ImportRecord, error] {
	return func(yield func(registry.ImportRecord, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

const (
	foreignAgent = "ag_01KB3H0000GRANTEXAGENT0001"
	foreignGrant = "grnt_01KB3H0000GRANTEXGRANT0001"
)

// there are records of another system, one of each kind.
func (o *office) there() []registry.ImportRecord {
	long := o.clock.Now().Add(-100 * 24 * time.Hour)
	return []registry.ImportRecord{
		{ID: "dev_1", Status: registry.Active, CreatedAt: long, NewOrg: &registry.NewOrg{Name: "Moved Ltd"}},
		{
			ID: "usr_1", Org: "dev_1", Status: registry.Active, CreatedAt: long,
			NewOwner: &registry.NewOwner{Name: "Ada", Email: "ada@example.org"},
		},
		{
			ID: foreignAgent, Org: "dev_1", Status: registry.Active, CreatedAt: long,
			NewAgent: &registry.NewAgent{Owner: "usr_1", Name: "buyer", DID: verifytest.Key("moved").DID()},
		},
		{
			ID: foreignGrant, Org: "dev_1", Status: registry.Active, CreatedAt: long,
			Grant: &registry.ImportGrant{NewGrant: registry.NewGrant{
				Agent: foreignAgent, Principal: "did:grantex:user_alice", Scopes: []string{"payments:mpp:compute"},
				ExpiresAt: o.clock.Now().Add(60 * 24 * time.Hour), Budget: passport.MustMoney("100", "USD"),
			}, Spent: passport.MustMoney("60", "USD")},
		},
		{
			ID: "did:web:yourco.com:agents:bot", Org: "dev_1", Status: registry.Active, CreatedAt: long,
			Profile: &registry.ImportProfile{
				NewRecord: registry.NewRecord{Profile: o.exporter()}, DID: "did:web:yourco.com:agents:bot",
			},
		},
	}
}

// bring imports, and returns the lines.
func (o *office) bring(apply bool, list ...registry.ImportRecord) (lines []registry.ImportLine) {
	o.Helper()
	_, err := o.Import(ctx, registry.Root(), registry.Import{
		Source: "grantex", Org: o.org.ID, Records: each(list...), Apply: apply,
		Report: func(l registry.ImportLine) error { lines = append(lines, l); return nil },
	})
	require.NoError(o, err)
	return lines
}

func outcomes(lines []registry.ImportLine) (list []string) {
	for _, l := range lines {
		text := l.Kind + " " + string(l.Outcome)
		if l.Err != nil {
			text += " " + string(l.Err.Code) + " " + l.Err.Member
		}
		for _, c := range l.Changes {
			text += "; " + c
		}
		list = append(list, text)
	}
	return list
}

// Records of another system come over with their ids and times; a rehearsal says the same, and changes nothing; a
// second run changes nothing.
func TestImport(t *testing.T) {
	o := newOffice(t)
	before := len(o.happened())
	rehearsed := o.bring(false, o.there()...)
	require.Len(t, o.happened(), before, "a rehearsal has changed something")
	lines := o.bring(true, o.there()...)
	require.Equal(t, []string{
		"org changed; ID: it is new",
		"owner changed; ID: it is that of the e-mail address here",
		"agent imported", "grant imported",
		"record imported",
	}, outcomes(lines))
	require.Equal(t, outcomes(lines), outcomes(rehearsed))
	after := o.happened()
	for _, event := range []string{
		"org.imported", "owner.imported", "agent.imported", "grant.imported", "budget.imported", "record.imported",
	} {
		require.True(t, slices.ContainsFunc(after, func(e string) bool { return strings.Contains(e, event) }), event)
	}

	org := lines[0].Here
	a, err := o.Agents.Get(ctx, registry.Root(), foreignAgent)
	require.NoError(t, err)
	require.Equal(t, org, a.Org)
	require.Equal(t, o.there()[2].CreatedAt, a.CreatedAt)
	g, err := o.Grants.Get(ctx, registry.Root(), foreignGrant)
	require.NoError(t, err)
	b, err := o.Budgets.Balance(ctx, registry.Root(), g.ID)
	require.NoError(t, err)
	require.Equal(t, "40 USD", b.Remaining().String())
	p, err := o.Records.Get(ctx, registry.Root(), lines[4].Here)
	require.NoError(t, err)
	require.Equal(t, registry.Active, p.Status)
	require.NotEmpty(t, p.Passport, "it is signed anew")
	require.NoError(t, o.Audit.Verify(ctx, registry.Root(), org))
	// The passport stands on what came over.
	_, err = o.Passports.Issue(ctx, registry.Root(), registry.NewPassport{
		Agent: a.ID, Grant: g.ID, Categories: []string{"compute"}, MaxTransaction: passport.MustMoney("10", "USD"),
	})
	require.NoError(t, err)

	n := len(o.happened())
	for _, apply := range []bool{false, true} {
		for i, l := range o.bring(apply, o.there()...) {
			require.Equal(t, registry.ImportPresent, l.Outcome, l)
			require.Equal(t, lines[i].Here, l.Here)
		}
	}
	require.Len(t, o.happened(), n, "a second run has changed something")
}

// One fault each; what is refused changes nothing, and its neighbours come over.
func TestImportRefusals(t *testing.T) {
	type rec = *registry.ImportRecord
	const owner, agent, grant, record = 1, 2, 3, 4
	for name, c := range map[string]struct {
		at   int
		edit func(r rec)
		want string
	}{
		"no id":              {owner, func(r rec) { r.ID = "" }, "owner refused BAD_REQUEST ID"},
		"no status":          {owner, func(r rec) { r.Status = "" }, "owner refused BAD_REQUEST Status"},
		"a status of others": {agent, func(r rec) { r.Status = registry.Draft }, "agent refused BAD_REQUEST Status"},
		"of two kinds":       {owner, func(r rec) { r.NewOrg = &registry.NewOrg{} }, " refused BAD_REQUEST "},
		"of none":            {owner, func(r rec) { r.NewOwner = nil }, " refused BAD_REQUEST "},
		"cannot be read":     {owner, func(r rec) { r.Wrong = errors.New("x") }, "owner refused BAD_REQUEST "},
		"unknown org":        {agent, func(r rec) { r.Org = "dev_2" }, "agent refused NOT_FOUND Org"},
		"unknown owner":      {agent, func(r rec) { r.NewAgent.Owner = "usr_2" }, "agent refused NOT_FOUND Owner"},
		"no key":             {agent, func(r rec) { r.NewAgent.DID = did.DID{} }, "agent refused BAD_REQUEST DID"},
		"unknown agent":      {grant, func(r rec) { r.Grant.Agent = "ag_2" }, "grant refused INVALID_AGENT Agent"},
		"no scopes":          {grant, func(r rec) { r.Grant.Scopes = nil }, "grant refused BAD_REQUEST Scopes"},
		"a principal no IRI": {grant, func(r rec) { r.Grant.Principal = "x" }, "grant refused BAD_REQUEST Principal"},
		"no end": {
			grant, func(r rec) { r.Grant.ExpiresAt = time.Time{} }, "grant refused INVALID_EXPIRY ExpiresAt",
		},
		"expired, ends later": {
			grant, func(r rec) { r.Status = registry.Expired }, "grant refused INVALID_EXPIRY ExpiresAt",
		},
		"unknown parent": {grant, func(r rec) { r.Grant.Parent = "grnt_2" }, "grant refused INVALID_GRANT Parent"},
		"spent of nothing": {
			grant, func(r rec) { r.Grant.Budget = passport.Money{} }, "grant refused BAD_REQUEST Spent",
		},
		"spent other money": {
			grant, func(r rec) { r.Grant.Spent = passport.MustMoney("1", "EUR") }, "grant refused BAD_REQUEST Spent",
		},
		"not a DID": {record, func(r rec) { r.Profile.DID = "bot" }, "record refused INVALID_AGENT DID"},
		"not a region": {
			record, func(r rec) { r.Profile.Authority.Regions = []string{"Mars"} }, "record refused BAD_REQUEST Regions",
		},
		"a DID twice": {
			record, func(r rec) { r.Profile.DID = verifytest.Key("moved").DID().String() }, "record refused EXISTS ",
		},
		"an assurance set": {
			record, func(r rec) { r.Profile.Authority.Assurance.Level = passport.L4KYC },
			"record refused INVALID_ASSURANCE Assurance",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			list := o.there()
			c.edit(&list[c.at])
			rehearsed := o.bring(false, list...)
			lines := o.bring(true, list...)
			require.Equal(t, c.want, outcomes(lines)[c.at])
			require.Empty(t, lines[c.at].Here)
			require.Equal(t, outcomes(lines), outcomes(rehearsed))
			for _, l := range lines[:c.at] {
				require.NotEqual(t, registry.ImportRefused, l.Outcome, l)
			}
			// Once it is mended, it comes, too.
			for _, l := range o.bring(true, o.there()...) {
				require.NotEqual(t, registry.ImportRefused, l.Outcome, l)
			}
		})
	}
}

// Nothing that is suspended or revoked there is active here, whatever comes first, and however often.
func TestImportNothingComesBackToLife(t *testing.T) {
	became := func(o *office, kind string, s registry.Status) registry.ImportRecord {
		return registry.ImportRecord{
			ID: foreignAgent, Org: "dev_1", Status: s, Reason: "stolen", Became: &registry.ImportRef{Kind: kind},
		}
	}
	status := func(o *office) registry.Status {
		a, err := o.Agents.Get(ctx, registry.Root(), foreignAgent)
		require.NoError(o, err)
		return a.Status
	}
	for name, bring := range map[string]func(o *office, l []registry.ImportRecord){
		"it is revoked there": func(o *office, l []registry.ImportRecord) {
			l[2].Status = registry.Revoked
			o.bring(true, l...)
		},
		"it was revoked there since": func(o *office, l []registry.ImportRecord) {
			o.bring(true, l...)
			l[2].Status = registry.Revoked
			require.Equal(o, registry.ImportTightened, o.bring(false, l...)[2].Outcome)
			require.Equal(o, registry.Active, status(o))
			require.Equal(o, registry.ImportTightened, o.bring(true, l...)[2].Outcome)
		},
		"it is told behind it": func(o *office, l []registry.ImportRecord) {
			o.bring(true, append(l, became(o, "agent", registry.Revoked))...)
		},
		"it is told before it": func(o *office, l []registry.ImportRecord) {
			o.bring(true, append([]registry.ImportRecord{l[0], became(o, "agent", registry.Revoked)}, l[1:]...)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			bring(o, o.there())
			require.Equal(t, registry.Revoked, status(o))
			for _, s := range []registry.Status{registry.Active, registry.Suspended, registry.Revoked} {
				l := o.there()
				l[2].Status = s
				require.Equal(t, registry.ImportPresent, o.bring(true, l...)[2].Outcome)
				require.Equal(t, registry.Revoked, status(o))
			}
		})
	}
	t.Run("a suspension ends as it does there, and not again", func(t *testing.T) {
		o := newOffice(t)
		l := o.there()
		l[2].Status, l[2].Until = registry.Suspended, o.clock.Now().Add(time.Hour)
		o.bring(true, l...)
		require.Equal(t, registry.Suspended, status(o))
		_, err := o.Agents.Resume(ctx, registry.Root(), foreignAgent, "")
		require.NoError(t, err)
		require.Equal(t, registry.ImportPresent, o.bring(true, l...)[2].Outcome)
		require.Equal(t, registry.Active, status(o), "it was resumed here")
		l[2].Until = l[2].Until.Add(time.Hour)
		require.Equal(t, registry.ImportTightened, o.bring(true, l...)[2].Outcome)
		require.Equal(t, registry.Suspended, status(o))
		o.clock.Advance(2 * time.Hour)
		require.Equal(t, registry.Active, status(o))
	})
}

// What a record of an import asks of the store does not grow with their number, and a run that breaks off goes on.
func TestImportIsFlatAndGoesOn(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	store := &counting{Store: db.Registry()}
	o.Registry, err = registry.Open(registry.Config{
		Store: store, BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	agents := func(from, to int) (list []registry.ImportRecord) {
		for i := from; i < to; i++ {
			list = append(list, registry.ImportRecord{
				ID: fmt.Sprint("agent ", i), Status: registry.Active,
				NewAgent: &registry.NewAgent{Name: "x", DID: verifytest.Key(fmt.Sprint(i)).DID()},
			})
		}
		return list
	}
	cost := func(from, to int) int {
		before := store.n
		o.bring(true, agents(from, to)...)
		return store.n - before
	}
	cost(0, 100)
	few := cost(100, 200)
	cost(200, 900)
	require.Equal(t, few, cost(900, 1000))

	gone, cancel := context.WithCancel(ctx)
	defer cancel()
	n := 0
	report, err := o.Import(gone, registry.Root(), registry.Import{
		Source: "grantex", Org: o.org.ID, Records: each(agents(1000, 1350)...), Apply: true,
		Report: func(registry.ImportLine) error {
			if n++; n == 150 {
				cancel()
			}
			return nil
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 200, report.Outcomes[registry.ImportedChanged], "what was reported is durable")
	lines := o.bring(true, agents(1000, 1350)...)
	for i, l := range lines {
		want := registry.ImportedChanged
		if i < 200 {
			want = registry.ImportPresent
		}
		require.Equal(t, want, l.Outcome, i)
	}
}

// A rehearsal says of records behind what was suspended or revoked there since what the import says of them.
func TestImportIsRehearsedBehindWhatBecame(t *testing.T) {
	for _, status := range []registry.Status{registry.Suspended, registry.Revoked} {
		o := newOffice(t)
		o.bring(true, o.there()...)
		end := o.clock.Now().Add(24 * time.Hour)
		list := []registry.ImportRecord{
			{ID: foreignAgent, Org: "dev_1", Status: status, Became: &registry.ImportRef{Kind: "agent"}},
			{ID: "1", Org: "dev_1", Status: registry.Active, Passport: &registry.ImportPassport{
				NewPassport: registry.NewPassport{
					Agent: foreignAgent, Grant: foreignGrant, Categories: []string{"compute"},
					MaxTransaction: passport.MustMoney("10", "USD"),
				}, Issuer: "did:web:there.example", ExpiresAt: end, Anew: true,
			}},
			{ID: "2", Org: "dev_1", Status: registry.Active, Grant: &registry.ImportGrant{NewGrant: registry.NewGrant{
				Agent: foreignAgent, Principal: "did:grantex:user_alice", Scopes: []string{"data.*"}, ExpiresAt: end,
			}}},
		}
		before := len(o.happened())
		rehearsed := outcomes(o.bring(false, list...))
		require.Len(t, o.happened(), before, "a rehearsal has changed something")
		applied := outcomes(o.bring(true, list...))
		require.Equal(t, "passport refused INVALID_AGENT Agent", applied[1])
		require.Equal(t, applied, rehearsed)
	}
}
