package passport_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

func TestIssueFillsInWhatIsLeftOut(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 999_999_999, time.FixedZone("CET", 3600))
	for _, c := range []struct {
		name        string
		edit        func(*passport.Passport)
		options     passport.IssueOptions
		prefix      string
		from, until time.Time
	}{
		{name: "nothing said", prefix: passport.PassportURN, from: instant, until: instant.Add(24 * time.Hour)},
		{name: "a prefix", options: passport.IssueOptions{IDPrefix: "urn:grantex:passport:"},
			prefix: "urn:grantex:passport:", from: instant, until: instant.Add(24 * time.Hour)},
		{name: "a lifetime", options: passport.IssueOptions{Lifetime: time.Hour}, prefix: passport.PassportURN, from: instant, until: instant.Add(time.Hour)},
		{name: "the longest by default", options: passport.IssueOptions{Lifetime: 720 * time.Hour},
			prefix: passport.PassportURN, from: instant, until: instant.Add(720 * time.Hour)},
		{name: "longer where configured", options: passport.IssueOptions{Lifetime: 8760 * time.Hour,
			MaxLifetime: 8760 * time.Hour}, prefix: passport.PassportURN, from: instant, until: instant.Add(8760 * time.Hour)},
		{name: "instants are cut to seconds",
			edit:   func(p *passport.Passport) { p.ValidFrom, p.ValidUntil = now.Add(time.Hour), now.Add(2*time.Hour) },
			prefix: passport.PassportURN, from: instant.Add(time.Hour), until: instant.Add(2 * time.Hour)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := small(t)
			if c.edit != nil {
				c.edit(p)
			}
			c.options.Now = at(now)
			signed, err := passport.Issue(context.Background(), keyOf(t, 1), p, c.options)
			require.NoError(t, err)
			got, err := passport.ReadUnverified(signed)
			require.NoError(t, err)
			require.Regexp(t, "^"+c.prefix+"[0-7][0-9A-HJKMNP-TV-Z]{25}$", got.ID)
			require.Equal(t, keyOf(t, 1).DID(), got.Issuer)
			require.Equal(t, c.from, got.ValidFrom)
			require.Equal(t, c.until, got.ValidUntil)
			require.Equal(t, instant, signed.Proofs()[0].Created)
			require.Equal(t, did.AssertionMethod, signed.Proofs()[0].Purpose)
			require.NoError(t, signed.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{}))
		})
	}
	require.NotEqual(t, issue(t, small(t)).Unverified().ID, issue(t, small(t)).Unverified().ID)
}

