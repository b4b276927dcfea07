package passport_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

const (
	digestA = "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"
	someID  = "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RT"
)

// delegatedText is the largest passport as a delegated link.
func delegatedText(t testing.TB) string {
	return edited(t, largest(t), map[string]any{
		"/credentialSubject/templateId": gone{}, "/credentialSubject/delegationDepth": 1,
		"/credentialSubject/parentPassportId": someID, "/credentialSubject/parentDigest": digestA,
	})
}

func TestEveryMemberIsRead(t *testing.T) {
	p, err := decode(largest(t))
	require.NoError(t, err)
	require.Equal(t, "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB", p.ID)
	require.Equal(t, keyOf(t, 1).DID(), p.Issuer)
	require.Equal(t, "Example Passport Office", p.IssuerName)
	require.Equal(t, "Issues passports", p.IssuerDescription)
	require.Equal(t, "2026-11-21 00:00:00 +0000 UTC", p.ValidFrom.String())
	require.Equal(t, "2026-12-20 00:00:00 +0000 UTC", p.ValidUntil.String())
	require.Len(t, p.Status, 3)
	require.Equal(t, statuslist.Entry{Encoding: statuslist.StatusList2021, Purpose: statuslist.Suspension,
		URL: "https://issuer.example/status/2", Index: 12, Size: 1}, p.Status[1])
	require.Equal(t, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", p.Agent.String())
	require.Equal(t, []string{"Procurement agent", "Buys office supplies", "buyer", "langgraph/1.2"}, []string{p.Name, p.Description, p.Role, p.Framework})
	require.Equal(t, []string{"did:web:alice.example", "did:web:acme.example", "grnt_01HXYZ", someID},
		[]string{p.HumanPrincipal, p.OrganizationDID, p.GrantID, p.TemplateID})
	require.Equal(t, passport.Attestation{Framework: "langgraph", ModelDigest: digestA, PromptDigest: digestA, ToolsDigest: digestA}, p.Attestation)
	require.Equal(t, passport.Consent{ID: "urn:safeconduct:will:01JD7Z3F0K9Q6T4V8XW2Y5N1RD", Type: passport.ManifestationOfWill, Digest: digestA}, p.Consent)
	require.False(t, p.Delegated())
	require.Equal(t, `{"contact":"ops@acme.example","links":[],"rating":4.5,"none":null}`, compact(t, p.Extensions.Get("oap").Raw()))

	a := p.Authority
	require.Len(t, a.Capabilities, 4)
	require.Equal(t, "payments.charge", a.Capabilities[0].Action)
	kinds := map[string]passport.ParamKind{}
	attributes := map[string]string{}
	for _, q := range a.Capabilities[0].Params {
		kinds[q.Name], attributes[q.Name] = q.Kind, q.Attribute()
	}
	require.Equal(t, map[string]passport.ParamKind{
		"max_items": passport.ParamMax, "rows": passport.ParamMax, "max_per_minute": passport.ParamRate,
		"max_per_hour": passport.ParamRate, "max_per_day": passport.ParamRate,
		"category": passport.ParamStrings, "shop": passport.ParamStrings, "gift": passport.ParamBool,
	}, kinds)
	require.Equal(t, map[string]string{
		"max_items": "items", "rows": "rows", "max_per_minute": "", "max_per_hour": "", "max_per_day": "",
		"category": "category", "shop": "shop", "gift": "gift",
	}, attributes)
	require.Equal(t, []string{"payments.refund", "orders.cancel", "admin.*"}, a.DeniedActions)
	require.Equal(t, []string{"office", "it"}, a.Categories)
	require.Equal(t, []string{"card", "sepa"}, a.Rails)
	require.Equal(t, passport.MustMoney("500.00", "EUR"), a.MaxTransaction)
	require.Len(t, a.SpendLimits, 6)
	require.Equal(t, passport.SpendLimit{Money: passport.MustMoney("20.5", "USDC"), Per: passport.PerTransaction, Action: "payments.*"}, a.SpendLimits[2])
	require.Equal(t, 18, a.SpendLimits[3].Money.Decimals())
	require.Len(t, a.Limits, 6)
	require.Equal(t, []string{"https://shop.example/*", "acct_1"}, a.Payees)
	require.Equal(t, []string{"https://api.example/v1/*", "file:///srv/data"}, a.Resources)
	require.Equal(t, []string{"did:web:shop.example", "https://shop.example"}, a.Audiences)
	require.Equal(t, []string{"DE-BY", "AT"}, a.Regions)
	require.Equal(t, passport.TimeWindow{Days: []string{"sat"}, Start: "22:00", End: "02:00", TimeZone: "America/New_York"}, a.TimeWindows[1])
	require.Equal(t, passport.L3, a.Assurance.Level)
	require.Equal(t, 250_000_000, a.Assurance.VerifiedAt.Nanosecond())
	require.Equal(t, 2, a.MaxDelegationDepth)

	p, err = decode(delegatedText(t))
	require.NoError(t, err)
	require.True(t, p.Delegated())
	require.Equal(t, []any{1, someID, digestA}, []any{p.DelegationDepth, p.ParentPassportID, p.ParentDigest})
}

func compact(t *testing.T, text string) string {
	return strings.NewReplacer(": ", ":", ", ", ",").Replace(text)
}

// each visits every value of a JSON text with its pointer; not what stands
// inside extensions, which is nobody's business.
func each(t *testing.T, text string, visit func(pointer string, v any)) {
	var root any
	require.NoError(t, json.Unmarshal([]byte(text), &root))
	var walk func(pointer string, v any)
	walk = func(pointer string, v any) {
		visit(pointer, v)
		if pointer == "/credentialSubject/extensions" {
			return
		}
		switch v := v.(type) {
		case map[string]any:
			for name, m := range v {
				walk(pointer+"/"+name, m)
			}
		case []any:
			for i, m := range v {
				walk(fmt.Sprintf("%s/%d", pointer, i), m)
			}
		}
	}
	for name, v := range root.(map[string]any) {
		walk("/"+name, v)
	}
}

func TestPAR11WrongTypes(t *testing.T) {
	kind := func(v any) string { return fmt.Sprintf("%T", v) }
	tried := 0
	each(t, delegatedText(t), func(pointer string, v any) {
		for _, wrong := range []any{"x", json.Number("7"), true, nil, []any{}, []any{"x"},
			[]any{map[string]any{"x": "y"}}, []any{v}, map[string]any{}, map[string]any{"x": "y"}, ""} {
			switch {
			case wrong == "" && v == "":
				continue
			case kind(wrong) == kind(v) && wrong != "" && kind(v) != "[]interface {}" &&
				kind(v) != "map[string]interface {}", kind(wrong) == "json.Number" && kind(v) == "float64":
				continue // the right type
			case strings.HasSuffix(pointer, "/params") && fmt.Sprint(wrong) == "map[x:y]":
				continue // a parameter
			case strings.HasPrefix(pointer, "/credentialSubject/extensions") && kind(wrong) == kind(v):
				continue
			case strings.Contains(pointer, "/params/") &&
				(kind(wrong) == "bool" || kind(wrong) == "json.Number" || wrong == "x" ||
					fmt.Sprint(wrong) == "[x]" || kind(v) == "string" && fmt.Sprint(wrong) == fmt.Sprint([]any{v})):
				continue // another kind of parameter; read as that
			case pointer == "/credentialSubject/payees" || pointer == "/credentialSubject/resources" ||
				pointer == "/credentialSubject/audiences" || pointer == "/credentialSubject/paymentRails" ||
				pointer == "/credentialSubject/allowedMPPCategories" || pointer == "/credentialSubject/deniedActions":
				if fmt.Sprint(wrong) == "[x]" {
					continue // a list of strings
				}
			}
			tried++
			p, err := decode(edited(t, delegatedText(t), map[string]any{pointer: wrong}))
			require.Nil(t, p, "%s = %v", pointer, wrong)
			var e *passport.Error
			require.True(t, errors.As(err, &e), "%s = %v: %v", pointer, wrong, err)
			require.Contains(t, []code.Code{code.EnvelopeMalformed, code.EnvelopeDataLoss, code.EnvelopeContext,
				code.EnvelopeUnsupported, code.StatusInvalid}, e.Code, "%s = %v", pointer, wrong)
		}
	})
	require.Greater(t, tried, 1500)
}

func TestMOD10UnknownMembersAtEveryPosition(t *testing.T) {
	tried := 0
	each(t, delegatedText(t), func(pointer string, v any) {
		object, ok := v.(map[string]any)
		if !ok || strings.HasSuffix(pointer, "/params") || strings.HasSuffix(pointer, "/extensions") {
			return
		}
		// Undefined terms, terms that the contexts define elsewhere, PAR-03 and
		// PAR-04: other case, and letters that fold to the right ones.
		names := []string{"evil", "amount", "role", "payees", "intent", "mediaType", "digestMultibase", "per",
			"capabilities", "@id", "@type", "evil:x", "", "limitſ"}
		for name := range object {
			names = append(names, strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:])
		}
		for _, name := range names {
			if _, known := object[name]; known || name == "role" && pointer == "/credentialSubject" {
				continue
			}
			tried++
			_, err := decode(edited(t, delegatedText(t), map[string]any{pointer + "/" + name: "x"}))
			require.Error(t, err, "%s/%s", pointer, name)
		}
	})
	for _, name := range []string{"evil", "name", "description", "evidence", "termsOfUse", "refreshService",
		"credentialSchema", "relatedResource", "confidenceMethod", "issuanceDate", "expirationDate", "holder", "intent", "CredentialSubject"} {
		for _, v := range []any{"x", map[string]any{"id": "urn:x:1", "type": "AIAgent"}} {
			tried++
			_, err := decode(edited(t, largest(t), map[string]any{"/" + name: v}))
			require.Error(t, err, name)
		}
	}
	require.Greater(t, tried, 300)
	// Of these the credential allows and the passport does not.
	for _, name := range []string{"name", "description"} {
		refuse(t, edited(t, largest(t), map[string]any{"/" + name: "x"}), code.EnvelopeMalformed, "no such member")
	}
	refuse(t, edited(t, largest(t), map[string]any{"/issuer/name": map[string]any{"@value": "x", "@language": "en"}}), code.EnvelopeMalformed, "want a string")
	refuse(t, edited(t, largest(t), map[string]any{"/credentialSubject/name": map[string]any{"@value": "x",
		"@language": "en"}}), code.EnvelopeMalformed, "want a string")
}

