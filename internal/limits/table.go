package limits

import (
	"strconv"
	"time"
)

// field is one row of the table: where a host sets a bound, how to reach it, its
// default and its hard maximum.
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
		n("credential.Bounds.DocumentBytes", &b.DocumentBytes, 256*kib, mib),
		n("credential.Bounds.PresentationBytes", &b.PresentationBytes, 512*kib, mib),
		n("credential.Bounds.JWTBytes", &b.JWTBytes, 256*kib, 256*kib),
		n("credential.Bounds.JWTHeaderBytes", &b.JWTHeaderBytes, 4*kib, 4*kib),
		n("credential.Bounds.JSONDepth", &b.JSONDepth, 32, 64),
		n("credential.Bounds.JSONMembers", &b.JSONMembers, 4096, 16384),
		n("credential.Bounds.ArrayLength", &b.ArrayLength, 1024, 4096),
		n("credential.Bounds.KeyBytes", &b.KeyBytes, 256, 1024),
		n("credential.Bounds.StringBytes", &b.StringBytes, 16*kib, 64*kib),
		n("credential.Bounds.IRIBytes", &b.IRIBytes, 2048, 2082),
		n("credential.Bounds.Contexts", &b.Contexts, 8, 16),
		n("credential.Bounds.Proofs", &b.Proofs, 8, 16),
		n("credential.Bounds.ProofChainDepth", &b.ProofChainDepth, 4, 8),
		n("credential.Bounds.Credentials", &b.Credentials, 16, 32),
		n("credential.Bounds.StatusEntries", &b.StatusEntries, 6, 8),
		n("verify.Bounds.Links", &b.Links, 5, 10),
		n("verify.Bounds.AuthorityItems", &b.AuthorityItems, 64, 256),
		n("credential.Bounds.Quads", &b.Quads, 1024, 4096),
		n("credential.Bounds.PresentationQuads", &b.PresentationQuads, 4096, 4096),
		n("credential.Bounds.BlankNodes", &b.BlankNodes, 256, 1024),
		n("credential.Bounds.EqualBlankNodes", &b.EqualBlankNodes, 6, 8),
		n("credential.Bounds.NDegreeCalls", &b.NDegreeCalls, 1024, 4096),
		n("credential.Bounds.EncodedListBytes", &b.EncodedListBytes, 3*mib, 24*mib),
		n("statuslist.Bounds.Bytes", &b.Lists.Bytes, 2*mib, 16*mib),
		n("statuslist.Bounds.Entries", &b.Lists.Entries, 1<<24, 1<<24),
		n("statuslist.CacheOptions.Lists", &b.StatusCacheEntries, 1024, 16384),
		n("statuslist.CacheOptions.Bytes", &b.StatusCacheBytes, 64*mib, 512*mib),
		n("verify.Bounds.Fetches", &b.Fetches, 16, 16),
		n("did.DID", &b.DIDBytes, 2048, 2048),
		n("did.Bounds.DocumentBytes", &b.DIDs.DocumentBytes, 64*kib, 256*kib),
		n("did.Bounds.Methods", &b.DIDs.Methods, 64, 256),
		n("did.Bounds.Services", &b.DIDs.Services, 32, 128),
		n("didweb.Location", &b.DIDPathSegments, 32, 32),
		n("did.CacheConfig.Entries", &b.DIDCacheEntries, 1024, 16384),
		n("bundle.Bounds.Bytes", &b.BundleBytes, 16*mib, 64*mib),
		n("bundle.Bounds.Entries", &b.BundleEntries, 1024, 4096),
		n("verify.Bounds.NonceBytes", &b.NonceBytes, 128, 128),
		n("verify.Bounds.LiveNonces", &b.LiveNonces, 100_000, 1_000_000),
		n("verify.Bounds.AgentActs", &b.AgentActs, 200_000, 10_000_000),
		n("verify.Bounds.RootActs", &b.RootActs, 1_000_000, 100_000_000),
		n("verify.Bounds.RootAccounts", &b.RootAccounts, 1<<14, 1<<20),
		n("verify.Bounds.StatusMemoryBytes", &b.StatusMemoryBytes, 16*mib, 512*mib),
		d("verify.Bounds.IntentLifetime", &b.IntentLifetime, 5*time.Minute, time.Hour),
		d("verify.Bounds.CredentialLifetime", &b.CredentialLifetime, 720*time.Hour, 87600*time.Hour),
		d("verify.Bounds.StatusAge", &b.StatusAge, 24*time.Hour, 7*24*time.Hour),
		d("bundle.Bounds.Lifetime", &b.BundleLifetime, 720*time.Hour, 8784*time.Hour),
		d("did.CacheConfig.TTL", &b.DIDCacheAge, 5*time.Minute, 24*time.Hour),
		d("did.CacheConfig.NegativeTTL", &b.DIDFailureAge, 30*time.Second, time.Minute),
		d("didweb.Config.Timeout", &b.DIDFetchTime, 5*time.Second, 15*time.Second),
		d("didweb.Config.ConnectTimeout", &b.DIDConnectTime, 2*time.Second, 15*time.Second),
		n("MaxHeader", &b.HTTPHeaderBytes, 16*kib, 63*kib),
		n("MaxHeader", &b.HTTPSentHeaderBytes, 7*kib, 63*kib),
		n("MaxBody", &b.HTTPBodyBytes, mib, 64*mib),
		d("Timeout", &b.HTTPDecisionTime, 10*time.Second, time.Minute),
		n("Keys", &b.RateKeys, 1<<16, 1<<20),
	}
}
