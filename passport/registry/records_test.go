package registry_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
)

// bank gives the organisation what it needs to vouch for people.
func (o *office) bank() {
	_, err := o.Orgs.SetIssuesForOthers(ctx, registry.Root(), o.org.ID, true)
	require.NoError(o, err)
	_, err = o.Orgs.SetProviders(ctx, o.org.Admin(), "", []registry.Provider{
		{Type: "kyc", Level: passport.L4KYC, Standard: "x"}, {Type: "financial", Level: passport.L4FIN},
	})
	require.NoError(o, err)
}

func (o *office) kyc() registry.Attestation {
	return registry.Attestation{
		Type: "kyc", Level: passport.L4KYC,
		Proof: registry.Proof{VerificationID: "ver_123", VerifiedAt: o.clock.Now().Add(-time.Hour)},
	}
}

func flat(t *testing.T, text string) registry.Limits {
	l, err := registry.ParseFlatLimits([]byte(text), registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits})
	require.NoError(t, err)
	return l
}

// exporter is the profile of the guide's example.
func (o *office) exporter() registry.Profile {
	l := flat(o.T, `{"max_export_rows": 10000, "msgs_per_day": 1000, "allow_pii": false}`)
	return registry.Profile{
		Name: "John Doe's Passport", Role: "agent", Description: "Primary passport for user John Doe on our platform",
		Contact: "john.doe@example.com",
		Authority: passport.Authority{
			Capabilities: []passport.Capability{
				{Action: "data.export", Params: []passport.Param{{Name: "max_rows", Kind: passport.ParamMax, Int: 10000}}},
				{Action: "messaging.send"},
			},
			Limits: l.Limits, SpendLimits: l.Spend, Regions: []string{"US", "EU"},
		},
	}
}

func (o *office) record(status registry.Status) *registry.Record {
	p, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
		Owner: o.owner("john@example.com").ID, Agent: o.who.ID, Profile: o.exporter(), Status: status,
	})
	require.NoError(o, err)
	return p.Record
}

// credentialOf is the passport in force of a record.
func (o *office) credentialOf(p *registry.Record) *registry.Passport {
	require.NotEmpty(o, p.Passport)
	in, err := o.Passports.Get(ctx, registry.Root(), p.Passport)
	require.NoError(o, err)
	return in
}

// does asks the shop, offline, for an act under a passport.
func (o *office) does(p *registry.Passport, act passport.Act) error {
	signed, err := credential.Parse([]byte(p.Credential))
	require.NoError(o, err)
	shown, err := passport.Present(ctx, o.agent, passport.Chain{signed}, passport.Intent{Act: act}, "did:web:shop.example",
		passport.PresentOptions{Now: o.clock.Now})
	require.NoError(o, err)
	_, err = o.shop.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	return err
}

func attributes(t *testing.T, text string) credential.Value {
	v, err := credential.ParseValue(text)
	require.NoError(t, err)
	return v
}

func (o *office) exports(rows string) passport.Act {
	return passport.Act{Action: "data.export", Region: "DE", Attributes: attributes(o.T, `{"rows": `+rows+`}`)}
}

func ptr[T any](v T) *T { return &v }

// P4: what is created is signed, carries what it was made of, and a verifier allows it.
func TestP4Create(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	require.Regexp(t, `^ap_[0-9A-Z]{26}$`, p.ID)
	require.Equal(t, registry.Active, p.Status)
	require.Equal(t, registry.ControllerPerson, p.Controller)
	require.True(t, p.Claimed)
	require.Equal(t, o.org.ID, p.IssuedBy)
	require.Equal(t, passport.L0, p.Level())
	in := o.credentialOf(p)
	o.publish()
	require.NoError(t, o.does(in, o.exports("10000")))
	require.ErrorIs(t, o.does(in, o.exports("10001")), verify.AuthorityLimitExceeded)
	signed, err := credential.Parse([]byte(in.Credential))
	require.NoError(t, err)
	doc, err := passport.ReadUnverified(signed)
	require.NoError(t, err)
	require.Equal(t, "urn:safeconduct:owner:"+p.Owner, doc.HumanPrincipal)
	require.Equal(t, p.ID, doc.GrantID, "its budgets are the record's")
	require.Contains(t, doc.Authority.Regions, "DE", "groups are spelled out")
	require.NotContains(t, in.Credential, "john.doe@example.com", "the contact stays in the record")
	got, err := o.Records.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, p, got)
}

