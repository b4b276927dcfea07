package verify

import (
	"context"
	"crypto/sha256"
	"hash/maphash"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/statuslist"
)

// listMemory is what a Verifier remembers of status lists: of each list, by its
// issuer and URL, the instant of the newest edition that it verified, that
// edition, and which entries it saw revoked. Only lists that bear on a chain
// which holds otherwise get here (step 6).
//
// It is bounded in bytes, and each anchor answers for its own: its lists, and
// the lists of all below it, have room apart ([listQuota]). What bears on a later
// decision is never forgotten to make room. While the room is taken, what is new
// stays undetermined.
//
// Reading takes no lock.
type listMemory struct {
	table listTable
	marks MarkStore // may be nil
	skew  time.Duration
	ages  time.Duration // what is older than this is refused whatever is remembered

	mu     sync.Mutex             // of writers
	quotas map[did.DID]*listQuota // by anchor; the map never changes
}

// listEntry is what is remembered of one list.
type listEntry struct {
	issuer did.DID
	url    string
	own    bool // the issuer is an anchor, and its revocations stay for good

	state   atomic.Pointer[listState]
	seen    [statuslist.MaxSize]indexSet // revoked, by status size
	full    atomic.Bool                  // a revocation was seen and could not be remembered
	lastEnd atomic.Int64                 // when the last bearer that was seen revoked ends, in Unix seconds

	// Under the lock of the memory.
	listAccount               // who was first asked about the list
	others      []listAccount // who brought revocations when that one had no room
	held        int           // bytes of the edition
	forgotten   bool          // not a part of the memory any more
}

// listState is the newest edition of a list. It never changes.
type listState struct {
	asOf    time.Time
	sum     [sha256.Size]byte          // of its statuses, with those of others of the same instant
	edition *listRecord                // nil: only the mark is left
	united  *statuslist.ListCredential // with others of the same instant; nil: there are none
}

// list returns the newest edition; there must be one.
func (s *listState) list() *statuslist.ListCredential {
	if s.united != nil {
		return s.united
	}
	return s.edition.list
}

func (m *listMemory) init(anchors map[string]*Anchor, c *Config) {
	m.table = listTable{seed: maphash.MakeSeed()}
	m.marks, m.skew, m.ages = c.Marks, c.Skew, c.Bounds.StatusAge+c.Skew
	m.quotas = make(map[did.DID]*listQuota, len(anchors))
	for _, a := range anchors {
		m.quotas[a.Issuer] = newListQuota(c.Bounds.StatusMemoryBytes)
	}
}

// admit returns what is remembered of a list. If that is nothing, it makes room
// for it, with what the store knows.
func (m *listMemory) admit(ctx context.Context, r *run, b bearer, url string) (*listEntry, error) {
	if e := m.table.find(b.issuer, url); e != nil {
		return e, nil
	}
	mark, err := m.load(ctx, MarkKey{Kind: ListMark, Issuer: b.issuer, Name: url})
	if err != nil {
		return nil, err
	}
	// Parts of their own: those of the entry are parts of what was presented, and
	// would keep all of it.
	issuer, err := did.Parse(strings.Clone(b.issuer.String()))
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.table.find(b.issuer, url); e != nil {
		return e, nil
	}
	e := &listEntry{issuer: issuer, url: strings.Clone(url)}
	e.listAccount, e.own = m.accountOf(r, b)
	m.forgetOver(e, r.now, fewOver)
	if !m.grow(e, listEntryBytes+len(url)+len(issuer.String()), r.now) {
		e.close()
		return nil, noRoom("there is no room to remember another status list", url)
	}
	e.state.Store(&listState{asOf: mark.AsOf, sum: mark.Sum})
	e.lastEnd.Store(math.MinInt64)
	for _, x := range mark.Revoked {
		m.addRevoked(e, &e.listAccount, x, r.now)
	}
	if len(mark.Revoked) > 0 {
		e.extend(mark.KeepUntil)
	}
	m.table.insert(e)
	e.side.entries = append(e.side.entries, e)
	return e, nil
}

// learn takes over an edition that was verified, unless a newer one is known,
// and returns the list that is to be judged by, with its entry.
func (m *listMemory) learn(
	ctx context.Context, r *run, b bearer, rec *listRecord,
) (*statuslist.ListCredential, *listEntry, error) {
	for {
		e, err := m.admit(ctx, r, b, rec.list.ID)
		if err != nil {
			return nil, nil, err
		}
		old := e.state.Load()
		next, list, err := old.with(rec)
		if err != nil || next == old {
			return list, e, err
		}
		if next.asOf != old.asOf || next.sum != old.sum {
			// First where it lasts: what is decided on is not forgotten.
			if err := m.save(ctx, e.mark(next)); err != nil {
				return nil, nil, err
			}
		}
		if m.replace(e, old, next) {
			return list, e, nil
		}
	}
}

// with returns the state after an edition was seen, s itself if nothing is new,
// and the list that is to be judged by.
func (s *listState) with(rec *listRecord) (*listState, *statuslist.ListCredential, error) {
	switch {
	case rec == s.edition:
		return s, s.list(), nil
	case rec.list.AsOf.After(s.asOf):
		return &listState{asOf: rec.list.AsOf, sum: rec.list.Sum(), edition: rec}, rec.list, nil
	case rec.list.AsOf.Before(s.asOf): // another decision was faster
		if s.edition == nil {
			return nil, nil, s.rolledBack(rec.list.AsOf, time.Time{}, errNoEdition)
		}
		return s, s.list(), nil
	case s.edition != nil && rec.fetched == s.edition.fetched: // with other keys than before
		next := *s
		next.edition = rec
		return &next, next.list(), nil
	}
	switch sum := rec.list.Sum(); {
	case sum == s.sum && s.edition == nil:
		return &listState{asOf: s.asOf, sum: sum, edition: rec}, rec.list, nil
	case sum == s.sum:
		return s, rec.list, nil
	case s.edition == nil:
		return nil, nil, &code.Error{
			Code: StatusRolledBack, Detail: "another edition of the status list, of the same instant, was seen before",
			Limit: datetime.Format(s.asOf), Actual: datetime.Format(s.asOf), Hint: "the next edition will do",
		}
	}
	// Neither is newer: what stops somebody in either stops him.
	both := rec.list.With(s.list())
	sum := both.Sum()
	if sum == s.sum {
		return s, both, nil
	}
	return &listState{asOf: s.asOf, sum: sum, edition: rec, united: both}, both, nil
}

