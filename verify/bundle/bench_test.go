package bundle_test

import (
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func BenchmarkOpen(b *testing.B) {
	s := newSite(b)
	raw, o := s.create(), s.options()
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := bundle.Open(ctx, raw, o); err != nil {
			b.Fatal(err)
		}
	}
}

// The hot path: what a decision asks of a store.
func BenchmarkStore(b *testing.B) {
	s := newSite(b)
	store, err := bundle.NewStore(s.options(), nil)
	if err == nil {
		_, err = store.Put(ctx, s.create())
	}
	if err != nil {
		b.Fatal(err)
	}
	key := did.MustParseURL("did:web:issuer.example#k1")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := store.ResolveKey(ctx, key, did.AssertionMethod, time.Time{}); err != nil {
				b.Error(err)
			}
			if _, err := store.StatusList(ctx, verifytest.RevocationURL); err != nil {
				b.Error(err)
			}
		}
	})
}
