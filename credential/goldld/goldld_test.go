package goldld_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/goldld"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/testvectors"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const (
	v2     = `"https://www.w3.org/ns/credentials/v2"`
	things = `{"@protected":true,"knows":{"@id":"https://x.example/knows","@type":"@id"},"steps":{"@id":"https://x.example/steps","@container":"@list"},
		"data":{"@id":"https://x.example/data","@type":"@json"},
		"size":"https://x.example/size","says":{"@id":"https://x.example/says","@container":"@language"},
		"Thing":{"@id":"https://x.example/Thing","@context":{"inner":"https://x.example/inner"}},"back":{"@reverse":"https://x.example/back"}}`
)

func gold(t testing.TB, o goldld.Options) *goldld.Canonicalizer {
	c, err := goldld.New(o)
	require.NoError(t, err)
	return c
}

// doc is a credential with inline terms; subject is the inside of its subject.
func doc(subject string, contexts ...string) string {
	list := strings.Join(append([]string{v2, things}, contexts...), ",")
	return `{"@context":[` + list + `],"type":["VerifiableCredential"],"issuer":"did:example:issuer","credentialSubject":{"id":"did:example:s"` + subject + `}}`
}

func canonical(t testing.TB, text string) (string, error) {
	out, err := gold(t, goldld.Options{}).Canonicalize(context.Background(), []byte(text))
	return string(out), err
}

func refused(t testing.TB, text string, want ...code.Code) {
	t.Helper()
	_, err := canonical(t, text)
	require.Error(t, err)
	require.Contains(t, want, code.Of(err), "%v", err)
	require.NotErrorIs(t, err, code.InternalError)
}

func TestCanonicalize(t *testing.T) {
	out, err := canonical(t, doc(`,"type":"Thing","inner":"i","steps":["x","y"],"size":7,"data":{"b":1,"a":"\u0007"}`))
	require.NoError(t, err)
	require.Equal(t, `<did:example:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://x.example/Thing> .
<did:example:s> <https://x.example/data> "{\"a\":\"\\u0007\",\"b\":1}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .
<did:example:s> <https://x.example/inner> "i" .
<did:example:s> <https://x.example/size> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .
<did:example:s> <https://x.example/steps> _:c14n1 .
_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://www.w3.org/2018/credentials#VerifiableCredential> .
_:c14n0 <https://www.w3.org/2018/credentials#credentialSubject> <did:example:s> .
_:c14n0 <https://www.w3.org/2018/credentials#issuer> <did:example:issuer> .
_:c14n1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" .
_:c14n1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:c14n2 .
_:c14n2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "y" .
_:c14n2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
`, out)
}

// Both engines make the same of what both take: the signatures are equal, and
// each verifies the other's.
func TestAgreesWithTheEngine(t *testing.T) {
	ctx := context.Background()
	key, err := did.GenerateKey()
	require.NoError(t, err)
	c := gold(t, goldld.Options{})
	var texts []string
	for _, subject := range []string{"", `,"type":"Thing","inner":"i"`,
		`,"steps":["x","y","x"],"says":{"en":"hello","de":"hallo"}`, `,"data":{"z":{"y":[1,"x"]},"a":true}`, `,"knows":{"id":"did:example:b","size":1}`} {
		texts = append(texts, doc(subject))
	}
	dir := filepath.Join(testvectors.Dir(t, "vc-data-model-2.0"), "input")
	files, err := filepath.Glob(filepath.Join(dir, "credential-*-ok.json"))
	require.NoError(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		texts = append(texts, strings.NewReplacer("PAST DATE", "2020-01-01T00:00:00Z", "FUTURE DATE", "2120-01-01T00:00:00Z").Replace(string(raw)))
	}
	compared := 0
	for _, text := range texts {
		if strings.Contains(text, `"issuer"`) {
			text = strings.Replace(text, "did:example:issuer", key.DID().String(), 1)
		} else {
			text = strings.Replace(text, "{", `{"issuer":"`+key.DID().String()+`",`, 1)
		}
		o := credential.SignOptions{Suite: credential.SuiteRDFC, Profile: credential.Conformance, Created: time.Unix(1_800_000_000, 0)}
		own, err := credential.SignJSON(ctx, key, []byte(text), o)
		if err != nil {
			continue
		}
		o.Canonicalizer = c
		other, err := credential.SignJSON(ctx, key, []byte(text), o)
		require.NoError(t, err, text)
		require.Equal(t, own.Text(), other.Text())
		compared++
		p := credential.Parser{Profile: credential.Conformance, Canonicalizer: c}
		s, err := p.Credential(own.Bytes())
		require.NoError(t, err)
		last := s.NumProofs() - 1 // one input has a proof already
		require.NoError(t, s.CheckProof(last, key.PublicKey(), did.AssertionMethod))
		// Both suites.
		second, err := s.AddProof(ctx, key, credential.SignOptions{Suite: credential.SuiteJCS, Profile: credential.Conformance, Canonicalizer: c})
		require.NoError(t, err)
		require.NoError(t, second.CheckProof(last, key.PublicKey(), did.AssertionMethod))
		require.NoError(t, second.CheckProof(last+1, key.PublicKey(), did.AssertionMethod))
		at := strings.LastIndex(own.Text(), `"proofPurpose"`)
		tampered, err := p.Credential([]byte(own.Text()[:at] + `"nonce":"n",` + own.Text()[at:]))
		require.NoError(t, err)
		require.ErrorIs(t, tampered.CheckProof(last, key.PublicKey(), did.AssertionMethod), code.ProofInvalid)
	}
	require.Greater(t, compared, 20)
}

