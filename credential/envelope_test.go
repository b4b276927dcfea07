package credential_test

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// boxed is a format for tests: box.<kind>.<hex of key id>.<hex of
// payload>.<hex of signature>.
type boxed struct {
	media string
	keyID string
	front string // "": box
	hoard bool   // keeps its text to itself
	err   error
}

func (f boxed) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
	parts := strings.Split(string(raw), ".")
	if parts[0] != cmp.Or(f.front, "box") {
		return nil, credential.ErrNotThisFormat
	}
	if f.err != nil {
		return nil, f.err
	}
	if len(parts) != 5 || parts[1] != string(want) {
		return nil, errors.New("a bad box")
	}
	var b [3][]byte
	for i := range b {
		var err error
		if b[i], err = hex.DecodeString(parts[i+2]); err != nil {
			return nil, err
		}
	}
	var own []byte
	if f.hoard {
		own = []byte(string(raw))
	}
	return openBox{
		own: own, text: string(raw), keyID: cmp.Or(f.keyID, string(b[0])), payload: string(b[1]), signature: b[2],
		media: cmp.Or(f.media, "application/"+parts[1]+"+box"),
	}, nil
}

type openBox struct {
	text, media, keyID, payload string
	signature                   []byte
	own                         []byte // given in place of what was asked to append to
}

func (b openBox) MediaType() string { return b.media }
func (b openBox) KeyID() string     { return b.keyID }
func (b openBox) Payload() string   { return b.payload }
func (b openBox) HeaderBytes() int  { return 0 }

func (b openBox) AppendText(dst []byte) []byte {
	if b.own != nil {
		return b.own
	}
	return append(dst, b.text...)
}

func (b openBox) Check(key did.PublicKey) error {
	if !key.Verify([]byte(b.payload), b.signature) {
		return errors.New("the box was opened")
	}
	return nil
}

func (f boxed) Seal(ctx context.Context, signer did.Signer, payload []byte, kind credential.Kind) ([]byte, error) {
	sig, err := signer.Sign(ctx, payload)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s.%s.%x.%x.%x", cmp.Or(f.front, "box"), kind, signer.KeyID().String(), payload, sig), nil
}

// box seals a payload that [credential.SignJSON] would not.
func box(tb testing.TB, payload string, kind credential.Kind, by string) string {
	tb.Helper()
	text, err := boxed{}.Seal(context.Background(), keyOf(tb, by), []byte(payload), kind)
	require.NoError(tb, err)
	return string(text)
}

