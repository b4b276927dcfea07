package main

import (
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// facetWords are what the facets of an authority are called on a page. One
// that is not listed goes by its own name, so that none is hidden.
var facetWords = map[string]string{
	"capabilities": "may", "deniedActions": "never", "spendLimits": "at most", "audiences": "at", "timeWindows": "hours",
	"maxDelegationDepth": "delegates", "permissions": "permits",
}

func facetWord(f passport.Facet) string {
	if w := facetWords[f.Name]; w != "" {
		return w
	}
	return f.Name
}

// bounds says in lines what a chain is bound to, beside actions and amounts,
// which the page has rows for.
func bounds(e *passport.Effective) (lines []string) {
	for f := range e.Facets() {
		switch f.Name {
		case "capabilities", "spendLimits", "currencies", "assurance":
			continue // rows of their own; a currency is granted by its limit
		}
		if f.Stated {
			lines = append(lines, facetWord(f)+": "+facetText(f))
		}
	}
	return lines
}

// facetText reads a facet to people, with what its number means.
func facetText(f passport.Facet) string {
	if f.Name == "maxDelegationDepth" {
		return "down to link " + f.String() + ", where the first passport is link 0"
	}
	return f.String()
}

// facetLines are the lines of inspect: the name and the text of each.
func facetLines(e *passport.Effective) (lines [][2]string) {
	for f := range e.Facets() {
		switch {
		case !f.Stated || f.Name == "currencies":
		case f.Name == "capabilities" || f.Name == "spendLimits" || f.Name == "limits":
			for _, text := range f.Texts {
				lines = append(lines, [2]string{strings.Replace(facetWord(f), "limits", "limit", 1), text})
			}
		default:
			lines = append(lines, [2]string{facetWord(f), facetText(f)})
		}
	}
	return lines
}

// facetJSON is one facet of an authority in the answers of -json.
type facetJSON struct {
	Facet  string   `json:"facet"`
	Kind   string   `json:"kind"`   // grant or restriction
	Stated bool     `json:"stated"` // if not: of a grant nothing is allowed, of a restriction anything
	Texts  []string `json:"texts"`
}

func newFacetsJSON(e *passport.Effective) []facetJSON {
	var out []facetJSON
	for f := range e.Facets() {
		j := facetJSON{Facet: f.Name, Kind: "restriction", Stated: f.Stated, Texts: []string{}}
		if f.Grant {
			j.Kind = "grant"
		}
		if f.Stated {
			j.Texts = append(j.Texts, f.Texts...)
		}
		out = append(out, j)
	}
	return out
}
