package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// The statement is in-toto's, version 1, with the provenance of SLSA, version 1; the envelope is DSSE:
// https://github.com/in-toto/attestation/tree/main/spec/v1, https://slsa.dev/spec/v1.0/provenance,
// https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
const (
	statementType  = "https://in-toto.io/Statement/v1"
	provenanceType = "https://slsa.dev/provenance/v1"
	payloadType    = "application/vnd.in-toto+json"
	repository     = "https://github.com/safeconduct/safeconduct"
	buildType      = repository + "/blob/main/docs/howto/verify-a-release.md"
	provenanceFile = "provenance.intoto.jsonl"
)

type resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest"`
}

type statement struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     predicate  `json:"predicate"`
}

type predicate struct {
	BuildDefinition struct {
		BuildType          string         `json:"buildType"`
		ExternalParameters map[string]any `json:"externalParameters"`
		InternalParameters map[string]any `json:"internalParameters"`
		Dependencies       []resource     `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
	} `json:"runDetails"`
}

type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// authenticated is what DSSE signs: the type and the payload, each after its length.
func authenticated(kind string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
}

// sign writes the provenance of every file of the folder. It has no time and no number of the run in it, so that the
// same commit and key give the same bytes.
func (r *release) sign(ctx context.Context, dist string, modules []*debug.Module) error {
	s := statement{Type: statementType, PredicateType: provenanceType}
	files, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, f := range files {
		sum, err := digestOf(filepath.Join(dist, f.Name()))
		if err != nil {
			return err
		}
		s.Subject = append(s.Subject, resource{Name: f.Name(), Digest: map[string]string{"sha256": sum}})
	}
	def := &s.Predicate.BuildDefinition
	def.BuildType = buildType
	def.ExternalParameters = map[string]any{
		"source": "git+" + repository, "version": r.version, "package": r.main, "platforms": r.platforms,
	}
	def.InternalParameters = map[string]any{"toolchain": r.toolchain, "flags": flags}
	def.Dependencies = []resource{{URI: "git+" + repository, Digest: map[string]string{"gitCommit": r.commit}}}
	for _, m := range modules {
		if m.Replace != nil {
			m = m.Replace
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
		if err != nil || len(sum) != sha256.Size {
			return fmt.Errorf("%s has the checksum %q, want h1: and 32 bytes in base64", m.Path, m.Sum)
		}
		def.Dependencies = append(def.Dependencies, resource{
			URI:    "pkg:golang/" + m.Path + "@" + m.Version,
			Digest: map[string]string{"dirHash": hex.EncodeToString(sum)},
		})
	}
	s.Predicate.RunDetails.Builder.ID = repository + "/tree/main/internal/release"

	payload, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sig, err := r.key.Sign(ctx, authenticated(payloadType, payload))
	if err != nil {
		return err
	}
	line, err := json.Marshal(envelope{payloadType, base64.StdEncoding.EncodeToString(payload),
		[]signature{{r.key.DID().String(), base64.StdEncoding.EncodeToString(sig)}}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, provenanceFile), append(line, '\n'), 0o644)
}

func digestOf(name string) (string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(b)), nil
}
