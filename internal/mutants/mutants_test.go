//go:build mutants

package mutants

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutant is one check taken out: old, which stands once in file, becomes new.
// The test of the package must fail then, and hold before.
type mutant struct{ name, file, old, new, pkg, test string }

const (
	check   = "credential/check.go"
	pipe    = "verify/step4_proof.go"
	server  = "examples/vcapi/verify.go"
	ofSuite = "./credential"
	ofHTTP  = "./examples/vcapi"
	ofGold  = "./credential/goldld"
	gold    = "credential/goldld/"
)

var mutants = []mutant{
	// The public verify call, with documents of eddsa-rdfc-2022.
	{"any proof accepted", check, "if !did.Verify(key, sum[:], p.signature[:]) {", "if false && !did.Verify(key, sum[:], p.signature[:]) {", ofSuite, "TestRDFCProofMustHold"},
	{"challenge ignored", pipe, `case q.Nonce != "" && p.Challenge != q.Nonce:`, `case false && p.Challenge != q.Nonce:`, ofSuite, "TestRDFCChallenge"},
	{"status ignored", "verify/step6_status.go", "	if set {", "	if false && set {", ofSuite, "TestRDFCStatus"},
	{"issuer not bound", pipe, "if method.DID() != by {", "if false && method.DID() != by {", ofSuite, "TestRDFCIssuerIsBound"},
	{"issuer not bound, credential alone", check, "	if !bound {", "	if false && !bound {", ofSuite, "TestRDFCIssuerIsBound"},
	{"validity ignored", "verify/step3_time.go", `r.span(i, "", "the passport", p.ValidFrom, p.ValidUntil, TimeExpired)`, "", ofSuite, "TestRDFCValidity"},
	{"nested credential unverified", pipe, "if !r.proven(ctx, i, l.signed, issuer, did.AssertionMethod, r.v.proven.through(l.signed)) {", "if false {", ofSuite, "TestRDFCNestedCredential"},

	// The server for the official suites.
	{"server: any proof accepted", check, "if !did.Verify(key, sum[:], p.signature[:]) {", "if false && !did.Verify(key, sum[:], p.signature[:]) {", ofHTTP, "TestVerifyMustReject"},
	{"server: challenge ignored", server, `if q.Options.Challenge != "" && p.Challenge != q.Options.Challenge {`, "if false {", ofHTTP, "TestPresentationMustVerify"},
	{"server: domain ignored", server, "if len(q.Options.Domain) > 0 && !sameSet(p.Domain, q.Options.Domain) {", "if false {", ofHTTP, "TestPresentationMustVerify"},
	{"server: status ignored", server, "return s.status(ctx, c)", "return nil", ofHTTP, "TestStatus"},
	{"server: issuer not bound", check, "	if !bound {", "	if false && !bound {", ofHTTP, "TestVerifySection5"},
	{"server: validity ignored", server, "if err := within(s.now(), c.ValidFrom, c.ValidUntil); err != nil {", "if err := error(nil); err != nil {", ofHTTP, "TestVerifySection5"},
	{"server: expiry of proofs ignored", server, "if err := within(s.now(), time.Time{}, p.Expires); err != nil {", "if err := within(s.now(), time.Time{}, p.Expires); false && err != nil {", ofHTTP, "TestVerifySection5"},
	{"server: nested credential unverified", server, "if selfAsserted(vp.Unverified().Holder, inner) {", "if true {", ofHTTP, "TestPresentationMustReject"},
	{"server: anybody's word about others", server, "c.NumProofs() == 0 && holder != \"\" && c.Unverified().Issuer.ID == holder", "c.NumProofs() == 0", ofHTTP, "TestPresentationMustReject"},

	// The guards of json-gold.
	{"json-gold: statements not counted", gold + "goldld.go", "if got := dataset.Distinct(); got != statements {", "if got := dataset.Distinct(); got != statements && false {", ofGold, "TestFindings"},
	{"json-gold: no safe mode", gold + "goldld.go", "c.files, true\n", "c.files, false\n", ofGold, "TestFindings"},
	{"json-gold: null accepted", gold + "text.go", "	case strictjson.Null:\n		return", "	case strictjson.Null:\n		return nil\n		return", ofGold, "TestFindings"},
	{"json-gold: embedded credentials", gold + "expanded.go", "name == embeddedCredential &&", "false &&", ofGold, "TestFindings"},
	{"json-gold: direction", gold + "expanded.go", "			return lost(\"a literal with %.80s\", name)\n", "", ofGold, "TestFindings"},
	{"json-gold: fractions", gold + "expanded.go", "if x != math.Trunc(x) || math.Abs(x) > maxInteger {", "if math.Abs(x) > math.MaxFloat64 {", ofGold, "TestFindings"},
	{"json-gold: container lost", gold + "text.go", `box.Exists() && box.Str() != "@set"`, `false && box.Exists()`, ofGold, "TestFindings"},
	{"json-gold: protected terms", gold + "text.go", "		return err\n	}\n	return c.checkValue(root, active)", "		active = c.set.Initial()\n	}\n	return c.checkValue(root, active)", ofGold, "TestFindings"},

	// What stands between JSON and RDF.
	{"loss not counted", "internal/jsonld/jsonld.go", "if got := d.Distinct(); !in.Conformance && got != claims {", "if got := d.Distinct(); false && got != claims {", "./internal/jsonld", "TestLossCheck"},
}

func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	run := func(m mutant, more ...string) (string, error) {
		args := append([]string{"test", "-count=1", "-run=^" + m.test + "$"}, more...)
		cmd := exec.Command("go", append(args, m.pkg)...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			out, err := run(m)
			require.NoError(t, err, "%s", out)
			require.NotContains(t, out, "no tests to run")

			path := filepath.Join(root, m.file)
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), m.old), "%s: %s", m.file, m.old)
			changed := filepath.Join(t.TempDir(), "mutant.go")
			require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600))
			overlay := filepath.Join(t.TempDir(), "overlay.json")
			text, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(overlay, text, 0o600))

			out, err = run(m, "-overlay="+overlay)
			require.Error(t, err, "the mutant lives")
			require.Contains(t, out, "--- FAIL: "+m.test, "it does not compile, or dies elsewhere")
		})
	}
}
