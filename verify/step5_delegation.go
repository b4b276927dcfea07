package verify

import "context"

// Step 5, delegation: did every hop only narrow?
//
// Until narrowing is judged here, every delegated passport is refused.
func (r *run) delegation(context.Context) {
	if len(r.links) > 1 || r.leaf().Delegated() {
		r.add(Violation{Code: DelegationInvalid, Path: "/verifiableCredential/1", Detail: "delegated passports are not accepted by this version"})
	}
}
