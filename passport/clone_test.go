package passport_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// immutable are the types whose values may be shared, with one of each.
func immutable(tb testing.TB) map[reflect.Type]reflect.Value {
	tb.Helper()
	out := map[reflect.Type]reflect.Value{}
	// A time.Time, a did.DID, a passport.Money, a credential.Value.
	for _, v := range []any{instant, keyOf(tb, 1).DID(), passport.MustMoney("1.00", "EUR"), object(tb, `{"a":1}`)} {
		out[reflect.TypeOf(v)] = reflect.ValueOf(v)
	}
	return out
}

// fill puts something into every place of v, two items into every list.
func fill(tb testing.TB, shared map[reflect.Type]reflect.Value, v reflect.Value, path string) {
	tb.Helper()
	if one, ok := shared[v.Type()]; ok {
		v.Set(one)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			at := path + "." + v.Type().Field(i).Name
			if f := v.Field(i); f.CanSet() {
				fill(tb, shared, f, at)
			} else {
				require.NotContains(tb, []reflect.Kind{reflect.Slice, reflect.Map, reflect.Pointer, reflect.Struct,
					reflect.Interface, reflect.Func, reflect.Chan}, f.Kind(), "%s cannot be filled from here: teach this test to", at)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 5))
		for i := range v.Len() {
			fill(tb, shared, v.Index(i), path+"[]")
		}
	case reflect.String:
		v.SetString(path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(1)
	default:
		require.Fail(tb, "a kind that this test and Clone do not know yet", "%s: %s", path, v.Kind())
	}
}

// span is the memory that a list may write to, and where the list stands.
type span struct {
	from, to uintptr
	path     string
}

// spans lists the memory of every list in v, what it may grow into included.
func spans(shared map[reflect.Type]reflect.Value, v reflect.Value, path string) (out []span) {
	if _, ok := shared[v.Type()]; ok {
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, spans(shared, v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	case reflect.Slice:
		from := v.Pointer()
		out = append(out, span{from, from + uintptr(v.Cap())*v.Type().Elem().Size(), path})
		for i := range v.Len() {
			out = append(out, spans(shared, v.Index(i), path+"[]")...)
		}
	}
	return out
}

// Whatever a passport comes to hold, a clone says the same and shares none of
// it, nor do two lists of one clone lie in each other's way.
func TestClone(t *testing.T) {
	shared := immutable(t)
	for name, depth := range map[string]int{"root": 0, "delegated": 7} {
		t.Run(name, func(t *testing.T) {
			p, was := &passport.Passport{}, &passport.Passport{}
			fill(t, shared, reflect.ValueOf(p).Elem(), "Passport")
			fill(t, shared, reflect.ValueOf(was).Elem(), "Passport")
			p.DelegationDepth, was.DelegationDepth = depth, depth
			c := p.Clone()
			require.Equal(t, was, c)
			require.Equal(t, was, p, "the original is not touched")

			lists := spans(shared, reflect.ValueOf(c).Elem(), "clone")
			require.Greater(t, len(lists), 20)
			all := append(lists, spans(shared, reflect.ValueOf(p).Elem(), "original")...)
			for i, l := range lists {
				for _, o := range all[i+1:] {
					require.False(t, l.from < o.to && o.from < l.to, "%s lies in the memory of %s", l.path, o.path)
				}
			}
		})
	}
}

// A restriction that is empty lets nothing pass, one that is nil anything.
func TestCloneKeepsNilAndEmptyApart(t *testing.T) {
	require.Nil(t, (*passport.Passport)(nil).Clone())
	require.Equal(t, &passport.Passport{}, (&passport.Passport{}).Clone())
	empty := &passport.Passport{Authority: passport.Authority{
		Capabilities: []passport.Capability{{}, {Params: []passport.Param{}}},
		Payees:       []string{}, Resources: []string{}, Audiences: []string{}, Regions: []string{},
		TimeWindows: []passport.TimeWindow{}, Limits: []passport.Limit{}, SpendLimits: []passport.SpendLimit{},
	}}
	require.Equal(t, empty, empty.Clone())
	empty.DelegationDepth = 1
	require.Equal(t, empty, empty.Clone())
}

// What was read from a document, with members that only reading sets.
func TestCloneOfADocument(t *testing.T) {
	p, err := decode(largest(t))
	require.NoError(t, err)
	require.Equal(t, p, p.Clone())
}

func BenchmarkClone(b *testing.B) {
	p := realistic(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Clone()
	}
}
