package credential_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// addProof adds a proof by the key of that name.
func addProof(tb testing.TB, s *credential.Signed, by string, o credential.SignOptions) *credential.Signed {
	tb.Helper()
	if o.Created.IsZero() {
		o.Created = created
	}
	next, err := s.AddProof(context.Background(), keyOf(tb, by), o)
	require.NoError(tb, err)
	again, err := credential.Parse(next.Bytes())
	require.NoError(tb, err)
	require.Equal(tb, again.Proofs(), next.Proofs())
	return next
}

// A set: proofs that know nothing of each other. All that are supported must
// hold, one must be the issuer's.
func TestSIG15ProofSet(t *testing.T) {
	one := signed(t, small(t), credential.SignOptions{})
	set := addProof(t, one, "witness", credential.SignOptions{})
	three := addProof(t, set, "notary", credential.SignOptions{})
	require.Len(t, three.Proofs(), 3)
	require.NoError(t, holds(set.Text()))
	require.NoError(t, holds(three.Text()))

	valid := func(i int) string { return "/proof/" + fmt.Sprint(i) }
	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"one invalid":       {edit(t, set.Text(), valid(1)+"/created", `"2020-01-01T00:00:00Z"`), code.ProofInvalid},
		"issuer's invalid":  {edit(t, set.Text(), valid(0)+"/created", `"2020-01-01T00:00:00Z"`), code.ProofInvalid},
		"only a stranger's": {edit(t, set.Text(), valid(0), ""), code.ProofKeyNotAuthorized},
		"a stranger's alone, as object": {edit(t, set.Text(), "/proof",
			mustValue(t, addProof(t, mustParse(t, small(t)), "witness", credential.SignOptions{}).Text()).Get("proof").Raw()), code.ProofKeyNotAuthorized},
		"one for another purpose": {addProof(t, one, "witness", credential.SignOptions{Purpose: did.Authentication}).Text(), code.ProofPurposeMismatch},
		"SIG-18 one proof counted twice": {edit(t, set.Text(), valid(-1+2),
			mustValue(t, set.Text()).Get("proof").Raw()[1:strings.Index(mustValue(t, set.Text()).Get("proof").Raw(), "},{")+1]), malformed},
		"one with a method of no meaning": {edit(t, set.Text(), valid(1)+"/verificationMethod", `"x"`), code.ProofKeyNotAuthorized},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, r.want, holds(r.doc)) })
	}
	// SIG-17: taking a proof away leaves a valid document with fewer proofs:
	// who needs two must count them.
	stripped := edit(t, set.Text(), valid(1), "")
	require.NoError(t, holds(stripped))
	require.Len(t, mustParse(t, stripped).Proofs(), 1)
}

func mustParse(tb testing.TB, doc string) *credential.Signed {
	tb.Helper()
	s, err := credential.Parse([]byte(doc))
	require.NoError(tb, err)
	return s
}

// chain makes a chain of n proofs; each continues the one before.
func chain(tb testing.TB, n int) *credential.Signed {
	s := signed(tb, small(tb), credential.SignOptions{ProofID: "urn:x:p0"})
	for i := 1; i < n; i++ {
		s = addProof(tb, s, fmt.Sprintf("witness %d", i), credential.SignOptions{
			ProofID: fmt.Sprintf("urn:x:p%d", i), PreviousProof: []string{fmt.Sprintf("urn:x:p%d", i-1)},
		})
	}
	return s
}

// SIG-16: a chain of proofs. The sixth is one link too many.
func TestSIG16ProofChain(t *testing.T) {
	five := chain(t, 5)
	require.NoError(t, holds(five.Text()))
	_, err := five.AddProof(context.Background(), keyOf(t, "last"), credential.SignOptions{ProofID: "urn:x:p5", PreviousProof: []string{"urn:x:p4"}})
	requireCode(t, tooLarge, err)

	two := chain(t, 2).Text()
	byList := addProof(t, addProof(t, signed(t, small(t), credential.SignOptions{ProofID: "urn:x:a"}), "b", credential.SignOptions{ProofID: "urn:x:b"}),
		"c", credential.SignOptions{PreviousProof: []string{"urn:x:b", "urn:x:a"}}).Text()
	require.NoError(t, holds(two))
	require.NoError(t, holds(byList))
	require.NoError(t, holds(edit(t, two, "/proof/1/proofValue", `"`+
		mustValue(t, two).Get("proof").Raw()[0:0]+proofValue(t, two, 1)+`"`)), "the edits below are all that is wrong")

	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"names a proof that is missing": {edit(t, two, "/proof/1/previousProof", `"urn:x:gone"`), code.ProofInvalid},
		"one of a list is missing":      {edit(t, byList, "/proof/2/previousProof/-", `"urn:x:gone"`), code.ProofInvalid},
		"names itself":                  {edit(t, two, "/proof/1/previousProof", `"urn:x:p1"`), code.ProofInvalid},
		"names itself among others":     {edit(t, two, "/proof/1/previousProof", `["urn:x:p0","urn:x:p1"]`), code.ProofInvalid},
		"cycle of two":                  {edit(t, two, "/proof/0/previousProof", `"urn:x:p1"`), code.ProofInvalid},
		"first proof removed":           {edit(t, two, "/proof/0", ""), code.ProofInvalid},
		"first proof broken":            {edit(t, two, "/proof/0/created", `"2020-01-01T00:00:00Z"`), code.ProofInvalid},
		"first proof by another": {edit(t, two, "/proof/0",
			mustValue(t, addProof(t, mustParse(t, small(t)), "mallory",
				credential.SignOptions{ProofID: "urn:x:p0"}).Text()).Get("proof").Raw()), code.ProofInvalid},
		"link removed":                      {edit(t, two, "/proof/1/previousProof", ""), code.ProofInvalid},
		"link as list instead of string":    {edit(t, two, "/proof/1/previousProof", `["urn:x:p0"]`), code.ProofInvalid},
		"proofs of a list in another order": {swapProofs(t, byList, 0, 1), code.ProofInvalid},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, r.want, holds(r.doc)) })
	}

	// A cycle further down the chain, which the proof that is checked is no
	// part of, ends too.
	doc := edit(t, chain(t, 3).Text(), "/proof/0/previousProof", `"urn:x:p1"`)
	s := mustParse(t, doc)
	err = s.CheckProof(2, keyOf(t, "witness 2").PublicKey(), did.AssertionMethod)
	requireCode(t, code.ProofInvalid, err)
	require.ErrorContains(t, err, "leads back")
}

