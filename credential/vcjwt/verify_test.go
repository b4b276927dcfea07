package vcjwt_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func acceptJWT(c *verify.Config) { c.Formats = []credential.Format{vcjwt.Format()} }

func sealVP(o *passport.PresentOptions) { o.Format = vcjwt.Format() }

func issueJWT(t testing.TB, w *verifytest.World, p *passport.Passport) *credential.Signed {
	t.Helper()
	s, err := passport.Issue(context.Background(), w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
	require.NoError(t, err)
	return s
}

// A passport and a presentation, each in either form: all four go through a
// verifier that lists the format.
func TestEnvelopesThroughTheVerifier(t *testing.T) {
	w := verifytest.NewWorld(t)
	ctx := context.Background()
	plain, jwt := w.Issue(w.Passport()), issueJWT(t, w, w.Passport())
	require.Equal(t, "application/vc+jwt", jwt.MediaType())
	require.Nil(t, plain.Format())
	require.NotNil(t, jwt.Format())

	for name, shown := range map[string][]byte{
		"Data Integrity in Data Integrity": w.Present(plain, w.Intent()),
		"vc+jwt in Data Integrity":         w.Present(jwt, w.Intent()),
		"Data Integrity in vp+jwt":         w.Present(plain, w.Intent(), sealVP),
		"vc+jwt in vp+jwt":                 w.Present(jwt, w.Intent(), sealVP),
	} {
		t.Run(name, func(t *testing.T) {
			v := w.Verifier(acceptJWT)
			d, err := v.Verify(ctx, shown, w.Request())
			verifytest.AssertAllowed(t, err)
			require.Equal(t, w.Agent.DID(), d.Passport.Agent)

			_, err = v.Verify(ctx, shown, w.Request())
			verifytest.AssertDenied(t, err, verify.LedgerReplay)

			// A verifier that does not list the format accepts neither.
			_, err = w.Verifier().Verify(ctx, shown, w.Request())
			if strings.HasPrefix(name, "Data Integrity in Data") {
				verifytest.AssertAllowed(t, err)
			} else {
				verifytest.AssertDenied(t, err, verify.EnvelopeUnsupported)
			}

			_, err = w.Verifier(acceptJWT).Verify(ctx, shown, w.Request(func(q *verify.Request) { q.Audience = "did:web:other.example" }))
			verifytest.AssertDenied(t, err, verify.ProofAudienceMismatch)
			_, err = w.Verifier(acceptJWT).Verify(ctx, shown, w.Request(func(q *verify.Request) { q.Nonce = "another-challenge" }))
			verifytest.AssertDenied(t, err, verify.ProofChallengeMismatch)
		})
	}

	_, err := w.Verifier(acceptJWT).Verify(ctx, jwt.Bytes(), w.Request())
	verifytest.AssertDenied(t, err, verify.PresentationRequired)
	_, err = w.Verifier(acceptJWT, func(c *verify.Config) { c.InsecureAllowBarePassports = true }).Verify(ctx, jwt.Bytes(), w.Request())
	verifytest.AssertAllowed(t, err)
}

// SIG-27, seen from the ledger: no other spelling of an accepted token comes
// through a second time, nor a first.
func TestSIG27ReplayInAnotherSpelling(t *testing.T) {
	w := verifytest.NewWorld(t)
	ctx := context.Background()
	shown := string(w.Present(issueJWT(t, w, w.Passport()), w.Intent(), sealVP))
	v := w.Verifier(acceptJWT)
	_, err := v.Verify(ctx, []byte(shown), w.Request())
	verifytest.AssertAllowed(t, err)
	fresh := string(w.Present(issueJWT(t, w, w.Passport()), w.Intent(), sealVP))
	for _, text := range []string{shown, fresh} {
		for _, again := range []string{text + "\n", text + " ", "\n" + text, text[:40] + "\r\n" + text[40:], text +
			"=", text[:len(text)-1] + respell(text[len(text)-2:])[1:]} {
			_, err := v.Verify(ctx, []byte(again), w.Request())
			require.Error(t, err, "%.60q", again)
			require.NotErrorIs(t, err, verify.LedgerReplay, "refused before the ledger is asked")
		}
	}
	_, err = v.Verify(ctx, []byte(fresh), w.Request())
	verifytest.AssertAllowed(t, err)
}

// SIG-05: no byte of a token can be changed.
func TestSIG05EveryByteOfAToken(t *testing.T) {
	w := verifytest.NewWorld(t)
	jwt := issueJWT(t, w, w.Passport())
	raw := jwt.Bytes()
	p := credential.Parser{Formats: []credential.Format{vcjwt.Format()}}
	key := w.Issuer.PublicKey()
	for i := range raw {
		for _, bit := range []byte{1, 2, 0x20} {
			changed := append([]byte(nil), raw...)
			changed[i] ^= bit
			s, err := p.Credential(changed)
			if err == nil {
				err = s.CheckProof(0, key, did.AssertionMethod)
			}
			require.Error(t, err, "byte %d", i)
		}
	}
	for _, cut := range []int{1, 2, 86, 87, len(raw) / 2} {
		s, err := p.Credential(raw[:len(raw)-cut])
		if err == nil {
			err = s.CheckProof(0, key, did.AssertionMethod)
		}
		require.Error(t, err, "cut by %d", cut)
	}
}

// SIG-11: the purpose of an envelope is that of its kind.
func TestSIG11PurposeOfAnEnvelope(t *testing.T) {
	key := fixedKey(t, 1)
	ctx := context.Background()
	for _, purpose := range []did.Relationship{did.Authentication, did.CapabilityInvocation} {
		_, err := credential.SignJSON(ctx, key, passportText(t), credential.SignOptions{Format: vcjwt.Format(), Purpose: purpose})
		require.Equal(t, "request.invalid", codeOf(t, err))
	}
	s, err := credential.SignJSON(ctx, key, passportText(t), credential.SignOptions{Format: vcjwt.Format()})
	require.NoError(t, err)
	require.Equal(t, "proof.purpose_mismatch", codeOf(t, s.CheckProof(0, key.PublicKey(), did.Authentication)))
	require.NoError(t, s.CheckProof(0, key.PublicKey(), did.AssertionMethod))
	require.Equal(t, "proof.invalid", codeOf(t, s.CheckProof(0, fixedKey(t, 2).PublicKey(), did.AssertionMethod)))
}

// A forger's presentation around a good passport, and a good presentation
// around a forged passport.
func TestSIG32NestedEnvelopeIsVerified(t *testing.T) {
	w := verifytest.NewWorld(t)
	ctx := context.Background()
	mallory := verifytest.Key("mallory")
	p := w.Passport()
	p.Issuer = w.Issuer.DID()
	forgedBy := func(key *did.KeyPair, kid string) *credential.Signed {
		good := issueJWT(t, w, p)
		payload := good.UnverifiedValue().Raw()
		text := token(t, key, `{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt"}`, payload)
		s, err := credential.Parse([]byte(text), vcjwt.Format())
		require.NoError(t, err)
		return s
	}
	for _, kid := range []string{w.Issuer.KeyID().String(), mallory.KeyID().String()} {
		for _, seal := range []func(*passport.PresentOptions){sealVP, func(*passport.PresentOptions) {}} {
			_, err := w.Verifier(acceptJWT).Verify(ctx, w.Present(forgedBy(mallory, kid), w.Intent(), seal), w.Request())
			require.Error(t, err)
			require.True(t, strings.HasPrefix(string(err.(*verify.Refusal).Code()), "proof."), "%v", err)
		}
	}
	// The agent's presentation, sealed by somebody else in the agent's name.
	good, err := credential.ParsePresentation(w.Present(issueJWT(t, w, p), w.Intent(), sealVP), vcjwt.Format())
	require.NoError(t, err)
	parts := strings.Split(good.Text(), ".")
	sig, err := mallory.Sign(ctx, []byte(parts[0]+"."+parts[1]))
	require.NoError(t, err)
	_, err = w.Verifier(acceptJWT).Verify(ctx, []byte(parts[0]+"."+parts[1]+"."+b64(string(sig))), w.Request())
	verifytest.AssertDenied(t, err, verify.ProofInvalid)
}
