package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// Import is what [Registry.Import] brings into an office.
type Import struct {
	// Source names the system that the records come from, such as "grantex": 1 to 40 of a-z, 0-9, "." and "-".
	// The ids of two sources are apart. Needed.
	Source string
	// Org is the organisation of this office to which records belong that name none.
	Org string
	// Here names what is in the office already, by its id there: {"ap_user_there": "ap_user_here"}.
	Here map[string]string
	// Records are what is brought. What others name comes before them. An error ends the import.
	Records iter.Seq2[ImportRecord, error]
	// Apply brings the records in. False: a rehearsal, which checks and reports the same, and changes nothing. It
	// remembers what it would have written, about a kilobyte for a record.
	Apply bool
	// Report is told of each record, in their order, when that is durable. An error ends the import. Nil: nobody
	// is told.
	Report func(ImportLine) error
}

// ImportOutcome says what came of a record.
type ImportOutcome string

// The outcomes.
const (
	ImportedWhole   ImportOutcome = "imported"
	ImportedChanged ImportOutcome = "changed"   // it came over, but not as it was there: ImportLine.Changes
	ImportPresent   ImportOutcome = "present"   // it came over before, and is left alone
	ImportTightened ImportOutcome = "tightened" // it came over before, and was suspended or revoked there since
	ImportRefused   ImportOutcome = "refused"
)

// ImportLine says what came of one record.
type ImportLine struct {
	Kind    string // such as "agent"; "" of a record that is of no kind
	ID      string // there
	Here    string // its id in the office; "" of what was refused
	Outcome ImportOutcome
	Changes []string // of what came over changed: each a member and why
	Err     *Error   // of what was refused
}

// ImportReport counts what came of the records.
type ImportReport struct {
	Outcomes map[ImportOutcome]int
	Refused  map[Code]int // of those that were refused, by the code
}

func (m *ImportReport) add(l *ImportLine) {
	m.Outcomes[l.Outcome]++
	if l.Err != nil {
		m.Refused[l.Err.Code]++
	}
}

// importBatch is how many records are written in one transaction.
const importBatch = 100

// Import brings records of another system into the office: organisations, owners, agents, grants, passports, keys,
// and what has become of them. Root alone may. Ids and times stay where they have the form of the office's own and
// nobody has them here; else the report says so. The audit log and the events say imported, as in
// "agent.imported", and name the source.
//
// What is suspended or revoked there comes suspended or revoked. Nothing that comes allows more than it did there,
// and nothing that is here is overwritten, resumed or made wider. A record that is refused changes nothing, and
// stops no other.
//
// A second run changes nothing: a record that came over is found by its id there. So a run that broke off is made
// again, and goes on where it was. Records that were suspended or revoked there since are suspended or revoked here;
// any other difference is refused with CONFLICT. Records are written in transactions of a hundred, and those that
// the office signs one by one: what a record costs does not grow with their number.
//
// The report counts what was done also where an error ends the import.
func (r *Registry) Import(ctx context.Context, by Actor, n Import) (*ImportReport, error) {
	report := &ImportReport{Outcomes: map[ImportOutcome]int{}, Refused: map[Code]int{}}
	if err := by.needs(ScopeIssue); err != nil {
		return report, err
	}
	const may = "abcdefghijklmnopqrstuvwxyz0123456789.-"
	switch {
	case !by.root:
		return report, refuse(Forbidden, "Actor", "records are imported by root")
	case n.Source == "" || len(n.Source) > 40 || strings.Trim(n.Source, may) != "":
		return report, refuse(BadRequest, "Source", "want 1 to 40 of %s", may)
	case n.Records == nil:
		return report, refuse(BadRequest, "Records", "they are needed")
	case n.Apply && r.restored.Load():
		return report, errRestored()
	}
	m := &importing{r: r, by: by, n: n, kinds: importKinds(), report: report}
	if !n.Apply {
		m.rehearsal = newRehearsal(ctx, r.config.Store)
	}
	for rec, err := range n.Records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = m.add(ctx, rec)
		}
		if err != nil {
			return report, errors.Join(err, m.flush(ctx))
		}
	}
	return report, m.flush(ctx)
}

// importing is an import that is going on.
type importing struct {
	r         *Registry
	by        Actor
	n         Import
	kinds     []importKind
	rehearsal *rehearsal // nil: it is applied
	batch     []ImportRecord
	report    *ImportReport
}

// add brings a record, or keeps it for the next batch.
func (m *importing) add(ctx context.Context, rec ImportRecord) error {
	if k := m.kindOf(&rec); k != nil && k.signs != nil && k.signs(&rec) && m.n.Apply {
		if err := m.flush(ctx); err != nil {
			return err
		}
		b, err := m.signed(ctx, &rec)
		if err != nil {
			return err
		}
		return m.tell(ctx, []*bringing{b})
	}
	m.batch = append(m.batch, rec)
	if len(m.batch) < importBatch {
		return nil
	}
	return m.flush(ctx)
}

// errHalf says that a record was refused after something was written of it.
var errHalf = errors.New("registry: half of a refused record is written")

// flush writes the records that wait in one transaction; each in its own where one of them is refused half-way.
func (m *importing) flush(ctx context.Context) error {
	batch := m.batch
	m.batch = nil
	if len(batch) == 0 {
		return nil
	}
	list, err := m.together(ctx, batch)
	if !errors.Is(err, errHalf) {
		if err == nil {
			err = m.tell(ctx, list)
		}
		return err
	}
	for i := range batch {
		list, err := m.together(ctx, batch[i:i+1])
		if err == nil || errors.Is(err, errHalf) {
			err = m.tell(ctx, list)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// together brings records in one transaction.
func (m *importing) together(ctx context.Context, batch []ImportRecord) (list []*bringing, err error) {
	err = m.update(ctx, func(tx Tx) error {
		list = nil
		for i := range batch {
			b := &bringing{importing: m, ctx: ctx, tx: &writes{Tx: tx}, rec: &batch[i]}
			err := b.bring()
			if !b.refused(err) {
				return err
			}
			list = append(list, b)
			if err != nil && b.tx.(*writes).any {
				return errHalf
			}
		}
		return nil
	})
	return list, err
}

// signed brings one record that the office signs.
func (m *importing) signed(ctx context.Context, rec *ImportRecord) (b *bringing, err error) {
	err = m.update(ctx, func(tx Tx) error {
		b = &bringing{importing: m, ctx: ctx, tx: tx, rec: rec}
		if err := b.begin(); !b.refused(err) {
			return err
		}
		return nil
	})
	if err != nil || b.line.Outcome != "" {
		return b, err
	}
	err = b.kind.sign(ctx, b)
	if b.refused(err) {
		err = nil
	}
	return b, err
}

// update runs f in a transaction, or in the rehearsal, where a batch that fails leaves nothing behind either.
func (m *importing) update(ctx context.Context, f func(tx Tx) error) error {
	if m.rehearsal != nil {
		return m.rehearsal.try(f)
	}
	for range tries - 1 {
		if err := m.r.update(ctx, f); !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return m.r.update(ctx, f)
}

// tell reports records that are durable, and tightens those that came over before.
func (m *importing) tell(ctx context.Context, list []*bringing) error {
	for _, b := range list {
		if b.line.Outcome == ImportTightened && m.n.Apply {
			if err := b.tighten(ctx); err != nil {
				return err
			}
		}
		m.report.add(&b.line)
		if m.n.Report != nil {
			if err := m.n.Report(b.line); err != nil {
				return err
			}
		}
	}
	return nil
}

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
