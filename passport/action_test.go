package passport_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

func TestActionGrammar(t *testing.T) {
	for _, c := range []struct {
		s               string
		action, pattern bool
	}{
		{"payments", true, true}, {"payments.charge", true, true}, {"payments:mpp:compute", true, true}, {"a.b:c.d", true, true},
		{"a-b_c.0", true, true}, {"-", true, true}, {"_.-", true, true}, {strings.Repeat("a", 256), true, true},
		{"payments.*", false, true}, {"payments:*", false, true}, {"a.b.*", false, true}, {strings.Repeat("a", 254) + ".*", false, true},
		{"", false, false}, {"*", false, false}, {"**", false, false}, {".*", false, false}, {":*", false, false},
		{"*.a", false, false}, {"a.*.b", false, false},
		{"pay*", false, false}, {"a.b*", false, false}, {"a.*b", false, false}, {"a.**", false, false},
		{"a..*", false, false}, {"a.", false, false}, {".a", false, false}, {"a..b", false, false},
		{"a.:b", false, false}, {"a:", false, false}, {"Payments.charge", false, false},
		{"payments.Charge", false, false}, {"payments/charge", false, false}, {"a b", false, false}, {" a", false, false}, {"a\n", false, false},
		{strings.Repeat("a", 257), false, false}, {strings.Repeat("a", 255) + ".*", false, false}, {"é", false, false}, {"a\xff", false, false},
	} {
		t.Run(c.s, func(t *testing.T) {
			check := func(ok bool, err error) {
				if ok {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, code.EnvelopeMalformed)
				}
			}
			check(c.action, passport.CheckAction(c.s))
			check(c.pattern, passport.CheckActionPattern(c.s))
		})
	}
}

func TestPAR15InvisibleCharactersInActions(t *testing.T) {
	for _, r := range []rune{0, 7, '\u00a0', '\u00ad', '\u200b', '\u200d', '\u202e', '\u2066', '\ufeff', '\u0378', '\ue000', 'ſ', '\u212a', 'ａ', '․'} {
		for _, s := range []string{string(r) + "pay", "p" + string(r) + "ay", "pay" + string(r), "pay." + string(r)} {
			require.ErrorIs(t, passport.CheckAction(s), code.EnvelopeMalformed, "%q", s)
			require.ErrorIs(t, passport.CheckActionPattern(s+".*"), code.EnvelopeMalformed, "%q", s)
		}
	}
}

func TestActionCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		want            bool
	}{
		{"payments.charge", "payments.charge", true}, {"payments.*", "payments.charge", true}, {"payments.*", "payments.charge.card", true},
		{"payments.*", "payments.charge.*", true}, {"payments.*", "payments.*", true},
		{"payments:*", "payments:mpp:x", true}, {"payments.*", "payments.a:b", true}, {"*", "anything", true},
		{"payments.*", "payments", false}, {"payments.*", "payments:charge", false},
		{"payments.*", "paymentsx.charge", false}, {"payments.*", "payments.", false},
		{"payments.charge", "payments.charge.card", false}, {"payments.charge", "payments.chargeback", false},
		{"payments.charge.*", "payments.*", false}, {"payments.c*", "payments.charge", false},
		{"pay*", "payments", false}, {"", "payments", false}, {"payments", "Payments", false},
	} {
		require.Equal(t, c.want, passport.ActionCovers(c.pattern, c.action), "%s covers %s", c.pattern, c.action)
	}
}

// naiveCovers splits patterns into segments with their separators.
func naiveCovers(pattern, action string) bool {
	split := func(s string) (out []string) {
		for {
			i := strings.IndexAny(s, ".:")
			if i < 0 {
				return append(out, s)
			}
			out, s = append(out, s[:i+1]), s[i+1:]
		}
	}
	p, a := split(pattern), split(action)
	for i := range p {
		if i == len(p)-1 && p[i] == "*" {
			return len(a) > i
		}
		if i >= len(a) || p[i] != a[i] {
			return false
		}
	}
	return len(p) == len(a)
}

// randomAction makes an action of few letters, so that patterns meet.
func randomAction(r *rand.Rand, pattern bool) string {
	s := string("ab"[r.IntN(2)])
	for range r.IntN(4) {
		s += string(".:"[r.IntN(2)]) + []string{"a", "b", "ab"}[r.IntN(3)]
	}
	if pattern && r.IntN(2) == 0 {
		s += string(".:"[r.IntN(2)]) + "*"
	}
	return s
}

func TestActionCoversAgreesWithSegments(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	met := 0
	for range 50_000 {
		a, b, action := randomAction(r, true), randomAction(r, true), randomAction(r, false)
		require.NoError(t, passport.CheckActionPattern(a))
		require.NoError(t, passport.CheckAction(action))
		require.Equal(t, naiveCovers(a, action), passport.ActionCovers(a, action), "%s covers %s", a, action)
		require.True(t, passport.ActionCovers(a, a))
		// What covers a pattern covers all that the pattern covers.
		if passport.ActionCovers(a, b) && passport.ActionCovers(b, action) {
			met++
			require.True(t, passport.ActionCovers(a, action), "%s covers %s covers %s", a, b, action)
		}
	}
	require.Greater(t, met, 50)
}

func FuzzCheckAction(f *testing.F) {
	for _, s := range []string{"payments.charge", "payments.*", "*", "", "a..b", "a:b", "PAY", "a.\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		action, pattern := passport.CheckAction(s), passport.CheckActionPattern(s)
		if action == nil {
			require.NoError(t, pattern, "every action is a pattern")
			require.NotContains(t, s, "*")
		}
		if pattern == nil {
			require.LessOrEqual(t, len(s), 256)
			require.True(t, passport.ActionCovers(s, s))
			require.Equal(t, naiveCovers(s, "payments.charge"), passport.ActionCovers(s, "payments.charge"))
		}
	})
}
