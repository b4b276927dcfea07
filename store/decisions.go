package store

import (
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Query selects decisions. Its zero value selects all.
type Query struct {
	Agent    string // of the leaf, whether it was proven or only claimed; empty: any
	Passport string // id of the leaf; empty: any
	Verdicts []verify.Verdict
	Code     verify.Code // that one of the reasons has; empty: any

	From  time.Time // the first instant; zero: the beginning
	Until time.Time // the first instant that is not selected any more; zero: no end

	// Limit is how many one page has. Zero: 50. More than 200 are 200.
	Limit int
	// After is Page.Next of the page before; empty for the first one. It means nothing
	// to other namespaces.
	After string
}

// Page is a page of decisions, the newest first.
type Page struct {
	Decisions []verify.Record
	Next      string // for the next page; empty: there is none
}

// Hour counts the decisions of an hour.
type Hour struct {
	Start   time.Time // UTC
	Verdict verify.Verdict
	Count   int64
}

// Totals counts all decisions of a namespace. What is not allowed was denied, or
// undetermined, or repeated an act that was allowed before.
type Totals struct {
	Decisions int64
	Allowed   int64
}

// Stats are counts since the store was opened, but for Waiting.
type Stats struct {
	Waiting      int           // calls that wait for the writer
	Calls        int64         // that the writer has done
	Transactions int64         // that it took for them
	Statements   int64         // that were sent to the database, for them and for what only reads
	Committing   time.Duration // of that the time for COMMIT, most of which is the disk's
	Retried      int64         // transactions that met another one, or a lost connection
	Overtaken    int64         // groups of calls that were judged again: another process had written meanwhile
	Unrecorded   int64         // refusals that were not kept: more than RefusedPerMinute
}

// Gap is what a restored copy does not know: the time from its last decision (zero: it
// has none) to the moment when it was opened, and on a server so much later as clocks may
// be apart. What was done in between must be reconciled: acts, and amounts that were
// spent. If AfterRestore was said more than once within KeepUnresolved, it is one gap.
type Gap struct {
	From, Until time.Time
	// ReplaysUntil is until when a presentation can be shown that may have been used in
	// the gap. It is refused with ledger.unavailable; one that was made later is not.
	ReplaysUntil time.Time
}