// What json-gold does without a guard is
// written beside each.
func TestGuardsOfJSONGold(t *testing.T) {
	long := "https://a.example/" + strings.Repeat("x", 2083)
	const loss, malformed, ctx, unsupported = code.EnvelopeDataLoss, code.EnvelopeMalformed, code.EnvelopeContext, code.EnvelopeUnsupported
	for name, r := range map[string]struct {
		text string
		want []code.Code
	}{
		// 1: Normalize throws SafeMode away.
		"1 undefined member":         {doc(`,"evil":"x"`), []code.Code{loss}},
		"1 undefined member, nested": {doc(`,"knows":{"id":"did:example:b","evil":"x"}`), []code.Code{loss}},
		"1 undefined type":           {strings.Replace(doc(""), `["VerifiableCredential"]`, `["VerifiableCredential","Evil"]`, 1), []code.Code{loss}},
		// 2: what SafeMode misses; the canonical form stays the same.
		"2 relative IRI":            {doc(`,"knows":"relative"`), []code.Code{loss}},
		"2 relative id":             {doc(`,"knows":{"id":"relative","size":1}`), []code.Code{loss}},
		"2 relative top id":         {strings.Replace(doc(""), `"type"`, `"id":"abc","type"`, 1), []code.Code{loss}},
		"2 relative issuer":         {strings.Replace(doc(""), "did:example:issuer", "issuer", 1), []code.Code{loss}},
		"2 node of a malformed id":  {doc(`,"knows":{"id":"http://-bad-/x","size":1}`), []code.Code{loss}},
		"2 long IRI":                {doc(`,"knows":"` + long + `"`), []code.Code{loss}},
		"2 http predicate":          {doc(`,"http://-bad-/p":"x"`), []code.Code{loss}},
		"2 good host that vanishes": {doc(`,"knows":"https://a.b.c.d.e/"`), []code.Code{loss}},
		"2 bad language tag":        {doc(`,"size":{"@value":"x","@language":"a b"}`), []code.Code{loss, malformed}},
		"2 bad datatype":            {doc(`,"size":{"@value":"x","@type":"a b"}`), []code.Code{loss, malformed}},
		"2 blank node predicate":    {doc(`,"_:p":"x"`), []code.Code{loss}},
		"2 key :x":                  {doc(`,":x":"y"`), []code.Code{loss}},
		"2 @index":                  {doc(`,"knows":{"@index":"i","id":"did:example:b","size":1}`), []code.Code{loss}},
		"2 null":                    {doc(`,"size":null`), []code.Code{loss}},
		"2 @value null":             {doc(`,"size":{"@value":null}`), []code.Code{loss}},
		"2 empty array":             {doc(`,"size":[]`), []code.Code{loss}},
		"2 empty object":            {doc(`,"knows":{}`), []code.Code{loss}},
		"2 value doubled":           {doc(`,"size":["x","x"]`), []code.Code{loss}},
		"2 base direction":          {doc(`,"size":{"@value":"x","@direction":"rtl"}`), []code.Code{loss}},
		"2 only an id, at the top":  {`{"@context":[` + v2 + `],"id":"did:example:s"}`, []code.Code{loss}},
		// 4: a JSON literal that is no object becomes an error message.
		"4 JSON array":  {doc(`,"data":["x"]`), []code.Code{unsupported}},
		"4 JSON string": {doc(`,"data":"x"`), []code.Code{unsupported}},
		"4 JSON null":   {doc(`,"data":null`), []code.Code{loss}},
		// 6: panics, and stack overflows, which nobody can recover.
		"6 proof 0":                  {`{"@context":[` + v2 + `],"type":"VerifiableCredential","proof":0}`, []code.Code{malformed, loss}},
		"6 relative id in a list":    {doc(`,"steps":[{"id":"rel"}]`), []code.Code{malformed, loss}},
		"6 @protected yes":           {doc("", `{"@protected":"yes"}`), []code.Code{ctx, malformed}},
		"6 @protected yes on a term": {doc("", `{"x":{"@id":"urn:x:y","@protected":"yes"}}`), []code.Code{ctx, malformed}},
		"6 @container [1]":           {doc("", `{"x":{"@id":"urn:x:y","@container":[1]}}`), []code.Code{ctx, malformed}},
		"6 @type []":                 {doc(`,"type":[]`), []code.Code{loss}},
		"6 empty term":               {doc("", `{"":"urn:x:y"}`), []code.Code{ctx, malformed}},
		"6 deep":                     {doc(strings.Repeat(`,"knows":{"size":1`, 40) + strings.Repeat("}", 40)), []code.Code{malformed}},
		// 7: @import writes into the context that others use.
		"7 @import":        {doc("", `{"@import":"https://www.w3.org/ns/credentials/v2"}`), []code.Code{ctx}},
		"7 @import nested": {doc(`,"knows":{"@context":{"@import":"https://www.w3.org/ns/credentials/v2"},"id":"did:example:b","size":1}`), []code.Code{ctx}},
		"7 @import scoped": {doc("", `{"x":{"@id":"urn:x:y","@context":{"@import":"https://www.w3.org/ns/credentials/v2"}}}`), []code.Code{ctx}},
		// 8: IRIs are not escaped, so that two datasets have one text.
		"8 IRI with > <":     {doc(`,"knows":"urn:o> <urn:g"`), []code.Code{loss}},
		"8 IRI with a space": {doc(`,"knows":"urn:o o"`), []code.Code{loss}},
		"8 predicate with >": {doc(`,"x":"y"`, `{"x":"urn:o> <urn:g"}`), []code.Code{loss, ctx}},
		"8 datatype with >":  {doc(`,"size":{"@value":"x","@type":"urn:o> <urn:g"}`), []code.Code{loss}},
		// 9: embedded credentials land in the default graph.
		"9 presentation": {`{"@context":[` + v2 +
			`],"type":"VerifiablePresentation","verifiableCredential":[` + doc("") + `]}`, []code.Code{code.ProofTransformation}},
		"9 container of a term with a context": {doc("", `{"x":{"@id":"urn:x:y","@container":"@list","@context":{"y":"urn:x:z"}}}`), []code.Code{unsupported}},
		// Contexts: only what is known, CAN-22 and CAN-24.
		"unknown context":          {doc("", `"https://x.example/context"`), []code.Code{ctx}},
		"file context":             {doc("", `"file:///etc/passwd"`), []code.Code{ctx}},
		"relative context":         {doc("", `"context.jsonld"`), []code.Code{ctx}},
		"http twin":                {doc("", `"http://www.w3.org/ns/credentials/v2"`), []code.Code{ctx}},
		"trailing #":               {doc("", `"https://www.w3.org/ns/credentials/v2#"`), []code.Code{ctx}},
		"unknown context, nested":  {doc(`,"knows":{"@context":"https://x.example/context","id":"did:example:b","size":1}`), []code.Code{ctx}},
		"unknown context, scoped":  {doc("", `{"x":{"@id":"urn:x:y","@context":"https://x.example/context"}}`), []code.Code{ctx}},
		"context a number":         {doc("", `5`), []code.Code{ctx}},
		"no context":               {`{"type":"VerifiableCredential"}`, []code.Code{ctx}},
		"protected term redefined": {doc("", `{"VerifiableCredential":"urn:x:y"}`), []code.Code{ctx}},
		"protected term undone":    {doc("", `{"name":null}`), []code.Code{ctx}},
		"protected undone, nested": {doc(`,"knows":{"@context":{"size":null},"id":"did:example:b","knows":"did:example:c"}`), []code.Code{ctx}},
		"own protected redefined":  {doc("", `{"knows":"urn:x:y"}`), []code.Code{ctx}},
		"context undone":           {doc("", `null`), []code.Code{ctx}},
		"@base":                    {doc(`,"knows":"relative"`, `{"@base":"https://x.example/"}`), []code.Code{ctx}},
		// Text: PAR-01, PAR-05, CAN-20.
		"duplicate member": {doc(`,"size":1,"size":2`), []code.Code{malformed}},
		"data after":       {doc("") + "{}", []code.Code{malformed}},
		"array":            {"[" + doc("") + "]", []code.Code{malformed}},
		"empty":            {"", []code.Code{malformed}},
		"2^53 + 1":         {doc(`,"size":9007199254740993`), []code.Code{malformed}},
		"2^53":             {doc(`,"size":9007199254740992`), []code.Code{malformed}},
		"a fraction":       {doc(`,"size":0.3`), []code.Code{malformed}},
		"number not exact": {doc(`,"data":{"x":0.30000000000000004000001}`), []code.Code{malformed}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, r.text, r.want...) })
	}
}

