package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// Slow lets a server take long for what is written behind the answers, longer in all than a store is patient, but not
// for any one of the acts. It gets through all the same: a part of it is done, and then another one.
func Slow(t *testing.T, e *sqlstore.Engine, exec func(statement string)) {
	slow := *e
	slow.Drain, slow.Patience = 16, 500*time.Millisecond
	s := open(t, &slow)
	exec("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS " +
		"'BEGIN PERFORM pg_sleep(0.04); RETURN NEW; END'; " +
		"CREATE TRIGGER slow BEFORE INSERT ON nonces FOR EACH ROW EXECUTE FUNCTION slow()")
	reserve := func(i int) error {
		_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint("act ", i), Noon, 1, 1<<30))
		return err
	}
	n := 0
	for ; n < 17*slow.Drain; n++ {
		if reserve(n) != nil {
			break
		}
	}
	require.Eventually(t, func() bool { n++; return reserve(n) == nil }, 45*time.Second, time.Millisecond, "%d acts", n)
	require.Eventually(t, func() bool { return s.Check(ctx) == nil }, 45*time.Second, time.Millisecond)
}
