package ledger

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/verify"
)

// records are the newest decisions. Each place is written again and again, so
// that recording makes no garbage; what is recorded may be parts of a document,
// which is not held on to.
type records struct {
	written atomic.Uint64
	slots   []atomic.Pointer[recordSlot]
}

type recordSlot struct {
	mu     sync.Mutex
	number uint64 // of the record; 0: none
	facts  facts
	codes  []verify.Code
	ends   [texts]int // of its texts
	text   []byte
}

// facts are what a record has beside texts.
type facts struct {
	at             time.Time
	verdict        verify.Verdict
	proven, scored bool
	took           time.Duration
	score          int
	amount         verify.Money // without the name of its asset
}

// moneyOf returns an amount of an asset of another name.
var moneyOf = seam.MustBorrow[func(m verify.Money, currency string) verify.Money]("passport.moneyOf")

const texts = 9

// textsOf are the texts of a record, but for the name of the asset of its amount.
func textsOf(r *verify.Record) [texts - 1]*string {
	return [texts - 1]*string{&r.Decision, &r.Passport, &r.Agent, &r.Root, &r.Intent, &r.Audience, &r.Action,
		&r.Resource}
}

func (l *records) add(r *verify.Record) {
	number := l.written.Add(1)
	at := &l.slots[number%uint64(len(l.slots))]
	s := at.Load()
	if s == nil {
		at.CompareAndSwap(nil, new(recordSlot))
		s = at.Load()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number > number {
		return // who writes the next round was faster
	}
	s.number, s.codes = number, append(s.codes[:0], r.Codes...)
	f := &s.facts
	f.at = r.At.Round(0)
	f.verdict, f.proven, f.scored = r.Verdict, r.Proven, r.Scored
	f.took, f.score = r.Took, r.Score
	f.amount = moneyOf(r.Amount, "")
	text := s.text[:0]
	for i, t := range textsOf(r) {
		text = append(text, *t...)
		s.ends[i] = len(text)
	}
	text = append(text, r.Amount.Currency()...)
	s.ends[texts-1] = len(text)
	if cap(text) > 8<<10 && len(text) < 1<<10 {
		text = append([]byte(nil), text...) // of a long one nothing is kept
	}
	s.text = text
}

// read returns the record; false if there is none.
func (s *recordSlot) read() (r verify.Record, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number == 0 {
		return r, false
	}
	r = verify.Record{
		At: s.facts.at, Verdict: s.facts.verdict, Codes: append([]verify.Code(nil), s.codes...),
		Proven: s.facts.proven, Took: s.facts.took, Scored: s.facts.scored, Score: s.facts.score,
	}
	all, from := string(s.text), 0
	next := func(i int) string {
		text := all[from:s.ends[i]]
		from = s.ends[i]
		return text
	}
	fields := textsOf(&r)
	for i, t := range fields {
		*t = next(i)
	}
	r.Amount = moneyOf(s.facts.amount, next(texts-1))
	return r, true
}

// Record implements [verify.Ledger].
func (m *Memory) Record(ctx context.Context, r verify.Record) error {
	if err := m.ready(ctx); err != nil {
		return err
	}
	m.records.add(&r)
	return nil
}

// Records returns the newest decisions, oldest first.
func (m *Memory) Records() []verify.Record {
	l := &m.records
	list, newest := make([]verify.Record, 0, len(l.slots)), l.written.Load()
	for i := range l.slots {
		// The one that will be written next is the oldest.
		s := l.slots[(newest+1+uint64(i))%uint64(len(l.slots))].Load()
		if s == nil {
			continue
		}
		if r, ok := s.read(); ok {
			list = append(list, r)
		}
	}
	return list
}
