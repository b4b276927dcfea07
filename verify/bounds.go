package verify

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Bounds are the caps on chains, presentations, ages and spans. A field of zero
// means its default. A field may be lowered freely, and raised up to its
// maximum; a negative one, or one above its maximum, is an error of [New].
// Behind each field: its default, its maximum.
type Bounds struct {
	Links          int // passports in a chain, the root not counted: 5, 10
	AuthorityItems int // items of one list of authority, such as capabilities: 64, 256
	Fetches        int // documents with keys, and lists, that one decision looks up, each once: 16, 16
	NonceBytes     int // the longest challenge: 128, 128 (the shortest is always 16)
	LiveNonces     int // presentations of one agent whose intents have not ended: 100,000, 1,000,000

	AgentActs    int // acts of one agent that a ledger remembers, each for a day or so: 200,000, 10,000,000
	RootActs     int // acts of all agents below one root that it remembers: 1,000,000, 100,000,000
	RootAccounts int // budgets and rates that the passports below one root open: 16,384, 1,048,576

	// What a Verifier remembers of the status lists of one anchor: the instants of
	// the newest editions, and what was seen revoked. As much is there for all below
	// the anchor, and as much again for the editions kept of either.
	StatusMemoryBytes int // 16 MiB, 512 MiB

	IntentLifetime     time.Duration // how long an intent may live: 5 min, 1 h
	CredentialLifetime time.Duration // how long a passport may live: 720 h, 87,600 h
	StatusAge          time.Duration // how old a status list may be: 24 h, 7 d

	Documents credential.Bounds // one credential or presentation; zero fields: their defaults
	Lists     statuslist.Bounds // one status list; zero fields: their defaults
}

// Resolve replaces every zero field by its default. It fails on a field that is
// out of its range, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	l, err := limits.Bounds{
		Documents: limits.Documents(b.Documents), Lists: limits.Lists(b.Lists),
		Links: b.Links, AuthorityItems: b.AuthorityItems, Fetches: b.Fetches, NonceBytes: b.NonceBytes, LiveNonces: b.LiveNonces,
		AgentActs: b.AgentActs, RootActs: b.RootActs, RootAccounts: b.RootAccounts, StatusMemoryBytes: b.StatusMemoryBytes,
		IntentLifetime: b.IntentLifetime, CredentialLifetime: b.CredentialLifetime, StatusAge: b.StatusAge,
	}.Resolve()
	if err != nil {
		return Bounds{}, err
	}
	return Bounds{
		Documents: credential.Bounds(l.Documents), Lists: statuslist.Bounds(l.Lists),
		Links: l.Links, AuthorityItems: l.AuthorityItems, Fetches: l.Fetches, NonceBytes: l.NonceBytes, LiveNonces: l.LiveNonces,
		AgentActs: l.AgentActs, RootActs: l.RootActs, RootAccounts: l.RootAccounts, StatusMemoryBytes: l.StatusMemoryBytes,
		IntentLifetime: l.IntentLifetime, CredentialLifetime: l.CredentialLifetime, StatusAge: l.StatusAge,
	}, nil
}
