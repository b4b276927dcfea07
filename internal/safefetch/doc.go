// Package safefetch fetches files whose addresses come from strangers. It trusts
// nobody: HTTPS only, no redirects, no proxy from the environment, no address
// that is not public (judged on the address that is dialled, so that a second
// look-up changes nothing), and caps on size and time.
//
// It is the one guard of did/didweb and statuslist/httpsource. It links net, so
// it is an edge although it is internal: no floor imports it.
package safefetch
