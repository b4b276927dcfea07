package credential_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// check parses a document and checks its first proof with the issuer's key.
func check(tb testing.TB, doc string) error {
	s, err := credential.Parse([]byte(doc))
	if err != nil {
		return err
	}
	return s.CheckProof(0, keyOf(tb, "issuer").PublicKey(), did.AssertionMethod)
}

func TestCheckProof(t *testing.T) {
	s := signed(t, full(t), credential.SignOptions{})
	key := keyOf(t, "issuer").PublicKey()
	require.NoError(t, s.CheckProof(0, key, did.AssertionMethod))
	require.NoError(t, holds(s.Text()))
	requireCode(t, code.ProofMissing, s.CheckProof(1, key, did.AssertionMethod))
	requireCode(t, code.ProofMissing, s.CheckProof(-1, key, did.AssertionMethod))
	requireCode(t, code.ProofInvalid, s.CheckProof(0, keyOf(t, "other").PublicKey(), did.AssertionMethod))
	requireCode(t, code.ProofKeyNotAuthorized, s.CheckProof(0, did.PublicKey{}, did.AssertionMethod))
	unsigned, err := credential.Parse([]byte(full(t)))
	require.NoError(t, err)
	requireCode(t, code.ProofMissing, unsigned.CheckProof(0, key, did.AssertionMethod))
	requireCode(t, code.ProofMissing, holds(full(t)))
}

// SIG-04: a signature has one spelling.
func TestSIG04ProofValue(t *testing.T) {
	doc := signed(t, small(t), credential.SignOptions{}).Text()
	value := mustValue(t, doc).Get("proof").Get("proofValue").Str()
	var sig [64]byte
	n, err := multibase.DecodeBase58(sig[:], value[1:])
	require.NoError(t, err)
	require.Equal(t, 64, n)
	for name, r := range map[string]struct {
		value string
		want  code.Code
	}{
		"not z":            {"u" + value[1:], code.ProofInvalid},
		"no z":             {value[1:], code.ProofInvalid},
		"only z":           {"z", code.ProofInvalid},
		"upper-case Z":     {"Z" + value[1:], code.ProofInvalid},
		"63 bytes":         {"z" + multibase.EncodeBase58(sig[:63]), code.ProofInvalid},
		"65 bytes":         {"z" + multibase.EncodeBase58(append(sig[:64:64], 1)), code.ProofInvalid},
		"extra leading 1":  {"z1" + value[1:], code.ProofInvalid},
		"leading space":    {" " + value, code.ProofInvalid},
		"space inside":     {value[:10] + " " + value[10:], code.ProofInvalid},
		"trailing newline": {value + `\n`, code.ProofInvalid},
		"letter 0":         {value[:10] + "0" + value[11:], code.ProofInvalid},
		"letter O":         {value[:10] + "O" + value[11:], code.ProofInvalid},
		"letter I":         {value[:10] + "I" + value[11:], code.ProofInvalid},
		"letter l":         {value[:10] + "l" + value[11:], code.ProofInvalid},
		"base64url":        {"u" + base64.RawURLEncoding.EncodeToString(sig[:]), code.ProofInvalid},
		"base64":           {base64.StdEncoding.EncodeToString(sig[:]), code.ProofInvalid},
		"empty":            {"", malformed},
		"other signature":  {"z" + multibase.EncodeBase58(make([]byte, 64)), code.ProofInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(t, edit(t, doc, "/proof/proofValue", `"`+r.value+`"`))
			requireCode(t, r.want, err)
			require.Equal(t, name == "other signature", strings.Contains(err.Error(), "does not match"), "it is refused for its spelling: %v", err)
		})
	}
	t.Run("63 bytes of a signature that ends in zero", func(t *testing.T) {
		for i := range 1000 {
			doc := signed(t, small(t), credential.SignOptions{Nonce: strings.Repeat("n", i+1)}).Text()
			_, err := multibase.DecodeBase58(sig[:], mustValue(t, doc).Get("proof").Get("proofValue").Str()[1:])
			require.NoError(t, err)
			if sig[63] == 0 {
				requireCode(t, code.ProofInvalid, check(t, edit(t, doc, "/proof/proofValue", `"z`+multibase.EncodeBase58(sig[:63])+`"`)))
				return
			}
		}
		t.Fatal("no signature ends in zero")
	})
	err = check(t, edit(t, doc, "/proof/proofValue", ""))
	requireCode(t, code.ProofInvalid, err)
	require.ErrorContains(t, err, "missing")
}

