package registry_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

func (o *office) instance(edit func(n *registry.NewInstance)) (*registry.Made, error) {
	return o.instanceOf(o.record(registry.Active), edit)
}

func (o *office) instanceOf(t *registry.Record, edit func(n *registry.NewInstance)) (*registry.Made, error) {
	n := registry.NewInstance{
		Template: t.ID, Tenant: registry.Tenant{Platform: "your_platform", Ref: "user_12345", Controller: "user_12345"},
		Controller: registry.ControllerUser, Agent: o.who.ID,
		Overrides: registry.Overrides{
			Limits: ptr(flat(o.T, `{"msgs_per_day": 500, "max_export_rows": 10000}`)), Status: registry.Active,
			Contact: ptr("user@example.com"),
		},
		Data: registry.InstanceData{Name: ptr("Customer Support Bot")},
	}
	edit(&n)
	return o.Records.Instantiate(ctx, o.org.Admin(), n)
}

func asIs(*registry.NewInstance) {}

// P6: an instance has what its template has, but for what it narrows.
func TestP6AnInstanceInherits(t *testing.T) {
	o := newOffice(t)
	o.bank()
	john := o.owner("john@example.com")
	_, err := o.Owners.Attest(ctx, o.org.Admin(), john.ID, o.kyc())
	require.NoError(t, err)
	tpl, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
		Owner: john.ID, Profile: o.exporter(), Status: registry.Active,
	})
	require.NoError(t, err)
	require.Empty(t, tpl.Passport, "it has no agent")
	p, err := o.instanceOf(tpl.Record, asIs)
	require.NoError(t, err)
	require.Equal(t, tpl.ID, p.Template)
	require.Equal(t, john.ID, p.Owner)
	require.Equal(t, passport.L4KYC, p.Level(), "the level is the template's")
	require.Equal(t, "Customer Support Bot", p.Name)
	require.Equal(t, tpl.Description, p.Description)
	require.Equal(t, "user@example.com", p.Contact)
	require.Equal(t, []passport.Limit{
		passport.MaxOf("export_rows", 10000), passport.RateOf("msgs", 24*time.Hour, 500),
		{Name: "allow_pii", Kind: passport.LimitAllow},
	}, p.Authority.Limits, "limits go by name")
	o.publish()
	require.NoError(t, o.does(o.credentialOf(p.Record), o.exports("10000")))
	require.ErrorIs(t, o.does(o.credentialOf(p.Record), o.exports("10001")), verify.AuthorityLimitExceeded)
	require.Contains(t, o.credentialOf(p.Record).Credential, "urn:safeconduct:passport:"+tpl.ID[len("ap_"):])
}

// P6: an instance only narrows; what is wider is refused, and says which template to
// raise first.
func TestP6AnInstanceIsNotWiderThanItsTemplate(t *testing.T) {
	limits := func(text string) func(n *registry.NewInstance) {
		return func(n *registry.NewInstance) {
			l, err := registry.ParseFlatLimits([]byte(text), registry.FlatMoney{Currency: "USD",
				Units: registry.MinorUnits})
			if err != nil {
				panic(err)
			}
			n.Overrides.Limits = &l
		}
	}
	for name, c := range map[string]struct {
		edit func(n *registry.NewInstance)
		code registry.Code
	}{
		"as the template":      {func(n *registry.NewInstance) { n.Overrides.Limits = nil }, ""},
		"fewer":                {limits(`{"msgs_per_day": 999}`), ""},
		"the guide's upgrade":  {limits(`{"msgs_per_day": 5000}`), registry.Widened},
		"more rows":            {limits(`{"max_export_rows": 10001}`), registry.Widened},
		"a permission":         {limits(`{"allow_pii": true}`), registry.Widened},
		"a permission of none": {limits(`{"allow_refund": true}`), registry.Widened},
		"a limit of its own":   {limits(`{"max_files": 3}`), ""},
		"money":                {limits(`{"refund_amount_daily_cap": 1}`), registry.Widened},
		"a smaller region":     {func(n *registry.NewInstance) { n.Overrides.Regions = &[]string{"DE"} }, ""},
		"another region": {func(n *registry.NewInstance) { n.Overrides.Regions = &[]string{"US", "CH"} },
			registry.Widened},
		"no region":      {func(n *registry.NewInstance) { n.Overrides.Regions = ptr([]string(nil)) }, ""},
		"one capability": {func(n *registry.NewInstance) { n.Data.Capabilities = &[]string{"messaging.send"} }, ""},
		"another capability": {func(n *registry.NewInstance) { n.Data.Capabilities = &[]string{"data.delete"} },
			registry.Widened},
		"a wider capability": {func(n *registry.NewInstance) { n.Data.Capabilities = &[]string{"data.*"} },
			registry.Widened},
		"a higher level":     {func(n *registry.NewInstance) { n.Data.Level = passport.L1 }, registry.Widened},
		"the same level":     {func(n *registry.NewInstance) { n.Data.Level = passport.L0 }, ""},
		"a level of no such": {func(n *registry.NewInstance) { n.Data.Level = "L5" }, registry.BadRequest},
		"no tenant":          {func(n *registry.NewInstance) { n.Tenant.Ref = "" }, registry.BadRequest},
		"no template":        {func(n *registry.NewInstance) { n.Template = "ap_x" }, registry.NotFound},
		"data before overrides": {func(n *registry.NewInstance) {
			limits(`{"msgs_per_day": 5000}`)(n)
			n.Data.Limits = &registry.Limits{Limits: []passport.Limit{passport.RateOf("msgs", 24*time.Hour, 1)}}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			tpl := o.record(registry.Active)
			p, err := o.instanceOf(tpl, c.edit)
			if c.code == "" {
				require.NoError(t, err)
				above := tpl.Authority
				above.Regions, _ = passport.ExpandRegions(above.Regions...)
				require.NoError(t, p.Authority.Narrows(&above))
				return
			}
			require.ErrorIs(t, err, c.code)
			if c.code == registry.Widened && name != "a higher level" {
				require.ErrorContains(t, err, tpl.ID)
			}
		})
	}
}

