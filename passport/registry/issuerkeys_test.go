package registry_test

import (
	"context"
	"crypto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const webIssuer = "did:web:issuer.example"

// webKey is a key of the issuer, named in its document.
func webKey(t testing.TB, fragment string) did.Signer {
	s, err := did.NewSigner(did.MustParseURL(webIssuer+"#"+fragment), verifytest.Key(fragment).PrivateKey())
	require.NoError(t, err)
	return s
}

// webOffice is an office whose issuer has a did:web, and the document that it has published.
type webOffice struct {
	*office
	store registry.Store
	doc   *did.Document
}

// Put is the target of the document.
func (o *webOffice) Put(_ context.Context, doc *did.Document) error {
	o.doc = doc
	return nil
}

// Resolve is the shop's look at it.
func (o *webOffice) Resolve(context.Context, did.DID) (*did.Document, error) { return o.doc, nil }

func newWebOffice(t *testing.T) *webOffice {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := &webOffice{office: newOffice(t), store: db.Registry()}
	o.Registry = o.open("k1", "k2", "k3")
	o.furnish()
	o.shop, err = verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: did.MustParse(webIssuer)}}, Resolver: did.Mux{"web": o, "key": did.KeyMethods()}, Status: o.lists,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: o.clock.Now,
	})
	require.NoError(t, err)
	return o
}

// open opens the office with keys.
func (o *webOffice) open(issuer string, keys ...string) *registry.Registry {
	c := registry.Config{
		Store: o.store, Issuer: webKey(o, issuer), BaseURL: "https://issuer.example", Now: o.clock.Now,
		AgentScopes: agentScopes,
	}
	for _, k := range keys {
		c.Keys = append(c.Keys, webKey(o, k))
	}
	r, err := registry.Open(c)
	require.NoError(o, err)
	return r
}

func (o *webOffice) furnish() {
	var err error
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(o, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(o, err)
	o.grant, err = o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: o.clock.Now().Add(365 * 24 * time.Hour),
	})
	require.NoError(o, err)
}

func (o *webOffice) publishAll() {
	require.NoError(o, o.IssuerKeys.Publish(ctx, o))
	o.publish()
}

func (o *webOffice) rotate(to string, in time.Duration) *registry.IssuerKey {
	k, err := o.IssuerKeys.Rotate(ctx, registry.Root(), registry.Rotation{
		To: did.MustParseURL(webIssuer + "#" + to), In: in, Reason: "a year is over",
	})
	require.NoError(o, err)
	return k
}

func (o *webOffice) issueFor(life string) *registry.Passport {
	n := o.new()
	n.ExpiresIn = life
	p, err := o.Passports.Issue(ctx, o.org.Admin(), n)
	require.NoError(o, err)
	return p
}

// statuses of the keys, by their fragments.
func (o *webOffice) statuses() map[string]registry.KeyStatus {
	list, err := o.IssuerKeys.List(ctx, registry.Root())
	require.NoError(o, err)
	is := map[string]registry.KeyStatus{}
	for _, k := range list {
		is[did.MustParseURL(k.ID).Fragment()] = k.Status
	}
	return is
}

// asserts are the keys that the document lists for assertionMethod, and whether they end.
func (o *webOffice) asserts() map[string]bool {
	is := map[string]bool{}
	for _, m := range o.doc.Methods() {
		for _, rel := range m.Relationships {
			if rel == did.AssertionMethod {
				is[m.ID.Fragment()] = !m.Expires.IsZero()
			}
		}
	}
	return is
}

