package verify_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestStep1Form(t *testing.T) {
	const types = `"type":["VerifiablePresentation","AgentPresentation"]`
	run(t, []fault{
		{name: "CAN-27 another second context", want: verify.EnvelopeContext,
			bytes: replace(`"https://w3id.org/safeconduct/v1"],"type":["VerifiableP`,
				`"https://w3id.org/security/data-integrity/v2","https://w3id.org/safeconduct/v1"],"type":["VerifiableP`)},
		{name: "one type more", want: verify.EnvelopeMalformed, bytes: replace(types, `"type":["VerifiablePresentation","AgentPresentation","AgentIntent"]`)},
		{name: "MOD-05 no holder", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return cut(b, "holder") }},
		{name: "MOD-10 a member that is defined but not here", want: verify.EnvelopeMalformed, bytes: replace(`"holder":`, `"name":"x","holder":`)},
		{name: "an amount too precise", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"12.50"`, `"amount":"12.505"`)},
		{name: "proof of one suite twice", want: verify.EnvelopeMalformed, bytes: func(w *verifytest.World, b []byte) []byte {
			return secondProof(w, b, credential.SignOptions{Domain: []string{verifytest.Audience}, Challenge: strings.Repeat("c", 16)})
		}},
		{name: "SIG-18 three proofs", want: verify.EnvelopeTooLarge, bytes: func(w *verifytest.World, b []byte) []byte {
			b = secondProof(w, b, credential.SignOptions{Challenge: strings.Repeat("c", 16)})
			return secondProof(w, b, credential.SignOptions{Challenge: strings.Repeat("d", 16)})
		}},
		{name: "SIG-16 a chain of proofs", want: verify.EnvelopeMalformed, bytes: func(w *verifytest.World, b []byte) []byte {
			b = resign(w, b, w.Agent, func(o *credential.SignOptions) { o.ProofID = "urn:example:1" })
			v, err := credential.ParseValue(string(b))
			require.NoError(t, err)
			first := v.Get("proof").Raw()
			only := strings.Replace(first, `"id":"urn:example:1"`, `"previousProof":"urn:example:0"`, 1)
			return bytes.Replace(b, []byte(first), []byte(only), 1)
		}},
	})
}

func TestStep1Credentials(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	plain, err := credential.SignJSON(ctx, w.Issuer, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],`+
		`"type":["VerifiableCredential","ManifestationOfWillCredential"],"issuer":"`+w.Issuer.DID().String()+`",`+
		`"credentialSubject":{"id":"mailto:ada@example.org","type":"ManifestationOfWill","statementDigest":"`+
		passport.Digest(nil)+`"}}`), credential.SignOptions{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		list []*credential.Signed
		want verify.Code
	}{
		"something else first":     {[]*credential.Signed{plain, pass}, verify.EnvelopeUnsupported},
		"a passport after another": {[]*credential.Signed{pass, plain, w.Issue(w.Passport())}, verify.EnvelopeMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.Intent(func(in *passport.Intent) { in.PassportID = "other" })
			_, err := w.Verifier().Verify(ctx, present(t, w, in, c.list...), w.Request())
			verifytest.AssertDenied(t, err, c.want)
		})
	}
	run(t, []fault{{name: "MOD-07 one twice", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte {
		vp, err := credential.ParsePresentation(b)
		require.NoError(t, err)
		text := vp.Unverified().Credentials[0].Text()
		return bytes.Replace(b, []byte(text), []byte(text+","+text), 1)
	}}})
}

