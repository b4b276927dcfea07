package registry

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/safeconduct/safeconduct/credential"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// A passport that the office issues below another one is a root passport of its own, which states no more than
// the one above it allows (G7). What becomes of the one above becomes of it: the office keeps who is below
// whom.

// deepest is how many passports, or grants, one stands below another; Config.MaxDepth.
const (
	defaultDepth = 3
	deepest      = 10
)

// limitsOf returns the windows of money and the rates of an authority: what its account counts.
func limitsOf(a *passport.Authority) (list []Window) {
	for _, l := range a.SpendLimits {
		if l.Per != passport.PerTransaction {
			key := string(l.Per) + " " + l.Money.Currency() + " " + l.TimeZone + " " + l.Action
			list = append(list, Window{Key: key, Money: l.Money})
		}
	}
	for _, l := range a.Limits {
		if l.Kind == passport.LimitRate {
			list = append(list, Window{Key: l.Name, Count: l.Int})
		}
	}
	return list
}

// Window is a limit over time that a passport states, of money or of a count.
type Window struct {
	Key   string         // what it bounds
	Money passport.Money `json:",omitzero"`
	Count int64          `json:",omitempty"`
}

// more returns the sum of two windows of one key; ok is false if it is beyond anything.
func (w Window) more(o Window) (sum Window, ok bool) {
	if w.Money.IsZero() {
		sum = Window{Key: w.Key, Count: w.Count + o.Count}
		return sum, sum.Count >= w.Count
	}
	m, ok := w.Money.Add(o.Money)
	return Window{Key: w.Key, Money: m}, ok
}

func (w Window) exceeds(o Window) bool {
	if w.Money.IsZero() {
		return w.Count > o.Count
	}
	return w.Money.Cmp(o.Money) > 0
}

func (w Window) String() string {
	if w.Money.IsZero() {
		return strconv.FormatInt(w.Count, 10) + " " + w.Key
	}
	return w.Money.String() + " per " + w.Key
}

// authority reads what a passport states, out of what was signed.
func (p *Passport) authority() (*passport.Authority, error) {
	signed, err := credential.Parse([]byte(p.Credential))
	if err != nil {
		return nil, err
	}
	doc, err := passport.ReadUnverified(signed)
	if err != nil {
		return nil, err
	}
	return &doc.Authority, nil
}

// above loads the passport below which another one is to be issued.
func (s *Passports) above(tx Tx, by Actor, n *NewPassport, b *basis) (Doc, *Passport, error) {
	d, p, _, err := s.find(tx, by, n.Parent, ScopeIssue)
	if err != nil {
		return d, nil, renamed(err, BadRequest, "Parent")
	}
	line, err := s.r.Grants.line(tx, b.grant)
	if err != nil {
		return d, nil, err
	}
	switch {
	case p.Issuer != "":
		return d, nil, refuse(BadRequest, "Parent", "the passport above was issued by %.80s", p.Issuer)
	case p.Status != Active:
		return d, nil, refuse(BadRequest, "Parent", "the passport above is %s", p.Status)
	case p.Depth+1 > s.r.config.MaxDepth:
		return d, nil, refuse(Forbidden, "Parent", "want at most %d passports below one another", s.r.config.MaxDepth)
	case p.Agent == b.agent.ID:
		return d, nil, refuse(BadRequest, "Agent", "it has the passport above: nobody delegates to itself")
	case !slices.ContainsFunc(line, func(g *Grant) bool { return g.ID == p.Grant }):
		return d, nil, refuse(InvalidGrant, "Grant", "it is not delegated from that of the passport above, %s", p.Grant)
	}
	return d, p, nil
}

// narrowed returns what a passport below another one states: what is asked for, with every restriction of the
// one above.
func (p *Passport) narrowed(a passport.Authority) (passport.Authority, error) {
	above, err := p.authority()
	if err != nil {
		return a, err
	}
	if a.MaxDelegationDepth > max(above.MaxDelegationDepth-1, 0) {
		return a, refuse(Widened, "Authority.MaxDelegationDepth", "%d: the passport above allows %d",
			a.MaxDelegationDepth, max(above.MaxDelegationDepth-1, 0))
	}
	deep := a.MaxDelegationDepth
	a.MaxDelegationDepth = 0
	e := above.Effective()
	if err := e.Admits(&a); err != nil {
		return a, &Error{Code: Widened, Member: "Authority", Detail: "more than the passport above allows", Err: err}
	}
	own, err := e.Intersect(&a).Stated()
	if err != nil {
		const detail = "it cannot be stated with what is above it"
		return a, &Error{Code: BadRequest, Member: "Authority", Detail: detail, Err: err}
	}
	if own.MaxDelegationDepth = deep; own.Assurance.Level == a.Assurance.Level {
		own.Assurance = a.Assurance
	}
	return own, nil
}