// REG: the issuer rotates its key. Both keys are published from the call on; the new one signs passports and lists from
// its instant on; what the old one signed verifies until the last of it has ended; then the old one is retired.
func TestIssuerKeyRotates(t *testing.T) {
	o := newWebOffice(t)
	o.publishAll()
	old := o.issueFor("30d")
	o.publishAll()
	require.NoError(t, o.pays(old))
	o.rotate("k2", 0)
	require.Equal(t, map[string]registry.KeyStatus{"k1": registry.KeySigns, "k2": registry.KeyNext}, o.statuses())
	o.publishAll()
	require.Equal(t, map[string]bool{"k1": true, "k2": false}, o.asserts())

	o.clock.Advance(24*time.Hour - time.Second)
	last := o.issueFor("30d")
	require.Equal(t, webIssuer+"#k1", last.SignedBy)
	o.clock.Advance(time.Second)
	require.Equal(t, map[string]registry.KeyStatus{"k1": registry.KeySuperseded, "k2": registry.KeySigns}, o.statuses())
	next := o.issueFor("30d")
	require.Equal(t, webIssuer+"#k2", next.SignedBy)
	o.publishAll()
	o.onlySignedBy("k2")
	for _, p := range []*registry.Passport{old, last, next} {
		require.NoError(t, o.pays(p), p.SignedBy)
	}

	// It is not retired before its last passport has ended, nor is it gone from the document.
	_, err := o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.ErrorIs(t, err, registry.InvalidTransition)
	require.ErrorContains(t, err, "2 passports that it signed are alive, the last one until "+last.ExpiresAt.Format(time.RFC3339))
	o.clock.Advance(30*24*time.Hour - 2*time.Second)
	o.publishAll()
	require.NoError(t, o.pays(last))
	_, err = o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.ErrorIs(t, err, registry.InvalidTransition)
	o.clock.Advance(2 * time.Second)
	k, err := o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "over")
	require.NoError(t, err)
	require.Equal(t, registry.KeyRetired, k.Status)
	o.publishAll()
	require.Equal(t, map[string]bool{"k2": false}, o.asserts())
	require.Equal(t, map[string]registry.KeyStatus{"k1": registry.KeyRetired, "k2": registry.KeySigns}, o.statuses())
	require.ErrorIs(t, o.pays(last), verify.TimeExpired)
	require.Equal(t, []string{"issuerkey.rotated", "issuerkey.retired"}, o.ofOffice())
	require.NoError(t, o.Audit.Verify(ctx, registry.Root(), ""))
}

// ofOffice are the actions in the office's own log, which are events, too.
func (o *webOffice) ofOffice() (actions []string) {
	lines, err := o.Audit.List(ctx, registry.Root(), "", 0, 0)
	require.NoError(o, err)
	for _, l := range lines {
		actions = append(actions, l.Action)
	}
	events, err := o.Events.Read(ctx, registry.Root(), 0, 0)
	require.NoError(o, err)
	var told []string
	for _, e := range events {
		if e.Org == "" {
			told = append(told, e.Type)
		}
	}
	require.Equal(o, actions, told)
	return actions
}

// onlySignedBy wants the published lists to be signed by one key.
func (o *webOffice) onlySignedBy(fragment string) {
	for _, purpose := range []statuslist.Purpose{statuslist.Revocation, statuslist.Suspension} {
		for _, source := range []statuslist.Source{o.lists, o.Lists.Source()} {
			f, err := source.StatusList(ctx, "https://issuer.example/status/"+string(purpose)+"-1")
			require.NoError(o, err)
			require.Contains(o, string(f.Raw), webIssuer+"#"+fragment+`"`)
		}
	}
}

// A superseded key ends by its date in the document, though nobody retires it.
func TestIssuerKeyEndsByItself(t *testing.T) {
	o := newWebOffice(t)
	o.rotate("k2", -1)
	o.publishAll()
	require.Equal(t, map[string]bool{"k1": true, "k2": false}, o.asserts())
	at := o.clock.Now()
	id, ends := did.MustParseURL(webIssuer+"#k1"), at.Add(721*time.Hour)
	_, err := o.doc.Key(id, did.AssertionMethod, ends.Add(-1))
	require.NoError(t, err)
	_, err = o.doc.Key(id, did.AssertionMethod, ends)
	require.ErrorIs(t, err, did.ErrKey)
	o.clock.Advance(721 * time.Hour)
	o.publishAll()
	require.Equal(t, map[string]bool{"k2": false}, o.asserts())
}

