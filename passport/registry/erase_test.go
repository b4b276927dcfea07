package registry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// marks are in everything that an office is told of a person in these tests, and of her neighbour.
const (
	hers  = "zebulonia"
	other = "quackenbush"
)

// person is somebody of whom the office knows something everywhere.
type person struct {
	owner                             *registry.Owner
	pending                           string // an owner who has not claimed
	moved                             string // an owner who came over from another system
	passports                         []*registry.Passport
	agent, record, grant, key, handle string
}

// fileOffice is an office in a file.
func fileOffice(t *testing.T) (*office, *sqlite.Store, string) {
	o := newOffice(t)
	path := filepath.Join(t.TempDir(), "office.db")
	db, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o.put = &recording{Store: db.Registry()}
	o.Registry, err = registry.Open(registry.Config{
		Store: o.put, Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now, AgentScopes: agentScopes,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	o.bank()
	return o, db, path
}

// known makes the office know a person, with a mark in every text.
func (o *office) known(mark string) *person {
	admin := o.org.Admin()
	must := func(err error) { require.NoError(o, err) }
	p := &person{}
	var err error
	p.owner, err = o.Owners.Create(ctx, admin.Once("create "+mark), registry.NewOwner{
		Name: mark + " Surname", Email: mark + "@example.org", DID: verifytest.Key(mark).DID(),
	})
	must(err)
	proof := o.kyc()
	proof.Proof.VerificationID = mark + "-passport-123"
	_, err = o.Owners.Attest(ctx, admin, p.owner.ID, proof)
	must(err)
	will, err := passport.IssueManifestation(ctx, verifytest.Key(mark), passport.Manifestation{
		StatementDigest: passport.Digest([]byte("I will")),
	}, passport.IssueOptions{Now: o.clock.Now})
	must(err)
	_, err = o.Consents.Give(ctx, p.owner.Actor(), registry.Signing{Credentials: [][]byte{will.Bytes()}})
	must(err)
	a, err := o.Agents.Create(ctx, p.owner.Actor(), registry.NewAgent{
		Name: mark + "'s agent", Description: "for " + mark, DID: verifytest.Key(mark + " agent").DID(),
	})
	must(err)
	p.agent = a.ID
	profile := o.exporter()
	profile.Name, profile.Contact, profile.Description = mark+"'s", mark+"@example.org", "of "+mark
	profile.Links.Homepage = "https://" + mark + ".example"
	profile.Authority.Payees = []string{"iban:" + mark}
	r, err := o.Records.Create(ctx, admin, registry.NewRecord{
		Owner: p.owner.ID, Agent: a.ID, Profile: profile, Status: registry.Active,
	})
	must(err)
	p.record = r.ID
	_, err = o.Records.Update(ctx, admin, r.ID, registry.Patch{
		Version: registry.AnyVersion, Name: ptr(mark + " again"), Description: ptr("still " + mark), Reason: mark + " asked",
	})
	must(err)
	_, err = o.Agents.Suspend(ctx, admin, a.ID, registry.Suspension{Reason: "odd things of " + mark})
	must(err)
	_, err = o.Agents.Resume(ctx, admin, a.ID, mark+" has explained")
	must(err)
	g, err := o.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:" + strings.ToUpper(mark[:1]) + mark[1:] + "@example.org",
		Scopes: []string{"payments:mpp:compute"}, ExpiresAt: o.clock.Now().Add(24 * time.Hour),
		Budget: passport.MustMoney("100.00", "USD"),
	})
	must(err)
	p.grant = g.ID
	_, err = o.Budgets.Adjust(ctx, admin, registry.Allocation{
		Grant: g.ID, Amount: passport.MustMoney("90.00", "USD"), Reason: "less for " + mark,
	})
	must(err)
	_, err = o.Switches.PausePrincipal(ctx, admin, "", o.principalOf(g), "ill: "+mark)
	if errors.Is(err, registry.NotFound) { // no passport yet
		err = nil
	}
	must(err)
	issue := func() {
		pass, err := o.Passports.Issue(ctx, admin, registry.NewPassport{
			Agent: o.who.ID, Grant: g.ID, Categories: []string{"compute"}, MaxTransaction: passport.MustMoney("50.00", "USD"),
		})
		must(err)
		p.passports = append(p.passports, pass)
	}
	issue()
	_, err = o.Passports.Revoke(ctx, admin, p.passports[0].ID, "lost by "+mark)
	must(err)
	issue()
	_, err = o.Switches.PausePrincipal(ctx, admin, "", o.principalOf(g), "ill: "+mark)
	must(err)
	_, err = o.Switches.ResumePrincipal(ctx, admin, "", o.principalOf(g), "well: "+mark)
	must(err)
	ak, handle, err := o.AgentKeys.Create(ctx, p.owner.Actor(), registry.NewAgentKey{
		Name: "key of " + mark, Scopes: []string{"agent:write"},
	})
	must(err)
	p.handle = handle.Reveal()
	for _, notify := range []string{"application.created", ""} {
		must(o.AgentKeys.Used(ctx, registry.Use{
			Decision: "dec " + mark[:1] + notify, Key: ak.ID, At: o.clock.Now(), Scope: "agent:write", Operation: "apply",
			Resource: "https://bank.example/accounts/" + mark, Allowed: true, Notify: notify,
		}))
	}
	must(o.AgentKeys.Succeeded(ctx, "dec "+mark[:1]+"application.created"))
	_, err = o.Budgets.Debit(ctx, admin, registry.Debit{
		Grant: g.ID, Amount: passport.MustMoney("1.00", "USD"), ID: "1", Reason: "a book for " + mark,
	})
	must(err)
	template, err := o.Records.Create(ctx, admin, registry.NewRecord{
		Owner: p.owner.ID, Profile: o.exporter(), Status: registry.Active,
	})
	must(err)
	in, err := o.Records.Instantiate(ctx, admin, registry.NewInstance{
		Template:  template.ID,
		Tenant:    registry.Tenant{Platform: "p", Ref: mark + " Ltd", Controller: mark},
		Overrides: registry.Overrides{Contact: ptr(mark + "@example.org"), Links: &registry.Links{Docs: "https://" + mark}},
		Data:      registry.InstanceData{Name: ptr(mark + "'s instance"), Description: ptr("an instance of " + mark)},
	})
	must(err)
	_, err = o.Records.Update(ctx, admin, in.ID, registry.Patch{
		Version: registry.AnyVersion, WebhookURL: ptr("https://" + mark + ".example/hook"), Email: ptr(mark + "@example.org"),
	})
	must(err)
	k, _, err := o.Keys.Create(ctx, p.owner.Actor(), registry.NewKey{Name: mark, Scopes: []registry.Scope{registry.ScopeRead}})
	must(err)
	p.key = k.ID
	waiting, err := o.Records.IssueFor(ctx, admin, registry.NewForOwner{
		Pending: registry.PendingOwner{Email: mark + "@work.example", DisplayName: mark}, Profile: profile,
	})
	must(err)
	p.pending = waiting.Owner
	lines := o.bring(true, registry.ImportRecord{
		ID: "usr " + verifytest.Key(mark).DID().String()[10:20], Status: registry.Suspended, Reason: "odd, says " + mark,
		NewOwner: &registry.NewOwner{Name: mark, Email: mark + "@there.example"}, CreatedAt: o.clock.Now(),
	}, registry.ImportRecord{
		ID: "dev " + verifytest.Key(mark).DID().String()[10:20], Status: registry.Active, CreatedAt: o.clock.Now(),
		NewAgent: &registry.NewAgent{
			Owner: "usr " + verifytest.Key(mark).DID().String()[10:20], Name: "of " + mark, DID: verifytest.Key(mark + " there").DID(),
		},
	})
	p.moved = lines[0].Here
	require.NotEmpty(o, p.moved, "%v", lines)
	require.NotEmpty(o, lines[1].Here, "%v", lines)
	return p
}