func TestEnveloped(t *testing.T) {
	ctx := context.Background()
	s, err := credential.SignJSON(ctx, keyOf(t, "issuer"), []byte(full(t)), credential.SignOptions{Format: boxed{}, Created: created})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(s.Text(), "box.vc."))
	require.Equal(t, "application/vc+box", s.MediaType())
	again, err := credential.Parse(s.Bytes(), boxed{})
	require.NoError(t, err)
	require.NoError(t, again.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofPurposeMismatch, again.CheckProof(0, keyOf(t, "issuer").PublicKey(), did.Authentication))
	requireCode(t, code.ProofInvalid, again.CheckProof(0, keyOf(t, "other").PublicKey(), did.AssertionMethod))
	requireSameContent(t, mustParse(t, full(t)).Unverified(), again.Unverified())
	require.Equal(t, credential.ProofInfo{
		Type: "application/vc+box", Supported: true, VerificationMethod: keyOf(t, "issuer").KeyID(), Purpose: did.AssertionMethod,
		Created: created, Expires: again.Unverified().ValidUntil.Truncate(time.Second),
	}, again.Proofs()[0])
	_, err = again.AddProof(ctx, keyOf(t, "issuer"), credential.SignOptions{})
	requireCode(t, code.RequestInvalid, err)

	// Bare in a presentation it cannot stand; as EnvelopedVerifiableCredential
	// it can, with the same digest.
	wrapped, err := credential.Parse([]byte(again.Embedded()), boxed{})
	require.NoError(t, err)
	require.Equal(t, s.Digest(), wrapped.Digest())
	require.Equal(t, s.Text(), wrapped.Text())
	p, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, again.Embedded())),
		credential.SignOptions{Format: boxed{}, Domain: []string{"https://verifier.example"}, Challenge: "c",
			Created: created, Expires: created.Add(time.Minute)})
	require.NoError(t, err)
	vp, err := credential.ParsePresentation(p.Bytes(), boxed{})
	require.NoError(t, err)
	require.Equal(t, "application/vp+box", vp.MediaType())
	require.NoError(t, vp.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	info := vp.Proofs()[0]
	require.Equal(t, []string{"https://verifier.example"}, info.Domain)
	require.Equal(t, "c", info.Challenge)
	require.True(t, info.Created.Equal(created))
	require.True(t, info.Expires.Equal(created.Add(time.Minute)))
	require.NoError(t, vp.Unverified().Credentials[0].CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	require.Empty(t, vp.Unverified().Extra, "claims are no members of the document")

	// In a presentation with a proof, too.
	mixed, err := credential.SignPresentation(ctx, keyOf(t, "holder"),
		[]byte(unsecuredPresentation(t, signed(t, small(t), credential.SignOptions{}).Embedded())), credential.SignOptions{})
	require.NoError(t, err)
	_, err = credential.ParsePresentation([]byte(edit(t, mixed.Text(), "/verifiableCredential/-", again.Embedded())), boxed{})
	require.NoError(t, err)
	// A token longer than any string or IRI of a document is no trouble.
	long := box(t, edit(t, small(t), "/name", `"`+strings.Repeat("x", 16<<10)+`"`), credential.KindCredential, "issuer")
	require.Greater(t, len(long), 32<<10)
	embedded := `{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"data:application/vc+box,` + long + `"}`
	for _, doc := range []string{unsecuredPresentation(t, embedded), box(t, unsecuredPresentation(t, embedded), credential.KindPresentation, "holder")} {
		_, err = credential.ParsePresentation([]byte(doc), boxed{})
		require.NoError(t, err)
	}
}

func TestEnvelopedRefused(t *testing.T) {
	ctx := context.Background()
	issuer := keyOf(t, "issuer").DID().String()
	vc := func(edits ...string) string {
		doc := full(t)
		for i := 0; i < len(edits); i += 2 {
			doc = edit(t, doc, edits[i], edits[i+1])
		}
		return box(t, doc, credential.KindCredential, "issuer")
	}
	_, err := credential.Parse([]byte(vc("/iss", `"`+issuer+`"`, "/jti", `"urn:uuid:0192f6a1-0000-7000-8000-000000000001"`, "/sub", `"did:example:subject"`,
		"/nbf", `1795219200`, "/exp", `1797807600`, "/iat", `1795219200`)), boxed{})
	require.NoError(t, err, "claims may repeat what the credential says")
	token := vc()
	wrap := func(context, typ, id string) string {
		return `{"@context":` + context + `,"type":` + typ + `,"id":"` + id + `"}`
	}
	const v2, enveloped = `"https://www.w3.org/ns/credentials/v2"`, `"EnvelopedVerifiableCredential"`
	rows := map[string]struct {
		doc  string
		want code.Code
	}{
		"SIG-30 proof inside":   {vc("/proof", mustValue(t, signed(t, full(t), credential.SignOptions{}).Text()).Get("proof").Raw()), malformed},
		"SIG-26 vc":             {vc("/vc", `{"a":1}`), malformed},
		"SIG-26 vp":             {vc("/vp", `{"a":1}`), malformed},
		"SIG-26 iss is another": {vc("/iss", `"did:example:other"`), malformed},
		"SIG-26 iss a list":     {vc("/iss", `["`+issuer+`"]`), malformed},
		"SIG-26 sub is another": {vc("/sub", `"did:example:other"`), malformed},
		"SIG-26 sub of two subjects": {vc("/credentialSubject",
			`[{"id":"did:example:a"},{"id":"did:example:b"}]`, "/sub", `"did:example:a"`), malformed},
		"SIG-26 sub of a bearer":            {vc("/credentialSubject", `{"name":"x"}`, "/sub", `""`), malformed},
		"SIG-26 jti is another":             {vc("/jti", `"urn:x:other"`), malformed},
		"SIG-26 jti without id":             {vc("/id", "", "/jti", `""`), malformed},
		"SIG-26 exp a string":               {vc("/exp", `"1797807600"`), malformed},
		"SIG-26 iat a string":               {vc("/iat", `"2010-01-01T19:23:24Z"`), malformed},
		"SIG-26 iat negative":               {vc("/iat", `-1`), malformed},
		"aud in a credential":               {vc("/aud", `"x"`), malformed},
		"nonce in a credential":             {vc("/nonce", `"x"`), malformed},
		"unknown claim":                     {vc("/x", `"x"`), dataLoss},
		"a claim that nobody honours":       {vc("/cnf", `{"kid":"urn:x:k"}`), malformed},
		"payload an array":                  {box(t, `[]`, credential.KindCredential, "issuer"), malformed},
		"payload no JSON":                   {box(t, `{`, credential.KindCredential, "issuer"), malformed},
		"payload without subject":           {vc("/credentialSubject", ""), malformed},
		"payload without context":           {vc("/@context", ""), wrongCtx},
		"a presentation":                    {box(t, unsecuredPresentation(t, small(t)), credential.KindCredential, "issuer"), malformed},
		"the other kind":                    {strings.Replace(token, "box.vc", "box.vp", 1), malformed},
		"a box in a box":                    {box(t, wrap(v2, enveloped, "data:application/vc+box,"+token), credential.KindCredential, "issuer"), wrongCtx},
		"not this format":                   {"tin.vc", unsupported},
		"a name too long":                   {vc("/name", `"`+strings.Repeat("x", 16<<10+1)+`"`), tooLarge},
		"MOD-07 media type wrong":           {wrap(v2, enveloped, "data:application/vp+box,"+token), malformed},
		"MOD-07 media type with parameters": {wrap(v2, enveloped, "data:application/vc+box;base64,"+token), malformed},
		"MOD-07 media type missing":         {wrap(v2, enveloped, "data:,"+token), malformed},
		"MOD-07 no comma":                   {wrap(v2, enveloped, "data:application/vc+box"), malformed},
		"MOD-07 no data URL":                {wrap(v2, enveloped, "https://issuer.example/vc"), malformed},
		"MOD-07 empty content":              {wrap(v2, enveloped, "data:application/vc+box,"), code.EnvelopeMissing},
		"MOD-07 damaged content":            {wrap(v2, enveloped, "data:application/vc+box,"+token[:len(token)-1]), malformed},
		"MOD-07 content escaped":            {wrap(v2, enveloped, "data:application/vc+box,"+strings.Replace(token, ".", "%2E", 1)), unsupported},
		"context missing":                   {edit(t, wrap(v2, enveloped, "data:application/vc+box,"+token), "/@context", ""), wrongCtx},
		"context empty":                     {wrap(`[]`, enveloped, "data:application/vc+box,"+token), wrongCtx},
		"context another":                   {wrap(`["https://www.w3.org/ns/credentials/examples/v2"]`, enveloped, "data:application/vc+box,"+token), wrongCtx},
		"context and another":               {wrap(`[`+v2+`,"https://evil.example/"]`, enveloped, "data:application/vc+box,"+token), wrongCtx},
		"type missing":                      {edit(t, wrap(v2, enveloped, "data:application/vc+box,"+token), "/type", ""), wrongCtx},
		"type VerifiableCredential":         {wrap(v2, `"VerifiableCredential"`, "data:application/vc+box,"+token), wrongCtx},
		"another member":                    {edit(t, wrap(v2, enveloped, "data:application/vc+box,"+token), "/issuer", `"did:example:x"`), malformed},
		"id a list":                         {edit(t, wrap(v2, enveloped, "x"), "/id", `["data:application/vc+box,x"]`), malformed},
		"id missing":                        {edit(t, wrap(v2, enveloped, "x"), "/id", ""), malformed},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			_, err := credential.Parse([]byte(r.doc), boxed{})
			requireCode(t, r.want, err)
		})
	}
	_, err = credential.Parse([]byte(wrap(v2, `[`+enveloped+`]`, "data:application/vc+box,"+token)), boxed{})
	require.NoError(t, err)

	vp := func(pointer, raw string) string {
		return box(t, edit(t, unsecuredPresentation(t, signed(t, small(t), credential.SignOptions{}).Text()), pointer,
			raw), credential.KindPresentation, "holder")
	}
	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"SIG-26 vp":             {vp("/vp", `{"a":1}`), malformed},
		"SIG-26 iss is another": {vp("/iss", `"did:example:other"`), malformed},
		"SIG-26 iss, no holder": {box(t, edit(t, edit(t, unsecuredPresentation(t, small(t)), "/holder", ""), "/iss",
			`""`), credential.KindPresentation, "holder"), malformed},
		"SIG-26 sub is another": {vp("/sub", `"did:example:other"`), malformed},
		"SIG-26 jti is another": {vp("/jti", `"urn:x:other"`), malformed},
		"aud a number":          {vp("/aud", `5`), malformed},
		"aud empty":             {vp("/aud", `[]`), malformed},
		"nonce a number":        {vp("/nonce", `5`), malformed},
		"exp a string":          {vp("/exp", `"5"`), malformed},
		"exp beyond all years":  {vp("/exp", `253402300800`), malformed},
		"unknown claim":         {vp("/x", `"x"`), dataLoss},
		"SIG-30 proof inside":   {vp("/proof", `{"type":"DataIntegrityProof"}`), malformed},
		"forged VC type":        {vp("/verifiableCredential/0/type", `["VerifiablePresentation"]`), malformed},
	} {
		t.Run("presentation "+name, func(t *testing.T) {
			_, err := credential.ParsePresentation([]byte(r.doc), boxed{})
			requireCode(t, r.want, err)
		})
	}
	later, err := credential.ParsePresentation([]byte(box(t,
		edit(t, edit(t, unsecuredPresentation(t, small(t)), "/iat", `5`), "/nbf", `9`), credential.KindPresentation, "holder")), boxed{})
	require.NoError(t, err)
	require.Equal(t, int64(9), later.Proofs()[0].Created.Unix(), "the later of iat and nbf")

	for name, r := range map[string]struct {
		f    credential.Format
		want code.Code
	}{
		"nil":              {nil, code.RequestInvalid},
		"an error":         {boxed{err: errors.New("bad")}, malformed},
		"an error of ours": {boxed{err: &credential.Error{Code: tooLarge}}, tooLarge},
	} {
		t.Run("format "+name, func(t *testing.T) {
			_, err := credential.Parse([]byte(token), r.f)
			requireCode(t, r.want, err)
		})
	}
	s, err := credential.Parse([]byte(token), boxed{keyID: "key-1"})
	require.NoError(t, err)
	requireCode(t, code.ProofKeyNotAuthorized, s.CheckProof(0, keyOf(t, "issuer").PublicKey(), did.AssertionMethod))
	requireCode(t, code.ProofKeyNotAuthorized, s.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	_, err = credential.Parse([]byte(token), nilEnvelope{})
	require.Error(t, err)

	// What an envelope has no place for is refused, not dropped.
	for name, o := range map[string]credential.SignOptions{
		"suite": {Suite: credential.SuiteJCS}, "proof id": {ProofID: "urn:x:p"}, "previous proof": {PreviousProof: []string{"urn:x:p"}}, "nonce": {Nonce: "n"},
		"domain": {Domain: []string{"a"}}, "challenge": {Challenge: "c"},
	} {
		o.Format = boxed{}
		_, err := credential.SignJSON(ctx, keyOf(t, "issuer"), []byte(full(t)), o)
		require.Error(t, err, name)
		requireCode(t, code.RequestInvalid, err)
	}
	_, err = credential.SignJSON(ctx, keyOf(t, "issuer"), signed(t, full(t), credential.SignOptions{}).Bytes(), credential.SignOptions{Format: boxed{}})
	requireCode(t, code.RequestInvalid, err)
	_, err = credential.SignJSON(ctx, fakeSigner{id: keyOf(t, "issuer").KeyID(), err: errors.New("out of order")},
		[]byte(full(t)), credential.SignOptions{Format: boxed{}})
	require.ErrorContains(t, err, "out of order")
}

