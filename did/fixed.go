package did

import "github.com/safeconduct/safeconduct/internal/seam"

// fixed reports whether the answer of [ResolveKey], if it is a key, is the same whenever it is
// asked for: the resolver is that of [KeyMethods], at least for this method, which reads the key
// from the name alone. It looks at the resolver as it is now: a [Mux] may have another one for
// the method tomorrow.
func fixed(r Resolver, id URL, rel Relationship) bool {
	if m, ok := r.(Mux); ok {
		r = m[id.DID().Method()]
	}
	_, ok := r.(keyMethods)
	return ok && rel.bit()&signing != 0
}

func init() { seam.MustLend("did.fixed", fixed) }
