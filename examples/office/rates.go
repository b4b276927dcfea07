package main

import (
	"maps"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// Classes of calls of Grantex, beside those of the office: its documentation states them. Keys are never throttled
// there; here the rate is one that no verifier reaches.
const (
	classGrantex   registry.Class = "grantex"
	classAuthorize registry.Class = "grantex.authorize"
	classToken     registry.Class = "grantex.token"
	classRefresh   registry.Class = "grantex.refresh"
	classList      registry.Class = "grantex.list"
	classKeySet    registry.Class = "keyset"
)

// rates are the rates of all classes (A16).
func rates() map[registry.Class]registry.Rate {
	all := registry.Rates()
	maps.Copy(all, map[registry.Class]registry.Rate{
		classGrantex: {Requests: 100, Window: time.Minute}, classAuthorize: {Requests: 10, Window: time.Minute},
		classToken: {Requests: 20, Window: time.Minute}, classRefresh: {Requests: 20, Window: time.Minute},
		classList: {Requests: 60, Window: time.Minute}, classKeySet: {Requests: 6000, Window: time.Minute},
	})
	return all
}

// class says with which calls one is counted: AIP-1 and e-Próspera count all calls of a key together, APort what reads
// and what writes apart, and Grantex some by themselves.
func (rt route) class(known bool) registry.Class {
	switch {
	case rt.public() && rt.path == "/v1/credentials/status/{id}":
		return classList
	case rt.public():
		return classKeySet
	case !known:
		return registry.ClassOrigin
	case rt.system == grantex:
		switch rt.method + " " + rt.path {
		case "POST /v1/authorize":
			return classAuthorize
		case "POST /v1/token":
			return classToken
		case "POST /v1/token/refresh":
			return classRefresh
		}
		return classGrantex
	case rt.system != aport:
		return registry.ClassKey
	case rt.method == http.MethodGet || rt.method == http.MethodHead:
		return registry.ClassRead
	}
	return registry.ClassWrite
}

// origin is who a stranger is: the address of the connection, whatever the header fields say.
func origin(r *http.Request) string { return verifyhttp.OriginKey(r) }
