package registry

import (
	"context"
	"errors"
	"iter"
	"strings"
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
	case ctx == nil:
		return report, noContext()
	case n.Records == nil:
		return report, refuse(BadRequest, "Records", "they are needed")
	case n.Apply && r.restored.Load():
		return report, errRestored()
	}
	m := &importing{r: r, by: by, n: n, kinds: importKinds(), report: report}
	if !n.Apply {
		var err error
		m.rehearsal = newRehearsal(ctx, r.config.Store)
		if m.r, err = r.over(&layer{m.rehearsal}); err != nil {
			return report, err
		}
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

// over returns the office over another store.
func (r *Registry) over(s Store) (*Registry, error) {
	c := r.config
	c.Store = s
	o, err := Open(c)
	if err == nil {
		o.restored.Store(r.restored.Load())
	}
	return o, err
}

// importing is an import that is going on.
type importing struct {
	r         *Registry // in a rehearsal over what that remembers
	by        Actor
	n         Import
	kinds     []importKind
	rehearsal *rehearsal // nil: it is applied
	batch     []ImportRecord
	report    *ImportReport
}

// add brings a record, or keeps it for the next batch.
func (m *importing) add(ctx context.Context, rec ImportRecord) error {
	if k := m.kindOf(&rec); k != nil && k.signs != nil && k.signs(&rec) {
		if err := m.flush(ctx); err != nil {
			return err
		}
		if !m.n.Apply {
			m.batch = append(m.batch, rec)
			return m.flush(ctx)
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
		if b.line.Outcome == ImportTightened {
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
