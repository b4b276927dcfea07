package score

import (
	"math"
	"time"
)

// Bayesian asks what share of an agent's acts stays within its authority, and
// answers with the lower end of what its record allows to believe: the lower
// credible bound of a Beta distribution. Few acts leave much in doubt, so a
// newcomer has little whatever it did, and each further act counts for less.
// Older days count less than newer ones.
//
// A revocation counts as ten violations, and an attestation change as one. The
// depth of a delegation does not count: it says nothing of what was done.
type Bayesian struct {
	// PriorAllowed and PriorViolations are acts that every agent is taken to
	// have done before the first. Zero: 1, so that without a record every share
	// is equally likely.
	PriorAllowed, PriorViolations uint16
	// HalfLife is the time after which an act counts half. Zero or less: 90 days.
	HalfLife time.Duration
	// Credibility is how sure the bound is, in percent, 50 to 99. Zero: 95. What
	// is outside counts as the nearest inside.
	Credibility uint8
}

const (
	revocationWeight   = 10
	defaultHalfLife    = 90 * day
	defaultCredibility = 95
)

// Score implements [Model]. The effect of a factor is what the score would
// miss without it; the effects and the prior's share do not add up to the
// score, because each act counts for less beside others.
func (b Bayesian) Score(h History, at time.Time) Score {
	good, bad := float64(max(b.PriorAllowed, 1)), float64(max(b.PriorViolations, 1))
	life := b.HalfLife
	if life <= 0 {
		life = defaultHalfLife
	}
	if b.Credibility == 0 {
		b.Credibility = defaultCredibility
	}
	doubt := 1 - float64(min(max(b.Credibility, 50), 99))/100

	var faded [4]float64 // allowed, violations, revocations, attestation changes
	for i := range h.Days {
		d := &h.Days[i]
		age := at.Sub(d.Start)
		if age < 0 {
			continue // not yet, as of this instant
		}
		weight := math.Exp2(-float64(age) / float64(life))
		for k, n := range [...]int64{d.Allowed, d.Violations, d.Revocations, d.AttestationChanges} {
			faded[k] += weight * float64(max(n, 0))
		}
	}
	faded[2] *= revocationWeight

	bound := func(without int) float64 {
		a, v := good, bad
		for k, n := range faded {
			switch {
			case k == without:
			case k == 0:
				a += n
			default:
				v += n
			}
		}
		return betaQuantile(doubt, a, v)
	}
	all, t := bound(-1), h.Until(at)
	s := Score{Model: "bayesian", At: at, Value: round(all)}
	for k, f := range [...]Factor{
		{Name: "allowed", Count: t.Allowed}, {Name: "violations", Count: t.Violations},
		{Name: "revocations", Count: t.Revocations}, {Name: "attestation_changes", Count: t.AttestationChanges},
	} {
		f.Effect = signed(all - bound(k))
		s.Factors = append(s.Factors, f)
	}
	return s
}

// betaQuantile returns the p-quantile of the Beta distribution by bisection:
// its distribution function only rises.
func betaQuantile(p, a, b float64) float64 {
	low, high := 0.0, 1.0
	for range 50 {
		middle := (low + high) / 2
		if betaCumulative(middle, a, b) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// betaCumulative is the regularised incomplete beta function I_x(a, b), by its
// continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22)
// evaluated with the modified Lentz method.
func betaCumulative(x, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) { // where the fraction for the other side converges faster
		return 1 - betaCumulative2(1-x, b, a)
	}
	return betaCumulative2(x, a, b)
}

func betaCumulative2(x, a, b float64) float64 {
	lab, _ := math.Lgamma(a + b)
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	for i := 0; i <= 100_000; i++ {
		m := float64(i / 2)
		var numerator float64
		switch {
		case i == 0:
			numerator = 1
		case i%2 == 0:
			numerator = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			numerator = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + numerator*d; math.Abs(d) < tiny {
			d = tiny
		}
		if c = 1 + numerator/c; math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		f *= c * d
		if math.Abs(1-c*d) < 1e-12 {
			break
		}
	}
	return front * (f - 1)
}
