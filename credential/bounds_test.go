package credential_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
)

// RES-01: every bound of this package, at the cap and one above: at the
// default, and lowered.
func TestRES01Bounds(t *testing.T) {
	pad := func(doc string, size int) string { // white space counts
		require.LessOrEqual(t, len(doc), size)
		return doc + strings.Repeat(" ", size-len(doc))
	}
	many := func(n int, item string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	vp := presented(t, credential.SignOptions{}).Text()
	vc := signed(t, small(t), credential.SignOptions{}).Text()
	rows := map[string]struct {
		set  func(b *credential.Bounds, n int)
		def  int
		low  int
		make func(n int) string // what has that measure
		vp   bool
	}{
		"DocumentBytes": {set: func(b *credential.Bounds, n int) { b.DocumentBytes = n }, def: 256 << 10, low: 4000,
			make: func(n int) string { return pad(full(t), n) }},
		"PresentationBytes": {set: func(b *credential.Bounds, n int) { b.PresentationBytes = n }, def: 512 << 10, low: 4000, vp: true,
			make: func(n int) string { return pad(vp, n) }},
		"IRIBytes": {set: func(b *credential.Bounds, n int) { b.IRIBytes = n }, def: 2048, low: 200,
			make: func(n int) string { return edit(t, full(t), "/id", `"urn:x:`+strings.Repeat("a", n-6)+`"`) }},
		"Contexts": {set: func(b *credential.Bounds, n int) { b.Contexts = n }, def: 8, low: 2,
			make: func(n int) string {
				urls := []string{`"https://www.w3.org/ns/credentials/v2"`, `"https://w3id.org/safeconduct/v1"`, `"https://w3id.org/security/multikey/v1"`,
					`"https://w3id.org/security/jwk/v1"`, `"https://w3id.org/vc/status-list/2021/v1"`, `"https://w3id.org/security/data-integrity/v2"`,
					`"https://w3id.org/security/data-integrity/v1"`, `"https://www.w3.org/ns/did/v1"`, `"https://w3id.org/security/suites/ed25519-2020/v1"`}
				return edit(t, small(t), "/@context", "["+strings.Join(urls[:n], ",")+"]")
			}},
		"Proofs": {set: func(b *credential.Bounds, n int) { b.Proofs = n }, def: 8, low: 2,
			make: func(n int) string { return edit(t, small(t), "/proof", many(n, `{"nonce":"#"}`)) }},
		"StatusEntries": {set: func(b *credential.Bounds, n int) { b.StatusEntries = n }, def: 6, low: 2,
			make: func(n int) string {
				return edit(t, full(t), "/credentialStatus", many(n, `{"id":"urn:x:#","type":"https://t.example/#T"}`))
			}},
		"Credentials": {set: func(b *credential.Bounds, n int) { b.Credentials = n }, def: 16, low: 2, vp: true,
			make: func(n int) string {
				return edit(t, vp, "/verifiableCredential", many(n, edit(t, vc, "/id", `"urn:x:#"`)))
			}},
		"JSONDepth": {set: func(b *credential.Bounds, n int) { b.JSONDepth = n }, def: 32, low: 4,
			make: func(n int) string {
				return edit(t, small(t), "/proof", strings.Repeat("[", n-1)+strings.Repeat("]", n-1))
			}},
		"JSONMembers": {set: func(b *credential.Bounds, n int) { b.JSONMembers = n }, def: 4096, low: 20,
			make: func(n int) string { // five members, two items and what is added
				rest := n - 8
				lists := make([]string, 0, 5)
				for rest > 1000 {
					lists = append(lists, many(1000, `1`))
					rest -= 1001
				}
				return edit(t, small(t), "/name", "["+strings.Join(append(lists, strings.TrimSuffix(strings.Repeat("1,", rest), ",")), ",")+"]")
			}},
		"ArrayLength": {set: func(b *credential.Bounds, n int) { b.ArrayLength = n }, def: 1024, low: 10,
			make: func(n int) string { return edit(t, small(t), "/name", many(n, `1`)) }},
		"KeyBytes": {set: func(b *credential.Bounds, n int) { b.KeyBytes = n }, def: 256, low: 30,
			make: func(n int) string { return edit(t, small(t), "/"+strings.Repeat("k", n), `"x"`) }},
		"StringBytes": {set: func(b *credential.Bounds, n int) { b.StringBytes = n }, def: 16 << 10, low: 100,
			make: func(n int) string {
				return edit(t, small(t), "/name", `"`+strings.Repeat("é", n/2)+strings.Repeat("x", n%2)+`"`)
			}},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			for _, most := range []int{r.low, r.def} {
				parse := func(doc string) error {
					var p credential.Parser
					if most != r.def {
						r.set(&p.Bounds, most)
					}
					var err error
					if r.vp {
						_, err = p.Presentation([]byte(doc))
					} else {
						_, err = p.Credential([]byte(doc))
					}
					return err
				}
				if err := parse(r.make(most)); err != nil {
					require.NotErrorIs(t, err, tooLarge, "%s of %d: %v", name, most, err)
				}
				requireCode(t, tooLarge, parse(r.make(most+1)))
			}
			// Beyond its hard maximum a bound is a mistake of the host.
			var p credential.Parser
			r.set(&p.Bounds, -1)
			_, err := p.Credential([]byte(small(t)))
			requireCode(t, "request.invalid", err)
			_, err = p.Presentation([]byte(vp))
			requireCode(t, "request.invalid", err)
		})
	}
	t.Run("ProofChainDepth", func(t *testing.T) {
		three := chain(t, 4).Text() // three links
		for depth, ok := range map[int]bool{2: false, 3: true} {
			s, err := credential.Parser{Bounds: credential.Bounds{ProofChainDepth: depth}}.Credential([]byte(three))
			require.NoError(t, err)
			err = s.CheckProof(3, keyOf(t, "witness 3").PublicKey(), "assertionMethod")
			if ok {
				require.NoError(t, err)
			} else {
				requireCode(t, tooLarge, err)
			}
		}
	})
	t.Run("DocumentBytes in a presentation", func(t *testing.T) {
		p := credential.Parser{Bounds: credential.Bounds{DocumentBytes: len(vc) - 1}}
		_, err := p.Presentation([]byte(vp))
		requireCode(t, tooLarge, err)
		p.Bounds.DocumentBytes++
		_, err = p.Presentation([]byte(vp))
		require.NoError(t, err)
	})
	t.Run("Proofs on signing", func(t *testing.T) {
		s := signed(t, small(t), credential.SignOptions{})
		for i := range 7 {
			s = addProof(t, s, fmt.Sprint("witness", i), credential.SignOptions{})
		}
		require.NoError(t, holds(s.Text()), "eight hold")
		_, err := s.AddProof(context.Background(), keyOf(t, "ninth"), credential.SignOptions{})
		requireCode(t, tooLarge, err)
	})
}

