package passport

import (
	"slices"
	"strings"
)

// RegionGroupsAsOf is the date of the memberships below.
const RegionGroupsAsOf = "2026-01-01"

// regionGroups are groups of countries by name. They are expanded when a
// passport is issued and never stand on the wire, so that what a passport
// means does not change when a membership does.
var regionGroups = map[string]string{
	"EU":   "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
	"EEA":  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK",
	"EFTA": "CH IS LI NO",
}

// ExpandRegions replaces groups (EU, EEA, EFTA) by their members as of
// [RegionGroupsAsOf] and checks everything else by [CheckRegion]. The result
// is sorted and has no duplicates.
func ExpandRegions(regions ...string) ([]string, error) {
	var out []string
	for _, r := range regions {
		if members, ok := regionGroups[r]; ok {
			out = append(out, strings.Fields(members)...)
			continue
		}
		if err := CheckRegion(r); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
