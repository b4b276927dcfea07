// Package bundle puts everything that a verifier must know of the world into
// one file: DID documents, status lists, consent credentials and trust anchors,
// signed, numbered, and with an end date. A machine that never sees a network
// decides from it as others do online.
//
//	raw, err := bundle.Create(ctx, signer, bundle.Contents{…}, bundle.CreateOptions{})
//
//	b, err := bundle.Open(ctx, raw, bundle.Options{Signers: []did.DID{operator}})
//	v, err := verify.New(verify.Config{
//		Anchors: b.Anchors(), Resolver: b, Status: b, Ledger: ledger,
//	})
//
// [Open] believes the signers that it is given and nobody else. [Store] holds
// the newest bundle and refuses older ones, [Diff] tells people what is new,
// [Inspect] looks into a bundle without believing it. Package refresh makes the
// next edition over the network; this package links no network.
//
// # What ends trust
//
// A file that says whom to trust and has no end keeps revoked keys alive. So
// each entry has a use-by, which is never later than the end of its content, the
// bundle has an end, and the end is at most 30 days away unless Bounds.Lifetime
// says otherwise. [Info.EndsFirst] and [Info.Missing] say what is of use for less
// than that. A [Bundle] looks at the clock whenever it is asked, and answers nobody when it is out of date:
// not even for a did:key, whose document follows from its name. A verifier with
// the bundle as its only Resolver then finds everything undetermined. Behind
// another resolver beside it the anchors of a verifier would live on.
//
// Anchors are copied into a verifier when it is made. [Store] says how to
// replace them with a new bundle.
//
// # The form
//
// A bundle is one JSON object of media type [MediaType], without @context, read
// as strictly as everything here: UTF-8, no name twice, no member that is not
// listed. All are required but those marked "may be absent"; a list that is
// there is not empty.
//
//	type           "SafeconductTrustBundle"
//	version        1
//	id             names the series in which sequence counts: an absolute IRI
//	issuer         the DID of the signer
//	audience       the verifiers it is for: IRIs; may be absent: for everybody
//	sequence       1 … 2^53-1, higher in every edition
//	created        RFC 3339
//	validUntil     RFC 3339, after created
//	didDocuments   entries; may be absent
//	statusLists    entries; may be absent
//	credentials    entries; may be absent
//	anchors        entries; may be absent
//	proof          see below
//
// An entry says what it is, where from, and how long it is of use:
//
//	id             what the content names itself: a DID, the URL of a list, the
//	               id of a credential, the issuer of an anchor; once per list
//	source         where it was got: an absolute IRI
//	digest         SHA-256 multihash in multibase base64url ("uEi…")
//	fetchedAt      RFC 3339, not after created
//	useBy          RFC 3339, not after validUntil; of an anchor after created.
//	               What is past it when the bundle is created is missing: it
//	               answers nothing, and is listed so that it is asked for again
//	content        the document, byte for byte as it was fetched, as a string;
//	               of an anchor an object
//	vouched        true on a status list without a proof, else absent
//
// The digest is over the bytes of the document; for an anchor over the RFC 8785
// form of its content. Documents are strings, and not objects, because they have
// signatures and digests of their own: no tool that reformats the bundle changes
// them, and those that are not JSON (vc+jwt) fit as well. The document of a
// did:key or did:jwk follows from its name and is not delivered.
//
// The content of an anchor, see verify.Anchor. Absent and empty lists are two
// things: no restriction, and nothing at all.
//
//	issuer         DID
//	types          credential types; may be absent
//	actions        action patterns, "*" for all; may be absent
//	ceilings       {amount, currency, decimals?}, one per currency; may be absent
//	regions        may be absent
//	maxAssurance   L0, L1, L2, L3, L4KYC or L4FIN; may be absent: L0
//
// # Who signs
//
// The issuer, with one Data Integrity proof: cryptosuite eddsa-jcs-2022,
// proofPurpose assertionMethod, a verificationMethod of the issuer's own that
// its document lists for assertionMethod, and no member of a proof beside type,
// cryptosuite, verificationMethod, proofPurpose and proofValue, for time and
// audience are in the bundle. Whoever reads it was told the issuer's DID by
// other means; its key is never looked up in the bundle.
//
// The purpose is assertionMethod because a bundle is a statement about others,
// as a credential is. The two cannot be confused: a credential has a @context,
// a bundle must not.
//
// A signer may be an organisation that collects what others published. It need
// not be believed in what they signed: lists and credentials carry the proofs of
// their issuers, which package verify checks at every use. It is believed in
// what nobody signed: DID documents, anchors, the time of fetching, and lists
// that it vouches for.
//
// A worked example is in testdata/example.json; a test makes it again from fixed
// keys.
package bundle
