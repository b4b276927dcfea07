package vectors

import "slices"

// Verifier is an implementation that answers the cases.
type Verifier interface {
	Answer(Request) Answer
}

// VerifierFunc makes a function a [Verifier].
type VerifierFunc func(Request) Answer

// Answer calls f.
func (f VerifierFunc) Answer(r Request) Answer { return f(r) }

// T is what [Run] needs of a *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Run plays all cases through a verifier, or those of some kinds, and fails the
// test for each that it answers wrongly. What it does not support is counted in
// the log.
func Run(t T, v Verifier, kinds ...string) {
	t.Helper()
	groups, err := Load()
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, g := range groups {
		if len(kinds) > 0 && !slices.Contains(kinds, g.Kind) {
			continue
		}
		count := map[Outcome]int{}
		for i := range g.Cases {
			c := &g.Cases[i]
			request, err := g.Request(c)
			if err != nil {
				t.Fatalf("%v", err)
			}
			o, why, _ := c.Judge(v.Answer(request))
			if count[o]++; o == Failed {
				t.Errorf("%s (%s, rule %s): %s", c.ID, c.Title, c.Rule, why)
			}
		}
		t.Logf("%s: %d passed, %d failed, %d unsupported", g.Kind, count[Passed], count[Failed], count[Unsupported])
	}
}
