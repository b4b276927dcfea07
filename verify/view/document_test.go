package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// told is what a page says to people, and to programs.
func told(t testing.TB, d view.Document) (people string, programs map[string]any) {
	t.Helper()
	var b bytes.Buffer
	view.Printer{W: &b}.Page(d.Page)
	raw, err := json.Marshal(d)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &programs), "%s", raw)
	return b.String(), programs
}

// Each kind of document is told from the others, and says of itself that nothing was checked.
func TestReader(t *testing.T) {
	w := verifytest.NewWorld(t)
	signed := w.Issue(w.Passport(func(p *passport.Passport) { p.Name = "\x1b[2Jbuyer\nALLOWED" }))
	shown := w.Present(signed, w.Intent())
	agent, err := did.KeyMethods().Resolve(t.Context(), w.Agent.KeyID().DID())
	require.NoError(t, err)
	r := view.Reader{Now: w.Clock.Now()}
	for what, tc := range map[string]struct {
		raw  []byte
		says []string
	}{
		"passport":     {signed.Bytes(), []string{`name          \x1b[2Jbuyer\nALLOWED` + "\n", "agent         " + w.Agent.KeyID().DID().String()}},
		"presentation": {shown, []string{"    act         payments.charge", "    passport    " + signed.Unverified().ID, "\npassport\n"}},
		"did-document": {agent.Bytes(), []string{"authentication"}},
	} {
		t.Run(what, func(t *testing.T) {
			d, err := r.Read(append(append([]byte(" \n"), tc.raw...), '\n'))
			require.NoError(t, err)
			require.Equal(t, what, d.What)
			people, programs := told(t, d)
			for _, s := range tc.says {
				require.Contains(t, people, s)
			}
			require.NotContains(t, people, "\x1b")
			require.Equal(t, what, programs["document"])
			require.Equal(t, false, programs["verified"])
			require.Equal(t, view.Unverified, programs["warning"])
			require.True(t, strings.HasPrefix(people, view.Unverified+"\n"), people)
			require.Equal(t, 1, strings.Count(people, "UNVERIFIED"), people)
			require.NotContains(t, people, "(over)")
		})
	}

	r.Now = r.Now.AddDate(1, 0, 0)
	d, err := r.Read(shown)
	require.NoError(t, err)
	people, programs := told(t, d)
	require.Equal(t, 2, strings.Count(people, "(over)"), "of the intent, and of the passport")
	require.NotContains(t, mustJSON(t, programs), "(over)")
	r.Now = time.Time{}
	d, err = r.Read(shown)
	require.NoError(t, err)
	people, _ = told(t, d)
	require.NotContains(t, people, "(over)")
}

func TestReaderRefuses(t *testing.T) {
	for text, want := range map[string]error{
		`{"type": "SafeconductTrustBundle"}`: view.ErrBundle,
		`{}`:                                 view.ErrUnknown,
		`{"type": ["Other", 7]}`:             view.ErrUnknown,
	} {
		_, err := view.Reader{}.Read([]byte(text))
		require.ErrorIs(t, err, want, text)
	}
	for _, text := range []string{"", "{", "[]", `{"type":"VerifiablePresentation"}`, `{"type":"VerifiableCredential"}`, `{"verificationMethod":[]}`, "a.b.c"} {
		d, err := view.Reader{Formats: []credential.Format{vcjwt.Format()}}.Read([]byte(text))
		require.Error(t, err, text)
		require.Zero(t, d, text)
	}
}

// A page says the same to people and to programs, in its order, and what is nothing is not said.
func TestPage(t *testing.T) {
	p := view.Page{
		{Name: "a", Label: "first", Value: "1"}, {Name: "b", Value: "programs"}, {Label: "people", Value: []string{"x", "y"}},
		{Name: "none", Label: "none", Value: ""}, {Name: "nil", Label: "nil", Value: nil}, {Name: "no", Label: "no", Value: []view.Page(nil)},
		{Name: "zero", Label: "zero", Value: 0}, {Name: "false", Value: false}, {Name: "empty", Value: []view.Page{}},
		{Name: "in", Label: "in", Value: []view.Page{{{Name: "c", Label: "c", Value: "<3>"}, {Label: "d", Value: "4"}}}},
		{Name: "raw", Label: "raw", Value: json.RawMessage(`{"e":1}`)},
	}
	var b bytes.Buffer
	view.Printer{W: &b}.Page(p)
	require.Equal(t, `  first         1
  people        x, y
  zero          0
  c             <3>
    d           4
  raw           {"e":1}
`, b.String())
	require.JSONEq(t, `{"a":"1","b":"programs","zero":0,"false":false,"empty":[],"in":[{"c":"<3>"}],"raw":{"e":1}}`, mustJSON(t, p))
	_, err := json.Marshal(view.Page{{Name: "a", Value: func() {}}})
	require.Error(t, err)
}

