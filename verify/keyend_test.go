package verify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// C1: a key with an end serves until then, whichever way it is asked for, and
// not from then on.
func TestC1KeysWithAnEnd(t *testing.T) {
	// end is after a passport and its list have begun, and before they end.
	world := func(t *testing.T, end time.Duration) (show func() error, wi *webIssuer, raw *credential.Signed, now func() time.Time) {
		w, wi, v, p, _ := webWorld(t)
		text := strings.Replace(string(wi.doc.Bytes()), `"type":"Multikey"`,
			`"type":"Multikey","expires":"`+w.Clock.Now().Add(end).Format(time.RFC3339)+`"`, 1)
		doc, err := did.ParseDocument([]byte(text))
		require.NoError(t, err)
		wi.doc = doc
		raw, err = passport.Issue(ctx, wi.signer, p, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		show = func() error {
			_, err := v.Verify(ctx, w.Present(raw, w.Intent()), w.Request())
			return err
		}
		return show, wi, raw, w.Clock.Now
	}
	for name, c := range map[string]struct {
		end time.Duration
		ok  bool
	}{
		"in years": {10 * 365 * 24 * time.Hour, true}, "in a second": {time.Second, true},
		"now": {0, false}, "a second ago": {-time.Second, false}, "years ago": {-10 * 365 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			show, wi, raw, now := world(t, c.end)
			resolver := did.Mux{"key": did.KeyMethods(), "web": wi}
			ways := map[string]func() error{
				"a decision": show,
				"ResolveKey": func() error {
					_, err := did.ResolveKey(ctx, resolver, wi.signer.KeyID(), did.AssertionMethod, now())
					return err
				},
				"CheckProofs": func() error {
					return raw.CheckProofs(ctx, resolver, did.AssertionMethod, now())
				},
				"a list's proof": func() error {
					publisher, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: listA, Purpose: statuslist.Revocation})
					require.NoError(t, err)
					editions, err := publisher.Publish(ctx, wi.signer, statuslist.PublishOptions{Now: now()})
					require.NoError(t, err)
					signed, err := credential.Parser{StatusList: true}.Credential(editions[0].Raw)
					require.NoError(t, err)
					return signed.CheckProofs(ctx, resolver, did.AssertionMethod, now())
				},
			}
			for way, ask := range ways {
				require.Equal(t, c.ok, ask() == nil, "%s: %v", way, ask())
			}
		})
	}
}
