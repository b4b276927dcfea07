// Package vectors holds reference tests for every implementation of agent
// passports, in any language.
//
// A [Case] asks one question and says what the right answer is. The questions
// are data: JSON files in the folder data, embedded here, and made by a program
// with fixed keys, identifiers and clock. README.md describes every kind of
// case, and the protocol in which a verifier of any language answers them;
// docs/format.md, docs/pipeline.md and docs/ledger.md have the rules that the
// cases name.
//
// In Go, [Run] plays all cases through a [Verifier]:
//
//	func TestVectors(t *testing.T) {
//		vectors.Run(t, vectors.VerifierFunc(answer))
//	}
//
// A case never changes its meaning. When a rule changes, its cases are replaced
// under new ids, and the version of the manifest rises.
package vectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

//go:generate go run ./internal/generate -o .

//go:embed data/*.json
var files embed.FS

// Files returns the files as they are published: manifest.json and one file for
// each group.
func Files() fs.FS {
	sub, err := fs.Sub(files, "data")
	if err != nil {
		return files // never: "data" is a valid path
	}
	return sub
}

// Manifest says what is in the folder.
type Manifest struct {
	Version int    `json:"version"` // rises when a case is added, or replaced by another
	Format  string `json:"format"`  // of the files: "safeconduct-vectors/1"
	Licence string `json:"licence"`
	Count   int    `json:"count"`
	Groups  []Info `json:"groups"`
}

// Info is a line of the manifest.
type Info struct {
	File  string `json:"file"`
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// Group is one file: cases of one kind.
type Group struct {
	Kind  string                     `json:"kind"`
	About string                     `json:"about"`
	Texts map[string]json.RawMessage `json:"texts,omitempty"` // what {"$text": name} in an input stands for
	Cases []Case                     `json:"cases"`
}

// Case is one question with its answer.
type Case struct {
	ID    string          `json:"id"`
	Rule  string          `json:"rule"`  // of the documents: "F-12"
	Title string          `json:"title"` // what is tried
	Twin  string          `json:"twin,omitempty"`
	Now   string          `json:"now,omitempty"` // the instant of the question
	Input json.RawMessage `json:"input"`
	Want  Want            `json:"expect"`

	Kind string `json:"-"` // of its group
}

// Want is the right answer.
type Want struct {
	Verdict string          `json:"verdict"`
	Codes   []string        `json:"codes,omitempty"` // the primary code first, the others in any order
	Steps   []string        `json:"steps,omitempty"` // of the kind present: the outcome of each of the eight
	Output  json.RawMessage `json:"output,omitempty"`
}

// Request is what a verifier is asked: a case without its answer, with every
// {"$text": name} replaced by the text.
type Request struct {
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Now   string          `json:"now,omitempty"`
	Input json.RawMessage `json:"input"`
}

// Answer is what a verifier says. What it leaves out of Codes, Steps and, for
// some kinds, Output is not compared: see README.md.
type Answer struct {
	ID          string          `json:"id"`
	Verdict     string          `json:"verdict,omitempty"`
	Codes       []string        `json:"codes,omitempty"`
	Steps       []string        `json:"steps,omitempty"`
	Output      json.RawMessage `json:"output,omitempty"`
	Unsupported bool            `json:"unsupported,omitempty"` // it does not do this kind of thing
	Error       string          `json:"error,omitempty"`       // it broke down; for people
}

var load = sync.OnceValues(func() ([]*Group, error) {
	manifest, err := LoadManifest()
	if err != nil {
		return nil, err
	}
	groups := make([]*Group, 0, len(manifest.Groups))
	for _, info := range manifest.Groups {
		raw, err := fs.ReadFile(Files(), info.File)
		if err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		g := &Group{}
		if err := json.Unmarshal(raw, g); err != nil {
			return nil, fmt.Errorf("vectors: %s: %w", info.File, err)
		}
		for i := range g.Cases {
			g.Cases[i].Kind = g.Kind
		}
		groups = append(groups, g)
	}
	return groups, nil
})

// LoadManifest returns the manifest.
func LoadManifest() (*Manifest, error) {
	raw, err := fs.ReadFile(Files(), "manifest.json")
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("vectors: manifest.json: %w", err)
	}
	return m, nil
}

// Load returns all groups, in the order of the manifest. They are shared and
// must not be changed.
func Load() ([]*Group, error) { return load() }

// Kinds returns the kinds of case, in the order of the manifest.
func Kinds() ([]string, error) {
	groups, err := Load()
	var kinds []string
	for _, g := range groups {
		if !slices.Contains(kinds, g.Kind) {
			kinds = append(kinds, g.Kind)
		}
	}
	return kinds, err
}

// Request returns the question of a case of the group, its texts filled in.
func (g *Group) Request(c *Case) (Request, error) {
	input, err := fill(c.Input, g.Texts)
	if err != nil {
		return Request{}, fmt.Errorf("vectors: %s: %w", c.ID, err)
	}
	return Request{ID: c.ID, Kind: g.Kind, Now: c.Now, Input: input}, nil
}
