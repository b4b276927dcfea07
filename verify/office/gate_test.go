package office_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const portal = "https://portal.example"

// account is an owner's account at a portal, whose office is in the same process, and a portal that is offline.
type account struct {
	*testing.T
	*registry.Registry
	clock   *verifytest.Clock
	org     *registry.Org
	owner   *registry.Owner
	person  *did.KeyPair
	gate    *office.Gate
	offline *verify.Verifier
	lists   statuslist.Dir
	fail    *failing
	signer  *busy
}

// busy is a signer during whose work something else happens.
type busy struct {
	did.Signer
	meanwhile func()
}

func (b *busy) Sign(c context.Context, msg []byte) ([]byte, error) {
	if f := b.meanwhile; f != nil {
		b.meanwhile = nil
		f()
	}
	return b.Signer.Sign(c, msg)
}

// failing is a store whose updates fail at will.
type failing struct {
	registry.Store
	broken bool
}

func (f *failing) Update(c context.Context, do func(registry.Tx) error) error {
	if f.broken {
		return errors.New("the disk is full")
	}
	return f.Store.Update(c, do)
}

func newAccount(t *testing.T, edition *policy.ScopeRegistry) *account {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	a := &account{
		T: t, clock: verifytest.NewClock(time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC)), person: verifytest.Key("person"),
		lists: statuslist.Dir(t.TempDir()), fail: &failing{Store: db.Registry()},
	}
	issuer := verifytest.Key("issuer")
	a.signer = &busy{Signer: issuer}
	a.Registry, err = registry.Open(registry.Config{
		Store: a.fail, Issuer: a.signer, BaseURL: "https://issuer.example", Now: a.clock.Now, AgentScopes: office.Scopes(edition),
	})
	require.NoError(t, err)
	a.org, err = a.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Portal"})
	require.NoError(t, err)
	a.owner = a.another("Ada", a.person)
	verifier := func(status statuslist.Source) *verify.Verifier {
		v, err := verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: status, Ledger: db.Ledger(),
			Operations: policy.Scopes{Registry: edition}, Siblings: a.Consents, Now: a.clock.Now,
			InsecureAllowBarePassports: true,
		})
		require.NoError(t, err)
		return v
	}
	a.gate = &office.Gate{Office: a.Registry, Verifier: verifier(a.Lists.Source()), Scopes: edition, Now: a.clock.Now}
	a.offline = verifier(a.lists)
	return a
}

func (a *account) another(name string, key *did.KeyPair) *registry.Owner {
	o, err := a.Owners.Create(ctx, a.org.Admin(), registry.NewOwner{Name: name, DID: key.DID()})
	require.NoError(a, err)
	return o
}

// signed is a Manifestation of Will.
func (a *account) signed(by *did.KeyPair, edits ...func(m *passport.Manifestation)) []byte {
	m := passport.Manifestation{StatementDigest: passport.Digest([]byte("I will")), ValidFrom: a.clock.Now().Add(-time.Minute)}
	for _, edit := range edits {
		edit(&m)
	}
	s, err := passport.IssueManifestation(ctx, by, m, passport.IssueOptions{Now: a.clock.Now})
	require.NoError(a, err)
	return s.Bytes()
}

func (a *account) accepted(by *did.KeyPair, kind string) []byte {
	s, err := passport.IssueAcceptance(ctx, by, passport.Acceptance{
		Agreement: "https://portal.example/aoc", Version: "3", Kind: kind, TextDigest: passport.Digest([]byte("text")),
	}, passport.IssueOptions{Now: a.clock.Now})
	require.NoError(a, err)
	return s.Bytes()
}

// give signs and gives a Manifestation of Will.
func (a *account) give() *registry.Consent {
	list, err := a.Consents.Give(ctx, a.owner.Actor(), registry.Signing{Credentials: [][]byte{a.signed(a.person)}})
	require.NoError(a, err)
	return list[0]
}

func (a *account) key(scopes ...string) (*registry.AgentKey, string) {
	k, secret, err := a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{Name: "helper", Scopes: scopes})
	require.NoError(a, err)
	return k, "Bearer " + secret.Reveal()
}

// ask asks the portal.
func (a *account) ask(bearer, operation string, edits ...func(q *verify.Request)) (*office.Access, error) {
	return a.gate.Verify(ctx, bearer, a.request(operation, edits...))
}

func (a *account) request(operation string, edits ...func(q *verify.Request)) verify.Request {
	q := verify.Request{Audience: portal, Operation: operation, ResourceOwner: a.owner.Principal()}
	if s, ok := a.gate.Scopes.Lookup(operation); ok {
		q.Action = s.ID
	} else {
		q.Action = "unknown"
	}
	for _, edit := range edits {
		edit(&q)
	}
	return q
}