// Work is bounded; a clique of blank nodes is stopped at once.
func TestWorkBudget(t *testing.T) {
	for _, size := range []int{8, 9, 12} {
		var nodes []string
		for i := range size {
			var known []string
			for j := range size {
				if i != j {
					known = append(known, fmt.Sprintf(`{"@id":"_:b%d"}`, j))
				}
			}
			nodes = append(nodes, fmt.Sprintf(`{"@id":"_:b%d","https://x.example/k":[%s]}`, i, strings.Join(known, ",")))
		}
		refused(t, `{"@context":[`+v2+`],"@graph":[`+strings.Join(nodes, ",")+`]}`, code.ProofTooComplex)
	}
	refused(t, doc(`,"steps":[`+strings.Repeat(`"x",`, 5000)+`"x"]`), code.EnvelopeMalformed, code.ProofTooComplex)
}

// json-gold applies a scoped context anew for every object: 40 kB of this take
// it seconds.
func TestScopedContextsTimesObjects(t *testing.T) {
	text := func(n int) string {
		var terms, nodes []string
		for i := range n {
			terms = append(terms, fmt.Sprintf(`"t%d":"urn:x:%d"`, i, i))
			nodes = append(nodes, fmt.Sprintf(`{"type":"Big","t1":"%d"}`, i))
		}
		return doc(`,"child":[`+strings.Join(nodes, ",")+`]`, `{"Big":{"@id":"urn:x:Big","@context":{`+strings.Join(terms, ",")+`}},"child":"urn:x:child"}`)
	}
	_, err := canonical(t, text(90))
	require.NoError(t, err)
	refused(t, text(900), code.ProofTooComplex)
	refused(t, text(128), code.ProofTooComplex)
}

