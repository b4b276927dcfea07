package receipt_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

func withEvidence(c *verify.Config) { c.Evidence = true }

// A receipt of a real decision says what it was and what it stood on, and
// nothing of the act but digests.
func TestSealRealDecisions(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(withEvidence)
	pass := w.Issue(w.Passport())
	shop := verifytest.Key("shop")
	presented := w.Present(pass, w.Intent())

	allowed, err := v.Verify(ctx, presented, w.Request())
	require.NoError(t, err)
	refused, err := v.Verify(ctx, presented, w.Request())
	require.ErrorIs(t, err, verify.LedgerReplay)
	none, err := v.Verify(ctx, []byte("{"), w.Request())
	require.ErrorIs(t, err, verify.EnvelopeMalformed)

	for name, d := range map[string]*verify.Decision{"allowed": allowed, "refused": refused, "malformed": none} {
		t.Run(name, func(t *testing.T) {
			r, err := receipt.Seal(ctx, shop, d)
			require.NoError(t, err)
			says, err := r.Check(ctx, shop.DID(), did.KeyMethods())
			require.NoError(t, err)
			assert.Equal(t, d.Verdict, says.Verdict)
			assert.True(t, d.At.Equal(says.At))
			assert.Equal(t, ptr(w.Request()).Digest(), says.Evidence.Request)
			require.Len(t, says.Codes, len(d.Violations))
			for i := range says.Codes {
				assert.Equal(t, d.Violations[i].Code, says.Codes[i])
			}
			for i := range says.Steps {
				assert.Equal(t, d.Steps[i].Outcome, says.Steps[i].Outcome)
			}
			for _, secret := range []string{w.Request().Action, w.Request().Amount.Amount(), "did:key:" +
				strings.TrimPrefix(w.Agent.DID().String(), "did:key:")} {
				assert.NotContains(t, r.Text(), secret, "what the act was is in it as digests only")
			}
		})
	}
	r, err := receipt.Seal(ctx, shop, allowed)
	require.NoError(t, err)
	e := r.Unverified().Evidence
	require.Len(t, e.Links, 1)
	assert.Equal(t, pass.Digest(), e.Links[0].Digest)
	assert.Equal(t, allowed.Passport.ID, e.Links[0].ID)
	assert.NotEmpty(t, e.Intent)
	assert.Len(t, e.Lists, 2, "revocation and suspension")
}

func ptr[T any](v T) *T { return &v }

func TestSealRefuses(t *testing.T) {
	w := verifytest.NewWorld(t)
	d, err := w.Verifier().Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.NoError(t, err)
	shop := verifytest.Key("shop")
	for name, f := range map[string]func() (*receipt.Receipt, error){
		"no evidence": func() (*receipt.Receipt, error) { return receipt.Seal(ctx, shop, d) },
		"no signer":   func() (*receipt.Receipt, error) { return receipt.Seal(ctx, nil, d) },
		"no decision": func() (*receipt.Receipt, error) { return receipt.Seal(ctx, shop, nil) },
		"empty":       func() (*receipt.Receipt, error) { return receipt.Seal(ctx, shop, &verify.Decision{}) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f()
			require.ErrorIs(t, err, receipt.ErrInvalid)
		})
	}
}

