//go:build unix

package verifytest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/filelock"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// written is the simplest durable ledger: one in memory, and a file of the calls
// that changed it, which are done again when it is opened. Before each call it
// does what other handles have written meanwhile.
type written struct {
	*ledger.Memory
	mu    sync.Mutex
	file  *os.File
	read  int // so many bytes of the file are done
	fault fault
	late  [][]byte // to be written with a later call, by a fault
}

// fault is what a ledger does wrong on its way to the disk.
type fault struct {
	rule string                     // that it breaks
	load func(file []byte) []byte   // changes what is read when it is opened
	call func(c *call) (write bool) // changes what is written
	deaf bool                       // does not look at what other handles write
	miss string                     // does not look at lines of other handles with this text
	late bool                       // writes each call three calls later
}

// call is a line of the file.
type call struct {
	Reserve *verify.Reservation `json:",omitempty"`
	Settle  *verify.Settlement  `json:",omitempty"`
	Record  *verify.Record      `json:",omitempty"`
	Forget  *time.Time          `json:",omitempty"`
}

// do does a call, in memory.
func (w *written) do(c *call) (h verify.Held, err error) {
	switch {
	case c.Reserve != nil:
		return w.Memory.Reserve(ctx, c.Reserve)
	case c.Settle != nil:
		return h, w.Memory.Settle(ctx, *c.Settle)
	case c.Record != nil:
		return h, w.Memory.Record(ctx, *c.Record)
	}
	return h, w.Memory.Forget(ctx, *c.Forget)
}

// locked does something while no other handle does anything.
func (w *written) locked(f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	unlock, err := filelock.Wait(w.file.Name())
	if err != nil {
		return err
	}
	defer unlock()
	if err := w.catchUp(); err != nil {
		return err
	}
	return f()
}

func (w *written) catchUp() error {
	text, err := os.ReadFile(w.file.Name())
	if err != nil {
		return err
	}
	first := w.read == 0
	if w.fault.deaf && !first {
		w.read = len(text)
	}
	fresh := text[w.read:]
	fresh = fresh[:bytes.LastIndexByte(fresh, '\n')+1] // a line that was cut short was not acknowledged
	w.read += len(fresh)
	if len(text) > w.read {
		if err := w.file.Truncate(int64(w.read)); err != nil {
			return err
		}
	}
	if first && w.fault.load != nil {
		fresh = w.fault.load(fresh)
	}
	if !first && w.fault.miss != "" {
		fresh = without(w.fault.miss)(fresh)
	}
	for line := range bytes.Lines(fresh) {
		var c call
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		_, _ = w.do(&c) // a settlement that was refused is one of the calls
	}
	return nil
}

func (w *written) change(c *call) (h verify.Held, err error) {
	locked := w.locked(func() error {
		h, err = w.do(c)
		if err != nil && c.Settle == nil {
			return nil
		}
		if w.fault.call != nil && !w.fault.call(c) {
			return nil
		}
		text, failed := json.Marshal(c)
		if failed != nil {
			return failed
		}
		text = append(text, '\n')
		if w.fault.late {
			w.late = append(w.late, text)
			if text = nil; len(w.late) > 3 {
				text, w.late = w.late[0], w.late[1:]
			}
		}
		n, failed := w.file.Write(text)
		w.read += n
		return failed
	})
	if locked != nil {
		return verify.Held{}, locked
	}
	return h, err
}

func (w *written) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	if err := ctx.Err(); err != nil {
		return verify.Held{}, err
	}
	own := *r
	return w.change(&call{Reserve: &own})
}

func (w *written) Settle(_ context.Context, s verify.Settlement) error {
	_, err := w.change(&call{Settle: &s})
	return err
}

func (w *written) Record(ctx context.Context, r verify.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := w.change(&call{Record: &r})
	return err
}

func (w *written) Forget(_ context.Context, before time.Time) error {
	_, err := w.change(&call{Forget: &before})
	return err
}

func (w *written) Peek(ctx context.Context, r *verify.Reservation) (err error) {
	if locked := w.locked(func() error { err = w.Memory.Peek(ctx, r); return nil }); locked != nil {
		return locked
	}
	return err
}

func (w *written) Entry(ctx context.Context, decision string) (e verify.Entry, err error) {
	if locked := w.locked(func() error { e, err = w.Memory.Entry(ctx, decision); return nil }); locked != nil {
		return e, locked
	}
	return e, err
}

func (w *written) Close() error { return w.file.Close() }

