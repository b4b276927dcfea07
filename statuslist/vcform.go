package statuslist

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

const credentialSuffix = "Credential" // of the list's type

// vcForm is everything in which lists that are credentials differ.
type vcForm struct {
	version      int      // of the data model
	contexts     []string // as we write them
	from, until  string   // the members with its validity
	ttl          bool     // the list may have a ttl
	manyPurposes bool     // the list may have several purposes

	// checkContexts judges the contexts of a list that was read. Nil takes all
	// that the data model takes.
	checkContexts func(c *credential.Credential, proofs []credential.ProofInfo) error
}

// kindOf tells the kinds of list that are credentials apart, by type and by
// version.
func kindOf(c *credential.Credential) (Encoding, error) {
	found := -1
	for e, k := range kinds {
		if k.vc == nil || !c.HasType(k.name+credentialSuffix) {
			continue
		}
		if found >= 0 {
			return 0, fail(ErrVerification, "/type", "two types of status list: %s and %s", kinds[found].name, k.name)
		}
		found = e
	}
	if found < 0 {
		return 0, fail(ErrVerification, "/type", "not a status list but %.200q, want %s", c.Type, namesWith(credentialSuffix))
	}
	if k := kinds[found]; c.Version != k.vc.version {
		return 0, fail(ErrVerification, "/@context", "a %sCredential has %s first", k.name, k.vc.contexts[0])
	}
	return Encoding(found), nil
}

// asOf returns the instant for which the list speaks. Only the issuer's own
// proofs count, all of them must say when they were made, and the earliest
// holds: whoever else adds a proof to an old list cannot make it younger.
func asOf(c *credential.Credential, proofs []credential.ProofInfo) time.Time {
	var created time.Time
	for _, p := range proofs {
		if p.VerificationMethod.DID().String() != c.Issuer.ID {
			continue
		}
		if p.Created.IsZero() {
			return c.ValidFrom
		}
		if created.IsZero() || p.Created.Before(created) {
			created = p.Created
		}
	}
	if created.After(c.ValidFrom) {
		return created
	}
	return c.ValidFrom
}

// draft is a list that is about to be signed.
type draft struct {
	url, issuer string
	purpose     Purpose
	asOf, until time.Time
	ttl         time.Duration
	list        *List
	suite       string
}

// signAs signs a draft as a list in that encoding.
func (d *draft) signAs(ctx context.Context, signer did.Signer, e Encoding) ([]byte, error) {
	k := e.kind()
	if k.vc == nil {
		return k.sign(ctx, signer, d)
	}
	signed, err := credential.SignJSON(ctx, signer, d.credential(e), credential.SignOptions{
		Suite: d.suite, Created: d.asOf.Truncate(time.Second),
	})
	if err != nil {
		return nil, err
	}
	return signed.Bytes(), nil
}

// credential writes the list as a credential.
func (d *draft) credential(e Encoding) []byte {
	k := e.kind()
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", k.vc.contexts)
	w.Member("id", d.url)
	w.Strings("type", []string{credential.TypeCredential, k.name + credentialSuffix})
	w.Member("issuer", d.issuer)
	w.Member(k.vc.from, datetime.Exact(d.asOf))
	w.Member(k.vc.until, datetime.Format(d.until))
	w.Name("credentialSubject")
	w.BeginObject()
	w.Member("id", d.url+"#list")
	w.Member("type", k.name)
	w.Member("statusPurpose", string(d.purpose))
	if k.vc.ttl && d.ttl > 0 {
		w.Name("ttl")
		w.Int(d.ttl.Milliseconds())
	}
	w.Member("encodedList", d.list.Encode(e))
	w.EndObject()
	w.EndObject()
	return w.Buf
}