// No document changes what another means; from many goroutines.
// RES-02: a type that has a context of its own is one more that json-gold copies
// all definitions for, on one object as well.
func TestScopedContextsTimesTypes(t *testing.T) {
	text := func(n int) string {
		terms, types := make([]string, n), make([]string, n)
		for i := range n {
			terms[i] = fmt.Sprintf(`"T%d":{"@id":"urn:t:%d","@context":{"a%d":"urn:a"}}`, i, i, i)
			types[i] = fmt.Sprintf(`"T%d"`, i)
		}
		return doc(`,"urn:p":{"@id":"urn:x:1","@type":[`+strings.Join(types, ",")+`]}`, "{"+strings.Join(terms, ",")+"}")
	}
	refused(t, text(600), code.ProofTooComplex)
	_, err := canonical(t, text(32))
	require.NoError(t, err)
}

func TestContextsStayInTheirDocument(t *testing.T) {
	c := gold(t, goldld.Options{})
	want, err := canonical(t, doc(`,"size":1`))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 4 {
				if i%2 == 0 {
					_, err := c.Canonicalize(context.Background(), []byte(doc("", `{"@import":"https://www.w3.org/ns/credentials/v2"}`)))
					if err == nil {
						t.Error("@import is accepted")
					}
				}
				got, err := c.Canonicalize(context.Background(), []byte(doc(`,"size":1`)))
				if err != nil || string(got) != want {
					t.Errorf("%v: %s", err, got)
				}
			}
		}()
	}
	wg.Wait()
}

