// Package sqlstore is what the stores on SQL databases share: the schema and its
// migrations, one writer that takes what is waiting into one transaction, and the
// ledger. What an engine says otherwise than the others is an [Engine].
//
// # One writer
//
// Callers of a store queue. Its writer takes all that is waiting into one
// transaction, judges each call in its order against what the batch has taken so
// far, commits once, and then answers each. So many callers share the cost of the
// disk, and one call that is refused does not fail its neighbours.
//
// # What is remembered
//
// Where the engine tells whether another connection has committed (SQLite's data_version),
// the writer remembers the rows of agents, places, accounts and holds that it has written,
// and the uses that windows are about to leave. A transaction asks that number first, under
// its lock; if it has moved, or the last transaction failed, all of it is read again.
//
// # Groups
//
// To a server each statement is a round trip, and each row a price. So there the writer judges
// by what it remembers, and writes what has changed as one row, a group, before it answers.
// The drainer, one goroutine with a connection of its own, writes groups into the tables behind
// that. A number that every writer moves says whether what is remembered is still true: redo.go
// tells how. Who reads waits until the groups that were answered before are in the tables. What has ended is looked for
// by the drainer, too, so that no act waits for that: tidy.go.
//
// What a group cannot do is done in a transaction, which brings the tables up to date first. Calls
// keep their order: one that comes behind such a call, and bears on the same agent, chain or budget, waits with it.
//
// # In doubt
//
// When the connection is lost at COMMIT, or while a group is written, nobody knows what became
// of it. The writer does the batch again, in a transaction on another connection: a call that
// finds what it has written the first time gives the answer of then. If the first one is still
// on its way, it holds the lock of the number, so the second one waits; and if it comes later, it finds another number,
// and writes nothing.
//
// # Locks
//
// On a server a transaction on the ledger locks the number of its namespace, and so they come
// one after the other, in all processes; groups wait for it, too. Nothing else of the ledger is locked. The drainers
// take groups out of the table redo, and who finds one taken waits for that drainer's COMMIT. A transaction takes the
// lock of the number first and groups then, a drainer groups alone.
//
// Documents are read in the order in which a call asks for them. Whoever changes some
// locks the row of its namespace before, behind the number if the ledger is part of it; so calls of
// several processes on documents come one after the other, and those on the ledger alone
// do not wait for them.
package sqlstore
