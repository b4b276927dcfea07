package rdfc

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// Algorithm is a hash: it labels blank nodes, and is taken of what they are part
// of. The zero value is SHA-256.
type Algorithm uint8

// The hash algorithms of RDFC-1.0.
const (
	SHA256 Algorithm = iota
	SHA384
)

// digest is a hash in the leading bytes of an array large enough for both.
type digest [sha512.Size384]byte

func (a Algorithm) size() int {
	if a == SHA384 {
		return sha512.Size384
	}
	return sha256.Size
}

func (a Algorithm) sum(data []byte) (h digest) {
	if a == SHA384 {
		return sha512.Sum384(data)
	}
	sum := sha256.Sum256(data)
	copy(h[:], sum[:])
	return h
}

// AppendSum appends the hash of data.
func (a Algorithm) AppendSum(dst, data []byte) []byte {
	if a == SHA384 {
		sum := sha512.Sum384(data)
		return append(dst, sum[:]...)
	}
	sum := sha256.Sum256(data)
	return append(dst, sum[:]...)
}

// span is a line in a buffer.
type span struct{ from, to int }

// run is the canonicalization state (section 4.3) and scratch space.
type run struct {
	alg    Algorithm
	bounds limits.Documents

	issued []int32 // canonical number of each blank node, -1 while it has none
	count  int32   // canonical identifiers issued
	first  []int32 // blank node to quads: where its part of refs begins
	refs   []int32
	hashes []digest // first degree hash of each blank node
	byHash []int32  // blank nodes ordered by that hash

	buf   []byte
	lines []span
	order []int32 // the quads in canonical order

	subjects []subject
	entered  []int32 // by node: its number among subjects, -1 if it is none
	rank     []int32 // by quad: the place of its subject
	place    []int32
	starts   []int32

	hash hash.Hash // SHA-256, of the canonical text

	calls, work int // spent of the budget
}

func (r *run) oversized() bool { return cap(r.buf) > 1<<16 || cap(r.lines) > 4*maxPooled }

func (r *run) reset() { r.order = r.order[:0] }

// workPerCall bounds what the n-degree calls may do in all, hashes and
// permutations, as a multiple of how many calls are allowed.
const workPerCall = 8

// Canonicalize labels the blank nodes and orders the quads (section 4.4.3),
// equal quads becoming one. Work is bounded by Quads, BlankNodes,
// EqualBlankNodes and NDegreeCalls of bounds, which must be resolved; a dataset
// that needs more is refused with an [*code.Error] of code proof.too_complex.
func (d *Dataset) Canonicalize(bounds limits.Documents, alg Algorithm) error {
	r := &d.run
	r.bounds, r.alg = bounds, alg
	if len(d.quads) > bounds.Quads {
		return tooComplex("Quads", len(d.quads), bounds.Quads)
	}
	if d.blank > bounds.BlankNodes {
		return tooComplex("BlankNodes", d.blank, bounds.BlankNodes)
	}
	r.calls, r.work, r.count = 0, 0, 0
	if err := d.label(); err != nil {
		return err
	}
	if !d.order() {
		return nil
	}
	// A dataset is a set. That a quad stood in it twice shows only now, and
	// has counted twice in the hashes: once more, without.
	kept := make([]quad, 0, len(r.order))
	for _, i := range r.order {
		kept = append(kept, d.quads[i])
	}
	d.quads = kept
	r.count = 0
	if err := d.label(); err != nil {
		return err
	}
	d.order()
	return nil
}

func tooComplex(limit string, got, most int) error {
	return &code.Error{
		Code: code.ProofTooComplex, Detail: "the RDF graph is too complex: " + limit,
		Limit: strconv.Itoa(most), Actual: strconv.Itoa(got),
	}
}

// label issues a canonical identifier to each blank node: steps 2 to 5.
func (d *Dataset) label() error {
	r := &d.run
	r.issued = grow(r.issued, d.blank)
	for i := range r.issued {
		r.issued[i] = -1
	}
	switch d.blank {
	case 0:
		return nil
	case 1: // whatever its hash
		r.issue(0)
		return nil
	}
	d.mention()
	r.hashes = grow(r.hashes, d.blank)
	r.byHash = r.byHash[:0]
	for i := range int32(d.blank) { // step 3
		if len(d.quadsOf(i)) > 0 { // one that no quad mentions is not in the dataset
			r.hashes[i] = d.firstDegree(i)
			r.byHash = append(r.byHash, i)
		}
	}
	slices.SortFunc(r.byHash, func(a, b int32) int { return bytes.Compare(r.hashes[a][:], r.hashes[b][:]) })
	shared := false
	d.eachHash(func(group []int32) error { // step 4
		if len(group) == 1 {
			r.issue(group[0])
		}
		shared = shared || len(group) > 1
		return nil
	})
	if !shared {
		return nil
	}
	return d.eachHash(d.labelGroup) // step 5
}

