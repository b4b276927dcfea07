package bundle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// Options say whose bundles are believed, and which of them.
type Options struct {
	// Signers are the DIDs whose bundles are believed. None is an error: a
	// bundle decides whom to trust, so nothing inside it can say who may sign
	// it.
	Signers []did.DID

	// Resolver finds the keys of Signers, and of nobody else. Nil: did:key and
	// did:jwk, which need no look-up. For a did:web signer it should be a
	// [did.Static] with the document that was handed over with the device: a
	// document out of the bundle itself proves nothing, and is not asked.
	Resolver did.Resolver

	// ID is the series of bundles that is wanted; "": any of the signer's.
	ID string
	// Audience is the name under which this verifier is addressed. "": only
	// bundles for everybody are taken.
	Audience string
	// MinSequence is the lowest sequence number taken; lower is a roll-back.
	// With Marks nobody has to keep it by hand.
	MinSequence int64
	// Marks keeps the highest number that was seen of each series, and what tells
	// that bundle from others; it must be where whoever delivers bundles cannot
	// write. Nil: nothing is kept, and after a restart an older bundle is taken.
	Marks verify.MarkStore

	Now  func() time.Time // the clock, asked at every use of the bundle; nil: time.Now
	Skew time.Duration    // how far clocks may differ; zero: not at all; at most 5 min

	Formats []credential.Format // enveloping formats that lists and credentials may have; nil: none
	Bounds  Bounds              // zero fields: their defaults
}

