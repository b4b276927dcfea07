package oap_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// P14: what is written is read back, and APort's own tools take it, too.
func TestP14WrittenIsRead(t *testing.T) {
	key, public := testKey(1)
	p, d := native(), decision(t, key)
	vc, rec := export(t, key, p), receipt(t, key)
	require.NoError(t, readPassport(p.JSON()))
	require.NoError(t, readDecision(public)(d.JSON()))
	require.NoError(t, readCredential(public)(vc))
	require.NoError(t, readCredential(public)(rec))
	for _, vp := range [][]byte{present(t, key, vc), present(t, key, vc, rec)} {
		require.NoError(t, readPresentation(public)(vp))
		require.NoError(t, oap.PresentationAsPeer(vp, challenge, shop, public))
	}
	require.NoError(t, oap.CredentialAsPeer(vc, false, public))
	require.NoError(t, oap.CredentialAsPeer(rec, true, public))
	require.NoError(t, d.VerifyAsPeer(public))
	spec := native(func(p *oap.Passport) {
		p.Spelling, p.ID, p.DID, p.ExpiresAt = oap.Spec, "5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a11", "", time.Time{}
	})
	_, err := oap.ParsePassport(spec.JSON(), oap.Compatible)
	require.NoError(t, err, "the published schema")

	c, err := oap.ParseCredential(vc)
	require.NoError(t, err)
	require.Equal(t, string(p.JSON()), string(c.Passport.JSON()), "the subject is the passport")
}

// P14: random passports and decisions are the same after they were written and read.
func TestP14Identity(t *testing.T) {
	key, public := testKey(1)
	r := rand.New(rand.NewPCG(14, 14)) //nolint:gosec // a fixed sequence
	levels := []passport.Level{passport.L0, passport.L1, passport.L2, passport.L3, passport.L4KYC, passport.L4FIN}
	word := func() string { return fmt.Sprintf("w%x", r.Uint32()) }
	for range 300 {
		p := native(func(p *oap.Passport) {
			p.ID, p.OwnerID, p.OwnerType = "ap_"+word(), word(), []string{"org", "user"}[r.IntN(2)]
			p.Assurance, p.DID = levels[r.IntN(len(levels))], "did:web:"+word()+".example"
			p.CreatedAt = now.Add(-time.Duration(r.IntN(1e6)) * time.Second)
			p.UpdatedAt = p.CreatedAt.Add(time.Minute)
			p.ExpiresAt = now.Add(time.Duration(1+r.IntN(1e6)) * time.Second)
			p.Metadata = value(fmt.Sprintf(`{%q:{"n":%d.%d,"é😀":[null,true,"\u0001\"</"]}}`, word(), r.IntN(1e9), r.IntN(1e6)))
			p.Capabilities = append(p.Capabilities, oap.Capability{ID: "acme." + word(), Params: value(`{"max_rows":` + fmt.Sprint(r.IntN(1e9)) + `}`)})
			if r.IntN(2) == 0 {
				p.Kind, p.Parent = "instance", "ap_"+word()
			}
			if r.IntN(2) == 0 {
				p.Others = value(`{"name":"` + word() + `","claimed":false,"mcp":{"servers":["https://a.example"]}}`)
			}
		})
		again, err := oap.ParsePassport(p.JSON(), oap.Strict)
		require.NoError(t, err)
		require.Equal(t, string(p.JSON()), string(again.JSON()))
		rebuilt, err := oap.NewPassport(*again)
		require.NoError(t, err)
		require.Equal(t, string(p.JSON()), string(rebuilt.JSON()), "its fields say all of it")
		require.Equal(t, p.Digest(), again.Digest())
		c, err := oap.ParseCredential(export(t, key, p))
		require.NoError(t, err)
		require.NoError(t, c.Verify(public, now))
		require.Equal(t, string(p.JSON()), string(c.Passport.JSON()))

		d := decision(t, key, func(d *oap.Decision) {
			d.ID, d.Allow, d.PassportDigest = word(), r.IntN(2) == 0, p.Digest()
			d.Reasons = append(d.Reasons, oap.Reason{Code: "oap.limit_exceeded", Message: "é\t" + word(), Severity: "error"})
			d.Remaining = append(d.Remaining, oap.Remaining{Currency: "EUR", Minor: fmt.Sprint(r.IntN(1e9))})
			if r.IntN(2) == 0 {
				d.Spelling = oap.Spec
			}
		})
		read, err := oap.ParseDecision(d.JSON(), oap.Strict)
		require.NoError(t, err)
		require.Equal(t, string(d.JSON()), string(read.JSON()))
		require.NoError(t, read.Verify(public, now))
		signedAgain, err := oap.SignDecision(ctx, key, *read)
		require.NoError(t, err)
		require.Equal(t, string(d.JSON()), string(signedAgain.JSON()), "its fields say all of it")
	}
}

