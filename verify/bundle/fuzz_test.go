package bundle_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/verify/bundle"
)

// No bytes make a reader panic, and only the signed ones are believed.
func FuzzOpen(f *testing.F) {
	s := newSite(f)
	good := s.create(func(c *bundle.Contents) { c.StatusLists, c.Credentials = c.StatusLists[:1], nil })
	other := s.create()
	for _, seed := range [][]byte{good, other, nil, []byte("{}"), good[:len(good)/2], []byte(`{"type":"SafeconductTrustBundle","version":1,"proof":{}}`)} {
		f.Add(seed)
	}
	for _, edit := range []func(object){
		func(m object) { delete(m, "anchors") },
		func(m object) { m["statusLists"] = []any{object{}} },
		func(m object) {
			entry(m, bundle.Anchors)["content"] = object{"issuer": "did:web:a.example", "actions": []any{}}
		},
	} {
		f.Add(s.resign(good, edit))
	}
	o := s.options()
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := bundle.Inspect(raw)
		if err == nil && (in.Sequence < 1 || !in.Created.Before(in.ValidUntil)) {
			t.Errorf("%+v", in)
		}
		b, openErr := bundle.Open(ctx, raw, o)
		if openErr == nil && (err != nil || b.Info().Issuer != s.operator.DID()) {
			t.Errorf("believed: %s", raw)
		}
	})
}
