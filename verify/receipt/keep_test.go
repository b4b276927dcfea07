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
