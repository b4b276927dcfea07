// Package registry is the issuer's office, in process: organisations, agents,
// grants, the passports that stand on them, and the status lists that tell every
// offline verifier what became of them. Everything that a call changes (the
// record, the status bit, the line of the audit log, the event) is changed in one
// transaction of the store, or not at all.
//
//	db, err := sqlite.Open(ctx, "office.db", sqlite.Options{})
//	office, err := registry.Open(registry.Config{
//		Store: db.Registry(), Issuer: issuer, BaseURL: "https://issuer.example",
//	})
//	root := registry.Root()
//	org, err := office.Orgs.Create(ctx, root, registry.NewOrg{Name: "Example Ltd"})
//	agent, err := office.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: "buyer", DID: did})
//	grant, err := office.Grants.Create(ctx, org.Admin(), registry.NewGrant{
//		Agent: agent.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
//		ExpiresAt: inAMonth,
//	})
//	pass, err := office.Passports.Issue(ctx, org.Admin(), registry.NewPassport{
//		Agent: agent.ID, Grant: grant.ID, Categories: []string{"compute"}, MaxTransaction: fiftyDollars,
//	})
//	_, err = office.Passports.Suspend(ctx, org.Admin(), pass.ID, registry.Suspension{For: time.Hour, Reason: "odd"})
//	err = office.Lists.Publish(ctx, statuslist.Dir("/srv/status")) // a folder that is there
//
// Verifiers who are offline know what was published: publish after each change, or
// when [Lists.NextPublish] says so, or let [Registry.Run] do so, to a folder
// (statuslist.Dir) or for package statuslist/listhttp. A verifier in the same process
// reads the committed bits ([Lists.Source]) and has no delay at all.
//
// # Status
//
// A passport is revoked, suspended, expired or active, in this order of
// precedence; one function says which, for every call. A passport carries its own
// places and those of its principal, its organisation and the office: one bit of
// these stops all that stand on them, for offline verifiers, too.
//
// # The issuer's keys
//
// The office signs with one key at a time. [IssuerKeys] has another one sign from an instant on, writes the DID
// document that goes with it, and takes a stolen key back at once.
//
// # Erasure
//
// [Owners.Erase] erases what the office knows of a person. What lines of the audit log and events say of people is kept
// beside them, and they hold salted commitments to it, so the chains of hashes are whole before and after.
//
// # Asking again
//
// A caller that does not know whether its call has arrived makes it again under the
// same idempotency key ([Actor.Once]): what was made is not made twice.
//
// # People, and passports that stay
//
// An owner ([Owners]) is a person or an organisation that agents act for; an owner's
// actor acts on what is theirs. A record ([Records]) is a passport that stays: it is
// drafted, changed in part, suspended, renewed, and the office signs one credential
// after the other from it. A record may be a template, whose instances only narrow it,
// or be issued for somebody without an account, who claims it with a ticket. A level of
// assurance is never set: it is attested by a provider of the organisation. [AIP1] has
// agents and records by the names of AIP-1.
//
// # Consents and agent keys
//
// What an owner has signed is in [Consents]; [AgentKeys] are what owners hand to agents. Nobody makes or
// withdraws them for the owner. Package verify/office has a verifier decide on requests that come with such a
// key.
//
// # Budgets
//
// What a grant may spend in all is in [Budgets]. The ledger of package verify/office debits it in the
// transaction that reserves an act.
package registry

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Config configures [Open].
type Config struct {
	Store  Store      // needed
	Issuer did.Signer // signs passports and lists, until another key does; needed. See IssuerKeys
	// Keys are further keys of the Issuer's DID, with which the office can sign when [IssuerKeys.Rotate] says so.
	Keys []did.Signer
	// Document is what the DID document of the issuer has beside the keys that the office signs with: other names,
	// services, other keys. Without ID.
	Document did.DocumentOptions
	// BaseURL is where the office is, without a slash at its end, such as
	// "https://issuer.example": its lists are below it, at /status/. Needed.
	BaseURL string
	// Resolver finds the keys by which people prove DIDs when they claim a record. Nil:
	// did:key and did:jwk alone.
	Resolver did.Resolver
	// Reputation tells how agents have behaved, for [AIP1.List] and [AIP1.Get]. Nil: nobody
	// knows, so scores and counts are zero.
	Reputation ReputationFunc
	// Limiter counts calls for [Registry.Admit]. Nil: nobody is counted.
	Limiter Limiter
	// AgentScopes are what agent keys may be made for; verify/office has those of a policy.ScopeRegistry. Nil:
	// none, and no scope needs a consent.
	AgentScopes []AgentScope
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// PassportPrefix begins the ids of passports. Zero: "urn:safeconduct:passport:"; or "urn:grantex:passport:", for
	// readers of that system (G1). Lists are in the order of ids, so one office keeps to one of them.
	PassportPrefix string
	// MaxDepth is how many passports, or grants, are delegated below one another. Zero:
	// 3; at most 10.
	MaxDepth int
	// KeepHistory is how long an office remembers what agents have spent of a budget, one by one: what the budget has
	// left is known anyway. It is at least as long as the store keeps what nobody has settled
	// (store.Options.KeepUnresolved): then it counts as done. Zero: 90 days.
	KeepHistory time.Duration
	// AfterRestore says that the store is a copy of an earlier time. The office then
	// issues and publishes nothing until [Lists.Recover] has been called. Leave it
	// set until then.
	AfterRestore bool
}

