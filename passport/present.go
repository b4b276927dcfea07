package passport

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// Chain is a passport with its ancestors, the root first and the leaf last.
// A passport that was not delegated is a chain of one.
type Chain []*credential.Signed

// PresentOptions say how a presentation is made.
type PresentOptions struct {
	Now func() time.Time // the clock; nil: time.Now

	// Challenge is the verifier's nonce; verifiers take 16 to 128 bytes. Empty:
	// a new random one of 192 bits, which serves once.
	Challenge string

	Siblings []*credential.Signed // consent credentials that the chain names
	Suite    string               // cryptosuite; empty: eddsa-jcs-2022
	Format   credential.Format    // envelopes the presentation, as vp+jwt does, and takes no Suite; nil: a Data Integrity proof
}

// Present makes the presentation that an agent shows: the chain, the intent,
// and the agent's proof over both for one audience. Zero members of the intent
// are filled in; see [Intent]. The audience is the identifier that the
// verifier is configured with, such as its DID or origin.
//
// Nothing is signed, and the error is an [*Error], if there is no passport
// (envelope.missing), the audience is empty (proof.audience_mismatch), the
// signer not the agent of the leaf (proof.holder_mismatch), or the intent not
// of the form that [ReadIntentUnverified] demands. Errors of the signer are
// wrapped. Whether the chain holds together, and whether the challenge is the
// right one, is for the verifier to say.
func Present(ctx context.Context, agent did.Signer, chain Chain, intent Intent, audience string, o PresentOptions) (*credential.Presentation, error) {
	switch {
	case agent == nil:
		return nil, &Error{Code: code.RequestInvalid, Detail: "Present needs the agent's signer"}
	case len(chain) == 0:
		return nil, &Error{Code: code.EnvelopeMissing, Detail: "there is no passport to present"}
	case audience == "":
		return nil, &Error{Code: code.ProofAudienceMismatch, Detail: "a presentation is made for one audience, which is empty"}
	}
	leaf, err := ReadUnverified(chain[len(chain)-1])
	if err != nil {
		return nil, err
	}
	if holder := agent.KeyID().DID(); holder != leaf.Agent {
		return nil, &Error{Code: code.ProofHolderMismatch, Detail: "the signer is not the agent of the passport",
			Limit: leaf.Agent.String(), Actual: holder.String()}
	}
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	at := now()
	if err := intent.complete(leaf, at); err != nil {
		return nil, err
	}
	if err := intent.check(); err != nil {
		return nil, err
	}
	if o.Challenge == "" {
		if o.Challenge, err = NewChallenge(); err != nil {
			return nil, err
		}
	}
	text, err := presentation(agent.KeyID().DID(), chain, o.Siblings, &intent)
	if err != nil {
		return nil, err
	}
	so := credential.SignOptions{
		Suite: o.Suite, Format: o.Format, Created: at,
		Domain: []string{audience}, Challenge: o.Challenge,
	}
	if o.Format != nil {
		so.Expires = intent.ExpiresAt // exp, for those who know tokens and not intents
	}
	for _, list := range [][]*credential.Signed{chain, o.Siblings} {
		for _, s := range list {
			if f := s.Format(); f != nil {
				so.Formats = append(so.Formats, f)
			}
		}
	}
	return credential.SignPresentation(ctx, agent, text, so)
}

// NewChallenge returns a fresh nonce of 192 random bits, as a verifier hands
// out and an agent answers.
func NewChallenge() (string, error) {
	var raw [24]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", fmt.Errorf("passport: a new challenge: %w", err)
	}
	return multibase.EncodeBase64URL(raw[:]), nil
}

// Digest returns the digest of a message body for [Intent.BodyDigest]: the
// SHA-256 multihash in multibase base64url.
func Digest(body []byte) string { return multibase.Digest(body) }

// DigestJSON returns the digest of a message that is a JSON value, for
// Intent.BodyDigest, where its text may be written anew on the way: that of its
// JCS form (RFC 8785). Two texts with one digest say the same. Protocols that
// carry calls as JSON use it, such as MCP.
func DigestJSON(v credential.Value) string {
	var space [1024]byte // most calls fit
	return multibase.Digest(jcs.Append(space[:0], v))
}

func presentation(holder did.DID, chain Chain, siblings []*credential.Signed, intent *Intent) ([]byte, error) {
	w := jsonwrite.Writer{Buf: make([]byte, 0, 8192)}
	w.BeginObject()
	w.Strings("@context", []string{credential.ContextV2, Context})
	w.Strings("type", []string{credential.TypePresentation, PresentationType})
	w.Member("holder", holder.String())
	w.Name("verifiableCredential")
	w.BeginArray()
	for _, list := range [][]*credential.Signed{chain, siblings} {
		for _, s := range list {
			if s == nil {
				return nil, &Error{Code: code.RequestInvalid, Detail: "a credential to present is nil"}
			}
			w.Raw(s.Embedded())
		}
	}
	w.EndArray()
	w.Name("intent")
	intent.appendJSON(&w)
	w.EndObject()
	return w.Buf, nil
}
