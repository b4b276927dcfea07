package passport

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Foreign is what an agent of another system presented, in the words of this
// library: what a dialect, such as package passport/profile/grantex, makes of it
// for a verifier. Nothing in it is proven until Prove says so.
type Foreign struct {
	Passport *Passport // the one link of the chain; its issuer must be an anchor
	Digest   string    // of what was presented, as credential.Signed.Digest makes them

	// Intent is what the agent signed that it is about to do. Nil: the system has
	// no such thing.
	Intent   *Intent
	Audience string // for whom the intent, or the presentation, was signed
	Nonce    string // by which the presentation is known again
	Content  string // digest of what the intent asks for, without its times
	// NoRegion says that intents of the system name no region. Where the request
	// comes from is then the host's word alone, and nothing that the agent could
	// have signed. False: the intent must say what the question says.
	NoRegion bool

	// Of a presentation without an intent that its holder signed for a challenge,
	// which is Nonce: when it was made, and until when it is taken. Zero, without an
	// intent: what was presented serves whoever holds it.
	Made, Ends time.Time

	// The checks that only the dialect can make, in the order of the pipeline: who
	// signed (step 4), whether it still counts (step 6), and whether what is asked
	// for keeps to what the system itself bounds (step 7). Their errors are *Error,
	// or wrap one. Nil: there is nothing to check, which no dialect has for Prove.
	Prove    func(at time.Time) error
	Standing func(at time.Time) error
	Permit   func(asked *Act, at time.Time) error
}

// Signed reports whether the holder signed what was presented for this verifier.
func (f *Foreign) Signed() bool { return f.Intent != nil || !f.Ends.IsZero() }

// conform reports the member of a passport of another system that ours cannot
// say. Its id and its status may be what they are.
func conform(p *Passport) error {
	own := *p
	own.ID = PassportURN + "00000000000000000000000000"
	own.Status = []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://status.invalid/1"}}
	var w jsonwrite.Writer
	if err := own.appendJSON(&w); err != nil {
		return err
	}
	unsigned, err := credential.Parse(w.Buf)
	if err == nil {
		_, err = ReadUnverified(unsigned)
	}
	return err
}

// conformIntent does so for an intent, and returns the digest of what it asks for.
func conformIntent(in *Intent) (content string, err error) {
	own := *in
	own.PassportID = PassportURN + "00000000000000000000000000"
	if err := own.check(); err != nil {
		return "", err
	}
	var w jsonwrite.Writer
	in.appendJSON(&w)
	v, err := credential.ParseValue(string(w.Buf))
	if err != nil {
		return "", err
	}
	return IntentContent(v), nil
}

func init() {
	seam.MustLend("passport.conform", conform)
	seam.MustLend("passport.conformIntent", conformIntent)
}