// M4: a text in UTF-16, as some shells write files, is told as what it is, with
// formats and without, whatever was written.
func TestOtherEncodings(t *testing.T) {
	utf16 := func(s string) string {
		var b strings.Builder
		b.WriteString("\xff\xfe")
		for _, c := range []byte(s) {
			b.Write([]byte{c, 0})
		}
		return b.String()
	}
	for _, formats := range [][]credential.Format{nil, {boxed{}}} {
		for _, text := range []string{small(t), "eyJhbGciOiJFZERTQSJ9.e30.c2ln", " {}"} {
			for _, raw := range []string{utf16(text), utf16(text)[2:]} {
				_, err := credential.Parse([]byte(raw), formats...)
				requireCode(t, code.EnvelopeMalformed, err)
				require.ErrorContains(t, err, "UTF-16, want UTF-8")
				_, err = credential.ParsePresentation([]byte(raw), formats...)
				require.ErrorContains(t, err, "UTF-16, want UTF-8")
			}
			_, err := credential.Parse([]byte("\ufeff"+text), formats...)
			requireCode(t, code.EnvelopeMalformed, err)
			require.ErrorContains(t, err, "byte order mark")
		}
	}
}

// A format may not seal what no reader takes, and is told so at once.
func TestSealedEnvelopes(t *testing.T) {
	ctx, issuer := context.Background(), keyOf(t, "issuer")
	for name, r := range map[string]struct {
		f    boxed
		says string
	}{
		"text that begins as JSON":        {boxed{front: `{"box`}, "sealed a text that begins"},
		"text with a space":               {boxed{front: "b x"}, "sealed a text that begins"},
		"text with a comma":               {boxed{front: "b,x"}, "sealed a text that begins"},
		"text with an escape of URLs":     {boxed{front: "b%78"}, "sealed a text that begins"},
		"another key":                     {boxed{keyID: keyOf(t, "other").KeyID().String()}, "another key than the signer's"},
		"no key":                          {boxed{keyID: "key-1"}, "another key than the signer's"},
		"half a media type":               {boxed{media: "application"}, "media type"},
		"a media type with a parameter":   {boxed{media: "application/vc+box; v=1"}, "media type"},
		"a media type that ends a header": {boxed{media: "application/a,b"}, "media type"},
		"a media type with a Kelvin sign": {boxed{media: "application/vc+bo\u212a"}, "media type"},
		"a media type of signs":           {boxed{media: "+/-"}, "media type"},
	} {
		for kind, seal := range map[credential.Kind]func() error{
			credential.KindCredential: func() error {
				_, err := credential.SignJSON(ctx, issuer, []byte(full(t)), credential.SignOptions{Format: r.f})
				return err
			},
			credential.KindPresentation: func() error {
				vp := unsecuredPresentation(t, signed(t, small(t), credential.SignOptions{}).Text())
				_, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(vp), credential.SignOptions{Format: r.f})
				return err
			},
		} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				err := seal()
				requireCode(t, malformed, err)
				require.ErrorContains(t, err, r.says)
			})
		}
	}
	// The cap on headers is one on tokens: before the first point of another
	// format there may be anything.
	long := boxed{front: strings.Repeat("b", 8000)}
	s, err := credential.SignJSON(ctx, issuer, []byte(full(t)), credential.SignOptions{Format: long})
	require.NoError(t, err)
	require.NoError(t, s.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
}

