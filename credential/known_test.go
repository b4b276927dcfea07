package credential_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// keepers answers with the kept credential that a text begins with.
func keepers(t *testing.T, p credential.Parser, texts ...string) func(string) *credential.Signed {
	t.Helper()
	var kept []*credential.Signed
	for _, text := range texts {
		s, err := credential.Parse([]byte(text), p.Formats...)
		require.NoError(t, err)
		k, err := p.Keep(s)
		require.NoError(t, err)
		kept = append(kept, k)
	}
	return func(rest string) *credential.Signed {
		for _, k := range kept {
			if strings.HasPrefix(rest, k.Embedded()) {
				return k
			}
		}
		return nil
	}
}

// A presentation of which some credentials were read before says, proves and
// names the same as one read anew, whatever secures it.
func TestKnownChangesNothing(t *testing.T) {
	ctx := context.Background()
	first := signed(t, strings.Replace(small(t), `"type"`, `"id":"urn:uuid:0192f6a1-0000-7000-8000-000000000011","type"`, 1), credential.SignOptions{}).Text()
	// The proof stands first, names are escaped, and there is space.
	second := ` {"proof":` + signed(t, full(t), credential.SignOptions{Created: created}).UnverifiedValue().Get("proof").Raw() + ` , "\u006eame" :` +
		strings.TrimPrefix(strings.TrimSpace(strings.SplitN(full(t), `"name":`, 2)[1]), " ")
	second = strings.Replace(second, `"A credential",`,
		`"A credential","@context":["https://www.w3.org/ns/credentials/v2"],`+
			`"id":"urn:uuid:0192f6a1-0000-7000-8000-000000000001","type":["VerifiableCredential"],`, 1)
	third := signed(t, strings.Replace(small(t), "did:example:subject", "did:example:other", 1), credential.SignOptions{Suite: credential.SuiteRDFC}).Text()
	all := []string{first, strings.TrimSpace(second), third}

	parser := credential.Parser{}
	for _, suite := range []string{credential.SuiteJCS, credential.SuiteRDFC} {
		shown, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, all...)), credential.SignOptions{Suite: suite})
		require.NoError(t, err)
		want, err := credential.ParsePresentation(shown.Bytes())
		require.NoError(t, err)
		for _, known := range [][]string{nil, all[:1], all[1:2], all[1:], all} {
			p := parser
			p = p.Knowing(keepers(t, parser, known...))
			got, err := p.Presentation(shown.Bytes())
			require.NoError(t, err)
			require.NoError(t, got.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
			require.Len(t, got.Unverified().Credentials, len(all))
			require.Equal(t, shown.Text(), got.Text())
			require.Equal(t, shown.Bytes(), got.Bytes())
			for i, c := range got.Unverified().Credentials {
				w := want.Unverified().Credentials[i]
				require.NoError(t, c.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}), i)
				require.Equal(t, w.Digest(), c.Digest())
				require.Equal(t, w.Text(), c.Text())
				require.Equal(t, w.Embedded(), c.Embedded())
				require.Equal(t, w.Unverified().ID, c.Unverified().ID)
			}
			again, err := got.Unverified().Credentials[0].AddProof(ctx, keyOf(t, "issuer"), credential.SignOptions{ProofID: "urn:x:second"})
			require.NoError(t, err)
			require.NoError(t, again.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
			require.NotEqual(t, want.Unverified().Credentials[0].Digest(), again.Digest(), "with another proof it is another document")

			// A change of one byte is another document, and seen.
			for _, at := range []string{"did:example:subject", "A credential", "did:example:other"} {
				changed := strings.Replace(shown.Text(), at, at[:len(at)-1]+"_", 1)
				vp, err := p.Presentation([]byte(changed))
				require.NoError(t, err)
				require.Error(t, vp.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
			}
		}
	}
}

// What Known answers is only taken if it was kept, is the same text, and was
// read under the same rules.
func TestKnownIsNotBelieved(t *testing.T) {
	text := signed(t, small(t), credential.SignOptions{}).Text()
	raw := []byte(unsecuredPresentation(t, text))
	plain, err := credential.Parse([]byte(text))
	require.NoError(t, err)
	keep := func(p credential.Parser, text string) *credential.Signed {
		s, err := p.Credential([]byte(text))
		require.NoError(t, err)
		k, err := p.Keep(s)
		require.NoError(t, err)
		return k
	}
	good := keep(credential.Parser{}, text)
	for name, c := range map[string]struct {
		answer *credential.Signed
		taken  bool
	}{
		"kept":            {good, true},
		"nothing":         {nil, false},
		"not kept":        {plain, false},
		"another text":    {keep(credential.Parser{}, strings.Replace(text, "did:example:subject", "did:example:another", 1)), false},
		"another profile": {keep(credential.Parser{Profile: credential.Conformance}, text), false},
		"other bounds":    {keep(credential.Parser{Bounds: credential.Bounds{StatusEntries: 2}}, text), false},
	} {
		p := credential.Parser{}.Knowing(func(string) *credential.Signed { return c.answer })
		vp, err := p.Presentation(raw)
		require.NoError(t, err, name)
		require.Equal(t, c.taken, vp.Unverified().Credentials[0] == c.answer, name)
		require.Equal(t, plain.Digest(), vp.Unverified().Credentials[0].Digest(), name)
	}

	// A credential is not listed twice because it was read before.
	p := credential.Parser{}.Knowing(func(string) *credential.Signed { return good })
	_, err = p.Presentation([]byte(unsecuredPresentation(t, text, text)))
	require.ErrorContains(t, err, "twice")
}

