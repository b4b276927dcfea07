package oap_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// P14: a passport is translated without loss, and comes back as it was.
func TestP14TranslateAndBack(t *testing.T) {
	p := native()
	issuer := did.MustParse("did:web:registry.example")
	ours, err := p.Translate(oap.TranslateOptions{Issuer: issuer})
	require.NoError(t, err)
	require.Equal(t, issuer, ours.Issuer)
	require.Equal(t, "did:web:agent.example", ours.Agent.String())
	require.Equal(t, p.CreatedAt, ours.ValidFrom)
	require.Equal(t, p.ExpiresAt, ours.ValidUntil)
	require.Equal(t, "urn:oap:owner:org_1a2b3c4d", ours.OrganizationDID)
	require.Equal(t, passport.Assurance{Level: passport.L2}, ours.Authority.Assurance)
	require.Equal(t, []string{"CA", "US"}, ours.Authority.Regions)
	require.Equal(t, []passport.SpendLimit{
		{Money: passport.MustMoney("50.00", "USD"), Per: passport.PerTransaction, Action: "finance.payment.refund"},
		{Money: passport.MustMoney("500.00", "USD"), Per: passport.PerDay, Action: "finance.payment.refund"},
	}, ours.Authority.SpendLimits)
	require.Equal(t, []passport.Capability{
		{Action: "finance.payment.refund", Params: []passport.Param{
			{Name: "reason_code", Kind: passport.ParamStrings, Strings: []string{"customer_request", "defective_product"}}}},
		{Action: "data.export", Params: []passport.Param{
			{Name: "max_rows", Kind: passport.ParamMax, Int: 100000}, {Name: "pii", Kind: passport.ParamBool},
			{Name: "collection", Kind: passport.ParamStrings, Strings: []string{"users", "orders"}}}},
	}, ours.Authority.Capabilities)

	back, err := oap.FromPassport(ours, "active", oap.TranslateOptions{})
	require.NoError(t, err)
	require.Equal(t, string(p.JSON()), string(back.JSON()))

	ours.Authority.SpendLimits[0].Money = passport.MustMoney("49.00", "USD")
	_, err = oap.FromPassport(ours, "active", oap.TranslateOptions{})
	require.ErrorContains(t, err, "the authority was changed")
}

// carried and lost are what becomes of each member of the foreign schemas. A member
// that is not in the table fails the test.
var memberFates = map[string]struct {
	value string // beside the others of native(); "": it has it
	lost  string // the refusal; "": carried
	where func(*passport.Passport) any
	want  any
}{
	"agent_id":     {where: func(p *passport.Passport) any { return len(p.ID) }, want: len(passport.PassportURN) + 26},
	"passport_id":  {where: func(p *passport.Passport) any { return len(p.ID) }, want: len(passport.PassportURN) + 26},
	"did":          {where: func(p *passport.Passport) any { return p.Agent.String() }, want: "did:web:agent.example"},
	"kind":         {where: extension("kind"), want: "template"},
	"spec_version": {where: extension("spec_version"), want: "oap/1.0"},
	"template_id":  {value: `"ap_parent"`, where: func(p *passport.Passport) any { return p.TemplateID != "" }, want: true},
	"parent_agent_id": {value: `"ap_parent"`, where: func(p *passport.Passport) any {
		return p.TemplateID != ""
	}, want: true},
	"owner_id":   {where: func(p *passport.Passport) any { return p.OrganizationDID }, want: "urn:oap:owner:org_1a2b3c4d"},
	"owner_type": {where: func(p *passport.Passport) any { return p.OrganizationDID != "" }, want: true},
	"status":     {value: `"suspended"`, lost: "the passport is suspended"},
	"assurance_level": {where: func(p *passport.Passport) any { return p.Authority.Assurance.Level },
		want: passport.L2},
	"capabilities":  {where: func(p *passport.Passport) any { return p.Authority.Capabilities[1].Action }, want: "data.export"},
	"limits":        {where: func(p *passport.Passport) any { return len(p.Authority.SpendLimits) }, want: 2},
	"regions":       {where: func(p *passport.Passport) any { return p.Authority.Regions }, want: []string{"CA", "US"}},
	"metadata":      {where: func(p *passport.Passport) any { return p.Name }, want: "Refund agent – Köln"},
	"created_at":    {where: func(p *passport.Passport) any { return p.ValidFrom }, want: now.Add(-time.Hour)},
	"updated_at":    {where: extension("updated_at"), want: "2026-11-28T06:00:00Z"},
	"version":       {where: extension("version"), want: "1.0.0"},
	"expires_at":    {where: func(p *passport.Passport) any { return p.ValidUntil }, want: now.Add(24 * time.Hour)},
	"never_expires": {value: `false`, where: extension("kind"), want: "template"},

	"name":        {value: `"A"`, where: func(p *passport.Passport) any { return p.Name }, want: "A"},
	"description": {value: `"D"`, where: func(p *passport.Passport) any { return p.Description }, want: "D"},
	"role":        {value: `"R"`, where: func(p *passport.Passport) any { return p.Role }, want: "R"},
}

