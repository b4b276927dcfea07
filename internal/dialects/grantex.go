package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport/profile/grantex"
)

// grantexArgs is what the verifier of a passport knows.
type grantexArgs struct {
	Now                time.Time       `json:"now"`
	JWKS               json.RawMessage `json:"jwks"`
	TrustedIssuers     []string        `json:"trustedIssuers"`
	RequiredCategories []string        `json:"requiredCategories"`
	MaxAmount          json.Number     `json:"maxAmount"`
	StatusList         json.RawMessage `json:"statusList"`
}

// verifier is one reading with what is known.
func (a *grantexArgs) verifier(r grantex.Reading, parents func(string) []string) (*grantex.Verifier, error) {
	keys, err := grantex.ParseKeySet(a.JWKS)
	if err != nil {
		return nil, err
	}
	v := &grantex.Verifier{Reading: r, Keys: keys, Issuers: a.TrustedIssuers, RequiredCategories: a.RequiredCategories,
		Amount: a.MaxAmount.String(), Parents: parents}
	if len(a.StatusList) > 0 && string(a.StatusList) != "null" {
		list, err := grantex.ParseStatusListUnverified(a.StatusList)
		if err != nil {
			return nil, err
		}
		v.Lists = func(string) *grantex.StatusList { return list }
	}
	return v, nil
}

// grantexReader reads Grantex passports. A passport with a parent waits for it:
// offline, a parent that is not at hand may have been revoked.
func grantexReader() reader {
	seen := map[string][]string{} // header values, by the id that they claim
	parents := func(id string) []string { return seen[id] }
	return func(q *request, last bool) (answer, bool) {
		if id := grantex.UnverifiedID(q.Text); id != "" && !last {
			seen[id] = append(seen[id], q.Text)
		}
		strict, missing := grantexVerdict(q, grantex.Strict, parents)
		if missing && !last {
			return answer{}, false
		}
		compat, _ := grantexVerdict(q, grantex.Compatible, parents)
		return answer{Strict: strict, Compat: compat}, true
	}
}

// grantexVerdict is one reading's; missing: another passport may be what it lacks.
func grantexVerdict(q *request, r grantex.Reading, parents func(string) []string) (verdict string, missing bool) {
	var args grantexArgs
	if err := json.Unmarshal(q.Args, &args); err != nil {
		return fmt.Sprintf("undetermined args: %v", err), false
	}
	v, err := args.verifier(r, parents)
	if err == nil {
		_, err = v.Verify(q.Text, args.Now)
	}
	var refused *grantex.Error
	switch {
	case err == nil:
		return "accept", false
	case !errors.As(err, &refused):
		return fmt.Sprintf("undetermined args: %v", err), false
	case refused.Undetermined:
		return "undetermined " + string(refused.Code), false
	}
	return "refuse " + string(refused.Code), refused.ParentMissing
}