// rolledBack says that an older edition was handed over, and why the newest does
// not stand in for it. due is when there is to be another.
func (s *listState) rolledBack(handed, due time.Time, cause error) error {
	return &code.Error{
		Code: StatusRolledBack, Detail: "the status list is older than one seen before",
		Limit: datetime.Format(s.asOf), Actual: datetime.Format(handed), Until: due, Err: cause,
	}
}

// replace makes next the state of an entry, if it is remembered and still has
// the old one.
func (m *listMemory) replace(e *listEntry, old, next *listState) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.forgotten || e.state.Load() != old {
		return false
	}
	e.state.Store(next)
	e.side.hold(e)
	return true
}

// revoke remembers that an entry was seen revoked: until its bearer ends, or for
// good if the issuer is an anchor.
func (m *listMemory) revoke(ctx context.Context, r *run, b bearer, s *statuslist.Entry) error {
	until := b.until
	if !until.IsZero() {
		until = until.Add(m.skew)
	}
	x := RevokedEntry{Index: s.Index, Size: max(s.Size, 1)}
	for {
		e, err := m.admit(ctx, r, b, s.URL)
		if err != nil {
			return err
		}
		if e.revoked(s) && !e.outlasted(until) {
			return nil
		}
		payer, _ := m.accountOf(r, b)
		if !m.note(e, &payer, x, until, r.now) {
			continue
		}
		mark := e.mark(e.state.Load())
		mark.Revoked = []RevokedEntry{x}
		if mark.KeepUntil = laterEnd(mark.KeepUntil, until); e.own {
			mark.KeepUntil = time.Time{}
		}
		return m.save(ctx, mark)
	}
}

// note adds a revocation that a bearer of that account has brought to an entry,
// unless that is forgotten.
func (m *listMemory) note(e *listEntry, payer *listAccount, x RevokedEntry, until, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.forgotten {
		return false
	}
	m.addRevoked(e, payer, x, now)
	e.extend(until)
	return true
}

func (m *listMemory) addRevoked(e *listEntry, payer *listAccount, x RevokedEntry, now time.Time) {
	if x.Size < 1 || x.Size > len(e.seen) || x.Index < 0 {
		return
	}
	set := &e.seen[x.Size-1]
	if cost := set.cost(x.Index); cost > 0 && !m.grow(e, cost, now) && !e.growFor(payer, cost) {
		e.full.Store(true)
		return
	}
	set.add(x.Index)
}

// revoked reports whether the entry was seen revoked.
func (e *listEntry) revoked(s *statuslist.Entry) bool {
	size := max(s.Size, 1)
	return e != nil && size <= len(e.seen) && e.seen[size-1].has(s.Index)
}

// extend notes that a revoked bearer lasts until then; the zero time is never.
func (e *listEntry) extend(until time.Time) {
	if e.outlasted(until) {
		e.lastEnd.Store(unixEnd(until))
	}
}

// outlasted reports whether that is later than any bearer seen before.
func (e *listEntry) outlasted(until time.Time) bool {
	return !e.own && unixEnd(until) > e.lastEnd.Load()
}

func unixEnd(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.Unix() + 1
}

// over reports whether nothing that is remembered of a list bears on a decision
// from now on.
func (e *listEntry) over(now time.Time, ages time.Duration) bool {
	if now.Sub(e.state.Load().asOf) <= ages {
		return false
	}
	for i := range e.seen {
		if e.full.Load() || !e.seen[i].empty() {
			return !e.own && now.Unix() > e.lastEnd.Load()
		}
	}
	return true
}

func (e *listEntry) mark(s *listState) Mark {
	return Mark{
		MarkKey: MarkKey{Kind: ListMark, Issuer: e.issuer, Name: e.url},
		AsOf:    s.asOf, Sum: s.sum, KeepUntil: s.asOf.Add(markAge),
	}
}

func (m *listMemory) load(ctx context.Context, key MarkKey) (Mark, error) {
	if m.marks == nil {
		return Mark{MarkKey: key}, nil
	}
	mark, err := loadMark(ctx, m.marks, key)
	if err != nil {
		return Mark{}, &code.Error{
			Code: StatusUnavailable, Detail: "what is known of the status list could not be read",
			Actual: key.Name, Err: err,
		}
	}
	return mark, nil
}

func (m *listMemory) save(ctx context.Context, mark Mark) error {
	if m.marks == nil {
		return nil
	}
	if err := saveMark(ctx, m.marks, mark); err != nil {
		return &code.Error{
			Code: StatusUnavailable, Detail: "what was seen of the status list could not be kept",
			Actual: mark.Name, Err: err,
		}
	}
	return nil
}

func loadMark(ctx context.Context, marks MarkStore, key MarkKey) (mark Mark, err error) {
	defer caught("the mark store", &err)
	return marks.LoadMark(ctx, key)
}

func saveMark(ctx context.Context, marks MarkStore, mark Mark) (err error) {
	defer caught("the mark store", &err)
	return marks.SaveMark(ctx, mark)
}
