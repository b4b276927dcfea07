package oap_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// FuzzP14Read: no text makes a reading panic; what the strict one takes has one
// meaning for every reader, and is written as it was read.
func FuzzP14Read(f *testing.F) {
	key, public := testKey(1)
	vc := export(f, key, native())
	for _, text := range [][]byte{native().JSON(), decision(f, key).JSON(), vc, receipt(f, key), present(f, key, vc)} {
		f.Add(text)
	}
	f.Add([]byte(`{"a":"\ud800","a":1e999,"9":-0.0}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, key := range []did.PublicKey{{}, public} {
			_ = oap.CredentialAsPeer(text, false, key)
			_ = oap.CredentialAsPeer(text, true, key)
			_ = oap.PresentationAsPeer(text, challenge, shop, key)
		}
		_ = oap.LocalAsPeer(text)
		canonical := oap.Canonical(text)
		if d, err := oap.ParseDecision(text, oap.Compatible); err == nil {
			_ = d.VerifyAsPeer(public)
		}
		if p, err := oap.ParsePassport(text, oap.Strict); err == nil {
			again, err := oap.ParsePassport(p.JSON(), oap.Strict)
			if err != nil || again.Digest() != p.Digest() || p.Digest() != oap.Digest(canonical) {
				t.Fatalf("%v: %s", err, text)
			}
			_, _ = p.Translate(oap.TranslateOptions{})
		}
		_, _ = oap.ParseLocalDecision(text)
		if vp, err := oap.ParsePresentation(text); err == nil {
			_ = vp.Verify(oap.OneKey(public), challenge, shop, now)
		}
		if c, err := oap.ParseCredential(text); err == nil {
			_ = c.Verify(public, now)
		}
	})
}