func (o *office) principalOf(g *registry.Grant) string {
	got, err := o.Grants.Get(ctx, registry.Root(), g.ID)
	require.NoError(o, err)
	return got.Principal
}

// bytesOf are all bytes of a store: its file, and the log beside it.
func bytesOf(t testing.TB, path string) []byte {
	var all []byte
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		all = append(all, b...)
	}
	return bytes.ToLower(all)
}

// traces are in how many places of a file a person is found: by her texts, her DIDs, and hashes that whoever guesses an
// address can make.
func (p *person) traces(t testing.TB, path, mark string) (n int) {
	all := bytesOf(t, path)
	own := verifytest.Key(mark).DID().String()
	texts := []string{
		mark, own, verifytest.Key(mark + " agent").DID().String(), verifytest.Key(mark + " there").DID().String(),
	}
	for _, name := range []string{
		own, "mailto:" + mark + "@example.org", "mailto:" + strings.ToUpper(mark[:1]) + mark[1:] + "@example.org",
	} {
		sum := sha256.Sum256([]byte(p.owner.Org + " " + name))
		texts = append(texts, hex.EncodeToString(sum[:]))
	}
	for _, text := range texts {
		n += bytes.Count(all, []byte(strings.ToLower(text)))
	}
	return n
}

func (o *office) chains() {
	for _, org := range []string{"", o.org.ID} {
		require.NoError(o, o.Audit.Verify(ctx, registry.Root(), org))
	}
}

