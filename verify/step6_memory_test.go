package verify_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Roll-back, and STL-16 (a revocation stays), and STL-17 (a revocation counts
// on the next call), with one verifier that lives on.
func TestStep6Memory(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	signed := w.Issue(p)
	decide := func() error {
		_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		return err
	}
	require.NoError(t, decide())
	old := w.Lists.Get(verifytest.RevocationURL)

	w.Clock.Advance(time.Minute)
	w.Lists.Publish()
	require.NoError(t, decide())
	w.Lists.Put(verifytest.RevocationURL, old)
	verifytest.AssertDenied(t, decide(), verify.StatusRolledBack)

	w.Lists.Publish()
	require.NoError(t, decide())
	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[1], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusSuspended)
	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[1], 0)
	require.NoError(t, decide(), "a suspension may end")

	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[0], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked) // STL-17

	// STL-16: an issuer, or who has its key, cannot make it unhappen.
	fresh, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: verifytest.RevocationURL, Purpose: statuslist.Revocation})
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	list, err := fresh.Publish(ctx, w.Issuer, statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	w.Lists.Put(verifytest.RevocationURL, list[0].Raw)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)
}

// A list that was never proven must not move the roll-back mark.
func TestStep6UnprovenListsLeaveNoTrace(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	signed := w.Issue(w.Passport())
	good := w.Lists.Get(verifytest.RevocationURL)
	w.Clock.Advance(time.Minute)
	forged, err := w.Lists.Revocation.Publish(ctx, verifytest.Key("mallory"), statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	asIssuer := bytes.Replace(forged[0].Raw, []byte(`"issuer":"`+verifytest.Key("mallory").DID().String()), []byte(`"issuer":"`+w.Issuer.DID().String()), 1)
	w.Lists.Put(verifytest.RevocationURL, asIssuer)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
	w.Lists.Put(verifytest.RevocationURL, good)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	require.NoError(t, err)
}

// Only the list that was asked for moves the mark of what is newest.
func TestOtherListsDoNotMoveTheMark(t *testing.T) {
	w := verifytest.NewWorld(t)
	bits, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/other", Purpose: statuslist.Revocation})
	require.NoError(t, err)
	pass := w.Issue(w.Passport())
	url := pass.Unverified().Status[0].Get("statusListCredential").Str()
	good := w.Lists.Get(url)
	v := w.Verifier()
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	other, err := bits.Publish(ctx, w.Issuer, statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	w.Lists.Put(url, other[0].Raw) // the host hands out another list once
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
	w.Lists.Put(url, good)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err, "the newest list ever published at that URL")
}
