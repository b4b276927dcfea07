package verify

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// A run that goes on to another verification has nothing of this one in it,
// not even behind the ends of its lists, whatever fields it will have.
func TestRunsForget(t *testing.T) {
	r := &run{v: &Verifier{}, reserved: &Reservation{}, narrows: true, accepted: []string{"a"}}
	r.request.Nonce, r.request.Usage = "n", map[string]int64{"a": 1}
	r.links = append(make([]link, 0, 4), link{passport: &passport.Passport{}}, link{sum: "x"})[:1]
	r.keys = make([]foundKey, 3)
	r.keys[2].id = did.MustParseURL("did:example:a#k")
	r.judged = make([]*passport.Authority, 65)
	r.empty()

	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if f.Kind() != reflect.Slice || f.Cap() == 0 {
			require.True(t, f.IsZero(), name)
			continue
		}
		require.Zero(t, f.Len(), name)
		for k := range f.Cap() {
			require.True(t, f.Slice(0, f.Cap()).Index(k).IsZero(), "%s[%d]", name, k)
		}
	}
	require.Equal(t, 4, cap(r.links))
	require.Zero(t, cap(r.judged), "a long list")
}

// A reason prints alike as a value and as the error that it is by pointer.
func TestViolationPrints(t *testing.T) {
	v := Violation{Code: StatusStale, Path: "/a\nb", Detail: "too old"}
	require.Equal(t, `status.stale at /a\nb: too old`, fmt.Sprint(v))
	require.Equal(t, fmt.Sprint(v), fmt.Sprint(&v))
	require.Equal(t, "deny: "+fmt.Sprint(v)+`; also status.stale at /a\nb`, (&Refusal{Verdict: Deny, Violations: []Violation{v, v}}).Error())
}
