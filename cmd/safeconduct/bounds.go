package main

import (
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// bounds says in lines what a chain is bound to, beside actions and amounts.
// Every link was proven to be within those above it. So of a restriction the
// last link that states it has the final word; a grant that the leaf does not
// state is none; what is denied anywhere is denied.
func bounds(chain []*passport.Passport) (lines []string) {
	say := func(name string, list []string) bool {
		if len(list) > 0 {
			lines = append(lines, name+": "+strings.Join(list, ", "))
		}
		return len(list) > 0
	}
	leaf := &chain[len(chain)-1].Authority
	say("categories", leaf.Categories)
	say("rails", leaf.Rails)
	for _, facet := range [...]struct {
		name string
		list func(*passport.Authority) []string
	}{
		{"payees", func(a *passport.Authority) []string { return a.Payees }},
		{"resources", func(a *passport.Authority) []string { return a.Resources }},
		{"at", func(a *passport.Authority) []string { return a.Audiences }},
		{"regions", func(a *passport.Authority) []string { return a.Regions }},
		{"hours", hours},
	} {
		for _, p := range slices.Backward(chain) {
			if say(facet.name, facet.list(&p.Authority)) {
				break
			}
		}
	}
	say("limits", limitTexts(chain))
	var denied []string
	for _, p := range chain {
		for _, action := range p.Authority.DeniedActions {
			if !slices.Contains(denied, action) {
				denied = append(denied, action)
			}
		}
	}
	say("never", denied)
	return lines
}

func hours(a *passport.Authority) (texts []string) {
	for _, w := range a.TimeWindows {
		texts = append(texts, w.String())
	}
	return texts
}

// limitTexts: of each name the last that is stated, of permissions those of
// the leaf.
func limitTexts(chain []*passport.Passport) (texts []string) {
	seen := make(map[string]bool)
	for i, p := range slices.Backward(chain) {
		for _, l := range p.Authority.Limits {
			if !seen[l.Name] && (l.Kind != passport.LimitAllow || i == len(chain)-1) {
				texts = append(texts, limitText(l))
			}
			seen[l.Name] = true
		}
	}
	slices.Sort(texts)
	return texts
}