func TestDuplicatesInEveryList(t *testing.T) {
	tried := 0
	each(t, delegatedText(t), func(pointer string, v any) {
		list, ok := v.([]any)
		if !ok || pointer == "/@context" || pointer == "/type" {
			return
		}
		tried++
		_, err := decode(edited(t, delegatedText(t), map[string]any{pointer + "/-": list[0]}))
		require.ErrorContains(t, err, "", pointer)
		var e *passport.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, code.EnvelopeMalformed, e.Code, pointer)
	})
	require.Equal(t, 14, tried, "a new list needs a duplicate here")

	// Equal in what counts, different elsewhere.
	s := "/credentialSubject/"
	refuse(t, edited(t, largest(t), map[string]any{s +
		"capabilities/-": map[string]any{"action": "catalog.search", "params": map[string]any{"rows": 1}}}), code.EnvelopeMalformed, "is listed twice")
	refuse(t, edited(t, largest(t), map[string]any{s +
		"spendLimits/-": map[string]any{"amount": "1", "currency": "EUR", "per": "month"}}), code.EnvelopeMalformed, "is listed twice")
	refuse(t, edited(t, largest(t), map[string]any{"/credentialStatus/-": raw(`{"type":"StatusList2021Entry",` +
		`"statusPurpose":"suspension","statusListIndex":"12","statusListCredential":"https://issuer.example/status/2"}`)}),
		code.EnvelopeMalformed, "is listed twice")
	for _, key := range []string{`"currency":"EUR","per":"month","action":"a"`,
		`"currency":"EUR","per":"month","timeZone":"Europe/Berlin"`, `"currency":"USD","per":"month"`, `"currency":"EUR","per":"week"`} {
		_, err := decode(edited(t, largest(t), map[string]any{s + "spendLimits/-": raw(`{"amount":"1",` + key + `}`)}))
		require.NoError(t, err, "another key is another limit: %s", key)
	}
}

