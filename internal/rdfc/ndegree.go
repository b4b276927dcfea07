package rdfc

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
)

// labelGroup labels blank nodes that share a first degree hash: step 5 of
// section 4.4.3 for one hash.
func (d *Dataset) labelGroup(group []int32) error {
	r := &d.run
	if len(group) == 1 {
		return nil
	}
	if len(group) > r.bounds.EqualBlankNodes {
		return tooComplex("EqualBlankNodes", len(group), r.bounds.EqualBlankNodes)
	}
	var paths []path // step 5.1
	for _, b := range group {
		if r.issued[b] >= 0 { // step 5.2.1
			continue
		}
		ids := newIssuer(d.blank) // step 5.2.2
		ids.issue(b)              // step 5.2.3
		p, err := d.nDegree(b, ids)
		if err != nil {
			return err
		}
		paths = append(paths, p) // step 5.2.4
	}
	slices.SortStableFunc(paths, func(a, b path) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	for _, p := range paths { // step 5.3
		for _, b := range p.ids.order {
			r.issue(b)
		}
	}
	return nil
}

// path is what Hash N-Degree Quads returns.
type path struct {
	hash digest
	ids  *issuer
}

// issuer is an identifier issuer (section 4.5) with the prefix b.
type issuer struct {
	number []int32 // by blank node, -1 while it has none
	order  []int32 // blank nodes in order of issue
}

func newIssuer(blanks int) *issuer {
	ids := &issuer{number: make([]int32, blanks)}
	for i := range ids.number {
		ids.number[i] = -1
	}
	return ids
}

func (x *issuer) clone() *issuer {
	return &issuer{slices.Clone(x.number), slices.Clone(x.order)}
}

func (x *issuer) has(b int32) bool { return x.number[b] >= 0 }

func (x *issuer) issue(b int32) int32 {
	if !x.has(b) {
		x.number[b] = int32(len(x.order))
		x.order = append(x.order, b)
	}
	return x.number[b]
}

// spend counts hashes and permutations against the budget.
func (r *run) spend(n int) error {
	if r.work += n; r.work > workPerCall*r.bounds.NDegreeCalls {
		return tooComplex("NDegreeCalls (hashes and permutations)", r.work, workPerCall*r.bounds.NDegreeCalls)
	}
	return nil
}

// related is Hash Related Blank Node, section 4.7.3.
func (d *Dataset) related(b int32, q *quad, ids *issuer, position byte) digest {
	r := &d.run
	input := append(r.buf[:0], position) // step 1
	if position != 'g' {                 // step 2
		input = append(input, q.p...)
	}
	switch { // steps 3 and 4
	case r.issued[b] >= 0:
		input = appendCanonical(input, r.issued[b])
	case ids.has(b):
		input = appendTemporary(input, ids.number[b])
	default:
		input = hex.AppendEncode(input, r.hashes[b][:r.alg.size()])
	}
	r.buf = input
	return r.alg.sum(input) // step 5
}

func appendCanonical(dst []byte, n int32) []byte {
	return strconv.AppendInt(append(dst, "_:c14n"...), int64(n), 10)
}

func appendTemporary(dst []byte, n int32) []byte {
	return strconv.AppendInt(append(dst, "_:b"...), int64(n), 10)
}

// neighbours are the blank nodes around one that have the same related hash.
type neighbours struct {
	hash   digest
	blanks []int32
}

// neighbourhood is steps 1 to 3 of Hash N-Degree Quads: the blank nodes in the
// quads of b by related hash, in the order of the hashes.
func (d *Dataset) neighbourhood(b int32, ids *issuer) ([]neighbours, error) {
	var groups []neighbours
	index := make(map[digest]int)
	// Quads that lead to no blank node cost a little as well.
	if err := d.run.spend(len(d.quadsOf(b)) / 16); err != nil {
		return nil, err
	}
	for _, i := range d.quadsOf(b) {
		q := &d.quads[i]
		for k, n := range [3]Node{q.s, q.o.Node, q.g} {
			other := n.blank()
			if other < 0 || other == b {
				continue
			}
			if err := d.run.spend(1); err != nil {
				return nil, err
			}
			h := d.related(other, q, ids, "sog"[k])
			at, known := index[h]
			if !known {
				at = len(groups)
				index[h] = at
				groups = append(groups, neighbours{hash: h})
			}
			groups[at].blanks = append(groups[at].blanks, other)
		}
	}
	slices.SortFunc(groups, func(x, y neighbours) int { return bytes.Compare(x.hash[:], y.hash[:]) })
	return groups, nil
}

// nDegree is Hash N-Degree Quads, section 4.8.3.
func (d *Dataset) nDegree(b int32, ids *issuer) (path, error) {
	r := &d.run
	if r.calls++; r.calls > r.bounds.NDegreeCalls {
		return path{}, tooComplex("NDegreeCalls", r.calls, r.bounds.NDegreeCalls)
	}
	groups, err := d.neighbourhood(b, ids) // steps 1 to 3
	if err != nil {
		return path{}, err
	}
	var data []byte            // step 4
	for _, g := range groups { // step 5
		data = hex.AppendEncode(data, g.hash[:r.alg.size()]) // step 5.1
		s := search{d: d, ids: ids}                          // steps 5.2 and 5.3
		if err := s.permute(g.blanks, 0); err != nil {       // step 5.4
			return path{}, err
		}
		data = append(data, s.chosen...) // step 5.5
		ids = s.chosenIDs                // step 5.6
	}
	return path{r.alg.sum(data), ids}, nil // step 6
}

// search looks for the least path among the permutations of one group.
type search struct {
	d         *Dataset
	ids       *issuer
	chosen    []byte
	chosenIDs *issuer
}

// permute calls try for every permutation of list: those of the places from k
// on. A blank node stands in the list once for each quad, as in the
// Recommendation; to exchange it with itself gives the same path again, and is
// left out. (A node with nine quads in one named graph has its graph nine times.)
func (s *search) permute(list []int32, k int) error {
	if k >= len(list)-1 {
		return s.try(list)
	}
	for i := k; i < len(list); i++ {
		if slices.Contains(list[k:i], list[i]) {
			continue
		}
		list[k], list[i] = list[i], list[k]
		if err := s.permute(list, k+1); err != nil {
			return err
		}
		list[k], list[i] = list[i], list[k]
	}
	return nil
}

// worse reports that path can not become the chosen one any more: the guards
// of steps 5.4.4.3 and 5.4.5.5.
func (s *search) worse(path []byte) bool {
	return len(s.chosen) > 0 && len(path) >= len(s.chosen) && bytes.Compare(path, s.chosen) > 0
}

// try is steps 5.4.1 to 5.4.6 for one permutation.
func (s *search) try(permutation []int32) error {
	r := &s.d.run
	if err := r.spend(1); err != nil {
		return err
	}
	ids := s.ids.clone() // step 5.4.1
	var path []byte      // step 5.4.2
	var recurse []int32  // step 5.4.3
	for _, b := range permutation {
		if r.issued[b] >= 0 { // step 5.4.4.1
			path = appendCanonical(path, r.issued[b])
		} else { // step 5.4.4.2
			if !ids.has(b) {
				recurse = append(recurse, b)
			}
			path = appendTemporary(path, ids.issue(b))
		}
		if s.worse(path) { // step 5.4.4.3
			return nil
		}
	}
	for _, b := range recurse { // step 5.4.5
		result, err := s.d.nDegree(b, ids) // step 5.4.5.1
		if err != nil {
			return err
		}
		path = appendTemporary(path, ids.issue(b)) // step 5.4.5.2
		path = append(path, '<')                   // step 5.4.5.3
		path = hex.AppendEncode(path, result.hash[:r.alg.size()])
		path = append(path, '>')
		ids = result.ids // step 5.4.5.4
		if s.worse(path) {
			return nil // step 5.4.5.5
		}
	}
	if len(s.chosen) == 0 || bytes.Compare(path, s.chosen) < 0 { // step 5.4.6
		s.chosen, s.chosenIDs = path, ids
	}
	return nil
}
