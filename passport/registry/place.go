package registry

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/statuslist"
)

// kinds of documents, and of the streams.
const (
	kindOrg      = "org"
	kindAgent    = "agent"
	kindGrant    = "grant"
	kindPassport = "passport"
	kindList     = "list"
	kindOpen     = "open" // the list of a purpose that gives places
	kindShown    = "shown"
	kindEdition  = "edition" // the newest editions of a list
	kindBit      = "bit"
	kindEnd      = "end" // of a bit that is cleared by itself; in the order of their ids the first is the next
)

// Place is a bit of a status list.
type Place struct {
	List    string // its URL
	Purpose statuslist.Purpose
	Index   int
}

// list is what the office knows of one of its lists.
type list struct {
	URL, Purpose string
	Used         int    // places that were given
	Secret       []byte // orders them
}

// shown is a list as it was last published. It stands apart from what gives places:
// whoever issues does not hold up whoever publishes.
type shown struct {
	State     []byte    // of the publisher; nil: never
	AsOf      time.Time // that the edition speaks for
	Published time.Time
	Ends      time.Time // of the edition
	Key       string    // that signed it
}

// signedBy reports whether a key has signed the edition. What was published before the office noted that is said to be.
func (l *shown) signedBy(k *IssuerKey) bool { return l.Key == "" || k != nil && l.Key == k.ID }

// places is how many there are on a list, 2^placeBits.
const (
	placeBits = 17
	places    = 1 << placeBits
)

// place returns the n-th place of a list: each once, in an order that tells
// nobody who does not know the secret how many there are, or whose neighbours
// somebody has. It is a Feistel network over 18 bits, walked until it is back
// within the list.
func (l *list) place(n int) int {
	const half = 9
	x := uint32(n)
	for {
		left, right := x>>half, x&(1<<half-1)
		for round := range byte(8) {
			m := hmac.New(sha256.New, l.Secret)
			m.Write([]byte{round, byte(right >> 8), byte(right)})
			left, right = right, (left^binary.BigEndian.Uint32(m.Sum(nil)))&(1<<half-1)
		}
		if x = left<<half | right; x < places {
			return int(x)
		}
	}
}

// give takes a new place on the open list of a purpose, and opens another list
// where that one is full.
func (r *Registry) give(tx Tx, purpose statuslist.Purpose) (Place, error) {
	if r.restored.Load() {
		return Place{}, errRestored()
	}
	var number int
	open, err := load(tx, kindOpen, string(purpose), &number)
	if err != nil {
		return Place{}, err
	}
	var l list
	var d Doc
	if number > 0 {
		if d, err = load(tx, kindList, r.listURL(purpose, number), &l); err != nil {
			return Place{}, err
		}
	}
	// An office that has moved to another BaseURL goes on with lists of its own.
	if number == 0 || d.Version == 0 || l.Used >= places {
		number++
		if err := save(tx, open, number); err != nil {
			return Place{}, err
		}
		l = list{URL: r.listURL(purpose, number), Purpose: string(purpose), Secret: make([]byte, 32)}
		if _, err := rand.Read(l.Secret); err != nil {
			return Place{}, err
		}
		if d, err = load(tx, kindList, l.URL, &list{}); err != nil {
			return Place{}, err
		}
	}
	p := Place{List: l.URL, Purpose: purpose, Index: l.place(l.Used)}
	l.Used++
	return p, save(tx, d, &l, Key{Name: "all", Value: "list"})
}

func (r *Registry) listURL(purpose statuslist.Purpose, number int) string {
	return r.config.BaseURL + "/status/" + string(purpose) + "-" + strconv.Itoa(number)
}

// key is the document of a place.
func (p Place) key() string { return p.List + "#" + strconv.Itoa(p.Index) }

// bit is a place that was set at some time.
type bit struct {
	Place
	Set   bool
	Until time.Time // when it is cleared by itself; zero: never
}

// end is the id of the document by which the end of a bit is found; "" if it has none.
func (b *bit) end() string {
	if !b.Set || b.Until.IsZero() {
		return ""
	}
	return b.Until.UTC().Format("2006-01-02T15:04:05.000000000") + " " + b.key()
}

// mark sets or clears a place. The next edition of the list shows it.
func mark(tx Tx, p Place, set bool, until time.Time) error {
	var before bit
	d, err := load(tx, kindBit, p.key(), &before)
	if err != nil {
		return err
	}
	return saveBit(tx, d, &before, &bit{Place: p, Set: set, Until: until}, true)
}

// saveBit writes a bit in place of what it was before. changed says that no edition shows it yet.
func saveBit(tx Tx, d Doc, before, b *bit, changed bool) error {
	if from, to := before.end(), b.end(); from != to {
		if from != "" {
			end, err := tx.Get(kindEnd, from)
			if err == nil && end.Version > 0 {
				err = tx.Delete(end)
			}
			if err != nil {
				return err
			}
		}
		if to != "" {
			if err := save(tx, Doc{Kind: kindEnd, ID: to}, b, Key{Name: "list", Value: b.List},
				Key{Name: "list", Value: "all"}); err != nil {
				return err
			}
		}
	}
	var keys []Key
	if changed {
		keys = append(keys, Key{Name: "changed", Value: b.List})
	}
	return save(tx, d, b, keys...)
}

// nextEnd returns the bit of a list that is cleared by itself next, behind an id; of all lists if it is "all". The id
// is "" if there is none.
func nextEnd(tx Tx, list, after string) (id string, b bit, err error) {
	found, err := tx.Find(Query{Kind: kindEnd, Name: "list", Value: list, After: after, Limit: 1})
	if err != nil || len(found) == 0 {
		return "", b, err
	}
	return found[0].ID, b, decode(&found[0], &b)
}
