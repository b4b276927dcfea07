package registry

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Once returns the actor for one call that makes something, under an idempotency key
// that the caller chose (P10), such as the header Idempotency-Key. Within 24 hours
// the same call of the same actor under the same key makes nothing again: it gets
// the record that was made, as it is now. Another call, or one with another body, is
// refused with CONFLICT, and so is one that comes while the first is still being
// made: that one may ask again. What was refused is not remembered. An office keeps
// of a key, and of what was asked, keyed hashes alone. A secret is not kept at all:
// the call that made an API key is answered with CONFLICT and the key's id, and
// whoever lost the secret rotates it. Calls that make nothing do not look at the key.
// Empty: none. At most 255 bytes of printable UTF-8.
func (a Actor) Once(key string) Actor {
	a.once = key
	return a
}

const (
	kindOnce = "once"

	onceKept  = 24 * time.Hour
	onceLease = time.Minute // after which a call that was made by a process that died is made anew
	onceSlice = 100         // how many are forgotten at a time
)

// made is what the office remembers of a call under an idempotency key.
type made struct {
	Body    []byte // keyed hash of the call and what was asked
	At      time.Time
	Claim   string // who makes it: a number of this try
	Subject string // the id of what was made; "": it is being made
}

// claim is a call that is being made.
type claim struct {
	doc, number, action string
}

// once makes a call at most once under the key of its actor. action is what the audit
// log says of it; again answers it a second time, for the id that the log names.
func once[N, T any](
	ctx context.Context, r *Registry, by Actor, action string, n N,
	do func(ctx context.Context, by Actor, n N) (T, error), again func(tx Tx, by Actor, id string) (T, error),
) (answer T, err error) {
	if by.once == "" || !by.root && by.org == "" { // nobody leaves a trace
		return do(ctx, by, n)
	}
	if len(by.once) > 255 || !utf8.ValidString(by.once) || !printable(by.once) {
		return answer, refuse(BadRequest, "Idempotency-Key", "want 1 to 255 bytes of printable UTF-8")
	}
	body, err := json.Marshal(n)
	if err != nil {
		return answer, &Error{Code: BadRequest, Detail: "what is asked cannot be told apart from other calls", Err: err}
	}
	var c *claim
	if err := r.update(ctx, func(tx Tx) (err error) {
		var id string
		if c, id, err = r.claim(tx, by, action, body); err == nil && c == nil {
			answer, err = again(tx, by, id)
		}
		return err
	}); err != nil || c == nil {
		return answer, err
	}
	by.claim = c
	done := false
	defer func() {
		if !done { // also where a part of the host panics, such as a signer
			r.unclaim(context.WithoutCancel(ctx), c)
		}
	}()
	answer, err = do(ctx, by, n)
	done = err == nil
	return answer, err
}

// shownOnce is the second answer to a call whose first one had a secret.
func shownOnce(id string) *Error {
	return &Error{
		Code: Conflict, Member: "Idempotency-Key", ID: id,
		Detail: "this call was made already, and its secret was shown then; the office does not know it: rotate it",
	}
}

func printable(text string) bool {
	for _, c := range text {
		if !unicode.IsPrint(c) {
			return false
		}
	}
	return true
}

// claim begins a call, or returns the id of what it has made already.
func (r *Registry) claim(tx Tx, by Actor, action string, body []byte) (c *claim, id string, err error) {
	secret, err := r.secret(tx, kindOnce)
	if err != nil {
		return nil, "", err
	}
	keyed := func(parts ...string) []byte {
		m := hmac.New(sha256.New, secret)
		for _, p := range parts {
			m.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
		}
		return m.Sum(nil)
	}
	doc := hex.EncodeToString(keyed("key", by.org, by.owner, by.key, by.once))
	hash := keyed("body", action, string(body))
	now := r.now()
	if err := r.forgetOnce(tx, now); err != nil {
		return nil, "", err
	}
	var m made
	d, err := load(tx, kindOnce, doc, &m)
	if err != nil {
		return nil, "", err
	}
	kept := onceLease
	if m.Subject != "" {
		kept = onceKept
	}
	switch age := now.Sub(m.At); {
	case d.Version == 0 || age >= kept:
	case m.Subject == "" && -age >= kept: // its process died under a clock that was ahead
	case !hmac.Equal(m.Body, hash):
		return nil, "", refuse(Conflict, "Idempotency-Key", "it was used for another call: choose another one")
	case m.Subject == "":
		return nil, "", refuse(Conflict, "Idempotency-Key", "the call with this key is still being made: ask again")
	default:
		return nil, m.Subject, nil
	}
	m = made{Body: hash, At: now, Claim: newID("", now)}
	return &claim{doc, m.Claim, action}, "", save(tx, d, &m, m.key())
}

// key is by what it is found when it is time to forget it: the hour of its end.
func (m *made) key() Key { return Key{Name: "hour", Value: hourOf(m.At.Add(onceKept))} }

func hourOf(at time.Time) string { return strconv.FormatInt(at.Unix()/3600, 10) }

// settle remembers what a call has made, in the transaction that makes it.
func (r *Registry) settle(tx Tx, c *claim, subject string) error {
	var m made
	d, err := load(tx, kindOnce, c.doc, &m)
	switch {
	case err != nil:
		return err
	case m.Claim != c.number: // the lease was over
		return refuse(Conflict, "Idempotency-Key", "this call took too long, and is made again: ask again")
	}
	m.Subject = subject
	return save(tx, d, &m, m.key())
}

// unclaim forgets a call that has made nothing. Where that fails its lease ends.
func (r *Registry) unclaim(ctx context.Context, c *claim) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = r.update(ctx, func(tx Tx) error {
		var m made
		d, err := load(tx, kindOnce, c.doc, &m)
		if err != nil || m.Claim != c.number || m.Subject != "" {
			return err
		}
		return tx.Delete(d)
	})
}

// forgetOnce forgets some of what is not kept any longer, the oldest hour first. Where
// there is more it is forgotten the next time.
func (r *Registry) forgetOnce(tx Tx, now time.Time) error {
	var hour int64
	d, err := load(tx, kindForgotten, kindOnce, &hour)
	if err != nil {
		return err
	}
	last := now.Unix()/3600 - 1
	if hour == 0 { // the first time
		return save(tx, d, last)
	}
	before := hour
	hour = min(hour, last) // the clock was ahead, and is right again
	for left := onceSlice; hour < last && left > 0; left-- {
		next := strconv.FormatInt(hour+1, 10)
		docs, err := tx.Find(Query{Kind: kindOnce, Name: "hour", Value: next, Limit: onceSlice})
		if err != nil {
			return err
		}
		for _, old := range docs {
			if err := tx.Delete(old); err != nil {
				return err
			}
		}
		if len(docs) == onceSlice {
			break
		}
		left -= len(docs)
		hour++
	}
	if hour == before {
		return nil
	}
	return save(tx, d, hour)
}

// kindForgotten are how far the office has forgotten what it need not keep.
const kindForgotten = "forgotten"
