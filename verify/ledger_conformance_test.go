package verify_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestMemoryLedgerConformance(t *testing.T) {
	verifytest.TestLedger(t, func(testing.TB) verify.Ledger { return verify.NewMemoryLedger(verify.MemoryLedgerOptions{}) })
}
