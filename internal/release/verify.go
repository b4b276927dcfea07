package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/safeconduct/safeconduct/did"
)

// verify checks files of a release, which lie beside its provenance: one signature, by the key that the caller
// trusts, over a statement that names each file with its digest.
func verify(key string, files []string, out io.Writer) error {
	if len(files) == 0 {
		return errors.New("want the files to verify")
	}
	text, err := os.ReadFile(key)
	if err != nil {
		return err
	}
	public, err := did.ParsePublicPEM(text)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	folder := filepath.Dir(files[0])
	line, err := os.ReadFile(filepath.Join(folder, provenanceFile))
	if err != nil {
		return err
	}
	s, err := open(public, line)
	if err != nil {
		return err
	}
	for _, name := range files {
		if filepath.Base(name) == provenanceFile {
			continue
		}
		if filepath.Dir(name) != folder {
			return fmt.Errorf("%s is not beside %s", name, provenanceFile)
		}
		sum, err := digestOf(name)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.Subject, func(r resource) bool { return r.Name == filepath.Base(name) })
		if i < 0 {
			return fmt.Errorf("the statement does not name %s", filepath.Base(name))
		}
		if s.Subject[i].Digest["sha256"] != sum {
			return fmt.Errorf("%s is not the file that was signed: its SHA-256 is %s, want %s",
				name, sum, s.Subject[i].Digest["sha256"])
		}
		fmt.Fprintln(out, filepath.Base(name), "is as it was signed")
	}
	def := s.Predicate.BuildDefinition
	commit := def.Dependencies[0].Digest["gitCommit"]
	fmt.Fprintln(out, "version", def.ExternalParameters["version"], "of commit", commit)
	return nil
}

// open checks the signature before it reads anything of the statement.
func open(key did.PublicKey, line []byte) (*statement, error) {
	var e envelope
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, fmt.Errorf("%s: %w", provenanceFile, err)
	}
	if e.PayloadType != payloadType || len(e.Signatures) != 1 {
		return nil, fmt.Errorf("%s has the type %q and %d signatures, want %s and one",
			provenanceFile, e.PayloadType, len(e.Signatures), payloadType)
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", provenanceFile, err)
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(e.Signatures[0].Sig)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", provenanceFile, err)
	}
	if !key.Verify(authenticated(payloadType, payload), sig) {
		return nil, fmt.Errorf("%s is not signed by the key that you trust; it names %s",
			provenanceFile, e.Signatures[0].KeyID)
	}
	var s statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", provenanceFile, err)
	}
	made := s.Predicate.BuildDefinition
	if s.Type != statementType || s.PredicateType != provenanceType || len(made.Dependencies) == 0 {
		return nil, fmt.Errorf("%s is a %s with %s, want the provenance of a release",
			provenanceFile, s.Type, s.PredicateType)
	}
	return &s, nil
}
