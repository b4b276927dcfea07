package verify

// Stats are what a [Verifier] counts of its memories, for metrics.
type Stats struct {
	// ProvenHits is how many passports of chains that were proven needed no
	// signature check, since Config.ProvenDocuments had them under the keys of
	// that day; ProvenMisses how many were checked, though they could have been
	// remembered. Passports that are not proven count as neither, so that
	// strangers do not move the rate. Both are zero if nothing is remembered.
	ProvenHits, ProvenMisses uint64

	// ProvenHeld is how many passports are remembered now, at most
	// Config.ProvenDocuments. A verifier that misses though it holds fewer
	// meets new passports; one that is full may want to remember more.
	ProvenHeld int
}

// HitRate returns hits by all that was asked for, from 0 to 1; 0 if nothing was.
func (s Stats) HitRate() float64 {
	all := s.ProvenHits + s.ProvenMisses
	if all == 0 {
		return 0
	}
	return float64(s.ProvenHits) / float64(all)
}

// Stats returns what was counted since the Verifier was made. It is safe for
// concurrent use, and takes as long as looking at each place of the memory.
func (v *Verifier) Stats() Stats {
	if !v.made() {
		return Stats{}
	}
	s := Stats{ProvenHits: v.proven.hits.Load(), ProvenMisses: v.proven.misses.Load()}
	for i := range v.proven.slots {
		if v.proven.slots[i].Load() != nil {
			s.ProvenHeld++
		}
	}
	return s
}