func attributes(text string) func(q *verify.Request) {
	return func(q *verify.Request) {
		v, err := credential.ParseValue(text)
		if err != nil {
			panic(err)
		}
		q.Attributes = v
	}
}

const (
	create = "POST /legal_entity_applications"
	verif  = "POST /verify_rpn"
	entity = "GET /legal_entities/{id}"
	apps   = "GET /legal_entity_applications/{id}"
	person = "GET /me/natural-person"
)

func resident(q *verify.Request) {
	attributes(`{"residencyType":"Resident"}`)(q)
	q.Discharges = []string{verify.SignAgreement}
}

// refusedAs checks the code and the HTTP status of a refusal.
func refusedAs(t *testing.T, a *office.Access, err error, code verify.Code, status int) {
	t.Helper()
	require.ErrorIs(t, err, code)
	require.Equal(t, status, a.HTTPStatus())
}

// E1, E7: an agent's key serves for its scopes on its owner's account; each refusal has its own code, and who
// cannot be known is told apart from who may not.
func TestE1AgentKeys(t *testing.T) {
	a := newAccount(t, eprospera.First())
	_, bearer := a.key(eprospera.VerifyRPN, eprospera.PersonDetailsRead)
	require.Regexp(t, `^Bearer ak-[0-9A-Z]{26}[0-9a-z]{58}$`, bearer)
	got, err := a.ask(bearer, verif)
	require.NoError(t, err)
	require.Equal(t, 200, got.HTTPStatus())
	require.NoError(t, got.Commit(ctx))
	_, err = a.ask(bearer, person)
	require.NoError(t, err)
	_, other := a.key(eprospera.VerifyRPN)
	typo := bearer[:len(bearer)-1] + string("01"[(strings.IndexByte("01", bearer[len(bearer)-1])+1)%2])
	for name, c := range map[string]struct {
		bearer, operation string
		edit              func(q *verify.Request)
		code              verify.Code
		status            int
	}{
		"no token":                {"", verif, nil, verify.EnvelopeMissing, 401},
		"another scheme":          {"Basic x", verif, nil, verify.EnvelopeMissing, 401},
		"no handle":               {"Bearer ", verif, nil, verify.EnvelopeMissing, 401},
		"a typo":                  {typo, verif, nil, verify.ProofInvalid, 401},
		"the secret of another":   {bearer[:36] + other[36:], verif, nil, verify.ProofInvalid, 401},
		"no such key":             {"Bearer ak-x", verif, nil, verify.ProofInvalid, 401},
		"a personal key":          {"Bearer sk-abc", verif, nil, verify.AuthorityWrongCredentialKind, 403},
		"another scope":           {bearer, entity, nil, verify.AuthorityScopeMissing, 403},
		"an unknown operation":    {bearer, "GET /legal_entities", nil, verify.AuthorityOperationUnknown, 403},
		"what is OAuth's alone":   {bearer, "GET /me/legal-entities", nil, verify.AuthorityWrongCredentialKind, 403},
		"another account's":       {bearer, verif, func(q *verify.Request) { q.ResourceOwner = "did:web:x.example" }, verify.AuthorityResourceNotAllowed, 404},
		"a write without consent": {bearer, create, resident, verify.ConsentMissing, 403},
	} {
		t.Run(name, func(t *testing.T) {
			edit := c.edit
			if edit == nil {
				edit = func(*verify.Request) {}
			}
			got, err := a.ask(c.bearer, c.operation, edit)
			refusedAs(t, got, err, c.code, c.status)
		})
	}
	got, err = a.ask(bearer, entity)
	require.ErrorContains(t, err, eprospera.EntityRead, "the missing scope is named")
	_ = got
}

