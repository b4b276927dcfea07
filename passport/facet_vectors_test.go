package passport

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/vectors"
)

// narrowing is a case of the kind narrow with one link above, which differs from
// it in one member at most.
type narrowing struct {
	vectors.Case
	member         string // "" if they are the same
	parent, child  json.RawMessage
	paths          []string
	parentIsStated func(member string) bool
}

func narrowings(t *testing.T) (list []narrowing) {
	groups, err := vectors.Load()
	require.NoError(t, err)
	for _, g := range groups {
		for _, c := range g.Cases {
			if g.Kind != "narrow" {
				continue
			}
			var in struct {
				Chain []map[string]json.RawMessage
				Child map[string]json.RawMessage
			}
			var out struct{ Paths []string }
			require.NoError(t, json.Unmarshal(c.Input, &in))
			if len(c.Want.Output) > 0 {
				require.NoError(t, json.Unmarshal(c.Want.Output, &out))
			}
			if len(in.Chain) != 1 {
				continue
			}
			above := in.Chain[0]
			names := map[string]bool{}
			for name := range above {
				names[name] = true
			}
			for name := range in.Child {
				names[name] = true
			}
			differ := slices.DeleteFunc(slices.Collect(maps.Keys(names)), func(name string) bool {
				return string(above[name]) == string(in.Child[name])
			})
			n := narrowing{Case: c, paths: out.Paths, parentIsStated: func(m string) bool { return above[m] != nil }}
			switch len(differ) {
			case 0:
			case 1:
				n.member, n.parent, n.child = differ[0], above[differ[0]], in.Child[differ[0]]
			default:
				continue
			}
			list = append(list, n)
		}
	}
	return list
}

// Every facet has reference tests of narrowing in which it alone is equal,
// narrowed, widened, absent above and absent below; and if acts are judged by it,
// one act that is refused for it. A new facet without them fails here.
func TestEveryFacetHasVectors(t *testing.T) {
	cases := narrowings(t)
	refused := refusedActs(t)
	for _, f := range facets {
		found := map[string]string{}
		for _, c := range cases {
			fits := c.Want.Verdict == "accept"
			switch {
			case c.member == "" && c.parentIsStated(f.member):
				require.True(t, fits, c.ID)
				found["equal"] = c.ID
			case c.member != f.member:
			case c.parent == nil:
				found["absent above"] = c.ID
			case c.child == nil:
				require.True(t, fits, c.ID)
				found["absent below"] = c.ID
			case fits:
				found["narrowed"] = c.ID
			default:
				for _, p := range c.paths {
					require.True(t, p == "/"+f.member || strings.HasPrefix(p, "/"+f.member+"/"), "%s: %s", c.ID, p)
				}
				found["widened"] = c.ID
			}
		}
		want := []string{"equal", "narrowed", "absent above", "absent below"}
		if f.narrow != nil {
			want = append(want, "widened")
		}
		for _, w := range want {
			if found[w] == "" {
				t.Errorf("no case of vectors/data/narrow.json has %s %s, and all else as it is above", f.member, w)
			}
		}
		if f.judge != nil && refused[f.member] == "" {
			t.Errorf("no case of vectors/data/permits.json refuses an act for %s", f.member)
		}
	}
}

// refusedActs are cases of the kind permits that refuse, by the member at fault.
func refusedActs(t *testing.T) map[string]string {
	groups, err := vectors.Load()
	require.NoError(t, err)
	out := map[string]string{}
	for _, g := range groups {
		for _, c := range g.Cases {
			if g.Kind != "permits" || c.Want.Verdict == "accept" {
				continue
			}
			var o struct{ Paths []string }
			require.NoError(t, json.Unmarshal(c.Want.Output, &o))
			for _, p := range o.Paths { // /<link>/<member>/…
				if words := strings.Split(p, "/"); len(words) > 2 {
					out[words[2]] = c.ID
				}
			}
		}
	}
	return out
}
