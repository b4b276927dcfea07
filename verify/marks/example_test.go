package marks_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/marks"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A revocation that was seen stays seen after a restart, though somebody hands over the list of before.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "marks")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	p := w.Passport()
	pass := w.Issue(p)

	ask := func() { // each time a new process
		file, err := marks.Open(filepath.Join(folder, "marks"), marks.Options{})
		if err != nil {
			log.Fatal(err)
		}
		defer file.Close()
		v := w.Verifier(func(c *verify.Config) { c.Marks = file })
		d, _ := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		fmt.Printf("%s %q\n", d.Verdict, d.Code())
	}
	ask()
	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[0], 1)
	ask()
	w.Lists.RollBack(verifytest.RevocationURL)
	ask()
	// Output:
	// allow ""
	// deny "status.revoked"
	// deny "status.revoked"
}

// A mark is the newest edition of a list that was seen. It never goes back.
func ExampleFile() {
	folder, err := os.MkdirTemp("", "marks")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	file, err := marks.Open(filepath.Join(folder, "marks"), marks.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	w := verifytest.NewWorld(&testing.T{})
	key := verify.MarkKey{Kind: verify.ListMark, Issuer: w.Issuer.DID(), Name: verifytest.RevocationURL}
	newer := verify.Mark{MarkKey: key, AsOf: w.Clock.Now()}
	older := verify.Mark{MarkKey: key, AsOf: w.Clock.Now().Add(-time.Hour)}
	fmt.Println(file.SaveMark(ctx, newer), file.SaveMark(ctx, older))
	mark, err := file.LoadMark(ctx, key)
	fmt.Println(mark.AsOf.Equal(newer.AsOf), err)
	// Output:
	// <nil> <nil>
	// true <nil>
}
