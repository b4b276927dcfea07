package sqlstore

import "github.com/safeconduct/safeconduct/verify"

// A server is asked little for an act: a group of calls is judged by what the writer knows, and
// is one row in the table redo when it is answered. That row says what rows the other tables will
// have. They are written behind it, by the drainer or by the next transaction, many groups at once:
// an account that a thousand acts have charged is written once.
//
// Every group, and every transaction on the ledger, moves the number of the namespace in
// redo_heads. A group is taken only if the number is the one that its writer knew: then nobody has
// written since, in any process, and what was judged by is what was true. Else the writer reads
// what was written, and judges again.
//
// What a group cannot do by keys alone (a refusal with its reasons, a correction by name, a caller
// of whom nobody knows whether it was answered) is done in a transaction. It takes the lock of the
// number, and first brings the tables up to date. Who only reads waits for the drainer.

// known is what the writer knows of the ledger without asking the server.
type known struct {
	good   bool  // the rest is of number; else nothing is known
	number int64 // of the latest group, or transaction
	token  int64 // that it has left
	before int64 // that it has found, of a transaction
	young  *images
	old    *images // the drainer has them; nil: it has nothing to do
	cache  *cache
	left   *leftovers // may be nil
}

// images are rows as groups have left them that may not be in the tables yet; nil says that there is none.
type images struct {
	top   int64 // the latest group of these
	calls int   // in them

	agents   map[digest]*agent
	nonces   map[digest]*nonce
	intents  map[digest]*intent
	holds    map[digest]*hold
	places   map[digest]*passage
	accounts map[digest]*account
	uses     map[digest]map[useKey]verify.Quantity // by account
	marks    map[int]instant
}

func newImages() *images {
	return &images{
		agents: map[digest]*agent{}, nonces: map[digest]*nonce{}, intents: map[digest]*intent{},
		holds: map[digest]*hold{}, places: map[digest]*passage{}, accounts: map[digest]*account{},
		uses: map[digest]map[useKey]verify.Quantity{}, marks: map[int]instant{},
	}
}

func (k *known) forget() { *k = known{} }

// knows says that nothing but the tables counts, as of a number.
func (k *known) knows(number, token int64) {
	*k = known{good: true, number: number, token: token, young: newImages(), cache: &cache{}}
}

// images returns what may not be in the tables yet, the latest first; nil where there is none.
func (k *known) images() [2]*images {
	if k == nil {
		return [2]*images{}
	}
	return [2]*images{k.young, k.old}
}
