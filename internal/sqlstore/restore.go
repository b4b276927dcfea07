package sqlstore

import (
	"context"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/store"
)

// afterRestore makes an older copy safe to use: every presentation that may have been
// used since it was made counts as one that may have been forgotten. None lives
// longer than an intent may, and three skews: it may be made one ahead.
func (s *Store) afterRestore(ctx context.Context) error {
	now := s.options.Now()
	mark := instantOf(now).Add(limits.Max().IntentLifetime + 3*limits.MaxSkew)
	return s.transaction(ctx, func(t *tx) error {
		w := newWork(s, t)
		s.gap = store.Gap{Until: now.UTC(), ReplaysUntil: mark.Time()}
		if _, err := w.one("SELECT COALESCE(MAX(at), 0) FROM records WHERE space = ?", []any{s.space}, func(r Row) {
			s.gap.From = r.instant(0).Time()
		}); err != nil {
			return err
		}
		return w.setMark(ofNonces, mark)
	}, nil)
}

// Gap implements [store.Store].
func (s *Store) Gap() (gap store.Gap, restored bool) { return s.gap, s.options.AfterRestore }
