package packs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// otherTypes are values of other types than one that a limit has. null is not among
// them: in a block of limits it stands for "none".
func otherTypes(v any) []any {
	values := map[string]any{"text": "x", "number": 1.5, "true": true, "false": false, "list": []any{}, "object": map[string]any{}}
	switch v.(type) {
	case string:
		delete(values, "text")
	case float64:
		delete(values, "number")
	case bool:
		delete(values, "true")
		delete(values, "false")
	case []any:
		delete(values, "list")
	case map[string]any:
		delete(values, "object")
	}
	var out []any
	for _, other := range values {
		out = append(out, other)
	}
	return out
}

// each calls yield with every value below v, and with what puts another in its place.
func each(v any, path string, yield func(path string, v any, put func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			yield(path+"/"+name, m, func(other any) { v[name] = other })
			each(m, path+"/"+name, yield)
		}
	case []any:
		for i, m := range v {
			yield(fmt.Sprint(path, "/", i), m, func(other any) { v[i] = other })
			each(m, fmt.Sprint(path, "/", i), yield)
		}
	}
}

// P13: a limit of another type than the pack reads is no way around it: an act that
// is denied stays denied, whichever of its limits is written so.
func TestP13LimitsOfAnotherTypeDeny(t *testing.T) {
	all := published(t)
	for _, c := range vectors(t) {
		act := c.act(t)
		if all[c.Pack].Judge(packs.Strict, act).Allowed() {
			continue
		}
		var limits any
		require.NoError(t, json.Unmarshal(c.Limits, &limits))
		each(limits, "", func(path string, v any, put func(any)) {
			for _, other := range otherTypes(v) {
				put(other)
				text, err := json.Marshal(limits)
				require.NoError(t, err)
				act.Limits, err = credential.ParseValue(string(text))
				require.NoError(t, err)
				require.False(t, all[c.Pack].Judge(packs.Strict, act).Allowed(), "%s: %s is %v", c.ID, path, other)
			}
			put(v)
		})
	}
}