// fits refuses a passport that takes more of the windows of the one above than those beside it have left. Who
// verifies counts each of them by itself, so their limits together are at most those of the one above.
func (s *Passports) fits(tx Tx, above, p *Passport) error {
	taken := map[string]Window{}
	for _, w := range p.Windows {
		taken[w.Key] = w
	}
	full := ""
	if err := s.r.each(tx, "parent", above.ID, func(_ Doc, o *Passport) error {
		if !s.lives(o) {
			return nil
		}
		for _, w := range o.Windows {
			sum, ok := w, true
			if mine, both := taken[w.Key]; both {
				sum, ok = mine.more(w)
			}
			if taken[w.Key] = sum; !ok {
				full = w.Key
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, w := range p.Windows {
		i := slices.IndexFunc(above.Windows, func(o Window) bool { return o.Key == w.Key })
		if full == w.Key || i >= 0 && taken[w.Key].exceeds(above.Windows[i]) {
			return refuse(AmountExceeds, "Authority",
				"with those beside it the limit would be %s, and the passport above has %s",
				taken[w.Key], above.Windows[max(i, 0)])
		}
	}
	return nil
}

// lives reports whether a passport is neither revoked nor expired.
func (s *Passports) lives(p *Passport) bool {
	st := p.status(s.r.now(), p.ExpiresAt)
	return st != Revoked && st != Expired
}

// agrees refuses a second live passport of an agent under one grant that counts otherwise than the first: they share
// their windows, and what one counts by the hour and the other by the day would be counted twice, or not at all.
func (s *Passports) agrees(tx Tx, p *Passport) error {
	found, err := s.live(tx, p)
	if err != nil || found == nil {
		return err
	}
	if keysOf(found.Windows) != keysOf(p.Windows) {
		return &Error{
			Code: Conflict, Member: "Authority", ID: found.ID,
			Detail: "a live passport of the agent under this grant has limits over other windows: revoke it first",
		}
	}
	return nil
}

// live returns a live passport beside another one, of its agent and grant; nil if there is none. All of them agree, so
// the newest will do: the others are not looked at.
func (s *Passports) live(tx Tx, beside *Passport) (*Passport, error) {
	const page = 20
	var oldest ulid.ULID
	_ = oldest.SetTime(ulid.Timestamp(s.r.now().Add(-longestLife - time.Hour))) // it is long before the year 10889
	for _, prefix := range passportPrefixes() {
		for after, more := prefix+"~", true; more; {
			docs, err := tx.Find(Query{
				Kind: kindPassport, Name: "grant", Value: beside.Grant, Newest: true, After: after, Limit: page,
			})
			if err != nil {
				return nil, err
			}
			more = len(docs) == page
			for _, d := range docs {
				if after = d.ID; !strings.HasPrefix(after, prefix) || after < prefix+oldest.String() {
					more = false
					break
				}
				var o Passport
				if _, err := load(tx, kindPassport, d.ID, &o); err != nil {
					return nil, err
				}
				if o.ID != beside.ID && o.Issuer == "" && o.Agent == beside.Agent && s.lives(&o) {
					return &o, nil
				}
			}
		}
	}
	return nil, nil
}

func keysOf(list []Window) (text string) {
	var keys []string
	for _, w := range list {
		keys = append(keys, w.Key)
	}
	slices.Sort(keys)
	for _, k := range keys {
		text += k + "\n"
	}
	return text
}

// spread sets the bits of a passport by what became of it, and does the same to those below it.
func (r *Registry) spread(tx Tx, p *Passport) error {
	if err := r.show(tx, p); err != nil {
		return err
	}
	return r.each(tx, "parent", p.ID, func(d Doc, below *Passport) error {
		if !p.RevokedAt.IsZero() && below.RevokedAt.IsZero() {
			below.revoke(r.now(), p.Reason)
			if err := save(tx, d, below, below.keys()...); err != nil {
				return err
			}
		}
		return r.spread(tx, below)
	})
}

// show sets the bits of a passport, by what it, its agent and the passports above it are.
func (r *Registry) show(tx Tx, p *Passport) error {
	if p.Issuer != "" { // it has no bit of this office
		return nil
	}
	if !p.RevokedAt.IsZero() {
		return mark(tx, p.place(statuslist.Revocation), true, time.Time{})
	}
	held, until, err := r.held(tx, p)
	if err != nil {
		return err
	}
	return mark(tx, p.place(statuslist.Suspension), held, until)
}

// held reports whether a passport is suspended: by itself, with its agent, its record or the template of that, or with
// a passport above it; and until when, zero
// for as long as nobody resumes it.
func (r *Registry) held(tx Tx, p *Passport) (held bool, until time.Time, err error) {
	also := func(s *Standing) {
		switch {
		case !s.Suspended:
		case !held:
			held, until = true, s.SuspendedUntil
		case until.IsZero() || s.SuspendedUntil.IsZero():
			until = time.Time{}
		case s.SuspendedUntil.After(until):
			until = s.SuspendedUntil
		}
	}
	for n := 0; n <= deepest; n++ {
		var a Agent
		if _, err := load(tx, kindAgent, p.Agent, &a); err != nil {
			return false, until, err
		}
		also(&p.Standing)
		also(&a.Standing)
		for id := p.Record; id != ""; {
			record, err := r.Records.load(tx, id)
			if err != nil {
				return false, until, err
			}
			also(&record.Standing)
			id = record.Template
		}
		if p.Parent == "" {
			break
		}
		above := &Passport{}
		if _, err := load(tx, kindPassport, p.Parent, above); err != nil {
			return false, until, err
		}
		p = above
	}
	return held, until, nil
}
