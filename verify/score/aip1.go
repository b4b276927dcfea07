package score

import "time"

// AIP1 is the score of the AIP-1 library 1.0.0: a weighted sum of shares and
// counts. It has no prior and nothing fades, so one allowed act is worth 0.9
// at once; a threshold on it keeps out known offenders and no newcomer. An
// agent without any act has 0.
type AIP1 struct{}

// Score implements [Model].
func (AIP1) Score(h History, at time.Time) Score {
	t := h.Until(at)
	total := sum(t.Allowed, t.Violations)
	s := Score{Model: "aip-1", At: at}
	if total == 0 {
		return s
	}
	share := func(n int64) float64 { return float64(n) / (float64(t.Allowed) + float64(t.Violations)) }
	least := func(v float64) float64 { return max(0, v) }
	value := 0.0
	for _, f := range []struct {
		name   string
		count  int64
		weight float64
		part   float64 // 0 to 1
	}{
		{"allowed", t.Allowed, 0.35, share(t.Allowed)},
		{"violations", t.Violations, 0.25, 1 - share(t.Violations)},
		{"revocations", t.Revocations, 0.15, least(1 - 0.3*float64(t.Revocations))},
		{"attestation_changes", t.AttestationChanges, 0.10, least(1 - 0.15*float64(t.AttestationChanges))},
		// AIP-1 counts the agent itself as depth 1.
		{"depth", int64(t.Depth), 0.05, least(1 - 0.2*float64(t.Depth))},
		{"volume", total, 0.10, min(1, float64(total)/100)},
	} {
		value += f.weight * f.part
		s.Factors = append(s.Factors, Factor{Name: f.name, Count: f.count, Effect: round(f.weight * f.part)})
	}
	s.Value = round(min(value, 1))
	return s
}