// P4: what is asked for, with one fault each.
func TestP4Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(o *office, n *registry.NewRecord)
		code   registry.Code
		member string
	}{
		"good":            {func(*office, *registry.NewRecord) {}, "", ""},
		"an owner by DID": {func(o *office, n *registry.NewRecord) { n.Owner = o.issuer.DID().String() }, "", ""},
		"an owner by a DID that is known": {func(o *office, n *registry.NewRecord) {
			ada, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "Ada", DID: o.issuer.DID()})
			require.NoError(o, err)
			n.Owner = ada.DID.String()
		}, "", ""},
		"the organisation":    {func(o *office, n *registry.NewRecord) { n.Owner = o.org.ID }, "", ""},
		"a platform's own id": {func(_ *office, n *registry.NewRecord) { n.Owner = "user_12345" }, registry.BadRequest, "Owner"},
		"no owner":            {func(_ *office, n *registry.NewRecord) { n.Owner = "" }, registry.BadRequest, "Owner"},
		"no name":             {func(_ *office, n *registry.NewRecord) { n.Name = "" }, registry.BadRequest, "Name"},
		"no capability":       {func(_ *office, n *registry.NewRecord) { n.Authority.Capabilities = nil }, registry.BadRequest, "Capabilities"},
		"a level that is set": {func(_ *office, n *registry.NewRecord) { n.Authority.Assurance.Level = "L2" }, registry.InvalidAssurance, "Assurance"},
		"a region of no code": {func(_ *office, n *registry.NewRecord) { n.Authority.Regions = []string{"global"} }, registry.BadRequest, "Regions"},
		"a link of no site":   {func(_ *office, n *registry.NewRecord) { n.Links.Docs = "javascript:alert(1)" }, registry.BadRequest, "Links"},
		"another controller":  {func(_ *office, n *registry.NewRecord) { n.Controller = "robot" }, registry.BadRequest, "Controller"},
		"begins as suspended": {func(_ *office, n *registry.NewRecord) { n.Status = registry.Suspended }, registry.BadRequest, "Status"},
		"an unknown agent":    {func(_ *office, n *registry.NewRecord) { n.Agent = "ag_x" }, registry.InvalidAgent, "Agent"},
		"lives too long":      {func(_ *office, n *registry.NewRecord) { n.ExpiresIn = "721h" }, registry.InvalidExpiry, "ExpiresIn"},
		"a draft, as invalid": {func(_ *office, n *registry.NewRecord) { n.Status, n.Authority.Regions = "", []string{"us"} }, registry.BadRequest, "Regions"},
		"an agent of another's": {func(o *office, n *registry.NewRecord) {
			n.Agent = o.agentOf(o.owner("eve@example.org"))
		}, registry.InvalidAgent, "Agent"},
		"the agent is suspended": {func(o *office, _ *registry.NewRecord) {
			_, err := o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{})
			require.NoError(o, err)
		}, registry.InvalidAgent, "Agent"},
		"the organisation is paused": {func(o *office, _ *registry.NewRecord) {
			_, err := o.Orgs.Pause(ctx, o.org.Admin(), "", "")
			require.NoError(o, err)
		}, registry.Forbidden, "Org"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			n := registry.NewRecord{
				Owner: o.owner("john@example.com").ID, Agent: o.who.ID, Profile: o.exporter(), Status: registry.Active,
			}
			c.edit(o, &n)
			before, err := o.Events.Read(ctx, registry.Root(), 0, 1000)
			require.NoError(t, err)
			made, err := o.Records.Create(ctx, o.org.Admin(), n)
			if c.code == "" {
				require.NoError(t, err)
				require.Regexp(t, `^audit_\d+_[0-9a-f]{16}$`, made.AuditID)
				return
			}
			require.ErrorIs(t, err, c.code)
			var e *registry.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.member, e.Member)
			after, err := o.Events.Read(ctx, registry.Root(), 0, 1000)
			require.NoError(t, err)
			require.Equal(t, before, after, "a refused call has changed something")
		})
	}
}

// agentOf makes an agent of an owner.
func (o *office) agentOf(who *registry.Owner) string {
	a, err := o.Agents.Create(ctx, who.Actor(), registry.NewAgent{Name: "x", DID: newDID()})
	require.NoError(o, err)
	return a.ID
}