// SIG-06: every option of a proof is under the signature.
func TestSIG06ProofOptions(t *testing.T) {
	all := signed(t, small(t), credential.SignOptions{Domain: []string{"a", "b"}, Challenge: "c", Nonce: "n",
		ProofID: "urn:x:p", Expires: created.AddDate(1, 0, 0)}).Text()
	require.NoError(t, check(t, all))
	changes := map[string]string{
		"created": `"2026-11-21T09:00:01Z"`, "expires": `"2099-11-21T09:00:00Z"`, "domain": `["a","c"]`, "challenge": `"d"`, "nonce": `"m"`, "id": `"urn:x:q"`,
	}
	for name, value := range changes {
		for kind, raw := range map[string]string{"changed": value, "removed": ""} {
			t.Run(name+" "+kind, func(t *testing.T) {
				requireCode(t, code.ProofInvalid, check(t, edit(t, all, "/proof/"+name, raw)))
			})
		}
	}
	t.Run("domain reordered", func(t *testing.T) {
		requireCode(t, code.ProofInvalid, check(t, edit(t, all, "/proof/domain", `["b","a"]`)))
	})
	t.Run("created in another spelling", func(t *testing.T) {
		requireCode(t, code.ProofInvalid, check(t, edit(t, all, "/proof/created", `"2026-11-21T10:00:00+01:00"`)))
	})
	bare, err := credential.SignJSON(context.Background(), keyOf(t, "issuer"), []byte(small(t)), credential.SignOptions{})
	require.NoError(t, err)
	require.NoError(t, check(t, bare.Text()))
	for name, value := range changes {
		t.Run(name+" added", func(t *testing.T) {
			requireCode(t, code.ProofInvalid, check(t, edit(t, bare.Text(), "/proof/"+name, value)))
		})
	}
	t.Run("unknown option added", func(t *testing.T) {
		requireCode(t, malformed, check(t, edit(t, bare.Text(), "/proof/extra", `"x"`)))
	})
	t.Run("verificationMethod changed", func(t *testing.T) {
		doc := edit(t, all, "/proof/verificationMethod", `"`+keyOf(t, "other").KeyID().String()+`"`)
		requireCode(t, code.ProofInvalid, check(t, doc))
		requireCode(t, code.ProofInvalid, holds(doc))
	})
	for _, raw := range []string{"", `"relative"`, `"#key"`, `"did:key:z6Mk"`, `"https://issuer.example/key"`} {
		t.Run("SIG-14 verificationMethod "+raw, func(t *testing.T) {
			doc := edit(t, all, "/proof/verificationMethod", raw)
			requireCode(t, code.ProofKeyNotAuthorized, check(t, doc))
			requireCode(t, code.ProofKeyNotAuthorized, holds(doc))
		})
	}
}

// SIG-07, SIG-08: the contexts that a proof was made over are those of the
// document, no more and no fewer.
func TestSIG08Contexts(t *testing.T) {
	const v2, ours, unknown = `"https://www.w3.org/ns/credentials/v2"`, `"https://w3id.org/safeconduct/v1"`, `"https://evil.example/v1"`
	doc := signed(t, small(t), credential.SignOptions{}).Text()
	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"SIG-08 approved context appended to the document": {edit(t, doc, "/@context/-", ours), wrongCtx},
		"SIG-08 unknown context appended to the document":  {edit(t, doc, "/@context/-", unknown), wrongCtx},
		"SIG-08 appended to both":                          {edit(t, edit(t, doc, "/@context/-", ours), "/proof/@context/-", ours), code.ProofInvalid},
		"SIG-08 appended, proof's removed":                 {edit(t, edit(t, doc, "/@context/-", ours), "/proof/@context", ""), code.ProofInvalid},
		"SIG-07 proof's longer":                            {edit(t, doc, "/proof/@context/-", ours), wrongCtx},
		"SIG-07 proof's different":                         {edit(t, doc, "/proof/@context", `[`+ours+`]`), wrongCtx},
		"SIG-07 proof's an object":                         {edit(t, doc, "/proof/@context", `{"@vocab":"https://evil.example/"}`), wrongCtx},
		"SIG-07 proof's a string":                          {edit(t, doc, "/proof/@context", v2), wrongCtx},
		"SIG-07 proof's empty":                             {edit(t, doc, "/proof/@context", `[]`), wrongCtx},
		"SIG-07 proof's null":                              {edit(t, doc, "/proof/@context", `null`), wrongCtx},
		"SIG-07 proof's removed":                           {edit(t, doc, "/proof/@context", ""), code.ProofInvalid},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, r.want, check(t, r.doc)) })
	}
}

