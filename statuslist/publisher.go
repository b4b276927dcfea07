package statuslist

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/bits"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// ErrFull is wrapped by the error of [Publisher.Allocate] when every index of
// the list has been given away: start another list at another URL.
var ErrFull = errors.New("statuslist: the list is full")

// Publisher is the issuer's side of one list: it gives each credential an
// index, keeps the statuses, and signs the list.
//
// Indices are random, so that one tells nothing of how many credentials there
// are or when one was issued, and none is given twice. That holds across
// restarts if the host keeps the state: after [Publisher.Allocate], save
// [Publisher.MarshalState] (or only the index, to be given to
// [Publisher.Claim] after a restart) before signing the credential. A crash
// between the two then wastes an index, which costs nothing, and never uses one
// twice, which would revoke a stranger.
//
// A Publisher is safe for concurrent use.
type Publisher struct {
	opts PublisherOptions // never changed

	mu      sync.Mutex
	values  *List
	used    *List // of size 1: the indices given away
	free    int
	edition int       // the number of the last one
	asOf    time.Time // its instant; zero before the first
}

// NewPublisher starts a list on which every status is 0 and no index is taken.
func NewPublisher(opts PublisherOptions) (*Publisher, error) {
	opts = opts.clone()
	if opts.Size == 0 {
		opts.Size = 1
	}
	if opts.Entries == 0 {
		opts.Entries = MinEntries
	}
	p := &Publisher{opts: opts}
	if err := opts.check(); err != nil {
		return nil, err
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

// Entry returns the credentialStatus entry of an index, in the Bitstring
// encoding and without an id. It fails with request.invalid if the index was
// not allocated. For an id, set the member; see [SafeconductID].
func (p *Publisher) Entry(index int) (Entry, error) { return p.EntryAs(Bitstring, index) }

// EntryAs is [Publisher.Entry] in any encoding. It fails with request.invalid,
// too, if the list is not published in that encoding.
func (p *Publisher) EntryAs(e Encoding, index int) (Entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.allocated(index); err != nil {
		return Entry{}, err
	}
	if p.opts.url(e) == "" {
		return Entry{}, misuse(nil, "the list is not published as %s", e)
	}
	return p.opts.entry(e, index), nil
}

// Options returns what list this is: a copy, with every default filled in.
func (p *Publisher) Options() PublisherOptions { return p.opts.clone() }

// Set changes the status of an allocated index. Where the purpose is not
// reversible, which is so with Revocation and Refresh, a status that is not 0
// cannot become 0 again. Verifiers see the change when the list is published. Codes:
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
		return misuse(nil, "index %d is set, and a %s is for good", index, p.opts.Purpose)
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
	if p.used == nil { // the zero Publisher
		return misuse(nil, "index %d was not allocated: the publisher was not made (NewPublisher makes one)", index)
	}
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
func misuse(cause error, format string, args ...any) *code.Error {
	e := fail(cause, "", format, args...)
	e.Code = code.RequestInvalid
	return e
}
