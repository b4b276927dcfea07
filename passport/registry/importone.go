package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// writes is a transaction that knows whether anything was written.
type writes struct {
	Tx
	any bool
}

func (w *writes) Put(d Doc) error {
	err := w.Tx.Put(d)
	w.any = w.any || err == nil
	return err
}

func (w *writes) Append(stream string, body []byte) (int64, error) {
	w.any = true
	return w.Tx.Append(stream, body)
}

const kindImported = "imported"

// imported is what the office remembers of a record of another system.
type imported struct {
	Here     string            `json:",omitempty"` // its id; "": it did not come yet, but what has become of it
	Digest   [sha256.Size]byte // of what it said
	At       time.Time
	Standing Standing // what had become of it there
}

// bringing is one record on its way.
type bringing struct {
	*importing
	ctx      context.Context // of the call; it is in flight no longer than that
	tx       Tx
	rec      *ImportRecord
	kind     *importKind
	org      string
	at       time.Time
	standing Standing // that it has there
	doc      Doc      // of what the office remembers
	before   imported
	line     ImportLine
}

// refused takes a refusal for the outcome of the record. It is false for an error that is the store's.
func (b *bringing) refused(err error) bool {
	var e *Error
	var taken *Taken
	switch {
	case err == nil:
		return true
	case errors.As(err, &taken):
		e = &Error{Code: Exists, Detail: "there is one already", ID: taken.ID}
	case errors.Is(err, ErrChanged) || !errors.As(err, &e):
		return false
	}
	b.line.Outcome, b.line.Err, b.line.Here, b.line.Changes = ImportRefused, e, "", nil
	return true
}

// bring brings a record in a transaction.
func (b *bringing) bring() error {
	if err := b.begin(); err != nil || b.line.Outcome != "" {
		return err
	}
	return b.kind.bring(b)
}

// begin finds out what a record is, whose, and whether it came over before: then it has an outcome.
func (b *bringing) begin() error {
	b.at = b.r.now()
	b.line.ID, b.line.Changes = b.rec.ID, slices.Clone(b.rec.Lost)
	var wrong *Error
	if b.rec.Wrong != nil && !errors.As(b.rec.Wrong, &wrong) {
		wrong = &Error{Code: BadRequest, Detail: "the record cannot be read", Err: b.rec.Wrong}
	}
	if b.kind = b.kindOf(b.rec); b.kind != nil {
		b.line.Kind = b.kind.name
	}
	switch {
	case wrong != nil:
		return wrong
	case b.kind == nil:
		return refuse(BadRequest, "", "want a record of one kind: an organisation, an owner, an agent or so on")
	case b.rec.ID == "" || len(b.rec.ID) > 500:
		return refuse(BadRequest, "ID", "want the id that it has there, of 1 to 500 bytes")
	}
	if err := b.home(); err != nil {
		return err
	}
	if err := b.stands(); err != nil {
		return err
	}
	kind := b.kind.name
	if b.rec.Became != nil {
		kind = b.rec.Became.Kind
		if k := b.named(kind); k == nil || !slices.Contains(k.statuses, b.rec.Status) {
			return refuse(BadRequest, "Became", "%.40q does not become %s", kind, b.rec.Status)
		}
	}
	var err error
	if b.doc, err = load(b.tx, kindImported, b.key(kind, b.rec.ID), &b.before); err != nil || b.doc.Version == 0 {
		return err
	}
	stricter := b.before.Standing.isBelow(&b.standing, b.at)
	switch b.line.Here = b.before.Here; {
	case b.before.Here == "" && b.rec.Became == nil: // what has become of it came first
		if !stricter {
			b.standing = b.before.Standing
		}
	case b.rec.Became == nil && b.before.Digest != b.digest():
		return refuse(Conflict, "ID", "it came over before and said something else: change it here")
	case stricter:
		b.line.Outcome, b.line.Changes = ImportTightened, nil
	default:
		b.line.Outcome, b.line.Changes = ImportPresent, nil
	}
	return nil
}