// RES-01: AuthorityItems at the cap and one above, for every list of authority.
func TestRES01AuthorityItems(t *testing.T) {
	item := map[string]func(i int) string{
		"capabilities":         func(i int) string { return fmt.Sprintf(`{"action":"a%d"}`, i) },
		"deniedActions":        func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"allowedMPPCategories": func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"paymentRails":         func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"spendLimits": func(i int) string {
			return fmt.Sprintf(`{"amount":"1","currency":"EUR","per":"day","action":"a%d"}`, i)
		},
		"payees":    func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"resources": func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"audiences": func(i int) string { return fmt.Sprintf(`"a%d"`, i) },
		"regions":   func(i int) string { return fmt.Sprintf(`"DE-%d"`, i) },
		"timeWindows": func(i int) string {
			return fmt.Sprintf(`{"days":["mon"],"start":"00:%02d","end":"24:00","timeZone":"UTC"}`, i%60)
		},
	}
	item["timeWindows"] = func(i int) string {
		return fmt.Sprintf(`{"days":["mon"],"start":"%02d:%02d","end":"24:00","timeZone":"UTC"}`, i/60, i%60)
	}
	list := func(n int, f func(int) string) string {
		out := make([]string, n)
		for i := range out {
			out[i] = f(i)
		}
		return strings.Join(out, ",")
	}
	cap := limits.Default().AuthorityItems
	texts := map[string]func(n int) string{
		"limits": func(n int) string {
			return "{" + list(n, func(i int) string { return fmt.Sprintf(`"max_a%d":1`, i) }) + "}"
		},
		"capabilities/0/params": func(n int) string {
			return "{" + list(n, func(i int) string { return fmt.Sprintf(`"a%d":1`, i) }) + "}"
		},
		"capabilities/0/params/category": func(n int) string { return "[" + list(n, func(i int) string { return fmt.Sprintf(`"a%d"`, i) }) + "]" },
	}
	for name, f := range item {
		texts[name] = func(n int) string { return "[" + list(n, f) + "]" }
	}
	for member, text := range texts {
		t.Run(member, func(t *testing.T) {
			_, err := decode(edited(t, largest(t), map[string]any{"/credentialSubject/" + member: raw(text(cap))}))
			require.NoError(t, err)
			above := edited(t, largest(t), map[string]any{"/credentialSubject/" + member: raw(text(cap + 1))})
			refuse(t, above, code.EnvelopeTooLarge, "65 items, at most 64")
			s, err := credential.Parse([]byte(above))
			require.NoError(t, err)
			_, err = seam.MustBorrow[func(*credential.Signed, int) (*passport.Passport, error)]("passport.read")(s, cap+1)
			require.NoError(t, err, "the bound is the caller's")
		})
	}
}

