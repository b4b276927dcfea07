package grantex_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
)

// every is a passport with each member that Grantex has.
func every() grantex.Passport {
	p := plain()
	p.Depth, p.Parent = 2, grantex.URN+"01M8GCS3NXX9R2DZHQJS47KE6A"
	p.Status = &grantex.Status{List: "https://issuer.example/status/1", Index: 7}
	return p
}

// G10: each member is carried.
func TestG10EveryMemberIsCarried(t *testing.T) {
	p := every()
	out, err := p.Translate()
	require.NoError(t, err)
	for member, c := range map[string][2]any{
		"id": {p.ID, out.ID}, "issuer": {p.Issuer, out.Issuer.String()},
		"validFrom": {p.ValidFrom, out.ValidFrom}, "validUntil": {p.ValidUntil, out.ValidUntil},
		"credentialSubject.id": {p.Agent, out.Agent.String()}, "humanPrincipal": {p.HumanPrincipal, out.HumanPrincipal},
		"organizationDID": {p.Organization, out.OrganizationDID}, "grantId": {p.GrantID, out.GrantID},
		"allowedMPPCategories": {p.Categories, out.Authority.Categories},
		"maxTransactionAmount": {"50 USDC", out.Authority.MaxTransaction.String()},
		"paymentRails":         {p.Rails, out.Authority.Rails},
		"credentialStatus": {"https://issuer.example/status/1 7", fmt.Sprint(out.Status[0].URL, " ",
			out.Status[0].Index)},
		"delegationDepth, parentPassportId": {`{"grantex":{"delegationDepth":2,"parentPassportId":"` + p.Parent + `"}}`,
			out.Extensions.Raw()},
		"the actions": {"payments:mpp:inference", out.Authority.Capabilities[0].Action},
	} {
		require.Equal(t, c[0], c[1], member)
	}
}

// What cannot be carried is refused by name.
func TestG10WhatCannotBeCarried(t *testing.T) {
	for path, change := range map[string]func(*grantex.Passport){
		"/issuer":                                 func(p *grantex.Passport) { p.Issuer = "https://issuer.example" },
		"/credentialSubject/id":                   func(p *grantex.Passport) { p.Agent = "agent 7" },
		"/credentialSubject/humanPrincipal":       func(p *grantex.Passport) { p.HumanPrincipal = "did:grantex:käthe <&>" },
		"/credentialSubject/organizationDID":      func(p *grantex.Passport) { p.Organization = "no IRI" },
		"/credentialSubject/grantId":              func(p *grantex.Passport) { p.GrantID = "two words" },
		"/credentialSubject/allowedMPPCategories": func(p *grantex.Passport) { p.Categories = []string{"a b"} },
		"/credentialSubject/paymentRails":         func(p *grantex.Passport) { p.Rails = []string{"a b"} },
		"/credentialSubject/maxTransactionAmount": func(p *grantex.Passport) { p.MaxAmount.Amount = "1" + strings.Repeat("0", 18) },
	} {
		p := every()
		change(&p)
		_, err := p.Translate()
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, "cannot be carried over")
		var refused *grantex.Error
		require.ErrorAs(t, err, &refused)
		require.True(t, refused.Unusable)
	}
}