// A passport with two proofs of one suite, both good, is refused for its form.
func TestStep1TwoProofsOnAPassport(t *testing.T) {
	w := verifytest.NewWorld(t)
	once := w.Issue(w.Passport())
	twice, err := credential.SignJSON(ctx, w.Issuer, once.Bytes(), credential.SignOptions{Nonce: "another"})
	require.NoError(t, err)
	d, err := w.Verifier().Verify(ctx, w.Present(twice, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.EnvelopeMalformed)
	require.Equal(t, verify.StepEnvelope, d.Violations[0].Step)
}

func TestStep1Envelope(t *testing.T) {
	run(t, []fault{
		{name: "nothing", want: verify.EnvelopeMissing, bytes: func(*verifytest.World, []byte) []byte { return nil }},
		{name: "no JSON", want: verify.EnvelopeUnsupported, bytes: func(*verifytest.World, []byte) []byte { return []byte("hello") }},
		{name: "PAR-05 data behind", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return append(b, '{') }},
		{name: "PAR-01 member twice", want: verify.EnvelopeMalformed, bytes: replace(`"holder":`, `"holder":"did:key:z6Mk","holder":`)},
		{name: "PAR-03 other case", want: verify.EnvelopeDataLoss, bytes: replace(`"maxTransactionAmount":`, `"MaxTransactionAmount":`)},
		{name: "MOD-10 unknown member", want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"evil":"x","capabilities":`)},
		{name: "MOD-10 unknown limit", want: verify.EnvelopeMalformed,
			bytes: replace(`"allowedMPPCategories":`, `"limits":{"no_such":1},"allowedMPPCategories":`)},
		{name: "MON-03 number as amount", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"50.00"`, `"amount":50`)},
		{name: "MON-04 too precise", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"50.00"`, `"amount":"50.001"`)},
		{name: "MON-05 unknown currency", want: verify.EnvelopeMalformed, bytes: replace(`"currency":"USD"`, `"currency":"usd"`)},
		{name: "CAN-22 unknown context", want: verify.EnvelopeContext,
			bytes: replace(`"https://w3id.org/safeconduct/v1"]`, `"https://w3id.org/safeconduct/v1","https://example.com/v1"]`)},
		{name: "CAN-15 inline context", want: verify.EnvelopeContext,
			bytes: replace(`"https://w3id.org/safeconduct/v1"]`, `"https://w3id.org/safeconduct/v1",{"@vocab":"https://example.com/"}]`)},
		{name: "CAN-27 context order", want: verify.EnvelopeContext,
			bytes: replace(`["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"]`,
				`["https://w3id.org/safeconduct/v1","https://www.w3.org/ns/credentials/v2"]`)},
		{name: "no intent", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return cut(b, "intent") }},
		{name: "no credentials", want: verify.EnvelopeMissing, bytes: func(w *verifytest.World, b []byte) []byte {
			v := cut(b, "verifiableCredential")
			return v
		}},
		{name: "SIG-18 no proof", want: verify.ProofMissing, bytes: func(_ *verifytest.World, b []byte) []byte {
			i := bytes.LastIndex(b, []byte(`,"proof":`))
			return append(b[:i:i], '}')
		}},
		{name: "bare passport", want: verify.PresentationRequired, bytes: bare},
		{name: "too many links", want: verify.EnvelopeTooLarge, config: func(_ *verifytest.World, c *verify.Config) {
			c.Bounds.Documents.DocumentBytes, c.Bounds.Documents.PresentationBytes = 1000, 1000
		}},
	})
}

func TestBarePassportByName(t *testing.T) {
	allow := func(_ *verifytest.World, c *verify.Config) { c.InsecureAllowBarePassports = true }
	d, err := fault{bytes: bare, config: allow}.decide(t)
	require.NoError(t, err)
	require.Nil(t, d.Intent)
	run(t, []fault{
		{name: "tampered", want: verify.ProofInvalid, config: allow, bytes: func(w *verifytest.World, b []byte) []byte {
			return replace(`"50.00"`, `"90.00"`)(w, bare(w, b))
		}},
		{name: "revoked", want: verify.StatusRevoked, config: allow, bytes: bare,
			before: func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) }},
		{name: "over the limit", want: verify.AuthorityAmountExceeded, config: allow, bytes: bare,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("50.01", "USD") }},
	})
}

// The places in a refusal are those of what was presented: a bare passport, or
// a link of the presentation, from step to step.
func TestRefusalsTellPlaces(t *testing.T) {
	allow := func(_ *verifytest.World, c *verify.Config) { c.InsecureAllowBarePassports = true }
	for name, c := range map[string]struct {
		fault
		path string
	}{
		"envelope": {fault{bytes: replace(`"50.00"`, `"50.001"`)}, "/credentialSubject/maxTransactionAmount"},
		"anchor":   {fault{config: func(_ *verifytest.World, c *verify.Config) { c.Anchors[0].Issuer = verifytest.Key("x").DID() }}, "/issuer"},
		"time":     {fault{before: func(w *verifytest.World, _ *passport.Passport) { w.Clock.Advance(10000 * time.Hour) }}, ""},
		"proof":    {fault{bytes: replace(`"50.00"`, `"90.00"`)}, "/proof"},
		"status":   {fault{before: func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) }}, "/credentialStatus/0"},
		"act": {fault{
			intent: func(in *passport.Intent) { in.Amount = passport.MustMoney("50.01", "USD") },
			ask:    func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("50.01", "USD") },
		}, "/credentialSubject/maxTransactionAmount"},
	} {
		for _, place := range []string{"", "/verifiableCredential/0"} {
			f := c.fault
			change := f.bytes
			if change == nil {
				change = func(_ *verifytest.World, b []byte) []byte { return b }
			}
			f.bytes = change
			if place == "" {
				f.bytes = func(w *verifytest.World, b []byte) []byte { return change(w, bare(w, b)) }
				config := f.config
				f.config = func(w *verifytest.World, cfg *verify.Config) {
					allow(w, cfg)
					if config != nil {
						config(w, cfg)
					}
				}
			}
			d, err := f.decide(t)
			require.Error(t, err, name)
			require.Equal(t, place+c.path, d.Violations[0].Path, "%s: %v", name, err)
		}
	}
}

// A token longer than any string may be stands in a presentation.
func TestLargeTokensCanBePresented(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport(func(p *passport.Passport) { p.Description = strings.Repeat("x", 15000) })
	s, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
	require.NoError(t, err)
	_, err = passport.Present(ctx, w.Agent, passport.Chain{s}, w.Intent(), verifytest.Audience, passport.PresentOptions{Now: w.Clock.Now})
	require.NoError(t, err)
}

// DEL-13: a kind of constraint that is not known is not skipped.
func TestStep1DEL13UnknownConstraints(t *testing.T) {
	run(t, []fault{
		{name: "caveat", want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"caveats":[{"never":true}],"capabilities":`)},
		{name: "kind of limit", want: verify.EnvelopeMalformed, bytes: replace(`"allowedMPPCategories":`, `"limits":{"min_rows":1},"allowedMPPCategories":`)},
		{name: "kind of parameter", want: verify.EnvelopeMalformed,
			bytes: replace(`{"action":"payments.charge"}`, `{"action":"payments.charge","params":{"x":{"y":1}}}`)},
		{name: "period", want: verify.EnvelopeMalformed,
			bytes: replace(`"allowedMPPCategories":`, `"spendLimits":[{"amount":"1","currency":"USD","per":"year"}],"allowedMPPCategories":`)},
	})
}