// P14: no character of what is signed can be changed, left out or doubled. The places
// are all of them.
func TestP14EveryCharacterCounts(t *testing.T) {
	key, public := testKey(1)
	vc := export(t, key, native())
	for name, c := range map[string]struct {
		text []byte
		read func([]byte) error
	}{
		"decision":     {decision(t, key).JSON(), readDecision(public)},
		"credential":   {vc, readCredential(public)},
		"receipt":      {receipt(t, key), readCredential(public)},
		"presentation": {present(t, key, vc), readPresentation(public)},
	} {
		require.NoError(t, c.read(c.text), name)
		step := 1
		if testing.Short() {
			step = 7
		}
		for i := 0; i < len(c.text); i += step {
			changed := bytes.Clone(c.text)
			changed[i] ^= 1
			require.Error(t, c.read(changed), "%s: byte %d of %s", name, i, changed)
			require.Error(t, c.read(append(bytes.Clone(c.text[:i]), c.text[i+1:]...)), "%s without byte %d", name, i)
		}
	}
}

// P14: with another key, without one, later, earlier, and for another audience.
func TestP14KeysTimesAudiences(t *testing.T) {
	key, public := testKey(1)
	_, other := testKey(2)
	vc := export(t, key, native())
	c, err := oap.ParseCredential(vc)
	require.NoError(t, err)
	open, err := oap.ParseCredential(export(t, key, native(func(p *oap.Passport) { p.ExpiresAt = time.Time{} })))
	require.NoError(t, err)
	vp, err := oap.ParsePresentation(present(t, key, vc))
	require.NoError(t, err)
	d := decision(t, key)
	broken, err := oap.ParseDecision([]byte(strings.Replace(string(d.JSON()), `"ed25519:`, `"ed25519:\n`, 1)), oap.Strict)
	require.NoError(t, err)
	for _, row := range []struct {
		name string
		err  error
		want oap.Code
	}{
		{"credential, other key", c.Verify(other, now), oap.InvalidSignature},
		{"credential, no key", c.Verify(did.PublicKey{}, now), oap.KeyUnknown},
		{"credential, too late", c.Verify(public, now.Add(25*time.Hour)), oap.PassportExpired},
		{"credential that says when, and not the passport", open.Verify(public, now.Add(366*24*time.Hour)), oap.PassportExpired},
		{"credential, too early", c.Verify(public, now.Add(-2*time.Hour)), oap.NotYetValid},
		{"decision, other key", d.Verify(other, now), oap.InvalidSignature},
		{"decision, a line break in its signature", broken.Verify(public, now), oap.InvalidSignature},
		{"decision, no key", d.Verify(did.PublicKey{}, now), oap.KeyUnknown},
		{"decision, at its last instant", d.Verify(public, now.Add(time.Hour)), ""},
		{"decision, too late", d.Verify(public, now.Add(time.Hour+time.Second)), oap.DecisionExpired},
		{"decision, too early", d.Verify(public, now.Add(-time.Hour)), oap.NotYetValid},
		{"presentation, other key", vp.Verify(oap.OneKey(other), challenge, shop, now), oap.InvalidSignature},
		{"presentation, no key", vp.Verify(oap.OneKey(did.PublicKey{}), challenge, shop, now), oap.KeyUnknown},
		{"presentation, other challenge", vp.Verify(oap.OneKey(public), "other", shop, now), oap.ChallengeMismatch},
		{"presentation, no challenge", vp.Verify(oap.OneKey(public), "", shop, now), oap.ChallengeMismatch},
		{"presentation, other domain", vp.Verify(oap.OneKey(public), challenge, "x", now), oap.DomainMismatch},
		{"presentation, no domain", vp.Verify(oap.OneKey(public), challenge, "", now), oap.DomainMismatch},
		{"presentation, by a clock that is ahead", vp.Verify(oap.OneKey(public), challenge, shop, now.Add(-time.Second)), ""},
	} {
		want := string(row.want)
		if want == "" {
			want = "accept"
		}
		require.Equal(t, want, wordOf(t, row.err), row.name)
	}
	require.True(t, vp.HeldBySubject())
}

