package credential

import (
	"encoding/hex"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// relatedResources reads VC-DATA-MODEL-2.0 section 5.3: each names a resource
// once, with a digest. Whether a digest is that of a resource known here is
// checked on signing; nothing is fetched.
func (d *decoder) relatedResources(v Value) []Value {
	out := d.objects(v)
	seen := make(map[string]bool, len(out))
	for _, o := range out {
		id := d.iri(o.Get("id"))
		if seen[id] {
			d.fail(o, "resource %.80q stands twice", id)
		}
		seen[id] = true
		sri, multibase := o.Get("digestSRI"), o.Get("digestMultibase")
		switch {
		case !sri.Exists() && !multibase.Exists():
			d.fail(o, "a related resource needs digestSRI or digestMultibase")
		case sri.Exists() && sri.Str() == "":
			d.fail(sri, "want a digest as text, not %s", describe(sri))
		case multibase.Exists() && multibase.Str() == "":
			d.fail(multibase, "want a digest as text, not %s", describe(multibase))
		}
	}
	return out
}

// checkRelated compares the digests of related resources that are embedded
// here with what is known of them.
func checkRelated(c *Credential) error {
	for _, o := range c.RelatedResource {
		for _, known := range contexts.Sources() {
			if known.URL != o.Get("id").Str() || known.Official == "" {
				continue
			}
			if sri := o.Get("digestSRI"); sri.Exists() && known.SRI != "" && sri.Str() != known.SRI {
				return malformed(sri, "the digest is not that of %s, which is %s", known.URL, known.SRI)
			}
			if mb := o.Get("digestMultibase"); mb.Exists() && !matchesMultibase(mb.Str(), known.Official) {
				return malformed(mb, "the digest is not that of %s, whose SHA-256 is %s", known.URL, known.Official)
			}
		}
	}
	return nil
}

// matchesMultibase takes the multihash of the specification and the bare
// 32 bytes of the official test suite.
func matchesMultibase(text, hexDigest string) bool {
	want, err := hex.DecodeString(hexDigest)
	if err != nil || len(text) == 0 || text[0] != 'u' {
		return false
	}
	got, err := multibase.DecodeBase64URL(text[1:])
	if err != nil {
		return false
	}
	if sum, err := multibase.DecodeDigest(text); err == nil {
		got = sum[:]
	}
	return string(got) == string(want)
}
