// Package ledgerrules has the rules of [verify.Ledger] that do not depend on how a ledger
// remembers: what a reservation must look like, what fits a limit, what a repetition is, what
// becomes of a hold; and the words of each refusal. The ledger in memory and those on SQL
// databases both go by it, and so refuse alike.
package ledgerrules
