package verify_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Agents need not carry what their principals have signed: the host looks into its cache, and then into its archive.
func ExampleSiblingFunc() {
	w := exampleWorld()
	ada := w.Principal("ada")
	will := ada.Will() // agents may act for her
	pass := w.Issue(w.Passport(ada.StandsOn(will)))
	from := func(kept map[string][]byte) verify.SiblingFunc {
		return func(_ context.Context, id, _ string) ([]byte, error) {
			if raw, ok := kept[id]; ok {
				return raw, nil // the verifier compares the digest, and checks it like what is presented
			}
			return nil, errors.New("there is no " + id)
		}
	}
	cache, archive := from(nil), from(map[string][]byte{will.Unverified().ID: will.Bytes()})
	both := verify.SiblingFunc(func(ctx context.Context, id, digest string) ([]byte, error) {
		if raw, err := cache.Sibling(ctx, id, digest); err == nil {
			return raw, nil
		}
		return archive.Sibling(ctx, id, digest)
	})
	for _, source := range []verify.SiblingSource{nil, cache, both} {
		v := w.Verifier(func(c *verify.Config) { c.Siblings = source })
		d, _ := v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request())
		fmt.Println(d.Verdict, d.Code())
	}
	// Output:
	// deny consent.missing
	// deny consent.missing
	// allow
}

// Two processes have seen editions of one list. What a store keeps is what both have seen: the newest edition, and
// every revocation.
func ExampleMark_Join() {
	nine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	one := verify.Mark{
		AsOf: nine, Sum: sha256.Sum256([]byte("the edition of nine")),
		Revoked: []verify.RevokedEntry{{Index: 7, Size: 1}},
	}
	other := verify.Mark{
		AsOf: nine.Add(time.Hour), Sum: sha256.Sum256([]byte("the edition of ten")),
		Revoked: []verify.RevokedEntry{{Index: 3, Size: 1}},
	}
	both := one.Join(other)
	fmt.Println("newest:", both.AsOf.Format(time.TimeOnly), "that edition:", both.Sum == other.Sum)
	for _, e := range both.Revoked {
		fmt.Println("revoked:", e.Index)
	}
	older := other.Join(one) // it arrived late, and takes nothing back
	fmt.Println("newest:", older.AsOf.Format(time.TimeOnly), "revoked:", len(older.Revoked))
	// Output:
	// newest: 10:00:00 that edition: true
	// revoked: 3
	// revoked: 7
	// newest: 10:00:00 revoked: 2
}

// A ledger shares its room fairly: whoever delegates to many leaves the others theirs.
func ExampleCaps_Share() {
	caps := verify.Caps{RootActs: 4096}
	for place, who := range []string{"the root", "a child", "a grandchild"} {
		fmt.Println(who, "may have", caps.Share(caps.RootActs, place))
	}
	// Output:
	// the root may have 4096
	// a child may have 1024
	// a grandchild may have 256
}