// P4: flat limits, as they are written.
func TestP4FlatLimits(t *testing.T) {
	usd := registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits}
	l, err := registry.ParseFlatLimits([]byte(`{"max_export_rows": 20000, "msgs_per_day": 2000, "msgs_per_min": 5,
		"allow_pii": true, "refund_amount_max_per_tx": 10000, "refund_amount_daily_cap": 100000}`), usd)
	require.NoError(t, err)
	require.Equal(t, []passport.Limit{
		passport.MaxOf("export_rows", 20000), passport.RateOf("msgs", 24*time.Hour, 2000),
		passport.RateOf("msgs", time.Minute, 5), passport.Allow("pii"),
	}, l.Limits)
	require.Equal(t, []passport.SpendLimit{
		{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerTransaction, Action: "finance.payment.refund"},
		{Money: passport.MustMoney("1000.00", "USD"), Per: passport.PerDay, Action: "finance.payment.refund"},
	}, l.Spend)
	for text, money := range map[string]registry.FlatMoney{
		`{"refund_amount_max_per_tx": 100.5}`:                           {Currency: "USD", Units: registry.MajorUnits},
		`{"refund_amount_max_per_tx": "100.50"}`:                        {Currency: "USD", Units: registry.MajorUnits},
		`{"refund_amount_max_per_tx": 7, "refund_amount_daily_cap": 7}`: usd,
		`{}`: {},
	} {
		_, err := registry.ParseFlatLimits([]byte(text), money)
		require.NoError(t, err, text)
	}
	for text, money := range map[string]registry.FlatMoney{
		`{"refund_amount_max_per_tx": 100}`:                               {Units: registry.MinorUnits},
		`{"refund_amount_max_per_tx": 1}`:                                 {Currency: "USD"},
		`{"refund_amount_max_per_tx": 1.5}`:                               usd,
		`{"refund_amount_max_per_tx": 1e3}`:                               usd,
		`{"refund_amount_max_per_tx": -1}`:                                usd,
		`{"refund_amount_max_per_tx": 1.005}`:                             {Currency: "USD", Units: registry.MajorUnits},
		`{"refund_amount_max_per_tx": 11, "refund_amount_daily_cap": 10}`: usd,
		`{"max_export_rows": 1.5}`:                                        usd,
		`{"max_export_rows": "10"}`:                                       usd,
		`{"max_export_rows": -1}`:                                         usd,
		`{"max_x_per_day": 1}`:                                            usd,
		`{"allow_pii": "true"}`:                                           usd,
		`{"allow_": true}`:                                                usd,
		`{"rows": 1}`:                                                     usd,
		`{"max_rows": 1, "max_rows": 2}`:                                  usd,
		`[]`:                                                              usd,
		`null`:                                                            usd,
	} {
		_, err := registry.ParseFlatLimits([]byte(text), money)
		require.ErrorIs(t, err, registry.BadRequest, text)
	}
}

