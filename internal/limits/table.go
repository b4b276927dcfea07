package limits

import (
	"strconv"
	"time"
)

// field is one row of the table: how to reach a bound, its default and its
// hard maximum.
type field struct {
	name     string
	num      *int
	span     *time.Duration
	def, max int64
}

func (f field) get() int64 {
	if f.span != nil {
		return int64(*f.span)
	}
	return int64(*f.num)
}

func (f field) set(v int64) {
	if f.span != nil {
		*f.span = time.Duration(v)
		return
	}
	*f.num = int(v)
}

func (f field) show(v int64) string {
	if f.span != nil {
		return time.Duration(v).String()
	}
	return strconv.FormatInt(v, 10)
}

func fields(b *Bounds) []field {
	n := func(name string, p *int, def, max int64) field {
		return field{name: name, num: p, def: def, max: max}
	}
	d := func(name string, p *time.Duration, def, max time.Duration) field {
		return field{name: name, span: p, def: int64(def), max: int64(max)}
	}
	return []field{
		n("DocumentBytes", &b.DocumentBytes, 256*kib, mib),
		n("PresentationBytes", &b.PresentationBytes, 512*kib, mib),
		n("JWTBytes", &b.JWTBytes, 256*kib, 256*kib),
		n("JWTHeaderBytes", &b.JWTHeaderBytes, 4*kib, 4*kib),
		n("JSONDepth", &b.JSONDepth, 32, 64),
		n("JSONMembers", &b.JSONMembers, 4096, 16384),
		n("ArrayLength", &b.ArrayLength, 1024, 4096),
		n("KeyBytes", &b.KeyBytes, 256, 1024),
		n("StringBytes", &b.StringBytes, 16*kib, 64*kib),
		n("IRIBytes", &b.IRIBytes, 2048, 2082),
		n("Contexts", &b.Contexts, 8, 16),
		n("Proofs", &b.Proofs, 8, 16),
		n("ProofChainDepth", &b.ProofChainDepth, 4, 8),
		n("Credentials", &b.Credentials, 16, 32),
		n("StatusEntries", &b.StatusEntries, 6, 8),
		n("Links", &b.Links, 5, 10),
		n("AuthorityItems", &b.AuthorityItems, 64, 256),
		n("Quads", &b.Quads, 1024, 4096),
		n("PresentationQuads", &b.PresentationQuads, 4096, 4096),
		n("BlankNodes", &b.BlankNodes, 256, 1024),
		n("EqualBlankNodes", &b.EqualBlankNodes, 6, 8),
		n("NDegreeCalls", &b.NDegreeCalls, 1024, 4096),
		n("EncodedListBytes", &b.EncodedListBytes, 3*mib, 24*mib),
		n("StatusListBytes", &b.StatusListBytes, 2*mib, 16*mib),
		n("StatusListEntries", &b.StatusListEntries, 1<<24, 1<<24),
		n("StatusCacheEntries", &b.StatusCacheEntries, 1024, 16384),
		n("StatusCacheBytes", &b.StatusCacheBytes, 64*mib, 512*mib),
		n("Fetches", &b.Fetches, 16, 16),
		n("DIDBytes", &b.DIDBytes, 2048, 2048),
		n("DIDDocumentBytes", &b.DIDDocumentBytes, 64*kib, 256*kib),
		n("DIDMethods", &b.DIDMethods, 64, 256),
		n("DIDServices", &b.DIDServices, 32, 128),
		n("DIDPathSegments", &b.DIDPathSegments, 32, 32),
		n("DIDCacheEntries", &b.DIDCacheEntries, 1024, 16384),
		n("BundleBytes", &b.BundleBytes, 16*mib, 64*mib),
		n("BundleEntries", &b.BundleEntries, 1024, 4096),
		n("NonceBytes", &b.NonceBytes, 128, 128),
		n("LiveNonces", &b.LiveNonces, 100_000, 1_000_000),
		n("AgentActs", &b.AgentActs, 200_000, 10_000_000),
		n("RootActs", &b.RootActs, 1_000_000, 100_000_000),
		n("RootAccounts", &b.RootAccounts, 1<<14, 1<<20),
		d("IntentLifetime", &b.IntentLifetime, 5*time.Minute, time.Hour),
		d("CredentialLifetime", &b.CredentialLifetime, 720*time.Hour, 87600*time.Hour),
		d("StatusAge", &b.StatusAge, 24*time.Hour, 7*24*time.Hour),
		d("BundleLifetime", &b.BundleLifetime, 720*time.Hour, 8784*time.Hour),
		d("DIDCacheAge", &b.DIDCacheAge, 5*time.Minute, 24*time.Hour),
		d("DIDFailureAge", &b.DIDFailureAge, 30*time.Second, time.Minute),
		d("DIDFetchTime", &b.DIDFetchTime, 5*time.Second, 15*time.Second),
		d("DIDConnectTime", &b.DIDConnectTime, 2*time.Second, 15*time.Second),
		n("HTTPHeaderBytes", &b.HTTPHeaderBytes, 16*kib, 63*kib),
		n("HTTPSentHeaderBytes", &b.HTTPSentHeaderBytes, 7*kib, 63*kib),
		n("HTTPBodyBytes", &b.HTTPBodyBytes, mib, 64*mib),
		d("HTTPDecisionTime", &b.HTTPDecisionTime, 10*time.Second, time.Minute),
		n("RateKeys", &b.RateKeys, 1<<16, 1<<20),
	}
}