// P14: the known faults of APort's formats and tools, each by its name: refused in the
// strict reading, and what the peer says of it.
func TestP14KnownFaults(t *testing.T) {
	key, public := testKey(1)
	good := string(native().JSON())
	vc := string(export(t, key, native()))
	rec := string(receipt(t, key))
	vp := string(present(t, key, []byte(vc)))
	swap := func(text, from, to string) string {
		require.Contains(t, text, from)
		return strings.Replace(text, from, to, 1)
	}
	asPassport := func(s string) error {
		_, err := oap.ParsePassport([]byte(s), oap.Compatible)
		return err
	}
	asCredential := func(s string) error { return oap.CredentialAsPeer([]byte(s), false, public) }
	asReceipt := func(s string) error { return oap.CredentialAsPeer([]byte(s), true, public) }
	asVP := func(domain string) func(string) error {
		return func(s string) error { return oap.PresentationAsPeer([]byte(s), challenge, domain, public) }
	}
	spec := strings.NewReplacer(`"agent_id":"ap_f4ddb85ffd6f317f"`, `"passport_id":"5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a11"`,
		`"did":"did:web:agent.example",`, "", `"expires_at":"2026-11-29T07:00:00Z",`, "").Replace(good)
	for _, row := range []struct {
		fault  string
		text   string
		strict func([]byte) error
		want   oap.Code
		peer   func(string) error
		says   string
	}{
		{"an instance without a template passes the schema", swap(spec, `"template"`, `"instance"`), readPassport,
			oap.InvalidPassport, asPassport, "accept"},
		{"a suspended passport passes the schema", swap(spec, `"active"`, `"suspended"`), readPassport, oap.PassportSuspended,
			asPassport, "accept"},
		{"the last of two members counts", swap(spec, `"status"`, `"status":"revoked","status"`), readPassport,
			oap.InvalidPassport, asPassport, "accept"},
		{"an integer beyond 2^53 is rounded", swap(spec, `"metadata":{`, `"metadata":{"n":9007199254740993,`), readPassport,
			oap.InvalidPassport, asPassport, "accept"},
		{"plain L4 of the SDK's types", swap(spec, `"L2"`, `"L4"`), readPassport, oap.InvalidPassport, asPassport,
			"oap.invalid_passport /assurance_level"},
		{"expires_at is in the prose only", swap(spec, `"version"`, `"expires_at":"2026-11-29T07:00:00Z","version"`), readPassport, "",
			asPassport, "oap.invalid_passport / additionalProperties"},
		{"two names for one link that differ", swap(swap(spec, `"template"`, `"instance"`), `"version"`,
			`"template_id":"5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a12","parent_agent_id":"5e0f8a4e-53a2-4f6e-9a35-6f0b1d0c7a13","version"`),
			readPassport, oap.InvalidPassport, asPassport, "accept"},
		{"an unsigned credentialStatus beside the claims", swap(vc, `"issuer"`, `"credentialStatus":{"id":"x"},"issuer"`),
			readCredential(public), oap.UnsignedMember, asCredential, "accept"},
		{"an unsigned id", swap(vc, `"issuer"`, `"id":"urn:x","issuer"`), readCredential(public), oap.UnsignedMember, asCredential, "accept"},
		{"the method of the proof is unsigned and unread", swap(vc, `agent.example#key-1`, `evil.example#key-1`),
			readCredential(public), oap.UnsignedMember, asCredential, "accept"},
		{"the purpose of the proof is unread", swap(vc, `"assertionMethod"`, `"authentication"`), readCredential(public),
			oap.UnsignedMember, asCredential, "accept"},
		{"the header of the JWS is unread", swap(vc, `"jws":"eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19`,
			`"jws":"eyJhbGciOiJub25lIn0`), readCredential(public), oap.UnsignedMember, asCredential, "accept"},
		{"the payload of the JWS is unread", swap(vc, `19..`, `19.abc.`), readCredential(public), oap.UnsignedMember, asCredential, "accept"},
		{"line breaks in the JWS are passed over", swap(vc, `19..`, `19..\n`), readCredential(public), oap.InvalidSignature,
			asCredential, "accept"},
		{"a receipt is not a passport", rec, func(b []byte) error {
			c, err := oap.ParseCredential(b)
			if err == nil && c.Passport == nil {
				return nil // told apart by the type, before anybody asks
			}
			return err
		}, "", asCredential, "Invalid OAP passport structure"},
		{"a passport is not a receipt", vc, readCredential(public), "", asReceipt, "Invalid OAP decision structure"},
		{"a presentation for another domain passes who names none", vp, func(b []byte) error {
			p, err := oap.ParsePresentation(b)
			require.NoError(t, err)
			return p.Verify(oap.OneKey(public), challenge, "", now)
		}, oap.DomainMismatch, asVP(""), "accept"},
		{"the purpose of a presentation is unsigned", swap(vp, `"authentication"`, `"assertionMethod"`), readPresentation(public),
			oap.UnsignedMember, asVP(shop), "accept"},
		{"a global region", swap(spec, `"CA"`, `"global"`), readPassport, oap.InvalidPassport, asPassport, "oap.invalid_passport /regions"},
		{"a catalogued capability that the schema refuses", swap(spec, `"data.export"}`, `"identity.manage_roles"}`), readPassport, "",
			asPassport, "oap.invalid_passport /capabilities"},
	} {
		want := string(row.want)
		if want == "" {
			want = "accept"
		}
		require.Equal(t, want, wordOf(t, row.strict([]byte(row.text))), row.fault)
		require.Equal(t, row.says, wordOf(t, row.peer(row.text)), row.fault)
	}
}

