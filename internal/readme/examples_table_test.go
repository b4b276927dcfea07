package readme

// mostWithoutExample is how many names the table has. It only gets smaller.
const mostWithoutExample = 55

// Why an entry point has no Example of its own.
const (
	calls = "the library calls it, through an interface or an http.Handler; the Examples show how the type is made and given"
	word  = "one line that says what its type has"
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
	{"passport/registry/migrate", ops, `
		EProspera Grantex`},
	{"passport/registry/migrate/sample", ops, `
		EProspera Grantex`},
}
