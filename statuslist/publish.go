package statuslist

import (
	"context"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// PublishOptions say for how long a published list speaks.
type PublishOptions struct {
	// Now is the instant for which the list speaks: its validFrom and the
	// created of its proof, in whole seconds. Required.
	Now time.Time
	// ValidFor is the time to validUntil. Zero means 24 hours, beyond which
	// verifiers do not take a list by default.
	ValidFor time.Duration
	// TTL asks caches to fetch again after that time. Zero states none. Only
	// a Bitstring list can say it; for HTTP see CacheControl.
	TTL time.Duration
	// Suite is the cryptosuite of the proof. Empty means eddsa-jcs-2022.
	Suite string
}

// CacheControl returns the value of the HTTP header Cache-Control with which
// the list should be served, so that HTTP caches keep it no longer than TTL
// says, and none at all when it says nothing.
func (o PublishOptions) CacheControl() string {
	if o.TTL < time.Second {
		return "no-cache"
	}
	return "public, max-age=" + strconv.FormatInt(int64(o.TTL/time.Second), 10)
}

func (o *PublishOptions) check() error {
	if o.ValidFor == 0 {
		o.ValidFor = defaults.StatusAge
	}
	switch {
	case o.Now.IsZero():
		return misuse(nil, "Now is not set: a list must say when it was made")
	case o.ValidFor < time.Second:
		return misuse(nil, "ValidFor is %s, want at least a second", o.ValidFor)
	case o.TTL < 0 || o.TTL > o.ValidFor:
		return misuse(nil, "TTL is %s, want 0 to ValidFor, %s", o.TTL, o.ValidFor)
	case o.TTL%time.Millisecond != 0:
		return misuse(nil, "TTL is %s, want whole milliseconds", o.TTL)
	}
	return nil
}

// Publish signs the list as it stands, as the signer's DID: as a Bitstring
// list and, if the Publisher has a URL2021, the same bits once more as
// StatusList2021 (else nil). Put the bytes of each at its URL; they never
// change afterwards, so they may be served while the next ones are made.
//
// Indices may be allocated and changed meanwhile: the list has those changes
// that were complete when Publish was called. A host that publishes from
// several goroutines must itself take care that the newest list stays.
func (p *Publisher) Publish(ctx context.Context, signer did.Signer, o PublishOptions) (list, list2021 *credential.Signed, err error) {
	if signer == nil {
		return nil, nil, misuse(nil, "there is no signer, and an unsigned list is never believed")
	}
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	values := p.values.Clone()
	p.mu.Unlock()

	so := credential.SignOptions{Suite: o.Suite, Created: o.Now.Truncate(time.Second)}
	issuer := signer.KeyID().DID().String()
	text := values.Encode(StatusList2021)
	list, err = credential.SignJSON(ctx, signer, p.document(Bitstring, issuer, "u"+text, o), so)
	if err != nil || p.opts.URL2021 == "" {
		return list, nil, err
	}
	list2021, err = credential.SignJSON(ctx, signer, p.document(StatusList2021, issuer, text, o), so)
	if err != nil {
		return nil, nil, err
	}
	return list, list2021, nil
}

// document writes the list credential that is to be signed.
func (p *Publisher) document(e Encoding, issuer, encodedList string, o PublishOptions) []byte {
	url, contexts := p.opts.URL, []string{credential.ContextV2}
	from, until := "validFrom", "validUntil"
	if e == StatusList2021 {
		url, contexts = p.opts.URL2021, []string{credential.ContextV1, context2021, contextDataIntegrity}
		from, until = "issuanceDate", "expirationDate"
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", contexts)
	w.Member("id", url)
	w.Strings("type", []string{credential.TypeCredential, e.String() + credentialSuffix})
	w.Member("issuer", issuer)
	w.Member(from, datetime.Format(o.Now))
	w.Member(until, datetime.Format(o.Now.Add(o.ValidFor)))
	w.Name("credentialSubject")
	w.BeginObject()
	w.Member("id", url+"#list")
	w.Member("type", e.String())
	w.Member("statusPurpose", string(p.opts.Purpose))
	if e == Bitstring && o.TTL > 0 {
		w.Name("ttl")
		w.Int(o.TTL.Milliseconds())
	}
	w.Member("encodedList", encodedList)
	w.EndObject()
	w.EndObject()
	return w.Buf
}
