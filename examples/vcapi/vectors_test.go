package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// vectorExceptions are inputs of the data model's suite that do not behave as
// their name says, with the reason. The test fails as well when one does.
var vectorExceptions = map[string]string{
	"presentation-enveloped-vc-ok.json": "the token inside is of an abandoned draft (application/vc-ld+jwt, a vc claim); no format takes it",
}

// vectorOthers have neither -ok nor -fail in their name.
var vectorOthers = map[string]bool{
	"presentation-self-asserted-vc-no-holder.json":        false,
	"presentation-self-asserted-vc-issuer-mismatch.json":  false,
	"presentation-self-asserted-vc-holder-mismatch.json":  false,
	"credential-no-context-fail-or-inject.json":           false,
	"credential-missing-base-context-fail-or-inject.json": false,
	"presentation-no-context-fail-or-inject.json":         false,
}

// The inputs of the suite for VC Data Model 2.0, sent to the server: credentials
// are issued and verified; presentations are signed as the suite signs them,
// where that can be done at all, and verified.
func TestDataModelVectors(t *testing.T) {
	h := newHolder(t)
	count := 0
	dir := filepath.Join(testvectors.Dir(t, "vc-data-model-2.0"), "input")
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name := e.Name()
		want, known := vectorOthers[name]
		if strings.HasSuffix(name, "-ok.json") {
			want = true
		} else if !strings.HasSuffix(name, "-fail.json") {
			require.True(t, known, name)
		}
		count++
		t.Run(strings.TrimSuffix(name, ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			text := strings.NewReplacer("PAST DATE", "2020-01-01T00:00:00Z", "FUTURE DATE", "2120-01-01T00:00:00Z",
				"did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj", h.KeyPair.DID().String()).Replace(string(raw))
			behaves := ""
			if strings.HasPrefix(name, "presentation") {
				behaves = h.presentVector(t, text, strings.Contains(name, "self-asserted"))
			} else {
				behaves = h.issueVector(t, text)
			}
			if reason, ok := vectorExceptions[name]; ok {
				require.NotEqual(t, want, behaves == "", "no exception any more: %s", reason)
				return
			}
			require.Equal(t, want, behaves == "", behaves)
		})
		return nil
	}))
	require.Greater(t, count, 100)
}

// issueVector fills in the issuer, as the suite does.
func (h holder) issueVector(t *testing.T, text string) string {
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	self := h.server.issuer.DID().String()
	switch issuer := doc["issuer"].(type) {
	case map[string]any:
		if _, ok := issuer["id"]; !ok {
			issuer["id"] = self
		}
	case nil:
		if _, null := doc["issuer"]; !null {
			doc["issuer"] = self
		}
	}
	signed, problems := h.issue(t, "/rdfc", doc)
	if problems != "" {
		return problems
	}
	if from, _ := doc["validFrom"].(string); from > "2026-11-21" {
		return "" // issued, and rightly not valid yet
	}
	if until, _ := doc["validUntil"].(string); until != "" && until < "2026-11-21" {
		return ""
	}
	return h.verify(t, signed)
}

func (h holder) presentVector(t *testing.T, text string, selfAsserted bool) string {
	unsigned := h.verifyVP(t, json.RawMessage(text), nil)
	require.NotEmpty(t, unsigned, "it has no proof")
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	if list, ok := doc["verifiableCredential"].([]any); ok && !selfAsserted {
		for i, inner := range list {
			vc, ok := inner.(map[string]any)
			if !ok || vc["issuer"] == nil {
				continue
			}
			vc["issuer"] = h.KeyPair.DID()
			raw, err := json.Marshal(vc)
			require.NoError(t, err)
			if signed, err := credential.SignJSON(context.Background(), h.KeyPair, raw,
				credential.SignOptions{Suite: credential.SuiteRDFC, Profile: credential.Conformance}); err == nil {
				list[i] = json.RawMessage(signed.Bytes())
			}
		}
	}
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	vp, err := credential.SignPresentation(context.Background(), h.KeyPair, raw,
		credential.SignOptions{Suite: credential.SuiteRDFC, Profile: credential.Conformance, Formats: h.parser.Formats})
	if err != nil {
		return err.Error() // nobody can sign it; posted without a proof it was refused above
	}
	return h.verifyVP(t, json.RawMessage(vp.Bytes()), nil)
}