// P6: the parameters of a capability are the template's, whatever the instance names.
func TestP6CapabilitiesKeepTheirParameters(t *testing.T) {
	o := newOffice(t)
	p, err := o.instance(func(n *registry.NewInstance) { n.Data.Capabilities = &[]string{"data.export"} })
	require.NoError(t, err)
	o.publish()
	require.ErrorIs(t, o.does(o.credentialOf(p.Record), o.exports("10001")), verify.AuthorityLimitExceeded)
	require.Len(t, p.Authority.Capabilities, 1)
	require.Len(t, p.Authority.Capabilities[0].Params, 1)
}

// P6: one instance for a tenant, whatever became of it; two at once, and one wins.
func TestP6OneInstanceForATenant(t *testing.T) {
	o := newOffice(t)
	tpl := o.record(registry.Active)
	var all sync.WaitGroup
	errs, ids := make([]error, 6), make([]string, 6)
	for i := range errs {
		all.Go(func() {
			p, err := o.instanceOf(tpl, asIs)
			if errs[i] = err; err == nil {
				ids[i] = p.ID
			}
		})
	}
	all.Wait()
	first := ""
	for i, err := range errs {
		if err == nil {
			require.Empty(t, first)
			first = ids[i]
		}
	}
	require.NotEmpty(t, first)
	for _, err := range errs {
		var e *registry.Error
		if errors.As(err, &e) {
			require.Equal(t, registry.Exists, e.Code)
			require.Equal(t, first, e.ID)
		}
	}
	_, err := o.Records.Update(ctx, o.org.Admin(), first, registry.Patch{Version: registry.AnyVersion,
		Status: ptr(registry.Revoked)})
	require.NoError(t, err)
	_, err = o.instanceOf(tpl, asIs)
	require.ErrorIs(t, err, registry.Exists, "who was thrown out does not come back by asking again")
	_, err = o.instanceOf(tpl, func(n *registry.NewInstance) { n.Tenant.Ref = "another" })
	require.NoError(t, err)
}