// Only an encodedList may be as long as a list, and only where lists are read.
func TestLongStrings(t *testing.T) {
	long := strings.Repeat("A", 20<<10)
	list := edit(t, small(t), "/credentialSubject", `{"id":"urn:x:list","type":"BitstringStatusList","statusPurpose":"revocation","encodedList":"u`+long+`"}`)
	lists := credential.Parser{StatusList: true}
	_, err := lists.Credential([]byte(list))
	require.NoError(t, err)
	_, err = credential.Parse([]byte(list))
	requireCode(t, tooLarge, err)
	s, err := credential.SignJSON(context.Background(), keyOf(t, "issuer"), []byte(list), credential.SignOptions{})
	require.NoError(t, err)
	again, err := lists.Credential(s.Bytes())
	require.NoError(t, err)
	require.NoError(t, again.CheckProof(0, keyOf(t, "issuer").PublicKey(), "assertionMethod"))

	for name, doc := range map[string]string{
		"a long name":                     edit(t, small(t), "/name", `"`+long+`"`),
		"a long name beside a list":       edit(t, list, "/name", `"`+long+`"`),
		"a long id":                       edit(t, list, "/id", `"urn:x:`+long+`"`),
		"a long nonce in the proof":       edit(t, list, "/proof", `{"nonce":"`+long+`"}`),
		"encodedList in the wrong place":  edit(t, list, "/proof", `{"encodedList":"`+long+`"}`),
		"encodedList too deep":            edit(t, small(t), "/credentialSubject", `{"id":"urn:x:l","name":{"encodedList":"`+long+`"}}`),
		"encodedList longer than allowed": edit(t, list, "/credentialSubject/encodedList", `"u`+strings.Repeat("A", 3<<20)+`"`),
		"much beside the list":            edit(t, list, "/description", `[`+strings.TrimSuffix(strings.Repeat(`{"@value":"`+long[:16000]+`"},`, 17), ",")+`]`),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lists.Credential([]byte(doc))
			requireCode(t, tooLarge, err)
			_, err = credential.SignJSON(context.Background(), keyOf(t, "issuer"), []byte(doc), credential.SignOptions{})
			requireCode(t, tooLarge, err)
		})
	}
	_, err = lists.Presentation([]byte(unsecuredPresentation(t, list)))
	requireCode(t, tooLarge, err)
}

// Goal 10: what a few bytes that are there again and again make somebody do is
// in proportion to them.
func TestRES02ManyEqualTexts(t *testing.T) {
	again := func(text string) string { return "[" + strings.Repeat(text+",", 999) + text + "]" }
	proof := edit(t, small(t), "/proof", `{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod"}`)
	sri := "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"
	for name, doc := range map[string]string{
		"types":           edit(t, small(t), "/type", again(`"VerifiableCredential"`)),
		"domains":         edit(t, proof, "/proof/domain", again(`"a"`)),
		"previous proofs": edit(t, proof, "/proof/previousProof", again(`"urn:x:1"`)),
		"related resource": edit(t, small(t), "/relatedResource", `[{"id":"`+credential.ContextV2+
			`","digestSRI":"`+strings.Repeat(sri+" ", 220)+`"}]`),
	} {
		n := testing.AllocsPerRun(1, func() {
			_, err := credential.Parse([]byte(doc))
			if name == "related resource" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "listed twice", name)
			}
		})
		require.Less(t, n, 500.0, name)
	}
}