func proofValue(tb testing.TB, doc string, i int) string {
	for item := range mustValue(tb, doc).Get("proof").Items() {
		if i == 0 {
			return item.Get("proofValue").Str()
		}
		i--
	}
	return ""
}

func swapProofs(tb testing.TB, doc string, i, j int) string {
	var raws []string
	for item := range mustValue(tb, doc).Get("proof").Items() {
		raws = append(raws, item.Raw())
	}
	raws[i], raws[j] = raws[j], raws[i]
	return edit(tb, doc, "/proof", "["+strings.Join(raws, ",")+"]")
}

// A second signature over the first: what the second covers, nobody changes.
func TestChainCoversPrevious(t *testing.T) {
	two := chain(t, 2)
	doc := edit(t, two.Text(), "/proof/0/proofValue", `"`+proofValue(t, addProof(t, two, "x", credential.SignOptions{}).Text(), 2)+`"`)
	s := mustParse(t, doc)
	requireCode(t, code.ProofInvalid, s.CheckProof(1, keyOf(t, "witness 1").PublicKey(), did.AssertionMethod))
}

func TestAddProofRefused(t *testing.T) {
	ctx := context.Background()
	one := signed(t, small(t), credential.SignOptions{ProofID: "urn:x:p0"})
	for name, r := range map[string]struct {
		o    credential.SignOptions
		want code.Code
	}{
		"previous proof is missing":        {credential.SignOptions{PreviousProof: []string{"urn:x:gone"}}, code.RequestInvalid},
		"previous proof twice":             {credential.SignOptions{PreviousProof: []string{"urn:x:p0", "urn:x:p0"}}, malformed},
		"id is taken":                      {credential.SignOptions{ProofID: "urn:x:p0"}, code.RequestInvalid},
		"continues itself":                 {credential.SignOptions{ProofID: "urn:x:p1", PreviousProof: []string{"urn:x:p1"}}, code.RequestInvalid},
		"same proof once more":             {credential.SignOptions{Created: created}, ""},
		"id is not an IRI":                 {credential.SignOptions{ProofID: "p"}, malformed},
		"unknown suite":                    {credential.SignOptions{Suite: "unknown"}, code.ProofTransformation},
		"unknown purpose":                  {credential.SignOptions{Purpose: "whatever"}, code.RequestInvalid},
		"key agreement is no signing":      {credential.SignOptions{Purpose: did.KeyAgreement}, code.RequestInvalid},
		"domain twice":                     {credential.SignOptions{Domain: []string{"a", "a"}}, malformed},
		"domain empty":                     {credential.SignOptions{Domain: []string{""}}, ""},
		"domain empty among others":        {credential.SignOptions{Domain: []string{"a", ""}}, malformed},
		"challenge that is no UTF-8":       {credential.SignOptions{Challenge: "\xff"}, malformed},
		"created in a year of five digits": {credential.SignOptions{Created: created.AddDate(9000, 0, 0)}, malformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := one.AddProof(ctx, keyOf(t, "issuer"), r.o)
			if r.want == "" {
				require.NoError(t, err)
				return
			}
			requireCode(t, r.want, err)
		})
	}
	_, err := one.AddProof(ctx, nil, credential.SignOptions{})
	requireCode(t, code.RequestInvalid, err)
	loose, err := credential.Parser{Profile: credential.Conformance}.Credential([]byte(small(t)))
	require.NoError(t, err)
	_, err = loose.AddProof(ctx, keyOf(t, "issuer"), credential.SignOptions{})
	requireCode(t, code.RequestInvalid, err)
	_, err = loose.AddProof(ctx, keyOf(t, "issuer"), credential.SignOptions{Profile: credential.Conformance})
	require.NoError(t, err)
}