// P14: faults of the tools that only a signer can show: they sign them, and take them.
func TestP14FaultsThatAreSigned(t *testing.T) {
	key, public := testKey(1)
	// Nobody looks at the inner credentials of a presentation.
	forger, _ := testKey(2)
	forged := export(t, forger, native(func(p *oap.Passport) { p.Assurance = passport.L4FIN }))
	vp := present(t, key, forged)
	require.Equal(t, string(oap.InvalidSignature), wordOf(t, readPresentation(public)(vp)))
	require.NoError(t, oap.PresentationAsPeer(vp, challenge, shop, public))

	// Nobody looks at the time, nor at the status.
	old := export(t, key, native(func(p *oap.Passport) { p.ExpiresAt = now.Add(-time.Minute) }))
	require.Equal(t, string(oap.PassportExpired), wordOf(t, readCredential(public)(old)))
	require.NoError(t, oap.CredentialAsPeer(old, false, public))
	for _, status := range []string{"suspended", "revoked", "draft"} {
		stopped := export(t, key, native(func(p *oap.Passport) { p.Status = status }))
		require.Equal(t, "oap.passport_"+status, wordOf(t, readCredential(public)(stopped)))
		require.NoError(t, oap.CredentialAsPeer(stopped, false, public))
	}

	// Nobody verifies the signature of the decision inside of a receipt.
	inner := decision(t, forger)
	text, err := oap.ExportDecision(ctx, key, inner, registry)
	require.NoError(t, err)
	require.Equal(t, string(oap.InvalidSignature), wordOf(t, readCredential(public)(text)))
	require.NoError(t, oap.CredentialAsPeer(text, true, public))

	// expires_in 0 is taken for absent, so such a decision cannot be exported.
	never := decision(t, key, func(d *oap.Decision) { d.ExpiresAt = d.CreatedAt })
	require.Equal(t, string(oap.DecisionExpired), wordOf(t, never.Verify(public, now)))
	require.NoError(t, never.Verify(public, never.CreatedAt))
	require.Equal(t, "Invalid OAP decision structure", wordOf(t, never.VerifyAsPeer(public)))
	_, err = oap.ExportDecision(ctx, key, never, registry)
	require.ErrorContains(t, err, "expires_in is 0")

	// Keys like "9" are sorted otherwise than RFC 8785 says.
	_, err = oap.ExportPassport(ctx, key, native(func(p *oap.Passport) { p.Metadata = value(`{"9":1,"10":2}`) }), registry)
	require.ErrorContains(t, err, "a number as its name")

	// Whoever has a credential can present it; the library tells.
	vpOther, err := oap.Present(ctx, key, [][]byte{export(t, key, native())},
		oap.PresentOptions{Holder: "did:web:thief.example", Challenge: challenge, Now: now})
	require.NoError(t, err)
	p, err := oap.ParsePresentation(vpOther)
	require.NoError(t, err)
	require.False(t, p.HeldBySubject())
}

// A document that two readers could see differently is refused with one cause, told once.
func TestP14ACauseIsToldOnce(t *testing.T) {
	for name, read := range map[string]func([]byte) error{
		"a passport":     func(b []byte) error { _, err := oap.ParsePassport(b, oap.Strict); return err },
		"a decision":     func(b []byte) error { _, err := oap.ParseDecision(b, oap.Strict); return err },
		"a credential":   func(b []byte) error { _, err := oap.ParseCredential(b); return err },
		"a presentation": func(b []byte) error { _, err := oap.ParsePresentation(b); return err },
	} {
		for _, text := range []string{`{"a":1,"a":2}`, `{`, ``} {
			err := read([]byte(text))
			require.Error(t, err, name)
			require.Equal(t, 1, strings.Count(err.Error(), "byte "), "%s: %v", name, err)
		}
	}
	require.NoError(t, readPassport(native().JSON()))
}