// REG: a key that somebody else may have is revoked at once: what it signed verifies nowhere, and is listed.
func TestIssuerKeyCompromised(t *testing.T) {
	o := newWebOffice(t)
	o.publishAll()
	bad := o.issue()
	gone, err := o.Passports.Revoke(ctx, registry.Root(), o.issue().ID, "")
	require.NoError(t, err)
	o.publishAll()
	require.NoError(t, o.pays(bad))

	k, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{
		To: did.MustParseURL(webIssuer + "#k3"), Reason: "a laptop was stolen",
	})
	require.NoError(t, err)
	require.Equal(t, registry.KeyRevoked, k.Status)
	require.Equal(t, map[string]registry.KeyStatus{"k1": registry.KeyRevoked, "k3": registry.KeySigns}, o.statuses())
	next, err := o.Lists.NextPublish(ctx)
	require.NoError(t, err)
	require.False(t, next.After(o.clock.Now()), "lists must be signed anew at once")
	o.clock.Advance(time.Second)
	o.publishAll()
	o.onlySignedBy("k3")
	require.Equal(t, map[string]bool{"k3": false}, o.asserts())
	require.ErrorIs(t, o.pays(bad), verify.ProofKeyNotAuthorized)
	got, err := o.Passports.Get(ctx, o.org.Admin(), bad.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, got.Status)

	var affected []string
	for p, err := range o.IssuerKeys.Signed(ctx, registry.Root(), webIssuer+"#k1") {
		require.NoError(t, err)
		affected = append(affected, p.ID)
	}
	require.Equal(t, []string{bad.ID}, affected, "and not %s, which was revoked by itself", gone.ID)
	for _, err := range o.IssuerKeys.Signed(ctx, registry.Root(), webIssuer+"#k11") { // a typo
		require.ErrorIs(t, err, registry.NotFound)
		affected = nil
	}
	require.Nil(t, affected, "it yields an error")
	anew := o.issue()
	o.publish()
	require.NoError(t, o.pays(anew))

	again, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{Reason: "twice"})
	require.NoError(t, err)
	require.Equal(t, k.RevokedAt, again.RevokedAt)
	require.Equal(t, "a laptop was stolen", again.Reason)
	_, err = o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.ErrorIs(t, err, registry.InvalidTransition)
	_, err = o.Passports.Revoke(ctx, registry.Root(), bad.ID, "")
	require.NoError(t, err)
	_, err = o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.NoError(t, err)
	for _, err := range o.IssuerKeys.Signed(ctx, registry.Root(), webIssuer+"#k1") {
		require.NoError(t, err, "a retired key is one of the office's")
	}
	require.Equal(t, []string{"issuerkey.revoked", "issuerkey.retired"}, o.ofOffice())
}

// A key that is next, or superseded, is revoked without another one.
func TestIssuerKeyRevokedThatDoesNotSign(t *testing.T) {
	o := newWebOffice(t)
	o.rotate("k2", 0)
	_, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k2", registry.Compromise{})
	require.NoError(t, err)
	o.clock.Advance(48 * time.Hour)
	require.Equal(t, map[string]registry.KeyStatus{"k1": registry.KeySigns, "k2": registry.KeyRevoked}, o.statuses())
	o.publishAll()
	require.Equal(t, map[string]bool{"k1": false}, o.asserts())
	first := o.issueFor("10d")
	o.rotate("k3", -1)
	o.clock.Advance(time.Second)
	o.publishAll()
	require.NoError(t, o.pays(first))
	_, err = o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{})
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	o.publishAll()
	require.ErrorIs(t, o.pays(first), verify.ProofKeyNotAuthorized)
	require.Equal(t, webIssuer+"#k3", o.issue().SignedBy)
}

