package grantex_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/statuslist"
)

// exampleRefusal is the code as Grantex has it, and as this library has it, with the place.
func exampleRefusal(err error) string {
	var theirs *grantex.Error
	var ours *passport.Error
	if !errors.As(err, &theirs) || !errors.As(err, &ours) {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%s: %s at %s, undetermined: %t", theirs.Code, ours.Code, ours.Path, theirs.Undetermined)
}

// An issuer publishes its keys, and a shop pins them. A set that gives a private key
// away is not taken.
func ExampleParseKeySet() {
	published, err := grantex.KeySetOf(signer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.80s...\n", published)
	keys, err := grantex.ParseKeySet(published)
	if err != nil {
		fmt.Println(err)
		return
	}
	header, err := grantex.Emit(signer, plain())
	if err != nil {
		fmt.Println(err)
		return
	}
	v := &grantex.Verifier{Keys: keys, Issuers: []string{issuer}}
	p, err := v.Verify(header, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Categories, p.MaxAmount.Amount, p.MaxAmount.Currency)
	fmt.Printf("%.70s...\n", p.Claims()) // what was signed

	leaked := strings.Replace(string(published), `"kty"`, `"d":"AAAA","kty"`, 1)
	_, err = grantex.ParseKeySet([]byte(leaked))
	fmt.Println(err)
	// Output:
	// {"keys":[{"kty":"OKP","crv":"Ed25519","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIo...
	// [inference compute] 50 USDC
	// {"vc":{"@context":["https://www.w3.org/ns/credentials/v2","https://gra...
	// grantex: keys[0] of the JWKS has its private half, which is secret
}

// The passport of a Grantex service, as one of this library, and back: what Grantex has
// no word for is named and not lost.
func ExampleOf() {
	theirs := plain()
	ours, err := theirs.Translate()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ours.Agent, ours.Authority.Capabilities[0].Action, ours.Authority.MaxTransaction)

	back, err := grantex.Of(ours)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.Agent, back.Categories, back.MaxAmount.Amount, back.MaxAmount.Currency)

	ours.Authority.Payees = []string{"did:web:shop.example"}
	_, err = grantex.Of(ours)
	fmt.Println(exampleRefusal(err))
	// Output:
	// did:grantex:ag_1 payments:mpp:inference 50 USDC
	// did:grantex:ag_1 [inference compute] 50 USDC
	// MALFORMED_CREDENTIAL: envelope.malformed at /credentialSubject/payees, undetermined: false
}

// A user withdraws a grant: the service sets the bit of the passport in its list. The
// shop has a copy of the list from its trust bundle.
func ExampleParseStatusListUnverified() {
	const url = "https://issuer.example/status/1"
	bits, err := statuslist.New(1<<17, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := bits.Set(7, 1); err != nil {
		fmt.Println(err)
		return
	}
	list, err := grantex.ParseStatusListUnverified([]byte(`{"type": ["VerifiableCredential", "StatusList2021Credential"],
		"id": "` + url + `", "issuer": "` + issuer + `",
		"credentialSubject": {"type": "StatusList2021", "statusPurpose": "revocation", "encodedList": "` +
		bits.Encode(statuslist.StatusList2021) + `"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range []int{6, 7, 1 << 20} {
		set, ok := list.Set(i)
		fmt.Println(i, "set:", set, "on the list:", ok)
	}

	p := plain()
	p.Status = &grantex.Status{List: url, Index: 7}
	header, err := grantex.Emit(signer, p)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := &grantex.Verifier{Keys: pinned(signer), Issuers: []string{issuer}}
	_, err = v.Verify(header, now)
	fmt.Println(exampleRefusal(err)) // without the list it could not be found out
	v.Lists = func(string) *grantex.StatusList { return list }
	_, err = v.Verify(header, now)
	fmt.Println(exampleRefusal(err))
	// Output:
	// 6 set: false on the list: true
	// 7 set: true on the list: true
	// 1048576 set: false on the list: false
	// REVOCATION_CHECK_FAILED: status.unavailable at /credentialStatus, undetermined: true
	// PASSPORT_REVOKED: status.revoked at /credentialStatus, undetermined: false
}

// A log line needs a name for what was sent, genuine or not.
func ExampleUnverifiedID() {
	header, err := grantex.Emit(signer, plain())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(grantex.UnverifiedID(header))
	fmt.Printf("%q\n", grantex.UnverifiedID("no passport"))
	// Output:
	// urn:grantex:passport:01M8GCS3NXX9R2DZHQJS47KE6V
	// ""
}

// Open says whether something that was presented is of Grantex, and what it claims.
// Prove looks at the signature; only verify.Verifier, which lists the dialect, says
// whether the passport may be relied on.
func ExampleDialect_Open() {
	header, err := grantex.Emit(signer, plain())
	if err != nil {
		fmt.Println(err)
		return
	}
	d := &grantex.Dialect{Keys: pinned(signer)}
	for _, presented := range []string{header, edit(header, `"amount":50`, `"amount":5000`), `{"type":"x"}`} {
		claimed, err := d.Open([]byte(presented))
		var refused *passport.Error
		switch {
		case errors.As(err, &refused):
			fmt.Println("refused:", refused.Code, refused.Path)
		case claimed == nil:
			fmt.Println("of another system")
		default:
			fmt.Println("claims:", claimed.Passport.Issuer, claimed.Passport.Authority.MaxTransaction)
			fmt.Println("proven now:", claimed.Prove(now) == nil)
			fmt.Println("proven tomorrow:", claimed.Prove(now.Add(24*time.Hour)) == nil)
		}
	}
	// Output:
	// claims: did:web:issuer.example 50 USDC
	// proven now: true
	// proven tomorrow: false
	// refused: proof.invalid /credentialSubject
	// of another system
}