// REG: what an office knows of a person is erased: not a byte of it is left in the store, and the audit log verifies as
// before, against a head of before, too. Of her neighbour nothing is missing.
func TestErase(t *testing.T) {
	o, db, path := fileOffice(t)
	p, n := o.known(hers), o.known(other)
	require.Positive(t, p.traces(t, path, hers))
	o.publish()
	head, err := o.Audit.Head(ctx, registry.Root(), o.org.ID)
	require.NoError(t, err)
	o.chains()
	require.Equal(t, 4, strings.Count(o.told(), "accounts/"+hers), "two uses, and a success in the log and as an event")
	o.clock.Advance(time.Minute)

	all, err := o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{
		Owner: p.owner.ID, Status: registry.Active,
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(all.Items), 2, "of a record, and of an agent key")
	for _, pass := range all.Items {
		require.False(t, o.revokedOffline(pass))
	}
	for _, id := range []string{p.owner.ID, p.pending, p.moved} {
		done, err := o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: id, Reason: "she asked for it"})
		require.NoError(t, err)
		require.Positive(t, done.Changed)
	}
	require.NoError(t, db.Scrub(ctx))
	require.Zero(t, p.traces(t, path, hers))
	require.NotContains(t, o.told(), hers)
	require.Contains(t, o.told(), other)
	require.Positive(t, n.traces(t, path, other))
	o.chains()
	require.NoError(t, o.Audit.VerifySince(ctx, registry.Root(), o.org.ID, head))
	require.NoError(t, db.Check(ctx))

	// What was hers has ended, also for those who are offline; ids stay.
	o.publish()
	for _, pass := range p.passports {
		got, err := o.Passports.Get(ctx, registry.Root(), pass.ID)
		require.NoError(t, err)
		require.Equal(t, registry.Revoked, got.Status)
		require.Empty(t, got.Credential)
		require.ErrorIs(t, o.pays(pass), verify.StatusRevoked)
	}
	for _, pass := range all.Items { // no grant stands behind these
		require.True(t, o.revokedOffline(pass), "%s lives on offline", pass.ID)
	}
	_, _, err = o.AgentKeys.Resolve(ctx, p.handle)
	require.ErrorIs(t, err, registry.Unauthenticated)
	a, err := o.Agents.Get(ctx, registry.Root(), p.agent)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, a.Status)
	r, err := o.Records.Get(ctx, registry.Root(), p.record)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, r.Status)
	g, err := o.Grants.Get(ctx, registry.Root(), p.grant)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, g.Status)
	is, err := o.Owners.Get(ctx, registry.Root(), p.owner.ID)
	require.NoError(t, err)
	require.False(t, is.ErasedAt.IsZero())

	// Her neighbour goes on.
	for _, pass := range n.passports[1:] {
		require.NoError(t, o.pays(pass))
	}
	_, _, err = o.AgentKeys.Resolve(ctx, n.handle)
	require.NoError(t, err)

	// Erasing again changes nothing, and she may come back.
	done, err := o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: p.owner.ID})
	require.NoError(t, err)
	require.Zero(t, done.Changed)
	_, err = o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "x", Email: hers + "@example.org"})
	require.NoError(t, err)
	o.chains()
}

