package main

import (
	"cmp"
	"errors"
	"strings"
	"unicode"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// wireNames are members of calls of the registry that a system has under another name than the registry's.
var wireNames = map[system]map[string]string{
	grantex: {
		"Agent": "agentId", "Grant": "grantId", "Categories": "allowedMPPCategories", "Rails": "paymentRails",
		"MaxTransaction": "maxTransactionAmount", "Principal": "principalId", "DID": "publicJwk",
	},
	aip1: {
		"PerTransaction": "monetary_limit_per_txn", "PerDay": "monetary_limit_per_day", "Capabilities": "allowed_actions",
	},
	aport: {"Org": "org_id", "Owner": "owner_id", "Controller": "controller_type", "Pending": "pending_owner"},
}

// worded is an error with the member of a call as the system writes it: the registry names it as its own. Who calls is
// not a member.
func (sys system) worded(err error) error {
	e := (*registry.Error)(nil)
	if !errors.As(err, &e) || e.Member == "" || !unicode.IsUpper(rune(e.Member[0])) {
		return err
	}
	shown := *e
	first, rest, _ := strings.Cut(e.Member, ".")
	shown.Member = cmp.Or(wireNames[sys][first], sys.spelled(first))
	if rest != "" {
		shown.Member += "." + rest
	}
	switch first {
	case "Actor":
		shown.Member = ""
	case "Idempotency-Key": // it is a field
		shown.Member = first
	}
	return &shown
}

// spelled writes a name as the members of a system are: maxItems or max_items.
func (sys system) spelled(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := i == 0 || !unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && !unicode.IsUpper(runes[i+1])
		switch {
		case !unicode.IsUpper(r):
			b.WriteRune(r)
		case i == 0:
			b.WriteRune(unicode.ToLower(r))
		case sys == grantex && begins:
			b.WriteRune(r)
		case begins:
			b.WriteString("_" + string(unicode.ToLower(r)))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