// home finds the organisation of a record.
func (b *bringing) home() error {
	if b.rec.NewOrg != nil {
		return nil
	}
	if b.org = b.n.Org; b.rec.Org != "" {
		var err error
		if b.org, err = b.ref("org", "Org", b.rec.Org); err != nil {
			return err
		}
	}
	if b.org == "" {
		return refuse(BadRequest, "Org", "it is needed: the import names no organisation")
	}
	return b.r.Orgs.there(b.tx, b.org)
}

// ref returns the id here of what a record names by its id there.
func (b *bringing) ref(kind, member, there string) (string, error) {
	if here, ok := b.n.Here[there]; ok {
		return here, nil
	}
	var was imported
	if _, err := load(b.tx, kindImported, b.key(kind, there), &was); err != nil {
		return "", err
	}
	if was.Here == "" {
		return "", refuse(NotFound, member, "%.80q: no such %s came over", there, kind)
	}
	return was.Here, nil
}

// key is the document of a record of another system. Ids there may be personal, and long.
func (b *bringing) key(kind, there string) string {
	org := b.org
	if kind == "org" {
		org = ""
	}
	text := ""
	for _, part := range []string{b.n.Source, org, kind, there} {
		text += strconv.Itoa(len(part)) + ":" + part
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// digest is of what a record says, but for what has become of it.
func (b *bringing) digest() [sha256.Size]byte {
	same := *b.rec
	same.Status, same.Since, same.Until, same.Reason = "", time.Time{}, time.Time{}, ""
	text, _ := json.Marshal(&same) // everything in it can be written
	return sha256.Sum256(text)
}

// changed notes that a record does not come as it was.
func (b *bringing) changed(why string) {
	if !slices.Contains(b.line.Changes, why) {
		b.line.Changes = append(b.line.Changes, why)
	}
}

// id returns the id of a new document: that of the record, if it has the form of the office's own, is not of the
// future, and nobody has it.
func (b *bringing) id(kind, prefix string) (string, error) {
	if number, ok := strings.CutPrefix(b.rec.ID, prefix); ok {
		id, err := ulid.ParseStrict(number)
		if err == nil && id.String() == number && !ulid.Time(id.Time()).After(b.at) {
			d, err := b.tx.Get(kind, b.rec.ID)
			if err != nil || d.Version == 0 {
				return b.rec.ID, err
			}
		}
	}
	b.changed("ID: it is new")
	return newID(prefix, b.at), nil
}

// created is when a record was made.
func (b *bringing) created() time.Time {
	at := b.rec.CreatedAt.UTC().Truncate(time.Millisecond)
	switch {
	case b.rec.CreatedAt.IsZero():
		return b.at
	case at.After(b.at):
		b.changed("CreatedAt: it was in the future")
		return b.at
	}
	return at
}

// keep remembers that a record came over as a document, and tells of it.
func (b *bringing) keep(tx Tx, here string, data map[string]any) error {
	b.line.Here, b.line.Outcome = here, ImportedWhole
	if len(b.line.Changes) > 0 {
		b.line.Outcome = ImportedChanged
	}
	if err := b.remember(tx, here); err != nil {
		return err
	}
	if data == nil {
		data = map[string]any{}
	}
	data["source"] = b.n.Source
	words := said{open: data}
	if owner, ok := data["owner"].(string); ok {
		words.persons = []string{owner}
	}
	if len(b.line.Changes) > 0 {
		words.personal = map[string]any{"changes": b.line.Changes}
	}
	org := b.org
	if b.rec.NewOrg != nil {
		org = here
	}
	return b.r.note(tx, b.by, org, b.kind.name+".imported", here, b.standing.Reason, words)
}

// remember writes what the office knows of a record of another system.
func (b *bringing) remember(tx Tx, here string) error {
	d := Doc{Kind: kindImported, ID: b.key(b.kind.name, b.rec.ID), Version: b.doc.Version}
	m := &imported{Here: here, Digest: b.digest(), At: b.at, Standing: b.standing}
	return save(tx, d, m, m.keys()...)
}

// keys are by what it is found when what came over is erased.
func (m *imported) keys() []Key {
	if m.Here == "" {
		return nil
	}
	return []Key{{Name: "here", Value: m.Here}}
}