func TestIssueRefuses(t *testing.T) {
	authority := func(edit func(*passport.Authority)) func(*passport.Passport) {
		return func(p *passport.Passport) { edit(&p.Authority) }
	}
	capability := func(q passport.Param) func(*passport.Passport) {
		return authority(func(a *passport.Authority) { a.Capabilities[0].Params = []passport.Param{q} })
	}
	limit := func(l passport.Limit) func(*passport.Passport) {
		return authority(func(a *passport.Authority) { a.Limits = []passport.Limit{l} })
	}
	for _, c := range []struct {
		name    string
		edit    func(*passport.Passport)
		options passport.IssueOptions
		code    code.Code
		path    string
	}{
		{name: "DEL-06 for another issuer", edit: func(p *passport.Passport) { p.Issuer = keyOf(t, 3).DID() },
			code: code.ProofKeyNotAuthorized, path: "/issuer"},
		{name: "one second too long", options: passport.IssueOptions{Lifetime: 720*time.Hour + time.Second},
			code: code.TimeLifetimeExceeded, path: "/validUntil"},
		{name: "too long by its own end", edit: func(p *passport.Passport) { p.ValidUntil = instant.Add(721 * time.Hour) },
			code: code.TimeLifetimeExceeded, path: "/validUntil"},
		{name: "longer than configured", options: passport.IssueOptions{MaxLifetime: time.Hour}, code: code.TimeLifetimeExceeded, path: "/validUntil"},
		{name: "centuries", edit: func(p *passport.Passport) { p.ValidUntil = instant.AddDate(900, 0, 0) },
			code: code.TimeLifetimeExceeded, path: "/validUntil"},
		{name: "negative lifetime", options: passport.IssueOptions{Lifetime: -time.Hour}, code: code.RequestInvalid},
		{name: "negative longest lifetime", options: passport.IssueOptions{MaxLifetime: -1}, code: code.RequestInvalid},
		{name: "longest lifetime beyond any", options: passport.IssueOptions{MaxLifetime: 87600*time.Hour + 1}, code: code.RequestInvalid},
		{name: "TIM-10 ends when it begins", edit: func(p *passport.Passport) { p.ValidUntil = instant }, code: code.EnvelopeMalformed, path: "/validUntil"},
		{name: "TIM-10 ends before it begins", edit: func(p *passport.Passport) { p.ValidUntil = instant.Add(-time.Hour) }, code: code.EnvelopeMalformed},
		{name: "year 10000", edit: func(p *passport.Passport) {
			p.ValidFrom = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
			p.ValidUntil = p.ValidFrom.Add(time.Hour)
		}, code: code.EnvelopeMalformed, path: "/validFrom"},
		{name: "year 10000 as end", edit: func(p *passport.Passport) {
			p.ValidFrom = time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC)
			p.ValidUntil = p.ValidFrom.Add(time.Hour)
		}, code: code.EnvelopeMalformed, path: "/validUntil"},
		{name: "id without ULID", edit: func(p *passport.Passport) { p.ID = "urn:safeconduct:passport:x" }, code: code.EnvelopeMalformed, path: "/id"},
		{name: "prefix that is not an IRI", options: passport.IssueOptions{IDPrefix: "passport-"}, code: code.EnvelopeMalformed},
		{name: "no agent", edit: func(p *passport.Passport) { p.Agent = did.DID{} }, code: code.EnvelopeMalformed},
		{name: "no status", edit: func(p *passport.Passport) { p.Status = nil }, code: code.EnvelopeMalformed, path: "/credentialStatus"},
		{name: "seven status entries", edit: func(p *passport.Passport) {
			for i := range 6 {
				p.Status = append(p.Status, entryAt(i+100))
			}
		}, code: code.EnvelopeTooLarge, path: "/credentialStatus"},
		{name: "status entry without purpose",
			edit: func(p *passport.Passport) { p.Status = []statuslist.Entry{{URL: "https://a.example/1"}} }, code: code.EnvelopeMalformed},
		{name: "unknown suite", options: passport.IssueOptions{Suite: "ecdsa-jcs-2019"}, code: code.ProofTransformation},
		{name: "no capabilities entry", edit: authority(func(a *passport.Authority) { a.Capabilities = []passport.Capability{{}} }),
			code: code.EnvelopeMalformed},
		{name: "bare * allowed", edit: authority(func(a *passport.Authority) { a.Capabilities[0].Action = "*" }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/capabilities/0/action"},
		{name: "rate of an unknown window", edit: limit(passport.RateOf("x", time.Second, 1)), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "limit without kind", edit: limit(passport.Limit{Name: "max_rows", Int: 1}), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "maximum called a rate", edit: limit(passport.Limit{Name: "max_rows", Kind: passport.LimitRate,
			Int: 1}), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "permission as a number", edit: limit(passport.Limit{Name: "allow_x", Kind: passport.LimitMax,
			Int: 1}), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "maximum of both forms", edit: limit(passport.MaxOf("x_per_day", 1)), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "negative maximum", edit: limit(passport.MaxOf("x", -1)), code: code.EnvelopeMalformed, path: "/credentialSubject/limits/max_x"},
		{name: "maximum beyond 2^53", edit: limit(passport.MaxOf("x", 1<<53)), code: code.EnvelopeMalformed},
		{name: "maximum of the amount", edit: limit(passport.MaxOf("amount", 1)), code: code.EnvelopeMalformed, path: "/credentialSubject/limits"},
		{name: "one limit twice", edit: authority(func(a *passport.Authority) {
			a.Limits = []passport.Limit{passport.MaxOf("x", 1), passport.MaxOf("x", 2)}
		}), code: code.EnvelopeMalformed},
		{name: "parameter without kind", edit: capability(passport.Param{Name: "max_rows", Int: 1}),
			code: code.EnvelopeMalformed, path: "/credentialSubject/capabilities/0/params"},
		{name: "maximum named as a rate", edit: capability(passport.Param{Name: "max_per_day",
			Kind: passport.ParamMax}), code: code.EnvelopeMalformed, path: "/credentialSubject/capabilities/0/params"},
		{name: "rate named as a maximum", edit: capability(passport.Param{Name: "max_rows",
			Kind: passport.ParamRate}), code: code.EnvelopeMalformed, path: "/credentialSubject/capabilities/0/params"},
		{name: "no strings", edit: capability(passport.Param{Name: "x", Kind: passport.ParamStrings}),
			code: code.EnvelopeMalformed, path: "/credentialSubject/capabilities/0/params/x"},
		{name: "invalid UTF-8", edit: authority(func(a *passport.Authority) { a.Payees = []string{"a\xff"} }), code: code.EnvelopeMalformed},
		{name: "empty payees", edit: authority(func(a *passport.Authority) { a.Payees = []string{} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/payees"},
		{name: "empty resources", edit: authority(func(a *passport.Authority) { a.Resources = []string{} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/resources"},
		{name: "empty audiences", edit: authority(func(a *passport.Authority) { a.Audiences = []string{} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/audiences"},
		{name: "empty regions", edit: authority(func(a *passport.Authority) { a.Regions = []string{} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/regions"},
		{name: "empty time windows", edit: authority(func(a *passport.Authority) { a.TimeWindows = []passport.TimeWindow{} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/timeWindows"},
		{name: "an empty name in a list", edit: authority(func(a *passport.Authority) { a.Rails = []string{""} }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/paymentRails/0"},
		{name: "negative depth", edit: func(p *passport.Passport) { p.DelegationDepth = -1 },
			code: code.EnvelopeMalformed, path: "/credentialSubject/delegationDepth"},
		{name: "assurance without level", edit: authority(func(a *passport.Authority) { a.Assurance.Method = "video" }),
			code: code.EnvelopeMalformed, path: "/credentialSubject/assurance"},
		{name: "half a consent", edit: func(p *passport.Passport) { p.Consent.ID = "urn:x:1" }, code: code.EnvelopeMalformed},
		{name: "extensions that are no object", edit: func(p *passport.Passport) { p.Extensions = object(t, "[1]") }, code: code.EnvelopeMalformed},
		{name: "TIM-08 a clock before 1970", options: passport.IssueOptions{Now: at(time.Time{})}, code: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := small(t)
			if c.edit != nil {
				c.edit(p)
			}
			if c.options.Now == nil {
				c.options.Now = at(instant)
			}
			signer := &counting{Signer: keyOf(t, 1)}
			signed, err := passport.Issue(context.Background(), signer, p, c.options)
			require.Error(t, err)
			require.Nil(t, signed)
			require.Zero(t, signer.n, "nothing is signed")
			if c.code != "" {
				require.ErrorIs(t, err, c.code)
			}
			var e *passport.Error
			if c.path != "" {
				require.ErrorAs(t, err, &e)
				require.Equal(t, c.path, e.Path, "%v", err)
			}
		})
	}
	_, err := passport.Issue(context.Background(), nil, small(t), passport.IssueOptions{})
	require.ErrorIs(t, err, code.RequestInvalid)
	_, err = passport.Issue(context.Background(), keyOf(t, 1), nil, passport.IssueOptions{})
	require.ErrorIs(t, err, code.RequestInvalid)
}

// counting counts the signatures of a signer, and may fail.
type counting struct {
	did.Signer
	n   int
	err error
}

func (c *counting) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	c.n++
	if c.err != nil {
		return nil, c.err
	}
	return c.Signer.Sign(ctx, msg)
}

func TestSignersThatFail(t *testing.T) {
	down := errors.New("the key service is down")
	_, err := passport.Issue(context.Background(), &counting{Signer: keyOf(t, 1), err: down}, small(t), passport.IssueOptions{Now: at(instant)})
	require.ErrorIs(t, err, down)
	_, err = passport.Present(context.Background(), &counting{Signer: keyOf(t, 2), err: down},
		passport.Chain{issue(t, small(t))}, passport.Intent{Act: passport.Act{Action: "data.read"}},
		"did:web:shop.example", passport.PresentOptions{Now: at(instant)})
	require.ErrorIs(t, err, down)
}

func TestKEY11IssuingTwiceGivesTheSameBytes(t *testing.T) {
	p := small(t)
	p.ID = someID
	require.Equal(t, issue(t, p).Text(), issue(t, p).Text())
}

func TestChallengesAreFresh(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		challenge, err := passport.NewChallenge()
		require.NoError(t, err)
		require.Len(t, challenge, 32, "192 bits in base64url")
		require.False(t, seen[challenge])
		seen[challenge] = true
	}
}

func TestDigest(t *testing.T) {
	require.Equal(t, "uEiDjsMRCmPwcFJr79MiZb7kkJ65B5GSbk0yklZkbeFK4VQ", passport.Digest(nil), "SHA-256 of nothing")
}
