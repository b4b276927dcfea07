package strictjson_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// RFC 6901: its own examples, and pointers that name nothing.
func TestAt(t *testing.T) {
	v := parse(t, `{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8,"deep":{"er":[[7]]}}`)
	for pointer, want := range map[string]string{
		"": v.Raw(), "/foo": `["bar","baz"]`, "/foo/0": `"bar"`, "/": "0", "/a~1b": "1", "/c%d": "2", "/m~0n": "8",
		"/deep/er/0/0": "7",
		"/foo/2":       "", "/foo/-": "", "/foo/00": "", "/foo/+1": "", "/foo/": "", "/nothing": "", "/foo/0/x": "", "foo": "",
		"x/foo": "", "/Foo": "", "//": "",
	} {
		require.Equal(t, want, v.At(pointer).Raw(), pointer)
	}
	require.False(t, strictjson.Value{}.At("/x").Exists())
}

// At finds what Path names, everywhere in a document.
func TestAtFindsEveryPath(t *testing.T) {
	top := parse(t, `{"a":[1,{"b/~c":[[],{}]},"x"],"~":{"/":null},"~1":true}`)
	n := 0
	var walk func(strictjson.Value)
	walk = func(v strictjson.Value) {
		n++
		require.Equal(t, v, top.At(v.Path()), v.Path())
		for item := range v.Items() {
			walk(item)
		}
		for _, member := range v.Members() {
			walk(member)
		}
	}
	walk(top)
	require.Equal(t, 11, n)
}