// P3: a level is matched by type and level, and is never set.
func TestP3ALevelIsMatched(t *testing.T) {
	o := newOffice(t)
	ada := o.owner("ada@example.org")
	attest := func(edit func(a *registry.Attestation)) error {
		a := o.kyc()
		edit(&a)
		_, err := o.Owners.Attest(ctx, o.org.Admin(), ada.ID, a)
		return err
	}
	good := func(*registry.Attestation) {}
	require.ErrorIs(t, attest(good), registry.Forbidden, "it may not vouch for anybody yet")
	_, err := o.Orgs.SetProviders(ctx, o.org.Admin(), "", nil)
	require.ErrorIs(t, err, registry.Forbidden)
	_, err = o.Orgs.SetIssuesForOthers(ctx, o.org.Admin(), o.org.ID, true)
	require.ErrorIs(t, err, registry.Forbidden, "root alone")
	o.bank()
	for name, edit := range map[string]func(a *registry.Attestation){
		"another level":      func(a *registry.Attestation) { a.Level = passport.L4FIN },
		"a lower level":      func(a *registry.Attestation) { a.Level = passport.L1 },
		"another type":       func(a *registry.Attestation) { a.Type = "kyb" },
		"a level of no such": func(a *registry.Attestation) { a.Level = "L9" },
		"no proof":           func(a *registry.Attestation) { a.Proof = registry.Proof{} },
		"of the future":      func(a *registry.Attestation) { a.Proof.VerifiedAt = o.clock.Now().Add(time.Hour) },
		"nothing":            func(a *registry.Attestation) { *a = registry.Attestation{} },
	} {
		require.ErrorIs(t, attest(edit), registry.InvalidAssurance, name)
	}
	require.NoError(t, attest(good))
	_, err = o.Owners.Attest(ctx, ada.Actor(), ada.ID, o.kyc())
	require.ErrorIs(t, err, registry.Forbidden, "nobody vouches for themselves")
	_, err = o.Owners.Attest(ctx, o.org.Admin(), o.org.ID, o.kyc())
	require.ErrorIs(t, err, registry.Forbidden)
	_, _, by := o.key(allScopes...)
	_, err = o.Orgs.SetProviders(ctx, by, "", nil)
	require.ErrorIs(t, err, registry.Forbidden, "providers are the admin's")
	for _, list := range [][]registry.Provider{
		{{Type: "kyx", Level: "L1"}}, {{Type: "kyc"}}, {{Type: "kyc", Level: "L0"}}, {{Type: "kyc", Level: "L4"}},
		{{Type: "kyc", Level: "L1"}, {Type: "kyc", Level: "L1", Standard: "again"}},
	} {
		_, err = o.Orgs.SetProviders(ctx, o.org.Admin(), "", list)
		require.ErrorIs(t, err, registry.BadRequest)
	}
}

// P3, P4: a passport says what was attested, by whom, and only the digest of the proof.
func TestP3PassportsCarryTheLevel(t *testing.T) {
	o := newOffice(t)
	o.bank()
	ada := o.owner("ada@example.org")
	_, err := o.Owners.Attest(ctx, o.org.Admin(), ada.ID, o.kyc())
	require.NoError(t, err)
	p, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
		Owner: ada.ID, Agent: o.who.ID, Profile: o.exporter(), Status: registry.Active,
	})
	require.NoError(t, err)
	require.Equal(t, passport.L4KYC, p.Level())
	in := o.credentialOf(p.Record)
	require.NotContains(t, in.Credential, "ver_123")
	signed, err := credential.Parse([]byte(in.Credential))
	require.NoError(t, err)
	doc, err := passport.ReadUnverified(signed)
	require.NoError(t, err)
	a := doc.Authority.Assurance
	require.Equal(t, passport.L4KYC, a.Level)
	require.Equal(t, "kyc", a.Method)
	require.Equal(t, "urn:safeconduct:owner:"+o.org.ID, a.Provider)
	require.NotEmpty(t, a.EvidenceDigest)
	events, err := o.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	for _, e := range events {
		require.NotContains(t, string(e.Data), "ver_123")
	}
}

// P7: what is changed and signed is issued anew; the one before is revoked with it.
func TestP7AChangeReplacesThePassport(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	old := o.credentialOf(p)
	o.publish()
	made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{
		Version: p.Version, Limits: ptr(flat(t, `{"max_export_rows": 20000}`)), Reason: "more",
		Capabilities: &[]passport.Capability{{Action: "data.export", Params: []passport.Param{
			{Name: "max_rows", Kind: passport.ParamMax, Int: 50000}}}},
	})
	require.NoError(t, err)
	require.Equal(t, p.ID, made.ID)
	require.NotEqual(t, p.Passport, made.Passport)
	require.Equal(t, p.Version+1, made.Version)
	var fields []string
	for _, c := range made.Changes {
		fields = append(fields, c.Field)
	}
	require.Equal(t, []string{"capabilities", "limits"}, fields)
	require.Equal(t, p.Authority.Capabilities, made.Changes[0].Old)
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.does(old, o.exports("1")), verify.StatusRevoked)
	require.NoError(t, o.does(o.credentialOf(made.Record), o.exports("50000")))
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	var line registry.AuditRecord
	for _, l := range lines {
		if l.Action == "record.updated" {
			line = l
		}
	}
	require.Equal(t, made.AuditID, line.ID())
	require.Contains(t, string(line.Data), `"field":"limits"`)
	require.Equal(t, "more", line.Reason)
	require.NoError(t, o.Audit.Verify(ctx, o.org.Admin(), ""))
}