// A key may step in until the one signs that is next: one signs at any time.
func TestIssuerKeyRevokedBeforeTheNextOneSigns(t *testing.T) {
	o := newWebOffice(t)
	o.rotate("k2", 0)
	_, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{
		To: did.MustParseURL(webIssuer + "#k3"),
	})
	require.NoError(t, err)
	require.Equal(t, map[string]registry.KeyStatus{
		"k1": registry.KeyRevoked, "k2": registry.KeyNext, "k3": registry.KeySigns,
	}, o.statuses())
	require.Equal(t, webIssuer+"#k3", o.issue().SignedBy)
	o.clock.Advance(25 * time.Hour)
	require.Equal(t, map[string]registry.KeyStatus{
		"k1": registry.KeyRevoked, "k2": registry.KeySigns, "k3": registry.KeySuperseded,
	}, o.statuses())
	require.Equal(t, webIssuer+"#k2", o.issue().SignedBy)
}

// What is refused, and what would be right.
func TestIssuerKeyRefusals(t *testing.T) {
	o := newWebOffice(t)
	to := func(fragment string) registry.Rotation {
		return registry.Rotation{To: did.MustParseURL(webIssuer + "#" + fragment)}
	}
	for name, c := range map[string]struct {
		n    registry.Rotation
		code registry.Code
	}{
		"good":                   {to("k2"), ""},
		"several that are new":   {registry.Rotation{}, registry.BadRequest},
		"one that is not there":  {to("k9"), registry.BadRequest},
		"the one that signs":     {to("k1"), registry.Exists},
		"too long before":        {registry.Rotation{To: to("k2").To, In: 91 * 24 * time.Hour}, registry.BadRequest},
		"a reason without end":   {registry.Rotation{To: to("k2").To, Reason: string(make([]byte, 2000))}, registry.BadRequest},
		"one that is next twice": {to("k3"), registry.InvalidTransition},
	} {
		t.Run(name, func(t *testing.T) {
			o := newWebOffice(t)
			if c.code == registry.InvalidTransition {
				o.rotate("k2", 0)
			}
			_, err := o.IssuerKeys.Rotate(ctx, registry.Root(), c.n)
			require.Equal(t, c.code, codeOf(err), "%v", err)
		})
	}
	_, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k9", registry.Compromise{})
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k9", "")
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.ErrorIs(t, err, registry.InvalidTransition)

	// A key does not come back under another name.
	o.Registry = o.open("k1", "k2")
	o.rotate("k2", -1)
	again, err := did.NewSigner(did.MustParseURL(webIssuer+"#new"), verifytest.Key("k1").PrivateKey())
	require.NoError(t, err)
	c := registry.Config{Store: o.store, Issuer: webKey(t, "k2"), Keys: []did.Signer{again}, BaseURL: "https://issuer.example",
		Now: o.clock.Now}
	r, err := registry.Open(c)
	require.NoError(t, err)
	_, err = r.IssuerKeys.Rotate(ctx, registry.Root(), registry.Rotation{To: again.KeyID()})
	require.ErrorIs(t, err, registry.Exists)

	c.Keys = []did.Signer{verifytest.Key("stranger")}
	_, err = registry.Open(c)
	require.ErrorIs(t, err, registry.BadRequest)
}

// An issuer whose DID is its key cannot rotate, and is told what would be right.
func TestIssuerKeyOfADIDKey(t *testing.T) {
	o := newOffice(t)
	calls := map[string]func() error{
		"rotate": func() error { return does(o.IssuerKeys.Rotate(ctx, registry.Root(), registry.Rotation{})) },
		"revoke": func() error {
			return does(o.IssuerKeys.Revoke(ctx, registry.Root(), o.issuer.KeyID().String(), registry.Compromise{}))
		},
	}
	for name, call := range calls {
		err := call()
		require.ErrorIs(t, err, registry.InvalidTransition, name)
		require.ErrorContains(t, err, "a did:key is its key")
		require.ErrorContains(t, err, "did:web")
	}
	doc, err := o.IssuerKeys.Document(ctx)
	require.NoError(t, err)
	require.Equal(t, o.issuer.DID(), doc.ID())
	require.ErrorIs(t, o.IssuerKeys.Publish(ctx, didweb.Dir(t.TempDir())), did.ErrMethodNotSupported)
}

