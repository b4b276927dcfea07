package packs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// P13: a pack is the one that was pinned, or it is refused.
func TestP13PacksArePinned(t *testing.T) {
	for _, id := range packs.IDs() {
		p, err := packs.Published(id)
		require.NoError(t, err)
		require.Equal(t, id, p.ID())
	}
	_, err := packs.Published("acme.orders.v1")
	require.ErrorContains(t, err, "no published pack")
	_, err = packs.Published("../data/web.fetch.v1")
	require.ErrorContains(t, err, "no published pack")

	own := `{"id": "a.b.v1", "capabilities": ["a.b"], "rules": [{"code": "c", "require": "yes(context.x)"}]}`
	p, err := packs.Load([]byte(own), "")
	require.NoError(t, err)
	_, err = packs.Load([]byte(strings.ReplaceAll(own, " ", "")), p.Digest())
	require.NoError(t, err, "it is the digest of the canonical form")
	_, err = packs.Load([]byte(strings.Replace(own, "yes(", "has(", 1)), p.Digest())
	require.ErrorContains(t, err, "another pack than the one that was pinned")
	deep := strings.Repeat(`{"items": `, 8) + `{}` + strings.Repeat(`}`, 8)
	for fault, text := range map[string]string{
		"a pack has no member":     strings.Replace(own, `"rules"`, `"code": "x", "rules"`, 1),
		"a rule has no member":     strings.Replace(own, `"code"`, `"run": "x", "code"`, 1),
		`"id" is needed`:           strings.Replace(own, "a.b.v1", "a.b", 1),
		`"capabilities" is needed`: strings.Replace(own, `["a.b"]`, `[]`, 1),
		`"rules" is needed`:        `{"id": "a.b.v1", "capabilities": ["a.b"], "rules": []}`,
		"not a level":              strings.Replace(own, `"rules"`, `"assurance": "L4", "rules"`, 1),
		"at most 64 rules":         strings.Replace(own, `}]`, strings.Repeat(`},{"code": "c", "require": "yes(context.x)"`, 64)+`}]`, 1),
		"lower-case words":         strings.Replace(own, `"c"`, `"oap.c"`, 1),
		"joined by":                strings.Replace(own, `"c"`, `"c2"`, 1),
		"regular expression":       strings.Replace(own, `"rules"`, `"context": {"x": {"pattern": "("}}, "rules"`, 1),
		"want a count":             strings.Replace(own, `"rules"`, `"context": {"x": {"minLength": -1}}, "rules"`, 1),
		"an array of texts":        strings.Replace(own, `["a.b"]`, `"a.b"`, 1),
		"nested at most 6":         strings.Replace(own, `"rules"`, `"context": {"x": `+deep+`}, "rules"`, 1),
	} {
		_, err := packs.Load([]byte(text), "")
		require.ErrorContains(t, err, fault, text)
	}
}

// P13: the four shapes in which passports keep limits, and the flat one. Two that
// differ are refused: neither is chosen.
func TestP13Blocks(t *testing.T) {
	pack, err := packs.Published("finance.payment.charge.v1") // its capability is payments.charge
	require.NoError(t, err)
	const block, other = `{"max_items_per_tx":2}`, `{"max_items_per_tx":3}`
	for _, row := range []struct{ name, limits, want string }{
		{"none", `{}`, ""},
		{"of others", `{"data.export":` + block + `}`, ""},
		{"a dotted capability", `{"payments.charge":` + block + `}`, block},
		{"a tree", `{"payments":{"charge":` + block + `}}`, block},
		{"the base of the pack", `{"finance.payment.charge":` + block + `}`, block},
		{"flat", block, block},
		{"two that are alike", `{"payments.charge":` + block + `,"payments":{"charge":` + block + `}}`, block},
		{"two that differ", `{"payments.charge":` + block + `,"payments":{"charge":` + other + `}}`, "!"},
		{"two names that differ", `{"payments.charge":` + block + `,"finance.payment.charge":` + other + `}`, "!"},
	} {
		v, err := credential.ParseValue(row.limits)
		require.NoError(t, err)
		got, err := packs.Block(pack, v)
		if row.want == "!" {
			require.ErrorContains(t, err, "two blocks of limits", row.name)
			continue
		}
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, got.Raw(), row.name)
	}
}
