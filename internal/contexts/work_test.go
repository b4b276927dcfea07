package contexts

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// local returns a context with n terms, called as name makes it.
func localTerms(t *testing.T, n int, name func(i int) string) strictjson.Value {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%c"%s":"urn:t:%d"`, "{,"[min(i, 1)], name(i), i)
	}
	v, err := strictjson.Parse(b.String()+"}", limits.Default().JSON(256<<10))
	require.NoError(t, err)
	return v
}

func numbered(i int) string { return fmt.Sprintf("t%d", i) }

// Goal 10: a context inside a document costs what it says, however many terms
// there are around it.
func TestLocalContextsCostWhatTheyAdd(t *testing.T) {
	a, err := Default().Initial().Local(localTerms(t, 2000, numbered))
	require.NoError(t, err)
	small := localTerms(t, 1, func(int) string { return "mine" })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const rounds = 100
	for range rounds {
		inner, err := a.Local(small)
		require.NoError(t, err)
		require.Equal(t, "urn:t:0", inner.Term("mine").IRI)
		require.Equal(t, "urn:t:1999", inner.Term("t1999").IRI)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)/rounds, uint64(8<<10))
}

// Goal 10: the definitions of one context are found without a look at all others, where there
// are many.
func TestManyTermsAreDefinedInProportion(t *testing.T) {
	for n, looked := range map[int]bool{1: false, fewTerms: false, fewTerms + 1: true, 4000: true} {
		d := definer{local: localTerms(t, n, numbered)}
		for i := range n {
			require.Equal(t, fmt.Sprintf("urn:t:%d", i), d.member(numbered(i)).Str())
		}
		require.False(t, d.member(numbered(n)).Exists())
		require.Equal(t, looked, d.members != nil, "%d terms", n)
	}
}

// Names that the table does not tell apart are found all the same, by a map.
func TestTableOfNamesThatAreAlike(t *testing.T) {
	alike := localTerms(t, 1000, func(i int) string { return fmt.Sprintf("a%04db%04dc", i, i) })
	a, err := Default().Initial().Local(alike)
	require.NoError(t, err)
	require.NotNil(t, a.table.alike)
	for i := range 1000 {
		require.Equal(t, fmt.Sprintf("urn:t:%d", i), a.Term(fmt.Sprintf("a%04db%04dc", i, i)).IRI)
	}
	require.Nil(t, a.Term("a1000b1000c"))
	a, err = Default().Initial().Local(localTerms(t, 1000, numbered))
	require.NoError(t, err)
	require.Nil(t, a.table.alike)
	for _, s := range Sources() {
		a, err := Default().Resolve([]string{s.URL})
		require.NoError(t, err)
		require.Nil(t, a.table.alike, s.URL)
	}
}

// Aliases of keywords are those of the context itself and of those around it
// that still mean it.
func TestAliasesInLayers(t *testing.T) {
	on := func(a *Active, text string) *Active {
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<10))
		require.NoError(t, err)
		inner, err := a.Local(v)
		require.NoError(t, err)
		return inner
	}
	a := on(Default().Initial(), `{"id":"@id","kind":"@type","type":"@type"}`)
	require.Equal(t, []string{"@id", "id"}, a.IDNames())
	require.Equal(t, []string{"@type", "kind", "type"}, a.TypeNames())
	b := on(a, `{"kind":"urn:k","key":"@id","text":"@value"}`)
	require.Equal(t, []string{"@id", "id", "key"}, b.IDNames())
	require.Equal(t, []string{"@type", "type"}, b.TypeNames())
	require.True(t, b.HasAliases())
	c := on(b, `{"key":"@type","id":null}`)
	require.Equal(t, []string{"@id"}, c.IDNames())
	require.Equal(t, []string{"@type", "key", "type"}, c.TypeNames())
	require.Equal(t, []string{"@type"}, on(c, `[null,{"x":"urn:x"}]`).TypeNames())
}
