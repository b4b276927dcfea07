package sqlstore

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// table says how rows are read and written.
type table[K comparable, T any] struct {
	name         string
	key, columns []column
	// moving is how many columns, the last ones, change in the usual course of a row. The
	// others are written when fixed says that one of them has changed.
	moving  int
	fixed   func(was, now *T) bool // nil: no other column ever changes
	twice   string                 // follows the INSERT of rows that may be there already
	read    func(Row) T
	write   func(to values, s *Store, t *T)  // the columns
	keyed   func(to values, s *Store, key K) // the key
	compare func(a, b K) int
	empty   func(*T) bool                // there is nothing left to keep; may be nil
	cached  func(*cache) *generations[T] // where rows are remembered; nil: they are not met again soon
	rows    func(*work) rows[K, T]
	keyOf   func(Row) K
	images  func(*images) map[K]*T         // nil: nobody reads them by their key
	see     func(i *images, key K, now *T) // keeps a row as a group has left it; nil: it is only ever written
	// learned has what is remembered follow what another writer has written; nil: it is dropped.
	learned func(c *cache, key K, now T)
}

// column is a column of a table.
type column struct {
	name string
	kind kind
}

type kind int

const (
	ofNumbers kind = iota
	ofTexts
	ofBytes
)

// columnsOf reads columns as the schema writes them; what has no type is a number.
func columnsOf(list string) (columns []column) {
	for _, text := range strings.Split(list, ", ") {
		name, word, _ := strings.Cut(text, " ")
		columns = append(columns, column{name, map[string]kind{"": ofNumbers, "TEXT": ofTexts, "BYTES": ofBytes}[word]})
	}
	return columns
}

func firstDigest(r Row) digest { return r.digest(0) }

func byDigest(to values, _ *Store, d digest) { to.digest(d) }
func compareDigests(a, b digest) int         { return bytes.Compare(a[:], b[:]) }
func byDecision(to values, s *Store, d string) {
	to.number(s.space)
	to.text(decisionText(d))
}

