// Package migrate reads what other systems export as records for registry.Import: Grantex, AIP-1, APort and
// e-Próspera's agent keys. An export is the answer of the system's own calls, as one JSON object, such as
//
//	{"agents": [{"id": "did:web:yourco.com:agents:bot", …}], "total": 1}
//
// It is read as it comes, one record at a time. A record that cannot be read exactly is not guessed at: it comes with
// ImportRecord.Wrong, so that the report names it, and the others go on. That is so for a member that nobody here
// knows, too: it might be a limit.
//
//	report, err := office.Import(ctx, registry.Root(), registry.Import{
//		Source: "grantex", Org: org.ID, Records: migrate.Grantex(file, migrate.Options{}), Apply: true,
//	})
package migrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// Options say what an export does not.
type Options struct {
	// Money says what bare amounts are in the limits of APort. Zero: a record with one is refused.
	Money registry.FlatMoney
	// Currency of limits of AIP-1 that name none. Zero: USD.
	Currency string
}

// Records are what a reader yields, for registry.Import.
type Records = iter.Seq2[registry.ImportRecord, error]

// Reader reads an export.
type Reader func(from io.Reader, o Options) Records

// Readers are the readers of this package, by the names of their systems: what registry.Import.Source is.
func Readers() map[string]Reader {
	return map[string]Reader{"aip1": AIP1, "aport": APort, "eprospera": EProspera, "grantex": Grantex}
}

// section reads the records of one list of an export: of one record there, one or more here.
type section func(v member) []registry.ImportRecord

// sections reads the lists of an export, in the order that the export has them. Other members are passed over.
func sections(from io.Reader, of map[string]section) Records {
	return func(yield func(registry.ImportRecord, error) bool) {
		d := json.NewDecoder(from)
		fail := func(err error) { yield(registry.ImportRecord{}, fmt.Errorf("migrate: the export: %w", err)) }
		if t, err := d.Token(); err != nil || t != json.Delim('{') {
			if err == nil {
				err = errors.New("want a JSON object")
			}
			fail(err)
			return
		}
		found := false
		for d.More() {
			name, err := d.Token()
			if err != nil {
				fail(err)
				return
			}
			read := of[name.(string)] // in an object it is a name
			if read == nil {
				var skipped json.RawMessage
				if err := d.Decode(&skipped); err != nil {
					fail(err)
					return
				}
				continue
			}
			found = true
			if t, err := d.Token(); err != nil || t != json.Delim('[') {
				fail(fmt.Errorf("%s: want a list", name))
				return
			}
			for d.More() {
				var raw json.RawMessage
				if err := d.Decode(&raw); err != nil {
					fail(err)
					return
				}
				for _, rec := range one(raw, read) {
					if !yield(rec, nil) {
						return
					}
				}
			}
			if _, err := d.Token(); err != nil {
				fail(err)
				return
			}
		}
		if _, err := d.Token(); err != nil {
			fail(err)
			return
		}
		if !found {
			fail(fmt.Errorf("it has none of %q", slices.Sorted(maps.Keys(of))))
		}
	}
}

// one reads one record, strictly.
func one(raw []byte, read section) []registry.ImportRecord {
	v, err := credential.ParseValue(string(raw))
	if err == nil && !strings.HasPrefix(v.Raw(), "{") {
		err = errors.New("want an object")
	}
	if err != nil {
		return []registry.ImportRecord{{Wrong: wrong("", "it is not strict JSON").because(err)}}
	}
	return read(member{v, &reading{}})
}

// reading is what went wrong with a record, first of all, and what stays behind of it.
type reading struct {
	wrong *registry.Error
	lost  []string
	seen  map[string]bool
}

type refusal registry.Error

func wrong(name, format string, args ...any) *refusal {
	return &refusal{Code: registry.BadRequest, Member: name, Detail: fmt.Sprintf(format, args...)}
}

func (r *refusal) because(err error) *registry.Error { r.Err = err; return (*registry.Error)(r) }

// member is an object of an export.
type member struct {
	credential.Value
	*reading
}

func (m member) fail(name, format string, args ...any) {
	if m.wrong == nil {
		m.wrong = wrong(name, format, args...).because(nil)
	}
}

// get returns a member. Null is none.
func (m member) get(name string) (credential.Value, bool) {
	if m.seen == nil {
		m.reading.seen = map[string]bool{}
	}
	m.seen[name] = true
	v := m.Value.Get(name)
	return v, v.Raw() != "" && v.Raw() != "null"
}

func (m member) text(name string) string {
	v, ok := m.get(name)
	if !ok {
		return ""
	}
	s, ok := v.LookupStr()
	if !ok {
		m.fail(name, "want a text")
	}
	return s
}

// decode reads a member that has a shape of its own.
func (m member) decode(name string, to any) bool {
	v, ok := m.get(name)
	if ok {
		d := json.NewDecoder(strings.NewReader(v.Raw()))
		d.DisallowUnknownFields()
		if err := d.Decode(to); err != nil {
			m.fail(name, "want another shape: %v", err)
		}
	}
	return ok
}

func (m member) texts(name string) (list []string) {
	m.decode(name, &list)
	return list
}

func (m member) flag(name string) (b bool) {
	m.decode(name, &b)
	return b
}

func (m member) time(name string) time.Time {
	text := m.text(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		m.fail(name, "%.40q: want a time such as 2026-11-21T09:00:00Z", text)
	}
	return at
}

// number returns the text of a number, as it stands there, or of one that is written as a text.
func (m member) number(name string) string {
	v, ok := m.get(name)
	if !ok {
		return ""
	}
	if s, ok := v.LookupStr(); ok {
		return s
	}
	if c := v.Raw()[0]; c != '-' && (c < '0' || c > '9') {
		m.fail(name, "want a number")
	}
	return v.Raw()
}

// behind lets members stay behind that allow nothing and limit nothing.
func (m member) behind(names ...string) {
	for _, name := range names {
		m.get(name)
	}
}

// note says what is not here as it is there.
func (m member) note(format string, args ...any) {
	m.reading.lost = append(m.lost, fmt.Sprintf(format, args...))
}

// done is the record, unless something was wrong, or a member is left that nobody has looked at.
func (m member) done(rec registry.ImportRecord) registry.ImportRecord {
	for name := range m.Members() {
		if !m.seen[name] {
			m.fail(name, "%.40q is not known here: it might be a limit", name)
		}
	}
	if rec.Lost = m.lost; m.wrong != nil {
		rec.Wrong = m.wrong
	}
	return rec
}

// statuses are the words of the systems for what a record is.
var statuses = map[string]registry.Status{
	"active": registry.Active, "created": registry.Active, "draft": registry.Draft, "suspended": registry.Suspended,
	"revoked": registry.Revoked, "expired": registry.Expired,
}

// status reads what a record is.
func (m member) status(rec *registry.ImportRecord) {
	text := m.text("status")
	if rec.Status = statuses[text]; rec.Status == "" {
		m.fail("status", "%.40q is not known here", text)
	}
}