// The way back: what Grantex has no word for is refused by name.
func TestG10WhatGrantexCannotSay(t *testing.T) {
	p := every()
	ours, err := p.Translate()
	require.NoError(t, err)
	back, err := grantex.Of(ours)
	require.NoError(t, err)
	require.Equal(t, p, back)
	for path, change := range map[string]func(*passport.Passport){
		"/credentialSubject/capabilities": func(p *passport.Passport) {
			p.Authority.Capabilities = append(p.Authority.Capabilities, passport.Capability{Action: "x"})
		},
		"/credentialSubject/deniedActions": func(p *passport.Passport) { p.Authority.DeniedActions = []string{"*"} },
		"/credentialSubject/spendLimits": func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("1", "USD"),
				Per: passport.PerDay}}
		},
		"/credentialSubject/limits":             func(p *passport.Passport) { p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 1)} },
		"/credentialSubject/payees":             func(p *passport.Passport) { p.Authority.Payees = []string{"x"} },
		"/credentialSubject/resources":          func(p *passport.Passport) { p.Authority.Resources = []string{"x"} },
		"/credentialSubject/audiences":          func(p *passport.Passport) { p.Authority.Audiences = []string{"x"} },
		"/credentialSubject/regions":            func(p *passport.Passport) { p.Authority.Regions = []string{"DE"} },
		"/credentialSubject/timeWindows":        func(p *passport.Passport) { p.Authority.TimeWindows = []passport.TimeWindow{{}} },
		"/credentialSubject/consent":            func(p *passport.Passport) { p.Consent.ID = "x" },
		"/credentialSubject/attestation":        func(p *passport.Passport) { p.Attestation.Framework = "x" },
		"/credentialSubject/assurance":          func(p *passport.Passport) { p.Authority.Assurance.Level = passport.L2 },
		"/credentialSubject/maxDelegationDepth": func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 1 },
		"/credentialSubject/delegationDepth":    func(p *passport.Passport) { p.DelegationDepth = 1 },
		"/credentialSubject/templateId":         func(p *passport.Passport) { p.TemplateID = "x" },
		"/credentialSubject/name":               func(p *passport.Passport) { p.Role = "x" },
		"/issuer/name":                          func(p *passport.Passport) { p.IssuerName = "x" },
		"/credentialStatus":                     func(p *passport.Passport) { p.Status[0].Encoding = 0 },
	} {
		p := ours.Clone()
		change(p)
		_, err := grantex.Of(p)
		require.ErrorContains(t, err, path)
	}
}

// G10: what is emitted is read back as it was, whatever it says, with either key.
func TestG10EmitReadIdentity(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	keys := []grantex.Signer{signer, {KeyID: "rsa-1", Key: key}}
	all := []string{"inference", "compute", "data", "storage", "search", "media", "delivery", "browser", "general"}
	texts := []string{"did:grantex:user_alice", "did:grantex:käthe <&> \u2028 🚀", `"\/` + "\t"}
	amounts := []grantex.Amount{{"0", "USDC"}, {"49.95", "USD"}, {"500", "JPY"}, {"1000000000000000000", "USDC"},
		{"0.01", "EUR"}}
	r := mrand.New(mrand.NewPCG(1, 2))
	for i := range 60 {
		p := every()
		p.Parent, p.Depth, p.HumanPrincipal = "", r.IntN(11), texts[r.IntN(len(texts))]
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		p.Categories = append([]string{}, all[:r.IntN(10)]...)
		p.Rails = append([]string{}, texts[:r.IntN(3)]...)
		p.MaxAmount = amounts[r.IntN(len(amounts))]
		p.ValidFrom = now.Add(-time.Duration(r.IntN(3600000)) * time.Millisecond)
		p.ValidUntil = p.ValidFrom.Add(time.Hour + time.Duration(r.Int64N(int64(grantex.MaxLifetime-time.Hour)))).Truncate(time.Millisecond)
		header, err := grantex.Emit(keys[i%2], p)
		require.NoError(t, err)
		for _, reading := range []grantex.Reading{grantex.Strict, grantex.Compatible} {
			v := &grantex.Verifier{Reading: reading, Keys: pinned(keys...), Issuers: []string{issuer}, Lists: lists(t)}
			got, err := v.Verify(header, now)
			require.NoError(t, err)
			require.Contains(t, got.Claims(), p.ID)
			want := p
			require.Equal(t, want.HumanPrincipal, got.HumanPrincipal)
			if reading == grantex.Strict {
				again, err := grantex.Emit(keys[0], *got)
				require.NoError(t, err)
				first, err := grantex.Emit(keys[0], p)
				require.NoError(t, err)
				require.Equal(t, first, again, "what was read says what was written")
			}
		}
	}
}

