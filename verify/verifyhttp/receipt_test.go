package verifyhttp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// keepingShop is a shop that keeps receipts.
func keepingShop(t *testing.T, edits ...func(*verifyhttp.GuardConfig)) (*shop, *receipt.Log, receipt.Trust) {
	ctx := context.Background()
	key, logKey := verifytest.Key("shop"), verifytest.Key("log")
	o := receipt.Options{Origin: "shop.example/receipts", Signer: logKey, Key: logKey.PublicKey()}
	log, err := receipt.Open(ctx, t.TempDir(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close(ctx) })
	keeper := &receipt.Keeper{Log: log, Signer: key}
	w := verifytest.NewWorld(t)
	edits = append([]func(*verifyhttp.GuardConfig){func(c *verifyhttp.GuardConfig) {
		c.Verifier = w.Verifier(func(c *verify.Config) { c.Evidence = true })
		c.Receipt = keeper.Keep
		c.Unsealed = func(_ *verify.Decision, err error) { t.Error(err) }
	}}, edits...)
	return newShop(t, edits...), log, receipt.Trust{Verifier: key.DID(), Resolver: did.KeyMethods(), LogKey: log.Key()}
}

func wants(r *http.Request) { r.Header.Set(verifyhttp.HeaderWantReceipt, "?1") }

// A client that asks for it gets a receipt that it can check without a network,
// of what was allowed and of what was refused.
func TestReceiptTravelsBack(t *testing.T) {
	s, log, trust := keepingShop(t)
	resp, _ := s.do(s.request(wants))
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	got, err := verifyhttp.ReadReceipt(resp.Header)
	require.NoError(t, err)
	says, err := receipt.Verify(context.Background(), got.Text, got.Proof, trust)
	require.NoError(t, err)
	require.Equal(t, verify.Allow, says.Verdict)
	require.EqualValues(t, 1, log.Size())
	require.Less(t, len(resp.Header.Get(verifyhttp.HeaderReceipt)), 4<<10, "what docs and nginx are told")

	presented := encode(s.shown(body))
	again := func(r *http.Request) { r.Header.Set(verifyhttp.HeaderPassport, presented) }
	s.allowed(s.request(again))
	resp, text := s.do(s.request(wants, again))
	s.isProblem(resp, text, verify.LedgerReplay)
	got, err = verifyhttp.ReadReceipt(resp.Header)
	require.NoError(t, err)
	says, err = receipt.Verify(context.Background(), got.Text, got.Proof, trust)
	require.NoError(t, err)
	require.Equal(t, verify.Deny, says.Verdict)
	require.Equal(t, []verify.Code{verify.LedgerReplay}, says.Codes)

	// A caller who proves nothing leaves nothing, and is given nothing.
	size := log.Size()
	rubbish := func(r *http.Request) { r.Header.Set(verifyhttp.HeaderPassport, encode([]byte("{}"))) }
	resp, _ = s.do(s.request(wants, rubbish))
	_, err = verifyhttp.ReadReceipt(resp.Header)
	require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)
	require.Equal(t, size, log.Size())
}

// Receipts are kept for the host whether a client asks or not, and sent only to
// one that does.
func TestReceiptOnlyForWhoAsks(t *testing.T) {
	s, log, _ := keepingShop(t)
	for i, value := range []string{"", "?0", "1", "true", "?1 "} {
		resp, _ := s.do(s.request(func(r *http.Request) {
			if value != "" {
				r.Header[verifyhttp.HeaderWantReceipt] = []string{value}
			}
		}))
		require.Equal(t, http.StatusNoContent, resp.StatusCode)
		_, err := verifyhttp.ReadReceipt(resp.Header)
		if value == "?1 " { // net/http takes the space away
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, verifyhttp.ErrNoReceipt, value)
		require.EqualValues(t, i+1, log.Size())
	}
}

// A receipt that cannot be kept changes no decision; the host is told.
func TestReceiptThatCannotBeKept(t *testing.T) {
	var told []error
	disk := errors.New("no space left on device")
	var text []byte
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Receipt = func(ctx context.Context, d *verify.Decision) ([]byte, []byte, error) {
			_, ends := ctx.Deadline()
			require.True(t, ends, "a disk that hangs holds no request for ever")
			return text, nil, disk
		}
		c.Unsealed = func(_ *verify.Decision, err error) { told = append(told, err) }
	})
	resp, _ := s.do(s.request(wants))
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.Equal(t, []error{disk}, told)
	_, err := verifyhttp.ReadReceipt(resp.Header)
	require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)
	s.refused(s.request(wants, func(r *http.Request) { r.Header.Del(verifyhttp.HeaderPassport) }), verify.EnvelopeMissing)

	text = []byte("{}") // kept, but without a proof
	resp, _ = s.do(s.request(wants))
	got, err := verifyhttp.ReadReceipt(resp.Header)
	require.NoError(t, err)
	require.Equal(t, verifyhttp.Receipt{Text: []byte("{}")}, got)

	text = []byte(strings.Repeat(" ", 48<<10)) // too long for a header
	resp, _ = s.do(s.request(wants))
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	_, err = verifyhttp.ReadReceipt(resp.Header)
	require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)

	silent := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Receipt = func(context.Context, *verify.Decision) ([]byte, []byte, error) { return nil, nil, disk }
	})
	silent.allowed(silent.request())
}

