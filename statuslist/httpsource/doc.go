// Package httpsource fetches status lists over HTTPS, for verifiers that have a
// network:
//
//	lists, err := httpsource.New(httpsource.Config{})
//	go lists.Run(ctx) // fetches again what is in use, before anybody has to wait
//	v, err := verify.New(verify.Config{Status: lists, …})
//
// The addresses of lists come from strangers, so it fetches as carefully as
// package didweb does: HTTPS only, no redirects, no proxy, no address that is not
// public (judged on the address that is dialled), caps on size and time.
//
// A list is asked for again when its host (Cache-Control, Expires) or the list
// itself (ttl) says so, whichever is sooner, within the bounds of [Config]. The
// question is whether it has changed (ETag, If-None-Match). While the host is
// down, the last good list is handed on; how old it may be is the verifier's to
// judge. See [statuslist.Cache], which does the keeping.
package httpsource