// Emit writes nothing that a careful reader would refuse.
func TestG10EmitRefuses(t *testing.T) {
	for name, change := range map[string]func(*grantex.Passport){
		"ten years":      func(p *grantex.Passport) { p.ValidUntil = p.ValidFrom.AddDate(10, 0, 0) },
		"half a cent":    func(p *grantex.Passport) { p.MaxAmount.Amount = "0.005" },
		"negative":       func(p *grantex.Passport) { p.MaxAmount.Amount = "-1" },
		"JSON as amount": func(p *grantex.Passport) { p.MaxAmount.Amount = `1,"x":2` },
		"no category":    func(p *grantex.Passport) { p.Categories = []string{"gambling"} },
		"no agent":       func(p *grantex.Passport) { p.Agent = "" },
		"invalid UTF-8":  func(p *grantex.Passport) { p.HumanPrincipal = "did:grantex:\xff" },
		"another urn":    func(p *grantex.Passport) { p.ID = "urn:uuid:1" },
		"backwards":      func(p *grantex.Passport) { p.ValidUntil = p.ValidFrom },
		"index below all": func(p *grantex.Passport) {
			p.Status = &grantex.Status{List: "https://x.example",
				Index: -1}
		},
	} {
		p := plain()
		change(&p)
		header, err := grantex.Emit(signer, p)
		require.Error(t, err, name)
		require.Empty(t, header, name)
	}
	_, err := grantex.Emit(grantex.Signer{}, plain())
	require.Error(t, err)
}

// A Grantex passport that is presented to our verifier is judged by it: by whom,
// until when, for what; what is not of the dialect is left to others.
func TestG10PresentedToOurVerifier(t *testing.T) {
	d := &grantex.Dialect{Keys: pinned(signer), Lists: lists(t, 7)}
	status := func(i int) func(*grantex.Passport) {
		return func(p *grantex.Passport) {
			p.Status = &grantex.Status{List: "https://issuer.example/status/1", Index: i}
		}
	}
	for name, c := range map[string]struct {
		header string
		change func(*verify.Config, *verify.Request)
		code   verify.Code
	}{
		"good":    {header: emit(t, status(6))},
		"revoked": {header: emit(t, status(7)), code: verify.StatusRevoked},
		"forged":  {header: edit(emit(t, nil), "ag_1", "ag_2"), code: verify.ProofInvalid},
		"another category": {header: emit(t, nil), change: func(_ *verify.Config,
			q *verify.Request) {
			q.Category = "search"
		}, code: verify.AuthorityCategoryNotAllowed},
		"another rail": {header: emit(t, nil), change: func(_ *verify.Config,
			q *verify.Request) {
			q.Rail = "card"
		}, code: verify.AuthorityRailNotAllowed},
		"another currency": {header: emit(t, nil), change: func(_ *verify.Config,
			q *verify.Request) {
			q.Amount = passport.MustMoney("1", "EUR")
		}, code: verify.AuthorityCurrencyNotAllowed},
		"no anchor": {header: emit(t, nil), change: func(c *verify.Config, _ *verify.Request) {
			c.Anchors[0].Issuer = did.MustParse("did:web:other.example")
		}, code: verify.AnchorUntrustedIssuer},
		"later": {header: emit(t, nil), change: func(c *verify.Config,
			_ *verify.Request) {
			c.Now = func() time.Time { return now.AddDate(0, 0, 2) }
		}, code: verify.TimeExpired},
		"not listed": {header: emit(t, nil), change: func(c *verify.Config,
			_ *verify.Request) {
			c.Dialects = nil
		}, code: verify.EnvelopeUnsupported},
		"needs consent": {header: emit(t, nil), change: func(c *verify.Config,
			q *verify.Request) {
			q.MinAssurance = passport.L2
		}, code: verify.AuthorityAssuranceInsufficient},
		"strange key":      {header: mint(emit(t, nil), nil, swap("ed-1", "ed-9")), code: verify.ProofInvalid},
		"with junk inside": {header: emit(t, nil) + "=", code: verify.EnvelopeMalformed},
	} {
		c.change = orNothing(c.change)
		config := verify.Config{Anchors: []verify.Anchor{{Issuer: did.MustParse(issuer)}},
			Dialects: []verify.Dialect{d},
			Resolver: did.KeyMethods(), Ledger: ledger.NewMemory(ledger.Options{}),
			Now: func() time.Time { return now }}
		q := verify.Request{Audience: "did:web:shop.example", Act: passport.Act{Action: "payments:mpp:compute",
			Category: "compute",
			Rail:     "tempo", Amount: passport.MustMoney("5", "USDC")}}
		c.change(&config, &q)
		v, err := verify.New(config)
		require.NoError(t, err)
		decision, err := v.Verify(context.Background(), []byte(c.header), q)
		require.Equal(t, c.code, decision.Code(), "%s: %v", name, err)
		require.Equal(t, c.code == "", err == nil, name)
	}
}

