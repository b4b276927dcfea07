package passport

import (
	"strconv"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// depthFacet is the leave to delegate. How deep a link itself may be is
// [Descent]'s to say, and an act is not judged by it.
var depthFacet = facet{
	member: "maxDelegationDepth",
	read:   func(r *reader, v credential.Value, a *Authority) { a.MaxDelegationDepth = r.count(v) },
	write: func(w *jsonwrite.Writer, a *Authority) {
		if n := a.MaxDelegationDepth; n != 0 {
			w.Name("maxDelegationDepth")
			w.Int(int64(n))
		}
	},
	effect: func(e *Effective, a *Authority) { e.deepest = a.MaxDelegationDepth },
	meet:   func(out, above, link *Effective) { out.deepest = min(above.deepest, link.deepest) },
	narrow: func(above, link *Effective) []error {
		if link.deepest > above.deepest {
			return []error{wider("/maxDelegationDepth", strconv.Itoa(above.deepest), strconv.Itoa(link.deepest))}
		}
		return nil
	},
	show: func(e *Effective) []Facet {
		f := Facet{Name: "maxDelegationDepth", Grant: true, Stated: e.deepest > 0, Value: e.deepest, absent: "none"}
		if f.Stated {
			f.Texts = []string{strconv.Itoa(e.deepest)}
		}
		return []Facet{f}
	},
}
