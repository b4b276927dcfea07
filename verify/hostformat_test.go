package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// moody is a format of the host that panics at one place, for so long as that is set.
type moody struct {
	credential.Format
	at string
}

func (f *moody) met(at string) {
	if f.at == at {
		panic("oh")
	}
}

func (f *moody) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
	f.met("Open")
	env, err := f.Format.Open(raw, want)
	if err != nil {
		return nil, err
	}
	return moodyEnvelope{env, f}, nil
}

type moodyEnvelope struct {
	credential.Envelope
	f *moody
}

func (e moodyEnvelope) Payload() string { e.f.met("Payload"); return e.Envelope.Payload() }

func (e moodyEnvelope) Check(key did.PublicKey) error { e.f.met("Check"); return e.Envelope.Check(key) }

func (e moodyEnvelope) AppendText(dst []byte) []byte {
	e.f.met("AppendText")
	return e.Envelope.AppendText(dst)
}

// A format is a part of the host as others are: where it panics nothing is known of what was
// presented, and the next decision finds everything as it was.
func TestAFormatThatPanicsRefuses(t *testing.T) {
	for _, shown := range []credential.Format{nil, vcjwt.Format()} { // the presentation; the passports are always tokens
		w := verifytest.NewWorld(t)
		f := &moody{Format: vcjwt.Format()}
		v := w.Verifier(remembering, func(c *verify.Config) { c.Formats = []credential.Format{f} })
		o := passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()}
		chain := func() passport.Chain {
			root, err := passport.Issue(ctx, w.Issuer, w.Passport(func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 2 }), o)
			require.NoError(t, err)
			child := &passport.Passport{
				Agent: verifytest.Key("child").DID(), Authority: passport.Authority{}.InheritGrants(&readPassport(t, root).Authority),
			}
			all, err := passport.Delegate(ctx, passport.Chain{root}, w.Agent, child, o)
			require.NoError(t, err)
			return all
		}
		decide := func(c passport.Chain, at string) (*verify.Decision, error) {
			vp, err := passport.Present(ctx, verifytest.Key("child"), c, w.Intent(), verifytest.Audience,
				passport.PresentOptions{Now: w.Clock.Now, Format: shown})
			require.NoError(t, err)
			f.at = at
			defer func() { f.at = "" }()
			return v.Verify(ctx, vp.Bytes(), w.Request())
		}
		for at, want := range map[string]verify.Code{
			"Open": verify.InternalError, "Payload": verify.InternalError, "Check": verify.InternalError,
			"AppendText": verify.DelegationParentMismatch, // the link below names a digest, and there is none
		} {
			c := chain()
			_, err := decide(c, at)
			verifytest.AssertDenied(t, err, want)
			_, err = decide(c, "")
			verifytest.AssertAllowed(t, err)
		}
	}
}