// A receipt is kept even if the client has gone by then.
func TestReceiptOfAClientThatHasGone(t *testing.T) {
	ctx, hangUp := context.WithCancel(context.Background())
	s, log, _ := keepingShop(t, func(c *verifyhttp.GuardConfig) {
		c.Observe = func(*http.Request, *verify.Decision, error) { hangUp() }
	})
	s.guard.Handler(nil).ServeHTTP(httptest.NewRecorder(), s.request().WithContext(ctx))
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	require.EqualValues(t, 1, log.Size())
}

// With Check the receipt is the host's to keep.
func TestCheckKeepsNoReceipt(t *testing.T) {
	s, log, _ := keepingShop(t)
	d, err := s.guard.Check(s.request())
	require.NoError(t, err)
	require.NotNil(t, d.Evidence)
	require.Zero(t, log.Size())
}

// The client's side: it asks with each presentation.
func TestRoundTripperWantsReceipts(t *testing.T) {
	s, _, trust := keepingShop(t)
	for want, err := range map[bool]error{true: nil, false: verifyhttp.ErrNoReceipt} {
		tripper, terr := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
			Agent: s.Agent, Chain: passport.Chain{s.pass}, WantReceipts: want,
			Audiences: map[string]string{s.server.URL: verifytest.Audience},
			Intent:    func(*http.Request) (passport.Intent, error) { return s.Intent(), nil },
			Present:   passport.PresentOptions{Now: s.Clock.Now},
		})
		require.NoError(t, terr)
		client := &http.Client{Transport: tripper, Timeout: time.Minute}
		resp, perr := client.Post(s.server.URL+"/charge", "application/json", strings.NewReader(body))
		require.NoError(t, perr)
		require.Less(t, resp.StatusCode, 300, readAll(t, resp))
		got, rerr := verifyhttp.ReadReceipt(resp.Header)
		require.ErrorIs(t, rerr, err)
		if want {
			_, verr := receipt.Verify(context.Background(), got.Text, got.Proof, trust)
			require.NoError(t, verr)
		}
	}
}

// TestReadReceipt: the field has one form.
func TestReadReceipt(t *testing.T) {
	e := base64.StdEncoding.EncodeToString
	text, proof := ":"+e([]byte("receipt"))+":", ":"+e([]byte("proof!!"))+":"
	both := &verifyhttp.Receipt{Text: []byte("receipt"), Proof: []byte("proof!!")}
	for name, tc := range map[string]struct {
		field string
		want  *verifyhttp.Receipt
	}{
		"receipt":             {text, &verifyhttp.Receipt{Text: []byte("receipt")}},
		"with its proof":      {text + ";proof=" + proof, both},
		"and a space":         {text + "; proof=" + proof, both},
		"empty":               {"", nil},
		"nothing inside":      {"::", nil},
		"not a sequence":      {e([]byte("receipt")), nil},
		"one colon":           {":" + e([]byte("receipt")), nil},
		"base64url":           {":_-==:", nil},
		"not padded":          {":cmVjZWlwdA:", nil},
		"bits to spare":       {":cmVjZWlwdB==:", nil},
		"another parameter":   {text + ";log=" + proof, nil},
		"parameter of text":   {text + `;proof="x"`, nil},
		"two proofs":          {text + ";proof=" + proof + ";proof=" + proof, nil},
		"an empty proof":      {text + ";proof=::", nil},
		"something behind":    {text + "x", nil},
		"two in a list":       {text + ", " + text, nil},
		"too long":            {":" + e([]byte(strings.Repeat("x", 48<<10))) + ":", nil},
		"without a semicolon": {text + "proof=" + proof, nil},
	} {
		got, err := verifyhttp.ReadReceipt(http.Header{verifyhttp.HeaderReceipt: {tc.field}})
		if tc.want == nil {
			require.Error(t, err, name)
			require.NotErrorIs(t, err, verifyhttp.ErrNoReceipt, name)
			require.Zero(t, got, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, *tc.want, got, name)
	}
	_, err := verifyhttp.ReadReceipt(http.Header{verifyhttp.HeaderReceipt: {text, text}})
	require.ErrorContains(t, err, "more than once")
	_, err = verifyhttp.ReadReceipt(nil)
	require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)
}

// What is read as a receipt is written as the same field.
func FuzzReadReceipt(f *testing.F) {
	for _, s := range []string{
		"", ":e30=:", ":e30=:;proof=:e30=:", ":e30=:; proof=:e30=:", "::", ":e30=:;proof=::", ":e30:",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, field string) {
		r, err := verifyhttp.ReadReceipt(http.Header{verifyhttp.HeaderReceipt: {field}})
		if err != nil {
			require.Zero(t, r)
			return
		}
		require.NotEmpty(t, r.Text)
		e := base64.StdEncoding.EncodeToString
		again := ":" + e(r.Text) + ":"
		if len(r.Proof) > 0 {
			again += ";proof=:" + e(r.Proof) + ":"
		}
		require.Equal(t, strings.ReplaceAll(field, " ", ""), again)
	})
}
