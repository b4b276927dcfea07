// Package office joins an issuer's office (package passport/registry) with a verifier in the same process: budgets of
// grants are debited by what agents spend.
package office
