// Package marks keeps the marks of a verifier in a file, so that after a restart
// it believes no older status list or trust bundle, and nobody whom it saw
// revoked: see verify.Config.Marks and bundle.Options.Marks.
//
//	kept, err := marks.Open("/var/lib/shop/marks", marks.Options{})
//	...
//	defer kept.Close()
//	v, err := verify.New(verify.Config{Marks: kept, ...})
//
// The file belongs to one process at a time. It is text, one mark in a line, and
// it only ever grows until it is opened again or is twice as long as it need be.
package marks
