package aip1_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/verify"
)

// members yields the path of every member of a document, by the document itself.
func members(v any, path string, yield func(path string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			yield(path + "/" + name)
			if name != "parameters" {
				members(m, path+"/"+name, yield)
			}
		}
	case []any:
		for i, m := range v {
			members(m, fmt.Sprint(path, "/", i), yield)
		}
	}
}

// change sets the member at a path, or takes it away.
func change(t *testing.T, text, path string, value any, away bool) string {
	var doc any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&doc))
	names := strings.Split(path, "/")[1:]
	at := doc
	for _, name := range names[:len(names)-1] {
		if list, ok := at.([]any); ok {
			at = list[0]
		} else {
			at = at.(map[string]any)[name]
		}
	}
	if last := names[len(names)-1]; away {
		delete(at.(map[string]any), last)
	} else if object, ok := at.(map[string]any); ok {
		object[last] = value
	}
	out, err := json.Marshal(doc)
	require.NoError(t, err)
	return string(out)
}

// A13: every member of both documents must be there, under its name, and be of
// its kind; the refusal says which. Another member is refused in every object.
func TestA13EveryMember(t *testing.T) {
	e := plain()
	e.Boundaries.Window = &aip1.TimeWindow{Start: now, End: now}
	for kind, text := range map[string]string{"envelope": sign(e), "mandate": mandate(func(m *aip1.Mandate) {
		m.Boundaries.Window = e.Boundaries.Window
	})} {
		parse := func(text string) error {
			if kind == "envelope" {
				_, err := aip1.ParseEnvelopeUnverified(text, aip1.Strict)
				return err
			}
			_, err := aip1.ParseMandateUnverified(text, aip1.Strict)
			return err
		}
		require.NoError(t, parse(text))
		var doc any
		require.NoError(t, json.Unmarshal([]byte(text), &doc))
		n := 0
		members(doc, "", func(path string) {
			n++
			require.ErrorContains(t, parse(change(t, text, path, nil, true)), path, "left out")
			var other any = 7.5
			if strings.HasSuffix(path, "per_transaction") || strings.HasSuffix(path, "per_day") {
				other = true
			}
			require.ErrorContains(t, parse(change(t, text, path, other, false)), path, "of another kind")
			if strings.HasSuffix(path, "per_transaction") || strings.HasSuffix(path, "per_day") ||
				strings.HasSuffix(path, "threshold") {
				require.ErrorContains(t, parse(change(t, text, path, "7", false)), path, "a text")
			}
			parent := path[:strings.LastIndex(path, "/")]
			require.ErrorContains(t, parse(change(t, text, parent+"/extra", 1, false)), `"extra"`)
		})
		require.Greater(t, n, 20)
	}
}

// A13: what is signed is read back as it was.
func TestA13SignReadIdentity(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "transfer_funds", "naïve – 日本 🚀", "\"\\\t\u2028\u007f<&>/"}
	some := func() []string { return append([]string(nil), texts[1:1+r.IntN(4)]...) }
	zones := []*time.Location{time.UTC, time.FixedZone("", 19800), time.FixedZone("", -3600)}
	for range 80 {
		e := plain()
		e.Agent.Version, e.Agent.Runtime = texts[1+r.IntN(3)], texts[1+r.IntN(3)]
		e.Agent.Attestation.FrameworkID = texts[r.IntN(4)]
		e.Boundaries = aip1.Boundaries{AllowedActions: some(), DeniedActions: some(), DataAccess: some(),
			Geo: texts[r.IntN(4)],
			Limit: aip1.Limit{PerTransaction: aip1.Decimal(fmt.Sprintf("%d.%02d", r.IntN(1e6), 1+r.IntN(99))),
				PerDay: "0.0", Currency: texts[1+r.IntN(3)]}}
		if r.IntN(2) == 0 {
			e.Boundaries.Window = &aip1.TimeWindow{Start: now.In(zones[r.IntN(3)]),
				End: now.Add(time.Duration(r.IntN(1e9)) * time.Microsecond)}
		}
		e.IssuedAt = now.Add(-time.Duration(r.IntN(1e8)) * time.Microsecond).In(zones[r.IntN(3)])
		e.Tier = []aip1.Tier{aip1.Tier0, aip1.Tier1, aip1.Tier2}[r.IntN(3)]
		e.TTL = 1 + r.IntN(86400)
		text := sign(e)
		for _, reading := range []aip1.Reading{aip1.Strict, aip1.Compatible} {
			got, err := aip1.ParseEnvelopeUnverified(text, reading)
			require.NoError(t, err)
			got.Proof = aip1.Proof{}
			require.Equal(t, text, sign(*got), "signed again, it is the same text")
		}
	}
}