// E1: keys are added beside one another and revoked one by one, also for who is offline; who revokes is the owner.
func TestE1KeysAreIndependent(t *testing.T) {
	a := newAccount(t, eprospera.First())
	first, bearer1 := a.key(eprospera.VerifyRPN)
	before, err := a.ask(bearer1, verif)
	require.NoError(t, err)
	second, bearer2 := a.key(eprospera.VerifyRPN, eprospera.EntityRead)
	after, err := a.ask(bearer1, verif)
	require.NoError(t, err)
	require.Equal(t, before.Decision.Passport, after.Decision.Passport, "another key changes nothing of the first")
	_, pass1, err := a.AgentKeys.Get(ctx, a.owner.Actor(), first.ID)
	require.NoError(t, err)
	_, pass2, err := a.AgentKeys.Get(ctx, a.owner.Actor(), second.ID)
	require.NoError(t, err)
	for range 2 {
		k, err := a.AgentKeys.Revoke(ctx, a.owner.Actor(), first.ID, "lost")
		require.NoError(t, err)
		require.Equal(t, registry.Revoked, k.Status)
		require.Equal(t, "lost", k.Reason)
	}
	got, err := a.ask(bearer1, verif)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
	_, err = a.ask(bearer2, verif)
	require.NoError(t, err)
	require.NoError(t, a.Lists.Publish(ctx, a.lists))
	q := a.request(verif, func(q *verify.Request) { q.CredentialKind = office.AgentKeyKind })
	_, err = a.offline.Verify(ctx, []byte(pass1.Credential), q)
	verifytest.AssertDenied(t, err, verify.StatusRevoked)
	_, err = a.offline.Verify(ctx, []byte(pass2.Credential), q)
	require.NoError(t, err)
}

// E1, E3: what no key is made of, and by whom.
func TestE1WhoMakesKeys(t *testing.T) {
	a := newAccount(t, eprospera.First())
	stranger := a.another("Mallory", verifytest.Key("mallory"))
	agent, err := a.Agents.Create(ctx, a.org.Admin(), registry.NewAgent{
		Owner: stranger.ID, Name: "x", DID: verifytest.Key("x").DID(),
	})
	require.NoError(t, err)
	good := registry.NewAgentKey{Name: "helper", Scopes: []string{eprospera.VerifyRPN}}
	for name, c := range map[string]struct {
		by   registry.Actor
		edit func(n *registry.NewAgentKey)
		code registry.Code
	}{
		"good":           {a.owner.Actor(), nil, ""},
		"by name":        {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Owner = a.owner.ID }, ""},
		"nobody":         {registry.Actor{}, nil, registry.Unauthenticated},
		"the office":     {registry.Root(), func(n *registry.NewAgentKey) { n.Owner = a.owner.ID }, registry.Forbidden},
		"the admin":      {a.org.Admin(), func(n *registry.NewAgentKey) { n.Owner = a.owner.ID }, registry.Forbidden},
		"another owner":  {stranger.Actor(), func(n *registry.NewAgentKey) { n.Owner = a.owner.ID }, registry.NotFound},
		"no scope":       {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = nil }, registry.BadRequest},
		"unknown":        {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = []string{"agent:all"} }, registry.BadRequest},
		"all of them":    {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = []string{"agent:*"} }, registry.BadRequest},
		"OAuth's":        {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = []string{"oauth:me.legal_entities.read"} }, registry.BadRequest},
		"twice":          {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = append(n.Scopes, n.Scopes...) }, registry.BadRequest},
		"no name":        {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Name = " " }, registry.BadRequest},
		"a life":         {a.owner.Actor(), func(n *registry.NewAgentKey) { n.ExpiresIn = "365d" }, ""},
		"a longer life":  {a.owner.Actor(), func(n *registry.NewAgentKey) { n.ExpiresIn = "366d" }, registry.InvalidExpiry},
		"another's":      {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Agent = agent.ID }, registry.InvalidAgent},
		"no such agent":  {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Agent = "ag_x" }, registry.InvalidAgent},
		"no consent":     {a.owner.Actor(), func(n *registry.NewAgentKey) { n.Scopes = []string{eprospera.ApplicationCreate} }, registry.ConsentRequired},
		"a key's holder": {keyOf(a), nil, registry.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			n := good
			if c.edit != nil {
				c.edit(&n)
			}
			_, secret, err := a.AgentKeys.Create(ctx, c.by, n)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.code)
			require.Empty(t, secret.Reveal())
		})
	}
}

// keyOf is an API key of the organisation that may do everything.
func keyOf(a *account) registry.Actor {
	k, secret, err := a.Keys.Create(ctx, a.org.Admin(), registry.NewKey{Name: "x", Scopes: []registry.Scope{
		registry.ScopeIssue, registry.ScopeManageKeys, registry.ScopeRead, registry.ScopeUpdate,
	}})
	require.NoError(a, err)
	by, err := a.Authenticate(ctx, k.ID, secret.Reveal())
	require.NoError(a, err)
	return by
}

