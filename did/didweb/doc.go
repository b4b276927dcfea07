// Package didweb resolves did:web: the DID document is a file on an HTTPS
// server, under a name that follows from the DID.
//
//	resolver, err := didweb.New(didweb.Config{})
//	documents := did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": resolver}
//
// The names come from strangers, so the fetch trusts nobody: HTTPS only, no
// redirects, no proxy from the environment, no address that is not public
// (judged on the address that is dialled, so a second look-up changes nothing),
// and caps on size and time. Documents are cached, see [did.Cache].
//
// The other direction is [Publish]: which file an issuer has to put where.
//
// The rules are those of the did:web method specification, read strictly.
package didweb