// A13: each member of a mandate is carried.
func TestA13EveryMemberOfAMandateIsCarried(t *testing.T) {
	m := granted()
	m.ID, m.ExpiresAt = "mandate:00112233445566778899aabbccddeeff", now.Add(time.Hour)
	m.Boundaries.DeniedActions, m.Boundaries.DataAccess, m.Boundaries.Geo = []string{"delete"},
		[]string{"invoices/*"}, "de, FR"
	m.Boundaries.Window = &aip1.TimeWindow{Start: now.Add(-time.Minute), End: now.Add(time.Minute)}
	p, err := m.Translate()
	require.NoError(t, err)
	a := p.Authority
	for member, c := range map[string][2]any{
		"mandate_id": {m.ID, p.ID}, "issuer": {principal + principal, p.Issuer.String() + p.OrganizationDID},
		"subject": {agent, p.Agent.String()},
		"time_window": {[2]time.Time{now.Add(-time.Minute), now.Add(time.Minute)}, [2]time.Time{p.ValidFrom,
			p.ValidUntil}},
		"allowed_actions": {"transfer_funds", a.Capabilities[0].Action}, "denied_actions": {[]string{"delete"},
			a.DeniedActions},
		"per_transaction": {"100 USD", a.MaxTransaction.String()}, "per_day": {"150 USD per day",
			a.SpendLimits[0].String()},
		"geo_restriction": {[]string{"DE", "FR"}, a.Regions},
		"issued_at, expires_at, data_access": {`{"aip1":{"mandate_id":"mandate:00112233445566778899aabbccddeeff",` +
			`"issued_at":"2026-11-27T09:10:10.123456Z","expires_at":"2026-11-28T10:10:10.123456Z",` +
			`"time_window":{"start":"2026-11-28T09:09:10.123456Z","end":"2026-11-28T09:11:10.123456Z"},"data_access":["invoices/*"]}}`, p.Extensions.Raw()},
	} {
		require.Equal(t, c[0], c[1], member)
	}
	for path, change := range map[string]func(*aip1.Mandate){
		"/issuer": func(m *aip1.Mandate) { m.Issuer = "acme" }, "/subject": func(m *aip1.Mandate) { m.Subject = "x" },
		"/expires_at":                                func(m *aip1.Mandate) { m.ExpiresAt = time.Time{} },
		"/boundaries/time_window":                    func(m *aip1.Mandate) { m.Boundaries.Window = &aip1.TimeWindow{Start: m.IssuedAt, End: m.IssuedAt} },
		"/boundaries/allowed_actions":                func(m *aip1.Mandate) { m.Boundaries.AllowedActions = []string{"Transfer Funds"} },
		"/boundaries/denied_actions":                 func(m *aip1.Mandate) { m.Boundaries.DeniedActions = []string{"Delete!"} },
		"/boundaries/monetary_limit/per_transaction": func(m *aip1.Mandate) { m.Boundaries.Limit.PerTransaction = "1.005" },
		"/boundaries/monetary_limit/per_day":         func(m *aip1.Mandate) { m.Boundaries.Limit.PerDay = "x" },
		"/boundaries/monetary_limit/currency": func(m *aip1.Mandate) {
			m.Boundaries.Limit = aip1.Limit{PerTransaction: "0", PerDay: "0", Currency: "BTC"}
		},
		"/boundaries/geo_restriction": func(m *aip1.Mandate) { m.Boundaries.Geo = "Germany" },
	} {
		m := m
		change(&m)
		_, err := m.Translate()
		require.ErrorContains(t, err, path)
	}
}

// A13: so is each member of an intent.
func TestA13EveryMemberOfAnIntentIsCarried(t *testing.T) {
	e := plain()
	e.Intent.Parameters = `{"amount_minor":4550,"currency":"USD","rows":3}`
	in, err := e.Translate()
	require.NoError(t, err)
	require.Equal(t, []string{"transfer_funds", "45.50 USD", `{"rows":3}`}, []string{in.Action, in.Amount.String(),
		in.Attributes.Raw()})
	require.Equal(t, e.IssuedAt.Add(300*time.Second), in.ExpiresAt)
	for path, change := range map[string]func(*aip1.Envelope){
		"/agent/id":                       func(e *aip1.Envelope) { e.Agent.ID = "x" },
		"/intent/target":                  func(e *aip1.Envelope) { e.Intent.Target = "" },
		"/entropy":                        func(e *aip1.Envelope) { e.Nonce = "" },
		"/intent/action":                  func(e *aip1.Envelope) { e.Intent.Action = "Pay Now" },
		"/intent/parameters/amount":       func(e *aip1.Envelope) { e.Intent.Parameters = `{"amount":1.005}` },
		"/intent/parameters/amount_minor": func(e *aip1.Envelope) { e.Intent.Parameters = `{"amount_minor":1.5}` },
		"/intent/parameters/payee":        func(e *aip1.Envelope) { e.Intent.Parameters = `{"payee":"x"}` },
	} {
		e := e
		change(&e)
		_, err := e.Translate()
		require.ErrorContains(t, err, path)
	}
}