// E3: a scope that writes needs a Manifestation of Will that the owner has signed and that is in force, when
// the key is made; whoever issues a passport for it otherwise is refused, too.
func TestE3WritesNeedAWill(t *testing.T) {
	a := newAccount(t, eprospera.First())
	mallory := verifytest.Key("mallory")
	give := func(raw ...[]byte) error {
		_, err := a.Consents.Give(ctx, a.owner.Actor(), registry.Signing{Credentials: raw})
		return err
	}
	tampered := bytes.Replace(a.signed(a.person), []byte(passport.Digest([]byte("I will"))),
		[]byte(passport.Digest([]byte("I won't"))), 1)
	for name, raw := range map[string][]byte{
		"another's": a.signed(mallory), "no credential": []byte("{}"), "tampered": tampered,
		"over":    a.signed(a.person, func(m *passport.Manifestation) { m.ValidUntil = a.clock.Now().Add(-time.Second) }),
		"not yet": a.signed(a.person, func(m *passport.Manifestation) { m.ValidFrom = a.clock.Now().Add(time.Hour) }),
	} {
		require.ErrorIs(t, give(raw), registry.BadRequest, name)
	}
	require.ErrorIs(t, give(), registry.BadRequest)
	two, err := credential.Parse(a.signed(a.person))
	require.NoError(t, err)
	two, err = two.AddProof(ctx, mallory, credential.SignOptions{Created: a.clock.Now()})
	require.NoError(t, err)
	require.ErrorIs(t, give(two.Bytes()), registry.BadRequest, "signed by somebody else, too")
	_, _, err = a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{
		Name: "x", Scopes: []string{eprospera.ApplicationCreate, eprospera.EntityRead},
	})
	require.ErrorIs(t, err, registry.ConsentRequired)
	raw := a.signed(a.person)
	require.NoError(t, give(raw))
	require.ErrorIs(t, give(raw), registry.Exists)
	k, bearer := a.key(eprospera.ApplicationCreate, eprospera.EntityRead)
	require.True(t, k.Write)
	require.NotEmpty(t, k.Consent)
	_, err = a.ask(bearer, create, resident)
	require.NoError(t, err)
	reads, _ := a.key(eprospera.EntityRead)
	require.Empty(t, reads.Consent, "what only reads stands on no consent")

	who, err := a.Agents.Create(ctx, a.org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("x").DID()})
	require.NoError(t, err)
	g, err := a.Grants.Create(ctx, a.org.Admin(), registry.NewGrant{
		Agent: who.ID, Principal: a.owner.Principal(), Scopes: []string{"agent:*"}, ExpiresAt: a.clock.Now().Add(48 * time.Hour),
	})
	require.NoError(t, err)
	for _, action := range []string{eprospera.ApplicationCreate, "agent:entity.*", "agent:*"} {
		_, err = a.Passports.Issue(ctx, a.org.Admin(), registry.NewPassport{Agent: who.ID, Grant: g.ID,
			Authority: passport.Authority{Capabilities: []passport.Capability{{Action: action}}}})
		require.ErrorIs(t, err, registry.ConsentRequired, action)
	}
}

// E4: withdrawing it stops every key that stands on it at once, mixed ones whole, for who is offline, too.
// Another one revives nothing, and what only reads goes on.
func TestE4WithdrawingRevokesKeys(t *testing.T) {
	a := newAccount(t, eprospera.First())
	will := a.give()
	mixed, bearer := a.key(eprospera.ApplicationCreate, eprospera.EntityRead)
	_, reads := a.key(eprospera.EntityRead)
	_, pass, err := a.AgentKeys.Get(ctx, a.owner.Actor(), mixed.ID)
	require.NoError(t, err)
	require.NoError(t, a.Lists.Publish(ctx, a.lists))
	q := a.request(entity, func(q *verify.Request) { q.CredentialKind = office.AgentKeyKind })
	_, err = a.offline.Verify(ctx, []byte(pass.Credential), q)
	require.NoError(t, err)
	for _, by := range []registry.Actor{registry.Root(), a.org.Admin(), a.another("Bob", verifytest.Key("bob")).Actor(), {}} {
		_, err := a.Consents.Withdraw(ctx, by, will.ID, "")
		require.Error(t, err)
	}
	a.clock.Advance(time.Second)
	for range 2 {
		c, err := a.Consents.Withdraw(ctx, a.owner.Actor(), will.ID, "no more")
		require.NoError(t, err)
		require.Equal(t, registry.Revoked, c.Status)
	}
	got, err := a.ask(bearer, create, resident)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
	got, err = a.ask(bearer, entity)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
	_, err = a.ask(reads, entity)
	require.NoError(t, err, "a key that only reads goes on")
	require.NoError(t, a.Lists.Publish(ctx, a.lists))
	_, err = a.offline.Verify(ctx, []byte(pass.Credential), q)
	verifytest.AssertDenied(t, err, verify.StatusRevoked)
	_, _, err = a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{eprospera.ApplicationCreate}})
	require.ErrorIs(t, err, registry.ConsentRequired)

	a.clock.Advance(time.Second)
	a.give()
	got, err = a.ask(bearer, create, resident)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
	k, _, err := a.AgentKeys.Get(ctx, a.owner.Actor(), mixed.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, k.Status)
	_, fresh := a.key(eprospera.ApplicationCreate)
	_, err = a.ask(fresh, create, resident)
	require.NoError(t, err)
	withdrawn := 0
	events, err := a.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	for _, e := range events {
		if e.Type == "consent.withdrawn" || e.Type == "agentkey.revoked" {
			withdrawn++
		}
	}
	require.Equal(t, 2, withdrawn)
}

