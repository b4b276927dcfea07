package verify_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// secondProof adds a proof of the agent to a presentation.
func secondProof(w *verifytest.World, doc []byte, o credential.SignOptions) []byte {
	vp, err := credential.SignPresentation(ctx, w.Agent, doc, o)
	if err != nil {
		panic(err)
	}
	return vp.Bytes()
}

// present builds a presentation of any credentials, signed by the agent.
func present(t *testing.T, w *verifytest.World, in passport.Intent, list ...*credential.Signed) []byte {
	t.Helper()
	leaf := passport.Chain{w.Issue(w.Passport())}
	if in.PassportID == "" {
		leaf = passport.Chain{list[0]}
	}
	in.PassportID = ""
	raw := w.Present(leaf[0], in)
	vp, err := credential.ParsePresentation(raw)
	require.NoError(t, err)
	var texts []string
	for _, s := range list {
		texts = append(texts, s.Embedded())
	}
	old := vp.Unverified().Credentials[0].Text()
	return resign(w, bytes.Replace(raw, []byte(old), []byte(strings.Join(texts, ",")), 1), w.Agent, keep)
}

// broken is a ledger whose store is down.
type broken struct{}

var errGone = errors.New("disk is gone")

func (broken) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, errGone
}

func (broken) Settle(context.Context, verify.Settlement) error { return errGone }

func (broken) Peek(context.Context, *verify.Reservation) error { return errGone }

func (broken) Record(context.Context, verify.Record) error { return errGone }

var ctx = context.Background()

// fault is one thing that is wrong with an otherwise good act.
type fault struct {
	name   string
	want   verify.Code
	pass   func(*verifytest.World, *passport.Passport)
	issuer func(*verifytest.World) did.Signer
	intent func(*passport.Intent)
	show   func(*verifytest.World, *passport.PresentOptions)
	bytes  func(*verifytest.World, []byte) []byte
	ask    func(*verifytest.World, *verify.Request)
	config func(*verifytest.World, *verify.Config)
	before func(*verifytest.World, *passport.Passport) // just before the decision
}

func (f fault) decide(t *testing.T) (*verify.Decision, error) {
	t.Helper()
	w := verifytest.NewWorld(t)
	p := w.Passport()
	if f.pass != nil {
		f.pass(w, p)
	}
	var signer did.Signer = w.Issuer
	if f.issuer != nil {
		signer = f.issuer(w)
	}
	signed, err := passport.Issue(ctx, signer, p, passport.IssueOptions{Now: w.Clock.Now, MaxLifetime: 87600 * time.Hour})
	require.NoError(t, err)
	in := w.Intent()
	if f.intent != nil {
		f.intent(&in)
	}
	raw := w.Present(signed, in, func(o *passport.PresentOptions) {
		if f.show != nil {
			f.show(w, o)
		}
	})
	if f.bytes != nil {
		raw = f.bytes(w, raw)
	}
	q := w.Request()
	if f.ask != nil {
		f.ask(w, &q)
	}
	c := w.Config()
	if f.config != nil {
		f.config(w, &c)
	}
	v, err := verify.New(c)
	require.NoError(t, err)
	if f.before != nil {
		f.before(w, p)
	}
	return v.Verify(ctx, raw, q)
}

func run(t *testing.T, faults []fault) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			d, err := f.decide(t)
			verifytest.AssertDenied(t, err, f.want)
			require.ErrorIs(t, err, f.want)
			requireConsistent(t, d, err)
			if step, ok := stepOfTest(t.Name()); ok {
				require.Equal(t, step, d.Violations[0].Step, err)
			}
		})
	}
}

// stepOfTest tells from a test's name, "TestStep4…", which step must refuse.
func stepOfTest(name string) (verify.StepName, bool) {
	steps := []verify.StepName{verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof,
		verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger}
	n, ok := strings.CutPrefix(name, "TestStep")
	if !ok || n[0] < '1' || n[0] > '8' {
		return "", false
	}
	return steps[n[0]-'1'], true
}

// requireConsistent checks what holds for every decision.
func requireConsistent(t testing.TB, d *verify.Decision, err error) {
	t.Helper()
	require.NotNil(t, d)
	require.Len(t, d.Steps, 8)
	if err == nil {
		require.Equal(t, verify.Allow, d.Verdict)
		require.NotNil(t, d.Passport)
		require.Empty(t, d.Violations)
		return
	}
	var r *verify.Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, d.Verdict, r.Verdict)
	require.NotEqual(t, verify.Allow, d.Verdict)
	require.Nil(t, d.Passport, "a refused decision shows no passport")
	require.Nil(t, d.Chain)
	require.Nil(t, d.Intent)
	require.NotEmpty(t, d.Violations)
	for _, vio := range d.Violations {
		info, ok := verify.Lookup(vio.Code)
		require.True(t, ok, vio.Code)
		require.NotEmpty(t, vio.Step)
		require.NotEmpty(t, vio.Error())
		if d.Verdict == verify.Undetermined {
			require.True(t, info.Undetermined, "a denial beats every undetermined")
		}
	}
}

func replace(old, new string) func(*verifytest.World, []byte) []byte {
	return func(w *verifytest.World, raw []byte) []byte {
		out := bytes.Replace(raw, []byte(old), []byte(new), 1)
		if bytes.Equal(out, raw) {
			panic("the test does not find " + old)
		}
		return out
	}
}

// cut removes a member of the root object.
func cut(doc []byte, name string) []byte {
	v, err := credential.ParseValue(string(doc))
	if err != nil {
		panic(err)
	}
	m := v.Get(name)
	text := v.Raw()
	from := strings.LastIndex(text[:m.Offset()], `"`+name+`"`)
	to := m.Offset() + len(m.Raw())
	if to < len(text) && text[to] == ',' {
		to++
	}
	return []byte(text[:from] + text[to:])
}

// bare takes the passport out of its presentation.
func bare(_ *verifytest.World, doc []byte) []byte {
	v, err := credential.ParsePresentation(doc)
	if err != nil {
		panic(err)
	}
	return v.Unverified().Credentials[0].Bytes()
}

func codes(d *verify.Decision) (out []verify.Code) {
	for _, vio := range d.Violations {
		out = append(out, vio.Code)
	}
	return out
}

// resign takes the proof off a presentation and puts another on.
func resign(w *verifytest.World, doc []byte, signer did.Signer, edit func(*credential.SignOptions)) []byte {
	i := bytes.LastIndex(doc, []byte(`,"proof":`))
	o := credential.SignOptions{Created: w.Clock.Now(), Domain: []string{verifytest.Audience}, Challenge: "0123456789abcdef"}
	edit(&o)
	vp, err := credential.SignPresentation(ctx, signer, append(doc[:i:i], '}'), o)
	if err != nil {
		panic(err)
	}
	return vp.Bytes()
}

func keep(*credential.SignOptions) {}

func object(text string) credential.Value {
	v, err := credential.ParseValue(text)
	if err != nil {
		panic(err)
	}
	return v
}
