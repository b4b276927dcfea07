package peer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// intermediates returns what the signature of each proof is over, and how it came about.
func intermediates(text string) (list []object, err error) {
	if text = strings.TrimSpace(text); !strings.HasPrefix(text, "{") {
		return token(text)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
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
	whole := make([]map[string]json.RawMessage, len(proofs))
	for i := range proofs {
		whole[i] = maps.Clone(proofs[i])
	}
	for _, options := range proofs {
		document, err := covered(members, options["previousProof"], whole)
		if err != nil {
			return nil, err
		}

		delete(options, "proofValue")
		canonical := canonicalJCS
		if string(options["cryptosuite"]) == `"eddsa-rdfc-2022"` {
			canonical, options["@context"] = canonicalRDFC, context
		}
		step := object{}
		for name, part := range map[string]map[string]json.RawMessage{"options": options, "document": document} {
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

// covered returns the document that a proof covers: without proofs, but for those
// that it continues.
func covered(members map[string]json.RawMessage, previous json.RawMessage, proofs []map[string]json.RawMessage) (
	map[string]json.RawMessage, error) {
	if previous == nil {
		return members, nil
	}
	var matching []map[string]json.RawMessage
	for _, p := range proofs {
		if id := p["id"]; id != nil && bytes.Contains(previous, id) {
			matching = append(matching, p)
		}
	}
	raw, err := plain(matching)
	document := maps.Clone(members)
	document["proof"] = raw
	return document, err
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