// E5: an acceptance that the office has lifts the obligation of its kind, though the agent does not carry it; without
// one the decision carries the obligation, with the place where it is signed.
func TestE5StoredAcceptances(t *testing.T) {
	edition := eprospera.First()
	var rows []policy.Scope
	for _, s := range edition.Scopes() {
		for i := range s.Obligations {
			s.Obligations[i].NextFor = func(q *verify.Request) string { return portal + "/sign/" + q.Resource }
		}
		rows = append(rows, s)
	}
	edition, err := policy.NewScopeRegistry("links", rows)
	require.NoError(t, err)
	a := newAccount(t, edition)
	a.give()
	_, bearer := a.key(eprospera.ApplicationCreate)
	apply := func(kind string) (*office.Access, error) {
		return a.ask(bearer, create, attributes(`{"residencyType":"`+kind+`"}`), func(q *verify.Request) { q.Resource = "app-1" })
	}
	got, err := apply(eprospera.Resident)
	refusedAs(t, got, err, verify.PolicyObligationUnmet, 403)
	require.Equal(t, []verify.Obligation{{Kind: verify.SignAgreement, Detail: "Resident", Next: portal + "/sign/app-1"}}, got.Obligations)
	_, err = a.Consents.Give(ctx, a.owner.Actor(), registry.Signing{Credentials: [][]byte{a.accepted(verifytest.Key("mallory"), "Resident")}})
	require.ErrorIs(t, err, registry.BadRequest)
	given, err := a.Consents.Give(ctx, a.owner.Actor(), registry.Signing{
		Credentials: [][]byte{a.accepted(a.person, eprospera.EResident)},
	})
	require.NoError(t, err, "later, without signing the will again")
	_, err = apply(eprospera.Resident)
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
	got, err = apply(eprospera.EResident)
	require.NoError(t, err)
	require.Empty(t, got.Obligations, "nothing is left to sign")
	_, err = a.Consents.Withdraw(ctx, a.owner.Actor(), given[0].ID, "")
	require.NoError(t, err)
	_, err = apply(eprospera.EResident)
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
	_, err = a.ask(bearer, create, resident)
	require.NoError(t, err, "or the caller discharges it")
}

// E5: however often an owner has signed the agreement of one kind, the one of the other kind is not lost behind these.
func TestE5OneKindDoesNotHideAnother(t *testing.T) {
	a := newAccount(t, eprospera.First())
	a.give()
	give := func(kind string) *registry.Consent {
		a.clock.Advance(time.Second)
		given, err := a.Consents.Give(ctx, a.owner.Actor(), registry.Signing{Credentials: [][]byte{a.accepted(a.person, kind)}})
		require.NoError(t, err)
		return given[0]
	}
	first := give(eprospera.Resident)
	for range 20 {
		give(eprospera.EResident)
	}
	_, bearer := a.key(eprospera.ApplicationCreate)
	apply := func(kind string) error {
		_, err := a.ask(bearer, create, attributes(`{"residencyType":"`+kind+`"}`))
		return err
	}
	require.NoError(t, apply(eprospera.Resident))
	require.NoError(t, apply(eprospera.EResident))
	_, err := a.Consents.Withdraw(ctx, a.owner.Actor(), first.ID, "")
	require.NoError(t, err)
	verifytest.AssertDenied(t, apply(eprospera.Resident), verify.PolicyObligationUnmet)
	list, err := a.Consents.Acceptances(ctx, a.person.DID().String())
	require.NoError(t, err)
	require.Len(t, list, 16)
}

