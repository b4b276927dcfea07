package registry

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
)

// Owners are the people and organisations that passports are for, and who answer for
// them. An organisation is the owner of its own things under its own id.
type Owners struct{ r *Registry }

// OwnerType says what an owner is.
type OwnerType string

// The types.
const (
	OwnerUser OwnerType = "user" // a person; ids begin with ap_user_
	OwnerOrg  OwnerType = "org"  // ids begin with ap_org_
)

// NewOwner is what [Owners.Create] makes an owner of.
type NewOwner struct {
	Org   string    // whose owner it is; zero: the actor's own
	Type  OwnerType // zero: user
	Name  string    // needed, for people
	Email string    // zero: none is known
	DID   did.DID   // whose keys prove that it is them; zero: none is known
}

// Owner is a person or an organisation that an organisation of the office knows. What
// one organisation knows of a person, another does not see.
type Owner struct {
	ID        string // ap_user_… or ap_org_…
	Org       string
	Type      OwnerType
	Name      string
	Email     string   `json:",omitempty"`
	DID       did.DID  `json:",omitzero"`
	Assured   *Assured `json:",omitempty"` // how they were identified; nil: nobody has vouched for them
	CreatedAt time.Time
	ErasedAt  time.Time `json:",omitzero"` // see [Owners.Erase]
	Version   int64     `json:"-"`         // of the record
}

const kindOwner = "owner"

// Actor is the owner itself, who acts on what is theirs. A host calls it for whoever
// has logged in.
func (o *Owner) Actor() Actor { return Actor{org: o.Org, owner: o.ID} }

// Principal is the IRI by which passports name the owner: the DID where there is one.
func (o *Owner) Principal() string {
	if !o.DID.IsZero() {
		return o.DID.String()
	}
	return "urn:safeconduct:owner:" + o.ID
}

// names are what grants may call the owner.
func (o *Owner) names() []string {
	names := []string{"urn:safeconduct:owner:" + o.ID, o.Principal()}
	if o.Email != "" {
		names = append(names, "mailto:"+o.Email)
	}
	return names
}

// inOwnName refuses a grant that an owner makes in the name of another person.
func (s *Owners) inOwnName(tx Tx, by Actor, n *NewGrant) error {
	if by.owner == "" {
		return nil
	}
	_, o, err := s.load(tx, by.owner)
	if err != nil {
		return err
	}
	if n.Principal == "" {
		n.Principal = o.Principal()
	}
	if !slices.Contains(o.names(), n.Principal) {
		return refuse(Forbidden, "Principal", "an owner makes grants in their own name: want %s", o.Principal())
	}
	return nil
}

func (o *Owner) keys() []Key {
	keys := []Key{{Name: "org", Value: o.Org}}
	if !o.DID.IsZero() {
		keys = append(keys, didKeys(o.Org, o.DID)...)
	}
	return keys
}

// didKeys are by what those of a DID are found, of which an organisation has one of a
// kind.
func didKeys(org string, id did.DID) []Key {
	value := org + " " + id.String()
	return []Key{{Name: "did", Value: value, Unique: true}, {Name: "who", Value: value}}
}

// whose returns the id of the document of a DID; "" if there is none.
func whose(tx Tx, kind, org string, id did.DID) (string, error) {
	docs, err := tx.Find(Query{Kind: kind, Name: "who", Value: org + " " + id.String(), Limit: 1})
	if err != nil || len(docs) == 0 {
		return "", err
	}
	return docs[0].ID, nil
}

// Create makes the record of an owner. A second one of an organisation with the same
// e-mail address or DID is refused with EXISTS.
func (s *Owners) Create(ctx context.Context, by Actor, n NewOwner) (*Owner, error) {
	return once(ctx, s.r, by, "owner.created", n, s.create, func(tx Tx, by Actor, id string) (*Owner, error) {
		_, it, err := s.find(tx, by, id, ScopeIssue)
		return it, err
	})
}