// SIG-09, SIG-10: type and cryptosuite must both be right; one wrong is
// enough. The proofs are signed as they stand, so that only the names are at
// fault.
func TestSIG09TypeAndSuite(t *testing.T) {
	for _, typ := range []string{"DataIntegrityProof", "Ed25519Signature2020", "dataintegrityproof", "UnknownProofType", ""} {
		for _, suite := range []string{"eddsa-jcs-2022", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "EDDSA-JCS-2022", "unknown", ""} {
			if typ == "DataIntegrityProof" && suite == "eddsa-jcs-2022" {
				continue
			}
			t.Run(typ+"+"+suite, func(t *testing.T) {
				options := `{"@context":["https://www.w3.org/ns/credentials/v2"],"proofPurpose":"assertionMethod","verificationMethod":"` + keyOf(t,
					"issuer").KeyID().String() + `"`
				if typ != "" {
					options += `,"type":"` + typ + `"`
				}
				if suite != "" {
					options += `,"cryptosuite":"` + suite + `"`
				}
				err := check(t, forge(t, small(t), options+"}"))
				if suite == "eddsa-rdfc-2022" && typ == "DataIntegrityProof" {
					require.Error(t, err) // SIG-10: relabelled
					return
				}
				requireCode(t, code.ProofTransformation, err)
			})
		}
	}
	// The same forgery with the right names holds, so the rows above test what
	// they say.
	options := `{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022",` +
		`"@context":["https://www.w3.org/ns/credentials/v2"],"proofPurpose":"assertionMethod","verificationMethod":"` + keyOf(t,
		"issuer").KeyID().String() + `"}`
	require.NoError(t, check(t, forge(t, small(t), options)))
}

// forge signs a document with proof options that [credential.SignJSON] would
// not write.
func forge(tb testing.TB, doc, options string) string {
	tb.Helper()
	sum, err := credential.HashJCS(doc, options)
	require.NoError(tb, err)
	sig := ed25519.Sign(keyOf(tb, "issuer").PrivateKey().(ed25519.PrivateKey), sum)
	proof := edit(tb, options, "/proofValue", `"z`+multibase.EncodeBase58(sig)+`"`)
	return edit(tb, doc, "/proof", proof)
}

// SIG-11: a proof serves the purpose that it names, and no other.
func TestSIG11Purpose(t *testing.T) {
	purposes := []did.Relationship{did.AssertionMethod, did.Authentication, did.CapabilityInvocation, did.CapabilityDelegation}
	key := keyOf(t, "issuer").PublicKey()
	for _, made := range purposes {
		s := signed(t, small(t), credential.SignOptions{Purpose: made})
		for _, asked := range append(purposes, did.KeyAgreement, "", "invalidPurpose") {
			err := s.CheckProof(0, key, asked)
			if asked == made {
				require.NoError(t, err)
				continue
			}
			requireCode(t, code.ProofPurposeMismatch, err)
		}
	}
	// Nobody asks for no purpose, and finds a proof that has none.
	options := `{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"` + keyOf(t, "issuer").KeyID().String() + `"}`
	s, err := credential.Parse([]byte(forge(t, small(t), options)))
	require.NoError(t, err)
	requireCode(t, code.ProofPurposeMismatch, s.CheckProof(0, key, ""))
	requireCode(t, code.ProofPurposeMismatch, s.CheckProof(0, key, did.AssertionMethod))
}