// The text of a presentation is copied without the credentials that are known, where they stand
// at the beginning of its list; wherever else they stand, it is copied as a whole. Either way it
// is the same presentation, or refused in the same words.
func TestKnownIsNotCopied(t *testing.T) {
	first := signed(t, edit(t, small(t), "/id", `"urn:x:1"`), credential.SignOptions{}).Text()
	second := signed(t, edit(t, small(t), "/id", `"urn:x:2"`), credential.SignOptions{Suite: credential.SuiteRDFC}).Text()
	other := signed(t, edit(t, small(t), "/id", `"urn:x:3"`), credential.SignOptions{}).Text()
	good := unsecuredPresentation(t, first, second, other)
	in := func(list string) string { return strings.Replace(good, first+","+second+","+other, list, 1) }
	with := credential.Parser{}.Knowing(keepers(t, credential.Parser{}, first, second))
	for name, c := range map[string]struct {
		text string
		cuts int
	}{
		"both":                        {good, 2},
		"one":                         {in(first), 1},
		"behind another":              {in(other + "," + first), 0},
		"another between":             {in(first + "," + other + "," + second), 1},
		"space in the list":           {in(" " + first + "," + second), 0},
		"space behind one":            {in(first + " ," + second), 1},
		"space around all":            {"\n " + good + " \t", 2},
		"the name of the list":        {strings.Replace(good, "verifiableC", `verifiable\u0043`, 1), 0},
		"one twice":                   {in(first + "," + first), 0},
		"changed":                     {in(strings.Replace(first, "did:example:subject", "did:example:subjecT", 1)), 0},
		"changed at the end":          {in(first[:len(first)-1] + ` ,"x":1}`), 0},
		"more behind it":              {in(first + "1"), 0},
		"nothing behind it":           {good[:strings.Index(good, second)-1], 0},
		"a comma behind it":           {in(first + ","), 0},
		"cut off":                     {good[:len(good)-2], 0},
		"in a member before":          {strings.Replace(good, `"type"`, `"name":{"verifiableCredential":[`+first+`]},"type"`, 1), 0},
		"in a list in the list":       {in(`{"verifiableCredential":[` + first + `]}`), 0},
		"in another list of the name": {strings.Replace(good, `"holder"`, `"verifiableCredential":[`+first+`],"holder"`, 1), 0},
		"a member that is undefined":  {strings.Replace(good, `"holder"`, `"nobody":1,"holder"`, 1), 0},
		"two more":                    {in(strings.Join([]string{first, second, first, second, first}, ",")), 0},
	} {
		want, wantErr := credential.ParsePresentation([]byte(c.text))
		got, err := with.Presentation([]byte(c.text))
		require.Equal(t, wantErr, err, name)
		if err != nil {
			require.Zero(t, c.cuts, name)
			continue
		}
		cuts, size := got.LeftOut()
		require.Equal(t, c.cuts, cuts, name)
		require.Equal(t, cuts > 0, size < len(c.text), name)
		require.Equal(t, c.text, got.Text(), name)
		require.Equal(t, want.Unverified().ID, got.Unverified().ID, name)
		require.Len(t, got.Unverified().Credentials, len(want.Unverified().Credentials), name)
		for i, s := range got.Unverified().Credentials {
			require.Equal(t, want.Unverified().Credentials[i].Text(), s.Text(), name)
			require.Equal(t, want.Unverified().Credentials[i].Digest(), s.Digest(), name)
		}
	}
}

// How large a presentation is counts with what of it was known.
func TestKnownCounts(t *testing.T) {
	text := signed(t, small(t), credential.SignOptions{}).Text()
	raw := []byte(unsecuredPresentation(t, text))
	for size := len(raw) - 2; size <= len(raw)+1; size++ {
		p := credential.Parser{Bounds: credential.Bounds{PresentationBytes: size}}
		_, want := p.Presentation(raw)
		vp, err := p.Knowing(keepers(t, p, text)).Presentation(raw)
		require.Equal(t, want, err)
		require.Equal(t, size >= len(raw), err == nil)
		if err == nil {
			cuts, _ := vp.LeftOut()
			require.Equal(t, 1, cuts)
		}
	}
}

