package limits_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// testedIn names, for every bound, the package whose tests meet it at the cap
// and one above, and the word that they call it by where it is not the name of
// the field. A new bound without a line here fails RES-01.
var testedIn = map[string]struct{ dir, word string }{
	"DocumentBytes":     {dir: "credential"},
	"PresentationBytes": {dir: "credential"},
	"JWTBytes":          {dir: "credential/vcjwt"},
	"JWTHeaderBytes":    {dir: "credential/vcjwt"},

	"JSONDepth":   {"internal/strictjson", `"Depth"`},
	"JSONMembers": {"internal/strictjson", `"Members"`},
	"ArrayLength": {dir: "internal/strictjson"},
	"KeyBytes":    {dir: "internal/strictjson"},
	"StringBytes": {dir: "internal/strictjson"},
	"IRIBytes":    {dir: "credential"},

	"Contexts":          {dir: "credential"},
	"Proofs":            {dir: "credential"},
	"ProofChainDepth":   {dir: "credential"},
	"Credentials":       {dir: "credential"},
	"StatusEntries":     {dir: "credential"},
	"Links":             {dir: "verify"},
	"AuthorityItems":    {dir: "passport"},
	"Quads":             {dir: "internal/rdfc"},
	"PresentationQuads": {dir: "credential"},
	"BlankNodes":        {dir: "internal/rdfc"},
	"EqualBlankNodes":   {dir: "internal/rdfc"},
	"NDegreeCalls":      {dir: "internal/rdfc"},

	"EncodedListBytes":   {dir: "statuslist"},
	"Lists.Bytes":        {"statuslist", "Bounds{Bytes:"},
	"Lists.Entries":      {"statuslist", "Bounds{Entries:"},
	"StatusCacheEntries": {"statuslist", "CacheOptions{Lists:"},
	"StatusCacheBytes":   {"statuslist", "CacheOptions{Bytes:"},
	"Fetches":            {dir: "verify"},

	"DIDBytes":           {dir: "did"},
	"DIDs.DocumentBytes": {dir: "did"},
	"DIDs.Methods":       {dir: "did"},
	"DIDs.Services":      {dir: "did"},
	"DIDPathSegments":    {"did/didweb", `":a", 33`},
	"DIDCacheEntries":    {"did", "Entries: 16385"},
	"DIDCacheAge":        {"did", "TTL: 24*time.Hour + 1"},
	"DIDFailureAge":      {"did", "NegativeTTL: time.Minute + 1"},
	"DIDFetchTime":       {"did/didweb", "Timeout: 15*time.Second + 1"},
	"DIDConnectTime":     {"did/didweb", "ConnectTimeout: 15*time.Second + 1"},

	"BundleBytes":    {"verify/bundle", "b.Bytes ="},
	"BundleEntries":  {"verify/bundle", "b.Entries ="},
	"BundleLifetime": {"verify/bundle", "b.Lifetime ="},

	"NonceBytes": {dir: "verify"},
	"LiveNonces": {dir: "verify"},

	"AgentActs":    {dir: "verify"},
	"RootActs":     {dir: "verify"},
	"RootAccounts": {dir: "verify"},

	"StatusMemoryBytes": {dir: "verify"},

	"IntentLifetime":     {dir: "verify"},
	"CredentialLifetime": {dir: "verify"},
	"StatusAge":          {dir: "verify"},

	"HTTPHeaderBytes":     {"verify/verifyhttp", "MaxHeader is 6"},
	"HTTPSentHeaderBytes": {"verify/verifyhttp", "MaxHeader is 64"},
	"HTTPBodyBytes":       {"verify/verifyhttp", "MaxBody is 6"},
	"HTTPDecisionTime":    {"verify/verifyhttp", "Timeout is 1m"},
	"RateKeys":            {dir: "verify/verifyhttp"},
}

// RES-01: every bound has a home for its test, and the tests there name it.
func TestRES01EveryBoundIsTestedSomewhere(t *testing.T) {
	all := bounds(reflect.TypeFor[limits.Bounds](), "")
	require.Equal(t, len(all), len(testedIn), "a bound is missing from the table, or the table names one that is gone")
	for _, b := range all {
		name := strings.TrimPrefix(b.name, "Documents.")
		t.Run(name, func(t *testing.T) {
			home, ok := testedIn[name]
			require.True(t, ok, "no line in the table: which package tests this bound at the cap and one above?")
			word := home.word
			if word == "" {
				word = name
			}
			if !mentioned(t, home.dir, word) {
				require.Fail(t, "untested bound", "no test file in %s mentions %s", home.dir, word)
			}
		})
	}
}

// mentioned reports whether a test file in the folder dir of this module holds
// the word.
func mentioned(t *testing.T, dir, word string) bool {
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(src), word) {
			return true
		}
	}
	return false
}