func extension(name string) func(*passport.Passport) any {
	return func(p *passport.Passport) any { return p.Extensions.Get("oap").Get(name).Str() }
}

// P14: each member of a passport is carried over, or refused by name.
func TestP14EachMember(t *testing.T) {
	for _, name := range oap.Members() {
		fate, listed := memberFates[name]
		if !listed { // the registry's other members are for people: carried as they are
			fate.value = map[string]string{"list": `["x"]`, "object": `{"a":1}`, "boolean": `true`, "number": `3`}[oap.KindOf(name)]
			if fate.value == "" {
				fate.value = `"x"`
			}
			want := value(fate.value).Raw()
			fate.want = want
			fate.where = func(p *passport.Passport) any { return p.Extensions.Get("oap").Get(name).Raw() }
		}
		p := native(func(p *oap.Passport) {
			switch {
			case name == "status":
				p.Status = "suspended"
			case name == "template_id", name == "parent_agent_id":
				p.Kind, p.Parent = "instance", "ap_parent"
			case name == "passport_id":
				p.Spelling, p.ID = oap.Spec, "5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a11"
			case name == "never_expires" || fate.value == "":
			default:
				p.Others = value(`{"` + name + `":` + fate.value + `}`)
			}
		})
		ours, err := p.Translate(oap.TranslateOptions{})
		if fate.lost != "" {
			require.ErrorContains(t, err, fate.lost, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, fate.want, fate.where(ours), name)
		back, err := oap.FromPassport(ours, "active", oap.TranslateOptions{})
		require.NoError(t, err, name)
		require.Equal(t, string(p.JSON()), string(back.JSON()), name)
	}
}

// P14: what cannot be carried over is refused by name, never dropped.
func TestP14NotCarried(t *testing.T) {
	block := func(id, text string) func(*oap.Passport) {
		return func(p *oap.Passport) {
			p.Capabilities, p.Limits = []oap.Capability{{ID: id}}, value(`{"`+id+`":`+text+`}`)
		}
	}
	params := func(text string) func(*oap.Passport) {
		return func(p *oap.Passport) {
			p.Capabilities, p.Limits = []oap.Capability{{ID: "acme.x", Params: value(text)}}, value(`{}`)
		}
	}
	for _, row := range []struct {
		name string
		edit func(*oap.Passport)
		path string // "": carried
	}{
		{"no DID", func(p *oap.Passport) { p.DID = "" }, "/did"},
		{"revoked", func(p *oap.Passport) { p.Status = "revoked" }, "/status"},
		{"draft", func(p *oap.Passport) { p.Status = "draft" }, "/status"},
		{"no end", func(p *oap.Passport) { p.ExpiresAt = time.Time{} }, "/expires_at"},
		{"never ends", func(p *oap.Passport) { p.ExpiresAt, p.NeverExpires = time.Time{}, true }, "/expires_at"},
		{"no region", func(p *oap.Passport) { p.Regions = nil }, "/regions"},
		{"the EU", func(p *oap.Passport) { p.Regions = []string{"EU"} }, ""},
		{"no such country", func(p *oap.Passport) { p.Regions = []string{"XX"} }, "/regions"},
		{"a block of no capability", func(p *oap.Passport) { p.Limits = value(`{"web.fetch":{"allowed_domains":["a"]}}`) },
			"/limits/web.fetch"},
		{"a flat limit", func(p *oap.Passport) { p.Limits = value(`{"max_export_rows":5}`) }, "/limits/max_export_rows"},
		{"a tree", func(p *oap.Passport) { p.Limits = value(`{"payments":{"charge":{}}}`) }, "/limits/payments"},
		{"shields", block("acme.x", `{"shield":{"threats":[]}}`), "/limits/acme.x/shield"},
		{"approval", block("messaging.send", `{"approval_required":true}`), "/limits/messaging.send/approval_required"},
		{"no approval", block("messaging.send", `{"approval_required":false}`), ""},
		{"signed artifacts", block("repo.release.publish", `{"require_signed_artifacts":true}`),
			"/limits/repo.release.publish/require_signed_artifacts"},
		{"a rate", block("messaging.send", `{"msgs_per_min":5,"msgs_per_day":50}`), ""},
		{"two rates of one window", block("messaging.send", `{"msgs_per_day":50,"max_per_day":3}`),
			"/limits/messaging.send/max_per_day"},
		{"a currency without a limit", block("payments.payout", `{"supported_currencies":["USD"]}`),
			"/limits/payments.payout/supported_currencies"},
		{"a limit without its currency", block("payments.payout",
			`{"supported_currencies":["EUR"],"currency_limits":{"EUR":{"max_per_tx":1},"USD":{"max_per_tx":1}}}`),
			"/limits/payments.payout/currency_limits/USD"},
		{"a threshold", block("legal.contract.review", `{"currency_limits":{"USD":{"max_per_contract":1}}}`),
			"/limits/legal.contract.review/currency_limits/USD/max_per_contract"},
		{"recipients with limits", block("messaging.send", `{"allowed_recipients":[{"id":"a"}]}`),
			"/limits/messaging.send/allowed_recipients"},
		{"recipients", block("messaging.send", `{"allowed_recipients":["a"]}`), ""},
		{"no collection", block("data.export", `{"allowed_collections":[]}`), "/limits/data.export/allowed_collections"},
		{"a maximum", params(`{"max_rows":5,"max_per_day":9}`), ""},
		{"an amount without a currency", params(`{"max_amount":5}`), ""},
		{"a currency without an amount", params(`{"currency":"USD"}`), "/capabilities/0/params/currency"},
		{"no currency of money", params(`{"max_amount":5,"currency":"usd"}`), "/capabilities/0/params/max_amount"},
		{"a nested parameter", params(`{"a":{"b":1}}`), "/capabilities/0/params/a"},
		{"a fraction", params(`{"max_rows":1.5}`), "/capabilities/0/params/max_rows"},
		{"a policy of mentions", params(`{"mention_policy":"none"}`), "/capabilities/0/params/mention_policy"},
	} {
		_, err := native(row.edit).Translate(oap.TranslateOptions{})
		if row.path == "" {
			require.NoError(t, err, row.name)
			continue
		}
		var refused *oap.Error
		var ours *passport.Error
		require.ErrorAs(t, err, &refused, row.name)
		require.ErrorAs(t, err, &ours, row.name)
		require.Equal(t, oap.NotCarried, refused.Code, row.name)
		require.Equal(t, row.path, ours.Path, row.name)
	}
	// What a pack of the host judges is carried as it is.
	judged := native(block("system.command.execute", `{"allowed_commands":["git"],"max_execution_time":60}`))
	ours, err := judged.Translate(oap.TranslateOptions{Judged: []string{"system.command.execute"}})
	require.NoError(t, err)
	require.Equal(t, "git", func() string {
		for c := range ours.Extensions.Get("oap").Get("limits").Get("system.command.execute").Get("allowed_commands").Items() {
			return c.Str()
		}
		return ""
	}())
}

// P14: a passport of this library, said in OAP and read again, has the same authority;
// what OAP has no word for is refused by name.
func TestP14FromPassport(t *testing.T) {
	ours := func() *passport.Passport {
		return &passport.Passport{ID: passport.PassportURN + "01JDXY0000ABCDEFGHJKMNPQRS", Agent: did.MustParse("did:web:agent.example"),
			Issuer: did.MustParse("did:web:agent.example"), ValidFrom: now, ValidUntil: now.Add(time.Hour), Name: "A", Role: "R",
			HumanPrincipal: "mailto:ada@example.org", Authority: passport.Authority{
				Regions: []string{"DE", "US"}, Assurance: passport.Assurance{Level: passport.L3},
				Capabilities: []passport.Capability{{Action: "payments.charge", Params: []passport.Param{
					{Name: "max_items", Kind: passport.ParamMax, Int: 3}, {Name: "max_per_day", Kind: passport.ParamRate, Int: 9},
					{Name: "recipient", Kind: passport.ParamStrings, Strings: []string{"a"}},
					{Name: "pii", Kind: passport.ParamBool}}}},
				SpendLimits: []passport.SpendLimit{
					{Money: passport.MustMoney("12.50", "EUR"), Per: passport.PerTransaction, Action: "payments.charge"},
					{Money: passport.MustMoney("100.00", "EUR"), Per: passport.PerDay, Action: "payments.charge"},
					{Money: passport.MustMoney("5", "JPY"), Per: passport.PerDay, Action: "payments.charge"}}}}
	}
	said, err := oap.FromPassport(ours(), "active", oap.TranslateOptions{})
	require.NoError(t, err)
	again, err := said.Translate(oap.TranslateOptions{})
	require.NoError(t, err)
	want := ours()
	require.Equal(t, want.Authority, again.Authority)
	again.Authority, want.Authority, again.Extensions = passport.Authority{}, passport.Authority{}, want.Extensions
	require.Equal(t, want, again)

	for path, edit := range map[string]func(*passport.Passport){
		"/grantId":               func(p *passport.Passport) { p.GrantID = "g" },
		"/consent":               func(p *passport.Passport) { p.Consent.ID = "urn:x" },
		"/attestation":           func(p *passport.Passport) { p.Attestation.Framework = "x" },
		"/delegationDepth":       func(p *passport.Passport) { p.DelegationDepth = 1 },
		"/templateId":            func(p *passport.Passport) { p.TemplateID = "urn:x" },
		"/maxDelegationDepth":    func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 1 },
		"/deniedActions":         func(p *passport.Passport) { p.Authority.DeniedActions = []string{"a"} },
		"/allowedMPPCategories":  func(p *passport.Passport) { p.Authority.Categories = []string{"a"} },
		"/paymentRails":          func(p *passport.Passport) { p.Authority.Rails = []string{"a"} },
		"/maxTransactionAmount":  func(p *passport.Passport) { p.Authority.MaxTransaction = passport.MustMoney("1", "USD") },
		"/limits":                func(p *passport.Passport) { p.Authority.Limits = []passport.Limit{{Name: "max_rows"}} },
		"/payees":                func(p *passport.Passport) { p.Authority.Payees = []string{"a"} },
		"/resources":             func(p *passport.Passport) { p.Authority.Resources = []string{"a"} },
		"/audiences":             func(p *passport.Passport) { p.Authority.Audiences = []string{"a"} },
		"/timeWindows":           func(p *passport.Passport) { p.Authority.TimeWindows = []passport.TimeWindow{{}} },
		"/regions":               func(p *passport.Passport) { p.Authority.Regions = nil },
		"/assurance":             func(p *passport.Passport) { p.Authority.Assurance.Provider = "x" },
		"/issuer/name":           func(p *passport.Passport) { p.IssuerName = "x" },
		"/extensions":            func(p *passport.Passport) { p.Extensions = value(`{"a":1}`) },
		"/organizationDID":       func(p *passport.Passport) { p.OrganizationDID = "did:web:x.example" },
		"/humanPrincipal":        func(p *passport.Passport) { p.HumanPrincipal = "" },
		"/capabilities/0/action": func(p *passport.Passport) { p.Authority.Capabilities[0].Action = "payments.*" },
		"/spendLimits/0":         func(p *passport.Passport) { p.Authority.SpendLimits[0].Per = passport.PerMonth },
		"/spendLimits/1":         func(p *passport.Passport) { p.Authority.SpendLimits[1].TimeZone = "UTC" },
		"/spendLimits/2":         func(p *passport.Passport) { p.Authority.SpendLimits[2].Action = "" },
		"/capabilities/0/params/city": func(p *passport.Passport) {
			p.Authority.Capabilities[0].Params[2].Name = "city"
		},
	} {
		p := ours()
		edit(p)
		_, err := oap.FromPassport(p, "active", oap.TranslateOptions{})
		var ours *passport.Error
		require.True(t, errors.As(err, &ours), path)
		require.Equal(t, path, ours.Path)
	}
}