// Registry is an office. It is safe for concurrent use, and any number of
// processes may have one on the same store.
type Registry struct {
	Orgs       *Orgs
	Owners     *Owners
	Agents     *Agents
	Grants     *Grants
	Budgets    *Budgets
	Consents   *Consents
	AgentKeys  *AgentKeys
	Passports  *Passports
	Records    *Records
	AIP1       *AIP1
	Keys       *Keys
	IssuerKeys *IssuerKeys
	Switches   *Switches
	Lists      *Lists
	Audit      *Audit
	Events     *Events

	config   Config // with a Store that refuses calls without a context
	store    Store
	restored atomic.Bool   // and not recovered yet
	marked   chan struct{} // there is something to publish; see Run
}

// Open opens an office.
func Open(c Config) (*Registry, error) {
	u, err := url.Parse(c.BaseURL)
	switch {
	case c.Store == nil || c.Issuer == nil:
		return nil, refuse(BadRequest, "Config", "Store and Issuer are needed")
	case err != nil || u.Scheme != "https" || u.Host == "" || strings.HasSuffix(c.BaseURL, "/") || u.RawQuery != "" ||
		u.Fragment != "":
		return nil, refuse(BadRequest, "BaseURL", "want an https URL without a slash at its end")
	}
	for _, s := range c.Keys {
		if err := rotates(c.Issuer.KeyID().DID()); err != nil {
			return nil, err
		}
		if s == nil || s.KeyID().DID() != c.Issuer.KeyID().DID() {
			return nil, refuse(BadRequest, "Keys", "want keys of %s alone", c.Issuer.KeyID().DID())
		}
	}
	if !c.Document.ID.IsZero() {
		return nil, refuse(BadRequest, "Document", "want no ID: it is that of the Issuer")
	}
	if c.MaxDepth < 0 || c.MaxDepth > deepest {
		return nil, refuse(BadRequest, "MaxDepth", "want 1 to %d", deepest)
	}
	if c.KeepHistory < 0 {
		return nil, refuse(BadRequest, "KeepHistory", "it is not negative")
	}
	if c.KeepHistory == 0 {
		c.KeepHistory = defaultHistory
	}
	if c.PassportPrefix == "" {
		c.PassportPrefix = passportPrefix
	}
	if prefixes := passportPrefixes(); !slices.Contains(prefixes[:], c.PassportPrefix) {
		return nil, refuse(BadRequest, "PassportPrefix", "want one of %q", prefixes)
	}
	if c.MaxDepth == 0 {
		c.MaxDepth = defaultDepth
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Resolver == nil {
		c.Resolver = did.KeyMethods()
	}
	r := &Registry{config: c, store: c.Store, marked: make(chan struct{}, 1)}
	r.config.Store = inContext{c.Store}
	r.restored.Store(c.AfterRestore)
	r.Orgs, r.Owners, r.Agents, r.Grants, r.Passports = &Orgs{r}, &Owners{r}, &Agents{r}, &Grants{r}, &Passports{r}
	r.Records, r.Budgets, r.AIP1 = &Records{r}, &Budgets{r}, &AIP1{r}
	r.Consents, r.AgentKeys, r.IssuerKeys = &Consents{r}, &AgentKeys{r}, &IssuerKeys{r}
	r.Lists, r.Audit, r.Events, r.Keys, r.Switches = &Lists{r}, &Audit{r}, &Events{r}, &Keys{r}, &Switches{r}
	return r, nil
}

// Store is where the office keeps what it knows.
func (r *Registry) Store() Store { return r.store }

// Issuer is whose name passports and lists are signed in.
func (r *Registry) Issuer() did.DID { return r.config.Issuer.KeyID().DID() }

// now is the clock, to the millisecond, as records have it.
func (r *Registry) now() time.Time { return r.config.Now().UTC().Truncate(time.Millisecond) }

// newID returns an id that sorts by time and cannot be guessed, behind a prefix.
func newID(prefix string, at time.Time) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at)) // it is long before the year 10889
	_, _ = rand.Read(id[6:])           // it does not fail
	return prefix + id.String()
}

// load reads a document into v.
func load(tx Tx, kind, id string, v any) (Doc, error) {
	d, err := tx.Get(kind, id)
	if err != nil || d.Version == 0 {
		return d, err
	}
	return d, decode(&d, v)
}

// decode reads what a document has.
func decode(d *Doc, v any) error {
	if err := json.Unmarshal(d.Body, v); err != nil {
		return fmt.Errorf("registry: the %s %s cannot be read: %w", d.Kind, d.ID, err)
	}
	return nil
}