// P6: what becomes of a template becomes of its instances, offline too.
func TestP6ATemplateReachesItsInstances(t *testing.T) {
	for _, to := range []registry.Status{registry.Suspended, registry.Revoked} {
		t.Run(string(to), func(t *testing.T) {
			o := newOffice(t)
			tpl := o.record(registry.Active)
			var list []*registry.Record
			for i := range 3 {
				p, err := o.instanceOf(tpl, func(n *registry.NewInstance) { n.Tenant.Ref = fmt.Sprint(i) })
				require.NoError(t, err)
				list = append(list, p.Record)
			}
			_, err := o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{Version: registry.AnyVersion,
				Status: &to})
			require.NoError(t, err)
			o.publish()
			for _, p := range list {
				got, err := o.Records.Get(ctx, o.org.Admin(), p.ID)
				require.NoError(t, err)
				require.Equal(t, to, got.Status)
				code := verify.StatusRevoked
				if to == registry.Suspended {
					code = verify.StatusSuspended
				}
				require.ErrorIs(t, o.does(o.credentialOf(got), o.exports("1")), code)
			}
			_, err = o.instanceOf(tpl, func(n *registry.NewInstance) { n.Tenant.Ref = "new" })
			require.ErrorIs(t, err, registry.InvalidTransition)
			if to == registry.Revoked {
				return
			}
			_, err = o.Records.Update(ctx, o.org.Admin(), list[0].ID, registry.Patch{Version: registry.AnyVersion,
				Status: ptr(registry.Suspended)})
			require.NoError(t, err)
			_, err = o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{Version: registry.AnyVersion,
				Status: ptr(registry.Active)})
			require.NoError(t, err)
			o.clock.Advance(time.Second)
			o.publish()
			require.ErrorIs(t, o.does(o.credentialOf(list[0]), o.exports("1")), verify.StatusSuspended,
				"it is by itself")
			require.NoError(t, o.does(o.credentialOf(list[1]), o.exports("1")))
		})
	}
}

// P6: a template that is narrowed narrows its instances at once; raised again, they
// have what they have said themselves.
func TestP6ATemplateUpdateReissuesItsInstances(t *testing.T) {
	o := newOffice(t)
	tpl := o.record(registry.Active)
	p, err := o.instanceOf(tpl, asIs) // it says 500 itself
	require.NoError(t, err)
	o.publish()
	old := o.credentialOf(p.Record)
	rate := func(l *registry.Limits) *registry.Record {
		_, err := o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{Version: registry.AnyVersion,
			Limits: l, Role: ptr("tool")})
		require.NoError(t, err)
		o.clock.Advance(time.Second)
		o.publish()
		got, err := o.Records.Get(ctx, o.org.Admin(), p.ID)
		require.NoError(t, err)
		return got
	}
	msgs := func(r *registry.Record) int64 {
		for _, l := range r.Authority.Limits {
			if l.Name == "msgs_per_day" {
				return l.Int
			}
		}
		return -1
	}
	got := rate(ptr(flat(t, `{"max_export_rows": 100, "msgs_per_day": 10}`)))
	require.EqualValues(t, 10, msgs(got))
	require.Equal(t, "tool", got.Role, "what it has of its template follows")
	require.Equal(t, "Customer Support Bot", got.Name, "what it has of its own stays")
	require.ErrorIs(t, o.does(old, o.exports("1")), verify.StatusRevoked)
	require.NoError(t, o.does(o.credentialOf(got), o.exports("1")))
	require.EqualValues(t, 500, msgs(rate(ptr(flat(t, `{"max_export_rows": 20000, "msgs_per_day": 9000}`)))))
	// Nothing is left of it.
	caps := []passport.Capability{{Action: "files.*"}}
	_, err = o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{Version: registry.AnyVersion,
		Capabilities: &caps})
	require.NoError(t, err)
	got, err = o.Records.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, caps, got.Authority.Capabilities, "it names none of its own")
	_, err = o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{Version: registry.AnyVersion,
		Capabilities: &[]passport.Capability{{Action: "files.read"}}})
	require.NoError(t, err)
	_, err = o.Records.Update(ctx, o.org.Admin(), tpl.ID, registry.Patch{
		Version: registry.AnyVersion, Capabilities: &[]passport.Capability{{Action: "data.export"}},
	})
	require.NoError(t, err)
	got, err = o.Records.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Expired, got.Status)
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.does(o.credentialOf(got), passport.Act{Action: "files.read", Region: "DE"}),
		verify.StatusRevoked)
	_, err = o.Records.Renew(ctx, o.org.Admin(), p.ID)
	require.ErrorIs(t, err, registry.BadRequest)
}