// What stands in a presentation is told apart by its place.
func TestEnvelopedPath(t *testing.T) {
	token := box(t, full(t), credential.KindCredential, "issuer")
	vp := func(data string) string {
		return unsecuredPresentation(t, `{"@context":["`+credential.ContextV2+`"],"id":"data:application/vc+box,`+
			data+`","type":"EnvelopedVerifiableCredential"}`)
	}
	for data, want := range map[string]code.Code{token + "a": malformed, token[1:]: code.EnvelopeUnsupported, "box": malformed} {
		_, err := credential.ParsePresentation([]byte(vp(data)), boxed{})
		requireCode(t, want, err)
		var e *credential.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "/verifiableCredential/0/id", e.Path, err)
	}
	_, err := credential.ParsePresentation([]byte(vp(token)))
	requireCode(t, code.EnvelopeUnsupported, err)
	require.ErrorContains(t, err, "/verifiableCredential/0/id")

	// A format that takes anything does not make an IRI of it.
	_, err = credential.ParsePresentation([]byte(vp("b x"+token[3:])), boxed{front: "b x"})
	requireCode(t, malformed, err)
	require.ErrorContains(t, err, "letters, digits")
}

// A format that gives away memory of its own, which it should not, has it back
// unchanged.
func TestEnvelopeMemory(t *testing.T) {
	f := boxed{hoard: true}
	token := box(t, full(t), credential.KindCredential, "issuer")
	s, err := credential.Parse([]byte(token), f)
	require.NoError(t, err)
	require.Equal(t, token, s.Text())
	digest := s.Digest()
	for range 100 { // whatever else is written meanwhile
		require.NotEmpty(t, signed(t, small(t), credential.SignOptions{}).Digest())
	}
	require.Equal(t, token, s.Text())
	require.Equal(t, digest, s.Digest())
}

type nilEnvelope struct{ credential.Format }

func (nilEnvelope) Open([]byte, credential.Kind) (credential.Envelope, error) { return nil, nil }
