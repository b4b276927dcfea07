package readme

// mostWithoutExample is how many names the table has. It only gets smaller.
const mostWithoutExample = 8

// Why an entry point has no Example of its own.
const (
	test = "it takes a *testing.T, so it is shown in its doc comment"
	net  = "it needs a server; docs/howto shows it, and the Examples of store/sqlite are the same but for Open"
)

// withoutExample lists the entry points that no Example shows.
var withoutExample = []struct{ in, reason, names string }{
	{"passport/registry/registrytest", test, `
		TestStore`},
	{"verify/verifytest", test, `
		TestDurableLedger TestFormat TestLedger TestMarkStore TestResolver TestSource`},
	{"store/postgres", net, `
		Open`},
}