// What is presented to our verifier is judged by it.
func TestA13PresentedToOurVerifier(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*aip1.Envelope)
		mandate func(*aip1.Mandate)
		dialect func(*aip1.Dialect)
		ask     func(*verify.Request)
		code    verify.Code
	}{
		"good": {},
		"another audience": {ask: func(q *verify.Request) { q.Audience = "did:web:other.example" },
			code: verify.ProofAudienceMismatch},
		"another amount": {ask: func(q *verify.Request) { q.Amount = passport.MustMoney("45.51", "USD") },
			code: verify.ProofIntentMismatch},
		"another action": {ask: func(q *verify.Request) { q.Action = "read_invoice" },
			code: verify.ProofIntentMismatch},
		"not granted": {mandate: func(m *aip1.Mandate) { m.Boundaries.AllowedActions = []string{"read_invoice"} },
			code: verify.AuthorityActionNotAllowed},
		"of a stranger": {mandate: func(m *aip1.Mandate) { m.Issuer = "did:web:other.example" },
			code: verify.AnchorUntrustedIssuer},
		"of another agent": {mandate: func(m *aip1.Mandate) { m.Subject = agent + ":x" },
			code: verify.ConsentSubjectMismatch},
		"revoked": {dialect: func(d *aip1.Dialect) {
			d.Standing = func(id string) aip1.Standing { return map[string]aip1.Standing{agent: aip1.Revoked}[id] }
		}, code: verify.StatusRevoked},
		"no key": {dialect: func(d *aip1.Dialect) { d.AgentKey = nil }, code: verify.ProofInvalid},
		"a day's limit of its own": {change: func(e *aip1.Envelope) { e.Boundaries.Limit.PerDay = "45.49" },
			code: verify.AuthorityAmountExceeded},
		"outside of the countries": {mandate: func(m *aip1.Mandate) { m.Boundaries.Geo = "DE" },
			code: verify.AuthorityRegionBlocked},
	} {
		e, m, d, q := plain(), granted(), dialect(), asked()
		if c.change != nil {
			c.change(&e)
		}
		if c.mandate != nil {
			c.mandate(&m)
		}
		if c.dialect != nil {
			c.dialect(d)
		}
		if c.ask != nil {
			c.ask(&q)
		}
		decision, err := verifier(d).Verify(context.Background(), aip1.Join(sign(e), issue(m)), q)
		require.Equal(t, c.code, decision.Code(), "%s: %v", name, err)
	}
	decision, _ := verifier(dialect()).Verify(context.Background(), []byte(sign(plain())), asked())
	require.Equal(t, verify.ConsentMissing, decision.Code(), "an envelope without a mandate")
	decision, _ = verifier(dialect()).Verify(context.Background(), aip1.Join(swap(sign(plain()), "45.5", "45.6"),
		mandate(nil)), asked())
	require.NotEqual(t, verify.Code(""), decision.Code())
}

// A12, A13: where a request comes from is the host's to say, and no member of an envelope. Boundaries with countries let
// through what comes from one of them, those of the envelope and of the mandate alike.
func TestA12CountriesOfAMandate(t *testing.T) {
	for _, c := range []struct {
		mandate, envelope, from string
		code                    verify.Code
	}{
		{"DE, fr", "", "DE", ""},
		{"DE, fr", "", "FR", ""},
		{"DE, fr", "", "DE-BY", ""},
		{"DE, fr", "DE", "DE", ""},
		{"", "", "DE", ""},
		{"DE, fr", "", "US", verify.AuthorityRegionBlocked},
		{"DE, fr", "", "", verify.AuthorityRegionBlocked},
		{"DE-BY", "", "DE", verify.AuthorityRegionBlocked},
	} {
		e, m, q := plain(), granted(), asked()
		e.Boundaries.Geo, m.Boundaries.Geo, q.Region = c.envelope, c.mandate, c.from
		d, err := verifier(dialect()).Verify(context.Background(), aip1.Join(sign(e), issue(m)), q)
		require.Equal(t, c.code, d.Code(), "%+v: %v", c, err)
		if err == nil {
			require.Empty(t, d.Intent.Region, "what the agent has not signed")
		}
	}
}

// A13, A11: what Sign fills in is what the SDK fills in, so that who names a registered framework is known by it.
func TestA13TheMethodOfAnAttestation(t *testing.T) {
	for framework, want := range map[string]string{"": "self_reported", "langchain": "framework_registry"} {
		e := plain()
		e.Agent.Attestation.FrameworkID = framework
		read, err := aip1.ParseEnvelopeUnverified(sign(e), aip1.Strict)
		require.NoError(t, err)
		require.Equal(t, want, read.Agent.Attestation.Method)

		d := dialect()
		d.Frameworks = []string{"langchain"}
		_, err = verifier(d).Verify(context.Background(), aip1.Join(sign(e), issue(granted())), asked())
		require.Equal(t, framework != "", err == nil, "%q: %v", framework, err)
	}
	e := plain()
	e.Agent.Attestation = aip1.Attestation{Method: "self_reported", FrameworkID: "langchain"}
	read, err := aip1.ParseEnvelopeUnverified(sign(e), aip1.Strict)
	require.NoError(t, err)
	require.Equal(t, "self_reported", read.Agent.Attestation.Method)
}