// A process that was opened without the key that signs now signs nothing, and one that has another key under its name
// neither.
func TestIssuerKeyThatAProcessLacks(t *testing.T) {
	o := newWebOffice(t)
	behind := o.open("k1")
	o.rotate("k2", -1)
	for _, r := range []*registry.Registry{behind, o.openWrong()} {
		_, err := r.Passports.Issue(ctx, o.org.Admin(), o.new())
		require.ErrorIs(t, err, registry.Conflict)
		require.ErrorContains(t, err, "#k2")
		require.ErrorIs(t, r.Lists.Publish(ctx, o.lists), registry.Conflict)
		_, err = r.Audit.Head(ctx, registry.Root(), "")
		require.ErrorIs(t, err, registry.Conflict)
	}
	require.Equal(t, webIssuer+"#k2", o.issue().SignedBy)
}

// openWrong opens the office with another key under the name of k2.
func (o *webOffice) openWrong() *registry.Registry {
	wrong, err := did.NewSigner(did.MustParseURL(webIssuer+"#k2"), crypto.Signer(verifytest.Key("wrong").PrivateKey()))
	require.NoError(o, err)
	r, err := registry.Open(registry.Config{
		Store: o.store, Issuer: webKey(o, "k1"), Keys: []did.Signer{wrong}, BaseURL: "https://issuer.example", Now: o.clock.Now,
	})
	require.NoError(o, err)
	return r
}

// turning is a signer during whose work something happens, once.
type turning struct {
	did.Signer
	then *func()
}

func (s turning) PublicKey() did.PublicKey {
	return s.Signer.(interface{ PublicKey() did.PublicKey }).PublicKey()
}

func (s turning) Sign(x context.Context, msg []byte) ([]byte, error) {
	if then := *s.then; then != nil {
		*s.then = nil
		then()
	}
	return s.Signer.Sign(x, msg)
}

// A key that is revoked while it signs: neither a passport nor a list of it gets out.
func TestIssuerKeyRevokedWhileItSigns(t *testing.T) {
	o := newWebOffice(t)
	var then func()
	other := o.open("k1", "k2")
	var err error
	o.Registry, err = registry.Open(registry.Config{
		Store: o.store, Issuer: turning{webKey(t, "k1"), &then}, Keys: []did.Signer{webKey(t, "k2")},
		BaseURL: "https://issuer.example", Now: o.clock.Now,
	})
	require.NoError(t, err)
	revoke := func() {
		_, err := other.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{})
		require.NoError(t, err)
	}
	then = revoke
	p := o.issue()
	require.Nil(t, then)
	require.Equal(t, webIssuer+"#k2", p.SignedBy)
	o.publishAll()
	require.NoError(t, o.pays(p))

	o = newWebOffice(t)
	other = o.open("k1", "k2")
	o.Registry, err = registry.Open(registry.Config{
		Store: o.store, Issuer: turning{webKey(t, "k1"), &then}, Keys: []did.Signer{webKey(t, "k2")},
		BaseURL: "https://issuer.example", Now: o.clock.Now,
	})
	require.NoError(t, err)
	o.issue()
	then = revoke
	o.publishAll()
	require.Nil(t, then)
	o.onlySignedBy("k2")
}

