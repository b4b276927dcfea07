package jsonld_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/profile"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/rdfc/nqtest"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

func parse(t testing.TB, text string) strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse(text, limits.Max().JSON(1<<20))
	require.NoError(t, err)
	return v
}

func resolve(t testing.TB, root strictjson.Value) *contexts.Active {
	t.Helper()
	var urls []string
	if s, ok := root.Get("@context").LookupStr(); ok {
		urls = append(urls, s)
	}
	for item := range root.Get("@context").Items() {
		urls = append(urls, item.Str())
	}
	set, err := contexts.Default().With("https://www.w3.org/ns/credentials/examples/v2",
		[]byte(`{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}`))
	require.NoError(t, err)
	set, err = set.With("https://w3id.org/citizenship/v4rc1", []byte(citizenship))
	require.NoError(t, err)
	a, err := set.Resolve(urls)
	require.NoError(t, err)
	return a
}

// citizenship says of the terms in the suite's second document what that
// document's context says of them.
const citizenship = `{"@context":{
	"EmploymentAuthorizationDocumentCredential":"https://w3id.org/citizenship#EmploymentAuthorizationDocumentCredential",
	"EmploymentAuthorizationDocument":"https://w3id.org/citizenship#EmploymentAuthorizationDocument",
	"EmployablePerson":"https://w3id.org/citizenship#EmployablePerson",
	"Person":"https://schema.org/Person",
	"image":{"@id":"https://schema.org/image","@type":"@id"},
	"additionalName":"https://schema.org/additionalName","familyName":"https://schema.org/familyName",
	"givenName":"https://schema.org/givenName","gender":"https://schema.org/gender","identifier":"https://schema.org/identifier",
	"birthDate":{"@id":"https://schema.org/birthDate","@type":"http://www.w3.org/2001/XMLSchema#dateTime"},
	"residentSince":{"@id":"https://w3id.org/citizenship#residentSince","@type":"http://www.w3.org/2001/XMLSchema#dateTime"},
	"birthCountry":"https://w3id.org/citizenship#birthCountry",
	"lprCategory":"https://w3id.org/citizenship#lprCategory","lprNumber":"https://w3id.org/citizenship#lprNumber",
	"employmentAuthorizationDocument":{"@id":"https://w3id.org/citizenship#employmentAuthorizationDocument","@type":"@id"}}}`

// lax is the input of a document whose contexts include @vocab.
func lax(root strictjson.Value, a *contexts.Active, skip ...string) jsonld.Input {
	return jsonld.Input{Root: root, Active: a, Skip: append(skip, "@context"), Conformance: true}
}

// CAN-31: the vectors of the cryptosuite, byte for byte at every stage.
func TestCAN31EddsaRdfcVectors(t *testing.T) {
	for dir, unsigned := range map[string]string{"eddsa-rdfc-2022": "unsigned.json", "eddsa-rdfc-2022/employ": "employmentAuth.json"} {
		read := func(name string) string {
			return string(testvectors.Read(t, "vc-di-eddsa", filepath.Join("TestVectors", name)))
		}
		var hashes string
		for _, c := range []struct{ in, canon, hash string }{
			{dir + "/proofConfigDataInt.json", dir + "/proofCanonDataInt.txt", dir + "/proofHashDataInt.txt"},
			{unsigned, dir + "/canonDocDataInt.txt", dir + "/docHashDataInt.txt"},
		} {
			root := parse(t, read(c.in))
			in := lax(root, resolve(t, root))
			text, err := jsonld.NQuads(in, limits.Default().Documents)
			require.NoError(t, err, c.in)
			require.Equal(t, read(c.canon), string(text), c.in)
			sum, err := jsonld.Hash(in, limits.Default().Documents)
			require.NoError(t, err)
			require.Equal(t, strings.TrimSpace(read(c.hash)), hex.EncodeToString(sum[:]))
			require.Equal(t, sha256.Sum256(text), sum)
			hashes += hex.EncodeToString(sum[:])
		}
		require.Equal(t, strings.TrimSpace(read(dir+"/combinedHashDataInt.txt")), hashes)
	}
}

// CAN-31: proof sets and chains, down to the signature.
func TestCAN31ProofSetsAndChains(t *testing.T) {
	checked := 0
	for _, name := range []string{"signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"} {
		root := parse(t, string(testvectors.Read(t, "vc-di-eddsa", "TestVectors/proof-set-chain/"+name+".json")))
		a := resolve(t, root)
		proofs := []strictjson.Value{root.Get("proof")}
		if proofs[0].Kind() == strictjson.Array {
			proofs = slices.Collect(proofs[0].Items())
		}
		for _, proof := range proofs {
			config, err := jsonld.Hash(lax(proof, a, "proofValue"), limits.Default().Documents)
			require.NoError(t, err)
			in := lax(root, a, "proof")
			previous := []string{proof.Get("previousProof").Str()}
			for item := range proof.Get("previousProof").Items() {
				previous = append(previous, item.Str())
			}
			for _, other := range proofs {
				if id, ok := other.Get("id").LookupStr(); ok && slices.Contains(previous, id) {
					in.Extra = append(in.Extra, profile.Member{Name: "proof", Value: other})
				}
			}
			doc, err := jsonld.Hash(in, limits.Default().Documents)
			require.NoError(t, err)
			var space [multibase.KeyBytes]byte
			key, err := multibase.DecodeKey(space[:], strings.SplitN(proof.Get("verificationMethod").Str(), "#", 2)[1])
			require.NoError(t, err)
			sig := make([]byte, ed25519.SignatureSize)
			n, err := multibase.DecodeBase58(sig, proof.Get("proofValue").Str()[1:])
			require.NoError(t, err)
			require.Equal(t, len(sig), n)
			require.True(t, ed25519.Verify(key[2:], append(config[:], doc[:]...), sig), "%s %s", name, proof.Get("id").Str())
			checked++
		}
	}
	require.Equal(t, 10, checked)
}

