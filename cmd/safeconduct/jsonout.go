package main

import (
	"bytes"
	"encoding/json"
)

// outputVersion is the version of everything that -json prints. A member may
// be added under one version; what a member means, and its name, may not
// change.
const outputVersion = 1

// header begins every answer of -json.
type header struct {
	Version int    `json:"version"`
	Kind    string `json:"kind"`
}

func kind(name string) header { return header{outputVersion, name} }

// answer writes v as the JSON answer of the verb.
func (a *app) answer(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	a.out.Write(plainJSON(b.Bytes()))
	return nil
}
