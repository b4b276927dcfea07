package readme

// mostWithoutExample is how many names the table has. It only gets smaller.
const mostWithoutExample = 161

// Why an entry point has no Example of its own.
const (
	calls = "the library calls it, through an interface or an http.Handler; the Examples show how the type is made and given"
	word  = "one line that says what its type has"
	peer  = "one of the forms of a foreign system, each shown by the kind dialect of the reference tests"
	ops   = "examples/office and docs/howto show it in the whole process that it belongs to"
	test  = "it takes a *testing.T, so it is shown in its doc comment"
	net   = "it needs a server; docs/howto shows it"
	low   = "for whoever writes a store or an adapter; integrations and the stores are worked examples"
	sql   = "store/sqlite has the Examples: this package has interfaces alone"
)

// withoutExample lists the entry points that no Example shows.
var withoutExample = []struct{ in, reason, names string }{
	{"did/didweb", calls, `
		Resolver.Resolve Resolver.Forget`},
	{"statuslist/listhttp", calls, `
		Handler.ServeHTTP`},
	{"passport", word, `
		Assurance.IsZero Attestation.IsZero Foreign.Signed`},
	{"passport/profile/aip1", calls, `
		Dialect.Open`},
	{"passport/profile/aip1", peer, `
		Envelope.Canonical Envelope.Translate Issue Mandate.Canonical Mandate.Translate
		ParseEnvelopeUnverified ParseMandateUnverified Score SealHMAC Sign`},
	{"passport/profile/grantex", calls, `
		Dialect.Open`},
	{"passport/profile/grantex", peer, `
		KeySetOf Of ParseKeySet ParseStatusListUnverified Passport.Claims Passport.Translate StatusList.Set
		UnverifiedID`},
	{"passport/profile/oap", peer, `
		Canonical Code.Ours Codes Credential.Canonical CredentialAsPeer Decision.Canonical Decision.Verify
		Decision.VerifyAsPeer Decision.JSON Digest Error.Word ExportDecision FromPassport LocalAsPeer
		NewPassport OneKey ParseDecision ParsePassport ParsePresentation Passport.GuardrailsDigest
		Passport.Reliable Passport.Canonical Passport.Digest Passport.JSON Presentation.Canonical
		Presentation.Verify Presentation.HeldBySubject PresentationAsPeer SignDecision`},
	{"passport/profile/oap", calls, `
		Dialect.Open`},
	{"passport/registry", ops, `
		AIP1.Create AIP1.Revoke AIP1.Suspend AIP1.Reinstate AIP1.List AIP1.Get AgentKeys.Digest Agents.List
		Agents.Update AuditRecord.Sealed Budgets.Allocate Budgets.List ClaimChallenge Consents.Give
		Consents.List Consents.Withdraw Digest.Mail Grants.List IssuerKeys.Document IssuerKeys.Publish
		IssuerKeys.Rotate IssuerKeys.Revoke IssuerKeys.Retire IssuerKeys.Signed IssuerKeys.List Lists.Recover
		MailOf Orgs.Get Orgs.SetIssuesForOthers Orgs.SetProviders Owners.Erase Owners.Attest P12View
		ProveClaim Records.IssueFor Records.Ticket Records.Claim Records.Instantiate Registry.Import
		Registry.Admit WeekBefore`},
	{"passport/registry", calls, `
		AgentKeys.Used AgentKeys.Succeeded Budgets.Take Budgets.Left Budgets.Settle Consents.Sibling
		Consents.Acceptances`},
	{"passport/registry", word, `
		NewRequestID Quota.Fields Rates Registry.Store Registry.Issuer Thresholds`},
	{"passport/registry/migrate", low, `
		AIP1 APort Readers Tally.Add Tally.Lines`},
	{"passport/registry/migrate/sample", low, `
		AIP1 APort Exports`},
	{"passport/registry/registrytest", test, `
		TestStore`},
	{"passport/registry/webhook", ops, `
		Sender.Run`},
	{"verify", low, `
		Caps.Share Mark.Join`},
	{"verify", calls, `
		SiblingFunc.Sibling`},
	{"verify/bundle/refresh", ops, `
		New Refresher.Next`},
	{"store", sql, `
		Store.Check Store.Close Store.Decisions Store.Gap Store.History Store.Hours Store.Ledger Store.Marks
		Store.Prune Store.Registry Store.Stats Store.Totals`},
	{"verify/office", ops, `
		AIP1View Access.Commit Access.HTTPStatus Gate.Verify Gate.Explain Ledger Reputation Scopes`},
	{"verify/verifytest", test, `
		TestDurableLedger TestFormat TestLedger TestMarkStore TestResolver TestSource`},
	{"verify/view", low, `
		Bundle`},
	{"store/postgres", net, `
		Open`},
	{"store/sqlite", low, `
		Store.Scrub`},
	{"passport", low, `
		ReadShownUnverified`},
	{"passport/registry", ops, `
		Budgets.Prune Budgets.PruneSome`},
	{"passport/registry/migrate", ops, `
		EProspera Grantex`},
	{"passport/registry/migrate/sample", ops, `
		EProspera Grantex`},
}