func TestRulesOfMembers(t *testing.T) {
	s := "/credentialSubject/"
	lower := "urn:safeconduct:passport:01jd7z3f0k9q6t4v8xw2y5n1rb"
	for _, c := range []struct {
		name  string
		edits map[string]any
		code  code.Code
		says  string
	}{
		{"not a passport", map[string]any{"/type": []string{"VerifiableCredential"}}, code.EnvelopeUnsupported, "not a VC 2.0 of type"},
		{"a third type", map[string]any{"/type/-": "ManifestationOfWillCredential"}, code.EnvelopeMalformed, "want exactly"},
		{"our context is not the second", map[string]any{"/@context": []string{credential.ContextV2,
			"https://w3id.org/vc/status-list/2021/v1", passport.Context}}, code.EnvelopeContext, "second context"},
		{"no id", map[string]any{"/id": gone{}}, code.EnvelopeMalformed, "has an id"},
		{"id without ULID", map[string]any{"/id": "urn:safeconduct:passport:1"}, code.EnvelopeMalformed, "does not end in a ULID"},
		{"lower-case ULID", map[string]any{"/id": lower}, code.EnvelopeMalformed, "does not end in a ULID"},
		{"ULID beyond its range", map[string]any{"/id": "urn:safeconduct:passport:81JD7Z3F0K9Q6T4V8XW2Y5N1RB"},
			code.EnvelopeMalformed, "does not end in a ULID"},
		{"ULID with a letter that is none", map[string]any{"/id": "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RU"},
			code.EnvelopeMalformed, "does not end in a ULID"},
		{"ULID and more", map[string]any{"/id": "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB0"}, code.EnvelopeMalformed, "does not end in a ULID"},
		{"no validFrom", map[string]any{"/validFrom": gone{}}, code.EnvelopeMalformed, "both validFrom and validUntil"},
		{"TIM-02 no validUntil", map[string]any{"/validUntil": gone{}}, code.EnvelopeMalformed, "both validFrom and validUntil"},
		{"TIM-10 ends when it begins", map[string]any{"/validUntil": "2026-11-21T00:00:00Z"}, code.EnvelopeMalformed, "ends when it begins"},
		{"issuer that is not a DID", map[string]any{"/issuer": "https://issuer.example"}, code.EnvelopeMalformed, "the issuer of a passport is a DID"},
		{"issuer as DID URL", map[string]any{"/issuer/id": "did:web:issuer.example#key"}, code.EnvelopeMalformed, "the issuer of a passport is a DID"},
		{"two subjects", map[string]any{"/credentialSubject": raw(`[{"id":"did:web:a.example","type":"AIAgent"},{"id":"did:web:b.example","type":"AIAgent"}]`)},
			code.EnvelopeMalformed, "one credentialSubject"},
		{"subject in a list", map[string]any{"/credentialSubject": raw(`[{"id":"did:web:a.example","type":"AIAgent"}]`)},
			code.EnvelopeMalformed, "one credentialSubject"},
		{"MOD-04 no agent", map[string]any{s + "id": gone{}}, code.EnvelopeMalformed, "the subject has no id"},
		{"agent that is not a DID", map[string]any{s + "id": "https://agent.example"}, code.EnvelopeMalformed, ""},
		{"agent as DID URL", map[string]any{s + "id": "did:web:agent.example#key"}, code.EnvelopeMalformed, ""},
		{"no status", map[string]any{"/credentialStatus": gone{}}, code.EnvelopeMalformed, "where its status is found"},
		{"STL-02 index", map[string]any{"/credentialStatus/0/statusListIndex": "01"}, code.StatusInvalid, "without sign or leading zero"},
		{"status with the issuer's id", map[string]any{"/credentialStatus/1/id": keyOf(t, 1).DID().String(),
			"/issuer": keyOf(t, 1).DID().String()}, code.EnvelopeMalformed, "identifier of the issuer"},
		{"consent with the issuer's id", map[string]any{s + "consent/id": keyOf(t, 1).DID().String(),
			"/issuer": keyOf(t, 1).DID().String()}, code.EnvelopeMalformed, "identifier of the issuer"},
		{"consent with the subject's id", map[string]any{s +
			"consent/id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, code.EnvelopeMalformed, "two objects"},
		{"consent of another type", map[string]any{s + "consent/type": "AgentPassportCredential"}, code.EnvelopeMalformed, "not one of"},
		{"consent without type", map[string]any{s + "consent/type": gone{}}, code.EnvelopeMalformed, "consent needs"},
		{"consent without id", map[string]any{s + "consent/id": gone{}}, code.EnvelopeMalformed, "consent needs"},
		{"consent without digest", map[string]any{s + "consent/digestMultibase": gone{}}, code.EnvelopeMalformed, "consent needs"},
		{"MOD-13 digest in another base", map[string]any{s +
			"consent/digestMultibase": "zQmWvQxTqbG2Z9HPJgG57jjwR154cKhbtJenbyYTWkjgF3e"}, code.EnvelopeMalformed, "SHA-256 multihash"},
		{"MOD-12 digest cut", map[string]any{s + "attestation/modelDigest": digestA[:40]}, code.EnvelopeMalformed, "SHA-256 multihash"},
		{"MOD-12 digest of another algorithm",
			map[string]any{s + "attestation/toolsDigest": "uEyBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"}, code.EnvelopeMalformed, "SHA-256 multihash"},
		{"digest of evidence", map[string]any{s + "assurance/evidenceDigest": "x"}, code.EnvelopeMalformed, "SHA-256 multihash"},
		{"prompt digest", map[string]any{s + "attestation/promptDigest": "x"}, code.EnvelopeMalformed, "SHA-256 multihash"},
		{"unknown level", map[string]any{s + "assurance/level": "L4"}, code.EnvelopeMalformed, "not a level"},
		{"level in lower case", map[string]any{s + "assurance/level": "l3"}, code.EnvelopeMalformed, "not a level"},
		{"no level", map[string]any{s + "assurance/level": gone{}}, code.EnvelopeMalformed, "needs a level"},
		{"provider with a space", map[string]any{s + "assurance/provider": "id check"}, code.EnvelopeMalformed, "white space"},
		{"TIM-03 verifiedAt", map[string]any{s + "assurance/verifiedAt": "2026-11-01T10:00:60Z"}, code.EnvelopeMalformed, "instant"},
		{"principal that is not an IRI", map[string]any{s + "humanPrincipal": "alice"}, code.EnvelopeMalformed, "absolute IRI"},
		{"organisation that is not an IRI", map[string]any{s + "organizationDID": "acme"}, code.EnvelopeMalformed, "absolute IRI"},
		{"template that is no passport", map[string]any{s + "templateId": "urn:template:1"}, code.EnvelopeMalformed, "not the id of a passport"},
		{"bare * allowed", map[string]any{s + "capabilities/1/action": "*"}, code.EnvelopeMalformed, "allows everything"},
		{"wildcard in the middle", map[string]any{s + "deniedActions/0": "a.*.b"}, code.EnvelopeMalformed, "whole last segment"},
		{"capability without action", map[string]any{s + "capabilities/0/action": gone{}}, code.EnvelopeMalformed, "has an action"},
		{"OAP's name of the action", map[string]any{s + "capabilities/0/id": "payments.charge"}, code.EnvelopeMalformed, ""},
		{"nested parameter", map[string]any{s + "capabilities/0/params/x": raw(`{"a":1}`)}, code.EnvelopeMalformed, "a parameter is"},
		{"null parameter", map[string]any{s + "capabilities/0/params/x": nil}, code.EnvelopeMalformed, "a parameter is"},
		{"fraction as parameter", map[string]any{s + "capabilities/0/params/x": raw("1.5")}, code.EnvelopeMalformed, "whole number"},
		{"list of numbers as parameter", map[string]any{s + "capabilities/0/params/x": raw("[1]")}, code.EnvelopeMalformed, "want a string"},
		{"string twice in a parameter", map[string]any{s + "capabilities/0/params/x": raw(`["a","a"]`)}, code.EnvelopeMalformed, "is listed twice"},
		{"empty list as parameter", map[string]any{s + "capabilities/0/params/x": raw(`[]`)}, code.EnvelopeMalformed, "not empty"},
		{"name of a parameter", map[string]any{s + "capabilities/0/params/a b": 1}, code.EnvelopeMalformed, "does not name an attribute"},
		{"DEL-01 empty params", map[string]any{s + "capabilities/0/params": raw("{}")}, code.EnvelopeMalformed, "leave it out"},
		{"DEL-01 empty limits", map[string]any{s + "limits": raw("{}")}, code.EnvelopeMalformed, "leave it out"},
		{"category", map[string]any{s + "allowedMPPCategories/0": "off ice"}, code.EnvelopeMalformed, "not a name"},
		{"long category", map[string]any{s + "allowedMPPCategories/0": strings.Repeat("a", 65)}, code.EnvelopeMalformed, "not a name"},
		{"rail", map[string]any{s + "paymentRails/0": "käse"}, code.EnvelopeMalformed, "not a name"},
		{"star inside a payee", map[string]any{s + "payees/0": "https://*.example/*"}, code.EnvelopeMalformed, "'*'"},
		{"star behind text", map[string]any{s + "resources/0": "https://a.example/x*"}, code.EnvelopeMalformed, "'*'"},
		{"bare star", map[string]any{s + "audiences/0": "*"}, code.EnvelopeMalformed, "'*'"},
		{"two stars", map[string]any{s + "audiences/0": "a/*/*"}, code.EnvelopeMalformed, "'*'"},
		{"region", map[string]any{s + "regions/0": "EU"}, code.EnvelopeMalformed, "ISO 3166-1"},
		{"MON-04", map[string]any{s + "maxTransactionAmount/amount": "1.001"}, code.EnvelopeMalformed, "fraction digits"},
		{"MON-05 currency", map[string]any{s + "maxTransactionAmount/currency": "eur"}, code.EnvelopeMalformed, "not a currency"},
		{"decimals of a currency", map[string]any{s + "maxTransactionAmount/decimals": 2}, code.EnvelopeMalformed, "want 3 to 9"},
		{"no amount", map[string]any{s + "maxTransactionAmount/amount": gone{}}, code.EnvelopeMalformed, "not a plain decimal"},
		{"no currency", map[string]any{s + "maxTransactionAmount/currency": gone{}}, code.EnvelopeMalformed, "not a currency"},
		{"asset without decimals", map[string]any{s + "spendLimits/3/decimals": gone{}}, code.EnvelopeMalformed, "needs its number of decimals"},
		{"decimals beyond 18", map[string]any{s + "spendLimits/3/decimals": 19}, code.EnvelopeMalformed, "want 0 to 18"},
		{"one asset with two decimals", map[string]any{s +
			"spendLimits/-": map[string]any{"amount": "1", "currency": dai, "decimals": 6, "per": "day"}}, code.EnvelopeMalformed, "18 and with 6 decimals"},
		{"ceiling with other decimals", map[string]any{s +
			"maxTransactionAmount": map[string]any{"amount": "1", "currency": dai, "decimals": 6}}, code.EnvelopeMalformed, "6 and with 18 decimals"},
		{"no period", map[string]any{s + "spendLimits/0/per": gone{}}, code.EnvelopeMalformed, "not a period"},
		{"unknown period", map[string]any{s + "spendLimits/0/per": "year"}, code.EnvelopeMalformed, "not a period"},
		{"calendar of a transaction", map[string]any{s + "spendLimits/2/timeZone": "UTC"}, code.EnvelopeMalformed, "no calendar"},
		{"calendar of a lifetime", map[string]any{s + "spendLimits/3/timeZone": "UTC"}, code.EnvelopeMalformed, "no calendar"},
		{"action of a limit", map[string]any{s + "spendLimits/2/action": "*"}, code.EnvelopeMalformed, "allows everything"},
		{"negative depth", map[string]any{s + "maxDelegationDepth": -1}, code.EnvelopeMalformed, "small whole number"},
		{"enormous depth", map[string]any{s + "maxDelegationDepth": 1<<20 + 1}, code.EnvelopeMalformed, "small whole number"},
		{"depth with fraction", map[string]any{s + "maxDelegationDepth": raw("1.0")}, code.EnvelopeMalformed, ""},
		{"extensions as a list", map[string]any{s + "extensions": raw("[1]")}, code.EnvelopeMalformed, ""},
	} {
		t.Run(c.name, func(t *testing.T) { refuse(t, edited(t, largest(t), c.edits), c.code, c.says) })
	}
}

func TestWhatIsNoFault(t *testing.T) {
	s := "/credentialSubject/"
	for name, edits := range map[string]map[string]any{
		"CAN-32 types in the other order": {"/type": []string{passport.Type, credential.TypeCredential}},
		"another prefix of the id":        {"/id": "urn:grantex:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB"},
		"depth 0 at the root":             {s + "delegationDepth": 0},
		"no delegation, said":             {s + "maxDelegationDepth": 0},
		"empty extensions":                {s + "extensions": raw("{}")},
		"deny everything":                 {s + "deniedActions": []string{"*"}},
		"absolute path":                   {s + "resources/0": "/*"},
		"self-issued, issuer as a string": {"/issuer": keyOf(t, 1).DID().String(), s + "id": keyOf(t, 1).DID().String()},
		"one status entry in a list": {"/credentialStatus": []any{raw(`{"type":"StatusList2021Entry",` +
			`"statusPurpose":"revocation","statusListIndex":"12","statusListCredential":"https://issuer.example/status/2"}`)}},
		"mailto":                            {s + "humanPrincipal": "mailto:alice@acme.example"},
		"instants with offset and fraction": {"/validFrom": "2026-11-21T01:00:00.5+01:00"},
	} {
		_, err := decode(edited(t, largest(t), edits))
		require.NoError(t, err, name)
	}
}

func TestDelegatedLinks(t *testing.T) {
	s := "/credentialSubject/"
	for _, c := range []struct {
		name  string
		edits map[string]any
		says  string
	}{
		{"no parent", map[string]any{s + "parentPassportId": gone{}}, "names its parent"},
		{"no digest", map[string]any{s + "parentDigest": gone{}}, "names its parent"},
		{"no depth", map[string]any{s + "delegationDepth": gone{}}, "states its delegationDepth"},
		{"depth 0", map[string]any{s + "delegationDepth": 0}, "states its delegationDepth"},
		{"only a digest", map[string]any{s + "delegationDepth": gone{}, s + "parentPassportId": gone{}}, "states its delegationDepth"},
		{"only a parent", map[string]any{s + "delegationDepth": gone{}, s + "parentDigest": gone{}}, "states its delegationDepth"},
		{"instance of a template", map[string]any{s + "templateId": someID}, "not an instance of a template"},
		{"deeper than it allows", map[string]any{s + "delegationDepth": 3}, "less than the link's own depth"},
		{"DEL-01 allows depth 0", map[string]any{s + "maxDelegationDepth": 0}, "less than the link's own depth"},
		{"parent that is no passport", map[string]any{s + "parentPassportId": "urn:x:1"}, "not the id of a passport"},
		{"digest of the parent", map[string]any{s + "parentDigest": "abc"}, "SHA-256 multihash"},
	} {
		t.Run(c.name, func(t *testing.T) { refuse(t, edited(t, delegatedText(t), c.edits), code.EnvelopeMalformed, c.says) })
	}
	for name, edits := range map[string]map[string]any{
		"without status":   {"/credentialStatus": gone{}},
		"its own depth":    {s + "maxDelegationDepth": 1},
		"may not delegate": {s + "maxDelegationDepth": gone{}},
	} {
		_, err := decode(edited(t, delegatedText(t), edits))
		require.NoError(t, err, name)
	}
}

func TestPAR15InvisibleCharacters(t *testing.T) {
	s := "/credentialSubject/"
	for _, r := range []string{"\x00", "\x07", "\n", "\u00ad", "\u200b", "\u202e", "\u2066", "\ufeff", "\u0378", "\ue000"} {
		for pointer, text := range map[string]string{
			"/id": "urn:safe%sconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB", s + "id": "did:web:agent%s.example",
			"/issuer/id": "did:web:issuer%s.example", s + "humanPrincipal": "did:web:alice%s.example", s +
				"grantId": "grnt_%s1", s + "templateId": "urn:%s:01JD7Z3F0K9Q6T4V8XW2Y5N1RT",
			s + "capabilities/0/action": "pay%sments", s + "deniedActions/0": "pay%sments", s +
				"allowedMPPCategories/0": "off%sice", s + "paymentRails/0": "ca%srd", s + "maxTransactionAmount/currency": "EU%sR",
			s + "payees/0": "https://shop%s.example/*", s + "resources/0": "file:///srv%s", s +
				"audiences/0": "did:web:shop%s.example", s + "regions/0": "D%sE", s + "consent/id": "urn:will:%s1",
			s + "spendLimits/2/action": "pay%sments", s + "assurance/provider": "id%scheck",
		} {
			_, err := decode(edited(t, largest(t), map[string]any{pointer: fmt.Sprintf(text, r)}))
			require.Error(t, err, "%s with %q", pointer, r)
		}
	}
}

func TestPAR16NamesAreNotNormalised(t *testing.T) {
	composed, decomposed := "https://caf\u00e9.example/x", "https://cafe\u0301.example/x"
	p, err := decode(edited(t, largest(t), map[string]any{"/credentialSubject/payees": []string{composed, decomposed}}))
	require.NoError(t, err, "two different names")
	require.Equal(t, []string{composed, decomposed}, p.Authority.Payees)
	require.False(t, passport.TextCovers(composed, decomposed))
	a := &passport.Authority{Capabilities: []passport.Capability{{Action: "a"}}, Resources: []string{composed}}
	require.Empty(t, passport.Permits([]*passport.Authority{a}, &passport.Act{Action: "a", Resource: composed}, "", instant))
	require.Len(t, passport.Permits([]*passport.Authority{a}, &passport.Act{Action: "a", Resource: decomposed}, "", instant), 1)
}

func TestErrorsNameThePlace(t *testing.T) {
	s := "/credentialSubject/"
	for pointer, edits := range map[string]map[string]any{
		s + "spendLimits/2/action":            {s + "spendLimits/2/action": "A"},
		s + "capabilities/1/action":           {s + "capabilities/1/action": "A"},
		s + "timeWindows/1/timeZone":          {s + "timeWindows/1/timeZone": "Nowhere"},
		s + "payees/1":                        {s + "payees/1": "*"},
		"/validUntil":                         {"/validUntil": "2026-11-21T00:00:00Z"},
		"/credentialStatus":                   {"/credentialStatus": gone{}},
		s + "spendLimits":                     {s + "maxTransactionAmount": map[string]any{"amount": "1", "currency": dai, "decimals": 6}},
		"/issuer":                             {"/issuer": "https://x.example"},
		"/id":                                 {"/id": "urn:x:y"},
		"/credentialStatus/0/statusListIndex": {"/credentialStatus/0/statusListIndex": "-1"},
		s + "limits/tokens":                   {s + "limits": raw(`{"tokens":1}`)},
	} {
		_, err := decode(edited(t, largest(t), edits))
		var e *passport.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, pointer, e.Path, "%v", err)
	}
}

func TestNothingToRead(t *testing.T) {
	_, err := passport.ReadUnverified(nil)
	require.ErrorIs(t, err, code.RequestInvalid)
}

func FuzzReadUnverified(f *testing.F) {
	f.Add(largest(f))
	f.Add(delegatedText(f))
	f.Add(issue(f, small(f)).Text())
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := credential.Parse([]byte(text))
		if err != nil {
			return
		}
		p, err := passport.ReadUnverified(s)
		if err != nil {
			var e *passport.Error
			require.ErrorAs(t, err, &e)
			return
		}
		require.NotEqual(t, did.DID{}, p.Agent)
		require.True(t, p.ValidUntil.After(p.ValidFrom))
		passport.Permits([]*passport.Authority{&p.Authority}, &passport.Act{Action: "payments.charge", Amount: passport.MustMoney("1", "EUR")}, "", instant)
	})
}
