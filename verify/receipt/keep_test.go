package receipt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// shopKey is the verifier's.
var shopKey = verifytest.Key("shop")

func newLog(t *testing.T) (*receipt.Log, receipt.Trust) {
	t.Helper()
	key := verifytest.Key("log")
	o := receipt.Options{Origin: "shop.example/receipts", Signer: key, Key: key.PublicKey()}
	l, err := receipt.Open(ctx, t.TempDir(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close(ctx) })
	return l, receipt.Trust{Verifier: shopKey.DID(), Resolver: did.KeyMethods(), LogKey: l.Key()}
}

// What a keeper gives back is what Verify takes, of allowed and refused acts;
// a caller who proved nothing leaves nothing, unless that is asked for.
func TestKeeper(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(withEvidence)
	signed := w.Issue(w.Passport())
	decide := func(presented []byte, edits ...func(*verify.Request)) *verify.Decision {
		d, _ := v.Verify(ctx, presented, w.Request(edits...))
		return d
	}
	allowed := decide(w.Present(signed, w.Intent()))
	require.Equal(t, verify.Allow, allowed.Verdict)
	refund := w.Present(signed, w.Intent(func(in *passport.Intent) { in.Action = "payments.refund" }))
	refused := decide(refund, func(q *verify.Request) { q.Action = "payments.refund" })
	require.Equal(t, verify.Deny, refused.Verdict)
	rubbish := decide([]byte("rubbish"))
	inFront, _ := verify.Refuse(w.Clock.Now(), verify.EnvelopeMissing)
	bare, _ := w.Verifier().Verify(ctx, w.Present(signed, w.Intent()), w.Request())

	for name, tc := range map[string]struct {
		d         *verify.Decision
		strangers bool
		kept      bool
		err       error
	}{
		"allowed":                  {allowed, false, true, nil},
		"refused":                  {refused, false, true, nil},
		"a stranger":               {rubbish, false, false, nil},
		"a stranger, asked for":    {rubbish, true, true, nil},
		"in front of the verifier": {inFront, false, false, nil},
		"in front, strangers too":  {inFront, true, false, nil},
		"without evidence":         {bare, false, false, receipt.ErrInvalid},
		"no decision":              {nil, false, false, receipt.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			l, trust := newLog(t)
			k := receipt.Keeper{Log: l, Signer: shopKey, Strangers: tc.strangers}
			text, proof, err := k.Keep(ctx, tc.d)
			require.ErrorIs(t, err, tc.err)
			if !tc.kept {
				require.Nil(t, text)
				require.Nil(t, proof)
				require.Zero(t, l.Size())
				return
			}
			says, err := receipt.Verify(ctx, text, proof, trust)
			require.NoError(t, err)
			require.Equal(t, "urn:safeconduct:decision:"+tc.d.ID, says.ID)
			require.Equal(t, tc.d.Verdict, says.Verdict)
			require.EqualValues(t, 1, l.Size())
		})
	}
	l, _ := newLog(t)
	for name, k := range map[string]*receipt.Keeper{"nil": nil, "no log": {Signer: shopKey}, "no signer": {Log: l}} {
		_, _, err := k.Keep(ctx, allowed)
		require.ErrorIs(t, err, receipt.ErrInvalid, name)
	}
	require.NoError(t, l.Close(ctx))
	text, _, err := (&receipt.Keeper{Log: l, Signer: shopKey}).Keep(ctx, allowed)
	require.ErrorIs(t, err, receipt.ErrClosed)
	require.Nil(t, text, "what is not kept is not handed out")
}

// A repeated act is told from one that is allowed a second time.
func TestReceiptOfARepeatedAct(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(withEvidence)
	signed := w.Issue(w.Passport())
	ask := func() *verify.Decision {
		in := w.Intent(func(in *passport.Intent) { in.ID = "urn:safeconduct:intent:01KQZ3E5P4M8T6W2A9B7C1D0XY" })
		d, err := v.Verify(ctx, w.Present(signed, in), w.Request(func(q *verify.Request) { q.AcceptRepeat = true }))
		require.NoError(t, err)
		return d
	}
	first := ask()
	require.NoError(t, first.Commit(ctx))
	again := ask()
	require.True(t, again.Repeated)
	r, err := receipt.Seal(ctx, shopKey, first)
	require.NoError(t, err)
	require.Empty(t, r.Unverified().Repeats)
	r, err = receipt.Seal(ctx, shopKey, again)
	require.NoError(t, err)
	says, err := r.Check(ctx, shopKey.DID(), did.KeyMethods())
	require.NoError(t, err)
	require.Equal(t, "urn:safeconduct:decision:"+first.ID, says.Repeats)
	require.Equal(t, verify.Allow, says.Verdict)
}

// A receipt is held against one act: that of another intent, or of another question, does
// not hold, and one that names no intent does not hold for any.
func TestReceiptOfOneAct(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(withEvidence)
	l, trust := newLog(t)
	keeper := receipt.Keeper{Log: l, Signer: shopKey, Strangers: true}
	signed := w.Issue(w.Passport())
	type sealed struct {
		text, proof []byte
		intent      string
		request     string
	}
	act := func(presented []byte, edits ...func(*verify.Request)) (s sealed) {
		q := w.Request(edits...)
		d, _ := v.Verify(ctx, presented, q)
		var err error
		s.text, s.proof, err = keeper.Keep(ctx, d)
		require.NoError(t, err)
		s.intent, _ = receipt.IntentOf(presented)
		s.request = q.Digest()
		return s
	}
	one := act(w.Present(signed, w.Intent()))
	other := act(w.Present(signed, w.Intent()), func(q *verify.Request) { q.AcceptRepeat = true })
	third := act(w.Present(signed, w.Intent()), func(q *verify.Request) { q.Nonce = "another" })
	rubbish := act([]byte("rubbish"))
	require.NotEqual(t, one.intent, other.intent)
	require.Equal(t, one.request, other.request)
	require.NotEqual(t, one.request, third.request)
	for name, c := range map[string]struct {
		sealed
		intent, request, says string
	}{
		"any":                     {one, "", "", ""},
		"its intent":              {one, one.intent, "", ""},
		"its question":            {one, "", one.request, ""},
		"both":                    {one, one.intent, one.request, ""},
		"another intent":          {one, other.intent, "", "about another intent"},
		"another question":        {one, "", third.request, "about another request"},
		"its intent, not asked":   {one, one.intent, third.request, "about another request"},
		"its question, not shown": {other, one.intent, one.request, "about another intent"},
		"rubbish, any":            {rubbish, "", "", ""},
		"rubbish, its question":   {rubbish, "", rubbish.request, ""},
		"rubbish, an intent":      {rubbish, one.intent, "", "names no intent"},
		"what is not a digest":    {one, "x", "", "about another intent"},
	} {
		t.Run(name, func(t *testing.T) {
			trust := trust
			trust.Intent, trust.Request = c.intent, c.request
			says, err := receipt.Verify(ctx, c.text, c.proof, trust)
			if c.says == "" {
				require.NoError(t, err)
				require.NotEmpty(t, says.ID)
				return
			}
			require.ErrorIs(t, err, receipt.ErrInvalid)
			require.ErrorContains(t, err, c.says)
			require.Zero(t, says.ID, "nothing is said")
		})
	}
	for _, wrong := range [][]byte{nil, []byte("rubbish"), signed.Bytes()} {
		_, err := receipt.IntentOf(wrong)
		require.ErrorIs(t, err, receipt.ErrInvalid)
	}
}