// eachHash calls f for each group of blank nodes with one first degree hash,
// in the order of the hashes.
func (d *Dataset) eachHash(f func([]int32) error) error {
	r := &d.run
	for from := 0; from < len(r.byHash); {
		to := from + 1
		for to < len(r.byHash) && r.hashes[r.byHash[to]] == r.hashes[r.byHash[from]] {
			to++
		}
		if err := f(r.byHash[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (r *run) issue(blank int32) {
	if r.issued[blank] < 0 {
		r.issued[blank] = r.count
		r.count++
	}
}

// mention is step 2: for each blank node, the quads that mention it.
func (d *Dataset) mention() {
	r := &d.run
	r.first = grow(r.first, d.blank+2)
	clear(r.first)
	for i := range d.quads {
		s, o, g := blanksOf(&d.quads[i])
		if s >= 0 {
			r.first[s+2]++
		}
		if o >= 0 {
			r.first[o+2]++
		}
		if g >= 0 {
			r.first[g+2]++
		}
	}
	for i := 2; i < len(r.first); i++ {
		r.first[i] += r.first[i-1]
	}
	r.refs = grow(r.refs, int(r.first[d.blank+1]))
	refer := func(blank int32, quad int) {
		if blank >= 0 {
			r.refs[r.first[blank+1]] = int32(quad)
			r.first[blank+1]++
		}
	}
	for i := range d.quads {
		s, o, g := blanksOf(&d.quads[i])
		refer(s, i)
		refer(o, i)
		refer(g, i)
	}
}

// quadsOf returns the quads that mention a blank node, by index.
func (d *Dataset) quadsOf(blank int32) []int32 {
	return d.run.refs[d.run.first[blank]:d.run.first[blank+1]]
}

// blanksOf returns the blank nodes of a quad, each once, by index; negative
// numbers stand in the other places.
func blanksOf(q *quad) (s, o, g int32) {
	s, o, g = q.s.blank(), q.o.Node.blank(), q.g.blank()
	if o == s {
		o = -1
	}
	if g == s || g == o {
		g = -1
	}
	return s, o, g
}

// firstDegree is Hash First Degree Quads, section 4.6.3.
func (d *Dataset) firstDegree(blank int32) digest {
	r := &d.run
	r.buf, r.lines = r.buf[:0], r.lines[:0]
	for _, i := range d.quadsOf(blank) { // step 3
		from := len(r.buf)
		r.buf = d.appendQuad(r.buf, &d.quads[i], blank)
		r.lines = append(r.lines, span{from, len(r.buf)})
	}
	text := r.buf
	slices.SortFunc(r.lines, func(a, b span) int { // step 4
		return bytes.Compare(text[a.from:a.to], text[b.from:b.to])
	})
	for _, line := range r.lines {
		r.buf = append(r.buf, r.buf[line.from:line.to]...)
	}
	return r.alg.sum(r.buf[len(text):]) // step 5
}

// AppendNQuads appends the canonical N-Quads of a canonicalised dataset.
func (d *Dataset) AppendNQuads(dst []byte) []byte {
	for _, i := range d.run.order {
		dst = d.appendQuad(dst, &d.quads[i], canonical)
	}
	return dst
}

// AppendSum appends the hash, by the algorithm that the dataset was
// canonicalised with, of its canonical N-Quads, which are never in memory as a
// whole.
func (d *Dataset) AppendSum(dst []byte) []byte {
	const chunk = 1 << 14
	buf := d.run.buf[:0]
	h := d.run.hasher()
	for _, i := range d.run.order {
		buf = d.appendQuad(buf, &d.quads[i], canonical)
		if len(buf) > chunk {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
	d.run.buf = buf
	return h.Sum(dst)
}

// hasher returns an empty hash, of which one for SHA-256 is kept.
func (r *run) hasher() hash.Hash {
	if r.alg == SHA384 {
		return sha512.New384()
	}
	if r.hash == nil {
		r.hash = sha256.New()
	}
	r.hash.Reset()
	return r.hash
}

// Label returns the canonical identifier of a blank node of a canonicalised
// dataset, without "_:".
func (d *Dataset) Label(n Node) string {
	return fmt.Sprintf("c14n%d", d.run.issued[n.blank()])
}
