package passport_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
)

// Every member of an Act is a row: it is signed, compared, shown in answers and
// cannot be an attribute as well. A member without its row fails here.
func TestEveryMemberOfAnActHasItsRow(t *testing.T) {
	attributes, err := credential.ParseValue(`{"rows":1}`)
	require.NoError(t, err)
	values := []any{passport.MustMoney("10.00", "USD"), attributes, 7, "x"}
	empty, err := json.Marshal(passport.Intent{})
	require.NoError(t, err)
	of, named := reflect.TypeFor[passport.Act](), 0
	for i := range of.NumField() {
		t.Run(of.Field(i).Name, func(t *testing.T) {
			var a, none passport.Act
			set := false
			for _, v := range values {
				if set = reflect.TypeOf(v) == of.Field(i).Type; set {
					reflect.ValueOf(&a).Elem().Field(i).Set(reflect.ValueOf(v))
					break
				}
			}
			require.True(t, set, "this test has no value of its type")
			require.Len(t, none.Differs(&a), 1)
			answer, err := json.Marshal(passport.Intent{Act: a})
			require.NoError(t, err)
			require.NotEqual(t, string(empty), string(answer))
			for name, text := range a.Members() {
				if text == "" {
					continue
				}
				named++
				if name == "action" { // capabilities bound it
					continue
				}
				p := small(t)
				p.Authority.Limits = []passport.Limit{passport.MaxOf(name, 1)}
				_, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant)})
				require.ErrorContains(t, err, "not an attribute", "a limit of %s would bound nothing", name)
			}
		})
	}
	require.Equal(t, of.NumField()-1, named, "all but the attributes have a name for people")
}