// P7: what is not signed changes the record alone; what is the same changes nothing.
func TestP7TheRecordAlone(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{
		Version: registry.AnyVersion, Contact: ptr("jane@example.com"), LogoURL: ptr("https://example.com/x.png"),
		Links: &registry.Links{Docs: "https://example.com/docs"}, Categories: &[]string{"commerce"},
	})
	require.NoError(t, err)
	require.Equal(t, p.Passport, made.Passport)
	require.Len(t, made.Changes, 4)
	again, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: made.Version, Contact: ptr("jane@example.com")})
	require.NoError(t, err)
	require.Empty(t, again.Changes)
	require.Equal(t, made.AuditID, again.AuditID)
	require.Equal(t, made.Version, again.Version)
	events, err := o.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err)
	for _, e := range events {
		require.NotContains(t, string(e.Data), "jane@example.com", "what is personal is in no event")
	}
}

// P7: the table of transitions.
func TestP7Transitions(t *testing.T) {
	all := []registry.Status{registry.Draft, registry.Active, registry.Suspended, registry.Revoked}
	may := map[registry.Status][]registry.Status{
		registry.Draft: {registry.Draft, registry.Active, registry.Revoked}, registry.Active: all[1:],
		registry.Suspended: all[1:], registry.Revoked: nil,
	}
	for _, from := range all {
		for _, to := range all {
			t.Run(string(from+" to "+to), func(t *testing.T) {
				o := newOffice(t)
				p := o.record(registry.Draft)
				require.Empty(t, p.Passport, "a draft is not signed")
				for _, step := range map[registry.Status][]registry.Status{
					registry.Active: {registry.Active}, registry.Suspended: {registry.Active, registry.Suspended},
					registry.Revoked: {registry.Revoked},
				}[from] {
					made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: p.Version, Status: &step})
					require.NoError(t, err)
					p = made.Record
				}
				require.Equal(t, from, p.Status)
				made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: p.Version, Status: &to})
				allowed := false
				for _, s := range may[from] {
					allowed = allowed || s == to
				}
				if !allowed {
					require.ErrorIs(t, err, registry.InvalidTransition)
					return
				}
				require.NoError(t, err)
				require.Equal(t, to, made.Status)
				if made.Passport == "" {
					return
				}
				o.publish()
				err = o.does(o.credentialOf(made.Record), o.exports("1"))
				switch to {
				case registry.Active:
					require.NoError(t, err)
				case registry.Suspended:
					require.ErrorIs(t, err, verify.StatusSuspended)
				case registry.Revoked:
					require.ErrorIs(t, err, verify.StatusRevoked)
				}
			})
		}
	}
}

// P7: a suspension is not lifted by another change, nor by the passport that it makes.
func TestP7AChangeLiftsNoSuspension(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	_, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: p.Version, Status: ptr(registry.Suspended)})
	require.NoError(t, err)
	made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{
		Version: registry.AnyVersion, Regions: &[]string{"EU"},
	})
	require.NoError(t, err)
	require.Equal(t, registry.Suspended, made.Status)
	o.publish()
	require.ErrorIs(t, o.does(o.credentialOf(made.Record), o.exports("1")), verify.StatusSuspended)
	_, err = o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{For: time.Hour})
	require.NoError(t, err)
	made, err = o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: registry.AnyVersion, Status: ptr(registry.Active)})
	require.NoError(t, err)
	require.Equal(t, registry.Suspended, made.Status, "its agent still is")
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.does(o.credentialOf(made.Record), o.exports("1")), verify.StatusSuspended)
	o.clock.Advance(time.Hour)
	o.publish()
	require.NoError(t, o.does(o.credentialOf(made.Record), o.exports("1")))
}

// P7: versions: of two that have read the same, one wins.
func TestP7Versions(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	_, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Name: ptr("x")})
	require.ErrorIs(t, err, registry.BadRequest, "a version is needed")
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			_, errs[i] = o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: p.Version, Name: ptr(string(rune('a' + i)))})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.True(t, errors.Is(err, registry.VersionMismatch) || errors.Is(err, registry.Conflict), err)
	}
	require.Equal(t, 1, won)
}

