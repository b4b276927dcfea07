package packs

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed data/*.json
var data embed.FS

// Published returns one of the 21 packs that APort has published, by its id. It
// holds the facts of the published file in this package's own language, and is
// pinned by digest.
func Published(id string) (*Pack, error) {
	text, err := data.ReadFile("data/" + id + ".json")
	if err != nil || strings.Contains(id, "/") {
		return nil, fmt.Errorf("packs: there is no published pack %.80q; there are %q", id, IDs())
	}
	return Load(text, digests[id])
}

// IDs returns the ids of the published packs, sorted.
func IDs() []string {
	entries, _ := data.ReadDir("data") // embedded: it is there
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(out)
	return out
}