// revokedOffline reports whether whoever knows the published lists alone takes a passport for revoked.
func (o *office) revokedOffline(p *registry.Passport) bool {
	place := p.Places[slices.IndexFunc(p.Places, func(p registry.Place) bool { return p.Purpose == statuslist.Revocation })]
	fetched, err := o.lists.StatusList(ctx, place.List)
	require.NoError(o, err)
	list, err := statuslist.ReadUnverified(fetched.Raw)
	require.NoError(o, err)
	result, err := list.Status(statuslist.Entry{Purpose: place.Purpose, URL: place.List, Index: place.Index, Size: 1})
	require.NoError(o, err)
	return result.Set
}

// told is everything that the audit log, the events and the histories of budgets tell.
func (o *office) told() string {
	var all bytes.Buffer
	lines, err := o.Audit.List(ctx, registry.Root(), o.org.ID, 0, 1000)
	require.NoError(o, err)
	events, err := o.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(o, err)
	require.NoError(o, json.NewEncoder(&all).Encode([]any{lines, events}))
	grants := map[string]bool{}
	for _, l := range lines {
		if l.Action == "grant.created" && !grants[l.Subject] {
			grants[l.Subject] = true
			history, err := o.Budgets.History(ctx, registry.Root(), registry.BudgetQuery{Grant: l.Subject})
			require.NoError(o, err)
			require.NoError(o, json.NewEncoder(&all).Encode(history))
		}
	}
	return all.String()
}

// Somebody who is named by grants alone is erased by that name, in capitals or not.
func TestErasePrincipal(t *testing.T) {
	o, db, path := fileOffice(t)
	g, err := o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:Zebulonia@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: o.clock.Now().Add(24 * time.Hour),
	})
	require.NoError(t, err)
	p, err := o.Passports.Issue(ctx, o.org.Admin(), registry.NewPassport{
		Agent: o.who.ID, Grant: g.ID, Categories: []string{"compute"}, MaxTransaction: passport.MustMoney("50.00", "USD"),
	})
	require.NoError(t, err)
	_, err = o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{Reason: "zebulonia is ill"})
	require.NoError(t, err)
	beside := o.issue()
	o.publish()
	_, err = o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Principal: "mailto:zebulonia@example.org"})
	require.NoError(t, err)
	require.NoError(t, db.Scrub(ctx))
	require.NotContains(t, string(bytesOf(t, path)), hers)
	o.chains()
	o.clock.Advance(time.Minute)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
	require.NoError(t, o.pays(beside))
	// The name is on nobody's list any more, which is what a name says that nobody has had.
	for _, name := range []string{"mailto:zebulonia@example.org", "mailto:nobody@example.org"} {
		_, err = o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Principal: name})
		require.ErrorIs(t, err, registry.NotFound)
	}
	for name, e := range map[string]registry.Erasure{
		"nobody": {}, "both": {Owner: "ap_user_x", Principal: "mailto:x@example.org"}, "the organisation": {Owner: o.org.ID},
	} {
		_, err = o.Owners.Erase(ctx, o.org.Admin(), e)
		require.ErrorIs(t, err, registry.BadRequest, name)
	}
}

// interrupted is a store that breaks down at some update.
type interrupted struct {
	registry.Store
	left int
}

var errBreak = errors.New("it breaks down here")

func (s *interrupted) Update(x context.Context, f func(registry.Tx) error) error {
	if s.left--; s.left < 0 {
		return errBreak
	}
	return s.Store.Update(x, f)
}