// E6: every request of an agent key is in the log, also what is refused; the owner is told of writes that
// succeeded, once each, and of nothing else.
func TestE6AuditAndNotices(t *testing.T) {
	a := newAccount(t, eprospera.First())
	a.give()
	k, bearer := a.key(eprospera.ApplicationCreate, eprospera.ApplicationPay, eprospera.PaymentInitiate, eprospera.PersonDetailsRead)
	notices := func() (list []string) {
		events, err := a.Events.Read(ctx, registry.Root(), 0, 1000)
		require.NoError(t, err)
		for _, e := range events {
			if m, ok := registry.MailOf(e); ok {
				require.Equal(t, a.owner.ID, m.Owner)
				require.NotEmpty(t, m.Lines)
				list = append(list, m.Kind)
			}
		}
		return list
	}
	require.Equal(t, []string{"consent.given"}, notices(), "the signing is confirmed")
	for i, operation := range []string{
		create, "POST /legal_entity_applications/{id}/checkout_session", "POST /legal_entity_applications/{id}/pay/coupon",
	} {
		edit := func(*verify.Request) {}
		if i == 0 {
			edit = resident
		}
		got, err := a.ask(bearer, operation, edit, func(q *verify.Request) { q.Resource = "app-7" })
		require.NoError(t, err)
		require.Len(t, notices(), 1+i, "to be allowed is not to have succeeded")
		for range 3 {
			require.NoError(t, got.Commit(ctx))
		}
		failed, err := a.ask(bearer, operation, edit)
		require.NoError(t, err)
		require.NoError(t, failed.Release(ctx))
		_, err = a.ask(bearer, entity)
		require.Error(t, err)
	}
	require.Equal(t, []string{"consent.given", "application.created", "checkout.created", "coupon.applied"}, notices())
	_, err := a.ask(bearer, person, func(q *verify.Request) { q.Resource = "passport-scan.pdf" })
	require.NoError(t, err)
	lines, err := a.Audit.List(ctx, a.org.Admin(), "", 0, 1000)
	require.NoError(t, err)
	used, denied := 0, 0
	for _, l := range lines {
		require.NotContains(t, string(l.Data), "passport-scan.pdf", "a sensitive scope")
		if l.Action == "agentkey.used" {
			require.Equal(t, k.ID, l.Subject)
			used++
			if strings.Contains(string(l.Data), `"allowed":false`) {
				require.Contains(t, string(l.Data), string(verify.AuthorityScopeMissing))
				denied++
			}
		}
	}
	require.Equal(t, [2]int{10, 3}, [2]int{used, denied})
	require.NoError(t, a.Audit.Verify(ctx, a.org.Admin(), ""))
	a.fail.broken = true
	got, err := a.ask(bearer, create, resident)
	refusedAs(t, got, err, verify.LedgerUnavailable, 503)
	require.NoError(t, got.Commit(ctx), "nothing to settle")
	a.fail.broken = false
	require.Len(t, notices(), 4)
}

// E6: the weekly digest: active keys, recent activity, idle keys, the reminder. None without a key that writes.
func TestE6Digest(t *testing.T) {
	a := newAccount(t, eprospera.First())
	digest := func() *registry.Digest {
		d, err := a.AgentKeys.Digest(ctx, a.owner.Actor(), registry.DigestQuery{})
		require.NoError(t, err)
		return d
	}
	a.key(eprospera.EntityRead)
	require.Nil(t, digest(), "what only reads needs none")
	a.clock.Advance(time.Second)
	a.give()
	writes, bearer := a.key(eprospera.ApplicationCreate)
	for range 2 {
		_, err := a.ask(bearer, create, resident)
		require.NoError(t, err)
	}
	_, err := a.ask(bearer, entity)
	require.Error(t, err)
	last := a.clock.Now()
	a.clock.Set(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)) // a Monday
	_, err = a.ask(bearer, create, resident)
	require.NoError(t, err, "after the week")
	d := digest()
	require.Equal(t, digest(), d, "a pure query")
	require.Equal(t, "2026-11-16 2026-11-23", d.From.Format(time.DateOnly)+" "+d.Until.Format(time.DateOnly))
	require.Len(t, d.Keys, 2)
	require.True(t, d.Keys[0].Idle)
	require.Equal(t, registry.DigestKey{
		ID: writes.ID, Name: "helper", Scopes: []string{eprospera.ApplicationCreate}, Write: true, LastUsed: last,
		Activity: []registry.DigestActivity{{Operation: create, Count: 2}}, Denied: 1,
	}, d.Keys[1])
	m := d.Mail()
	require.Equal(t, [][]string{
		{"Key", "Scopes", "Last used", "Activity", "Refused", "Advice"},
		{"helper", eprospera.EntityRead, "never", "", "0", "not used this week: revoke it if nobody needs it"},
		{"helper", eprospera.ApplicationCreate, "2026-11-18 09:00:01", create + ": 2", "1", ""},
	}, m.Rows)
	require.Contains(t, m.Lines[0], "From 2026-11-16 to 2026-11-22")
	require.Contains(t, m.Lines[1], "legally responsible")
	for _, by := range []registry.Actor{a.org.Admin(), a.another("Bob", verifytest.Key("bob")).Actor(), {}} {
		_, err := a.AgentKeys.Digest(ctx, by, registry.DigestQuery{Owner: a.owner.ID})
		require.Error(t, err)
	}
	_, err = a.AgentKeys.Digest(ctx, registry.Root(), registry.DigestQuery{Owner: a.owner.ID})
	require.NoError(t, err, "root sends it")
	zone, err := time.LoadLocation("America/Tegucigalpa")
	require.NoError(t, err)
	_, until := registry.WeekBefore(time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), zone)
	require.Equal(t, "2026-11-16", until.Format(time.DateOnly), "there it is Sunday still")
	_, err = a.AgentKeys.Revoke(ctx, a.owner.Actor(), writes.ID, "")
	require.NoError(t, err)
	require.Nil(t, digest())
}