// SIG-12, SIG-14: the key must be listed for the purpose, in the document of
// the DID that the proof names.
func TestSIG12KeyNotListed(t *testing.T) {
	ctx := context.Background()
	doc := func(id string, keys ...did.DocumentKey) *did.Document {
		d, err := did.NewDocument(did.DocumentOptions{ID: did.MustParse(id), Keys: keys})
		require.NoError(t, err)
		return d
	}
	const issuer = "did:web:issuer.example"
	key := keyOf(t, "web")
	signer, err := did.NewSigner(did.MustParseURL(issuer+"#a"), key.PrivateKey())
	require.NoError(t, err)
	text := edit(t, small(t), "/issuer", `"`+issuer+`"`)
	s, err := credential.SignJSON(ctx, signer, []byte(text), credential.SignOptions{})
	require.NoError(t, err)
	at := func(fragment string, rels ...did.Relationship) did.DocumentKey {
		return did.DocumentKey{Fragment: fragment, Key: key.PublicKey(), Relationships: rels}
	}
	resolver := func(d ...*did.Document) did.Resolver {
		r, err := did.NewStatic(d...)
		require.NoError(t, err)
		return r
	}
	otherDoc := doc("did:web:other.example", at("a", did.AssertionMethod))
	require.NoError(t, s.CheckProofs(ctx, resolver(doc(issuer, at("a", did.AssertionMethod))), did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofPurposeMismatch, s.CheckProofs(ctx, resolver(doc(issuer, at("a", did.Authentication))), did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofKeyNotAuthorized, s.CheckProofs(ctx, resolver(doc(issuer, at("b", did.AssertionMethod))), did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofUnresolvable, s.CheckProofs(ctx, resolver(otherDoc), did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofUnresolvable, s.CheckProofs(ctx, nil, did.AssertionMethod, time.Time{}))
	requireCode(t, code.ProofUnresolvable, s.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	for err, want := range map[error]code.Code{
		context.DeadlineExceeded: code.ProofTimeout, context.Canceled: code.ProofTimeout,
		did.ErrUnavailable: code.ProofUnresolvable, did.ErrInvalidDID: code.ProofKeyNotAuthorized,
	} {
		failing := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, err })
		requireCode(t, want, s.CheckProofs(ctx, failing, did.AssertionMethod, time.Time{}))
	}
}

// SIG-19: only the document's own proof member is its proof.
func TestSIG19ProofElsewhere(t *testing.T) {
	proof := mustValue(t, signed(t, small(t), credential.SignOptions{}).Text()).Get("proof").Raw()
	for _, at := range []string{"/credentialSubject", "/credentialStatus", "/evidence", "/issuer", "/termsOfUse"} {
		s, err := credential.Parse([]byte(edit(t, full(t), at+"/proof", proof)))
		if err == nil {
			require.Empty(t, s.Proofs(), at)
			requireCode(t, code.ProofMissing, s.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{}))
			continue
		}
		requireCode(t, dataLoss, err)
	}
}

// VC 1.1 documents are secured in the same way.
func TestVersion1Signed(t *testing.T) {
	s := signed(t, version1(t), credential.SignOptions{})
	require.NoError(t, holds(s.Text()))
	require.Equal(t, 1, s.Unverified().Version)
	requireCode(t, code.ProofInvalid, holds(edit(t, s.Text(), "/expirationDate", `"2099-01-01T00:00:00Z"`)))
	requireCode(t, code.ProofInvalid, holds(edit(t, s.Text(), "/expirationDate", "")))
	require.True(t, strings.Contains(s.Text(), `"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/security/data-integrity/v2"]}`) ||
		strings.Count(s.Text(), "https://www.w3.org/2018/credentials/v1") == 2, "the proof is bound to the contexts")
}

// The digest is over the canonical form of all that was secured.
func TestDigest(t *testing.T) {
	s := signed(t, full(t), credential.SignOptions{})
	again, err := credential.Parse([]byte(" " + edit(t, s.Text(), "/name", `"A\u0020credential"`)))
	require.NoError(t, err)
	require.NotEqual(t, s.Text(), again.Text())
	require.Equal(t, s.Digest(), again.Digest(), "white space, order and escapes do not count")
	require.Regexp(t, `^uEi[A-Za-z0-9_-]{44}$`, s.Digest())
	for _, other := range []string{edit(t, s.Text(), "/name", `"B"`), edit(t, s.Text(), "/proof/created", ""), edit(t, s.Text(), "/proof", "")} {
		o, err := credential.Parse([]byte(other))
		require.NoError(t, err)
		require.NotEqual(t, s.Digest(), o.Digest())
	}
}
