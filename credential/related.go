package credential

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// relatedResources reads VC-DATA-MODEL-2.0 section 5.3: each names a resource
// once, with a digest.
func (d *decoder) relatedResources(v Value) []Value {
	out := d.objects(v)
	seen := make(map[string]bool, len(out))
	for _, o := range out {
		if !o.Get("id").Exists() {
			d.fail(o, "a related resource needs an id")
			continue
		}
		id := d.iri(o.Get("id"))
		if seen[id] {
			d.fail(o, "resource %.80q is listed twice", id)
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

// checkRelated compares the digests of related resources with the contexts
// that are embedded here byte for byte as they are served. What else is named
// is not looked at: nothing is fetched. A digest of another kind than those
// compared here cannot be checked and is refused.
func checkRelated(d *decoder, c *Credential) {
	for _, o := range c.RelatedResource {
		for _, known := range contexts.Sources() {
			if known.URL != o.Get("id").Str() || known.Official != known.SHA256 {
				continue
			}
			if sri := o.Get("digestSRI"); sri.Exists() && !matchesSRI(sri.Str(), known.Text) {
				d.fail(sri, "the digest is not one of %s", known.URL)
			}
			if mb := o.Get("digestMultibase"); mb.Exists() && !matchesMultibase(mb.Str(), known.Text) {
				d.fail(mb, "the digest is not one of %s, whose SHA-256 is %s", known.URL, multibase.Digest([]byte(known.Text)))
			}
		}
	}
}

// matchesSRI reads a value of Subresource Integrity section 3.5: digests with
// white space between them, each as <algorithm>-<standard base64>. All of them
// must match.
func matchesSRI(text, content string) bool {
	digests := strings.Fields(text)
	right := make(map[string]bool, 3) // however often one digest is there, it is made once
	for _, digest := range digests {
		if !right[digest] && digest != digestLike(digest, content) {
			return false
		}
		right[digest] = true
	}
	return len(digests) > 0
}

// digestLike returns the digest of the content by the algorithm that another one
// names, "" where that is none.
func digestLike(like, content string) string {
	algorithm, _, _ := strings.Cut(like, "-")
	var sum []byte
	switch algorithm {
	case "sha256":
		s := sha256.Sum256([]byte(content))
		sum = s[:]
	case "sha384":
		s := sha512.Sum384([]byte(content))
		sum = s[:]
	case "sha512":
		s := sha512.Sum512([]byte(content))
		sum = s[:]
	default:
		return ""
	}
	return algorithm + "-" + base64.StdEncoding.EncodeToString(sum)
}

// matchesMultibase takes the SHA-256 multihash of the specification and the
// bare 32 bytes of the official test suite, both in base64url.
func matchesMultibase(text, content string) bool {
	sum := sha256.Sum256([]byte(content))
	return text == multibase.EncodeDigest(sum) || text == "u"+multibase.EncodeBase64URL(sum[:])
}
