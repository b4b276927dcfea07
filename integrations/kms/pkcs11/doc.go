// Package pkcs11 signs with an Ed25519 key in a hardware security module, a smart card or
// a token in software, through PKCS#11, the interface that all of them have.
//
//	library, err := pkcs11.Load("/usr/lib/softhsm/libsofthsm2.so")
//	key, err := library.Open(ctx, pkcs11.Config{Token: "issuer", Label: "passports", PIN: askForPIN})
//	signer, err := kms.NewSigner(ctx, did.MustParseURL("did:web:issuer.example#hsm-1"), key)
//
// The library of the token is code in C that is loaded into this process, so this package
// needs cgo: without it (CGO_ENABLED=0) the package is empty. The mechanism is CKM_EDDSA
// without parameters, that is Ed25519 of the message itself, of PKCS #11 v3.0; a token
// must have it. Tested with SoftHSM 2.
package pkcs11