// P7: a budget goes on whatever becomes of the record, and does not begin anew with
// each passport.
func TestP7AChangeResetsNoBudget(t *testing.T) {
	o := newOffice(t)
	n := registry.NewRecord{Owner: o.org.ID, Agent: o.who.ID, Status: registry.Active, Profile: registry.Profile{Name: "refunder"}}
	n.Authority.Capabilities = []passport.Capability{{Action: "finance.payment.refund"}}
	n.Authority.SpendLimits = flat(t, `{"refund_amount_max_per_tx": 6000, "refund_amount_daily_cap": 10000}`).Spend
	p, err := o.Records.Create(ctx, o.org.Admin(), n)
	require.NoError(t, err)
	refund := passport.Act{Action: "finance.payment.refund", Amount: passport.MustMoney("60.00", "USD")}
	o.publish()
	require.NoError(t, o.does(o.credentialOf(p.Record), refund))
	for name, again := range map[string]func() (*registry.Made, error){
		"renewed": func() (*registry.Made, error) { return o.Records.Renew(ctx, o.org.Admin(), p.ID) },
		"changed": func() (*registry.Made, error) {
			return o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: registry.AnyVersion, Name: ptr("renamed")})
		},
	} {
		made, err := again()
		require.NoError(t, err, name)
		o.clock.Advance(time.Second)
		o.publish()
		require.ErrorIs(t, o.does(o.credentialOf(made.Record), refund), verify.LedgerBudgetExceeded, name)
	}
}

// P7, G3: a passport ends by itself, and the record with it, until it is renewed.
func TestP7Renew(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	o.clock.Advance(721 * time.Hour)
	got, err := o.Records.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Expired, got.Status)
	made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: registry.AnyVersion, Contact: ptr("x@example.org")})
	require.NoError(t, err)
	require.Equal(t, registry.Expired, made.Status, "a change of the record alone renews nothing")
	made, err = o.Records.Renew(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Active, made.Status)
	o.publish()
	require.NoError(t, o.does(o.credentialOf(made.Record), o.exports("1")))
}

// P7, P16: an owner does not lift what the organisation has suspended, and does not
// widen what it was issued.
func TestP7OwnersAndTheirIssuer(t *testing.T) {
	o := newOffice(t)
	p := o.record(registry.Active)
	john, err := o.Owners.Get(ctx, o.org.Admin(), p.Owner)
	require.NoError(t, err)
	by := john.Actor()
	_, err = o.Records.Update(ctx, by, p.ID, registry.Patch{Version: registry.AnyVersion, Limits: ptr(flat(t, `{"max_export_rows": 99999}`))})
	require.ErrorIs(t, err, registry.Forbidden)
	_, err = o.Records.Update(ctx, by, p.ID, registry.Patch{Version: registry.AnyVersion, Contact: ptr("me@example.org")})
	require.NoError(t, err)
	status := func(by registry.Actor, to registry.Status) error {
		_, err := o.Records.Update(ctx, by, p.ID, registry.Patch{Version: registry.AnyVersion, Status: &to})
		return err
	}
	require.NoError(t, status(by, registry.Suspended))
	require.NoError(t, status(by, registry.Active))
	require.NoError(t, status(o.org.Admin(), registry.Suspended))
	require.ErrorIs(t, status(by, registry.Active), registry.Forbidden)
	require.NoError(t, status(by, registry.Revoked))
	_, err = o.Records.Renew(ctx, by, p.ID)
	require.ErrorIs(t, err, registry.InvalidTransition)
	// A draft is activated, and what is issued is renewed and multiplied, by its issuer.
	draft, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{Owner: john.ID, Agent: o.who.ID, Profile: o.exporter()})
	require.NoError(t, err)
	_, err = o.Records.Update(ctx, by, draft.ID, registry.Patch{Version: registry.AnyVersion, Status: ptr(registry.Active)})
	require.ErrorIs(t, err, registry.Forbidden)
	_, err = o.Records.Update(ctx, o.org.Admin(), draft.ID, registry.Patch{Version: registry.AnyVersion, Status: ptr(registry.Active)})
	require.NoError(t, err)
	_, err = o.Records.Renew(ctx, by, draft.ID)
	require.ErrorIs(t, err, registry.Forbidden)
	_, err = o.Records.Instantiate(ctx, by, registry.NewInstance{Template: draft.ID, Tenant: registry.Tenant{Platform: "p", Ref: "r"}})
	require.ErrorIs(t, err, registry.Forbidden)
	// The same of their own agent and passport.
	a, err := o.Agents.Create(ctx, by, registry.NewAgent{Name: "mine", DID: newDID()})
	require.NoError(t, err)
	_, err = o.Agents.Suspend(ctx, o.org.Admin(), a.ID, registry.Suspension{For: -1})
	require.NoError(t, err)
	_, err = o.Agents.Resume(ctx, by, a.ID, "")
	require.ErrorIs(t, err, registry.Forbidden)
	_, err = o.Agents.Suspend(ctx, by, a.ID, registry.Suspension{For: time.Second})
	require.ErrorIs(t, err, registry.Forbidden, "nor shorten it")
}