// Each row changes one thing of a receipt that holds.
func TestParseRefuses(t *testing.T) {
	w := verifytest.NewWorld(t)
	d, err := w.Verifier(withEvidence).Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.NoError(t, err)
	r, err := receipt.Seal(ctx, verifytest.Key("shop"), d)
	require.NoError(t, err)
	good := r.Text()
	_, err = receipt.Parse([]byte(good))
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"another type":            {"SafeconductDecisionReceipt", "SafeconductReceipt"},
		"another version":         {`"version":1`, `"version":2`},
		"an unknown member":       {`"version":1`, `"version":1,"note":"x"`},
		"no verdict":              {`"verdict":"allow",`, ``},
		"an unknown verdict":      {`"allow"`, `"maybe"`},
		"a repeat of itself":      {`"steps"`, `"repeats":"urn:safeconduct:decision:` + d.ID + `","steps"`},
		"a repeat of nothing":     {`"steps"`, `"repeats":"","steps"`},
		"a repeat that is not id": {`"steps"`, `"repeats":"` + d.ID + `","steps"`},
		"a refusal that repeats": {`"verdict":"allow"`,
			`"verdict":"deny","codes":["ledger.replay"],"repeats":"urn:safeconduct:decision:01KQZ3E5P4M8T6W2A9B7C1D0XY"`},
		"a refusal without code":    {`"allow"`, `"deny"`},
		"an allow with a code":      {`"verdict":"allow"`, `"verdict":"allow","codes":["ledger.replay"]`},
		"a step of another name":    {`"name":"anchor"`, `"name":"anker"`},
		"an unknown outcome":        {`"outcome":"passed"`, `"outcome":"skipped"`},
		"a step less":               {`{"name":"ledger","outcome":"passed"}`, ``},
		"an id in lower case":       {d.ID, strings.ToLower(d.ID)},
		"an id without prefix":      {"urn:safeconduct:decision:", ""},
		"an instant that is none":   {`"at":"2026`, `"at":"20x6`},
		"S1 an instant before 1970": {`"at":"2026`, `"at":"1926`},
		"a digest in hex":           {`"request":"uEi`, `"request":"x`},
		"a verifier that is not":    {`"verifier":"did:`, `"verifier":"dad:`},
		"a duplicate":               {`"version":1`, `"version":1,"version":1`},
		"no proof":                  {`"proof"`, `"prof"`},
		"trailing text":             {good, good + "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			require.NotEqual(t, good, bad)
			_, err := receipt.Parse([]byte(bad))
			require.ErrorIs(t, err, receipt.ErrInvalid)
			require.NotContains(t, err.Error(), ": :", "what is wrong of the whole has no path")
		})
	}
	// What is changed and still well formed fails the proof.
	for name, change := range map[string][2]string{
		"another outcome": {`"name":"anchor","outcome":"passed"`, `"name":"anchor","outcome":"failed"`},
		"another tzdata":  {`"tzdata":"`, `"tzdata":"x`},
	} {
		t.Run(name, func(t *testing.T) {
			bad, err := receipt.Parse([]byte(strings.Replace(good, change[0], change[1], 1)))
			require.NoError(t, err)
			_, err = bad.Check(ctx, verifytest.Key("shop").DID(), did.KeyMethods())
			require.ErrorIs(t, err, receipt.ErrInvalid)
		})
	}
	_, err = r.Check(ctx, verifytest.Key("another shop").DID(), did.KeyMethods())
	require.ErrorIs(t, err, receipt.ErrInvalid)
}

// Two requests that have one digest ask the same: every member counts, those
// that this test has not heard of too.
func TestRequestDigest(t *testing.T) {
	base := verify.Request{Audience: "did:web:shop.example", Act: passport.Act{Action: "payments.charge"}}
	seen := map[string]string{base.Digest(): "base"}
	differs := func(name string, q *verify.Request) {
		t.Helper()
		require.NotEmpty(t, q.Digest(), name)
		require.Empty(t, seen[q.Digest()], "%s and %s have one digest", name, seen[q.Digest()])
		seen[q.Digest()] = name
	}
	attributes, err := credential.ParseValue(`{"rows":1}`)
	require.NoError(t, err)
	values := []any{
		passport.MustMoney("10.00", "USD"), passport.L2, map[string]int64{"tokens": 1}, []string{"x"}, attributes, 7, "x",
	}
	var walk func(path string, index []int, of reflect.Type)
	walk = func(path string, index []int, of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			name, at := path+f.Name, append(slices.Clone(index), i)
			if f.Type == reflect.TypeFor[passport.Act]() || f.Type == reflect.TypeFor[passport.Attestation]() {
				walk(name+".", at, f.Type)
				continue
			}
			if name == "AcceptRepeat" { // it says how the caller answers
				continue
			}
			q := base
			set := false
			for _, v := range values {
				if set = reflect.TypeOf(v) == f.Type; set {
					reflect.ValueOf(&q).Elem().FieldByIndex(at).Set(reflect.ValueOf(v))
					break
				}
			}
			require.True(t, set, "%s: this test has no value of its type", name)
			differs(name, &q)
		}
	}
	walk("", nil, reflect.TypeFor[verify.Request]())
	for name, amount := range map[string]passport.Money{
		"another amount":   passport.MustMoney("10.01", "USD"),
		"another currency": passport.MustMoney("10.00", "EUR"),
	} {
		q := base
		q.Amount = amount
		differs(name, &q)
	}
	more := base
	more.Usage = map[string]int64{"tokens": 2}
	differs("more usage", &more)
	repeat := base
	repeat.AcceptRepeat = true
	assert.Equal(t, base.Digest(), repeat.Digest(), "how the caller answers does not count")
}