// E2, E7: a scope that was withdrawn since is refused by name, with what replaces it; the others of the key go
// on, and a personal key still serves where it did.
func TestE2WithdrawnScopes(t *testing.T) {
	const checkout = "POST /legal_entity_applications/{id}/checkout_session"
	a := newAccount(t, eprospera.Current())
	a.give()
	_, bearer := a.key(eprospera.ApplicationCreate, eprospera.PaymentInitiate)
	_, err := a.ask(bearer, checkout)
	require.NoError(t, err)
	a.clock.Set(eprospera.CurrentSince.Add(time.Hour))
	got, err := a.ask(bearer, checkout)
	refusedAs(t, got, err, verify.AuthorityScopeWithdrawn, 403)
	require.ErrorContains(t, err, eprospera.PaymentInitiate)
	require.ErrorContains(t, err, eprospera.ApplicationPay)
	_, err = a.ask(bearer, create, resident)
	require.NoError(t, err)
	_, _, err = a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{eprospera.PaymentInitiate}})
	require.ErrorIs(t, err, registry.BadRequest)
	require.ErrorContains(t, err, eprospera.ApplicationPay)
	_, err = policy.Scopes{Registry: eprospera.Current()}.Operation(&verify.Request{
		Operation: checkout, CredentialKind: eprospera.PersonalKey,
	}, a.clock.Now())
	require.NoError(t, err)
	// The passport is renewed without it.
	a.clock.Advance(29 * 24 * time.Hour)
	_, err = a.ask(bearer, create, resident)
	require.NoError(t, err)
	got, err = a.ask(bearer, checkout)
	refusedAs(t, got, err, verify.AuthorityScopeWithdrawn, 403)
}

// E1: a key lives until it is revoked: its passports follow one another. One that is over, or whose consent is
// gone, gets none.
func TestE1KeysOutliveTheirPassports(t *testing.T) {
	a := newAccount(t, eprospera.First())
	k, bearer := a.key(eprospera.VerifyRPN)
	short, secret, err := a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{
		Name: "short", Scopes: []string{eprospera.VerifyRPN}, ExpiresIn: "30h",
	})
	require.NoError(t, err)
	require.Equal(t, 30*time.Hour, short.ExpiresAt.Sub(short.CreatedAt))
	for i := range 4 {
		a.clock.Advance(25 * 24 * time.Hour)
		got, err := a.ask(bearer, verif)
		require.NoError(t, err, i)
		require.Equal(t, k.ID, got.Key.ID)
	}
	a.clock.Advance(200 * 24 * time.Hour)
	_, err = a.ask(bearer, verif)
	require.NoError(t, err, "after a long pause, too")
	got, err := a.ask("Bearer "+secret.Reveal(), verif)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
	_, err = a.AgentKeys.Revoke(ctx, a.owner.Actor(), k.ID, "")
	require.NoError(t, err)
	got, err = a.ask(bearer, verif)
	refusedAs(t, got, err, verify.ProofInvalid, 401)
}

