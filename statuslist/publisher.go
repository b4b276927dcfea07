package statuslist

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"sync"

	"github.com/safeconduct/safeconduct/internal/code"
)

// ErrFull is wrapped by the error of [Publisher.Allocate] when every index of
// the list has been given away: start another list at another URL.
var ErrFull = errors.New("statuslist: the list is full")

// PublisherOptions say what list a [Publisher] keeps.
type PublisherOptions struct {
	// URL is where the list will be published, and its id. Required.
	URL string
	// URL2021 is where the same bits will be published as StatusList2021.
	// Empty: they are not. It takes status size 1 and the purpose Revocation
	// or Suspension.
	URL2021 string
	// Purpose is what the list is about. Required; a passport that can be both
	// revoked and suspended has an index in each of two lists.
	Purpose Purpose
	// Entries is how many statuses there are, from MinEntries, which zero
	// means, to 16,777,216. It is rounded up to fill the last byte.
	Entries int
	// Size is the bits of one status, 1 to 8. Zero means 1.
	Size int
	// Messages go into every entry: 2^Size of them, or, with size 1, none.
	Messages []string
	// References go into every entry: URLs about the meaning of the statuses.
	References []string
}

// Publisher is the issuer's side of one list: it gives each credential an
// index, keeps the statuses, and signs the list.
//
// Indices are random, so that one tells nothing of how many credentials there
// are or when one was issued, and none is given twice. That holds across
// restarts if the host keeps the state: after [Publisher.Allocate], save
// [Publisher.MarshalState] (or only the index, to be given to
// [Publisher.Claim] after a restart) before signing the credential. A crash
// between the two then wastes an index, which is free, and never uses one
// twice, which would revoke a stranger.
//
// A Publisher is safe for concurrent use.
type Publisher struct {
	opts PublisherOptions // never changed

	mu     sync.Mutex
	values *List
	used   *List // of size 1: the indices given away
	free   int
}

// NewPublisher starts a list on which every status is 0 and no index is taken.
func NewPublisher(opts PublisherOptions) (*Publisher, error) {
	opts.Messages, opts.References = slices.Clone(opts.Messages), slices.Clone(opts.References)
	if opts.Size == 0 {
		opts.Size = 1
	}
	if opts.Entries == 0 {
		opts.Entries = MinEntries
	}
	p := &Publisher{opts: opts}
	// What is wrong with the options would be wrong with every entry.
	first := p.entry(Bitstring, 0, "")
	if err := first.check(""); err != nil {
		return nil, misuse(err, "options of a publisher")
	}
	if opts.URL2021 != "" {
		if opts.URL2021 == opts.URL {
			return nil, misuse(nil, "URL and URL2021 are both %.200q: two documents cannot be published at one address", opts.URL)
		}
		first := p.entry(StatusList2021, 0, "")
		first.Size, first.Messages, first.References = opts.Size, opts.Messages, opts.References
		if err := first.check(""); err != nil {
			return nil, misuse(err, "URL2021 of a publisher")
		}
	}
	var err error
	if p.values, err = New(opts.Entries, opts.Size); err != nil {
		return nil, misuse(err, "options of a publisher")
	}
	if p.used, err = New(opts.Entries, 1); err != nil {
		return nil, misuse(err, "options of a publisher")
	}
	p.free = p.values.Len()
	return p, nil
}

// Allocate takes a free index at random and returns it. All free indices are
// equally likely. When there is none it fails with an error that wraps
// [ErrFull], of code status.unavailable. Save the state before using the
// index; see [Publisher].
func (p *Publisher) Allocate() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == 0 {
		return 0, &code.Error{Code: code.StatusUnavailable, Detail: "no index is left", Hint: "start another list at another URL", Err: ErrFull}
	}
	i := nthClear(p.used.bits, randomBelow(p.free))
	p.free--
	return i, p.used.Set(i, 1)
}