const suiteBase = "https://w3c.github.io/json-ld-api/tests/"

type toRDFTest struct {
	ID      string   `json:"@id"`
	Types   []string `json:"@type"`
	Name    string   `json:"name"`
	Input   string   `json:"input"`
	Expect  string   `json:"expect"`
	Options struct {
		SpecVersion    string `json:"specVersion"`
		ProcessingMode string `json:"processingMode"`
		Base           string `json:"base"`
		ExpandContext  string `json:"expandContext"`
		RDFDirection   string `json:"rdfDirection"`
		Generalized    bool   `json:"produceGeneralizedRdf"`
	} `json:"option"`
}

// The JSON-LD suite: every positive test is answered right or refused by
// name, no negative test is answered.
func TestToRDFSuite(t *testing.T) {
	var manifest struct {
		Sequence []toRDFTest `json:"sequence"`
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "json-ld-toRdf", "toRdf-manifest.jsonld"), &manifest))
	dir := testvectors.Dir(t, "json-ld-toRdf")
	right, refused, negative := 0, map[string][]string{}, 0
	for _, c := range manifest.Sequence {
		if c.Options.SpecVersion == "json-ld-1.0" || c.Options.ProcessingMode == "json-ld-1.0" {
			continue // JSON-LD 1.0 is another language
		}
		b, err := os.ReadFile(filepath.Join(dir, c.Input))
		if errors.Is(err, fs.ErrNotExist) {
			t.Logf("%s: %s is not among the vectors", c.ID, c.Input)
			continue
		}
		require.NoError(t, err)
		got, err := toRDF(t, c, string(b))
		switch {
		case c.Types[0] == "jld:NegativeEvaluationTest":
			if err == nil {
				t.Errorf("%s %s: answered, want a refusal\n%s\n%s", c.ID, c.Name, b, got)
			}
			negative++
		case err != nil:
			require.NotEmpty(t, code.Of(err), "%s: %v", c.ID, err)
			var e *code.Error
			require.ErrorAs(t, err, &e)
			why := string(e.Code) + ": " + strings.SplitN(e.Detail, "\"", 2)[0]
			refused[why] = append(refused[why], strings.TrimPrefix(c.ID, "#t"))
		case c.Expect != "":
			want, err := os.ReadFile(filepath.Join(dir, c.Expect))
			require.NoError(t, err)
			d, _, err := nqtest.Parse(string(want))
			require.NoError(t, err)
			require.NoError(t, d.Canonicalize(limits.Max().Documents, rdfc.SHA256))
			if w := string(d.AppendNQuads(nil)); w != got {
				t.Errorf("%s %s:\n%s\nwant\n%s\ngot\n%s", c.ID, c.Name, b, w, got)
			}
			right++
		default:
			right++
		}
	}
	total := 0
	var whys []string
	for why, ids := range refused {
		whys = append(whys, why)
		total += len(ids)
	}
	sort.Slice(whys, func(i, j int) bool { return len(refused[whys[i]]) > len(refused[whys[j]]) })
	for _, why := range whys {
		t.Logf("refused %3d  %s  %s", len(refused[why]), why, strings.Join(refused[why], " "))
	}
	t.Logf("answered right %d, refused by name %d, negative refused %d", right, total, negative)
}

// toRDF runs one test of the suite. The base of the document goes in as an
// @base before its own contexts, where they are.
func toRDF(t testing.TB, c toRDFTest, text string) (string, error) {
	base := suiteBase + c.Input
	if c.Options.Base != "" {
		base = c.Options.Base
	}
	root, err := strictjson.Parse(text, limits.Max().JSON(1<<20))
	if err != nil {
		return "", &code.Error{Code: code.EnvelopeMalformed, Detail: "not strict JSON: " + err.Error()}
	}
	outer := `{"@base":"` + base + `"}`
	a, err := contexts.Default().Initial().Local(parse(t, outer))
	require.NoError(t, err)
	if c.Options.ExpandContext != "" {
		b, err := os.ReadFile(filepath.Join(testvectors.Dir(t, "json-ld-toRdf"), c.Options.ExpandContext))
		require.NoError(t, err)
		if a, err = a.Local(parse(t, string(b)).Get("@context")); err != nil {
			return "", err
		}
	}
	out, err := jsonld.NQuads(jsonld.Input{Root: root, Active: a, Conformance: true, DropIndex: true,
		NoDirection: c.Options.RDFDirection != "i18n-datatype"}, limits.Max().Documents)
	return string(out), err
}
