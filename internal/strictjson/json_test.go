package strictjson_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// M6: a value within other data is its own text, and not an empty object.
func TestM6ValuesMarshal(t *testing.T) {
	v, err := strictjson.Parse(`{"a":{"b":[1.50,"x"]}}`, limits.Default().JSON(1000))
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"there": v.Get("a"), "absent": v.Get("b"), "number": v.Get("a").Get("b")})
	require.NoError(t, err)
	require.Equal(t, `{"absent":null,"number":[1.50,"x"],"there":{"b":[1.50,"x"]}}`, string(text))
	// E6: as a value, as a pointer, and in what fmt and text logs print.
	a := v.Get("a")
	for _, in := range []any{a, &a, []strictjson.Value{a}, map[string]strictjson.Value{"k": a}, struct{ V *strictjson.Value }{&a}} {
		text, err := json.Marshal(in)
		require.NoError(t, err)
		require.Contains(t, string(text), `{"b":[1.50,"x"]}`)
	}
	require.Equal(t, `{"b":[1.50,"x"]} [{"b":[1.50,"x"]}] `, fmt.Sprint(a, " ", []strictjson.Value{a}, " ", v.Get("b")))
}
