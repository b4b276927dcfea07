package verifyhttp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// source is the chain that an agent shows, refreshed before it ends.
type source struct {
	refresh func(context.Context) (passport.Chain, error)
	margin  time.Duration
	now     func() time.Time

	// turn holds one token: who has it may use what is below. A mutex would
	// not let go of a request that is cancelled while another one refreshes.
	turn        chan struct{}
	current     passport.Chain
	from, until time.Time
}

func (s *source) init(c RoundTripperConfig) {
	s.refresh, s.margin, s.now = c.Refresh, c.Margin, c.Present.Now
	s.turn = make(chan struct{}, 1)
	s.set(append(passport.Chain(nil), c.Chain...))
	s.turn <- struct{}{}
}

// set takes over a chain. It ends when the first of its passports ends.
func (s *source) set(chain passport.Chain) {
	s.current, s.from, s.until = chain, time.Time{}, time.Time{}
	for _, link := range chain {
		c := link.Unverified()
		if c.ValidFrom.After(s.from) {
			s.from = c.ValidFrom
		}
		if s.until.IsZero() || c.ValidUntil.Before(s.until) {
			s.until = c.ValidUntil
		}
	}
}

// chain returns the chain to show now.
func (s *source) chain(ctx context.Context) (passport.Chain, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { s.turn <- struct{}{} }()
	// Of a short-lived passport the margin would be the whole life, and every
	// request would fetch another.
	margin := min(s.margin, s.until.Sub(s.from)/4)
	now := s.now()
	if s.refresh == nil || len(s.current) > 0 && now.Before(s.until.Add(-margin)) {
		return s.current, nil // one that has ended is for the server to refuse
	}
	fresh, err := s.refresh(ctx)
	if err == nil {
		err = complete(fresh)
	}
	switch {
	case err == nil:
		s.set(append(passport.Chain(nil), fresh...))
	case len(s.current) == 0 || !now.Before(s.until):
		return nil, fmt.Errorf("refreshing the passport: %w", err)
	}
	return s.current, nil
}

func complete(chain passport.Chain) error {
	if len(chain) == 0 {
		return errors.New("no passport was returned")
	}
	for i, link := range chain {
		if link == nil {
			return fmt.Errorf("link %d of the chain is nil", i)
		}
	}
	return nil
}