// What is used of budgets, and what a ledger has recorded.
func TestBudgetsAndRecords(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	signed := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("60.00", "USD"), Per: passport.PerDay, TimeZone: "UTC"}}
	}))
	d, err := v.Verify(t.Context(), w.Present(signed, w.Intent()), w.Request())
	require.NoError(t, err)
	list, err := v.Budgets(t.Context(), d.Chain)
	require.NoError(t, err)
	pages := view.Budgets(list)
	require.JSONEq(t, `[{"link":0,"passport":"`+d.Passport.ID+`","budget":"60.00 USD per day in UTC","limit":"60.00 USD",
		"spent":"0.00 USD","held":"12.50 USD","left":"47.50 USD","since":"2026-11-21T00:00:00Z","until":"2026-11-22T00:00:00Z"}]`,
		mustJSON(t, pages))
	var b bytes.Buffer
	view.Printer{W: &b}.Page(pages[0])
	require.Contains(t, b.String(), "held          12.50 USD by 1 act not settled yet\n")
	require.Empty(t, view.Budgets(nil))

	require.JSONEq(t, `{"decision":"01K","codes":[],"proven":false}`, mustJSON(t, view.Record(&verify.Record{Decision: "01K"})))
	require.JSONEq(t, `{"decision":"01K","at":"2026-11-21T09:00:00Z","verdict":"deny","codes":["ledger.replay"],"proven":true,
		"amount":"1 USD"}`, mustJSON(t, view.Record(&verify.Record{
		Decision: "01K", At: w.Clock.Now(), Codes: []verify.Code{verify.LedgerReplay}, Proven: true, Amount: passport.MustMoney("1", "USD"),
	})))
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

// Whatever a document says, the page of it is a JSON object and lines of plain text.
func FuzzReader(f *testing.F) {
	w := verifytest.NewWorld(f)
	signed := w.Issue(w.Passport())
	f.Add(signed.Bytes())
	f.Add(w.Present(signed, w.Intent()))
	f.Add([]byte(`{"id":"did:web:a.example","verificationMethod":[{"id":"#k","type":"x"}]}`))
	r := view.Reader{Now: w.Clock.Now(), Formats: []credential.Format{vcjwt.Format()}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := r.Read(raw)
		if err != nil {
			return
		}
		people, programs := told(t, d)
		require.Equal(t, false, programs["verified"])
		for _, c := range people {
			require.False(t, c < ' ' && c != '\n' || c == 0x7f)
		}
	})
}

func FuzzPlainJSON(f *testing.F) {
	for _, s := range []string{"", "a\x1b[2Jb", "\xff", "\u202e", "\U000e0041", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		shown := view.PlainJSON(text)
		require.True(t, utf8.Valid(shown))
		for _, r := range string(shown) {
			require.True(t, unicode.IsPrint(r) || r == '\n', "%q", r)
		}
		var want, got string
		require.NoError(t, json.Unmarshal(text, &want))
		require.NoError(t, json.Unmarshal(shown, &got))
		require.Equal(t, want, got)
	})
}

// An operator looks at what a stranger has sent.
func ExampleReader() {
	sent := `{"@context": "https://www.w3.org/ns/did/v1", "id": "did:web:agent.example", "verificationMethod": [{
		"id": "did:web:agent.example#1", "type": "Multikey", "controller": "did:web:agent.example",
		"publicKeyMultibase": "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}], "authentication": ["#1"]}`
	doc, err := view.Reader{}.Read([]byte(sent))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := view.Printer{W: os.Stdout}
	p.Line("%s", doc.What)
	p.Page(doc.Page)
	// Output:
	// did-document
	// UNVERIFIED: nothing below was checked; anybody can have written it
	//   id            did:web:agent.example
	//   key           did:web:agent.example#1
	//     type        Multikey
	//     for         authentication
}
