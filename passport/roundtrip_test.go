package passport_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// canonical is the text of a value whose order and spelling do not matter.
func canonical(v credential.Value) string { return string(jcs.Append(nil, v)) }

// What is read and issued again says the same, member for member.
func TestTheLargestPassportIsWrittenAsItWasRead(t *testing.T) {
	for name, text := range map[string]string{
		"root": largest(t), "delegated": delegatedText(t),
		"delegated without status": edited(t, delegatedText(t),
			map[string]any{"/credentialStatus": gone{}, "/@context": []string{credential.ContextV2, passport.Context}}),
		"issuer as a string":    edited(t, largest(t), map[string]any{"/issuer": keyOf(t, 1).DID().String()}),
		"issuer with name only": edited(t, largest(t), map[string]any{"/issuer/description": gone{}}),
		"one status entry": edited(t, largest(t),
			map[string]any{"/credentialStatus": raw(`{"type":"BitstringStatusListEntry",` +
				`"statusPurpose":"revocation","statusListIndex":"12","statusListCredential":"https://issuer.example/status/2"}`),
				"/@context": []string{credential.ContextV2, passport.Context}}),
		"one status entry in a list": edited(t, largest(t),
			map[string]any{"/credentialStatus": raw(`[{"type":"BitstringStatusListEntry",` +
				`"statusPurpose":"revocation","statusListIndex":"12","statusListCredential":"https://issuer.example/status/2"}]`),
				"/@context": []string{credential.ContextV2, passport.Context}}),
		"empty extensions": edited(t, largest(t), map[string]any{"/credentialSubject/extensions": raw("{}")}),
		"escapes":          edited(t, largest(t), map[string]any{"/credentialSubject/name": "\"\\\n\u0001é😀</script>"}),
		"two StatusList2021 entries": edited(t, largest(t),
			map[string]any{"/credentialStatus/-": raw(`{"type":"StatusList2021Entry","statusPurpose":"revocation",` +
				`"statusListIndex":"3","statusListCredential":"https://issuer.example/status/4"}`)}),
		"a status message": edited(t, largest(t),
			map[string]any{"/credentialStatus/-": raw(`{"type":"BitstringStatusListEntry",` +
				`"statusPurpose":"message","statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1",` +
				`"message":"b"}],"statusListIndex":"3","statusListCredential":"https://issuer.example/status/4"}`)}),
		"assurance of a level alone":   edited(t, largest(t), map[string]any{"/credentialSubject/assurance": raw(`{"level":"L0"}`)}),
		"an amount of zero":            edited(t, largest(t), map[string]any{"/credentialSubject/maxTransactionAmount/amount": "0"}),
		"another system's id":          edited(t, largest(t), map[string]any{"/id": "urn:grantex:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB"}),
		"a capability without params":  edited(t, largest(t), map[string]any{"/credentialSubject/capabilities": raw(`[{"action":"a"}]`)}),
		"nothing but an id and a type": edited(t, largest(t), map[string]any{"/credentialSubject": raw(`{"id":"did:web:agent.example","type":"AIAgent"}`)}),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := decode(text)
			require.NoError(t, err)
			signed, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant)})
			require.NoError(t, err)
			before, after := object(t, text), signed.UnverifiedValue()
			for _, m := range []string{"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSubject"} {
				require.Equal(t, canonical(before.Get(m)), canonical(after.Get(m)), m)
			}
			require.Equal(t, before.Get("credentialStatus").Exists(), after.Get("credentialStatus").Exists())
			require.True(t, after.Get("proof").Exists())
		})
	}
}

func TestTheSmallestPassport(t *testing.T) {
	signed := issue(t, small(t))
	p, err := passport.ReadUnverified(signed)
	require.NoError(t, err)
	want := small(t)
	want.ID, want.Issuer, want.ValidFrom, want.ValidUntil = p.ID, keyOf(t, 1).DID(), instant, instant.Add(24*time.Hour)
	require.Equal(t, want, p)
	require.Equal(t, fmt.Sprintf(`{"id":%q,"type":"AIAgent","capabilities":[{"action":"data.read"}]}`,
		keyOf(t, 2).DID()), signed.UnverifiedValue().Get("credentialSubject").Raw())
}