// CAN-26: a context that the host registers stands on its own.
func TestRegisteredContexts(t *testing.T) {
	const url = "https://x.example/context"
	text := []byte(`{"@context":{"colour":"https://x.example/colour"}}`)
	c := gold(t, goldld.Options{Contexts: map[string][]byte{url: text}})
	copy(text, strings.Repeat(" ", len(text))) // the bytes were copied
	out, err := c.Canonicalize(context.Background(), []byte(doc(`,"colour":"red"`, `"`+url+`"`)))
	require.NoError(t, err)
	require.Contains(t, string(out), `<https://x.example/colour> "red" .`)
	for name, bad := range map[string]string{
		"itself": `{"@context":"https://x.example/context"}`, "another": `{"@context":["https://x.example/other"]}`,
		"scoped":     `{"@context":{"x":{"@id":"urn:x:y","@context":"https://x.example/context"}}}`,
		"@import":    `{"@context":{"@import":"https://www.w3.org/ns/credentials/v2"}}`,
		"no context": `{}`, "not JSON": `{`,
	} {
		_, err := goldld.New(goldld.Options{Contexts: map[string][]byte{url: []byte(bad)}})
		require.ErrorIs(t, err, code.EnvelopeContext, name)
	}
	_, err = goldld.New(goldld.Options{Contexts: map[string][]byte{"https://www.w3.org/ns/credentials/v2": text}})
	require.Error(t, err)
	_, err = goldld.New(goldld.Options{Bounds: credential.Bounds{Quads: -1}})
	require.ErrorIs(t, err, code.RequestInvalid)
}

func TestContextDone(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := gold(t, goldld.Options{}).Canonicalize(ctx, []byte(doc("")))
	require.ErrorIs(t, err, context.Canceled)
}

// The seam: a canonicalizer needs the profile that says so, and stays with the
// document.
func TestSeam(t *testing.T) {
	ctx := context.Background()
	key, err := did.GenerateKey()
	require.NoError(t, err)
	c := gold(t, goldld.Options{})
	text := []byte(strings.Replace(doc(""), "did:example:issuer", key.DID().String(), 1))
	_, err = credential.Parser{Canonicalizer: c}.Credential(text)
	require.ErrorIs(t, err, code.RequestInvalid)
	_, err = credential.SignJSON(ctx, key, text, credential.SignOptions{Canonicalizer: c})
	require.ErrorIs(t, err, code.RequestInvalid)
	p := credential.Parser{Profile: credential.Conformance, Canonicalizer: c}
	s, err := p.Credential(text)
	require.NoError(t, err)
	_, err = s.AddProof(ctx, key, credential.SignOptions{Profile: credential.Conformance})
	require.ErrorIs(t, err, code.RequestInvalid)
	_, err = p.Credential([]byte(strings.Replace(string(text), `"id":"did:example:s"`, `"id":"did:example:s","evil":1`, 1)))
	require.ErrorIs(t, err, code.EnvelopeDataLoss, "at parsing, whatever the proof will be")

	// Presentations: not with eddsa-rdfc-2022, CAN-28.
	vp := []byte(`{"@context":[` + v2 + `],"type":["VerifiablePresentation"],"holder":"` + key.DID().String() +
		`","verifiableCredential":[` + string(text) + `]}`)
	o := credential.SignOptions{Profile: credential.Conformance, Canonicalizer: c}
	_, err = credential.SignPresentation(ctx, key, vp, o)
	require.NoError(t, err)
	o.Suite = credential.SuiteRDFC
	_, err = credential.SignPresentation(ctx, key, vp, o)
	require.ErrorIs(t, err, code.ProofTransformation)
	_, err = credential.SignPresentation(ctx, key,
		[]byte(`{"@context":[`+v2+`],"type":["VerifiablePresentation"],"holder":"`+key.DID().String()+`","evil":1}`), o)
	require.ErrorIs(t, err, code.EnvelopeDataLoss)
}

