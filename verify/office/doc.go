// Package office joins an issuer's office (package passport/registry) with a verifier in the same process.
//
// [Ledger] debits the budgets of grants by what agents spend, in the transaction that reserves it:
//
//	l, err := office.Ledger(reg, db.Ledger())
//	v, err := verify.New(verify.Config{Ledger: l, …})
//
// [Gate] serves requests that come with an agent key, "Authorization: Bearer ak-…":
//
//	reg, err := registry.Open(registry.Config{AgentScopes: office.Scopes(eprospera.Current()), …})
//	v, err := verify.New(verify.Config{
//		Status: reg.Lists.Source(), Siblings: reg.Consents, InsecureAllowBarePassports: true,
//		Operations: policy.Scopes{Registry: eprospera.Current()}, …})
//	gate := &office.Gate{Office: reg, Verifier: v, Scopes: eprospera.Current()}
//
//	access, err := gate.Verify(r.Context(), r.Header.Get("Authorization"), verify.Request{…})
//	if err != nil { … access.HTTPStatus() … }
//	… // do it
//	err = access.Commit(r.Context())
package office
