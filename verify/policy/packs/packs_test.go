package packs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/testvectors"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// vector is one act of the shared vectors.
type vector struct {
	ID       string
	Pack     string
	Passport struct {
		Status       string
		Assurance    passport.Level `json:"assurance_level"`
		Capabilities []string
		Regions      []string
	}
	Limits, Context json.RawMessage
	State           json.RawMessage
	Derived, Strict struct{ Code string }
}

func (v *vector) act(t testing.TB) *packs.Act {
	t.Helper()
	value := func(raw json.RawMessage) credential.Value {
		out, err := credential.ParseValue(string(raw))
		require.NoError(t, err)
		return out
	}
	act := &packs.Act{Limits: value(v.Limits), Context: value(v.Context), State: value(v.State)}
	act.Holder = packs.Holder{Status: v.Passport.Status, Assurance: v.Passport.Assurance,
		Capabilities: v.Passport.Capabilities, Regions: v.Passport.Regions}
	now, err := time.Parse(time.RFC3339, act.State.Get("now").Str())
	require.NoError(t, err)
	act.Now = now
	return act
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var file struct{ Cases []vector }
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "policies", "cases.json"), &file))
	require.Len(t, file.Cases, 290)
	return file.Cases
}

func published(t testing.TB) map[string]*packs.Pack {
	t.Helper()
	all := map[string]*packs.Pack{}
	for _, id := range packs.IDs() {
		p, err := packs.Published(id)
		require.NoError(t, err, id)
		all[id] = p
	}
	require.Len(t, all, 21)
	return all
}

// P13: what the packs say of 290 acts, in both readings.
func TestP13Vectors(t *testing.T) {
	all := published(t)
	for _, c := range vectors(t) {
		act := c.act(t)
		assert.Equal(t, c.Derived.Code, all[c.Pack].Judge(packs.Compatible, act).OAP(), "compatible: %s", c.ID)
		assert.Equal(t, c.Strict.Code, all[c.Pack].Judge(packs.Strict, act).OAP(), "strict: %s", c.ID)
	}
}

// P13: what an act allocates does not grow with the pack or with its lists: nothing,
// but for the parts of a host and the place that a refusal names.
func TestP13AllocationsDoNotGrow(t *testing.T) {
	all := published(t)
	for _, c := range vectors(t) {
		act := c.act(t)
		for _, reading := range []packs.Reading{packs.Strict, packs.Compatible} {
			allocs := testing.AllocsPerRun(5, func() { all[c.Pack].Judge(reading, act) })
			require.LessOrEqual(t, allocs, 4.0, "%s, %s", c.ID, reading)
		}
	}
	act := vectors(t)[0].act(t)
	long := `{"allowed_session_types": [` + strings.Repeat(`"x",`, 1000) + `"interactive"], "max_session_duration": 9999}`
	act.Limits, _ = credential.ParseValue(long)
	pack := all["agent.session.create.v1"]
	require.True(t, pack.Judge(packs.Strict, act).Allowed())
	require.Zero(t, testing.AllocsPerRun(5, func() { pack.Judge(packs.Strict, act) }))
}

// BenchmarkP13Judge judges the first act of each pack's vectors, which passes every rule.
func BenchmarkP13Judge(b *testing.B) {
	all, seen := published(b), map[string]bool{}
	for _, c := range vectors(b) {
		if seen[c.Pack] {
			continue
		}
		seen[c.Pack] = true
		act, pack := c.act(b), all[c.Pack]
		b.Run(c.Pack, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !pack.Judge(packs.Strict, act).Allowed() {
					b.Fatal("denied")
				}
			}
		})
	}
}
