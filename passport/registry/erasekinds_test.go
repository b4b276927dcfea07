package registry_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// recording is a store that notes what is written to it: the texts of each member of each kind of documents and
// streams.
type recording struct {
	registry.Store
	texts map[string]map[string]bool // by "kind.Member.Member"
	kinds map[string]bool
}

type recordingTx struct {
	registry.Tx
	to *recording
}

func (s *recording) Update(x context.Context, f func(registry.Tx) error) error {
	return s.Store.Update(x, func(tx registry.Tx) error { return f(recordingTx{tx, s}) })
}

func (t recordingTx) Put(d registry.Doc) error {
	t.to.note(d.Kind, d.Body)
	t.to.text(d.Kind+" id", d.ID)
	return t.Tx.Put(d)
}

func (t recordingTx) Append(stream string, body []byte) (int64, error) {
	kind, _, _ := strings.Cut(stream, "/")
	t.to.note("stream "+kind, body)
	return t.Tx.Append(stream, body)
}

func (s *recording) note(kind string, body []byte) {
	if s.texts == nil {
		s.texts, s.kinds = map[string]map[string]bool{}, map[string]bool{}
	}
	s.kinds[kind] = true
	var v any
	if json.Unmarshal(body, &v) == nil {
		s.walk(kind, v)
	}
}

func (s *recording) walk(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, it := range v {
			s.walk(path+"."+name, it)
		}
	case []any:
		for _, it := range v {
			s.walk(path, it)
		}
	case string:
		s.text(path, v)
	}
}

func (s *recording) text(path, text string) {
	if s.texts[path] == nil {
		s.texts[path] = map[string]bool{}
	}
	s.texts[path][text] = true
}

// impersonal are texts that name nobody: ids, instants, amounts, digests, secrets and places of the office.
var impersonal = regexp.MustCompile(`^(` + strings.Join([]string{
	`|root|(admin of |owner |key )?(ag|agk|ap|apk|apw|grnt|audit|ap_org|ap_user)_[0-9A-Za-z_]+( 1)?`,
	`(ap_org_\w+ ap_user_\w+ )?urn:safeconduct:[a-z]+:[a-z_]*[0-9A-Z]{26}`, `urn:safeconduct:owner:ap_org_\w+`,
	`\d{4}-\d\d-\d\dT[^ ]*( https://issuer.example/status/[^ ]*)?`, `[0-9.]+ USD`, `https://issuer.example/status/[^ ]*`,
	`[0-9a-f]{64}`, `[A-Za-z0-9+/]{43}=`, `uE[A-Za-z0-9_-]+`, `01[0-9A-Z]{24}`,
	regexp.QuoteMeta(verifytest.Key("issuer").KeyID().String()),
}, "|") + `)$`)

// chosen are members whose texts are words of the office's own, or name what may be done and not who does it: hosts
// choose them, and Owners.Erase says that they stay. What is of an organisation is not of a person.
var chosen = regexp.MustCompile(`^(.*\.(Status|Type|Kind|type|kind|status|Level|level|Method|Standard|Purpose|Action` +
	`|Scopes?|scopes?|code|decision|Decision|operation|Operation|source|Notify|percent|field|Regions)` +
	`|org\.Name|stream (audit|events)\.(Action|Data\.(id|platform|old_value|new_value|to|from|changes.*))` +
	`|record\.(Controller|ExpiresIn|Role|Authority\..*|Stated\..*|Tenant\.Platform)|stream budget\.ID` +
	`|(forgotten|open|secret|use|words) id|words\.(Salt|Data\.changes)` +
	`|switch id)$`)

// unused are kinds that these tests put nothing into.
var unused = map[string]string{
	"ticket":  "a digest of a secret, by the id of a record; it is deleted with what the record says",
	"erasure": "an owner's id and digests; it is deleted when the erasure is done",
	"acked":   "how far a host has read events", "issuer": "the issuer's keys", "retired": "likewise",
	"shown": "what was published: bits", "edition": "likewise",
}

// kindsOfDocuments are those that the source names.
func kindsOfDocuments(t *testing.T) (kinds []string) {
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?kind[A-Z]\w*\s*= "(\w+)"`)
	for _, f := range sources {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range constant.FindAllSubmatch(text, -1) {
			kinds = append(kinds, string(m[1]))
		}
	}
	require.Greater(t, len(kinds), 25)
	return kinds
}

// REG: whatever an office keeps, the tests of erasure have put a person's texts there, or it is listed as what names
// nobody. So a new kind of documents, or a new member, is looked at.
func TestEraseLooksEverywhere(t *testing.T) {
	o, _, _ := fileOffice(t)
	o.known(hers)
	for _, kind := range kindsOfDocuments(t) {
		if !o.put.kinds[kind] && unused[kind] == "" {
			t.Errorf("nothing of a person was put into a document of the kind %s", kind)
		}
	}
	personal := []string{hers, verifytest.Key(hers).DID().String(), verifytest.Key(hers + " agent").DID().String()}
	for _, path := range slices.Sorted(maps.Keys(o.put.texts)) {
		marked, names := false, false
		for text := range o.put.texts[path] {
			names = names || !impersonal.MatchString(text)
			for _, p := range personal {
				marked = marked || strings.Contains(strings.ToLower(text), strings.ToLower(p))
			}
		}
		if names && !marked && !chosen.MatchString(path) {
			t.Errorf("%s: nothing of a person was put there: %.200q", path, slices.Collect(maps.Keys(o.put.texts[path])))
		}
	}
}
