// Package vcjwt secures credentials and presentations as JSON Web Signatures
// in compact form: vc+jwt and vp+jwt of VC-JOSE-COSE section 3.1. It is one
// line where a verifier is configured,
//
//	verify.Config{Formats: []credential.Format{vcjwt.Format()}}
//
// and one option where something is signed ([credential.SignOptions],
// passport.IssueOptions, passport.PresentOptions). Programs that do not import
// it do not link a JOSE library.
//
// # What is accepted
//
// A token has exactly one text. Three segments of base64url without padding,
// white space or unused bits that are not zero; at most 256 KiB, with a header
// of at most 4 KiB. Nothing can be added to an accepted token, or written
// another way, and be accepted again.
//
// The header is a JSON object without white space in front, parsed as strictly as a credential, with these
// members and no others:
//
//	alg  exactly "EdDSA", with an Ed25519 key; needed
//	typ  exactly "vc+jwt" or "vp+jwt", as is due; needed
//	kid  the key, an absolute DID URL; needed
//	cty  exactly "vc" or "vp", as is due; may be absent
//
// VC-JOSE-COSE lets typ and kid be absent. Here they are needed: without typ a
// presentation could pass for a credential, and without kid the key would have
// to be guessed. The name "Ed25519" that RFC 9864 gives to the same algorithm
// is refused, because go-jose v4 does not know it and one algorithm is to have
// one name. RFC 7515 section 4 lets readers ignore members that they do not
// know; a verifier that decides about money does not: crit, b64, zip, jwk, jku,
// x5u, x5c and all others are refused, and nothing is ever fetched.
//
// Claims are not this package's business. Package credential reads the payload
// and holds iss, sub, jti, nbf, exp, aud and nonce against it.
//
// # Errors
//
// Refusals of Open are of type [*credential.Error] with the codes
// envelope.malformed (spelling, header, typ, cty), envelope.too_large,
// proof.transformation (alg, and what would change how the signature is made:
// crit, b64, zip) and proof.key_not_authorized (kid, and keys that the token
// brings along). What is no JWT at all gives [credential.ErrNotThisFormat]. The
// envelope's Check gives proof.invalid.
package vcjwt