func (o *Options) check() (Bounds, error) {
	b, err := o.Bounds.Resolve()
	switch {
	case err != nil:
		return b, &Error{Code: code.RequestInvalid, Err: err}
	case len(o.Signers) == 0:
		return b, fault(code.RequestInvalid, "", "Signers is empty: nobody's bundles would be believed; name the DID that signs them")
	case slices.ContainsFunc(o.Signers, did.DID.IsZero):
		return b, fault(code.RequestInvalid, "", "Signers has a zero DID in it")
	case o.Skew < 0 || o.Skew > limits.MaxSkew:
		return b, fault(code.RequestInvalid, "", "Skew is %s, want 0 to %s", o.Skew, limits.MaxSkew)
	case o.MinSequence < 0:
		return b, fault(code.RequestInvalid, "", "MinSequence is %d, want 0 or more", o.MinSequence)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Resolver == nil {
		o.Resolver = did.KeyMethods()
	}
	return b, nil
}

// Open checks a bundle and returns what is in it. In this order: its form and
// digests; that its issuer is one of Options.Signers, before anything is looked
// up; the one proof, an eddsa-jcs-2022 made for assertionMethod with a key of
// the issuer that its document lists for that; series, audience, sequence and
// time; then the form of every entry.
//
// Signatures of status lists and credentials are not checked here: package
// verify checks them, like those of any other source, when it uses them.
//
// Errors are [*Error]: envelope.malformed, envelope.too_large,
// envelope.unsupported, envelope.context (its form); anchor.untrusted_issuer
// (the signer, or another series); proof.missing, proof.invalid,
// proof.transformation, proof.purpose_mismatch, proof.key_not_authorized,
// proof.unresolvable, proof.timeout; proof.audience_mismatch;
// status.rolled_back (MinSequence, Marks), status.unavailable (Marks failed); time.not_yet_valid, time.expired,
// time.lifetime_exceeded; request.invalid (the options).
func Open(ctx context.Context, raw []byte, o Options) (*Bundle, error) {
	b, err := open(ctx, raw, o)
	if err == nil {
		err = o.mark(ctx, &b.info)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// open is Open that leaves no mark.
func open(ctx context.Context, raw []byte, o Options) (*Bundle, error) {
	bounds, err := o.check()
	if err != nil {
		return nil, err
	}
	p, err := parse(raw, bounds)
	if err != nil {
		return nil, err
	}
	in := &p.info
	if !slices.Contains(o.Signers, in.Issuer) {
		return nil, &Error{Code: code.AnchorUntrustedIssuer, Path: "/issuer",
			Detail: "the signer of the bundle is not one that is believed", Actual: in.Issuer.String(), Hint: "add it to Options.Signers if it should be"}
	}
	if err := p.doc.CheckProofBy(ctx, in.Issuer, o.Resolver, did.AssertionMethod, o.Now()); err != nil {
		return nil, err
	}
	if o.ID != "" && in.ID != o.ID {
		return nil, &Error{Code: code.AnchorUntrustedIssuer, Path: "/id", Detail: "a bundle of another series", Limit: o.ID, Actual: in.ID}
	}
	if in.Audience != nil && !slices.Contains(in.Audience, o.Audience) {
		return nil, &Error{Code: code.ProofAudienceMismatch, Path: "/audience", Detail: "the bundle is for others",
			Limit: o.Audience, Actual: fmt.Sprintf("%.300q", in.Audience), Hint: "Options.Audience is the name of this verifier"}
	}
	if in.Sequence < o.MinSequence {
		return nil, rolledBack(in.Sequence, o.MinSequence)
	}
	if err := o.marked(ctx, in); err != nil {
		return nil, err
	}
	if life := in.ValidUntil.Sub(in.Created); life > bounds.Lifetime {
		return nil, lifetimeExceeded(life, bounds)
	}
	b := &Bundle{now: o.Now, skew: o.Skew}
	b.info = *in
	if err := b.inDate(b.clock()); err != nil {
		return nil, err
	}
	if err := b.load(p, bounds, o.Formats); err != nil {
		return nil, err
	}
	return b, nil
}

func rolledBack(got, least int64) error {
	return &Error{Code: code.StatusRolledBack, Path: "/sequence", Detail: "a newer bundle was seen before", Limit: fmt.Sprint(least), Actual: fmt.Sprint(got)}
}

func lifetimeExceeded(life time.Duration, b Bounds) error {
	return &Error{Code: code.TimeLifetimeExceeded, Path: "/validUntil", Detail: "the bundle would last too long",
		Limit: b.Lifetime.String(), Actual: life.String(), Hint: "Bounds.Lifetime"}
}

// load reads the entries.
func (b *Bundle) load(p *parsed, bounds Bounds, formats []credential.Format) error {
	b.info = p.info
	b.documents = make(map[did.DID]*document)
	b.lists = make(map[string]*list)
	b.credentials = make(map[string]*sibling)
	b.full = make([]bool, len(p.records))
	parser := bounds.parser(formats)
	for i := range p.records {
		r := &p.records[i]
		said := r.UseBy
		if err := b.add(r, bounds, parser); err != nil {
			return below(r.at.Path()+"/content", err)
		}
		b.info.Entries[i].UseBy = r.UseBy // no later than its content
		b.full[i] = said.Equal(b.info.ValidUntil) || r.ends.Equal(said) || r.UseBy.Before(said)
	}
	return nil
}

// add reads one entry, whose content must name itself as the entry says.
func (b *Bundle) add(r *record, bounds Bounds, parser credential.Parser) error {
	misnamed := func(name string) error {
		return &Error{Code: code.EnvelopeMalformed, Detail: "the content is about another than the entry", Limit: r.ID, Actual: name}
	}
	switch r.Kind {
	case DIDDocuments:
		doc, err := did.DocumentParser{Bounds: bounds.DIDs}.Parse([]byte(r.text))
		if err != nil {
			return &Error{Code: code.EnvelopeMalformed, Err: err}
		}
		id := doc.ID()
		if id.String() != r.ID {
			return misnamed(id.String())
		}
		if selfDescribing(id) {
			return fault(code.EnvelopeMalformed, "", "the document of a did:%s follows from its name and is not delivered", id.Method())
		}
		b.documents[id] = &document{doc, r.UseBy}
	case StatusLists:
		parser.StatusList = true
		signed, err := parser.Credential([]byte(r.text))
		if err != nil {
			return err
		}
		l, err := statuslist.Parser{Bounds: bounds.Lists}.Credential(signed)
		if err != nil {
			return err
		}
		if l.ID != r.ID {
			return misnamed(l.ID)
		}
		if err := checkListSigner(signed, l.Issuer, r.Vouched); err != nil {
			return err
		}
		r.until(endOf(signed, l.AsOf))
		b.lists[r.ID] = &list{&statuslist.Fetched{Raw: []byte(r.text), At: r.FetchedAt}, r.UseBy, l.AsOf, r.Vouched}
	case Credentials:
		signed, err := parser.Credential([]byte(r.text))
		if err != nil {
			return err
		}
		if id := signed.Unverified().ID; id != r.ID {
			return misnamed(id)
		}
		r.until(endOf(signed, time.Time{}))
		s := &sibling{text: r.text, digest: signed.Digest(), useBy: r.UseBy}
		if m := signed.Unverified(); m.HasType(passport.AgreementAcceptance) {
			s.of = m.Issuer.ID
			if len(m.Subjects) == 1 {
				s.kind = m.Subjects[0].Get("agreementKind").Str()
			}
		}
		b.credentials[r.ID] = s
	case Anchors:
		d := decoder{bounds: bounds}
		a := d.anchor(r.at.Get("content").Alone())
		if d.err != nil {
			return d.err
		}
		if a.Issuer.String() != r.ID {
			return misnamed(a.Issuer.String())
		}
		b.anchors = append(b.anchors, anchor{a, r.UseBy, r.Digest})
	}
	return nil
}

// checkListSigner finds early what package verify would refuse: a list whose
// proofs are by others than its issuer, or that has none and is not vouched
// for.
func checkListSigner(signed *credential.Signed, issuer string, vouched bool) error {
	proofs := signed.Proofs()
	switch {
	case vouched && len(proofs) > 0:
		return fault(code.StatusInvalid, "", "vouched is for a list without a proof, and this one has one")
	case !vouched && len(proofs) == 0:
		return &Error{Code: code.StatusInvalid, Detail: "the list is not signed", Hint: "the signer of the bundle can vouch for it"}
	}
	for i := range proofs {
		if by := proofs[i].VerificationMethod.DID().String(); by != issuer {
			return &Error{Code: code.StatusInvalid, Detail: "the list is signed by another than its issuer", Limit: issuer, Actual: by}
		}
	}
	return nil
}

func selfDescribing(id did.DID) bool { return id.Method() == "key" || id.Method() == "jwk" }

// inDate judges the bundle as a whole.
func (b *Bundle) inDate(now time.Time) error {
	switch {
	case now.Before(b.info.Created.Add(-b.skew)):
		return &Error{Code: code.TimeNotYetValid, Path: "/created", Detail: "the bundle is from the future",
			Limit: datetime.Format(b.info.Created), Actual: datetime.Format(now), Hint: "or the clock is slow"}
	case !now.Before(b.info.ValidUntil.Add(b.skew)):
		return &Error{Code: code.TimeExpired, Path: "/validUntil", Detail: "the bundle has ended",
			Limit: datetime.Format(b.info.ValidUntil), Actual: datetime.Format(now), Hint: "fetch a newer one"}
	}
	return nil
}