// randomPassport states each member or leaves it out.
func randomPassport(tb testing.TB, r *rand.Rand) *passport.Passport {
	maybe := func() bool { return r.IntN(2) == 0 }
	text := func(s string) string {
		if maybe() {
			return ""
		}
		return s + []string{"", "1", "é", "\"\\"}[r.IntN(4)]
	}
	iri := func(s string) string {
		if maybe() {
			return ""
		}
		return s
	}
	some := func(all ...string) (out []string) {
		for _, s := range all {
			if maybe() {
				out = append(out, s)
			}
		}
		return out
	}
	money := func() passport.Money {
		switch r.IntN(3) {
		case 0:
			return passport.MustMoney(fmt.Sprint(r.IntN(1000)), "USD")
		case 1:
			return passport.MustMoney(fmt.Sprintf("%d.%02d", r.IntN(1000), r.IntN(100)), "EUR")
		}
		m, err := passport.ParseAssetMoney(fmt.Sprintf("%d.%09d", r.IntN(1000), r.IntN(1e9)), dai, 18)
		require.NoError(tb, err)
		return m
	}
	p := &passport.Passport{
		ID:     fmt.Sprintf("urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N%03d", r.IntN(1000)),
		Issuer: keyOf(tb, 1).DID(), IssuerName: text("office"), IssuerDescription: text("of passports"),
		ValidFrom: instant, ValidUntil: instant.Add(time.Duration(1+r.IntN(720*3600)) * time.Second),
		Agent: keyOf(tb, 2).DID(), Name: text("agent"), Description: text("an agent"), Role: text("buyer"), Framework: text("framework"),
		HumanPrincipal: iri("mailto:ada@example.org"), OrganizationDID: iri("did:web:acme.example"), GrantID: iri("grnt_1"),
	}
	for i := range 1 + r.IntN(4) {
		e := entryAt(i)
		if maybe() {
			e.Encoding, e.Purpose = statuslist.StatusList2021, statuslist.Suspension
		}
		p.Status = append(p.Status, e)
	}
	if len(p.Status) == 1 && maybe() {
		p.StatusForm = passport.StatusList
	}
	if maybe() {
		p.DelegationDepth, p.ParentPassportID, p.ParentDigest = 1+r.IntN(3), someID, digestA
		if maybe() {
			p.Status, p.StatusForm = nil, passport.StatusObject
		}
	} else {
		p.TemplateID = iri(someID)
	}
	if maybe() {
		p.Authority.MaxDelegationDepth = p.DelegationDepth + r.IntN(3)
	}
	if maybe() {
		p.Attestation = passport.Attestation{Framework: text("f"), ModelDigest: iri(digestA), PromptDigest: iri(digestA), ToolsDigest: iri(digestA)}
	}
	if maybe() {
		p.Consent = passport.Consent{ID: "urn:x:will", Type: passport.AgreementAcceptance, Digest: digestA}
	}
	if maybe() {
		p.Extensions = object(tb, `{"a":[1,null,{"b":1.5}]}`)
	}
	a := &p.Authority
	for i, action := range some("data.read", "payments.*", "a:b", "mail.send") {
		c := passport.Capability{Action: action}
		for k, name := range some("max_rows", "max_per_day", "express", "shop") {
			q := passport.Param{Name: name}
			switch name {
			case "max_rows":
				q.Kind, q.Int = passport.ParamMax, r.Int64N(1<<53)
			case "max_per_day":
				q.Kind, q.Int = passport.ParamRate, int64(k)
			case "express":
				q.Kind, q.Bool = passport.ParamBool, maybe()
			case "shop":
				q.Kind, q.Strings = passport.ParamStrings, []string{"main", fmt.Sprint(i)}[:1+r.IntN(2)]
			}
			c.Params = append(c.Params, q)
		}
		a.Capabilities = append(a.Capabilities, c)
	}
	a.DeniedActions, a.Categories, a.Rails = some("*", "a.b"), some("office", "it"), some("card", "sepa")
	if maybe() {
		a.MaxTransaction = money()
	}
	for _, per := range []passport.Period{passport.PerTransaction, passport.PerHour, passport.PerDay,
		passport.PerWeek, passport.PerMonth, passport.PerLifetime} {
		if maybe() {
			continue
		}
		l := passport.SpendLimit{Money: money(), Per: per, Action: iri("payments.*")}
		if per != passport.PerTransaction && per != passport.PerLifetime {
			l.TimeZone = iri("Asia/Kolkata")
		}
		a.SpendLimits = append(a.SpendLimits, l)
	}
	for _, l := range []passport.Limit{passport.MaxOf("rows", r.Int64N(1<<53)),
		passport.RateOf("mails", time.Minute, 3), passport.RateOf("mails", 24*time.Hour, 0), passport.Allow("pii"),
		{Name: "allow_gift", Kind: passport.LimitAllow}} {
		if maybe() {
			a.Limits = append(a.Limits, l)
		}
	}
	a.Payees, a.Resources, a.Audiences, a.Regions = some("acct", "https://shop.example/*"), some("/srv/*"), some("did:web:shop.example"), some("DE", "US-CA")
	if maybe() {
		a.TimeWindows = []passport.TimeWindow{{Days: []string{"tue", "mon"}, Start: "22:00", End: "24:00", TimeZone: "UTC"}}
	}
	if maybe() {
		a.Assurance = passport.Assurance{Level: passport.L4KYC, Method: text("video"), Provider: iri("idcheck.example"), EvidenceDigest: iri(digestA)}
		if maybe() {
			a.Assurance.VerifiedAt = instant.Add(time.Duration(r.IntN(1000)) * time.Millisecond)
		}
	}
	return p
}

func TestRandomPassportsSurviveIssuing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		p := randomPassport(t, r)
		given := *p
		signed, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant)})
		require.NoError(t, err)
		require.Equal(t, given, *p, "what is given is not changed")
		again, err := passport.ReadUnverified(signed)
		require.NoError(t, err)
		require.Equal(t, canonical(p.Extensions), canonical(again.Extensions))
		again.Extensions, given.Extensions = credential.Value{}, credential.Value{}
		require.Equal(t, &given, again)
		require.NoError(t, signed.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{}))
	}
}