// An erasure that was interrupted, wherever that was, is finished by Run.
func TestEraseIsFinishedByRun(t *testing.T) {
	for at := 1; ; at++ {
		o, db, path := fileOffice(t)
		p := o.known(hers)
		s := &interrupted{Store: db.Registry(), left: at}
		open := func() *registry.Registry {
			r, err := registry.Open(registry.Config{
				Store: s, Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now,
			})
			require.NoError(t, err)
			return r
		}
		for _, id := range []string{p.pending, p.moved} {
			_, err := o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: id})
			require.NoError(t, err)
		}
		_, err := open().Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: p.owner.ID})
		if err == nil {
			require.Greater(t, at, 10)
			return
		}
		require.ErrorIs(t, err, errBreak)
		o.chains()
		s.left = 1000
		run, cancel := context.WithCancel(ctx)
		err = open().Run(run, registry.RunOptions{To: cancels{cancel}, Failed: func(err error) { t.Error(err); cancel() }})
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, db.Scrub(ctx))
		require.Zero(t, p.traces(t, path, hers), "interrupted at update %d", at)
		o.chains()
	}
}

// cancels ends a run when it publishes, which is behind what was interrupted.
type cancels struct{ cancel func() }

func (c cancels) Put(context.Context, *statuslist.Edition) error { c.cancel(); return nil }

// liar is a store in which somebody has changed what lines say of people.
type liar struct {
	registry.Store
	get func(registry.Doc) registry.Doc
}

type liarTx struct {
	registry.Tx
	get func(registry.Doc) registry.Doc
}

func (t liarTx) Get(kind, id string) (registry.Doc, error) {
	d, err := t.Tx.Get(kind, id)
	if kind == "words" && d.Version > 0 {
		d = t.get(d)
	}
	return d, err
}

func (s *liar) View(x context.Context, f func(registry.Tx) error) error {
	return s.Store.View(x, func(tx registry.Tx) error { return f(liarTx{tx, s.get}) })
}

// What a line says of people cannot be changed, removed, or be said to have been erased, without an erasure in the log.
func TestP11WordsAreCommittedTo(t *testing.T) {
	o, db, _ := fileOffice(t)
	p := o.known(hers)
	done, err := o.Owners.Erase(ctx, o.org.Admin(), registry.Erasure{Owner: p.owner.ID})
	require.NoError(t, err)
	require.NotEmpty(t, done.AuditID)
	o.known(other)
	edit := func(f func(w map[string]any)) func(registry.Doc) registry.Doc {
		return func(d registry.Doc) registry.Doc {
			w := map[string]any{}
			require.NoError(t, json.Unmarshal(d.Body, &w))
			if w["Erased"] == nil {
				f(w)
				d.Body, _ = json.Marshal(w)
			}
			return d
		}
	}
	for name, c := range map[string]struct {
		get  func(registry.Doc) registry.Doc
		want string
	}{
		"good":            {func(d registry.Doc) registry.Doc { return d }, ""},
		"another reason":  {edit(func(w map[string]any) { w["Reason"] = "it was Bob" }), "something else of people"},
		"another salt":    {edit(func(w map[string]any) { w["Salt"] = "AAAA" }), "something else of people"},
		"gone":            {func(d registry.Doc) registry.Doc { return registry.Doc{Kind: d.Kind, ID: d.ID} }, "was not erased"},
		"erased by none":  {edit(func(w map[string]any) { w["Erased"] = 1e6 }), "is not about an erasure"},
		"erased too soon": {edit(func(w map[string]any) { w["Erased"] = 1 }), "erased before it was written"},
	} {
		r, err := registry.Open(registry.Config{
			Store: &liar{db.Registry(), c.get}, Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now,
		})
		require.NoError(t, err)
		err = r.Audit.Verify(ctx, registry.Root(), o.org.ID)
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, registry.ErrBroken, name)
		require.ErrorContains(t, err, c.want, name)
	}

	// A line is kept without what it says of people, and whoever has its salt can check that.
	lines, err := o.Audit.List(ctx, registry.Root(), o.org.ID, 0, 1000)
	require.NoError(t, err)
	salts := map[string]bool{}
	for _, l := range lines {
		require.NotContains(t, string(l.Sealed()), other)
		require.NotContains(t, string(l.Sealed()), hers)
		require.Equal(t, l.Commitment != "" && !l.Erased, len(l.Salt) == 32, "line %d", l.Number)
		require.False(t, len(l.Salt) > 0 && salts[string(l.Salt)], "a salt twice")
		salts[string(l.Salt)] = true
	}
}
