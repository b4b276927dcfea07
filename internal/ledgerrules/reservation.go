package ledgerrules

import (
	"fmt"

	"github.com/safeconduct/safeconduct/verify"
)

// MaxPlaces is the longest chain: a root and the 10 links that there can be.
const MaxPlaces = 11

// WellFormed checks what a caller of a ledger promises.
func WellFormed(r *verify.Reservation) error {
	bad := func(format string, args ...any) error {
		return refuse(verify.InternalError, "a reservation of another form than promised: "+fmt.Sprintf(format,
			args...), "this is the caller of the ledger")
	}
	switch {
	case len(r.Chain) == 0 || len(r.Chain) > MaxPlaces || r.Record.Decision == "":
		return bad("no chain, a longer one than there can be, or no decision id")
	case r.Replay.Agent != r.Agent && r.Replay != (verify.ReplayKey{}),
		r.Idempotency.Agent != r.Agent && r.Idempotency != (verify.IdempotencyKey{}):
		return bad("keys of another agent")
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		if Place(r.Chain, c.Account) < 0 {
			return bad("charge %d is on an account that is not of the chain", i)
		}
		if i > 0 && !inOrder(&r.Charges[i-1], c, r.Chain[0]) {
			return bad("charges %d and %d are on one limit, or not in order", i-1, i)
		}
	}
	return nil
}

// inOrder reports whether charges are in the order of a reservation below that root, and
// not equal.
func inOrder(x, y *verify.Charge, root string) bool {
	switch {
	case x.Account == y.Account:
		return x.Name < y.Name
	case x.Account == root || y.Account == root:
		return x.Account == root
	}
	return x.Account < y.Account
}

// Place is where in the chain an account is, or -1.
func Place(chain []string, account string) int {
	for i := range chain {
		if chain[i] == account {
			return i
		}
	}
	return -1
}

// Fits reports whether a charge stays within its limit beside what counts already. A sum
// that does not fit into a quantity is more than any limit.
func Fits(c *verify.Charge, counts verify.Quantity) bool {
	sum := counts.Add(c.Use)
	return sum.Sub(c.Use) == counts && sum.Cmp(c.Limit) <= 0
}

// Repeats reports whether an act repeats the latest one of its intent, which is still known
// and has a hold in that state: same says that it asks for the same, accept that the caller
// would repeat a stored answer. What was given back may be asked for anew.
func Repeats(same bool, state verify.HoldState, accept bool) (bool, error) {
	switch {
	case !same:
		return false, ofIntent(refuse(verify.LedgerConflict, "another act was asked for under this intent id",
			"a new act needs a new intent"))
	case state == verify.HoldGivenBack:
		return false, nil
	case !accept:
		return false, ofIntent(refuse(verify.LedgerRepeated, "this act was decided before",
			"to repeat a stored answer, ask with AcceptRepeat; a new act needs a new intent"))
	}
	return true, nil
}
