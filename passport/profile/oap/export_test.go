package oap

import "strings"

// Members are the names of all members of passports.
func Members() (names []string) {
	for i := range members {
		names = append(names, members[i].name)
	}
	return names
}

// KindOf is the type of a member that only the registry has.
func KindOf(name string) string {
	for kind, names := range registryMembers {
		for _, n := range names {
			if n == name {
				return strings.TrimPrefix(strings.TrimPrefix(kind.String(), "a "), "an ")
			}
		}
	}
	return ""
}