// STL-05: the status entry cannot be taken away or blinded under a signature
// that stays valid, with either suite.
func TestStep1STL05StatusTakenAway(t *testing.T) {
	for _, suite := range []string{credential.SuiteJCS, credential.SuiteRDFC} {
		w := verifytest.NewWorld(t)
		p := w.Passport(func(p *passport.Passport) {
			p.Status = p.Status[:1]
			p.Status[0].ID = "urn:safeconduct:status:passport:01KAJ0000000000000000000AA"
		})
		signed, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Suite: suite})
		require.NoError(t, err)
		w.Lists.Set(p.Status[0], 1)
		_, err = w.Verifier().Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		verifytest.AssertDenied(t, err, verify.StatusRevoked)
		raw := w.Present(signed, w.Intent())
		for name, edit := range map[string][2]string{
			"relative id":       {`"urn:safeconduct:status:passport:01KAJ0000000000000000000AA"`, `"rel"`},
			"id dropped by RDF": {`"urn:safeconduct:status:passport:01KAJ0000000000000000000AA"`, `"http://-bad-/x"`},
			"aliased":           {`"credentialStatus":`, `"https://www.w3.org/2018/credentials#credentialStatus":`},
			"other purpose":     {`"statusPurpose":"revocation"`, `"statusPurpose":"message"`},
			"as data":           {`"credentialStatus":`, `"evidence":`},
		} {
			broken := bytes.Replace(raw, []byte(edit[0]), []byte(edit[1]), 1)
			require.NotEqual(t, raw, broken, name)
			// The agent, who would do this, signs the presentation anew.
			if vp, err := credential.ParsePresentation(broken); err == nil && vp != nil {
				broken = resign(w, broken, w.Agent, keep)
			}
			d, err := w.Verifier().Verify(ctx, broken, w.Request())
			require.Error(t, err, "%s %s", suite, name)
			require.Equal(t, verify.Deny, d.Verdict)
		}
	}
}