var (
	agentTable = &table[digest, agent]{
		rows:   func(w *work) rows[digest, agent] { return w.agents },
		images: func(i *images) map[digest]*agent { return i.agents }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *agent) { i.agents[key] = now },
		name: "agents", key: columnsOf("agent BYTES"), columns: columnsOf("nonces, acts"), moving: 2,
		keyed: byDigest, compare: compareDigests,
		read: func(r Row) agent { return agent{int(r.Int(0)), int(r.Int(1))} },
		write: func(to values, _ *Store, a *agent) {
			to.number(int64(a.nonces))
			to.number(int64(a.acts))
		},
		empty:  func(a *agent) bool { return *a == agent{} },
		cached: func(c *cache) *generations[agent] { return &c.agents },
	}
	nonceTable = &table[digest, nonce]{
		rows:   func(w *work) rows[digest, nonce] { return w.nonces },
		images: func(i *images) map[digest]*nonce { return i.nonces }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *nonce) { i.nonces[key] = now },
		name: "nonces", key: columnsOf("nonce BYTES"),
		columns: columnsOf("space, until, agent BYTES, place BYTES, hold BYTES"), moving: 5,
		keyed: byDigest, compare: compareDigests,
		read: func(r Row) nonce { return nonce{r.instant(1), r.digest(2), r.digest(3), r.digest(4)} },
		write: func(to values, s *Store, n *nonce) {
			to.number(s.space)
			to.number(int64(n.until))
			to.digest(n.agent)
			to.digest(n.place)
			to.digest(n.hold)
		},
	}
	intentTable = &table[digest, intent]{
		rows:   func(w *work) rows[digest, intent] { return w.intents },
		images: func(i *images) map[digest]*intent { return i.intents }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *intent) { i.intents[key] = now },
		name: "intents", key: columnsOf("intent BYTES"), columns: columnsOf("hold BYTES"), moving: 1,
		keyed: byDigest, compare: compareDigests,
		read:  func(r Row) intent { return intent{r.digest(0)} },
		write: func(to values, _ *Store, i *intent) { to.digest(i.hold) },
	}
	holdTable = &table[digest, hold]{
		rows:   func(w *work) rows[digest, hold] { return w.holds },
		images: func(i *images) map[digest]*hold { return i.holds }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *hold) { i.holds[key] = now },
		name: "holds", key: columnsOf("hold BYTES"),
		columns: columnsOf("space, decision TEXT, at, hold_by, known, kept_until, reserved BYTES, currency TEXT, decimals, " +
			"content BYTES, intent BYTES, agent BYTES, place BYTES, root BYTES, charges BYTES, state, came_to BYTES"),
		moving: 2,
		fixed:  func(was, now *hold) bool { return was.ends == now.ends },
		cached: func(c *cache) *generations[hold] { return &c.holds },
		keyed:  byDigest, compare: compareDigests,
		read: func(r Row) hold {
			return hold{
				decision: r.Text(1), at: r.instant(2), by: r.instant(3), known: r.instant(4), ends: r.instant(5),
				reserved: quantity(r.Bytes(6)), currency: r.Text(7), decimals: int(r.Int(8)), content: r.digest(9),
				intent: r.digest(10), agent: r.digest(11), place: r.digest(12), root: r.digest(13),
				charges: chargesOf(r.Bytes(14)), state: verify.HoldState(r.Int(15)), done: quantity(r.Bytes(16)),
			}
		},
		write: func(to values, s *Store, h *hold) {
			to.number(s.space)
			to.text(decisionText(h.decision))
			for _, at := range [...]instant{h.at, h.by, h.known, h.ends} {
				to.number(int64(at))
			}
			to.quantity(h.reserved)
			to.text(text(h.currency))
			to.number(int64(h.decimals))
			for _, d := range [...]digest{h.content, h.intent, h.agent, h.place, h.root} {
				to.digest(d)
			}
			to.bytes(packed(h.charges))
			to.number(int64(h.state))
			to.quantity(h.done)
		},
	}
	placeTable = &table[digest, passage]{
		rows:   func(w *work) rows[digest, passage] { return w.places },
		images: func(i *images) map[digest]*passage { return i.places }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *passage) { i.places[key] = now },
		name: "places", key: columnsOf("place BYTES"), columns: columnsOf("above BYTES, acts, accounts"), moving: 2,
		keyed: byDigest, compare: compareDigests,
		read: func(r Row) passage { return passage{r.digest(0), int(r.Int(1)), int(r.Int(2))} },
		write: func(to values, _ *Store, p *passage) {
			to.digest(p.above)
			to.number(int64(p.acts))
			to.number(int64(p.accounts))
		},
		empty:  func(p *passage) bool { return p.acts == 0 && p.accounts == 0 },
		cached: func(c *cache) *generations[passage] { return &c.places },
	}
	accountTable = &table[digest, account]{
		rows:   func(w *work) rows[digest, account] { return w.accounts },
		images: func(i *images) map[digest]*account { return i.accounts }, keyOf: firstDigest,
		see:  func(i *images, key digest, now *account) { i.accounts[key] = now },
		name: "accounts", key: columnsOf("account BYTES"),
		columns: columnsOf("space, until, place BYTES, born, total BYTES, base BYTES, since, sum BYTES, gone"), moving: 5,
		cached: func(c *cache) *generations[account] { return &c.accounts },
		fixed: func(was, now *account) bool {
			return was.until == now.until && was.place == now.place && was.born == now.born
		},
		keyed: byDigest, compare: compareDigests,
		read: func(r Row) account {
			return account{
				until: r.instant(1), place: r.digest(2), born: r.Int(3), total: quantity(r.Bytes(4)),
				base: quantity(r.Bytes(5)), since: r.instant(6), sum: quantity(r.Bytes(7)), gone: r.instant(8),
			}
		},
		write: func(to values, s *Store, a *account) {
			to.number(s.space)
			to.number(int64(a.until))
			to.digest(a.place)
			to.number(a.born)
			to.quantity(a.total)
			to.quantity(a.base)
			to.number(int64(a.since))
			to.quantity(a.sum)
			to.number(int64(a.gone))
		},
	}
	// Uses are written only: what is read of them is read by windows.
	useTable = &table[useKey, verify.Quantity]{
		rows:  func(w *work) rows[useKey, verify.Quantity] { return w.uses },
		keyOf: func(r Row) useKey { return useKey{r.digest(0), r.instant(1), r.digest(2)} },
		read:  func(r Row) verify.Quantity { return r.limbs(0) },
		learned: func(c *cache, key useKey, now verify.Quantity) {
			s, _ := c.spans.of(key.account)
			if s.put(key.at, key.hold, now); s != nil && len(s.uses) > 2*mostAhead { // nobody here trims it
				s.cut(mostAhead)
			}
		},
		see: func(i *images, key useKey, now *verify.Quantity) {
			of := i.uses[key.account]
			if of == nil {
				of = map[useKey]verify.Quantity{}
				i.uses[key.account] = of
			}
			of[key] = *now
		},
		name: "uses", key: columnsOf("account BYTES, at, hold BYTES"), columns: columnsOf("q3, q2, q1, q0"), moving: 4,
		keyed: func(to values, _ *Store, k useKey) {
			to.digest(k.account)
			to.number(int64(k.at))
			to.digest(k.hold)
		},
		compare: func(a, b useKey) int {
			return cmp.Or(compareDigests(a.account, b.account), cmp.Compare(a.at, b.at), compareDigests(a.hold, b.hold))
		},
		write: func(to values, _ *Store, u *verify.Quantity) {
			for _, limb := range limbs(*u) {
				to.number(limb)
			}
		},
	}
	recordTable = &table[string, verify.Record]{
		rows: func(w *work) rows[string, verify.Record] { return w.decisions },
		name: "records", key: columnsOf("space, decision TEXT"),
		columns: columnsOf("at, verdict, codes TEXT, passport TEXT, agent TEXT, root TEXT, intent TEXT, audience TEXT, " +
			"action TEXT, resource TEXT, amount TEXT, currency TEXT, decimals, proven, took, scored, score"),
		twice: " ON CONFLICT (space, decision) DO NOTHING",
		keyed: byDecision, compare: strings.Compare,
		write: func(to values, _ *Store, r *verify.Record) {
			codes := make([]string, len(r.Codes))
			for i, c := range r.Codes {
				codes[i] = string(c)
			}
			to.number(int64(instantOf(r.At)))
			to.number(int64(r.Verdict))
			to.text(text(" " + strings.Join(codes, " ") + " "))
			to.text(text(r.Passport))
			to.text(agentText(r.Agent))
			for _, s := range [...]string{r.Root, r.Intent, r.Audience, r.Action, r.Resource} {
				to.text(text(s))
			}
			to.text(r.Amount.Amount())
			to.text(text(r.Amount.Currency()))
			for _, n := range [...]int64{
				int64(r.Amount.Decimals()), int64(flag(r.Proven)), int64(r.Took), int64(flag(r.Scored)), int64(r.Score),
			} {
				to.number(n)
			}
		},
	}
)

// useKey is the key of a use.
type useKey struct {
	account digest
	at      instant
	hold    digest
}