// Records and agent keys get other passports when the key of theirs was revoked.
func TestIssuerKeyRevokedAndIssuedAnew(t *testing.T) {
	o := newWebOffice(t)
	o.withTarget()
	handle := o.handle()
	_, before, err := o.AgentKeys.Resolve(ctx, handle)
	require.NoError(t, err)
	_, err = o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{
		To: did.MustParseURL(webIssuer + "#k2"),
	})
	require.NoError(t, err)
	_, after, err := o.AgentKeys.Resolve(ctx, handle)
	require.NoError(t, err)
	require.NotEqual(t, before.ID, after.ID)
	require.Equal(t, webIssuer+"#k2", after.SignedBy)

	r, err := o.Records.Get(ctx, registry.Root(), o.target.record)
	require.NoError(t, err)
	require.Equal(t, registry.Expired, r.Status)
	made, err := o.Records.Renew(ctx, registry.Root(), r.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Active, made.Status)
	p, err := o.Passports.Get(ctx, registry.Root(), made.Passport)
	require.NoError(t, err)
	require.Equal(t, webIssuer+"#k2", p.SignedBy)
}

func (o *webOffice) handle() string {
	ada, err := o.Owners.Get(ctx, registry.Root(), o.target.owner)
	require.NoError(o, err)
	_, secret, err := o.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{Name: "y", Scopes: []string{"agent:read"}})
	require.NoError(o, err)
	return secret.Reveal()
}

// P11: heads that a key signed stay good when it was superseded and retired, and not when it was revoked.
func TestIssuerKeyHeads(t *testing.T) {
	o := newWebOffice(t)
	head := func() []byte {
		h, err := o.Audit.Head(ctx, registry.Root(), o.org.ID)
		require.NoError(t, err)
		return h
	}
	first := head()
	o.rotate("k2", -1)
	second := head()
	o.clock.Advance(24 * time.Hour)
	_, err := o.IssuerKeys.Retire(ctx, registry.Root(), webIssuer+"#k1", "")
	require.NoError(t, err)
	for _, h := range [][]byte{first, second} {
		require.NoError(t, o.Audit.VerifySince(ctx, registry.Root(), o.org.ID, h))
	}
	_, err = o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k2", registry.Compromise{})
	require.NoError(t, err)
	require.NoError(t, o.Audit.VerifySince(ctx, registry.Root(), o.org.ID, first))
	err = o.Audit.VerifySince(ctx, registry.Root(), o.org.ID, second)
	require.ErrorIs(t, err, registry.BadRequest)
	require.ErrorContains(t, err, "take a new head")
}

// overtaken is a target at which another publisher puts a newer document first.
type overtaken struct {
	*webOffice
	meanwhile func()
}

func (o *overtaken) Put(x context.Context, doc *did.Document) error {
	if f := o.meanwhile; f != nil {
		o.meanwhile = nil
		f()
	}
	return o.webOffice.Put(x, doc)
}

// A publisher that was overtaken does not leave an older document behind.
func TestIssuerDocumentIsTheNewest(t *testing.T) {
	o := newWebOffice(t)
	require.NoError(t, o.IssuerKeys.Publish(ctx, &overtaken{o, func() {
		_, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{
			To: did.MustParseURL(webIssuer + "#k2"),
		})
		require.NoError(t, err)
		require.NoError(t, o.IssuerKeys.Publish(ctx, o))
	}}))
	require.Equal(t, map[string]bool{"k2": false}, o.asserts())
}