// The verifier cannot be given one: nothing in its configuration, at any depth,
// takes a canonicalizer or another profile.
func TestNotReachableFromVerify(t *testing.T) {
	banned := []reflect.Type{reflect.TypeFor[credential.Canonicalizer](), reflect.TypeFor[credential.Profile](),
		reflect.TypeFor[credential.Parser](), reflect.TypeFor[*goldld.Canonicalizer]()}
	seen := map[reflect.Type]bool{}
	var look func(typ reflect.Type, path string)
	look = func(typ reflect.Type, path string) {
		require.NotContains(t, banned, typ, path)
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			look(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.IsExported() {
					look(f.Type, path+"."+f.Name)
				}
			}
		}
	}
	look(reflect.TypeFor[verify.Config](), "verify.Config")

	w := verifytest.NewWorld(t)
	pass, err := passport.Issue(context.Background(), w.Issuer, w.Passport(), passport.IssueOptions{Now: w.Clock.Now, Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	s, err := credential.Parser{Profile: credential.Conformance, Canonicalizer: gold(t, goldld.Options{})}.Credential(pass.Bytes())
	require.NoError(t, err)
	require.NoError(t, s.CheckProof(0, w.Issuer.PublicKey(), did.AssertionMethod), "of a passport both engines make the same")
}

func FuzzCanonicalize(f *testing.F) {
	for _, subject := range []string{"", `,"knows":"did:example:b"`, `,"steps":[{"id":"rel"}]`, `,"data":{"a":1}`} {
		f.Add(doc(subject))
	}
	f.Add(`{"@context":[` + v2 + `],"type":"VerifiableCredential","proof":0}`)
	c, err := goldld.New(goldld.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := c.Canonicalize(context.Background(), []byte(text))
		if err == nil && len(out) == 0 {
			t.Errorf("an empty canonical form of %s", text)
		}
	})
}

// M3: a member that no context defines is named, at any depth and under any
// context; json-gold does not say which it is.
func TestUndefinedMemberIsNamed(t *testing.T) {
	gold, err := goldld.New(goldld.Options{Contexts: map[string][]byte{"https://own.example/v1": []byte(`{"@context":{"own":"urn:x:own"}}`)}})
	require.NoError(t, err)
	p := credential.Parser{Profile: credential.Conformance, Canonicalizer: gold}
	doc := func(contexts, subject string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2",` + contexts + `],"type":["VerifiableCredential"],"issuer":"did:example:issuer",` +
			`"credentialSubject":{"id":"did:example:subject",` + subject + `}}`
	}
	inline := `{"degree":"https://vocab.example/degree","points":"https://vocab.example/points"}`
	for subject, path := range map[string]string{
		`"degree":"BSc","gradeAverage":"1.3"`:        "/credentialSubject/gradeAverage",
		`"degree":{"points":1,"gradeAverage":"1.3"}`: "/credentialSubject/degree/gradeAverage",
		`"degree":[{"points":1},{"mark":"1.3"}]`:     "/credentialSubject/degree/1/mark",
	} {
		_, err := p.Credential([]byte(doc(inline, subject)))
		require.ErrorIs(t, err, code.EnvelopeDataLoss)
		require.ErrorContains(t, err, path+": no context defines")
	}
	_, err = p.Credential([]byte(doc(`"https://own.example/v1"`, `"own":"x","other":"y"`)))
	require.ErrorContains(t, err, "/credentialSubject/other")
	_, err = p.Credential([]byte(doc(`"https://own.example/v1"`, `"own":"x"`)))
	require.NoError(t, err)
}

func BenchmarkCanonicalize(b *testing.B) {
	c := gold(b, goldld.Options{})
	text := []byte(doc(`,"type":"Thing","inner":"i","steps":["x","y"]`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Canonicalize(context.Background(), text); err != nil {
			b.Fatal(err)
		}
	}
}