// P6, P7: the same call changes an instance, and widens it as little.
func TestP7AnInstanceIsNotWidenedByAChange(t *testing.T) {
	o := newOffice(t)
	p, err := o.instance(asIs)
	require.NoError(t, err)
	for name, patch := range map[string]registry.Patch{
		"the guide's upgrade": {Limits: ptr(flat(t, `{"msgs_per_day": 10000}`))},
		"a capability":        {Capabilities: &[]passport.Capability{{Action: "data.*"}}},
		"parameters": {Capabilities: &[]passport.Capability{{Action: "data.export", Params: []passport.Param{
			{Name: "max_rows", Kind: passport.ParamMax, Int: 10001}}}}},
		"a region": {Regions: &[]string{"CH"}},
	} {
		patch.Version = registry.AnyVersion
		_, err := o.Records.Update(ctx, o.org.Admin(), p.ID, patch)
		require.ErrorIs(t, err, registry.Widened, name)
		require.ErrorContains(t, err, p.Template, name)
	}
	made, err := o.Records.Update(ctx, o.org.Admin(), p.ID, registry.Patch{
		Version: registry.AnyVersion, Limits: ptr(flat(t, `{"msgs_per_day": 700}`)),
	})
	require.NoError(t, err)
	require.Equal(t, "limits", made.Changes[0].Field)
}

// P6: what is wider than its template only by name, by those who may, and noted.
func TestP6AllowWiderInstances(t *testing.T) {
	o := newOffice(t)
	tpl := o.record(registry.Active)
	wider := func(n *registry.NewInstance) {
		n.AllowWiderInstances = true
		n.Overrides.Limits = ptr(flat(t, `{"msgs_per_day": 5000}`))
	}
	_, _, by := o.key(allScopes...)
	_, err := o.Records.Instantiate(ctx, by, registry.NewInstance{
		Template: tpl.ID, Tenant: registry.Tenant{Platform: "p", Ref: "r"}, AllowWiderInstances: true,
	})
	require.ErrorIs(t, err, registry.Forbidden)
	p, err := o.instanceOf(tpl, wider)
	require.NoError(t, err)
	o.publish()
	require.NoError(t, o.does(o.credentialOf(p.Record), o.exports("1")))
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	for _, l := range lines {
		if l.ID() == p.AuditID {
			require.Contains(t, string(l.Data), "wider")
			return
		}
	}
	t.Fatal("the line is missing")
}

// P6: an instance begins as what it is told to, and a template is not an instance.
func TestP6InstancesBeginAs(t *testing.T) {
	for _, status := range []registry.Status{registry.Draft, registry.Active, registry.Suspended, registry.Revoked,
		""} {
		o := newOffice(t)
		p, err := o.instance(func(n *registry.NewInstance) { n.Overrides.Status = status })
		require.NoError(t, err)
		want := status
		if want == "" {
			want = registry.Draft
		}
		require.Equal(t, want, p.Status)
		if status == registry.Suspended {
			o.publish()
			require.ErrorIs(t, o.does(o.credentialOf(p.Record), o.exports("1")), verify.StatusSuspended)
		}
		if status == registry.Active {
			_, err = o.instanceOf(p.Record, func(n *registry.NewInstance) { n.Tenant.Ref = "below" })
			require.ErrorIs(t, err, registry.BadRequest)
		}
	}
}

// P6: a template that is narrowed while an instance of it is being signed narrows that,
// too; one that is revoked meanwhile has no new instance.
func TestP6ATemplateThatChangesMeanwhile(t *testing.T) {
	for _, change := range []string{"narrowed", "revoked"} {
		o := newOffice(t)
		db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		signer := &signing{Signer: o.issuer}
		o.Registry, err = registry.Open(registry.Config{
			Store: db.Registry(), Issuer: signer, BaseURL: here, Now: o.clock.Now,
		})
		require.NoError(t, err)
		o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
		require.NoError(t, err)
		o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
		require.NoError(t, err)
		tpl, err := o.Records.Create(ctx, o.org.Admin(), registry.NewRecord{
			Owner: o.org.ID, Profile: o.exporter(), Status: registry.Active,
		})
		require.NoError(t, err)
		signer.meanwhile = func() {
			patch := registry.Patch{Version: registry.AnyVersion, Limits: ptr(flat(t, `{"msgs_per_day": 7}`))}
			if change == "revoked" {
				patch = registry.Patch{Version: registry.AnyVersion, Status: ptr(registry.Revoked)}
			}
			_, err := o.Records.Update(ctx, o.org.Admin(), tpl.ID, patch)
			if change == "narrowed" {
				require.NoError(t, err)
			}
		}
		p, err := o.instanceOf(tpl.Record, func(n *registry.NewInstance) { n.Overrides.Limits = nil })
		if change == "revoked" {
			require.ErrorIs(t, err, registry.InvalidTransition)
			continue
		}
		require.NoError(t, err)
		require.Contains(t, p.Authority.Limits, passport.RateOf("msgs", 24*time.Hour, 7))
		require.Contains(t, o.credentialOf(p.Record).Credential, `"msgs_per_day":7`)
	}
}
