// Package sample makes exports of other systems, of a thousand records each, to follow a migration page with: always
// the same bytes. Thirty records of each cannot come over, of as many reasons as there are.
package sample

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Records is how many records an export has.
const Records = 1000

// begun is when the first record of an export was made.
var begun = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// Exports write an export of each system, by its name.
func Exports() map[string]func(w io.Writer) error {
	return map[string]func(io.Writer) error{"aip1": AIP1, "aport": APort, "eprospera": EProspera, "grantex": Grantex}
}

// object is a record as it is exported.
type object = map[string]any

// fault is what is wrong with some records.
type fault func(o object)

// faulty gives n records of an export the next fault of a list, and so on in turn.
func faulty(i int, o object, n int, faults []fault) {
	const each = Records / 30
	if i%each == 20 && i/each < n {
		faults[i/each%len(faults)](o)
	}
}

// set is a fault in one member.
func set(name string, v any) fault { return func(o object) { o[name] = v } }

// without is a fault where a member lacks.
func without(name string) fault { return func(o object) { delete(o, name) } }

// written writes an export, a record on each line. Names are in order.
func written(w io.Writer, lists ...list) error {
	text := []byte("{")
	for i, l := range lists {
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, "%q:[\n", l.name)
		for k, o := range l.records {
			raw, ok := o.(json.RawMessage)
			if !ok {
				var err error
				if raw, err = json.Marshal(o); err != nil {
					return err
				}
			}
			if text = append(text, raw...); k < len(l.records)-1 {
				text = append(text, ',')
			}
			text = append(text, '\n')
		}
		text = append(text, ']')
	}
	_, err := w.Write(append(text, '}', '\n'))
	return err
}

type list struct {
	name    string
	records []any
}

// at is when the i-th record was made.
func at(i int) time.Time { return begun.Add(time.Duration(i) * 37 * time.Minute) }