func openWritten(t testing.TB, place string, f fault) *written {
	file, err := os.OpenFile(filepath.Join(place, "calls"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatalf("opening the ledger: %v", err)
	}
	w := &written{Memory: ledger.NewMemory(ledger.Options{}), file: file, fault: f}
	if err := w.locked(func() error { return nil }); err != nil {
		t.Fatalf("reading the ledger: %v", err)
	}
	return w
}

func TestDurableLedgerConformance(t *testing.T) {
	TestDurableLedger(t, func(t testing.TB, place string) DurableLedger { return openWritten(t, place, fault{}) })
}

func TestWrittenLedgerConformance(t *testing.T) {
	TestLedger(t, func(t testing.TB) verify.Ledger { return openWritten(t, t.TempDir(), fault{}) })
}

// without leaves out the lines that have a word.
func without(word string) func(file []byte) []byte {
	return func(file []byte) (kept []byte) {
		for line := range bytes.Lines(file) {
			if !bytes.Contains(line, []byte(word)) {
				kept = append(kept, line...)
			}
		}
		return kept
	}
}

// withoutAmounts forgets how much each act moved.
func withoutAmounts(file []byte) []byte {
	return regexp.MustCompile(`"Amount":"[^"]*"`).ReplaceAll(file, []byte(`"Amount":""`))
}

// chainless forgets through whom each act was done, below the root.
func chainless(file []byte) []byte {
	return regexp.MustCompile(`("Chain":\["[^"]*")[^\]]*`).ReplaceAll(file, []byte(`$1`))
}

// replaced changes a text in every line.
func replaced(old, new string) func(file []byte) []byte {
	return func(file []byte) []byte { return bytes.ReplaceAll(file, []byte(old), []byte(new)) }
}

// unless writes what is not such a call.
func unless(skip func(c *call) bool) func(c *call) bool {
	return func(c *call) bool { return !skip(c) }
}

// durableFaults are the ways in which a durable ledger is broken.
var durableFaults = map[string]fault{
	"forgets on restart": {rule: "nonces", load: func([]byte) []byte { return nil }},
	"keeps no nonces":    {rule: "nonces", call: func(c *call) bool { noNonce(c); return true }},
	"loses the last": {rule: "nonces", load: func(file []byte) []byte {
		return file[:bytes.LastIndexByte(bytes.TrimSuffix(file, []byte("\n")), '\n')+1]
	}},
	"forgets nonces early": {rule: "nonces", load: replaced(`"ReplayUntil":"`+noon.Add(5*time.Minute).Format(time.RFC3339),
		`"ReplayUntil":"`+noon.Format(time.RFC3339))},
	"keeps no decisions":          {rule: "nonces", load: replaced(decisionOf("two"), decisionOf("elsewhere"))},
	"keeps no nonces of a repeat": {rule: "intents", load: replaced(`"AcceptRepeat":true`, `"AcceptRepeat":false`)},
	"forgets accounts early": {rule: "uses", load: replaced(noon.Add(1000*day).Format(time.RFC3339),
		noon.Format(time.RFC3339))},
	"what is unknown is open":     {rule: "holds", load: without(`"Outcome":0`)},
	"counts for roots alone":      {rule: "caps", load: chainless},
	"keeps no settlement refused": {rule: "records", load: without(`12.51 USD`)},
	"keeps no contents":           {rule: "intents", load: replaced(`"Content":"buy bread"`, `"Content":""`)},
	"forgets nanoseconds":         {rule: "uses", load: replaced(`12:00:00Z"`, `12:00:00.000000001Z"`)},
	"loses a release":             {rule: "uses", load: without(`"Outcome":2`)},
	"loses what was done": {rule: "holds", call: unless(func(c *call) bool {
		return c.Settle != nil &&
			c.Settle.Outcome == verify.Done
	})},
	"loses amounts":           {rule: "uses", load: withoutAmounts},
	"counts a hold once less": {rule: "holds", load: without(decisionOf("lost"))},
	"forgets who must be asked": {rule: "holds", load: replaced(late.Format(time.RFC3339),
		noon.Add(day).Format(time.RFC3339))},
	"counts from zero": {rule: "caps", load: without(`limit 0`)},
	"forgets that it forgot": {rule: "what was forgotten", load: func(file []byte) []byte {
		return without(`"Forget":"`)(without(`:reservation one`)(without(`"Challenge":"one"`)(file)))
	}},
	"keeps no refusals":              {rule: "records", call: unless(func(c *call) bool { return c.Record != nil })},
	"keeps no names":                 {rule: "records", load: replaced(`"By":"operator"`, `"By":""`)},
	"each handle for itself":         {rule: "two handles", deaf: true},
	"misses what was done elsewhere": {rule: "two handles", miss: `"Outcome":1`},
	"misses names of others":         {rule: "two handles", miss: `"By":"operator"`},
	"misses records of others":       {rule: "two handles", miss: `{"Record":`},
	"acknowledges first":             {rule: "killed", late: true},
	"settles in memory": {rule: "killed", call: unless(func(c *call) bool {
		return c.Settle != nil &&
			c.Settle.Outcome == verify.NotDone
	})},
}

func noNonce(c *call) {
	if c.Reserve != nil {
		c.Reserve.Replay = verify.ReplayKey{}
	}
}

// Every rule about durable ledgers goes red for one that breaks it, and says why
// it is there.
func TestDurableRulesCanFail(t *testing.T) {
	if place := os.Getenv(victimsPlace); place != "" { // it was started by the rule "killed"
		name, _ := os.ReadFile(filepath.Join(place, "fault"))
		victim(t, openWritten(t, place, durableFaults[string(name)]))
		return
	}
	broken := map[string]bool{}
	for name, f := range durableFaults {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			place := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(place, "fault"), []byte(name), 0o600))
			for _, r := range durableRules {
				if r.name != f.rule {
					continue
				}
				broken[f.rule] = true
				d := &durable{place: place, test: parentOf(t.Name()), rounds: 2,
					open: func(t testing.TB, place string) DurableLedger { return openWritten(t, place, f) }}
				got := failures(func(tb testing.TB) { r.run(tb, d) })
				require.NotEmpty(t, got, "the broken ledger passes")
				require.Contains(t, got[len(got)-1], r.why)
			}
		})
	}
	require.Len(t, broken, len(durableRules))
}