// An operation that needs a person's consent needs it of a foreign passport, too.
func TestG10ConsentIsAskedFor(t *testing.T) {
	registry, err := policy.NewScopeRegistry("1", []policy.Scope{
		{ID: "payments:mpp:compute", Operations: []string{"POST /compute"}, Write: true, NeedsConsent: true},
	})
	require.NoError(t, err)
	v, err := verify.New(verify.Config{Anchors: []verify.Anchor{{Issuer: did.MustParse(issuer)}},
		Dialects: []verify.Dialect{&grantex.Dialect{Keys: pinned(signer)}}, Operations: policy.Scopes{Registry: registry},
		Resolver: did.KeyMethods(), Ledger: ledger.NewMemory(ledger.Options{}), Now: func() time.Time { return now }})
	require.NoError(t, err)
	d, err := v.Verify(context.Background(), []byte(emit(t, nil)), verify.Request{Audience: "did:web:shop.example",
		Operation: "POST /compute", Act: passport.Act{Action: "payments:mpp:compute", Category: "compute", Rail: "tempo",
			Amount: passport.MustMoney("5", "USDC")}})
	require.Error(t, err)
	require.Equal(t, verify.ConsentMissing, d.Code(), "%v", err)
}

// Another algorithm than RS256 and EdDSA is for the compatible reading alone.
func TestG10OtherAlgorithms(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	point, err := key.PublicKey.ECDH()
	require.NoError(t, err)
	keys, err := grantex.ParseKeySet([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"ed-1","x":"` +
		encode(point.Bytes()[1:33]) + `","y":"` + encode(point.Bytes()[33:]) + `"}]}`))
	require.NoError(t, err)
	header := recode(mint(emit(t, nil), nil, swap("EdDSA", "ES256")), func(text string) string {
		_, rest, _ := strings.Cut(text, `"proofValue":"`)
		token, _, _ := strings.Cut(rest, `"`)
		message := token[:strings.LastIndexByte(token, '.')]
		digest := sha256.Sum256([]byte(message))
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		require.NoError(t, err)
		signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		return strings.Replace(text, token, message+"."+encode(signature), 1)
	})
	for reading, want := range map[grantex.Reading]string{grantex.Compatible: "accept", grantex.Strict: "INVALID_SIGNATURE"} {
		require.Equal(t, want, word(&grantex.Verifier{Reading: reading, Keys: keys, Issuers: []string{issuer}}, header))
	}
}

// Keys that nobody should pin are refused by name.
func TestG10KeySets(t *testing.T) {
	for text, why := range map[string]string{
		`{`: "JSON", `{}`: `list "keys"`, `{"keys":[{"kty":"OKP","d":"x"}]}`: "private half",
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`:            "bits",
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`:         "32 bytes",
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`:   "not a point",
		`{"keys":[` + strings.Repeat(`{},`, 64) + `{}]}`:            "at most 64",
		`{"keys":[{"kty":"EC","crv":"P-256","x":"////","y":"AA"}]}`: "not a point",
	} {
		_, err := grantex.ParseKeySet([]byte(text))
		require.ErrorContains(t, err, why, text)
	}
}

func orNothing(f func(*verify.Config, *verify.Request)) func(*verify.Config, *verify.Request) {
	if f == nil {
		return func(*verify.Config, *verify.Request) {}
	}
	return f
}

// What the strict reading takes, the compatible one takes; nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add(emit(f, nil))
	f.Add(edit(emit(f, nil), `"amount":50`, `"amount":5e1`))
	f.Add("bnVsbA")
	strict, compat := in(grantex.Strict), in(grantex.Compatible)
	d := &grantex.Dialect{Keys: pinned(signer)}
	f.Fuzz(func(t *testing.T, header string) {
		p, err := strict.Verify(header, now)
		_, err2 := compat.Verify(header, now)
		if err == nil {
			require.NoError(t, err2)
			require.NotEmpty(t, p.ID)
		}
		if foreign, err := d.Open([]byte(header)); err == nil && foreign != nil {
			require.NotNil(t, foreign.Passport)
		}
	})
}