// An envelope is kept by the object that stands for it, and stays one.
func TestKeepEnvelope(t *testing.T) {
	ctx := context.Background()
	s := signed(t, small(t), credential.SignOptions{Format: boxed{}})
	parser := credential.Parser{Formats: []credential.Format{boxed{}}}
	shown, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, s.Embedded())),
		credential.SignOptions{Formats: parser.Formats})
	require.NoError(t, err)
	with := parser
	with = with.Knowing(keepers(t, parser, s.Embedded()))
	for _, p := range []credential.Parser{parser, with} {
		vp, err := p.Presentation(shown.Bytes())
		require.NoError(t, err)
		require.NoError(t, vp.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
		c := vp.Unverified().Credentials[0]
		require.Equal(t, s.Digest(), c.Digest())
		require.NotNil(t, c.Format())
		require.NoError(t, c.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	}

	// It is known to parsers that take its format alone.
	kept, err := parser.Keep(s)
	require.NoError(t, err)
	none := credential.Parser{}.Knowing(func(string) *credential.Signed { return kept })
	_, err = none.Presentation(shown.Bytes())
	require.Equal(t, code.EnvelopeUnsupported, code.Of(err))
}

// A credential that was kept and then given another proof is another document.
func TestKeptIsNotWhatCameOfIt(t *testing.T) {
	ctx := context.Background()
	kept, err := credential.Parser{}.Keep(signed(t, small(t), credential.SignOptions{}))
	require.NoError(t, err)
	next, err := kept.AddProof(ctx, keyOf(t, "holder"), credential.SignOptions{ProofID: "urn:x:2"})
	require.NoError(t, err)
	shown, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, next.Text())), credential.SignOptions{})
	require.NoError(t, err)
	p := credential.Parser{}.Knowing(func(string) *credential.Signed { return next })
	vp, err := p.Presentation(shown.Bytes())
	require.NoError(t, err)
	require.NotSame(t, next, vp.Unverified().Credentials[0])
	require.NoError(t, vp.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
}

// The digest that comes with a check is that of the document, whatever secures
// it and wherever the proof stands in it.
func TestCheckProofDigest(t *testing.T) {
	issuer := keyOf(t, "issuer")
	jcs := signed(t, full(t), credential.SignOptions{})
	two, err := jcs.AddProof(context.Background(), issuer, credential.SignOptions{Suite: credential.SuiteRDFC, ProofID: "urn:x:2"})
	require.NoError(t, err)
	chain, err := signed(t, small(t), credential.SignOptions{ProofID: "urn:x:1"}).AddProof(context.Background(),
		issuer, credential.SignOptions{ProofID: "urn:x:2", PreviousProof: []string{"urn:x:1"}})
	require.NoError(t, err)
	for name, s := range map[string]*credential.Signed{
		"jcs": jcs, "small": signed(t, small(t), credential.SignOptions{}), "two": two, "chain": chain,
		"rdfc":  signed(t, full(t), credential.SignOptions{Suite: credential.SuiteRDFC}),
		"boxed": signed(t, small(t), credential.SignOptions{Format: boxed{}}),
	} {
		for i := range s.NumProofs() {
			digest, err := s.CheckProofDigest(i, issuer.PublicKey(), did.AssertionMethod)
			require.NoError(t, err, name)
			require.Equal(t, s.Digest(), digest, name)
			digest, err = s.CheckProofDigest(i, keyOf(t, "holder").PublicKey(), did.AssertionMethod)
			require.Error(t, err, name)
			require.Empty(t, digest)
		}
	}
	_, err = jcs.CheckProofDigest(7, issuer.PublicKey(), did.AssertionMethod)
	require.Error(t, err)
}

// A proof that cannot be judged is refused in the same words, and at the same
// place, whether anything is known or not. What is the matter here shows in the
// graph of the presentation only: in it, two things have one name.
func TestKnownSameRefusalOfAGraph(t *testing.T) {
	ctx := context.Background()
	good := signed(t, edit(t, small(t), "/id", `"urn:x:c"`), credential.SignOptions{}).Text()
	bad := signed(t, edit(t, small(t), "/id", `"urn:x:c"`), credential.SignOptions{ProofID: "urn:x:c"}).Text()
	shown, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, good)),
		credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	raw := strings.Replace(shown.Text(), good, bad, 1)

	with := credential.Parser{}.Knowing(keepers(t, credential.Parser{}, bad))
	var errs []string
	for _, p := range []credential.Parser{{}, with} {
		vp, err := p.Presentation([]byte(raw))
		require.NoError(t, err)
		err = vp.CheckProof(0, keyOf(t, "holder").PublicKey(), did.Authentication)
		require.Error(t, err)
		errs = append(errs, err.Error())
	}
	require.Equal(t, errs[0], errs[1])
	require.Contains(t, errs[0], "/verifiableCredential/0/proof")
}
