package peer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// intermediates returns what the signature of each proof is over, and how it came about.
func intermediates(document string) (list []object, err error) {
	if document = strings.TrimSpace(document); !strings.HasPrefix(document, "{") {
		return token(document)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document), &members); err != nil {
		return nil, &broken{err}
	}
	raw := bytes.TrimSpace(members["proof"])
	if raw[0] == '{' {
		raw = append(append([]byte("["), raw...), ']')
	}
	var proofs []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &proofs); err != nil {
		return nil, &broken{err}
	}
	context := members["@context"]
	delete(members, "proof")
	for _, options := range proofs {
		delete(options, "proofValue")
		canonical := canonicalJCS
		if string(options["cryptosuite"]) == `"eddsa-rdfc-2022"` {
			canonical, options["@context"] = canonicalRDFC, context
		}
		step := object{}
		for name, part := range map[string]map[string]json.RawMessage{"options": options, "document": members} {
			text, err := canonical(part)
			if err != nil {
				return nil, &broken{fmt.Errorf("the intermediates: %w", err)}
			}
			step[name], step[name+"Hash"] = string(text), sum(text)
		}
		step["signed"] = fmt.Sprint(step["optionsHash"], step["documentHash"])
		list = append(list, step)
	}
	return list, nil
}

// token returns what the signature of a JWT is over.
func token(text string) ([]object, error) {
	parts := strings.Split(text, ".")
	step := object{"signed": fmt.Sprintf("%x", parts[0]+"."+parts[1])}
	for i, name := range []string{"header", "payload"} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil, &broken{err}
		}
		step[name] = string(raw)
	}
	return []object{step}, nil
}

func valueOf(members map[string]json.RawMessage) (credential.Value, error) {
	text, err := plain(members)
	if err != nil {
		return credential.Value{}, err
	}
	return credential.ParseValue(string(text))
}

func canonicalJCS(members map[string]json.RawMessage) ([]byte, error) {
	v, err := valueOf(members)
	if err != nil {
		return nil, err
	}
	return jcs.Append(nil, v), nil
}

func canonicalRDFC(members map[string]json.RawMessage) ([]byte, error) {
	v, err := valueOf(members)
	if err != nil {
		return nil, err
	}
	return nquads(v)
}

// nquads returns the canonical N-Quads of a document.
func nquads(v credential.Value) ([]byte, error) {
	var urls []string
	for item := range v.Get("@context").Items() {
		urls = append(urls, item.Str())
	}
	active, err := contexts.Default().Resolve(urls)
	if err != nil {
		return nil, err
	}
	return jsonld.NQuads(jsonld.Input{Root: v, Active: active, Skip: []string{"@context"}}, limits.Default().Documents)
}