// The document has what the host adds, and Run publishes it.
func TestIssuerDocumentOfTheHost(t *testing.T) {
	o := newWebOffice(t)
	c := registry.Config{
		Store: o.store, Issuer: webKey(t, "k1"), BaseURL: "https://issuer.example", Now: o.clock.Now,
		Document: did.DocumentOptions{
			AlsoKnownAs: []string{"https://issuer.example"},
			Keys: []did.DocumentKey{{
				Fragment: "login", Key: verifytest.Key("login").PublicKey(), Relationships: []did.Relationship{did.Authentication},
			}},
		},
	}
	r, err := registry.Open(c)
	require.NoError(t, err)
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	var host didweb.Host
	done := make(chan error, 1)
	put := puts{&host, cancel}
	go func() { done <- r.Run(run, registry.RunOptions{To: new(statuslist.Memory), Document: put}) }()
	require.ErrorIs(t, <-done, context.Canceled)
	doc, err := r.IssuerKeys.Document(ctx)
	require.NoError(t, err)
	require.Contains(t, string(doc.Bytes()), `"alsoKnownAs":["https://issuer.example"]`)
	_, err = doc.Key(did.MustParseURL(webIssuer+"#login"), did.Authentication, o.clock.Now())
	require.NoError(t, err)

	c.Document.ID = did.MustParse(webIssuer)
	_, err = registry.Open(c)
	require.ErrorIs(t, err, registry.BadRequest)
}

// puts ends a run when a document has arrived.
type puts struct {
	*didweb.Host
	then func()
}

func (p puts) Put(x context.Context, doc *did.Document) error {
	defer p.then()
	return p.Host.Put(x, doc)
}

// P16: the keys of an issuer with a did:web are root's alone, too.
func TestIssuerKeysAreRoots(t *testing.T) {
	o := newWebOffice(t)
	for name, by := range map[string]registry.Actor{
		"the admin": o.org.Admin(), "an owner": o.owner("bob@example.org").Actor(),
	} {
		_, err := o.IssuerKeys.Rotate(ctx, by, registry.Rotation{To: did.MustParseURL(webIssuer + "#k2")})
		require.ErrorIs(t, err, registry.Forbidden, name)
		_, err = o.IssuerKeys.Revoke(ctx, by, webIssuer+"#k1", registry.Compromise{To: did.MustParseURL(webIssuer + "#k2")})
		require.ErrorIs(t, err, registry.Forbidden, name)
		_, err = o.IssuerKeys.Retire(ctx, by, webIssuer+"#k1", "")
		require.ErrorIs(t, err, registry.Forbidden, name)
		_, err = o.IssuerKeys.List(ctx, by)
		require.ErrorIs(t, err, registry.Forbidden, name)
	}
	require.Empty(t, o.ofOffice())
}

// A source that has handed over a list hands over another one, signed anew, after a key was revoked.
func TestIssuerKeySourceIsSignedAnew(t *testing.T) {
	o := newWebOffice(t)
	p := o.issue()
	source := o.Lists.Source()
	ask := func() string {
		f, err := source.StatusList(ctx, p.Places[0].List)
		require.NoError(t, err)
		return string(f.Raw)
	}
	require.Contains(t, ask(), webIssuer+"#k1\"")
	o.clock.Advance(2 * time.Second)
	_, err := o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", registry.Compromise{
		To: did.MustParseURL(webIssuer + "#k2"),
	})
	require.NoError(t, err)
	require.Contains(t, ask(), webIssuer+"#k2\"")
}

// G2: a passport is not issued for a grant that was revoked while it was signed.
func TestIssueWhatHasChangedMeanwhile(t *testing.T) {
	o := newWebOffice(t)
	var then func()
	other := o.Registry
	var err error
	o.Registry, err = registry.Open(registry.Config{
		Store: o.store, Issuer: turning{webKey(t, "k1"), &then}, BaseURL: "https://issuer.example", Now: o.clock.Now,
	})
	require.NoError(t, err)
	then = func() {
		_, err := other.Agents.Suspend(ctx, registry.Root(), o.who.ID, registry.Suspension{For: -1})
		require.NoError(t, err)
		_, err = other.Agents.Resume(ctx, registry.Root(), o.who.ID, "")
		require.NoError(t, err)
	}
	signed := 0
	counted := then
	then = func() { counted(); then = func() { signed++ } }
	o.issue()
	require.Equal(t, 1, signed, "it was not signed again")
}