// save writes v in place of a document.
func save(tx Tx, d Doc, v any, keys ...Key) (err error) {
	d.Keys = keys
	if d.Body, err = json.Marshal(v); err != nil {
		return err
	}
	return tx.Put(d)
}

// unknown is what a caller gets for what is not there, and for what is
// another's: the answers are the same.
func unknown(kind string) *Error { return refuse(NotFound, "", "there is no such %s", kind) }

// Status is what an agent, a grant or a passport is.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Revoked   Status = "revoked"
	Expired   Status = "expired"
)

// Suspension says how long something is suspended, and why.
type Suspension struct {
	For    time.Duration // zero: an hour; negative: until somebody resumes it
	Reason string        // for the record
}

// Standing is what became of a record.
type Standing struct {
	RevokedAt      time.Time `json:",omitzero"`
	Suspended      bool      `json:",omitempty"`
	SuspendedUntil time.Time `json:",omitzero"`  // zero: until somebody resumes it
	SuspendedBy    string    `json:",omitempty"` // the owner; "": those above them
	Reason         string    `json:",omitempty"`
}

// status is the one definition of it. expires is zero for what does not end.
func (s *Standing) status(now, expires time.Time) Status {
	switch {
	case !s.RevokedAt.IsZero():
		return Revoked
	case s.Suspended && (s.SuspendedUntil.IsZero() || now.Before(s.SuspendedUntil)):
		return Suspended
	case !expires.IsZero() && !now.Before(expires):
		return Expired
	}
	return Active
}

// revoke is final; the first time and reason stay.
func (s *Standing) revoke(now time.Time, reason string) {
	if s.RevokedAt.IsZero() {
		s.RevokedAt, s.Reason = now, reason
	}
}

// suspend suspends what is active or suspended. An owner does not touch what others
// have said.
func (s *Standing) suspend(by Actor, now, expires time.Time, how Suspension) error {
	switch st := s.status(now, expires); {
	case st != Active && st != Suspended:
		return refuse(InvalidTransition, "", "it is %s, and cannot be suspended", st)
	case st == Suspended && !s.liftedBy(by):
		return refuse(Forbidden, "Actor", "it is suspended by others than its owner already")
	}
	s.Suspended, s.SuspendedUntil, s.SuspendedBy, s.Reason = true, time.Time{}, by.owner, how.Reason
	if how.For == 0 {
		how.For = time.Hour
	}
	if how.For > 0 {
		s.SuspendedUntil = now.Add(how.For)
	}
	return nil
}

// liftedBy reports whether an actor may end a suspension: an owner ends their own
// alone.
func (s *Standing) liftedBy(by Actor) bool { return by.owner == "" || by.owner == s.SuspendedBy }

// resume makes what is suspended active again.
func (s *Standing) resume(by Actor, now, expires time.Time) error {
	if st := s.status(now, expires); st != Suspended {
		return refuse(InvalidTransition, "", "it is %s by itself, not suspended", st)
	}
	if !s.liftedBy(by) {
		return refuse(Forbidden, "Actor", "it is suspended by others than its owner, who alone resume it")
	}
	s.Suspended, s.SuspendedUntil, s.SuspendedBy, s.Reason = false, time.Time{}, "", ""
	return nil
}

// changes are what became of a record, as a line of the audit log says it: nil if that is the same as before.
func (s *Standing) changes(before *Standing, now, expires time.Time) (list []FieldChange) {
	if was, is := before.status(now, expires), s.status(now, expires); was != is {
		list = append(list, FieldChange{"status", was, is})
	}
	return append(list, s.until(before)...)
}

// until is how the end of a suspension has changed.
func (s *Standing) until(before *Standing) []FieldChange {
	if s.SuspendedUntil.Equal(before.SuspendedUntil) {
		return nil
	}
	stated := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t
	}
	return []FieldChange{{"suspended_until", stated(before.SuspendedUntil), stated(s.SuspendedUntil)}}
}

// told is what a line of the audit log says of changes that name nobody.
func told(changes []FieldChange) any {
	if len(changes) == 0 {
		return nil
	}
	return map[string]any{"changes": changes}
}

// pair takes the two places of something that can be revoked and suspended.
func (r *Registry) pair(tx Tx) (revocation, suspension Place, err error) {
	if revocation, err = r.give(tx, statuslist.Revocation); err == nil {
		suspension, err = r.give(tx, statuslist.Suspension)
	}
	return revocation, suspension, err
}

// update runs a call in a transaction. What is not an [Error] is the store's.
func (r *Registry) update(ctx context.Context, f func(tx Tx) error) error {
	marked := false
	err := r.config.Store.Update(ctx, func(tx Tx) error {
		w := &noticing{Tx: tx}
		err := f(w)
		marked = w.marked
		return err
	})
	if err == nil && marked {
		r.wake()
	}
	var taken *Taken
	switch {
	case errors.Is(err, ErrChanged):
		return &Error{Code: Conflict, Detail: "somebody else changed it meanwhile: ask again", Err: err}
	case errors.As(err, &taken):
		return &Error{Code: Exists, Detail: "there is one already", ID: taken.ID}
	}
	return err
}