func (s *Owners) create(ctx context.Context, by Actor, n NewOwner) (*Owner, error) {
	org, err := by.within(n.Org, ScopeIssue)
	if err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	r := s.r
	var o *Owner
	err = r.update(ctx, func(tx Tx) (err error) {
		if err := r.Orgs.there(tx, org); err != nil {
			return err
		}
		o = &Owner{Org: org, Type: n.Type, Name: n.Name, Email: n.Email, DID: n.DID, CreatedAt: r.now()}
		if o.ID, err = r.ownerID(tx, o); err != nil {
			return err
		}
		return r.newOwner(tx, by, o)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// check refuses what no owner can be made of, and fills in the rest.
func (n *NewOwner) check() (err error) {
	if n.Type == "" {
		n.Type = OwnerUser
	}
	if n.Type != OwnerUser && n.Type != OwnerOrg {
		return refuse(BadRequest, "Type", "%.40q: want user or org", n.Type)
	}
	if n.Name, err = nameOf(n.Name); err != nil || n.Email == "" {
		return err
	}
	n.Email, err = address("Email", n.Email)
	return err
}

// newOwner writes the record of an owner that is not there yet, and tells of it.
func (r *Registry) newOwner(tx Tx, by Actor, o *Owner) error {
	if err := r.saveOwner(tx, o); err != nil {
		return err
	}
	return r.note(tx, by, o.Org, "owner.created", o.ID, "", map[string]any{"type": o.Type})
}

func (r *Registry) saveOwner(tx Tx, o *Owner) error {
	var before Owner
	d, err := load(tx, kindOwner, o.ID, &before)
	switch {
	case err != nil:
		return err
	case d.Version > 0 && before.ErasedAt.IsZero(): // who was erased may come back
		return &Error{Code: Exists, Detail: "there is one already", ID: o.ID}
	}
	if err := save(tx, d, o, o.keys()...); err != nil {
		return err
	}
	o.Version = d.Version + 1
	return nil
}

// Get returns an owner.
func (s *Owners) Get(ctx context.Context, by Actor, id string) (o *Owner, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		_, o, err = s.find(tx, by, id, ScopeRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// find loads an owner that an actor may act on: any of its organisation, or itself.
func (s *Owners) find(tx Tx, by Actor, id string, scope Scope) (Doc, *Owner, error) {
	if err := by.needs(scope); err != nil {
		return Doc{}, nil, err
	}
	d, o, err := s.load(tx, id)
	if err == nil && !by.mayOwn(o.Org, o.ID) {
		err = unknown("owner")
	}
	if err != nil {
		return d, nil, err
	}
	return d, o, nil
}

// load returns the record of an owner, whoever asks.
func (s *Owners) load(tx Tx, id string) (Doc, *Owner, error) {
	var o Owner
	d, err := load(tx, kindOwner, id, &o)
	if err == nil && d.Version == 0 {
		err = unknown("owner")
	}
	o.Version = d.Version
	return d, &o, err
}

// known refuses an owner that an organisation does not know, or whom it has erased: nothing is made for them until they
// come back. "" is the organisation itself.
func (s *Owners) known(tx Tx, org, id string) error {
	if id == "" {
		return nil
	}
	_, o, err := s.load(tx, id)
	if err == nil && (o.Org != org || !o.ErasedAt.IsZero()) {
		err = unknown("owner")
	}
	return err
}

// OwnerQuery asks for owners.
type OwnerQuery struct {
	Org    string // zero: the actor's own
	Cursor string // Next of the page before; "": the first page
	Limit  int    // zero: 50; at most 200
}

// OwnerPage is a page of owners.
type OwnerPage struct {
	Items []*Owner
	Next  string // "" on the last page
}

// List returns the owners that an organisation knows, by their ids.
func (s *Owners) List(ctx context.Context, by Actor, q OwnerQuery) (page OwnerPage, err error) {
	org, err := by.within(q.Org, ScopeListAgents)
	if err != nil {
		return page, err
	}
	find := Query{Kind: kindOwner, Name: "org", Value: org}
	if find.Limit, err = pageSize(q.Limit); err != nil {
		return page, err
	}
	if find.After, err = opened(find.Kind, q.Cursor, org); err != nil {
		return page, err
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		page = OwnerPage{}
		docs, err := tx.Find(find)
		if err != nil {
			return err
		}
		for _, d := range docs {
			_, o, err := s.load(tx, d.ID)
			if err != nil {
				return err
			}
			page.Items = append(page.Items, o)
		}
		if len(docs) == find.Limit {
			page.Next = closed(find.Kind, docs[len(docs)-1].ID, org)
		}
		return nil
	})
	return page, err
}

// ownerID returns the id of a new owner. That of a known e-mail address is always the
// same, so that a person is one owner of an organisation however often they are named;
// nobody reads the address off it who does not know the office's secret.
func (r *Registry) ownerID(tx Tx, o *Owner) (string, error) {
	prefix := "ap_" + string(o.Type) + "_"
	if o.Email == "" {
		return newID(prefix, r.now()), nil
	}
	secret, err := r.secret(tx, "owners")
	if err != nil {
		return "", err
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(o.Org + " " + o.Email))
	return prefix + ulid.ULID(m.Sum(nil)[:16]).String(), nil
}

// secret returns 256 random bits that the store keeps, and makes them the first time.
func (r *Registry) secret(tx Tx, name string) (secret []byte, err error) {
	d, err := load(tx, kindSecret, name, &secret)
	if err != nil || d.Version > 0 {
		return secret, err
	}
	secret = make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return secret, save(tx, d, secret)
}

const kindSecret = "secret"

// nameOf checks a name for people.
func nameOf(text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" || len(name) > 200 || !utf8.ValidString(name) {
		return "", refuse(BadRequest, "Name", "want 1 to 200 bytes")
	}
	return name, nil
}

// address normalises an e-mail address, in small letters without white space around
// it. What is more alike than that is another address: only its provider knows
// better.
func address(member, text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	local, domain, ok := strings.Cut(text, "@")
	bad := func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune(`@<>(),;:"\`, c)
	}
	if !ok || local == "" || !strings.Contains(strings.Trim(domain, "."), ".") || len(text) > 254 ||
		!utf8.ValidString(text) || strings.IndexFunc(local+domain, bad) >= 0 {
		return "", refuse(BadRequest, member, "want an e-mail address, such as ada@example.org")
	}
	return text, nil
}