// E8: what was not made through the API is not there for an agent, whoever issued the passport: a row drops
// from a list, a single one is not found, and what does not say how it was made is not shown.
func TestE8OnlyWhatTheAPIMade(t *testing.T) {
	a := newAccount(t, eprospera.First())
	_, bearer := a.key(eprospera.ApplicationRead)
	_, err := a.ask(bearer, apps, attributes(`{"provenance":"api"}`))
	require.NoError(t, err)
	for _, text := range []string{`{"provenance":"portal"}`, `{}`, `{"provenance":1}`} {
		got, err := a.ask(bearer, apps, attributes(text))
		refusedAs(t, got, err, verify.AuthorityResourceNotAllowed, 404)
	}
	s, ok := eprospera.First().Lookup(apps)
	require.True(t, ok)
	require.True(t, s.Reaches(map[string]string{"provenance": "api"}))
	require.False(t, s.Reaches(map[string]string{"provenance": "portal"}))
	require.False(t, s.Reaches(nil))
}

// E10: the owner asks what would be missing for a key, without its handle; nothing is used up or recorded.
func TestE10OwnersDryRun(t *testing.T) {
	a := newAccount(t, eprospera.First())
	k, _ := a.key(eprospera.EntityRead)
	before, err := a.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	report, err := a.gate.Explain(ctx, a.owner.Actor(), k.ID, a.request(create, attributes(`{"residencyType":"Resident"}`)))
	require.NoError(t, err)
	var codes []verify.Code
	for _, v := range report.Violations {
		codes = append(codes, v.Code)
	}
	require.Equal(t, []verify.Code{verify.ConsentMissing, verify.PolicyObligationUnmet, verify.AuthorityScopeMissing}, codes)
	report, err = a.gate.Explain(ctx, a.owner.Actor(), k.ID, a.request(entity))
	require.NoError(t, err)
	require.Equal(t, verify.Allow, report.WouldBe)
	var answers []string
	for _, id := range []string{k.ID, "agk_x"} {
		_, err = a.gate.Explain(ctx, a.another("Bob"+id, verifytest.Key(id)).Actor(), id, a.request(entity))
		require.ErrorIs(t, err, registry.NotFound)
		answers = append(answers, err.Error())
	}
	require.Equal(t, answers[1], answers[0])
	after, err := a.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, after, len(before)+2, "two owners were made")
}

// E1: a handle is shown once; nothing that the office keeps, tells or prints has it.
func TestE1HandlesDoNotShow(t *testing.T) {
	a := newAccount(t, eprospera.First())
	k, secret, err := a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{eprospera.VerifyRPN}})
	require.NoError(t, err)
	handle := secret.Reveal()
	got, err := a.ask("Bearer "+handle, verif)
	require.NoError(t, err)
	var shown bytes.Buffer
	events, err := a.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	lines, err := a.Audit.List(ctx, a.org.Admin(), "", 0, 1000)
	require.NoError(t, err)
	keys, err := a.AgentKeys.List(ctx, a.owner.Actor(), "")
	require.NoError(t, err)
	_, bad := a.ask("Bearer "+handle+"0", verif)
	raw, err := json.Marshal([]any{events, lines, keys, k, secret, got})
	require.NoError(t, err)
	shown.Write(raw)
	fmt.Fprintf(&shown, "%v %+v %#v %v", got, k, secret, bad)
	require.NotContains(t, shown.String(), handle[29:50])
	require.NotContains(t, shown.String(), handle[50:70])
	require.NoError(t, a.fail.View(ctx, func(tx registry.Tx) error {
		d, err := tx.Get("agentkey", k.ID)
		require.NotContains(t, string(d.Body), handle[29:])
		return err
	}))
}

// E1, E4: what happens while a passport is signed counts: a key that is revoked meanwhile is not renewed, and
// one whose consent is withdrawn meanwhile is not made.
func TestE4MeanwhileWithdrawn(t *testing.T) {
	a := newAccount(t, eprospera.First())
	k, bearer := a.key(eprospera.VerifyRPN)
	a.clock.Advance(29 * 24 * time.Hour)
	a.signer.meanwhile = func() {
		_, err := a.AgentKeys.Revoke(ctx, a.owner.Actor(), k.ID, "")
		require.NoError(t, err)
	}
	got, err := a.ask(bearer, verif)
	require.Error(t, err)
	require.NotEqual(t, verify.Allow, got.Verdict)
	now, pass, err := a.AgentKeys.Get(ctx, a.owner.Actor(), k.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, now.Status)
	require.Equal(t, registry.Revoked, pass.Status)
	will := a.give()
	a.signer.meanwhile = func() {
		_, err := a.Consents.Withdraw(ctx, a.owner.Actor(), will.ID, "")
		require.NoError(t, err)
	}
	_, secret, err := a.AgentKeys.Create(ctx, a.owner.Actor(), registry.NewAgentKey{
		Name: "x", Scopes: []string{eprospera.ApplicationCreate},
	})
	require.ErrorIs(t, err, registry.ConsentRequired)
	require.Empty(t, secret.Reveal())
}
