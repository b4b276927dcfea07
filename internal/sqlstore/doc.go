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
// its lock; if it has moved, or the last transaction failed, all of it is read again. On a
// server rows are read, and locked, by each transaction.
//
// # In doubt
//
// When the connection is lost at COMMIT, nobody knows what became of the
// transaction. The writer does the batch again on another connection: a call that
// finds what it has written the first time gives the answer of then. If the first
// COMMIT is still on its way, the second transaction waits for it at the first key
// that both write, fails, and is done once more.
//
// # Locks
//
// Each row of agents guards the nonces and intents of its agent, each root of a
// chain the places below it, each account its uses. Every transaction locks
// agents first, then holds, roots and accounts, each in the order of their keys. Rows
// that are not there yet cannot be locked: two transactions that make the same one
// meet at its key, and one of them is done again.
//
// Documents are read in the order in which a call asks for them. Whoever changes some
// locks the row of its namespace before, behind what the ledger has locked; so calls of
// several processes on documents come one after the other, and those on the ledger alone
// do not.
package sqlstore