// Claim takes a certain index, for a host that keeps the indices with its own
// records and builds the Publisher up again from them. It fails with
// request.invalid if the index is taken, and with status.invalid if the list
// has no such index.
func (p *Publisher) Claim(index int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uint(index) >= uint(p.values.Len()) {
		return outOfRange(index, p.values.Len())
	}
	taken, err := p.used.Get(index)
	if err != nil {
		return err
	}
	if taken != 0 {
		return misuse(nil, "index %d is taken already", index)
	}
	p.free--
	return p.used.Set(index, 1)
}

// Free returns how many indices are left.
func (p *Publisher) Free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.free
}

// Entry returns the credentialStatus entry of an index in the encoding given,
// with an id of its own or, if id is "", without one. It fails with
// request.invalid if the index was not allocated, or if the list is not
// published in that encoding.
func (p *Publisher) Entry(e Encoding, index int, id string) (Entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.allocated(index); err != nil {
		return Entry{}, err
	}
	entry := p.entry(e, index, id)
	if entry.URL == "" {
		return Entry{}, misuse(nil, "the list is not published as %s", e)
	}
	if err := entry.check(""); err != nil {
		return Entry{}, misuse(err, "entry")
	}
	return entry, nil
}

func (p *Publisher) entry(e Encoding, index int, id string) Entry {
	if e == StatusList2021 {
		return Entry{Encoding: e, ID: id, Purpose: p.opts.Purpose, URL: p.opts.URL2021, Index: index, Size: 1}
	}
	return Entry{
		Encoding: e, ID: id, Purpose: p.opts.Purpose, URL: p.opts.URL, Index: index, Size: p.opts.Size,
		Messages: slices.Clone(p.opts.Messages), References: slices.Clone(p.opts.References),
	}
}

// Set changes the status of an allocated index. Where the purpose is not
// reversible, which is so with Revocation alone, a status that is not 0 cannot
// become 0 again. Verifiers see the change when the list is published. Codes:
// request.invalid; status.invalid if the value does not fit.
func (p *Publisher) Set(index int, value uint8) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.allocated(index); err != nil {
		return err
	}
	old, err := p.values.Get(index)
	if err != nil {
		return err
	}
	if value == 0 && old != 0 && !p.opts.Purpose.Reversible() {
		return misuse(nil, "index %d is revoked, and a revocation is for good", index)
	}
	return p.values.Set(index, value)
}

// Clear sets the status of an index to 0: the end of a suspension, say. See
// [Publisher.Set].
func (p *Publisher) Clear(index int) error { return p.Set(index, 0) }

// Get returns the status of an allocated index, published or not.
func (p *Publisher) Get(index int) (uint8, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.allocated(index); err != nil {
		return 0, err
	}
	return p.values.Get(index)
}

// allocated refuses an index that is nobody's: it is a mistake, and on an
// index that is given away later it would be a wrong status.
func (p *Publisher) allocated(index int) error {
	if taken, err := p.used.Get(index); err != nil || taken == 0 {
		return misuse(nil, "index %d was not allocated", index)
	}
	return nil
}

// nthClear returns the position of the n-th bit that is 0, from the left and
// from 0. There must be one.
func nthClear(b []byte, n int) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		c := bits.OnesCount64(^binary.BigEndian.Uint64(b[i:]))
		if n < c {
			break
		}
		n -= c
	}
	for ; ; i++ {
		c := bits.OnesCount8(^b[i])
		if n < c {
			break
		}
		n -= c
	}
	for bit := 0; ; bit++ {
		if b[i]<<bit&0x80 == 0 {
			if n == 0 {
				return i*8 + bit
			}
			n--
		}
	}
}

// randomBelow returns an unpredictable number from 0 to n-1, each equally
// likely (Lemire's method: the numbers that would favour some are drawn again).
func randomBelow(n int) int {
	for {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		hi, lo := bits.Mul64(binary.LittleEndian.Uint64(b[:]), uint64(n))
		if lo >= -uint64(n)%uint64(n) {
			return int(hi)
		}
	}
}

// misuse is a refusal of what the issuer itself asked for.
func misuse(cause error, format string, args ...any) error {
	e := fail(cause, "", format, args...)
	e.Code = code.RequestInvalid
	return e
}