// P9: a walk by owner, status and agent; status=expired really works.
func TestP9ListRecords(t *testing.T) {
	o := newOffice(t)
	ada, bob := o.owner("ada@example.org"), o.owner("bob@example.org")
	var hers []string
	for i := range 6 {
		n := registry.NewRecord{Owner: ada.ID, Agent: o.who.ID, Profile: o.exporter(), Status: registry.Active, ExpiresIn: "1h"}
		if i%2 == 1 {
			n.Owner, n.ExpiresIn, n.Status = bob.ID, "", ""
		}
		p, err := o.Records.Create(ctx, o.org.Admin(), n)
		require.NoError(t, err)
		if i%2 == 0 {
			hers = append([]string{p.ID}, hers...)
		}
		o.clock.Advance(time.Second)
	}
	walk := func(by registry.Actor, q registry.RecordQuery) (ids []string) {
		for {
			page, err := o.Records.List(ctx, by, q)
			require.NoError(t, err)
			for _, p := range page.Items {
				ids = append(ids, p.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
		}
	}
	require.Equal(t, hers, walk(o.org.Admin(), registry.RecordQuery{Owner: ada.ID, Limit: 2}))
	require.Equal(t, hers, walk(ada.Actor(), registry.RecordQuery{Limit: 2}))
	require.Len(t, walk(o.org.Admin(), registry.RecordQuery{Status: registry.Draft, Limit: 2}), 3)
	require.Len(t, walk(o.org.Admin(), registry.RecordQuery{Agent: o.who.ID}), 6)
	o.clock.Advance(time.Hour)
	require.Len(t, walk(o.org.Admin(), registry.RecordQuery{Status: registry.Expired}), 3)
	_, err := o.Records.List(ctx, ada.Actor(), registry.RecordQuery{Owner: bob.ID})
	require.ErrorIs(t, err, registry.NotFound)
	_, _, by := o.key(registry.ScopeRead)
	_, err = o.Records.List(ctx, by, registry.RecordQuery{Owner: ada.ID})
	require.ErrorIs(t, err, registry.MissingScope)
	require.ErrorContains(t, err, "list_agents")
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	require.Empty(t, walk(stranger.Admin(), registry.RecordQuery{Owner: ada.ID}))
	require.Empty(t, walk(stranger.Admin(), registry.RecordQuery{Agent: o.who.ID}))
}

// P4: an organisation answers for what it issues, and not for what its people issue to
// themselves.
func TestP4WhoAnswers(t *testing.T) {
	o := newOffice(t)
	named, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Named", DID: o.issuer.DID()})
	require.NoError(t, err)
	ada, err := o.Owners.Create(ctx, named.Admin(), registry.NewOwner{Name: "Ada"})
	require.NoError(t, err)
	a, err := o.Agents.Create(ctx, named.Admin(), registry.NewAgent{Name: "x", DID: o.agent.DID()})
	require.NoError(t, err)
	for by, want := range map[string]string{"admin": o.issuer.DID().String(), "ada": ""} {
		actor := map[string]registry.Actor{"admin": named.Admin(), "ada": ada.Actor()}[by]
		p, err := o.Records.Create(ctx, actor, registry.NewRecord{
			Owner: ada.ID, Agent: a.ID, Profile: o.exporter(), Status: registry.Active,
		})
		require.NoError(t, err)
		signed, err := credential.Parse([]byte(o.credentialOf(p.Record).Credential))
		require.NoError(t, err)
		doc, err := passport.ReadUnverified(signed)
		require.NoError(t, err)
		require.Equal(t, want, doc.OrganizationDID, by)
	}
}
